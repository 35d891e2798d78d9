//! Reading persons and invitations.
//!
//! Promises: whoever has signed in sees handle and name of everybody, a visitor only of those who take
//! part in open races, where it is theirs to be seen; roles are for members, addresses for their owner
//! and for admins. Must never: show a hash, or tell a visitor who else is here.

use std::collections::HashMap;

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::Query;
use sea_orm::{Condition, Order, QueryOrder, QuerySelect};

use super::tables::{self, invitation, person};
use super::{InvitationView, PersonView};
use crate::actor::Actor;
use crate::clock::Moment;
use crate::error::Result;
use crate::ids::{InvitationId, PersonId};
use crate::market::Market;
use crate::page::{Listing, Page};
use crate::policy::{Act, House, may, permit};
use crate::race;
use crate::race::tables::crew_member;
use crate::store::must;
use crate::task::open_races;
use crate::task::tables::{task, task_judge};
use crate::text;

impl Market {
    /// A person by id.
    ///
    /// # Errors
    /// [`crate::Refusal::NotFound`] when there is none in the asker's sight.
    pub async fn person(&self, asker: &Actor, id: PersonId) -> Result<PersonView> {
        must(self.persons_by_ids(asker, &[id]).await?.remove(&id))
    }

    /// A person by handle, in any case of letters.
    ///
    /// # Errors
    /// [`crate::Refusal::NotFound`] when there is none in the asker's sight.
    pub async fn person_by_handle(&self, asker: &Actor, handle: &str) -> Result<PersonView> {
        let db = self.store().reads();
        let handle = must(text::known_as(handle))?;
        let wanted = person::Entity::find().filter(person::Column::Handle.eq(handle)).filter(in_sight(asker));
        must(views(db, asker, wanted.all(db).await?).await?.pop())
    }

    /// These persons; those who don't exist, or are not in the asker's sight, are left out.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn persons_by_ids(
        &self,
        asker: &Actor,
        ids: &[PersonId],
    ) -> Result<HashMap<PersonId, PersonView>> {
        if ids.is_empty() {
            return Ok(HashMap::new());
        }
        let db = self.store().reads();
        let wanted = person::Column::Id.is_in(ids.iter().map(|id| id.0));
        let rows = person::Entity::find().filter(wanted).filter(in_sight(asker)).all(db).await?;
        Ok(views(db, asker, rows).await?.into_iter().map(|view| (view.id, view)).collect())
    }

    /// Everybody, by handle; for members.
    ///
    /// # Errors
    /// Whatever the policy says; problems of the page.
    pub async fn people(&self, asker: &Actor, page: Page) -> Result<Listing<PersonView>> {
        permit(asker, Act::SeeInside, &House)?;
        let db = self.store().reads();
        let span = page.span::<String>()?;
        let mut find = person::Entity::find().limit(span.limit + 1);
        if let Some(after) = &span.after {
            find = find.filter(person::Column::Handle.gt(after));
        }
        if let Some(before) = &span.before {
            find = find.filter(person::Column::Handle.lt(before));
        }
        let order = if span.backward { Order::Desc } else { Order::Asc };
        let rows = find.order_by(person::Column::Handle, order).all(db).await?;
        let total = person::Entity::find().count(db).await?;
        let views = views(db, asker, rows).await?;
        Ok(span.listing(views, total, |view| view.handle.clone()))
    }

    /// Every invitation, newest first; for admins.
    ///
    /// # Errors
    /// Whatever the policy says.
    pub async fn invitations(&self, asker: &Actor) -> Result<Vec<InvitationView>> {
        permit(asker, Act::InvitePerson, &House)?;
        let newest_first = invitation::Entity::find()
            .order_by_desc(invitation::Column::CreatedAt)
            .order_by_desc(invitation::Column::Id);
        newest_first.all(self.store().reads()).await?.into_iter().map(invitation_view).collect()
    }
}

/// Whom the asker may know of at all.
pub(crate) fn in_sight(asker: &Actor) -> Condition {
    if asker.person().is_some() {
        return Condition::all();
    }
    let posters = Query::select()
        .column(task::Column::PosterId)
        .from(task::Entity)
        .and_where(task::Column::Id.in_subquery(open_races()))
        .to_owned();
    let riders = Query::select()
        .column(crew_member::Column::PersonId)
        .from(crew_member::Entity)
        .and_where(crew_member::Column::Active.eq(1))
        .and_where(crew_member::Column::TaskId.in_subquery(open_races()))
        .and_where(crew_member::Column::TaskId.not_in_subquery(race::hidden_races()))
        .to_owned();
    let judges = Query::select()
        .column(task_judge::Column::PersonId)
        .from(task_judge::Entity)
        .and_where(task_judge::Column::TaskId.in_subquery(open_races()))
        .to_owned();
    let id = person::Column::Id;
    Condition::any().add(id.in_subquery(posters)).add(id.in_subquery(riders)).add(id.in_subquery(judges))
}

/// These persons as the asker may see them, in the same order. Whether the asker may see them at all
/// is for the caller to know.
pub(crate) async fn views(
    db: &impl ConnectionTrait,
    asker: &Actor,
    rows: Vec<person::Model>,
) -> Result<Vec<PersonView>> {
    let sees_addresses = may(asker, Act::SeePeople, &House);
    let mut roles = HashMap::new();
    if may(asker, Act::SeeInside, &House) && !rows.is_empty() {
        let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
        roles = tables::roles_of(db, &ids).await?;
    }
    let view = |row: person::Model| {
        let id = PersonId(row.id);
        Ok(PersonView {
            id,
            kind: tables::kind(&row)?,
            handle: row.handle,
            name: row.name,
            roles: roles.remove(&id).unwrap_or_default(),
            email: (sees_addresses || asker.id() == Some(id)).then_some(row.email),
            created_at: Moment(row.created_at),
        })
    };
    rows.into_iter().map(view).collect()
}

fn invitation_view(row: invitation::Model) -> Result<InvitationView> {
    Ok(InvitationView {
        id: InvitationId(row.id),
        email: row.email,
        roles: tables::roles(&row.roles)?,
        invited_by: PersonId(row.invited_by),
        created_at: Moment(row.created_at),
        expires_at: Moment(row.expires_at),
        person: row.person_id.map(PersonId),
    })
}
