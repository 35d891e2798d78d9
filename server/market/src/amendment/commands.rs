//! Proposing an amendment, answering it, taking it back, and entering while one is open.

use ledger::RecordKind;
use sea_orm::ActiveValue::Set;
use sea_orm::{ConnectionTrait, EntityTrait};
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use super::queries::{Voice, roll};
use super::rules::{self, Standing, Verdict};
use super::tables::{self, amendment, amendment_accepted, amendment_answer};
use super::{Amended, AmendmentAnswer, AmendmentState, difference, effect};
use crate::actor::Actor;
use crate::books::{self, label};
use crate::clock::Moment;
use crate::error::{Code, Problems, Refusal, Result};
use crate::ids::{AmendmentId, EntryId, PersonId, TaskId};
use crate::notice::{Event, Kind, notify};
use crate::policy::{Act, Permit, RaceFacts, permit};
use crate::race;
use crate::store::{Command, Scope, must};
use crate::task::{self, Task, TaskInput, check_people, check_running, clockwork, input_of};
use crate::text;

/// Proposes to amend the rules of a running race. Where nobody is asked it takes effect at once.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ProposeAmendment {
    /// The task.
    pub task: TaskId,
    /// All that can be amended, as it shall be.
    pub to: Amended,
    /// Why, for everybody who sees the race to read: at most 2,000 characters.
    pub reason: String,
    /// Until when it is answered, a day from now at least and before the stage or the race ends; none = the usual
    /// three days, or less where that ends before.
    pub answer_by: Option<Moment>,
}

impl Command for ProposeAmendment {
    type Output = AmendmentId;
    const ACT: Act = Act::ProposeAmendment;

    async fn run(&self, asker: &Actor, scope: &Scope<'_>) -> Result<AmendmentId> {
        if matches!(asker, Actor::Visitor) {
            return Err(Refusal::Unauthenticated);
        }
        let task = task::tables::lock(scope.txn, self.task).await?;
        let facts = task::facts(scope.txn, &task, scope.now).await?;
        let leave = permit(asker, Self::ACT, &facts)?;
        let by = leave.by().ok_or(Refusal::Unauthenticated)?;
        let ready = prepare(scope.txn, &task, &facts, self, scope.now).await?;
        let id = AmendmentId(scope.ids.id(scope.now));
        let said = json!({
            "amendment": id, "reason": ready.reason, "answer_by": ready.answer_by.map(Moment::rfc3339),
            "changes": difference(&ready.before, &ready.after),
        });
        let said = said.to_string().into_bytes();
        let posted =
            books::deposit(scope, &leave, task.id.0, RecordKind::Evidence, label::AMENDMENT, said).await?;
        let row = amendment::Model {
            id: id.0,
            task_id: task.id.0,
            by_id: by.0,
            reason: ready.reason,
            at: scope.now.0,
            answer_by: ready.answer_by.map(|at| at.0),
            state: AmendmentState::Open.as_str().to_owned(),
            version: None,
            ended_at: None,
            brief: ready.after.brief.clone(),
            criteria: ready.after.criteria.clone(),
            closes_at: ready.after.closes_at.0,
            rules: serde_json::to_string(&ready.after.rules)?,
            old_brief: ready.before.brief,
            old_criteria: ready.before.criteria,
            old_closes_at: ready.before.closes_at.0,
            old_rules: serde_json::to_string(&ready.before.rules)?,
            record_id: Uuid::from_bytes(posted.record.to_bytes()),
            end_record_id: None,
        };
        tables::insert(scope.txn, &leave, row.clone()).await?;
        if ready.voices.is_empty() {
            effect::into_force(scope, &leave, &task, row, &ready.voices).await?;
            return Ok(id);
        }
        clockwork::arm(scope.txn, &leave, task.id).await?;
        let event = Event::of(&leave, Kind::AmendmentProposed).task(task.id).to(facts.riders);
        notify(scope, event.with(|facts| facts.until = ready.answer_by)).await?;
        Ok(id)
    }
}

/// An amendment that can be proposed.
pub(super) struct Ready {
    pub(super) before: Amended,
    pub(super) after: Amended,
    pub(super) reason: String,
    pub(super) answer_by: Option<Moment>,
    pub(super) voices: Vec<Voice>,
}

