//! The tables of persons and doors, and the statements that read or write a row of them.
//!
//! Promises: every write asks for the permit of the act it belongs to. Must never: hold a secret in
//! clear, or decide anything.

use std::collections::HashMap;

use sea_orm::ActiveValue::Set;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{ExprTrait as _, LockType};
use sea_orm::{DatabaseTransaction, IntoActiveModel as _, QueryOrder, QuerySelect};

use super::joining::Newcomer;
use super::preferences::{Preferences, Theme};
use crate::actor::{PersonKind, Role};
use crate::clock::Moment;
use crate::error::{Refusal, Result};
use crate::ids::PersonId;
use crate::notice::Language;
use crate::policy::Permit;
use crate::store::Scope;

pub(crate) mod person {
    //! One row a person.
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "person")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub handle: String,
        pub email: String,
        pub name: String,
        pub kind: String,
        pub password: String,
        pub created_at: i64,
        pub language: Option<String>,
        pub time_zone: Option<String>,
        pub theme: Option<String>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod role_grant {
    //! Who holds which role.
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "role_grant")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub person_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub role: String,
        pub granted_by: Option<Uuid>,
        pub granted_at: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub(super) mod invitation {
    //! Open doors for one person each; `roles` are names separated by spaces.
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "invitation")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub digest: Vec<u8>,
        pub email: String,
        pub roles: String,
        pub invited_by: Uuid,
        pub created_at: i64,
        pub expires_at: i64,
        pub person_id: Option<Uuid>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub(super) mod session {
    //! Signed-in browsers.
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "session")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub digest: Vec<u8>,
        pub person_id: Uuid,
        pub csrf: String,
        pub created_at: i64,
        pub expires_at: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub(super) mod refresh_token {
    //! Refresh tokens, used ones included until they run out.
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "refresh_token")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub family: Uuid,
        pub digest: Vec<u8>,
        pub person_id: Uuid,
        pub created_at: i64,
        pub expires_at: i64,
        pub used_at: Option<i64>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub(super) mod throttle {
    //! Counted attempts.
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "throttle")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub bucket: String,
        pub attempts: i64,
        pub since: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// Reads whoever signs in with this address, which is written as `rules::address` gives it.
pub(super) async fn by_email(db: &impl ConnectionTrait, email: &str) -> Result<Option<person::Model>> {
    // PostgreSQL faults on a text with a zero byte; nobody's address has one.
    if email.contains('\0') {
        return Ok(None);
    }
    Ok(person::Entity::find().filter(person::Column::Email.eq(email)).one(db).await?)
}

/// Reads whoever has this handle.
pub(super) async fn by_handle(db: &impl ConnectionTrait, handle: &str) -> Result<Option<person::Model>> {
    Ok(person::Entity::find().filter(person::Column::Handle.eq(handle)).one(db).await?)
}

/// Reads a person and holds the row until the transaction ends, so that what is decided about one
/// person is decided one after the other.
pub(super) async fn lock(txn: &DatabaseTransaction, id: PersonId) -> Result<Option<person::Model>> {
    Ok(person::Entity::find_by_id(id.0).lock(LockType::NoKeyUpdate).one(txn).await?)
}

/// Writes a new person.
pub(super) async fn insert<S>(
    scope: &Scope<'_>,
    _leave: &Permit<S>,
    newcomer: &Newcomer,
    kind: PersonKind,
) -> Result<PersonId> {
    let id = PersonId(scope.ids.id(scope.now));
    let row = person::Model {
        id: id.0,
        handle: newcomer.handle.clone(),
        email: newcomer.email.clone(),
        name: newcomer.name.clone(),
        kind: kind.as_str().to_owned(),
        password: newcomer.hash.clone(),
        created_at: scope.now.0,
        language: None,
        time_zone: None,
        theme: None,
    };
    person::Entity::insert(row.into_active_model()).exec_without_returning(scope.txn).await?;
    Ok(id)
}

