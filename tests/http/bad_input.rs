//! What is wrong is told beside its field, and nothing that can be sent is a fault of ours.

use reqwest::Method;
use serde_json::{Value, json};
use tests::{Answer, HttpAsker, Start, TestApp, both};

/// Amounts that are not amounts, with the code that says why.
const BAD_AMOUNTS: &[(&str, &str)] = &[
    ("1e9", "BAD_AMOUNT"),
    ("-1", "BAD_AMOUNT"),
    ("+1", "BAD_AMOUNT"),
    ("0.001", "BAD_AMOUNT"),
    ("1,000", "BAD_AMOUNT"),
    ("1 000", "BAD_AMOUNT"),
    ("", "BAD_AMOUNT"),
    (".5", "BAD_AMOUNT"),
    ("5.", "BAD_AMOUNT"),
    ("007", "BAD_AMOUNT"),
    ("NaN", "BAD_AMOUNT"),
    ("0x10", "BAD_AMOUNT"),
    ("１０", "BAD_AMOUNT"),
    ("1\u{0}", "BAD_AMOUNT"),
    ("9223372036854775808", ""),
    ("99999999999999999999999999999999999999999999999999", ""),
    ("0", "AMOUNT_ZERO"),
    ("0.00", "AMOUNT_ZERO"),
];

/// Texts that have broken other programs.
const NASTY: &[&str] = &[
    "\u{0}",
    "a\u{0}b",
    "\u{1b}[31m",
    "\u{202e}evil",
    "'; DROP TABLE task; --",
    "%00",
    "../../etc/passwd",
    "{{7*7}}",
    "<script>alert(1)</script>",
    "\u{fffe}",
    "🐎🐎🐎",
    "\r\nSet-Cookie: a=b",
    "%s%n",
    "null",
    "\\u0000",
];

fn never_a_fault(answer: &Answer, what: &str) {
    assert!(answer.status < 500, "{what}: {} {}", answer.status, answer.text);
    assert!(!answer.text.contains("\"INTERNAL\""), "{what}: {}", answer.text);
}

async fn person_id(asker: &HttpAsker) -> Value {
    asker.must("{ viewer { person { id } } }", json!({})).await["viewer"]["person"]["id"].clone()
}

