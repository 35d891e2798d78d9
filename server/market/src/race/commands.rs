//! Entering, and forming a crew.

use ledger::RecordKind;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::door;
use super::tables::{self, NewCrew, Stored, entry};
use super::{
    CrewAnswer, CrewShare, EntryState, UnitShare, change, check_in, invite, lanes_of, locked, proposal,
    rules, state_of,
};
use crate::actor::{Actor, Asker};
use crate::books::{self, label};
use crate::error::{Code, Problems, Refusal, Result};
use crate::ids::{EntryId, PersonId, TaskId, UnitId};
use crate::notice::{Event, Kind, notify};
use crate::policy::{Act, Permit, RaceFacts, may, permit};
use crate::store::{Command, Scope};
use crate::task::{self, Task, check_entering};
use crate::{amendment, person, race, text, unit};

/// Takes a lane: alone, with a crew, for a unit, or for several units together.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct EnterRace {
    /// The task.
    pub task: TaskId,
    /// The entry's name; none = the first unit's or the captain's.
    pub name: Option<String>,
    /// The units that enter, in the order in which they are paid, at most 10; the asker must lead the first,
    /// the leads of the others are asked.
    pub units: Vec<UnitShare>,
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
        let led = self.units.first().is_none_or(|first| captain.leads.contains(&first.unit));
        let mut problems = Problems::default();
        problems.check(!led, "units.0.unit", Code::BadChoice);
        problems.done()?;
        let crew = rules::crew(captain.id, &self.crew, &self.units, &task.rules)?;
        let first = match self.units.first() {
            Some(first) => unit::name_of(scope.txn, first.unit).await?,
            None => None,
        };
        let mut problems = Problems::default();
        let fallback = first.unwrap_or_else(|| captain.name.clone());
        let name = text::line(&mut problems, "name", self.name.as_deref().unwrap_or(&fallback), 60);
        problems.done()?;
        let waits = match task.rules.max_lanes {
            Some(max) if lanes_of(scope.txn, task.id).await? >= max => {
                if !task.rules.entry.waiting_list {
                    return Err(Refusal::because(Code::LanesFull { max }));
                }
                true
            }
            _ => false,
        };
        invite::check_terms(scope.txn, &task, captain.id).await?;
        amendment::check_seen(scope.txn, task.id, captain.id).await?;
        check_named(scope, (task.id, &facts), (&crew, &self.units), &[], Some(captain)).await?;

        let lane = tables::entries_of(scope.txn, task.id).await?.last().map_or(1, |last| last.lane + 1);
        let id = EntryId(scope.ids.id(scope.now));
        let row = entry::Model {
            id: id.0,
            task_id: task.id.0,
            lane,
            name,
            captain_id: captain.id.0,
            state: Stored::Forming.as_str().to_owned(),
            entered_at: scope.now.0,
            running_since: None,
            cut_stage: None,
            check_in_due: None,
            seen_at: None,
            warned_at: None,
            waits_since: waits.then_some(scope.now.0),
            out_as: None,
            out_reason: None,
            out_by: None,
            out_at: None,
            merged_into: None,
        };
        tables::insert(scope.txn, &leave, row).await?;
        let new = NewCrew { task: task.id, entry: id, crew: &crew, units: &self.units };
        tables::write_crew(scope.txn, &leave, &new, Some(captain), scope.now).await?;
        ask(scope, &leave, &new, Kind::CrewAsked).await?;
        start_if_agreed(scope, &leave, &task, id).await?;
        Ok(id)
    }
}

/// Proposes another crew or other shares. While the entry forms, everybody is asked anew; once it runs, the
/// crew rides on as it is until everybody concerned has agreed, those included who would leave.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ReviseCrew {
    /// The entry.
    pub entry: EntryId,
    /// The units anew, in the order in which they are paid.
    pub units: Vec<UnitShare>,
    /// The whole crew anew.
    pub crew: Vec<CrewShare>,
}

