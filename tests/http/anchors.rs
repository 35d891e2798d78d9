//! Other logs, on pages and through the API: who may name them, who anchors, and that anybody can look.

use ed25519_dalek::SigningKey;
use ledger::{Checkpoint, NoteSigner, Receipt, leaf_hash, tree};
use market::{PersonKind, Role};
use serde_json::json;
use tests::{TestApp, both};

fn side() -> NoteSigner {
    NoteSigner::new("side.example/log", SigningKey::from_bytes(&[60; 32])).unwrap()
}

fn checkpoint(records: &[&[u8]]) -> String {
    let leaves: Vec<_> = records.iter().map(|record| leaf_hash(record)).collect();
    let size = u64::try_from(leaves.len()).unwrap();
    Checkpoint::new("side.example/log", size, tree::root_of(&leaves)).sign(&side()).unwrap().to_string()
}

async fn people(app: &TestApp) {
    app.world.bring("root", PersonKind::Member, &[Role::Admin]).await;
    app.world.bring("tess", PersonKind::Member, &[Role::Treasurer]).await;
}

both! {
    async fn a_log_is_followed_and_anchored_on_pages_and_everybody_can_look(app: &TestApp) {
        people(app).await;
        let (root, tess) = (app.browser("root").await, app.browser("tess").await);
        let empty = app.anonymous().get("/ledger/anchors").await;
        assert!(empty.status == 200 && !empty.text.contains("/ledger/anchors/new"), "{}", empty.text);
        assert_eq!(tess.get("/ledger/anchors/follow").await.status, 404);
        assert_eq!(app.browser("ada").await.get("/ledger/anchors/new").await.status, 404);

        let key = side().verifier_key().to_string();
        let wrong = root.fill("/ledger/anchors/follow", "/ledger/anchors/follow", &[("verifier_key", "x")]).await;
        assert!(wrong.status == 422 && wrong.text.contains("name+id+key"), "{} {}", wrong.status, wrong.text);
        let fields = [("verifier_key", key.as_str()), ("url", "https://side.example")];
        assert_eq!(root.fill("/ledger/anchors/follow", "/ledger/anchors/follow", &fields).await.status, 303);

        let note = checkpoint(&[b"one", b"two"]).replace('\n', "\r\n");
        let new = "/ledger/anchors/new";
        let stray = [("checkpoint", note.as_str()), ("proof", "not a hash")];
        assert_eq!(tess.fill(new, new, &stray).await.status, 422);
        let spelled_out = tess.fill(new, new, &[("checkpoint", &note), ("proof", "")]).await;
        assert!(spelled_out.text.contains("side.example/log"), "{}", spelled_out.text);
        assert_eq!(tess.confirm(&spelled_out, new).await.status, 303);
        let again = tess.fill_and_confirm(new, new, &[("checkpoint", &note), ("proof", "")]).await;
        assert!(again.status == 422 && again.text.contains("anchored already"), "{}", again.text);

        app.tick().await;
        let page = app.anonymous().get("/ledger/anchors").await;
        for part in ["side.example/log", &key, "https://side.example", "/receipt"] {
            assert!(page.text.contains(part), "{part}: {}", page.text);
        }
        let receipt = page.text.split("href=\"").find(|link| link.contains("/receipt\"")).unwrap();
        let file = app.anonymous().get(receipt.split('"').next().unwrap()).await;
        let open = Receipt::open(&file.text, &[app.verifier_key().await]).unwrap();
        assert_eq!(open.disclosures[0].data, checkpoint(&[b"one", b"two"]).into_bytes());
    }

    async fn the_api_does_the_same_and_says_what_is_wrong(app: &TestApp) {
        people(app).await;
        let (root, tess) = (app.api("root").await, app.api("tess").await);
        let key = side().verifier_key().to_string();
        let follow = json!({ "verifierKey": key, "idempotencyKey": "k" });
        let followed = root.mutate("followLog", follow, "log { origin url verifierKey anchors { size } }").await;
        assert_eq!(followed["log"]["origin"], "side.example/log");
        assert_eq!(followed["log"]["url"], serde_json::Value::Null);

        let first = json!({ "checkpoint": checkpoint(&[b"one"]), "proof": [], "idempotencyKey": "a" });
        let anchored = tess.mutate("anchorCheckpoint", first.clone(), "record { id kind }").await;
        assert_eq!(anchored["record"]["kind"], "ANCHOR");
        assert_eq!(tess.mutate("anchorCheckpoint", first, "record { id kind }").await, anchored);
        let two = checkpoint(&[b"one", b"two"]);
        let proof = hex::encode(leaf_hash(b"two"));
        for (proof, code) in [(json!([]), "BAD_PROOF"), (json!(["xyz"]), "BAD_HASH"), (json!([proof.replace('0', "1")]), "BAD_PROOF")] {
            let input = json!({ "checkpoint": two, "proof": proof, "idempotencyKey": code });
            let refused = tess.refused("anchorCheckpoint", input).await.join(" ");
            assert!(refused.contains(code), "{refused}");
        }
        let second = json!({ "checkpoint": two, "proof": [proof], "idempotencyKey": "b" });
        tess.mutate("anchorCheckpoint", second, "record { id }").await;
        let seen = app
            .anonymous()
            .must("{ followedLogs { origin anchors { size checkpoint record { kind standing } } } }", json!({}))
            .await;
        assert_eq!(seen["followedLogs"][0]["anchors"][0]["size"], 2);
        assert_eq!(seen["followedLogs"][0]["anchors"][0]["checkpoint"], two);
        assert_eq!(seen["followedLogs"][0]["anchors"][1]["record"]["kind"], "ANCHOR");
    }

    async fn without_witnesses_the_log_says_so_and_nothing_is_waited_for(app: &TestApp) {
        people(app).await;
        let tess = app.api("tess").await;
        let issue = json!({ "amount": "1", "reason": "A start.", "idempotencyKey": "k" });
        let issued = tess.mutate("issueTokens", issue, "record { receipt(wait: WITNESSED) }").await;
        assert!(issued["record"]["receipt"].as_str().unwrap().starts_with("c2sp.org/tlog-proof@v1\n"));
        let seen = tess.must("{ log { witnessedCheckpoint witnesses { name size at verifierKey } } }", json!({})).await;
        assert_eq!(seen["log"], json!({ "witnessedCheckpoint": null, "witnesses": [] }));
        assert_eq!(app.anonymous().get("/log/checkpoint?witnessed").await.status, 404);
        let ledger = app.anonymous().get("/ledger").await;
        assert!(ledger.text.contains("saima verify receipt.tlog-proof"), "{}", ledger.text);
    }
}
