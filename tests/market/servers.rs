//! Several servers on one database, all of which write, seal and sign: one log.
//!
//! `SAIMA_LONG=600` lets them run for so many seconds instead of a few rounds.

use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::future::join_all;
use ledger::{Hash, tree};
use market::wallet::TransferTokens;
use market::{Actor, Market, RandomIds, WalletOwner};
use sea_orm::{ConnectionTrait, Statement};
use tests::{World, both};
use tokio::sync::watch;

const PEOPLE: [&str; 4] = ["ada", "ben", "cid", "dan"];

/// Sixty transfers at once, in a circle, by this server.
async fn round(world: &World, market: &Market) -> usize {
    let mut calls = Vec::new();
    for at in 0..60 {
        let (from, to) = (PEOPLE[at % 4], PEOPLE[(at + 1) % 4]);
        let command = TransferTokens {
            from: WalletOwner::Person(world.person(from).await),
            to: WalletOwner::Person(world.person(to).await),
            amount: world.tokens("0.01"),
            memo: String::new(),
        };
        let (market, asker) = (market.clone(), world.actor(from).await);
        calls.push(tokio::spawn(async move { market.run(&asker, command).await }));
    }
    join_all(calls).await.into_iter().filter(|answer| answer.as_ref().unwrap().is_ok()).count()
}

/// Size and root of every checkpoint, smallest first.
async fn checkpoints(db: &impl ConnectionTrait) -> Vec<(u64, Hash)> {
    let sql = "SELECT size, root FROM checkpoint ORDER BY size";
    let rows = db.query_all_raw(Statement::from_string(db.get_database_backend(), sql)).await.unwrap();
    let size = |row: &sea_orm::QueryResult| row.try_get::<i64>("", "size").unwrap();
    let root = |row: &sea_orm::QueryResult| row.try_get::<Vec<u8>>("", "root").unwrap();
    rows.iter().map(|row| (u64::try_from(size(row)).unwrap(), root(row).try_into().unwrap())).collect()
}

async fn count(db: &impl ConnectionTrait, sql: &str) -> i64 {
    let row = db.query_one_raw(Statement::from_string(db.get_database_backend(), sql)).await.unwrap();
    row.unwrap().try_get("", "count").unwrap()
}

both! {
    async fn servers_that_write_and_seal_at_once_keep_one_log_of_which_every_checkpoint_is_a_part(world: &World) {
        for who in PEOPLE {
            world.give_person(who, "500").await;
        }
        let second = World::open(&world.fresh, &world.clock, Arc::new(RandomIds)).await.unwrap();
        let (stop, stopped) = watch::channel(false);
        let sealers = [&world.market, &second].map(|market| {
            let (market, mut stopped) = (market.clone(), stopped.clone());
            tokio::spawn(async move {
                market::books::seal_forever(market, async {
                    let _told = stopped.wait_for(|stop| *stop).await;
                })
                .await;
            })
        });
        let seconds = std::env::var("SAIMA_LONG").ok().map(|text| text.parse().unwrap());
        let end = seconds.map(|seconds| Instant::now() + Duration::from_secs(seconds));
        let (mut done, mut rounds) = (0, 0);
        while rounds < 4 || end.is_some_and(|end| Instant::now() < end) {
            let (here, there) = futures::join!(round(world, &world.market), round(world, &second));
            (done, rounds) = (done + here + there, rounds + 1);
        }
        stop.send(true).unwrap();
        for sealer in sealers {
            sealer.await.unwrap();
        }
        assert_eq!(done, rounds * 120, "everybody has enough, so all went through");
        world.market.seal_now().await.unwrap();

        let db = world.fresh.connect().await;
        let leaves = count(&db, "SELECT COUNT(*) AS count FROM leaf").await;
        let highest = count(&db, "SELECT MAX(idx) + 1 AS count FROM leaf").await;
        let records = count(&db, "SELECT COUNT(*) AS count FROM record").await;
        assert_eq!((leaves, highest), (records, records), "no gap and no double");
        let signed = checkpoints(&db).await;
        db.close().await.unwrap();
        assert!(signed.len() >= 2, "something was signed on the way");
        for pair in signed.windows(2) {
            let [(old, old_root), (new, new_root)] = pair else { unreachable!("windows of two") };
            let proof = second.consistency(&Actor::Visitor, *old, *new).await.unwrap();
            tree::verify_consistency(*old, *new, old_root, new_root, &proof).unwrap();
        }
        second.close().await;
    }
}