/// Checks and tidies what a poster proposes.
pub(super) async fn prepare(
    db: &impl ConnectionTrait,
    task: &Task,
    facts: &RaceFacts,
    wanted: &ProposeAmendment,
    now: Moment,
) -> Result<Ready> {
    check_running(task.state(now))?;
    if tables::open_of(db, task.id).await?.is_some() {
        return Err(Refusal::because(Code::AmendmentOpen));
    }
    let mut problems = Problems::default();
    let reason = text::prose(&mut problems, "reason", &wanted.reason, 2_000);
    problems.done()?;
    let after = possible(db, task, facts, &wanted.to, now).await?;
    let before = of_task(task);
    if difference(&before, &after).is_empty() {
        return Err(Refusal::because(Code::AmendNothing));
    }
    let voices = roll(db, task.id, None).await?;
    let answer_by = match voices.is_empty() {
        true => None,
        false => Some(rules::answer_by(task, wanted.answer_by, now)?),
    };
    Ok(Ready { before, after, reason, answer_by, voices })
}

/// The amendment, tidied, if the race as it stands can be run by it.
pub(super) async fn possible(
    db: &impl ConnectionTrait,
    task: &Task,
    facts: &RaceFacts,
    to: &Amended,
    now: Moment,
) -> Result<Amended> {
    let mut rules = to.rules.clone();
    rules.departed = task.rules.departed;
    let input = TaskInput {
        brief: to.brief.clone(),
        criteria: to.criteria.clone(),
        closes_at: to.closes_at,
        rules,
        ..input_of(task)
    };
    let input = task::check_amended(&input, task, now)?;
    check_people(db, &input.rules).await?;
    let riding = input.rules.bench(task.poster).iter().any(|one| facts.riders.contains(one));
    let mut problems = Problems::default();
    problems.check(riding, "rules.judges", Code::AmendRider);
    problems.done()?;
    let after = Amended {
        brief: input.brief,
        criteria: input.criteria,
        closes_at: input.closes_at,
        rules: input.rules,
    };
    let crew = race::largest_crew(db, task.id).await?;
    let asked = roll(db, task.id, None).await?.iter().filter(|voice| voice.runs).count();
    let standing = Standing { asked, lanes: race::lanes_of(db, task.id).await?, crew };
    rules::check(task, &after, &standing, now)?;
    Ok(after)
}

/// What of a task can be amended, as it is.
pub(super) fn of_task(task: &Task) -> Amended {
    Amended {
        brief: task.brief.clone(),
        criteria: task.criteria.clone(),
        closes_at: task.closes_at,
        rules: task.rules.clone(),
    }
}

/// Answers an amendment for an entry, by its captain. Until it is decided the answer can be changed; the last that is
/// missing decides it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AnswerAmendment {
    /// The amendment.
    pub amendment: AmendmentId,
    /// The entry.
    pub entry: EntryId,
    /// What it says.
    pub answer: AmendmentAnswer,
}

impl Command for AnswerAmendment {
    type Output = ();
    const ACT: Act = Act::AnswerAmendment;

    async fn run(&self, asker: &Actor, scope: &Scope<'_>) -> Result<()> {
        let (task, _, facts) = race::locked(scope, asker, self.entry).await?;
        let leave = permit(asker, Self::ACT, &facts)?;
        let by = leave.by().ok_or(Refusal::Unauthenticated)?;
        let row = open_in(scope, &task, self.amendment).await?;
        check_running(task.state(scope.now))?;
        if row.answer_by.is_none_or(|until| scope.now.0 >= until) {
            return Err(Refusal::because(Code::AmendmentOver));
        }
        if !roll(scope.txn, task.id, Some(&row)).await?.iter().any(|voice| voice.entry == self.entry) {
            return Err(Refusal::because(Code::NothingToAgree));
        }
        let said = json!({ "amendment": self.amendment, "entry": self.entry, "answer": self.answer });
        let said = said.to_string().into_bytes();
        let posted =
            books::deposit(scope, &leave, task.id.0, RecordKind::Evidence, label::CONSENT, said).await?;
        let answer = amendment_answer::Model {
            amendment_id: row.id,
            entry_id: self.entry.0,
            answer: self.answer.as_str().to_owned(),
            by_id: by.0,
            at: scope.now.0,
            record_id: Uuid::from_bytes(posted.record.to_bytes()),
        };
        tables::answer(scope.txn, &leave, answer).await?;
        let event = Event::of(&leave, Kind::AmendmentAnswered).task(task.id).entry(self.entry);
        notify(scope, event.to(facts.crew)).await?;
        let voices = roll(scope.txn, task.id, Some(&row)).await?;
        if rules::verdict(voices.iter().map(|voice| voice.answer)) == Verdict::Carried {
            // The rules put it into force, whoever answered last: that is the clock's leave.
            let leave = permit(&Actor::Clockwork, Act::KeepTime, &facts.race)?;
            effect::decide(scope, &leave, &task, row.id).await?;
        }
        Ok(())
    }
}

