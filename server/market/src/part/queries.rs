//! Reading offers.
//!
//! Promises: a fixed number of questions however many offers there are. Must never: show an offer to somebody who
//! does not see the task.

use std::collections::{HashMap, HashSet};

use ledger::Amount;
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select,
};
use uuid::Uuid;

use super::tables::part_offer;
use super::{OfferState, OfferView, OffersView, rules};
use crate::actor::Actor;
use crate::books::record_id;
use crate::clock::Moment;
use crate::error::{Refusal, Result};
use crate::ids::{EntryId, OfferId, PersonId, TaskId};
use crate::judging;
use crate::market::Market;
use crate::memo::KnownEntry;
use crate::policy::{Act, may, permit};
use crate::race::{self, tables::entry};
use crate::store::must;
use crate::submission;
use crate::task::{self, Task};

impl Market {
    /// The offers for an entry, newest first, and whether the asker may make one.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] when the asker may not see the task.
    pub async fn offers(&self, asker: &Actor, id: EntryId) -> Result<OffersView> {
        let db = self.store().reads();
        let KnownEntry { race, row, facts } = &*self.known_entry(id).await?;
        permit(asker, Act::SeeTask, &facts.race)?;
        let may_offer = may(asker, Act::OfferForPart, facts)
            && rules::check_entry(standing(db, &race.task, row, self.now()).await?).is_ok();
        let rows = newest_first().filter(part_offer::Column::EntryId.eq(id.0)).all(db).await?;
        let captain = PersonId(row.captain_id);
        let offers = rows.into_iter().map(|row| view(asker, captain, row, self.now()));
        Ok(OffersView { offers: offers.collect::<Result<_>>()?, may_offer })
    }

    /// One offer.
    ///
    /// # Errors
    /// As [`Market::offers`].
    pub async fn offer(&self, asker: &Actor, id: OfferId) -> Result<OfferView> {
        let row = must(part_offer::Entity::find_by_id(id.0).one(self.store().reads()).await?)?;
        let all = self.offers(asker, EntryId(row.entry_id)).await?;
        must(all.offers.into_iter().find(|offer| offer.id == id))
    }

    /// The parts of a race's entries that were bought, newest first.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] when the asker may not see the task.
    pub async fn parts_bought(&self, asker: &Actor, id: TaskId) -> Result<Vec<OfferView>> {
        let db = self.store().reads();
        permit(asker, Act::SeeTask, &self.known(id).await?.facts)?;
        let rows = newest_first()
            .filter(part_offer::Column::TaskId.eq(id.0))
            .filter(part_offer::Column::State.eq(OfferState::Accepted.as_str()))
            .all(db)
            .await?;
        // Nobody answers what was answered.
        rows.into_iter().map(|row| view(asker, PersonId(Uuid::nil()), row, self.now())).collect()
    }
}

fn newest_first() -> Select<part_offer::Entity> {
    part_offer::Entity::find()
        .order_by_desc(part_offer::Column::OfferedAt)
        .order_by_desc(part_offer::Column::Id)
}

/// An offer as it stands at `now`: what the clock has only not come to yet has lapsed.
fn view(asker: &Actor, captain: PersonId, row: part_offer::Model, now: Moment) -> Result<OfferView> {
    let stored: OfferState = row.state.parse()?;
    let over = now.0 >= row.until;
    let state = if stored == OfferState::Open && over { OfferState::Lapsed } else { stored };
    let is = |person: PersonId| state == OfferState::Open && asker.id() == Some(person);
    Ok(OfferView {
        id: OfferId(row.id),
        task: TaskId(row.task_id),
        entry: EntryId(row.entry_id),
        buyer: PersonId(row.buyer_id),
        source: task::tables::source(&row.source_kind, row.source_id)?,
        part: row.part,
        purpose: row.purpose,
        price: Amount::from_i64(row.price).map_err(Refusal::fault)?,
        at: Moment(row.offered_at),
        until: Moment(row.until),
        state,
        ended_at: row.ended_at.map(Moment),
        record: record_id(row.record_id),
        end_record: row.end_record_id.map(record_id),
        may_answer: is(captain),
        may_withdraw: is(PersonId(row.buyer_id)),
    })
}

/// What decides whether parts of an entry can be bought.
pub(super) async fn standing(
    db: &impl ConnectionTrait,
    task: &Task,
    row: &entry::Model,
    now: Moment,
) -> Result<rules::Standing> {
    let lines = judging::lines_of(db, task.ruling).await?;
    let place = lines.get(&row.id).and_then(|line| line.place);
    Ok(rules::Standing {
        task: task.state(now),
        entry: race::state_of(row)?,
        handed: submission::handed_by(db, &[row.id]).await?.contains_key(&row.id),
        place: place.and_then(|place| u32::try_from(place).ok()),
    })
}

