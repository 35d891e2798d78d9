//! The life of a task, to the microsecond.

use market::Refusal;
use market::task::{
    BoostTask, CancelTask, CreateTask, DeleteDraft, ExtendDeadline, PublishTask, Source, TaskInput,
    TaskState, UpdateTask, Visibility,
};
use market::{Actor, Moment};
use tests::{Start, World, both, problem_codes};
use time::Duration;

/// The last instant before `at`.
fn just_before(at: Moment) -> Moment {
    Moment(at.0 - 1)
}

both! {
    async fn a_draft_is_its_posters_alone_until_it_is_published(world: &World) {
        let task = world.draft(&Start::default()).await;
        for other in ["ada", "tess"] {
            let asker = world.actor(other).await;
            assert_eq!(world.market.task(&asker, task).await.unwrap_err(), Refusal::NotFound);
        }
        assert_eq!(world.market.task(&Actor::Visitor, task).await.unwrap_err(), Refusal::NotFound);
        world.must("mia", PublishTask { task }).await;
        let asker = world.actor("ada").await;
        assert_eq!(world.market.task(&asker, task).await.unwrap().state, TaskState::Open);
        assert_eq!(
            world.market.task(&Actor::Visitor, task).await.unwrap_err(),
            Refusal::NotFound,
            "it is internal"
        );
    }

    async fn an_open_challenge_is_seen_by_everybody(world: &World) {
        let race = world.race(Start { visibility: Visibility::Open, ..Start::default() }).await;
        world.outsider("otto").await;
        for asker in [Actor::Visitor, world.actor("otto").await] {
            let seen = world.market.task(&asker, race.task).await.unwrap();
            assert_eq!(world.market.asset().format(seen.bounty), "1000.00");
        }
    }

    async fn publishing_moves_the_whole_bounty_into_escrow_and_freezes_the_rules(world: &World) {
        let start = Start::default();
        let task = world.draft(&start).await;
        assert_eq!(world.balance("mia").await, "1000.00");
        let record = world.must("mia", PublishTask { task }).await;
        assert_eq!(world.balance("mia").await, "0.00");

        let mia = world.actor("mia").await;
        let seen = world.market.task(&mia, task).await.unwrap();
        assert_eq!((seen.escrow, seen.bounty), (world.tokens("1000"), world.tokens("1000")));
        assert_eq!(seen.rules_record, Some(record));
        let rules = world.market.record(&mia, record).await.unwrap();
        assert_eq!(rules.kind, ledger::RecordKind::Rules);
        assert!(
            rules.commitments.contains(&seen.rules_digest.unwrap()),
            "the digest shown is the one on the ledger"
        );

        let input = start.input(world);
        assert_eq!(world.refused("mia", UpdateTask { task, input }).await, ["not-draft"]);
        assert_eq!(world.refused("mia", PublishTask { task }).await, ["not-draft"]);
        assert_eq!(world.refused("mia", DeleteDraft { task }).await, ["not-draft"]);
    }

    async fn a_race_opens_only_with_the_bounty_in_hand(world: &World) {
        world.give_person("mia", "999.99").await;
        let task = world.must("mia", CreateTask(Start::default().input(world))).await;
        let codes = world.refused("mia", PublishTask { task }).await;
        assert!(codes[0].ends_with("insufficient-funds"), "{codes:?}");
        assert_eq!(world.balance("mia").await, "999.99", "a refusal moves nothing");
        world.give_person("mia", "0.01").await;
        world.must("mia", PublishTask { task }).await;
    }

    async fn a_draft_can_be_rewritten_and_thrown_away(world: &World) {
        let start = Start::default();
        let task = world.draft(&start).await;
        let input = TaskInput { title: "A smaller parser".to_owned(), ..start.input(world) };
        world.must("mia", UpdateTask { task, input }).await;
        let mia = world.actor("mia").await;
        assert_eq!(world.market.task(&mia, task).await.unwrap().title, "A smaller parser");
        world.must("mia", DeleteDraft { task }).await;
        assert_eq!(world.market.task(&mia, task).await.unwrap_err(), Refusal::NotFound);
    }

    async fn work_is_taken_until_the_last_microsecond_and_never_after(world: &World) {
        let race = world.race(Start::default()).await;
        let entry = race.enter("ada").await;
        let closes = race.view().await.closes_at;
        world.clock.set(just_before(closes));
        assert_eq!(race.state().await, TaskState::Open);
        race.try_submit("ada", entry, "In time.").await.unwrap();
        world.clock.set(closes);
        assert_eq!(race.state().await, TaskState::Judging);
        let late = race.try_submit("ada", entry, "Too late.").await.unwrap_err();
        assert_eq!(problem_codes(&late), ["deadline-passed"]);
        assert_eq!(world.refused("ben", race.alone()).await, ["deadline-passed"]);
        assert_eq!(race.entry(entry).await.submissions, 1);
    }

    async fn nobody_rules_before_the_clock_stops(world: &World) {
        let race = world.race(Start::default()).await;
        let entry = race.run("ada").await;
        let ruling = race.ruling(&[(entry, Some(1), None)]);
        world.clock.set(just_before(race.view().await.closes_at));
        assert_eq!(world.refused("mia", ruling.clone()).await, ["not-yet-closed"]);
        race.close().await;
        world.must("mia", ruling).await;
        assert_eq!(race.state().await, TaskState::Provisional);
    }

    async fn the_payout_comes_at_the_instant_the_appeal_window_closes(world: &World) {
        let race = world.race(Start::default()).await;
        let entry = race.run("ada").await;
        race.close().await;
        race.rule(&[(entry, 1)]).await;
        let until = race.view().await.appeals_until.unwrap();
        assert_eq!(until, world.now().plus_seconds(3 * 86_400));
        world.clock.set(just_before(until));
        assert_eq!(world.market.keep_time().await.unwrap(), 0);
        assert_eq!(
            (race.state().await, world.balance("ada").await),
            (TaskState::Provisional, "0.00".to_owned())
        );
        world.clock.set(until);
        assert_eq!(world.market.keep_time().await.unwrap(), 1);
        assert_eq!(
            (race.state().await, world.balance("ada").await),
            (TaskState::Settled, "600.00".to_owned())
        );
        assert_eq!(world.balance("mia").await, "400.00", "what nobody reached goes back");
        assert_eq!(race.view().await.escrow, world.tokens("0"));
    }

    async fn the_clock_pays_once_however_often_it_ticks(world: &World) {
        let race = world.race(Start::default()).await;
        let entry = race.run("ada").await;
        race.finish(&[(entry, 1)]).await;
        for _ in 0..3 {
            assert_eq!(world.market.keep_time().await.unwrap(), 0);
        }
        assert_eq!(world.balance("ada").await, "600.00");
    }

    async fn the_next_edge_is_when_the_clock_has_something_to_do(world: &World) {
        assert_eq!(world.market.next_edge().await.unwrap(), None);
        let race = world.race(Start::default()).await;
        assert_eq!(world.market.next_edge().await.unwrap(), Some(race.view().await.closes_at));
        let entry = race.run("ada").await;
        race.close().await;
        race.rule(&[(entry, 1)]).await;
        assert_eq!(world.market.next_edge().await.unwrap(), race.view().await.appeals_until);
        race.settle().await;
        assert_eq!(world.market.next_edge().await.unwrap(), None);
    }

    async fn a_deadline_moves_only_to_a_later_time_and_never_once_it_has_passed(world: &World) {
        let race = world.race(Start::default()).await;
        let task = race.task;
        let closes = race.view().await.closes_at;
        for earlier in [just_before(closes), closes] {
            assert_eq!(
                world.refused("mia", ExtendDeadline { task, closes_at: earlier }).await,
                ["closes_at deadline-shortened"]
            );
        }
        let later = closes.plus_seconds(1);
        world.must("mia", ExtendDeadline { task, closes_at: later }).await;
        assert_eq!(race.view().await.closes_at, later);
        world.clock.set(later);
        let codes = world.refused("mia", ExtendDeadline { task, closes_at: later.plus_seconds(60) }).await;
        assert_eq!(codes, ["deadline-passed"], "a deadline is never reopened");
        let trail = world.market.task_records(&race.as_poster().await, task).await.unwrap();
        assert_eq!(
            trail.iter().filter(|record| record.kind == ledger::RecordKind::Rules).count(),
            2,
            "each change is on record"
        );
    }

    async fn a_race_nobody_submitted_to_can_be_called_off_and_pays_everything_back(world: &World) {
        let race = world.race(Start::default()).await;
        world.give_person("ben", "500").await;
        world
            .must("ben", BoostTask { task: race.task, from: Source::Person, amount: world.tokens("500") })
            .await;
        race.enter("ada").await;
        world.must("mia", CancelTask { task: race.task, reason: "The need is gone.".to_owned() }).await;
        assert_eq!(race.state().await, TaskState::Cancelled);
        assert_eq!(
            (world.balance("mia").await, world.balance("ben").await),
            ("1000.00".to_owned(), "500.00".to_owned())
        );
        assert_eq!(world.refused("cid", race.alone()).await, ["not-open"]);
    }

    async fn once_somebody_has_submitted_a_race_is_run_to_its_end(world: &World) {
        let race = world.race(Start::default()).await;
        race.run("ada").await;
        let cancel = CancelTask { task: race.task, reason: "I changed my mind.".to_owned() };
        assert_eq!(world.refused("mia", cancel).await, ["not-cancellable"]);
        assert_eq!(race.view().await.escrow, world.tokens("1000"));
    }

    async fn a_race_without_submissions_expires_and_pays_back_its_funders(world: &World) {
        let race = world.race(Start::default()).await;
        world.give_person("ben", "0.01").await;
        world
            .must("ben", BoostTask { task: race.task, from: Source::Person, amount: world.tokens("0.01") })
            .await;
        race.enter("ada").await;
        race.close().await;
        assert_eq!(world.market.keep_time().await.unwrap(), 1);
        assert_eq!(race.state().await, TaskState::Expired);
        assert_eq!(
            (world.balance("mia").await, world.balance("ben").await),
            ("1000.00".to_owned(), "0.01".to_owned())
        );
    }

    async fn a_boost_raises_the_prizes_and_its_rest_goes_back_in_proportion(world: &World) {
        let race = world.race(Start::default()).await;
        world.give_person("ben", "500").await;
        world
            .must("ben", BoostTask { task: race.task, from: Source::Person, amount: world.tokens("500") })
            .await;
        assert_eq!(race.view().await.bounty, world.tokens("1500"));
        assert_eq!(race.view().await.funders, 2);
        let entry = race.run("ada").await;
        race.finish(&[(entry, 1)]).await;
        assert_eq!(world.balance("ada").await, "900.00", "60 % of 1,500");
        assert_eq!(world.balance("mia").await, "400.00", "two thirds of the 600 that nobody reached");
        assert_eq!(world.balance("ben").await, "200.00", "one third");
    }

    async fn a_programme_pays_and_gets_back_what_nobody_reached(world: &World) {
        world.bring("mia", market::PersonKind::Member, &[market::Role::Manager]).await;
        let programme = world.programme("parsers", "olga", "mia", "5000").await;
        let race = world.race(Start { source: Source::Programme(programme), ..Start::default() }).await;
        let entry = race.run("ada").await;
        race.finish(&[(entry, 1)]).await;
        let seen = world.market.programme(&world.actor("olga").await, programme).await.unwrap();
        assert_eq!(world.market.asset().format(seen.balance), "4400.00");
        assert_eq!(world.balance("ada").await, "600.00");
    }

    async fn only_who_was_granted_a_programme_draws_on_it(world: &World) {
        world.bring("mia", market::PersonKind::Member, &[market::Role::Manager]).await;
        world.bring("max", market::PersonKind::Member, &[market::Role::Manager]).await;
        let programme = world.programme("parsers", "olga", "mia", "5000").await;
        let start = Start { source: Source::Programme(programme), ..Start::default() };
        for stranger in ["max", "olga", "ada"] {
            let refusal = world.run(stranger, CreateTask(start.input(world))).await.unwrap_err();
            assert!(matches!(refusal, Refusal::NotFound | Refusal::Invalid(_)), "{stranger}: {refusal:?}");
        }
    }

    async fn a_task_is_refused_with_everything_that_is_wrong_at_once(world: &World) {
        let input = TaskInput {
            title: " ".to_owned(),
            bounty: world.tokens("0"),
            closes_at: world.now(),
            ..Start::default().input(world)
        };
        let codes = world.refused("mia", CreateTask(input)).await;
        assert_eq!(codes, ["title required", "bounty amount-zero", "closes_at time-past"]);
    }

    async fn a_draft_whose_deadline_has_gone_by_is_not_published(world: &World) {
        let task = world.draft(&Start::default()).await;
        world.wait(Duration::days(10));
        assert_eq!(world.refused("mia", PublishTask { task }).await, ["closes_at time-past"]);
    }
}