/// Takes an amendment back that is open, for who may propose one.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct WithdrawAmendment {
    /// The amendment.
    pub amendment: AmendmentId,
}

impl Command for WithdrawAmendment {
    type Output = ();
    const ACT: Act = Act::WithdrawAmendment;

    async fn run(&self, asker: &Actor, scope: &Scope<'_>) -> Result<()> {
        let (task, facts, leave) = locked(scope, asker, self.amendment, Self::ACT).await?;
        let row = open_in(scope, &task, self.amendment).await?;
        effect::end(scope, &leave, &row, (AmendmentState::Withdrawn, "withdrawn")).await?;
        clockwork::arm(scope.txn, &leave, task.id).await?;
        notify(scope, Event::of(&leave, Kind::AmendmentWithdrawn).task(task.id).to(facts.riders)).await
    }
}

/// Says that the asker has read an amendment that is open and rides under either rules: needed before entering.
/// Saying it twice does nothing twice.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AcceptAmendment {
    /// The amendment.
    pub amendment: AmendmentId,
}

impl Command for AcceptAmendment {
    type Output = ();
    const ACT: Act = Act::AcceptAmendment;

    async fn run(&self, asker: &Actor, scope: &Scope<'_>) -> Result<()> {
        let (task, _, leave) = locked(scope, asker, self.amendment, Self::ACT).await?;
        let person = leave.by().ok_or(Refusal::Unauthenticated)?;
        let row = open_in(scope, &task, self.amendment).await?;
        check_running(task.state(scope.now))?;
        if has_accepted(scope.txn, self.amendment, person).await? {
            return Ok(());
        }
        let row = amendment_accepted::Model { amendment_id: row.id, person_id: person.0, at: scope.now.0 };
        tables::accept(scope.txn, &leave, row).await
    }
}

/// Refuses whoever enters while an amendment is open and has not said that they ride under either.
pub(crate) async fn check_seen(db: &impl ConnectionTrait, task: TaskId, person: PersonId) -> Result<()> {
    let Some(open) = tables::open_of(db, task).await? else { return Ok(()) };
    if has_accepted(db, AmendmentId(open.id), person).await? {
        return Ok(());
    }
    Err(Refusal::on("amendment", Code::AmendmentUnseen))
}

pub(super) async fn has_accepted(
    db: &impl ConnectionTrait,
    id: AmendmentId,
    person: PersonId,
) -> Result<bool> {
    Ok(amendment_accepted::Entity::find_by_id((id.0, person.0)).one(db).await?.is_some())
}

/// Reads and locks the task of an amendment and asks for leave.
async fn locked(
    scope: &Scope<'_>,
    asker: &Actor,
    id: AmendmentId,
    act: Act,
) -> Result<(Task, RaceFacts, Permit<RaceFacts>)> {
    // A visitor is sent to sign in whether or not it exists.
    if matches!(asker, Actor::Visitor) {
        return Err(Refusal::Unauthenticated);
    }
    let found = must(amendment::Entity::find_by_id(id.0).one(scope.txn).await?)?;
    let task = task::tables::lock(scope.txn, TaskId(found.task_id)).await?;
    let facts = task::facts(scope.txn, &task, scope.now).await?;
    let leave = permit(asker, act, &facts)?;
    Ok((task, facts, leave))
}

/// The amendment of this task, read under its lock, unless it is decided by now.
async fn open_in(scope: &Scope<'_>, task: &Task, id: AmendmentId) -> Result<amendment::Model> {
    let row = must(amendment::Entity::find_by_id(id.0).one(scope.txn).await?)?;
    if row.task_id != task.id.0 {
        return Err(Refusal::NotFound);
    }
    if row.state != AmendmentState::Open.as_str() {
        return Err(Refusal::because(Code::AmendmentOver));
    }
    Ok(row)
}

/// The columns by which an amendment ends.
pub(super) fn ending(row: &amendment::Model, state: AmendmentState, now: Moment) -> amendment::ActiveModel {
    amendment::ActiveModel {
        id: Set(row.id),
        state: Set(state.as_str().to_owned()),
        ended_at: Set(Some(now.0)),
        ..Default::default()
    }
}
