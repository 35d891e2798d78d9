//! Silence: deadlines for those who decide, deputies, the default of the rules, and a record of it all.

use market::judging::{AnswerAppeal, AppealRuling, DecidingRecord, Verdict};
use market::race::{WithdrawEntry, WorkKind};
use market::task::{EdgeKind, Judging, PublishTask, Rules, Silence, SilenceDefault, TaskState};
use market::{Act, Moment, PersonId, PersonKind, Refusal};
use tests::{Race, Start, World, both};
use time::Duration;

const DAY: i64 = 86_400;

fn rules(deputies: Vec<PersonId>, default: SilenceDefault) -> Rules {
    Rules { silence: Some(Silence { deputies, default, ..Silence::default() }), ..Rules::default() }
}

/// A race of ada and ben, posted by mia and closed, with dot as deputy.
async fn closed(world: &World, default: SilenceDefault) -> Race<'_> {
    let dot = world.person("dot").await;
    let race = world.race(Start { rules: rules(vec![dot], default), ..Start::default() }).await;
    race.run("ada").await;
    race.run("ben").await;
    race.close().await;
    world.market.keep_time().await.unwrap();
    race
}

async fn edges(race: &Race<'_>, world: &World) -> Vec<(EdgeKind, Moment)> {
    let edges = world.market.task_edges(&race.as_poster().await, race.task).await.unwrap();
    edges.into_iter().map(|edge| (edge.kind, edge.due_at)).collect()
}

async fn record(world: &World, who: &str) -> DecidingRecord {
    let person = world.person(who).await;
    world.market.deciding_record(&world.actor("eva").await, person).await.unwrap()
}

