//! Reading tasks: one, lists, and what the asker may do with one.

use std::collections::{HashMap, HashSet};

use ledger::{AccountKind, Amount, RecordId};
use sea_orm::sea_query::{Alias, Expr, Query, SelectStatement};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, Order, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect,
};
use uuid::Uuid;

use super::facts::judges_now;
use super::tables::{self, task, task_judge};
use super::{FundingView, Judging, PrizePlan, Stored, Task, TaskSource, TaskState, TaskView, Visibility};
use crate::actor::Actor;
use crate::clock::Moment;
use crate::error::{Code, Refusal, Result};
use crate::ids::{PersonId, TaskId};
use crate::market::Market;
use crate::memo::Known;
use crate::page::{Listing, Page, Span};
use crate::policy::{Act, may, permit, task_scope};
use crate::race::tables::crew_member;
use crate::search::matching;
use crate::store::must;
use crate::text;
use crate::{books, judging, part, race, submission};

/// Which tasks a list shall hold, among those that the asker may see.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TaskFilter {
    /// In one of these states; empty = in any.
    pub states: Vec<TaskState>,
    /// Open challenges only.
    pub open_only: bool,
    /// Posted by the asker.
    pub mine: bool,
    /// With the asker in a crew.
    pub riding: bool,
    /// With the asker among the judges that the rules name.
    pub judging: bool,
    /// With these words in the title.
    pub search: Option<String>,
    /// In this order.
    pub order: TaskOrder,
}

/// The order of a list of tasks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum TaskOrder {
    /// Newest first.
    #[default]
    Newest,
    /// The next deadline first.
    ClosingSoon,
    /// The largest bounty first.
    Bounty,
}

type Key = (i64, Uuid);

impl TaskOrder {
    fn column(self) -> task::Column {
        match self {
            Self::Newest => task::Column::CreatedAt,
            Self::ClosingSoon => task::Column::ClosesAt,
            Self::Bounty => task::Column::Bounty,
        }
    }

    fn descending(self) -> bool {
        self != Self::ClosingSoon
    }

    fn key(self, view: &TaskView) -> Key {
        let value = match self {
            Self::Newest => view.created_at.0,
            Self::ClosingSoon => view.closes_at.0,
            Self::Bounty => view.bounty.as_i64(),
        };
        (value, view.id.0)
    }

    /// What lies strictly behind (`later`) or before `key` in this order.
    fn beyond(self, key: &Key, later: bool) -> Condition {
        let (column, id) = (self.column(), task::Column::Id);
        let smaller = later == self.descending();
        let (by_value, by_id) =
            if smaller { (column.lt(key.0), id.lt(key.1)) } else { (column.gt(key.0), id.gt(key.1)) };
        Condition::any().add(by_value).add(Condition::all().add(column.eq(key.0)).add(by_id))
    }
}

impl Market {
    /// A task by its id.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] when there is none, or the asker may not see it.
    pub async fn task(&self, asker: &Actor, id: TaskId) -> Result<TaskView> {
        let known = self.known(id).await?;
        self.seen(asker, &known).await
    }

    /// A task by the handle in its address.
    ///
    /// # Errors
    /// As [`Market::task`].
    pub async fn task_by_handle(&self, asker: &Actor, handle: &str) -> Result<TaskView> {
        let db = self.store().reads();
        let handle = must(text::known_as(handle))?;
        let row = task::Entity::find().filter(task::Column::Handle.eq(handle)).one(db).await?;
        let known = self.know(must(row)?.try_into()?).await?;
        self.seen(asker, &known).await
    }

    async fn seen(&self, asker: &Actor, known: &Known) -> Result<TaskView> {
        permit(asker, Act::SeeTask, &known.facts)?;
        views_of(self.store().reads(), vec![known.task.clone()], self.now())
            .await?
            .pop()
            .ok_or(Refusal::NotFound)
    }