/// Writes a person's name over itself: a write that leaves no change behind.
pub(super) async fn touch<S>(scope: &Scope<'_>, _leave: &Permit<S>, id: Uuid) -> Result<()> {
    person::Entity::update_many()
        .col_expr(person::Column::Name, Expr::col(person::Column::Name))
        .filter(person::Column::Id.eq(id))
        .exec(scope.txn)
        .await?;
    Ok(())
}

/// Writes a person's name.
pub(super) async fn rename<S>(scope: &Scope<'_>, _leave: &Permit<S>, id: Uuid, name: &str) -> Result<()> {
    person::Entity::update_many()
        .col_expr(person::Column::Name, Expr::value(name))
        .filter(person::Column::Id.eq(id))
        .exec(scope.txn)
        .await?;
    Ok(())
}

/// Writes how somebody wants to read Saima.
pub(super) async fn prefer<S>(
    scope: &Scope<'_>,
    _leave: &Permit<S>,
    id: Uuid,
    chosen: &Preferences,
) -> Result<()> {
    person::Entity::update_many()
        .col_expr(person::Column::Language, Expr::value(chosen.language.map(Language::as_str)))
        .col_expr(person::Column::TimeZone, Expr::value(chosen.time_zone.as_deref()))
        .col_expr(person::Column::Theme, Expr::value(chosen.theme.map(Theme::as_str)))
        .filter(person::Column::Id.eq(id))
        .exec(scope.txn)
        .await?;
    Ok(())
}

/// Writes the roles that the person does not hold yet.
pub(super) async fn grant<S>(
    scope: &Scope<'_>,
    _leave: &Permit<S>,
    person: PersonId,
    wanted: &[Role],
    by: Option<PersonId>,
) -> Result<()> {
    let held = roles_of(scope.txn, &[person.0]).await?.remove(&person).unwrap_or_default();
    let row = |role: &Role| role_grant::ActiveModel {
        person_id: Set(person.0),
        role: Set(role.as_str().to_owned()),
        granted_by: Set(by.map(|by| by.0)),
        granted_at: Set(scope.now.0),
    };
    let rows: Vec<_> = wanted.iter().filter(|role| !held.contains(role)).map(row).collect();
    if !rows.is_empty() {
        role_grant::Entity::insert_many(rows).exec_without_returning(scope.txn).await?;
    }
    Ok(())
}

/// Takes a role away, if the person holds it.
pub(super) async fn revoke<S>(
    scope: &Scope<'_>,
    _leave: &Permit<S>,
    person: PersonId,
    role: Role,
) -> Result<()> {
    role_grant::Entity::delete_by_id((person.0, role.as_str().to_owned())).exec(scope.txn).await?;
    Ok(())
}

/// Reads who holds `role`.
pub(crate) async fn holders(db: &impl ConnectionTrait, role: Role) -> Result<Vec<PersonId>> {
    let rows = role_grant::Entity::find().filter(role_grant::Column::Role.eq(role.as_str())).all(db).await?;
    Ok(rows.into_iter().map(|row| PersonId(row.person_id)).collect())
}

/// Reads who holds `role` and holds those rows until the transaction ends.
pub(crate) async fn lock_holders(txn: &DatabaseTransaction, role: Role) -> Result<Vec<PersonId>> {
    let rows = role_grant::Entity::find()
        .filter(role_grant::Column::Role.eq(role.as_str()))
        .order_by_asc(role_grant::Column::PersonId)
        .lock(LockType::NoKeyUpdate)
        .all(txn)
        .await?;
    Ok(rows.into_iter().map(|row| PersonId(row.person_id)).collect())
}

/// The roles of each of these persons who holds any, sorted.
pub(super) async fn roles_of(
    db: &impl ConnectionTrait,
    persons: &[Uuid],
) -> Result<HashMap<PersonId, Vec<Role>>> {
    let of_them = role_grant::Column::PersonId.is_in(persons.iter().copied());
    let mut held: HashMap<PersonId, Vec<Role>> = HashMap::new();
    for row in role_grant::Entity::find().filter(of_them).all(db).await? {
        held.entry(PersonId(row.person_id)).or_default().push(role(&row.role)?);
    }
    held.values_mut().for_each(|roles| roles.sort_unstable());
    Ok(held)
}

