//! Writing, publishing, boosting, extending and calling off a task.

use ledger::{AccountId, AccountKind, Amount, RecordId, RecordKind};
use sea_orm::ActiveValue::Set;
use sea_orm::ConnectionTrait;
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use super::tables::{self, funding, task};
use super::{
    Judging, Rules, Source, Stored, Task, TaskInput, TaskSource, TaskState, Visibility, facts, rules,
};
use crate::actor::Actor;
use crate::award::refund_moves;
use crate::board;
use crate::books::{self, Draft, Evidence, Posted, label};
use crate::clock::Moment;
use crate::cost;
use crate::error::{Code, Problems, Refusal, Result};
use crate::ids::{PersonId, TaskId};
use crate::notice::{Event, Kind, notify, notify_all};
use crate::policy::{Act, House, Permit, ProgrammeFacts, RaceFacts, WalletOwner, permit};
use crate::store::{Command, Scope};
use crate::vote::{self, VoteRules, Voters};
use crate::{amendment, judging, person, programme, submission, text, unit};

/// Writes a draft.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct CreateTask(pub TaskInput);

impl Command for CreateTask {
    type Output = TaskId;
    const ACT: Act = Act::CreateTask;

    async fn run(&self, asker: &Actor, scope: &Scope<'_>) -> Result<TaskId> {
        let leave = permit(asker, Act::CreateTask, &House)?;
        let poster = asker.id().ok_or(Refusal::Unauthenticated)?;
        let input = rules::check(&self.0, poster, scope.now)?;
        check_people(scope.txn, &input.rules).await?;
        let source = resolve_source(scope, asker, poster, input.source).await?;
        let (source_kind, source_id) = tables::source_columns(source);
        let id = TaskId(scope.ids.id(scope.now));
        let row = task::ActiveModel {
            id: Set(id.0),
            handle: Set(scope.ids.handle(8)),
            poster_id: Set(poster.0),
            title: Set(input.title),
            brief: Set(input.brief),
            criteria: Set(input.criteria),
            rules: Set(serde_json::to_string(&input.rules)?),
            visibility: Set(input.visibility.as_str().to_owned()),
            source_kind: Set(source_kind.to_owned()),
            source_id: Set(source_id),
            asset: Set(1),
            bounty: Set(input.bounty.as_i64()),
            state: Set(Stored::Draft.as_str().to_owned()),
            closes_at: Set(input.closes_at.0),
            created_at: Set(scope.now.0),
            published_at: Set(None),
            appeals_until: Set(None),
            ended_at: Set(None),
            rules_record: Set(None),
            rules_digest: Set(None),
            ruling_id: Set(None),
            edge_at: Set(None),
            judging_since: Set(None),
            reminded_at: Set(None),
            passed_at: Set(None),
            stages_ended: Set(0),
            stages_done: Set(0),
            paid: Set(0),
            growth_events: Set(0),
        };
        tables::insert(scope.txn, &leave, row).await?;
        Ok(id)
    }
}

/// Rewrites a draft.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct UpdateTask {
    /// The draft.
    pub task: TaskId,
    /// All of it anew.
    pub input: TaskInput,
}

impl Command for UpdateTask {
    type Output = ();
    const ACT: Act = Act::UpdateTask;

    async fn run(&self, asker: &Actor, scope: &Scope<'_>) -> Result<()> {
        let (task, _, leave) = locked(scope, asker, self.task, Self::ACT).await?;
        check_draft(&task)?;
        let input = rules::check(&self.input, task.poster, scope.now)?;
        check_people(scope.txn, &input.rules).await?;
        let source = resolve_source(scope, asker, task.poster, input.source).await?;
        let (source_kind, source_id) = tables::source_columns(source);
        let row = task::ActiveModel {
            id: Set(task.id.0),
            title: Set(input.title),
            brief: Set(input.brief),
            criteria: Set(input.criteria),
            rules: Set(serde_json::to_string(&input.rules)?),
            visibility: Set(input.visibility.as_str().to_owned()),
            source_kind: Set(source_kind.to_owned()),
            source_id: Set(source_id),
            bounty: Set(input.bounty.as_i64()),
            closes_at: Set(input.closes_at.0),
            ..task::ActiveModel::default()
        };
        tables::update(scope.txn, &leave, row).await
    }
}

