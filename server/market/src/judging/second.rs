//! The second appeal: once, in writing, against an appeal that was turned down, to somebody who neither ruled
//! nor answered.
//!
//! Promises: nothing is paid while it can still be made or waits for an answer; granted, it has the same
//! effect as the first. Must never: be answered by who answered before.

use std::collections::HashMap;

use ledger::RecordKind;
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, ExprTrait, Query};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use super::commands::{has_struck, judge_again};
use super::tables::{self, appeal, second_appeal};
use super::{SecondAppealView, Verdict};
use crate::actor::{Actor, Role};
use crate::books::{self, label};
use crate::clock::Moment;
use crate::error::{Code, Problems, Refusal, Result};
use crate::ids::{AppealId, EntryId, PersonId, RulingId, TaskId};
use crate::notice::{Event, Kind, notify};
use crate::policy::{Act, AppealFacts, Permit, RaceFacts, may, permit};
use crate::store::{Command, Scope, must};
use crate::task::tables::task as task_table;
use crate::task::{self, Rules, Task, TaskState};
use crate::{person, race, text};

/// How long after the answer an appeal can be made again, in seconds: a day, or the appeal window if that is
/// shorter.
pub(super) fn again_seconds(rules: &Rules) -> i64 {
    Ord::min(i64::from(rules.appeal_seconds), 86_400)
}

/// Appeals again, once, after the first appeal was turned down.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AppealAgain {
    /// The appeal that was turned down.
    pub appeal: AppealId,
    /// What the answer got wrong: at most 5,000 characters.
    pub grounds: String,
}

impl Command for AppealAgain {
    type Output = ();
    const ACT: Act = Act::AppealAgain;

    async fn run(&self, asker: &Actor, scope: &Scope<'_>) -> Result<()> {
        if matches!(asker, Actor::Visitor) {
            return Err(Refusal::Unauthenticated);
        }
        let found = must(appeal::Entity::find_by_id(self.appeal.0).one(scope.txn).await?)?;
        let (task, _, facts) = race::locked(scope, asker, EntryId(found.entry_id)).await?;
        let leave = permit(asker, Self::ACT, &facts)?;
        // Read again under the lock: it may have been answered meanwhile.
        let first = must(appeal::Entity::find_by_id(self.appeal.0).one(scope.txn).await?)?;
        if !is_current(&task, first.ruling_id, scope.now) {
            return Err(Refusal::because(Code::AppealWindowClosed));
        }
        let rejected = first.verdict.as_deref() == Some(Verdict::Rejected.as_str());
        let Some(answered_at) = first.answered_at.filter(|_| rejected) else {
            return Err(Refusal::because(Code::NotTurnedDown));
        };
        if scope.now >= Moment(answered_at).plus_seconds(again_seconds(&task.rules)) {
            return Err(Refusal::because(Code::AppealWindowClosed));
        }
        if second_appeal::Entity::find_by_id(first.id).one(scope.txn).await?.is_some() {
            return Err(Refusal::because(Code::AlreadyAppealed));
        }
        let answerers =
            AppealFacts { race: facts.race.clone(), answered_by: first.answered_by.map(PersonId) };
        let answerers = answerers_of(scope, &answerers).await?;
        if answerers.is_empty() {
            // Nothing may wait for ever for somebody who is not there.
            return Err(Refusal::because(Code::NobodyToAnswer));
        }
        let mut problems = Problems::default();
        let grounds = text::prose(&mut problems, "grounds", &self.grounds, 5_000);
        problems.done()?;
        let said = json!({ "appeal": self.appeal, "again": { "grounds": grounds } }).to_string().into_bytes();
        books::deposit(scope, &leave, task.id.0, RecordKind::Evidence, label::APPEAL, said).await?;
        let row = second_appeal::Model {
            appeal_id: first.id,
            task_id: task.id.0,
            ruling_id: first.ruling_id,
            by_id: leave.by().ok_or(Refusal::Unauthenticated)?.0,
            grounds,
            at: scope.now.0,
            verdict: None,
            answer: None,
            answered_by: None,
            answered_at: None,
        };
        tables::insert_second(scope.txn, &leave, row).await?;
        task::clockwork::arm(scope.txn, &leave, task.id).await?;
        let event = Event::of(&leave, Kind::AppealFiled).task(task.id).entry(EntryId(first.entry_id));
        notify(scope, event.to(answerers)).await
    }
}

