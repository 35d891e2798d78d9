//! Reading payouts.

use std::collections::HashMap;

use ledger::{AccountKind, Amount, RecordId, RecordKind};
use uuid::Uuid;

use super::{Payee, PayoutLine, PayoutView, RecentPayout};
use crate::actor::Actor;
use crate::books;
use crate::clock::Moment;
use crate::error::{Refusal, Result};
use crate::ids::{EntryId, PersonId, ProgrammeId, TaskId, UnitId};
use crate::market::Market;
use crate::part;
use crate::policy::{Act, permit};
use crate::race;

impl Market {
    /// The records that emptied a task's escrow, oldest first; what was paid for parts of entries is told with
    /// those.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] when the asker may not see the task.
    pub async fn payouts(&self, asker: &Actor, id: TaskId) -> Result<Vec<PayoutView>> {
        let db = self.store().reads();
        permit(asker, Act::SeeTask, &self.known(id).await?.facts)?;
        let kinds = [RecordKind::Payout, RecordKind::Refund];
        let mut records = books::postings_about(db, &kinds, id.0).await?;
        let bought = part::ends_of(db, id).await?;
        records.retain(|(record, _)| !bought.contains(&record.id));
        let accounts: Vec<Uuid> =
            records.iter().flat_map(|(_, postings)| postings.iter().map(|line| line.account_id)).collect();
        let owners = books::owners_of(db, &accounts).await?;
        let ridden = entries_by_payee(db, id).await?;
        records
            .into_iter()
            .map(|(record, postings)| {
                let refund = record.kind == RecordKind::Refund.as_str();
                let mut lines = Vec::new();
                for posting in postings {
                    let owner = owners.get(&posting.account_id).copied();
                    let Some(to) = owner.and_then(|(kind, owner)| payee(kind, owner)) else { continue };
                    let amount = Amount::from_i64(posting.amount).map_err(Refusal::fault)?;
                    let entry = if refund { None } else { ridden.get(&to).copied() };
                    lines.push(PayoutLine { to, entry, amount, refund });
                }
                Ok(PayoutView { record: books::record_id(record.id), at: Moment(record.posted_at), lines })
            })
            .collect()
    }

    /// The newest payouts of tasks that the asker may see, newest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn recent_payouts(&self, asker: &Actor, most: u32) -> Result<Vec<RecentPayout>> {
        let db = self.store().reads();
        // Internal payouts are left out for outsiders: look at some more than are wanted.
        let records = books::newest_payouts(db, u64::from(most) * 5).await?;
        let ids: Vec<TaskId> = records.iter().filter_map(|record| record.subject.map(TaskId)).collect();
        let tasks = self.tasks_by_ids(asker, &ids).await?;
        let seen = records.into_iter().filter_map(|record| {
            let task = tasks.get(&TaskId(record.subject?))?.clone();
            Some((record, task))
        });
        seen.take(usize::try_from(most).unwrap_or(usize::MAX))
            .map(|(record, task)| {
                let decoded = ledger::Record::decode(&record.bytes).map_err(Refusal::fault)?;
                let credits = decoded.postings.iter().filter(|posting| posting.side == ledger::Side::Credit);
                let total =
                    credits.clone().try_fold(Amount::ZERO, |sum, posting| sum.checked_add(posting.amount));
                Ok(RecentPayout {
                    task,
                    record: RecordId::from_bytes(*record.id.as_bytes()),
                    at: Moment(record.posted_at),
                    total: total.unwrap_or(Amount::ZERO),
                    payees: u32::try_from(credits.count()).unwrap_or(u32::MAX),
                })
            })
            .collect()
    }
}

fn payee(kind: AccountKind, owner: Uuid) -> Option<Payee> {
    match kind {
        AccountKind::Person => Some(Payee::Person(PersonId(owner))),
        AccountKind::Unit => Some(Payee::Unit(UnitId(owner))),
        AccountKind::Programme => Some(Payee::Programme(ProgrammeId(owner))),
        _ => None,
    }
}

/// For which entry a payee of this race is paid: a person rides in one crew, a unit in one entry.
async fn entries_by_payee(
    db: &impl sea_orm::ConnectionTrait,
    task: TaskId,
) -> Result<HashMap<Payee, EntryId>> {
    let mut found = HashMap::new();
    for one in race::tables::crews_of(db, task).await? {
        if one.active == Some(1) {
            found.insert(Payee::Person(PersonId(one.person_id)), EntryId(one.entry_id));
        }
    }
    for one in race::unit_rows_of(db, task).await? {
        if one.active == Some(1) {
            found.entry(Payee::Unit(UnitId(one.unit_id))).or_insert(EntryId(one.entry_id));
        }
    }
    Ok(found)
}
