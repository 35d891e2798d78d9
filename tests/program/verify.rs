//! Verifying a database and a receipt from the command line.

use sea_orm::{ConnectionTrait, Database};
use serde_json::json;

use crate::process::Place;

/// An installation with a transfer in its books; answers the receipt of it.
async fn with_books(place: &Place) -> String {
    place.add("tess", &["treasurer"]).await;
    let serving = place.serve().await;
    let tess = serving.api("tess").await;
    let own = tess.must("{ viewer { person { id } } }", json!({})).await["viewer"]["person"]["id"].clone();
    tess.mutate(
        "issueTokens",
        json!({ "amount": "10", "reason": "A start.", "idempotencyKey": "k1" }),
        "record { id }",
    )
    .await;
    tess.mutate(
        "allocateTokens",
        json!({ "to": own, "amount": "4", "reason": "A gift.", "idempotencyKey": "k2" }),
        "record { id }",
    )
    .await;
    let mut receipt = None;
    for _ in 0..100 {
        let seen = tess
            .must("{ viewer { wallet { statement { nodes { record { receipt } } } } } }", json!({}))
            .await;
        receipt = seen["viewer"]["wallet"]["statement"]["nodes"][0]["record"]["receipt"]
            .as_str()
            .map(str::to_owned);
        if receipt.is_some() {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    serving.stop().await;
    receipt.expect("a receipt within ten seconds")
}

#[tokio::test]
async fn sound_books_are_verified_and_the_report_tells_what_was() {
    let place = Place::new();
    with_books(&place).await;
    let report = place.run(&["verify"]).await.well();
    for part in ["verified: ", "2 sealed, 0 waiting", "signatures good", "supply"] {
        assert!(report.contains(part), "{part}: {report}");
    }
}

#[tokio::test]
async fn changed_books_are_not_verified_and_the_place_is_named() {
    let place = Place::new();
    with_books(&place).await;
    let db =
        Database::connect(format!("sqlite://{}", place.data().join("saima.db").display())).await.unwrap();
    for sql in [
        "DROP TRIGGER record_unchanged",
        "UPDATE record SET bytes = CAST(substr(bytes, 1, 40) || X'00' || substr(bytes, 42) AS BLOB) WHERE kind = 'allocate'",
    ] {
        db.execute_unprepared(sql).await.unwrap();
    }
    db.close().await.unwrap();
    let complaint = place.run(&["verify"]).await.badly(1);
    assert!(complaint.contains("NOT VERIFIED: record 1 of the log"), "{complaint}");
}

#[tokio::test]
async fn verifying_makes_nothing() {
    let place = Place::new();
    place.run(&["verify"]).await.badly(1);
    assert!(!place.data().join("saima.db").exists());
}

#[tokio::test]
async fn a_receipt_is_verified_by_itself_and_a_forged_one_is_not() {
    let place = Place::new();
    let receipt = with_books(&place).await;
    let key = place.run(&["key", "show"]).await.well().trim().to_owned();
    let elsewhere = Place::new();
    std::fs::write(elsewhere.path("r.tlog-proof"), &receipt).unwrap();
    let told = elsewhere.run(&["verify", "r.tlog-proof", "--key", &key]).await.well();
    for part in ["verified: record 1", "allocate", "400 minor units", "A gift."] {
        assert!(told.contains(part), "{part}: {told}");
    }
    assert!(!elsewhere.data().exists(), "no installation is needed");

    let at = receipt.find("extra ").unwrap() + 60;
    let mut forged = receipt.clone().into_bytes();
    forged[at] = if forged[at] == b'A' { b'B' } else { b'A' };
    std::fs::write(elsewhere.path("forged.tlog-proof"), forged).unwrap();
    elsewhere.run(&["verify", "forged.tlog-proof", "--key", &key]).await.badly(1);
    elsewhere.run(&["verify", "r.tlog-proof"]).await.badly(1);
    let other = Place::new();
    other.serve().await.stop().await;
    let other_key = other.run(&["key", "show"]).await.well().trim().to_owned();
    elsewhere.run(&["verify", "r.tlog-proof", "--key", &other_key]).await.badly(1);
    elsewhere.run(&["verify", "nowhere.tlog-proof", "--key", &key]).await.badly(1);
}
