//! What the clock does when nobody does anything.
//!
//! Promises: whatever falls due is done in order of its instant, across all tasks, and as of that instant,
//! also when no server ran at the time; each thing once, with two servers, a restart or a kill at any point:
//! it is looked at again under the task's lock, and written down as done in the same database transaction.
//! Must never: act before the instant.
//!
//! `task.edge_at` says when to look at a task next. It is written with every change of the task, and only tells
//! where to look: what is due is worked out anew from the state, by [`edges`].

mod edges;
pub(crate) mod tables;

use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel as _, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect,
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use self::edges::{Edge, Facts};
use self::tables::task_edge;
use super::tables::{self as tasks, task};
use super::{Judging, Stored, Task, TaskState, commands, facts};
use crate::actor::{Actor, names};
use crate::award;
use crate::books::{self, Evidence, label};
use crate::clock::Moment;
use crate::error::{Refusal, Result};
use crate::ids::TaskId;
use crate::market::Market;
use crate::notice::{Event, Kind, notify};
use crate::policy::{Act, Permit, RaceFacts, permit};
use crate::store::{Command, Scope};
use crate::{amendment, judging, submission, vote};

/// Seconds after which what the clock did counts as late, so that its record says when it was due.
const LATE: i64 = 60;

/// What the clock does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EdgeKind {
    /// Decides an amendment that is open: its time for answers is over.
    Amend,
    /// Ends a stage: its scores are due.
    StageEnd,
    /// Cuts a stage by the scores that there are.
    StageCut,
    /// Stops the race: who judges is told, or the race expires where nobody qualifies.
    Close,
    /// Measures what was handed in against the answer key, or counts the votes, and rules.
    Measure,
    /// Comes to the ruling of a panel: its sheets are due and enough are locked.
    Sheets,
    /// Ends a race that everybody has left who had handed in.
    Expire,
    /// Reminds those who judge: the first answer is overdue.
    Remind,
    /// Passes the decision on to the deputies: the ruling is overdue.
    PassOn,
    /// Executes the default of the rules: the ruling is overdue once more.
    Default,
    /// Passes an appeal on to the deputies: its answer is overdue.
    AppealPassOn,
    /// Lets the ruling stand: an appeal was not answered.
    AppealStands,
    /// Pays.
    Settle,
}

names!(
    EdgeKind,
    Amend = "amend",
    StageEnd = "stage_end",
    StageCut = "stage_cut",
    Close = "close",
    Measure = "measure",
    Sheets = "sheets",
    Expire = "expire",
    Remind = "remind",
    PassOn = "pass_on",
    Default = "default",
    AppealPassOn = "appeal_pass_on",
    AppealStands = "appeal_stands",
    Settle = "settle"
);

/// Something that the clock did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EdgeView {
    /// What it did.
    pub kind: EdgeKind,
    /// When it was due: the instant as of which it was done.
    pub due_at: Moment,
    /// When it was done: later, where no server ran.
    pub done_at: Moment,
}

/// Does the next thing that is due with a task; answers what it was, or nothing where nothing is. What has to be
/// measured first is only named: that takes its time, outside of any transaction.
#[derive(Debug, Serialize, Deserialize)]
struct KeepEdge {
    task: TaskId,
}

impl Command for KeepEdge {
    type Output = Option<(EdgeKind, Moment)>;
    const ACT: Act = Act::KeepTime;

    async fn run(&self, asker: &Actor, scope: &Scope<'_>) -> Result<Self::Output> {
        let task = tasks::lock(scope.txn, self.task).await?;
        let due = edges::next(&look(scope.txn, &task).await?).filter(|edge| edge.at <= scope.now);
        let Some(edge) = due else {
            let leave = permit(asker, Self::ACT, &facts(scope.txn, &task, scope.now).await?)?;
            arm(scope.txn, &leave, task.id).await?;
            return Ok(None);
        };
        let scope = &Scope { now: edge.at, ..*scope };
        let leave = permit(asker, Self::ACT, &facts(scope.txn, &task, scope.now).await?)?;
        if edge.kind != EdgeKind::Measure {
            write_down(scope, &leave, &task, edge).await?;
        }
        carry_out(scope, &leave, &task, edge).await?;
        Ok(Some((edge.kind, edge.at)))
    }
}

