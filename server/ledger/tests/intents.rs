//! Signed intents: one encoding, one log, one key, and records that do what they say.

use ed25519_dalek::SigningKey;
use ledger::intent::{self, Decision, IntentError, Value};
use ledger::{AccountId, Amount, AssetNo, Intent, Links, Posting, Record, RecordId, RecordKind, Side};
use proptest::prelude::*;

const ORIGIN: &str = "example.org/saima";

fn key() -> SigningKey {
    SigningKey::from_bytes(&[9; 32])
}

fn decision(act: &str, says: Vec<(String, Value)>) -> Decision {
    Decision {
        act: act.to_owned(),
        who: [1; 16],
        key: key().verifying_key().to_bytes(),
        not_after: 1_800_000_000_000_000,
        nonce: [2; 16],
        says,
    }
}

fn transfer(amount: u64) -> Decision {
    decision(
        intent::TRANSFER,
        vec![
            ("from".to_owned(), Value::Bytes(vec![3; 16])),
            ("to".to_owned(), Value::Bytes(vec![4; 16])),
            ("amount".to_owned(), Value::Number(amount)),
        ],
    )
}

fn record(amount: u64, intent: Option<Intent>) -> Record {
    let posting = |account, side, debits, credits| Posting {
        account: AccountId([account; 16]),
        asset: AssetNo(1),
        side,
        amount: Amount::new(amount).unwrap(),
        seq: 2,
        debits,
        credits,
    };
    Record {
        version: 1,
        kind: RecordKind::Transfer,
        id: RecordId([5; 16]),
        posted_at: 1_700_000_000_000_000,
        postings: vec![posting(3, Side::Debit, amount, amount), posting(4, Side::Credit, 0, amount)],
        intent,
        commitments: vec![],
        nonce: [6; 16],
        links: Links::default(),
    }
}

fn signed(decision: &Decision) -> (Vec<u8>, Intent) {
    let bytes = decision.encode();
    let signature = intent::sign(&key(), ORIGIN, &bytes);
    let (opened, intent) = intent::open(ORIGIN, &bytes, &signature).unwrap();
    assert_eq!(opened, *decision);
    (bytes, intent)
}

#[test]
fn the_message_and_the_name_of_a_key_are_what_is_documented() {
    assert_eq!(intent::message("a/b", &[0xa7, 0x00]), b"saima-intent/v1\na/b\n\xa7\x00");
    use sha2::{Digest as _, Sha256};
    let hash = Sha256::digest([b"saima-key/v1\0".as_slice(), &[7; 32]].concat());
    assert_eq!(intent::key_id(&[7; 32]), hash[..8]);
}

#[test]
fn the_bytes_of_a_decision_are_fixed_for_ever() {
    let hex = hex::encode(transfer(1_250).encode());
    let key = hex::encode(key().verifying_key().to_bytes());
    let expected = format!(
        "a70001016e7472616e73666572546f6b656e730250{}035820{key}041b00066517289880000550{}0683826466726f6d50{}8262746f50{}8266616d6f756e741904e2",
        "01".repeat(16),
        "02".repeat(16),
        "03".repeat(16),
        "04".repeat(16)
    );
    assert_eq!(hex, expected);
}

#[test]
fn a_record_that_moves_what_was_signed_holds_and_any_other_does_not() {
    let (bytes, intent) = signed(&transfer(1_250));
    assert_eq!(intent::check(ORIGIN, &record(1_250, Some(intent)), &bytes), Ok(transfer(1_250)));
    let more = intent::check(ORIGIN, &record(1_251, Some(intent)), &bytes);
    assert_eq!(more, Err(IntentError::Differs));
    let mut turned = record(1_250, Some(intent));
    turned.postings.reverse();
    assert_eq!(intent::check(ORIGIN, &turned, &bytes), Err(IntentError::Differs));
    let mut other = record(1_250, Some(intent));
    other.postings[1].account = AccountId([9; 16]);
    assert_eq!(intent::check(ORIGIN, &other, &bytes), Err(IntentError::Differs));
    assert_eq!(intent::check(ORIGIN, &record(1_250, None), &bytes), Err(IntentError::Unsigned));
}

#[test]
fn a_ruling_that_was_signed_is_about_its_task_only() {
    let (bytes, intent) = signed(&decision("ruleRace", vec![("task".to_owned(), Value::Bytes(vec![8; 16]))]));
    let about = |task: Option<[u8; 16]>| Record {
        kind: RecordKind::Evidence,
        postings: vec![],
        links: Links { subject: task, ..Links::default() },
        ..record(1, Some(intent))
    };
    assert!(intent::check(ORIGIN, &about(Some([8; 16])), &bytes).is_ok());
    assert_eq!(intent::check(ORIGIN, &about(Some([9; 16])), &bytes), Err(IntentError::Differs));
    assert_eq!(intent::check(ORIGIN, &about(None), &bytes), Err(IntentError::Differs));
}

