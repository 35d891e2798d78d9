//! What must hold whatever bytes a parser is given: one function for each parser.
//!
//! Promises: the fuzz targets and the property tests of the ledger (`tests/parsers.rs`) run these very
//! functions. A parser never panics; what it accepts is written back the very same, where a format has one
//! spelling. Must never: need anything but the bytes.

use ledger::note::VerifierKey;
use ledger::policy::Policy;
use ledger::statement::Statement;
use ledger::tile::{TilePath, decode_entries, encode_entries};
use ledger::{AddCheckpoint, Checkpoint, Receipt, Record, SignedNote, TlogProof};

/// A parser with its name: the name of its fuzz target.
pub type Parser = (&'static str, fn(&[u8]));

/// Every parser.
pub const ALL: &[Parser] = &[
    ("record", record),
    ("note", note),
    ("checkpoint", checkpoint),
    ("proof", proof),
    ("receipt", receipt),
    ("add_checkpoint", add_checkpoint),
    ("policy", policy),
    ("vkey", vkey),
    ("tile_path", tile_path),
    ("entry_bundle", entry_bundle),
    ("statement", statement),
];

/// A record's canonical bytes.
pub fn record(data: &[u8]) {
    if let Ok(record) = Record::decode(data) {
        assert_eq!(record.encode().expect("what decodes encodes"), data);
    }
}

/// A signed note.
pub fn note(data: &[u8]) {
    if let Ok(note) = SignedNote::parse(data) {
        assert_eq!(note.to_string().as_bytes(), data);
        let _unknown = note.verify(&[]);
    }
}

/// The text of a checkpoint.
pub fn checkpoint(data: &[u8]) {
    if let Some(checkpoint) = parsed::<Checkpoint>(data) {
        assert_eq!(checkpoint.to_string().as_bytes(), data);
    }
}

/// A proof file.
pub fn proof(data: &[u8]) {
    if let Some(proof) = parsed::<TlogProof>(data) {
        assert_eq!(proof.to_string().as_bytes(), data);
        let _unsigned = proof.verify(b"record", &[]);
    }
}

/// A receipt.
pub fn receipt(data: &[u8]) {
    if let Some(receipt) = parsed::<Receipt>(data) {
        assert_eq!(receipt.to_string().as_bytes(), data);
        let _unsigned = receipt.verify(&[]);
    }
}

/// What a log asks a witness.
pub fn add_checkpoint(data: &[u8]) {
    if let Some(request) = parsed::<AddCheckpoint>(data) {
        assert_eq!(request.to_string().as_bytes(), data);
    }
}

/// A policy file; it has comments, so there are many spellings of one policy.
pub fn policy(data: &[u8]) {
    let once = Policy::parse(data);
    assert_eq!(once.is_ok(), Policy::parse(data).is_ok());
}

/// A verifier key.
pub fn vkey(data: &[u8]) {
    if let Some(key) = parsed::<VerifierKey>(data) {
        assert_eq!(key.to_string().as_bytes(), data);
    }
}

/// The path of a tile.
pub fn tile_path(data: &[u8]) {
    if let Some(path) = parsed::<TilePath>(data) {
        assert_eq!(path.to_string().as_bytes(), data);
    }
}

/// An entry bundle.
pub fn entry_bundle(data: &[u8]) {
    if let Ok(records) = decode_entries(data) {
        assert_eq!(encode_entries(&records).expect("what decodes encodes"), data);
    }
}

/// A statement of an account.
pub fn statement(data: &[u8]) {
    if let Some(statement) = parsed::<Statement>(data) {
        assert_eq!(statement.to_string().as_bytes(), data);
        let _unsigned = std::str::from_utf8(data).map(|text| Statement::open(text, &[]));
    }
}

fn parsed<T: std::str::FromStr>(data: &[u8]) -> Option<T> {
    std::str::from_utf8(data).ok()?.parse().ok()
}
