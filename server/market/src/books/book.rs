//! The accounts of a database transaction, open: records are posted in memory and written all at once.
//!
//! Promises: accounts are locked in the order of their ids; a refused record changes nothing; balances,
//! records, postings and texts are written in the caller's own database transaction, in a number of
//! statements that doesn't depend on how many there are. Must never: let two records of one account carry
//! the same number, or overdraw anything.

use std::collections::{BTreeMap, HashMap};

use ledger::{
    AccountId, AccountKind, AccountState, Amount, AssetCode, BooksError, Links, Record, RecordId, Scale,
};
use sea_orm::{FromQueryResult, QueryResult};
use uuid::Uuid;

use super::post::{Draft, Evidence, Posted, Salted, signed, state, unsigned};
use super::tables::account;
use super::{ASSET, account_id, account_uuid, eras, label, rules};
use crate::clock::Moment;
use crate::error::{Code, Refusal, Result};
use crate::ids::PersonId;
use crate::policy::Permit;
use crate::store::Scope;
use crate::store::rows::{Cells, Rows};

/// The kind and owner that an account is found by.
pub(crate) type Key = (AccountKind, Uuid);

/// Open accounts, with what was posted to them.
pub(crate) struct Book {
    pub(super) accounts: BTreeMap<AccountId, Open>,
    by_owner: HashMap<Key, AccountId>,
    /// The era that is posted in now.
    era: i64,
    asset: (AssetCode, Scale),
    pub(super) pages: Vec<Page>,
}

/// An account, open.
pub(super) struct Open {
    /// As it was found; one that is new has no postings yet.
    pub(super) row: account::Model,
    /// Whether its row is still to be made.
    pub(super) new: bool,
    /// Where it stands now.
    pub(super) state: AccountState,
    pub(super) last: Moment,
    pub(super) era: i64,
    pub(super) era_from: i64,
}

/// A record that was posted and is to be written.
pub(super) struct Page {
    pub(super) record: Record,
    pub(super) bytes: Vec<u8>,
    pub(super) by: Option<PersonId>,
    pub(super) evidence: Vec<Salted>,
    /// For each posting, its era and that of the account's posting before.
    pub(super) eras: Vec<(i64, i64)>,
}

/// What is read of the house beside its accounts, once for all of them.
const HOUSE: &str = "(SELECT code FROM asset WHERE no = {asset}) AS asset_code, \
    (SELECT scale FROM asset WHERE no = {asset}) AS asset_scale, \
    (SELECT size FROM log_head WHERE id = 1) AS log_size";

impl Book {
    /// Opens these accounts.
    ///
    /// # Errors
    /// [`Refusal::Fault`] when one of them is not there, or the database fails.
    pub(crate) async fn of_accounts(scope: &Scope<'_>, mut ids: Vec<AccountId>) -> Result<Self> {
        ids.sort_unstable();
        ids.dedup();
        let wanted = Rows(vec![("id", Cells::Ids(ids.iter().copied().map(account_uuid).collect()))]);
        let found = Self::lock(scope, wanted, "account.id = given.id").await?;
        let book = Self::open(scope, found).await?;
        if book.accounts.len() == ids.len() {
            Ok(book)
        } else {
            Err(Refusal::fault("a movement names an account that is not there"))
        }
    }

    /// Opens the accounts of these owners. One that isn't there yet is made once something is posted to
    /// it; whether there is such an owner is for the caller to know: [`Self::is_new`].
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn of_owners(scope: &Scope<'_>, mut keys: Vec<Key>) -> Result<Self> {
        keys.sort_unstable();
        keys.dedup();
        let wanted = Rows(vec![
            ("kind", Cells::Texts(keys.iter().map(|(kind, _)| kind.as_str().to_owned()).collect())),
            ("owner", Cells::Ids(keys.iter().map(|(_, owner)| *owner).collect())),
        ]);
        let which = "account.kind = given.kind AND account.owner = given.owner";
        let found = Self::lock(scope, wanted, which).await?;
        let mut book = Self::open(scope, found).await?;
        for key in keys {
            if !book.by_owner.contains_key(&key) {
                book.make(scope, key);
            }
        }
        Ok(book)
    }

