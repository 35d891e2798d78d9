//! Keys and signed intents over the API and the pages.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signer as _, SigningKey};
use serde_json::{Value, json};
use tests::{HttpAsker, TestApp, both};

fn key() -> SigningKey {
    SigningKey::from_bytes(&[11; 32])
}

fn public() -> String {
    hex::encode(key().verifying_key().to_bytes())
}

/// Signs the message that the API handed out.
fn signed(intent: &Value) -> Value {
    let message = STANDARD.decode(intent["message"].as_str().unwrap()).unwrap();
    let signature = STANDARD.encode(key().sign(&message).to_bytes());
    json!({ "bytes": intent["bytes"], "signature": signature })
}

async fn enrol(asker: &HttpAsker) -> Value {
    let query =
        "query ($key: String!) { enrolKeyIntent(publicKey: $key, label: \"a file\") { act bytes message } }";
    let intent = asker.must(query, json!({ "key": public() })).await["enrolKeyIntent"].clone();
    let input =
        json!({ "publicKey": public(), "label": "a file", "intent": signed(&intent), "idempotencyKey": "e" });
    asker.mutate("enrolKey", input, "record { kind signature { keyId } }").await
}

async fn id_of(app: &TestApp, handle: &str) -> String {
    let asker = app.api(handle).await;
    let id = asker.must("{ viewer { person { id } } }", json!({})).await;
    id["viewer"]["person"]["id"].as_str().unwrap().to_owned()
}

