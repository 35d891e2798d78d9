//! Proofs as files and through the API: inclusion, consistency, and statements of accounts.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ledger::tree::{verify_consistency, verify_inclusion};
use ledger::{Hash, Statement, TlogProof, leaf_hash};
use market::wallet::{Destination, TransferTokens};
use market::{PersonKind, Role, WalletOwner};
use reqwest::Method;
use serde_json::{Value, json};
use tests::{Answer, HttpAsker, TestApp, both, root_of};

async fn plainly(asker: &HttpAsker, path: &str) -> Answer {
    Answer::of(asker.request(Method::GET, path)).await
}

fn hash(value: &Value) -> Hash {
    hex::decode(value.as_str().unwrap()).unwrap().try_into().unwrap()
}

fn hashes(value: &Value) -> Vec<Hash> {
    value.as_array().unwrap().iter().map(hash).collect()
}

/// A person's account as the API tells it.
async fn account(asker: &HttpAsker) -> String {
    let data = asker.must("{ viewer { wallet { account } } }", json!({})).await;
    data["viewer"]["wallet"]["account"].as_str().unwrap().to_owned()
}

both! {
    async fn every_record_is_proved_by_a_file_and_by_the_api(app: &TestApp) {
        app.world.grow_log(11).await;
        let ada = app.api("ada").await;
        let keys = [app.verifier_key().await];
        let records = app.world.all_records().await;
        for (index, record) in records.iter().enumerate() {
            let file = plainly(&ada, &format!("/log/proof/inclusion/{index}")).await;
            let proof: TlogProof = file.text.parse().unwrap();
            assert_eq!((proof.index, proof.extra.clone()), (index as u64, None));
            proof.verify(record, &keys).unwrap();
            assert!(proof.verify(b"another", &keys).is_err());
            assert!(file.header("content-disposition").contains(".tlog-proof"));
        }
        let query = "query ($index: Long!, $size: Long) { log { inclusion(index: $index, size: $size) { index size root hashes } } }";
        for size in 1..=records.len() {
            for index in 0..size {
                let data = ada.must(query, json!({ "index": index, "size": size })).await;
                let proof = &data["log"]["inclusion"];
                assert_eq!(hash(&proof["root"]), root_of(&records[..size]));
                let (index, size) = (index as u64, size as u64);
                let leaf = leaf_hash(&records[usize::try_from(index).unwrap()]);
                verify_inclusion(&leaf, index, size, &hashes(&proof["hashes"]), &hash(&proof["root"])).unwrap();
            }
        }
        let newest = ada.must(query, json!({ "index": 0 })).await;
        assert_eq!(newest["log"]["inclusion"]["size"], records.len());
        for (path, asker, status) in [
            (format!("/log/proof/inclusion/{}", records.len()), &ada, 404),
            ("/log/proof/inclusion/00".to_owned(), &ada, 404),
            ("/log/proof/inclusion/-1".to_owned(), &ada, 404),
            ("/log/proof/inclusion/0".to_owned(), &app.anonymous(), 401),
        ] {
            assert_eq!(plainly(asker, &path).await.status, status, "{path}");
        }
        assert_eq!(app.anonymous().denied(query, json!({ "index": 0 })).await, "UNAUTHENTICATED");
        assert_eq!(ada.denied(query, json!({ "index": records.len() })).await, "NOT_FOUND");
        for size in [3, records.len() + 1] {
            let answer = ada.graphql(query, json!({ "index": 3, "size": size })).await.json();
            assert!(answer["errors"][0]["message"].is_string(), "{answer}");
        }
    }

    async fn any_two_sizes_are_shown_to_be_one_log(app: &TestApp) {
        app.world.grow_log(9).await;
        let records = app.world.all_records().await;
        let asker = app.anonymous();
        for to in 0..=records.len() {
            for from in 0..=to {
                let file = plainly(&asker, &format!("/log/proof/consistency/{from}/{to}")).await;
                assert_eq!((file.status, file.header("content-type")), (200, "text/plain; charset=utf-8"));
                let lines = file.text.lines().map(|line| STANDARD.decode(line).unwrap().try_into().unwrap());
                let proof: Vec<Hash> = lines.collect();
                let (old, new) = (root_of(&records[..from]), root_of(&records[..to]));
                verify_consistency(from as u64, to as u64, &old, &new, &proof).unwrap();
            }
        }
        for path in ["5/4", "0/1000", "01/4", "1/", "a/b"] {
            assert_eq!(plainly(&asker, &format!("/log/proof/consistency/{path}")).await.status, 404, "{path}");
        }
    }

    async fn a_wallets_statement_proves_itself_to_who_has_the_key(app: &TestApp) {
        app.world.grow_log(12).await;
        let (ada, bob) = (app.world.person("ada").await, app.world.person("bob").await);
        let (from, to) = (WalletOwner::Person(ada), WalletOwner::Person(bob));
        let memo = "for the cable".to_owned();
        app.world.must("ada", TransferTokens { from, to, amount: app.world.tokens("2.50"), memo }).await;
        let keys = [app.verifier_key().await];
        let asker = app.api("ada").await;
        let account = account(&asker).await;
        let path = format!("/log/statement/{account}");
        let file = plainly(&asker, &path).await;
        let open = Statement::open(&file.text, &keys).unwrap();
        let wallet = app.world.market.wallet(&app.world.actor("ada").await, from).await.unwrap();
        assert_eq!((open.from, open.to, open.opening.balance()), (1, wallet.seq, 0));
        assert_eq!(open.closing.balance(), i128::from(wallet.balance.minor()));
        assert_eq!(open.account, wallet.account);
        assert_eq!(open.records.last().unwrap().disclosures[0].data, b"for the cable");
        assert_eq!(file.header("cache-control"), "private, no-cache");
        let name = format!("{account}-1-{}.saima-statement", wallet.seq);
        assert!(file.header("content-disposition").contains(&name), "{}", file.header("content-disposition"));

        let stretch = plainly(&asker, &format!("{path}?from=3&to=5")).await;
        let stretch = Statement::open(&stretch.text, &keys).unwrap();
        assert_eq!((stretch.from, stretch.to, stretch.lines().count()), (3, 5, 3));
        let query = "query ($account: String!) { log { statement(account: $account, from: 3, to: 5) } }";
        let data = asker.must(query, json!({ "account": account })).await;
        let same = Statement::open(data["log"]["statement"].as_str().unwrap(), &keys).unwrap();
        assert_eq!(same.records, stretch.records);

        for wrong in ["?from=0", "?from=99", "?to=99", "?from=4&to=3", "?from=x", "?to=-1", "?from=03"] {
            let answer = plainly(&asker, &format!("{path}{wrong}")).await;
            assert_eq!(answer.status, 409, "{wrong}: {}", answer.text);
        }
        assert_eq!(plainly(&asker, "/log/statement/nobody").await.status, 404);
        assert_eq!(plainly(&asker, &format!("/log/statement/{}", "0".repeat(32))).await.status, 404);
    }

    async fn a_statement_is_for_those_who_may_look_into_the_wallet(app: &TestApp) {
        app.world.outsider("olga").await;
        app.world.bring("aud", PersonKind::Member, &[Role::Auditor]).await;
        let unit = app.world.unit("red", "lena", &["uma"]).await;
        app.world.give(Destination::Unit(unit), "7").await;
        app.world.give_person("ada", "1").await;
        app.tick().await;
        let ada = app.api("ada").await;
        let own = account(&ada).await;
        let lena = app.world.actor("lena").await;
        let units = app.world.market.wallet(&lena, WalletOwner::Unit(unit)).await.unwrap().account.to_string();
        let mut olga = app.anonymous();
        olga.sign_in_to_api("olga").await;
        let uma = app.api("uma").await;
        let auditor = app.api("aud").await;
        for (who, asker, own_status, unit_status) in [
            ("visitor", &app.anonymous(), 404, 404),
            ("olga", &olga, 404, 404),
            ("ada", &ada, 200, 404),
            ("uma", &uma, 404, 200),
            ("auditor", &auditor, 200, 200),
        ] {
            assert_eq!(plainly(asker, &format!("/log/statement/{own}")).await.status, own_status, "{who}");
            assert_eq!(plainly(asker, &format!("/log/statement/{units}")).await.status, unit_status, "{who}");
        }
        let file = plainly(&uma, &format!("/log/statement/{units}")).await;
        let open = Statement::open(&file.text, &[app.verifier_key().await]).unwrap();
        assert_eq!((open.to, open.closing.balance()), (1, 700));
        assert_eq!(open.records[0].disclosures.len(), 0, "a member sees the lines, the lead the words");
    }

    async fn a_wallet_where_nothing_moved_has_no_statement(app: &TestApp) {
        let ada = app.api("ada").await;
        let path = format!("/log/statement/{}", account(&ada).await);
        assert_eq!(plainly(&ada, &path).await.status, 404);
    }
}
