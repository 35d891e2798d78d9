//! What the asker may not see is answered like what does not exist.

use reqwest::Method;
use serde_json::{Value, json};
use tests::{Answer, HttpAsker, Start, TestApp, both};
use uuid::Uuid;

/// An answer without what differs from request to request: secrets of forms, and the address asked for.
fn bare(answer: &Answer, path: &str) -> (u16, String) {
    let mut text = answer.text.replace(path, "PATH");
    while let Some(start) = text.find("name=\"csrf\" value=\"") {
        let from = start + "name=\"csrf\" value=\"".len();
        let end = from + text[from..].find('"').unwrap();
        text.replace_range(start..=end, "CSRF");
    }
    (answer.status, text)
}

async fn alike(asker: &HttpAsker, hidden: &str, absent: &str) {
    let one = asker.get(hidden).await;
    let other = asker.get(absent).await;
    assert_eq!(one.status, 404, "{hidden}");
    assert_eq!(bare(&one, hidden), bare(&other, absent), "{hidden} and {absent} are told apart");
    let names = |answer: &Answer| {
        answer
            .headers
            .keys()
            .filter(|name| !["date", "set-cookie"].contains(&name.as_str()))
            .cloned()
            .collect::<Vec<_>>()
    };
    assert_eq!(names(&one), names(&other), "{hidden}");
}

fn node(kind: &str, id: Uuid) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(format!("{kind}:{id}"))
}

