//! Metered races and growing pots through the pages and the API.

use serde_json::json;
use tests::{TestApp, both};

both! {
    async fn a_metered_race_with_a_growing_pot_is_written_and_counted_by_the_pages(app: &TestApp) {
        app.world.give_person("mia", "1000").await;
        let mia = app.browser("mia").await;
        let fields = [
            ("title", "Sort the yard"),
            ("brief", "So much for each bin."),
            ("visibility", "internal"),
            ("closes_at", "2026-12-01T08:00"),
            ("bounty", "1000"),
            ("source", "person"),
            ("rules.plan", "metered"),
            ("rules.plan.metered.per_event", "25"),
            ("rules.growth.reserve", "300"),
            ("rules.growth.per_event", "100"),
            ("rules.growth.label", "Another yard takes it up"),
            ("do", "save"),
        ];
        let back = mia.fill("/tasks/new", "/tasks/new", &[&fields[..], &[("rules.growth.reserve", "50")]].concat()).await;
        assert_eq!(back.status, 422);
        assert!(back.text.contains("id=\"e-rules.growth.reserve\""));
        let made = mia.fill("/tasks/new", "/tasks/new", &fields).await;
        assert_eq!(made.status, 303, "{}", made.text);
        let address = made.location().split('?').next().unwrap().to_owned();
        let publish = format!("{address}/publish");
        assert_eq!(mia.fill(&publish, &publish, &[]).await.status, 303);
        let page = mia.get(&address).await.text;
        assert!(page.contains("for each verified event") && page.contains("Another yard takes it up"), "{page}");
        let handle = address.trim_start_matches("/tasks/").to_owned();
        let view = app.world.market.task_by_handle(&app.world.actor("mia").await, &handle).await.unwrap();
        let race = app.world.open_race(view.id, "mia");
        let ada = race.run("ada").await.to_string();
        let events = format!("{address}/events");
        let count = [("entry", ada.as_str()), ("count", "99"), ("evidence", "Ninety-nine bins.")];
        let dear = mia.fill(&events, &events, &count).await;
        assert_eq!(dear.status, 422);
        assert!(dear.text.contains("The rules pay for 28 more events."), "{}", dear.text);
        let count = [("entry", ada.as_str()), ("count", "9"), ("evidence", "Nine bins, weighed.")];
        assert_eq!(mia.fill(&events, &events, &count).await.status, 303);
        let pot = [("entry", ""), ("count", "1"), ("evidence", "The yard in Suzhou.")];
        assert_eq!(mia.fill(&events, &events, &pot).await.status, 303);
        let eva = app.browser("eva").await;
        let page = eva.get(&address).await.text;
        assert!(page.contains("Nine bins, weighed.") && page.contains("The yard in Suzhou."), "{page}");
        assert_eq!(eva.get(&events).await.status, 404);
    }

    async fn a_growing_pot_is_written_counted_and_read_by_the_api(app: &TestApp) {
        app.world.give_person("mia", "10").await;
        let mia = app.api("mia").await;
        let own = mia.own_id().await;
        let rules = json!({ "plan": { "metered": { "perEvent": "1" } },
            "growth": { "reserve": "4", "perEvent": "2", "label": "Reuse" } });
        let input = json!({ "title": "Yard", "brief": "Bins.", "visibility": "INTERNAL", "source": own, "bounty": "10",
            "closesAt": "2026-12-01T08:00:00Z", "rules": rules, "idempotencyKey": "draft-1" });
        let wanted = "task { id rules { plan { kind perEvent } growth { reserve perEvent label } } }";
        let task = mia.mutate("createTask", input, wanted).await["task"].clone();
        let expected = json!({ "plan": { "kind": "METERED", "perEvent": "1.00" },
            "growth": { "reserve": "4.00", "perEvent": "2.00", "label": "Reuse" } });
        assert_eq!(task["rules"], expected);
        mia.mutate("publishTask", json!({ "task": task["id"], "idempotencyKey": "open-1" }), "task { id }").await;
        let count = |count: u32, key: &str| json!({ "task": task["id"], "entry": null, "count": count,
            "evidence": "Unit Red.", "idempotencyKey": key });
        let seen = mia.mutate("recordEvents", count(1, "count-1"), "task { growthEvents events { count evidence entry { id } } }").await;
        let events = json!([{ "count": 1, "evidence": "Unit Red.", "entry": null }]);
        assert_eq!(seen["task"], json!({ "growthEvents": 1, "events": events }));
        assert_eq!(mia.refused("recordEvents", count(2, "count-2")).await, ["count POT_SPENT"]);
    }
}
