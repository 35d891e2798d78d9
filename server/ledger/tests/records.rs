//! Records: one encoding each, and nothing else is read.

use crate::common::{account, deposit};
use ciborium::Value;
use ledger::{
    Amount, AssetNo, Intent, Links, Posting, Record, RecordError, RecordId, RecordKind, Side,
    cbor::CborFault, record::MAX_POSTINGS,
};
use proptest::{collection::vec, option, prelude::*};

fn posting(holder: u8, side: Side, minor: u64) -> Posting {
    let amount = Amount::new(minor).unwrap();
    Posting {
        account: account(holder),
        asset: AssetNo(1),
        side,
        amount,
        seq: 1,
        debits: minor,
        credits: minor,
    }
}

fn transfer() -> Record {
    let postings = vec![posting(1, Side::Debit, 500), posting(2, Side::Credit, 500)];
    Record { kind: RecordKind::Transfer, postings, ..deposit(3) }
}

fn why(bytes: &[u8]) -> RecordError {
    Record::decode(bytes).unwrap_err()
}

#[test]
fn kinds_keep_their_numbers_and_words() {
    let words = "issue allocate fund payout refund transfer hold release retire reversal rules evidence key \
                 epoch anchor erasure";
    for (kind, (word, code)) in RecordKind::ALL.iter().zip(words.split_whitespace().zip(1..)) {
        assert_eq!((kind.as_str(), kind.code()), (word, code));
        assert_eq!((word.parse(), RecordKind::from_code(code.into())), (Ok(*kind), Some(*kind)));
        assert_eq!(kind.moves_money(), code <= 10);
    }
    assert_eq!(RecordKind::ALL.len(), 16);
    assert_eq!((RecordKind::from_code(0), RecordKind::from_code(17)), (None, None));
}

#[test]
fn a_record_that_does_not_balance_is_neither_written_nor_read() {
    let mut record = transfer();
    record.postings[1].amount = Amount::new(499).unwrap();
    assert!(matches!(record.encode(), Err(RecordError::Books(_))));
    let mut bytes = transfer().encode().unwrap();
    let at = bytes.windows(3).position(|w| w == [0x19, 0x01, 0xf4]).unwrap();
    bytes[at + 2] = 0xf3;
    assert!(matches!(why(&bytes), RecordError::Books(_)));
}

#[test]
fn a_record_longer_than_a_bundle_can_count_is_refused() {
    let mut record = deposit(1);
    record.kind = RecordKind::Payout;
    let long = |side, at: usize| Posting {
        asset: AssetNo(u32::MAX),
        seq: u64::MAX >> 1,
        debits: u64::MAX >> 1,
        credits: u64::MAX >> 1,
        ..posting((at % 251) as u8, side, u64::MAX >> 1)
    };
    let side = |at| if at % 2 == 0 { Side::Debit } else { Side::Credit };
    record.postings = (0..MAX_POSTINGS).map(|at| long(side(at), at)).collect();
    let bytes = record.encode().unwrap();
    assert_eq!(Record::decode(&bytes).unwrap(), record);
    record.commitments = vec![[0; 32]; 500];
    assert!(matches!(record.encode(), Err(RecordError::TooLong(_))));
    record.postings.push(long(Side::Debit, 0));
    assert!(matches!(record.encode(), Err(RecordError::Shape(_))));
    assert!(matches!(why(&vec![0xa0; 65_536]), RecordError::TooLong(65_536)));
}

#[test]
fn what_a_record_holds_fits_its_kind() {
    let refused = |record: &Record| matches!(record.encode(), Err(RecordError::Shape(_)));
    assert!(refused(&Record { kind: RecordKind::Rules, ..transfer() }));
    assert!(refused(&Record { postings: Vec::new(), ..transfer() }));
    assert!(refused(&Record { kind: RecordKind::Reversal, ..transfer() }));
    let named = Links { reversed: Some(RecordId([1; 16])), ..Links::default() };
    assert!(refused(&Record { links: named, ..transfer() }));
    assert!(refused(&Record { version: 2, ..transfer() }));
    assert!(refused(&Record { posted_at: 1 << 63, ..transfer() }));
    let reversal = Record { kind: RecordKind::Reversal, links: named, ..transfer() };
    assert_eq!(Record::decode(&reversal.encode().unwrap()), Ok(reversal));
}

