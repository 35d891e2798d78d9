//! The demo world: there in a moment, whole, and alone in its folder.

use serde_json::json;

use crate::process::Place;

#[tokio::test]
async fn the_demo_is_made_once_and_everybody_in_it_can_be_tried() {
    let place = Place::new();
    let demo = ["demo", "--listen", "127.0.0.1:0"];
    let serving = place.start(&demo).await;
    let tasks = tasks(&serving.base).await;
    assert!(tasks >= 2, "open challenges are there for visitors");
    let asker = serving.anonymous();
    let fields = [("email", "admin@demo.example"), ("password", "demo-race-2026")];
    assert_eq!(asker.fill("/sign-in", "/sign-in", &fields).await.status, 303);
    serving.signal("TERM");
    let (code, said) = serving.end().await;
    assert_eq!(code, Some(0));
    let said = said.join("\n");
    for part in ["admin@demo.example", "treasurer@demo.example", "demo-race-2026", "/graphql"] {
        assert!(said.contains(part), "{part}: {said}");
    }

    let again = place.start(&demo).await;
    assert_eq!(self::tasks(&again.base).await, tasks, "the second start leaves it as it was");
    again.stop().await;
    let database = format!("sqlite://{}", place.path("data/demo/saima.db").display());
    let report = place
        .with("SAIMA_ORIGIN", "demo.example/ledger")
        .run(&["verify", "--database", &database, "--data", "data/demo"])
        .await
        .well();
    assert!(report.contains("verified"), "{report}");
}

async fn tasks(base: &str) -> u64 {
    let all = tests::HttpAsker::new(base).must("{ tasks { totalCount } }", json!({})).await;
    all["tasks"]["totalCount"].as_u64().unwrap()
}

#[tokio::test]
async fn a_folder_that_is_not_the_demos_is_left_alone() {
    let place = Place::new();
    place.add("root", &["admin"]).await;
    let complaint = place.run(&["demo", "--data", "data", "--listen", "127.0.0.1:0"]).await.badly(1);
    assert!(complaint.contains("not a demo"), "{complaint}");
}
