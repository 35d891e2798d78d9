//! Ruling, appealing, answering.

use ledger::RecordKind;
use ledger::intent::Value;
use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::{Digest as _, Sha256};

use super::give::{Decision, Giver, give, settled, standings};
use super::queries::ruler_of;
use super::tables::{self, appeal, ruling as ruling_table, ruling_line};
use super::{Verdict, panel, rules, second};
use crate::actor::Actor;
use crate::actor::Role;
use crate::award;
use crate::books::{self, label};
use crate::clock::Moment;
use crate::error::{Code, Problems, Refusal, Result};
use crate::ids::{AppealId, EntryId, PersonId, RulingId, TaskId};
use crate::notice::{Event, Kind, notify};
use crate::person;
use crate::policy::{Act, Permit, RaceFacts, may, permit};
use crate::race;
use crate::signing::{Says, Signable};
use crate::store::{Command, Scope, must};
use crate::submission;
use crate::task::tables::task as task_table;
use crate::task::{self, Score, Stored, Task, TaskState};
use crate::text;

/// Gives the ranked result of a race whose clock has stopped.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RuleRace {
    /// The task.
    pub task: TaskId,
    /// The reasons for the whole: Markdown, at most 10,000 characters.
    pub summary: String,
    /// One line for each entry that has submitted.
    pub lines: Vec<RulingLine>,
}

/// What is ruled of one entry.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RulingLine {
    /// The entry.
    pub entry: EntryId,
    /// Its place from 1; the same number twice is a dead heat; `None` = not placed.
    pub place: Option<u32>,
    /// Its score, needed where the rules decide by scores.
    pub score: Option<Score>,
    /// Why: at most 4,000 characters.
    pub reason: String,
}

/// A ruling that may be given, with what it pays.
struct Decided {
    task: Task,
    leave: Permit<RaceFacts>,
    lines: Vec<RulingLine>,
    summary: String,
    settlement: award::Settlement,
}

impl RuleRace {
    /// What the ruling comes to, if it may be given.
    async fn decide(&self, asker: &Actor, scope: &Scope<'_>) -> Result<Decided> {
        if matches!(asker, Actor::Visitor) {
            return Err(Refusal::Unauthenticated);
        }
        let task = task::tables::lock(scope.txn, self.task).await?;
        let leave = permit(asker, Act::RuleRace, &task::facts(scope.txn, &task, scope.now).await?)?;
        match task.state(scope.now) {
            TaskState::Judging => {}
            TaskState::Open => return Err(Refusal::because(Code::NotYetClosed)),
            _ => return Err(Refusal::because(Code::NotJudging)),
        }
        if task.rules.judging.by_clock() && ruler_of(scope.txn, task.id).await?.is_none() {
            return Err(Refusal::because(Code::RuledByClock));
        }
        if task.decision_due().is_some_and(|due| scope.now >= due) {
            return Err(Refusal::because(Code::DecisionLate));
        }
        let standings = standings(scope.txn, &task).await?;
        // Where all are out or were returned unread that must be ruled as well, so that they can appeal.
        if standings.is_empty()
            && submission::returned_in(scope.txn, task.id).await?.is_empty()
            && race::disqualified_of(scope.txn, task.id).await?.is_empty()
        {
            return Err(Refusal::because(Code::NotJudging));
        }
        let submitted: Vec<EntryId> = standings.iter().map(|standing| standing.entry).collect();
        let lines = rules::check(&task.rules, &submitted, &self.lines)?;
        let mut problems = Problems::default();
        let summary = text::prose(&mut problems, "summary", &self.summary, 10_000);
        problems.done()?;

        let settlement = settled(&task, standings, &lines);
        Ok(Decided { task, leave, lines, summary, settlement })
    }
}

impl Signable for RuleRace {
    /// Places, scores and awards in full, the reasons by their digests.
    async fn says(&self, asker: &Actor, scope: &Scope<'_>) -> Result<Says> {
        let Decided { task, lines, summary, settlement, .. } = self.decide(asker, scope).await?;
        let digest = |text: &str| Value::Bytes(Sha256::digest(text).to_vec());
        let line = |line: &RulingLine| {
            let place = Value::Number(line.place.map_or(0, u64::from));
            let score = line.score.map_or_else(String::new, Score::format);
            let award = settlement.awards.iter().find(|award| award.entry == line.entry);
            let award = award.map_or(0, |award| award.amount.minor());
            let entry = Value::Bytes(line.entry.0.into_bytes().to_vec());
            Value::List(vec![entry, place, Value::Text(score), Value::Number(award), digest(&line.reason)])
        };
        Ok(vec![
            ("task".to_owned(), Value::Bytes(task.id.0.into_bytes().to_vec())),
            ("summary sha-256".to_owned(), digest(&summary)),
            (
                "entry, place, score, award in minor units, reason sha-256".to_owned(),
                Value::List(lines.iter().map(line).collect()),
            ),
            ("refund".to_owned(), Value::Number(settlement.refund.minor())),
        ])
    }
}

