//! A whole race through the API alone: ten people, from the first token to the last receipt.

use market::{PersonKind, Role};
use serde_json::{Value, json};
use tests::{HttpAsker, PASSWORD, TestApp, both, root_of};
use time::Duration;

/// Brings in somebody by the admin's hand; answers their id.
async fn add(root: &HttpAsker, handle: &str, roles: &[&str]) -> Value {
    let input = json!({
        "email": format!("{handle}@dawn.example"), "handle": handle, "name": handle.to_uppercase(),
        "password": PASSWORD, "kind": "MEMBER", "roles": roles,
    });
    root.mutate("addPerson", input, "person { id }").await["person"]["id"].clone()
}

async fn signed_in(app: &TestApp, handle: &str) -> HttpAsker {
    let mut asker = app.anonymous();
    asker.sign_in_to_api(handle).await;
    asker
}

async fn submit(who: &HttpAsker, entry: &Value, body: &str) -> Value {
    let input = json!({
        "entry": entry, "body": body, "idempotencyKey": format!("submit-{}", body.replace(' ', "-")), "links": ["https://example.org/demo"],
        "files": [{ "name": "result.csv", "mediaType": "text/csv", "contentBase64": "YSxiCjEsMgo=" }],
    });
    who.mutate(
        "submitWork",
        input,
        "submission { id version digest content { body files { name size url } } }",
    )
    .await["submission"]
        .clone()
}

async fn balance(who: &HttpAsker) -> String {
    who.must("{ viewer { wallet { balance } } }", json!({})).await["viewer"]["wallet"]["balance"]
        .as_str()
        .unwrap()
        .to_owned()
}

