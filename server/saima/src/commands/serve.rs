//! `saima serve`.

use std::net::SocketAddr;
use std::process::ExitCode;

use clap::Args;
use tokio::signal::unix::{Signal, SignalKind, signal};

use super::{Failure, Place, say, start_log};
use crate::app::{App, Running};

/// Serve the market.
#[derive(Args)]
pub(super) struct Serve {
    #[command(flatten)]
    place: Place,
    /// Where to listen [SAIMA_LISTEN; default: 127.0.0.1:8080].
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<SocketAddr>,
}

impl Serve {
    pub(super) async fn run(self) -> Result<ExitCode, Failure> {
        let config = self.place.load(self.listen)?;
        start_log(&config)?;
        let signals = Signals::listen()?;
        let running = App::new(config).start().await?;
        say(format_args!("listening on http://{}", running.address));
        until_told(running, signals).await
    }
}

/// The system's ways of asking to stop, listened to from before the program says that it serves: who has read
/// that may ask at once.
pub(super) struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    pub(super) fn listen() -> Result<Self, Failure> {
        Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    /// Waits until the system asks to stop.
    pub(super) async fn told(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
        tracing::info!("stopping: finishing what is under way");
    }
}

/// Serves until the system asks to stop.
pub(super) async fn until_told(running: Running, mut signals: Signals) -> Result<ExitCode, Failure> {
    running.until(async move { signals.told().await }).await?;
    Ok(ExitCode::SUCCESS)
}
