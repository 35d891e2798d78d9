//! The tables over time.
//!
//! Promises: each step runs whole or not at all, in the order of [`Migrator::migrations`], and the same
//! steps serve SQLite and PostgreSQL; what is published is never edited, a change is a new step.
//! Must never: depend on a crate of ours, or change a record of the ledger.

pub use sea_orm_migration::prelude::MigratorTrait;
use sea_orm_migration::prelude::{DbErr, MigrationTrait};
use sea_orm_migration::sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, Statement};
use sea_orm_migration::{MigrationName, SchemaManager};

/// Every step, oldest first.
#[derive(Debug)]
pub struct Migrator;

/// Name and SQL of each step, oldest first.
const STEPS: &[(&str, &str)] = &[
    ("m0001_people", include_str!("sql/m0001_people.sql")),
    ("m0002_books", include_str!("sql/m0002_books.sql")),
    ("m0003_market", include_str!("sql/m0003_market.sql")),
    ("m0004_bulk", include_str!("sql/m0004_bulk.sql")),
    ("m0006_witnesses", include_str!("sql/m0006_witnesses.sql")),
    ("m0007_epochs", include_str!("sql/m0007_epochs.sql")),
    ("m0008_erasure", include_str!("sql/m0008_erasure.sql")),
    ("m0009_keys", include_str!("sql/m0009_keys.sql")),
    ("m0011_notices", include_str!("sql/m0011_notices.sql")),
    ("m0012_webhooks", include_str!("sql/m0012_webhooks.sql")),
    ("m0013_clock", include_str!("sql/m0013_clock.sql")),
    ("m0014_entries", include_str!("sql/m0014_entries.sql")),
    ("m0019_doors", include_str!("sql/m0019_doors.sql")),
    ("m0016_boards", include_str!("sql/m0016_boards.sql")),
    ("m0015_panels", include_str!("sql/m0015_panels.sql")),
    ("m0020_feedback", include_str!("sql/m0020_feedback.sql")),
    ("m0017_evidence", include_str!("sql/m0017_evidence.sql")),
    ("m0018_stages", include_str!("sql/m0018_stages.sql")),
    ("m0022_questions", include_str!("sql/m0022_questions.sql")),
    ("m0021_votes", include_str!("sql/m0021_votes.sql")),
    ("m0023_templates", include_str!("sql/m0023_templates.sql")),
    ("m0026_events", include_str!("sql/m0026_events.sql")),
    ("m0028_parts", include_str!("sql/m0028_parts.sql")),
    ("m0027_amendments", include_str!("sql/m0027_amendments.sql")),
    ("m0029_invitations", include_str!("sql/m0029_invitations.sql")),
    ("m0030_costs", include_str!("sql/m0030_costs.sql")),
    ("m0031_lists", include_str!("sql/m0031_lists.sql")),
    ("m0032_preferences", include_str!("sql/m0032_preferences.sql")),
];

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        STEPS.iter().map(|&(name, sql)| Box::new(Step { name, sql }) as Box<dyn MigrationTrait>).collect()
    }
}

/// Applies what is missing.
///
/// # Errors
/// When the database has a step that this program does not know, when a step fails, or when another server is
/// applying steps at this moment: try again.
pub async fn up(db: &DatabaseConnection) -> Result<(), DbErr> {
    if let Some(step) = newer(db).await? {
        return Err(DbErr::Migration(format!(
            "the database is newer than this program, which does not know its step {step}: \
             start the newer program, or restore a backup that this version made"
        )));
    }
    Migrator::up(db, None).await
}

/// A step of a later version that the database has been through.
async fn newer(db: &DatabaseConnection) -> Result<Option<String>, DbErr> {
    const DONE: &str = "seaql_migrations";
    if !SchemaManager::new(db).has_table(DONE).await? {
        return Ok(None);
    }
    let asked = format!("SELECT version FROM {DONE} ORDER BY version DESC");
    let rows = db.query_all_raw(Statement::from_string(db.get_database_backend(), asked)).await?;
    for row in rows {
        let step: String = row.try_get("", "version")?;
        if !STEPS.iter().any(|(name, _)| *name == step) {
            return Ok(Some(step));
        }
    }
    Ok(None)
}

struct Step {
    name: &'static str,
    sql: &'static str,
}

impl MigrationName for Step {
    fn name(&self) -> &str {
        self.name
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Step {
    #[allow(elided_lifetimes_in_paths, reason = "async_trait compares lifetimes as the trait spells them")]
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let db = manager.get_connection();
        db.execute_unprepared(&for_backend(self.sql, db.get_database_backend())).await?;
        Ok(())
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

/// Spells the step in the database's own words: `{bytes}` and `{uuid}` are types, `{strict}` ends a
/// table, and lines between `--sqlite`, `--postgres` and `--all` are for that database alone.
fn for_backend(sql: &str, backend: DbBackend) -> String {
    let sqlite = backend == DbBackend::Sqlite;
    let mut here = true;
    let mut out = String::with_capacity(sql.len());
    for line in sql.lines() {
        match line.trim() {
            "--sqlite" => here = sqlite,
            "--postgres" => here = !sqlite,
            "--all" => here = true,
            _ if here => {
                out.push_str(line);
                out.push('\n');
            }
            _ => {}
        }
    }
    let words = if sqlite {
        [
            ("{bytes}", "BLOB"),
            ("{uuid}", "BLOB"),
            ("{bigint}", "INTEGER"),
            ("{bool}", "INTEGER"),
            ("{strict}", "STRICT"),
        ]
    } else {
        [
            ("{bytes}", "BYTEA"),
            ("{uuid}", "UUID"),
            ("{bigint}", "BIGINT"),
            ("{bool}", "BOOLEAN"),
            ("{strict}", ""),
        ]
    };
    words.iter().fold(out, |text, (word, spelling)| text.replace(word, spelling))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_database_gets_its_own_words_and_no_placeholder_is_left() {
        for &(name, sql) in STEPS {
            for backend in [DbBackend::Sqlite, DbBackend::Postgres] {
                let spelled = for_backend(sql, backend);
                assert!(!spelled.contains(['{', '}']), "{name} on {backend:?}");
            }
        }
    }
}
