//! The table of erasures, and the statements that take texts and names away.
//!
//! Must never: leave a table out that a person's text can be in; a test reads the whole database.

use sea_orm::{ConnectionTrait, DbBackend, Statement, Value};
use uuid::Uuid;

use super::ERASED;
use crate::error::{Refusal, Result};
use crate::policy::{House, Permit};
use crate::store::{Scope, execute};

pub(crate) mod erasure {
    //! Erasures that were asked for; `records` is a JSON list of record ids.
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "erasure")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub person_id: Uuid,
        pub ground: String,
        pub records: String,
        pub requested_by: Uuid,
        pub requested_at: i64,
        pub approved_by: Option<Uuid>,
        pub approved_at: Option<i64>,
        pub record_id: Option<Uuid>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// What a person wrote, wherever it stands outside the books.
const WRITTEN: &[&str] = &[
    "UPDATE submission SET body = $2, links = '[]', evidence = '[]' WHERE by_id = $1",
    "UPDATE returned SET note = $2 WHERE by_id = $1",
    "UPDATE ruling SET summary = $2 WHERE ruled_by = $1",
    "UPDATE ruling_line SET reason = $2 WHERE ruling_id IN (SELECT id FROM ruling WHERE ruled_by = $1)",
    "UPDATE sheet_comment SET comment = $2 WHERE sheet_id IN (SELECT id FROM sheet WHERE judge_id = $1)",
    "UPDATE judge_conflict SET reason = $2 WHERE judge_id = $1",
    "UPDATE feedback SET body = $2 WHERE by_id = $1",
    "UPDATE appeal SET grounds = $2 WHERE by_id = $1",
    "UPDATE appeal SET answer = $2 WHERE answered_by = $1",
    "UPDATE question SET question = $2 WHERE asked_by = $1",
    "UPDATE question SET answer = $2 WHERE answered_by = $1",
    "UPDATE second_appeal SET grounds = $2 WHERE by_id = $1",
    "UPDATE second_appeal SET answer = $2 WHERE answered_by = $1",
    "UPDATE part_offer SET part = $2, purpose = $2 WHERE buyer_id = $1",
    "UPDATE amendment SET reason = $2, brief = $2, criteria = $2, old_brief = $2, old_criteria = $2 WHERE by_id = $1",
    "UPDATE entry SET name = $2 WHERE captain_id = $1",
    "UPDATE entry SET out_reason = $2 WHERE out_by = $1 AND out_reason IS NOT NULL",
    "UPDATE task SET title = $2, brief = $2, criteria = $2 WHERE poster_id = $1",
    "UPDATE person_key SET label = $2 WHERE person_id = $1",
    "UPDATE invitation SET email = $2 WHERE person_id = $1 OR email = (SELECT email FROM person WHERE id = $1)",
];

/// What is the person's alone, and goes altogether.
const OWN: &[&str] = &[
    "DELETE FROM file WHERE submission_id IN (SELECT id FROM submission WHERE by_id = $1)",
    "DELETE FROM session WHERE person_id = $1",
    "DELETE FROM refresh_token WHERE person_id = $1",
    "DELETE FROM role_grant WHERE person_id = $1",
    "DELETE FROM effort WHERE person_id = $1",
    "DELETE FROM notice WHERE person_id = $1",
    "DELETE FROM mailing WHERE person_id = $1",
    "DELETE FROM template WHERE by_id = $1",
    "DELETE FROM delivery WHERE webhook_id IN (SELECT id FROM webhook WHERE made_by = $1)",
    "DELETE FROM webhook WHERE made_by = $1",
];

