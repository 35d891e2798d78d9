//! The golden vectors, accepted by the reference implementation in Go: every key of the file.

use base64::{Engine, engine::general_purpose::STANDARD};
use ed25519_dalek::SigningKey;
use ledger::{
    AddCheckpoint, Checkpoint, Cosigner, Hash, NoteSigner, Record, RecordKind, Seen, SignedNote, TlogProof,
    VerifierKey, commit, leaf_hash,
    tile::{self, TilePath},
    tree::{root_of, verify_consistency, verify_inclusion},
    witness::monitor_path,
};
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::{collections::BTreeMap, sync::LazyLock};

static VECTORS: LazyLock<Value> =
    LazyLock::new(|| serde_json::from_str(include_str!("vectors/tlog.json")).unwrap());

fn text(key: &str) -> &'static str {
    VECTORS[key].as_str().unwrap()
}

fn list(key: &str) -> &'static [Value] {
    VECTORS[key].as_array().unwrap()
}

fn object(key: &str) -> impl Iterator<Item = (&'static str, &'static Value)> {
    VECTORS[key].as_object().unwrap().iter().map(|(key, value)| (key.as_str(), value))
}

fn hash(value: &Value) -> Hash {
    hex::decode(value.as_str().unwrap()).unwrap().try_into().unwrap()
}

fn hashes(value: &Value) -> Vec<Hash> {
    value.as_array().unwrap().iter().map(hash).collect()
}

fn seed(key: &str) -> SigningKey {
    SigningKey::from_bytes(&hash(&VECTORS[key]))
}

/// Entry 7 is empty, the others say their number.
fn entries() -> Vec<Vec<u8>> {
    let entry = |i| if i == 7 { Vec::new() } else { format!("saima test entry {i}").into_bytes() };
    (0..300).map(entry).collect()
}

fn leaves() -> Vec<Hash> {
    entries().iter().map(|entry| leaf_hash(entry)).collect()
}

fn tiles() -> BTreeMap<(u8, u64), Vec<u8>> {
    let appended = tile::append(0, &BTreeMap::new(), &leaves()).unwrap();
    appended.tiles.into_iter().map(|(level, index, bytes)| ((level, index), bytes)).collect()
}

fn root(size: u64) -> Hash {
    hash(&list("roots_hex")[size as usize])
}

fn keys() -> Vec<VerifierKey> {
    ["log_vkey", "witness_vkey"].map(|key| text(key).parse().unwrap()).to_vec()
}

#[test]
fn leaf_hashes_and_all_roots_are_right() {
    let leaves = leaves();
    for (index, expected) in object("leaf_hash_hex") {
        assert_eq!(leaves[index.parse::<usize>().unwrap()], hash(expected));
    }
    assert_eq!(list("roots_hex").len(), 301);
    for size in 0..=300 {
        assert_eq!(root_of(&leaves[..size]), root(size as u64));
        assert_eq!(tile::root(size as u64, &tiles()), Ok(root(size as u64)));
    }
}

#[test]
fn inclusion_proofs_are_made_and_verified() {
    for case in list("inclusion") {
        let (index, size) = (case["i"].as_u64().unwrap(), case["n"].as_u64().unwrap());
        let proof = hashes(&case["proof"]);
        assert_eq!(tile::inclusion_proof(index, size, &tiles()).unwrap(), proof);
        let leaf = leaves()[index as usize];
        assert_eq!(verify_inclusion(&leaf, index, size, &proof, &root(size)), Ok(()));
    }
}

#[test]
fn consistency_proofs_are_made_and_verified() {
    for case in list("consistency") {
        let (old, new) = (case["m"].as_u64().unwrap(), case["n"].as_u64().unwrap());
        let proof = hashes(&case["proof"]);
        assert_eq!(tile::consistency_proof(old, new, &tiles()).unwrap(), proof);
        assert_eq!(verify_consistency(old, new, &root(old), &root(new), &proof), Ok(()));
    }
}

