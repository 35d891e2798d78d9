//! SQLite's single writer: what waits together is written together.
//!
//! Promises: each waiting command runs in a savepoint of one shared transaction and is answered only
//! after that transaction is on disk; a refused neighbour changes nothing for the others.
//! Must never: answer before the commit, or hold a transaction open while nothing waits.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use sea_orm::{
    DatabaseConnection, DatabaseTransaction, SqliteTransactionMode, TransactionOptions, TransactionTrait,
};
use tokio::sync::{mpsc, oneshot};

use super::lanes::Batch;
use super::{Call, Command, Tools};
use crate::error::{Refusal, Result};

/// Most commands in one transaction: enough to share the fsync, few enough that the first need not wait long.
const MOST: usize = 128;
/// Commands that may wait before callers are held back.
const WAITING: usize = 4_096;
/// Another process may hold the file for a moment: tries before giving up, on top of the busy timeout.
const TRIES: u32 = 5;

type Work<'a> = Pin<Box<dyn Future<Output = ()> + Send + 'a>>;

/// A command whose result type is hidden, so that different ones can stand in one queue.
trait Job: Send {
    fn run<'a>(&'a mut self, txn: &'a DatabaseTransaction, tools: &'a Tools) -> Work<'a>;
    /// Answers the caller: with the outcome, or with what went wrong with the whole batch.
    fn answer(self: Box<Self>, failed: Option<&str>);
}

struct Waiting<C: Command> {
    call: Call<C>,
    outcome: Option<Result<C::Output>>,
    answer: oneshot::Sender<Result<C::Output>>,
}

impl<C: Command> Job for Waiting<C> {
    fn run<'a>(&'a mut self, txn: &'a DatabaseTransaction, tools: &'a Tools) -> Work<'a> {
        Box::pin(async move { self.outcome = Some(self.call.run_in(txn, tools).await) })
    }

    fn answer(self: Box<Self>, failed: Option<&str>) {
        let outcome = match failed {
            Some(why) => Err(Refusal::fault(why)),
            None => self.outcome.unwrap_or_else(|| Err(Refusal::fault("the command did not run"))),
        };
        // The caller may have gone away; the write stands all the same.
        let _gone = self.answer.send(outcome);
    }
}

/// A batch of a hot kind, which is one job however many calls it holds.
struct Together<C: Command> {
    batch: Batch<C>,
    outcomes: Vec<Result<C::Output>>,
    answer: oneshot::Sender<Vec<Result<C::Output>>>,
}

impl<C: Command> Job for Together<C> {
    fn run<'a>(&'a mut self, txn: &'a DatabaseTransaction, tools: &'a Tools) -> Work<'a> {
        Box::pin(async move { self.outcomes = self.batch.run_in(txn, tools).await })
    }

    fn answer(self: Box<Self>, failed: Option<&str>) {
        let outcomes = match failed {
            Some(why) => self.batch.all_failed(why),
            None => self.outcomes,
        };
        let _gone = self.answer.send(outcomes);
    }
}

enum Message {
    Job(Box<dyn Job>),
    Stop(oneshot::Sender<()>),
}

/// Where commands queue for the writer.
#[derive(Clone)]
pub(super) struct Queue(mpsc::Sender<Message>);

impl Queue {
    /// Starts the writer, which owns `connection` from now on.
    pub(super) fn start(connection: DatabaseConnection, tools: Tools) -> Self {
        let (sender, receiver) = mpsc::channel(WAITING);
        tokio::spawn(write_until_stopped(connection, tools, receiver));
        Self(sender)
    }

    pub(super) async fn submit<C: Command>(&self, call: Call<C>) -> Result<C::Output> {
        let (answer, answered) = oneshot::channel();
        let waiting = Waiting { call, outcome: None, answer };
        let stopped = |_| Refusal::fault("the writer has stopped");
        self.0
            .send(Message::Job(Box::new(waiting)))
            .await
            .map_err(|_| Refusal::fault("the writer has stopped"))?;
        answered.await.map_err(stopped)?
    }

    /// Has a batch written; answers the outcome of each of its calls.
    pub(super) async fn submit_batch<C: Command>(&self, batch: Batch<C>) -> Vec<Result<C::Output>> {
        let (answer, answered) = oneshot::channel();
        let stopped = batch.all_failed("the writer has stopped");
        let job = Together { batch, outcomes: Vec::new(), answer };
        match self.0.send(Message::Job(Box::new(job))).await {
            Ok(()) => answered.await.unwrap_or(stopped),
            Err(_) => stopped,
        }
    }

    pub(super) async fn stop(&self) {
        let (done, stopped) = oneshot::channel();
        if self.0.send(Message::Stop(done)).await.is_ok() {
            let _ended = stopped.await;
        }
    }
}

async fn write_until_stopped(
    connection: DatabaseConnection,
    tools: Tools,
    mut queue: mpsc::Receiver<Message>,
) {
    let mut messages = Vec::with_capacity(MOST);
    while queue.recv_many(&mut messages, MOST).await > 0 {
        let mut jobs = Vec::with_capacity(messages.len());
        let mut stop = None;
        for message in messages.drain(..) {
            match message {
                Message::Job(job) => jobs.push(job),
                Message::Stop(done) => stop = Some(done),
            }
        }
        if !jobs.is_empty() {
            write_together(&connection, &tools, jobs).await;
        }
        if let Some(done) = stop {
            let _closed = connection.close().await;
            let _gone = done.send(());
            return;
        }
    }
}

async fn write_together(connection: &DatabaseConnection, tools: &Tools, mut jobs: Vec<Box<dyn Job>>) {
    let mut tried = 0;
    let failed = loop {
        tried += 1;
        match try_together(connection, tools, &mut jobs).await {
            Ok(()) => break None,
            Err(error) if tried < TRIES && error.to_string().contains("locked") => {
                tokio::time::sleep(Duration::from_millis(20 * u64::from(tried))).await;
            }
            Err(error) => break Some(error.to_string()),
        }
    };
    for job in jobs {
        job.answer(failed.as_deref());
    }
}

async fn try_together(
    connection: &DatabaseConnection,
    tools: &Tools,
    jobs: &mut [Box<dyn Job>],
) -> std::result::Result<(), sea_orm::DbErr> {
    // IMMEDIATE: take the write lock first, so that a read never turns into a write that is too late.
    let options = TransactionOptions {
        sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
        ..TransactionOptions::default()
    };
    let txn = connection.begin_with_options(options).await?;
    for job in jobs.iter_mut() {
        job.run(&txn, tools).await;
    }
    txn.commit().await
}