impl Market {
    /// Does everything that is due, in order of its instant; what one thing makes due is done in its turn.
    /// Returns how many things were done. One task's trouble does not hold up the others.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn keep_time(&self) -> Result<usize> {
        let mut done = self.lapse_entries().await? + self.lapse_offers().await?;
        let (mut stuck, mut trouble) = (Vec::new(), None);
        while let Some(id) = self.first_due(&stuck).await? {
            match self.run(&Actor::Clockwork, KeepEdge { task: id }).await {
                Ok(Some((EdgeKind::Measure, _))) => match self.rule_by_metric(id).await {
                    Ok(true) => done += 1,
                    // Another server was quicker, or it can't be measured now; it is looked at again soon.
                    Ok(false) => stuck.push(id.0),
                    Err(refusal) => {
                        stuck.push(id.0);
                        trouble = Some(refusal);
                    }
                },
                Ok(Some(_)) => done += 1,
                // Another server was quicker.
                Ok(None) => {}
                Err(refusal) => {
                    stuck.push(id.0);
                    trouble = Some(refusal);
                }
            }
        }
        trouble.map_or(Ok(done), Err)
    }

    /// The next instant at which the clock has something to do, if any is known.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn next_edge(&self) -> Result<Option<Moment>> {
        let next = task::Entity::find()
            .select_only()
            .column(task::Column::EdgeAt)
            .filter(task::Column::EdgeAt.is_not_null())
            .order_by_asc(task::Column::EdgeAt)
            .limit(1)
            .into_tuple::<i64>();
        let of_tasks = next.one(self.store().reads()).await?.map(Moment);
        let others = [self.next_check_in().await?, self.next_offer_end().await?];
        Ok(of_tasks.into_iter().chain(others.into_iter().flatten()).min())
    }

    /// What the clock has done with a task, in order.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] when the asker may not see the task.
    pub async fn task_edges(&self, asker: &Actor, id: TaskId) -> Result<Vec<EdgeView>> {
        let db = self.store().reads();
        permit(asker, Act::SeeTask, &self.known(id).await?.facts)?;
        let rows = task_edge::Entity::find().filter(task_edge::Column::TaskId.eq(id.0));
        let rows = rows.order_by_asc(task_edge::Column::No).all(db).await?;
        rows.into_iter()
            .map(|row| {
                let (due_at, done_at) = (Moment(row.due_at), Moment(row.done_at));
                Ok(EdgeView { kind: row.kind.parse()?, due_at, done_at })
            })
            .collect()
    }

    async fn first_due(&self, stuck: &[Uuid]) -> Result<Option<TaskId>> {
        let first = task::Entity::find()
            .select_only()
            .column(task::Column::Id)
            .filter(task::Column::EdgeAt.lte(self.now().0))
            .filter(task::Column::Id.is_not_in(stuck.to_vec()))
            .order_by_asc(task::Column::EdgeAt)
            .order_by_asc(task::Column::Id)
            .limit(1)
            .into_tuple::<Uuid>();
        Ok(first.one(self.store().reads()).await?.map(TaskId))
    }
}

/// Notes when the clock has to look at a task next. To be called after every change that the clock looks at;
/// the task's own row does it by itself.
pub(crate) async fn arm<S>(db: &impl ConnectionTrait, _: &Permit<S>, id: TaskId) -> Result<()> {
    let task = tasks::load(db, id).await?;
    let at = edges::next(&look(db, &task).await?).map(|edge| edge.at.0);
    task::Entity::update_many()
        .col_expr(task::Column::EdgeAt, Expr::value(at))
        .filter(task::Column::Id.eq(id.0))
        .exec(db)
        .await?;
    Ok(())
}

