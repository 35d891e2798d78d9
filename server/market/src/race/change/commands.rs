//! Proposing a change, answering it, leaving.

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::super::commands::{check_in_race, check_named, deposit_crew};
use super::super::tables::{self as entries, NewCrew, entry};
use super::super::{CrewAnswer, CrewShare, EntryState, UnitShare, door, locked, rules};
use super::{ChangeKind, ChangePart, ChangeView, apply, tables};
use crate::actor::{Actor, Asker};
use crate::error::{Code, Problems, Refusal, Result};
use crate::ids::{EntryId, PersonId, TaskId, UnitId};
use crate::notice::{Event, Kind, notify};
use crate::policy::{Act, Permit, RaceFacts, permit};
use crate::store::{Command, Scope};
use crate::task::{Task, check_running};

/// Proposes that another entry of the race rides on in the captain's: all of both must agree to the shares.
/// What the other handed in stays readable to the new crew.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct MergeEntries {
    /// The captain's entry, which rides on.
    pub entry: EntryId,
    /// The entry whose lane closes.
    pub with: EntryId,
    /// The units of both as they shall be paid.
    pub units: Vec<UnitShare>,
    /// The crew of both with their shares.
    pub crew: Vec<CrewShare>,
}

impl Command for MergeEntries {
    type Output = ();
    const ACT: Act = Act::MergeEntries;

    async fn run(&self, asker: &Actor, scope: &Scope<'_>) -> Result<()> {
        let (task, row, facts) = locked(scope, asker, self.entry).await?;
        let leave = permit(asker, Act::MergeEntries, &facts)?;
        let captain = asker.person().ok_or(Refusal::Unauthenticated)?;
        check_changeable(&task, &row, scope)?;
        let lanes = entries::entries_of(scope.txn, task.id).await?;
        let other = lanes.iter().find(|lane| lane.id == self.with.0 && lane.id != row.id);
        let other = other.ok_or_else(|| Refusal::on("with", Code::BadChoice))?;
        if check_in_race(other)? != EntryState::Running {
            return Err(Refusal::on("with", Code::EntryNotRunning));
        }
        let crew = rules::crew(captain.id, &self.crew, &self.units, &task.rules)?;
        let both = [self.entry, self.with];
        check_named(scope, (task.id, &facts.race), (&crew, &self.units), &both, Some(captain)).await?;
        tables::drop_open(scope, &leave, self.with).await?;
        let kind = (ChangeKind::Merge, Some(self.with));
        propose(scope, &leave, &task, (captain, self.entry), kind, (&crew, &self.units)).await
    }
}

/// Offers the captaincy of a running entry to one of its crew, who must agree.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct HandOverEntry {
    /// The entry.
    pub entry: EntryId,
    /// Who shall be its captain.
    pub to: PersonId,
}

impl Command for HandOverEntry {
    type Output = ();
    const ACT: Act = Act::HandOverEntry;

    async fn run(&self, asker: &Actor, scope: &Scope<'_>) -> Result<()> {
        let (task, row, facts) = locked(scope, asker, self.entry).await?;
        let leave = permit(asker, Act::HandOverEntry, &facts)?;
        check_changeable(&task, &row, scope)?;
        let crew = entries::crew_of(scope.txn, self.entry).await?;
        let mate = crew.iter().find(|one| one.person_id == self.to.0 && self.to != facts.captain);
        let mate = mate.ok_or_else(|| Refusal::on("to", Code::BadChoice))?;
        let change = ChangeView {
            entry: self.entry,
            other: None,
            kind: ChangeKind::Captain,
            by: facts.captain,
            at: scope.now,
            parts: vec![ChangePart {
                person: Some(self.to),
                unit: None,
                share: u32::try_from(mate.share).ok(),
                answer: CrewAnswer::Asked,
            }],
        };
        tables::drop_open(scope, &leave, self.entry).await?;
        tables::insert(scope, &leave, (task.id, None), &change).await?;
        let event = Event::of(&leave, Kind::CrewChangeAsked).task(task.id).entry(self.entry);
        notify(scope, event.to([self.to])).await
    }
}

/// Leaves a crew. In a running entry the others' shares grow in proportion at once, and they are asked to
/// agree anew to them; the captain hands over first.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct LeaveCrew {
    /// The entry.
    pub entry: EntryId,
}

