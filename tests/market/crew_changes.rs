//! Crews that change while they run: other shares, other mates, leaving, another captain, two lanes made
//! one; and entries of several units.

use market::award::Payee;
use market::race::{
    CrewAnswer, DeclineCrew, EnterRace, EntryRules, EntryState, HandOverEntry, LeaveCrew, MergeEntries,
    ReviseCrew, UnitShare, WithdrawEntry, WorkKind,
};
use market::task::{ExtendDeadline, Rules};
use market::{EntryId, Refusal};
use tests::{Race, Start, World, both, problem_codes};

/// A running entry of the first and the others, who have agreed.
async fn riding(world: &World, race: &Race<'_>, crew: &[(&str, u32)]) -> EntryId {
    let enter = EnterRace { crew: world.shares(crew).await, ..race.alone() };
    let entry = world.must(crew[0].0, enter).await;
    for (mate, _) in &crew[1..] {
        world.must(mate, world.agreeing(mate, entry).await).await;
    }
    assert!(race.is_running(entry).await);
    entry
}

async fn revise(world: &World, entry: EntryId, crew: &[(&str, u32)]) -> ReviseCrew {
    ReviseCrew { entry, units: Vec::new(), crew: world.shares(crew).await }
}

/// Shares of the crew, in order.
async fn ridden(race: &Race<'_>, entry: EntryId) -> Vec<u32> {
    race.entry(entry).await.crew.iter().map(|mate| mate.share).collect()
}

async fn waits(world: &World, who: &str) -> Vec<WorkKind> {
    let work = world.market.my_work(&world.actor(who).await).await.unwrap();
    work.iter().map(|item| item.kind).collect()
}

