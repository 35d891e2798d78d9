//! Statements: one account's lines without a gap, and nothing that was touched or left out.

use crate::common::{Books, Log, ORIGIN, account, deposit, keys, log_signer, witness};
use ed25519_dalek::SigningKey;
use ledger::{
    Checkpoint, Disclosure, NoteSigner, OpenStatement, Record, RecordKind, StatedRecord, Statement,
    StatementError, commit, tile, tree,
};
use proptest::prelude::*;

const SALT: [u8; 32] = [42; 32];
const MEMO: &[u8] = b"for the cable";
/// The account that the statements are of.
const OURS: u8 = 5;

/// A log of other people's records with `lines` of ours among them, one of them with two of our postings.
struct Story {
    bytes: Vec<Vec<u8>>,
    /// The places of the records that touch our account.
    ours: Vec<u64>,
    log: Log,
}

fn story(gaps: &[u8]) -> Story {
    let mut books = Books::default();
    books.post(RecordKind::Issue, Books::MINT, 1, 1_000_000);
    books.post(RecordKind::Allocate, 1, OURS, 5_000);
    for (round, gap) in gaps.iter().enumerate() {
        for _ in 0..*gap {
            books.post(RecordKind::Transfer, 1, 2, 3);
        }
        let (from, to) = if round % 2 == 0 { (OURS, 2) } else { (1, OURS) };
        books.post(RecordKind::Transfer, from, to, 10 + round as u64);
    }
    let last = books.records.len() - 1;
    books.records[last].commitments = vec![[1; 32], commit("memo", &SALT, MEMO)];
    let touches = |record: &Record| record.postings.iter().any(|posting| posting.account == account(OURS));
    let ours = books.records.iter().enumerate().filter(|(_, record)| touches(record));
    let ours = ours.map(|(place, _)| place as u64).collect();
    let bytes: Vec<_> = books.records.iter().map(|record| record.encode().unwrap()).collect();
    let log = Log::of(&bytes);
    Story { bytes, ours, log }
}

impl Story {
    fn stated(&self, place: u64) -> StatedRecord {
        StatedRecord { index: place, bytes: self.bytes[place as usize].clone(), disclosures: Vec::new() }
    }

    /// A statement of just these records, with a good proof.
    fn statement_of(&self, places: &[u64], from: u64, to: u64) -> Statement {
        let records = places.iter().map(|place| self.stated(*place)).collect();
        let proof = tile::cover_proof(places, self.log.size, &self.log.tiles).unwrap();
        let checkpoint = self.log.checkpoint();
        Statement { account: account(OURS), from, to, records, proof, checkpoint }
    }

    /// All lines, the last with its memo.
    fn whole(&self) -> Statement {
        let mut statement = self.statement_of(&self.ours, 1, self.ours.len() as u64);
        let memo = Disclosure { label: "memo".into(), salt: SALT, data: MEMO.to_vec() };
        statement.records.last_mut().unwrap().disclosures.push(memo);
        statement
    }
}

fn refused(statement: Statement) -> StatementError {
    statement.verify(&keys()).unwrap_err()
}

/// What a reader takes away from a statement.
fn content(open: &OpenStatement) -> impl PartialEq + std::fmt::Debug {
    let OpenStatement { account, asset, from, to, opening, closing, records, checkpoint } = open.clone();
    (account, asset, from, to, opening, closing, records, checkpoint.checkpoint)
}

#[test]
fn a_statement_opens_from_its_text_alone_and_tells_what_was_before_and_after() {
    let story = story(&[3, 0, 255, 1, 2]);
    let text = story.whole().to_string();
    assert_eq!(text.parse::<Statement>().unwrap(), story.whole());
    let open = Statement::open(&text, &keys()).unwrap();
    assert_eq!((open.from, open.to, open.opening.balance()), (1, 6, 0));
    assert_eq!(open.closing.balance(), 5_000 - 10 + 11 - 12 + 13 - 14);
    assert_eq!(open.lines().map(|(_, line)| line.seq).collect::<Vec<_>>(), [1, 2, 3, 4, 5, 6]);
    assert_eq!(open.records.last().unwrap().disclosures[0].data, MEMO);
    assert_eq!((open.checkpoint.checkpoint.origin.as_str(), open.checkpoint.verified.len()), (ORIGIN, 2));
}

