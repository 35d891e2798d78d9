//! Many at once: nothing is spent twice, no lane is taken twice, two servers are as one.

use std::sync::Arc;

use futures::future::join_all;
use market::task::{CancelTask, Rules};
use market::wallet::TransferTokens;
use market::{Actor, CountedIds, ManualClock, RandomIds, Refusal, WalletOwner};
use tests::{Db, Fresh, Start, World, both};

async fn transfer(world: &World, to: &str, amount: &str) -> TransferTokens {
    TransferTokens {
        from: WalletOwner::Person(world.person("ada").await),
        to: WalletOwner::Person(world.person(to).await),
        amount: world.tokens(amount),
        memo: String::new(),
    }
}

fn is_short_of_funds<T: std::fmt::Debug>(answer: &market::Result<T>) -> bool {
    matches!(answer, Err(refusal) if tests::problem_codes(refusal) == ["amount insufficient-funds"])
}

both! {
    async fn two_hundred_attempts_to_spend_one_balance_spend_it_once(world: &World) {
        world.give_person("ada", "10").await;
        let ada = world.actor("ada").await;
        let command = transfer(world, "ben", "0.30").await;
        let calls = (0..200).map(|_| {
            let (market, ada, command) = (world.market.clone(), ada.clone(), command.clone());
            tokio::spawn(async move { market.run(&ada, command).await })
        });
        let answers: Vec<_> = join_all(calls).await.into_iter().map(Result::unwrap).collect();
        let done = answers.iter().filter(|answer| answer.is_ok()).count();
        assert_eq!(done, 33, "10.00 is 33 times 0.30 and a rest");
        let refused = answers.iter().filter(|answer| is_short_of_funds(answer)).count();
        assert_eq!(
            refused,
            167,
            "every other one is told why: {:?}",
            answers.iter().find(|answer| answer.is_err() && !is_short_of_funds(answer))
        );
        assert_eq!(
            (world.balance("ada").await, world.balance("ben").await),
            ("0.10".to_owned(), "9.90".to_owned())
        );
    }

    async fn money_sent_in_a_circle_by_all_at_once_comes_out_even(world: &World) {
        let ring = ["ada", "ben", "cid", "dan"];
        for who in ring {
            world.give_person(who, "5").await;
        }
        let mut calls = Vec::new();
        for round in 0..40 {
            let (from, to) = (ring[round % 4], ring[(round + 1) % 4]);
            let command = TransferTokens {
                from: WalletOwner::Person(world.person(from).await),
                ..transfer(world, to, "1").await
            };
            let (market, asker) = (world.market.clone(), world.actor(from).await);
            calls.push(tokio::spawn(async move { market.run(&asker, command).await }));
        }
        let moved =
            join_all(calls).await.into_iter().filter(|answer| answer.as_ref().unwrap().is_ok()).count();
        assert!(moved >= 20, "only {moved} went through: deadlocks are run again");
        let mut sum = world.tokens("0");
        for who in ring {
            sum = sum.checked_add(world.tokens(&world.balance(who).await)).unwrap();
        }
        assert_eq!(sum, world.tokens("20"));
    }

    async fn three_lanes_take_three_of_twelve_who_come_at_once(world: &World) {
        let race = world
            .race(Start { rules: Rules { max_lanes: Some(3), ..Rules::default() }, ..Start::default() })
            .await;
        let mut calls = Vec::new();
        for at in 0..12 {
            let asker = world.actor(&format!("rider-{at}")).await;
            let (market, enter) = (world.market.clone(), race.alone());
            calls.push(tokio::spawn(async move { market.run(&asker, enter).await }));
        }
        let answers: Vec<_> = join_all(calls).await.into_iter().map(Result::unwrap).collect();
        assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 3, "{answers:?}");
        let refused = |answer: &&market::Result<_>| matches!(answer, Err(why) if tests::problem_codes(why) == ["lanes-full"]);
        assert_eq!(answers.iter().filter(refused).count(), 9, "{answers:?}");
        let mut lanes: Vec<u32> = world
            .market
            .entries(&race.as_poster().await, race.task)
            .await
            .unwrap()
            .iter()
            .map(|one| one.lane)
            .collect();
        lanes.sort_unstable();
        assert_eq!(lanes, [1, 2, 3]);
    }

    async fn either_the_race_is_called_off_or_the_work_is_taken_never_both(world: &World) {
        for _ in 0..5 {
            let race = world.race(Start::default()).await;
            let entry = race.enter("ada").await;
            let cancel = CancelTask { task: race.task, reason: "Perhaps in time.".to_owned() };
            let (cancelled, submitted) =
                futures::join!(world.run("mia", cancel), race.try_submit("ada", entry, "Perhaps in time."));
            assert_ne!(cancelled.is_ok(), submitted.is_ok(), "{cancelled:?} {submitted:?}");
        }
    }

    async fn two_clocks_pay_once(world: &World) {
        let race = world.race(Start::default()).await;
        let entry = race.run("ada").await;
        race.close().await;
        race.rule(&[(entry, 1)]).await;
        world.clock.set(race.view().await.appeals_until.unwrap());
        let second = World::open(&world.fresh, &world.clock, Arc::new(RandomIds)).await.unwrap();
        let moved = join_all((0..6).map(|at| {
            let market = if at % 2 == 0 { world.market.clone() } else { second.clone() };
            async move { market.keep_time().await.unwrap() }
        }))
        .await;
        assert_eq!(moved.iter().sum::<usize>(), 1);
        assert_eq!(world.balance("ada").await, "600.00");
        second.close().await;
    }

    /// Writes go through both servers and both seal: one log, gap-free, one root.
    async fn two_servers_on_one_database_keep_one_ledger(world: &World) {
        world.give_person("ada", "50").await;
        let second = World::open(&world.fresh, &world.clock, Arc::new(RandomIds)).await.unwrap();
        let ada = world.actor("ada").await;
        let command = transfer(world, "ben", "1").await;
        let calls = (0..60).map(|at| {
            let market = if at % 2 == 0 { world.market.clone() } else { second.clone() };
            let (ada, command) = (ada.clone(), command.clone());
            tokio::spawn(async move {
                let done = market.run(&ada, command).await;
                if at % 5 == 0 {
                    market.seal_now().await.unwrap();
                }
                done
            })
        });
        let answers: Vec<_> = join_all(calls).await.into_iter().map(Result::unwrap).collect();
        let done = answers.iter().filter(|answer| answer.is_ok()).count();
        assert_eq!(
            done,
            50,
            "{:?}",
            answers.iter().find(|answer| answer.is_err() && !is_short_of_funds(answer))
        );
        world.market.seal_now().await.unwrap();
        let here = world.market.head(&Actor::Visitor).await.unwrap();
        let there = second.head(&Actor::Visitor).await.unwrap();
        assert_eq!((here.size, here.root, here.waiting), (there.size, there.root, 0));
        second.close().await;
    }

    /// On SQLite those who wait share one database transaction, each in a savepoint of its own.
    async fn a_refused_neighbour_changes_nothing(world: &World) {
        world.give_person("ada", "10").await;
        let ada = world.actor("ada").await;
        let fine = transfer(world, "ben", "1").await;
        let too_much = transfer(world, "cid", "1000").await;
        let calls = (0..10).map(|at| {
            let command = if at % 2 == 0 { fine.clone() } else { too_much.clone() };
            world.market.run(&ada, command)
        });
        let answers = join_all(calls).await;
        for (at, answer) in answers.iter().enumerate() {
            assert_eq!(answer.is_ok(), at % 2 == 0, "{at}: {answer:?}");
        }
        assert_eq!(
            (world.balance("ben").await, world.balance("cid").await),
            ("5.00".to_owned(), "0.00".to_owned())
        );
    }
}

