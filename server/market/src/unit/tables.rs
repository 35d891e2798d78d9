//! The tables of units, and the statements that read or write a row of them.
//!
//! Promises: every write asks for the permit of the act it belongs to. Must never: decide anything.

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::LockType;
use sea_orm::{DatabaseTransaction, IntoActiveModel as _, QuerySelect};

use crate::error::Result;
use crate::ids::{PersonId, UnitId};
use crate::policy::Permit;
use crate::store::Scope;

pub(crate) mod unit {
    //! One row a unit.
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "unit")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub slug: String,
        pub name: String,
        pub purpose: String,
        pub lead_id: Uuid,
        pub created_at: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod unit_member {
    //! Who belongs to which unit, the lead included.
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "unit_member")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub unit_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub person_id: Uuid,
        pub since: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// Reads a unit and holds the row until the transaction ends, so that what is decided about one unit
/// is decided one after the other.
pub(super) async fn lock(txn: &DatabaseTransaction, id: UnitId) -> Result<Option<unit::Model>> {
    Ok(unit::Entity::find_by_id(id.0).lock(LockType::NoKeyUpdate).one(txn).await?)
}

/// Reads the unit with this slug.
pub(super) async fn by_slug(db: &impl ConnectionTrait, slug: &str) -> Result<Option<unit::Model>> {
    Ok(unit::Entity::find().filter(unit::Column::Slug.eq(slug)).one(db).await?)
}

/// Reads who belongs to these units.
pub(super) async fn members(db: &impl ConnectionTrait, units: &[Uuid]) -> Result<Vec<unit_member::Model>> {
    let of_them = unit_member::Column::UnitId.is_in(units.iter().copied());
    Ok(unit_member::Entity::find().filter(of_them).all(db).await?)
}

/// Writes a new unit, without its members.
pub(super) async fn insert<S>(scope: &Scope<'_>, _leave: &Permit<S>, row: unit::Model) -> Result<()> {
    unit::Entity::insert(row.into_active_model()).exec_without_returning(scope.txn).await?;
    Ok(())
}

/// Writes that a person belongs to a unit.
pub(super) async fn join<S>(
    scope: &Scope<'_>,
    _leave: &Permit<S>,
    unit: UnitId,
    person: PersonId,
) -> Result<()> {
    let row = unit_member::Model { unit_id: unit.0, person_id: person.0, since: scope.now.0 };
    unit_member::Entity::insert(row.into_active_model()).exec_without_returning(scope.txn).await?;
    Ok(())
}

/// Removes a person from a unit.
pub(super) async fn leave<S>(
    scope: &Scope<'_>,
    _leave: &Permit<S>,
    unit: UnitId,
    person: PersonId,
) -> Result<()> {
    unit_member::Entity::delete_by_id((unit.0, person.0)).exec(scope.txn).await?;
    Ok(())
}

/// Writes who leads a unit.
pub(super) async fn hand_over<S>(
    scope: &Scope<'_>,
    _leave: &Permit<S>,
    unit: UnitId,
    lead: PersonId,
) -> Result<()> {
    unit::Entity::update_many()
        .col_expr(unit::Column::LeadId, Expr::value(lead.0))
        .filter(unit::Column::Id.eq(unit.0))
        .exec(scope.txn)
        .await?;
    Ok(())
}