both! {
    async fn a_race_of_ten_people_is_run_through_the_api_alone(app: &TestApp) {
        app.world.bring("root", PersonKind::Member, &[Role::Admin]).await;
        let root = signed_in(app, "root").await;
        add(&root, "tess", &["TREASURER"]).await;
        let mia_id = add(&root, "mia", &["MANAGER"]).await;
        let olga_id = add(&root, "olga", &[]).await;
        let (jan_id, joy_id) = (add(&root, "jan", &[]).await, add(&root, "joy", &[]).await);
        let (ada_id, ben_id) = (add(&root, "ada", &[]).await, add(&root, "ben", &[]).await);
        add(&root, "cid", &[]).await;
        let otto_input =
            json!({ "email": "otto@dawn.example", "handle": "otto", "name": "Otto", "password": PASSWORD });
        app.anonymous().mutate("signUp", otto_input, "accepted").await;
        let (tess, mia, jan) =
            (signed_in(app, "tess").await, signed_in(app, "mia").await, signed_in(app, "jan").await);
        let (ada, ben, cid, otto) = (
            signed_in(app, "ada").await,
            signed_in(app, "ben").await,
            signed_in(app, "cid").await,
            signed_in(app, "otto").await,
        );

        // Tokens: issued, and given to a programme that mia may draw on.
        tess.mutate(
            "issueTokens",
            json!({ "amount": "5000", "reason": "The first year.", "idempotencyKey": "i1" }),
            "treasury { issued }",
        )
        .await;
        let programme = json!({ "slug": "parsers", "name": "Parsers", "purpose": "Faster tools.", "owner": olga_id, "idempotencyKey": "p1" });
        let programme =
            tess.mutate("createProgramme", programme, "programme { id }").await["programme"]["id"].clone();
        tess.mutate(
            "grantProgramme",
            json!({ "programme": programme, "manager": mia_id }),
            "programme { managers { handle } }",
        )
        .await;
        let allocate = json!({ "to": programme, "amount": "3000.00", "reason": "The first races.", "idempotencyKey": "a1" });
        tess.mutate("allocateTokens", allocate, "treasury { programmes }").await;

        // The task, its rules, and its opening.
        let task = json!({
            "title": "更快的解析器 · a faster parser", "brief": "Twice as **fast**.", "criteria": "All tests pass.",
            "visibility": "OPEN", "source": programme, "bounty": "1000", "closesAt": "2026-12-01T08:00:00Z",
            "rules": { "plan": { "rankedShares": [6000, 2500, 1500] }, "judges": [jan_id, joy_id], "mark": "50" },
            "idempotencyKey": "t1",
        });
        let task = mia
            .mutate("createTask", task, "task { id state prospects(entries: 3) { placed prizes refund } }")
            .await["task"]
            .clone();
        assert_eq!(task["state"], "DRAFT");
        assert_eq!(task["prospects"][1]["prizes"], json!(["600.00", "250.00"]));
        assert_eq!(task["prospects"][1]["refund"], "150.00");
        let task = task["id"].clone();
        let open = mia
            .mutate(
                "publishTask",
                json!({ "task": task, "idempotencyKey": "o1" }),
                "task { state escrow rulesDigest }",
            )
            .await["task"]
            .clone();
        assert_eq!((open["state"].as_str(), open["escrow"].as_str()), (Some("OPEN"), Some("1000.00")));

        // Three lanes: a pair, one alone, and one from outside.
        let crew = json!([{ "person": ada_id, "share": 6000 }, { "person": ben_id, "share": 4000 }]);
        let pair = json!({ "task": task, "name": "The Pair", "crew": crew, "idempotencyKey": "e1" });
        let pair = ada.mutate("enterRace", pair, "entry { id state }").await["entry"].clone();
        assert_eq!(pair["state"], "FORMING");
        let waiting = ben.must("{ viewer { myWork { kind entry { id } } } }", json!({})).await;
        assert_eq!(waiting["viewer"]["myWork"][0]["kind"], "AGREE_TO_CREW");
        let pair = pair["id"].clone();
        let shown = ben.must("query ($i: ID!) { node(id: $i) { ... on Entry { proposal } } }", json!({ "i": pair })).await;
        let unseen = json!({ "entry": pair, "proposal": "another", "idempotencyKey": "g0" });
        assert_eq!(ben.refused("agreeToCrew", unseen).await, ["proposal PROPOSAL_CHANGED"]);
        let seen = json!({ "entry": pair, "proposal": shown["node"]["proposal"], "idempotencyKey": "g1" });
        let agreed = ben
            .mutate("agreeToCrew", seen, "entry { state }")
            .await;
        assert_eq!(agreed["entry"]["state"], "RUNNING");
        let alone = cid
            .mutate("enterRace", json!({ "task": task, "idempotencyKey": "e2" }), "entry { id }")
            .await["entry"]["id"]
            .clone();
        let outside = otto
            .mutate("enterRace", json!({ "task": task, "idempotencyKey": "e3" }), "entry { id }")
            .await["entry"]["id"]
            .clone();

        // Work, sealed to the others while the clock runs.
        for (who, entry, body) in [
            (&ada, &pair, "pair one"),
            (&ben, &pair, "pair two"),
            (&cid, &alone, "alone"),
            (&otto, &outside, "outside"),
        ] {
            let submission = submit(who, entry, body).await;
            assert_eq!(submission["content"]["body"], body);
        }
        let works = "query ($id: ID!) { node(id: $id) { ... on Entry { submissions { version digest content { body } } } } }";
        for other in [&cid, &jan, &mia, &tess] {
            let seen = other.must(works, json!({ "id": pair })).await["node"]["submissions"].clone();
            assert_eq!(seen.as_array().unwrap().len(), 2);
            assert!(
                seen.as_array()
                    .unwrap()
                    .iter()
                    .all(|one| one["content"].is_null() && one["digest"].is_string()),
                "{seen}"
            );
        }

        // The clock stops; jan rules; cid appeals; joy upholds; joy rules again.
        // Access tokens live for a quarter of an hour, so everybody signs in again.
        app.world.wait(Duration::days(10));
        let (jan, joy, cid) =
            (signed_in(app, "jan").await, signed_in(app, "joy").await, signed_in(app, "cid").await);
        let seen = jan.must(works, json!({ "id": pair })).await["node"]["submissions"].clone();
        assert!(seen.as_array().unwrap().iter().all(|one| !one["content"].is_null()), "{seen}");
        let line = |entry: &Value, place: Option<u32>, score: &str| json!({ "entry": entry, "place": place, "score": score, "reason": "Measured." });
        let first = json!({
            "task": task, "summary": "All measured.", "idempotencyKey": "r1",
            "lines": [line(&pair, Some(1), "91.5"), line(&outside, Some(2), "80"), line(&alone, None, "49.99")],
        });
        let ruled = jan
            .mutate(
                "ruleRace",
                first,
                "ruling { version refund lines { entry { id } award } } task { state appealsUntil }",
            )
            .await;
        assert_eq!(ruled["task"]["state"], "PROVISIONAL");
        let appeal =
            json!({ "entry": alone, "grounds": "Version two was not measured.", "idempotencyKey": "ap1" });
        let appeal = cid.mutate("appealRuling", appeal, "appeal { id }").await["appeal"]["id"].clone();
        let answer = json!({ "appeal": appeal, "uphold": true, "answer": "True.", "idempotencyKey": "an1" });
        joy.mutate("answerAppeal", answer, "appeal { verdict }").await;
        let second = json!({
            "task": task, "summary": "Measured again.", "idempotencyKey": "r2",
            "lines": [line(&pair, Some(1), "91.5"), line(&outside, Some(2), "80"), line(&alone, Some(2), "80")],
        });
        joy.mutate("ruleRace", second, "ruling { version }").await;

        // Silence; the clock pays. A dead heat for second shares 250 + 150.
        app.world.wait(Duration::days(3));
        app.tick().await;
        let (mia, ada, ben) =
            (signed_in(app, "mia").await, signed_in(app, "ada").await, signed_in(app, "ben").await);
        let (cid, otto) = (signed_in(app, "cid").await, signed_in(app, "otto").await);
        let settled = mia.must(
            "query ($id: ID!) { node(id: $id) { ... on Task { state escrow payouts { lines { amount refund to { __typename } } record { id index } } } } }",
            json!({ "id": task }),
        ).await["node"].clone();
        assert_eq!((settled["state"].as_str(), settled["escrow"].as_str()), (Some("SETTLED"), Some("0.00")));
        let balances = [balance(&ada).await, balance(&ben).await, balance(&cid).await, balance(&otto).await];
        assert_eq!(balances, ["360.00", "240.00", "200.00", "200.00"]);

        // Each who was paid holds a receipt that verifies offline, and the log's root is what its bytes give.
        let key = app.verifier_key().await;
        for who in [&ada, &ben, &cid, &otto] {
            let lines = who.must("{ viewer { wallet { statement(first: 1) { nodes { amount kind record { receipt leafHash } } } } } }", json!({})).await;
            let line = lines["viewer"]["wallet"]["statement"]["nodes"][0].clone();
            assert_eq!(line["kind"], "PAYOUT");
            let open = ledger::Receipt::open(
                line["record"]["receipt"].as_str().unwrap(),
                std::slice::from_ref(&key),
            )
            .unwrap();
            let amount = app.world.tokens(line["amount"].as_str().unwrap());
            assert!(open.record.postings.iter().any(|posting| posting.amount == amount));
        }
        let log = ada.must("{ log { size root waiting verifierKey } }", json!({})).await["log"].clone();
        let records = all_records(&ada).await;
        assert_eq!(records.len(), usize::try_from(log["size"].as_u64().unwrap()).unwrap());
        assert_eq!(log["root"], hex::encode(root_of(&records)));
        assert_eq!(log["waiting"], 0);
        app.world.meet("tess").await;
    }
}

/// The bytes of every record in the order of the log, read page by page.
async fn all_records(asker: &HttpAsker) -> Vec<Vec<u8>> {
    use base64::Engine as _;
    let query = "query ($after: String) { records(first: 20, after: $after) { nodes { index bytes } pageInfo { hasNextPage endCursor } } }";
    let (mut all, mut after) = (Vec::new(), Value::Null);
    loop {
        let page = asker.must(query, json!({ "after": after })).await["records"].clone();
        for node in page["nodes"].as_array().unwrap() {
            let bytes =
                base64::engine::general_purpose::STANDARD.decode(node["bytes"].as_str().unwrap()).unwrap();
            all.push((node["index"].as_u64().unwrap(), bytes));
        }
        if page["pageInfo"]["hasNextPage"] == false {
            break;
        }
        after = page["pageInfo"]["endCursor"].clone();
    }
    all.sort();
    assert!(
        all.iter().map(|(index, _)| *index).eq(0..u64::try_from(all.len()).unwrap()),
        "no gap and no double"
    );
    all.into_iter().map(|(_, bytes)| bytes).collect()
}
