//! Reading amendments.
//!
//! Promises: how the others answered is told as a count until it is decided; who is outstanding is told to the
//! poster and the auditor. Must never: name anybody in a race that hides names; an entry is named by its id.

use std::collections::HashMap;

use ledger::{Amount, RecordId};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use super::commands::{ProposeAmendment, has_accepted, prepare};
use super::tables::{self, amendment, amendment_accepted, amendment_answer};
use super::{AmendmentAnswer, AmendmentState, AmendmentView, rules};
use crate::actor::Actor;
use crate::clock::Moment;
use crate::error::Result;
use crate::ids::{AmendmentId, EntryId, PersonId, TaskId};
use crate::market::Market;
use crate::memo::Known;
use crate::policy::{Act, may, permit, reads_everything};
use crate::race::tables::{crew_member, entry};
use crate::race::{self, CrewAnswer, EntryState};
use crate::store::must;
use crate::task::{Task, TaskState};

/// An entry that is asked.
#[derive(Debug, Clone)]
pub(super) struct Voice {
    /// The entry.
    pub(super) entry: EntryId,
    /// Who answers for it.
    pub(super) captain: PersonId,
    /// Whether it rides; otherwise it was disqualified, and an appeal may bring it back.
    pub(super) runs: bool,
    /// What it says.
    pub(super) answer: Option<AmendmentAnswer>,
}

/// The entries that are asked, by lane: those that ride, and those that rode and were disqualified, for an appeal may
/// bring them back. Whoever entered since the proposal has said before that they ride under either.
pub(super) async fn roll(
    db: &impl ConnectionTrait,
    task: TaskId,
    about: Option<&amendment::Model>,
) -> Result<Vec<Voice>> {
    let said = match about {
        Some(row) => Said::load(db, vec![row.id]).await?,
        None => Said::default(),
    };
    voices(&race::tables::entries_of(db, task).await?, about, &said)
}

/// What was said about some amendments.
#[derive(Default)]
struct Said {
    answers: Vec<amendment_answer::Model>,
    accepted: Vec<amendment_accepted::Model>,
}

impl Said {
    async fn load(db: &impl ConnectionTrait, about: Vec<Uuid>) -> Result<Self> {
        if about.is_empty() {
            return Ok(Self::default());
        }
        Ok(Self {
            answers: tables::answers_of(db, about.clone()).await?,
            accepted: tables::accepted_of(db, about).await?,
        })
    }

    fn answers_to(&self, id: Uuid) -> usize {
        self.answers.iter().filter(|one| one.amendment_id == id).count()
    }
}

fn voices(entries: &[entry::Model], about: Option<&amendment::Model>, said: &Said) -> Result<Vec<Voice>> {
    let id = about.map(|row| row.id);
    let answers = || said.answers.iter().filter(|one| Some(one.amendment_id) == id);
    let accepted = || said.accepted.iter().filter(|one| Some(one.amendment_id) == id);
    let mut voices = Vec::new();
    for row in entries {
        let state = race::state_of(row)?;
        let struck = state == EntryState::Disqualified && row.running_since.is_some();
        if state != EntryState::Running && !struck {
            continue;
        }
        let came_since = about.is_some_and(|about| row.entered_at >= about.at);
        let said = match answers().find(|one| one.entry_id == row.id) {
            Some(one) => Some(one.answer.parse()?),
            None if came_since && accepted().any(|one| one.person_id == row.captain_id) => {
                Some(AmendmentAnswer::Consent)
            }
            None => None,
        };
        voices.push(Voice {
            entry: EntryId(row.id),
            captain: PersonId(row.captain_id),
            runs: !struck,
            answer: said,
        });
    }
    Ok(voices)
}