/// Throws a draft away.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct DeleteDraft {
    /// The draft.
    pub task: TaskId,
}

impl Command for DeleteDraft {
    type Output = ();
    const ACT: Act = Act::DeleteDraft;

    async fn run(&self, asker: &Actor, scope: &Scope<'_>) -> Result<()> {
        let (task, _, leave) = locked(scope, asker, self.task, Self::ACT).await?;
        check_draft(&task)?;
        board::forget(scope.txn, &leave, task.id).await?;
        tables::delete(scope.txn, &leave, task.id).await
    }
}

/// Opens the race: the whole bounty moves into escrow and the rules freeze, their digest on the ledger.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PublishTask {
    /// The draft.
    pub task: TaskId,
}

impl Command for PublishTask {
    type Output = RecordId;
    const ACT: Act = Act::PublishTask;

    async fn run(&self, asker: &Actor, scope: &Scope<'_>) -> Result<RecordId> {
        let (task, _, leave) = locked(scope, asker, self.task, Self::ACT).await?;
        check_draft(&task)?;
        let source = asked_source(task.source);
        rules::check(&input_of(&task), task.poster, scope.now)?;
        check_people(scope.txn, &task.rules).await?;
        resolve_source(scope, asker, task.poster, source).await?;
        if let Some(late) = judging::overdue_of(scope.txn, task.poster, scope.now).await? {
            return Err(Refusal::because(Code::DecisionOverdue { task: late.title }));
        }

        let task = Task { rules: board::seal(scope, &leave, &task).await?, ..task };
        fund(scope, &leave, &task, task.source, task.poster, task.bounty).await?;
        cost::seal(scope, &leave, &task).await?;
        let frozen =
            books::deposit(scope, &leave, task.id.0, RecordKind::Rules, label::RULES, frozen_rules(&task)?)
                .await?;
        tables::rename_judges(scope.txn, &leave, &task).await?;
        if let Judging::Vote(vote) = &task.rules.judging {
            vote::tables::open(scope.txn, &leave, task.id, vote.seconds).await?;
        }
        let row = task::ActiveModel {
            id: Set(task.id.0),
            state: Set(Stored::Open.as_str().to_owned()),
            rules: Set(serde_json::to_string(&task.rules)?),
            published_at: Set(Some(scope.now.0)),
            rules_record: Set(Some(Uuid::from_bytes(frozen.record.to_bytes()))),
            rules_digest: Set(frozen.commitments.first().map(|digest| digest.to_vec())),
            ..task::ActiveModel::default()
        };
        tables::update(scope.txn, &leave, row).await?;
        if scope.tells {
            let facts = facts(scope.txn, &task, scope.now).await?;
            let event = Event::of(&leave, Kind::TaskPublished).task(task.id);
            notify(scope, event.to(facts.named).to(facts.programme_owner)).await?;
        }
        Ok(frozen.record)
    }
}

/// Adds to the bounty of a running race.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct BoostTask {
    /// The task.
    pub task: TaskId,
    /// Where the tokens come from.
    pub from: Source,
    /// How many.
    pub amount: Amount,
}

impl Command for BoostTask {
    type Output = RecordId;
    const ACT: Act = Act::BoostTask;

    async fn run(&self, asker: &Actor, scope: &Scope<'_>) -> Result<RecordId> {
        let (task, _, leave) = locked(scope, asker, self.task, Self::ACT).await?;
        rules::check_running(task.state(scope.now))?;
        let mut problems = Problems::default();
        problems.check(self.amount.is_zero(), "amount", Code::AmountZero);
        problems.done()?;
        let funder = asker.id().ok_or(Refusal::Unauthenticated)?;
        let bounty =
            task.bounty.checked_add(self.amount).ok_or(Refusal::on("amount", Code::AmountTooLarge))?;
        let source = resolve_source(scope, asker, funder, self.from).await?;
        let posted = fund(scope, &leave, &task, source, funder, self.amount).await?;
        let row = task::ActiveModel {
            id: Set(task.id.0),
            bounty: Set(bounty.as_i64()),
            ..task::ActiveModel::default()
        };
        tables::update(scope.txn, &leave, row).await?;
        Ok(posted.record)
    }
}