impl Command for LeaveCrew {
    type Output = ();
    const ACT: Act = Act::LeaveCrew;

    async fn run(&self, asker: &Actor, scope: &Scope<'_>) -> Result<()> {
        let (task, row, facts) = locked(scope, asker, self.entry).await?;
        let leave = permit(asker, Act::LeaveCrew, &facts)?;
        let person = asker.id().ok_or(Refusal::Unauthenticated)?;
        check_running(task.state(scope.now))?;
        if facts.captain == person {
            return Err(Refusal::because(Code::CaptainStays));
        }
        if check_in_race(&row)? != EntryState::Running {
            entries::take_back(scope.txn, &leave, self.entry, person, scope.now).await?;
        } else {
            door::check_unfrozen(&task.rules.entry, task.closes_at, scope.now)?;
            self.shrink(scope, &leave, &task, person).await?;
        }
        let left = entries::crew_of(scope.txn, self.entry).await?;
        let left = left.into_iter().filter(|one| one.active.is_some()).map(|one| PersonId(one.person_id));
        let units = entries::units_of_entry(scope.txn, self.entry).await?;
        let event = Event::of(&leave, Kind::CrewLeft).task(task.id).entry(self.entry).to(left);
        notify(scope, event.leads(units.iter().map(|one| UnitId(one.unit_id)))).await
    }
}

impl LeaveCrew {
    /// Writes the smaller crew and asks it to agree anew.
    async fn shrink<S>(
        &self,
        scope: &Scope<'_>,
        leave: &Permit<S>,
        task: &Task,
        person: PersonId,
    ) -> Result<()> {
        let mut units: Vec<UnitShare> = unit_shares(scope, self.entry).await?;
        let mut crew: Vec<CrewShare> = crew_shares(scope, self.entry).await?;
        crew.retain(|one| one.person != person);
        let left: Vec<u32> =
            units.iter().map(|one| one.share).chain(crew.iter().map(|one| one.share)).collect();
        let shares =
            units.iter_mut().map(|one| &mut one.share).chain(crew.iter_mut().map(|one| &mut one.share));
        for (share, grown) in shares.zip(rules::grown(&left)) {
            *share = grown;
        }
        tables::drop_open(scope, leave, self.entry).await?;
        let new = NewCrew { task: task.id, entry: self.entry, crew: &crew, units: &units };
        entries::write_crew(scope.txn, leave, &new, None, scope.now).await?;
        deposit_crew(scope, leave, task.id, self.entry, json!({ "left": person })).await?;
        if left.len() < 2 {
            return Ok(());
        }
        let change = ChangeView {
            entry: self.entry,
            other: None,
            kind: ChangeKind::Crew,
            by: person,
            at: scope.now,
            parts: parts((&crew, &units), None),
        };
        tables::insert(scope, leave, (task.id, None), &change).await
    }
}

/// Proposes another crew for a running entry.
pub(in super::super) async fn propose_crew<S>(
    scope: &Scope<'_>,
    leave: &Permit<S>,
    task: &Task,
    of: (&Asker, EntryId),
    new: (&[CrewShare], &[UnitShare]),
) -> Result<()> {
    door::check_unfrozen(&task.rules.entry, task.closes_at, scope.now)?;
    propose(scope, leave, task, of, (ChangeKind::Crew, None), new).await
}

/// Agrees to the change that is open. When that was the last word, it takes effect.
pub(in super::super) async fn agree<S>(
    scope: &Scope<'_>,
    leave: &Permit<S>,
    task: &Task,
    (person, row): (&Asker, &entry::Model),
    race: &RaceFacts,
) -> Result<()> {
    let entry = EntryId(row.id);
    tables::answer(scope, leave, entry, person, CrewAnswer::Agreed).await?;
    let change = tables::open_of(scope.txn, entry).await?;
    let change = change.ok_or_else(|| Refusal::because(Code::NothingToAgree))?;
    let event = Event::of(leave, Kind::CrewAgreed).task(task.id).entry(entry);
    notify(scope, event.to([PersonId(row.captain_id)])).await?;
    apply::if_agreed(scope, leave, (task.id, race), &change).await
}

/// Declines the change that is open: it is off, and the crew rides on as it is.
pub(in super::super) async fn decline<S>(
    scope: &Scope<'_>,
    leave: &Permit<S>,
    entry: EntryId,
    person: &Asker,
) -> Result<()> {
    tables::answer(scope, leave, entry, person, CrewAnswer::Declined).await?;
    tables::end(scope, leave, entry, tables::End::Declined).await
}

