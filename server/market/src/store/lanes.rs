//! Hot commands: calls of one kind that wait at the same moment are run together.
//!
//! Promises: each call of a batch has the outcome that it would have had alone, and is answered after the
//! commit; a batch that lost a race runs again, and one that can't be run as a whole is run one by one, so
//! that a fault of one is not its neighbours'. Must never: run a call a second time once its commit may
//! have happened.

use std::any::{Any, TypeId};
use std::collections::{HashMap, HashSet};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use sea_orm::{DatabaseConnection, DatabaseTransaction, TransactionTrait};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

use super::{Call, Command, Scope, TRIES, Tools, Writes, idempotency, is_lost_race, pause};
use crate::actor::Actor;
use crate::error::{Refusal, Result};

/// Most calls in one batch: enough that what a batch costs by itself doesn't matter any more.
const MOST: usize = 1_000;
/// Calls that may wait before callers are held back.
const WAITING: usize = 16_384;
/// How long a batch for PostgreSQL is held open for callers who were just answered and come again.
const LINGER: Duration = Duration::from_millis(1);

/// A hot command: what many of a kind need is loaded at once, each is decided in memory, and what all of
/// them do is written at once.
pub trait Bulk: Command {
    /// What the decisions need, moved on by each accepted one.
    type Facts: Send;

