//! The running program, built in one place.
//!
//! Promises: the program and its tests are started by the same function; what is started can be stopped,
//! and then everything that was written has been sealed, signed and closed. Must never: read flags, print,
//! or hold what belongs to one request.

use std::io;
use std::net::{IpAddr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use actix_web::dev::ServerHandle;
use actix_web::http::KeepAlive;
use actix_web::middleware::{Compress, from_fn};
use actix_web::web::{Data, PayloadConfig, to};
use actix_web::{App as Site, HttpResponse, HttpServer};
use ledger::Policy;
use market::{Actor, Clock, Ids, Market, MarketConfig, Migrate, RandomIds, Refusal, SystemClock};
use sea_orm::{DatabaseConnection, DbErr};
use tokio::runtime::Handle;
use tokio::task::JoinHandle;
use tracing_actix_web::TracingLogger;
use web::live::Live;
use web::pages::door::{CookiePolicy, Demo, Player};
use web::pages::notices::Unsubscribers;
use web::pages::picture;
use web::urls::Base;

use crate::config::{Config, DEFAULT_ORIGIN};
use crate::graphql::rate::Buckets;
use crate::graphql::{Api, PERSON_BODY, TokenMaker};
use crate::guard::{Bounds, bound_body};
use crate::home::at_home;
use crate::identify::identify;
use crate::jobs::Jobs;
use crate::keys::{KeyTrouble, Keys, publish};
use crate::post::{MailTrouble, Mailer, Stops};
use crate::remember::remember;
use crate::routes;
use crate::telemetry::RequestSpan;
use crate::tokens::Tokens;
use crate::waiting::{self, Waiting};

/// Most bytes in a plain form.
const FORM: usize = 256 << 10;
/// What a form with files may have around them.
const SLACK: usize = 512 << 10;

/// The program, about to be started.
pub struct App {
    /// What it is told.
    pub config: Config,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Chance.
    pub ids: Arc<dyn Ids>,
}

/// The program, serving.
pub struct Running {
    /// Where it listens.
    pub address: SocketAddr,
    /// The market that it serves.
    pub market: Market,
    server: ServerHandle,
    serving: JoinHandle<io::Result<()>>,
    jobs: Jobs,
    live: Arc<Live>,
}

/// What requests share.
pub struct Shared {
    /// The market.
    pub market: Market,
    /// Access tokens.
    pub tokens: Arc<Tokens>,
    /// Proxies to believe.
    pub trusted_proxies: Vec<IpAddr>,
    /// Whether cookies are for HTTPS alone.
    pub secure_cookies: bool,
}

/// Why the program did not start, or did not go on.
#[derive(Debug, thiserror::Error)]
pub enum Trouble {
    /// A key.
    #[error(transparent)]
    Key(#[from] KeyTrouble),
    /// The market. What it hides from askers is what the operator needs to know.
    #[error("{}", cause(.0))]
    Market(#[from] Refusal),
    /// Token keys.
    #[error("access tokens can't be signed: {0}")]
    Tokens(#[from] jsonwebtoken::errors::Error),
    /// Mail.
    #[error(transparent)]
    Mail(#[from] MailTrouble),
    /// The file that says who is witness.
    #[error("{path}: {why}")]
    Policy {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// The system.
    #[error("{what}: {why}")]
    System {
        /// What was tried.
        what: String,
        /// What the system says.
        why: io::Error,
    },
}

/// Brings tables up to date by the `migrations` crate.
pub struct Tables;

impl Migrate for Tables {
    fn up(db: &DatabaseConnection) -> impl Future<Output = Result<(), DbErr>> + Send {
        migrations::up(db)
    }
}

impl App {
    /// The program as it runs for real: by the system's clock and the system's dice.
    pub fn new(config: Config) -> Self {
        Self { config, clock: Arc::new(SystemClock), ids: Arc::new(RandomIds) }
    }

    /// Opens the keys and listens, opens the database, while whoever comes is told to come back, and serves.
    ///
    /// # Errors
    /// When any of that can't be done.
    pub async fn start(self) -> Result<Running, Trouble> {
        if self.config.settings.origin == DEFAULT_ORIGIN && !self.config.listen.ip().is_loopback() {
            tracing::warn!(
                "the log goes by the name {DEFAULT_ORIGIN}: set SAIMA_ORIGIN to one of your own before the first start"
            );
        }
        let keys = Keys::open(&self.config, self.ids.as_ref())?;
        let tokens = Arc::new(Tokens::new(&self.config.settings.origin, &keys.token)?);
        let stops = Arc::new(Stops::new(&self.config.settings.origin, keys.token.clone()));
        let mailer = Mailer::new(&self.config, Arc::clone(&stops))?;
        let cannot = |why| Trouble::System { what: format!("can't listen on {}", self.config.listen), why };
        let listener = waiting::bind(self.config.listen).map_err(cannot)?;
        let address = listener.local_addr().map_err(cannot)?;
        let waiting = Waiting::begin(&listener).map_err(cannot)?;
        let opened = open(&self.config, &keys, Arc::clone(&self.clock), Arc::clone(&self.ids)).await;
        // Whoever comes first finds a signed state of the log; what stands in the way, the job tells.
        if let Ok(market) = &opened
            && let Err(why) = market.seal_now().await
        {
            tracing::warn!(%why, "nothing could be sealed before serving");
        }
        waiting.end().await;
        let market = opened?;
        let live = Live::new(self.config.live);
        let server = serve(&self.config, &market, (&tokens, &live), stops, listener).map_err(cannot)?;
        let handle = server.handle();
        let serving = tokio::spawn(server);
        let jobs = Jobs::start(&market, &live, mailer, self.config.webhook_private);
        Ok(Running { address, market, server: handle, serving, jobs, live })
    }
}

/// Opens the market that `config` describes, whose log must go on from all that was signed here.
///
/// # Errors
/// When the database can't be opened, the log in it goes by another name, or is behind the mark.
pub async fn open(
    config: &Config,
    keys: &Keys,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn Ids>,
) -> Result<Market, Trouble> {
    let market = open_unchecked(config, keys, clock, ids).await?;
    if let Err(behind) = market.check_mark().await {
        market.close().await;
        return Err(behind.into());
    }
    Ok(market)
}

/// The same without looking at the mark, for those who are about to start a new epoch. Nothing is signed
/// against the mark all the same.
///
/// # Errors
/// When the database can't be opened, or the log in it goes by another name.
pub async fn open_unchecked(
    config: &Config,
    keys: &Keys,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn Ids>,
) -> Result<Market, Trouble> {
    let market = Market::open::<Tables>(MarketConfig {
        database_url: config.database.as_str().to_owned(),
        data_dir: config.data.clone(),
        settings: config.settings.clone(),
        clock,
        ids,
        signer: Some(keys.log.clone()),
    });
    let market = market.await?;
    let market = if config.smtp_url.is_some() { market.mailing_notices() } else { market };
    let market = market.telling_webhooks(config.webhook_private);
    write_down_keys(config, &market).await?;
    Ok(match &config.witness_policy {
        Some(path) => market.watched_by(read_policy(path)?),
        None => market,
    })
}

/// Reads a policy file.
///
/// # Errors
/// When it can't be read, or is none.
pub fn read_policy(path: &Path) -> Result<Policy, Trouble> {
    let wrong = |why: String| Trouble::Policy { path: path.to_owned(), why };
    let file = std::fs::read(path).map_err(|why| wrong(why.to_string()))?;
    Policy::parse(&file).map_err(|why| wrong(why.to_string()))
}

/// Writes down the public keys of the log as they are now, for tools that have no database.
///
/// # Errors
/// When the database or the folder of keys fails.
pub async fn write_down_keys(config: &Config, market: &Market) -> Result<(), Trouble> {
    let known = market.log_keys(&Actor::Operator).await?;
    let known: Vec<_> = known.into_iter().map(|view| view.key).collect();
    Ok(publish(&config.keys(), &known)?)
}

impl Running {
    /// Serves until `stop` comes or the server ends by itself.
    ///
    /// # Errors
    /// When the server fails.
    pub async fn until(mut self, stop: impl Future<Output = ()>) -> Result<(), Trouble> {
        let ended = tokio::select! {
            () = stop => None,
            ended = &mut self.serving => Some(ended),
        };
        match ended {
            None => self.stop().await,
            Some(ended) => {
                let served = ended.unwrap_or_else(|broken| Err(io::Error::other(broken)));
                close(self.market, self.jobs).await?;
                served.map_err(|why| Trouble::System { what: "the server ended".to_owned(), why })
            }
        }
    }

    /// Who watches races.
    pub fn live(&self) -> &Live {
        &self.live
    }

    /// Stops: no more requests, those under way are finished, everything is sealed, signed and closed.
    ///
    /// # Errors
    /// When sealing fails; what was written is safe and will be sealed at the next start.
    pub async fn stop(self) -> Result<(), Trouble> {
        // Streams would go on; the server waits for whoever is being answered.
        self.live.close();
        self.server.stop(true).await;
        if let Err(broken) = self.serving.await {
            tracing::error!(%broken, "the server did not end in order");
        }
        close(self.market, self.jobs).await
    }
}

async fn close(market: Market, jobs: Jobs) -> Result<(), Trouble> {
    jobs.stop().await;
    let sealed = seal(&market).await;
    market.close().await;
    sealed?;
    Ok(())
}

/// Seals what is left. Connections that a worker's thread opened end with that thread, perhaps in the middle
/// of a statement, so a failure is no reason to give up at once.
async fn seal(market: &Market) -> market::Result<u64> {
    let mut sealed = market.seal_now().await;
    for _ in 0..20 {
        if sealed.is_ok() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
        sealed = market.seal_now().await;
    }
    sealed
}

fn serve(
    config: &Config,
    market: &Market,
    (tokens, live): (&Arc<Tokens>, &Arc<Live>),
    stops: Arc<Stops>,
    listener: TcpListener,
) -> io::Result<actix_web::dev::Server> {
    let shared = Data::new(Shared {
        market: market.clone(),
        tokens: Arc::clone(tokens),
        trusted_proxies: config.trusted_proxies.clone(),
        secure_cookies: config.secure_cookies,
    });
    let api = Data::new(Api {
        market: market.clone(),
        schema: schema::schema(market.clone(), schema::Limits::default()),
        tokens: Arc::new(TokenMaker { tokens: Arc::clone(tokens), market: market.clone() }),
        buckets: Arc::new(Buckets::default()),
        visitor_cost: config.visitor_cost,
        person_cost: config.person_cost,
    });
    let market = Data::new(market.clone());
    let demo = Data::new(Demo(config.demo.then(cast)));
    let cookies = Data::new(CookiePolicy { secure: config.secure_cookies });
    let bounds = Data::new(Bounds::up_to(longest_body(config)));
    let home = Data::new(Handle::current());
    let live = Data::from(Arc::clone(live));
    let pictures = Data::from(picture::kept());
    let base = Data::new(Base(config.public_url()));
    let stops: Arc<dyn Unsubscribers> = stops;
    let stops = Data::from(stops);
    let site = move || {
        Site::new()
            .app_data(shared.clone())
            .app_data(api.clone())
            .app_data(market.clone())
            .app_data(demo.clone())
            .app_data(cookies.clone())
            .app_data(bounds.clone())
            .app_data(home.clone())
            .app_data(stops.clone())
            .app_data(live.clone())
            .app_data(pictures.clone())
            .app_data(base.clone())
            .app_data(PayloadConfig::new(FORM))
            // The last one wrapped is the first to see the request.
            .wrap(from_fn(bound_body::<_>))
            .wrap(from_fn(identify::<_>))
            .wrap(from_fn(web::errors::dress::<_>))
            .wrap(web::headers::security())
            .wrap(from_fn(web::conditional::spare::<_>))
            .wrap(Compress::default())
            .wrap(from_fn(remember::<_>))
            .wrap(from_fn(at_home::<_>))
            .wrap(TracingLogger::<RequestSpan>::new())
            .configure(routes::all)
            .default_service(to(HttpResponse::NotFound))
    };
    let server = HttpServer::new(site)
        .keep_alive(KeepAlive::Timeout(Duration::from_secs(30)))
        .client_request_timeout(Duration::from_secs(10))
        .client_disconnect_timeout(Duration::from_secs(5))
        .max_connections(10_000)
        // Who has closed their browser waits for nothing: what it held, such as a stream's place, is free at once.
        .h1_allow_half_closed(false)
        .shutdown_timeout(20)
        .disable_signals();
    let server = match config.workers {
        Some(workers) => server.workers(workers),
        None => server,
    };
    Ok(server.listen(listener)?.run())
}

/// The most that any handler takes: a form with files, or the API's largest request.
fn longest_body(config: &Config) -> usize {
    let files = config.settings.max_file.saturating_mul(config.settings.max_files);
    files.saturating_add(SLACK).max(PERSON_BODY)
}

fn cause(refusal: &Refusal) -> String {
    match refusal {
        Refusal::Fault(why) => why.clone(),
        other => other.to_string(),
    }
}

/// The people of the demo, with the password that is told when it starts.
fn cast() -> Vec<Player> {
    let known = seeds::World::default().accounts.into_iter();
    known
        .map(|account| Player {
            name: account.name.to_owned(),
            email: account.email.to_owned(),
            password: seeds::PASSWORD.to_owned(),
        })
        .collect()
}
