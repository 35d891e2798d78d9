//! What a request may cost is bounded before anything runs.

use reqwest::Method;
use serde_json::json;
use tests::{Answer, HttpAsker, TestApp, both};
use time::Duration;

async fn too_costly(asker: &HttpAsker, query: &str, what: &str) {
    let answer = asker.graphql(query, json!({})).await;
    let body = answer.json();
    assert!(answer.status < 500, "{what}: {}", answer.text);
    assert!(body["data"].is_null(), "{what} was run");
    assert_eq!(body["errors"][0]["extensions"]["code"], "TOO_COSTLY", "{what}: {body:#}");
}

both! {
    async fn floods_are_refused_before_anything_runs(app: &TestApp) {
        app.world.wait(Duration::hours(1));
        let asker = app.api("ada").await;
        let aliases: String = (0..200).map(|at| format!("a{at}: house {{ name }} ")).collect();
        too_costly(&asker, &format!("{{ {aliases} }}"), "aliases").await;
        let fields: String = (0..3_000).map(|at| format!("f{at}: name ")).collect();
        too_costly(&asker, &format!("{{ house {{ {fields} }} }}"), "fields").await;
        let directives = "@include(if: true) ".repeat(100);
        too_costly(&asker, &format!("{{ house {directives} {{ name }} }}"), "directives").await;
        let unknown = "@nothing ".repeat(1_000);
        too_costly(&asker, &format!("{{ house {unknown} {{ name }} }}"), "unknown directives").await;
        let deep =
            format!("{{ tasks {{ nodes {} id {} }} }}", "{ entries { task ".repeat(12), "} }".repeat(12));
        too_costly(&asker, &deep, "depth").await;
        let brackets = format!("{{ house {} }}", "{ a ".repeat(3_000));
        too_costly(&asker, &brackets, "brackets").await;
        let wide = "{ tasks(first: 100) { nodes { entries { submissions { id } } records { postings { amount } } } } }";
        too_costly(&asker, wide, "a page of pages").await;
        let tokens = format!("{{ house {{ name }} }} {}", "query ".repeat(11_000));
        too_costly(&asker, &tokens, "tokens").await;
    }

    /// Each fragment holds two of the next: unfolded they would be 2^30 fields.
    async fn a_bomb_of_fragments_goes_off_on_paper_only(app: &TestApp) {
        let asker = app.anonymous();
        let mut bomb = "{ house { ...f0 } }".to_owned();
        for at in 0..30 {
            bomb.push_str(&format!(" fragment f{at} on House {{ ...f{} ...f{} }}", at + 1, at + 1));
        }
        bomb.push_str(" fragment f30 on House { name }");
        too_costly(&asker, &bomb, "a bomb").await;
        let circle = "{ house { ...a } } fragment a on House { ...b } fragment b on House { ...a }";
        let answer = asker.graphql(circle, json!({})).await;
        assert!(answer.status < 500 && answer.json()["data"].is_null(), "{}", answer.text);
    }

    async fn an_error_tells_no_names_of_the_schema(app: &TestApp) {
        let answer = app.anonymous().graphql("{ hous { name } }", json!({})).await;
        assert!(!answer.text.to_lowercase().contains("did you mean"), "{}", answer.text);
    }

    async fn an_allowance_is_used_up_and_comes_back(app: &TestApp) {
        let asker = app.anonymous();
        let standing =
            asker.must("{ rateLimit { cost limit remaining } }", json!({})).await["rateLimit"].clone();
        assert_eq!(standing["limit"], 600);
        let mut answers = 0;
        let refused = loop {
            let answer = asker.graphql("{ house { name } }", json!({})).await;
            if answer.status != 200 {
                break answer;
            }
            answers += 1;
            assert!(answers < 700, "the allowance has no end");
        };
        assert_eq!(refused.status, 429);
        let wait: i64 = refused.header("retry-after").parse().unwrap();
        assert_eq!(refused.json()["errors"][0]["extensions"]["code"], "RATE_LIMITED");
        let ada = app.world.person("ada").await;
        let token = app.world.market.open_session(ada).await.unwrap();
        assert!(!token.secret.is_empty(), "another person's allowance is another matter");
        app.world.wait(Duration::seconds(wait));
        assert_eq!(asker.graphql("{ house { name } }", json!({})).await.status, 200);
    }

    async fn pages_are_of_one_to_a_hundred(app: &TestApp) {
        let ada = app.api("ada").await;
        for (first, fine) in
            [(0, false), (-1, false), (1, true), (100, true), (101, false), (2_147_483_647, false)]
        {
            let answer = ada
                .graphql("query ($n: Int!) { units(first: $n) { totalCount } }", json!({ "n": first }))
                .await;
            assert!(answer.status < 500, "{first}: {}", answer.text);
            assert_eq!(answer.json()["errors"].is_null(), fine, "{first}: {}", answer.text);
        }
        let both_ends = ada.graphql("{ units(first: 1, last: 1) { totalCount } }", json!({})).await;
        assert!(!both_ends.json()["errors"].is_null());
    }

    async fn a_slow_client_does_not_hold_the_door(app: &TestApp) {
        use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
        let address = app.base.trim_start_matches("http://");
        let mut slow = tokio::net::TcpStream::connect(address).await.unwrap();
        slow.write_all(b"POST /graphql HTTP/1.1\r\nHost: x\r\n").await.unwrap();
        let quick = Answer::of(app.anonymous().request(Method::GET, "/healthz")).await;
        assert_eq!(quick.status, 200, "others are served meanwhile");
        let mut rest = Vec::new();
        let ended =
            tokio::time::timeout(std::time::Duration::from_secs(30), slow.read_to_end(&mut rest)).await;
        assert!(ended.is_ok(), "a request that never ends is ended by us");
    }
}