impl Command for ReviseCrew {
    type Output = ();
    const ACT: Act = Act::ReviseCrew;

    async fn run(&self, asker: &Actor, scope: &Scope<'_>) -> Result<()> {
        let (task, row, facts) = locked(scope, asker, self.entry).await?;
        let leave = permit(asker, Act::ReviseCrew, &facts)?;
        let captain = asker.person().ok_or(Refusal::Unauthenticated)?;
        check_entering(&task, scope.now)?;
        let state = check_in_race(&row)?;
        let crew = rules::crew(captain.id, &self.crew, &self.units, &task.rules)?;
        check_named(scope, (task.id, &facts.race), (&crew, &self.units), &[self.entry], Some(captain))
            .await?;
        if state == EntryState::Running {
            return change::propose_crew(scope, &leave, &task, (captain, self.entry), (&crew, &self.units))
                .await;
        }
        let new = NewCrew { task: task.id, entry: self.entry, crew: &crew, units: &self.units };
        tables::write_crew(scope.txn, &leave, &new, Some(captain), scope.now).await?;
        ask(scope, &leave, &new, Kind::CrewAsked).await?;
        start_if_agreed(scope, &leave, &task, self.entry).await
    }
}

/// Agrees to everything that the asker is asked of an entry: their own share, and those of the units that
/// they lead, in the crew as it forms or in the change that is proposed.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AgreeToCrew {
    /// The entry.
    pub entry: EntryId,
    /// The name of what they were shown, see [`super::EntryView::proposal`]: what was changed since is not agreed to.
    pub proposal: String,
}

impl Command for AgreeToCrew {
    type Output = ();
    const ACT: Act = Act::AgreeToCrew;

    async fn run(&self, asker: &Actor, scope: &Scope<'_>) -> Result<()> {
        let (task, row, facts) = locked(scope, asker, self.entry).await?;
        let person = asker.person().ok_or(Refusal::Unauthenticated)?;
        if facts.crew.contains(&person.id) && !facts.asks(person) {
            return Err(Refusal::because(Code::NothingToAgree));
        }
        let leave = permit(asker, Act::AgreeToCrew, &facts)?;
        check_entering(&task, scope.now)?;
        invite::check_terms(scope.txn, &task, person.id).await?;
        check_free(scope, &task, self.entry, person).await?;
        let runs = check_in_race(&row)? == EntryState::Running;
        if runs {
            // What is fixed is told before what changed: a look again would not help.
            door::check_unfrozen(&task.rules.entry, task.closes_at, scope.now)?;
        }
        if self.proposal != proposed(scope, self.entry, runs).await? {
            return Err(Refusal::on("proposal", Code::ProposalChanged));
        }
        if runs {
            return change::agree(scope, &leave, &task, (person, &row), &facts.race).await;
        }
        tables::answer(scope.txn, &leave, self.entry, person, CrewAnswer::Agreed, scope.now).await?;
        let event = Event::of(&leave, Kind::CrewAgreed).task(task.id).entry(self.entry);
        notify(scope, event.to([facts.captain])).await?;
        start_if_agreed(scope, &leave, &task, self.entry).await
    }
}

/// The name of what waits for an answer of an entry: of its crew as it forms, or of the change that is proposed.
async fn proposed(scope: &Scope<'_>, entry: EntryId, runs: bool) -> Result<String> {
    if runs {
        let change = change::open_of(scope.txn, entry).await?;
        return Ok(change.map(|change| proposal::of_change(&change)).unwrap_or_default());
    }
    let units = tables::units_of_entry(scope.txn, entry).await?;
    Ok(proposal::of_rows(&units, &tables::crew_of(scope.txn, entry).await?))
}