both! {
    async fn pages_of_an_internal_race_are_not_there_for_outsiders(app: &TestApp) {
        let race = app.world.race(Start::default()).await;
        let entry = race.run("ada").await;
        let unit = app.world.unit("red", "ada", &[]).await;
        let _unit = unit;
        app.world.outsider("otto").await;
        let handle = race.view().await.handle;
        let record = race.view().await.rules_record.unwrap();
        let nowhere = Uuid::from_u128(77);
        for asker in [app.browser("otto").await, app.anonymous()] {
            for (hidden, absent) in [
                (format!("/tasks/{handle}"), "/tasks/zzzzzzzz".to_owned()),
                (format!("/entries/{entry}"), format!("/entries/{nowhere}")),
            ] {
                alike(&asker, &hidden, &absent).await;
            }
        }
        let otto = app.browser("otto").await;
        for (hidden, absent) in [
            (format!("/tasks/{handle}/enter"), "/tasks/zzzzzzzz/enter".to_owned()),
            ("/units/red".to_owned(), "/units/blue".to_owned()),
            (
                format!("/ledger/records/{record}"),
                "/ledger/records/00000000000000000000000000000077".to_owned(),
            ),
            ("/treasury".to_owned(), "/nothing".to_owned()),
            ("/admin/people".to_owned(), "/nothing".to_owned()),
        ] {
            alike(&otto, &hidden, &absent).await;
        }
    }

    async fn a_member_without_the_right_finds_nothing(app: &TestApp) {
        let race = app.world.race(Start::default()).await;
        let handle = race.view().await.handle;
        let draft = app.world.draft(&Start { poster: "moe", ..Start::default() }).await;
        let draft = app.world.market.task(&app.world.actor("moe").await, draft).await.unwrap().handle;
        let eva = app.browser("eva").await;
        for (hidden, absent) in [
            (format!("/tasks/{draft}"), "/tasks/zzzzzzzz".to_owned()),
            (format!("/tasks/{handle}/edit"), "/tasks/zzzzzzzz/edit".to_owned()),
            (format!("/tasks/{handle}/cancel"), "/tasks/zzzzzzzz/cancel".to_owned()),
            (format!("/tasks/{handle}/rule"), "/tasks/zzzzzzzz/rule".to_owned()),
            ("/treasury".to_owned(), "/nothing".to_owned()),
            ("/treasury/issue".to_owned(), "/nothing".to_owned()),
            ("/admin/people".to_owned(), "/nothing".to_owned()),
        ] {
            alike(&eva, &hidden, &absent).await;
        }
    }

    async fn the_api_tells_hidden_and_absent_nodes_alike(app: &TestApp) {
        let race = app.world.race(Start::default()).await;
        let entry = race.run("ada").await;
        let unit = app.world.unit("red", "ada", &[]).await;
        app.world.outsider("otto").await;
        let asked = "query ($id: ID!) { node(id: $id) { id __typename } }";
        for asker in [app.api("otto").await, app.anonymous()] {
            for (kind, id) in [("Task", race.task.0), ("Entry", entry.0), ("Unit", unit.0)] {
                let hidden = asker.graphql(asked, json!({ "id": node(kind, id) })).await;
                let absent = asker.graphql(asked, json!({ "id": node(kind, Uuid::from_u128(77)) })).await;
                assert_eq!((hidden.status, &hidden.text), (absent.status, &absent.text), "{kind}");
            }
        }
    }

    async fn the_api_refuses_acts_on_hidden_and_absent_things_alike(app: &TestApp) {
        let race = app.world.race(Start::default()).await;
        race.run("ada").await;
        app.world.outsider("otto").await;
        let (task, nowhere) = (node("Task", race.task.0), node("Task", Uuid::from_u128(77)));
        let acts: [(&str, Value); 5] = [
            ("enterRace", json!({ "idempotencyKey": "k" })),
            ("cancelTask", json!({ "reason": "No.", "idempotencyKey": "k" })),
            ("publishTask", json!({ "idempotencyKey": "k" })),
            ("extendDeadline", json!({ "closesAt": "2027-01-01T00:00:00Z", "idempotencyKey": "k" })),
            ("ruleRace", json!({ "summary": "S", "lines": [], "idempotencyKey": "k" })),
        ];
        for asker in [app.api("otto").await, app.anonymous()] {
            for (name, input) in &acts {
                let mut answers = Vec::new();
                for id in [&task, &nowhere] {
                    let mut input = input.clone();
                    input["task"] = json!(id);
                    let kind = name[..1].to_uppercase() + &name[1..];
                    let query = format!(
                        "mutation ($i: {kind}Input!) {{ {name}(input: $i) {{ userErrors {{ code }} }} }}"
                    );
                    let answer = asker.graphql(&query, json!({ "i": input })).await;
                    answers.push((answer.status, answer.text));
                }
                assert_eq!(answers[0], answers[1], "{name}");
                let code =
                    if answers[0].1.contains("UNAUTHENTICATED") { "UNAUTHENTICATED" } else { "NOT_FOUND" };
                assert!(answers[0].1.contains(code), "{name}: {}", answers[0].1);
            }
        }
    }

    async fn a_sealed_file_is_not_there_for_a_rival(app: &TestApp) {
        let race = app.world.race(Start::default()).await;
        let entry = race.enter("ada").await;
        let ada = app.api("ada").await;
        let input = json!({
            "entry": node("Entry", entry.0), "idempotencyKey": "k",
            "files": [{ "name": "evil.html", "mediaType": "text/html", "contentBase64": "PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==" }],
        });
        let submitted = ada.mutate("submitWork", input, "submission { content { files { url } } }").await;
        let url = submitted["submission"]["content"]["files"][0]["url"].as_str().unwrap().to_owned();
        let absent = format!("/files/{}", Uuid::from_u128(77));
        for stranger in [app.browser("ben").await, app.browser("mia").await, app.anonymous()] {
            alike(&stranger, &url, &absent).await;
        }
        let own = app.browser("ada").await.get(&url).await;
        assert_eq!((own.status, own.text.as_str()), (200, "<script>alert(1)</script>"));
        assert!(
            own.header("content-disposition").starts_with("attachment"),
            "a file is never shown in place"
        );
        assert_eq!(own.header("x-content-type-options"), "nosniff");
        assert!(!own.header("content-type").contains("html"), "{}", own.header("content-type"));
    }

    async fn posting_to_what_is_hidden_is_like_posting_to_nothing(app: &TestApp) {
        let race = app.world.race(Start::default()).await;
        app.world.outsider("otto").await;
        let otto = app.browser("otto").await;
        let csrf = otto.get("/tasks").await.text;
        let csrf = csrf.split("name=\"csrf\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
        let handle = race.view().await.handle;
        for act in ["cancel", "enter", "publish", "rule"] {
            let mut answers = Vec::new();
            for task in [handle.as_str(), "zzzzzzzz"] {
                let path = format!("/tasks/{task}/{act}");
                let fields = [("csrf", csrf.as_str()), ("key", "k"), ("reason", "No.")];
                let answer = Answer::of(otto.request(Method::POST, &path).form(&fields)).await;
                answers.push(bare(&answer, &path));
            }
            assert_eq!(answers[0], answers[1], "{act}");
            assert_eq!(answers[0].0, 404, "{act}");
        }
    }
}
