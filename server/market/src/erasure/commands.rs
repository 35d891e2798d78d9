//! Asking for an erasure, and approving it.
//!
//! Promises: nothing goes before somebody else than the one who asked has approved; it then goes at once, in
//! one database transaction with the record that says so. Must never: erase the last admin.

use ledger::RecordId;
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::LockType;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, IntoActiveModel as _, QueryFilter, QuerySelect,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::tables::{self, erasure};
use crate::actor::{Actor, Role};
use crate::books;
use crate::error::{Code, Problems, Refusal, Result};
use crate::ids::{ErasureId, PersonId};
use crate::market::Market;
use crate::notice::{Event, Kind, notify};
use crate::person;
use crate::policy::{Act, House, permit};
use crate::store::{Command, IdempotencyKey, Scope, must};
use crate::text;

/// Most records that can be named besides the person's own.
const MOST_RECORDS: usize = 100;

impl Market {
    /// Approves an erasure: the texts and names go at once. Answers the record that says so.
    ///
    /// # Errors
    /// [`Refusal::NotFound`]; [`Code::SecondPerson`] for who asked for it or whom it is about;
    /// [`Code::LastAdmin`]; what [`Market::run_once`] refuses.
    pub async fn approve_erasure(
        &self,
        asker: &Actor,
        key: IdempotencyKey,
        id: ErasureId,
    ) -> Result<RecordId> {
        let Erased { record, files } = self.run_once(asker, key, ApproveErasure { erasure: id }).await?;
        for digest in &files {
            self.files().forget(digest).await?;
        }
        books::forget_old_pages(self.store()).await?;
        Ok(books::record_id(record))
    }
}

/// Asks for the erasure of a person's texts and names. Somebody else approves it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RequestErasure {
    /// Whose.
    pub person: PersonId,
    /// On what ground, for everybody inside to read on the record: at most 500 characters, no names.
    pub ground: String,
    /// Records whose texts are about the person though others wrote them, such as a ruling; at most 100.
    pub records: Vec<Uuid>,
}

impl Command for RequestErasure {
    type Output = ErasureId;
    const ACT: Act = Act::RequestErasure;

    async fn run(&self, asker: &Actor, scope: &Scope<'_>) -> Result<ErasureId> {
        let asker = person::fresh(scope.txn, asker).await?;
        let leave = permit(&asker, Self::ACT, &House)?;
        let by = leave.by().ok_or(Refusal::Unauthenticated)?;
        let mut problems = Problems::default();
        let ground = text::prose(&mut problems, "ground", &self.ground, 500);
        problems.check(
            self.records.len() > MOST_RECORDS,
            "records",
            Code::TooManyItems { max: MOST_RECORDS },
        );
        problems.done()?;
        if person::known(scope.txn, &[self.person]).await?.is_empty() {
            return Err(Refusal::on("person", Code::NoSuchPerson));
        }
        if !books::all_there(scope.txn, &self.records).await? {
            return Err(Refusal::on("records", Code::BadId));
        }
        let open = erasure::Entity::find()
            .filter(erasure::Column::PersonId.eq(self.person.0))
            .filter(erasure::Column::ApprovedAt.is_null());
        if open.one(scope.txn).await?.is_some() {
            return Err(Refusal::on("person", Code::ErasureAsked));
        }
        let id = scope.ids.id(scope.now);
        let row = erasure::Model {
            id,
            person_id: self.person.0,
            ground,
            records: serde_json::to_string(&self.records)?,
            requested_by: by.0,
            requested_at: scope.now.0,
            approved_by: None,
            approved_at: None,
            record_id: None,
        };
        erasure::Entity::insert(row.into_active_model()).exec_without_returning(scope.txn).await?;
        let mut others = person::tables::holders(scope.txn, Role::Admin).await?;
        others.extend(person::tables::holders(scope.txn, Role::Auditor).await?);
        others.retain(|other| *other != self.person);
        notify(scope, Event::of(&leave, Kind::ErasureAsked).to(others)).await?;
        Ok(ErasureId(id))
    }
}

/// Approves one. See [`Market::approve_erasure`].
#[derive(Debug, Serialize)]
struct ApproveErasure {
    erasure: ErasureId,
}

/// What went.
#[derive(Debug, Serialize, Deserialize)]
struct Erased {
    record: Uuid,
    files: Vec<[u8; 32]>,
}

impl Command for ApproveErasure {
    type Output = Erased;
    const ACT: Act = Act::ApproveErasure;

    async fn run(&self, asker: &Actor, scope: &Scope<'_>) -> Result<Erased> {
        let admins = person::tables::lock_holders(scope.txn, Role::Admin).await?;
        let asker = person::fresh(scope.txn, asker).await?;
        let leave = permit(&asker, Self::ACT, &House)?;
        let by = leave.by().ok_or(Refusal::Unauthenticated)?;
        let wanted = erasure::Entity::find_by_id(self.erasure.0).lock(LockType::NoKeyUpdate);
        let row = must(wanted.one(scope.txn).await?.filter(|row| row.approved_at.is_none()))?;
        if by.0 == row.requested_by || by.0 == row.person_id {
            return Err(Refusal::because(Code::SecondPerson));
        }
        if admins == [PersonId(row.person_id)] {
            return Err(Refusal::because(Code::LastAdmin));
        }
        if scope.txn.get_database_backend() == DbBackend::Sqlite {
            // What is deleted is written over, not only unlinked.
            scope.txn.execute_unprepared("PRAGMA secure_delete = ON").await?;
        }
        let records: Vec<Uuid> = serde_json::from_str(&row.records)?;
        let said = format!(
            "saima-erasure/v1\nground: {}\nrequested by: {}\napproved by: {by}\n",
            row.ground.replace('\n', " "),
            row.requested_by
        );
        let record = books::erase(scope, &leave, PersonId(row.person_id), &records, said).await?;
        let record = books::record_uuid(record);
        let files = tables::wipe(scope, &leave, row.person_id, &records).await?;
        let mut row = row.into_active_model();
        row.approved_by = Set(Some(by.0));
        row.approved_at = Set(Some(scope.now.0));
        row.record_id = Set(Some(record));
        erasure::Entity::update(row).exec(scope.txn).await?;
        Ok(Erased { record, files })
    }
}
