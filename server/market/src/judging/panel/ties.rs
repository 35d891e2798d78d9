//! Who can't score what.
//!
//! Promises: it is the policy that says so, entry by entry; any number of races costs the same few statements. Must
//! never: take a judge's word for being free of ties.

use std::collections::{BTreeSet, HashMap, HashSet};

use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use super::tables::judge_conflict;
use crate::actor::Actor;
use crate::clock::Moment;
use crate::error::Result;
use crate::ids::{EntryId, PersonId, TaskId, UnitId};
use crate::policy::{Act, EntryFacts, RaceFacts, may};
use crate::race::tables::{crew_member, entry, entry_unit};
use crate::race::{self, CrewAnswer};
use crate::task::{self, TaskState};
use crate::{person, submission};

/// What ties judges to the entries of some races.
pub(super) struct Ties {
    judges: HashMap<PersonId, Actor>,
    entries: HashMap<TaskId, Vec<entry::Model>>,
    conflicted: HashMap<Uuid, Vec<PersonId>>,
    crews: HashMap<Uuid, Vec<(PersonId, CrewAnswer)>>,
    units: HashMap<Uuid, Vec<UnitId>>,
}

impl Ties {
    /// Reads them.
    pub(super) async fn load(db: &impl ConnectionTrait, races: &[(TaskId, &RaceFacts)]) -> Result<Self> {
        let ids: Vec<Uuid> = races.iter().map(|(task, _)| task.0).collect();
        let judges: BTreeSet<PersonId> =
            races.iter().flat_map(|(_, facts)| facts.judges.iter().copied()).collect();
        let judges: Vec<PersonId> = judges.into_iter().collect();
        let mut ties = Self {
            judges: person::actors(db, &judges).await?,
            entries: HashMap::new(),
            conflicted: HashMap::new(),
            crews: HashMap::new(),
            units: HashMap::new(),
        };
        let entries = entry::Entity::find().filter(entry::Column::TaskId.is_in(ids.clone()));
        for row in entries.order_by_asc(entry::Column::Lane).all(db).await? {
            ties.entries.entry(TaskId(row.task_id)).or_default().push(row);
        }
        let declared =
            judge_conflict::Entity::find().filter(judge_conflict::Column::TaskId.is_in(ids.clone()));
        for row in declared.all(db).await? {
            ties.conflicted.entry(row.entry_id).or_default().push(PersonId(row.judge_id));
        }
        let crews = crew_member::Entity::find().filter(crew_member::Column::TaskId.is_in(ids.clone()));
        for one in crews.all(db).await? {
            ties.crews.entry(one.entry_id).or_default().push((PersonId(one.person_id), one.answer.parse()?));
        }
        let units = entry_unit::Entity::find().filter(entry_unit::Column::TaskId.is_in(ids));
        for one in units.all(db).await? {
            ties.units.entry(one.entry_id).or_default().push(UnitId(one.unit_id));
        }
        Ok(ties)
    }

    /// Which judges can't score which entries of this race.
    pub(super) fn barred(&self, task: TaskId, facts: &RaceFacts) -> BTreeSet<(EntryId, PersonId)> {
        // Only judges are asked about: the race's many riders need not be copied for each entry.
        let riders = facts.riders.iter().copied().filter(|rider| facts.judges.contains(rider)).collect();
        let race = RaceFacts { riders, ..facts.clone() };
        let mut barred = BTreeSet::new();
        for entry in self.entries.get(&task).into_iter().flatten() {
            let facts = self.facts_of(&race, entry);
            for judge in &facts.race.judges {
                let fit = self.judges.get(judge).is_some_and(|actor| may(actor, Act::SaveScores, &facts));
                if !fit {
                    barred.insert((EntryId(entry.id), *judge));
                }
            }
        }
        barred
    }

    fn facts_of(&self, race: &RaceFacts, entry: &entry::Model) -> EntryFacts {
        let crew = self.crews.get(&entry.id).map(Vec::as_slice).unwrap_or_default();
        let who = |wanted: CrewAnswer| {
            crew.iter().filter(|(_, answer)| *answer == wanted).map(|(person, _)| *person).collect()
        };
        EntryFacts {
            race: race.clone(),
            captain: PersonId(entry.captain_id),
            units: self.units.get(&entry.id).cloned().unwrap_or_default(),
            crew: who(CrewAnswer::Agreed),
            asked: who(CrewAnswer::Asked),
            asked_units: Vec::new(),
            conflicted: self.conflicted.get(&entry.id).cloned().unwrap_or_default(),
            opened: false,
        }
    }
}

/// Of these races that a panel judges, those in which the asker may name another judge now, because nobody is left
/// who can score some lane.
pub(crate) async fn lacking_judges(
    db: &impl ConnectionTrait,
    asker: &Actor,
    ids: &[TaskId],
    now: Moment,
) -> Result<HashSet<TaskId>> {
    if ids.is_empty() {
        return Ok(HashSet::new());
    }
    let tasks = task::loaded(db, ids).await?;
    let facts = task::facts_of(db, &tasks, now).await?;
    let may_name = |id: &TaskId| facts.get(id).is_some_and(|facts| may(asker, Act::NameJudge, facts));
    let judged = tasks.iter().filter(|task| task.state(now) == TaskState::Judging && may_name(&task.id));
    let races: Vec<_> = judged.filter_map(|task| Some((task.id, facts.get(&task.id)?))).collect();
    if races.is_empty() {
        return Ok(HashSet::new());
    }
    let of = || races.iter().map(|(task, _)| task.0);
    let ties = Ties::load(db, &races).await?;
    let handed = submission::handed_in(db, of().collect()).await?;
    let returned = submission::returned_among(db, of()).await?;
    let lacks = |(id, facts): &&(TaskId, &RaceFacts)| {
        let barred = ties.barred(*id, facts);
        let scored = |entry: &&entry::Model| {
            race::runs(entry) && handed.contains_key(&entry.id) && !returned.contains(&entry.id)
        };
        let mut lanes = ties.entries.get(id).into_iter().flatten().filter(scored);
        lanes.any(|lane| facts.judges.iter().all(|judge| barred.contains(&(EntryId(lane.id), *judge))))
    };
    Ok(races.iter().filter(lacks).map(|(id, _)| *id).collect())
}