impl Market {
    /// The amendments of a task, oldest first: those in force are the history of its rules.
    ///
    /// # Errors
    /// [`crate::Refusal::NotFound`] when the asker may not see the task.
    pub async fn amendments(&self, asker: &Actor, id: TaskId) -> Result<Vec<AmendmentView>> {
        let db = self.store().reads();
        let Known { task, facts } = &*self.known(id).await?;
        permit(asker, Act::SeeTask, facts)?;
        let trusted = may(asker, Act::ProposeAmendment, facts) || reads_everything(asker);
        let rows = tables::all_of(db, id).await?;
        let said = Said::load(db, rows.iter().map(|row| row.id).collect()).await?;
        let mut views = Vec::new();
        for row in rows {
            views.push(view(db, (asker, trusted), task, (row, &said), self.now()).await?);
        }
        Ok(views)
    }

    /// One of them.
    ///
    /// # Errors
    /// As [`Market::amendments`].
    pub async fn amendment(&self, asker: &Actor, id: AmendmentId) -> Result<AmendmentView> {
        let row = must(amendment::Entity::find_by_id(id.0).one(self.store().reads()).await?)?;
        let all = self.amendments(asker, TaskId(row.task_id)).await?;
        must(all.into_iter().find(|one| one.id == id))
    }

    /// What proposing this would bring up, with all its refusals; nothing is written.
    ///
    /// # Errors
    /// Those of [`ProposeAmendment`].
    pub async fn preview_amendment(&self, asker: &Actor, wanted: &ProposeAmendment) -> Result<AmendmentView> {
        let db = self.store().reads();
        let Known { task, facts } = &*self.known(wanted.task).await?;
        let now = self.now();
        permit(asker, Act::ProposeAmendment, facts)?;
        let ready = prepare(db, task, facts, wanted, now).await?;
        let riding = ready.voices.iter().filter(|voice| voice.runs).count();
        Ok(AmendmentView {
            id: AmendmentId(Uuid::nil()),
            task: task.id,
            by: task.poster,
            reason: ready.reason,
            at: now,
            answer_by: ready.answer_by,
            state: AmendmentState::Open,
            version: None,
            ended_at: None,
            before: ready.before,
            after: ready.after,
            bounty: task.bounty,
            asked: count(ready.voices.len()),
            answered: 0,
            outstanding: ready.voices.iter().map(|voice| voice.entry).collect(),
            start: least_start(task, riding),
            mine: None,
            may_answer: false,
            accepted: false,
            record: None,
            end_record: None,
        })
    }
}

async fn view(
    db: &impl ConnectionTrait,
    (asker, trusted): (&Actor, bool),
    task: &Task,
    (row, said): (amendment::Model, &Said),
    now: Moment,
) -> Result<AmendmentView> {
    let id = AmendmentId(row.id);
    let state: AmendmentState = row.state.parse()?;
    let open = state == AmendmentState::Open && task.state(now) == TaskState::Open;
    // Of all amendments of a task at most one is open.
    let voices = match open {
        true => voices(&race::tables::entries_of(db, task.id).await?, Some(&row), said)?,
        false => Vec::new(),
    };
    let answered = said.answers_to(row.id);
    let (asked, answered) = match open {
        true => (voices.len(), voices.iter().filter(|voice| voice.answer.is_some()).count()),
        // Decided: those who had answered.
        false => (answered, answered),
    };
    let mine = match asker.id() {
        Some(me) if open => own_voice(db, task.id, me, &voices).await?,
        _ => None,
    };
    let in_time = row.answer_by.is_some_and(|until| now.0 < until);
    let outstanding = voices.iter().filter(|voice| trusted && voice.answer.is_none());
    let riding = voices.iter().filter(|voice| voice.runs).count();
    let accepted = match asker.id() {
        Some(me) if open => has_accepted(db, id, me).await?,
        _ => false,
    };
    let record = |id: Uuid| RecordId::from_bytes(*id.as_bytes());
    Ok(AmendmentView {
        id,
        task: task.id,
        by: PersonId(row.by_id),
        at: Moment(row.at),
        answer_by: row.answer_by.map(Moment),
        // A race that is over has decided it, though the clock has not written that down yet.
        state: if state == AmendmentState::Open && !open { AmendmentState::Fallen } else { state },
        version: row.version.and_then(|version| u32::try_from(version).ok()),
        ended_at: row.ended_at.map(Moment),
        before: row.before()?,
        after: row.after()?,
        bounty: task.bounty,
        asked: count(asked),
        answered: count(answered),
        outstanding: outstanding.map(|voice| voice.entry).collect(),
        start: least_start(task, riding),
        may_answer: in_time && mine.as_ref().is_some_and(|(voice, _)| Some(voice.captain) == asker.id()),
        mine: mine.map(|(voice, answer)| (voice.entry, answer)),
        accepted,
        record: Some(record(row.record_id)),
        end_record: row.end_record_id.map(record),
        reason: row.reason,
    })
}

