//! Hot commands that wait together: each is answered as if it had come alone.

use futures::future::join_all;
use market::wallet::{AllocateTokens, Destination, TransferTokens};
use market::{Actor, IdempotencyKey, Page, PersonId, Refusal, WalletOwner};
use sea_orm::ConnectionTrait;
use tests::{World, both, problem_codes};
use uuid::Uuid;

fn key(text: &str) -> IdempotencyKey {
    IdempotencyKey::parse(text).unwrap()
}

async fn transfer(world: &World, from: &str, to: &str, amount: &str) -> TransferTokens {
    TransferTokens {
        from: WalletOwner::Person(world.person(from).await),
        to: WalletOwner::Person(world.person(to).await),
        amount: world.tokens(amount),
        memo: format!("{amount} from {from}"),
    }
}

/// Runs all of them at the same moment.
async fn at_once(
    world: &World,
    calls: Vec<(Actor, TransferTokens)>,
) -> Vec<market::Result<market::RecordId>> {
    let calls = calls.into_iter().map(|(asker, command)| {
        let market = world.market.clone();
        tokio::spawn(async move { market.run(&asker, command).await })
    });
    join_all(calls).await.into_iter().map(Result::unwrap).collect()
}

both! {
    async fn what_waits_together_is_posted_and_sealed_together(world: &World) {
        world.give_person("ada", "500").await;
        world.market.seal_now().await.unwrap();
        let before = world.market.head(&Actor::Visitor).await.unwrap();
        let mut calls = Vec::new();
        for at in 0..300 {
            let to = ["ben", "cid", "dan"][at % 3];
            calls.push((world.actor("ada").await, transfer(world, "ada", to, "1").await));
        }
        let answers = at_once(world, calls).await;
        assert!(answers.iter().all(Result::is_ok), "{:?}", answers.iter().find(|answer| answer.is_err()));
        let records: std::collections::BTreeSet<_> = answers.into_iter().map(Result::unwrap).collect();
        assert_eq!(records.len(), 300, "each has a record of its own");
        let head = world.market.head(&Actor::Visitor).await.unwrap();
        assert_eq!((head.size, head.waiting), (before.size + 300, 0), "sealed by the way, signed later");
        for who in ["ben", "cid", "dan"] {
            assert_eq!(world.balance(who).await, "100.00");
        }
    }

    async fn what_waits_in_the_queue_goes_before_what_comes_in_bulk(world: &World) {
        world.give_person("ada", "5").await;
        let waiting = world.unit("yard", "ada", &[]).await;
        let race = world.race(tests::Start::default()).await;
        race.run("ben").await;
        assert!(world.market.head(&Actor::Visitor).await.unwrap().waiting > 0, "a race's records wait");
        let mut command = transfer(world, "ada", "ben", "1").await;
        command.to = WalletOwner::Unit(waiting);
        world.run("ada", command).await.unwrap();
        assert_eq!(world.market.head(&Actor::Visitor).await.unwrap().waiting, 0, "and are sealed with it");
    }

    async fn each_of_a_batch_hears_its_own_refusal(world: &World) {
        for who in ["ada", "ben"] {
            world.give_person(who, "10").await;
        }
        let (ada, ben) = (world.actor("ada").await, world.actor("ben").await);
        let fine = transfer(world, "ada", "ben", "1").await;
        let nobody = WalletOwner::Person(PersonId(Uuid::from_u128(404)));
        let calls = vec![
            (ada.clone(), fine.clone()),
            (ben.clone(), fine.clone()),
            (Actor::Visitor, fine.clone()),
            (ada.clone(), transfer(world, "ada", "ada", "1").await),
            (ada.clone(), transfer(world, "ada", "cid", "1000").await),
            (ada.clone(), TransferTokens { to: nobody, ..fine.clone() }),
            (ada.clone(), transfer(world, "ada", "cid", "0").await),
            (ben.clone(), transfer(world, "ben", "ada", "2").await),
            (ada.clone(), fine.clone()),
        ];
        let told = |answer: &market::Result<_>| match answer {
            Ok(_) => vec!["done".to_owned()],
            Err(Refusal::Invalid(_)) => problem_codes(answer.as_ref().unwrap_err()),
            Err(other) => vec![format!("{other:?}")],
        };
        let answers: Vec<_> = at_once(world, calls).await.iter().flat_map(told).collect();
        let expected = [
            "done",
            "NotFound",
            "Unauthenticated",
            "to same-wallet",
            "amount insufficient-funds",
            "to no-such-wallet",
            "amount amount-zero",
            "done",
            "done",
        ];
        assert_eq!(answers, expected);
        assert_eq!((world.balance("ada").await, world.balance("ben").await), ("10.00".into(), "10.00".into()));
    }

    async fn equal_keys_in_one_batch_have_one_effect_and_one_answer(world: &World) {
        world.give_person("ada", "10").await;
        let ada = world.actor("ada").await;
        let (four, five) =
            (transfer(world, "ada", "ben", "4").await, transfer(world, "ada", "ben", "5").await);
        let calls = [("k1", &four), ("k1", &four), ("k2", &four), ("k1", &five), ("k1", &four)];
        let answers = join_all(
            calls.map(|(name, command)| world.market.run_once(&ada, key(name), command.clone())),
        )
        .await;
        assert_eq!(answers[0], answers[1]);
        assert_eq!(answers[0], answers[4]);
        assert!(answers[2].is_ok() && answers[2] != answers[0], "another key is another transfer");
        assert_eq!(answers[3], Err(Refusal::KeyReused));
        assert_eq!(world.balance("ben").await, "8.00");
    }

    async fn equal_keys_of_a_refusal_that_may_change_are_both_refused_and_free_again(world: &World) {
        let ada = world.actor("ada").await;
        let command = transfer(world, "ada", "ben", "4").await;
        let calls = (0..3).map(|_| world.market.run_once(&ada, key("k1"), command.clone()));
        for answer in join_all(calls).await {
            assert_eq!(problem_codes(&answer.unwrap_err()), ["amount insufficient-funds"]);
        }
        world.give_person("ada", "10").await;
        world.market.run_once(&ada, key("k1"), command).await.unwrap();
        assert_eq!(world.balance("ben").await, "4.00");
    }

    /// The database takes no such amount in this test: a batch with it can't be written as a whole.
    async fn a_fault_of_one_is_not_its_neighbours(world: &World) {
        world.give_person("ada", "100").await;
        let db = world.fresh.connect().await;
        let trap = if db.get_database_backend() == sea_orm::DbBackend::Sqlite {
            "CREATE TRIGGER trap BEFORE INSERT ON posting WHEN NEW.amount = 666
             BEGIN SELECT RAISE(ABORT, 'a trap'); END"
        } else {
            "ALTER TABLE posting ADD CONSTRAINT trap CHECK (amount <> 666)"
        };
        db.execute_unprepared(trap).await.unwrap();
        db.close().await.unwrap();
        let mut calls = Vec::new();
        for at in 0..9 {
            let amount = if at == 4 { "6.66" } else { "1" };
            calls.push((world.actor("ada").await, transfer(world, "ada", "ben", amount).await));
        }
        let answers = at_once(world, calls).await;
        for (at, answer) in answers.iter().enumerate() {
            match answer {
                Err(Refusal::Fault(_)) => assert_eq!(at, 4),
                answer => assert!(answer.is_ok() && at != 4, "{at}: {answer:?}"),
            }
        }
        assert_eq!(world.balance("ben").await, "8.00");
    }

    async fn the_treasury_allocates_to_many_at_once(world: &World) {
        world.give_person("ada", "1").await;
        let treasurer = world.treasurer().await;
        let amount = world.tokens("1000");
        let issue = market::wallet::IssueTokens { amount, reason: "for all".to_owned() };
        world.must(treasurer, issue).await;
        let tess = world.actor(treasurer).await;
        let mut calls = Vec::new();
        for at in 0..40 {
            let to = Destination::Person(world.person(&format!("rider-{at}")).await);
            let command = AllocateTokens { to, amount: world.tokens("25"), reason: "a start".to_owned() };
            let (market, tess) = (world.market.clone(), tess.clone());
            calls.push(tokio::spawn(async move { market.run(&tess, command).await }));
        }
        assert!(join_all(calls).await.into_iter().all(|answer| answer.unwrap().is_ok()));
        let seen = world.market.treasury(&tess).await.unwrap();
        assert_eq!((seen.treasury, seen.wallets), (world.tokens("0"), world.tokens("1001")));
    }

    async fn after_an_alarm_nothing_is_sealed_by_the_way(world: &World) {
        world.give_person("ada", "10").await;
        world.market.seal_now().await.unwrap();
        let db = world.fresh.connect().await;
        let sealed = world.market.head(&Actor::Visitor).await.unwrap().size;
        db.execute_unprepared("UPDATE account SET credits = credits + 7 WHERE kind = 'treasury'").await.unwrap();
        world.market.publish().await.unwrap();
        world.run("ada", transfer(world, "ada", "ben", "1").await).await.unwrap();
        world.market.seal_now().await.unwrap_err();
        world.run("ada", transfer(world, "ada", "ben", "1").await).await.unwrap();
        let head = world.market.head(&Actor::Visitor).await.unwrap();
        assert_eq!((head.size, head.waiting), (sealed + 1, 1), "the second waits");
        let on = if db.get_database_backend() == sea_orm::DbBackend::Sqlite { "" } else { " ON account" };
        db.execute_unprepared(&format!("DROP TRIGGER account_moves_forward{on}")).await.unwrap();
        db.execute_unprepared("UPDATE account SET credits = credits - 7 WHERE kind = 'treasury'").await.unwrap();
        db.close().await.unwrap();
        world.market.seal_now().await.unwrap();
        world.run("ada", transfer(world, "ada", "ben", "1").await).await.unwrap();
        let head = world.market.head(&Actor::Visitor).await.unwrap();
        assert_eq!((head.size, head.waiting), (sealed + 3, 0), "all is well again");
    }

    async fn a_statement_is_whole_however_it_is_paged(world: &World) {
        world.give_person("ada", "100").await;
        let mut calls = Vec::new();
        for _ in 0..30 {
            calls.push((world.actor("ada").await, transfer(world, "ada", "ben", "1").await));
        }
        at_once(world, calls).await;
        let ada = world.actor("ada").await;
        let owner = WalletOwner::Person(world.person("ada").await);
        for backward in [false, true] {
            let mut seen = Vec::new();
            let mut cursor = None;
            loop {
                let page = if backward {
                    Page { last: Some(7), before: cursor.clone(), ..Page::default() }
                } else {
                    Page { first: Some(7), after: cursor.clone(), ..Page::default() }
                };
                let page = world.market.statement(&ada, owner, page).await.unwrap();
                let more = if backward { page.has_previous } else { page.has_next };
                cursor = if backward { page.items.first() } else { page.items.last() }.map(|item| item.0.clone());
                let mut numbers: Vec<u64> = page.items.iter().map(|(_, line)| line.seq).collect();
                if backward {
                    numbers.reverse();
                }
                seen.extend(numbers);
                if !more {
                    break;
                }
            }
            if backward {
                seen.reverse();
            }
            assert_eq!(seen, (1..=31).rev().collect::<Vec<_>>(), "backward: {backward}");
        }
    }
}
