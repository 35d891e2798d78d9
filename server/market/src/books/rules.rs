//! What the books decide, without a database: postings from movements, times, and who sees what.
//!
//! Promises: the same account rows and movements give the same postings. Must never: wait.

use std::collections::BTreeMap;

use ledger::{AccountId, AccountState, BooksError, Move, Posting, RecordKind};
use uuid::Uuid;

use super::{AccountOwner, label};
use crate::actor::Actor;
use crate::clock::Moment;
use crate::ids::{PersonId, ProgrammeId, TaskId, UnitId};
use crate::policy::{Act, House, WalletOwner, may, reads_everything};

/// The postings that `moves` make, in their order; `accounts` are moved along with them.
///
/// # Errors
/// What the books refuse: a balance below its floor, a zero amount, totals that are full.
pub(super) fn apply(
    accounts: &mut BTreeMap<AccountId, AccountState>,
    moves: &[Move],
) -> Result<Vec<Posting>, BooksError> {
    let mut postings = Vec::with_capacity(moves.len());
    for wanted in moves {
        // An account that is not there has nothing to give, and the caller checked that all are there.
        postings.push(accounts.entry(wanted.account).or_default().apply(wanted)?);
    }
    Ok(postings)
}

/// When a record is posted: now, but later than all that its accounts have seen, so that the order
/// of time is the order of cause and effect on any number of servers with clocks of their own.
pub(super) fn posted_at(now: Moment, newest: Option<Moment>) -> Moment {
    newest.map_or(now, |newest| now.max(Moment(newest.0.saturating_add(1))))
}

/// Whose an account of this kind is. Mint, treasury and what is retired belong to nobody.
pub(super) fn owner(kind: ledger::AccountKind, owner: Uuid) -> Option<AccountOwner> {
    use ledger::AccountKind as Kind;
    match kind {
        Kind::Mint | Kind::Treasury | Kind::Retired => None,
        Kind::Programme => Some(AccountOwner::Programme(ProgrammeId(owner))),
        Kind::Person | Kind::Hold => Some(AccountOwner::Person(PersonId(owner))),
        Kind::Unit => Some(AccountOwner::Unit(UnitId(owner))),
        Kind::Escrow => Some(AccountOwner::Task(TaskId(owner))),
    }
}

/// The owner of a wallet, if the account is one.
fn wallet(owner: AccountOwner) -> Option<WalletOwner> {
    match owner {
        AccountOwner::Person(id) => Some(WalletOwner::Person(id)),
        AccountOwner::Unit(id) => Some(WalletOwner::Unit(id)),
        AccountOwner::Programme(_) | AccountOwner::Task(_) => None,
    }
}

/// Whether the asker may learn that this owner stands behind an account. The bytes of a record carry
/// balances, so a name beside them is for those who may look into that wallet.
pub(super) fn may_name(asker: &Actor, owner: AccountOwner) -> bool {
    match wallet(owner) {
        Some(wallet) => may(asker, Act::SeeWallet, &wallet),
        None => matches!(owner, AccountOwner::Task(_)) || may(asker, Act::SeeProgramme, &House),
    }
}

/// Whether records of this kind are for everybody: an anchor holds nothing but what another log has
/// published, and its own log wants the receipt.
pub(super) fn is_public(kind: RecordKind) -> bool {
    kind == RecordKind::Anchor
}

/// Whether a record that touches these owners' accounts may be seen for that reason alone, or because
/// the asker is one of those who read the journal.
pub(super) fn sees_record(asker: &Actor, owners: &[AccountOwner]) -> bool {
    let own = |owner: &AccountOwner| wallet(*owner).is_some_and(|wallet| may(asker, Act::SeeWallet, &wallet));
    may(asker, Act::SeeJournal, &House) || owners.iter().any(own)
}

/// Whether the asker may see every line of an account of this kind, and this owner's.
pub(super) fn sees_account(asker: &Actor, kind: ledger::AccountKind, of: Uuid) -> bool {
    match owner(kind, of) {
        None => may(asker, Act::SeeTreasury, &House),
        Some(owner) => match wallet(owner) {
            Some(wallet) => may(asker, Act::SeeWallet, &wallet),
            None => may(asker, Act::SeeJournal, &House),
        },
    }
}

/// What decides which texts behind a record are shown.
pub(super) struct Standing<'a> {
    /// Who asks.
    pub(super) asker: &'a Actor,
    /// What the record is.
    pub(super) kind: RecordKind,
    /// Who made it.
    pub(super) made_by: Option<PersonId>,
    /// Whose accounts it touches.
    pub(super) owners: &'a [AccountOwner],
    /// Whether the asker sees the task that it belongs to.
    pub(super) sees_task: bool,
    /// Whether the task hides at this moment who rides in it.
    pub(super) hides_names: bool,
    /// Whether it deposits a sheet that the asker may see.
    pub(super) sees_sheet: bool,
}

