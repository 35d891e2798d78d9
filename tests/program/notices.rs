//! Mail in the life of a server: none is lost when it is killed.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::json;
use tests::Postbox;

use crate::process::Place;

#[tokio::test]
async fn a_server_that_was_killed_sends_what_waited_after_its_restart() {
    let postbox = Postbox::open().await;
    let place = Place::new()
        .with("SAIMA_SMTP_URL", &postbox.url)
        .with("SAIMA_MAIL_FROM", "saima@dawn.example")
        .with("SAIMA_PUBLIC_URL", "https://saima.dawn.example");
    place.add("tess", &["treasurer"]).await;
    place.add("ada", &[]).await;
    postbox.refuse(usize::MAX);
    let serving = place.serve().await;
    let tess = serving.api("tess").await;
    let issue = json!({ "amount": "10", "reason": "A start.", "idempotencyKey": "k0" });
    tess.mutate("issueTokens", issue, "record { id }").await;
    let found = tess.must("{ person(handle: \"ada\") { id } }", json!({})).await;
    let ada = found["person"]["id"].as_str().unwrap();
    for count in 1..=5 {
        let give =
            json!({ "to": ada, "amount": "1", "reason": "For you.", "idempotencyKey": format!("k{count}") });
        tess.mutate("allocateTokens", give, "record { id }").await;
    }
    postbox.wait_for_refusals(5).await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    serving.signal("KILL");
    serving.end().await;
    assert!(postbox.letters().is_empty());
    postbox.refuse(0);
    let serving = place.serve().await;
    let letters = postbox.wait_for(5).await;
    let ids: BTreeSet<String> = letters.iter().map(|letter| letter.header("message-id")).collect();
    assert_eq!((letters.len(), ids.len()), (5, 5));
    serving.stop().await;
}

#[tokio::test]
async fn mail_that_can_not_be_set_up_stops_the_start_without_telling_the_password() {
    let place = Place::new().with("SAIMA_SMTP_URL", "smtps://me:hunter2@mail.example");
    let complaint = place.run(&["serve", "--listen", "127.0.0.1:0"]).await.badly(1);
    assert!(complaint.contains("SAIMA_MAIL_FROM") && !complaint.contains("hunter2"), "{complaint}");
}