both! {
    async fn a_transfer_is_signed_through_the_api_and_its_record_tells_by_whom(app: &TestApp) {
        app.world.give_person("ada", "10").await;
        let ada = app.api("ada").await;
        let enrolled = enrol(&ada).await;
        assert_eq!(enrolled["record"]["kind"], "KEY");
        let (from, to) = (id_of(app, "ada").await, id_of(app, "ben").await);
        let mut input = json!({ "from": from, "to": to, "amount": "2.50", "memo": "tea", "idempotencyKey": "t" });
        let query = "query ($key: String!, $input: TransferTokensInput!) {
            transferTokensIntent(publicKey: $key, input: $input) { act says { name value } bytes message }
        }";
        let intent = ada.must(query, json!({ "key": public(), "input": input })).await["transferTokensIntent"].clone();
        assert_eq!(intent["act"], "transferTokens");
        assert!(intent["says"].as_array().unwrap().contains(&json!({ "name": "amount", "value": "250" })));
        input["intent"] = signed(&intent);
        let wanted = "record { number signature { keyId person { handle } says { name value } } } wallet { balance }";
        let sent = ada.mutate("transferTokens", input.clone(), wanted).await;
        assert_eq!(sent["wallet"]["balance"], "7.50");
        assert_eq!(sent["record"]["signature"]["person"]["handle"], "ada");
        assert_eq!(sent["record"]["signature"]["says"], intent["says"]);

        // The same again under another name is a replay; with another amount it is another thing.
        input["idempotencyKey"] = json!("t2");
        assert_eq!(ada.refused("transferTokens", input.clone()).await, ["signature INTENT_USED"]);
        input["amount"] = json!("2.51");
        input["idempotencyKey"] = json!("t3");
        assert_eq!(ada.refused("transferTokens", input.clone()).await, ["signature INTENT_USED"]);
        let keys = ada.must("{ viewer { keys { keyId label revokedAt } } }", json!({})).await;
        let id = keys["viewer"]["keys"][0]["keyId"].clone();
        ada.mutate("revokeKey", json!({ "keyId": id, "idempotencyKey": "r" }), "record { kind }").await;
        let fresh = ada.must(query, json!({ "key": public(), "input": input })).await["transferTokensIntent"].clone();
        input["intent"] = signed(&fresh);
        input["idempotencyKey"] = json!("t4");
        assert_eq!(ada.refused("transferTokens", input).await, ["signature KEY_UNUSABLE"]);
    }

    async fn what_is_no_key_or_no_intent_is_told_where_it_is(app: &TestApp) {
        let ada = app.api("ada").await;
        let query = "{ enrolKeyIntent(publicKey: \"xyz\", label: \"a\") { bytes } }";
        assert_eq!(ada.denied(query, json!({})).await, "INVALID");
        let intent = json!({ "bytes": "AAAA", "signature": "AAAA" });
        let input = json!({ "publicKey": public(), "label": "a", "intent": intent, "idempotencyKey": "e" });
        assert_eq!(ada.refused("enrolKey", input.clone()).await, ["signature BAD_INTENT"]);
        let mut odd = input;
        odd["intent"]["bytes"] = json!("?");
        assert_eq!(ada.refused("enrolKey", odd).await, ["intent.bytes BAD_BASE64"]);
        assert_eq!(app.anonymous().denied(&query.replace("xyz", &public()), json!({})).await, "UNAUTHENTICATED");
    }

    async fn a_form_hands_out_what_to_sign_and_takes_it_back(app: &TestApp) {
        app.world.give_person("ada", "10").await;
        app.world.person("ben").await;
        enrol(&app.api("ada").await).await;
        let ada = app.browser("ada").await;
        let spelled = ada.fill("/wallet/send", "/wallet/send", &[("to", "ben"), ("amount", "3")]).await;
        assert!(spelled.text.contains("data-sign=\"transferTokens\""), "{}", spelled.text);
        let filled = spelled.form("/wallet/send");
        let mut fields: Vec<(&str, &str)> = filled.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        let public = public();
        fields.push(("prepare", &public));
        let answer = ada.post("/wallet/send", &fields).await;
        assert_eq!((answer.status, answer.header("cache-control")), (200, "no-store"), "{}", answer.text);
        assert_eq!(app.world.balance("ada").await, "10.00", "nothing was sent yet");
        let bytes = hex::decode(&answer.text).unwrap();
        let origin = app.world.market.settings().origin.clone();
        let signature = hex::encode(ledger::intent::sign(&key(), &origin, &bytes));
        fields.pop();
        fields.extend([("signed.bytes", answer.text.as_str()), ("signed.signature", signature.as_str())]);
        assert_eq!(ada.post("/wallet/send", &fields).await.status, 303);
        app.tick().await;
        let newest = app.world.market.records(&app.world.actor("ada").await, market::Page::default()).await.unwrap();
        let record = &newest.items[0].1;
        let page = ada.get(&format!("/ledger/records/{}", record.id)).await;
        assert!(page.text.contains("transferTokens") && page.text.contains("data-verify"), "{}", page.text);
        assert!(page.text.contains("<svg class=\"path\""));
        let account = record.postings[0].account.id;
        let history = ada.get(&format!("/ledger/accounts/{account}")).await;
        assert!(history.text.contains("<svg class=\"plot wide\"") && history.text.contains("7.00"));
        assert!(history.text.contains(&format!("/ledger/records/{}/receipt", record.id)));
    }

    async fn a_form_that_has_to_be_mended_hands_nothing_out(app: &TestApp) {
        app.world.give_person("ada", "10").await;
        let ada = app.browser("ada").await;
        let opened = ada.get("/wallet/send").await;
        let mut filled = opened.form("/wallet/send");
        filled.push(("prepare".to_owned(), public()));
        let fields: Vec<(&str, &str)> = filled.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        assert_eq!(ada.post("/wallet/send", &fields).await.status, 422);
        let mut wrong = fields.clone();
        wrong.retain(|(name, _)| *name != "prepare");
        wrong.push(("prepare", "xyz"));
        assert_eq!(ada.post("/wallet/send", &wrong).await.status, 400);
    }

    async fn an_account_is_shown_to_members_and_to_its_owner(app: &TestApp) {
        app.world.outsider("otto").await;
        app.world.outsider("olga").await;
        app.world.give_person("otto", "5").await;
        let otto = app.world.actor("otto").await;
        let owner = market::WalletOwner::Person(app.world.person("otto").await);
        let id = app.world.market.wallet(&otto, owner).await.unwrap().account;
        let path = format!("/ledger/accounts/{id}");
        assert_eq!(app.browser("otto").await.get(&path).await.status, 200);
        assert_eq!(app.browser("ada").await.get(&path).await.status, 200);
        assert_eq!(app.browser("olga").await.get(&path).await.status, 404);
        assert_eq!(app.anonymous().get(&path).await.status, 404);
        assert_eq!(app.browser("ada").await.get("/ledger/accounts/xyz").await.status, 404);
    }

    async fn a_key_page_without_a_script_says_what_is_missing(app: &TestApp) {
        let ada = app.browser("ada").await;
        let answer = ada.fill("/keys", "/keys", &[("label", "a laptop")]).await;
        assert_eq!(answer.status, 422, "{}", answer.text);
        assert!(app.anonymous().get("/keys").await.status == 303, "visitors are sent to the door");
    }
}
