//! The one door for writes.
//!
//! Promises: a [`Command`] runs inside one database transaction and leaves everything or nothing; a
//! command with an idempotency key has one effect and one answer, for ever; on SQLite the commands
//! that wait together share one transaction and one fsync, each in a savepoint of its own; on
//! PostgreSQL a command that lost a race between transactions (40001, 40P01) runs again; hot commands of
//! one kind ([`Bulk`]) that wait together are loaded, decided and written together on both.
//! Must never: let anything but this file begin or commit.

mod batch;
mod idempotency;
mod lanes;
pub(crate) mod rows;
pub mod settle_in;

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use sea_orm::sea_query::{LockType, SelectStatement};
use sea_orm::{
    AccessMode, ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DatabaseTransaction,
    DbBackend, DbErr, IsolationLevel, TransactionTrait,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::sync::Notify;
use tracing::Instrument as _;

use crate::actor::Actor;
use crate::clock::{Clock, Moment};
use crate::error::{Refusal, Result};
use crate::ids::Ids;
use crate::memo;
use crate::policy::Act;
use crate::signing::Attested;

pub use idempotency::IdempotencyKey;
pub(crate) use lanes::alone;
pub use lanes::{Asked, Bulk, Many};

/// One write: the input is the value itself, the rest is [`Command::run`]: load, permit, decide, write.
pub trait Command: Serialize + Sized + Send + Sync + 'static {
    /// What is answered, and answered again when the same key comes back.
    type Output: Serialize + DeserializeOwned + Send + Sync + 'static;
    /// What the policy calls it; also the name that idempotency keys are bound to.
    const ACT: Act;
    /// Set for a hot command: calls that wait at the same moment are run together.
    const MANY: Option<Many<Self>> = None;

    /// Does it. May run more than once, each time on a clean slate.
    fn run(&self, asker: &Actor, scope: &Scope<'_>) -> impl Future<Output = Result<Self::Output>> + Send;
}

/// What a command may use: its transaction, the time, and chance.
pub struct Scope<'t> {
    /// The transaction that everything must go through.
    pub txn: &'t DatabaseTransaction,
    /// The instant that the command is decided at: one for the whole command. What the clock does is decided at
    /// the instant at which it was due, however late that is done.
    pub now: Moment,
    /// The present instant, which records bear.
    pub(crate) present: Moment,
    /// Where ids and salts come from.
    pub ids: &'t dyn Ids,
    /// What the asker signed for this command, checked; every record that it posts carries it.
    pub signed: Option<&'t Attested>,
    /// False after an alarm: what is posted then waits, until the books are found in order again.
    pub(crate) seals: bool,
    /// Whether anybody can be told anything: by mail, or by a webhook.
    pub(crate) tells: bool,
    /// Whether the installation can send mail.
    pub(crate) mails: bool,
}

/// The database behind the market.
#[derive(Clone)]
pub struct Store {
    reads: DatabaseConnection,
    writes: Writes,
    lanes: lanes::Lanes,
    tools: Tools,
    asked: Arc<AtomicU64>,
}

/// The clock, chance, the bell that wakes the sealer after a commit, whether it raised an alarm, whether
/// notices are written, and until when the books need not be looked at again.
#[derive(Clone)]
struct Tools {
    clock: Arc<dyn Clock>,
    ids: Arc<dyn Ids>,
    bell: Arc<Notify>,
    alarm: Arc<AtomicBool>,
    tells: Arc<AtomicBool>,
    mails: Arc<AtomicBool>,
    weighed: Arc<Mutex<Option<Instant>>>,
}

impl Tools {
    /// What a command may use inside `txn`, from now on.
    fn scope<'t>(&'t self, txn: &'t DatabaseTransaction) -> Scope<'t> {
        let seals = !self.alarm.load(Ordering::Relaxed);
        let (tells, mails) = (self.tells.load(Ordering::Relaxed), self.mails.load(Ordering::Relaxed));
        let now = self.clock.now();
        Scope { txn, now, present: now, ids: self.ids.as_ref(), signed: None, seals, tells, mails }
    }
}

#[derive(Clone)]
enum Writes {
    /// SQLite: one writer that batches.
    Batched(batch::Queue),
    /// PostgreSQL: a pool.
    Pooled(DatabaseConnection),
}

/// How many times a command that lost a race between transactions is run again.
const TRIES: u32 = 12;