/// Whether the time to answer an appeal is over and the clock has only not come to it yet.
pub(crate) async fn has_lapsed(db: &impl ConnectionTrait, task: &Task, now: Moment) -> Result<bool> {
    let next = edges::next(&look(db, task).await?).filter(|edge| edge.at <= now);
    Ok(next.is_some_and(|edge| matches!(edge.kind, EdgeKind::AppealPassOn | EdgeKind::AppealStands)))
}

/// What a record says that the clock makes later than it was due; nothing where it is in time.
pub(crate) fn lateness(scope: &Scope<'_>) -> Vec<Evidence> {
    if scope.present.seconds_since(scope.now) < LATE {
        return Vec::new();
    }
    let said = json!({ "due": scope.now.rfc3339(), "done": scope.present.rfc3339() });
    vec![Evidence { label: label::CLOCK, data: said.to_string().into_bytes() }]
}

async fn look<'t>(db: &impl ConnectionTrait, task: &'t Task) -> Result<Facts<'t>> {
    let judged = task.stored == Stored::Open && task.judging_since.is_some();
    let (open_appeals, answered_at) = match task.ruling {
        Some(ruling) if task.stored == Stored::Provisional => judging::appeals_for_clock(db, ruling).await?,
        _ => (Vec::new(), None),
    };
    let qualified = judged && submission::count_of(db, task.id).await? > 0;
    let unmeasured = judged && task.rules.judging.by_clock() && !judging::is_ruled(db, task.id).await?;
    let sheets_due = if judged { judging::sheets_due(db, task).await? } else { None };
    let (open_seconds, again_at) = match task.ruling {
        Some(ruling) if task.stored == Stored::Provisional => judging::seconds_for_clock(db, ruling).await?,
        _ => (Vec::new(), None),
    };
    let answered_at = answered_at.max(again_at);
    let open = task.stored == Stored::Open && task.judging_since.is_none();
    let amendment = if open { amendment::due_at(db, task.id).await? } else { None };
    Ok(Facts { task, qualified, unmeasured, sheets_due, open_seconds, open_appeals, answered_at, amendment })
}

/// Notes that a race was measured, for the command that does it; answers the instant as of which it is done.
pub(crate) async fn measured(scope: &Scope<'_>, leave: &Permit<RaceFacts>, task: &Task) -> Result<Moment> {
    let at = match &task.rules.judging {
        Judging::Vote(vote) => vote.closes_at(task.closes_at),
        _ => task.judging_since.unwrap_or(task.closes_at),
    };
    let edge = Edge { kind: EdgeKind::Measure, at, subject: task.id.0 };
    write_down(scope, leave, task, edge).await?;
    Ok(at)
}

async fn write_down(scope: &Scope<'_>, _: &Permit<RaceFacts>, task: &Task, edge: Edge) -> Result<()> {
    let before = task_edge::Entity::find().filter(task_edge::Column::TaskId.eq(task.id.0));
    let row = task_edge::Model {
        task_id: task.id.0,
        no: i64::try_from(before.count(scope.txn).await?).map_err(Refusal::fault)? + 1,
        kind: edge.kind.as_str().to_owned(),
        subject: edge.subject,
        due_at: edge.at.0,
        done_at: scope.present.0,
    };
    task_edge::Entity::insert(row.into_active_model()).exec_without_returning(scope.txn).await?;
    Ok(())
}

async fn carry_out(scope: &Scope<'_>, leave: &Permit<RaceFacts>, task: &Task, edge: Edge) -> Result<()> {
    match edge.kind {
        EdgeKind::Measure => Ok(()),
        EdgeKind::Sheets => judging::rule_panel(scope, leave, task).await,
        EdgeKind::Amend => amendment::decide(scope, leave, task, edge.subject).await,
        EdgeKind::StageEnd => judging::end_stage(scope, leave, task).await,
        EdgeKind::StageCut => judging::cut_by_clock(scope, leave, task).await,
        EdgeKind::Close => close(scope, leave, task).await,
        EdgeKind::Expire => commands::expire(scope, leave, task).await,
        EdgeKind::Remind => remind(scope, leave, task).await,
        EdgeKind::PassOn | EdgeKind::AppealPassOn => pass_on(scope, leave, task, edge).await,
        EdgeKind::Default => judging::rule_by_default(scope, leave, task).await,
        EdgeKind::AppealStands => judging::let_stand(scope, leave, task, edge.subject).await,
        EdgeKind::Settle => award::settle_task(scope, leave, task).await,
    }
}