both! {
    async fn bad_amounts_are_told_beside_their_field(app: &TestApp) {
        app.world.give_person("ada", "10").await;
        let (ada, ben) = (app.api("ada").await, app.api("ben").await);
        let (from, to) = (person_id(&ada).await, person_id(&ben).await);
        for (at, (amount, code)) in BAD_AMOUNTS.iter().enumerate() {
            let input =
                json!({ "from": from, "to": to, "amount": amount, "idempotencyKey": format!("k{at}") });
            let errors = ada.refused("transferTokens", input).await;
            assert!(
                errors.iter().all(|error| error.starts_with("amount ") && error.contains(code)),
                "{amount:?}: {errors:?}"
            );
        }
        for odd in [json!(1), json!(1.5), json!(true), json!(["1"]), json!({ "a": 1 }), Value::Null] {
            let query =
                "mutation ($i: TransferTokensInput!) { transferTokens(input: $i) { userErrors { code } } }";
            let input = json!({ "from": from, "to": to, "amount": odd, "idempotencyKey": "odd" });
            let answer = ada.graphql(query, json!({ "i": input })).await;
            never_a_fault(&answer, &odd.to_string());
            assert!(
                !answer.json()["errors"].is_null()
                    || !answer.json()["data"]["transferTokens"]["userErrors"].as_array().unwrap().is_empty(),
                "{odd} was taken"
            );
        }
        assert_eq!(app.world.balance("ada").await, "10.00");
    }

    async fn bad_amounts_come_back_in_the_form_that_they_were_typed_in(app: &TestApp) {
        app.world.give_person("ada", "10").await;
        app.world.person("ben").await;
        let ada = app.browser("ada").await;
        for (amount, _) in BAD_AMOUNTS {
            let fields = [("to", "ben"), ("amount", amount), ("memo", "")];
            let back = ada.fill("/wallet/send", "/wallet/send", &fields).await;
            // What is well written but too much is found out when it is confirmed.
            let back = if back.status == 200 { ada.confirm(&back, "/wallet/send").await } else { back };
            assert_eq!(back.status, 422, "{amount:?}");
        }
        assert_eq!(app.world.balance("ada").await, "10.00");
    }

    async fn odd_ids_are_refused_beside_their_field_and_nowhere_a_fault(app: &TestApp) {
        app.world.give_person("ada", "10").await;
        let ada = app.api("ada").await;
        let own = person_id(&ada).await;
        let long = "A".repeat(5_000);
        let odd = [
            "",
            "x",
            "VGFzazo=",
            "VGFzazp4",
            "0",
            "-1",
            "\u{0}",
            "00000000-0000-0000-0000-000000000000",
            "🐎",
            long.as_str(),
        ];
        for id in odd {
            let errors = ada.refused("publishTask", json!({ "task": id, "idempotencyKey": "k" })).await;
            assert_eq!(errors, ["task BAD_ID"], "{id:?}");
            let seen = ada
                .graphql(
                    "query ($id: ID!) { node(id: $id) { id } nodes(ids: [$id]) { id } }",
                    json!({ "id": id }),
                )
                .await;
            never_a_fault(&seen, id);
            assert!(seen.json()["data"].is_null() || seen.json()["data"]["node"].is_null(), "{id:?}");
        }
        let errors = ada.refused("publishTask", json!({ "task": own, "idempotencyKey": "k" })).await;
        assert_eq!(errors, ["task BAD_ID"], "a person is not a task");
    }

    async fn texts_that_broke_other_programs_break_nothing_here(app: &TestApp) {
        app.world.give_person("ada", "100").await;
        let ada = app.api("ada").await;
        let own = person_id(&ada).await;
        for (at, text) in NASTY.iter().enumerate() {
            let task = json!({
                "title": text, "brief": text, "criteria": text, "visibility": "INTERNAL", "source": own, "bounty": "1",
                "closesAt": "2026-12-01T08:00:00Z", "rules": { "plan": { "winnerTakesAll": true } }, "idempotencyKey": format!("n{at}"),
            });
            let create = "mutation ($input: CreateTaskInput!) { createTask(input: $input) { task { id title brief } userErrors { field code } } }";
            let answer = ada.graphql(create, json!({ "input": task })).await;
            never_a_fault(&answer, text);
            if let Some(kept) = answer.json()["data"]["createTask"]["task"]["title"].as_str() {
                assert_eq!(kept, text.trim(), "a text is kept as it was written or refused");
            }
            for query in [
                "query ($t: String!) { task(handle: $t) { id } person(handle: $t) { id } unit(slug: $t) { id } }",
                "query ($t: String!) { tasks(filter: { search: $t }) { totalCount } }",
                "query ($t: String!) { tasks(after: $t) { totalCount } }",
            ] {
                never_a_fault(&ada.graphql(query, json!({ "t": text })).await, text);
            }
            let profile = ada
                .graphql(
                    "mutation ($n: String!) { updateProfile(input: { name: $n }) { userErrors { code } } }",
                    json!({ "n": text }),
                )
                .await;
            never_a_fault(&profile, text);
            let key = ada.graphql("mutation ($k: String!, $t: ID!) { publishTask(input: { task: $t, idempotencyKey: $k }) { userErrors { code } } }", json!({ "k": text, "t": own })).await;
            never_a_fault(&key, text);
        }
    }

    /// A cursor is opaque, so whoever forges one knows what they do; it is still no fault of ours.
    async fn forged_cursors_are_refused_or_lead_nowhere(app: &TestApp) {
        use base64::Engine as _;
        app.world.unit("red", "ada", &[]).await;
        app.world.race(Start::default()).await;
        app.world.bring("root", market::PersonKind::Member, &[market::Role::Admin]).await;
        app.tick().await;
        let keys = [
            json!("a\u{0}"),
            json!(["a\u{0}", "b"]),
            json!([0, "a\u{0}"]),
            json!(1),
            json!(-1),
            json!([i64::MAX, i64::MIN]),
            json!(null),
            json!({}),
            json!([[0, 0], "x"]),
            json!([i64::MAX, "00000000-0000-0000-0000-000000000000"]),
            json!("z".repeat(200)),
        ];
        let root = app.api("root").await;
        for key in keys {
            let cursor = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(key.to_string());
            for list in [
                "units",
                "programmes",
                "people",
                "tasks",
                "records",
                "tasks(order: BOUNTY, X)",
                "tasks(order: CLOSING_SOON, X)",
                "viewer { wallet { statement(X) { totalCount } } }",
            ] {
                for end in ["after", "before"] {
                    let arguments = format!("{end}: $c");
                    let query = match list {
                        wallet if wallet.ends_with('}') => wallet.replace('X', &arguments),
                        ordered if ordered.ends_with(')') => {
                            ordered.replace('X', &arguments) + " { totalCount nodes { id } }"
                        }
                        plain => format!("{plain}({arguments}) {{ totalCount nodes {{ id }} }}"),
                    };
                    let answer = root
                        .graphql(&format!("query ($c: String!) {{ {query} }}"), json!({ "c": cursor }))
                        .await;
                    never_a_fault(&answer, &format!("{list} {end} {key}"));
                }
            }
        }
    }

    async fn numbers_and_times_out_of_range_are_refused(app: &TestApp) {
        let ada = app.api("ada").await;
        let own = person_id(&ada).await;
        let with = |field: &str, value: Value| {
            let mut input = json!({
                "title": "T", "brief": "B", "visibility": "INTERNAL", "source": own, "bounty": "1",
                "closesAt": "2026-12-01T08:00:00Z", "rules": { "plan": { "winnerTakesAll": true } }, "idempotencyKey": "k",
            });
            match field.split_once('.') {
                Some((outer, inner)) => input[outer][inner] = value,
                None => input[field] = value,
            }
            input
        };
        let table = [
            with("closesAt", json!("2026-11-21T08:00:00Z")),
            with("closesAt", json!("0001-01-01T00:00:00Z")),
            with("closesAt", json!("9999-12-31T23:59:59Z")),
            with("closesAt", json!("2026-13-45T99:99:99Z")),
            with("closesAt", json!("tomorrow")),
            with("closesAt", json!(1_795_248_000)),
            with("rules.maxCrew", json!(0)),
            with("rules.maxCrew", json!(-1)),
            with("rules.maxCrew", json!(2_147_483_647)),
            with("rules.maxCrew", json!(2_147_483_648_i64)),
            with("rules.maxLanes", json!(0)),
            with("rules.appealSeconds", json!(-1)),
            with("rules.appealSeconds", json!(1e300)),
            with("rules.mark", json!("100.01")),
            with("rules.mark", json!(50)),
            with("rules.plan", json!({})),
            with("rules.plan", json!({ "winnerTakesAll": true, "rankedShares": [1] })),
            with("rules.plan", json!({ "rankedShares": [] })),
            with("rules.plan", json!({ "rankedShares": [-1] })),
            with("rules.plan", json!({ "rankedShares": [10_001] })),
            with("rules.judges", json!([own, own])),
            with("source", json!("nowhere")),
            with("idempotencyKey", json!("")),
            with("idempotencyKey", json!("k".repeat(101))),
            with("title", json!("t".repeat(121))),
            with("brief", json!("b".repeat(20_001))),
            with("unknown", json!(1)),
        ];
        for input in table {
            let query = "mutation ($input: CreateTaskInput!) { createTask(input: $input) { task { id } userErrors { field code } } }";
            let answer = ada.graphql(query, json!({ "input": input })).await;
            never_a_fault(&answer, &input.to_string());
            let body = answer.json();
            let refused = !body["errors"].is_null()
                || body["data"]["createTask"]["userErrors"].as_array().is_some_and(|all| !all.is_empty());
            assert!(refused, "{input} was taken: {body}");
        }
    }

    async fn files_that_are_not_files_are_refused(app: &TestApp) {
        let race = app.world.race(Start::default()).await;
        race.enter("ada").await;
        let ada = app.api("ada").await;
        let entry = ada.must("{ tasks { nodes { entries { id } } } }", json!({})).await["tasks"]["nodes"][0]
            ["entries"][0]["id"]
            .clone();
        let file = |name: &str, content: &str| json!({ "name": name, "mediaType": "text/plain", "contentBase64": content });
        let table = [
            (json!([file("a.txt", "not base64!")]), "BAD_BASE64"),
            (json!([file("a.txt", "")]), "FILE_EMPTY"),
            (json!([file("../a.txt", "YQ==")]), "BAD_FILE_NAME"),
            (json!([file("", "YQ==")]), "BAD_FILE_NAME"),
            (json!([file("a\u{0}.txt", "YQ==")]), "BAD_FILE_NAME"),
            (json!(vec![file("a.txt", "YQ=="); 6]), "TOO_MANY_ITEMS"),
            (json!([file("a.txt", &"QUFB".repeat(349_526))]), "FILE_TOO_LARGE"),
        ];
        for (files, code) in table {
            let errors = ada
                .refused("submitWork", json!({ "entry": entry, "files": files, "idempotencyKey": "k" }))
                .await;
            assert!(errors.iter().any(|error| error.ends_with(code)), "{code}: {errors:?}");
        }
    }

    async fn odd_addresses_are_not_found_and_no_fault(app: &TestApp) {
        let ada = app.browser("ada").await;
        let long = format!("/tasks/{}", "a".repeat(4_000));
        for path in [
            "/nothing",
            "/tasks/",
            "/tasks/%00",
            "/tasks/%ff%fe",
            "/tasks/..%2f..%2fetc%2fpasswd",
            "/tasks/nope",
            "/entries/1",
            "/entries/00000000-0000-0000-0000-000000000000",
            "/files/x",
            "/people/NOBODY",
            "/units/%F0%9F%90%8E",
            "/programmes/'",
            "/ledger/records/-1",
            "/ledger/records/18446744073709551616",
            "/ledger/records/999999",
            "/ledger/records/x/receipt",
            "/log/receipt/999999",
            "/log/receipt/x",
            "/static/..%2f..%2fCargo.toml",
            "/appeals/x/answer",
            "/invitation/x",
            long.as_str(),
        ] {
            let answer = ada.get(path).await;
            never_a_fault(&answer, path);
            assert!([404, 400, 410, 200].contains(&answer.status), "{path}: {}", answer.status);
            assert!(answer.status != 200 || path.starts_with("/invitation"), "{path} is there");
        }
        for query in [
            "?page=-1",
            "?after=%00",
            "?after=AAAA",
            "?state=nonsense",
            "?sort=nonsense",
            "?q=%00",
            "?q=%ff",
            "?first=0",
            "?a[]=1&a[]=2",
            "?%",
        ] {
            for path in ["/tasks", "/ledger", "/wallet", "/units", "/programmes", "/"] {
                never_a_fault(&ada.get(&format!("{path}{query}")).await, &format!("{path}{query}"));
            }
        }
    }

    async fn forms_that_are_not_forms_are_refused(app: &TestApp) {
        let ada = app.browser("ada").await;
        for path in [
            "/sign-in",
            "/sign-up",
            "/tasks/new",
            "/wallet/send",
            "/units/new",
            "/preferences",
            "/profile",
            "/sign-out",
        ] {
            for (kind, body) in [
                ("application/x-www-form-urlencoded", b"".to_vec()),
                ("application/x-www-form-urlencoded", b"csrf=%ff%fe&a=%00".to_vec()),
                ("application/x-www-form-urlencoded", b"csrf=a&csrf=b&csrf=c".to_vec()),
                ("application/json", b"{\"csrf\":1}".to_vec()),
                ("text/plain", b"csrf=1".to_vec()),
                ("multipart/form-data; boundary=x", b"--x\r\nno".to_vec()),
                ("nonsense", vec![0xff; 100]),
                ("application/x-www-form-urlencoded", vec![b'a'; 400_000]),
            ] {
                let request = ada.request(Method::POST, path).header("content-type", kind).body(body);
                let answer = Answer::of(request).await;
                never_a_fault(&answer, &format!("{path} {kind}"));
                assert!((400..500).contains(&answer.status), "{path} {kind}: {}", answer.status);
            }
        }
    }

    async fn methods_that_nothing_answers_are_told_what_does(app: &TestApp) {
        let ada = app.browser("ada").await;
        for (method, path) in [
            (Method::DELETE, "/tasks"),
            (Method::PUT, "/"),
            (Method::PATCH, "/wallet"),
            (Method::GET, "/sign-out"),
            (Method::DELETE, "/graphql"),
        ] {
            let answer = Answer::of(ada.request(method.clone(), path)).await;
            assert_eq!(answer.status, 405, "{method} {path}");
            assert!(!answer.header("allow").is_empty(), "{method} {path}");
        }
    }
}