/// Answers a second appeal, for good: granted, the race is judged again; turned down, the ruling stands.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AnswerAgain {
    /// The appeal.
    pub appeal: AppealId,
    /// Whether it is granted.
    pub uphold: bool,
    /// Why: at most 5,000 characters.
    pub answer: String,
    /// Where a panel judges and the appeal is granted: the line of the rubric, from 0, that is scored again
    /// for every entry.
    pub criterion: Option<u32>,
}

impl Command for AnswerAgain {
    type Output = ();
    const ACT: Act = Act::AnswerAgain;

    async fn run(&self, asker: &Actor, scope: &Scope<'_>) -> Result<()> {
        if matches!(asker, Actor::Visitor) {
            return Err(Refusal::Unauthenticated);
        }
        let first = must(appeal::Entity::find_by_id(self.appeal.0).one(scope.txn).await?)?;
        let task = task::tables::lock(scope.txn, TaskId(first.task_id)).await?;
        let race = task::facts(scope.txn, &task, scope.now).await?;
        let facts = AppealFacts { race, answered_by: first.answered_by.map(PersonId) };
        let leave = permit(asker, Self::ACT, &facts)?;
        let second = must(second_appeal::Entity::find_by_id(first.id).one(scope.txn).await?)?;
        if has_struck(scope, asker, task.id, EntryId(first.entry_id)).await? {
            return Err(Refusal::NotFound);
        }
        if second.verdict.is_some() || !is_current(&task, second.ruling_id, scope.now) {
            return Err(Refusal::because(Code::AlreadyAnswered));
        }
        if task::clockwork::has_lapsed(scope.txn, &task, scope.now).await? {
            return Err(Refusal::because(Code::DecisionLate));
        }
        let mut problems = Problems::default();
        let answer = text::prose(&mut problems, "answer", &self.answer, 5_000);
        problems.done()?;
        let verdict = if self.uphold { Verdict::Upheld } else { Verdict::Rejected };
        let said = json!({
            "appeal": self.appeal,
            "again": { "verdict": verdict, "answer": answer, "criterion": self.criterion },
        });
        let said = said.to_string().into_bytes();
        books::deposit(scope, &leave, task.id.0, RecordKind::Evidence, label::APPEAL, said).await?;
        let by = leave.by().ok_or(Refusal::Unauthenticated)?;
        tables::answer_second(scope.txn, &leave, (first.id, verdict), Some((answer, by)), scope.now).await?;
        task::clockwork::arm(scope.txn, &leave, task.id).await?;
        let entry = EntryId(first.entry_id);
        judge_again(scope, &leave, &task, (entry, self.uphold), self.criterion).await?;
        super::commands::tell_answer(scope, &leave, &task, entry, self.uphold).await
    }
}

/// Keeps the payout open long enough for an appeal that was just turned down to be made again, however late the
/// answer came.
pub(super) async fn leave_time<S>(scope: &Scope<'_>, leave: &Permit<S>, task: &Task) -> Result<()> {
    let again = scope.now.plus_seconds(again_seconds(&task.rules));
    let row = task_table::ActiveModel {
        id: Set(task.id.0),
        appeals_until: Set(task.appeals_until.map(|until| until.max(again).0)),
        ..Default::default()
    };
    task::tables::update(scope.txn, leave, row).await
}

/// The ruling that an appeal is about still counts, and nothing is paid yet.
fn is_current(task: &Task, ruling: Uuid, now: Moment) -> bool {
    task.state(now) == TaskState::Provisional && task.ruling == Some(RulingId(ruling))
}

/// Everybody who may answer it.
async fn answerers_of(scope: &Scope<'_>, facts: &AppealFacts) -> Result<Vec<PersonId>> {
    let mut asked = facts.race.judges.clone();
    asked.extend(facts.race.programme_owner);
    asked.extend(person::tables::holders(scope.txn, Role::Treasurer).await?);
    asked.extend(person::tables::holders(scope.txn, Role::Auditor).await?);
    let actors = person::actors(scope.txn, &asked).await?;
    asked.retain(|id| actors.get(id).is_some_and(|actor| may(actor, Act::AnswerAgain, facts)));
    Ok(asked)
}

