//! The one handle that front ends hold.
//!
//! Promises: cheap to clone; everything that Saima does is a method of it or a command given to it.
//! Must never: offer a way past the policy or past the store's door.

use std::path::PathBuf;
use std::sync::Arc;

use ledger::{Amount, AssetCode, AssetNo, Policy, Scale};
use tokio::sync::watch;

use crate::actor::Actor;
use crate::books::{self, KeyRing, MarkFile, Signing};
use crate::clock::{Clock, Moment};
use crate::error::{Refusal, Result};
use crate::ids::Ids;
use crate::policy::LogAccess;
use crate::store::settle_in::Migrate;
use crate::store::{Command, IdempotencyKey, Store};
use crate::submission::FileStore;

/// What an installation is told about itself.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The organisation's name, as shown on pages.
    pub house: String,
    /// The log's origin line, for example `example.org/saima`.
    pub origin: String,
    /// The first asset; fixed once made.
    pub asset: AssetSettings,
    /// Most bytes in one file of a submission.
    pub max_file: usize,
    /// Most files in one submission.
    pub max_files: usize,
    /// What an hour of effort counts, in minor units; none: costs are told in hours.
    pub hour_cost: Option<u64>,
    /// Who may read the log's tiles.
    pub log_access: LogAccess,
}

/// The first asset, as configured.
#[derive(Debug, Clone)]
pub struct AssetSettings {
    /// Two to twelve capital letters and digits.
    pub code: String,
    /// Decimals of the major unit, 0 to 9.
    pub scale: u8,
    /// The name as shown.
    pub name: String,
}

/// An asset, as front ends need it to read and write amounts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AssetView {
    /// Its number in records.
    pub no: AssetNo,
    /// Its code.
    pub code: AssetCode,
    /// Decimals of its major unit.
    pub scale: Scale,
    /// Its name.
    pub name: String,
}

impl AssetView {
    /// `amount` in major units, without the code.
    pub fn format(&self, amount: Amount) -> String {
        amount.format(self.scale)
    }
}

/// What a market is opened with.
pub struct MarketConfig {
    /// `sqlite://path?mode=rwc` or `postgres://…`.
    pub database_url: String,
    /// Where files of submissions lie, and the high-water mark of the log.
    pub data_dir: PathBuf,
    /// About the installation.
    pub settings: Settings,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Chance.
    pub ids: Arc<dyn Ids>,
    /// Signs checkpoints; without it records are sealed but nothing is signed.
    pub signer: Option<KeyRing>,
}

/// The market.
#[derive(Clone)]
pub struct Market {
    store: Store,
    settings: Arc<Settings>,
    asset: Arc<AssetView>,
    files: FileStore,
    signer: Option<Arc<Signing>>,
    policy: Option<Arc<Policy>>,
    progress: Arc<Progress>,
    plain_webhooks: bool,
}

/// How far the log has come, as far as this server knows: only ever more.
#[derive(Default)]
struct Progress {
    /// The size of the newest checkpoint that this server has signed.
    published: watch::Sender<u64>,
    /// The size of the newest checkpoint with a quorum of witnesses.
    witnessed: watch::Sender<Option<u64>>,
}

impl Market {
    /// Opens the database, brings its tables up to date by `M`, and makes the asset, its mint and
    /// treasury and the log's head if this is the first start.
    ///
    /// # Errors
    /// When the database can't be opened, or the asset's code or scale differ from what it was made with.
    pub async fn open<M: Migrate>(config: MarketConfig) -> Result<Self> {
        let store = Store::open::<M>(&config.database_url, config.clock, config.ids).await?;
        let asset = books::found(&store, &config.settings, config.signer.as_ref()).await?;
        let signer = match config.signer {
            Some(ring) => Some(books::signing(&store, ring, MarkFile::new(&config.data_dir)).await?),
            None => None,
        };
        let files = FileStore::open(&config.data_dir).await?;
        Ok(Self {
            store,
            settings: Arc::new(config.settings),
            asset: Arc::new(asset),
            files,
            signer: signer.map(Arc::new),
            policy: None,
            progress: Arc::default(),
            plain_webhooks: false,
        })
    }

    /// Runs a command. Every write goes through this method or [`Market::run_once`].
    ///
    /// # Errors
    /// The command's refusals.
    pub async fn run<C: Command>(&self, asker: &Actor, command: C) -> Result<C::Output> {
        self.store.write(asker, None, command).await
    }

    /// Runs a command at most once for this asker and key: asked again, it answers the first outcome.
    ///
    /// # Errors
    /// The command's refusals; [`Refusal::KeyReused`] when the key came with another input before.
    pub async fn run_once<C: Command>(
        &self,
        asker: &Actor,
        key: IdempotencyKey,
        command: C,
    ) -> Result<C::Output> {
        self.store.write(asker, Some(key), command).await
    }

    /// The present instant, by the clock that everything is decided by.
    pub fn now(&self) -> Moment {
        self.store.now()
    }

    /// About the installation.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The installation's asset.
    pub fn asset(&self) -> &AssetView {
        &self.asset
    }

    /// The database.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// The files of submissions.
    pub fn files(&self) -> &FileStore {
        &self.files
    }

    /// What signs checkpoints, if this server holds a key.
    pub fn signer(&self) -> Option<&Signing> {
        self.signer.as_deref()
    }

    /// The same market, whose checkpoints are witnessed by this policy.
    #[must_use]
    pub fn watched_by(mut self, policy: Policy) -> Self {
        self.policy = Some(Arc::new(policy));
        self
    }

    /// The same market, which tells by webhooks; `plain` allows addresses without TLS, for trying out.
    #[must_use]
    pub fn telling_webhooks(mut self, plain: bool) -> Self {
        if !self.store.tells() {
            self.store.tell(false);
        }
        self.plain_webhooks = plain;
        self
    }

    /// Whether addresses without TLS may be told.
    pub fn has_plain_webhooks(&self) -> bool {
        self.plain_webhooks
    }

    /// Whose cosignatures count, and how many it takes.
    pub fn witness_policy(&self) -> Option<&Policy> {
        self.policy.as_deref()
    }

    /// Tells when this server has signed a newer checkpoint, by its size.
    pub fn checkpoints_signed(&self) -> watch::Receiver<u64> {
        self.progress.published.subscribe()
    }

    pub(crate) fn tell_published(&self, size: u64) {
        self.progress.published.send_if_modified(|known| replace_if_more(known, size));
    }

    pub(crate) fn witnessed_before(&self) -> Option<u64> {
        *self.progress.witnessed.borrow()
    }

    pub(crate) fn remember_witnessed(&self, size: u64) {
        self.progress.witnessed.send_if_modified(|known| replace_if_more(known, Some(size)));
    }

    /// Answers when the database does, and the log can be signed.
    ///
    /// # Errors
    /// When it doesn't, or signing was stopped by an alarm.
    pub async fn ping(&self) -> Result<()> {
        self.store.reads().ping().await?;
        match self.signer().and_then(Signing::alarm) {
            Some(why) => Err(Refusal::fault(why)),
            None => Ok(()),
        }
    }

    /// Waits for the writes under way and closes the database.
    pub async fn close(&self) {
        self.store.close().await;
    }
}

/// Whether it was replaced.
fn replace_if_more<T: PartialOrd>(known: &mut T, new: T) -> bool {
    let more = new > *known;
    if more {
        *known = new;
    }
    more
}
