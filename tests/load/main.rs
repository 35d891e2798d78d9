//! The load program: how fast the market posts, seals and signs, beside what the same machine does
//! without it.
//!
//!     cargo run --release -p load                      everything, about five minutes
//!     cargo run --release -p load -- sqlite 20         one database, 20 seconds a measurement
//!     cargo run --release -p load -- postgres 20
//!     cargo run --release -p load -- grow 6000000      SQLite: what a record costs as the log grows
//!     cargo run --release -p load -- postgres-grow 1000000
//!
//! Promises: what is measured is the market as the program runs it: people's transfers between wallets,
//! given to `Market::run`, sealed and signed by the job; databases are on disk and wait for it; every
//! figure stands beside a reference of the same run. Must never: measure what the program doesn't do.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a load program prints, and fails loudly")]

mod postgres;
mod reference;
mod town;

use std::time::Duration;

use postgres::Server;
use town::{Measured, Town};

/// Callers that wait at the same moment.
const CALLERS: [usize; 3] = [1, 32, 1_000];

fn main() {
    let mut arguments = std::env::args().skip(1);
    let what = arguments.next().unwrap_or_else(|| "all".to_owned());
    let number: Option<u64> = arguments.next().map(|text| text.parse().expect("a whole number"));
    let seconds = Duration::from_secs(number.unwrap_or(15));
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        match what.as_str() {
            "sqlite" => on_sqlite(seconds).await,
            "postgres" => on_postgres(seconds).await,
            "grow" => grow(Where::Sqlite, number.unwrap_or(1_000_000)).await,
            "postgres-grow" => grow(Where::Postgres, number.unwrap_or(1_000_000)).await,
            "all" => {
                on_sqlite(seconds).await;
                on_postgres(seconds).await;
                grow(Where::Sqlite, 1_000_000).await;
            }
            other => panic!("`{other}` is none of all, sqlite, postgres, grow, postgres-grow"),
        }
    });
}

#[derive(Clone, Copy)]
enum Where {
    Sqlite,
    Postgres,
}

async fn on_sqlite(seconds: Duration) {
    let folder = tempfile::tempdir().unwrap();
    let fsync = reference::fsyncs(folder.path(), Duration::from_secs(3));
    println!("append 512 bytes and fdatasync: {fsync}/s");
    let plain = reference::plain_sqlite(folder.path(), seconds / 2, 1_000);
    println!("plain SQL on SQLite, the same rows, 1,000 in a transaction: {plain} records/s");
    let town = Town::open(&format!("sqlite://{}?mode=rwc", folder.path().join("saima.db").display())).await;
    for callers in CALLERS {
        let measured = town.load(callers, seconds).await;
        line("SQLite", callers, &measured);
        match callers {
            1 => println!("  one caller: {} of the fsync rate", ratio(measured.rate, fsync)),
            1_000 => println!("  against plain SQL: {} times", ratio(measured.rate, plain)),
            _ => {}
        }
    }
    town.close().await;
}

async fn on_postgres(seconds: Duration) {
    let server = Server::start();
    let mut best = 0;
    for clients in [1, 8, 32] {
        let rate = server.pgbench(clients, seconds);
        println!("pgbench TPC-B-like, {clients} clients: {rate} transactions/s");
        best = best.max(rate);
    }
    let town = Town::open(&server.database()).await;
    for callers in CALLERS {
        let measured = town.load(callers, seconds).await;
        line("PostgreSQL", callers, &measured);
        println!("  against pgbench's best: {} times", ratio(measured.rate, best));
    }
    town.close().await;
}

/// What a record costs while the log grows to `records`: the rate of each twentieth of the way.
async fn grow(place: Where, records: u64) {
    let folder = tempfile::tempdir().unwrap();
    let server = matches!(place, Where::Postgres).then(Server::start);
    let url = match &server {
        Some(server) => server.database(),
        None => format!("sqlite://{}?mode=rwc", folder.path().join("saima.db").display()),
    };
    let town = Town::open(&url).await;
    let part = (records / 20).max(1);
    let mut first = 0;
    for at in 1..=20 {
        let rate = town.post(1_000, part).await;
        if at == 1 {
            first = rate;
        }
        let cost = ratio(first, rate);
        println!("up to {} records: {rate} records/s, {cost} times the cost of the first", part * at);
    }
    let (page, verified) = (town.statement_pages().await, town.verify().await);
    println!("the oldest page of the busiest wallet's statement: {} µs", page.as_micros());
    println!("{verified}");
    town.close().await;
}

fn line(database: &str, callers: usize, measured: &Measured) {
    println!(
        "{database}, {callers} waiting: {} records/s posted and sealed; post to signed checkpoint {} ms median, {} ms p99; peak memory {} MB",
        measured.rate,
        measured.median.as_millis(),
        measured.p99.as_millis(),
        measured.peak_megabytes,
    );
}

/// `a / b` with two decimals.
fn ratio(a: u64, b: u64) -> String {
    let hundredths = a * 100 / b.max(1);
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}