/// The second appeals of some races by the first, as the asker may see them.
pub(super) async fn seconds_of(
    db: &impl ConnectionTrait,
    asker: &Actor,
    races: &[(&Task, &RaceFacts)],
    now: Moment,
) -> Result<HashMap<Uuid, SecondAppealView>> {
    let ids = races.iter().map(|(task, _)| task.id.0);
    let rows = second_appeal::Entity::find().filter(second_appeal::Column::TaskId.is_in(ids));
    let rows = rows.all(db).await?;
    if rows.is_empty() {
        return Ok(HashMap::new());
    }
    let firsts =
        appeal::Entity::find().filter(appeal::Column::Id.is_in(rows.iter().map(|row| row.appeal_id)));
    let answered: HashMap<Uuid, Option<Uuid>> =
        firsts.all(db).await?.into_iter().map(|row| (row.id, row.answered_by)).collect();
    let of = |row: &second_appeal::Model| races.iter().find(|(task, _)| task.id.0 == row.task_id);
    rows.into_iter()
        .filter_map(|row| of(&row).map(|race| (row, race)))
        .map(|(row, (task, race))| {
            let answered_by = answered.get(&row.appeal_id).copied().flatten().map(PersonId);
            let facts = AppealFacts { race: (*race).clone(), answered_by };
            let open = row.verdict.is_none() && is_current(task, row.ruling_id, now);
            let view = SecondAppealView {
                by: PersonId(row.by_id),
                grounds: row.grounds,
                at: Moment(row.at),
                verdict: row.verdict.map(|verdict| verdict.parse()).transpose()?,
                answer: row.answer,
                answered_by: row.answered_by.map(PersonId),
                answered_at: row.answered_at.map(Moment),
                may_answer: open && may(asker, Act::AnswerAgain, &facts),
            };
            Ok((row.appeal_id, view))
        })
        .collect()
}

/// The second appeals against a ruling that nobody has answered, oldest first, by the first ones; and when the
/// last of the others was.
pub(crate) async fn seconds_for_clock(
    db: &impl ConnectionTrait,
    ruling: RulingId,
) -> Result<(Vec<(Uuid, Moment)>, Option<Moment>)> {
    let rows = second_appeal::Entity::find()
        .filter(second_appeal::Column::RulingId.eq(ruling.0))
        .order_by_asc(second_appeal::Column::At)
        .order_by_asc(second_appeal::Column::AppealId)
        .all(db)
        .await?;
    let open = rows.iter().filter(|row| row.verdict.is_none());
    let open = open.map(|row| (row.appeal_id, Moment(row.at))).collect();
    Ok((open, rows.iter().filter_map(|row| row.answered_at).max().map(Moment)))
}

/// Tasks and appeals of second appeals that wait for an answer, oldest first.
pub(crate) async fn seconds_waiting(
    db: &impl ConnectionTrait,
    most: u64,
) -> Result<Vec<(TaskId, AppealId, Moment)>> {
    let open = second_appeal::Entity::find().filter(is_open());
    let rows = open.order_by_asc(second_appeal::Column::At).limit(most).all(db).await?;
    Ok(rows.into_iter().map(|row| (TaskId(row.task_id), AppealId(row.appeal_id), Moment(row.at))).collect())
}

/// Not answered, and against the ruling that counts.
fn is_open() -> Condition {
    let of = |column| (second_appeal::Entity, column);
    let current = Query::select()
        .expr(Expr::val(1))
        .from(task_table::Entity)
        .and_where(
            Expr::col((task_table::Entity, task_table::Column::Id)).equals(of(second_appeal::Column::TaskId)),
        )
        .and_where(
            Expr::col((task_table::Entity, task_table::Column::RulingId))
                .equals(of(second_appeal::Column::RulingId)),
        )
        .to_owned();
    Condition::all().add(second_appeal::Column::Verdict.is_null()).add(Expr::exists(current))
}