    /// Several tasks by id, those left out that the asker may not see.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn tasks_by_ids(&self, asker: &Actor, ids: &[TaskId]) -> Result<HashMap<TaskId, TaskView>> {
        if ids.is_empty() {
            return Ok(HashMap::new());
        }
        let db = self.store().reads();
        let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
        let rows =
            task::Entity::find().filter(task::Column::Id.is_in(ids)).filter(in_scope(asker)).all(db).await?;
        let tasks = rows.into_iter().map(Task::try_from).collect::<Result<Vec<_>>>()?;
        let views = views_of(db, tasks, self.now()).await?;
        Ok(views.into_iter().map(|view| (view.id, view)).collect())
    }

    /// The tasks that the asker may see and asks for.
    ///
    /// # Errors
    /// Problems with the page.
    pub async fn tasks(&self, asker: &Actor, filter: &TaskFilter, page: &Page) -> Result<Listing<TaskView>> {
        let db = self.store().reads();
        let span: Span<Key> = page.span()?;
        let order = filter.order;
        let all = task::Entity::find().filter(in_scope(asker)).filter(chosen(filter, asker, self.now()));
        let total = all.clone().count(db).await?;
        let mut part = all;
        if let Some(key) = &span.after {
            part = part.filter(order.beyond(key, true));
        }
        if let Some(key) = &span.before {
            part = part.filter(order.beyond(key, false));
        }
        let direction = if order.descending() == span.backward { Order::Asc } else { Order::Desc };
        let rows = part
            .order_by(order.column(), direction.clone())
            .order_by(task::Column::Id, direction)
            .limit(span.limit + 1)
            .all(db)
            .await?;
        let tasks = rows.into_iter().map(Task::try_from).collect::<Result<Vec<_>>>()?;
        let views = views_of(db, tasks, self.now()).await?;
        Ok(span.listing(views, total, |view| order.key(view)))
    }

    /// The handles of open challenges that run and that the asker may see, newest first, each with when it was
    /// published.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn open_challenges(&self, asker: &Actor, most: u64) -> Result<Vec<(String, Moment)>> {
        let filter = TaskFilter { states: vec![TaskState::Open], open_only: true, ..TaskFilter::default() };
        let found = task::Entity::find()
            .select_only()
            .columns([task::Column::Handle, task::Column::PublishedAt])
            .filter(in_scope(asker))
            .filter(chosen(&filter, asker, self.now()))
            .filter(task::Column::PublishedAt.is_not_null())
            .order_by_desc(task::Column::CreatedAt)
            .order_by_desc(task::Column::Id)
            .limit(most)
            .into_tuple::<(String, i64)>();
        let found = found.all(self.store().reads()).await?;
        Ok(found.into_iter().map(|(handle, since)| (handle, Moment(since))).collect())
    }

    /// Who put how much into the task's escrow, oldest first.
    ///
    /// # Errors
    /// As [`Market::task`].
    pub async fn fundings(&self, asker: &Actor, id: TaskId) -> Result<Vec<FundingView>> {
        let db = self.store().reads();
        permit(asker, Act::SeeTask, &self.known(id).await?.facts)?;
        fundings_of(db, id).await
    }

    /// Every record about the task, oldest first: its trail on the ledger.
    ///
    /// # Errors
    /// As [`Market::task`].
    pub async fn task_records(&self, asker: &Actor, id: TaskId) -> Result<Vec<books::RecordView>> {
        let db = self.store().reads();
        permit(asker, Act::SeeTask, &self.known(id).await?.facts)?;
        books::records_about(db, asker, self.now(), id.0).await
    }

    /// The acts on this task that are the asker's to do, each with what stands against it now (`None` =
    /// nothing does). Acts that are not theirs are left out.
    ///
    /// # Errors
    /// As [`Market::task`].
    pub async fn viewer_can(&self, asker: &Actor, id: TaskId) -> Result<Vec<(Act, Option<Code>)>> {
        let db = self.store().reads();
        let now = self.now();
        let Known { task, facts } = &*self.known(id).await?;
        permit(asker, Act::SeeTask, facts)?;
        let submitted = submission::count_of(db, id).await? > 0;
        let lanes = race::lanes_of(db, id).await?;
        let appeals = judging::open_appeals(db, id).await?;
        let ruled = !facts.rulers.is_empty();
        let overdue = match task.stored {
            Stored::Draft => judging::overdue_of(db, task.poster, now).await?,
            _ => None,
        };
        let asked = |act: Act| {
            if act == Act::RuleStage && task.next_stage().is_none() {
                return None;
            }
            may(asker, act, facts).then(|| (act, against(act, task, now, submitted, lanes, appeals)))
        };
        let riding = asker.id().is_some_and(|person| facts.riders.contains(&person));
        let mut acts: Vec<(Act, Option<Code>)> = ACTS.iter().filter_map(|act| asked(*act)).collect();
        acts.retain(|(act, _)| {
            *act != Act::UploadAnswerKey || matches!(task.rules.judging, Judging::Metric(_))
        });
        let counts = matches!(task.rules.plan, PrizePlan::Metered { .. }) || task.rules.growth.is_some();
        acts.retain(|(act, _)| *act != Act::RecordEvents || counts);
        for (act, code) in &mut acts {
            if *act == Act::CastBallot {
                *code = against_vote(task, now, ruled);
            }
        }
        if task.rules.judging.by_clock() && !ruled {
            let rule = acts.iter_mut().find(|(act, _)| *act == Act::RuleRace);
            rule.into_iter().for_each(|(_, code)| *code = Some(Code::RuledByClock));
        }
        if let Some(overdue) = overdue {
            let because = Code::DecisionOverdue { task: overdue.title };
            let publish = acts.iter_mut().filter(|(act, code)| *act == Act::PublishTask && code.is_none());
            publish.for_each(|(_, code)| *code = Some(because.clone()));
        }
        if riding {
            for (act, code) in &mut acts {
                if *act == Act::EnterRace && code.is_none() {
                    *code = Some(Code::AlreadyRiding);
                }
            }
        }
        Ok(acts)
    }
}

