//! Reading entries.

use std::collections::HashMap;

use ledger::Amount;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use super::change::{self, ChangeView};
use super::tables::{self, Stored, crew_member, entry, entry_unit};
use super::{CrewAnswer, CrewView, EntryState, EntryView, UnitPart, blind, door, out, proposal};
use crate::actor::Actor;
use crate::clock::Moment;
use crate::error::{Refusal, Result};
use crate::ids::{EntryId, PersonId, TaskId, UnitId};
use crate::judging::{self, ruling_line};
use crate::market::Market;
use crate::memo::{Known, KnownEntry};
use crate::policy::{Act, EntryFacts, RaceFacts, may, permit, reads_everything};
use crate::store::{Scope, must};
use crate::submission::{self, Handed, ReturnView};
use crate::task::{self, Score, Task, TaskState};

impl Market {
    /// The entries of a race by lane.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] when the asker may not see the task.
    pub async fn entries(&self, asker: &Actor, id: TaskId) -> Result<Vec<EntryView>> {
        let db = self.store().reads();
        let Known { task, facts } = &*self.known(id).await?;
        permit(asker, Act::SeeTask, facts)?;
        let rows = tables::entries_of(db, task.id).await?;
        views(db, &Reader { asker, task, race: facts, now: self.now() }, rows).await
    }

    /// One entry.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] when there is none, or the asker may not see its task.
    pub async fn entry(&self, asker: &Actor, id: EntryId) -> Result<EntryView> {
        let db = self.store().reads();
        let KnownEntry { race, row, .. } = &*self.known_entry(id).await?;
        let Known { task, facts } = &**race;
        permit(asker, Act::SeeTask, facts)?;
        let reader = Reader { asker, task, race: facts, now: self.now() };
        views(db, &reader, vec![row.clone()]).await?.pop().ok_or(Refusal::NotFound)
    }
}

/// Who looks at which race, and when.
struct Reader<'r> {
    asker: &'r Actor,
    task: &'r Task,
    race: &'r RaceFacts,
    now: Moment,
}

/// What belongs to the entries of a race, by entry.
struct Shelf {
    crews: HashMap<Uuid, Vec<CrewView>>,
    units: HashMap<Uuid, Vec<UnitPart>>,
    changes: HashMap<Uuid, ChangeView>,
    handed: HashMap<Uuid, Handed>,
    frozen: Option<HashMap<Uuid, Handed>>,
    lines: HashMap<Uuid, ruling_line::Model>,
    returned: Vec<ReturnView>,
}

async fn views(
    db: &impl ConnectionTrait,
    reader: &Reader<'_>,
    rows: Vec<entry::Model>,
) -> Result<Vec<EntryView>> {
    let mut crews: HashMap<Uuid, Vec<CrewView>> = HashMap::new();
    for one in tables::crews_of(db, reader.task.id).await? {
        crews.entry(one.entry_id).or_default().push(CrewView {
            person: PersonId(one.person_id),
            share: narrow(one.share),
            answer: one.answer.parse()?,
        });
    }
    let mut units: HashMap<Uuid, Vec<UnitPart>> = HashMap::new();
    for one in tables::units_of(db, reader.task.id).await? {
        units.entry(one.entry_id).or_default().push(UnitPart {
            unit: UnitId(one.unit_id),
            share: narrow(one.share),
            answer: one.answer.parse()?,
        });
    }
    // While the board is frozen, others are shown as they stood before.
    let frozen = match reader.task.rules.board_frozen_since(reader.task.closes_at, reader.now) {
        Some(since) => Some(submission::handed_between(db, reader.task.id, Moment(i64::MIN), since).await?),
        None => None,
    };
    let mut shelf = Shelf {
        frozen,
        crews,
        units,
        changes: change::open_in(db, reader.task.id).await?,
        handed: submission::handed(db, reader.task.id).await?,
        lines: judging::lines_of(db, reader.task.ruling).await?,
        returned: submission::returned_in(db, reader.task.id).await?,
    };
    rows.into_iter().map(|row| view(reader, row, &mut shelf)).collect()
}

