//! Entries that are taken out of a race: by whom, with which reason, and what their crews can do.

use market::judging::{AnswerAppeal, AppealRuling};
use market::race::{DisqualifyEntry, EnterRace, EntryState, UnitShare};
use market::task::{CancelTask, Judging, Rules, TaskState};
use market::{EntryId, Refusal};
use tests::{Race, Start, World, both, problem_codes};

fn out(entry: EntryId) -> DisqualifyEntry {
    DisqualifyEntry { entry, reason: "The work is copied from lane 2.".to_owned() }
}

async fn judged(world: &World) -> Race<'_> {
    let judges = vec![world.person("jan").await, world.person("joy").await];
    let rules = Rules { judging: Judging::Judges(judges), ..Rules::default() };
    world.race(Start { rules, ..Start::default() }).await
}

fn appeal(entry: EntryId) -> AppealRuling {
    AppealRuling { entry, grounds: "We wrote every line.".to_owned() }
}

both! {
    async fn only_the_poster_and_the_judges_disqualify_and_only_with_a_reason(world: &World) {
        let race = judged(world).await;
        let entry = race.run("ada").await;
        for stranger in ["ada", "ben", "dan"] {
            assert_eq!(world.run(stranger, out(entry)).await.unwrap_err(), Refusal::NotFound, "{stranger}");
        }
        let silent = DisqualifyEntry { entry, reason: "  ".to_owned() };
        assert_eq!(world.refused("jan", silent).await, ["reason required"]);
        let long = DisqualifyEntry { entry, reason: "x".repeat(501) };
        assert_eq!(world.refused("jan", long).await, ["reason too-long"]);
        world.must("mia", out(entry)).await;
        let seen = world.market.entry(&world.actor("ben").await, entry).await.unwrap();
        assert_eq!(seen.state, EntryState::Disqualified);
        assert_eq!(seen.out_reason.as_deref(), Some("The work is copied from lane 2."));
        assert_eq!(
            problem_codes(&race.try_submit("ada", entry, "Again.").await.unwrap_err()),
            ["entry-disqualified"]
        );
        let again = world.refused("ada", race.alone()).await;
        assert!(again[0].ends_with("already-riding"), "{again:?}");
    }

    async fn the_next_moves_up_in_a_provisional_ruling_and_the_window_is_open_anew(world: &World) {
        let race = judged(world).await;
        let entries = [race.run("ada").await, race.run("ben").await, race.run("cid").await];
        race.close().await;
        let lines = [(entries[0], Some(1), None), (entries[1], Some(2), None), (entries[2], Some(3), None)];
        world.must("jan", race.ruling(&lines)).await;
        let until = race.view().await.appeals_until.unwrap();
        world.clock.set(until.plus_seconds(-60));
        world.must("joy", out(entries[0])).await;
        assert_eq!(race.view().await.appeals_until, Some(until.plus_seconds(3 * 86_400 - 60)));
        let places = async |entry| race.entry(entry).await.place;
        assert_eq!(
            (places(entries[0]).await, places(entries[1]).await, places(entries[2]).await),
            (None, Some(1), Some(2))
        );
        race.settle().await;
        for (who, paid) in [("ada", "0.00"), ("ben", "600.00"), ("cid", "250.00")] {
            assert_eq!(world.balance(who).await, paid, "{who}");
        }
    }

    async fn an_appeal_that_is_granted_brings_the_entry_back_into_the_race(world: &World) {
        let race = judged(world).await;
        let (first, second) = (race.run("ada").await, race.run("ben").await);
        world.must("joy", out(first)).await;
        race.close().await;
        let codes = world.refused("jan", race.ruling(&[(first, Some(1), None), (second, Some(2), None)])).await;
        assert!(codes.iter().any(|code| code.ends_with("entry-not-in-race")), "{codes:?}");
        world.must("jan", race.ruling(&[(second, Some(1), None)])).await;
        let appealed = world.must("ada", appeal(first)).await;
        let answer = "So they did.".to_owned();
        let granted = AnswerAppeal { appeal: appealed, uphold: true, answer, criterion: None };
        // Neither who ruled nor who took it out answers.
        for barred in ["jan", "joy"] {
            assert_eq!(world.run(barred, granted.clone()).await.unwrap_err(), Refusal::NotFound, "{barred}");
        }
        let treasurer = world.treasurer().await;
        let seen = world.market.appeals(&world.actor("joy").await, race.task).await.unwrap();
        assert!(!seen[0].may_answer);
        world.must(treasurer, granted).await;
        assert_eq!(race.entry(first).await.state, EntryState::Running);
        assert_eq!(race.state().await, TaskState::Judging);
        world.must("jan", race.ruling(&[(first, Some(1), None), (second, Some(2), None)])).await;
        race.settle().await;
        assert_eq!(world.balance("ada").await, "600.00");
    }

    async fn a_poster_gets_no_money_back_by_taking_everybody_out(world: &World) {
        let race = judged(world).await;
        let entry = race.run("ada").await;
        world.must("mia", out(entry)).await;
        let cancel = CancelTask { task: race.task, reason: "Nobody is left.".to_owned() };
        assert_eq!(world.refused("mia", cancel).await, ["not-cancellable"]);
        race.close().await;
        world.market.keep_time().await.unwrap();
        assert_eq!(race.state().await, TaskState::Judging, "the race does not expire");
        world.must("jan", race.ruling(&[])).await;
        world.must("ada", appeal(entry)).await;
        assert_eq!(race.state().await, TaskState::Provisional);
    }

    async fn whoever_is_out_is_paid_nothing_not_even_a_start_prize(world: &World) {
        let unit = world.unit("red", "ada", &[]).await;
        let start = market::task::StartPrize { each: world.tokens("10"), pool: world.tokens("100") };
        let rules = Rules { start: Some(start), ..Rules::default() };
        let race = world.race(Start { rules, ..Start::default() }).await;
        let units = vec![UnitShare { unit, share: 5_000 }];
        let crew = world.shares(&[("ada", 2_500), ("cid", 2_500)]).await;
        let entry = world.must("ada", EnterRace { units, crew, ..race.alone() }).await;
        world.must("cid", world.agreeing("cid", entry).await).await;
        race.submit("cid", entry).await;
        let other = race.run("ben").await;
        race.close().await;
        race.rule(&[(entry, 1), (other, 2)]).await;
        world.must("mia", out(entry)).await;
        race.settle().await;
        assert_eq!(world.unit_balance(unit, "ada").await, "0.00");
        for (who, paid) in [("ada", "0.00"), ("cid", "0.00"), ("ben", "550.00")] {
            assert_eq!(world.balance(who).await, paid, "{who}");
        }
    }
}