impl Store {
    /// Connects, to `sqlite://path?mode=rwc` or `postgres://…`, and brings the tables up to date by
    /// `migrate`, which may run at the same moment in several servers.
    ///
    /// # Errors
    /// When the database can't be reached or can't be brought up to date.
    pub async fn open<M: settle_in::Migrate>(
        url: &str,
        clock: Arc<dyn Clock>,
        ids: Arc<dyn Ids>,
    ) -> Result<Self> {
        let (bell, alarm, weighed) = (Arc::default(), Arc::default(), Arc::default());
        let (tells, mails) = (Arc::default(), Arc::default());
        let tools = Tools { clock, ids, bell, alarm, tells, mails, weighed };
        let sqlite = url.starts_with("sqlite:");
        let writes = connect(options(url, if sqlite { 1 } else { 16 })).await?;
        settle_in::migrate::<M>(&writes).await?;
        let (mut reads, writes) = if sqlite {
            let reads = connect(options(url, 8)).await?;
            (reads, Writes::Batched(batch::Queue::start(writes, tools.clone())))
        } else {
            (writes.clone(), Writes::Pooled(writes))
        };
        let asked = Arc::<AtomicU64>::default();
        let counter = Arc::clone(&asked);
        reads.set_metric_callback(move |info| {
            counter.fetch_add(1, Ordering::Relaxed);
            tracing::trace!(target: "statements", sql = %info.statement.sql, took = ?info.elapsed);
        });
        Ok(Self { reads, writes, lanes: lanes::Lanes::default(), tools, asked })
    }

    /// Runs a command once.
    ///
    /// # Errors
    /// The command's own refusals; [`Refusal::KeyReused`]; [`Refusal::Fault`] when the database fails.
    pub async fn write<C: Command>(
        &self,
        asker: &Actor,
        key: Option<IdempotencyKey>,
        command: C,
    ) -> Result<C::Output> {
        let call = Call { asker: asker.clone(), key, command };
        let outcome = match (C::MANY, &self.writes) {
            (Some(many), writes) => self.lanes.submit(many, call, writes, &self.tools).await,
            (None, Writes::Batched(queue)) => queue.submit(call).await,
            (None, Writes::Pooled(pool)) => {
                let (pool, tools) = (pool.clone(), self.tools.clone());
                // Whoever asked may go away meanwhile: what was begun is finished.
                let running = async move { call.run_on_pool(&pool, &tools).await }.in_current_span();
                tokio::spawn(running).await.unwrap_or_else(|broken| Err(Refusal::fault(broken)))
            }
        };
        memo::forget();
        if outcome.is_ok() {
            self.tools.bell.notify_one();
        }
        outcome
    }

    /// Where reads go.
    pub fn reads(&self) -> &DatabaseConnection {
        &self.reads
    }

    /// How many statements readers have sent to the database since the start: what a page costs is the
    /// difference.
    pub fn asked(&self) -> u64 {
        self.asked.load(Ordering::Relaxed)
    }

    /// The present instant, by the clock that commands are decided by.
    pub fn now(&self) -> Moment {
        self.tools.clock.now()
    }

    /// Chance, for what happens outside commands (secrets that are handed out).
    pub fn ids(&self) -> &dyn Ids {
        self.tools.ids.as_ref()
    }

    /// Waits until something was written by this server.
    pub async fn written(&self) {
        self.tools.bell.notified().await;
    }

    /// Whether commands tell anybody.
    pub(crate) fn tells(&self) -> bool {
        self.tools.tells.load(Ordering::Relaxed)
    }

    /// From now on commands tell by webhooks, and if they may, by mail.
    pub(crate) fn tell(&self, by_mail: bool) {
        self.tools.tells.store(true, Ordering::Relaxed);
        self.tools.mails.store(by_mail, Ordering::Relaxed);
    }

    /// Whether the books were found in order so lately that they need not be weighed again.
    pub(crate) fn is_weighed(&self) -> bool {
        let until = self.tools.weighed.lock().unwrap_or_else(PoisonError::into_inner);
        until.is_some_and(|until| Instant::now() < until)
    }

    /// Says until when the books count as being in order; `None` raises the alarm: then nothing is sealed by
    /// the way.
    pub(crate) fn weighed(&self, until: Option<Instant>) {
        self.tools.alarm.store(until.is_none(), Ordering::Relaxed);
        *self.tools.weighed.lock().unwrap_or_else(PoisonError::into_inner) = until;
    }

    /// Waits for the writes under way and closes the connections.
    pub async fn close(&self) {
        self.lanes.stop().await;
        if let Writes::Batched(queue) = &self.writes {
            queue.stop().await;
        }
        let _closed = self.reads.clone().close().await;
    }
}

/// A command with who asks and under which key.
struct Call<C> {
    asker: Actor,
    key: Option<IdempotencyKey>,
    command: C,
}