fn view(reader: &Reader<'_>, row: entry::Model, shelf: &mut Shelf) -> Result<EntryView> {
    let asker = reader.asker;
    let me = asker.id();
    let crew = shelf.crews.remove(&row.id).unwrap_or_default();
    let units = shelf.units.remove(&row.id).unwrap_or_default();
    let own_lane = crew.iter().any(|one| Some(one.person) == me);
    let handed = shelf.frozen.as_ref().filter(|_| !own_lane).unwrap_or(&shelf.handed).get(&row.id);
    let line = shelf.lines.get(&row.id);
    let at = shelf.returned.iter().position(|one| one.entry == EntryId(row.id));
    let returned = at.map(|at| shelf.returned.swap_remove(at));
    let state = state_of(&row)?;
    let mine = crew.iter().any(|one| Some(one.person) == me && one.answer == CrewAnswer::Agreed);
    let change = shelf.changes.get(&row.id).filter(|change| mine || change.concerns(asker)).cloned();
    let named = crew.iter().any(|one| Some(one.person) == me && one.answer != CrewAnswer::Declined);
    let leads_one = units.iter().any(|one| leads(asker, one.unit));
    let own = named || leads_one || change.is_some();
    let hidden = blind::hides(reader.task, reader.now) && !own && !reads_everything(asker);
    let forming = matches!(state, EntryState::Forming | EntryState::Waiting);
    let forming = forming && reader.task.state(reader.now) == TaskState::Open;
    let unfrozen = reader.task.state(reader.now) == TaskState::Open
        && door::check_unfrozen(&reader.task.rules.entry, reader.task.closes_at, reader.now).is_ok();
    let asked_now = crew.iter().any(|one| Some(one.person) == me && one.answer == CrewAnswer::Asked)
        || units.iter().any(|one| one.answer == CrewAnswer::Asked && leads(asker, one.unit));
    let asked = (forming && asked_now)
        || (unfrozen && change.as_ref().is_some_and(|change| change.entry.0 == row.id && change.asks(asker)));
    let proposal = asked.then(|| match &change {
        Some(change) if state == EntryState::Running => proposal::of_change(change),
        _ => {
            let units: Vec<_> = units.iter().map(|one| (one.unit.0, i64::from(one.share))).collect();
            let crew: Vec<_> = crew.iter().map(|one| (one.person.0, i64::from(one.share))).collect();
            proposal::of_crew(&units, &crew)
        }
    });
    Ok(EntryView {
        proposal,
        id: EntryId(row.id),
        task: TaskId(row.task_id),
        lane: narrow(row.lane),
        captain: (!hidden).then_some(PersonId(row.captain_id)),
        check_in_due: row.check_in_due.filter(|_| mine).map(Moment),
        may_disqualify: out::can_be_disqualified(reader.task.state(reader.now), state)
            && may(asker, Act::DisqualifyEntry, reader.race),
        state,
        cut_stage: row.cut_stage.map(narrow),
        entered_at: Moment(row.entered_at),
        submissions: handed.map_or(0, |handed| handed.versions),
        last_submitted_at: handed.map(|handed| handed.last),
        place: line.and_then(|line| line.place).map(narrow),
        score: line.and_then(|line| line.score).and_then(|score| Score::new(narrow(score)).ok()),
        award: line.and_then(|line| Amount::from_i64(line.award).ok()),
        reason: line.map(|line| line.reason.clone()),
        returned,
        mine,
        captained: Some(PersonId(row.captain_id)) == me,
        asked,
        unfrozen,
        change,
        out_reason: row.out_reason,
        merged_into: row.merged_into.map(EntryId),
        name: if hidden { format!("Lane {}", row.lane) } else { row.name },
        units: if hidden { Vec::new() } else { units },
        crew: if hidden { Vec::new() } else { crew },
        hidden,
    })
}

fn leads(asker: &Actor, unit: UnitId) -> bool {
    asker.person().is_some_and(|person| person.leads.contains(&unit))
}

