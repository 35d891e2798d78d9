//! Replaying the books finds what was left out, put in twice, changed or undone twice.

use crate::common::{ASSET, Books, account, amount, movement};
use ledger::{AssetNo, BooksError, Record, RecordId, RecordKind, Replay, Side, replay::Fault};
use proptest::prelude::*;
use std::collections::BTreeMap;

fn replay(records: &[Record]) -> Result<Replay, Fault> {
    let mut replay = Replay::new();
    for record in records {
        replay.apply(record).map_err(|fault| fault.fault)?;
    }
    Ok(replay)
}

/// Mint 0 issues 1,000 to 1; 1 allocates to 2; 2 sends to 3, twice.
fn books() -> Books {
    let mut books = Books::default();
    books.post(RecordKind::Issue, Books::MINT, 1, 1_000);
    books.post(RecordKind::Allocate, 1, 2, 600);
    books.post(RecordKind::Transfer, 2, 3, 100);
    books.post(RecordKind::Transfer, 2, 3, 100);
    books
}

#[test]
fn sound_books_replay_to_the_balances_they_were_kept_with() {
    let mut books = books();
    let last = books.records[3].clone();
    books.reverse(&last);
    let replay = replay(&books.records).unwrap();
    for (id, kept) in replay.accounts() {
        assert_eq!(kept.state.balance(), books.balance(id.0[0]));
    }
    assert_eq!(replay.account(&account(3)).unwrap().state.balance(), 100);
    assert_eq!(replay.sums(), BTreeMap::from([(ASSET, 0)]));
    assert_eq!(replay.supply(), BTreeMap::from([(ASSET, 1_000)]));
    assert_eq!(replay.applied(), 5);
}

#[test]
fn a_missing_record_leaves_a_gap() {
    let mut records = books().records;
    records.remove(2);
    assert_eq!(replay(&records).unwrap_err(), Fault::Gap { account: account(2), expected: 2, found: 3 });
}

#[test]
fn a_record_put_in_twice_is_found() {
    let mut records = books().records;
    records.push(records[3].clone());
    assert_eq!(replay(&records).unwrap_err(), Fault::DuplicateId);
    records.last_mut().unwrap().id = RecordId([9; 16]);
    assert_eq!(replay(&records).unwrap_err(), Fault::Gap { account: account(2), expected: 4, found: 3 });
}

#[test]
fn the_fault_names_the_record_and_its_place() {
    let mut records = books().records;
    records[2].postings[0].debits += 1;
    let mut replay = Replay::new();
    let fault = records.iter().find_map(|record| replay.apply(record).err()).unwrap();
    assert_eq!((fault.record, fault.ordinal), (records[2].id, 2));
    assert_eq!(fault.fault, Fault::Totals { account: account(2) });
}

#[test]
fn a_balance_below_the_floor_is_found_even_when_the_totals_add_up() {
    let mut records = books().records;
    records.truncate(1);
    let mut next = books().records[1].clone();
    for posting in &mut next.postings {
        posting.amount = amount(1_001);
    }
    next.postings[0].debits = 1_001;
    next.postings[1].credits = 1_001;
    records.push(next);
    let below = BooksError::BelowZero { account: account(1), available: 1_000, wanted: 1_001 };
    assert_eq!(replay(&records).unwrap_err(), Fault::Books(below));
}

#[test]
fn there_is_one_mint_for_each_asset_and_it_was_nothing_else_before() {
    let mut books = books();
    books.post(RecordKind::Issue, 3, 1, 50);
    assert_eq!(replay(&books.records).unwrap_err(), Fault::NotTheMint { account: account(3) });
    let mut books = Books::default();
    books.post(RecordKind::Transfer, Books::MINT, 1, 5);
    assert!(matches!(replay(&books.records).unwrap_err(), Fault::Books(BooksError::BelowZero { .. })));
}

#[test]
fn an_account_holds_one_asset() {
    let mut records = books().records;
    for posting in &mut records[3].postings {
        posting.asset = AssetNo(2);
    }
    let other = Fault::OtherAsset { account: account(2), held: ASSET, found: AssetNo(2) };
    assert_eq!(replay(&records).unwrap_err(), other);
}

#[test]
fn an_account_s_postings_do_not_go_back_in_time() {
    let mut records = books().records;
    records[3].posted_at = records[2].posted_at - 1;
    assert_eq!(replay(&records).unwrap_err(), Fault::BackInTime { account: account(2) });
    records[3].posted_at = records[2].posted_at;
    assert!(replay(&records).is_ok());
}

#[test]
fn a_record_is_reversed_once_by_its_exact_opposite() {
    let mut books = books();
    let sent = books.records[2].clone();
    let reversal = books.reverse(&sent);
    assert!(replay(&books.records).is_ok());
    let again = books.reverse(&books.records[3].clone());
    books.records.pop();
    books.records.push(Record { links: reversal.links, ..again });
    assert_eq!(replay(&books.records).unwrap_err(), Fault::ReversedTwice(sent.id));
}