#[test]
fn keys_have_the_expected_text() {
    let log = NoteSigner::new(text("origin"), seed("log_seed_hex")).unwrap();
    assert_eq!(log.verifier_key().to_string(), text("log_vkey"));
    let witness = Cosigner::new(text("witness_name"), seed("witness_seed_hex")).unwrap();
    assert_eq!(witness.verifier_key().to_string(), text("witness_vkey"));
    assert_eq!(keys()[1].to_string(), text("witness_vkey"));
}

#[test]
fn checkpoints_are_signed_and_opened() {
    let log = NoteSigner::new(text("origin"), seed("log_seed_hex")).unwrap();
    for (size, note) in object("checkpoints") {
        let size: u64 = size.parse().unwrap();
        let note = note.as_str().unwrap();
        let checkpoint = Checkpoint::new(text("origin"), size, root(size));
        assert_eq!(checkpoint.sign(&log).unwrap().to_string(), note);
        let open = Checkpoint::open(note.as_bytes(), &keys()).unwrap();
        assert_eq!(open.checkpoint, checkpoint);
    }
}

#[test]
fn the_cosignature_is_made_and_verified() {
    let witness = Cosigner::new(text("witness_name"), seed("witness_seed_hex")).unwrap();
    let seconds = VECTORS["witness_timestamp"].as_u64().unwrap();
    let checkpoint = Checkpoint::new(text("origin"), 300, root(300));
    let line = format!("{}\n", witness.cosign(&checkpoint, seconds));
    assert_eq!(line, text("cosignature_300"));
    let note = format!("{}{line}", VECTORS["checkpoints"]["300"].as_str().unwrap());
    let open = Checkpoint::open(note.as_bytes(), &keys()).unwrap();
    assert_eq!(open.verified[1].timestamp, Some(seconds));
}

#[test]
fn proof_files_read_back_and_verify() {
    for (key, index, extra) in
        [("tlog_proof_3_of_300", 3, None), ("tlog_proof_7_of_300_extra", 7, Some(b"opaque".to_vec()))]
    {
        let file: TlogProof = text(key).parse().unwrap();
        assert_eq!((file.index, &file.extra), (index, &extra));
        assert_eq!(file.to_string(), text(key));
        let entries = entries();
        let open = file.verify(&entries[index as usize], &keys()).unwrap();
        assert_eq!((open.checkpoint.size, open.verified.len()), (300, 2));
        assert!(file.verify(&entries[4], &keys()).is_err());
    }
}

#[test]
fn requests_to_a_witness_read_back_and_their_proofs_hold() {
    for (sizes, body) in object("add_checkpoint") {
        let body = body.as_str().unwrap();
        let request: AddCheckpoint = body.parse().unwrap();
        let old = sizes.split_once("->").unwrap().0.parse().unwrap();
        assert_eq!(request.old_size, old);
        assert_eq!(request.to_string(), body);
        let seen = |root| move |_: &str| Seen { size: old, root };
        assert_eq!(request.consider(&keys(), seen(root(old))).unwrap().checkpoint.size, 300);
        assert!(request.consider(&keys(), seen([0; 32])).is_err());
        assert!(request.consider(&keys()[1..], seen(root(old))).is_err());
    }
    assert!("old 03\n\n".parse::<AddCheckpoint>().is_err());
    assert!(format!("old 3\n{}\n", "AAAA\n").parse::<AddCheckpoint>().is_err());
    let flood = format!("old 3\n{}\n", format!("{}\n", STANDARD.encode([0; 32])).repeat(64));
    assert!(flood.parse::<AddCheckpoint>().is_err());
}

#[test]
fn monitors_find_a_log_by_the_hash_of_its_origin() {
    assert_eq!(monitor_path(text("origin")), text("witness_monitor_path"));
}

