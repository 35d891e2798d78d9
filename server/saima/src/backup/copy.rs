//! Copying every table between PostgreSQL and SQLite.
//!
//! Promises: all tables are read in one snapshot and written in one database transaction; a row goes over
//! value by value, so both databases mean the same. The guards of the tables, which judge rows as a market
//! writes them, rest in PostgreSQL meanwhile: whoever calls has all books verified afterwards. Must never:
//! know a table by name, but for the order in which the books are written.

use std::collections::{BTreeMap, BTreeSet};

use futures::TryStreamExt as _;
use sea_orm::{
    AccessMode, ConnectionTrait, DatabaseConnection, DbBackend, DbErr, IsolationLevel, QueryResult,
    Statement, TransactionTrait as _, Value,
};
use uuid::Uuid;

use super::Failure;

/// Most values in one statement.
const VALUES: usize = 5_000;

/// A column, by the type that PostgreSQL has for it.
struct Column {
    name: String,
    kind: Kind,
}

enum Kind {
    Uuid,
    Bytes,
    Text,
    Number,
    Truth,
}

impl Kind {
    fn of(name: &str) -> Result<Self, Failure> {
        Ok(match name {
            "uuid" => Self::Uuid,
            "bytea" => Self::Bytes,
            "text" => Self::Text,
            "bigint" => Self::Number,
            "boolean" => Self::Truth,
            other => return Err(format!("no backup of a column of type {other}").into()),
        })
    }

    fn read(&self, row: &QueryResult, name: &str) -> Result<Value, DbErr> {
        Ok(match self {
            Self::Uuid => Value::from(row.try_get::<Option<Uuid>>("", name)?),
            Self::Bytes => Value::from(row.try_get::<Option<Vec<u8>>>("", name)?),
            Self::Text => Value::from(row.try_get::<Option<String>>("", name)?),
            Self::Number => Value::from(row.try_get::<Option<i64>>("", name)?),
            Self::Truth => Value::from(row.try_get::<Option<bool>>("", name)?),
        })
    }
}

/// Copies all tables from one database to the other, which has them and holds no row. One of the two is
/// PostgreSQL, the other SQLite.
///
/// # Errors
/// When either fails, or they do not have the same tables.
pub(super) async fn tables(from: &DatabaseConnection, to: &DatabaseConnection) -> Result<(), Failure> {
    let (postgres, sqlite) =
        if from.get_database_backend() == DbBackend::Postgres { (from, to) } else { (to, from) };
    let order = order(sqlite).await?;
    let mut columns = columns(postgres).await?;
    let source = if from.get_database_backend() == DbBackend::Postgres {
        from.begin_with_config(Some(IsolationLevel::RepeatableRead), Some(AccessMode::ReadOnly)).await?
    } else {
        from.begin().await?
    };
    let target = to.begin().await?;
    if to.get_database_backend() == DbBackend::Sqlite {
        target.execute_unprepared("PRAGMA defer_foreign_keys = ON").await?;
    }
    guards(&target, &order, "DISABLE").await?;
    for table in &order {
        let columns = columns.remove(table).ok_or_else(|| format!("there is no table {table}"))?;
        copy_table(&source, &target, table, &columns).await?;
    }
    guards(&target, &order, "ENABLE").await?;
    if let Some(table) = columns.keys().next() {
        return Err(format!("there is a table {table} in one database only").into());
    }
    target.commit().await?;
    source.rollback().await?;
    Ok(())
}

/// Lets the tables' own triggers rest, or wakes them; foreign keys are checked all the same. In SQLite they
/// never rest: there they judge a record once its postings are there, in whatever order those came.
async fn guards(
    target: &sea_orm::DatabaseTransaction,
    tables: &[String],
    change: &str,
) -> Result<(), Failure> {
    if target.get_database_backend() == DbBackend::Postgres {
        target.execute_unprepared("SET CONSTRAINTS ALL IMMEDIATE").await?;
        for table in tables {
            target.execute_unprepared(&format!("ALTER TABLE \"{table}\" {change} TRIGGER USER")).await?;
        }
    }
    Ok(())
}

