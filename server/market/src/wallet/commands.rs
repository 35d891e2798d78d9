//! Issuing, allocating, transferring.
//!
//! Promises: the receiver is known to exist before a token moves. Must never: move anything but
//! through the books.

use std::collections::HashSet;

use ledger::intent::Value;
use ledger::{AccountKind, Amount, RecordId, RecordKind};
use sea_orm::EntityTrait;
use serde::Serialize;
use uuid::Uuid;

use super::{AllocateTokens, IssueTokens, TransferTokens, rules};
use crate::actor::Actor;
use crate::books::tables::asset;
use crate::books::{self, Book, Draft, Evidence, Key, label};
use crate::error::{Code, Refusal, Result};
use crate::notice::{Event, Kind, notify_all};
use crate::policy::{Act, House, Permit, WalletOwner, may, permit};
use crate::signing::{Says, Signable};
use crate::store::rows::{Cells, Rows};
use crate::store::{Asked, Bulk, Command, Many, Scope, alone, must};

const MINT: Key = (AccountKind::Mint, Uuid::nil());
const TREASURY: Key = (AccountKind::Treasury, Uuid::nil());

impl Command for IssueTokens {
    type Output = RecordId;
    const ACT: Act = Act::IssueTokens;

    async fn run(&self, asker: &Actor, scope: &Scope<'_>) -> Result<RecordId> {
        let permit = permit(asker, Act::IssueTokens, &House)?;
        let reason = rules::issue(self.amount, &self.reason)?;
        let mut facts = Facts::load(scope, vec![MINT, TREASURY]).await?;
        let reason = text(label::REASON, reason);
        let record = facts.pass(scope, &permit, RecordKind::Issue, MINT, TREASURY, self.amount, reason)?;
        facts.finish(scope).await?;
        Ok(record)
    }
}

impl Command for AllocateTokens {
    type Output = RecordId;
    const ACT: Act = Act::AllocateTokens;
    const MANY: Option<Many<Self>> = Some(Many::BULK);

    async fn run(&self, asker: &Actor, scope: &Scope<'_>) -> Result<RecordId> {
        alone(self, asker, scope).await
    }
}

impl Bulk for AllocateTokens {
    type Facts = Facts;

    async fn load(asked: &[Asked<'_, Self>], scope: &Scope<'_>) -> Result<Facts> {
        let permitted = asked.iter().filter(|(asker, _)| may(asker, Act::AllocateTokens, &House));
        Facts::load(scope, permitted.flat_map(|(_, one)| [TREASURY, rules::destination(one.to)]).collect())
            .await
    }

    fn decide(&self, asker: &Actor, scope: &Scope<'_>, facts: &mut Facts) -> Result<RecordId> {
        let permit = permit(asker, Act::AllocateTokens, &House)?;
        let reason = rules::issue(self.amount, &self.reason)?;
        let (from, to) = (TREASURY, rules::destination(self.to));
        facts.must_exist(to)?;
        facts.pass(scope, &permit, RecordKind::Allocate, from, to, self.amount, text(label::REASON, reason))
    }

    async fn write(facts: Facts, scope: &Scope<'_>) -> Result<()> {
        facts.finish(scope).await
    }
}

impl Signable for TransferTokens {
    /// The accounts as they stand in the record; who owns them is said beside them for the eye.
    async fn says(&self, asker: &Actor, scope: &Scope<'_>) -> Result<Says> {
        permit(asker, Act::TransferTokens, &self.from)?;
        let memo = rules::transfer(self.from, self.to, self.amount, &self.memo)?;
        let (from, to) = (rules::key(self.from), rules::key(self.to));
        Facts::load(scope, vec![to]).await?.must_exist(to)?;
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
    const MANY: Option<Many<Self>> = Some(Many::BULK);

    async fn run(&self, asker: &Actor, scope: &Scope<'_>) -> Result<RecordId> {
        alone(self, asker, scope).await
    }
}

impl Bulk for TransferTokens {
    type Facts = Facts;

