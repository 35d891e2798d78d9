//! GraphQL over HTTP, as the draft has it.

use reqwest::{Method, header};
use serde_json::{Value, json};
use tests::{Answer, HttpAsker, TestApp, both};

const JSON: &str = "application/json";
const RESPONSE: &str = "application/graphql-response+json";

async fn send(asker: &HttpAsker, content: &str, accept: &str, body: impl Into<reqwest::Body>) -> Answer {
    let request = asker
        .request(Method::POST, "/graphql")
        .header(header::CONTENT_TYPE, content)
        .header(header::ACCEPT, accept);
    Answer::of(request.body(body)).await
}

both! {
    async fn each_media_type_gets_the_status_that_the_draft_gives_it(app: &TestApp) {
        let asker = app.anonymous();
        let fine = r#"{"query":"{ house { name } }"}"#;
        let unparsable = r#"{"query":"{ house { "}"#;
        let invalid = r#"{"query":"{ nonsense }"}"#;
        let malformed = r#"{"query":"#;
        for (body, accept, status) in [
            (fine, JSON, 200),
            (fine, RESPONSE, 200),
            (unparsable, JSON, 200),
            (unparsable, RESPONSE, 400),
            (invalid, JSON, 200),
            (invalid, RESPONSE, 400),
            (malformed, JSON, 400),
            (malformed, RESPONSE, 400),
        ] {
            let answer = send(&asker, JSON, accept, body).await;
            assert_eq!(answer.status, status, "{body} {accept}: {}", answer.text);
            assert!(answer.header("content-type").starts_with(accept), "{}", answer.header("content-type"));
            assert_eq!(answer.json().get("data").is_some(), body == fine, "{body}");
        }
        assert_eq!(send(&asker, JSON, "text/csv", fine).await.status, 406);
    }

    async fn nothing_that_a_form_of_another_site_can_send_is_taken(app: &TestApp) {
        let asker = app.anonymous();
        let body = r#"{"query":"{ house { name } }"}"#;
        for content in [
            "text/plain",
            "application/x-www-form-urlencoded",
            "multipart/form-data; boundary=x",
            "application/graphql",
            "",
        ] {
            let answer = send(&asker, content, JSON, body).await;
            assert_eq!(answer.status, 415, "{content}");
        }
        let bare = Answer::of(asker.request(Method::POST, "/graphql").body(body)).await;
        assert_eq!(bare.status, 415, "a body without a content type");
    }

    async fn a_query_may_be_asked_by_get_and_a_mutation_never(app: &TestApp) {
        let asker = app.anonymous();
        let get = |query: &str| {
            asker.request(Method::GET, "/graphql").header(header::ACCEPT, JSON).query(&[("query", query)])
        };
        let answer = Answer::of(get("{ house { name } }")).await;
        assert_eq!(
            (answer.status, answer.json()["data"]["house"]["name"].as_str()),
            (200, Some("Dawn Works"))
        );
        let mutation = r#"mutation { signUp(input: { email: "x@y.example", handle: "xy", name: "X", password: "a long password" }) { accepted } }"#;
        let answer = Answer::of(get(mutation)).await;
        assert_eq!((answer.status, answer.header("allow")), (405, "POST"));
        assert_eq!(
            Answer::of(asker.request(Method::GET, "/graphql").header(header::ACCEPT, JSON)).await.status,
            400
        );
    }

    async fn a_browser_gets_an_explorer_that_needs_no_other_site(app: &TestApp) {
        let page = app.anonymous().get("/graphql").await;
        assert_eq!(page.status, 200);
        assert!(page.header("content-type").starts_with("text/html"));
        for foreign in ["https://", "http://", "//cdn"] {
            for attribute in ["src=\"", "href=\""] {
                assert!(!page.text.contains(&format!("{attribute}{foreign}")), "{attribute}{foreign}");
            }
        }
        for path in ["/graphql/explorer.js", "/graphql/explorer.css"] {
            assert_eq!(app.anonymous().get(path).await.status, 200, "{path}");
        }
    }

    async fn the_schema_served_is_the_one_checked_in(app: &TestApp) {
        let served = app.anonymous().get("/graphql/schema.graphql").await;
        let kept = std::fs::read_to_string(
            std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../schema/schema.graphql"),
        )
        .unwrap();
        assert_eq!(served.text.trim(), kept.trim());
    }

    async fn the_introspection_that_tools_send_is_answered(app: &TestApp) {
        let query = "query IntrospectionQuery { __schema { queryType { name } mutationType { name } types { ...FullType }
              directives { name description locations args(includeDeprecated: true) { ...InputValue } } } }
            fragment FullType on __Type { kind name description
              fields(includeDeprecated: true) { name description args(includeDeprecated: true) { ...InputValue } type { ...TypeRef } isDeprecated deprecationReason }
              inputFields(includeDeprecated: true) { ...InputValue } interfaces { ...TypeRef }
              enumValues(includeDeprecated: true) { name description isDeprecated deprecationReason } possibleTypes { ...TypeRef } }
            fragment InputValue on __InputValue { name description type { ...TypeRef } defaultValue isDeprecated deprecationReason }
            fragment TypeRef on __Type { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name
              ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name } } } } } } } } } }";
        let data = app.anonymous().must(query, json!({})).await;
        assert!(data["__schema"]["types"].as_array().unwrap().len() > 50);
    }

    async fn a_batch_is_answered_in_its_order_and_has_an_end(app: &TestApp) {
        let asker = app.anonymous();
        let batch = |many: usize| {
            Value::Array(
                (0..many).map(|at| json!({ "query": format!("{{ q{at}: house {{ name }} }}") })).collect(),
            )
            .to_string()
        };
        let answer = send(&asker, JSON, JSON, batch(3)).await;
        for at in 0..3 {
            assert!(answer.json()[at]["data"][format!("q{at}")].is_object());
        }
        assert_eq!(send(&asker, JSON, JSON, batch(500)).await.status, 400);
    }

    async fn malformed_requests_are_bad_requests(app: &TestApp) {
        let asker = app.anonymous();
        for body in [
            "",
            "null",
            "1",
            "\"x\"",
            "[]",
            "{}",
            r#"{"query":1}"#,
            r#"{"query":null}"#,
            r#"{"query":"{ house { name } }","variables":[]}"#,
            r#"{"query":"{ house { name } }","variables":"x"}"#,
            "{\"query\":\"\u{0}\"}",
            "\u{feff}{}",
        ] {
            let answer = send(&asker, JSON, RESPONSE, body.to_owned()).await;
            assert_eq!(answer.status, 400, "{body:?}: {}", answer.text);
            assert!(answer.json()["errors"][0]["message"].is_string(), "{body:?}");
        }
        let binary = send(&asker, JSON, RESPONSE, vec![0xff_u8, 0xfe, 0x00]).await;
        assert_eq!(binary.status, 400);
        let nested = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
        assert!((400..500).contains(&send(&asker, JSON, RESPONSE, nested).await.status));
    }

    async fn a_body_has_an_end(app: &TestApp) {
        let query = format!(r#"{{"query":"{{ house {{ name }} }} #{}"}}"#, "x".repeat(100_000));
        assert_eq!(send(&app.anonymous(), JSON, JSON, query.clone()).await.status, 413);
        assert_eq!(
            send(&app.api("ada").await, JSON, JSON, query).await.status,
            200,
            "a person may send more: files come this way"
        );
        let huge = "x".repeat(9 << 20);
        let sent = app
            .api("ben")
            .await
            .request(Method::POST, "/graphql")
            .header(header::CONTENT_TYPE, JSON)
            .body(huge)
            .send()
            .await;
        // The server may hang up before it has read all of it.
        if let Ok(answer) = sent {
            assert_eq!(answer.status().as_u16(), 413);
        }
    }
}