impl Standing<'_> {
    /// Whether a text with this label is shown: everything to auditors; memos and reasons to those who
    /// wrote them and those who may spend from a wallet that was touched, and so what was signed for
    /// them; the treasury's reasons also
    /// to who keeps it; what is public in a race (its rules, crews, rulings) to whoever
    /// sees the task.
    pub(super) fn shows(&self, text: &str, data: &[u8]) -> bool {
        // Nobody is above these: an auditor waits for the ruling like everybody else.
        match text {
            label::SHEET => return self.sees_sheet,
            label::FEEDBACK => return self.wrote(),
            _ => {}
        }
        if reads_everything(self.asker) {
            return true;
        }
        match text {
            label::INTENT => self.wrote() || self.spends() || (self.sees_task && !seals(data)),
            label::KEY | label::TERMS | label::CONFLICT | label::CONSENT | label::PRIVATE_VALUE => {
                self.wrote()
            }
            text if label::PUBLIC.contains(&text) => true,
            label::ERASURE => may(self.asker, Act::SeeJournal, &House),
            label::MEMO | label::REASON => self.wrote() || self.spends() || self.keeps_treasury(),
            // Checkpoints are signed for everybody to see.
            label::CHECKPOINT => true,
            label::ENTRY if self.hides_names => self.wrote(),
            text if label::OF_A_TASK.contains(&text) => self.sees_task,
            _ => false,
        }
    }

    fn wrote(&self) -> bool {
        self.made_by.is_some() && self.made_by == self.asker.id()
    }

    fn spends(&self) -> bool {
        let wallets = self.owners.iter().filter_map(|owner| wallet(*owner));
        wallets.into_iter().any(|wallet| may(self.asker, Act::TransferTokens, &wallet))
    }

    fn keeps_treasury(&self) -> bool {
        let of_treasury = matches!(self.kind, RecordKind::Issue | RecordKind::Allocate);
        of_treasury && may(self.asker, Act::SeeTreasury, &House)
    }
}

/// Whether what was signed tells of work that is sealed: anything but the acts known to be public.
fn seals(intent: &[u8]) -> bool {
    !ledger::intent::Decision::decode(intent).is_ok_and(|signed| signed.act == Act::RuleRace.as_str())
}

#[cfg(test)]
mod tests {
    use ledger::{Amount, AssetNo, Side};

    use super::*;
    use crate::actor::{Asker, PersonKind, Role};

    fn uuid(number: u128) -> Uuid {
        Uuid::from_u128(number)
    }

    fn member(number: u128, roles: &[Role]) -> Actor {
        Actor::Person(Asker {
            id: PersonId(uuid(number)),
            handle: "someone".into(),
            name: "Someone".into(),
            kind: PersonKind::Member,
            roles: roles.to_vec(),
            leads: Vec::new(),
            units: Vec::new(),
            programmes: Vec::new(),
            preferences: crate::person::Preferences::default(),
        })
    }

    fn contributor(number: u128) -> Actor {
        let Actor::Person(asker) = member(number, &[]) else { unreachable!("members are persons") };
        Actor::Person(Asker { kind: PersonKind::Contributor, ..asker })
    }

    fn lead(number: u128, unit: UnitId) -> Actor {
        let Actor::Person(asker) = member(number, &[]) else { unreachable!("members are persons") };
        Actor::Person(Asker { leads: vec![unit], units: vec![unit], ..asker })
    }

    fn person(number: u128) -> AccountOwner {
        AccountOwner::Person(PersonId(uuid(number)))
    }

    /// Whether a memo of a transfer that person 1 made from their wallet to person 2's is shown.
    fn shows_memo(asker: &Actor) -> bool {
        let (kind, owners) = (RecordKind::Transfer, [person(1), person(2)]);
        let standing = Standing {
            asker,
            kind,
            made_by: Some(PersonId(uuid(1))),
            owners: &owners,
            sees_task: false,
            hides_names: false,
            sees_sheet: false,
        };
        standing.shows(label::MEMO, &[])
    }

    fn step(account: u8, side: Side, minor: u64) -> Move {
        let amount = Amount::new(minor).unwrap();
        Move { account: AccountId::from_bytes([account; 16]), asset: AssetNo(1), side, amount }
    }

    fn holding(account: u8, credits: u64) -> (AccountId, AccountState) {
        (AccountId::from_bytes([account; 16]), AccountState { seq: 1, credits, ..AccountState::default() })
    }

    #[test]
    fn several_movements_of_one_account_are_numbered_in_their_order() {
        let mut accounts = BTreeMap::from([holding(1, 100), holding(2, 0)]);
        let moves = [step(1, Side::Debit, 60), step(1, Side::Debit, 40), step(2, Side::Credit, 100)];
        let postings = apply(&mut accounts, &moves).unwrap();
        assert_eq!(postings.iter().map(|posting| posting.seq).collect::<Vec<_>>(), [2, 3, 2]);
        assert_eq!(postings.iter().map(Posting::balance).collect::<Vec<_>>(), [40, 0, 100]);
    }

    #[test]
    fn what_the_first_movement_took_the_second_cannot_take_again() {
        let mut accounts = BTreeMap::from([holding(1, 100)]);
        let refused =
            apply(&mut accounts, &[step(1, Side::Debit, 60), step(1, Side::Debit, 41)]).unwrap_err();
        assert!(matches!(refused, BooksError::BelowZero { available: 40, wanted: 41, .. }));
    }