#[test]
fn a_posting_that_no_history_leads_to_is_refused() {
    let spoil: [fn(&mut Posting); 5] = [
        |p| p.seq = 0,
        |p| p.seq = 1 << 63,
        |p| p.debits = 499,
        |p| p.credits = 1 << 63,
        |p| p.amount = Amount::ZERO,
    ];
    for spoil in spoil {
        let mut record = transfer();
        spoil(&mut record.postings[0]);
        assert!(matches!(record.encode(), Err(RecordError::Shape(_))));
    }
}

#[test]
fn refusals_name_the_byte() {
    let bytes = deposit(1).encode().unwrap();
    let spoilt = |at: usize, byte: u8| {
        let mut bytes = bytes.clone();
        bytes[at] = byte;
        why(&bytes)
    };
    let at = |error: &RecordError| match error {
        RecordError::Cbor(error) => Some(error.offset),
        RecordError::Field { offset, .. } => Some(*offset),
        _ => None,
    };
    // a6 00 01 01 0c 02 50 …
    assert_eq!(bytes[..7], [0xa6, 0x00, 0x01, 0x01, 0x0c, 0x02, 0x50]);
    assert_eq!(at(&spoilt(0, 0xbf)), Some(0));
    assert_eq!(at(&spoilt(2, 2)), Some(2), "unknown version");
    assert_eq!(at(&spoilt(3, 0)), Some(3), "key twice");
    assert_eq!(at(&spoilt(4, 17)), Some(4), "unknown kind");
    assert_eq!(at(&spoilt(5, 12)), Some(5), "unknown key");
    assert_eq!(at(&spoilt(6, 0x70)), Some(6), "text in place of bytes");
    assert!(
        matches!(spoilt(6, 0x4f), RecordError::Cbor(e) if e.offset == 6 && e.fault == CborFault::Length(16))
    );
    assert!(spoilt(2, 2).to_string().starts_with("byte 2: "));
}

#[test]
fn cut_off_and_drawn_out_bytes_are_refused() {
    let bytes = transfer().encode().unwrap();
    for len in 0..bytes.len() {
        assert!(Record::decode(&bytes[..len]).is_err(), "{len} bytes");
    }
    let longer = [bytes.as_slice(), &[0]].concat();
    assert!(
        matches!(why(&longer), RecordError::Cbor(e) if e.fault == CborFault::Trailing && e.offset == bytes.len())
    );
}

#[test]
fn an_empty_list_must_be_left_out() {
    let mut fields = as_fields(&deposit(1).encode().unwrap());
    fields.insert(4, (Value::from(4), Value::Array(Vec::new())));
    let mut bytes = Vec::new();
    ciborium::into_writer(&Value::Map(fields), &mut bytes).unwrap();
    assert!(matches!(why(&bytes), RecordError::Field { .. }));
}

#[test]
fn other_kinds_of_values_are_refused_wherever_they_are() {
    let others = [
        Value::from(-1),
        Value::Float(1.0),
        Value::Null,
        Value::Bool(true),
        Value::Tag(1, Box::new(Value::from(1))),
        Value::Text("x".into()),
        Value::Map(Vec::new()),
    ];
    let fields = as_fields(&transfer().encode().unwrap());
    for at in 0..fields.len() {
        for other in &others {
            let mut fields = fields.clone();
            fields[at].1 = other.clone();
            let mut bytes = Vec::new();
            ciborium::into_writer(&Value::Map(fields), &mut bytes).unwrap();
            assert!(Record::decode(&bytes).is_err(), "field {at} as {other:?}");
        }
    }
}

fn as_fields(bytes: &[u8]) -> Vec<(Value, Value)> {
    ciborium::from_reader::<Value, _>(bytes).unwrap().into_map().unwrap()
}

