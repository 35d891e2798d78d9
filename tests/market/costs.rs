//! The cost of a race against its value: who may know what, and what stays.

use market::cost::{DeclareEffort, StateValue, StatedValue};
use market::task::PublishTask;
use market::{PersonKind, Refusal, Role, TaskId};
use tests::{Start, World, both};

async fn stated(world: &World, public: bool) -> TaskId {
    let task = world.draft(&Start::default()).await;
    let value = Some(StatedValue { amount: world.tokens("4000"), public });
    world.must("mia", StateValue { task, value }).await;
    world.must("mia", PublishTask { task }).await;
    task
}

both! {
    async fn the_value_is_stated_before_the_race_opens_and_stays(world: &World) {
        let task = stated(world, false).await;
        let other = Some(StatedValue { amount: world.tokens("1"), public: true });
        assert_eq!(world.refused("mia", StateValue { task, value: other }).await, ["not-draft"]);
        assert_eq!(world.run("ada", StateValue { task, value: None }).await.unwrap_err(), Refusal::NotFound);
        world.bring("max", PersonKind::Member, &[Role::Manager]).await;
        world.bring("aud", PersonKind::Member, &[Role::Auditor]).await;
        let seen = async |who: &str| {
            let cost = world.market.cost(&world.actor(who).await, task).await.unwrap();
            cost.value.map(|value| world.market.asset().format(value.amount))
        };
        for who in ["mia", "max", "aud"] {
            assert_eq!(seen(who).await.as_deref(), Some("4000.00"), "{who}");
        }
        assert_eq!(seen("ada").await, None);
        // It is on record from the beginning, for the same few.
        let texts = async |who: &str| {
            let records = world.market.task_records(&world.actor(who).await, task).await.unwrap();
            let all = records.iter().flat_map(|record| &record.disclosures);
            all.filter(|text| String::from_utf8_lossy(&text.data).contains("400000")).count()
        };
        assert_eq!((texts("mia").await, texts("aud").await, texts("ada").await), (1, 1, 0));
        let public = stated(world, true).await;
        let cost = world.market.cost(&world.actor("ada").await, public).await.unwrap();
        assert_eq!(cost.value.map(|value| value.public), Some(true));
        world.books_hold().await;
    }

    async fn hours_are_shown_as_sums_of_three_at_least_and_decide_nothing(world: &World) {
        let race = world.race(Start::default()).await;
        let (first, second, third) = (race.run("ada").await, race.run("ben").await, race.run("cid").await);
        let declare = |minutes| DeclareEffort { task: race.task, minutes };
        world.must("ada", declare(600)).await;
        world.must("ben", declare(90)).await;
        assert_eq!(world.run("dan", declare(60)).await.unwrap_err(), Refusal::NotFound, "no part in it");
        assert_eq!(world.refused("ada", declare(600_001)).await, ["hours out-of-range"]);
        race.finish(&[(first, 1), (second, 2), (third, 3)]).await;
        let cost = async |who: &str| world.market.cost(&world.actor(who).await, race.task).await.unwrap();
        let seen = cost("mia").await;
        assert_eq!((seen.crews.people, seen.crews.minutes), (2, None), "two would give each other away");
        assert_eq!((cost("ada").await.own, cost("cid").await.own), (Some(600), None));
        world.must("cid", declare(30)).await;
        world.must("mia", declare(120)).await;
        let seen = cost("dan").await;
        assert_eq!((seen.crews.people, seen.crews.minutes), (3, Some(720)));
        assert_eq!((seen.judging.people, seen.judging.minutes), (1, None));
        assert_eq!((seen.prizes, seen.winner), (Some(world.tokens("1000")), Some(world.tokens("600"))));
        assert_eq!((seen.effort(), seen.total()), (None, Some(world.tokens("1000"))), "no price of an hour here");
        world.must("cid", declare(0)).await;
        assert_eq!(cost("dan").await.crews.people, 2, "taken back");
    }

    async fn nobody_is_told_a_cost_before_the_ruling(world: &World) {
        let race = world.race(Start::default()).await;
        race.run("ada").await;
        let seen = world.market.cost(&world.actor("ben").await, race.task).await.unwrap();
        assert_eq!((seen.prizes, seen.winner, seen.total()), (None, None, None));
        world.bring("olga", PersonKind::Contributor, &[]).await;
        let refused = world.market.cost(&world.actor("olga").await, race.task).await.unwrap_err();
        assert_eq!(refused, Refusal::NotFound);
    }
}
