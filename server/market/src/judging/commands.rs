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
use super::tables::{self, appeal, ruling_line};
use super::{Verdict, rules};
use crate::actor::Actor;
use crate::actor::Role;
use crate::award;
use crate::books::{self, label};
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
        if task.appeals_until.is_none_or(|until| scope.now >= until) {
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
        let struck = race::disqualified_of(scope.txn, task.id).await?;
        let by_asker = |by: &Option<PersonId>| by.is_some() && *by == asker.id();
        if struck.iter().any(|(entry, _, by)| entry.0 == row.entry_id && by_asker(by)) {
            return Err(Refusal::NotFound);
        }
        let mut problems = Problems::default();
        let answer = text::prose(&mut problems, "answer", &self.answer, 5_000);
        problems.done()?;

        let verdict = if self.uphold { Verdict::Upheld } else { Verdict::Rejected };
        let said = json!({ "appeal": self.appeal, "verdict": verdict, "answer": answer });
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
        self.tell(scope, &leave, &task, EntryId(found.entry_id)).await?;
        if self.uphold {
            submission::lift(scope, &leave, EntryId(found.entry_id)).await?;
            race::reinstate(scope, &leave, task.id, EntryId(found.entry_id)).await?;
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
            task::tables::update(scope.txn, &leave, row).await?;
        }
        Ok(())
    }
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

impl AnswerAppeal {
    /// Tells the crew; and the judges, where they must rule again.
    async fn tell(
        &self,
        scope: &Scope<'_>,
        leave: &Permit<RaceFacts>,
        task: &Task,
        entry: EntryId,
    ) -> Result<()> {
        if !scope.tells {
            return Ok(());
        }
        let kind = if self.uphold { Kind::AppealUpheld } else { Kind::AppealRejected };
        let crew = race::tables::crew_of(scope.txn, entry).await?;
        let crew = crew.into_iter().filter(|one| one.active.is_some()).map(|one| PersonId(one.person_id));
        let event = Event::of(leave, kind).task(task.id).entry(entry).to(crew);
        let judges = task::facts(scope.txn, task, scope.now).await?.judges;
        notify(scope, if self.uphold { event.to(judges) } else { event }).await
    }
}