both! {
    async fn an_overdue_ruling_passes_to_the_deputies_and_the_judge_has_no_say_any_more(world: &World) {
        let race = closed(world, SilenceDefault::PayByScores).await;
        let closed = race.view().await.closes_at;
        let entries = world.market.entries(&race.as_poster().await, race.task).await.unwrap();
        let ruling = race.ruling(&[(entries[0].id, Some(1), None), (entries[1].id, Some(2), None)]);
        assert_eq!(race.view().await.decision_due, Some(closed.plus_seconds(14 * DAY)));
        assert_eq!(world.run("dot", ruling.clone()).await.unwrap_err(), Refusal::NotFound, "not their turn yet");

        world.clock.set(closed.plus_seconds(14 * DAY));
        assert_eq!(world.refused("mia", ruling.clone()).await, ["decision-late"], "late is late, before any tick");
        world.market.keep_time().await.unwrap();
        assert_eq!(world.run("mia", ruling.clone()).await.unwrap_err(), Refusal::NotFound);
        let view = race.view().await;
        assert_eq!(view.passed_at, Some(closed.plus_seconds(14 * DAY)));
        assert_eq!(view.decision_due, Some(closed.plus_seconds(19 * DAY)));
        let work = world.market.my_work(&world.actor("dot").await).await.unwrap();
        assert_eq!((work[0].kind, work[0].due), (WorkKind::RuleNow, view.decision_due));
        let waits = world.market.my_work(&world.actor("ada").await).await.unwrap();
        assert_eq!(waits[0].kind, WorkKind::AwaitRuling);
        assert_eq!(waits[0].owners, vec![world.person("dot").await]);

        world.must("dot", ruling).await;
        race.settle().await;
        assert_eq!(world.balance("ada").await, "600.00");
        let due = |days| closed.plus_seconds(days * DAY);
        let expected = [
            (EdgeKind::Close, closed),
            (EdgeKind::Remind, due(7)),
            (EdgeKind::PassOn, due(14)),
            (EdgeKind::Settle, due(17)),
        ];
        assert_eq!(edges(&race, world).await, expected);
    }

    async fn where_the_deputies_stay_silent_too_the_default_is_executed_and_paid_after_the_appeals(world: &World) {
        let race = closed(world, SilenceDefault::ShareEqually).await;
        let closed = race.view().await.closes_at;
        // Nobody looks for a month: everything is done in its order, as of its own instant.
        world.wait(Duration::days(30));
        world.market.keep_time().await.unwrap();
        let due = |days| closed.plus_seconds(days * DAY);
        let expected = [
            (EdgeKind::Close, closed),
            (EdgeKind::Remind, due(7)),
            (EdgeKind::PassOn, due(14)),
            (EdgeKind::Default, due(19)),
            (EdgeKind::Settle, due(22)),
        ];
        assert_eq!(edges(&race, world).await, expected);
        let rulings = race.rulings().await;
        assert_eq!((rulings.len(), rulings[0].by, rulings[0].at), (1, None, due(19)));
        let view = race.view().await;
        assert_eq!((view.state, view.ended_at), (TaskState::Settled, Some(due(22))));
        assert_eq!((world.balance("ada").await, world.balance("ben").await), ("500.00".into(), "500.00".into()));
    }

    async fn a_refund_by_default_sends_everything_back(world: &World) {
        let race = closed(world, SilenceDefault::Refund).await;
        world.wait(Duration::days(40));
        world.market.keep_time().await.unwrap();
        assert_eq!(race.state().await, TaskState::Settled);
        assert_eq!((world.balance("mia").await, world.balance("ada").await), ("1000.00".into(), "0.00".into()));
    }

    async fn a_ruling_by_the_clock_can_be_appealed_against_like_any_other(world: &World) {
        let race = closed(world, SilenceDefault::PayByScores).await;
        let closed = race.view().await.closes_at;
        world.clock.set(closed.plus_seconds(19 * DAY));
        world.market.keep_time().await.unwrap();
        assert_eq!(race.state().await, TaskState::Provisional);
        let entries = world.market.entries(&race.as_poster().await, race.task).await.unwrap();
        let appeal = AppealRuling { entry: entries[0].id, grounds: "Mine is faster.".into() };
        let appeal = world.must("ada", appeal).await;
        let answer = AnswerAppeal { appeal, uphold: true, answer: "It is.".into(), criterion: None };
        world.must("dot", answer).await;
        let view = race.view().await;
        assert_eq!((view.state, view.passed_at), (TaskState::Judging, None), "judged again, from the beginning");
        assert_eq!(view.decision_due, Some(world.now().plus_seconds(14 * DAY)));
        let lines = [(entries[0].id, Some(1), None), (entries[1].id, Some(2), None)];
        world.must("mia", race.ruling(&lines)).await;
        race.settle().await;
        assert_eq!(world.balance("ada").await, "600.00");
    }

    async fn an_appeal_that_nobody_answers_passes_on_and_at_last_the_ruling_stands(world: &World) {
        let race = closed(world, SilenceDefault::PayByScores).await;
        let entries = world.market.entries(&race.as_poster().await, race.task).await.unwrap();
        race.rule(&[(entries[0].id, 1), (entries[1].id, 2)]).await;
        let filed = world.now();
        let appeal = AppealRuling { entry: entries[1].id, grounds: "Look again.".into() };
        let appeal = world.must("ben", appeal).await;
        let answer = AnswerAppeal { appeal, uphold: false, answer: "No.".into(), criterion: None };
        assert_eq!(world.run("dot", answer.clone()).await.unwrap_err(), Refusal::NotFound);

        world.clock.set(filed.plus_seconds(5 * DAY));
        world.market.keep_time().await.unwrap();
        let may = world.market.appeals(&world.actor("dot").await, race.task).await.unwrap();
        assert!(may[0].may_answer, "the deputy may now");

        world.wait(Duration::days(20));
        world.market.keep_time().await.unwrap();
        let appeals = world.market.appeals(&race.as_poster().await, race.task).await.unwrap();
        assert_eq!((appeals[0].verdict, appeals[0].answered_by), (Some(Verdict::Rejected), None));
        assert_eq!(appeals[0].answered_at, Some(filed.plus_seconds(10 * DAY)));
        let again = "paid once its crew had a day to appeal again";
        assert_eq!(race.view().await.ended_at, Some(filed.plus_seconds(11 * DAY)), "{again}");
        assert_eq!(world.balance("ada").await, "600.00");
        assert_eq!(world.refused("tess", answer).await, ["already-answered"]);
    }

    async fn who_owes_a_ruling_can_not_publish_and_is_told_which(world: &World) {
        let race = closed(world, SilenceDefault::PayByScores).await;
        let other = world.draft(&Start::default()).await;
        world.clock.set(Moment(race.view().await.decision_due.unwrap().0 - 1));
        let can = async || {
            let can = world.market.viewer_can(&race.as_poster().await, other).await.unwrap();
            can.into_iter().find(|(act, _)| *act == Act::PublishTask).unwrap().1
        };
        // Its own deadline went by meanwhile; that is told when it is published.
        assert_eq!(can().await, None);
        world.wait(Duration::microseconds(1));
        for _ in 0..2 {
            let why = can().await.unwrap();
            assert_eq!(why.to_string(), "A decision of yours is overdue: rule “A faster parser” first.");
            world.market.keep_time().await.unwrap();
        }
        let start = Start { poster: "max", ..Start::default() };
        world.race(start).await;
        let input = market::task::UpdateTask { task: other, input: Start::default().input(world) };
        world.must("mia", input).await;
        assert_eq!(world.refused("mia", PublishTask { task: other }).await, ["decision-overdue"]);
        world.wait(Duration::days(5));
        world.market.keep_time().await.unwrap();
        world.must("mia", PublishTask { task: other }).await;
    }

    async fn how_somebody_decides_is_counted_and_outsiders_are_not_told(world: &World) {
        assert_eq!(record(world, "mia").await, DecidingRecord::default());
        let race = closed(world, SilenceDefault::PayByScores).await;
        world.wait(Duration::hours(30));
        let entries = world.market.entries(&race.as_poster().await, race.task).await.unwrap();
        race.rule(&[(entries[0].id, 1), (entries[1].id, 2)]).await;
        let told = record(world, "mia").await;
        assert_eq!((told.ruled, told.in_time, told.with_deadline, told.missed, told.overdue), (1, 1, 1, 0, 0));
        assert_eq!(told.median_seconds, Some(30 * 3_600));
        assert_eq!((told.first_in_time, told.first_answers), (1, 1));

        let start = Start { rules: rules(Vec::new(), SilenceDefault::Refund), ..Start::default() };
        let second = world.race(start).await;
        second.run("ada").await;
        second.close().await;
        world.wait(Duration::days(14));
        assert_eq!(record(world, "mia").await.overdue, 0, "the race has not been stopped by the clock yet");
        world.market.keep_time().await.unwrap();
        let told = record(world, "mia").await;
        assert_eq!((told.ruled, told.missed, told.overdue), (1, 1, 0));
        assert_eq!((told.first_in_time, told.first_answers), (1, 2), "the clock had to remind of the second");
        world.bring("otto", PersonKind::Contributor, &[]).await;
        let mia = world.person("mia").await;
        let outside = world.market.deciding_record(&world.actor("otto").await, mia).await;
        assert_eq!(outside.unwrap_err(), Refusal::NotFound);
    }

    async fn a_race_that_everybody_left_after_handing_in_expires(world: &World) {
        let race = world.race(Start::default()).await;
        for who in ["ada", "ben"] {
            let entry = race.run(who).await;
            world.must(who, WithdrawEntry { entry }).await;
        }
        race.close().await;
        world.market.keep_time().await.unwrap();
        assert_eq!(race.state().await, TaskState::Expired);
        assert_eq!(world.balance("mia").await, "1000.00");
    }

    async fn deputies_are_neither_poster_nor_judge_nor_rider(world: &World) {
        let (mia, jan, dot) = (world.person("mia").await, world.person("jan").await, world.person("dot").await);
        let judged = |deputies| Rules {
            judging: Judging::Judges(vec![jan]),
            ..rules(deputies, SilenceDefault::Refund)
        };
        for wrong in [vec![mia], vec![jan]] {
            let input = Start { rules: judged(wrong), ..Start::default() }.input(world);
            let codes = world.refused("mia", market::task::CreateTask(input)).await;
            assert_eq!(codes, ["rules.silence.deputies bad-choice"]);
        }
        let race = world.race(Start { rules: judged(vec![dot]), ..Start::default() }).await;
        assert_eq!(world.run("dot", race.alone()).await.unwrap_err(), Refusal::NotFound);
        let soon = Silence { ruling_seconds: 60, ..Silence::default() };
        let input = Start { rules: Rules { silence: Some(soon), ..Rules::default() }, ..Start::default() };
        let codes = world.refused("mia", market::task::CreateTask(input.input(world))).await;
        assert_eq!(codes, ["rules.silence.ruling_seconds out-of-range"]);
    }
}