impl<C: Command> Call<C> {
    /// Runs inside `txn`, which the caller commits whatever comes back: a refused command has been
    /// rolled back to where it began, and what remains is at most the memory of its refusal.
    async fn run_in(&self, txn: &DatabaseTransaction, tools: &Tools) -> Result<C::Output> {
        if let Some(key) = &self.key
            && let Some(outcome) = idempotency::recall(txn, &self.asker, key, &self.command).await?
        {
            return outcome;
        }
        let savepoint = txn.begin().await?;
        let outcome = self.command.run(&self.asker, &tools.scope(&savepoint)).await;
        match &outcome {
            Ok(_) => savepoint.commit().await?,
            Err(_) => savepoint.rollback().await?,
        }
        if self.key.is_some() {
            idempotency::remember(txn, self, &outcome, tools.clock.now()).await?;
        }
        outcome
    }

    async fn run_on_pool(&self, pool: &DatabaseConnection, tools: &Tools) -> Result<C::Output> {
        let mut tried = 0;
        loop {
            tried += 1;
            let outcome = self.try_on_pool(pool, tools).await;
            match &outcome {
                Err(Refusal::Fault(why)) if is_lost_race(why) && tried < TRIES => {
                    pause(tried, tools).await;
                }
                _ => return outcome,
            }
        }
    }

    async fn try_on_pool(&self, pool: &DatabaseConnection, tools: &Tools) -> Result<C::Output> {
        let txn = pool.begin().await?;
        let outcome = self.run_in(&txn, tools).await;
        match &outcome {
            Err(Refusal::Fault(_)) => txn.rollback().await?,
            _ => txn.commit().await?,
        }
        outcome
    }
}

/// A moment before the next try, longer each time and by chance, so that two don't meet again.
async fn pause(tried: u32, tools: &Tools) {
    let mut dice = [0_u8; 1];
    tools.ids.fill(&mut dice);
    let pause = u64::from(tried) * 2 + u64::from(dice[0] % 16);
    tokio::time::sleep(Duration::from_millis(pause)).await;
}

/// Serialization failure, deadlock, or two who wrote the same new key at once: all mean "run it again".
fn is_lost_race(why: &str) -> bool {
    ["could not serialize access", "deadlock detected", "duplicate key value", "restart transaction"]
        .iter()
        .any(|sign| why.contains(sign))
}

/// A transaction that only reads, and sees nothing that others write meanwhile; dropping it ends it.
///
/// # Errors
/// When the database can't be reached.
pub(crate) async fn snapshot(db: &DatabaseConnection) -> Result<DatabaseTransaction, DbErr> {
    if db.get_database_backend() == DbBackend::Postgres {
        db.begin_with_config(Some(IsolationLevel::RepeatableRead), Some(AccessMode::ReadOnly)).await
    } else {
        // A deferred transaction of SQLite's WAL mode is a snapshot from its first read on.
        db.begin().await
    }
}

/// Locks the rows that `select` finds until the transaction ends. SQLite has one writer and no row locks.
pub fn lock_rows(backend: DbBackend, select: &mut SelectStatement) {
    if backend == DbBackend::Postgres {
        select.lock(LockType::NoKeyUpdate);
    }
}

/// How a read of one row that must exist complains.
pub fn must<T>(row: Option<T>) -> Result<T> {
    row.ok_or(Refusal::NotFound)
}

/// True when `error` says that a unique key is taken.
pub fn is_taken(error: &DbErr) -> bool {
    matches!(error.sql_err(), Some(sea_orm::SqlErr::UniqueConstraintViolation(_)))
}

/// Runs one statement, for the few places where plain SQL says it best.
///
/// # Errors
/// When the database refuses it.
pub async fn execute(db: &impl ConnectionTrait, statement: sea_orm::Statement) -> Result<u64> {
    Ok(db.execute_raw(statement).await?.rows_affected())
}

/// Connects, with patience: on a new SQLite file only one of several servers turns on the write-ahead log, and
/// the others are refused at once, whatever the time that they would wait for a lock.
async fn connect(options: ConnectOptions) -> Result<DatabaseConnection> {
    let mut tried = 0;
    loop {
        tried += 1;
        match Database::connect(options.clone()).await {
            Err(error) if tried < TRIES && error.to_string().contains("database is locked") => {
                tokio::time::sleep(Duration::from_millis(20 * u64::from(tried))).await;
            }
            outcome => return Ok(outcome?),
        }
    }
}

fn options(url: &str, connections: u32) -> ConnectOptions {
    let mut options = ConnectOptions::new(url);
    options
        .max_connections(connections)
        .min_connections(1)
        .acquire_timeout(Duration::from_secs(10))
        .sqlx_logging(false)
        .map_sqlx_sqlite_opts(|options| {
            options
                .foreign_keys(true)
                .busy_timeout(Duration::from_secs(30))
                .pragma("journal_mode", "WAL")
                .pragma("synchronous", "FULL")
                .pragma("cache_size", "-65536")
                .pragma("temp_store", "MEMORY")
                // A page that is written again and again goes to the file once for all of them.
                .pragma("wal_autocheckpoint", "16000")
        });
    options
}
