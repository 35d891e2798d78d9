//! Crews: consent, shares, and one crew for each person and race.

use market::race::{CrewAnswer, DeclineCrew, EnterRace, EntryState, ReviseCrew, UnitShare, WithdrawEntry};
use market::task::{Judging, Rules, Visibility};
use market::{EntryId, Refusal};
use tests::{Race, Start, World, both, problem_codes};

/// The first of the crew enters with the rest of it.
async fn enter(world: &World, race: &Race<'_>, crew: &[(&str, u32)]) -> EntryId {
    world.must(crew[0].0, EnterRace { crew: world.shares(crew).await, ..race.alone() }).await
}

both! {
    async fn an_entry_runs_once_everybody_has_agreed_to_their_share(world: &World) {
        let race = world.race(Start::default()).await;
        let entry = enter(world, &race, &[("ada", 5_000), ("ben", 3_000), ("cid", 2_000)]).await;
        let early = race.try_submit("ada", entry, "Ours.").await.unwrap_err();
        assert_eq!(problem_codes(&early), ["entry-not-running"]);
        world.must("ben", world.agreeing("ben", entry).await).await;
        assert!(!race.is_running(entry).await);
        world.must("cid", world.agreeing("cid", entry).await).await;
        assert!(race.is_running(entry).await);
        race.submit("cid", entry).await;
        race.finish(&[(entry, 1)]).await;
        for (who, paid) in [("ada", "300.00"), ("ben", "180.00"), ("cid", "120.00")] {
            assert_eq!(world.balance(who).await, paid, "{who}");
        }
    }

    async fn an_award_that_does_not_divide_is_paid_to_the_last_minor_unit(world: &World) {
        let race = world.race(Start { bounty: "0.05", ..Start::default() }).await;
        let entry = enter(world, &race, &[("ada", 3_334), ("ben", 3_333), ("cid", 3_333)]).await;
        world.must("ben", world.agreeing("ben", entry).await).await;
        world.must("cid", world.agreeing("cid", entry).await).await;
        race.submit("ada", entry).await;
        race.finish(&[(entry, 1)]).await;
        for (who, paid) in [("ada", "0.01"), ("ben", "0.01"), ("cid", "0.01"), ("mia", "0.02")] {
            assert_eq!(world.balance(who).await, paid, "{who}");
        }
    }

    async fn after_a_no_the_captain_proposes_another_crew_and_everybody_is_asked_anew(world: &World) {
        let race = world.race(Start::default()).await;
        let entry = enter(world, &race, &[("ada", 5_000), ("ben", 3_000), ("cid", 2_000)]).await;
        world.must("ben", world.agreeing("ben", entry).await).await;
        world.must("cid", DeclineCrew { entry }).await;
        assert!(!race.is_running(entry).await);
        let crew = world.shares(&[("ada", 4_000), ("ben", 6_000)]).await;
        world.must("ada", ReviseCrew { entry, units: Vec::new(), crew }).await;
        let asked = race.entry(entry).await.crew.into_iter().find(|one| one.share == 6_000).unwrap();
        assert_eq!(asked.answer, CrewAnswer::Asked, "what was agreed to before was another share");
        world.must("ben", world.agreeing("ben", entry).await).await;
        assert!(race.is_running(entry).await);
    }

    async fn nobody_rides_in_two_crews_of_one_race(world: &World) {
        let race = world.race(Start::default()).await;
        race.enter("ada").await;
        let crew = world.shares(&[("ben", 5_000), ("ada", 5_000)]).await;
        let again = EnterRace { crew, ..race.alone() };
        assert_eq!(world.refused("ben", again).await, ["crew.1.person already-riding"]);
        let codes = world.refused("ada", race.alone()).await;
        assert!(codes[0].ends_with("already-riding"), "{codes:?}");
    }

    async fn who_only_was_asked_is_free_again_after_declining(world: &World) {
        let race = world.race(Start::default()).await;
        let entry = enter(world, &race, &[("ada", 5_000), ("ben", 5_000)]).await;
        world.must("ben", DeclineCrew { entry }).await;
        race.enter("ben").await;
    }

    async fn whoever_withdraws_is_free_to_enter_again_and_the_lane_is_given_to_nobody_else(world: &World) {
        let race = world
            .race(Start { rules: Rules { max_lanes: Some(1), ..Rules::default() }, ..Start::default() })
            .await;
        let first = race.enter("ada").await;
        assert_eq!(world.refused("ben", race.alone()).await, ["lanes-full"]);
        world.must("ada", WithdrawEntry { entry: first }).await;
        assert_eq!(race.entry(first).await.state, EntryState::Withdrawn);
        let second = race.enter("ada").await;
        assert_ne!(race.entry(first).await.lane, race.entry(second).await.lane);
        assert_eq!(
            problem_codes(&race.try_submit("ada", first, "Old.").await.unwrap_err()),
            ["entry-withdrawn"]
        );
    }

    async fn neither_poster_nor_judge_rides(world: &World) {
        let judge = world.person("jan").await;
        let rules = Rules { judging: Judging::Judges(vec![judge]), ..Rules::default() };
        let race = world.race(Start { rules, ..Start::default() }).await;
        for barred in ["mia", "jan"] {
            assert_eq!(world.run(barred, race.alone()).await.unwrap_err(), Refusal::NotFound, "{barred}");
            let crew = world.shares(&[("ada", 5_000), (barred, 5_000)]).await;
            let codes = world.refused("ada", EnterRace { crew, ..race.alone() }).await;
            assert_eq!(codes, ["crew.1.person may-not-ride"], "{barred}");
        }
    }

    async fn outsiders_ride_where_the_gate_is_open_and_nowhere_else(world: &World) {
        world.outsider("otto").await;
        let inside = world.race(Start::default()).await;
        assert_eq!(world.run("otto", inside.alone()).await.unwrap_err(), Refusal::NotFound);
        let codes = world
            .refused(
                "ada",
                EnterRace { crew: world.shares(&[("ada", 5_000), ("otto", 5_000)]).await, ..inside.alone() },
            )
            .await;
        assert_eq!(codes, ["crew.1.person may-not-ride"]);
        let open = world.race(Start { visibility: Visibility::Open, ..Start::default() }).await;
        let entry = open.run("otto").await;
        open.finish(&[(entry, 1)]).await;
        assert_eq!(world.balance("otto").await, "600.00");
    }

    async fn a_unit_takes_its_own_share(world: &World) {
        let unit = world.unit("red", "ada", &["ben"]).await;
        let race = world.race(Start::default()).await;
        let crew = world.shares(&[("ada", 3_000), ("ben", 2_000)]).await;
        let entry =
            world.must("ada", EnterRace { units: vec![UnitShare { unit, share: 5_000 }], crew, ..race.alone() }).await;
        assert_eq!(race.entry(entry).await.name, "Unit red");
        world.must("ben", world.agreeing("ben", entry).await).await;
        race.submit("ben", entry).await;
        race.finish(&[(entry, 1)]).await;
        assert_eq!(world.unit_balance(unit, "ada").await, "300.00");
        assert_eq!(
            (world.balance("ada").await, world.balance("ben").await),
            ("180.00".to_owned(), "120.00".to_owned())
        );
    }

    async fn only_its_lead_enters_for_a_unit(world: &World) {
        let unit = world.unit("red", "ada", &["ben"]).await;
        let race = world.race(Start::default()).await;
        let enter = EnterRace { units: vec![UnitShare { unit, share: 0 }], ..race.alone() };
        assert_eq!(world.refused("ben", enter).await, ["units.0.unit bad-choice"]);
    }

    async fn bad_crews_are_refused(world: &World) {
        let race =
            world.race(Start { rules: Rules { max_crew: 2, ..Rules::default() }, ..Start::default() }).await;
        let table: &[(&[(&str, u32)], &str)] = &[
            (&[("ada", 5_000), ("ben", 4_999)], "crew bad-shares"),
            (&[("ada", 5_001), ("ben", 5_000)], "crew bad-shares"),
            (&[("ben", 10_000)], "crew captain-missing"),
            (&[("ada", 5_000), ("ada", 5_000)], "crew.1.person twice"),
            (&[("ada", 4_000), ("ben", 3_000), ("cid", 3_000)], "crew too-many-items"),
            (&[("ada", u32::MAX), ("ben", 10_001)], "crew bad-shares"),
        ];
        for (crew, expected) in table {
            let codes =
                world.refused("ada", EnterRace { crew: world.shares(crew).await, ..race.alone() }).await;
            assert!(codes.iter().any(|code| code == expected), "{crew:?}: {codes:?}");
        }
    }

    async fn only_who_was_asked_answers(world: &World) {
        let race = world.race(Start::default()).await;
        let entry = enter(world, &race, &[("ada", 5_000), ("ben", 5_000)]).await;
        for stranger in ["cid", "mia"] {
            assert_eq!(
                world.run(stranger, world.agreeing(stranger, entry).await).await.unwrap_err(),
                Refusal::NotFound,
                "{stranger}"
            );
            assert_eq!(
                world.run(stranger, DeclineCrew { entry }).await.unwrap_err(),
                Refusal::NotFound,
                "{stranger}"
            );
        }
        world.must("ben", world.agreeing("ben", entry).await).await;
        assert_eq!(world.refused("ben", world.agreeing("ben", entry).await).await, ["nothing-to-agree"]);
    }

    async fn a_crew_that_never_agreed_is_not_in_the_ruling(world: &World) {
        let race = world.race(Start::default()).await;
        let forming = enter(world, &race, &[("ada", 5_000), ("ben", 5_000)]).await;
        let running = race.run("cid").await;
        race.close().await;
        let codes = world.refused("mia", race.ruling(&[(forming, Some(1), None)])).await;
        assert!(codes.iter().any(|code| code.ends_with("entry-not-in-race")), "{codes:?}");
        race.rule(&[(running, 1)]).await;
    }
}
