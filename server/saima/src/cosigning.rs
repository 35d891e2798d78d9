//! Asking witnesses for cosignatures, as soon as there is a new checkpoint.
//!
//! All witnesses are asked for the same checkpoint, and for a newer one only when a quorum has signed it,
//! all have answered, or a moment has passed: under load each would otherwise sign another size, and none
//! would ever have a quorum.
//!
//! Promises: at most one question at a time to each witness, always about the newest round; one that fails
//! is asked again, ever more seldom; what a witness remembers is learnt from its own answer. Must never:
//! hold up sealing, or ask at an address that the policy file does not name.

mod ask;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use ledger::Policy;
use market::books::CheckpointView;
use market::{Market, Refusal};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout_at};

use ask::{Asker, Outcome};

/// Longest sleep: another server may have signed a checkpoint.
const BEAT: Duration = Duration::from_secs(1);
/// How long a round waits for slow witnesses before it goes on to a newer checkpoint.
const ROUND: Duration = Duration::from_secs(2);
/// A breath between rounds, so that a busy log does not keep its witnesses busy with every batch.
const BREATH: Duration = Duration::from_millis(50);

/// What one witness said.
struct Said {
    /// Its key.
    witness: String,
    /// The size of the checkpoint that it was asked for.
    size: u64,
    outcome: Outcome,
}

/// Asks until it is stopped. Does nothing where the policy names no address.
pub async fn ask_witnesses(market: Market, mut stopped: watch::Receiver<bool>) {
    let Some(policy) = market.witness_policy().cloned() else { return };
    let (target, targets) = watch::channel(None);
    let (say, said) = mpsc::channel(64);
    let mut askers = JoinSet::new();
    let mut count = 0;
    for witness in policy.witnesses() {
        match Asker::new(&market, witness) {
            Ok(Some(asker)) => {
                count += 1;
                askers.spawn(keep_asking(asker, targets.clone(), say.clone()));
            }
            Ok(None) => {}
            Err(why) => tracing::error!(witness = witness.name, %why, "this witness can't be asked"),
        }
    }
    drop(say);
    if count > 0 {
        let rounds = Rounds { market, policy, target, said, count, ahead: None, done: 0 };
        tokio::select! {
            () = rounds.run() => {}
            _ = stopped.wait_for(|stop| *stop) => {}
        }
    }
    // Questions under way are dropped: a witness that has signed meanwhile says so when it is asked again.
    askers.shutdown().await;
}

/// One witness: asks for each target, the newest only, and again after a failure.
async fn keep_asking(
    mut asker: Asker,
    mut targets: watch::Receiver<Option<Arc<CheckpointView>>>,
    say: mpsc::Sender<Said>,
) {
    let mut failures = 0_u32;
    loop {
        let target = targets.borrow_and_update().clone();
        let mut again = None;
        if let Some(target) = target {
            let outcome = asker.ask(&target).await;
            again = match &outcome {
                Outcome::Failed(_) => {
                    failures = failures.saturating_add(1);
                    Some(pause(failures))
                }
                _ => {
                    failures = 0;
                    None
                }
            };
            let said = Said { witness: asker.key().to_owned(), size: target.size, outcome };
            if say.send(said).await.is_err() {
                return;
            }
        }
        match again {
            // A newer target does not shorten it: the witness is away, not behind.
            Some(pause) => sleep(pause).await,
            None => {
                if targets.changed().await.is_err() {
                    return;
                }
            }
        }
    }
}

/// How long a witness is left alone after so many failures: 1, 2, 4, … up to 64 seconds.
fn pause(failures: u32) -> Duration {
    Duration::from_secs(1 << failures.saturating_sub(1).min(6))
}

/// Chooses what the witnesses are asked for.
struct Rounds {
    market: Market,
    policy: Policy,
    target: watch::Sender<Option<Arc<CheckpointView>>>,
    said: mpsc::Receiver<Said>,
    /// How many witnesses are asked.
    count: usize,
    /// A larger size that a witness has signed already, for another server of this log.
    ahead: Option<u64>,
    /// The size that the last round was about.
    done: u64,
}

impl Rounds {
    async fn run(mut self) {
        let mut published = self.market.checkpoints_signed();
        loop {
            match self.next().await {
                Ok(Some(next)) => {
                    self.round(next).await;
                    sleep(BREATH).await;
                }
                Ok(None) => {
                    tokio::select! {
                        _ = published.changed() => {}
                        said = self.said.recv() => match said {
                            Some(said) => self.hear(&said),
                            None => return,
                        },
                        () = sleep(BEAT) => {}
                    }
                }
                Err(why) => {
                    tracing::error!(?why, "the newest checkpoint can't be read; witnesses are asked later");
                    sleep(BEAT).await;
                }
            }
        }
    }

    /// The checkpoint that another server's witnesses are at, or the newest, if it was not asked for yet.
    async fn next(&mut self) -> Result<Option<Arc<CheckpointView>>, Refusal> {
        if let Some(size) = self.ahead.take().filter(|size| *size > self.done)
            && let Some(checkpoint) = self.market.checkpoint_at(size).await?
        {
            return Ok(Some(Arc::new(checkpoint)));
        }
        let newest = self.market.newest_checkpoint().await?;
        Ok(newest.filter(|newest| newest.size > self.done || self.target.borrow().is_none()).map(Arc::new))
    }

    async fn round(&mut self, checkpoint: Arc<CheckpointView>) {
        let size = checkpoint.size;
        self.done = size;
        self.target.send_replace(Some(checkpoint));
        let end = Instant::now() + ROUND;
        let (mut signed, mut heard) = (BTreeSet::new(), BTreeSet::new());
        while heard.len() < self.count && !self.has_quorum(&signed) {
            let Ok(Some(said)) = timeout_at(end, self.said.recv()).await else { return };
            self.hear(&said);
            if said.size == size {
                if matches!(said.outcome, Outcome::Signed) {
                    signed.insert(said.witness.clone());
                }
                heard.insert(said.witness);
            }
        }
    }

    fn has_quorum(&self, signed: &BTreeSet<String>) -> bool {
        !signed.is_empty() && self.policy.is_met(|witness| signed.contains(&witness.key.to_string()))
    }

    fn hear(&mut self, said: &Said) {
        match &said.outcome {
            Outcome::Signed => tracing::debug!(witness = said.witness, size = said.size, "cosigned"),
            Outcome::Ahead(size) => self.ahead = self.ahead.max(Some(*size)),
            Outcome::Failed(why) => {
                tracing::warn!(
                    witness = said.witness,
                    size = said.size,
                    why,
                    "a witness did not sign; it is asked again"
                );
            }
            Outcome::Contradiction(why) => tracing::error!(
                witness = said.witness,
                size = said.size,
                why,
                "ALARM: a witness has seen another history of this log: it was rolled back or forked"
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_witness_that_is_away_is_asked_ever_more_seldom() {
        let pauses: Vec<u64> = [1, 2, 3, 7, 8, u32::MAX].map(|failures| pause(failures).as_secs()).to_vec();
        assert_eq!(pauses, [1, 2, 4, 64, 64, 64]);
    }
}