const ACTS: &[Act] = &[
    Act::InviteToRace,
    Act::UpdateTask,
    Act::DeleteDraft,
    Act::PublishTask,
    Act::BoostTask,
    Act::ExtendDeadline,
    Act::CancelTask,
    Act::ProposeAmendment,
    Act::AskQuestion,
    Act::ClarifyTask,
    Act::EnterRace,
    Act::RuleRace,
    Act::RuleStage,
    Act::LockSheet,
    Act::AnswerAppeal,
    Act::UploadAnswerKey,
    Act::CastBallot,
    Act::RecordEvents,
];

fn code_of(outcome: Result<()>) -> Option<Code> {
    outcome.err().map(|refusal| match refusal {
        Refusal::Invalid(mut problems) if !problems.is_empty() => problems.remove(0).code,
        _ => Code::NotOpen,
    })
}

/// What stands against voting at this moment, apart from who asks.
fn against_vote(task: &Task, now: Moment, ruled: bool) -> Option<Code> {
    let Judging::Vote(vote) = &task.rules.judging else { return Some(Code::VoteClosed) };
    match task.state(now) {
        TaskState::Open => Some(Code::NotYetClosed),
        TaskState::Judging if !ruled && now < vote.closes_at(task.closes_at) => None,
        _ => Some(Code::VoteClosed),
    }
}

