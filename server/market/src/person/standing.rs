//! Who somebody is at this moment: what the policy needs to know of them.
//!
//! Promises: so many persons cost as many statements as one. Must never: remember an answer.

use std::collections::{HashMap, HashSet};

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::Query;
use sea_orm::{QueryOrder, QuerySelect};

use super::tables::{self, person};
use crate::actor::{Actor, Asker, PersonKind};
use crate::error::{Code, Refusal, Result};
use crate::ids::{PersonId, ProgrammeId, UnitId};
use crate::market::Market;
use crate::programme::tables::programme_manager;
use crate::unit::tables::{unit, unit_member};

impl Market {
    /// The person as one who asks; [`Actor::Visitor`] when there is no such person.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn actor(&self, id: PersonId) -> Result<Actor> {
        actor(self.store().reads(), id).await
    }
}

/// The person as one who asks; a visitor when there is no such person.
pub(crate) async fn actor(db: &impl ConnectionTrait, id: PersonId) -> Result<Actor> {
    Ok(actors(db, &[id]).await?.remove(&id).unwrap_or(Actor::Visitor))
}

/// Whoever asks, looked up again inside a command: what they lost meanwhile counts as lost.
pub(crate) async fn fresh(db: &impl ConnectionTrait, asker: &Actor) -> Result<Actor> {
    match asker.id() {
        Some(id) => actor(db, id).await,
        None => Ok(asker.clone()),
    }
}

/// These persons as ones who ask; those who don't exist are left out.
pub(crate) async fn actors(db: &impl ConnectionTrait, ids: &[PersonId]) -> Result<HashMap<PersonId, Actor>> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
    let mut askers = HashMap::with_capacity(ids.len());
    for row in person::Entity::find().filter(person::Column::Id.is_in(ids.clone())).all(db).await? {
        let asker = Asker {
            id: PersonId(row.id),
            kind: tables::kind(&row)?,
            preferences: super::preferences(&row)?,
            handle: row.handle,
            name: row.name,
            roles: Vec::new(),
            leads: Vec::new(),
            units: Vec::new(),
            programmes: Vec::new(),
        };
        askers.insert(row.id, asker);
    }
    add_roles(db, &ids, &mut askers).await?;
    add_units(db, &ids, &mut askers).await?;
    add_programmes(db, &ids, &mut askers).await?;
    Ok(askers.into_values().map(|asker| (asker.id, Actor::Person(asker))).collect())
}

/// Those of these persons who exist.
pub(crate) async fn known(db: &impl ConnectionTrait, ids: &[PersonId]) -> Result<HashSet<PersonId>> {
    let found: Vec<Uuid> = person::Entity::find()
        .select_only()
        .column(person::Column::Id)
        .filter(person::Column::Id.is_in(ids.iter().map(|id| id.0)))
        .into_tuple()
        .all(db)
        .await?;
    Ok(found.into_iter().map(PersonId).collect())
}

/// Refuses, on `field`, whoever is not a member of the organisation.
pub(crate) async fn require_member(db: &impl ConnectionTrait, field: &str, id: PersonId) -> Result<()> {
    match person::Entity::find_by_id(id.0).one(db).await? {
        None => Err(Refusal::on(field, Code::NoSuchPerson)),
        Some(row) if tables::kind(&row)? != PersonKind::Member => Err(Refusal::on(field, Code::NotMember)),
        Some(_) => Ok(()),
    }
}

type Askers = HashMap<Uuid, Asker>;

async fn add_roles(db: &impl ConnectionTrait, ids: &[Uuid], askers: &mut Askers) -> Result<()> {
    for (person, roles) in tables::roles_of(db, ids).await? {
        if let Some(asker) = askers.get_mut(&person.0) {
            asker.roles = roles;
        }
    }
    Ok(())
}

/// Units by membership; the lead of a unit is always one of its members.
async fn add_units(db: &impl ConnectionTrait, ids: &[Uuid], askers: &mut Askers) -> Result<()> {
    let memberships = unit_member::Entity::find()
        .filter(unit_member::Column::PersonId.is_in(ids.iter().copied()))
        .order_by_asc(unit_member::Column::UnitId)
        .all(db)
        .await?;
    let theirs = Query::select()
        .column(unit_member::Column::UnitId)
        .from(unit_member::Entity)
        .and_where(unit_member::Column::PersonId.is_in(ids.iter().copied()))
        .to_owned();
    let leads: Vec<(Uuid, Uuid)> = unit::Entity::find()
        .select_only()
        .columns([unit::Column::Id, unit::Column::LeadId])
        .filter(unit::Column::Id.in_subquery(theirs))
        .into_tuple()
        .all(db)
        .await?;
    let leads: HashMap<Uuid, Uuid> = leads.into_iter().collect();
    for row in memberships {
        if let Some(asker) = askers.get_mut(&row.person_id) {
            asker.units.push(UnitId(row.unit_id));
            if leads.get(&row.unit_id) == Some(&row.person_id) {
                asker.leads.push(UnitId(row.unit_id));
            }
        }
    }
    Ok(())
}

async fn add_programmes(db: &impl ConnectionTrait, ids: &[Uuid], askers: &mut Askers) -> Result<()> {
    let rows = programme_manager::Entity::find()
        .filter(programme_manager::Column::PersonId.is_in(ids.iter().copied()))
        .order_by_asc(programme_manager::Column::ProgrammeId)
        .all(db)
        .await?;
    for row in rows {
        if let Some(asker) = askers.get_mut(&row.person_id) {
            asker.programmes.push(ProgrammeId(row.programme_id));
        }
    }
    Ok(())
}
