//! A database for each test: an SQLite file, or a copy of a PostgreSQL template that is migrated once.
//!
//! Must never: skip the PostgreSQL half because there is none.

use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};

use market::Migrate;
use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DbErr};
use sha2::{Digest, Sha256};
use tempfile::TempDir;

/// Which database a story is played on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Db {
    /// A file of its own.
    Sqlite,
    /// A database of its own on the server of `TEST_POSTGRES`.
    Postgres,
}

/// A database that nobody else has, and a folder for files.
pub struct Fresh {
    /// Its address.
    pub url: String,
    /// A folder that goes when this goes.
    pub folder: TempDir,
    postgres: Option<String>,
}

/// Brings tables up to date, as the program does.
pub struct Tables;

impl Migrate for Tables {
    async fn up(db: &DatabaseConnection) -> Result<(), DbErr> {
        migrations::up(db).await
    }
}

static NEXT: AtomicU32 = AtomicU32::new(0);

impl Fresh {
    /// Makes one.
    pub async fn make(db: Db) -> Self {
        let folder = tempfile::tempdir().unwrap();
        match db {
            Db::Sqlite => {
                let url = format!("sqlite://{}?mode=rwc", folder.path().join("saima.db").display());
                Self { url, folder, postgres: None }
            }
            Db::Postgres => {
                let name =
                    format!("saima_test_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::SeqCst));
                let server = connect(&server()).await;
                let template = template(&server).await;
                run(&server, &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await;
                run(&server, &format!("CREATE DATABASE {name} TEMPLATE {template}")).await;
                server.close().await.unwrap();
                Self { url: address_of(&name), folder, postgres: Some(name) }
            }
        }
    }

    /// A PostgreSQL database without tables, or an SQLite file that is not there yet.
    pub async fn without_tables(db: Db) -> Self {
        let fresh = Self::make(db).await;
        if let Some(name) = &fresh.postgres {
            let server = connect(&server()).await;
            run(&server, &format!("DROP DATABASE {name} WITH (FORCE)")).await;
            run(&server, &format!("CREATE DATABASE {name}")).await;
            server.close().await.unwrap();
        }
        fresh
    }

    /// The folder for files.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// A connection past the market, for tests of what the tables guard by themselves.
    pub async fn connect(&self) -> DatabaseConnection {
        connect(&self.url).await
    }

    /// Takes the database away.
    pub async fn drop(self) {
        if let Some(name) = &self.postgres {
            let server = connect(&server()).await;
            run(&server, &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await;
            server.close().await.unwrap();
        }
    }
}

fn server() -> String {
    std::env::var("TEST_POSTGRES").unwrap_or_else(|_| {
        panic!("TEST_POSTGRES is not set: run the tests by tests/run, which brings a PostgreSQL of its own")
    })
}

/// The server's address with another database at its end.
fn address_of(name: &str) -> String {
    let server = server();
    let (base, _) = server.rsplit_once('/').unwrap();
    format!("{base}/{name}")
}

async fn connect(url: &str) -> DatabaseConnection {
    let mut options = ConnectOptions::new(url);
    options.max_connections(1).sqlx_logging(false);
    Database::connect(options).await.unwrap()
}

async fn run(db: &DatabaseConnection, sql: &str) {
    db.execute_unprepared(sql).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
}

/// The template of this set of migrations, made by whoever comes first. The one connection holds the
/// lock, so that the targets of one run don't make it twice.
async fn template(server: &DatabaseConnection) -> String {
    let steps = Path::new(env!("CARGO_MANIFEST_DIR")).join("../migrations/src/sql");
    let mut files: Vec<_> = std::fs::read_dir(steps).unwrap().map(|file| file.unwrap().path()).collect();
    files.sort();
    let mut digest = Sha256::new();
    files.iter().for_each(|file| digest.update(std::fs::read(file).unwrap()));
    let name = format!("saima_template_{}", &hex::encode(digest.finalize())[..16]);

    run(server, "SELECT pg_advisory_lock(72657)").await;
    let there = server
        .query_one_raw(statement(format!(
            "SELECT 1 AS one FROM pg_database WHERE datname = '{name}' AND datistemplate"
        )))
        .await
        .unwrap();
    if there.is_none() {
        run(server, &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await;
        run(server, &format!("CREATE DATABASE {name}")).await;
        let db = connect(&address_of(&name)).await;
        migrations::up(&db).await.unwrap();
        db.close().await.unwrap();
        run(server, &format!("ALTER DATABASE {name} IS_TEMPLATE true")).await;
    }
    run(server, "SELECT pg_advisory_unlock(72657)").await;
    name
}

fn statement(sql: String) -> sea_orm::Statement {
    sea_orm::Statement::from_string(sea_orm::DbBackend::Postgres, sql)
}
