//! Entering, forming a crew, leaving.

use ledger::RecordKind;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::tables::{self, entry};
use super::{CrewAnswer, CrewShare, EntryState, lanes_of, locked, riders_of, rules, state_of};
use crate::actor::Actor;
use crate::books::{self, label};
use crate::error::{Code, Problems, Refusal, Result};
use crate::ids::{EntryId, PersonId, TaskId, UnitId};
use crate::notice::{Event, Kind, notify};
use crate::policy::{Act, Permit, RaceFacts, WalletOwner, may, permit};
use crate::store::{Command, Scope};
use crate::task::{self, Task, check_entering, check_running};
use crate::{person, text};

/// Takes a lane, alone, with a crew, or for a unit.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct EnterRace {
    /// The task.
    pub task: TaskId,
    /// The entry's name; none = the unit's or the captain's.
    pub name: Option<String>,
    /// The unit that enters; the asker must lead it.
    pub unit: Option<UnitId>,
    /// Basis points that the unit's own wallet takes.
    pub unit_share: u32,
    /// The crew with their shares, the asker among them; empty = the asker alone.
    pub crew: Vec<CrewShare>,
}

impl Command for EnterRace {
    type Output = EntryId;
    const ACT: Act = Act::EnterRace;

    async fn run(&self, asker: &Actor, scope: &Scope<'_>) -> Result<EntryId> {
        let Some(captain) = asker.person() else { return Err(Refusal::Unauthenticated) };
        let task = task::tables::lock(scope.txn, self.task).await?;
        let facts = task::facts(scope.txn, &task, scope.now).await?;
        let leave = permit(asker, Act::EnterRace, &facts)?;
        check_entering(&task, scope.now)?;
        let unit = match self.unit {
            Some(unit) => {
                permit(asker, Act::TransferTokens, &WalletOwner::Unit(unit))
                    .map_err(|_| Refusal::on("unit", Code::BadChoice))?;
                crate::unit::name_of(scope.txn, unit).await?
            }
            None => None,
        };
        let crew = rules::crew(captain.id, &self.crew, self.unit_share, unit.is_some(), &task.rules)?;
        let mut problems = Problems::default();
        let fallback = unit.unwrap_or_else(|| captain.name.clone());
        let name = text::line(&mut problems, "name", self.name.as_deref().unwrap_or(&fallback), 60);
        problems.done()?;
        if let Some(max) = task.rules.max_lanes
            && lanes_of(scope.txn, task.id).await? >= max
        {
            return Err(Refusal::because(Code::LanesFull { max }));
        }
        check_riders(scope, &facts, &crew, &riders_of(scope.txn, task.id).await?).await?;

        let lane = tables::entries_of(scope.txn, task.id).await?.last().map_or(1, |last| last.lane + 1);
        let id = EntryId(scope.ids.id(scope.now));
        let row = entry::Model {
            id: id.0,
            task_id: task.id.0,
            lane,
            name,
            captain_id: captain.id.0,
            unit_id: self.unit.map(|unit| unit.0),
            unit_share: i64::from(self.unit_share),
            state: EntryState::Forming.as_str().to_owned(),
            entered_at: scope.now.0,
            running_since: None,
            cut_stage: None,
        };
        tables::insert(scope.txn, &leave, row).await?;
        tables::write_crew(scope.txn, &leave, (task.id, id, captain.id), &crew, scope.now).await?;
        ask(scope, &leave, (task.id, id), &crew).await?;
        start_if_agreed(scope, &leave, &task, id).await?;
        Ok(id)
    }
}

/// Proposes another crew or other shares while the entry is forming: everybody is asked anew.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ReviseCrew {
    /// The entry.
    pub entry: EntryId,
    /// Basis points that the unit's own wallet takes.
    pub unit_share: u32,
    /// The whole crew anew.
    pub crew: Vec<CrewShare>,
}

impl Command for ReviseCrew {
    type Output = ();
    const ACT: Act = Act::ReviseCrew;

    async fn run(&self, asker: &Actor, scope: &Scope<'_>) -> Result<()> {
        let (task, row, facts) = locked(scope, asker, self.entry).await?;
        let leave = permit(asker, Act::ReviseCrew, &facts)?;
        check_entering(&task, scope.now)?;
        check_forming(&row)?;
        let captain = PersonId(row.captain_id);
        let crew = rules::crew(captain, &self.crew, self.unit_share, row.unit_id.is_some(), &task.rules)?;
        let own: Vec<PersonId> = facts.crew.iter().chain(&facts.asked).copied().collect();
        let others: Vec<PersonId> = riders_of(scope.txn, task.id).await?;
        let others: Vec<PersonId> = others.into_iter().filter(|rider| !own.contains(rider)).collect();
        check_riders(scope, &facts.race, &crew, &others).await?;
        tables::set_unit_share(scope.txn, &leave, row.id, self.unit_share).await?;
        tables::write_crew(scope.txn, &leave, (task.id, self.entry, captain), &crew, scope.now).await?;
        ask(scope, &leave, (task.id, self.entry), &crew).await?;
        start_if_agreed(scope, &leave, &task, self.entry).await
    }
}

/// Agrees to ride on the share proposed.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AgreeToCrew {
    /// The entry.
    pub entry: EntryId,
}

impl Command for AgreeToCrew {
    type Output = ();
    const ACT: Act = Act::AgreeToCrew;

