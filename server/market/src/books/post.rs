//! Posting: the only way that an account changes.
//!
//! Promises: accounts are locked in the order of their ids; balances, postings, record, texts and the
//! place in the sealing queue are written in the caller's own database transaction, or not at all.
//! Must never: let two records of one account carry the same number, or overdraw anything.

use std::collections::BTreeMap;

use ledger::{
    AccountId, AccountKind, AccountState, Amount, AssetCode, BooksError, Hash, Links, Move, Posting, Record,
    RecordId, RecordKind, Scale, Side, commit,
};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QueryTrait};
use uuid::Uuid;

use super::tables::{account as accounts, asset, disclosure, posting, record, seal_queue};
use super::{ASSET, account_id, account_uuid, label, record_uuid, rules};
use crate::clock::Moment;
use crate::error::{Code, Refusal, Result};
use crate::policy::Permit;
use crate::store::{Scope, lock_rows};

/// A record that is wanted.
pub(crate) struct Draft {
    /// What it is.
    pub(crate) kind: RecordKind,
    /// What moves; none for evidence.
    pub(crate) moves: Vec<Move>,
    /// What it is about: the task, for everything that belongs to one.
    pub(crate) subject: Option<Uuid>,
    /// The record that a reversal undoes.
    pub(crate) reversed: Option<RecordId>,
    /// Texts and files behind it; the record carries a salted hash of each, in this order.
    pub(crate) evidence: Vec<Evidence>,
}

/// A text or file behind a record.
pub(crate) struct Evidence {
    /// What it is.
    pub(crate) label: &'static str,
    /// Its bytes.
    pub(crate) data: Vec<u8>,
}

/// What was posted.
#[derive(Debug)]
pub(crate) struct Posted {
    /// The new record.
    pub(crate) record: RecordId,
    /// The salted hash of each piece of evidence, in order.
    pub(crate) commitments: Vec<Hash>,
}

/// `amount` out of `account`.
pub(crate) fn debit(account: AccountId, amount: Amount) -> Move {
    Move { account, asset: ASSET, side: Side::Debit, amount }
}

/// `amount` into `account`.
pub(crate) fn credit(account: AccountId, amount: Amount) -> Move {
    Move { account, asset: ASSET, side: Side::Credit, amount }
}

/// The account of this kind and owner, made if there is none yet. Its id is random and tells nothing.
///
/// # Errors
/// When the database fails.
pub(crate) async fn account(scope: &Scope<'_>, kind: AccountKind, owner: Uuid) -> Result<AccountId> {
    let wanted = || {
        accounts::Entity::find()
            .filter(accounts::Column::Kind.eq(kind.as_str()))
            .filter(accounts::Column::Owner.eq(owner))
            .filter(accounts::Column::Asset.eq(i64::from(ASSET.0)))
    };
    if let Some(row) = wanted().one(scope.txn).await? {
        return Ok(account_id(row.id));
    }
    let row = accounts::ActiveModel {
        id: Set(Uuid::from_bytes(scope.ids.nonce())),
        kind: Set(kind.as_str().to_owned()),
        owner: Set(owner),
        asset: Set(i64::from(ASSET.0)),
        seq: Set(0),
        debits: Set(0),
        credits: Set(0),
        last_posted_at: Set(0),
    };
    let taken = OnConflict::new().do_nothing().to_owned();
    accounts::Entity::insert(row).on_conflict(taken).try_insert().exec_without_returning(scope.txn).await?;
    let row = wanted().one(scope.txn).await?;
    row.map(|row| account_id(row.id))
        .ok_or_else(|| Refusal::fault("an account that was just made is not there"))
}

