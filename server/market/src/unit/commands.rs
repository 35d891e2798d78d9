//! Making a unit, and who belongs to it and leads it.
//!
//! Promises: whoever asks is looked up again after the unit's row is held, so that a lead who has just
//! handed over leads no more. Must never: leave a unit whose lead is not one of its members.

use serde::{Deserialize, Serialize};

use super::rules;
use super::tables::{self, unit};
use crate::actor::Actor;
use crate::error::{Code, Refusal, Result};
use crate::ids::{PersonId, UnitId};
use crate::notice::{Event, Kind, notify};
use crate::person::{fresh, require_member};
use crate::policy::{Act, House, Permit, UnitFacts, may, permit};
use crate::store::{Command, Scope, must};

/// Makes a unit. Any member can; they lead it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct CreateUnit {
    /// Its public handle.
    pub slug: String,
    /// Its name as shown, 1 to 80 characters.
    pub name: String,
    /// What it is for, up to 1,000 characters.
    pub purpose: String,
    /// Who leads it; only an admin can name somebody else than themselves.
    pub lead: Option<PersonId>,
}

impl Command for CreateUnit {
    type Output = UnitId;
    const ACT: Act = Act::CreateUnit;

    async fn run(&self, asker: &Actor, scope: &Scope<'_>) -> Result<UnitId> {
        let asker = fresh(scope.txn, asker).await?;
        let leave = permit(&asker, Self::ACT, &House)?;
        let me = leave.by().ok_or(Refusal::Unauthenticated)?;
        let texts = rules::texts(self)?;
        let id = UnitId(scope.ids.id(scope.now));
        // Whoever may hand over a unit that they don't lead may also choose its first lead.
        let may_choose = may(&asker, Act::HandOverUnit, &UnitFacts { id });
        let lead = rules::lead(me, self.lead, may_choose)?;
        require_member(scope.txn, "lead", lead).await?;
        if tables::by_slug(scope.txn, &texts.slug).await?.is_some() {
            return Err(Refusal::on("slug", Code::Taken));
        }
        let row = unit::Model {
            id: id.0,
            slug: texts.slug,
            name: texts.name,
            purpose: texts.purpose,
            lead_id: lead.0,
            created_at: scope.now.0,
        };
        tables::insert(scope, &leave, row).await?;
        tables::join(scope, &leave, id, lead).await?;
        Ok(id)
    }
}

/// Takes a member of the organisation into a unit.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AddUnitMember {
    /// The unit.
    pub unit: UnitId,
    /// Who joins it.
    pub person: PersonId,
}

impl Command for AddUnitMember {
    type Output = ();
    const ACT: Act = Act::AddUnitMember;

    async fn run(&self, asker: &Actor, scope: &Scope<'_>) -> Result<()> {
        let held = hold(scope, asker, Self::ACT, self.unit).await?;
        require_member(scope.txn, "person", self.person).await?;
        rules::may_join(&held.members, self.person)?;
        tables::join(scope, &held.leave, self.unit, self.person).await?;
        let event = Event::of(&held.leave, Kind::UnitJoined).with(|facts| facts.unit = Some(self.unit));
        notify(scope, event.to([self.person])).await
    }
}

/// Takes somebody out of a unit; the lead can't go before handing over.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RemoveUnitMember {
    /// The unit.
    pub unit: UnitId,
    /// Who leaves it.
    pub person: PersonId,
}

impl Command for RemoveUnitMember {
    type Output = ();
    const ACT: Act = Act::RemoveUnitMember;

    async fn run(&self, asker: &Actor, scope: &Scope<'_>) -> Result<()> {
        let held = hold(scope, asker, Self::ACT, self.unit).await?;
        rules::may_leave(&held.members, held.lead, self.person)?;
        tables::leave(scope, &held.leave, self.unit, self.person).await
    }
}

/// Makes somebody else lead a unit; they join it if they don't belong to it. The one who led it stays
/// a member.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct HandOverUnit {
    /// The unit.
    pub unit: UnitId,
    /// Who leads it from now on.
    pub lead: PersonId,
}

impl Command for HandOverUnit {
    type Output = ();
    const ACT: Act = Act::HandOverUnit;

    async fn run(&self, asker: &Actor, scope: &Scope<'_>) -> Result<()> {
        let held = hold(scope, asker, Self::ACT, self.unit).await?;
        require_member(scope.txn, "lead", self.lead).await?;
        if !held.members.contains(&self.lead) {
            tables::join(scope, &held.leave, self.unit, self.lead).await?;
        }
        tables::hand_over(scope, &held.leave, self.unit, self.lead).await?;
        let event = Event::of(&held.leave, Kind::UnitLed).with(|facts| facts.unit = Some(self.unit));
        notify(scope, event.to([self.lead])).await
    }
}

/// A unit whose row is held, with the leave to change it.
struct Held {
    leave: Permit<UnitFacts>,
    lead: PersonId,
    members: Vec<PersonId>,
}

/// Holds the unit's row, and only then asks for leave.
async fn hold(scope: &Scope<'_>, asker: &Actor, act: Act, id: UnitId) -> Result<Held> {
    let row = tables::lock(scope.txn, id).await?;
    let leave = permit(&fresh(scope.txn, asker).await?, act, &UnitFacts { id })?;
    let lead = PersonId(must(row)?.lead_id);
    let members = tables::members(scope.txn, &[id.0]).await?;
    Ok(Held { leave, lead, members: members.into_iter().map(|row| PersonId(row.person_id)).collect() })
}