/// What was bought of these entries, newest first.
pub(crate) async fn bought_of(db: &impl ConnectionTrait, entries: &[Uuid]) -> Result<Vec<OfferView>> {
    let rows = newest_first()
        .filter(part_offer::Column::EntryId.is_in(entries.iter().copied()))
        .filter(part_offer::Column::State.eq(OfferState::Accepted.as_str()))
        .all(db)
        .await?;
    rows.into_iter().map(|row| view(&Actor::Visitor, PersonId(Uuid::nil()), row, Moment(i64::MAX))).collect()
}

/// The records by which offers in this race ended: what they moved is no prize and no refund of the bounty.
pub(crate) async fn ends_of(db: &impl ConnectionTrait, task: TaskId) -> Result<HashSet<Uuid>> {
    let rows = part_offer::Entity::find()
        .select_only()
        .column(part_offer::Column::EndRecordId)
        .filter(part_offer::Column::TaskId.eq(task.0))
        .filter(part_offer::Column::EndRecordId.is_not_null())
        .into_tuple::<Uuid>();
    Ok(rows.all(db).await?.into_iter().collect())
}

/// What lies in each of these tasks' escrows for open offers.
pub(crate) async fn held(db: &impl ConnectionTrait, tasks: &[Uuid]) -> Result<HashMap<Uuid, Amount>> {
    let sum = Expr::col(part_offer::Column::Price).sum().cast_as("BIGINT");
    let rows = part_offer::Entity::find()
        .select_only()
        .column(part_offer::Column::TaskId)
        .column_as(sum, "held")
        .filter(part_offer::Column::TaskId.is_in(tasks.iter().copied()))
        .filter(part_offer::Column::State.eq(OfferState::Open.as_str()))
        .group_by(part_offer::Column::TaskId)
        .into_tuple::<(Uuid, i64)>()
        .all(db)
        .await?;
    rows.into_iter().map(|(task, held)| Ok((task, Amount::from_i64(held).map_err(Refusal::fault)?))).collect()
}

/// What was paid for parts of a race's entries.
pub(crate) async fn paid_in(db: &impl ConnectionTrait, task: TaskId) -> Result<Amount> {
    let sum = Expr::col(part_offer::Column::Price).sum().cast_as("BIGINT");
    let paid = part_offer::Entity::find()
        .select_only()
        .column_as(sum, "paid")
        .filter(part_offer::Column::TaskId.eq(task.0))
        .filter(part_offer::Column::State.eq(OfferState::Accepted.as_str()))
        .into_tuple::<Option<i64>>()
        .one(db)
        .await?;
    Amount::from_i64(paid.flatten().unwrap_or(0)).map_err(Refusal::fault)
}

/// An open offer that somebody has to do with.
pub(crate) struct Waiting {
    pub(crate) task: TaskId,
    pub(crate) entry: EntryId,
    /// Whose answer it waits for.
    pub(crate) captain: PersonId,
    pub(crate) since: Moment,
    pub(crate) until: Moment,
}

/// Open offers that wait for this captain, or that this buyer made.
pub(crate) async fn waiting(
    db: &impl ConnectionTrait,
    person: PersonId,
    now: Moment,
    most: u64,
) -> Result<Vec<Waiting>> {
    let captained = sea_orm::sea_query::Query::select()
        .column(entry::Column::Id)
        .from(entry::Entity)
        .and_where(entry::Column::CaptainId.eq(person.0))
        .to_owned();
    let theirs = Condition::any()
        .add(part_offer::Column::BuyerId.eq(person.0))
        .add(part_offer::Column::EntryId.in_subquery(captained));
    let rows = part_offer::Entity::find()
        .filter(part_offer::Column::State.eq(OfferState::Open.as_str()))
        .filter(part_offer::Column::Until.gt(now.0))
        .filter(theirs)
        .order_by_asc(part_offer::Column::Until)
        .limit(most)
        .all(db)
        .await?;
    let entries = entry::Entity::find()
        .filter(entry::Column::Id.is_in(rows.iter().map(|row| row.entry_id)))
        .all(db)
        .await?;
    let captains: HashMap<Uuid, Uuid> =
        entries.into_iter().map(|entry| (entry.id, entry.captain_id)).collect();
    let one = |row: part_offer::Model| {
        Some(Waiting {
            task: TaskId(row.task_id),
            entry: EntryId(row.entry_id),
            captain: PersonId(*captains.get(&row.entry_id)?),
            since: Moment(row.offered_at),
            until: Moment(row.until),
        })
    };
    Ok(rows.into_iter().filter_map(one).collect())
}
