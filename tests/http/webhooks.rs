//! Webhooks over the whole program: what a receiver gets and can verify, and the pages about it.

use serde_json::json;
use standardwebhooks::Webhook;
use tests::{Call, Db, Receiver, Stage, Start, TestApp, both};
use time::Duration;

use market::{PersonKind, Role};

/// The program, which may call this machine, and a program to be called.
struct Called {
    app: TestApp,
    receiver: Receiver,
}

impl Stage for Called {
    async fn set_up(db: Db) -> Self {
        let app = TestApp::start_with(db, |config| config.webhook_private = true).await;
        app.world.bring("root", PersonKind::Member, &[Role::Admin]).await;
        Self { app, receiver: Receiver::open().await }
    }

    async fn must_hold(&self) {
        self.app.must_hold().await;
    }

    async fn strike(self) {
        self.app.strike().await;
    }
}

/// Compares a call with what the specification's own library signs, whose check of the time wants the real one.
fn verifies(call: &Call, secret: &str) -> bool {
    let at = call.headers["webhook-timestamp"].parse().unwrap();
    let signed = Webhook::new(secret).unwrap().sign(&call.headers["webhook-id"], at, call.body.as_bytes());
    let signed = signed.unwrap();
    call.headers["webhook-signature"].split(' ').any(|signature| signature == signed)
}

/// The secret that a page shows.
fn secret_of(text: &str) -> String {
    let from = text.find("whsec_").expect("a secret");
    text[from..].split('<').next().unwrap().to_owned()
}

