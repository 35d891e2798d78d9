//! People's own keys: what is signed is what is done, once, by whose key it is, while it holds.

use ed25519_dalek::SigningKey;
use ledger::intent::{self, Decision, Value};
use ledger::{Receipt, RecordKind};
use market::books::RecordView;
use market::signing::{EnrolKey, IntentView, RevokeKey, audit_intents};
use market::submission::{FileDigest, FileInput, SubmitInput};
use market::wallet::TransferTokens;
use market::{IdempotencyKey, KeyId, RecordId, Result, Role, SignedIntent, WalletOwner};
use market::{PersonKind, Refusal};
use tests::{Start, World, both, problem_codes};
use time::Duration;

fn once(name: &str) -> IdempotencyKey {
    IdempotencyKey::parse(name).unwrap()
}

pub(crate) fn key(number: u8) -> SigningKey {
    SigningKey::from_bytes(&[number; 32])
}

fn public(key: &SigningKey) -> [u8; 32] {
    key.verifying_key().to_bytes()
}

pub(crate) fn id_of(key: &SigningKey) -> KeyId {
    KeyId(intent::key_id(&public(key)))
}

/// Signs what the market handed out, as a browser or the command line does.
pub(crate) fn sign(key: &SigningKey, intent: &IntentView) -> SignedIntent {
    use ed25519_dalek::Signer as _;
    SignedIntent { bytes: intent.bytes.clone(), signature: key.sign(&intent.message).to_bytes().to_vec() }
}

pub(crate) async fn enrol(world: &World, who: &str, key: &SigningKey) -> RecordId {
    let command = EnrolKey { public_key: public(key), label: "a laptop".to_owned() };
    let asker = world.actor(who).await;
    let intent = world.market.intent(&asker, public(key), command.clone()).await.unwrap();
    let signed = sign(key, &intent);
    let name = once(&format!("enrol-{}", id_of(key)));
    world.market.run_signed(&asker, name, command, Some(signed)).await.unwrap()
}

async fn transfer(world: &World, from: &str, to: &str, amount: &str) -> TransferTokens {
    TransferTokens {
        from: WalletOwner::Person(world.person(from).await),
        to: WalletOwner::Person(world.person(to).await),
        amount: world.tokens(amount),
        memo: "for the coffee".to_owned(),
    }
}

pub(crate) async fn send(
    world: &World,
    who: &str,
    name: &str,
    command: TransferTokens,
    signed: SignedIntent,
) -> Result<RecordId> {
    world.market.run_signed(&world.actor(who).await, once(name), command, Some(signed)).await
}

/// A transfer of one token from ada to ben, proposed to be signed with `key`.
pub(crate) async fn proposed(world: &World, key: &SigningKey) -> (TransferTokens, IntentView) {
    let command = transfer(world, "ada", "ben", "1").await;
    let asker = world.actor("ada").await;
    let intent = world.market.intent(&asker, public(key), command.clone()).await.unwrap();
    (command, intent)
}

fn codes<T: std::fmt::Debug>(outcome: Result<T>) -> Vec<String> {
    problem_codes(&outcome.unwrap_err())
}

async fn record(world: &World, who: &str, id: RecordId) -> RecordView {
    world.market.record(&world.actor(who).await, id).await.unwrap()
}

