//! Many rows in one statement, on either database.
//!
//! Promises: a handful of statement texts whatever the number of rows, so that the database prepares each
//! of them once; on PostgreSQL a column travels as one array. Must never: decide anything.

use std::fmt::Write as _;

use sea_orm::sea_query::ArrayType;
use sea_orm::{ConnectionTrait, DbBackend, DbErr, QueryResult, Statement, Value};
use uuid::Uuid;

/// Rows in one statement on SQLite, from the most down to one.
const CHUNKS: [usize; 5] = [256, 64, 16, 4, 1];

/// The values of one column.
pub(crate) enum Cells {
    /// Ids.
    Ids(Vec<Uuid>),
    /// Ids that may be missing; the nil id stands for none.
    MaybeIds(Vec<Option<Uuid>>),
    /// Whole numbers.
    Numbers(Vec<i64>),
    /// Texts.
    Texts(Vec<String>),
    /// Bytes.
    Bytes(Vec<Vec<u8>>),
}

impl Cells {
    fn len(&self) -> usize {
        match self {
            Self::Ids(values) => values.len(),
            Self::MaybeIds(values) => values.len(),
            Self::Numbers(values) => values.len(),
            Self::Texts(values) => values.len(),
            Self::Bytes(values) => values.len(),
        }
    }

    /// What PostgreSQL calls an array of it.
    fn array(&self) -> &'static str {
        match self {
            Self::Ids(_) | Self::MaybeIds(_) => "uuid[]",
            Self::Numbers(_) => "bigint[]",
            Self::Texts(_) => "text[]",
            Self::Bytes(_) => "bytea[]",
        }
    }

    fn into_array(self) -> Value {
        let nil = |id: Option<Uuid>| Value::from(id.unwrap_or_default());
        let (kind, values): (_, Vec<Value>) = match self {
            Self::Ids(values) => (ArrayType::Uuid, values.into_iter().map(Value::from).collect()),
            Self::MaybeIds(values) => (ArrayType::Uuid, values.into_iter().map(nil).collect()),
            Self::Numbers(values) => (ArrayType::BigInt, values.into_iter().map(Value::from).collect()),
            Self::Texts(values) => (ArrayType::String, values.into_iter().map(Value::from).collect()),
            Self::Bytes(values) => (ArrayType::Bytes, values.into_iter().map(Value::from).collect()),
        };
        Value::Array(kind, Some(Box::new(values)))
    }

    fn into_values(self) -> Box<dyn Iterator<Item = Value> + Send> {
        match self {
            Self::Ids(values) => Box::new(values.into_iter().map(Value::from)),
            Self::MaybeIds(values) => Box::new(values.into_iter().map(Value::from)),
            Self::Numbers(values) => Box::new(values.into_iter().map(Value::from)),
            Self::Texts(values) => Box::new(values.into_iter().map(Value::from)),
            Self::Bytes(values) => Box::new(values.into_iter().map(Value::from)),
        }
    }
}

