//! An account's history: every line of it, and its balance over time.
//!
//! Promises: whoever may read the journal may read it by account, and everybody their own; a page costs the
//! same number of queries however long the account is. Must never: add up a balance by itself.

use std::collections::HashMap;

use ledger::{AccountId, Amount, RecordId, RecordKind, Side};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use super::eras::postings_of;
use super::post::unsigned;
use super::tables::{account, posting, record};
use super::{AccountView, account_uuid, record_id, records_by_id, rules};
use crate::actor::Actor;
use crate::clock::Moment;
use crate::error::{Refusal, Result};
use crate::ids::TaskId;
use crate::market::Market;
use crate::page::{Listing, Page};
use crate::policy::{Act, House, may};
use crate::store::must;

/// Most points of a curve: the newest postings, enough for a picture.
const CURVE: i64 = 200;

/// An account with a page of its lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryView {
    /// The account.
    pub account: AccountView,
    /// What it holds now, in minor units; only the mint's lies below zero.
    pub balance: i128,
    /// Its lines, newest first.
    pub lines: Listing<HistoryLine>,
    /// What it held from when on, oldest first: the newest postings, as many as a picture can show.
    pub curve: Vec<(Moment, i128)>,
}

/// One posting of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryLine {
    /// The account's posting with this number.
    pub seq: u64,
    /// The record that it is a line of.
    pub record: RecordId,
    /// The record's place in the log, once it is sealed.
    pub index: Option<u64>,
    /// What the record is.
    pub kind: RecordKind,
    /// When it was posted.
    pub at: Moment,
    /// Out of it or into it.
    pub side: Side,
    /// How much.
    pub amount: Amount,
    /// What it held afterwards, in minor units.
    pub balance_after: i128,
    /// The task that it belongs to.
    pub task: Option<TaskId>,
}

impl Market {
    /// An account's history. For members, who read the whole journal, and for the owners of a wallet.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] also for those who may not see it; problems with the page.
    pub async fn history(&self, asker: &Actor, id: AccountId, page: Page) -> Result<HistoryView> {
        let span = page.span::<i64>()?;
        let db = self.store().reads();
        let row = must(account::Entity::find_by_id(account_uuid(id)).one(db).await?)?;
        let kind = row.kind.parse().map_err(Refusal::fault)?;
        let owner = rules::owner(kind, row.owner);
        let owners: Vec<_> = owner.into_iter().collect();
        if !may(asker, Act::SeeJournal, &House) && !rules::sees_record(asker, &owners) {
            return Err(Refusal::NotFound);
        }
        // Numbers have no gaps, so a page is a stretch of them.
        let more = i64::try_from(span.limit).map_err(Refusal::fault)?;
        let (first, last) = if span.backward {
            let first = span.before.unwrap_or(0).saturating_add(1);
            (first, first.saturating_add(more))
        } else {
            let last = span.after.map_or(row.seq, |after| after.saturating_sub(1));
            (last.saturating_sub(more), last)
        };
        let mut rows = postings_of(db, row.id, first, last).await?;
        if !span.backward {
            rows.reverse();
        }
        let ids: Vec<Uuid> = rows.iter().map(|posting| posting.record_id).collect();
        let records = records_by_id(db, asker, self.now(), &ids).await?;
        let line = |posting: &posting::Model| -> Result<HistoryLine> {
            let record = records.get(&posting.record_id);
            let record = record.ok_or_else(|| Refusal::fault("a posting's record is not there"))?;
            Ok(HistoryLine {
                seq: unsigned(posting.seq)?,
                record: record_id(posting.record_id),
                index: record.index,
                kind: record.kind,
                at: record.at,
                side: side(posting)?,
                amount: Amount::from_i64(posting.amount).map_err(Refusal::fault)?,
                balance_after: held(posting),
                task: record.task,
            })
        };
        let fetched =
            rows.iter().map(|posting| Ok((posting.seq, line(posting)?))).collect::<Result<Vec<_>>>()?;
        let lines = span.listing(fetched, unsigned(row.seq)?, |(seq, _)| *seq).map(|(_, line)| line);
        Ok(HistoryView {
            account: AccountView { id, kind, owner: owner.filter(|owner| rules::may_name(asker, *owner)) },
            balance: i128::from(row.credits) - i128::from(row.debits),
            lines,
            curve: curve(db, &row).await?,
        })
    }
}

async fn curve(db: &impl ConnectionTrait, account: &account::Model) -> Result<Vec<(Moment, i128)>> {
    let rows = postings_of(db, account.id, account.seq.saturating_sub(CURVE) + 1, account.seq).await?;
    let times: Vec<(Uuid, i64)> = record::Entity::find()
        .select_only()
        .column(record::Column::Id)
        .column(record::Column::PostedAt)
        .filter(record::Column::Id.is_in(rows.iter().map(|posting| posting.record_id)))
        .into_tuple()
        .all(db)
        .await?;
    let times: HashMap<Uuid, i64> = times.into_iter().collect();
    let point =
        |posting: &posting::Model| times.get(&posting.record_id).map(|at| (Moment(*at), held(posting)));
    Ok(rows.iter().filter_map(point).collect())
}

fn held(posting: &posting::Model) -> i128 {
    i128::from(posting.credits) - i128::from(posting.debits)
}

fn side(posting: &posting::Model) -> Result<Side> {
    let code = unsigned(posting.side)?;
    Side::from_code(code).ok_or_else(|| Refusal::fault("a side that is none"))
}
