//! Second appeals: once, in time, to somebody who neither ruled nor answered.

use market::judging::{AnswerAgain, AnswerAppeal, AppealAgain, AppealRuling};
use market::task::{EdgeKind, Rules, Silence, Source, TaskState};
use market::{AppealId, EntryId, Refusal, Role};
use tests::{Race, Start, World, both};
use time::Duration;

/// Funded by Olga's programme, ruled by Mia: Ada's appeal was turned down by Olga.
async fn turned_down(world: &World) -> (Race<'_>, EntryId, AppealId) {
    world.bring("mia", market::PersonKind::Member, &[Role::Manager]).await;
    let programme = world.programme("key", "olga", "mia", "2000").await;
    let start = Start { source: Source::Programme(programme), ..Start::default() };
    let race = world.race(start).await;
    let (first, second) = (race.run("ada").await, race.run("ben").await);
    race.close().await;
    race.rule(&[(second, 1), (first, 2)]).await;
    let appeal =
        world.must("ada", AppealRuling { entry: first, grounds: "Mine was faster.".to_owned() }).await;
    let answer = AnswerAppeal { appeal, uphold: false, answer: "It was not.".to_owned(), criterion: None };
    world.must("olga", answer).await;
    (race, first, appeal)
}

fn again(appeal: AppealId) -> AppealAgain {
    AppealAgain { appeal, grounds: "The clock was wrong.".to_owned() }
}

fn answer(appeal: AppealId, uphold: bool) -> AnswerAgain {
    AnswerAgain { appeal, uphold, answer: "Looked at once more.".to_owned(), criterion: None }
}

