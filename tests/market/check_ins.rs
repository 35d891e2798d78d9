//! Check-ins: who is heard of stays, who is not is warned and then out.

use market::Refusal;
use market::race::{CheckIn, CheckInEntry, EntryRules, EntryState, WorkKind};
use market::task::Rules;
use tests::{Race, Start, World, both};

const DAY: i64 = 86_400;

async fn race(world: &World) -> Race<'_> {
    let check_in = Some(CheckIn { every_seconds: 86_400, missed: 2 });
    let entry = EntryRules { waiting_list: true, ..EntryRules::default() };
    let rules = Rules { check_in, entry, max_lanes: Some(1), ..Rules::default() };
    world.race(Start { rules, ..Start::default() }).await
}

async fn pass(world: &World, seconds: i64) {
    world.clock.set(world.now().plus_seconds(seconds));
    world.market.keep_time().await.unwrap();
}

both! {
    async fn who_vanishes_is_warned_once_and_taken_out_and_the_next_gets_the_lane(world: &World) {
        let race = race(world).await;
        let entry = race.enter("ada").await;
        let next = race.enter("ben").await;
        let edge = world.market.next_edge().await.unwrap();
        assert_eq!(edge, Some(world.now().plus_seconds(2 * DAY - DAY / 2)));
        pass(world, 2 * DAY - DAY / 2 - 1).await;
        let waits = async || -> Vec<WorkKind> {
            let work = world.market.my_work(&world.actor("ada").await).await.unwrap();
            work.iter().map(|item| item.kind).collect()
        };
        assert!(!waits().await.contains(&WorkKind::CheckIn));
        pass(world, 1).await;
        assert!(waits().await.contains(&WorkKind::CheckIn));
        pass(world, DAY / 2 - 1).await;
        assert!(race.is_running(entry).await, "never early");
        pass(world, 1).await;
        assert_eq!(race.entry(entry).await.state, EntryState::Lapsed);
        assert!(race.is_running(next).await);
        let again = race.enter("ada").await;
        assert_eq!(race.entry(again).await.state, EntryState::Waiting, "free to come again, at the end");
    }

    async fn a_word_or_a_version_is_a_sign_of_life(world: &World) {
        let race = race(world).await;
        let entry = race.enter("ada").await;
        pass(world, 2 * DAY - DAY / 2).await;
        assert_eq!(world.run("ben", CheckInEntry { entry }).await.unwrap_err(), Refusal::NotFound);
        world.must("ada", CheckInEntry { entry }).await;
        pass(world, DAY).await;
        race.submit("ada", entry).await;
        pass(world, 2 * DAY - DAY / 2 - 1).await;
        assert!(race.is_running(entry).await);
        race.close().await;
        world.market.keep_time().await.unwrap();
        assert!(race.is_running(entry).await, "after the stop nobody has to be heard of");
    }

    async fn a_clock_that_was_away_warns_first_and_leaves_half_a_period(world: &World) {
        let race = race(world).await;
        let entry = race.enter("ada").await;
        pass(world, 5 * DAY).await;
        assert!(race.is_running(entry).await);
        pass(world, DAY / 2 - 1).await;
        assert!(race.is_running(entry).await);
        pass(world, 1).await;
        assert_eq!(race.entry(entry).await.state, EntryState::Lapsed);
    }
}
