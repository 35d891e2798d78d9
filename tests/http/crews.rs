//! Crews over HTTP: terms, changes and blind lanes, by page and by API.

use market::race::{EnterRace, EntryRules, Names, TermsOfEntry, Who};
use market::task::{Rules, Visibility};
use serde_json::json;
use tests::{Start, TestApp, both};
use uuid::Uuid;

fn node(kind: &str, id: Uuid) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(format!("{kind}:{id}"))
}

fn open_race(entry: EntryRules) -> Start {
    let rules = Rules { entry, ..Rules::default() };
    Start { rules, visibility: Visibility::Open, ..Start::default() }
}

both! {
    async fn terms_are_ticked_on_the_page_before_the_entry_counts(app: &TestApp) {
        let terms = TermsOfEntry { title: "NDA".into(), version: "2".into(), text: "Say **nothing**.".into() };
        let rules = EntryRules { terms: Some(terms), ..EntryRules::default() };
        let race = app.world.race(open_race(rules)).await;
        let handle = race.view().await.handle;
        let ada = app.browser("ada").await;
        let enter = format!("/tasks/{handle}/enter");
        assert!(ada.get(&format!("/tasks/{handle}")).await.text.contains("NDA (version 2)"));
        let unticked = ada.fill(&enter, &enter, &[("crew.0.share", "100")]).await;
        assert_eq!(unticked.status, 422, "{}", unticked.text);
        assert!(unticked.text.contains("Accept the terms of this race first."));
        let entered = ada.fill(&enter, &enter, &[("terms", "on")]).await;
        assert_eq!(entered.status, 303, "{}", entered.text);
        assert!(ada.get(entered.location()).await.text.contains("Running"));
    }

    async fn a_mate_leaves_and_the_poster_takes_the_entry_out_by_page(app: &TestApp) {
        let race = app.world.race(open_race(EntryRules::default())).await;
        let crew = app.world.shares(&[("ada", 5_000), ("ben", 5_000)]).await;
        let entry = app.world.must("ada", EnterRace { crew, ..race.alone() }).await;
        app.world.must("ben", app.world.agreeing("ben", entry).await).await;
        let (ada, ben, mia) = (app.browser("ada").await, app.browser("ben").await, app.browser("mia").await);
        let page = |part: &str| format!("/entries/{entry}/{part}");
        let crew = ada.fill(&page("crew"), &page("crew"), &[("crew.0.share", "60"), ("crew.1.share", "40")]).await;
        assert_eq!(crew.status, 303, "{}", crew.text);
        let shown = ben.get(&format!("/entries/{entry}")).await.text;
        assert!(shown.contains("Another crew is proposed") && shown.contains("60%"), "{shown}");
        assert_eq!(ben.fill(&format!("/entries/{entry}"), &page("agree"), &[]).await.status, 303);
        assert_eq!(ben.fill(&page("leave"), &page("leave"), &[]).await.status, 303);
        assert_eq!(ben.get(&page("leave")).await.status, 404);
        assert_eq!(ada.get(&page("disqualify")).await.status, 404);
        let out = mia.fill(&page("disqualify"), &page("disqualify"), &[("reason", "A copy of lane 2.")]).await;
        assert_eq!(out.status, 303, "{}", out.text);
        assert!(ada.get(&format!("/entries/{entry}")).await.text.contains("A copy of lane 2."));
    }

    async fn whoever_cannot_enter_reads_why_and_the_poster_invites_by_page(app: &TestApp) {
        let race = app.world.race(open_race(EntryRules { who: Who::Invited, ..EntryRules::default() })).await;
        let task = format!("/tasks/{}", race.view().await.handle);
        let (ada, mia) = (app.browser("ada").await, app.browser("mia").await);
        assert!(ada.get(&task).await.text.contains("Entry is by invitation"));
        assert_eq!(ada.get(&format!("{task}/enter")).await.status, 404);
        let invite = format!("{task}/invite");
        assert_eq!(ada.get(&invite).await.status, 404);
        let wrong = mia.fill(&invite, &invite, &[("people", "nobody-here")]).await;
        assert_eq!(wrong.status, 422);
        let sent = mia.fill(&invite, &invite, &[("people", "ada")]).await;
        assert_eq!(sent.status, 303, "{}", sent.text);
        assert!(ada.get(&task).await.text.contains("you are invited"));
        let api = app.api("ada").await;
        let asked = "query ($id: ID!) { node(id: $id) { ... on Task { eligibility { canEnter because } invitedPeople { handle } } } }";
        let told = api.must(asked, json!({ "id": node("Task", race.task.0) })).await;
        let wanted = json!({ "canEnter": true, "because": "INVITED" });
        assert_eq!((&told["node"]["eligibility"], &told["node"]["invitedPeople"]), (&wanted, &json!([])));
    }

    async fn a_blind_lane_is_blind_on_every_page_and_in_the_api(app: &TestApp) {
        let rules = EntryRules { names: Names::UntilRuling, ..EntryRules::default() };
        let race = app.world.race(open_race(rules)).await;
        let enter = EnterRace { name: Some("Zebrawork".to_owned()), ..race.alone() };
        app.world.outsider("zebra").await;
        let entry = app.world.must("zebra", enter).await;
        race.submit("zebra", entry).await;
        app.tick().await;
        let handle = race.view().await.handle;
        let record = app.world.market.task_records(&race.as_poster().await, race.task).await.unwrap();
        let mut paths = vec![format!("/tasks/{handle}"), format!("/entries/{entry}"), "/ledger".to_owned()];
        paths.extend(record.iter().map(|record| format!("/ledger/records/{}", record.id)));
        let asked = "query ($id: ID!, $task: ID!) {
            node(id: $id) { ... on Entry { name hidden captain { handle } crew { person { handle } } units { share }
                submissions { by { handle } } } }
            task: node(id: $task) { ... on Task { entries { name captain { handle } } records { disclosures { label text } } } }
        }";
        let ids = json!({ "id": node("Entry", entry.0), "task": node("Task", race.task.0) });
        for (pages, api) in [
            (app.browser("mia").await, app.api("mia").await),
            (app.browser("cid").await, app.api("cid").await),
            (app.anonymous(), app.anonymous()),
        ] {
            for path in &paths {
                let text = pages.get(path).await.text.to_lowercase();
                assert!(!text.contains("zebra"), "{path}: {text}");
            }
            let told = api.graphql(asked, ids.clone()).await.text.to_lowercase();
            assert!(told.contains("lane 1") && !told.contains("zebra"), "{told}");
        }
        assert_eq!(app.anonymous().get("/people/zebra").await.status, 404);
        race.close().await;
        race.rule(&[(entry, 1)]).await;
        assert!(app.anonymous().get(&format!("/tasks/{handle}")).await.text.contains("Zebrawork"));
    }
}
