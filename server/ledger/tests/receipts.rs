//! Receipts: one file that proves a record, and nothing that was touched since.

use crate::common::{Books, Log, ORIGIN, deposit, keys, log_signer, witness};
use ed25519_dalek::SigningKey;
use ledger::{
    Checkpoint, Disclosure, NoteSigner, OpenReceipt, Receipt, ReceiptError, Record, RecordKind,
    TlogProofError, commit, tile,
};

const SALT: [u8; 32] = [42; 32];
const MEMO: &[u8] = b"Thanks for the release work";

fn record() -> Record {
    let mut books = Books::default();
    let mut record = books.post(RecordKind::Issue, Books::MINT, 1, 500);
    record.commitments = vec![[1; 32], commit("memo", &SALT, MEMO)];
    record
}

/// A receipt for the record at place 5 of 9.
fn receipt() -> Receipt {
    let mut records: Vec<Vec<u8>> = (0..9).map(|id| deposit(id).encode().unwrap()).collect();
    records[5] = record().encode().unwrap();
    let log = Log::of(&records);
    let memo = Disclosure { label: "memo".into(), salt: SALT, data: MEMO.to_vec() };
    Receipt {
        record: records.swap_remove(5),
        disclosures: vec![memo],
        index: 5,
        proof: tile::inclusion_proof(5, 9, &log.tiles).unwrap(),
        checkpoint: log.checkpoint(),
    }
}

/// What a reader takes away from a receipt.
fn content(open: &OpenReceipt) -> (&Record, &[Disclosure], u64, &Checkpoint) {
    (&open.record, &open.disclosures, open.index, &open.checkpoint.checkpoint)
}

#[test]
fn a_receipt_opens_from_its_text_alone() {
    let receipt = receipt();
    let text = receipt.to_string();
    assert_eq!(text.parse::<Receipt>().unwrap(), receipt);
    let open = Receipt::open(&text, &keys()).unwrap();
    assert_eq!(open.record, record());
    assert_eq!(open.disclosures[0].data, MEMO);
    assert_eq!((open.index, open.checkpoint.checkpoint.size), (5, 9));
    assert_eq!(open.checkpoint.verified.len(), 2);
}

#[test]
fn a_receipt_without_disclosures_leaves_the_list_out() {
    let receipt = Receipt { disclosures: Vec::new(), ..receipt() };
    let open = Receipt::open(&receipt.to_string(), &keys()).unwrap();
    assert!(open.disclosures.is_empty());
}

#[test]
fn a_text_that_the_record_does_not_commit_to_is_refused() {
    let change: [fn(&mut Disclosure); 3] =
        [|d| d.label = "note".into(), |d| d.salt[0] ^= 1, |d| d.data.push(b'!')];
    for change in change {
        let mut receipt = receipt();
        change(&mut receipt.disclosures[0]);
        let refused = Receipt::open(&receipt.to_string(), &keys());
        assert!(matches!(refused, Err(ReceiptError::NotCommitted(_))), "{refused:?}");
    }
}

#[test]
fn another_record_or_place_is_refused() {
    let other = Receipt { record: deposit(1).encode().unwrap(), disclosures: Vec::new(), ..receipt() };
    assert!(matches!(other.verify(&keys()), Err(ReceiptError::Proof(TlogProofError::Proof(_)))));
    assert!(Receipt { index: 4, ..receipt() }.verify(&keys()).is_err());
    assert!(Receipt { index: 9, ..receipt() }.verify(&keys()).is_err());
}

#[test]
fn one_log_cannot_speak_for_another() {
    let evil = NoteSigner::new("evil.example", SigningKey::from_bytes(&[66; 32])).unwrap();
    let mut receipt = receipt();
    let checkpoint = Checkpoint::open(receipt.checkpoint.as_bytes(), &keys()).unwrap().checkpoint;
    assert_eq!(checkpoint.origin, ORIGIN);
    let mut note = checkpoint.sign(&evil).unwrap();
    note.signatures.push(witness().cosign(&checkpoint, 5));
    receipt.checkpoint = note.to_string();
    let known = [keys(), vec![evil.verifier_key().clone()]].concat();
    let refused = receipt.clone().verify(&known);
    assert_eq!(refused, Err(ReceiptError::Proof(TlogProofError::OtherLog(ORIGIN.into()))));
    assert!(receipt.verify(&keys()).is_err());
}

