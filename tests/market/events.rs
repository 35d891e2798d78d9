//! Events that count: metered races, pots that grow, and that no more is ever paid than lies there.

use market::meter::RecordEvents;
use market::task::{CreateTask, Growth, PrizePlan, Rules, TaskState, Unreached};
use market::{EntryId, Refusal};
use tests::{Race, Start, World, both};

fn metered(world: &World, per_event: &str) -> Start {
    let plan = PrizePlan::Metered { per_event: world.tokens(per_event) };
    Start { rules: Rules { plan, ..Rules::default() }, ..Start::default() }
}

fn growing(world: &World) -> Start {
    let growth = Growth {
        reserve: world.tokens("400"),
        per_event: world.tokens("150"),
        label: "Another unit uses it".to_owned(),
    };
    let rules = Rules {
        plan: PrizePlan::WinnerTakesAll,
        growth: Some(growth),
        unreached: Unreached::Refund,
        ..Rules::default()
    };
    Start { rules, ..Start::default() }
}

fn events(race: &Race<'_>, entry: Option<EntryId>, count: u32) -> RecordEvents {
    RecordEvents { task: race.task, entry, count, evidence: "See the list of the week.".to_owned() }
}

both! {
    async fn each_event_is_paid_as_stated_with_the_ruling(world: &World) {
        let race = world.race(metered(world, "40")).await;
        let (ada, ben) = (race.run("ada").await, race.run("ben").await);
        world.must("mia", events(&race, Some(ada), 3)).await;
        world.must("mia", events(&race, Some(ben), 10)).await;
        race.close().await;
        world.must("mia", events(&race, Some(ada), 2)).await;
        race.rule(&[(ada, 1), (ben, 2)]).await;
        assert_eq!(world.refused("mia", events(&race, Some(ada), 1)).await, ["not-open"]);
        race.settle().await;
        assert_eq!(race.entry(ada).await.award, Some(world.tokens("200")));
        assert_eq!(race.entry(ben).await.award, Some(world.tokens("400")));
        let back: u64 = race.payouts().await.iter().flat_map(|payout| &payout.lines)
            .filter(|line| line.refund).map(|line| line.amount.minor()).sum();
        assert_eq!(back, world.tokens("400").minor(), "the rest goes back");
        let seen = world.market.events(&world.actor("eva").await, race.task).await.unwrap();
        assert_eq!(seen.iter().map(|one| one.count).sum::<u32>(), 15);
    }

    async fn no_more_events_are_counted_than_the_pot_pays_for(world: &World) {
        let race = world.race(metered(world, "300")).await;
        let ada = race.run("ada").await;
        assert_eq!(world.refused("mia", events(&race, Some(ada), 4)).await, ["count pot-spent"]);
        world.must("mia", events(&race, Some(ada), 3)).await;
        assert_eq!(world.refused("mia", events(&race, Some(ada), 1)).await, ["count pot-spent"]);
        assert_eq!(world.refused("mia", events(&race, Some(ada), 0)).await, ["count out-of-range"]);
        assert_eq!(world.refused("mia", events(&race, None, 1)).await, ["entry not-growing"]);
        let other = world.race(Start::default()).await;
        let entry = other.run("ada").await;
        assert_eq!(world.refused("mia", events(&other, Some(entry), 1)).await, ["entry not-metered"]);
        assert_eq!(world.refused("mia", events(&race, Some(entry), 1)).await, ["entry bad-choice"]);
    }

    async fn a_pot_grows_with_each_event_and_the_rest_of_the_reserve_goes_back(world: &World) {
        for (count, paid) in [(0_u32, "600"), (1, "750"), (3, "1000")] {
            let race = world.race(growing(world)).await;
            let ada = race.run("ada").await;
            if count > 0 {
                world.must("mia", events(&race, None, count)).await;
            }
            race.finish(&[(ada, 1)]).await;
            assert_eq!(race.entry(ada).await.award, Some(world.tokens(paid)), "{count} events");
            assert_eq!(race.view().await.grown, count);
        }
        let race = world.race(growing(world)).await;
        race.run("ada").await;
        assert_eq!(world.refused("mia", events(&race, None, 4)).await, ["count pot-spent"]);
    }

    async fn only_the_poster_and_the_judges_count_and_everybody_sees_it(world: &World) {
        let race = world.race(growing(world)).await;
        race.run("ada").await;
        for other in ["ada", "eva", "tess"] {
            assert_eq!(world.run(other, events(&race, None, 1)).await.unwrap_err(), Refusal::NotFound, "{other}");
        }
        world.must("mia", events(&race, None, 1)).await;
        let eva = world.actor("eva").await;
        let seen = world.market.events(&eva, race.task).await.unwrap().remove(0);
        assert_eq!(seen.evidence, "See the list of the week.");
        let record = world.market.record(&eva, seen.record).await.unwrap();
        let said = &record.disclosures[0];
        assert_eq!(said.label, "events");
        assert!(String::from_utf8_lossy(&said.data).contains("the list of the week"));
    }

    async fn rules_of_events_are_bounded_by_the_bounty(world: &World) {
        world.give_person("mia", "1000").await;
        let growth = |reserve: &str, per_event: &str| Growth {
            reserve: world.tokens(reserve),
            per_event: world.tokens(per_event),
            label: "Reuse".to_owned(),
        };
        for (growth, code) in [
            (growth("1000", "10"), "rules.growth.reserve reserve-too-large"),
            (growth("5", "10"), "rules.growth.reserve reserve-too-small"),
            (Growth { label: String::new(), ..growth("10", "5") }, "rules.growth.label required"),
        ] {
            let rules = Rules { growth: Some(growth), ..Rules::default() };
            let input = Start { rules, ..Start::default() }.input(world);
            assert_eq!(world.refused("mia", CreateTask(input)).await, [code]);
        }
        let dear = metered(world, "1001").input(world);
        let codes = world.refused("mia", CreateTask(dear)).await;
        assert_eq!(codes, ["rules.plan.metered.per_event prizes-over-bounty"]);
        assert_eq!(world.race(growing(world)).await.state().await, TaskState::Open);
    }
}
