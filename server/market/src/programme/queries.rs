//! Looking at programmes.
//!
//! Promises: any number of programmes costs the same few queries. Must never: show one to outsiders.

use std::collections::HashMap;

use ledger::{AccountKind, Amount, RecordKind};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, Order, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
};
use uuid::Uuid;

use super::tables::{programme, programme_manager};
use super::{ProgrammeView, rules};
use crate::actor::Actor;
use crate::books;
use crate::clock::Moment;
use crate::error::{Refusal, Result};
use crate::ids::{PersonId, ProgrammeId};
use crate::market::Market;
use crate::page::{Listing, Page};
use crate::policy::{Act, House, ProgrammeFacts, may, permit};
use crate::store::must;
use crate::text;

impl Market {
    /// A programme. For members.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] also for outsiders.
    pub async fn programme(&self, asker: &Actor, id: ProgrammeId) -> Result<ProgrammeView> {
        let found = programme::Entity::find_by_id(id.0).one(self.store().reads()).await?;
        self.programme_view(asker, found).await
    }

    /// A programme by its name in addresses. For members.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] also for outsiders.
    pub async fn programme_by_slug(&self, asker: &Actor, slug: &str) -> Result<ProgrammeView> {
        let slug = must(text::known_as(slug))?;
        let select = programme::Entity::find().filter(programme::Column::Slug.eq(slug));
        let found = select.one(self.store().reads()).await?;
        self.programme_view(asker, found).await
    }

    /// All programmes in the order of their slugs. For members.
    ///
    /// # Errors
    /// [`Refusal::Unauthenticated`] and [`Refusal::NotFound`] for those who aren't; problems with the page.
    pub async fn programmes(&self, asker: &Actor, page: Page) -> Result<Listing<ProgrammeView>> {
        permit(asker, Act::SeeInside, &House)?;
        let db = self.store().reads();
        let span = page.span::<String>()?;
        let mut select = programme::Entity::find();
        if let Some(after) = &span.after {
            select = select.filter(programme::Column::Slug.gt(after));
        }
        if let Some(before) = &span.before {
            select = select.filter(programme::Column::Slug.lt(before));
        }
        let order = if span.backward { Order::Desc } else { Order::Asc };
        let rows = select.order_by(programme::Column::Slug, order).limit(span.limit + 1).all(db).await?;
        let total = programme::Entity::find().count(db).await?;
        Ok(span.listing(views(db, rows).await?, total, |view| view.slug.clone()))
    }

    /// These programmes, those left out that are not there; nothing for outsiders.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn programmes_by_ids(
        &self,
        asker: &Actor,
        ids: &[ProgrammeId],
    ) -> Result<HashMap<ProgrammeId, ProgrammeView>> {
        if !may(asker, Act::SeeProgramme, &House) {
            return Ok(HashMap::new());
        }
        let db = self.store().reads();
        let wanted = programme::Column::Id.is_in(ids.iter().map(|id| id.0));
        let rows = programme::Entity::find().filter(wanted).all(db).await?;
        Ok(views(db, rows).await?.into_iter().map(|view| (view.id, view)).collect())
    }

    /// The programmes that the asker may draw bounties from, in the order of their slugs.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn programmes_i_may_draw_on(&self, asker: &Actor) -> Result<Vec<ProgrammeView>> {
        let Some(person) = asker.person() else { return Ok(Vec::new()) };
        let ids = person.programmes.iter().map(|id| id.0);
        let select = programme::Entity::find().filter(programme::Column::Id.is_in(ids));
        let db = self.store().reads();
        let mut rows = select.order_by_asc(programme::Column::Slug).all(db).await?;
        rows.retain(|row| may(asker, Act::DrawOnProgramme, &facts(row)));
        views(db, rows).await
    }

    async fn programme_view(&self, asker: &Actor, found: Option<programme::Model>) -> Result<ProgrammeView> {
        let row = found.ok_or(Refusal::NotFound)?;
        permit(asker, Act::SeeProgramme, &facts(&row))?;
        let views = views(self.store().reads(), vec![row]).await?;
        views.into_iter().next().ok_or(Refusal::NotFound)
    }
}

fn facts(row: &programme::Model) -> ProgrammeFacts {
    rules::facts(ProgrammeId(row.id), Some(row))
}

pub(crate) async fn views(
    db: &impl ConnectionTrait,
    rows: Vec<programme::Model>,
) -> Result<Vec<ProgrammeView>> {
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
    let mut managers = managers(db, &ids).await?;
    let budgets = budgets(db, &ids).await?;
    Ok(rows
        .into_iter()
        .map(|row| {
            let (balance, spent) = budgets.get(&row.id).copied().unwrap_or_default();
            ProgrammeView {
                id: ProgrammeId(row.id),
                managers: managers.remove(&row.id).unwrap_or_default(),
                slug: row.slug,
                name: row.name,
                purpose: row.purpose,
                owner: PersonId(row.owner_id),
                balance,
                spent,
                created_at: Moment(row.created_at),
            }
        })
        .collect())
}

async fn managers(db: &impl ConnectionTrait, ids: &[Uuid]) -> Result<HashMap<Uuid, Vec<PersonId>>> {
    let rows = programme_manager::Entity::find()
        .filter(programme_manager::Column::ProgrammeId.is_in(ids.iter().copied()))
        .order_by_asc(programme_manager::Column::Since)
        .order_by_asc(programme_manager::Column::PersonId)
        .all(db)
        .await?;
    let mut by_programme: HashMap<Uuid, Vec<PersonId>> = HashMap::new();
    for row in rows {
        by_programme.entry(row.programme_id).or_default().push(PersonId(row.person_id));
    }
    Ok(by_programme)
}

/// What is left of each budget, and what of it was spent.
async fn budgets(db: &impl ConnectionTrait, ids: &[Uuid]) -> Result<HashMap<Uuid, (Amount, Amount)>> {
    let balances = books::balances(db, AccountKind::Programme, ids).await?;
    let allocated = books::received(db, AccountKind::Programme, ids, RecordKind::Allocate).await?;
    let spent = |id, left| rules::spent(allocated.get(&id).copied().unwrap_or_default(), left);
    Ok(balances.into_iter().map(|(id, left)| (id, (left, spent(id, left)))).collect())
}

/// Who answers for each of these programmes.
pub(crate) async fn owners_of(db: &impl ConnectionTrait, ids: &[Uuid]) -> Result<HashMap<Uuid, PersonId>> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let rows = programme::Entity::find().filter(programme::Column::Id.is_in(ids.iter().copied()));
    Ok(rows.all(db).await?.into_iter().map(|row| (row.id, PersonId(row.owner_id))).collect())
}

/// Who answers for a programme; `None` when there is none.
pub(crate) async fn owner_of(db: &impl ConnectionTrait, id: ProgrammeId) -> Result<Option<PersonId>> {
    let found = programme::Entity::find_by_id(id.0).one(db).await?;
    Ok(found.map(|row| PersonId(row.owner_id)))
}