/// Pairs of postings that balance.
fn postings() -> impl Strategy<Value = Vec<Posting>> {
    let max = u64::MAX >> 1;
    let side = (any::<[u8; 16]>(), 1..=max, 0..=max, 0..=max);
    let pair = (side.clone(), side, any::<u32>(), 1..=max).prop_map(move |(from, to, asset, minor)| {
        [(from, Side::Debit), (to, Side::Credit)].map(|((account, seq, debits, credits), side)| {
            let (debits, credits) = (debits.max(minor), credits.max(minor));
            let amount = Amount::new(minor).unwrap();
            let account = ledger::AccountId(account);
            Posting { account, asset: AssetNo(asset), side, amount, seq, debits, credits }
        })
    });
    vec(pair, 1..6).prop_map(|pairs| pairs.concat())
}

prop_compose! {
    fn intents()(key_id: [u8; 8], algorithm: u8, hash: [u8; 32], half: [u8; 32]) -> Intent {
        let mut signature = [0; 64];
        signature[32..].copy_from_slice(&half);
        Intent { key_id, algorithm, hash, signature }
    }
}

prop_compose! {
    fn records()(
        kind in proptest::sample::select(RecordKind::ALL),
        id: [u8; 16],
        posted_at in 0..=u64::MAX >> 1,
        postings in postings(),
        intent in option::of(intents()),
        commitments in vec(any::<[u8; 32]>(), 0..4),
        nonce: [u8; 16],
        subject: Option<[u8; 16]>,
        reversed: [u8; 16],
        batch: Option<[u8; 16]>,
        effective_at in option::of(0..=u64::MAX >> 1),
    ) -> Record {
        let reversed = (kind == RecordKind::Reversal).then_some(RecordId(reversed));
        let links = Links { subject, reversed, batch, effective_at };
        let postings = if kind.moves_money() { postings } else { Vec::new() };
        Record { version: 1, kind, id: RecordId(id), posted_at, postings, intent, commitments, nonce, links }
    }
}

proptest! {
    #[test]
    fn what_is_encoded_decodes_to_the_same_record(record in records()) {
        let bytes = record.encode().unwrap();
        prop_assert_eq!(Record::decode(&bytes).unwrap(), record);
    }

    #[test]
    fn another_cbor_library_reads_the_same_and_writes_the_same_bytes(record in records()) {
        let bytes = record.encode().unwrap();
        let value: Value = ciborium::from_reader(bytes.as_slice()).unwrap();
        let mut again = Vec::new();
        ciborium::into_writer(&value, &mut again).unwrap();
        prop_assert_eq!(&again, &bytes);
        let fields = value.into_map().unwrap();
        prop_assert_eq!(&fields[2].1, &Value::Bytes(record.id.0.to_vec()));
        prop_assert_eq!(&fields[3].1, &Value::from(record.posted_at));
    }

    #[test]
    fn changed_bytes_are_refused_or_are_another_record_s_only_encoding(
        record in records(), at: proptest::sample::Index, byte: u8, cut: bool,
    ) {
        let mut bytes = record.encode().unwrap();
        let at = at.index(bytes.len());
        if cut {
            bytes.remove(at);
        } else {
            bytes[at] = byte;
        }
        if let Ok(other) = Record::decode(&bytes) {
            prop_assert_eq!(other.encode().unwrap(), bytes);
        }
    }

    #[test]
    fn no_bytes_make_the_reader_panic(bytes in vec(any::<u8>(), 0..200)) {
        if let Ok(record) = Record::decode(&bytes) {
            prop_assert_eq!(record.encode().unwrap(), bytes);
        }
    }

    #[test]
    fn fields_in_another_order_are_refused(record in records(), a: proptest::sample::Index, b: proptest::sample::Index) {
        let bytes = record.encode().unwrap();
        let mut fields = as_fields(&bytes);
        let (a, b) = (a.index(fields.len()), b.index(fields.len()));
        fields.swap(a, b);
        let mut swapped = Vec::new();
        ciborium::into_writer(&Value::Map(fields), &mut swapped).unwrap();
        prop_assert_eq!(Record::decode(&swapped).is_ok(), a == b);
    }
}