/// Declines everything that the asker is asked of an entry. A crew that forms waits for the captain to
/// propose another; a change that was proposed is off.
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
        let person = asker.person().ok_or(Refusal::Unauthenticated)?;
        if check_in_race(&row)? == EntryState::Running {
            change::decline(scope, &leave, self.entry, person).await?;
        } else {
            tables::answer(scope.txn, &leave, self.entry, person, CrewAnswer::Declined, scope.now).await?;
        }
        let event = Event::of(&leave, Kind::CrewDeclined).task(task.id).entry(self.entry);
        notify(scope, event.to([facts.captain])).await
    }
}

/// Refuses an entry that has left the race.
pub(crate) fn check_in_race(row: &entry::Model) -> Result<EntryState> {
    match state_of(row)? {
        EntryState::Withdrawn | EntryState::Lapsed | EntryState::Left => {
            Err(Refusal::because(Code::EntryWithdrawn))
        }
        EntryState::Cut => Err(Refusal::because(Code::EntryCut)),
        EntryState::Merged => Err(Refusal::because(Code::EntryMerged)),
        EntryState::Disqualified => Err(Refusal::because(Code::EntryDisqualified)),
        here => Ok(here),
    }
}

/// Tells everybody who is asked; who proposes is not.
pub(super) async fn ask<S>(
    scope: &Scope<'_>,
    leave: &Permit<S>,
    new: &NewCrew<'_>,
    kind: Kind,
) -> Result<()> {
    let crew = new.crew.iter().map(|one| one.person);
    let others: Vec<_> = crew.filter(|one| Some(*one) != leave.by()).collect();
    if others.is_empty() && new.units.len() < 2 {
        return Ok(());
    }
    let event = Event::of(leave, kind).task(new.task).entry(new.entry).to(others);
    notify(scope, event.leads(new.units.iter().map(|one| one.unit))).await
}

/// Everybody named must exist, be allowed to ride in this race, and not ride in another crew of it; every
/// unit must exist and be in no other entry. The crews of `own` entries are not others. Without a proposer it
/// takes effect at once.
pub(super) async fn check_named(
    scope: &Scope<'_>,
    (task, race): (TaskId, &RaceFacts),
    (crew, units): (&[CrewShare], &[UnitShare]),
    own: &[EntryId],
    proposer: Option<&Asker>,
) -> Result<()> {
    let named: Vec<PersonId> = crew.iter().map(|one| one.person).collect();
    let actors = person::actors(scope.txn, &named).await?;
    let (mut riding, mut taken) = others_of(scope, task, own).await?;
    // Where names are hidden a proposer learns nobody's but their own: whoever rides elsewhere is asked, and
    // can't agree.
    let blind = !race::hiding(scope.txn, [task.0], scope.now).await?.is_empty();
    if let (true, Some(asker)) = (blind, proposer) {
        riding.retain(|person| *person == asker.id);
        taken.retain(|unit| asker.leads.contains(unit));
    } else if blind
        && (named.iter().any(|one| riding.contains(one)) || units.iter().any(|one| taken.contains(&one.unit)))
    {
        return Err(Refusal::because(Code::MayNotRide));
    }
    let mut problems = Problems::default();
    for (at, one) in crew.iter().enumerate() {
        let field = format!("crew.{at}.person");
        match actors.get(&one.person) {
            None => problems.add(field, Code::NoSuchPerson),
            Some(_) if riding.contains(&one.person) => problems.add(field, Code::AlreadyRiding),
            Some(actor) => problems.check(!may(actor, Act::EnterRace, race), field, Code::MayNotRide),
        }
    }
    for (at, one) in units.iter().enumerate() {
        let field = format!("units.{at}.unit");
        let known = unit::name_of(scope.txn, one.unit).await?.is_some();
        problems.check(!known, field.clone(), Code::BadChoice);
        problems.check(taken.contains(&one.unit), field, Code::UnitInRace);
    }
    problems.done()
}

