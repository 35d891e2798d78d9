//! Tokens sent to several at once: one record, all of it or nothing.

use market::wallet::{Portion, SplitTokens};
use market::{IdempotencyKey, Page, PersonId, RecordKind, Refusal, WalletOwner};
use tests::{World, both};
use uuid::Uuid;

async fn split(world: &World, from: &str, parts: &[(&str, &str)]) -> SplitTokens {
    let mut to = Vec::new();
    for (who, amount) in parts {
        to.push(Portion { to: WalletOwner::Person(world.person(who).await), amount: world.tokens(amount) });
    }
    SplitTokens { from: WalletOwner::Person(world.person(from).await), to, memo: "for the race".to_owned() }
}

both! {
    async fn several_are_sent_tokens_by_one_record(world: &World) {
        world.give_person("ada", "10").await;
        let red = world.unit("red", "olga", &[]).await;
        let mut command = split(world, "ada", &[("ben", "3.34"), ("cid", "3.33")]).await;
        command.to.push(Portion { to: WalletOwner::Unit(red), amount: world.tokens("1") });
        let record = world.must("ada", command).await;
        for (who, holds) in [("ada", "2.33"), ("ben", "3.34"), ("cid", "3.33")] {
            assert_eq!(world.balance(who).await, holds, "{who}");
        }
        assert_eq!(world.unit_balance(red, "olga").await, "1.00");
        let seen = world.market.record(&world.actor("ben").await, record).await.unwrap();
        assert_eq!((seen.kind, seen.postings.len()), (RecordKind::Transfer, 4));
        world.books_hold().await;
    }

    async fn all_who_receive_read_the_memo_and_nobody_else(world: &World) {
        world.give_person("ada", "10").await;
        let record = world.must("ada", split(world, "ada", &[("ben", "1"), ("cid", "2")]).await).await;
        for (who, reads) in [("ada", true), ("ben", true), ("cid", true), ("eva", false)] {
            let seen = world.market.record(&world.actor(who).await, record).await.unwrap();
            let memo = seen.disclosures.iter().any(|text| text.data == b"for the race");
            assert_eq!(memo, reads, "{who}");
        }
        let cid = world.actor("cid").await;
        let lines = world.market.statement(&cid, WalletOwner::Person(world.person("cid").await), Page::default());
        let lines = lines.await.unwrap();
        assert_eq!(lines.items[0].1.memo.as_deref(), Some("for the race"));
        assert_eq!(lines.items[0].1.amount, world.tokens("2"));
    }

    async fn it_is_all_or_nothing(world: &World) {
        world.give_person("ada", "10").await;
        let too_much = split(world, "ada", &[("ben", "6"), ("cid", "4.01")]).await;
        assert_eq!(world.refused("ada", too_much).await, ["to insufficient-funds"]);
        let mut nobody = split(world, "ada", &[("ben", "1"), ("cid", "1")]).await;
        nobody.to[1].to = WalletOwner::Person(PersonId(Uuid::from_u128(7)));
        assert_eq!(world.refused("ada", nobody).await, ["to.1.to no-such-wallet"]);
        let twice = split(world, "ada", &[("ben", "1"), ("ben", "1"), ("ada", "1"), ("cid", "0")]).await;
        let expected = ["to.1.to twice", "to.2.to same-wallet", "to.3.amount amount-zero"];
        assert_eq!(world.refused("ada", twice).await, expected);
        let hers = split(world, "ada", &[("ben", "1")]).await;
        for thief in ["ben", "tess"] {
            assert_eq!(world.run(thief, hers.clone()).await.unwrap_err(), Refusal::NotFound, "{thief}");
        }
        assert_eq!((world.balance("ada").await, world.balance("ben").await), ("10.00".to_owned(), "0.00".to_owned()));
    }

    async fn sent_twice_under_one_name_it_moves_once(world: &World) {
        world.give_person("ada", "10").await;
        let command = split(world, "ada", &[("ben", "1"), ("cid", "2")]).await;
        let (ada, key) = (world.actor("ada").await, IdempotencyKey::parse("once").unwrap());
        let first = world.market.run_once(&ada, key.clone(), command.clone()).await.unwrap();
        let second = world.market.run_once(&ada, key.clone(), command.clone()).await.unwrap();
        assert_eq!(first, second);
        let other = SplitTokens { memo: String::new(), ..command };
        assert_eq!(world.market.run_once(&ada, key, other).await.unwrap_err(), Refusal::KeyReused);
        assert_eq!(world.balance("ada").await, "7.00");
    }
}