/// What stands against an act at this moment, apart from who asks.
fn against(act: Act, task: &Task, now: Moment, submitted: bool, lanes: u32, appeals: u64) -> Option<Code> {
    let state = task.state(now);
    let running = code_of(super::check_running(state));
    match act {
        Act::UpdateTask | Act::DeleteDraft | Act::PublishTask | Act::UploadAnswerKey => {
            (state != TaskState::Draft).then_some(Code::NotDraft)
        }
        Act::BoostTask
        | Act::ExtendDeadline
        | Act::InviteToRace
        | Act::AskQuestion
        | Act::ClarifyTask
        | Act::ProposeAmendment => running,
        Act::RecordEvents => {
            (!matches!(state, TaskState::Open | TaskState::Judging)).then_some(Code::NotOpen)
        }
        Act::CancelTask if !matches!(state, TaskState::Open | TaskState::Judging) => Some(Code::NotOpen),
        Act::CancelTask => submitted.then_some(Code::NotCancellable),
        Act::RuleStage => {
            let (no, _) = task.next_stage()?;
            code_of(judging::check_waiting(task, no, now))
        }
        Act::EnterRace => code_of(super::check_entering(task, now)).or_else(|| {
            let max = task.rules.max_lanes?;
            (lanes >= max && !task.rules.entry.waiting_list).then_some(Code::LanesFull { max })
        }),
        Act::RuleRace | Act::LockSheet if state == TaskState::Open => Some(Code::NotYetClosed),
        Act::RuleRace | Act::LockSheet => {
            (state != TaskState::Judging || !submitted).then_some(Code::NotJudging)
        }
        _ => (appeals == 0).then_some(Code::NotProvisional),
    }
}

/// The fundings of a task, oldest first.
async fn fundings_of(db: &impl ConnectionTrait, id: TaskId) -> Result<Vec<FundingView>> {
    let rows = tables::fundings(db, &[id]).await?;
    let accounts: Vec<Uuid> = rows.iter().map(|row| row.account_id).collect();
    let owners = books::owners_of(db, &accounts).await?;
    rows.into_iter()
        .map(|row| {
            let (kind, owner) = owners.get(&row.account_id).copied().ok_or(Refusal::NotFound)?;
            Ok(FundingView {
                source: match kind {
                    AccountKind::Programme => TaskSource::Programme(crate::ids::ProgrammeId(owner)),
                    AccountKind::Unit => TaskSource::Unit(crate::ids::UnitId(owner)),
                    _ => TaskSource::Person(PersonId(owner)),
                },
                funder: PersonId(row.funder_id),
                amount: Amount::from_i64(row.amount).map_err(Refusal::fault)?,
                at: Moment(row.at),
                record: RecordId::from_bytes(*row.record_id.as_bytes()),
            })
        })
        .collect()
}

/// Views of tasks that the asker was already found to see, in the order given. A fixed number of queries.
async fn views_of(db: &impl ConnectionTrait, tasks: Vec<Task>, now: Moment) -> Result<Vec<TaskView>> {
    if tasks.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<TaskId> = tasks.iter().map(|task| task.id).collect();
    let owners: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
    let lanes = race::lane_counts(db, &ids).await?;
    let submitted = submission::entries_with_submissions(db, &ids).await?;
    let escrows = books::balances(db, AccountKind::Escrow, &owners).await?;
    let offered = part::held(db, &owners).await?;
    // What lies there for a part of an entry is no prize.
    let escrow = |id: &Uuid| {
        let all = escrows.get(id).copied().unwrap_or(Amount::ZERO);
        all.checked_sub(offered.get(id).copied().unwrap_or(Amount::ZERO)).unwrap_or(Amount::ZERO)
    };
    let mut funders: HashMap<Uuid, HashSet<Uuid>> = HashMap::new();
    for row in tables::fundings(db, &ids).await? {
        funders.entry(row.task_id).or_default().insert(row.account_id);
    }
    let view = |task: Task| {
        let (all, running) = lanes.get(&task.id).copied().unwrap_or_default();
        TaskView {
            state: task.state(now),
            lanes: all,
            running,
            submitted: submitted.get(&task.id).copied().unwrap_or_default(),
            escrow: escrow(&task.id.0),
            funders: funders.get(&task.id.0).map_or(0, |set| u32::try_from(set.len()).unwrap_or(u32::MAX)),
            judges: judges_now(&task),
            decision_due: task.is_judged(now).then(|| task.decision_due()).flatten(),
            passed_at: task.passed_at,
            stages_done: task.stages_done,
            grown: task.grown,
            id: task.id,
            handle: task.handle,
            title: task.title,
            brief: task.brief,
            criteria: task.criteria,
            visibility: task.visibility,
            poster: task.poster,
            source: task.source,
            bounty: task.bounty,
            closes_at: task.closes_at,
            created_at: task.created_at,
            published_at: task.published_at,
            appeals_until: task.appeals_until,
            ended_at: task.ended_at,
            rules: task.rules,
            rules_digest: task.rules_digest,
            rules_record: task.rules_record,
        }
    };
    Ok(tasks.into_iter().map(view).collect())
}