/// Rows to hand to a statement, in which `{rows}` stands for them: a table called `given`.
pub(crate) struct Rows(pub(crate) Vec<(&'static str, Cells)>);

impl Rows {
    fn len(&self) -> usize {
        self.0.first().map_or(0, |(_, column)| column.len())
    }

    /// Runs `sql`; answers how many rows it changed. Does nothing when no rows are given.
    pub(crate) async fn execute(self, db: &impl ConnectionTrait, sql: &str) -> Result<u64, DbErr> {
        let mut changed = 0;
        for statement in self.statements(db.get_database_backend(), sql) {
            changed += db.execute_raw(statement).await?.rows_affected();
        }
        Ok(changed)
    }

    /// Runs `sql` and answers what it found; the order holds within one statement only.
    pub(crate) async fn query(self, db: &impl ConnectionTrait, sql: &str) -> Result<Vec<QueryResult>, DbErr> {
        let mut found = Vec::new();
        for statement in self.statements(db.get_database_backend(), sql) {
            found.append(&mut db.query_all_raw(statement).await?);
        }
        Ok(found)
    }

    fn statements(self, backend: DbBackend, sql: &str) -> Vec<Statement> {
        if self.len() == 0 {
            return Vec::new();
        }
        if backend == DbBackend::Postgres {
            return vec![arrays(sql, vec![self])];
        }
        let names: Vec<&str> = self.0.iter().map(|(name, _)| *name).collect();
        let mut left = self.len();
        let mut columns: Vec<_> = self.0.into_iter().map(|(_, column)| column.into_values()).collect();
        let mut statements = Vec::new();
        while let Some(count) = CHUNKS.into_iter().find(|count| *count <= left) {
            left -= count;
            let values: Vec<Value> = (0..count)
                .flat_map(|_| columns.iter_mut().filter_map(Iterator::next).collect::<Vec<_>>())
                .collect();
            let sql = sql.replace("{rows}", &values_clause(&names, count));
            statements.push(Statement::from_sql_and_values(backend, sql, values));
        }
        statements
    }
}

/// One statement of PostgreSQL with several sets of rows: `{rows}` stands for them one after another.
pub(crate) fn arrays(sql: &str, sets: Vec<Rows>) -> Statement {
    let mut text = sql.to_owned();
    let mut values = Vec::new();
    for set in sets {
        let (mut picked, mut arrays, mut names) = (String::new(), String::new(), String::new());
        for (name, column) in set.0 {
            let comma = if names.is_empty() { "" } else { ", " };
            let number = values.len() + 1;
            let _infallible = match column {
                Cells::MaybeIds(_) => {
                    write!(picked, "{comma}NULLIF({name}, '{}'::uuid) AS {name}", Uuid::nil())
                }
                _ => write!(picked, "{comma}{name}"),
            };
            let _infallible = write!(arrays, "{comma}${number}::{}", column.array());
            let _infallible = write!(names, "{comma}{name}");
            values.push(column.into_array());
        }
        let given = format!("(SELECT {picked} FROM UNNEST({arrays}) AS u ({names})) AS given");
        text = text.replacen("{rows}", &given, 1);
    }
    Statement::from_sql_and_values(DbBackend::Postgres, text, values)
}

/// `(SELECT column1 AS id, … FROM (VALUES (?, …), …)) AS given`, as SQLite names the columns of values.
fn values_clause(names: &[&str], count: usize) -> String {
    let picked: Vec<String> =
        names.iter().enumerate().map(|(at, name)| format!("column{} AS {name}", at + 1)).collect();
    let row = format!("({})", vec!["?"; names.len()].join(", "));
    format!("(SELECT {} FROM (VALUES {})) AS given", picked.join(", "), vec![row; count].join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(count: usize) -> Rows {
        let numbers = (0..i64::try_from(count).unwrap()).collect();
        Rows(vec![("id", Cells::Ids(vec![Uuid::nil(); count])), ("seq", Cells::Numbers(numbers))])
    }

    #[test]
    fn sqlite_sees_few_texts_and_every_value_once_in_order() {
        let statements = rows(333).statements(DbBackend::Sqlite, "INSERT INTO t SELECT * FROM {rows}");
        let texts: std::collections::BTreeSet<usize> = statements.iter().map(|one| one.sql.len()).collect();
        assert_eq!((statements.len(), texts.len()), (6, 4), "256, 64, three times 4, 1");
        let numbers: Vec<i64> = statements
            .into_iter()
            .flat_map(|one| one.values.unwrap().0)
            .filter_map(|value| if let Value::BigInt(number) = value { number } else { None })
            .collect();
        assert_eq!(numbers, (0..333).collect::<Vec<_>>());
    }

    #[test]
    fn postgres_gets_one_array_a_column_whatever_the_number_of_rows() {
        let one = arrays("A {rows} B {rows}", vec![rows(5), rows(1)]);
        assert!(one.sql.contains("UNNEST($1::uuid[], $2::bigint[]) AS u (id, seq)"), "{}", one.sql);
        assert!(one.sql.contains("UNNEST($3::uuid[], $4::bigint[]) AS u (id, seq)"), "{}", one.sql);
        assert_eq!(one.values.unwrap().0.len(), 4);
    }

    #[test]
    fn no_rows_are_no_statement() {
        assert!(rows(0).statements(DbBackend::Postgres, "x {rows}").is_empty());
        assert!(rows(0).statements(DbBackend::Sqlite, "x {rows}").is_empty());
    }
}