/// Refuses who was asked to ride in this entry and rides in another by now, or leads a unit that does.
async fn check_free(scope: &Scope<'_>, task: &Task, entry: EntryId, asker: &Asker) -> Result<()> {
    let (riding, taken) = others_of(scope, task.id, &[entry]).await?;
    let still = CrewAnswer::Asked.as_str();
    let crew = tables::crew_of(scope.txn, entry).await?;
    let asked = crew.iter().any(|one| one.person_id == asker.id.0 && one.answer == still);
    if asked && riding.contains(&asker.id) {
        return Err(Refusal::because(Code::AlreadyRiding));
    }
    let units = tables::units_of_entry(scope.txn, entry).await?;
    let asked = units.iter().filter(|one| one.answer == still).map(|one| UnitId(one.unit_id));
    if asked.into_iter().any(|unit| asker.leads.contains(&unit) && taken.contains(&unit)) {
        return Err(Refusal::because(Code::UnitInRace));
    }
    Ok(())
}

/// Who rides, and which units are, in other entries of the race than these.
async fn others_of(scope: &Scope<'_>, task: TaskId, own: &[EntryId]) -> Result<(Vec<PersonId>, Vec<UnitId>)> {
    let others = |entry: uuid::Uuid, active: Option<i64>| active == Some(1) && !own.contains(&EntryId(entry));
    let crews = tables::crews_of(scope.txn, task).await?;
    let units = tables::units_of(scope.txn, task).await?;
    let crews = crews.iter().filter(|one| others(one.entry_id, one.active));
    let units = units.iter().filter(|one| others(one.entry_id, one.active));
    Ok((crews.map(|one| PersonId(one.person_id)).collect(), units.map(|one| UnitId(one.unit_id)).collect()))
}

/// Once everybody has agreed, and it has a lane, the entry runs, and what they agreed to is on the ledger.
pub(super) async fn start_if_agreed<S>(
    scope: &Scope<'_>,
    leave: &Permit<S>,
    task: &Task,
    id: EntryId,
) -> Result<()> {
    let crew = tables::crew_of(scope.txn, id).await?;
    let units = tables::units_of_entry(scope.txn, id).await?;
    let answers = crew.iter().map(|one| &one.answer).chain(units.iter().map(|one| &one.answer));
    let answers = answers.map(|answer| answer.parse()).collect::<Result<Vec<CrewAnswer>>>()?;
    let entries = tables::entries_of(scope.txn, task.id).await?;
    let waits = entries.iter().any(|entry| entry.id == id.0 && entry.waits_since.is_some());
    if waits || !rules::all_agreed(answers) {
        return Ok(());
    }
    deposit_crew(scope, leave, task.id, id, Value::Null).await?;
    tables::start(scope.txn, leave, id, scope.now).await?;
    check_in::seen(scope, leave, task, id).await
}

/// Puts the crew as it rides now on the ledger, and by what it came about.
pub(super) async fn deposit_crew<S>(
    scope: &Scope<'_>,
    leave: &Permit<S>,
    task: TaskId,
    id: EntryId,
    by: Value,
) -> Result<()> {
    let entries = tables::entries_of(scope.txn, task).await?;
    let Some(entry) = entries.iter().find(|entry| entry.id == id.0) else { return Err(Refusal::NotFound) };
    let crew = tables::crew_of(scope.txn, id).await?;
    let crew: Vec<_> =
        crew.iter().map(|one| json!({ "person": one.person_id, "share": one.share })).collect();
    let units = tables::units_of_entry(scope.txn, id).await?;
    let units: Vec<_> = units.iter().map(|one| json!({ "unit": one.unit_id, "share": one.share })).collect();
    let mut agreed = json!({
        "entry": id, "lane": entry.lane, "captain": entry.captain_id, "units": units, "crew": crew,
    });
    if let (Value::Object(agreed), false) = (&mut agreed, by.is_null()) {
        agreed.insert("by".to_owned(), by);
    }
    let data = agreed.to_string().into_bytes();
    books::deposit(scope, leave, task.0, RecordKind::Evidence, label::ENTRY, data).await?;
    Ok(())
}