/// The condition that keeps a list to what [`Act::SeeTask`] would grant.
pub(crate) fn in_scope(asker: &Actor) -> Condition {
    let scope = task_scope(asker);
    let published = task::Column::State.ne("draft");
    let mut seen = Condition::any();
    seen = if scope.inside {
        seen.add(Expr::value(true))
    } else {
        seen.add(task::Column::Visibility.eq(Visibility::Open.as_str()))
    };
    let Some(person) = scope.person else { return Condition::all().add(published).add(seen) };
    if !scope.inside {
        seen = seen.add(ridden_by(person)).add(judged_by(person));
    }
    Condition::any().add(task::Column::PosterId.eq(person.0)).add(Condition::all().add(published).add(seen))
}

/// The races whose clock runs at `now`.
pub(crate) fn running(now: Moment) -> SelectStatement {
    Query::select()
        .column(task::Column::Id)
        .from(task::Entity)
        .cond_where(in_state(TaskState::Open, now))
        .to_owned()
}

/// The races that anybody may see: published, and open to outsiders.
pub(crate) fn open_races() -> SelectStatement {
    Query::select()
        .column(task::Column::Id)
        .from(task::Entity)
        .and_where(task::Column::Visibility.eq(Visibility::Open.as_str()))
        .and_where(task::Column::State.ne("draft"))
        .to_owned()
}

fn ridden_by(person: PersonId) -> Condition {
    let crews = Query::select()
        .column(crew_member::Column::TaskId)
        .from(crew_member::Entity)
        .and_where(crew_member::Column::PersonId.eq(person.0))
        .and_where(crew_member::Column::Active.eq(1))
        .to_owned();
    Condition::all().add(task::Column::Id.in_subquery(crews))
}

/// Tasks whose rules name this person as a judge or a deputy.
pub(crate) fn judged_by(person: PersonId) -> Condition {
    let judges = Query::select()
        .column(task_judge::Column::TaskId)
        .from(task_judge::Entity)
        .and_where(task_judge::Column::PersonId.eq(person.0))
        .to_owned();
    Condition::all().add(task::Column::Id.in_subquery(judges))
}

fn chosen(filter: &TaskFilter, asker: &Actor, now: Moment) -> Condition {
    let mut all = Condition::all();
    if !filter.states.is_empty() {
        let states = filter.states.iter().map(|state| in_state(*state, now));
        all = all.add(states.fold(Condition::any(), Condition::add));
    }
    if filter.open_only {
        all = all.add(task::Column::Visibility.eq(Visibility::Open.as_str()));
    }
    let nobody = PersonId(Uuid::nil());
    if filter.mine {
        all = all.add(task::Column::PosterId.eq(asker.id().unwrap_or(nobody).0));
    }
    if filter.riding {
        all = all.add(ridden_by(asker.id().unwrap_or(nobody)));
    }
    if filter.judging {
        all = all.add(judged_by(asker.id().unwrap_or(nobody)));
    }
    if let Some(text) = &filter.search {
        all = all.add(matching(&[(Alias::new("task"), task::Column::Title)], text));
    }
    all
}

/// The same judgement as [`super::state_at`], as a condition.
fn in_state(state: TaskState, now: Moment) -> Condition {
    let stored = |name: &str| Condition::all().add(task::Column::State.eq(name));
    match state {
        TaskState::Open => stored("open").add(task::Column::ClosesAt.gt(now.0)),
        TaskState::Judging => stored("open").add(task::Column::ClosesAt.lte(now.0)),
        other => stored(other.as_str()),
    }
}