#[test]
fn tiles_and_bundles_have_the_expected_bytes() {
    let (tiles, entries) = (tiles(), entries());
    for (path, expected) in object("tiles") {
        let parsed: TilePath = path.parse().unwrap();
        assert_eq!(parsed.to_string(), path);
        let bytes = match parsed.kind {
            tile::TileKind::Hashes(level) => tiles[&(level, parsed.index)].clone(),
            tile::TileKind::Entries => {
                let bundle: Vec<_> = entries.chunks(256).nth(parsed.index as usize).unwrap().to_vec();
                assert_eq!(bundle.len(), usize::from(parsed.width));
                let bytes = tile::encode_entries(&bundle).unwrap();
                assert_eq!(tile::decode_entries(&bytes).unwrap(), bundle);
                bytes
            }
        };
        if let Some(sha256) = expected["sha256"].as_str() {
            assert_eq!(hex::encode(Sha256::digest(&bytes)), sha256);
        }
        if let Some(base64) = expected["b64"].as_str() {
            assert_eq!(STANDARD.encode(&bytes), base64);
        }
        assert!(expected["len"].as_u64().is_none_or(|len| len == bytes.len() as u64));
    }
}

#[test]
fn tile_paths_and_widths_are_as_expected() {
    for (name, expected) in object("tile_paths") {
        let index = name.strip_prefix("N=").unwrap().parse().unwrap();
        let expected = expected.as_str().unwrap();
        assert_eq!(tile::tile_path(0, index, 256), format!("tile/0/{expected}"));
        assert_eq!(tile::tile_path(2, index, 17), format!("tile/2/{expected}.p/17"));
        assert_eq!(tile::entries_path(index, 256), format!("tile/entries/{expected}"));
    }
    for (size, expected) in object("tile_widths") {
        let level = |l: tile::LevelTiles| vec![u64::from(l.level), l.full, l.partial.into()];
        let levels: Vec<_> = tile::level_tiles(size.parse().unwrap()).into_iter().map(level).collect();
        assert_eq!(serde_json::to_value(levels).unwrap(), *expected, "{size}");
    }
    assert!(tile::level_tiles(0).is_empty());
}

#[test]
fn every_negative_is_refused() {
    assert_eq!(list("negative").len(), 11);
    for case in list("negative") {
        let why = &case["why"];
        if let Some(note) = case["note"].as_str() {
            assert!(Checkpoint::open(note.as_bytes(), &keys()).is_err(), "{why}");
        } else {
            let text = case["note_text"].as_str().unwrap();
            assert!(text.parse::<Checkpoint>().is_err(), "{why}");
            refuses_even_when_signed(text);
        }
    }
}

/// A log that signs nonsense isn't believed either.
fn refuses_even_when_signed(text: &str) {
    let log = NoteSigner::new(self::text("origin"), seed("log_seed_hex")).unwrap();
    if let Ok(note) = SignedNote::sign(text, &log) {
        assert!(Checkpoint::open(note.to_string().as_bytes(), &keys()).is_err(), "{text:?}");
    }
}

#[test]
fn the_sample_record_decodes_and_encodes_to_the_same_bytes() {
    let bytes = hex::decode(text("sample_leaf_cbor_hex")).unwrap();
    let record = Record::decode(&bytes).unwrap();
    assert_eq!(record.encode().unwrap(), bytes);
    assert_eq!(leaf_hash(&bytes), hash(&VECTORS["sample_leaf_hash_hex"]));
    assert_eq!((record.version, record.kind), (1, RecordKind::Issue));
    let lines: Vec<_> =
        record.postings.iter().map(|p| (p.amount.minor(), p.seq, p.debits, p.credits)).collect();
    assert_eq!(lines, [(50_000, 17, 950_000, 1_000_000), (50_000, 4, 0, 75_000)]);
    assert_eq!(record.intent.unwrap().algorithm, 1);
    assert_eq!(record.commitments, [hash(&VECTORS["sample_memo"]["commit_hex"])]);
}

#[test]
fn the_sample_memo_opens_its_commitment() {
    let memo = &VECTORS["sample_memo"];
    let data = memo["memo"].as_str().unwrap().as_bytes();
    assert_eq!(commit("memo", &hash(&memo["salt_hex"]), data), hash(&memo["commit_hex"]));
}
