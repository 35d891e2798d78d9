//! Measured races through the pages and the API: written, uploaded, handed in, chosen; and nothing leaks.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use market::task::TaskState;
use reqwest::Method;
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};
use tests::{Answer, HttpAsker, TestApp, both};
use time::Duration;

const KEY: &str = "id,label,split\nr0,0,public\nr1,1,public\nr2,0,private\nr3,1,private\nr4,1,private\n";
const GIVEN: &str = "id,prediction\nr0,0\nr1,1\nr2,1\nr3,1\nr4,0\n";

/// Sends a file by the form on `page` that goes to `action`.
async fn send(
    asker: &HttpAsker,
    page: &str,
    action: &str,
    field: &str,
    (name, text): (&str, &str),
) -> Answer {
    let mut form = Form::new();
    for (known, value) in asker.get(page).await.form(action) {
        form = form.text(known, value);
    }
    let part = Part::bytes(text.as_bytes().to_vec()).file_name(name.to_owned());
    Answer::of(asker.request(Method::POST, action).multipart(form.part(field.to_owned(), part))).await
}

/// A measured race, written and opened by the pages; answers its address.
async fn opened(app: &TestApp, mia: &HttpAsker) -> String {
    app.world.give_person("mia", "1000").await;
    let fields = [
        ("title", "Which is which?"),
        ("brief", "Five rows."),
        ("visibility", "internal"),
        ("closes_at", "2026-12-01T08:00"),
        ("bounty", "1000"),
        ("source", "person"),
        ("rules.judging", "metric"),
        ("rules.metric.metric", "accuracy"),
        ("rules.metric.decimals", "4"),
        ("do", "save"),
    ];
    let made = mia.fill("/tasks/new", "/tasks/new", &fields).await;
    assert_eq!(made.status, 303, "{}", made.text);
    let task = made.location().split('?').next().unwrap().to_owned();
    let key = format!("{task}/key");
    let wrong = send(mia, &key, &key, "content", ("key.csv", "id,label\na,1\na,2\n")).await;
    assert_eq!(wrong.status, 422, "{}", wrong.text);
    assert!(wrong.text.contains("Line 3: the id a comes twice."), "{}", wrong.text);
    assert_eq!(send(mia, &key, &key, "content", ("key.csv", KEY)).await.status, 303);
    let publish = format!("{task}/publish");
    assert_eq!(mia.fill(&publish, &publish, &[]).await.status, 303);
    task
}

fn node(kind: &str, id: impl std::fmt::Display) -> String {
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(format!("{kind}:{id}"))
}

