//! Accounts and postings: floors, totals, balance.

use crate::common::{account, amount, movement};
use ledger::{AccountId, AccountKind, AccountState, Amount, AssetNo, BooksError, Move, Side, balanced};
use proptest::prelude::*;

#[test]
fn a_posting_carries_the_count_and_both_totals_after_it() {
    let mut state = AccountState::default();
    state.apply(&movement(1, Side::Credit, 100)).unwrap();
    let posting = state.apply(&movement(1, Side::Debit, 30)).unwrap();
    assert_eq!((posting.seq, posting.debits, posting.credits, posting.balance()), (2, 30, 100, 70));
    assert_eq!(posting.as_move(), movement(1, Side::Debit, 30));
}

#[test]
fn nobody_spends_more_than_there_is_and_a_refusal_changes_nothing() {
    let mut state = AccountState::default();
    state.apply(&movement(1, Side::Credit, 100)).unwrap();
    let before = state;
    let refused = BooksError::BelowZero { account: account(1), available: 100, wanted: 101 };
    assert_eq!(state.apply(&movement(1, Side::Debit, 101)), Err(refused));
    assert_eq!(
        state.apply(&movement(1, Side::Debit, 0)),
        Err(BooksError::ZeroAmount { account: account(1) })
    );
    assert_eq!(state, before);
    state.apply(&movement(1, Side::Debit, 100)).unwrap();
    assert_eq!(state.balance(), 0);
}

#[test]
fn only_a_mint_goes_below_zero() {
    let below: Vec<_> = AccountKind::ALL.into_iter().filter(|kind| kind.may_go_below_zero()).collect();
    assert_eq!(below, [AccountKind::Mint]);
    let mut mint = AccountState { may_go_below_zero: true, ..AccountState::default() };
    assert_eq!(mint.apply(&movement(1, Side::Debit, 5)).unwrap().balance(), -5);
}

#[test]
fn totals_never_pass_the_largest_number() {
    let full = Err(BooksError::TotalsFull { account: account(1) });
    let max = Amount::MAX.minor();
    let mut state = AccountState { seq: 1, debits: 1, credits: max, may_go_below_zero: false };
    assert_eq!(state.apply(&movement(1, Side::Credit, 1)), full);
    state = AccountState { seq: max, debits: 0, credits: 1, may_go_below_zero: false };
    assert_eq!(state.apply(&movement(1, Side::Debit, 1)), full);
    state = AccountState { seq: 1, debits: max, credits: max, may_go_below_zero: true };
    assert_eq!(state.apply(&movement(1, Side::Debit, 1)), full);
}

#[test]
fn debits_equal_credits_for_each_asset_on_its_own() {
    let debit = movement(1, Side::Debit, 5);
    let credit = movement(2, Side::Credit, 5);
    assert_eq!(balanced(&[debit, credit]), Ok(()));
    assert_eq!(balanced::<Move>(&[]), Ok(()));
    let unbalanced = BooksError::Unbalanced { asset: AssetNo(1), debits: 5, credits: 0 };
    assert_eq!(balanced(&[debit, Move { asset: AssetNo(2), ..credit }]), Err(unbalanced));
    let short = Move { amount: amount(4), ..credit };
    let unbalanced = BooksError::Unbalanced { asset: AssetNo(1), debits: 5, credits: 4 };
    assert_eq!(balanced(&[debit, short]), Err(unbalanced));
}

#[test]
fn kinds_and_ids_read_back_from_their_text() {
    for kind in AccountKind::ALL {
        assert_eq!(kind.as_str().parse(), Ok(kind));
    }
    assert!("Mint".parse::<AccountKind>().is_err());
    let id = account(0xab);
    assert_eq!(id.to_string().parse(), Ok(id));
    assert!(id.to_string().to_uppercase().parse::<AccountId>().is_err());
    assert!("ab".parse::<AccountId>().is_err());
    assert_eq!(AccountId::try_from(id.as_bytes().as_slice()), Ok(id));
    assert_eq!(serde_json::from_str::<AccountId>(&serde_json::to_string(&id).unwrap()).unwrap(), id);
}

proptest! {
    #[test]
    fn a_balance_is_what_came_in_less_what_went_out(moves in proptest::collection::vec((any::<bool>(), 1_u64..1_000), 0..200)) {
        let mut state = AccountState::default();
        let mut balance = 0_i128;
        for (seq, (credit, minor)) in moves.into_iter().enumerate() {
            let side = if credit { Side::Credit } else { Side::Debit };
            let sign = if credit { 1 } else { -1 };
            let before = state;
            match state.apply(&movement(1, side, minor)) {
                Ok(_) => balance += sign * i128::from(minor),
                Err(_) => {
                    prop_assert!(balance < i128::from(minor) && !credit);
                    prop_assert_eq!(state, before);
                }
            }
            prop_assert!(state.seq <= seq as u64 + 1);
            prop_assert_eq!(state.balance(), balance);
            prop_assert!(balance >= 0);
        }
    }
}
