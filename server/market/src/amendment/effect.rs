//! What becomes of an amendment: into force, or nothing.
//!
//! Promises: rules, brief, clock, judges, payouts to those who leave and the record of it in one write; what was
//! agreed to is checked anew at that moment, and where the race can't be run by it any more it falls. Must never:
//! change anything of a race for an amendment that somebody has not answered.

use ledger::{Amount, RecordKind};
use sea_orm::ActiveValue::Set;
use sea_orm::EntityTrait;
use serde_json::json;
use uuid::Uuid;

use super::commands::{ending, of_task, possible};
use super::queries::{Voice, roll};
use super::rules::{self, Verdict};
use super::tables::{self, amendment};
use super::{Amended, AmendmentAnswer, AmendmentState};
use crate::award::pay_awards;
use crate::books::{self, Draft, Evidence, label};
use crate::clock::Moment;
use crate::error::{Refusal, Result};
use crate::ids::TaskId;
use crate::notice::{Event, Kind, notify};
use crate::policy::{Permit, RaceFacts};
use crate::race;
use crate::store::{Scope, must};
use crate::task::clockwork::{self, lateness};
use crate::task::tables::task as task_table;
use crate::task::{self, Rules, Task};

/// Decides an amendment: into force where all who are asked have answered and it is still possible; else it falls.
pub(crate) async fn decide(
    scope: &Scope<'_>,
    leave: &Permit<RaceFacts>,
    task: &Task,
    id: Uuid,
) -> Result<()> {
    let row = must(amendment::Entity::find_by_id(id).one(scope.txn).await?)?;
    let voices = roll(scope.txn, task.id, Some(&row)).await?;
    let facts = task::facts(scope.txn, task, scope.now).await?;
    if rules::verdict(voices.iter().map(|voice| voice.answer)) == Verdict::Waits {
        return fall(scope, leave, (task, &facts), &row, "somebody had not answered").await;
    }
    // The deadline may have been moved meanwhile: it never comes back.
    let after = row.after()?;
    let after = Amended { closes_at: after.closes_at.max(task.closes_at), ..after };
    match possible(scope.txn, task, &facts, &after, scope.now).await {
        Ok(after) => {
            let row = amendment::Model {
                closes_at: after.closes_at.0,
                rules: serde_json::to_string(&after.rules)?,
                ..row
            };
            into_force(scope, leave, task, row, &voices).await
        }
        Err(Refusal::Invalid(_)) => {
            fall(scope, leave, (task, &facts), &row, "the race cannot be run by it any more").await
        }
        Err(fault) => Err(fault),
    }
}

/// Puts an amendment into force: whoever leaves is paid and out, the others ride by the new rules from now on.
pub(super) async fn into_force(
    scope: &Scope<'_>,
    leave: &Permit<RaceFacts>,
    task: &Task,
    row: amendment::Model,
    voices: &[Voice],
) -> Result<()> {
    let departed = part(scope, leave, task, voices).await?;
    let sum = |a: Amount, b: Amount| a.checked_add(b).ok_or_else(|| Refusal::fault("an amount too large"));
    let after = row.after()?;
    let gone = sum(task.rules.departed.unwrap_or(Amount::ZERO), departed)?;
    let rules = Rules { departed: (!gone.is_zero()).then_some(gone), ..after.rules };
    let amended = Task {
        brief: after.brief,
        criteria: after.criteria,
        closes_at: after.closes_at,
        rules,
        paid: sum(task.paid, departed)?,
        ..task.clone()
    };
    let version =
        2 + tables::all_of(scope.txn, task.id).await?.iter().filter(|one| one.version.is_some()).count();
    let version = i64::try_from(version).map_err(Refusal::fault)?;
    let said_to =
        |wanted| voices.iter().filter(move |voice| voice.answer == Some(wanted)).map(|voice| voice.entry);
    let said = json!({
        "amendment": row.id, "version": version, "reason": row.reason,
        "replaces": task.rules_digest.map(hex::encode), "departed": departed,
        "consented": said_to(AmendmentAnswer::Consent).collect::<Vec<_>>(),
        "left": said_to(AmendmentAnswer::Leave).collect::<Vec<_>>(),
    });
    let mut evidence = vec![
        Evidence { label: label::RULES, data: task::frozen_rules(&amended)? },
        Evidence { label: label::AMENDMENT, data: said.to_string().into_bytes() },
    ];
    evidence.extend(lateness(scope));
    let draft = Draft {
        kind: RecordKind::Rules,
        moves: Vec::new(),
        subject: Some(task.id.0),
        reversed: None,
        evidence,
    };
    let frozen = books::post(scope, leave, draft).await?;
    let record = Uuid::from_bytes(frozen.record.to_bytes());
    let before = of_task(task);
    let ended = amendment::ActiveModel {
        version: Set(Some(version)),
        closes_at: Set(amended.closes_at.0),
        rules: Set(serde_json::to_string(&amended.rules)?),
        old_closes_at: Set(before.closes_at.0),
        end_record_id: Set(Some(record)),
        ..ending(&row, AmendmentState::InForce, scope.now)
    };
    tables::update(scope.txn, leave, ended).await?;
    task::tables::rename_judges(scope.txn, leave, &amended).await?;
    let changed = task_table::ActiveModel {
        id: Set(task.id.0),
        brief: Set(amended.brief.clone()),
        criteria: Set(amended.criteria.clone()),
        closes_at: Set(amended.closes_at.0),
        rules: Set(serde_json::to_string(&amended.rules)?),
        rules_record: Set(Some(record)),
        rules_digest: Set(frozen.commitments.first().map(|digest| digest.to_vec())),
        paid: Set(amended.paid.as_i64()),
        ..Default::default()
    };
    task::tables::update(scope.txn, leave, changed).await?;
    race::abide(scope, leave, &amended, task.rules.check_in).await?;
    let facts = task::facts(scope.txn, &amended, scope.now).await?;
    let event = Event::of(leave, Kind::AmendmentInForce).task(task.id).to(facts.riders).to(facts.named);
    notify(scope, event.to([task.poster])).await
}

