//! What the clock decides when nobody does: the default of the rules, and appeals that nobody answered.
//!
//! Promises: a ruling by the clock is provisional like any other and can be appealed against; it says on the
//! ledger that the clock gave it, and when it was due. Must never: be asked for by a person.

use ledger::RecordKind;
use sea_orm::ActiveValue::Set;
use sea_orm::EntityTrait;
use serde_json::json;
use uuid::Uuid;

use super::RulingLine;
use super::give::{Decision, Giver, give, standings};
use super::second::leave_time;
use super::tables::{self, appeal};
use super::{Verdict, queries};
use crate::award::{Standing, by_default};
use crate::books::{self, label};
use crate::error::{Refusal, Result};
use crate::ids::EntryId;
use crate::notice::{Event, Kind, notify};
use crate::policy::{Permit, RaceFacts};
use crate::race;
use crate::store::{Scope, must};
use crate::task::{Task, clockwork};

/// Executes the default that the rules name.
pub(crate) async fn rule_by_default(scope: &Scope<'_>, leave: &Permit<RaceFacts>, task: &Task) -> Result<()> {
    let silence = task.rules.silence.as_ref();
    let default = silence.ok_or_else(|| Refusal::fault("a default without rules on silence"))?.default;
    let scores = queries::scores_there_are(scope.txn, task).await?;
    let scored = |standing: Standing| Standing { score: scores.get(&standing.entry).copied(), ..standing };
    let qualified: Vec<Standing> = standings(scope.txn, task).await?.into_iter().map(scored).collect();
    let (placed, settlement) =
        by_default(&task.rules, default, task.rules.final_pot(task.bounty), &qualified);
    let line = |standing: &Standing| RulingLine {
        entry: standing.entry,
        place: standing.place,
        score: standing.score,
        reason: String::new(),
    };
    let lines = placed.iter().map(line).collect();
    let said = json!({ "by": "clock", "default": default, "due": scope.now.rfc3339() });
    let by = Giver::Clock(Kind::RaceDefaulted, said);
    give(scope, leave, task, Decision { by, summary: String::new(), lines, settlement }).await?;
    Ok(())
}

/// Lets the ruling stand against an appeal that nobody answered in time.
pub(crate) async fn let_stand(
    scope: &Scope<'_>,
    leave: &Permit<RaceFacts>,
    task: &Task,
    id: Uuid,
) -> Result<()> {
    let row = must(appeal::Entity::find_by_id(id).one(scope.txn).await?)?;
    let verdict = json!({ "verdict": Verdict::Rejected, "by": "clock", "due": scope.now.rfc3339() });
    // An appeal that was answered already is open because it was made again.
    let second = row.verdict.is_some();
    let mut said = if second { json!({ "again": verdict }) } else { verdict };
    said["appeal"] = json!(id);
    let said = said.to_string().into_bytes();
    books::deposit(scope, leave, task.id.0, RecordKind::Evidence, label::APPEAL, said).await?;
    if second {
        tables::answer_second(scope.txn, leave, (id, Verdict::Rejected), None, scope.now).await?;
    } else {
        let answered = appeal::ActiveModel {
            id: Set(id),
            verdict: Set(Some(Verdict::Rejected.as_str().to_owned())),
            answered_at: Set(Some(scope.now.0)),
            ..Default::default()
        };
        tables::answer_appeal(scope.txn, leave, answered).await?;
        leave_time(scope, leave, task).await?;
    }
    clockwork::arm(scope.txn, leave, task.id).await?;
    let entry = EntryId(row.entry_id);
    let crew = race::tables::crew_of(scope.txn, entry).await?;
    let crew = crew.into_iter().filter(|one| one.active.is_some());
    let crew = crew.map(|one| crate::ids::PersonId(one.person_id));
    notify(scope, Event::of(leave, Kind::AppealStands).task(task.id).entry(entry).to(crew).to([task.poster]))
        .await
}