/// Posts a record.
///
/// # Errors
/// [`Code::InsufficientFunds`] when an account would fall below its floor, [`Code::AmountZero`] for a
/// movement of nothing, [`Code::AmountTooLarge`] when totals would overflow; [`Refusal::Fault`] when
/// the draft can't be a record (unbalanced, too long).
pub(crate) async fn post<S>(scope: &Scope<'_>, permit: &Permit<S>, draft: Draft) -> Result<Posted> {
    let rows = lock(scope, &draft.moves).await?;
    let mut states = states(&rows)?;
    let postings = match rules::apply(&mut states, &draft.moves) {
        Ok(postings) => postings,
        Err(refused) => return Err(refusal(scope, refused).await?),
    };
    let newest = rows.iter().map(|row| Moment(row.last_posted_at)).max();
    let at = rules::posted_at(scope.now, newest);
    let id = RecordId::from_bytes(scope.ids.id(scope.now).into_bytes());
    // What was signed stands last: the caller's own evidence keeps its places.
    let signed = scope.signed.map(|signed| Evidence { label: label::INTENT, data: signed.bytes.clone() });
    let evidence: Vec<Salted> =
        draft.evidence.into_iter().chain(signed).map(|text| Salted::new(text, scope.ids.salt())).collect();
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
    write_accounts(scope, permit, &rows, &states, at).await?;
    write_postings(scope, permit, &record).await?;
    write_record(scope, permit, &record, bytes).await?;
    write_evidence(scope, permit, id, evidence).await?;
    queue(scope, permit, id, at).await?;
    if let Some(signed) = scope.signed {
        // Only the first keeps its place.
        let _first = signed.record.set(id);
    }
    Ok(Posted { record: id, commitments: record.commitments })
}

/// A text with its salt, which is random and used once, and the hash over both.
struct Salted {
    text: Evidence,
    salt: [u8; 32],
    commitment: Hash,
}

impl Salted {
    fn new(text: Evidence, salt: [u8; 32]) -> Self {
        let commitment = commit(text.label, &salt, &text.data);
        Self { text, salt, commitment }
    }
}

/// The accounts that the moves touch, each once, locked in the order of their ids.
async fn lock(scope: &Scope<'_>, moves: &[Move]) -> Result<Vec<accounts::Model>> {
    let mut ids: Vec<Uuid> = moves.iter().map(|wanted| account_uuid(wanted.account)).collect();
    ids.sort_unstable();
    ids.dedup();
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let count = ids.len();
    let mut select =
        accounts::Entity::find().filter(accounts::Column::Id.is_in(ids)).order_by_asc(accounts::Column::Id);
    lock_rows(sea_orm::ConnectionTrait::get_database_backend(scope.txn), QueryTrait::query(&mut select));
    let rows = select.all(scope.txn).await?;
    if rows.len() == count {
        Ok(rows)
    } else {
        Err(Refusal::fault("a movement names an account that is not there"))
    }
}

fn states(rows: &[accounts::Model]) -> Result<BTreeMap<AccountId, AccountState>> {
    rows.iter().map(|row| Ok((account_id(row.id), state(row)?))).collect()
}

/// Where an account stands, by its row.
pub(super) fn state(row: &accounts::Model) -> Result<AccountState> {
    let kind: AccountKind = row.kind.parse().map_err(Refusal::fault)?;
    Ok(AccountState {
        seq: unsigned(row.seq)?,
        debits: unsigned(row.debits)?,
        credits: unsigned(row.credits)?,
        may_go_below_zero: kind.may_go_below_zero(),
    })
}

/// A count or total as the ledger has it.
pub(super) fn unsigned(value: i64) -> Result<u64> {
    u64::try_from(value).map_err(Refusal::fault)
}

/// A count or total as the database has it.
pub(super) fn signed(value: u64) -> Result<i64> {
    i64::try_from(value).map_err(Refusal::fault)
}

/// What the asker is told when the books refuse.
async fn refusal(scope: &Scope<'_>, refused: BooksError) -> Result<Refusal> {
    Ok(match refused {
        BooksError::BelowZero { available, .. } => {
            let available = spell(scope, available).await?;
            Refusal::because(Code::InsufficientFunds { available })
        }
        BooksError::ZeroAmount { .. } => Refusal::because(Code::AmountZero),
        BooksError::TotalsFull { .. } => Refusal::because(Code::AmountTooLarge),
        BooksError::Unbalanced { .. } => Refusal::fault(refused),
    })
}

/// An amount in major units with the code of its asset, such as `12.50 SMT`.
async fn spell(scope: &Scope<'_>, minor: u64) -> Result<String> {
    let row = asset::Entity::find_by_id(i64::from(ASSET.0)).one(scope.txn).await?;
    let row = row.ok_or_else(|| Refusal::fault("the asset is not there"))?;
    let (code, scale) = code_and_scale(&row)?;
    let amount = Amount::new(minor).map_err(Refusal::fault)?;
    Ok(format!("{} {code}", amount.format(scale)))
}