both! {
    async fn a_second_appeal_goes_to_somebody_who_neither_ruled_nor_answered(world: &World) {
        let (race, _, appeal) = turned_down(world).await;
        world.bring("rex", market::PersonKind::Member, &[Role::Auditor]).await;
        for stranger in ["ben", "mia", "olga", "eva"] {
            assert_eq!(world.run(stranger, again(appeal)).await.unwrap_err(), Refusal::NotFound, "{stranger}");
        }
        world.must("ada", again(appeal)).await;
        assert_eq!(world.refused("ada", again(appeal)).await, ["already-appealed"]);
        for barred in ["mia", "olga", "ada", "ben", "eva"] {
            let refused = world.run(barred, answer(appeal, true)).await;
            assert_eq!(refused.unwrap_err(), Refusal::NotFound, "{barred}");
        }
        let tess = world.treasurer().await;
        for waits in [tess, "rex"] {
            let work = world.market.my_work(&world.actor(waits).await).await.unwrap();
            assert_eq!(format!("{:?}", work[0].kind), "AnswerAgain", "{waits}");
        }
        world.must(tess, answer(appeal, true)).await;
        assert_eq!(race.state().await, TaskState::Judging);
        assert_eq!(world.refused("rex", answer(appeal, false)).await, ["already-answered"]);
        let view = world.market.appeals(&world.actor("eva").await, race.task).await.unwrap().pop().unwrap();
        let second = view.again.unwrap();
        assert_eq!(second.answered_by, Some(world.person(tess).await));
        assert_eq!(second.answer.as_deref(), Some("Looked at once more."));
    }

    async fn nothing_is_paid_while_it_can_be_made_or_waits(world: &World) {
        let (race, _, appeal) = turned_down(world).await;
        let until = race.view().await.appeals_until.unwrap();
        world.must("ada", again(appeal)).await;
        world.clock.set(until.plus_seconds(86_400 * 30));
        world.market.keep_time().await.unwrap();
        assert_eq!(race.state().await, TaskState::Provisional);
        world.must(world.treasurer().await, answer(appeal, false)).await;
        assert_eq!(world.refused("ada", again(appeal)).await, ["appeal-window-closed"], "once is enough");
        world.market.keep_time().await.unwrap();
        assert_eq!(race.state().await, TaskState::Settled);
    }

    async fn a_second_appeal_that_nobody_answers_ends_by_the_rules(world: &World) {
        world.bring("mia", market::PersonKind::Member, &[Role::Manager]).await;
        let programme = world.programme("key", "olga", "mia", "2000").await;
        let silence = Silence { deputies: Vec::new(), ..Silence::default() };
        let rules = Rules { silence: Some(silence.clone()), ..Rules::default() };
        let race = world.race(Start { rules, source: Source::Programme(programme), ..Start::default() }).await;
        let (first, second) = (race.run("ada").await, race.run("ben").await);
        race.close().await;
        race.rule(&[(second, 1), (first, 2)]).await;
        let grounds = "Mine was faster.".to_owned();
        let appeal = world.must("ada", AppealRuling { entry: first, grounds }).await;
        world.wait(Duration::seconds(i64::from(silence.appeal_answer_seconds)));
        world.market.keep_time().await.unwrap();
        assert_eq!(race.state().await, TaskState::Provisional, "silence is an answer that can be appealed");
        world.must("ada", again(appeal)).await;
        let due = world.now().plus_seconds(i64::from(silence.appeal_answer_seconds));
        world.clock.set(due.plus_seconds(-1));
        world.market.keep_time().await.unwrap();
        assert_eq!(race.state().await, TaskState::Provisional);
        world.clock.set(due);
        let tess = world.treasurer().await;
        assert_eq!(world.refused(tess, answer(appeal, true)).await, ["decision-late"]);
        world.market.keep_time().await.unwrap();
        assert_eq!(race.state().await, TaskState::Settled);
        let view = world.market.appeals(&world.actor("eva").await, race.task).await.unwrap().pop().unwrap();
        assert_eq!(view.again.unwrap().answered_at, Some(due));
        let edges = world.market.task_edges(&world.actor("eva").await, race.task).await.unwrap();
        assert_eq!(edges.iter().filter(|edge| edge.kind == EdgeKind::AppealStands).count(), 2);
    }

    async fn an_answer_at_the_last_minute_leaves_a_day_to_appeal_again(world: &World) {
        world.give_person("mia", "1000").await;
        let race = world.race(Start::default()).await;
        let (first, second) = (race.run("ada").await, race.run("ben").await);
        race.close().await;
        race.rule(&[(second, 1), (first, 2)]).await;
        let appeal = world.must("ada", AppealRuling { entry: first, grounds: "No.".to_owned() }).await;
        let closes = race.view().await.appeals_until.unwrap();
        world.clock.set(closes.plus_seconds(3_600));
        let tess = world.treasurer().await;
        world.must(tess, AnswerAppeal { appeal, uphold: false, answer: "No.".to_owned(), criterion: None }).await;
        world.market.keep_time().await.unwrap();
        assert_eq!(race.state().await, TaskState::Provisional, "the crew has a day");
        let late = AppealRuling { entry: second, grounds: "Me too.".to_owned() };
        assert_eq!(world.refused("ben", late).await, ["appeal-window-closed"], "the day is for that crew alone");
        world.wait(Duration::days(1));
        assert_eq!(world.refused("ada", again(appeal)).await, ["appeal-window-closed"]);
        world.market.keep_time().await.unwrap();
        assert_eq!(race.state().await, TaskState::Settled);
    }

    async fn only_what_was_turned_down_is_appealed_again(world: &World) {
        let race = world.race(Start::default()).await;
        let entry = race.run("ada").await;
        race.close().await;
        race.rule(&[(entry, 1)]).await;
        let appeal = world.must("ada", AppealRuling { entry, grounds: "No.".to_owned() }).await;
        assert_eq!(world.refused("ada", again(appeal)).await, ["not-turned-down"]);
        let tess = world.treasurer().await;
        world.must(tess, AnswerAppeal { appeal, uphold: true, answer: "Yes.".to_owned(), criterion: None }).await;
        assert_eq!(world.refused("ada", again(appeal)).await, ["appeal-window-closed"]);
    }
}