    async fn lock(scope: &Scope<'_>, wanted: Rows, which: &str) -> Result<Vec<QueryResult>> {
        let asset = ASSET.0;
        let lock = match sea_orm::ConnectionTrait::get_database_backend(scope.txn) {
            sea_orm::DbBackend::Postgres => "ORDER BY account.id FOR NO KEY UPDATE OF account",
            _ => "",
        };
        let house = HOUSE.replace("{asset}", &asset.to_string());
        let sql = format!(
            "SELECT account.*, {house} FROM {{rows}} JOIN account ON {which} AND account.asset = {asset} {lock}"
        );
        Ok(wanted.query(scope.txn, &sql).await?)
    }

    async fn open(scope: &Scope<'_>, found: Vec<QueryResult>) -> Result<Self> {
        let house = match found.first() {
            Some(row) => house(row)?,
            // Nobody has an account yet: what stands beside the accounts is read by itself.
            None => {
                let any = Rows(vec![("no", Cells::Numbers(vec![i64::from(ASSET.0)]))]);
                let house_alone = HOUSE.replace("{asset}", &ASSET.0.to_string());
                let rows = any.query(scope.txn, &format!("SELECT {house_alone} FROM {{rows}}")).await?;
                house(rows.first().ok_or_else(|| Refusal::fault("the asset is not there"))?)?
            }
        };
        let (asset, era) = house;
        let (accounts, by_owner) = (BTreeMap::new(), HashMap::new());
        let mut book = Self { accounts, by_owner, era, asset, pages: Vec::new() };
        for row in &found {
            book.add(account::Model::from_query_result(row, "")?, false)?;
        }
        Ok(book)
    }

    fn add(&mut self, row: account::Model, new: bool) -> Result<()> {
        let state = state(&row)?;
        let kind: AccountKind = row.kind.parse().map_err(Refusal::fault)?;
        let id = account_id(row.id);
        self.by_owner.insert((kind, row.owner), id);
        let (last, era, era_from) = (Moment(row.last_posted_at), row.era, row.era_from);
        self.accounts.insert(id, Open { row, new, state, last, era, era_from });
        Ok(())
    }

    /// Its id is random and tells nothing.
    fn make(&mut self, scope: &Scope<'_>, (kind, owner): Key) {
        let row = account::Model {
            id: Uuid::from_bytes(scope.ids.nonce()),
            kind: kind.as_str().to_owned(),
            owner,
            asset: i64::from(ASSET.0),
            seq: 0,
            debits: 0,
            credits: 0,
            last_posted_at: 0,
            era: 0,
            era_from: 1,
        };
        let state = AccountState { may_go_below_zero: kind.may_go_below_zero(), ..AccountState::default() };
        let id = account_id(row.id);
        self.by_owner.insert((kind, owner), id);
        let open = Open { row, new: true, state, last: Moment(0), era: 0, era_from: 1 };
        self.accounts.insert(id, open);
    }

    /// The account of this owner, which must be among those that were opened.
    ///
    /// # Errors
    /// [`Refusal::Fault`] when it isn't.
    pub(crate) fn account(&self, key: Key) -> Result<AccountId> {
        self.by_owner.get(&key).copied().ok_or_else(|| Refusal::fault("an account was not opened"))
    }

    /// Whether this owner had no account when the book was opened.
    pub(crate) fn is_new(&self, key: Key) -> bool {
        let open = self.by_owner.get(&key).and_then(|id| self.accounts.get(id));
        open.is_none_or(|open| open.new)
    }

