//! Making programmes and saying who may draw on them.
//!
//! Promises: the owner is a member, a manager has the role. Must never: touch the budget.

use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use super::tables::{programme, programme_manager};
use super::{CreateProgramme, GrantProgramme, RevokeProgramme, rules};
use crate::actor::{Actor, PersonKind, Role};
use crate::error::{Code, Refusal, Result};
use crate::ids::{PersonId, ProgrammeId};
use crate::notice::{Event, Kind, notify};
use crate::person::tables::{person, role_grant};
use crate::policy::{Act, House, Permit, ProgrammeFacts, permit};
use crate::store::{Command, Scope, must};

impl Command for CreateProgramme {
    type Output = ProgrammeId;
    const ACT: Act = Act::CreateProgramme;

    async fn run(&self, asker: &Actor, scope: &Scope<'_>) -> Result<ProgrammeId> {
        let permit = permit(asker, Act::CreateProgramme, &House)?;
        let texts = rules::texts(self)?;
        let owner = self.owner.or(permit.by()).ok_or(Refusal::Unauthenticated)?;
        must_be_member(scope, owner).await?;
        let named = programme::Entity::find().filter(programme::Column::Slug.eq(&texts.slug));
        if named.one(scope.txn).await?.is_some() {
            return Err(Refusal::on("slug", Code::Taken));
        }
        let id = ProgrammeId(scope.ids.id(scope.now));
        insert(scope, &permit, id, texts, owner).await?;
        Ok(id)
    }
}

impl Command for GrantProgramme {
    type Output = ();
    const ACT: Act = Act::GrantProgramme;

    async fn run(&self, asker: &Actor, scope: &Scope<'_>) -> Result<()> {
        let permit = leave(asker, Act::GrantProgramme, scope, self.programme).await?;
        let grant = role_grant::Entity::find_by_id((self.manager.0, Role::Manager.as_str().to_owned()));
        if grant.one(scope.txn).await?.is_none() {
            return Err(Refusal::on("manager", Code::NoSuchPerson));
        }
        add(scope, &permit, self.programme, self.manager).await?;
        let event =
            Event::of(&permit, Kind::ProgrammeGranted).with(|facts| facts.programme = Some(self.programme));
        notify(scope, event.to([self.manager])).await
    }
}

impl Command for RevokeProgramme {
    type Output = ();
    const ACT: Act = Act::RevokeProgramme;

    async fn run(&self, asker: &Actor, scope: &Scope<'_>) -> Result<()> {
        let permit = leave(asker, Act::RevokeProgramme, scope, self.programme).await?;
        remove(scope, &permit, self.programme, self.manager).await
    }
}

/// Leave to act on a programme, which must be there.
async fn leave(
    asker: &Actor,
    act: Act,
    scope: &Scope<'_>,
    id: ProgrammeId,
) -> Result<Permit<ProgrammeFacts>> {
    let row = programme::Entity::find_by_id(id.0).one(scope.txn).await?;
    let permit = permit(asker, act, &rules::facts(id, row.as_ref()))?;
    must(row)?;
    Ok(permit)
}

async fn must_be_member(scope: &Scope<'_>, id: PersonId) -> Result<()> {
    let row = person::Entity::find_by_id(id.0).one(scope.txn).await?;
    match row {
        None => Err(Refusal::on("owner", Code::NoSuchPerson)),
        Some(row) if row.kind != PersonKind::Member.as_str() => Err(Refusal::on("owner", Code::NotMember)),
        Some(_) => Ok(()),
    }
}

async fn insert(
    scope: &Scope<'_>,
    _: &Permit<House>,
    id: ProgrammeId,
    texts: rules::Texts,
    owner: PersonId,
) -> Result<()> {
    let row = programme::ActiveModel {
        id: Set(id.0),
        slug: Set(texts.slug),
        name: Set(texts.name),
        purpose: Set(texts.purpose),
        owner_id: Set(owner.0),
        created_at: Set(scope.now.0),
    };
    programme::Entity::insert(row).exec_without_returning(scope.txn).await?;
    Ok(())
}

async fn add(
    scope: &Scope<'_>,
    _: &Permit<ProgrammeFacts>,
    id: ProgrammeId,
    manager: PersonId,
) -> Result<()> {
    let row = programme_manager::ActiveModel {
        programme_id: Set(id.0),
        person_id: Set(manager.0),
        since: Set(scope.now.0),
    };
    let there =
        OnConflict::columns([programme_manager::Column::ProgrammeId, programme_manager::Column::PersonId])
            .do_nothing()
            .to_owned();
    programme_manager::Entity::insert(row)
        .on_conflict(there)
        .try_insert()
        .exec_without_returning(scope.txn)
        .await?;
    Ok(())
}

async fn remove(
    scope: &Scope<'_>,
    _: &Permit<ProgrammeFacts>,
    id: ProgrammeId,
    manager: PersonId,
) -> Result<()> {
    programme_manager::Entity::delete_by_id((id.0, manager.0)).exec(scope.txn).await?;
    Ok(())
}
