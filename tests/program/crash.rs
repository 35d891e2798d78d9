//! Killed at any moment of its work: what was acknowledged is there, each once, and nothing else is.
//!
//! Five kills on either database, and two stops of PostgreSQL itself, in every run; `TEST_CRASHES` sets how
//! many it is instead.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::{Value, json};
use tests::{Db, Fresh, HttpAsker};

use crate::postgres::Postgres;
use crate::process::{Place, Serving};

/// How many callers wait at once.
const CALLERS: usize = 8;

fn crashes(otherwise: usize) -> usize {
    std::env::var("TEST_CRASHES").ok().and_then(|text| text.parse().ok()).unwrap_or(otherwise)
}

/// Numbers that look like chance and are the same in every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % sides
    }
}

/// An installation under load, and what its callers know.
struct Story {
    place: Place,
    from: Value,
    to: Value,
    /// The next key that nobody has used.
    next: usize,
    /// The record that each key was answered with.
    acknowledged: BTreeMap<usize, String>,
}

/// Sends the hundredth of a token under a key; answers the record, or nothing if no answer came.
async fn transfer(asker: &HttpAsker, from: &Value, to: &Value, key: usize) -> Option<String> {
    let query = "mutation ($i: TransferTokensInput!) { transferTokens(input: $i) { record { id } userErrors { code } } }";
    let input = json!({ "from": from, "to": to, "amount": "0.01", "idempotencyKey": format!("t{key}") });
    let body = json!({ "query": query, "variables": { "i": input } });
    let sent = asker.request(reqwest::Method::POST, "/graphql").json(&body).send().await;
    let body = sent.ok()?.json::<Value>().await.ok()?;
    body["data"]["transferTokens"]["record"]["id"].as_str().map(str::to_owned)
}

impl Story {
    async fn begin(place: Place) -> Self {
        place.add("tess", &["treasurer"]).await;
        place.add("ada", &[]).await;
        let serving = place.serve().await;
        let tess = serving.api("tess").await;
        let ids = tess.must("{ viewer { person { id } } person(handle: \"ada\") { id } }", json!({})).await;
        let (from, to) = (ids["viewer"]["person"]["id"].clone(), ids["person"]["id"].clone());
        let start = |key: &str| json!({ "amount": "100000", "reason": "A start.", "idempotencyKey": key });
        tess.mutate("issueTokens", start("k1"), "record { id }").await;
        let mut allocate = start("k2");
        allocate["to"] = from.clone();
        tess.mutate("allocateTokens", allocate, "record { id }").await;
        serving.stop().await;
        Self { place, from, to, next: 0, acknowledged: BTreeMap::new() }
    }