both! {
    async fn a_receiver_gets_what_the_specification_verifies(stage: &Called) {
        let Called { app, receiver } = stage;
        let root = app.browser("root").await;
        let made = root.fill("/webhooks", "/webhooks", &[("url", &receiver.url)]).await;
        assert_eq!(made.status, 200, "{}", made.text);
        let secret = secret_of(&made.text);
        assert!(!root.get("/webhooks").await.text.contains("whsec_"), "it is shown once");
        let race = app.world.race(Start::default()).await;
        let call = receiver.wait_for(1).await.remove(0);
        assert!(verifies(&call, &secret), "{call:?}");
        assert!(!verifies(&Call { body: call.body.replace("task", "tusk"), ..call.clone() }, &secret));
        let body: serde_json::Value = serde_json::from_str(&call.body).unwrap();
        assert_eq!((&body["type"], &body["timestamp"]), (&json!("task.published"), &json!("2026-11-21T08:00:00Z")));
        let api = app.api("root").await;
        let found = api
            .must(
                "query($id: ID!) { node(id: $id) { ... on Task { title } } }",
                json!({ "id": body["data"]["task"] }),
            )
            .await;
        assert_eq!(found["node"]["title"], "A faster parser", "the ids are those of the API");
        assert!(!call.body.contains("parser"), "no text travels");
        race.run("ada").await;
        receiver.wait_for(2).await;
    }

    async fn what_was_not_taken_comes_again_and_the_page_tells_of_it(stage: &Called) {
        let Called { app, receiver } = stage;
        let api = app.api("root").await;
        let made =
            api.mutate("addWebhook", json!({ "url": receiver.url }), "secret webhook { id state }").await;
        let hook = made["webhook"]["id"].as_str().unwrap();
        let uuid = {
            use base64::Engine as _;
            let bytes = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(hook).unwrap();
            String::from_utf8(bytes).unwrap().split(':').nth(1).unwrap().to_owned()
        };
        receiver.answer(302);
        app.world.race(Start::default()).await;
        let first = receiver.wait_for(1).await.remove(0);
        tokio::time::sleep(std::time::Duration::from_millis(1_200)).await;
        assert_eq!(receiver.calls().len(), 1, "no redirect is followed, and nothing comes before its time");
        let page = format!("/webhooks/{uuid}");
        let root = app.browser("root").await;
        let told = root.get(&page).await;
        assert!(told.text.contains("302 Well") && told.text.contains("1 attempt"), "{}", told.text);
        app.world.wait(Duration::seconds(6));
        receiver.answer(204);
        let second = receiver.wait_for(2).await.remove(1);
        assert_eq!(second.headers["webhook-id"], first.headers["webhook-id"]);
        assert_ne!(second.headers["webhook-timestamp"], first.headers["webhook-timestamp"]);
        assert_eq!(second.body, first.body);
        let again = format!("/webhooks/{uuid}/redeliver");
        tokio::time::sleep(std::time::Duration::from_millis(500)).await;
        assert_eq!(root.fill(&page, &again, &[]).await.status, 303);
        assert_eq!(receiver.wait_for(3).await[2].headers["webhook-id"], first.headers["webhook-id"]);
        let wanted = "query { webhooks { state deliveries { id kind state attempts answer } } }";
        tokio::time::sleep(std::time::Duration::from_millis(500)).await;
        let listed = api.must(wanted, json!({})).await;
        let delivery = &listed["webhooks"][0]["deliveries"][0];
        assert_eq!((&delivery["kind"], &delivery["state"]), (&json!("task.published"), &json!("DELIVERED")));
        api.mutate("redeliverWebhook", json!({ "delivery": delivery["id"] }), "delivery").await;
        receiver.wait_for(4).await;
        let rotated = api.mutate("rotateWebhook", json!({ "webhook": hook }), "secret").await;
        api.mutate("redeliverWebhook", json!({ "delivery": delivery["id"] }), "delivery").await;
        let call = receiver.wait_for(5).await.remove(4);
        for secret in [&made["secret"], &rotated["secret"]] {
            assert!(verifies(&call, secret.as_str().unwrap()), "both secrets hold for a day");
        }
        api.mutate("disableWebhook", json!({ "webhook": hook }), "webhook { state }").await;
        let ended = json!({ "delivery": delivery["id"] });
        assert_eq!(api.refused("redeliverWebhook", ended).await, ["WEBHOOK_DISABLED"]);
    }

    async fn this_machine_is_not_called_unless_that_is_allowed(app: &TestApp) {
        app.world.bring("root", PersonKind::Member, &[Role::Admin]).await;
        let receiver = Receiver::open().await;
        let root = app.browser("root").await;
        let refused = root.fill("/webhooks", "/webhooks", &[("url", &receiver.url)]).await;
        assert_eq!(refused.status, 422);
        assert!(refused.text.contains("starts with https://"), "{}", refused.text);
        let tls = receiver.url.replace("http://", "https://");
        assert_eq!(root.fill("/webhooks", "/webhooks", &[("url", &tls)]).await.status, 200);
        app.world.race(Start::default()).await;
        let api = app.api("root").await;
        for _ in 0..100 {
            let all = api.must("{ webhooks { deliveries { answer } } }", json!({})).await;
            if !all["webhooks"][0]["deliveries"][0]["answer"].is_null() {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
        let all = api.must("{ webhooks { deliveries { answer } } }", json!({})).await;
        let answer = &all["webhooks"][0]["deliveries"][0]["answer"];
        assert_eq!(answer, "this address lies in a private network");
        assert!(receiver.calls().is_empty());
    }

    async fn webhooks_of_others_are_not_there(app: &TestApp) {
        app.world.bring("root", PersonKind::Member, &[Role::Admin]).await;
        app.world.unit("red", "ada", &["ben"]).await;
        let (ada, ben) = (app.browser("ada").await, app.browser("ben").await);
        let nowhere = format!("/webhooks/{}", uuid::Uuid::from_u128(7));
        for path in ["/webhooks", "/webhooks?of=unit:red", "/webhooks?of=unit:blue", "/webhooks?of=x", &nowhere] {
            assert_eq!(ben.get(path).await.status, 404, "{path}");
            assert!([303, 404].contains(&app.anonymous().get(path).await.status), "{path}");
        }
        assert_eq!(ada.get("/webhooks?of=unit:red").await.status, 200);
        assert!(ada.get("/units/red").await.text.contains("/webhooks?of=unit:red"));
        assert!(app.api("ben").await.must("{ webhooks { url } }", json!({})).await["webhooks"].is_null());
        let input = json!({ "url": "ftp://x" });
        assert_eq!(app.api("root").await.refused("addWebhook", input).await, ["url BAD_WEBHOOK"]);
    }
}