    async fn load(asked: &[Asked<'_, Self>], scope: &Scope<'_>) -> Result<Facts> {
        let permitted = asked.iter().filter(|(asker, one)| may(asker, Act::TransferTokens, &one.from));
        Facts::load(
            scope,
            permitted.flat_map(|(_, one)| [rules::key(one.from), rules::key(one.to)]).collect(),
        )
        .await
    }

    fn decide(&self, asker: &Actor, scope: &Scope<'_>, facts: &mut Facts) -> Result<RecordId> {
        let permit = permit(asker, Act::TransferTokens, &self.from)?;
        let memo = rules::transfer(self.from, self.to, self.amount, &self.memo)?;
        let (from, to) = (rules::key(self.from), rules::key(self.to));
        facts.must_exist(to)?;
        facts.pass(scope, &permit, RecordKind::Transfer, from, to, self.amount, text(label::MEMO, memo))
    }

    async fn write(facts: Facts, scope: &Scope<'_>) -> Result<()> {
        facts.finish(scope).await
    }
}

/// What movements between wallets are decided by.
pub struct Facts {
    book: Book,
    /// Owners that are not there.
    nobody: HashSet<Key>,
    /// Who is told of what was passed.
    events: Vec<Event>,
}

impl Facts {
    pub(super) async fn load(scope: &Scope<'_>, keys: Vec<Key>) -> Result<Self> {
        let book = Book::of_owners(scope, keys.clone()).await?;
        // Whoever has an account is there.
        let mut nobody: HashSet<Key> = keys.into_iter().filter(|key| book.is_new(*key)).collect();
        for (kind, table) in [
            (AccountKind::Person, "person"),
            (AccountKind::Unit, "unit"),
            (AccountKind::Programme, "programme"),
        ] {
            let ids = nobody.iter().filter(|(of, _)| *of == kind).map(|(_, owner)| *owner).collect();
            let sql = format!("SELECT found.id FROM {{rows}} JOIN {table} AS found ON found.id = given.id");
            for row in Rows(vec![("id", Cells::Ids(ids))]).query(scope.txn, &sql).await? {
                nobody.remove(&(kind, row.try_get("", "id")?));
            }
        }
        Ok(Self { book, nobody, events: Vec::new() })
    }

    /// Refuses unless there is somebody or something to own the account.
    fn must_exist(&self, to: Key) -> Result<()> {
        if self.is_nobody(to) { Err(Refusal::on("to", Code::NoSuchWallet)) } else { Ok(()) }
    }

    /// Whether nobody is there to own the account.
    pub(super) fn is_nobody(&self, key: Key) -> bool {
        self.nobody.contains(&key)
    }

    /// Posts one amount from one account to another.
    #[allow(clippy::too_many_arguments, reason = "a movement has as many parts")]
    fn pass<S>(
        &mut self,
        scope: &Scope<'_>,
        permit: &Permit<S>,
        kind: RecordKind,
        from: Key,
        to: Key,
        amount: Amount,
        evidence: Vec<Evidence>,
    ) -> Result<RecordId> {
        self.spread(scope, permit, kind, (from, amount), &[(to, amount)], evidence)
            .map_err(rules::about_amount)
    }

    /// Posts one record from one account to all of `parts`, which together are as much.
    pub(super) fn spread<S>(
        &mut self,
        scope: &Scope<'_>,
        permit: &Permit<S>,
        kind: RecordKind,
        (from, total): (Key, Amount),
        parts: &[(Key, Amount)],
        evidence: Vec<Evidence>,
    ) -> Result<RecordId> {
        let mut moves = vec![books::debit(self.book.account(from)?, total)];
        for (to, amount) in parts {
            moves.push(books::credit(self.book.account(*to)?, *amount));
        }
        let draft = Draft { kind, moves, subject: None, reversed: None, evidence };
        let posted = self.book.post(scope, permit, draft)?;
        if scope.tells {
            for (to, amount) in parts {
                self.events.push(Event::of(permit, Kind::TokensReceived).into_account(*to, *amount));
            }
        }
        Ok(posted.record)
    }

    /// Writes what was passed, and tells of it.
    pub(super) async fn finish(self, scope: &Scope<'_>) -> Result<()> {
        books::finish(scope, self.book).await?;
        notify_all(scope, self.events).await
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

pub(super) fn text(label: &'static str, text: String) -> Vec<Evidence> {
    if text.is_empty() { Vec::new() } else { vec![Evidence { label, data: text.into_bytes() }] }
}
