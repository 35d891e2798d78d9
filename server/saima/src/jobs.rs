//! Work that nobody asks for: sealing records into the log, asking witnesses for their signatures, sending
//! notices, telling those who watch races, and executing rules when time does.
//!
//! Promises: what was written is sealed and signed at once, what falls due happens within a second; a
//! failure is logged and tried again; several servers on one database may all do this. Must never: decide
//! anything the market does not.

use std::sync::Arc;
use std::time::Duration;

use market::{Market, Refusal};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::sleep;
use web::live::Live;

use crate::cosigning::ask_witnesses;
use crate::post::{Mailer, call, post};

/// Longest sleep of a job: another server may have written, and clocks may be set.
const BEAT: Duration = Duration::from_secs(1);

/// The jobs of a running server.
pub struct Jobs {
    stop: watch::Sender<bool>,
    running: Vec<JoinHandle<()>>,
}

impl Jobs {
    /// Starts them. `private` lets webhooks go to addresses within the own network.
    pub fn start(market: &Market, live: &Arc<Live>, mailer: Option<Mailer>, private: bool) -> Self {
        let (stop, stopped) = watch::channel(false);
        let mut running = vec![
            tokio::spawn(seal(market.clone(), stopped.clone())),
            tokio::spawn(keep_time(market.clone(), stopped.clone())),
            tokio::spawn(ask_witnesses(market.clone(), stopped.clone())),
            tokio::spawn(call(market.clone(), private, stopped.clone())),
            tokio::spawn(watch_races(market.clone(), Arc::clone(live), stopped.clone())),
        ];
        if let Some(mailer) = mailer {
            running.push(tokio::spawn(post(market.clone(), mailer, stopped)));
        }
        Self { stop, running }
    }

    /// Lets each finish what it is at.
    pub async fn stop(self) {
        self.stop.send_replace(true);
        for job in self.running {
            if let Err(broken) = job.await {
                tracing::error!(%broken, "a job had ended before it was stopped");
            }
        }
    }
}

async fn seal(market: Market, mut stopped: watch::Receiver<bool>) {
    loop {
        report("seal", market.seal_now().await.map(drop));
        tokio::select! {
            () = market.store().written() => {}
            () = sleep(BEAT) => {}
            _ = stopped.wait_for(|stop| *stop) => return,
        }
    }
}

async fn keep_time(market: Market, mut stopped: watch::Receiver<bool>) {
    loop {
        report("keep time", market.keep_time().await.map(drop));
        tokio::select! {
            () = sleep(until_next_edge(&market).await) => {}
            _ = stopped.wait_for(|stop| *stop) => return,
        }
    }
}

/// Once a second, whoever wrote: this server, another one, or the clock alone.
async fn watch_races(market: Market, live: Arc<Live>, mut stopped: watch::Receiver<bool>) {
    loop {
        report("watch races", live.beat(&market).await);
        tokio::select! {
            () = sleep(BEAT) => {}
            _ = stopped.wait_for(|stop| *stop) => return,
        }
    }
}

async fn until_next_edge(market: &Market) -> Duration {
    match market.next_edge().await {
        Ok(Some(edge)) => {
            let micros = u64::try_from(edge.0.saturating_sub(market.now().0)).unwrap_or(0);
            // An edge that stays in the past was refused for a reason that was logged: don't spin on it.
            if micros == 0 { BEAT } else { Duration::from_micros(micros).min(BEAT) }
        }
        _ => BEAT,
    }
}

fn report(job: &str, outcome: market::Result<()>) {
    match outcome {
        Ok(()) => {}
        Err(Refusal::Fault(cause)) => tracing::error!(job, cause, "a job failed and will be tried again"),
        Err(refusal) => tracing::error!(job, %refusal, "a job was refused and will be tried again"),
    }
}