/// Moves the deadline of a running race to a later instant, for all.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ExtendDeadline {
    /// The task.
    pub task: TaskId,
    /// The new deadline.
    pub closes_at: Moment,
}

impl Command for ExtendDeadline {
    type Output = ();
    const ACT: Act = Act::ExtendDeadline;

    async fn run(&self, asker: &Actor, scope: &Scope<'_>) -> Result<()> {
        let (task, _, leave) = locked(scope, asker, self.task, Self::ACT).await?;
        rules::check_running(task.state(scope.now))?;
        rules::check_extension(task.closes_at, self.closes_at, scope.now)?;
        let change =
            json!({ "closes_at": { "was": task.closes_at.rfc3339(), "is": self.closes_at.rfc3339() } });
        books::deposit(
            scope,
            &leave,
            task.id.0,
            RecordKind::Rules,
            label::AMENDMENT,
            change.to_string().into_bytes(),
        )
        .await?;
        let row = task::ActiveModel {
            id: Set(task.id.0),
            closes_at: Set(self.closes_at.0),
            ..task::ActiveModel::default()
        };
        tables::update(scope.txn, &leave, row).await?;
        let event = Event::of(&leave, Kind::TaskExtended).task(task.id);
        tell_all(scope, &task, event.with(|facts| facts.until = Some(self.closes_at))).await
    }
}

/// Calls a race off while nobody has submitted: everything goes back to the funders.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct CancelTask {
    /// The task.
    pub task: TaskId,
    /// Why, for everybody to read on the record: at most 500 characters.
    pub reason: String,
}

impl Command for CancelTask {
    type Output = ();
    const ACT: Act = Act::CancelTask;

    async fn run(&self, asker: &Actor, scope: &Scope<'_>) -> Result<()> {
        let (task, _, leave) = locked(scope, asker, self.task, Self::ACT).await?;
        let mut problems = Problems::default();
        let reason = text::prose(&mut problems, "reason", &self.reason, 500);
        problems.done()?;
        match task.state(scope.now) {
            TaskState::Open | TaskState::Judging => {}
            _ => return Err(Refusal::because(Code::NotOpen)),
        }
        if submission::count_of(scope.txn, task.id).await? > 0 {
            return Err(Refusal::because(Code::NotCancellable));
        }
        let why = vec![Evidence { label: label::CANCELLATION, data: reason.into_bytes() }];
        end_with_refund(scope, &leave, &task, (Stored::Cancelled, Kind::TaskCancelled), why).await
    }
}

/// Ends a race in which nobody qualifies: everything that is left goes back to the funders.
pub(super) async fn expire(scope: &Scope<'_>, leave: &Permit<RaceFacts>, task: &Task) -> Result<()> {
    end_with_refund(scope, leave, task, (Stored::Expired, Kind::TaskExpired), Vec::new()).await
}

/// Stops a race at the gate of a stage: what is left goes back to the funders.
pub(crate) async fn stop(scope: &Scope<'_>, leave: &Permit<RaceFacts>, task: &Task) -> Result<()> {
    end_with_refund(scope, leave, task, (Stored::Settled, Kind::RaceStopped), Vec::new()).await
}

/// Sends `amount` of the task's escrow back to its funders, in proportion to what each put in.
pub(crate) async fn refund_all(
    scope: &Scope<'_>,
    leave: &Permit<RaceFacts>,
    task: &Task,
    amount: Amount,
    why: Vec<Evidence>,
) -> Result<()> {
    let escrow = books::account(scope, AccountKind::Escrow, task.id.0).await?;
    let fundings = tables::fundings(scope.txn, &[task.id]).await?;
    let draft = Draft {
        kind: RecordKind::Refund,
        moves: refund_moves(escrow, &fundings, amount)?,
        subject: Some(task.id.0),
        reversed: None,
        evidence: why,
    };
    let back: Vec<_> = draft.moves.iter().skip(1).map(|one| (one.account, one.amount)).collect();
    books::post(scope, leave, draft).await?;
    tell_funders(scope, leave, task, &back).await
}

