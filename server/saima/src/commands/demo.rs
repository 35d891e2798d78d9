//! `saima demo`.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use market::{Clock as _, ManualClock, RandomIds, SystemClock};
use seeds::World;

use super::serve::{Signals, until_told};
use super::{Failure, environment, say, start_log};
use crate::app::{self, App};
use crate::config::{Config, DatabaseUrl, Layer};
use crate::keys::Keys;

/// Says that the directory is the demo's own. While the world is being made it holds [`MAKING`].
const MARKER: &str = "demo-world";
/// What the marker holds until the world is whole.
const MAKING: &str = "being made\n";

/// Serve a world to try things out in, with people, tasks and races; made on first start.
#[derive(Args)]
pub(super) struct Demo {
    /// Where to listen [SAIMA_LISTEN; default: 127.0.0.1:8080].
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<SocketAddr>,
    /// The directory of the demo's world; nothing else may live in it.
    #[arg(long, value_name = "DIR", default_value = "data/demo")]
    data: PathBuf,
}

impl Demo {
    pub(super) async fn run(self) -> Result<ExitCode, Failure> {
        let config = self.config()?;
        start_log(&config)?;
        let world = prepare(&config).await?;
        let signals = Signals::listen()?;
        let running = App::new(config.clone()).start().await?;
        introduce(running.address, &config, &world);
        until_told(running, signals).await
    }

    /// The environment tells where to listen and how to log, but never which database to take.
    fn config(&self) -> Result<Config, Failure> {
        let database = self.data.join("saima.db");
        let flags = Layer {
            listen: self.listen,
            database: Some(DatabaseUrl::sqlite(&database)),
            data: Some(self.data.clone()),
            house: Some(seeds::HOUSE.to_owned()),
            origin: Some("demo.example/ledger".to_owned()),
            asset_code: Some("SAI".to_owned()),
            asset_scale: Some(2),
            asset_name: Some("Saima token".to_owned()),
            ..Layer::default()
        };
        let quiet = Layer { log: Some("warn".to_owned()), ..Layer::default() };
        let told = environment().any(|(name, _)| name == "SAIMA_LOG");
        let config = Config::load(if told { flags } else { flags.over(quiet) }, None, environment())?;
        Ok(Config { demo: true, ..config })
    }
}

/// Makes the world where there is none; leaves one that is there as people have made it since.
async fn prepare(config: &Config) -> Result<World, Failure> {
    match look(&config.data)? {
        Found::World => return Ok(World::default()),
        Found::Nothing => {}
        Found::Half => fs::remove_dir_all(&config.data)?,
    }
    fs::create_dir_all(&config.data)?;
    fs::write(config.data.join(MARKER), MAKING)?;
    let world = make(config).await?;
    fs::write(config.data.join(MARKER), format!("made at {}\n", SystemClock.now()))?;
    Ok(world)
}

/// What lies in the demo's directory.
#[derive(Debug, PartialEq, Eq)]
enum Found {
    /// Nothing.
    Nothing,
    /// A world whose making was cut short.
    Half,
    /// A world.
    World,
}

/// Looks, and refuses a directory that holds anything that is not the demo's.
fn look(dir: &Path) -> Result<Found, Failure> {
    match fs::read_to_string(dir.join(MARKER)) {
        Ok(marker) if marker == MAKING => return Ok(Found::Half),
        Ok(_) => return Ok(Found::World),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
        Err(error) => return Err(format!("{}: {error}", dir.display()).into()),
    }
    let taken = dir.try_exists()? && fs::read_dir(dir)?.next().is_some();
    if taken {
        let dir = dir.display();
        return Err(
            format!("{dir} holds something that is not a demo: name an empty directory with --data").into()
        );
    }
    Ok(Found::Nothing)
}

/// Plays the world, by a clock that ends at the present.
async fn make(config: &Config) -> Result<World, Failure> {
    let bar = ProgressBar::new(0).with_style(ProgressStyle::with_template("{bar:40} {pos}/{len} {msg}")?);
    let until = SystemClock.now();
    let clock = Arc::new(ManualClock::new(seeds::start(until)));
    let ids = Arc::new(RandomIds);
    let keys = Keys::open(config, ids.as_ref())?;
    let market = app::open(config, &keys, clock.clone(), ids).await?;
    let world = seeds::play(&market, &clock, until, |done, total, what| {
        bar.set_length(total);
        bar.set_position(done);
        bar.set_message(what.to_owned());
    });
    let world = world.await;
    market.close().await;
    bar.finish_and_clear();
    Ok(world.map_err(app::Trouble::from)?)
}

fn introduce(address: SocketAddr, config: &Config, world: &World) {
    say(format_args!("listening on http://{address}"));
    say(format_args!("  pages    http://{address}/"));
    say(format_args!("  GraphQL  http://{address}/graphql"));
    say(format_args!("  the log  http://{address}/log/checkpoint"));
    say(format_args!("  data     {} (delete it to begin anew)", config.data.display()));
    say(format_args!("sign in with the password {}", seeds::PASSWORD));
    for account in &world.accounts {
        say(format_args!("  {:<25} {:<16} {}", account.email, account.name, account.what));
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail loudly")]
    use std::collections::BTreeSet;

    use market::books::audit;
    use market::person::SignInInput;
    use market::task::TaskState;

    use super::*;

    #[tokio::test]
    async fn the_world_has_a_task_in_every_state_and_its_books_are_in_order() {
        let dir = tempfile::tempdir().unwrap();
        let config = Demo { listen: None, data: dir.path().join("demo") }.config().unwrap();
        let world = prepare(&config).await.unwrap();
        assert_eq!(look(&config.data).unwrap(), Found::World);
        assert_eq!(world.accounts.len(), 13);

        let ids = Arc::new(RandomIds);
        let keys = Keys::open(&config, ids.as_ref()).unwrap();
        let market = app::open(&config, &keys, Arc::new(SystemClock), ids).await.unwrap();
        let mut states = BTreeSet::new();
        for account in &world.accounts {
            let input = SignInInput {
                email: account.email.to_owned(),
                password: seeds::PASSWORD.to_owned(),
                from: "192.0.2.1".to_owned(),
            };
            let person = market.sign_in(input).await.unwrap();
            let actor = market.actor(person).await.unwrap();
            for id in world.tasks.values() {
                states.extend(market.task(&actor, *id).await.map(|task| task.state));
            }
        }
        assert_eq!(states.into_iter().collect::<Vec<_>>(), TaskState::ALL);
        let report =
            audit(market.store().reads(), &[market.signer().unwrap().verifier_key().clone()], |_, _| {})
                .await
                .unwrap();
        assert!(report.size > 100 && report.waiting == 0, "{report:?}");
        assert!(report.checkpoints > 30 && report.signatures == report.checkpoints, "{report:?}");
        market.close().await;
    }

    #[test]
    fn a_directory_that_is_not_the_demos_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(look(&dir.path().join("new")).unwrap(), Found::Nothing);
        assert_eq!(look(dir.path()).unwrap(), Found::Nothing);
        fs::write(dir.path().join("saima.db"), "precious").unwrap();
        assert!(look(dir.path()).is_err());
        fs::write(dir.path().join(MARKER), MAKING).unwrap();
        assert_eq!(look(dir.path()).unwrap(), Found::Half);
        fs::write(dir.path().join(MARKER), "made\n").unwrap();
        assert_eq!(look(dir.path()).unwrap(), Found::World);
    }
}