both! {
    async fn what_was_signed_is_done_and_stands_in_the_record(world: &World) {
        world.give_person("ada", "10").await;
        let key = key(1);
        enrol(world, "ada", &key).await;
        let (command, intent) = proposed(world, &key).await;
        assert_eq!(intent.decision.said("amount"), Some(&Value::Number(100)));
        let id = send(world, "ada", "a", command, sign(&key, &intent)).await.unwrap();
        assert_eq!(world.balance("ben").await, "1.00");

        let view = record(world, "ben", id).await;
        let signature = world.market.signature(&view).unwrap().expect("signed");
        assert_eq!(signature.key, id_of(&key));
        assert_eq!(signature.decision, Some(intent.decision.clone()));
        let known = world.market.keys_by_id(&world.actor("ben").await, &[signature.key]).await.unwrap();
        assert_eq!(known[&signature.key].person, world.person("ada").await);

        // The receipt alone shows it, offline.
        let text = world.market.receipt(&world.actor("ben").await, id).await.unwrap();
        let keys = [world.market.signer().unwrap().verifier_key().clone()];
        let open = Receipt::open(&text, &keys).unwrap();
        let bytes = &open.disclosures.iter().find(|text| text.label == intent::LABEL).unwrap().data;
        let origin = &open.checkpoint.checkpoint.origin;
        assert_eq!(intent::check(origin, &open.record, bytes), Ok(intent.decision));
        let stranger = record(world, "cleo", id).await;
        assert!(stranger.disclosures.is_empty(), "a member who has no part in it sees no texts");
        assert!(world.market.signature(&stranger).unwrap().unwrap().decision.is_none());
    }

    async fn what_only_the_server_attests_carries_no_signature(world: &World) {
        world.give_person("ada", "10").await;
        let command = transfer(world, "ada", "ben", "1").await;
        let id = world.market.run_signed(&world.actor("ada").await, once("a"), command, None).await.unwrap();
        let view = record(world, "ada", id).await;
        assert_eq!(world.market.signature(&view).unwrap(), None);
    }

    async fn a_key_is_enrolled_by_its_own_signature_only(world: &World) {
        let (mine, other) = (key(1), key(2));
        let command = EnrolKey { public_key: public(&mine), label: "a laptop".to_owned() };
        let unsigned = world.run("ada", command.clone()).await;
        assert_eq!(codes(unsigned), ["signature required"]);
        let asker = world.actor("ada").await;
        let intent = world.market.intent(&asker, public(&mine), command.clone()).await.unwrap();
        let outcome = |name: &str, signed| world.market.run_signed(&asker, once(name), command.clone(), Some(signed));
        assert_eq!(codes(outcome("a", sign(&other, &intent)).await), ["signature bad-intent"]);
        let by_other = world.market.intent(&asker, public(&other), command.clone()).await.unwrap();
        assert_eq!(codes(outcome("b", sign(&other, &by_other)).await), ["signature intent-differs"]);

        let record_id = enrol(world, "ada", &mine).await;
        let view = record(world, "ada", record_id).await;
        assert_eq!((view.kind, view.disclosures.len()), (RecordKind::Key, 2));
        assert!(world.market.signature(&view).unwrap().unwrap().decision.is_some(), "signed by the key itself");
        let keys = world.market.keys(&asker, world.person("ada").await).await.unwrap();
        assert_eq!((keys.len(), keys[0].id, keys[0].label.as_str()), (1, id_of(&mine), "a laptop"));

        let again = world.market.intent(&asker, public(&mine), command.clone()).await;
        assert_eq!(codes(again), ["key key-known"], "a key is enrolled once, by one person");
        let stolen = world.market.intent(&world.actor("ben").await, public(&mine), command.clone()).await;
        assert_eq!(codes(stolen), ["key key-known"]);
        let replayed = enrolled_by_another(world, &mine).await;
        assert_eq!(replayed, ["signature intent-differs"]);
    }

    async fn another_persons_key_or_an_unknown_one_signs_nothing(world: &World) {
        world.give_person("ada", "10").await;
        let (bens, unknown) = (key(1), key(2));
        enrol(world, "ben", &bens).await;
        for (name, key) in [("a", &bens), ("b", &unknown)] {
            let (command, intent) = proposed(world, key).await;
            let outcome = send(world, "ada", name, command, sign(key, &intent)).await;
            assert_eq!(codes(outcome), ["signature key-unusable"]);
        }
        assert_eq!(world.balance("ada").await, "10.00");
    }

    async fn a_signature_by_another_key_than_the_one_named_is_refused(world: &World) {
        world.give_person("ada", "10").await;
        let (one, two) = (key(1), key(2));
        enrol(world, "ada", &one).await;
        enrol(world, "ada", &two).await;
        let (command, intent) = proposed(world, &one).await;
        let outcome = send(world, "ada", "a", command.clone(), sign(&two, &intent)).await;
        assert_eq!(codes(outcome), ["signature bad-intent"]);
        let mut altered = sign(&one, &intent);
        altered.bytes[40] ^= 1;
        assert_eq!(codes(send(world, "ada", "b", command, altered).await), ["signature bad-intent"]);
    }

    async fn a_revoked_key_signs_nothing_more_and_what_it_signed_still_holds(world: &World) {
        world.give_person("ada", "10").await;
        let key = key(1);
        enrol(world, "ada", &key).await;
        let (command, intent) = proposed(world, &key).await;
        let id = send(world, "ada", "a", command, sign(&key, &intent)).await.unwrap();
        let (command, later) = proposed(world, &key).await;
        world.must("ada", RevokeKey { key: id_of(&key) }).await;
        let outcome = send(world, "ada", "b", command, sign(&key, &later)).await;
        assert_eq!(codes(outcome), ["signature key-unusable"]);
        assert_eq!(world.refused("ada", RevokeKey { key: id_of(&key) }).await, ["key key-revoked"]);
        let view = record(world, "ada", id).await;
        assert!(world.market.signature(&view).unwrap().unwrap().decision.is_some());
        world.market.seal_now().await.unwrap();
        let origin = world.market.settings().origin.clone();
        let report = audit_intents(world.market.store().reads(), &origin, 2).await.unwrap();
        assert_eq!((report.keys, report.checked, report.erased), (1, 2, 0));
    }

    async fn a_key_is_revoked_by_its_person_or_an_admin(world: &World) {
        world.bring("root", PersonKind::Member, &[Role::Admin]).await;
        let key = key(1);
        enrol(world, "ada", &key).await;
        let revoke = RevokeKey { key: id_of(&key) };
        assert_eq!(world.run("ben", revoke.clone()).await.unwrap_err(), Refusal::NotFound);
        let ada = world.person("ada").await;
        assert_eq!(world.market.keys(&world.actor("ben").await, ada).await.unwrap_err(), Refusal::NotFound);
        let id = world.must("root", revoke).await;
        let keys = world.market.keys(&world.actor("root").await, ada).await.unwrap();
        assert_eq!(keys[0].revoked_by, Some(id));
        let nobody = RevokeKey { key: KeyId([0; 8]) };
        assert_eq!(world.run("root", nobody).await.unwrap_err(), Refusal::NotFound);
    }

    async fn what_was_signed_is_good_once(world: &World) {
        world.give_person("ada", "10").await;
        let key = key(1);
        enrol(world, "ada", &key).await;
        let (command, intent) = proposed(world, &key).await;
        let signed = sign(&key, &intent);
        let first = send(world, "ada", "a", command.clone(), signed.clone()).await.unwrap();
        let same = send(world, "ada", "a", command.clone(), signed.clone()).await.unwrap();
        assert_eq!(first, same, "the same command again is answered again");
        let replay = send(world, "ada", "b", command, signed).await;
        assert_eq!(codes(replay), ["signature intent-used"]);
        assert_eq!(world.balance("ben").await, "1.00");
    }

    async fn what_was_signed_long_ago_is_refused(world: &World) {
        world.give_person("ada", "10").await;
        let key = key(1);
        enrol(world, "ada", &key).await;
        let (command, intent) = proposed(world, &key).await;
        world.wait(Duration::minutes(16));
        let outcome = send(world, "ada", "a", command, sign(&key, &intent)).await;
        assert_eq!(codes(outcome), ["signature intent-expired"]);
    }

    async fn a_command_that_differs_from_what_was_signed_is_refused(world: &World) {
        world.give_person("ada", "10").await;
        world.person("cleo").await;
        let key = key(1);
        enrol(world, "ada", &key).await;
        let (command, intent) = proposed(world, &key).await;
        let more = TransferTokens { amount: world.tokens("2"), ..command.clone() };
        let elsewhere = TransferTokens { to: WalletOwner::Person(world.person("cleo").await), ..command.clone() };
        let reworded = TransferTokens { memo: "for the tea".to_owned(), ..command.clone() };
        for (name, other) in [("a", more), ("b", elsewhere), ("c", reworded)] {
            let outcome = send(world, "ada", name, other, sign(&key, &intent)).await;
            assert_eq!(codes(outcome), ["signature intent-differs"], "{name}");
        }
        // Signed for another act, or as somebody else.
        for odd in [
            Decision { act: "ruleRace".to_owned(), ..intent.decision.clone() },
            Decision { who: world.person("ben").await.0.into_bytes(), ..intent.decision.clone() },
        ] {
            let bytes = odd.encode();
            let signature = intent::sign(&key, &world.market.settings().origin, &bytes).to_vec();
            let outcome = send(world, "ada", "d", command.clone(), SignedIntent { bytes, signature }).await;
            assert_eq!(codes(outcome), ["signature intent-differs"]);
        }
        // For another ledger.
        let signature = intent::sign(&key, "dawn.example/other", &intent.bytes).to_vec();
        let outcome = send(world, "ada", "e", command, SignedIntent { bytes: intent.bytes, signature }).await;
        assert_eq!(codes(outcome), ["signature bad-intent"]);
        assert_eq!(world.balance("ada").await, "10.00");
    }

    async fn a_client_may_build_the_bytes_itself(world: &World) {
        world.give_person("ada", "10").await;
        let key = key(1);
        enrol(world, "ada", &key).await;
        let (command, intent) = proposed(world, &key).await;
        let own = Decision { nonce: [77; 16], not_after: intent.decision.not_after - 1, ..intent.decision };
        let bytes = own.encode();
        let signature = intent::sign(&key, &world.market.settings().origin, &bytes).to_vec();
        send(world, "ada", "a", command, SignedIntent { bytes, signature }).await.unwrap();
        assert_eq!(world.balance("ben").await, "1.00");
    }

    async fn a_signed_ruling_says_the_awards_and_stands_behind_the_payout(world: &World) {
        let race = world.race(Start::default()).await;
        let (red, blue) = (race.run("ada").await, race.run("ben").await);
        let key = key(1);
        enrol(world, race.poster, &key).await;
        race.close().await;
        let ruling = race.ruling(&[(red, Some(1), None), (blue, Some(2), None)]);
        let poster = race.as_poster().await;
        let intent = world.market.intent(&poster, public(&key), ruling.clone()).await.unwrap();
        let Some(Value::List(lines)) = intent.decision.says.get(2).map(|(_, value)| value) else { panic!("lines") };
        let awards: Vec<_> = lines.iter().map(|line| match line {
            Value::List(parts) => parts[3].clone(),
            other => panic!("{other:?}"),
        }).collect();
        let signed = sign(&key, &intent);
        world.market.run_signed(&poster, once("a"), ruling, Some(signed)).await.unwrap();
        race.settle().await;

        let payouts = race.payouts().await;
        let lines = payouts.iter().flat_map(|payout| &payout.lines);
        let paid: Vec<_> = lines.map(|line| Value::Number(line.amount.minor())).collect();
        for award in awards.iter().filter(|award| **award != Value::Number(0)) {
            assert!(paid.contains(award), "{award:?} was signed, {paid:?} was paid");
        }
        let ruled = race.rulings().await[0].record;
        for id in [ruled, payouts[0].record] {
            let view = record(world, "ada", id).await;
            let signature = world.market.signature(&view).unwrap().expect("signed");
            assert_eq!(signature.decision, Some(intent.decision.clone()));
        }
    }

    async fn a_signed_submission_is_what_was_handed_in_and_stays_sealed(world: &World) {
        let race = world.race(Start::default()).await;
        let entry = race.enter("ada").await;
        let key = key(1);
        enrol(world, "ada", &key).await;
        let ada = world.actor("ada").await;
        let input = |body: &str, files| SubmitInput { entry, body: body.to_owned(), links: Vec::new(), files, evidence: Vec::new() };
        let bytes = b"measured ten times".to_vec();
        let digest = FileDigest { name: "a.txt".to_owned(), size: 18, sha256: sha256(&bytes) };
        let file = |bytes| vec![FileInput { name: "a.txt".to_owned(), media_type: "text/plain".to_owned(), bytes }];
        let proposal = input("Our work.", Vec::new());
        let intent = world.market.submission_intent(&ada, public(&key), proposal, vec![digest]).await.unwrap();
        let signed = sign(&key, &intent);
        let swapped = input("Our work.", file(b"measured nine times".to_vec()));
        let outcome = world.market.submit_signed_work(&ada, once("a"), swapped, Some(signed.clone())).await;
        assert_eq!(codes(outcome), ["signature intent-differs"]);
        let whole = input("Our work.", file(bytes));
        let id = world.market.submit_signed_work(&ada, once("b"), whole, Some(signed)).await.unwrap();

        let posted = world.market.submission(&ada, id).await.unwrap().record;
        let mine = world.market.signature(&record(world, "ada", posted).await).unwrap().unwrap();
        assert!(mine.decision.is_some());
        let rival = record(world, "ben", posted).await;
        assert!(rival.disclosures.is_empty(), "what was signed is as sealed as the work");
    }

    async fn only_twenty_keys_hold_at_once(world: &World) {
        for number in 1..=20 {
            enrol(world, "ada", &key(number)).await;
        }
        let one_more = EnrolKey { public_key: public(&key(21)), label: "one more".to_owned() };
        let outcome = world.market.intent(&world.actor("ada").await, public(&key(21)), one_more).await;
        assert_eq!(codes(outcome), ["key too-many-items"]);
        world.must("ada", RevokeKey { key: id_of(&key(3)) }).await;
        enrol(world, "ada", &key(21)).await;
    }
}

/// Ben sends what ada signed to enrol her key.
async fn enrolled_by_another(world: &World, key: &SigningKey) -> Vec<String> {
    let decision = Decision {
        act: intent::ENROL.to_owned(),
        who: world.person("ada").await.0.into_bytes(),
        key: public(key),
        not_after: u64::MAX,
        nonce: [1; 16],
        says: vec![("label".to_owned(), Value::Text("a laptop".to_owned()))],
    };
    let bytes = decision.encode();
    let signature = intent::sign(key, &world.market.settings().origin, &bytes).to_vec();
    let command = EnrolKey { public_key: public(key), label: "a laptop".to_owned() };
    let signed = SignedIntent { bytes, signature };
    codes(world.market.run_signed(&world.actor("ben").await, once("z"), command, Some(signed)).await)
}

fn sha256(bytes: &[u8]) -> [u8; 32] {
    use sha2::Digest as _;
    sha2::Sha256::digest(bytes).into()
}