/// The entry that is asked and in whose crew this person rides.
async fn own_voice(
    db: &impl ConnectionTrait,
    task: TaskId,
    me: PersonId,
    voices: &[Voice],
) -> Result<Option<(Voice, Option<AmendmentAnswer>)>> {
    let rides = crew_member::Entity::find()
        .filter(crew_member::Column::TaskId.eq(task.0))
        .filter(crew_member::Column::PersonId.eq(me.0))
        .filter(crew_member::Column::Answer.eq(CrewAnswer::Agreed.as_str()))
        .all(db)
        .await?;
    let own = voices.iter().find(|voice| rides.iter().any(|ride| ride.entry_id == voice.entry.0));
    Ok(own.map(|voice| (voice.clone(), voice.answer)))
}

fn least_start(task: &Task, asked: usize) -> Amount {
    rules::leaving(&task.rules, asked).pop().unwrap_or(Amount::ZERO)
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// Amendments that wait for this person's answer, with their entry, since when and until when.
pub(crate) async fn answers_waiting(
    db: &impl ConnectionTrait,
    me: PersonId,
    most: u64,
) -> Result<Vec<(TaskId, EntryId, Moment, Option<Moment>)>> {
    let own = entry::Entity::find()
        .select_only()
        .column(entry::Column::TaskId)
        .filter(entry::Column::CaptainId.eq(me.0));
    let open = amendment::Entity::find()
        .filter(amendment::Column::State.eq(AmendmentState::Open.as_str()))
        .filter(amendment::Column::TaskId.in_subquery(sea_orm::QueryTrait::into_query(own)))
        .limit(most)
        .all(db)
        .await?;
    if open.is_empty() {
        return Ok(Vec::new());
    }
    let said = Said::load(db, open.iter().map(|row| row.id).collect()).await?;
    let riding =
        entry::Entity::find().filter(entry::Column::TaskId.is_in(open.iter().map(|row| row.task_id)));
    let mut entries: HashMap<Uuid, Vec<entry::Model>> = HashMap::new();
    for row in riding.order_by_asc(entry::Column::Lane).all(db).await? {
        entries.entry(row.task_id).or_default().push(row);
    }
    let mut found = Vec::new();
    for row in open {
        let task = TaskId(row.task_id);
        let entries = entries.get(&row.task_id).map(Vec::as_slice).unwrap_or_default();
        let voices = voices(entries, Some(&row), &said)?;
        let waits = voices.iter().filter(|voice| voice.captain == me && voice.answer.is_none());
        found.extend(waits.map(|voice| (task, voice.entry, Moment(row.at), row.answer_by.map(Moment))));
    }
    Ok(found)
}

/// The open amendments of these tasks: since when they are, and until when they are answered.
pub(crate) async fn due_of(
    db: &impl ConnectionTrait,
    tasks: &[TaskId],
) -> Result<HashMap<TaskId, (Moment, Option<Moment>)>> {
    if tasks.is_empty() {
        return Ok(HashMap::new());
    }
    let open = amendment::Entity::find()
        .filter(amendment::Column::State.eq(AmendmentState::Open.as_str()))
        .filter(amendment::Column::TaskId.is_in(tasks.iter().map(|task| task.0)));
    let told = |row: amendment::Model| (TaskId(row.task_id), (Moment(row.at), row.answer_by.map(Moment)));
    Ok(open.all(db).await?.into_iter().map(told).collect())
}
