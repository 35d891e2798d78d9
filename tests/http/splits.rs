//! Sending to several at once, by the page and by the API.

use serde_json::json;
use tests::{TestApp, both};

const PAGE: &str = "/wallet/split";

both! {
    async fn a_total_is_divided_spelled_out_and_sent_by_one_record(app: &TestApp) {
        app.world.give_person("ada", "100").await;
        for who in ["ben", "cid", "dan"] {
            app.world.person(who).await;
        }
        let ada = app.browser("ada").await;
        let fields = [
            ("how", "equal"), ("total", "10"), ("memo", "for the race"),
            ("to.0.to", "ben"), ("to.1.to", "cid"), ("to.3.to", "dan"),
        ];
        let page = ada.fill(PAGE, PAGE, &fields).await;
        assert_eq!(page.status, 200, "{}", page.text);
        for number in ["3.34", "3.33", "10.00", "90.00", "for the race", "largest fractions"] {
            assert!(page.text.contains(number), "{number} is spelled out: {}", page.text);
        }
        assert_eq!(app.world.balance("ada").await, "100.00", "nothing has moved yet");
        let done = ada.confirm(&page, PAGE).await;
        assert_eq!(done.status, 303, "{}", done.text);
        assert_eq!(done.location(), "/wallet");
        for (who, holds) in [("ada", "90.00"), ("ben", "3.34"), ("cid", "3.33"), ("dan", "3.33")] {
            assert_eq!(app.world.balance(who).await, holds, "{who}");
        }
        let again = ada.confirm(&page, PAGE).await;
        assert_eq!(again.status, 303, "sent twice");
        assert_eq!(app.world.balance("ada").await, "90.00", "it moves once");
    }

    async fn what_is_wrong_stands_beside_its_row(app: &TestApp) {
        app.world.give_person("ada", "10").await;
        app.world.person("ben").await;
        let ada = app.browser("ada").await;
        let wrong = [("how", "amounts"), ("to.0.to", "nobody-here"), ("to.0.amount", "1"), ("to.1.amount", "2"), ("to.2.to", "ben")];
        let page = ada.fill(PAGE, PAGE, &wrong).await;
        assert_eq!(page.status, 422);
        for field in ["e-to.0.to", "e-to.1.to", "e-to.2.amount"] {
            assert!(page.text.contains(field), "{field}: {}", page.text);
        }
        let shares = [("how", "shares"), ("total", "100"), ("to.0.to", "ben"), ("to.0.amount", "60")];
        let page = ada.fill(PAGE, PAGE, &shares).await;
        assert_eq!(page.status, 200, "spelled out, though it is more than there is");
        let refused = ada.confirm(&page, PAGE).await;
        assert_eq!(refused.status, 422, "{}", refused.text);
        assert!(refused.text.contains("10.00 is available") || refused.text.contains("e-to"), "{}", refused.text);
        let more = ada.fill(PAGE, PAGE, &[("do", "more"), ("to.0.to", "ben")]).await;
        assert!(more.text.contains("to.9.to") && more.text.contains("value=\"ben\""), "{}", more.text);
        assert_eq!(app.world.balance("ben").await, "0.00");
    }

    async fn the_api_splits_too(app: &TestApp) {
        app.world.give_person("ada", "10").await;
        let ada = app.api("ada").await;
        let ids = [app.api("ben").await.own_id().await, app.api("cid").await.own_id().await];
        let input = json!({
            "from": ada.own_id().await,
            "to": [{ "to": ids[0], "amount": "2.50" }, { "to": ids[1], "amount": "1" }],
            "memo": "tea", "idempotencyKey": "s",
        });
        let sent = ada.mutate("splitTokens", input.clone(), "record { kind } wallet { balance }").await;
        assert_eq!(sent, json!({ "record": { "kind": "TRANSFER" }, "wallet": { "balance": "6.50" }, "userErrors": [] }));
        let mut twice = input;
        twice["to"][1]["to"] = ids[0].clone();
        twice["idempotencyKey"] = json!("t");
        let refused = ada.refused("splitTokens", twice).await;
        assert!(refused[0].contains("to.1.to"), "{refused:?}");
    }
}
