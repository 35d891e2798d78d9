//! Looking into wallets and the treasury.
//!
//! Promises: a wallet that nobody may look into and a wallet that isn't there look the same. Must
//! never: read a balance from anywhere but its account.

use std::collections::HashMap;

use ledger::{Amount, RecordKind, Side};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseConnection, EntityTrait, FromQueryResult, QueryFilter, Statement,
    Value,
};
use uuid::Uuid;

use super::commands::OpenWallet;
use super::{StatementLine, TreasuryView, WalletView, rules};
use crate::actor::Actor;
use crate::books::tables::{account, posting};
use crate::books::{ASSET, RecordView, account_id, label, postings_of, received, record_id, records_by_id};
use crate::error::{Refusal, Result};
use crate::market::Market;
use crate::page::{Listing, Page};
use crate::person::tables::person;
use crate::policy::{Act, House, WalletOwner, permit};
use crate::store::must;
use crate::unit::tables::unit;

impl Market {
    /// A wallet.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] also for those who may not look into it.
    pub async fn wallet(&self, asker: &Actor, owner: WalletOwner) -> Result<WalletView> {
        permit(asker, Act::SeeWallet, &owner)?;
        let row = self.wallet_row(owner).await?;
        let db = self.store().reads();
        let kind = rules::key(owner).0;
        let received = received(db, kind, &[row.owner], RecordKind::Payout).await?;
        Ok(WalletView {
            owner,
            account: account_id(row.id),
            balance: balance(row.debits, row.credits)?,
            earned: received.get(&row.owner).copied().unwrap_or_default(),
            escrowed: escrowed(db, row.id).await?,
            seq: u64::try_from(row.seq).map_err(Refusal::fault)?,
        })
    }

    /// Every posting of a wallet, newest first.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] also for those who may not look into it; problems with the page.
    pub async fn statement(
        &self,
        asker: &Actor,
        owner: WalletOwner,
        page: Page,
    ) -> Result<Listing<StatementLine>> {
        permit(asker, Act::SeeWallet, &owner)?;
        let span = page.span::<i64>()?;
        let row = self.wallet_row(owner).await?;
        let db = self.store().reads();
        let (first, last) = rules::numbers(row.seq, &span);
        let mut postings = postings_of(db, row.id, first, last).await?;
        if !span.backward {
            postings.reverse();
        }
        let ids: Vec<Uuid> = postings.iter().map(|posting| posting.record_id).collect();
        let records = records_by_id(db, asker, self.now(), &ids).await?;
        let fetched = postings.iter().map(|posting| line(posting, &records)).collect::<Result<Vec<_>>>()?;
        let total = u64::try_from(row.seq).map_err(Refusal::fault)?;
        Ok(span.listing(fetched, total, |(seq, _)| *seq).map(|(_, line)| line))
    }

    /// Where all tokens are. For treasurers and auditors.
    ///
    /// # Errors
    /// [`Refusal::Unauthenticated`] and [`Refusal::NotFound`] for those who may not know.
    pub async fn treasury(&self, asker: &Actor) -> Result<TreasuryView> {
        permit(asker, Act::SeeTreasury, &House)?;
        let db = self.store().reads();
        let sql = "SELECT kind, CAST(SUM(credits - debits) AS BIGINT) AS balance \
                   FROM account WHERE asset = $1 GROUP BY kind";
        let statement =
            Statement::from_sql_and_values(db.get_database_backend(), sql, [i64::from(ASSET.0).into()]);
        let kinds: HashMap<String, i64> = KindBalance::find_by_statement(statement)
            .all(db)
            .await?
            .into_iter()
            .map(|row| (row.kind, row.balance))
            .collect();
        let of = |kinds_wanted: &[&str]| {
            let minor: i64 = kinds_wanted.iter().map(|kind| kinds.get(*kind).copied().unwrap_or(0)).sum();
            Amount::from_i64(minor).map_err(Refusal::fault)
        };
        let mint = kinds.get("mint").copied().unwrap_or(0);
        Ok(TreasuryView {
            issued: Amount::from_i64(-mint).map_err(Refusal::fault)?,
            treasury: of(&["treasury"])?,
            programmes: of(&["programme"])?,
            wallets: of(&["person", "unit", "hold"])?,
            escrow: of(&["escrow"])?,
            retired: of(&["retired"])?,
        })
    }

    /// The account behind a wallet, opened now if it was never used.
    async fn wallet_row(&self, owner: WalletOwner) -> Result<account::Model> {
        let db = self.store().reads();
        let (kind, id) = rules::key(owner);
        if let Some(row) = find(db, kind.as_str(), id).await? {
            return Ok(row);
        }
        let there = match owner {
            WalletOwner::Person(_) => person::Entity::find_by_id(id).one(db).await?.is_some(),
            WalletOwner::Unit(_) => unit::Entity::find_by_id(id).one(db).await?.is_some(),
        };
        if !there {
            return Err(Refusal::NotFound);
        }
        self.run(&Actor::Clockwork, OpenWallet { kind: kind.as_str(), owner: id }).await?;
        must(find(db, kind.as_str(), id).await?)
    }
}

async fn find(db: &DatabaseConnection, kind: &str, owner: Uuid) -> Result<Option<account::Model>> {
    let select = account::Entity::find()
        .filter(account::Column::Kind.eq(kind))
        .filter(account::Column::Owner.eq(owner))
        .filter(account::Column::Asset.eq(i64::from(ASSET.0)));
    Ok(select.one(db).await?)
}

#[derive(FromQueryResult)]
struct KindBalance {
    kind: String,
    balance: i64,
}

/// What an account put into bounties of races that have not ended, and into offers that are open.
const ESCROWED: &str = "SELECT CAST(COALESCE(SUM(amount), 0) AS BIGINT) AS total FROM ( \
    SELECT funding.amount FROM funding JOIN task ON task.id = funding.task_id \
    WHERE funding.account_id = $1 AND task.state IN ('open', 'provisional') \
    UNION ALL SELECT price FROM part_offer WHERE account_id = $1 AND state = 'open') AS held";

async fn escrowed(db: &DatabaseConnection, account: Uuid) -> Result<Amount> {
    let values: [Value; 1] = [account.into()];
    let row =
        db.query_one_raw(Statement::from_sql_and_values(db.get_database_backend(), ESCROWED, values)).await?;
    let total: i64 = must(row)?.try_get("", "total")?;
    Amount::from_i64(total).map_err(Refusal::fault)
}

fn balance(debits: i64, credits: i64) -> Result<Amount> {
    Amount::from_i64(credits - debits).map_err(Refusal::fault)
}

fn line(posting: &posting::Model, records: &HashMap<Uuid, RecordView>) -> Result<(i64, StatementLine)> {
    let record = records.get(&posting.record_id);
    let record = record.ok_or_else(|| Refusal::fault("a posting's record is not there"))?;
    let is_word =
        |text: &&crate::books::DisclosureView| text.label == label::MEMO || text.label == label::REASON;
    let memo = record.disclosures.iter().find(is_word);
    let line = StatementLine {
        record: record_id(posting.record_id),
        index: record.index,
        kind: record.kind,
        at: record.at,
        credit: posting.side == i64::from(Side::Credit.code()),
        amount: Amount::from_i64(posting.amount).map_err(Refusal::fault)?,
        seq: u64::try_from(posting.seq).map_err(Refusal::fault)?,
        balance_after: balance(posting.debits, posting.credits)?,
        task: record.task,
        memo: memo.map(|text| String::from_utf8_lossy(&text.data).into_owned()),
    };
    Ok((posting.seq, line))
}
