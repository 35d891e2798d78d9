//! Every parser against bytes that nobody meant for it: the bodies of the fuzz targets, on stable.
//!
//! Half of the inputs are chance, half are good ones with a few bytes changed, cut, doubled or moved: these
//! reach further in. `LEDGER_PARSER_CASES` runs more of them (2,000 each otherwise).

use super::common::{Books, Log, ORIGIN, deposit, keys, log_signer};
use ledger::statement::{StatedRecord, Statement};
use ledger::tile::{encode_entries, inclusion_proof};
use ledger::{AccountId, AddCheckpoint, Checkpoint, Disclosure, Receipt, RecordKind, TlogProof, commit};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

#[path = "../fuzz/src/lib.rs"]
mod bodies;

/// A good input for each parser.
fn good(parser: &str) -> Vec<u8> {
    let mut books = Books::default();
    let mut records = vec![books.post(RecordKind::Issue, Books::MINT, 1, 500)];
    records.push(books.post(RecordKind::Transfer, 1, 2, 70));
    let mut told = deposit(9);
    told.commitments = vec![commit("memo", &[5; 32], b"for the coffee")];
    records.push(told);
    let records: Vec<Vec<u8>> = records.iter().map(|record| record.encode().unwrap()).collect();
    let log = Log::of(&records);
    let receipt = Receipt {
        record: records[2].clone(),
        disclosures: vec![Disclosure {
            label: "memo".to_owned(),
            salt: [5; 32],
            data: b"for the coffee".to_vec(),
        }],
        index: 2,
        proof: inclusion_proof(2, 3, &log.tiles).unwrap(),
        checkpoint: log.checkpoint(),
    };
    let Receipt { index, proof, checkpoint, .. } = receipt.clone();
    match parser {
        "record" => records[1].clone(),
        "note" => log.checkpoint().into_bytes(),
        "checkpoint" => Checkpoint::new(ORIGIN, log.size, log.root()).to_string().into_bytes(),
        "proof" => TlogProof { extra: None, index, proof, checkpoint }.to_string().into_bytes(),
        "receipt" => receipt.to_string().into_bytes(),
        "add_checkpoint" => AddCheckpoint { old_size: 2, proof, checkpoint }.to_string().into_bytes(),
        "policy" => {
            let (log, witness) = (log_signer().verifier_key().clone(), keys()[1].clone());
            format!(
                "# ours\nlog {log}\nwitness w1 {witness} https://witness.example/\ngroup g any w1\nquorum g\n"
            )
            .into_bytes()
        }
        "vkey" => log_signer().verifier_key().to_string().into_bytes(),
        "tile_path" => b"tile/3/x001/x234/067.p/99".to_vec(),
        "entry_bundle" => encode_entries(&records).unwrap(),
        "statement" => {
            let told = StatedRecord { index: 2, bytes: records[2].clone(), disclosures: receipt.disclosures };
            let line = StatedRecord { index: 1, bytes: records[1].clone(), disclosures: Vec::new() };
            let records = vec![line, told];
            let account = AccountId([2; 16]);
            Statement { account, from: 1, to: 1, records, proof, checkpoint }.to_string().into_bytes()
        }
        other => panic!("say what a good input for {other} is"),
    }
}

/// One change of a byte string.
#[derive(Clone, Debug)]
enum Change {
    Set(usize, u8),
    Flip(usize, u8),
    Insert(usize, u8),
    Remove(usize, usize),
    Repeat(usize, usize),
    Cut(usize),
}

impl Change {
    fn apply(&self, bytes: &mut Vec<u8>) {
        let at = |place: usize| if bytes.is_empty() { 0 } else { place % bytes.len() };
        match *self {
            Self::Set(place, value) if !bytes.is_empty() => {
                let place = at(place);
                bytes[place] = value;
            }
            Self::Flip(place, bit) if !bytes.is_empty() => {
                let place = at(place);
                bytes[place] ^= 1 << (bit % 8);
            }
            Self::Insert(place, value) => bytes.insert(at(place), value),
            Self::Remove(place, count) => {
                let from = at(place);
                let to = bytes.len().min(from + count % 8);
                bytes.drain(from..to);
            }
            Self::Repeat(place, count) => {
                let from = at(place);
                let to = bytes.len().min(from + count % 64);
                let again = bytes[from..to].to_vec();
                bytes.splice(to..to, again);
            }
            Self::Cut(place) => bytes.truncate(at(place)),
            Self::Set(..) | Self::Flip(..) => {}
        }
    }
}

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        (any::<usize>(), any::<u8>()).prop_map(|(place, value)| Change::Set(place, value)),
        (any::<usize>(), any::<u8>()).prop_map(|(place, bit)| Change::Flip(place, bit)),
        (any::<usize>(), any::<u8>()).prop_map(|(place, value)| Change::Insert(place, value)),
        (any::<usize>(), any::<usize>()).prop_map(|(place, count)| Change::Remove(place, count)),
        (any::<usize>(), any::<usize>()).prop_map(|(place, count)| Change::Repeat(place, count)),
        any::<usize>().prop_map(Change::Cut),
    ]
}

#[test]
fn no_parser_panics_and_what_is_read_is_written_back_the_same() {
    let cases = std::env::var("LEDGER_PARSER_CASES").ok().and_then(|text| text.parse().ok()).unwrap_or(2_000);
    for (name, body) in bodies::ALL {
        let good = good(name);
        body(&good);
        let mut runner = TestRunner::new(Config { cases, failure_persistence: None, ..Config::default() });
        let chance = proptest::collection::vec(any::<u8>(), 0..300);
        let nearly = proptest::collection::vec(change(), 1..5).prop_map(move |changes| {
            let mut bytes = good.clone();
            changes.iter().for_each(|change| change.apply(&mut bytes));
            bytes
        });
        let inputs = prop_oneof![1 => chance, 3 => nearly];
        let outcome = runner.run(&inputs, |bytes| {
            body(&bytes);
            Ok(())
        });
        outcome.unwrap_or_else(|why| panic!("{name}: {why}"));
    }
}

#[test]
fn every_parser_has_a_fuzz_target() {
    let targets = concat!(env!("CARGO_MANIFEST_DIR"), "/fuzz/fuzz_targets");
    let mut files: Vec<String> = std::fs::read_dir(targets)
        .unwrap()
        .map(|file| file.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned())
        .collect();
    let mut names: Vec<&str> = bodies::ALL.iter().map(|(name, _)| *name).collect();
    files.sort();
    names.sort_unstable();
    assert_eq!(files, names);
}