/// The roles of an invitation, as its row spells them.
pub(super) fn roles(names: &str) -> Result<Vec<Role>> {
    names.split(' ').filter(|name| !name.is_empty()).map(role).collect()
}

/// A role as the tables spell it.
fn role(name: &str) -> Result<Role> {
    name.parse().map_err(|_| Refusal::fault(format!("the tables hold a role '{name}'")))
}

/// A person's kind as the tables spell it.
pub(super) fn kind(row: &person::Model) -> Result<PersonKind> {
    row.kind.parse().map_err(|_| Refusal::fault(format!("the tables hold a kind of person '{}'", row.kind)))
}

/// Removes what of this person's sessions has run out.
pub(super) async fn sweep_sessions<S>(scope: &Scope<'_>, _leave: &Permit<S>, person: PersonId) -> Result<()> {
    session::Entity::delete_many()
        .filter(session::Column::PersonId.eq(person.0))
        .filter(session::Column::ExpiresAt.lte(scope.now.0))
        .exec(scope.txn)
        .await?;
    Ok(())
}

/// Removes what of this person's refresh tokens has run out.
pub(super) async fn sweep_tokens<S>(scope: &Scope<'_>, _leave: &Permit<S>, person: PersonId) -> Result<()> {
    refresh_token::Entity::delete_many()
        .filter(refresh_token::Column::PersonId.eq(person.0))
        .filter(refresh_token::Column::ExpiresAt.lte(scope.now.0))
        .exec(scope.txn)
        .await?;
    Ok(())
}

/// Writes a new invitation.
pub(super) async fn invite<S>(scope: &Scope<'_>, _leave: &Permit<S>, row: invitation::Model) -> Result<()> {
    invitation::Entity::insert(row.into_active_model()).exec_without_returning(scope.txn).await?;
    Ok(())
}

/// Reads the invitation with this digest and holds the row until the transaction ends.
pub(super) async fn lock_invitation(
    txn: &DatabaseTransaction,
    digest: &[u8],
) -> Result<Option<invitation::Model>> {
    let with_digest = invitation::Entity::find().filter(invitation::Column::Digest.eq(digest.to_vec()));
    Ok(with_digest.lock(LockType::NoKeyUpdate).one(txn).await?)
}

/// Reads the invitation with this digest.
pub(super) async fn find_invitation(
    db: &impl ConnectionTrait,
    digest: &[u8],
) -> Result<Option<invitation::Model>> {
    let with_digest = invitation::Entity::find().filter(invitation::Column::Digest.eq(digest.to_vec()));
    Ok(with_digest.one(db).await?)
}

/// Marks an invitation as used by `person`.
pub(super) async fn use_invitation<S>(
    scope: &Scope<'_>,
    _leave: &Permit<S>,
    id: Uuid,
    person: PersonId,
) -> Result<()> {
    invitation::Entity::update_many()
        .col_expr(invitation::Column::PersonId, Expr::value(person.0))
        .filter(invitation::Column::Id.eq(id))
        .exec(scope.txn)
        .await?;
    Ok(())
}

/// Writes a new session.
pub(super) async fn open_session<S>(
    scope: &Scope<'_>,
    _leave: &Permit<S>,
    row: session::Model,
) -> Result<()> {
    session::Entity::insert(row.into_active_model()).exec_without_returning(scope.txn).await?;
    Ok(())
}

/// Removes a session.
pub(super) async fn close_session<S>(scope: &Scope<'_>, _leave: &Permit<S>, id: Uuid) -> Result<()> {
    session::Entity::delete_by_id(id).exec(scope.txn).await?;
    Ok(())
}