    /// Callers send what they can until `crash` has happened and they are no longer answered.
    async fn under_load(&mut self, serving: &Serving, acks: usize, crash: impl Future<Output = ()>) {
        let tess = serving.api("tess").await;
        let (next, done) = (Arc::new(AtomicUsize::new(self.next)), Arc::new(AtomicUsize::new(0)));
        let crashed = Arc::new(AtomicBool::new(false));
        let mut callers = Vec::new();
        for _ in 0..CALLERS {
            let asker = HttpAsker::with_token(&serving.base, tess.token());
            let (next, done, crashed) = (next.clone(), done.clone(), crashed.clone());
            let (from, to) = (self.from.clone(), self.to.clone());
            callers.push(tokio::spawn(async move {
                let mut acknowledged = Vec::new();
                loop {
                    let key = next.fetch_add(1, Ordering::SeqCst);
                    match transfer(&asker, &from, &to, key).await {
                        Some(record) => {
                            acknowledged.push((key, record));
                            done.fetch_add(1, Ordering::SeqCst);
                        }
                        None => return acknowledged,
                    }
                    if crashed.load(Ordering::SeqCst) {
                        return acknowledged;
                    }
                }
            }));
        }
        while done.load(Ordering::SeqCst) < acks {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        crash.await;
        crashed.store(true, Ordering::SeqCst);
        for caller in callers {
            for (key, record) in caller.await.unwrap() {
                assert!(self.acknowledged.insert(key, record).is_none());
            }
        }
        self.next = next.load(Ordering::SeqCst);
    }

    /// Everything acknowledged is there; whoever was not answered asks again; then all of it is there, once.
    async fn is_whole(&mut self, serving: &Serving, dice: &mut Dice) {
        let (tess, ada) = (serving.api("tess").await, serving.api("ada").await);
        let kept = received(&ada).await;
        let known = self.acknowledged.len();
        assert!(
            (known..=self.next).contains(&kept),
            "{kept} kept, {known} acknowledged, {} asked",
            self.next
        );
        for key in 0..self.next {
            let before = self.acknowledged.get(&key);
            // All that were not answered, and some of those that were.
            if before.is_some() && dice.roll(16) != 0 {
                continue;
            }
            let now = transfer(&tess, &self.from, &self.to, key).await;
            let now = now.unwrap_or_else(|| panic!("{key} is refused when it is asked again"));
            match before {
                Some(before) => assert_eq!(*before, now, "the first answer holds for ever"),
                None => drop(self.acknowledged.insert(key, now)),
            }
        }
        assert_eq!(received(&ada).await, self.next, "each is done once, and nothing else");
    }

    /// The whole ledger is verified from outside.
    async fn is_verified(&self) {
        let report = self.place.run(&["verify"]).await.well();
        assert!(report.contains("signatures good"), "{report}");
    }
}

/// How many minor units ada holds: one for each transfer.
async fn received(ada: &HttpAsker) -> usize {
    let seen = ada.must("{ viewer { wallet { balance } } }", json!({})).await;
    let balance = seen["viewer"]["wallet"]["balance"].as_str().unwrap().replace('.', "");
    balance.parse().unwrap()
}

async fn killed_again_and_again(place: Place, times: usize) {
    let mut story = Story::begin(place).await;
    let mut dice = Dice(369_978);
    for _ in 0..times {
        let serving = story.place.serve().await;
        let acks = usize::try_from(1 + dice.roll(40)).unwrap();
        let pause = Duration::from_micros(dice.roll(20_000));
        let kill = async {
            tokio::time::sleep(pause).await;
            serving.signal("KILL");
        };
        story.under_load(&serving, acks, kill).await;
        serving.end().await;
        story.is_verified().await;
        let serving = story.place.serve().await;
        story.is_whole(&serving, &mut dice).await;
        // Half of the times it is killed once more where it stands, with nobody there.
        serving.signal(if dice.roll(2) == 0 { "KILL" } else { "TERM" });
        serving.end().await;
    }
    let serving = story.place.serve().await;
    story.is_whole(&serving, &mut dice).await;
    serving.stop().await;
    let report = story.place.run(&["verify"]).await.well();
    assert!(report.contains(&format!("{} sealed, 0 waiting", story.next + 2)), "{report}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_under_load_it_has_lost_nothing_that_it_acknowledged_on_sqlite() {
    killed_again_and_again(Place::new().with("SAIMA_PERSON_COST", "1000000"), crashes(5)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_under_load_it_has_lost_nothing_that_it_acknowledged_on_postgres() {
    let fresh = Fresh::without_tables(Db::Postgres).await;
    let place = Place::new().with("SAIMA_PERSON_COST", "1000000").with("SAIMA_DATABASE_URL", &fresh.url);
    killed_again_and_again(place, crashes(5)).await;
    fresh.drop().await;
}

/// PostgreSQL is stopped with `immediate`, which is a crash to it, under a server that lives on.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn when_postgres_crashes_under_it_nothing_acknowledged_is_lost() {
    let postgres = Postgres::start().await;
    let place = Place::new().with("SAIMA_PERSON_COST", "1000000").with("SAIMA_DATABASE_URL", &postgres.url);
    let mut story = Story::begin(place).await;
    let mut dice = Dice(36_951);
    let serving = story.place.serve().await;
    for _ in 0..crashes(2) {
        let acks = usize::try_from(1 + dice.roll(40)).unwrap();
        story.under_load(&serving, acks, postgres.crash()).await;
        postgres.recover().await;
        story.is_whole(&serving, &mut dice).await;
        story.is_verified().await;
    }
    serving.stop().await;
    story.is_verified().await;
    postgres.stop().await;
}