/// The same texts of others, by their record.
const OF_RECORD: &[&str] = &[
    "UPDATE submission SET body = $2, links = '[]', evidence = '[]' WHERE record_id = $1",
    "UPDATE returned SET note = $2 WHERE record_id = $1",
    "UPDATE ruling SET summary = $2 WHERE record_id = $1",
    "UPDATE part_offer SET part = $2, purpose = $2 WHERE record_id = $1",
    "UPDATE question SET question = $2 WHERE question_record = $1",
    "UPDATE question SET answer = $2 WHERE answer_record = $1",
    "UPDATE ruling_line SET reason = $2 WHERE ruling_id IN (SELECT id FROM ruling WHERE record_id = $1)",
    "UPDATE task SET title = $2, brief = $2, criteria = $2 WHERE rules_record = $1",
    "UPDATE feedback SET body = $2 WHERE record_id = $1",
    "UPDATE sheet_comment SET comment = $2 WHERE sheet_id IN (SELECT id FROM sheet WHERE record_id = $1)",
    "UPDATE amendment SET reason = $2, brief = $2, criteria = $2, old_brief = $2, old_criteria = $2 WHERE record_id = $1 OR end_record_id = $1",
];

/// Takes away all that stands outside the books; answers the digests of files that nobody names any more.
pub(super) async fn wipe(
    scope: &Scope<'_>,
    _: &Permit<House>,
    person: Uuid,
    records: &[Uuid],
) -> Result<Vec<[u8; 32]>> {
    let mut files = digests(scope, "by_id", person).await?;
    for record in records {
        files.extend(digests(scope, "record_id", *record).await?);
    }
    for sql in WRITTEN {
        run(scope, sql, vec![person.into(), ERASED.into()]).await?;
    }
    for sql in OWN {
        run(scope, sql, vec![person.into()]).await?;
    }
    for record in records {
        for sql in OF_RECORD {
            run(scope, sql, vec![(*record).into(), ERASED.into()]).await?;
        }
        let sql = "DELETE FROM file WHERE submission_id IN (SELECT id FROM submission WHERE record_id = $1)";
        run(scope, sql, vec![(*record).into()]).await?;
    }
    // Digests of inputs without salt could be guessed back to their texts.
    let noise = scope.ids.salt().to_vec();
    let sql = "UPDATE command SET input = $2, outcome = 'null' WHERE asker = $1";
    run(scope, sql, vec![person.into(), noise.into()]).await?;
    unname(scope, person).await?;
    unreferenced(scope, files).await
}

/// A handle that nobody guesses and an address that can't exist; the password fits nothing.
async fn unname(scope: &Scope<'_>, person: Uuid) -> Result<()> {
    let handle = format!("erased-{}", scope.ids.handle(12));
    let email = format!("{handle}@erased.invalid");
    let sql = "UPDATE person SET name = $2, handle = $3, email = $4, password = '!', language = NULL, time_zone = NULL, theme = NULL WHERE id = $1";
    run(scope, sql, vec![person.into(), ERASED.into(), handle.into(), email.into()]).await
}

/// The files of the submissions whose `column` is this.
async fn digests(scope: &Scope<'_>, column: &str, value: Uuid) -> Result<Vec<[u8; 32]>> {
    let sql = format!(
        "SELECT DISTINCT sha256 FROM file WHERE submission_id IN (SELECT id FROM submission WHERE {column} = $1)"
    );
    let rows = scope.txn.query_all_raw(statement(scope, &sql, vec![value.into()])).await?;
    rows.into_iter()
        .map(|row| {
            let digest: Vec<u8> = row.try_get("", "sha256")?;
            digest.try_into().map_err(|_| Refusal::fault("a stored digest does not have 32 bytes"))
        })
        .collect()
}

async fn unreferenced(scope: &Scope<'_>, files: Vec<[u8; 32]>) -> Result<Vec<[u8; 32]>> {
    let mut gone = Vec::with_capacity(files.len());
    for digest in files {
        let sql = "SELECT 1 AS one FROM file WHERE sha256 = $1 LIMIT 1";
        let named = scope.txn.query_one_raw(statement(scope, sql, vec![digest.to_vec().into()])).await?;
        if named.is_none() {
            gone.push(digest);
        }
    }
    Ok(gone)
}

async fn run(scope: &Scope<'_>, sql: &str, values: Vec<Value>) -> Result<()> {
    execute(scope.txn, statement(scope, sql, values)).await.map(drop)
}

fn statement(scope: &Scope<'_>, sql: &str, values: Vec<Value>) -> Statement {
    let backend = scope.txn.get_database_backend();
    let sql = if backend == DbBackend::Sqlite { sql.replace('$', "?") } else { sql.to_owned() };
    Statement::from_sql_and_values(backend, sql, values)
}