#[test]
fn a_stretch_in_the_middle_opens_with_what_came_before_it() {
    let story = story(&[1, 1, 1, 1]);
    let open = story.statement_of(&story.ours[2..4], 3, 4).verify(&keys()).unwrap();
    assert_eq!(open.opening.balance(), 5_000 - 10);
    assert_eq!(open.closing.balance(), 5_000 - 10 + 11 - 12);
}

#[test]
fn a_record_left_out_is_a_gap() {
    let story = story(&[1, 2, 0, 1]);
    for out in 0..story.ours.len() {
        let mut places = story.ours.clone();
        places.remove(out);
        let to = story.ours.len() as u64;
        let error = refused(story.statement_of(&places, 1, to));
        let expected = out as u64 + 1;
        match error {
            StatementError::Gap { expected: at, found } => assert_eq!((at, found), (expected, expected + 1)),
            StatementError::End { claimed, found } => assert_eq!((claimed, found), (to, to - 1)),
            other => panic!("{other}"),
        }
    }
}

#[test]
fn lines_that_are_claimed_and_not_there_are_missed() {
    let story = story(&[1, 2]);
    assert!(matches!(
        refused(story.statement_of(&story.ours, 2, 3)),
        StatementError::Gap { expected: 2, found: 1 }
    ));
    let end = refused(story.statement_of(&story.ours, 1, 4));
    assert_eq!(end, StatementError::End { claimed: 4, found: 3 });
    let none = Statement { records: Vec::new(), proof: Vec::new(), ..story.whole() };
    assert!(matches!(refused(none), StatementError::Proof(_)));
}

#[test]
fn a_record_of_others_or_twice_or_out_of_order_is_refused() {
    let story = story(&[1, 2]);
    let with_foreign = story.statement_of(&[1, 2, 3], 1, 2);
    assert_eq!(refused(with_foreign), StatementError::NotOurs(2));
    let mut twice = story.whole();
    twice.records.insert(1, twice.records[0].clone());
    assert!(matches!(refused(twice), StatementError::Proof(_)));
    let mut swapped = story.whole();
    swapped.records.swap(0, 1);
    assert!(matches!(refused(swapped), StatementError::Proof(_)));
    let mut moved = story.whole();
    moved.records[0].index += 1;
    assert!(matches!(refused(moved), StatementError::Proof(_)));
}

#[test]
fn one_hash_too_many_or_too_few_is_refused() {
    let story = story(&[1, 2, 5]);
    let mut long = story.whole();
    long.proof.push([0; 32]);
    let mut short = story.whole();
    short.proof.pop();
    for statement in [long, short] {
        assert_eq!(refused(statement), StatementError::Proof(tree::ProofError::WrongLength));
    }
}

/// A dishonest server signs a tree whose records contradict each other: the statement still shows it.
#[test]
fn lines_that_do_not_add_up_are_refused_even_when_they_are_signed() {
    let forge = |change: fn(&mut Record)| {
        let mut records: Vec<Record> =
            story(&[0, 0]).bytes.iter().map(|bytes| Record::decode(bytes).unwrap()).collect();
        change(&mut records[2]);
        let bytes: Vec<_> = records.iter().map(|record| record.encode().unwrap()).collect();
        let log = Log::of(&bytes);
        let forged = Story { bytes, ours: vec![1, 2, 3], log };
        refused(forged.statement_of(&[1, 2, 3], 1, 3))
    };
    let less = |record: &mut Record| record.postings[0].debits += 1;
    let more = |record: &mut Record| record.postings[0].credits += 1;
    let other =
        |record: &mut Record| record.postings.iter_mut().for_each(|line| line.asset = ledger::AssetNo(2));
    assert_eq!(forge(less), StatementError::Totals(2));
    assert_eq!(forge(more), StatementError::Totals(2));
    assert_eq!(forge(other), StatementError::Totals(2));
    let skip = |record: &mut Record| record.postings[0].seq = 3;
    assert_eq!(forge(skip), StatementError::Gap { expected: 2, found: 3 });
}

