//! Sending what lies in the outbox.
//!
//! Promises: what is due is claimed, sent and recorded; a failure is recorded and tried again later; several
//! servers on one database may all do this. A server that dies between sending and recording leaves the
//! notice to be sent again, under the same id: at least once. Must never: hold a transaction open while it
//! waits for another machine.

mod mail;
mod stop;
mod webhooks;

use std::time::Duration;

use futures::future::join_all;
use market::notice::{ClaimMail, Mail, Outcome, RecordMail, SweepNotices};
use market::{Actor, Market};
use tokio::sync::watch;
use tokio::time::{Instant, sleep};

pub use mail::{MailTrouble, Mailer};
pub use stop::Stops;
pub use webhooks::call;

/// How often the outbox is looked into.
const BEAT: Duration = Duration::from_millis(500);
/// How often old notices are swept away.
const SWEEP: Duration = Duration::from_secs(3_600);

/// Sends mail until it is stopped. What is under way then is finished.
pub async fn post(market: Market, mailer: Mailer, mut stopped: watch::Receiver<bool>) {
    let mut swept: Option<Instant> = None;
    loop {
        if swept.is_none_or(|last| last.elapsed() > SWEEP) {
            swept = Some(Instant::now());
            report(market.run(&Actor::Clockwork, SweepNotices).await.map(drop));
        }
        let more = match round(&market, &mailer).await {
            Ok(sent) => sent > 0,
            Err(why) => {
                report(Err(why));
                false
            }
        };
        let pause = if more { Duration::ZERO } else { BEAT };
        tokio::select! {
            biased;
            _ = stopped.wait_for(|stop| *stop) => return,
            () = sleep(pause) => {}
        }
    }
}

/// Sends what is due, some at once; answers how many mails.
async fn round(market: &Market, mailer: &Mailer) -> market::Result<usize> {
    if !market.has_mail().await? {
        return Ok(0);
    }
    let mails = market.run(&Actor::Clockwork, ClaimMail).await?;
    let done = join_all(mails.iter().map(|mail| send(market, mailer, mail))).await;
    done.into_iter().collect::<market::Result<Vec<()>>>().map(|all| all.len())
}

async fn send(market: &Market, mailer: &Mailer, mail: &Mail) -> market::Result<()> {
    let outcome = mailer.send(market, mail).await?;
    match &outcome {
        Outcome::Sent => tracing::debug!(notices = mail.notices.len(), "a mail was sent"),
        Outcome::Later(why) => tracing::warn!(why, "a mail was not taken; it is tried again"),
        Outcome::Never(why) => tracing::warn!(why, "a mail was refused for good"),
    }
    let notices = mail.notices.iter().map(|notice| notice.id).collect();
    market.run(&Actor::Clockwork, RecordMail { notices, outcome }).await
}

fn report(outcome: market::Result<()>) {
    if let Err(why) = outcome {
        tracing::error!(?why, "sending failed and will be tried again");
    }
}