    /// Posts a record in memory; on refusal nothing has changed.
    ///
    /// # Errors
    /// [`Code::InsufficientFunds`] when an account would fall below its floor, [`Code::AmountZero`] for a
    /// movement of nothing, [`Code::AmountTooLarge`] when totals would overflow; [`Refusal::Fault`] when
    /// the draft can't be a record (unbalanced, too long).
    pub(crate) fn post<S>(&mut self, scope: &Scope<'_>, permit: &Permit<S>, draft: Draft) -> Result<Posted> {
        let mut states = BTreeMap::new();
        for wanted in &draft.moves {
            let open = self.accounts.get(&wanted.account);
            let open = open.ok_or_else(|| Refusal::fault("a movement names an account that is not there"))?;
            states.insert(wanted.account, open.state);
        }
        let newest = states.keys().filter_map(|id| self.accounts.get(id)).map(|open| open.last).max();
        let at = rules::posted_at(scope.present, newest);
        let postings = rules::apply(&mut states, &draft.moves).map_err(|refused| self.refusal(&refused))?;
        let id = RecordId::from_bytes(scope.ids.id(scope.present).into_bytes());
        // What was signed stands last: the caller's own evidence keeps its places.
        let signed = scope.signed.map(|signed| Evidence { label: label::INTENT, data: signed.bytes.clone() });
        let evidence: Vec<Salted> = draft
            .evidence
            .into_iter()
            .chain(signed)
            .map(|text| Salted::new(text, scope.ids.salt()))
            .collect();
        let record = Record {
            version: ledger::record::VERSION,
            kind: draft.kind,
            id,
            posted_at: unsigned(at.0)?,
            postings,
            intent: scope.signed.map(|signed| signed.intent),
            commitments: evidence.iter().map(|text| text.commitment).collect(),
            nonce: scope.ids.nonce(),
            links: Links {
                subject: draft.subject.map(Uuid::into_bytes),
                reversed: draft.reversed,
                ..Links::default()
            },
        };
        let bytes = record.encode().map_err(Refusal::fault)?;
        let posted = Posted { record: id, commitments: record.commitments.clone() };
        let eras = self.move_on(&record, &states, at)?;
        if let Some(signed) = scope.signed {
            // Only the first keeps its place.
            let _first = signed.record.set(id);
        }
        self.pages.push(Page { record, bytes, by: permit.by(), evidence, eras });
        Ok(posted)
    }

    /// Moves the accounts on; answers for each posting its era and that of the posting before.
    fn move_on(
        &mut self,
        record: &Record,
        states: &BTreeMap<AccountId, AccountState>,
        at: Moment,
    ) -> Result<Vec<(i64, i64)>> {
        let mut eras = Vec::with_capacity(record.postings.len());
        for posting in &record.postings {
            let Some(open) = self.accounts.get_mut(&posting.account) else { continue };
            let before = open.era;
            if self.era > before {
                (open.era, open.era_from) = (self.era, signed(posting.seq)?);
            }
            eras.push((open.era, before));
        }
        for (id, state) in states {
            let Some(open) = self.accounts.get_mut(id) else { continue };
            (open.state, open.last) = (*state, at);
        }
        Ok(eras)
    }

    /// What the asker is told when the books refuse.
    fn refusal(&self, refused: &BooksError) -> Refusal {
        match refused {
            BooksError::BelowZero { available, .. } => match Amount::new(*available) {
                Ok(amount) => {
                    let (code, scale) = &self.asset;
                    let available = format!("{} {code}", amount.format(*scale));
                    Refusal::because(Code::InsufficientFunds { available })
                }
                Err(error) => Refusal::fault(error),
            },
            BooksError::ZeroAmount { .. } => Refusal::because(Code::AmountZero),
            BooksError::TotalsFull { .. } => Refusal::because(Code::AmountTooLarge),
            BooksError::Unbalanced { .. } => Refusal::fault(refused),
        }
    }
}

type House = ((AssetCode, Scale), i64);

/// The asset, and the era that is posted in now.
fn house(row: &QueryResult) -> Result<House> {
    let code: String = row.try_get("", "asset_code")?;
    let scale: i64 = row.try_get("", "asset_scale")?;
    let size: Option<i64> = row.try_get("", "log_size")?;
    let places = u8::try_from(scale).map_err(Refusal::fault)?;
    let asset = (code.parse().map_err(Refusal::fault)?, Scale::new(places).map_err(Refusal::fault)?);
    Ok((asset, eras::era(size.unwrap_or(0))))
}