#[test]
fn an_account_that_starts_with_something_is_refused() {
    let mut records: Vec<Record> =
        story(&[]).bytes.iter().map(|bytes| Record::decode(bytes).unwrap()).collect();
    records[1].postings[1].credits += 500;
    let bytes: Vec<_> = records.iter().map(|record| record.encode().unwrap()).collect();
    let log = Log::of(&bytes);
    let forged = Story { bytes, ours: vec![1], log };
    assert_eq!(refused(forged.statement_of(&[1], 1, 1)), StatementError::Opening);
}

#[test]
fn a_text_that_the_record_does_not_commit_to_is_refused() {
    let mut statement = story(&[1]).whole();
    statement.records.last_mut().unwrap().disclosures[0].data.push(b'!');
    assert!(matches!(refused(statement), StatementError::NotCommitted { .. }));
}

#[test]
fn one_log_cannot_speak_for_another_and_strangers_not_at_all() {
    let evil = NoteSigner::new("evil.example", SigningKey::from_bytes(&[66; 32])).unwrap();
    let mut statement = story(&[1]).whole();
    let checkpoint = Checkpoint::open(statement.checkpoint.as_bytes(), &keys()).unwrap().checkpoint;
    let mut note = checkpoint.sign(&evil).unwrap();
    note.signatures.push(witness().cosign(&checkpoint, 5));
    statement.checkpoint = note.to_string();
    let known = [keys(), vec![evil.verifier_key().clone()]].concat();
    assert_eq!(statement.clone().verify(&known), Err(StatementError::OtherLog(ORIGIN.into())));
    assert!(matches!(statement.verify(&keys()), Err(StatementError::Checkpoint(_))));
    assert!(story(&[1]).whole().verify(&[witness().verifier_key().clone()]).is_err());
    assert!(story(&[1]).whole().verify(&[log_signer().verifier_key().clone()]).is_ok());
}

#[test]
fn a_leaf_that_is_not_a_record_is_refused() {
    let mut story = story(&[1]);
    story.bytes[1] = b"not a record".to_vec();
    story.log = Log::of(&story.bytes);
    let error = refused(story.statement_of(&[1], 1, 1));
    assert!(matches!(error, StatementError::Record { index: 1, .. }), "{error}");
}

#[test]
fn a_statement_has_one_spelling_only() {
    let text = story(&[1, 0]).whole().to_string();
    for (from, to) in [
        ("saima-statement/v1\n", "saima-statement/v2\n"),
        ("lines 1 3", "lines 01 3"),
        ("lines 1 3", "lines 1 +3"),
        ("lines 1 3", "lines 1  3"),
        ("lines 1 3\n", "lines 1 3\r\n"),
        ("account 05", "account  05"),
        ("account 0505", "account 05G5"),
        ("record 1 ", "record 01 "),
        ("record 1 ", "record 1  "),
        ("record 1 ", "Record 1 "),
        ("text memo ", "text  "),
        ("text memo ", "text me mo "),
        ("hash ", "hash  "),
        ("\n\n", "\n"),
        ("\n\n", "\n\n\n"),
    ] {
        let changed = text.replacen(from, to, 1);
        assert_ne!(changed, text, "{from:?}");
        assert!(Statement::open(&changed, &keys()).is_err(), "{from:?} became {to:?}");
    }
    assert!(matches!("".parse::<Statement>(), Err(StatementError::Malformed(_))));
    for cut in 0..text.find("\n\n").unwrap() {
        assert!(text[..cut].parse::<Statement>().is_err(), "cut at {cut}");
    }
}

