//! Parts of entries on the pages and in the API: offered, spelled out, accepted, shown for good.

use serde_json::json;
use tests::{Start, TestApp, both};

both! {
    async fn a_part_is_offered_spelled_out_accepted_and_shown(app: &TestApp) {
        let race = app.world.race(Start::default()).await;
        let (first, second) = (race.run("ben").await, race.run("ada").await);
        race.finish(&[(first, 1), (second, 2)]).await;
        app.world.give_person("mia", "500").await;
        let (mia, ada) = (app.browser("mia").await, app.browser("ada").await);
        let page = format!("/entries/{second}");
        let address = format!("/entries/{second}/offer");
        assert!(mia.get(&page).await.text.contains(&address), "the poster is offered to buy");
        assert!(!ada.get(&page).await.text.contains(&address), "the crew is not");
        assert_eq!(ada.get(&address).await.status, 404);
        let empty = mia.fill(&address, &address, &[("price", "0.001")]).await;
        assert_eq!(empty.status, 422, "{}", empty.text);
        let terms = [("part", "The <tokenizer>."), ("purpose", "For the winner."), ("price", "120.5"), ("source", "person")];
        let spelled = mia.fill(&address, &address, &terms).await;
        assert!(spelled.text.contains("120.50") && !spelled.text.contains("<tokenizer>"), "{}", spelled.text);
        assert_eq!(app.world.balance("mia").await, "650.00", "nothing moves before it is confirmed");
        assert_eq!(mia.confirm(&spelled, &address).await.status, 303);
        assert_eq!(app.world.balance("mia").await, "529.50");
        let work = ada.get("/work").await;
        assert!(work.text.contains(&format!("{page}#parts")), "{}", work.text);
        let shown = ada.get(&page).await.text;
        let accept = shown.split('"').find(|part| part.starts_with("/offers/") && part.ends_with("/accept"));
        let accept = accept.expect("where to accept").to_owned();
        assert_eq!(app.browser("ben").await.get(&accept).await.status, 404);
        let asked = ada.get(&accept).await;
        assert!(asked.text.contains("120.50"), "{}", asked.text);
        assert_eq!(ada.confirm(&asked, &accept).await.status, 303);
        assert_eq!(app.world.balance("ada").await, "370.50");
        let task = format!("/tasks/{}", race.view().await.handle);
        for who in ["ben", "dan"] {
            let seen = app.browser(who).await.get(&task).await.text;
            assert!(seen.contains("tokenizer&#62;.") && seen.contains("For the winner."), "{who}");
        }
    }

    async fn the_api_offers_accepts_and_tells_the_same(app: &TestApp) {
        let race = app.world.race(Start::default()).await;
        let (first, second) = (race.run("ben").await, race.run("ada").await);
        race.finish(&[(first, 1), (second, 2)]).await;
        app.world.give_person("mia", "500").await;
        let (mia, ada) = (app.api("mia").await, app.api("ada").await);
        let query = "{ tasks { nodes { id entries { id place mayOffer offers { id } } } } }";
        let seen = mia.must(query, json!({})).await;
        let entries = seen["tasks"]["nodes"][0]["entries"].as_array().unwrap().clone();
        let of = |place: u64| entries.iter().find(|entry| entry["place"] == place).unwrap();
        assert_eq!((&of(1)["mayOffer"], &of(2)["mayOffer"]), (&json!(false), &json!(true)));
        let until = app.world.now().plus_seconds(86_400).rfc3339();
        let source = mia.own_id().await;
        let with = |price: &str, key: &str| json!({
            "entry": of(2)["id"], "part": "The tokenizer", "purpose": "For the winner", "price": price,
            "source": source, "until": until, "idempotencyKey": key,
        });
        assert_eq!(mia.refused("offerForPart", with("0", "k0")).await, ["price AMOUNT_ZERO"]);
        assert_eq!(mia.refused("offerForPart", with("651", "k1")).await, ["price INSUFFICIENT_FUNDS"]);
        let made = mia.mutate("offerForPart", with("50", "k2"), "offer { id state mayAnswer mayWithdraw price }").await;
        let offer = &made["offer"];
        assert_eq!((&offer["state"], &offer["mayWithdraw"], &offer["price"]), (&json!("OPEN"), &json!(true), &json!("50.00")));
        let node = ada.must("query ($id: ID!) { node(id: $id) { id ... on PartOffer { mayAnswer buyer { handle } } } }", json!({ "id": offer["id"] })).await;
        assert_eq!((&node["node"]["mayAnswer"], &node["node"]["buyer"]["handle"]), (&json!(true), &json!("mia")));
        let work = ada.must("{ viewer { myWork { kind } } }", json!({})).await;
        assert_eq!(work["viewer"]["myWork"][0]["kind"], "ANSWER_OFFER", "{work}");
        let done = ada.mutate("acceptOffer", json!({ "offer": offer["id"], "idempotencyKey": "a" }), "offer { state endRecord { kind } }").await;
        assert_eq!((&done["offer"]["state"], &done["offer"]["endRecord"]["kind"]), (&json!("ACCEPTED"), &json!("PAYOUT")));
        let bought = app.api("dan").await.must("{ tasks { nodes { partsBought { part price entry { name } } } } }", json!({})).await;
        assert_eq!(bought["tasks"]["nodes"][0]["partsBought"][0]["part"], "The tokenizer");
        assert_eq!(ada.refused("declineOffer", json!({ "offer": offer["id"], "idempotencyKey": "b" })).await, ["OFFER_ENDED"]);
        assert_eq!(mia.refused("withdrawOffer", json!({ "offer": offer["id"], "idempotencyKey": "c" })).await, ["OFFER_ENDED"]);
    }
}