impl Command for RuleRace {
    type Output = RulingId;
    const ACT: Act = Act::RuleRace;

    async fn run(&self, asker: &Actor, scope: &Scope<'_>) -> Result<RulingId> {
        let Decided { task, leave, lines, summary, settlement } = self.decide(asker, scope).await?;
        let by = leave.by().ok_or(Refusal::Unauthenticated)?;
        give(scope, &leave, &task, Decision { by: Giver::Person(by), summary, lines, settlement }).await
    }
}

/// Objects to the ruling that counts, once for each entry, while the window is open.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AppealRuling {
    /// The crew's entry.
    pub entry: EntryId,
    /// On what grounds: at most 5,000 characters.
    pub grounds: String,
}

impl Command for AppealRuling {
    type Output = AppealId;
    const ACT: Act = Act::AppealRuling;

    async fn run(&self, asker: &Actor, scope: &Scope<'_>) -> Result<AppealId> {
        let (task, _, facts) = race::locked(scope, asker, self.entry).await?;
        let leave = permit(asker, Act::AppealRuling, &facts)?;
        let ruling = match (task.state(scope.now), task.ruling) {
            (TaskState::Provisional, Some(ruling)) => ruling,
            (TaskState::Settled, _) => return Err(Refusal::because(Code::AppealWindowClosed)),
            _ => return Err(Refusal::because(Code::NotProvisional)),
        };
        // The window of the ruling itself: time that a second appeal was given is for that one alone.
        let ruled = must(ruling_table::Entity::find_by_id(ruling.0).one(scope.txn).await?)?;
        let closed = Moment(ruled.at).plus_seconds(i64::from(task.rules.appeal_seconds));
        if task.appeals_until.is_none_or(|until| scope.now >= until) || scope.now >= closed {
            return Err(Refusal::because(Code::AppealWindowClosed));
        }
        let ruled = ruling_line::Entity::find_by_id((ruling.0, self.entry.0)).one(scope.txn).await?.is_some();
        if !ruled && !submission::is_returned(scope.txn, self.entry).await? {
            return Err(Refusal::because(Code::EntryNotInRace));
        }
        let before = appeal::Entity::find()
            .filter(appeal::Column::RulingId.eq(ruling.0))
            .filter(appeal::Column::EntryId.eq(self.entry.0))
            .count(scope.txn)
            .await?;
        if before > 0 {
            return Err(Refusal::because(Code::AlreadyAppealed));
        }
        let mut problems = Problems::default();
        let grounds = text::prose(&mut problems, "grounds", &self.grounds, 5_000);
        problems.done()?;

        let id = AppealId(scope.ids.id(scope.now));
        let said = json!({ "appeal": id, "ruling": ruling, "entry": self.entry, "grounds": grounds });
        books::deposit(
            scope,
            &leave,
            task.id.0,
            RecordKind::Evidence,
            label::APPEAL,
            said.to_string().into_bytes(),
        )
        .await?;
        let row = appeal::Model {
            id: id.0,
            task_id: task.id.0,
            ruling_id: ruling.0,
            entry_id: self.entry.0,
            by_id: leave.by().ok_or(Refusal::Unauthenticated)?.0,
            grounds,
            at: scope.now.0,
            verdict: None,
            answer: None,
            answered_by: None,
            answered_at: None,
        };
        tables::insert_appeal(scope.txn, &leave, row).await?;
        task::clockwork::arm(scope.txn, &leave, task.id).await?;
        if scope.tells {
            let event = Event::of(&leave, Kind::AppealFiled).task(task.id).entry(self.entry);
            notify(scope, event.to(answerers(scope, &facts.race).await?)).await?;
        }
        Ok(id)
    }
}

/// Answers an appeal: upheld, the race is judged again; rejected, the ruling stands.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AnswerAppeal {
    /// The appeal.
    pub appeal: AppealId,
    /// Whether it is granted.
    pub uphold: bool,
    /// Why: at most 5,000 characters.
    pub answer: String,
    /// Where a panel judges and the appeal is granted: the line of the rubric, from 0, that is scored again
    /// for every entry.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub criterion: Option<u32>,
}

impl Command for AnswerAppeal {
    type Output = ();
    const ACT: Act = Act::AnswerAppeal;

