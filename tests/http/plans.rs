//! Prize plans through the pages and the API: written, explained, looked up before anybody enters, ruled.

use market::task::{PrizePlan, Rules, Score, StartPrize};
use serde_json::json;
use tests::{Start, TestApp, both};

/// By score above 60, with a start prize of 20 out of 100.
fn by_score(app: &TestApp) -> Rules {
    Rules {
        plan: PrizePlan::Proportional { cap: Some(5_000) },
        mark: Score::parse("60").ok(),
        start: Some(StartPrize { each: app.world.tokens("20"), pool: app.world.tokens("100") }),
        ..Rules::default()
    }
}

both! {
    async fn a_threshold_with_a_start_prize_is_written_and_explained_by_the_pages(app: &TestApp) {
        app.world.give_person("mia", "1000").await;
        let mia = app.browser("mia").await;
        let fields = [
            ("title", "Five good lists"),
            ("brief", "Any five."),
            ("visibility", "internal"),
            ("closes_at", "2026-12-01T08:00"),
            ("bounty", "1000"),
            ("source", "person"),
            ("rules.plan", "threshold"),
            ("rules.plan.threshold.places", "3"),
            ("rules.plan.threshold.prize", "300"),
            ("rules.mark", "60"),
            ("rules.start.each", "20"),
            ("rules.start.pool", "100"),
        ];
        let send = async |changes: &[(&str, &str)]| {
            mia.fill("/tasks/new", "/tasks/new", &[&fields[..], changes].concat()).await
        };
        let preview = send(&[("do", "preview")]).await;
        assert_eq!(preview.status, 200, "{}", preview.text);
        assert!(preview.text.contains("320.00"), "prize and start prize together");
        for (change, field) in [
            (("rules.mark", ""), "e-rules.mark"),
            (("rules.plan.threshold.prize", "301"), "e-rules.plan.threshold.prize"),
            (("rules.plan.threshold.places", ""), "e-rules.plan.threshold.places"),
            (("rules.plan.threshold.places", "1.5"), "e-rules.plan.threshold.places"),
            (("rules.start.pool", ""), "e-rules.start.pool"),
            (("rules.start.pool", "10"), "e-rules.start.pool"),
            (("rules.start.each", "much"), "e-rules.start.each"),
        ] {
            let back = send(&[change, ("do", "save")]).await;
            assert_eq!(back.status, 422, "{change:?}");
            assert!(back.text.contains(&format!("id=\"{field}\"")), "{change:?} is told beside its field");
        }
        let made = send(&[("do", "save")]).await;
        assert_eq!(made.status, 303, "{}", made.text);
        let task = made.location().split('?').next().unwrap().to_owned();
        let page = mia.get(&task).await.text;
        for said in ["Each of the first 3 entries that meet the mark", "300.00", "Start prize", "100.00"] {
            assert!(page.contains(said), "{said}");
        }
        let edit = format!("{task}/edit");
        let form = mia.get(&edit).await.form(&edit);
        for (name, value) in [
            ("rules.plan", "threshold"),
            ("rules.plan.threshold.places", "3"),
            ("rules.plan.threshold.prize", "300.00"),
            ("rules.start.each", "20.00"),
            ("rules.start.pool", "100.00"),
        ] {
            assert!(form.contains(&(name.to_owned(), value.to_owned())), "{name}: {form:?}");
        }
        let changed = [("rules.plan", "proportional"), ("rules.plan.proportional.cap", "40"), ("do", "save")];
        assert_eq!(mia.fill(&edit, &edit, &changed).await.status, 303);
        let page = mia.get(&task).await.text;
        assert!(page.contains("points above the mark") && page.contains("No entry gets more than 40"));
    }

    async fn who_enters_sees_what_each_of_the_crew_would_get_and_nothing_is_done(app: &TestApp) {
        let race = app.world.race(Start { rules: by_score(app), ..Start::default() }).await;
        let ada = app.browser("ada").await;
        app.browser("ben").await;
        let enter = format!("/tasks/{}/enter", race.view().await.handle);
        let crew = [
            ("crew.0.person", "ada"),
            ("crew.0.share", "75"),
            ("crew.1.person", "ben"),
            ("crew.1.share", "25"),
        ];
        let shown = ada.fill(&enter, &enter, &[&crew[..], &[("do", "preview")]].concat()).await;
        assert_eq!(shown.status, 200, "{}", shown.text);
        // Alone: half of 900 and the start prize of 20, split 75 to 25.
        for part in ["470.00", "352.50", "117.50"] {
            assert!(shown.text.contains(part), "{part}");
        }
        assert_eq!(race.view().await.lanes, 0, "nothing is entered by looking");
        let wrong = [("crew.1.share", "24"), ("do", "preview")];
        assert_eq!(ada.fill(&enter, &enter, &[&crew[..], &wrong].concat()).await.status, 422);
        assert_eq!(ada.fill(&enter, &enter, &crew).await.status, 303);
        let entry = app.world.market.entries(&race.as_poster().await, race.task).await.unwrap().remove(0);
        for who in ["ada", "ben"] {
            let page = app.browser(who).await.get(&format!("/entries/{}", entry.id)).await.text;
            assert!(page.contains("352.50") && page.contains("117.50"), "before {who} agrees or rides");
        }
        let revise = format!("/entries/{}/crew", entry.id);
        let swapped = [("crew.0.share", "50"), ("crew.1.share", "50"), ("do", "preview")];
        let shown = ada.fill(&revise, &revise, &swapped).await;
        assert!(shown.status == 200 && shown.text.contains("235.00"), "{}", shown.text);
    }

    async fn the_desk_asks_for_scores_where_they_decide(app: &TestApp) {
        let race = app.world.race(Start { rules: by_score(app), ..Start::default() }).await;
        race.run("ada").await;
        race.close().await;
        let mia = app.browser("mia").await;
        let desk = format!("/tasks/{}/rule", race.view().await.handle);
        assert!(mia.get(&desk).await.text.contains("give one to every lane that you place"));
        let line = [("lines.0.place", "1"), ("lines.0.reason", "Good."), ("summary", "One ran.")];
        let back = mia.fill(&desk, &desk, &line).await;
        assert_eq!(back.status, 422);
        assert!(back.text.contains("id=\"e-lines.0.score\""), "{}", back.text);
        let scored = [&line[..], &[("lines.0.score", "80")]].concat();
        assert_eq!(mia.fill(&desk, &desk, &scored).await.status, 303);
    }

    async fn the_api_writes_reads_and_foretells_every_plan(app: &TestApp) {
        app.world.give_person("mia", "10000").await;
        let mia = app.api("mia").await;
        let own = mia.own_id().await;
        let task = |at: u32, rules: serde_json::Value| json!({
            "title": "T", "brief": "B", "visibility": "INTERNAL", "source": own, "bounty": "1000",
            "closesAt": "2026-12-01T08:00:00Z", "rules": rules, "idempotencyKey": format!("t{at}"),
        });
        let wanted = "task { id rules { asksScores start { each pool } plan { kind places prize cap } }
            prospects(entries: 3, shares: [2500, 7500]) { placed prizes start scores parts refund } }";
        let rules = json!({
            "plan": { "threshold": { "places": 2, "prize": "300" } }, "mark": "60",
            "start": { "each": "50", "pool": "100" },
        });
        let made = mia.mutate("createTask", task(1, rules), wanted).await["task"].clone();
        assert_eq!(made["rules"]["plan"], json!({ "kind": "THRESHOLD", "places": 2, "prize": "300.00", "cap": null }));
        assert_eq!(made["rules"]["start"], json!({ "each": "50.00", "pool": "100.00" }));
        assert_eq!(made["rules"]["asksScores"], true);
        assert_eq!(made["prospects"][1], json!({
            "placed": 2, "prizes": ["350.00", "350.00"], "start": "50.00", "scores": [],
            "parts": [["87.50", "262.50"], ["87.50", "262.50"]], "refund": "300.00",
        }));
        assert_eq!(made["prospects"][2]["prizes"], json!(["333.34", "333.33", "33.33"]));

        let rules = json!({ "plan": { "proportional": { "cap": 6000 } }, "mark": "60" });
        let made = mia.mutate("createTask", task(2, rules), wanted).await["task"].clone();
        assert_eq!(made["rules"]["plan"], json!({ "kind": "PROPORTIONAL", "places": null, "prize": null, "cap": 6000 }));
        assert_eq!(made["prospects"][1]["scores"], json!(["100.00", "80.00"]));
        assert_eq!(made["prospects"][1]["prizes"], json!(["600.00", "333.33"]));
        assert_eq!(made["prospects"][1]["refund"], "66.67");

        let bad = json!({ "plan": { "threshold": { "places": 2, "prize": "x" } }, "start": { "each": "1", "pool": "-1" } });
        let errors = mia.refused("createTask", task(3, bad)).await;
        assert_eq!(errors, ["rules.plan.threshold.prize BAD_AMOUNT", "rules.start.pool BAD_AMOUNT"]);
        let bad = json!({ "plan": { "threshold": { "places": 2, "prize": "5" } } });
        assert_eq!(mia.refused("createTask", task(4, bad)).await, ["rules.mark MARK_NEEDED"]);

        let query = "query ($id: ID!, $s: [Int!]!) { node(id: $id) { ... on Task { prospects(shares: $s) { placed } } } }";
        for shares in [json!([5000, 4999]), json!([4_000_000_000_u32, 1]), json!(vec![1; 10_001])] {
            let answer = mia.graphql(query, json!({ "id": made["id"], "s": shares })).await;
            assert!(answer.status < 500 && !answer.json()["errors"].is_null(), "{}", answer.text);
        }
    }

    async fn the_api_foretells_what_the_crew_of_an_entry_gets(app: &TestApp) {
        let race = app.world.race(Start { rules: by_score(app), ..Start::default() }).await;
        race.enter("ada").await;
        let ada = app.api("ada").await;
        let seen = ada
            .must("{ tasks { nodes { entries { prospects(entries: 1) { prizes parts } } } } }", json!({}))
            .await;
        let row = &seen["tasks"]["nodes"][0]["entries"][0]["prospects"][0];
        assert_eq!(*row, json!({ "prizes": ["470.00"], "parts": [["470.00"]] }));
    }
}
