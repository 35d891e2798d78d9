//! A market with many wallets, and callers who send tokens between them.
//!
//! Promises: everything goes through `Market`; sealing and signing is the job's, as in the program.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use ed25519_dalek::SigningKey;
use futures::future::join_all;
use ledger::Checkpoint;
use market::books::KeyRing;
use market::person::AddPerson;
use market::unit::CreateUnit;
use market::wallet::{AllocateTokens, Destination, IssueTokens, TransferTokens};
use market::{
    Actor, Amount, AssetSettings, LogAccess, Market, MarketConfig, Page, PersonKind, RandomIds, RecordId,
    Role, Settings, SystemClock, UnitId, WalletOwner,
};
use sea_orm::{DatabaseConnection, DbErr};
use sha2::{Digest, Sha256};
use tempfile::TempDir;
use tokio::sync::Notify;
use tokio::task::JoinHandle;

/// People, and the wallets that each of them may spend from.
const PEOPLE: usize = 40;
const WALLETS_EACH: usize = 250;

/// Brings tables up to date, as the program does.
struct Tables;

impl market::Migrate for Tables {
    async fn up(db: &DatabaseConnection) -> Result<(), DbErr> {
        migrations::up(db).await
    }
}

/// A market with wallets that hold something.
pub struct Town {
    market: Market,
    people: Arc<Vec<(Actor, Vec<UnitId>)>>,
    stop: Arc<Notify>,
    job: JoinHandle<()>,
    _files: TempDir,
}

/// What a load came to.
pub struct Measured {
    /// Records posted and sealed in a second.
    pub rate: u64,
    /// From the call to a signed checkpoint that covers the record.
    pub median: Duration,
    /// The same for the slowest of a hundred.
    pub p99: Duration,
    /// The most memory that this process ever had.
    pub peak_megabytes: u64,
}

impl Town {
    /// Opens a market, brings in people, gives each of them wallets and each wallet tokens.
    pub async fn open(url: &str) -> Self {
        let files = tempfile::tempdir().unwrap();
        let origin = "load.example/saima";
        let market = Market::open::<Tables>(MarketConfig {
            database_url: url.to_owned(),
            data_dir: files.path().to_owned(),
            settings: Settings {
                house: "Load".to_owned(),
                origin: origin.to_owned(),
                asset: AssetSettings { code: "LOAD".to_owned(), scale: 2, name: "Load".to_owned() },
                max_file: 1_024,
                hour_cost: None,
                max_files: 1,
                log_access: LogAccess::default(),
            },
            clock: Arc::new(SystemClock),
            ids: Arc::new(RandomIds),
            signer: Some(KeyRing::of(SigningKey::from_bytes(&[7; 32]))),
        })
        .await
        .unwrap();
        let stop = Arc::new(Notify::new());
        let (sealing, told) = (market.clone(), stop.clone());
        let job = tokio::spawn(async move {
            market::books::seal_forever(sealing, async { told.notified().await }).await;
        });
        let people = Arc::new(people(&market).await);
        Self { market, people, stop, job, _files: files }
    }

    /// `callers` send tokens for `how_long`, each waiting for its answer before the next call.
    pub async fn load(&self, callers: usize, how_long: Duration) -> Measured {
        // A moment to warm up, which doesn't count.
        self.call(callers, Limit::Until(Instant::now() + how_long / 5)).await;
        let before = self.sealed().await;
        let begun = Instant::now();
        let until = begun + how_long;
        let ((), mut times) = futures::join!(self.call(callers, Limit::Until(until)), self.sample(until));
        let rate = rate(self.sealed().await - before, begun.elapsed());
        times.sort_unstable();
        let at = |percent: usize| times.get((times.len() * percent / 100).min(times.len() - 1)).copied();
        Measured {
            rate,
            median: at(50).unwrap_or_default(),
            p99: at(99).unwrap_or_default(),
            peak_megabytes: peak_megabytes(),
        }
    }

    /// `callers` post so many records; answers how many a second.
    pub async fn post(&self, callers: usize, records: u64) -> u64 {
        let (begun, before) = (Instant::now(), self.sealed().await);
        self.call(callers, Limit::Records(Arc::new(AtomicU64::new(records)))).await;
        rate(self.sealed().await - before, begun.elapsed())
    }

    async fn call(&self, callers: usize, limit: Limit) {
        let callers = (0..callers).map(|number| {
            let (market, people, limit) = (self.market.clone(), self.people.clone(), limit.clone());
            tokio::spawn(async move {
                let mut dice = Dice(number as u64 + 1);
                while limit.goes_on() {
                    let (asker, command) = transfer(&people, &mut dice);
                    market.run(asker, command).await.unwrap();
                }
            })
        });
        for caller in join_all(callers).await {
            caller.unwrap();
        }
    }