    /// Loads, in a handful of queries, and locks what may change.
    fn load(asked: &[Asked<'_, Self>], scope: &Scope<'_>)
    -> impl Future<Output = Result<Self::Facts>> + Send;

    /// Decides. A refusal leaves the facts as they were.
    ///
    /// # Errors
    /// The command's refusals.
    fn decide(&self, asker: &Actor, scope: &Scope<'_>, facts: &mut Self::Facts) -> Result<Self::Output>;

    /// Writes what was accepted.
    fn write(facts: Self::Facts, scope: &Scope<'_>) -> impl Future<Output = Result<()>> + Send;
}

/// A command with who asks for it.
pub type Asked<'a, C> = (&'a Actor, &'a C);

type Outcomes<C> = Vec<Result<<C as Command>::Output>>;
type Work<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

type RunMany<C> = for<'a> fn(&'a [Asked<'a, C>], &'a Scope<'a>) -> Work<'a, Result<Outcomes<C>>>;

/// How a whole batch of one kind is run: the mark of a command that is [`Bulk`].
pub struct Many<C: Command>(RunMany<C>);

impl<C: Command> Clone for Many<C> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<C: Command> Copy for Many<C> {}

impl<C: Bulk> Many<C> {
    /// By load, decide and write.
    pub const BULK: Self = Self(|asked, scope| Box::pin(together(asked, scope)));
}

async fn together<C: Bulk>(asked: &[Asked<'_, C>], scope: &Scope<'_>) -> Result<Outcomes<C>> {
    let mut facts = C::load(asked, scope).await?;
    let outcomes = asked.iter().map(|(asker, command)| command.decide(asker, scope, &mut facts)).collect();
    C::write(facts, scope).await?;
    Ok(outcomes)
}

/// Runs one of a hot kind by itself: what its [`Command::run`] does.
///
/// # Errors
/// The command's refusals.
pub(crate) async fn alone<C: Bulk>(command: &C, asker: &Actor, scope: &Scope<'_>) -> Result<C::Output> {
    let mut facts = C::load(&[(asker, command)], scope).await?;
    let outcome = command.decide(asker, scope, &mut facts)?;
    C::write(facts, scope).await?;
    Ok(outcome)
}

/// A call with the caller who waits for it.
struct Waiting<C: Command> {
    call: Call<C>,
    answer: oneshot::Sender<Result<C::Output>>,
}

/// The queues of the hot kinds, each made when its first call comes.
#[derive(Clone, Default)]
pub(super) struct Lanes(Arc<Mutex<Open>>);

#[derive(Default)]
struct Open {
    senders: HashMap<TypeId, Box<dyn Any + Send>>,
    workers: Vec<JoinHandle<()>>,
}

impl Lanes {
    pub(super) async fn submit<C: Command>(
        &self,
        many: Many<C>,
        call: Call<C>,
        writes: &Writes,
        tools: &Tools,
    ) -> Result<C::Output> {
        let (answer, answered) = oneshot::channel();
        let lane = self.lane(many, writes, tools);
        let stopped = || Refusal::fault("the writer has stopped");
        lane.send(Waiting { call, answer }).await.map_err(|_| stopped())?;
        answered.await.map_err(|_| stopped())?
    }

    fn lane<C: Command>(&self, many: Many<C>, writes: &Writes, tools: &Tools) -> mpsc::Sender<Waiting<C>> {
        let mut open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let known = open.senders.get(&TypeId::of::<C>());
        if let Some(sender) = known.and_then(|any| any.downcast_ref::<mpsc::Sender<Waiting<C>>>()) {
            return sender.clone();
        }
        let (sender, receiver) = mpsc::channel(WAITING);
        // One at a time: while a batch is written, the next one gathers. Two of them would wait for each
        // other at the accounts that they share, and at the head of the log in any case.
        open.workers.push(tokio::spawn(work(many, receiver, writes.clone(), tools.clone())));
        open.senders.insert(TypeId::of::<C>(), Box::new(sender.clone()));
        sender
    }

    /// Waits until everything that was submitted is answered.
    pub(super) async fn stop(&self) {
        let workers = {
            let mut open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            open.senders.clear();
            std::mem::take(&mut open.workers)
        };
        for worker in workers {
            let _ended = worker.await;
        }
    }
}

async fn work<C: Command>(
    many: Many<C>,
    mut receiver: mpsc::Receiver<Waiting<C>>,
    writes: Writes,
    tools: Tools,
) {
    let mut waiting = Vec::with_capacity(MOST);
    let mut before = 0;
    while receiver.recv_many(&mut waiting, MOST).await > 0 {
        // Whoever was answered a moment ago may be on the way back, and a larger batch costs hardly more.
        // SQLite's own work fills the time of its one writer, so there it would only stand still.
        if waiting.len() < before && matches!(writes, Writes::Pooled(_)) {
            tokio::time::sleep(LINGER).await;
            while waiting.len() < MOST
                && let Ok(one) = receiver.try_recv()
            {
                waiting.push(one);
            }
        }
        before = waiting.len();
        let (calls, answers): (Vec<_>, Vec<_>) =
            waiting.drain(..).map(|waiting| (waiting.call, waiting.answer)).unzip();
        let batch = Batch { many, calls };
        let outcomes = match &writes {
            Writes::Batched(queue) => queue.submit_batch(batch).await,
            Writes::Pooled(pool) => batch.run_on_pool(pool, &tools).await,
        };
        for (answer, outcome) in answers.into_iter().zip(outcomes) {
            // The caller may have gone away; the write stands all the same.
            let _gone = answer.send(outcome);
        }
    }
}

/// Calls of one kind that are run together.
pub(super) struct Batch<C: Command> {
    many: Many<C>,
    calls: Vec<Call<C>>,
}

/// Whether a batch may have left something behind when it failed.
enum Failed {
    Before(Refusal),
    AtCommit(Refusal),
}

impl<C: Command> Batch<C> {
    fn len(&self) -> usize {
        self.calls.len()
    }

    /// The outcomes when none of them was run.
    pub(super) fn all_failed(&self, why: &str) -> Outcomes<C> {
        self.calls.iter().map(|_| Err(Refusal::fault(why))).collect()
    }

    /// Runs inside the writer's transaction, which the caller commits.
    pub(super) async fn run_in(&self, txn: &DatabaseTransaction, tools: &Tools) -> Outcomes<C> {
        match self.try_in(txn, tools).await {
            Ok(outcomes) => outcomes,
            Err(why) => {
                tracing::warn!(?why, calls = self.len(), "a batch could not be run whole");
                let mut outcomes = Vec::with_capacity(self.len());
                for call in &self.calls {
                    outcomes.push(call.run_in(txn, tools).await);
                }
                outcomes
            }
        }
    }

    async fn try_in(&self, txn: &DatabaseTransaction, tools: &Tools) -> Result<Outcomes<C>> {
        let savepoint = txn.begin().await?;
        match self.run(&savepoint, tools).await {
            Ok(outcomes) => savepoint.commit().await.map(|()| outcomes).map_err(Refusal::from),
            Err(why) => {
                savepoint.rollback().await?;
                Err(why)
            }
        }
    }

    async fn run_on_pool(&self, pool: &DatabaseConnection, tools: &Tools) -> Outcomes<C> {
        let mut tried = 0;
        loop {
            tried += 1;
            match self.try_on_pool(pool, tools).await {
                Ok(outcomes) => return outcomes,
                Err(Failed::Before(why) | Failed::AtCommit(why))
                    if tried < TRIES && matches!(&why, Refusal::Fault(why) if is_lost_race(why)) =>
                {
                    pause(tried, tools).await;
                }
                Err(Failed::Before(why)) if self.len() > 1 => {
                    tracing::warn!(?why, calls = self.len(), "a batch could not be run whole");
                    let mut outcomes = Vec::with_capacity(self.len());
                    for call in &self.calls {
                        outcomes.push(call.run_on_pool(pool, tools).await);
                    }
                    return outcomes;
                }
                Err(Failed::Before(why) | Failed::AtCommit(why)) => {
                    return self.calls.iter().map(|_| Err(why.clone())).collect();
                }
            }
        }
    }

    async fn try_on_pool(&self, pool: &DatabaseConnection, tools: &Tools) -> Result<Outcomes<C>, Failed> {
        let before = |error: sea_orm::DbErr| Failed::Before(error.into());
        let txn = pool.begin().await.map_err(before)?;
        match self.run(&txn, tools).await {
            Ok(outcomes) => {
                txn.commit().await.map_err(|error| Failed::AtCommit(error.into()))?;
                Ok(outcomes)
            }
            Err(why) => {
                txn.rollback().await.map_err(before)?;
                Err(Failed::Before(why))
            }
        }
    }

    /// All of them in one go. Calls with a key that another call of the batch bears as well come last, one
    /// by one: by then the first outcome is there to be recalled.
    async fn run(&self, txn: &DatabaseTransaction, tools: &Tools) -> Result<Outcomes<C>> {
        let recalled = idempotency::recall_all(txn, &self.calls).await?;
        let (fresh, twins) = self.fresh(&recalled);
        let asked: Vec<Asked<'_, C>> =
            fresh.iter().map(|at| (&self.calls[*at].asker, &self.calls[*at].command)).collect();
        let scope = tools.scope(txn);
        let decided = (self.many.0)(&asked, &scope).await?;
        let calls = fresh.iter().map(|at| &self.calls[*at]);
        idempotency::remember_all(txn, calls.zip(&decided), scope.now).await?;
        let mut outcomes: Vec<Option<Result<C::Output>>> = recalled;
        for (at, outcome) in fresh.into_iter().zip(decided) {
            outcomes[at] = Some(outcome);
        }
        for at in twins {
            outcomes[at] = Some(self.calls[at].run_in(txn, tools).await);
        }
        let missing = || Err(Refusal::fault("a command of a batch has no outcome"));
        Ok(outcomes.into_iter().map(|outcome| outcome.unwrap_or_else(missing)).collect())
    }

    /// The places of the calls that have no outcome yet: those to run together, and those whose key
    /// another one before them bears.
    fn fresh(&self, recalled: &[Option<Result<C::Output>>]) -> (Vec<usize>, Vec<usize>) {
        let mut seen = HashSet::new();
        let open = (0..self.calls.len()).filter(|at| recalled[*at].is_none());
        open.partition(|at| {
            let call = &self.calls[*at];
            call.key.as_ref().is_none_or(|key| seen.insert((idempotency::owner(&call.asker), key.as_str())))
        })
    }
}