/// Where an entry stands.
pub(crate) fn state_of(row: &entry::Model) -> Result<EntryState> {
    Ok(match (row.state.parse()?, row.out_as.as_deref()) {
        (Stored::Forming, _) if row.waits_since.is_some() => EntryState::Waiting,
        (Stored::Forming, _) => EntryState::Forming,
        (Stored::Running, _) if row.cut_stage.is_some() => EntryState::Cut,
        (Stored::Running, _) => EntryState::Running,
        (Stored::Out, Some("merged")) => EntryState::Merged,
        (Stored::Out, Some("disqualified")) => EntryState::Disqualified,
        (Stored::Out, Some("lapsed")) => EntryState::Lapsed,
        (Stored::Out, Some("left")) => EntryState::Left,
        (Stored::Out, _) => EntryState::Withdrawn,
    })
}

/// Whether an entry is in the race: its crew has agreed, and it has neither left nor been cut.
pub(crate) fn runs(row: &entry::Model) -> bool {
    state_of(row).is_ok_and(|state| state == EntryState::Running)
}

/// Reads an entry with its task, which stays locked until the transaction ends.
pub(crate) async fn locked(
    scope: &Scope<'_>,
    asker: &Actor,
    id: EntryId,
) -> Result<(Task, entry::Model, EntryFacts)> {
    // A visitor is sent to sign in whether or not the entry exists.
    if matches!(asker, Actor::Visitor) {
        return Err(Refusal::Unauthenticated);
    }
    let found = must(entry::Entity::find_by_id(id.0).one(scope.txn).await?)?;
    let task = task::tables::lock(scope.txn, TaskId(found.task_id)).await?;
    // Read again under the lock: what was read before it may be old.
    let row = must(entry::Entity::find_by_id(id.0).one(scope.txn).await?)?;
    let facts = facts(scope.txn, &task, &row, scope.now).await?;
    Ok((task, row, facts))
}

/// Everything the policy needs to know of an entry. The crew that a merged entry rides on in counts as its
/// crew: what it handed in stays theirs to read.
pub(crate) async fn facts(
    db: &impl ConnectionTrait,
    task: &Task,
    row: &entry::Model,
    now: Moment,
) -> Result<EntryFacts> {
    facts_with(db, task, row, task::facts(db, task, now).await?).await
}

/// The same for a race that was read already.
pub(crate) async fn facts_in(
    db: &impl ConnectionTrait,
    race: &Known,
    row: &entry::Model,
) -> Result<EntryFacts> {
    facts_with(db, &race.task, row, race.facts.clone()).await
}

async fn facts_with(
    db: &impl ConnectionTrait,
    task: &Task,
    row: &entry::Model,
    race: RaceFacts,
) -> Result<EntryFacts> {
    let of = EntryId(row.merged_into.unwrap_or(row.id));
    let crew = tables::crew_of(db, of).await?;
    let units = tables::units_of_entry(db, of).await?;
    let mut asked: Vec<PersonId> = Vec::new();
    let mut asked_units: Vec<UnitId> = Vec::new();
    if row.merged_into.is_none() {
        let still = CrewAnswer::Asked.as_str();
        asked.extend(crew.iter().filter(|one| one.answer == still).map(|one| PersonId(one.person_id)));
        asked_units.extend(units.iter().filter(|one| one.answer == still).map(|one| UnitId(one.unit_id)));
        if let Some(open) = change::open_of(db, EntryId(row.id)).await? {
            asked.extend(open.asked_persons());
            asked_units.extend(open.asked_units());
        }
    }
    let agreed = crew.iter().filter(|one| one.answer == CrewAnswer::Agreed.as_str());
    Ok(EntryFacts {
        race,
        captain: PersonId(row.captain_id),
        units: units.iter().map(|one| UnitId(one.unit_id)).collect(),
        crew: agreed.map(|one| PersonId(one.person_id)).collect(),
        asked,
        asked_units,
        // Looked for only where the rules let there be any.
        conflicted: match task.rules.judging.panel() {
            Some(_) => judging::conflicted(db, EntryId(row.id)).await?,
            None => Vec::new(),
        },
        opened: task.rules.feedback && !judging::opened(db, EntryId(row.id)).await?.is_empty(),
    })
}