    async fn run(&self, asker: &Actor, scope: &Scope<'_>) -> Result<()> {
        if matches!(asker, Actor::Visitor) {
            return Err(Refusal::Unauthenticated);
        }
        let found = must(appeal::Entity::find_by_id(self.appeal.0).one(scope.txn).await?)?;
        let task = task::tables::lock(scope.txn, TaskId(found.task_id)).await?;
        let leave = permit(asker, Act::AnswerAppeal, &task::facts(scope.txn, &task, scope.now).await?)?;
        // Read again under the lock: somebody may have answered meanwhile.
        let row = must(appeal::Entity::find_by_id(self.appeal.0).one(scope.txn).await?)?;
        let current =
            task.state(scope.now) == TaskState::Provisional && task.ruling == Some(RulingId(row.ruling_id));
        if row.verdict.is_some() || !current {
            return Err(Refusal::because(Code::AlreadyAnswered));
        }
        if task::clockwork::has_lapsed(scope.txn, &task, scope.now).await? {
            return Err(Refusal::because(Code::DecisionLate));
        }
        if has_struck(scope, asker, task.id, EntryId(row.entry_id)).await? {
            return Err(Refusal::NotFound);
        }
        let mut problems = Problems::default();
        let answer = text::prose(&mut problems, "answer", &self.answer, 5_000);
        problems.done()?;

        let verdict = if self.uphold { Verdict::Upheld } else { Verdict::Rejected };
        let mut said = json!({ "appeal": self.appeal, "verdict": verdict, "answer": answer });
        if let Some(criterion) = self.criterion {
            said["criterion"] = json!(criterion);
        }
        books::deposit(
            scope,
            &leave,
            task.id.0,
            RecordKind::Evidence,
            label::APPEAL,
            said.to_string().into_bytes(),
        )
        .await?;
        let row = appeal::ActiveModel {
            id: Set(row.id),
            verdict: Set(Some(verdict.as_str().to_owned())),
            answer: Set(Some(answer)),
            answered_by: Set(leave.by().map(|by| by.0)),
            answered_at: Set(Some(scope.now.0)),
            ..Default::default()
        };
        tables::answer_appeal(scope.txn, &leave, row).await?;
        task::clockwork::arm(scope.txn, &leave, task.id).await?;
        let entry = EntryId(found.entry_id);
        judge_again(scope, &leave, &task, (entry, self.uphold), self.criterion).await?;
        if !self.uphold {
            second::leave_time(scope, &leave, &task).await?;
        }
        tell_answer(scope, &leave, &task, entry, self.uphold).await
    }
}

/// Whether the asker disqualified this entry: then its appeal is for somebody else.
pub(super) async fn has_struck(
    scope: &Scope<'_>,
    asker: &Actor,
    task: TaskId,
    entry: EntryId,
) -> Result<bool> {
    let struck = race::disqualified_of(scope.txn, task).await?;
    Ok(struck.iter().any(|(out, _, by)| *out == entry && by.is_some() && *by == asker.id()))
}

/// Everybody who may answer an appeal in this race.
async fn answerers(scope: &Scope<'_>, race: &RaceFacts) -> Result<Vec<PersonId>> {
    let mut asked = race.judges.clone();
    asked.extend(race.programme_owner);
    asked.extend(person::tables::holders(scope.txn, Role::Treasurer).await?);
    let actors = person::actors(scope.txn, &asked).await?;
    asked.retain(|id| actors.get(id).is_some_and(|actor| may(actor, Act::AnswerAppeal, race)));
    Ok(asked)
}

/// What an answer does to the race: granted, it is judged again, by a panel on the criterion named.
pub(super) async fn judge_again<S>(
    scope: &Scope<'_>,
    leave: &Permit<S>,
    task: &Task,
    (entry, uphold): (EntryId, bool),
    criterion: Option<u32>,
) -> Result<()> {
    let rubric = task.rules.judging.panel().filter(|_| uphold);
    if rubric.is_none() && criterion.is_some() {
        return Err(Refusal::on("criterion", Code::BadChoice));
    }
    if !uphold {
        return Ok(());
    }
    // A lane that was returned unread or disqualified has no scores yet: then everything is scored again.
    let unread = submission::is_returned(scope.txn, entry).await?;
    submission::lift(scope, leave, entry).await?;
    let unread = race::reinstate(scope, leave, task.id, entry).await? || unread;
    if let Some(panel) = rubric {
        panel::open_again(scope, leave, task, panel, criterion.filter(|_| !unread), unread).await?;
    }
    let row = task_table::ActiveModel {
        id: Set(task.id.0),
        state: Set(Stored::Open.as_str().to_owned()),
        appeals_until: Set(None),
        ruling_id: Set(None),
        judging_since: Set(Some(scope.now.0)),
        reminded_at: Set(None),
        passed_at: Set(None),
        ..Default::default()
    };
    task::tables::update(scope.txn, leave, row).await
}

/// Tells the crew; and the judges, where they must rule again.
pub(super) async fn tell_answer<S>(
    scope: &Scope<'_>,
    leave: &Permit<S>,
    task: &Task,
    entry: EntryId,
    uphold: bool,
) -> Result<()> {
    if !scope.tells {
        return Ok(());
    }
    let kind = if uphold { Kind::AppealUpheld } else { Kind::AppealRejected };
    let crew = race::tables::crew_of(scope.txn, entry).await?;
    let crew = crew.into_iter().filter(|one| one.active.is_some()).map(|one| PersonId(one.person_id));
    let event = Event::of(leave, kind).task(task.id).entry(entry).to(crew);
    let judges = task::facts(scope.txn, task, scope.now).await?.judges;
    notify(scope, if uphold { event.to(judges) } else { event }).await
}