    async fn run(&self, asker: &Actor, scope: &Scope<'_>) -> Result<()> {
        let (task, row, facts) = locked(scope, asker, self.entry).await?;
        let person = asker.id().ok_or(Refusal::Unauthenticated)?;
        if facts.crew.contains(&person) {
            return Err(Refusal::because(Code::NothingToAgree));
        }
        let leave = permit(asker, Act::AgreeToCrew, &facts)?;
        check_entering(&task, scope.now)?;
        check_forming(&row)?;
        tables::answer(scope.txn, &leave, self.entry, person, CrewAnswer::Agreed, scope.now).await?;
        let event = Event::of(&leave, Kind::CrewAgreed).task(task.id).entry(self.entry);
        notify(scope, event.to([facts.captain])).await?;
        start_if_agreed(scope, &leave, &task, self.entry).await
    }
}

/// Declines to ride; the captain may then propose another crew.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct DeclineCrew {
    /// The entry.
    pub entry: EntryId,
}

impl Command for DeclineCrew {
    type Output = ();
    const ACT: Act = Act::DeclineCrew;

    async fn run(&self, asker: &Actor, scope: &Scope<'_>) -> Result<()> {
        let (task, row, facts) = locked(scope, asker, self.entry).await?;
        let leave = permit(asker, Act::DeclineCrew, &facts)?;
        check_forming(&row)?;
        let person = asker.id().ok_or(Refusal::Unauthenticated)?;
        tables::answer(scope.txn, &leave, self.entry, person, CrewAnswer::Declined, scope.now).await?;
        let event = Event::of(&leave, Kind::CrewDeclined).task(task.id).entry(self.entry);
        notify(scope, event.to([facts.captain])).await
    }
}

/// Leaves the race while the clock runs; the crew is free to enter again.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct WithdrawEntry {
    /// The entry.
    pub entry: EntryId,
}

impl Command for WithdrawEntry {
    type Output = ();
    const ACT: Act = Act::WithdrawEntry;

    async fn run(&self, asker: &Actor, scope: &Scope<'_>) -> Result<()> {
        let (task, row, facts) = locked(scope, asker, self.entry).await?;
        let leave = permit(asker, Act::WithdrawEntry, &facts)?;
        check_running(task.state(scope.now))?;
        if row.state == EntryState::Withdrawn.as_str() {
            return Err(Refusal::because(Code::EntryWithdrawn));
        }
        if state_of(&row)? == EntryState::Cut {
            return Err(Refusal::because(Code::EntryCut));
        }
        if row.state == EntryState::Running.as_str() {
            let gone = json!({ "entry": self.entry, "state": "withdrawn" });
            books::deposit(
                scope,
                &leave,
                task.id.0,
                RecordKind::Evidence,
                label::ENTRY,
                gone.to_string().into_bytes(),
            )
            .await?;
        }
        tables::move_to(scope.txn, &leave, self.entry, EntryState::Withdrawn, scope.now).await
    }
}

fn check_forming(row: &entry::Model) -> Result<()> {
    match state_of(row)? {
        EntryState::Forming => Ok(()),
        EntryState::Running => Err(Refusal::because(Code::EntryNotForming)),
        EntryState::Withdrawn => Err(Refusal::because(Code::EntryWithdrawn)),
        EntryState::Cut => Err(Refusal::because(Code::EntryCut)),
    }
}

/// Tells everybody who is asked to ride; who enters is not asked.
async fn ask<S>(
    scope: &Scope<'_>,
    leave: &Permit<S>,
    (task, entry): (TaskId, EntryId),
    crew: &[CrewShare],
) -> Result<()> {
    let others: Vec<_> = crew.iter().map(|one| one.person).filter(|one| Some(*one) != leave.by()).collect();
    if others.is_empty() {
        return Ok(());
    }
    notify(scope, Event::of(leave, Kind::CrewAsked).task(task).entry(entry).to(others)).await
}

/// Everybody named must exist, be allowed to ride in this race, and not ride in another crew of it.
async fn check_riders(
    scope: &Scope<'_>,
    race: &RaceFacts,
    crew: &[CrewShare],
    riding: &[PersonId],
) -> Result<()> {
    let named: Vec<PersonId> = crew.iter().map(|one| one.person).collect();
    let actors = person::actors(scope.txn, &named).await?;
    let mut problems = Problems::default();
    for (at, one) in crew.iter().enumerate() {
        let field = format!("crew.{at}.person");
        match actors.get(&one.person) {
            None => problems.add(field, Code::NoSuchPerson),
            Some(_) if riding.contains(&one.person) => problems.add(field, Code::AlreadyRiding),
            Some(actor) => problems.check(!may(actor, Act::EnterRace, race), field, Code::MayNotRide),
        }
    }
    problems.done()
}

/// Once everybody has agreed the entry runs, and what they agreed to is on the ledger.
async fn start_if_agreed<S>(scope: &Scope<'_>, leave: &Permit<S>, task: &Task, id: EntryId) -> Result<()> {
    let crew = tables::crew_of(scope.txn, id).await?;
    let answers = crew.iter().map(|one| one.answer.parse()).collect::<Result<Vec<CrewAnswer>>>()?;
    if !rules::all_agreed(answers) {
        return Ok(());
    }
    let entries = tables::entries_of(scope.txn, task.id).await?;
    let Some(entry) = entries.iter().find(|entry| entry.id == id.0) else { return Err(Refusal::NotFound) };
    let shares: Vec<_> =
        crew.iter().map(|one| json!({ "person": one.person_id, "share": one.share })).collect();
    let agreed = json!({
        "entry": id, "lane": entry.lane, "captain": entry.captain_id, "unit": entry.unit_id,
        "unit_share": entry.unit_share, "crew": shares,
    });
    books::deposit(
        scope,
        leave,
        task.id.0,
        RecordKind::Evidence,
        label::ENTRY,
        agreed.to_string().into_bytes(),
    )
    .await?;
    tables::move_to(scope.txn, leave, id, EntryState::Running, scope.now).await
}