/// Everybody who rides in a crew of this race or was asked to; who declined or withdrew is left out.
pub(crate) async fn riders_of(db: &impl ConnectionTrait, task: TaskId) -> Result<Vec<PersonId>> {
    Ok(riders_in(db, vec![task.0]).await?.remove(&task).unwrap_or_default())
}

/// The same for several races.
pub(crate) async fn riders_in(
    db: &impl ConnectionTrait,
    tasks: Vec<Uuid>,
) -> Result<HashMap<TaskId, Vec<PersonId>>> {
    let mut riders: HashMap<TaskId, Vec<PersonId>> = HashMap::new();
    if tasks.is_empty() {
        return Ok(riders);
    }
    let rows = crew_member::Entity::find()
        .select_only()
        .columns([crew_member::Column::TaskId, crew_member::Column::PersonId])
        .filter(crew_member::Column::TaskId.is_in(tasks))
        .filter(crew_member::Column::Active.eq(1))
        .into_tuple::<(Uuid, Uuid)>();
    for (task, person) in rows.all(db).await? {
        riders.entry(TaskId(task)).or_default().push(PersonId(person));
    }
    Ok(riders)
}

/// The units for which somebody rides in each of these races, entries that have left the race left out.
pub(crate) async fn units_in(
    db: &impl ConnectionTrait,
    tasks: Vec<Uuid>,
) -> Result<HashMap<TaskId, Vec<UnitId>>> {
    let mut units: HashMap<TaskId, Vec<UnitId>> = HashMap::new();
    if tasks.is_empty() {
        return Ok(units);
    }
    let rows = entry_unit::Entity::find()
        .filter(entry_unit::Column::TaskId.is_in(tasks))
        .filter(entry_unit::Column::Active.eq(1));
    for row in rows.all(db).await? {
        units.entry(TaskId(row.task_id)).or_default().push(UnitId(row.unit_id));
    }
    Ok(units)
}

/// How many entries have a lane: they have not left the race, and don't wait.
pub(crate) async fn lanes_of(db: &impl ConnectionTrait, task: TaskId) -> Result<u32> {
    let entries = entry::Entity::find()
        .filter(entry::Column::TaskId.eq(task.0))
        .filter(entry::Column::WaitsSince.is_null())
        .filter(entry::Column::State.ne(Stored::Out.as_str()));
    Ok(u32::try_from(entries.count(db).await?).unwrap_or(u32::MAX))
}

/// How many people the largest crew of a race has, entries that have left the race left out.
pub(crate) async fn largest_crew(db: &impl ConnectionTrait, task: TaskId) -> Result<u32> {
    let mut crews: HashMap<Uuid, u32> = HashMap::new();
    for one in tables::crews_of(db, task).await?.iter().filter(|one| one.active == Some(1)) {
        *crews.entry(one.entry_id).or_default() += 1;
    }
    Ok(crews.into_values().max().unwrap_or(0))
}

/// For each task: entries that have a lane, and those of them that run.
pub(crate) async fn lane_counts(
    db: &impl ConnectionTrait,
    tasks: &[TaskId],
) -> Result<HashMap<TaskId, (u32, u32)>> {
    let ids: Vec<Uuid> = tasks.iter().map(|task| task.0).collect();
    let rows = entry::Entity::find()
        .select_only()
        .column(entry::Column::TaskId)
        .column(entry::Column::State)
        .column_as(entry::Column::Id.count(), "entries")
        .filter(entry::Column::TaskId.is_in(ids))
        .filter(entry::Column::CutStage.is_null())
        .filter(entry::Column::WaitsSince.is_null())
        .group_by(entry::Column::TaskId)
        .group_by(entry::Column::State)
        .into_tuple::<(Uuid, String, i64)>()
        .all(db)
        .await?;
    let mut counts: HashMap<TaskId, (u32, u32)> = HashMap::new();
    for (task, state, entries) in rows {
        let count = counts.entry(TaskId(task)).or_default();
        match state.parse()? {
            Stored::Out => {}
            Stored::Forming => count.0 += narrow(entries),
            Stored::Running => {
                count.0 += narrow(entries);
                count.1 += narrow(entries);
            }
        }
    }
    Ok(counts)
}

pub(super) fn narrow(number: i64) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