    /// Posts one record after the other and waits for the checkpoint that covers it.
    async fn sample(&self, until: Instant) -> Vec<Duration> {
        let mut dice = Dice(77);
        let mut times = Vec::new();
        while Instant::now() < until {
            let (asker, command) = transfer(&self.people, &mut dice);
            let begun = Instant::now();
            let record = self.market.run(asker, command).await.unwrap();
            let index = self.index(asker, record).await;
            while self.signed().await <= index {
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
            times.push(begun.elapsed());
            tokio::time::sleep(Duration::from_millis(7)).await;
        }
        times
    }

    async fn index(&self, asker: &Actor, record: RecordId) -> u64 {
        loop {
            if let Some(index) = self.market.record(asker, record).await.unwrap().index {
                return index;
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }

    /// Records that a signed checkpoint covers.
    async fn signed(&self) -> u64 {
        let note = self.market.checkpoint().await.unwrap();
        let note = ledger::SignedNote::parse(note.as_bytes()).unwrap();
        note.text.parse::<Checkpoint>().unwrap().size
    }

    async fn sealed(&self) -> u64 {
        self.market.head(&Actor::Visitor).await.unwrap().size
    }

    /// How long the oldest page of the longest statement takes.
    pub async fn statement_pages(&self) -> Duration {
        let (asker, wallets) = &self.people[0];
        let owner = WalletOwner::Unit(wallets[0]);
        let page = Page { last: Some(20), ..Page::default() };
        self.market.statement(asker, owner, page.clone()).await.unwrap();
        let begun = Instant::now();
        let page = self.market.statement(asker, owner, page).await.unwrap();
        let took = begun.elapsed();
        assert_eq!(page.items.last().unwrap().1.seq, 1, "a statement goes back to the first posting");
        took
    }

    /// Verifies everything, beside SHA-256 over as many bytes as the records have.
    pub async fn verify(&self) -> String {
        self.market.seal_now().await.unwrap();
        let begun = Instant::now();
        let report = market::books::audit(self.market.store().reads(), &[], |_, _| {}).await.unwrap();
        let took = begun.elapsed();
        let record = vec![7_u8; 260];
        let begun = Instant::now();
        for _ in 0..report.size {
            std::hint::black_box(Sha256::digest(std::hint::black_box(&record)));
        }
        let hashing = begun.elapsed();
        format!(
            "verified {} records in {} ms; SHA-256 of as many records of {} bytes: {} ms; peak memory {} MB",
            report.size,
            took.as_millis(),
            record.len(),
            hashing.as_millis(),
            peak_megabytes(),
        )
    }

    /// Stops the job and closes the database.
    pub async fn close(self) {
        self.stop.notify_one();
        self.job.await.unwrap();
        self.market.close().await;
    }
}

#[derive(Clone)]
enum Limit {
    Until(Instant),
    Records(Arc<AtomicU64>),
}

impl Limit {
    fn goes_on(&self) -> bool {
        match self {
            Self::Until(end) => Instant::now() < *end,
            Self::Records(left) => {
                left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)).is_ok()
            }
        }
    }
}

/// A sequence that looks like chance and is the same in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, count: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from((self.0 >> 33) % count as u64).unwrap()
    }
}

/// Somebody sends a hundredth from one of their wallets to some other.
fn transfer<'p>(people: &'p [(Actor, Vec<UnitId>)], dice: &mut Dice) -> (&'p Actor, TransferTokens) {
    let (asker, wallets) = &people[dice.below(people.len())];
    let from = wallets[dice.below(wallets.len())];
    let to = loop {
        let (_, others) = &people[dice.below(people.len())];
        let to = others[dice.below(others.len())];
        if to != from {
            break to;
        }
    };
    let (from, to) = (WalletOwner::Unit(from), WalletOwner::Unit(to));
    (asker, TransferTokens { from, to, amount: Amount::new(1).unwrap(), memo: String::new() })
}

async fn people(market: &Market) -> Vec<(Actor, Vec<UnitId>)> {
    let treasurer = person(market, "tess", &[Role::Treasurer]).await;
    let amount = Amount::new(1 << 50).unwrap();
    market.run(&treasurer, IssueTokens { amount, reason: "for a load".to_owned() }).await.unwrap();
    let mut people = Vec::new();
    for number in 0..PEOPLE {
        let handle = format!("person-{number}");
        let asker = person(market, &handle, &[]).await;
        let units = (0..WALLETS_EACH).map(|at| unit(market, &asker, format!("unit-{number}-{at}")));
        let units = join_all(units).await;
        let grants = units.iter().map(|unit| {
            let (to, amount) = (Destination::Unit(*unit), Amount::new(1 << 30).unwrap());
            market.run(&treasurer, AllocateTokens { to, amount, reason: "for a load".to_owned() })
        });
        assert!(join_all(grants).await.iter().all(Result::is_ok));
        people.push((asker, units));
    }
    // As they are now, with all that they lead.
    for (asker, _) in &mut people {
        *asker = market.actor(asker.id().unwrap()).await.unwrap();
    }
    people
}

async fn person(market: &Market, handle: &str, roles: &[Role]) -> Actor {
    let person = AddPerson {
        email: format!("{handle}@load.example"),
        handle: handle.to_owned(),
        name: handle.to_owned(),
        password: "a horse, a kingdom".to_owned(),
        kind: PersonKind::Member,
        roles: roles.to_vec(),
    };
    let id = market.add_person(&Actor::Operator, person).await.unwrap();
    market.actor(id).await.unwrap()
}

async fn unit(market: &Market, lead: &Actor, slug: String) -> UnitId {
    let create =
        CreateUnit { name: slug.clone(), slug, purpose: "What a load needs.".to_owned(), lead: None };
    market.run(lead, create).await.unwrap()
}

fn rate(records: u64, took: Duration) -> u64 {
    records * 1_000 / u64::try_from(took.as_millis()).unwrap().max(1)
}

/// `VmHWM` of this process.
fn peak_megabytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = line.and_then(|rest| rest.split_whitespace().next()?.parse::<u64>().ok());
    kilobytes.unwrap_or(0) / 1_024
}