#[test]
fn a_statement_with_any_byte_changed_is_refused_or_says_the_same() {
    let story = story(&[2, 0, 1]);
    let text = story.whole().to_string();
    let original = Statement::open(&text, &keys()).unwrap();
    let mut accepted = 0;
    for at in 0..text.len() {
        for bit in 0..8 {
            let mut bytes = text.clone().into_bytes();
            bytes[at] ^= 1 << bit;
            let Ok(flipped) = String::from_utf8(bytes) else { continue };
            if let Ok(open) = Statement::open(&flipped, &keys()) {
                assert_eq!(content(&open), content(&original), "bit {bit} of byte {at}");
                // All that can change is a witness's name or key id: then it is a stranger's signature.
                assert_eq!(open.checkpoint.verified, original.checkpoint.verified[..1]);
                accepted += 1;
            }
        }
    }
    assert!(accepted < 300, "{accepted}");
}

/// The format is written down here for other programs; it changes with its version only.
#[test]
fn the_format_is_the_one_agreed() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/statement.txt");
    let text = story(&[1, 0]).whole().to_string();
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(path, &text).unwrap();
    }
    assert_eq!(text, std::fs::read_to_string(path).unwrap());
    assert!(Statement::open(&text, &keys()).is_ok());
}

#[test]
fn one_proof_of_one_leaf_has_the_hashes_of_its_inclusion_proof() {
    for size in 1..70_u64 {
        let leaves: Vec<_> =
            (0..size).map(|id| ledger::leaf_hash(&deposit(id as u8).encode().unwrap())).collect();
        let mut log = Log::default();
        log.append(&leaves);
        for index in 0..size {
            let mut one = tile::inclusion_proof(index, size, &log.tiles).unwrap();
            let mut cover = tile::cover_proof(&[index], size, &log.tiles).unwrap();
            one.sort_unstable();
            cover.sort_unstable();
            assert_eq!(one, cover, "{index} of {size}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_leaves_have_one_proof_and_any_other_leaf_breaks_it(
        size in 1_u64..600, picks in proptest::collection::btree_set(0_u64..600, 1..40), broken: u16
    ) {
        let leaves: Vec<_> = (0..size).map(|at| ledger::leaf_hash(&at.to_be_bytes())).collect();
        let mut log = Log::default();
        log.append(&leaves);
        let places: Vec<u64> = picks.into_iter().map(|place| place % size).collect::<std::collections::BTreeSet<_>>().into_iter().collect();
        let needed = crate::common::only(&log.tiles, &tile::tiles_needed_for_cover(&places, size).unwrap());
        let proof = tile::cover_proof(&places, size, &needed).unwrap();
        let mut named: Vec<_> = places.iter().map(|place| (*place, leaves[*place as usize])).collect();
        prop_assert_eq!(tree::verify_cover(&named, size, &proof, &log.root()), Ok(()));
        let at = usize::from(broken) % named.len();
        named[at].1[0] ^= 1;
        prop_assert_eq!(tree::verify_cover(&named, size, &proof, &log.root()), Err(tree::ProofError::WrongRoot));
        named[at].1[0] ^= 1;
        if !proof.is_empty() {
            let mut other = proof;
            let at = usize::from(broken) % other.len();
            other[at][31] ^= 0x80;
            prop_assert!(tree::verify_cover(&named, size, &other, &log.root()).is_err());
        }
    }

    #[test]
    fn any_stretch_of_any_account_proves_itself(gaps in proptest::collection::vec(0_u8..6, 0..12), from: u8, to: u8) {
        let story = story(&gaps);
        let lines = story.ours.len();
        let from = usize::from(from) % lines;
        let to = from + usize::from(to) % (lines - from);
        let statement = story.statement_of(&story.ours[from..=to], from as u64 + 1, to as u64 + 1);
        let text = statement.to_string();
        prop_assert_eq!(&text.parse::<Statement>().unwrap(), &statement);
        let open = Statement::open(&text, &keys()).unwrap();
        prop_assert_eq!(open.lines().count(), to - from + 1);
    }

    #[test]
    fn no_text_makes_the_reader_panic(text in "(saima-statement/v1\n)?(account [0-9a-f]{32}\n)?(lines [0-9 ]{1,5}\n)?(record [0-9]{1,3} [A-Za-z0-9+/=]{0,12}\n)*\\PC*") {
        if let Ok(statement) = text.parse::<Statement>() {
            prop_assert_eq!(statement.to_string(), text);
        }
    }
}
