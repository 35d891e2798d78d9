//! The whole journal, for whoever holds the database: every record in order, with names for its accounts.
//!
//! Promises: reads a stretch at a time, so that memory grows with the accounts only; what is told about a
//! record comes from its bytes; one account has one name, and no two have the same. Must never: serve
//! anybody who asks over the network, for it asks nobody's leave.

use std::collections::{HashMap, HashSet};

use ledger::{AccountId, AccountKind, AssetNo, Record};
use sea_orm::{ColumnTrait, ConnectionTrait, DatabaseConnection, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use super::post::{code_and_scale, signed};
use super::rows::{Reader, Shelf, Source};
use super::sealer::head;
use super::tables::{account as accounts, asset};
use super::{ASSET, account_id, account_uuid};
use crate::error::{Refusal, Result};
use crate::market::AssetView;
use crate::person::tables::person;
use crate::programme::tables::programme;
use crate::store::snapshot;
use crate::task::tables::task;
use crate::unit::tables::unit;

/// Records read together.
const PAGE: u64 = 2_048;
/// Hex digits of an account's id that its short name carries, unless another account has the same.
const SHORT: usize = 12;

/// A record with its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JournalRecord {
    /// Its place in the log; `None` while it waits to be sealed.
    pub index: Option<u64>,
    /// What its bytes say.
    pub record: Record,
}

/// An account as a journal names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JournalAccount {
    /// What it is for.
    pub kind: AccountKind,
    /// Its id, or as much of it as tells it from the others: lower-case hex.
    pub short: String,
    /// The handle or slug of its owner, where names were asked for: small letters, digits and hyphens.
    pub owner: Option<String>,
}

/// The journal, read from its beginning.
pub struct Journal {
    db: DatabaseConnection,
    reader: Reader,
    shelf: Shelf,
    next: u64,
    origin: String,
    asset: AssetView,
    names: bool,
    accounts: HashMap<AccountId, JournalAccount>,
    taken: HashSet<(AccountKind, String)>,
}

impl Journal {
    /// Begins. With `names`, accounts carry the names of their owners.
    ///
    /// # Errors
    /// When the database can't be read, or holds no installation.
    pub async fn open(db: &DatabaseConnection, names: bool) -> Result<Self> {
        let txn = snapshot(db).await?;
        let source = Source::beside(db, &txn).await;
        let origin = head(&txn).await?.origin;
        let row = asset::Entity::find_by_id(i64::from(ASSET.0)).one(&txn).await?;
        let row = row.ok_or_else(|| Refusal::fault("the asset is not there"))?;
        let (code, scale) = code_and_scale(&row)?;
        let asset = AssetView { no: AssetNo(ASSET.0), code, scale, name: row.name };
        let reader = source.open().await.map_err(Refusal::fault)?;
        Ok(Self {
            db: db.clone(),
            reader,
            shelf: Shelf::Sealed,
            next: 0,
            origin,
            asset,
            names,
            accounts: HashMap::new(),
            taken: HashSet::new(),
        })
    }

    /// The log's name.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// The asset that everything is counted in.
    pub fn asset(&self) -> &AssetView {
        &self.asset
    }

    /// The next records, sealed ones first; none at the end.
    ///
    /// # Errors
    /// When the database can't be read, or a record is missing or not one.
    pub async fn read(&mut self) -> Result<Vec<JournalRecord>> {
        let (from, to) = (signed(self.next)?, signed(self.next + PAGE)?);
        let rows = self.reader.read(self.shelf, from, to).await.map_err(Refusal::fault)?;
        if rows.records.is_empty() && self.shelf == Shelf::Sealed {
            (self.shelf, self.next) = (Shelf::Waiting, 0);
            return Box::pin(self.read()).await;
        }
        let mut records = Vec::with_capacity(rows.records.len());
        for row in rows.records {
            let found = row.found.ok_or_else(|| Refusal::fault(format!("record {} is missing", row.id)))?;
            let record = Record::decode(&found.bytes).map_err(Refusal::fault)?;
            let index = (self.shelf == Shelf::Sealed).then_some(self.next);
            records.push(JournalRecord { index, record });
            self.next += 1;
        }
        self.name_accounts(&records).await?;
        Ok(records)
    }

    /// An account of the records that were read.
    ///
    /// # Errors
    /// When no record that was read has touched it.
    pub fn account(&self, id: &AccountId) -> Result<&JournalAccount> {
        self.accounts.get(id).ok_or_else(|| Refusal::fault(format!("account {id} was not met yet")))
    }

    /// Finds names for the accounts that are met for the first time.
    async fn name_accounts(&mut self, records: &[JournalRecord]) -> Result<()> {
        let met = records.iter().flat_map(|line| &line.record.postings).map(|posting| posting.account);
        let mut new: Vec<AccountId> = met.filter(|id| !self.accounts.contains_key(id)).collect();
        new.sort_unstable();
        new.dedup();
        for some in new.chunks(10_000) {
            let ids = some.iter().map(|id| account_uuid(*id));
            let rows = accounts::Entity::find().filter(accounts::Column::Id.is_in(ids)).all(&self.db).await?;
            let owners = if self.names { owners(&self.db, &rows).await? } else { HashMap::new() };
            let mut by_id: HashMap<AccountId, accounts::Model> =
                rows.into_iter().map(|row| (account_id(row.id), row)).collect();
            for id in some {
                let row =
                    by_id.remove(id).ok_or_else(|| Refusal::fault(format!("account {id} has no row")))?;
                let kind: AccountKind = row.kind.parse().map_err(Refusal::fault)?;
                let short = self.short(kind, *id);
                let owner = owners.get(&row.owner).cloned();
                self.accounts.insert(*id, JournalAccount { kind, short, owner });
            }
        }
        Ok(())
    }

    fn short(&mut self, kind: AccountKind, id: AccountId) -> String {
        let whole = id.to_string();
        let short = whole.get(..SHORT).unwrap_or(&whole).to_owned();
        if self.taken.insert((kind, short.clone())) { short } else { whole }
    }
}

/// Handles and slugs of these accounts' owners.
async fn owners(db: &impl ConnectionTrait, rows: &[accounts::Model]) -> Result<HashMap<Uuid, String>> {
    let of = |kind: AccountKind| -> Vec<Uuid> {
        rows.iter().filter(|row| row.kind == kind.as_str()).map(|row| row.owner).collect()
    };
    let mut named: Vec<(Uuid, String)> = Vec::new();
    let people = person::Entity::find().filter(person::Column::Id.is_in(of(AccountKind::Person)));
    let people = people.select_only().column(person::Column::Id).column(person::Column::Handle);
    named.extend(people.into_tuple::<(Uuid, String)>().all(db).await?);
    let units = unit::Entity::find().filter(unit::Column::Id.is_in(of(AccountKind::Unit)));
    let units = units.select_only().column(unit::Column::Id).column(unit::Column::Slug);
    named.extend(units.into_tuple::<(Uuid, String)>().all(db).await?);
    let programmes =
        programme::Entity::find().filter(programme::Column::Id.is_in(of(AccountKind::Programme)));
    let programmes = programmes.select_only().column(programme::Column::Id).column(programme::Column::Slug);
    named.extend(programmes.into_tuple::<(Uuid, String)>().all(db).await?);
    let tasks = task::Entity::find().filter(task::Column::Id.is_in(of(AccountKind::Escrow)));
    let tasks = tasks.select_only().column(task::Column::Id).column(task::Column::Handle);
    named.extend(tasks.into_tuple::<(Uuid, String)>().all(db).await?);
    Ok(named.into_iter().collect())
}