async fn close(scope: &Scope<'_>, leave: &Permit<RaceFacts>, task: &Task) -> Result<()> {
    if submission::count_of(scope.txn, task.id).await? == 0 {
        return commands::expire(scope, leave, task).await;
    }
    let row =
        task::ActiveModel { id: Set(task.id.0), judging_since: Set(Some(scope.now.0)), ..Default::default() };
    tasks::update(scope.txn, leave, row).await?;
    let facts = facts(scope.txn, task, scope.now).await?;
    judging::tell_orphans(scope, leave, task, &facts).await?;
    if let Judging::Vote(vote) = &task.rules.judging {
        let until = vote.closes_at(task.closes_at);
        let event = Event::of(leave, Kind::VoteOpened).task(task.id);
        let event = event.with(|facts| facts.until = Some(until));
        return notify(scope, event.to(vote::voters(scope, &facts).await?)).await;
    }
    let judges = facts.judges;
    let until = task.rules.silence.as_ref().map(|silence| silence.ruling_due(scope.now));
    let event = Event::of(leave, Kind::TaskClosed).task(task.id).to(judges);
    notify(scope, event.with(|facts| facts.until = until)).await
}

async fn remind(scope: &Scope<'_>, leave: &Permit<RaceFacts>, task: &Task) -> Result<()> {
    let row =
        task::ActiveModel { id: Set(task.id.0), reminded_at: Set(Some(scope.now.0)), ..Default::default() };
    tasks::update(scope.txn, leave, row).await?;
    let judges = facts(scope.txn, task, scope.now).await?.judges;
    let event = Event::of(leave, Kind::RulingDue).task(task.id).to(judges).to([task.poster]);
    notify(scope, event.with(|facts| facts.until = task.decision_due())).await
}

/// The deputies decide from now on: who judged does so no longer.
async fn pass_on(scope: &Scope<'_>, leave: &Permit<RaceFacts>, task: &Task, edge: Edge) -> Result<()> {
    let deputies = task.rules.silence.as_ref().map(|silence| silence.deputies.clone()).unwrap_or_default();
    let before = facts(scope.txn, task, scope.now).await?;
    let what = if edge.kind == EdgeKind::PassOn { "ruling" } else { "appeal" };
    let said = json!({
        "task": task.id, "overdue": what, "subject": edge.subject, "passed_to": deputies, "due": edge.at.rfc3339(),
    });
    let said = said.to_string().into_bytes();
    books::deposit(scope, leave, task.id.0, ledger::RecordKind::Evidence, label::CLOCK, said).await?;
    let row =
        task::ActiveModel { id: Set(task.id.0), passed_at: Set(Some(scope.now.0)), ..Default::default() };
    tasks::update(scope.txn, leave, row).await?;
    let event = Event::of(leave, Kind::DecisionPassed).task(task.id).to(before.judges).to(deputies);
    notify(scope, event.to([task.poster]).to(before.programme_owner)).await
}

impl Task {
    /// Until when the decision that waits now has to be given by those whose turn it is, if the rules say so.
    pub(crate) fn decision_due(&self) -> Option<Moment> {
        let silence = self.rules.silence.as_ref()?;
        match (self.stored, self.passed_at) {
            (Stored::Open, Some(passed)) => Some(passed.plus_seconds(i64::from(silence.deputy_seconds))),
            (Stored::Open, None) => Some(silence.ruling_due(self.judging_since.unwrap_or(self.closes_at))),
            _ => None,
        }
    }

    /// True while a ruling is due.
    pub(crate) fn is_judged(&self, now: Moment) -> bool {
        self.state(now) == TaskState::Judging
    }
}
