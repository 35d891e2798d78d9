//! Plots and the flow of funds, as pages and by the API: who may see them, and what they say without a picture.

use market::task::Source;
use market::{PersonKind, Role};
use serde_json::json;
use tests::{Start, TestApp, both};

both! {
    async fn leaders_see_insight_and_others_do_not(app: &TestApp) {
        app.world.bring("mia", PersonKind::Member, &[Role::Manager]).await;
        let race = app.world.race(Start::default()).await;
        let entry = race.run("ada").await;
        race.finish(&[(entry, 1)]).await;
        let (mia, ada) = (app.browser("mia").await, app.browser("ada").await);
        assert_eq!((ada.get("/insight").await.status, app.anonymous().get("/insight").await.status), (404, 303));
        assert!(!ada.get("/tasks").await.text.contains("/insight"));
        let page = mia.get("/insight").await;
        assert_eq!(page.status, 200);
        assert!(page.text.contains("A faster parser") && page.text.contains("1,000.00"), "{}", page.text);
        assert!(mia.get("/tasks").await.text.contains("/insight"));
        let data = app.api("mia").await.must(
            "{ insight { months { ended paid } races { task { title } bounty ruled } lanes { lanes races } } }",
            json!({}),
        ).await;
        assert_eq!(data["insight"]["races"][0]["task"]["title"], "A faster parser");
        assert_eq!(data["insight"]["months"].as_array().unwrap().len(), 12);
        assert_eq!(app.api("ada").await.denied("{ insight { lanes { lanes } } }", json!({})).await, "NOT_FOUND");
    }

    async fn the_flow_of_funds_leads_to_its_records(app: &TestApp) {
        app.world.bring("mia", PersonKind::Member, &[Role::Manager]).await;
        let programme = app.world.programme("key", "eve", "mia", "5000").await;
        let race = app.world.race(Start { source: Source::Programme(programme), ..Start::default() }).await;
        let entry = race.run("ada").await;
        race.finish(&[(entry, 1)]).await;
        let ben = app.browser("ben").await;
        let page = ben.get("/flow?programme=key").await;
        assert_eq!(page.status, 200, "{}", page.text);
        assert!(page.text.contains("A faster parser") && page.text.contains("/ledger/accounts/"), "{}", page.text);
        for odd in ["/flow?at=2026-02-30", "/flow?programme=nowhere", "/flow?at=tomorrow"] {
            assert!([400, 404].contains(&ben.get(odd).await.status), "{odd}");
        }
        assert_eq!(ben.get("/flow?programme=key&at=2001-01-01").await.status, 200);
        let programmes = ben.get("/programmes/key").await;
        assert!(programmes.text.contains("/flow?programme=key"), "{}", programmes.text);
        let api = app.api("ben").await;
        let id = api.must("{ programmes { nodes { id } } }", json!({})).await;
        let query = "query ($id: ID!) { fundFlow(programme: $id) { allocated left tasks { fromProgramme toPersons locked task { title } } } }";
        let flow = api.must(query, json!({ "id": id["programmes"]["nodes"][0]["id"] })).await;
        assert_eq!((&flow["fundFlow"]["allocated"], &flow["fundFlow"]["left"]), (&json!("5000.00"), &json!("4400.00")));
        assert_eq!(flow["fundFlow"]["tasks"][0]["toPersons"], "600.00", "one prize of three; the others went back");
    }
}