#[test]
fn an_intent_for_one_log_is_no_good_for_another() {
    let (bytes, intent) = signed(&transfer(7));
    let elsewhere = intent::check("example.org/other", &record(7, Some(intent)), &bytes);
    assert_eq!(elsewhere, Err(IntentError::Hash));
    assert_eq!(intent::open("example.org/other", &bytes, &intent.signature), Err(IntentError::Signature));
}

#[test]
fn an_intent_outlives_the_epoch_of_the_log() {
    let (bytes, intent) = signed(&transfer(7));
    assert!(intent::check("example.org/saima/epoch-12", &record(7, Some(intent)), &bytes).is_ok());
    assert_eq!(intent::house("a/epoch-2"), "a");
    assert_eq!(intent::house("a/epoch-"), "a/epoch-");
    assert_eq!(intent::house("a/epoch-x"), "a/epoch-x");
}

#[test]
fn a_record_that_names_another_key_or_way_of_signing_is_refused() {
    let (bytes, intent) = signed(&transfer(7));
    let other = Intent { key_id: [0; 8], ..intent };
    assert_eq!(intent::check(ORIGIN, &record(7, Some(other)), &bytes), Err(IntentError::Key));
    let other = Intent { algorithm: 2, ..intent };
    assert_eq!(intent::check(ORIGIN, &record(7, Some(other)), &bytes), Err(IntentError::Algorithm));
}

#[test]
fn a_key_of_small_order_signs_nothing() {
    // The point of order 1 verifies a signature of zeros over anything, where that is let through.
    let mut identity = [0; 32];
    identity[0] = 1;
    let bytes = Decision { key: identity, ..transfer(7) }.encode();
    let mut signature = [0; 64];
    signature[0] = 1;
    assert_eq!(intent::open(ORIGIN, &bytes, &signature), Err(IntentError::Signature));
}

#[test]
fn a_list_within_lists_within_a_list_is_refused() {
    let deep = Value::List(vec![Value::List(vec![Value::List(vec![])])]);
    let bytes = decision("x", vec![("deep".to_owned(), deep)]).encode();
    assert!(matches!(Decision::decode(&bytes), Err(IntentError::Field { .. })));
    let many = Value::List(vec![Value::Number(0); intent::MAX_SAYS + 1]);
    let bytes = decision("x", vec![("many".to_owned(), many)]).encode();
    assert!(matches!(Decision::decode(&bytes), Err(IntentError::Field { .. })));
    assert!(matches!(Decision::decode(&vec![0; intent::MAX_BYTES + 1]), Err(IntentError::Field { .. })));
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        any::<u64>().prop_map(Value::Number),
        ".{0,12}".prop_map(Value::Text),
        prop::collection::vec(any::<u8>(), 0..40).prop_map(Value::Bytes),
    ];
    let list = prop::collection::vec(leaf.clone(), 0..4).prop_map(Value::List);
    prop_oneof![leaf, list.clone(), prop::collection::vec(list, 0..3).prop_map(Value::List)]
}

fn any_decision() -> impl Strategy<Value = Decision> {
    let says = prop::collection::vec((".{0,10}", value()), 0..6);
    (".{0,20}", any::<[u8; 16]>(), any::<u64>(), any::<[u8; 16]>(), says).prop_map(
        |(act, who, not_after, nonce, says)| Decision { act, who, not_after, nonce, ..decision("", says) },
    )
}

proptest! {
    #[test]
    fn what_encodes_decodes_to_itself(decision in any_decision()) {
        prop_assert_eq!(Decision::decode(&decision.encode()), Ok(decision));
    }

    #[test]
    fn whatever_decodes_encodes_to_the_same_bytes(decision in any_decision(), at in any::<prop::sample::Index>(), bit in 0_u8..8) {
        let mut bytes = decision.encode();
        let at = at.index(bytes.len());
        bytes[at] ^= 1 << bit;
        if let Ok(read) = Decision::decode(&bytes) {
            prop_assert_eq!(read.encode(), bytes);
        }
    }

    #[test]
    fn a_signature_holds_for_no_other_bytes(decision in any_decision(), at in any::<prop::sample::Index>(), bit in 0_u8..8) {
        let (mut bytes, intent) = signed(&decision);
        let at = at.index(bytes.len());
        bytes[at] ^= 1 << bit;
        prop_assert!(intent::open(ORIGIN, &bytes, &intent.signature).is_err());
    }

    #[test]
    fn reading_never_panics(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _read = Decision::decode(&bytes);
    }
}