/// Tells whoever answers for the accounts what came back into them.
async fn tell_funders(
    scope: &Scope<'_>,
    leave: &Permit<RaceFacts>,
    task: &Task,
    back: &[(AccountId, Amount)],
) -> Result<()> {
    if !scope.tells {
        return Ok(());
    }
    let accounts: Vec<Uuid> = back.iter().map(|(account, _)| Uuid::from_bytes(account.to_bytes())).collect();
    let owners = books::owners_of(scope.txn, &accounts).await?;
    let event = |(account, (_, amount)): (&Uuid, &(AccountId, Amount))| {
        let event = Event::of(leave, Kind::RefundReceived).task(task.id).even_to_doer();
        owners.get(account).map(|owner| event.into_account(*owner, *amount))
    };
    notify_all(scope, accounts.iter().zip(back).filter_map(event).collect()).await
}

/// Reads the task and keeps it locked until the transaction ends; answers the leave and what it was given by.
pub(crate) async fn locked(
    scope: &Scope<'_>,
    asker: &Actor,
    id: TaskId,
    act: Act,
) -> Result<(Task, RaceFacts, Permit<RaceFacts>)> {
    // A visitor is sent to sign in whether or not the task exists.
    if matches!(asker, Actor::Visitor) {
        return Err(Refusal::Unauthenticated);
    }
    let task = tables::lock(scope.txn, id).await?;
    let facts = facts(scope.txn, &task, scope.now).await?;
    let leave = permit(asker, act, &facts)?;
    Ok((task, facts, leave))
}

fn check_draft(task: &Task) -> Result<()> {
    if task.stored == Stored::Draft { Ok(()) } else { Err(Refusal::because(Code::NotDraft)) }
}

/// The judges and deputies, and the units of voters, that rules name must be there.
pub(crate) async fn check_people(db: &impl ConnectionTrait, rules: &Rules) -> Result<()> {
    if let Judging::Vote(VoteRules { voters: Voters::Units(units), .. }) = &rules.judging {
        for unit in units {
            if unit::name_of(db, *unit).await?.is_none() {
                return Err(Refusal::on("rules.vote.units", Code::NoSuchUnit));
            }
        }
    }
    for (field, people) in
        [("rules.judges", rules.judging.named()), ("rules.silence.deputies", rules.deputies())]
    {
        let known = person::known(db, people).await?;
        if people.iter().any(|one| !known.contains(one)) {
            return Err(Refusal::on(field, Code::NoSuchPerson));
        }
    }
    Ok(())
}

/// What the asker may draw on, as anybody is told; a source that is not theirs is refused as unknown.
pub(crate) async fn resolve_source(
    scope: &Scope<'_>,
    asker: &Actor,
    funder: PersonId,
    source: Source,
) -> Result<TaskSource> {
    let unknown = |_| Refusal::on("source", Code::NoSuchWallet);
    match source {
        Source::Person => Ok(TaskSource::Person(funder)),
        Source::Unit(unit) => {
            permit(asker, Act::TransferTokens, &WalletOwner::Unit(unit)).map_err(unknown)?;
            Ok(TaskSource::Unit(unit))
        }
        Source::Programme(id) => {
            let owner = programme::owner_of(scope.txn, id).await?;
            let owner = owner.ok_or(Refusal::on("source", Code::NoSuchWallet))?;
            permit(asker, Act::DrawOnProgramme, &ProgrammeFacts { id, owner }).map_err(unknown)?;
            Ok(TaskSource::Programme(id))
        }
    }
}

fn asked_source(source: TaskSource) -> Source {
    match source {
        TaskSource::Programme(id) => Source::Programme(id),
        TaskSource::Person(_) => Source::Person,
        TaskSource::Unit(id) => Source::Unit(id),
    }
}

