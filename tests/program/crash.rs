//! Killed in the middle of its work: what was acknowledged is there, and what is there is whole.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::{Value, json};
use tests::{Db, Fresh, HttpAsker};

use crate::process::Place;

const TRANSFERS: usize = 300;

async fn transfer(asker: &HttpAsker, from: &Value, to: &Value, key: usize) -> bool {
    let query = "mutation ($i: TransferTokensInput!) { transferTokens(input: $i) { record { id } userErrors { code } } }";
    let input = json!({ "from": from, "to": to, "amount": "0.01", "idempotencyKey": format!("t{key}") });
    let body = json!({ "query": query, "variables": { "i": input } });
    let sent = asker.request(reqwest::Method::POST, "/graphql").json(&body).send().await;
    let Ok(answer) = sent else { return false };
    let Ok(body) = answer.json::<Value>().await else { return false };
    body["data"]["transferTokens"]["record"]["id"].is_string()
}

async fn killed_under_load(place: &Place) {
    place.add("tess", &["treasurer"]).await;
    place.add("ada", &[]).await;
    let serving = place.serve().await;
    let tess = serving.api("tess").await;
    let ids = tess.must("{ viewer { person { id } } person(handle: \"ada\") { id } }", json!({})).await;
    let (from, to) = (ids["viewer"]["person"]["id"].clone(), ids["person"]["id"].clone());
    tess.mutate(
        "issueTokens",
        json!({ "amount": "100", "reason": "A start.", "idempotencyKey": "k1" }),
        "record { id }",
    )
    .await;
    tess.mutate(
        "allocateTokens",
        json!({ "to": from, "amount": "100", "reason": "A start.", "idempotencyKey": "k2" }),
        "record { id }",
    )
    .await;

    // Eight at once send what they can; in the middle of it the program is killed.
    let (next, done) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let mut senders = Vec::new();
    for _ in 0..8 {
        let asker = HttpAsker::with_token(&serving.base, tess.token());
        let (next, done, from, to) = (next.clone(), done.clone(), from.clone(), to.clone());
        senders.push(tokio::spawn(async move {
            let mut acknowledged = Vec::new();
            loop {
                let key = next.fetch_add(1, Ordering::SeqCst);
                if key >= TRANSFERS || !transfer(&asker, &from, &to, key).await {
                    return acknowledged;
                }
                acknowledged.push(key);
                done.fetch_add(1, Ordering::SeqCst);
            }
        }));
    }
    while done.load(Ordering::SeqCst) < 60 {
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    serving.signal("KILL");
    serving.end().await;
    let mut acknowledged = 0;
    for sender in senders {
        acknowledged += sender.await.unwrap().len();
    }
    assert!(
        (60..TRANSFERS).contains(&acknowledged),
        "{acknowledged} were acknowledged: it was not killed in the middle"
    );

    place.run(&["verify"]).await.well();
    let serving = place.serve().await;
    let tess = serving.api("tess").await;
    let kept = received(&serving.api("ada").await).await;
    assert!(kept >= acknowledged, "{kept} of {acknowledged} acknowledged transfers were kept");

    // Whoever was not answered asks again under the same key: all of them are done, each once.
    for key in 0..TRANSFERS {
        let asker = HttpAsker::with_token(&serving.base, tess.token());
        assert!(transfer(&asker, &from, &to, key).await, "{key}");
    }
    assert_eq!(received(&serving.api("ada").await).await, TRANSFERS);
    serving.stop().await;
    let report = place.run(&["verify"]).await.well();
    assert!(report.contains(&format!("{} sealed, 0 waiting", TRANSFERS + 2)), "{report}");
}

/// How many minor units ada holds: one for each transfer.
async fn received(ada: &HttpAsker) -> usize {
    let seen = ada.must("{ viewer { wallet { balance } } }", json!({})).await;
    let balance = seen["viewer"]["wallet"]["balance"].as_str().unwrap().replace('.', "");
    balance.parse().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_under_load_it_has_lost_nothing_that_it_acknowledged_on_sqlite() {
    killed_under_load(&Place::new().with("SAIMA_PERSON_COST", "1000000")).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_under_load_it_has_lost_nothing_that_it_acknowledged_on_postgres() {
    let fresh = Fresh::without_tables(Db::Postgres).await;
    killed_under_load(
        &Place::new().with("SAIMA_PERSON_COST", "1000000").with("SAIMA_DATABASE_URL", &fresh.url),
    )
    .await;
    fresh.drop().await;
}
