//! One key, one effect, one answer, for ever.

use futures::future::join_all;
use market::wallet::TransferTokens;
use market::{IdempotencyKey, Refusal, WalletOwner};
use tests::{World, both, problem_codes};

fn key(text: &str) -> IdempotencyKey {
    IdempotencyKey::parse(text).unwrap()
}

async fn transfer(world: &World, amount: &str) -> TransferTokens {
    TransferTokens {
        from: WalletOwner::Person(world.person("ada").await),
        to: WalletOwner::Person(world.person("ben").await),
        amount: world.tokens(amount),
        memo: String::new(),
    }
}

both! {
    async fn the_same_key_and_input_have_one_effect_and_one_answer(world: &World) {
        world.give_person("ada", "10").await;
        let ada = world.actor("ada").await;
        let command = transfer(world, "4").await;
        let first = world.market.run_once(&ada, key("k1"), command.clone()).await.unwrap();
        for _ in 0..3 {
            assert_eq!(world.market.run_once(&ada, key("k1"), command.clone()).await.unwrap(), first);
        }
        assert_eq!(world.balance("ada").await, "6.00");
    }

    async fn the_same_key_with_another_input_is_refused(world: &World) {
        world.give_person("ada", "10").await;
        let ada = world.actor("ada").await;
        world.market.run_once(&ada, key("k1"), transfer(world, "4").await).await.unwrap();
        let other = world.market.run_once(&ada, key("k1"), transfer(world, "5").await).await;
        assert_eq!(other.unwrap_err(), Refusal::KeyReused);
        assert_eq!(world.balance("ada").await, "6.00");
    }

    async fn two_people_may_choose_the_same_key(world: &World) {
        world.give_person("ada", "10").await;
        let (ada, ben) = (world.actor("ada").await, world.actor("ben").await);
        world.market.run_once(&ada, key("k1"), transfer(world, "4").await).await.unwrap();
        let back = TransferTokens {
            from: WalletOwner::Person(world.person("ben").await),
            to: WalletOwner::Person(world.person("ada").await),
            ..transfer(world, "1").await
        };
        world.market.run_once(&ben, key("k1"), back).await.unwrap();
        assert_eq!(world.balance("ada").await, "7.00");
    }

    async fn a_refusal_that_can_never_change_is_remembered(world: &World) {
        let ada = world.actor("ada").await;
        let nothing = transfer(world, "0").await;
        for _ in 0..2 {
            let refusal = world.market.run_once(&ada, key("k1"), nothing.clone()).await.unwrap_err();
            assert_eq!(problem_codes(&refusal), ["amount amount-zero"]);
        }
        let other = world.market.run_once(&ada, key("k1"), transfer(world, "1").await).await;
        assert_eq!(other.unwrap_err(), Refusal::KeyReused, "the key is used up");
    }

    async fn a_refusal_that_may_change_is_not_remembered(world: &World) {
        let ada = world.actor("ada").await;
        let command = transfer(world, "4").await;
        let refusal = world.market.run_once(&ada, key("k1"), command.clone()).await.unwrap_err();
        assert_eq!(problem_codes(&refusal), ["amount insufficient-funds"]);
        world.give_person("ada", "10").await;
        world.market.run_once(&ada, key("k1"), command).await.unwrap();
        assert_eq!(world.balance("ben").await, "4.00");
    }

    async fn twenty_at_once_with_one_key_have_one_effect(world: &World) {
        world.give_person("ada", "10").await;
        let ada = world.actor("ada").await;
        let command = transfer(world, "4").await;
        let calls = (0..20).map(|_| world.market.run_once(&ada, key("k1"), command.clone()));
        let answers: Vec<_> = join_all(calls).await.into_iter().map(Result::unwrap).collect();
        assert!(answers.iter().all(|answer| *answer == answers[0]));
        assert_eq!(world.balance("ada").await, "6.00");
    }

    async fn a_key_outlives_the_server(world: &World) {
        world.give_person("ada", "10").await;
        let ada = world.actor("ada").await;
        let command = transfer(world, "4").await;
        let first = world.market.run_once(&ada, key("k1"), command.clone()).await.unwrap();
        let ids = std::sync::Arc::new(market::RandomIds);
        let second = World::open(&world.fresh, &world.clock, ids).await.unwrap();
        assert_eq!(second.run_once(&ada, key("k1"), command).await.unwrap(), first);
        second.close().await;
    }
}

#[test]
fn a_key_is_short_and_printable() {
    for bad in ["", "a b", "ключ", "a\n", &"k".repeat(101)] {
        assert!(IdempotencyKey::parse(bad).is_err(), "{bad:?}");
    }
    assert!(IdempotencyKey::parse(&"k".repeat(100)).is_ok());
}