/// Takes those out who leave and pays them; answers how much that was.
async fn part(scope: &Scope<'_>, leave: &Permit<RaceFacts>, task: &Task, voices: &[Voice]) -> Result<Amount> {
    let asked: Vec<&Voice> = voices.iter().filter(|voice| voice.runs).collect();
    let parts = rules::leaving(&task.rules, asked.len());
    let left = |voice: &&Voice| voice.answer == Some(AmendmentAnswer::Leave);
    let awards: Vec<(Uuid, Amount)> = asked
        .iter()
        .zip(parts)
        .filter(|(voice, part)| left(voice) && !part.is_zero())
        .map(|(voice, part)| (voice.entry.0, part))
        .collect();
    let paid = if awards.is_empty() { Amount::ZERO } else { pay_awards(scope, leave, task, awards).await? };
    for voice in voices.iter().filter(left) {
        race::part(scope, leave, task.id, voice.entry).await?;
    }
    Ok(paid)
}

async fn fall(
    scope: &Scope<'_>,
    leave: &Permit<RaceFacts>,
    (task, facts): (&Task, &RaceFacts),
    row: &amendment::Model,
    why: &str,
) -> Result<()> {
    end(scope, leave, row, (AmendmentState::Fallen, why)).await?;
    clockwork::arm(scope.txn, leave, task.id).await?;
    let event = Event::of(leave, Kind::AmendmentFell).task(task.id).to(facts.riders.iter().copied());
    notify(scope, event.to([task.poster])).await
}

/// Ends an amendment without any effect, on record.
pub(super) async fn end<S>(
    scope: &Scope<'_>,
    leave: &Permit<S>,
    row: &amendment::Model,
    (state, why): (AmendmentState, &str),
) -> Result<()> {
    let said = json!({ "amendment": row.id, "state": state, "why": why });
    let mut evidence = vec![Evidence { label: label::AMENDMENT, data: said.to_string().into_bytes() }];
    evidence.extend(lateness(scope));
    let draft = Draft {
        kind: RecordKind::Evidence,
        moves: Vec::new(),
        subject: Some(row.task_id),
        reversed: None,
        evidence,
    };
    let posted = books::post(scope, leave, draft).await?;
    let record = Some(Uuid::from_bytes(posted.record.to_bytes()));
    let ended = amendment::ActiveModel { end_record_id: Set(record), ..ending(row, state, scope.now) };
    tables::update(scope.txn, leave, ended).await
}

/// Ends whatever amendment is open: the race is over.
pub(crate) async fn drop_open(scope: &Scope<'_>, leave: &Permit<RaceFacts>, task: TaskId) -> Result<()> {
    match tables::open_of(scope.txn, task).await? {
        Some(row) => end(scope, leave, &row, (AmendmentState::Fallen, "the race was over")).await,
        None => Ok(()),
    }
}

/// When the open amendment of a task is to be decided, for the clock.
pub(crate) async fn due_at(
    db: &impl sea_orm::ConnectionTrait,
    task: TaskId,
) -> Result<Option<(Uuid, Moment)>> {
    let open = tables::open_of(db, task).await?;
    Ok(open.and_then(|row| Some((row.id, Moment(row.answer_by?)))))
}