async fn propose<S>(
    scope: &Scope<'_>,
    leave: &Permit<S>,
    task: &Task,
    (captain, entry): (&Asker, EntryId),
    (kind, other): (ChangeKind, Option<EntryId>),
    (crew, units): (&[CrewShare], &[UnitShare]),
) -> Result<()> {
    let mut parts = parts((crew, units), Some(captain));
    for lane in [Some(entry), other].into_iter().flatten() {
        add_leaving(scope, lane, captain, &mut parts).await?;
    }
    let change = ChangeView { entry, other, kind, by: captain.id, at: scope.now, parts };
    tables::drop_open(scope, leave, entry).await?;
    tables::insert(scope, leave, (task.id, Some(captain)), &change).await?;
    let event = Event::of(leave, Kind::CrewChangeAsked).task(task.id).entry(entry);
    let event = event.to(change.asked_persons()).leads(change.asked_units());
    notify(scope, event).await?;
    let race = crate::task::facts(scope.txn, task, scope.now).await?;
    apply::if_agreed(scope, leave, (task.id, &race), &change).await
}

/// Everybody in the new crew, in the order of payment; who proposes has agreed.
fn parts((crew, units): (&[CrewShare], &[UnitShare]), proposer: Option<&Asker>) -> Vec<ChangePart> {
    let said = |agreed: bool| if agreed { CrewAnswer::Agreed } else { CrewAnswer::Asked };
    let of_units = units.iter().map(|one| ChangePart {
        person: None,
        unit: Some(one.unit),
        share: Some(one.share),
        answer: said(proposer.is_some_and(|asker| asker.leads.contains(&one.unit))),
    });
    let of_crew = crew.iter().map(|one| ChangePart {
        person: Some(one.person),
        unit: None,
        share: Some(one.share),
        answer: said(proposer.is_some_and(|asker| asker.id == one.person)),
    });
    of_units.chain(of_crew).collect()
}

/// Those of an entry who are not in the new crew: they must agree to leave.
async fn add_leaving(
    scope: &Scope<'_>,
    entry: EntryId,
    captain: &Asker,
    parts: &mut Vec<ChangePart>,
) -> Result<()> {
    for one in crew_shares(scope, entry).await? {
        if !parts.iter().any(|part| part.person == Some(one.person)) {
            let answer = CrewAnswer::Asked;
            parts.push(ChangePart { person: Some(one.person), unit: None, share: None, answer });
        }
    }
    for one in unit_shares(scope, entry).await? {
        if !parts.iter().any(|part| part.unit == Some(one.unit)) {
            let own = captain.leads.contains(&one.unit);
            let answer = if own { CrewAnswer::Agreed } else { CrewAnswer::Asked };
            parts.push(ChangePart { person: None, unit: Some(one.unit), share: None, answer });
        }
    }
    Ok(())
}

async fn crew_shares(scope: &Scope<'_>, entry: EntryId) -> Result<Vec<CrewShare>> {
    let crew = entries::crew_of(scope.txn, entry).await?;
    let share = |share: i64| u32::try_from(share).unwrap_or(0);
    Ok(crew
        .iter()
        .map(|one| CrewShare { person: PersonId(one.person_id), share: share(one.share) })
        .collect())
}

async fn unit_shares(scope: &Scope<'_>, entry: EntryId) -> Result<Vec<UnitShare>> {
    let units = entries::units_of_entry(scope.txn, entry).await?;
    let share = |share: i64| u32::try_from(share).unwrap_or(0);
    Ok(units.iter().map(|one| UnitShare { unit: UnitId(one.unit_id), share: share(one.share) }).collect())
}

/// Refuses unless the entry runs, the race too, and crews are not fixed yet.
fn check_changeable(task: &Task, row: &entry::Model, scope: &Scope<'_>) -> Result<()> {
    check_running(task.state(scope.now))?;
    let mut problems = Problems::default();
    problems.check(check_in_race(row)? != EntryState::Running, "entry", Code::EntryNotRunning);
    problems.done()?;
    door::check_unfrozen(&task.rules.entry, task.closes_at, scope.now)
}

/// The task that a change belongs to, with what the policy knows of it.
pub(super) type Within<'a> = (TaskId, &'a RaceFacts);