async fn copy_table(
    source: &sea_orm::DatabaseTransaction,
    target: &sea_orm::DatabaseTransaction,
    table: &str,
    columns: &[Column],
) -> Result<(), Failure> {
    let names = columns.iter().map(|column| format!("\"{}\"", column.name)).collect::<Vec<_>>().join(", ");
    let select = format!("SELECT {names} FROM \"{table}\"");
    let select = Statement::from_string(source.get_database_backend(), select);
    let mut rows = sea_orm::StreamTrait::stream_raw(source, select).await?;
    let most = VALUES / columns.len().max(1);
    let mut values = Vec::with_capacity(most * columns.len());
    while let Some(row) = rows.try_next().await? {
        for column in columns {
            values.push(column.kind.read(&row, &column.name)?);
        }
        if values.len() >= most * columns.len() {
            insert(target, table, &names, columns.len(), std::mem::take(&mut values)).await?;
        }
    }
    if values.is_empty() { Ok(()) } else { insert(target, table, &names, columns.len(), values).await }
}

async fn insert(
    target: &sea_orm::DatabaseTransaction,
    table: &str,
    names: &str,
    width: usize,
    values: Vec<Value>,
) -> Result<(), Failure> {
    let backend = target.get_database_backend();
    let mut number = 0;
    let mut mark = || {
        number += 1;
        if backend == DbBackend::Postgres { format!("${number}") } else { "?".to_owned() }
    };
    let mut row = || format!("({})", (0..width).map(|_| mark()).collect::<Vec<_>>().join(", "));
    let rows = (0..values.len() / width).map(|_| row()).collect::<Vec<_>>().join(", ");
    let sql = format!("INSERT INTO \"{table}\" ({names}) VALUES {rows}");
    target.execute_raw(Statement::from_sql_and_values(backend, sql, values)).await?;
    Ok(())
}

/// The columns of every table of ours, by PostgreSQL's catalogue.
async fn columns(postgres: &DatabaseConnection) -> Result<BTreeMap<String, Vec<Column>>, Failure> {
    let sql = "SELECT table_name::text AS table_name, column_name::text AS column_name, data_type::text AS data_type
        FROM information_schema.columns
        WHERE table_schema = current_schema() AND table_name <> 'seaql_migrations'
        ORDER BY table_name, ordinal_position";
    let mut columns: BTreeMap<String, Vec<Column>> = BTreeMap::new();
    for row in postgres.query_all_raw(Statement::from_string(DbBackend::Postgres, sql)).await? {
        let kind = Kind::of(&row.try_get::<String>("", "data_type")?)?;
        let column = Column { name: row.try_get("", "column_name")?, kind };
        columns.entry(row.try_get("", "table_name")?).or_default().push(column);
    }
    Ok(columns)
}

/// The tables in an order in which their rows can be written: what is referred to comes first, and postings
/// and texts before the records that take no more of them.
async fn order(sqlite: &DatabaseConnection) -> Result<Vec<String>, Failure> {
    let sql = "SELECT name FROM sqlite_master WHERE type = 'table' AND name <> 'seaql_migrations' AND name NOT LIKE 'sqlite%' ORDER BY name";
    let mut needs: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for row in sqlite.query_all_raw(Statement::from_string(DbBackend::Sqlite, sql)).await? {
        let table: String = row.try_get("", "name")?;
        let refers = format!("SELECT DISTINCT \"table\" AS other FROM pragma_foreign_key_list('{table}')");
        let mut wanted = BTreeSet::new();
        for row in sqlite.query_all_raw(Statement::from_string(DbBackend::Sqlite, refers)).await? {
            wanted.insert(row.try_get::<String>("", "other")?);
        }
        wanted.remove(&table);
        needs.insert(table, wanted);
    }
    for before in ["posting", "disclosure"] {
        needs.entry(before.to_owned()).or_default().remove("record");
        needs.entry("record".to_owned()).or_default().insert(before.to_owned());
    }
    let mut order = Vec::with_capacity(needs.len());
    while !needs.is_empty() {
        let free = needs.iter().find(|(_, wanted)| wanted.is_empty()).map(|(table, _)| table.clone());
        let free = free.ok_or("the tables refer to one another in a circle")?;
        needs.remove(&free);
        needs.values_mut().for_each(|wanted| {
            wanted.remove(&free);
        });
        order.push(free);
    }
    Ok(order)
}