both! {
    async fn a_measured_race_is_written_run_and_decided_by_the_pages(app: &TestApp) {
        let (mia, ada) = (app.browser("mia").await, app.browser("ada").await);
        let task = opened(app, &mia).await;
        let page = ada.get(&task).await.text;
        for said in ["Accuracy", "2 of 5 rows", "Sealed key"] {
            assert!(page.contains(said), "{said} is told before anybody enters");
        }
        let enter = format!("{task}/enter");
        let entered = ada.fill(&enter, &enter, &[]).await;
        assert_eq!(entered.status, 303, "{}", entered.text);
        let entry = entered.location().split('?').next().unwrap().to_owned();
        let submit = format!("{entry}/submit");
        let wrong = send(&ada, &entry, &submit, "files", ("mine.csv", "id,prediction\nr0,0\n")).await;
        assert_eq!(wrong.status, 422);
        assert!(wrong.text.contains("4 ids are missing: r1, r2, r3, r4"), "{}", wrong.text);
        assert_eq!(send(&ada, &entry, &submit, "files", ("mine.csv", GIVEN)).await.status, 303);
        let own = ada.get(&entry).await.text;
        assert!(own.contains("1.0000") && own.contains("moved the board"), "{own}");
        let eva = app.browser("eva").await;
        assert!(eva.get(&task).await.text.contains("1.0000"), "the board is for everybody");
        assert!(!eva.get(&entry).await.text.contains("1.0000"), "a version's figures are not");
        let choose = format!("{entry}/choose");
        let sent = ada.get(&entry).await.form(&choose);
        assert!(sent.iter().all(|(name, _)| name != "submission"), "nothing is chosen yet");
        app.world.wait(Duration::days(11));
        app.world.market.keep_time().await.unwrap();
        let page = eva.get(&task).await.text;
        assert!(page.contains("The private part has decided") && page.contains("0.3333"), "{page}");
    }

    async fn the_key_and_private_figures_are_found_by_no_address_and_no_question(app: &TestApp) {
        let mia = app.browser("mia").await;
        let task = opened(app, &mia).await;
        let handle = task.trim_start_matches("/tasks/").to_owned();
        assert_eq!(mia.get(&format!("{task}/key.csv")).await.text, KEY);
        let asker = app.world.actor("mia").await;
        let view = app.world.market.task_by_handle(&asker, &handle).await.unwrap();
        let ada = app.api("ada").await;
        let input = json!({ "task": node("Task", view.id), "idempotencyKey": "enter-the-race-as-ada-1" });
        let entry = ada.mutate("enterRace", input, "entry { id }").await["entry"]["id"].clone();
        let file = |text: &str| {
            json!({ "name": "a.csv", "mediaType": "text/csv", "contentBase64": STANDARD.encode(text) })
        };
        let input = json!({ "entry": entry, "files": [file(GIVEN)], "idempotencyKey": "hand-in-for-ada-number-1" });
        ada.mutate("submitWork", input, "submission { id }").await;
        let question = "query ($handle: String!) { task(handle: $handle) {
            answerKey { sha256 }
            board { isFinal rows { place publicFigure privateFigure } }
            entries { versionScores { publicFigure privateFigure } }
            records { disclosures { label } }
        } }";
        for who in ["ada", "ben"] {
            let (page, api) = (app.browser(who).await, app.api(who).await);
            for path in ["key", "key.csv"] {
                assert_eq!(page.get(&format!("{task}/{path}")).await.status, 404, "{who} {path}");
            }
            let data = api.must(question, json!({ "handle": handle })).await["task"].clone();
            assert_eq!(data["answerKey"], Value::Null, "{who}");
            let row = json!({ "place": 1, "publicFigure": "1.0000", "privateFigure": null });
            assert_eq!(data["board"], json!({ "isFinal": false, "rows": [row] }), "{who}");
            let own = if who == "ada" { json!([{ "publicFigure": "1.0000", "privateFigure": null }]) } else { json!([]) };
            assert_eq!(data["entries"][0]["versionScores"], own, "{who}");
            assert!(!data["records"].to_string().contains("answer-key"), "{who}");
        }
        let stranger = app.anonymous();
        assert_eq!(stranger.get(&format!("{task}/key.csv")).await.status, 404);
        let more = json!({ "task": node("Task", view.id), "contentBase64": STANDARD.encode(KEY) });
        let body = ada.graphql(
            "mutation ($input: UploadAnswerKeyInput!) { uploadAnswerKey(input: $input) { userErrors { code } } }",
            json!({ "input": more }),
        ).await.json();
        assert_eq!(body["errors"][0]["extensions"]["code"], "NOT_FOUND", "{body}");
        // A second before the stop: at the stop the server's own clock may rule before anybody asks.
        app.world.clock.set(view.closes_at.plus_seconds(-1));
        let ada = app.api("ada").await;
        let data = ada.must(question, json!({ "handle": handle })).await["task"].clone();
        assert_eq!(data["board"]["rows"][0]["privateFigure"], Value::Null, "not before the ruling");
        app.world.clock.set(view.closes_at);
        app.world.market.keep_time().await.unwrap();
        let data = ada.must(question, json!({ "handle": handle })).await["task"].clone();
        assert_eq!(data["board"]["rows"][0]["privateFigure"], "0.3333");
        let now = app.world.market.task(&asker, view.id).await.unwrap();
        assert_eq!(now.state, TaskState::Provisional);
    }

    async fn how_the_server_measures_is_written_and_read_by_the_api(app: &TestApp) {
        let mia = app.api("mia").await;
        let own = mia.must("{ viewer { person { id } } }", json!({})).await["viewer"]["person"]["id"].clone();
        let input = |rules: Value| json!({
            "title": "Forecast", "brief": "Numbers.", "visibility": "INTERNAL", "source": own, "bounty": "10",
            "closesAt": "2026-12-01T08:00:00Z", "rules": rules, "idempotencyKey": format!("draft-{}", rules.to_string().len()),
        });
        let wanted = "task { rules { judgedByPoster metric { metric higherIsBetter decimals publicShare perDay gain sealedKey { rows } } } }";
        let rules = json!({ "plan": { "winnerTakesAll": true }, "metric": { "metric": "RMSE", "gain": "0.5" } });
        let made = mia.mutate("createTask", input(rules), wanted).await["task"]["rules"].clone();
        let expected = json!({ "metric": "RMSE", "higherIsBetter": false, "decimals": 9, "publicShare": 3000,
            "perDay": 5, "gain": "0.5", "sealedKey": null });
        assert_eq!(made, json!({ "judgedByPoster": false, "metric": expected }));
        let unscaled = json!({ "plan": { "proportional": {} }, "metric": { "metric": "LOG_LOSS" } });
        assert_eq!(mia.refused("createTask", input(unscaled)).await, ["rules.plan METRIC_WITHOUT_SCALE"]);
        let both = json!({ "plan": { "winnerTakesAll": true }, "judges": [own], "metric": { "metric": "AUC" } });
        assert_eq!(mia.refused("createTask", input(both)).await, ["rules.judges BAD_CHOICE"]);
    }
}