#[test]
fn a_reversal_of_another_amount_or_of_nothing_is_found() {
    let mut books = books();
    let sent = books.records[2].clone();
    let mut half = books
        .post_moves(RecordKind::Reversal, &[movement(3, Side::Debit, 50), movement(2, Side::Credit, 50)]);
    books.records.pop();
    half.links.reversed = Some(sent.id);
    let with = |reversal: &Record| {
        let mut records = books.records.clone();
        records.push(reversal.clone());
        replay(&records).unwrap_err()
    };
    assert_eq!(with(&half), Fault::NotOpposite(sent.id));
    half.links.reversed = Some(RecordId([9; 16]));
    assert_eq!(with(&half), Fault::UnknownReversed(RecordId([9; 16])));
    half.links.reversed = None;
    assert_eq!(with(&half), Fault::NamesNone);
    half.links.reversed = Some(half.id);
    assert_eq!(with(&half), Fault::UnknownReversed(half.id), "nothing undoes itself");
}

#[test]
fn a_lean_replay_remembers_only_the_records_that_are_named() {
    let mut books = books();
    let sent = books.records[2].clone();
    books.reverse(&sent);
    let mut lean = Replay::watching([sent.id]);
    assert!(books.records.iter().all(|record| lean.apply(record).is_ok()));
    let mut blind = Replay::watching([]);
    let fault = books.records.iter().find_map(|record| blind.apply(record).err()).unwrap();
    assert_eq!(fault.fault, Fault::UnknownReversed(sent.id));
}

/// Random books: what can't be paid is skipped.
fn random_books() -> impl Strategy<Value = Books> {
    let step = (1_u8..6, 1_u8..6, 1_u64..400, any::<bool>());
    proptest::collection::vec(step, 1..60).prop_map(|steps| {
        let mut books = Books::default();
        for (from, to, minor, issue) in steps {
            if issue {
                books.post(RecordKind::Issue, Books::MINT, to, minor);
            } else if from != to && books.balance(from) >= i128::from(minor) {
                books.post(RecordKind::Transfer, from, to, minor);
            }
        }
        books
    })
}

proptest! {
    #[test]
    fn any_honest_books_replay_and_sum_to_zero(books in random_books()) {
        let replay = replay(&books.records).unwrap();
        for (id, kept) in replay.accounts() {
            prop_assert_eq!(kept.state.balance(), books.balance(id.0[0]));
        }
        prop_assert!(replay.sums().values().all(|sum| *sum == 0));
    }

    #[test]
    fn books_with_a_record_left_out_are_found_unless_nothing_followed_on_its_accounts(
        books in random_books(), at: proptest::sample::Index,
    ) {
        let mut records = books.records;
        prop_assume!(!records.is_empty());
        let at = at.index(records.len());
        let removed = records.remove(at);
        let followed = records[at..].iter().any(|later| later.accounts().iter().any(|a| removed.accounts().contains(a)));
        prop_assert_eq!(replay(&records).is_err(), followed);
    }

    #[test]
    fn books_with_one_number_changed_are_found(books in random_books(), at: proptest::sample::Index, line in 0_usize..2, field in 0_usize..4) {
        let mut records = books.records;
        prop_assume!(!records.is_empty());
        let at = at.index(records.len());
        let posting = &mut records[at].postings[line];
        match field {
            0 => posting.amount = amount(posting.amount.minor() + 1),
            1 => posting.seq += 1,
            2 => posting.debits += 1,
            _ => posting.credits += 1,
        }
        prop_assert!(replay(&records).is_err());
    }
}

#[test]
fn a_lean_replay_keeps_the_books_and_leaves_ids_and_reversals_to_its_caller() {
    let mut books = books();
    let last = books.records[3].clone();
    let undone = books.reverse(&last);
    let mut lean = Replay::lean();
    for record in &books.records {
        lean.apply(record).unwrap();
    }
    assert_eq!(lean.accounts(), replay(&books.records).unwrap().accounts());
    assert_eq!(ledger::replay::undoing(&undone), ledger::replay::moves_of(&last));
    assert_ne!(ledger::replay::undoing(&last), ledger::replay::moves_of(&last));
    let mut records = books.records;
    records[4].links.reversed = Some(RecordId([9; 16]));
    records[4].id = records[1].id;
    let mut lean = Replay::lean();
    assert!(records.iter().all(|record| lean.apply(record).is_ok()), "for the caller to find");
    records[4].postings[0].seq += 1;
    assert_eq!(replay(&records).unwrap_err(), Fault::DuplicateId);
    let mut lean = Replay::lean();
    let found = records.iter().find_map(|record| lean.apply(record).err()).unwrap();
    assert!(matches!(found.fault, Fault::Gap { .. }), "{found}");
}