#[test]
fn leaves_that_are_not_records_make_no_receipt() {
    let log = Log::of(&[b"not a record".to_vec()]);
    let receipt = Receipt {
        record: b"not a record".to_vec(),
        disclosures: Vec::new(),
        index: 0,
        proof: Vec::new(),
        checkpoint: log.checkpoint(),
    };
    assert!(matches!(receipt.verify(&keys()), Err(ReceiptError::Record(_))));
}

#[test]
fn extra_data_has_one_spelling_only() {
    use base64::{Engine, engine::general_purpose::STANDARD};
    let text = Receipt { disclosures: Vec::new(), ..receipt() }.to_string();
    let with_extra = |extra: &[u8]| {
        let mut lines: Vec<String> = text.split('\n').map(str::to_owned).collect();
        lines[1] = format!("extra {}", STANDARD.encode(extra));
        lines.join("\n").parse::<Receipt>()
    };
    let record = record().encode().unwrap();
    let good = [&[0xa1, 0x00, 0x58, record.len() as u8][..], &record].concat();
    assert!(record.len() < 256 && with_extra(&good).is_ok());
    let field =
        |bytes: &[u8]| matches!(with_extra(bytes), Err(ReceiptError::Field { .. } | ReceiptError::Extra(_)));
    assert!(field(&[good.as_slice(), &[0]].concat()), "trailing byte");
    assert!(field(&[&[0xa2], &good[1..], &[0x01, 0x80]].concat()), "empty list");
    assert!(field(&[&[0xa2], &good[1..], &[0x02, 0x80]].concat()), "unknown key");
    assert!(field(&[&[0xa2], &good[1..], &good[1..]].concat()), "key twice");
    assert!(field(&[0xa0]), "no record");
    let without =
        text.lines().filter(|line| !line.starts_with("extra ")).fold(String::new(), |a, l| a + l + "\n");
    assert_eq!(without.parse::<Receipt>(), Err(ReceiptError::NoRecord));
}

#[test]
fn a_receipt_with_any_bit_flipped_is_refused_or_says_the_same() {
    let text = receipt().to_string();
    let keys = keys();
    let original = Receipt::open(&text, &keys).unwrap();
    for at in 0..text.len() {
        for bit in 0..8 {
            let mut bytes = text.clone().into_bytes();
            bytes[at] ^= 1 << bit;
            let Ok(flipped) = String::from_utf8(bytes) else { continue };
            if let Ok(open) = Receipt::open(&flipped, &keys) {
                assert_eq!(content(&open), content(&original), "bit {bit} of byte {at}");
                // All that can change is a witness's name or key id: then it is a stranger's signature.
                assert_eq!(open.checkpoint.verified, original.checkpoint.verified[..1]);
            }
        }
    }
}

/// Every bit of a receipt that its log alone signed counts. (The line of a witness may be broken: it is then one
/// by an unknown key, which the format says to ignore.)
#[test]
fn a_receipt_with_any_bit_turned_is_refused() {
    let keys = [log_signer().verifier_key().clone()];
    let signed: Checkpoint = {
        let open = Checkpoint::open(receipt().checkpoint.as_bytes(), &keys).unwrap();
        open.checkpoint
    };
    let checkpoint = signed.sign(&log_signer()).unwrap().to_string();
    let receipt = Receipt { checkpoint, ..receipt() }.to_string().into_bytes();
    let opens =
        |bytes: &[u8]| std::str::from_utf8(bytes).is_ok_and(|text| Receipt::open(text, &keys).is_ok());
    assert!(opens(&receipt));
    for place in 0..receipt.len() {
        for bit in 0..8 {
            let mut forged = receipt.clone();
            forged[place] ^= 1 << bit;
            assert!(!opens(&forged), "bit {bit} of byte {place}");
        }
    }
}
