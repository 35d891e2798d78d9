//! Reading units; for members of the organisation.
//!
//! Promises: a page of units costs as many statements as one unit. Must never: show a unit outside.

use std::collections::HashMap;

use sea_orm::entity::prelude::*;
use sea_orm::{Order, QueryOrder, QuerySelect};

use super::UnitView;
use super::tables::{self, unit};
use crate::actor::Actor;
use crate::clock::Moment;
use crate::error::Result;
use crate::ids::{PersonId, UnitId};
use crate::market::Market;
use crate::page::{Listing, Page};
use crate::person::tables::person;
use crate::person::{self as persons, PersonView};
use crate::policy::{Act, House, UnitFacts, may, permit};
use crate::store::must;
use crate::text;

impl Market {
    /// A unit by id.
    ///
    /// # Errors
    /// [`crate::Refusal::NotFound`] when there is none or the asker is not a member.
    pub async fn unit(&self, asker: &Actor, id: UnitId) -> Result<UnitView> {
        permit(asker, Act::SeeUnit, &UnitFacts { id })?;
        must(self.units_by_ids(asker, &[id]).await?.remove(&id))
    }

    /// A unit by slug, in any case of letters.
    ///
    /// # Errors
    /// [`crate::Refusal::NotFound`] when there is none or the asker is not a member.
    pub async fn unit_by_slug(&self, asker: &Actor, slug: &str) -> Result<UnitView> {
        permit(asker, Act::SeeUnit, &House)?;
        let db = self.store().reads();
        let found = must(tables::by_slug(db, &must(text::known_as(slug))?).await?)?;
        must(views(db, asker, vec![found]).await?.pop())
    }

    /// These units; those that don't exist are left out, and for who is not a member all are.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn units_by_ids(&self, asker: &Actor, ids: &[UnitId]) -> Result<HashMap<UnitId, UnitView>> {
        if !may(asker, Act::SeeUnit, &House) || ids.is_empty() {
            return Ok(HashMap::new());
        }
        let db = self.store().reads();
        let wanted = unit::Column::Id.is_in(ids.iter().map(|id| id.0));
        let rows = unit::Entity::find().filter(wanted).all(db).await?;
        Ok(views(db, asker, rows).await?.into_iter().map(|view| (view.id, view)).collect())
    }

    /// Every unit, by slug.
    ///
    /// # Errors
    /// [`crate::Refusal::NotFound`] when the asker is not a member; problems of the page.
    pub async fn units(&self, asker: &Actor, page: Page) -> Result<Listing<UnitView>> {
        permit(asker, Act::SeeUnit, &House)?;
        let db = self.store().reads();
        let span = page.span::<String>()?;
        let mut find = unit::Entity::find().limit(span.limit + 1);
        if let Some(after) = &span.after {
            find = find.filter(unit::Column::Slug.gt(after));
        }
        if let Some(before) = &span.before {
            find = find.filter(unit::Column::Slug.lt(before));
        }
        let order = if span.backward { Order::Desc } else { Order::Asc };
        let rows = find.order_by(unit::Column::Slug, order).all(db).await?;
        let total = unit::Entity::find().count(db).await?;
        let views = views(db, asker, rows).await?;
        Ok(span.listing(views, total, |view| view.slug.clone()))
    }
}

/// The name of a unit, if there is one.
pub(crate) async fn name_of(db: &impl ConnectionTrait, id: UnitId) -> Result<Option<String>> {
    Ok(unit::Entity::find_by_id(id.0).one(db).await?.map(|row| row.name))
}

/// The members of these units.
pub(crate) async fn members_in(
    db: &impl ConnectionTrait,
    ids: &[UnitId],
) -> Result<HashMap<UnitId, Vec<PersonId>>> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
    let mut members: HashMap<UnitId, Vec<PersonId>> = HashMap::new();
    if ids.is_empty() {
        return Ok(members);
    }
    for row in tables::members(db, &ids).await? {
        members.entry(UnitId(row.unit_id)).or_default().push(PersonId(row.person_id));
    }
    Ok(members)
}

/// These units with their members, in the same order.
pub(crate) async fn views(
    db: &impl ConnectionTrait,
    asker: &Actor,
    rows: Vec<unit::Model>,
) -> Result<Vec<UnitView>> {
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
    let mut members = members(db, asker, &ids).await?;
    let view = |row: unit::Model| UnitView {
        id: UnitId(row.id),
        slug: row.slug,
        name: row.name,
        purpose: row.purpose,
        lead: PersonId(row.lead_id),
        members: members.remove(&row.id).unwrap_or_default(),
        created_at: Moment(row.created_at),
    };
    Ok(rows.into_iter().map(view).collect())
}

/// The members of each of these units, by handle.
async fn members(
    db: &impl ConnectionTrait,
    asker: &Actor,
    units: &[Uuid],
) -> Result<HashMap<Uuid, Vec<PersonView>>> {
    let memberships = tables::members(db, units).await?;
    let of_them = person::Column::Id.is_in(memberships.iter().map(|row| row.person_id));
    let rows = person::Entity::find().filter(of_them).all(db).await?;
    let views = persons::views(db, asker, rows).await?;
    let views: HashMap<PersonId, PersonView> = views.into_iter().map(|view| (view.id, view)).collect();
    let mut members: HashMap<Uuid, Vec<PersonView>> = HashMap::new();
    for row in memberships {
        if let Some(view) = views.get(&PersonId(row.person_id)) {
            members.entry(row.unit_id).or_default().push(view.clone());
        }
    }
    for views in members.values_mut() {
        views.sort_by(|one, other| one.handle.cmp(&other.handle));
    }
    Ok(members)
}