/// How amounts of an asset are written, by its row.
pub(super) fn code_and_scale(row: &asset::Model) -> Result<(AssetCode, Scale)> {
    let code = row.code.parse().map_err(Refusal::fault)?;
    let places = u8::try_from(row.scale).map_err(Refusal::fault)?;
    Ok((code, Scale::new(places).map_err(Refusal::fault)?))
}

/// Moves the account rows on; each only if nobody else did since it was read.
async fn write_accounts<S>(
    scope: &Scope<'_>,
    _: &Permit<S>,
    rows: &[accounts::Model],
    states: &BTreeMap<AccountId, AccountState>,
    at: Moment,
) -> Result<()> {
    for row in rows {
        let state = states.get(&account_id(row.id)).ok_or_else(|| Refusal::fault("an account got lost"))?;
        let done = accounts::Entity::update_many()
            .col_expr(accounts::Column::Seq, Expr::val(signed(state.seq)?))
            .col_expr(accounts::Column::Debits, Expr::val(signed(state.debits)?))
            .col_expr(accounts::Column::Credits, Expr::val(signed(state.credits)?))
            .col_expr(accounts::Column::LastPostedAt, Expr::val(at.0))
            .filter(accounts::Column::Id.eq(row.id))
            .filter(accounts::Column::Seq.eq(row.seq))
            .exec(scope.txn)
            .await?;
        if done.rows_affected != 1 {
            return Err(lost_race("an account moved on meanwhile"));
        }
    }
    Ok(())
}

/// A fault that makes the store run the command again.
pub(super) fn lost_race(why: &str) -> Refusal {
    Refusal::fault(format!("could not serialize access: {why}"))
}

/// Before the record: the database weighs them when the record comes, and takes no more afterwards.
async fn write_postings<S>(scope: &Scope<'_>, _: &Permit<S>, record: &Record) -> Result<()> {
    let mut rows = Vec::with_capacity(record.postings.len());
    for (line, Posting { account, asset, side, amount, seq, debits, credits }) in
        (0_i64..).zip(&record.postings)
    {
        rows.push(posting::ActiveModel {
            record_id: Set(record_uuid(record.id)),
            line: Set(line),
            account_id: Set(account_uuid(*account)),
            asset: Set(i64::from(asset.0)),
            side: Set(i64::from(side.code())),
            amount: Set(amount.as_i64()),
            seq: Set(signed(*seq)?),
            debits: Set(signed(*debits)?),
            credits: Set(signed(*credits)?),
        });
    }
    if !rows.is_empty() {
        posting::Entity::insert_many(rows).exec_without_returning(scope.txn).await?;
    }
    Ok(())
}

async fn write_record<S>(
    scope: &Scope<'_>,
    permit: &Permit<S>,
    record: &Record,
    bytes: Vec<u8>,
) -> Result<()> {
    let row = record::ActiveModel {
        id: Set(record_uuid(record.id)),
        kind: Set(record.kind.as_str().to_owned()),
        posted_at: Set(signed(record.posted_at)?),
        subject: Set(record.links.subject.map(Uuid::from_bytes)),
        reversed: Set(record.links.reversed.map(record_uuid)),
        made_by: Set(permit.by().map(|id| id.0)),
        bytes: Set(bytes),
    };
    record::Entity::insert(row).exec_without_returning(scope.txn).await?;
    Ok(())
}

async fn write_evidence<S>(scope: &Scope<'_>, _: &Permit<S>, id: RecordId, texts: Vec<Salted>) -> Result<()> {
    let rows: Vec<_> = (0_i64..)
        .zip(texts)
        .map(|(line, Salted { text, salt, .. })| disclosure::ActiveModel {
            record_id: Set(record_uuid(id)),
            line: Set(line),
            label: Set(text.label.to_owned()),
            salt: Set(salt.to_vec()),
            data: Set(text.data),
        })
        .collect();
    if !rows.is_empty() {
        disclosure::Entity::insert_many(rows).exec_without_returning(scope.txn).await?;
    }
    Ok(())
}

async fn queue<S>(scope: &Scope<'_>, _: &Permit<S>, id: RecordId, at: Moment) -> Result<()> {
    let row = seal_queue::ActiveModel { record_id: Set(record_uuid(id)), posted_at: Set(at.0) };
    seal_queue::Entity::insert(row).exec_without_returning(scope.txn).await?;
    Ok(())
}