/// Reads the session with this digest, run out or not.
pub(super) async fn find_session(db: &impl ConnectionTrait, digest: &[u8]) -> Result<Option<session::Model>> {
    let with_digest = session::Column::Digest.eq(digest.to_vec());
    Ok(session::Entity::find().filter(with_digest).one(db).await?)
}

/// Reads the refresh token with this digest, used and run out or not.
pub(super) async fn find_token(
    db: &impl ConnectionTrait,
    digest: &[u8],
) -> Result<Option<refresh_token::Model>> {
    let with_digest = refresh_token::Column::Digest.eq(digest.to_vec());
    Ok(refresh_token::Entity::find().filter(with_digest).one(db).await?)
}

/// Writes a new refresh token.
pub(super) async fn add_token<S>(
    scope: &Scope<'_>,
    _leave: &Permit<S>,
    row: refresh_token::Model,
) -> Result<()> {
    refresh_token::Entity::insert(row.into_active_model()).exec_without_returning(scope.txn).await?;
    Ok(())
}

/// Marks a refresh token as used.
pub(super) async fn use_token<S>(scope: &Scope<'_>, _leave: &Permit<S>, id: Uuid) -> Result<()> {
    refresh_token::Entity::update_many()
        .col_expr(refresh_token::Column::UsedAt, Expr::value(scope.now.0))
        .filter(refresh_token::Column::Id.eq(id))
        .exec(scope.txn)
        .await?;
    Ok(())
}

/// Removes a whole family of refresh tokens.
pub(super) async fn end_family<S>(scope: &Scope<'_>, _leave: &Permit<S>, family: Uuid) -> Result<()> {
    let of_family = refresh_token::Column::Family.eq(family);
    refresh_token::Entity::delete_many().filter(of_family).exec(scope.txn).await?;
    Ok(())
}

/// Reads one attempt bucket and holds the row until the transaction ends.
pub(super) async fn lock_bucket(txn: &DatabaseTransaction, bucket: &str) -> Result<Option<throttle::Model>> {
    Ok(throttle::Entity::find_by_id(bucket.to_owned()).lock(LockType::NoKeyUpdate).one(txn).await?)
}

/// Writes what a bucket holds now.
pub(super) async fn put_bucket<S>(
    scope: &Scope<'_>,
    _leave: &Permit<S>,
    row: throttle::Model,
    new: bool,
) -> Result<()> {
    if new {
        // No upsert: of two who begin a bucket at once, one must start over and count both.
        throttle::Entity::insert(row.into_active_model()).exec_without_returning(scope.txn).await?;
    } else {
        throttle::Entity::update_many()
            .col_expr(throttle::Column::Attempts, Expr::value(row.attempts))
            .col_expr(throttle::Column::Since, Expr::value(row.since))
            .filter(throttle::Column::Bucket.eq(row.bucket))
            .exec(scope.txn)
            .await?;
    }
    Ok(())
}

/// Empties a bucket.
pub(super) async fn drop_bucket<S>(scope: &Scope<'_>, _leave: &Permit<S>, bucket: &str) -> Result<()> {
    throttle::Entity::delete_by_id(bucket.to_owned()).exec(scope.txn).await?;
    Ok(())
}

/// Takes one attempt out of a bucket.
pub(super) async fn uncount<S>(scope: &Scope<'_>, _leave: &Permit<S>, bucket: &str) -> Result<()> {
    throttle::Entity::update_many()
        .col_expr(throttle::Column::Attempts, Expr::col(throttle::Column::Attempts).sub(1))
        .filter(throttle::Column::Bucket.eq(bucket))
        .filter(throttle::Column::Attempts.gt(0))
        .exec(scope.txn)
        .await?;
    Ok(())
}

/// Removes the buckets whose window began at `end` or earlier.
pub(super) async fn sweep_buckets<S>(scope: &Scope<'_>, _leave: &Permit<S>, end: Moment) -> Result<()> {
    let old = throttle::Column::Since.lte(end.0);
    throttle::Entity::delete_many().filter(old).exec(scope.txn).await?;
    Ok(())
}