fn several_servers_start_at_once_on_an_empty_database(db: Db) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let fresh = Fresh::without_tables(db).await;
        let clock = Arc::new(ManualClock::new(World::start()));
        let ids: Vec<Arc<dyn market::Ids>> = vec![
            Arc::new(CountedIds::default()),
            Arc::new(RandomIds),
            Arc::new(RandomIds),
            Arc::new(RandomIds),
        ];
        let starts = ids.into_iter().map(|ids| World::open(&fresh, &clock, ids));
        let mut markets: Vec<_> = join_all(starts).await.into_iter().map(Result::unwrap).collect();
        let last = markets.pop().unwrap();
        let world = World::around(markets.remove(0), clock, fresh);
        world.give_person("ada", "3").await;
        let wallet = WalletOwner::Person(world.person("ada").await);
        let seen = last.wallet(&world.actor("ada").await, wallet).await.unwrap();
        assert_eq!(seen.balance, world.tokens("3"), "all of them serve the same books");
        world.books_hold().await;
        for market in markets.into_iter().chain([last]) {
            market.close().await;
        }
        tests::Stage::strike(world).await;
    });
}

#[test]
fn several_servers_start_at_once_on_an_empty_sqlite() {
    several_servers_start_at_once_on_an_empty_database(Db::Sqlite);
}

#[test]
fn several_servers_start_at_once_on_an_empty_postgres() {
    several_servers_start_at_once_on_an_empty_database(Db::Postgres);
}

both! {
    async fn the_asset_of_an_installation_is_fixed(world: &World) {
        for (code, scale) in [("DUSK", 2), ("DAWN", 3)] {
            let mut settings = World::settings();
            settings.asset.code = code.to_owned();
            settings.asset.scale = scale;
            let opened = market::Market::open::<tests::Tables>(market::MarketConfig {
                database_url: world.fresh.url.clone(),
                data_dir: world.fresh.path().to_owned(),
                settings,
                clock: world.clock.clone(),
                ids: Arc::new(RandomIds),
                signer: None,
            })
            .await;
            assert!(matches!(opened.err(), Some(Refusal::Fault(_))), "{code} {scale}");
        }
    }
}
