//! Issuing, allocating, transferring.
//!
//! Promises: the receiver is known to exist before a token moves. Must never: move anything but
//! through the books.

use ledger::intent::Value;
use ledger::{AccountKind, Amount, RecordId, RecordKind};
use sea_orm::EntityTrait;
use serde::Serialize;
use uuid::Uuid;

use super::{AllocateTokens, IssueTokens, TransferTokens, rules};
use crate::actor::Actor;
use crate::books::tables::asset;
use crate::books::{self, Draft, Evidence, label};
use crate::error::{Code, Refusal, Result};
use crate::person::tables::person;
use crate::policy::{Act, House, Permit, WalletOwner, permit};
use crate::programme::tables::programme;
use crate::signing::{Says, Signable};
use crate::store::{Command, Scope, must};
use crate::unit::tables::unit;

impl Command for IssueTokens {
    type Output = RecordId;
    const ACT: Act = Act::IssueTokens;

    async fn run(&self, asker: &Actor, scope: &Scope<'_>) -> Result<RecordId> {
        let permit = permit(asker, Act::IssueTokens, &House)?;
        let reason = rules::issue(self.amount, &self.reason)?;
        let from = (AccountKind::Mint, Uuid::nil());
        let to = (AccountKind::Treasury, Uuid::nil());
        pass(scope, &permit, RecordKind::Issue, from, to, self.amount, text(label::REASON, reason)).await
    }
}

impl Command for AllocateTokens {
    type Output = RecordId;
    const ACT: Act = Act::AllocateTokens;

    async fn run(&self, asker: &Actor, scope: &Scope<'_>) -> Result<RecordId> {
        let permit = permit(asker, Act::AllocateTokens, &House)?;
        let reason = rules::issue(self.amount, &self.reason)?;
        let from = (AccountKind::Treasury, Uuid::nil());
        let to = rules::destination(self.to);
        must_exist(scope, to).await?;
        pass(scope, &permit, RecordKind::Allocate, from, to, self.amount, text(label::REASON, reason)).await
    }
}

impl Signable for TransferTokens {
    /// The accounts as they stand in the record; who owns them is said beside them for the eye.
    async fn says(&self, asker: &Actor, scope: &Scope<'_>) -> Result<Says> {
        permit(asker, Act::TransferTokens, &self.from)?;
        let memo = rules::transfer(self.from, self.to, self.amount, &self.memo)?;
        let (from, to) = (rules::key(self.from), rules::key(self.to));
        must_exist(scope, to).await?;
        let asset = asset::Entity::find_by_id(i64::from(books::ASSET.0)).one(scope.txn).await?;
        let asset = must(asset)?;
        let mut says = vec![
            said("from", Value::Bytes(books::account(scope, from.0, from.1).await?.0.to_vec())),
            said("from owner", owner(self.from)),
            said("to", Value::Bytes(books::account(scope, to.0, to.1).await?.0.to_vec())),
            said("to owner", owner(self.to)),
            said("amount", Value::Number(self.amount.minor())),
            said("asset", Value::Text(asset.code)),
            said("decimals", Value::Number(u64::try_from(asset.scale).map_err(Refusal::fault)?)),
        ];
        if !memo.is_empty() {
            says.push(said("memo", Value::Text(memo)));
        }
        Ok(says)
    }
}

impl Command for TransferTokens {
    type Output = RecordId;
    const ACT: Act = Act::TransferTokens;

    async fn run(&self, asker: &Actor, scope: &Scope<'_>) -> Result<RecordId> {
        let permit = permit(asker, Act::TransferTokens, &self.from)?;
        let memo = rules::transfer(self.from, self.to, self.amount, &self.memo)?;
        let (from, to) = (rules::key(self.from), rules::key(self.to));
        must_exist(scope, to).await?;
        pass(scope, &permit, RecordKind::Transfer, from, to, self.amount, text(label::MEMO, memo)).await
    }
}

/// Opens the account of a wallet that was never used, so that whoever looks at it sees its id.
#[derive(Serialize)]
pub(super) struct OpenWallet {
    pub(super) kind: &'static str,
    pub(super) owner: Uuid,
}

impl Command for OpenWallet {
    type Output = ();
    const ACT: Act = Act::KeepTime;

    async fn run(&self, asker: &Actor, scope: &Scope<'_>) -> Result<()> {
        permit(asker, Act::KeepTime, &House)?;
        let kind = self.kind.parse().map_err(Refusal::fault)?;
        books::account(scope, kind, self.owner).await?;
        Ok(())
    }
}

fn said(name: &str, value: Value) -> (String, Value) {
    (name.to_owned(), value)
}

/// An owner's kind and id.
fn owner(owner: WalletOwner) -> Value {
    let (kind, id) = rules::key(owner);
    Value::Text(format!("{} {id}", kind.as_str()))
}

/// The kind and owner that an account is found by.
type Key = (AccountKind, Uuid);

/// Posts one amount from one account to another.
async fn pass<S>(
    scope: &Scope<'_>,
    permit: &Permit<S>,
    kind: RecordKind,
    from: Key,
    to: Key,
    amount: Amount,
    evidence: Vec<Evidence>,
) -> Result<RecordId> {
    let from = books::account(scope, from.0, from.1).await?;
    let to = books::account(scope, to.0, to.1).await?;
    let moves = vec![books::debit(from, amount), books::credit(to, amount)];
    let draft = Draft { kind, moves, subject: None, reversed: None, evidence };
    let posted = books::post(scope, permit, draft).await.map_err(rules::about_amount)?;
    Ok(posted.record)
}

fn text(label: &'static str, text: String) -> Vec<Evidence> {
    if text.is_empty() { Vec::new() } else { vec![Evidence { label, data: text.into_bytes() }] }
}

/// Refuses unless there is somebody or something to own the account.
async fn must_exist(scope: &Scope<'_>, (kind, owner): Key) -> Result<()> {
    let there = match kind {
        AccountKind::Person => person::Entity::find_by_id(owner).one(scope.txn).await?.is_some(),
        AccountKind::Unit => unit::Entity::find_by_id(owner).one(scope.txn).await?.is_some(),
        AccountKind::Programme => programme::Entity::find_by_id(owner).one(scope.txn).await?.is_some(),
        _ => false,
    };
    if there { Ok(()) } else { Err(Refusal::on("to", Code::NoSuchWallet)) }
}