both! {
    async fn the_old_crew_rides_on_until_everybody_in_the_new_one_has_agreed(world: &World) {
        let race = world.race(Start::default()).await;
        let entry = riding(world, &race, &[("ada", 5_000), ("ben", 5_000)]).await;
        world.must("ada", revise(world, entry, &[("ada", 4_000), ("ben", 4_000), ("cid", 2_000)]).await).await;
        assert_eq!(ridden(&race, entry).await, [5_000, 5_000]);
        assert!(waits(world, "cid").await.contains(&WorkKind::AgreeToChange));
        assert!(waits(world, "ada").await.contains(&WorkKind::AwaitCrew));
        world.must("cid", world.agreeing("cid", entry).await).await;
        assert_eq!(ridden(&race, entry).await, [5_000, 5_000]);
        assert_eq!(race.try_submit("cid", entry, "Too early.").await.unwrap_err(), Refusal::NotFound);
        race.submit("ben", entry).await;
        world.must("ben", world.agreeing("ben", entry).await).await;
        assert_eq!(ridden(&race, entry).await, [4_000, 4_000, 2_000]);
        assert!(waits(world, "ben").await.iter().all(|kind| *kind != WorkKind::AgreeToChange));
        race.finish(&[(entry, 1)]).await;
        for (who, paid) in [("ada", "240.00"), ("ben", "240.00"), ("cid", "120.00")] {
            assert_eq!(world.balance(who).await, paid, "{who}");
        }
    }

    async fn nobody_agrees_unseen_to_what_was_changed_meanwhile(world: &World) {
        let race = world.race(Start::default()).await;
        let entry = riding(world, &race, &[("ada", 5_000), ("ben", 5_000)]).await;
        world.must("ada", revise(world, entry, &[("ada", 6_000), ("ben", 4_000)]).await).await;
        let seen = world.agreeing("ben", entry).await;
        world.must("ada", revise(world, entry, &[("ada", 9_000), ("ben", 1_000)]).await).await;
        assert_eq!(world.refused("ben", seen).await, ["proposal proposal-changed"]);
        assert_eq!(ridden(&race, entry).await, [5_000, 5_000]);
        world.must("ben", world.agreeing("ben", entry).await).await;
        assert_eq!(ridden(&race, entry).await, [9_000, 1_000]);
        let pair = world.must("cid", EnterRace { crew: world.shares(&[("cid", 5_000), ("dan", 5_000)]).await, ..race.alone() }).await;
        let seen = world.agreeing("dan", pair).await;
        world.must("cid", revise(world, pair, &[("cid", 9_000), ("dan", 1_000)]).await).await;
        assert_eq!(world.refused("dan", seen).await, ["proposal proposal-changed"], "nor while the crew forms");
    }

    async fn one_no_and_the_change_is_off(world: &World) {
        let race = world.race(Start::default()).await;
        let entry = riding(world, &race, &[("ada", 5_000), ("ben", 5_000)]).await;
        world.must("ada", revise(world, entry, &[("ada", 9_000), ("ben", 1_000)]).await).await;
        world.must("ben", DeclineCrew { entry }).await;
        assert_eq!(ridden(&race, entry).await, [5_000, 5_000]);
        assert_eq!(world.refused("ben", world.agreeing("ben", entry).await).await, ["nothing-to-agree"]);
        assert!(race.is_running(entry).await, "a no to a change is no no to the crew");
    }

    async fn nobody_is_dropped_without_their_word(world: &World) {
        let race = world.race(Start::default()).await;
        let entry = riding(world, &race, &[("ada", 4_000), ("ben", 3_000), ("cid", 3_000)]).await;
        world.must("ada", revise(world, entry, &[("ada", 5_000), ("dan", 5_000)]).await).await;
        for agrees in ["dan", "ben"] {
            world.must(agrees, world.agreeing(agrees, entry).await).await;
            assert_eq!(ridden(&race, entry).await, [4_000, 3_000, 3_000], "{agrees}");
        }
        world.must("cid", world.agreeing("cid", entry).await).await;
        assert_eq!(ridden(&race, entry).await, [5_000, 5_000]);
        race.enter("cid").await;
    }

    async fn whoever_rides_elsewhere_by_then_stops_the_change(world: &World) {
        let race = world.race(Start::default()).await;
        let entry = riding(world, &race, &[("ada", 5_000), ("ben", 5_000)]).await;
        world.must("ada", revise(world, entry, &[("ada", 4_000), ("ben", 4_000), ("cid", 2_000)]).await).await;
        world.must("cid", world.agreeing("cid", entry).await).await;
        race.enter("cid").await;
        let codes = world.refused("ben", world.agreeing("ben", entry).await).await;
        assert_eq!(codes, ["crew.2.person already-riding"]);
        assert_eq!(ridden(&race, entry).await, [5_000, 5_000]);
    }

    async fn who_leaves_makes_the_others_shares_grow_and_they_are_asked_to_agree_anew(world: &World) {
        let race = world.race(Start::default()).await;
        let entry = riding(world, &race, &[("ada", 5_000), ("ben", 3_000), ("cid", 2_000)]).await;
        assert_eq!(world.refused("ada", LeaveCrew { entry }).await, ["captain-stays"]);
        world.must("ben", LeaveCrew { entry }).await;
        assert_eq!(ridden(&race, entry).await, [7_143, 2_857]);
        assert!(race.is_running(entry).await, "who leaves stops nobody");
        let change = world.market.entry(&world.actor("cid").await, entry).await.unwrap().change.unwrap();
        assert!(change.parts.iter().all(|part| part.answer == CrewAnswer::Asked));
        world.must("cid", world.agreeing("cid", entry).await).await;
        world.must("ada", world.agreeing("ada", entry).await).await;
        assert_eq!(world.run("ben", LeaveCrew { entry }).await.unwrap_err(), Refusal::NotFound);
        race.run("ben").await;
        race.submit("cid", entry).await;
        race.close().await;
    }

    async fn a_captain_hands_over_to_one_of_the_crew_who_agrees(world: &World) {
        let race = world.race(Start::default()).await;
        let entry = riding(world, &race, &[("ada", 5_000), ("ben", 5_000)]).await;
        let (ben, dan) = (world.person("ben").await, world.person("dan").await);
        assert_eq!(world.refused("ada", HandOverEntry { entry, to: dan }).await, ["to bad-choice"]);
        world.must("ada", HandOverEntry { entry, to: ben }).await;
        assert_eq!(world.run("ben", WithdrawEntry { entry }).await.unwrap_err(), Refusal::NotFound);
        world.must("ben", world.agreeing("ben", entry).await).await;
        assert_eq!(race.entry(entry).await.captain, Some(ben));
        world.must("ada", LeaveCrew { entry }).await;
        assert_eq!(ridden(&race, entry).await, [10_000]);
        world.must("ben", WithdrawEntry { entry }).await;
    }

    async fn two_lanes_ride_on_as_one_when_everybody_of_both_agrees(world: &World) {
        let race = world.race(Start::default()).await;
        let one = riding(world, &race, &[("ada", 5_000), ("ben", 5_000)]).await;
        let other = race.run("cid").await;
        let crew = world.shares(&[("ada", 4_000), ("ben", 3_000), ("cid", 3_000)]).await;
        let merge = MergeEntries { entry: one, with: other, units: Vec::new(), crew };
        assert_eq!(world.run("cid", merge.clone()).await.unwrap_err(), Refusal::NotFound);
        world.must("ada", merge).await;
        world.must("ben", world.agreeing("ben", one).await).await;
        assert!(race.is_running(other).await);
        world.must("cid", world.agreeing("cid", one).await).await;
        let closed = race.entry(other).await;
        assert_eq!((closed.state, closed.merged_into), (EntryState::Merged, Some(one)));
        assert_eq!(ridden(&race, one).await, [4_000, 3_000, 3_000]);
        // What the other lane handed in is the new crew's to read, and still sealed to everybody else.
        let seen = async |who: &str| {
            let all = world.market.submissions(&world.actor(who).await, other).await.unwrap();
            all[0].content.is_some()
        };
        assert_eq!((seen("ben").await, seen("mia").await), (true, false));
        assert_eq!(problem_codes(&race.try_submit("cid", other, "Late.").await.unwrap_err()), ["entry-merged"]);
        race.submit("cid", one).await;
        race.finish(&[(one, 1)]).await;
        for (who, paid) in [("ada", "240.00"), ("ben", "180.00"), ("cid", "180.00")] {
            assert_eq!(world.balance(who).await, paid, "{who}");
        }
    }

    async fn a_merged_crew_is_no_larger_than_the_rules_allow_and_a_lane_merges_with_another(world: &World) {
        let rules = Rules { max_crew: 2, ..Rules::default() };
        let race = world.race(Start { rules, ..Start::default() }).await;
        let one = riding(world, &race, &[("ada", 5_000), ("ben", 5_000)]).await;
        let other = race.run("cid").await;
        let crew = world.shares(&[("ada", 4_000), ("ben", 3_000), ("cid", 3_000)]).await;
        let merge = MergeEntries { entry: one, with: other, units: Vec::new(), crew };
        assert_eq!(world.refused("ada", merge.clone()).await, ["crew too-many-items"]);
        assert_eq!(world.refused("ada", MergeEntries { with: one, ..merge }).await, ["with bad-choice"]);
    }

    async fn crews_are_fixed_so_long_before_the_clock_stops(world: &World) {
        let entry = EntryRules { freeze_seconds: 3_600, ..EntryRules::default() };
        let race = world.race(Start { rules: Rules { entry, ..Rules::default() }, ..Start::default() }).await;
        let entry = riding(world, &race, &[("ada", 5_000), ("ben", 5_000)]).await;
        let change = revise(world, entry, &[("ada", 9_000), ("ben", 1_000)]).await;
        world.must("ada", change.clone()).await;
        let closes = race.view().await.closes_at;
        world.clock.set(closes.plus_seconds(-3_600));
        assert_eq!(world.refused("ben", world.agreeing("ben", entry).await).await, ["crew-frozen"]);
        assert_eq!(world.refused("ben", LeaveCrew { entry }).await, ["crew-frozen"]);
        assert_eq!(world.refused("ada", change.clone()).await, ["crew-frozen"]);
        // A later deadline moves the freeze as well.
        world.must("mia", ExtendDeadline { task: race.task, closes_at: closes.plus_seconds(60) }).await;
        world.must("ben", world.agreeing("ben", entry).await).await;
        assert_eq!(ridden(&race, entry).await, [9_000, 1_000]);
    }

    async fn units_that_enter_together_are_paid_first_in_their_order(world: &World) {
        let red = world.unit("red", "ada", &[]).await;
        let blue = world.unit("blue", "bob", &["ben"]).await;
        let race = world.race(Start { bounty: "0.12", ..Start::default() }).await;
        let units = vec![UnitShare { unit: red, share: 3_334 }, UnitShare { unit: blue, share: 3_333 }];
        let crew = world.shares(&[("ada", 1_667), ("ben", 1_666)]).await;
        let entry = world.must("ada", EnterRace { units, crew, ..race.alone() }).await;
        world.must("ben", world.agreeing("ben", entry).await).await;
        assert!(!race.is_running(entry).await, "the lead of the other unit has not agreed");
        assert_eq!(world.run("cid", world.agreeing("cid", entry).await).await.unwrap_err(), Refusal::NotFound);
        assert!(waits(world, "bob").await.contains(&WorkKind::AgreeToChange));
        world.must("bob", world.agreeing("bob", entry).await).await;
        assert!(race.is_running(entry).await);
        assert_eq!(race.entry(entry).await.name, "Unit red");
        race.submit("ben", entry).await;
        race.finish(&[(entry, 1)]).await;
        // 60 % of 12 is 7, the rest going to the third place: 2.3338, 2.3331, 1.1669, 1.1662.
        let paid = [
            world.unit_balance(red, "ada").await,
            world.unit_balance(blue, "bob").await,
            world.balance("ada").await,
            world.balance("ben").await,
        ];
        assert_eq!(paid, ["0.03", "0.02", "0.01", "0.01"]);
        let lines: Vec<_> = race.payouts().await.into_iter().flat_map(|payout| payout.lines).collect();
        let of_units = lines.iter().filter(|line| matches!(line.to, Payee::Unit(_)));
        assert!(of_units.clone().count() == 2 && of_units.into_iter().all(|line| line.entry == Some(entry)));
    }

    async fn a_unit_is_in_one_entry_of_a_race(world: &World) {
        let red = world.unit("red", "ada", &[]).await;
        let blue = world.unit("blue", "bob", &[]).await;
        let race = world.race(Start::default()).await;
        let share = |unit| UnitShare { unit, share: 1_000 };
        let first = world.must("ada", EnterRace { units: vec![share(red)], ..race.alone() }).await;
        let again = EnterRace { units: vec![share(blue), share(red)], ..race.alone() };
        assert_eq!(world.refused("bob", again.clone()).await, ["units.1.unit unit-in-race"]);
        world.must("ada", WithdrawEntry { entry: first }).await;
        let second = world.must("bob", again).await;
        world.must("ada", DeclineCrew { entry: second }).await;
        assert!(!race.is_running(second).await);
        let alone = ReviseCrew {
            entry: second,
            units: vec![share(blue)],
            crew: world.shares(&[("bob", 9_000)]).await,
        };
        world.must("bob", alone).await;
        assert!(race.is_running(second).await);
    }
}