    #[test]
    fn a_record_is_later_than_all_that_its_accounts_have_seen() {
        assert_eq!(posted_at(Moment(10), None), Moment(10));
        assert_eq!(posted_at(Moment(10), Some(Moment(5))), Moment(10));
        assert_eq!(posted_at(Moment(10), Some(Moment(10))), Moment(11));
        assert_eq!(posted_at(Moment(10), Some(Moment(99))), Moment(100));
    }

    #[test]
    fn a_memo_is_for_the_two_who_share_it_and_for_auditors() {
        for asker in [member(1, &[]), member(2, &[]), member(9, &[Role::Auditor])] {
            assert!(shows_memo(&asker));
        }
        for asker in
            [member(3, &[]), member(3, &[Role::Treasurer, Role::Admin]), Actor::Visitor, Actor::Clockwork]
        {
            assert!(!shows_memo(&asker));
        }
    }

    #[test]
    fn the_lead_reads_the_memos_of_the_units_wallet() {
        let unit = UnitId(uuid(7));
        let owners = [person(1), AccountOwner::Unit(unit)];
        let shown = |asker: &Actor| {
            let kind = RecordKind::Transfer;
            Standing {
                asker,
                kind,
                made_by: None,
                owners: &owners,
                sees_task: false,
                hides_names: false,
                sees_sheet: false,
            }
            .shows(label::MEMO, &[])
        };
        assert!(shown(&lead(5, unit)));
        assert!(!shown(&lead(5, UnitId(uuid(8)))));
    }

    #[test]
    fn the_treasurys_reasons_are_for_its_keepers_and_for_who_got_the_tokens() {
        let owners = [person(2)];
        let shown = |asker: &Actor, kind| {
            Standing {
                asker,
                kind,
                made_by: None,
                owners: &owners,
                sees_task: false,
                hides_names: false,
                sees_sheet: false,
            }
            .shows(label::REASON, &[])
        };
        let treasurer = member(9, &[Role::Treasurer]);
        assert!(shown(&treasurer, RecordKind::Allocate));
        assert!(!shown(&treasurer, RecordKind::Refund));
        assert!(shown(&member(2, &[]), RecordKind::Allocate));
        assert!(!shown(&member(3, &[]), RecordKind::Allocate));
    }

    #[test]
    fn rules_go_with_the_task_and_submissions_to_auditors_only() {
        let shown = |asker: &Actor, sees_task, text: &str| {
            Standing {
                asker,
                kind: RecordKind::Rules,
                made_by: None,
                owners: &[],
                sees_task,
                hides_names: false,
                sees_sheet: false,
            }
            .shows(text, &[])
        };
        assert!(shown(&Actor::Visitor, true, label::RULES));
        assert!(!shown(&member(1, &[]), false, label::RULES));
        assert!(!shown(&member(1, &[]), true, "submission"));
        assert!(shown(&member(1, &[Role::Auditor]), false, "submission"));
    }

    #[test]
    fn an_account_is_for_whoever_may_look_into_what_it_is() {
        use ledger::AccountKind as Kind;
        let sees = |asker: &Actor, kind| sees_account(asker, kind, uuid(1));
        for kind in [Kind::Person, Kind::Hold] {
            assert!(sees(&contributor(1), kind) && sees(&member(2, &[Role::Auditor]), kind));
            assert!(!sees(&member(2, &[]), kind) && !sees(&Actor::Visitor, kind));
        }
        assert!(sees(&lead(5, UnitId(uuid(1))), Kind::Unit) && !sees(&lead(5, UnitId(uuid(2))), Kind::Unit));
        for kind in [Kind::Programme, Kind::Escrow] {
            assert!(sees(&member(2, &[]), kind) && !sees(&contributor(2), kind));
        }
        for kind in [Kind::Mint, Kind::Treasury, Kind::Retired] {
            assert!(sees(&member(2, &[Role::Treasurer]), kind) && !sees(&member(1, &[]), kind));
        }
    }

    #[test]
    fn outsiders_see_the_records_of_their_own_wallet_only() {
        assert!(sees_record(&contributor(1), &[person(1), person(2)]));
        assert!(!sees_record(&contributor(3), &[person(1), person(2)]));
        assert!(!sees_record(&Actor::Visitor, &[person(1)]));
        assert!(sees_record(&member(3, &[]), &[]));
    }

    #[test]
    fn a_wallet_is_named_only_to_those_who_may_look_into_it() {
        assert!(may_name(&member(1, &[]), person(1)));
        assert!(!may_name(&member(2, &[]), person(1)));
        assert!(may_name(&member(2, &[Role::Treasurer]), person(1)));
        let (programme, task) =
            (AccountOwner::Programme(ProgrammeId(uuid(4))), AccountOwner::Task(TaskId(uuid(4))));
        assert!(may_name(&member(2, &[]), programme));
        assert!(!may_name(&contributor(2), programme));
        assert!(may_name(&Actor::Visitor, task));
    }
}