/// The account kind and owner behind a source.
pub(crate) fn purse(source: TaskSource) -> (AccountKind, Uuid) {
    match source {
        TaskSource::Programme(id) => (AccountKind::Programme, id.0),
        TaskSource::Person(id) => (AccountKind::Person, id.0),
        TaskSource::Unit(id) => (AccountKind::Unit, id.0),
    }
}

/// Moves tokens into the task's escrow and notes whose they were.
async fn fund(
    scope: &Scope<'_>,
    leave: &Permit<RaceFacts>,
    task: &Task,
    source: TaskSource,
    funder: PersonId,
    amount: Amount,
) -> Result<Posted> {
    let (kind, owner) = purse(source);
    let from = books::account(scope, kind, owner).await?;
    let escrow = books::account(scope, AccountKind::Escrow, task.id.0).await?;
    let draft = Draft {
        kind: RecordKind::Fund,
        moves: vec![books::debit(from, amount), books::credit(escrow, amount)],
        subject: Some(task.id.0),
        reversed: None,
        evidence: Vec::new(),
    };
    let posted = books::post(scope, leave, draft).await?;
    let row = funding::Model {
        id: scope.ids.id(scope.now),
        task_id: task.id.0,
        account_id: Uuid::from_bytes(from.to_bytes()),
        funder_id: funder.0,
        amount: amount.as_i64(),
        record_id: Uuid::from_bytes(posted.record.to_bytes()),
        at: scope.now.0,
    };
    tables::fund(scope.txn, leave, row).await?;
    Ok(posted)
}

/// Tells everybody in the race: who rides and who judges.
async fn tell_all(scope: &Scope<'_>, task: &Task, event: Event) -> Result<()> {
    if !scope.tells {
        return Ok(());
    }
    let facts = facts(scope.txn, task, scope.now).await?;
    notify(scope, event.to(facts.riders).to(facts.judges)).await
}

async fn end_with_refund(
    scope: &Scope<'_>,
    leave: &Permit<RaceFacts>,
    task: &Task,
    (stored, kind): (Stored, Kind),
    why: Vec<Evidence>,
) -> Result<()> {
    tell_all(scope, task, Event::of(leave, kind).task(task.id).to([task.poster])).await?;
    amendment::drop_open(scope, leave, task.id).await?;
    let why = why.into_iter().chain(super::clockwork::lateness(scope)).collect();
    if !task.left().is_zero() {
        refund_all(scope, leave, task, task.left(), why).await?;
    }
    let row = task::ActiveModel {
        id: Set(task.id.0),
        state: Set(stored.as_str().to_owned()),
        ended_at: Set(Some(scope.now.0)),
        ..task::ActiveModel::default()
    };
    tables::update(scope.txn, leave, row).await
}

/// What its poster wrote of a task.
pub(crate) fn input_of(task: &Task) -> TaskInput {
    TaskInput {
        title: task.title.clone(),
        brief: task.brief.clone(),
        criteria: task.criteria.clone(),
        visibility: task.visibility,
        source: asked_source(task.source),
        bounty: task.bounty,
        closes_at: task.closes_at,
        rules: task.rules.clone(),
    }
}

/// What freezes: everything an entrant relies on, as JSON with its keys in this order.
pub(crate) fn frozen_rules(task: &Task) -> Result<Vec<u8>> {
    #[derive(Serialize)]
    struct Frozen<'a> {
        task: TaskId,
        title: &'a str,
        brief: &'a str,
        criteria: &'a str,
        visibility: Visibility,
        bounty: Amount,
        closes_at: String,
        rules: &'a Rules,
    }
    let frozen = Frozen {
        task: task.id,
        title: &task.title,
        brief: &task.brief,
        criteria: &task.criteria,
        visibility: task.visibility,
        bounty: task.bounty,
        closes_at: task.closes_at.rfc3339(),
        rules: &task.rules,
    };
    Ok(serde_json::to_vec(&frozen)?)
}
