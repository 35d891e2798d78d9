//! Posting: the only way that an account changes.
//!
//! Promises: whoever posts one record goes the way of those who post a thousand ([`Book`]); what was
//! posted is sealed at once where many are, and otherwise waits in the sealing queue.
//! Must never: leave a record without a place or a place in the queue.

use ledger::{
    AccountId, AccountKind, AccountState, Amount, AssetCode, Hash, Move, RecordId, RecordKind, Scale, Side,
    commit,
};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::book::Book;
use super::tables::{account as accounts, asset};
use super::{ASSET, account_id, sealer};
use crate::error::{Refusal, Result};
use crate::policy::Permit;
use crate::store::Scope;

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
        era: Set(0),
        era_from: Set(1),
    };
    let taken = OnConflict::new().do_nothing().to_owned();
    accounts::Entity::insert(row).on_conflict(taken).try_insert().exec_without_returning(scope.txn).await?;
    let row = wanted().one(scope.txn).await?;
    row.map(|row| account_id(row.id))
        .ok_or_else(|| Refusal::fault("an account that was just made is not there"))
}

/// Posts a record; it waits to be sealed.
///
/// # Errors
/// Those of [`Book::post`].
pub(crate) async fn post<S>(scope: &Scope<'_>, permit: &Permit<S>, draft: Draft) -> Result<Posted> {
    let mut book =
        Book::of_accounts(scope, draft.moves.iter().map(|wanted| wanted.account).collect()).await?;
    let posted = book.post(scope, permit, draft)?;
    sealer::queue(scope, &book.write(scope).await?).await?;
    Ok(posted)
}

/// Writes what was posted to a book and gives it its places in the log by the way.
///
/// # Errors
/// A lost race, upon which the store runs the commands again; a fault when the database fails.
pub(crate) async fn finish(scope: &Scope<'_>, book: Book) -> Result<()> {
    if book.pages.is_empty() {
        return Ok(());
    }
    let unsealed = book.write(scope).await?;
    sealer::ride(scope, unsealed).await
}

/// A text with its salt, which is random and used once, and the hash over both.
pub(super) struct Salted {
    pub(super) text: Evidence,
    pub(super) salt: [u8; 32],
    pub(super) commitment: Hash,
}

impl Salted {
    pub(super) fn new(text: Evidence, salt: [u8; 32]) -> Self {
        let commitment = commit(text.label, &salt, &text.data);
        Self { text, salt, commitment }
    }
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

/// How amounts of an asset are written, by its row.
pub(super) fn code_and_scale(row: &asset::Model) -> Result<(AssetCode, Scale)> {
    let code = row.code.parse().map_err(Refusal::fault)?;
    let places = u8::try_from(row.scale).map_err(Refusal::fault)?;
    Ok((code, Scale::new(places).map_err(Refusal::fault)?))
}
