//! Appeals: who may object, who may answer, and what waits meanwhile.

use market::judging::{AnswerAppeal, AppealRuling, Verdict};
use market::task::{Judging, Rules, TaskState};
use market::{AppealId, EntryId, Moment, Refusal};
use tests::{Race, Start, World, both};

/// A race ruled for ada before ben, by one of two judges.
async fn ruled(world: &World) -> (Race<'_>, EntryId, EntryId) {
    let judges = vec![world.person("jan").await, world.person("joy").await];
    let rules = Rules { judging: Judging::Judges(judges), ..Rules::default() };
    let race = world.race(Start { rules, ..Start::default() }).await;
    let (first, second) = (race.run("ada").await, race.run("ben").await);
    race.close().await;
    world.must("jan", race.ruling(&[(first, Some(1), None), (second, Some(2), None)])).await;
    (race, first, second)
}

fn appeal(entry: EntryId) -> AppealRuling {
    AppealRuling { entry, grounds: "My last version was not measured.".to_owned() }
}

fn answer(appeal: AppealId, uphold: bool) -> AnswerAppeal {
    AnswerAppeal { appeal, uphold, answer: "Looked at again.".to_owned(), criterion: None }
}

both! {
    async fn while_an_appeal_is_open_nothing_is_paid(world: &World) {
        let (race, _, second) = ruled(world).await;
        let appeal = world.must("ben", appeal(second)).await;
        world.clock.set(race.view().await.appeals_until.unwrap().plus_seconds(86_400));
        assert_eq!(world.market.keep_time().await.unwrap(), 0);
        assert_eq!(race.state().await, TaskState::Provisional);
        assert_eq!(race.view().await.escrow, world.tokens("1000"));
        world.must("joy", answer(appeal, false)).await;
        assert_eq!(world.market.keep_time().await.unwrap(), 0, "it can be made again for a while");
        world.clock.set(race.view().await.appeals_until.unwrap());
        assert_eq!(world.market.keep_time().await.unwrap(), 1);
        assert_eq!(race.state().await, TaskState::Settled);
        assert_eq!(
            (world.balance("ada").await, world.balance("ben").await),
            ("600.00".to_owned(), "250.00".to_owned())
        );
    }

    async fn an_appeal_upheld_leads_to_a_second_ruling_which_is_the_one_paid(world: &World) {
        let (race, first, second) = ruled(world).await;
        let appealed = world.must("ben", appeal(second)).await;
        world.must("joy", answer(appealed, true)).await;
        assert_eq!(race.state().await, TaskState::Judging);
        world.must("joy", race.ruling(&[(second, Some(1), None), (first, Some(2), None)])).await;
        let rulings = race.rulings().await;
        assert_eq!(
            rulings.iter().map(|ruling| (ruling.version, ruling.current)).collect::<Vec<_>>(),
            [(1, false), (2, true)]
        );
        race.settle().await;
        assert_eq!(
            (world.balance("ada").await, world.balance("ben").await),
            ("250.00".to_owned(), "600.00".to_owned())
        );
        let appeals = world.market.appeals(&race.as_poster().await, race.task).await.unwrap();
        assert_eq!(appeals[0].verdict, Some(Verdict::Upheld));
    }

    async fn a_second_ruling_can_be_appealed_against_once_more(world: &World) {
        let (race, first, second) = ruled(world).await;
        let appealed = world.must("ben", appeal(second)).await;
        world.must("joy", answer(appealed, true)).await;
        world.must("joy", race.ruling(&[(second, Some(1), None), (first, Some(2), None)])).await;
        let appealed = world.must("ada", appeal(first)).await;
        world.must("jan", answer(appealed, false)).await;
        race.settle().await;
        assert_eq!(world.balance("ben").await, "600.00");
    }

    async fn who_ruled_does_not_answer_the_appeal_and_neither_does_a_crew(world: &World) {
        let (_race, _, second) = ruled(world).await;
        let appealed = world.must("ben", appeal(second)).await;
        for barred in ["jan", "ada", "ben", "mia", "eva"] {
            let refusal = world.run(barred, answer(appealed, false)).await.unwrap_err();
            assert_eq!(refusal, Refusal::NotFound, "{barred}");
        }
        world.must("joy", answer(appealed, false)).await;
        assert_eq!(world.refused("joy", answer(appealed, true)).await, ["already-answered"]);
    }

    async fn where_the_poster_ruled_and_no_programme_paid_the_treasurer_answers(world: &World) {
        let race = world.race(Start::default()).await;
        let entry = race.run("ada").await;
        race.close().await;
        world.must("mia", race.ruling(&[(entry, None, None)])).await;
        let appealed = world.must("ada", appeal(entry)).await;
        assert_eq!(world.run("mia", answer(appealed, false)).await.unwrap_err(), Refusal::NotFound);
        world.must(world.treasurer().await, answer(appealed, true)).await;
        assert_eq!(race.state().await, TaskState::Judging);
    }

    async fn an_appeal_is_in_time_until_the_last_microsecond(world: &World) {
        let (race, first, second) = ruled(world).await;
        let until = race.view().await.appeals_until.unwrap();
        world.clock.set(Moment(until.0 - 1));
        world.must("ben", appeal(second)).await;
        world.clock.set(until);
        assert_eq!(world.refused("ada", appeal(first)).await, ["appeal-window-closed"]);
    }

    async fn an_entry_appeals_once_against_a_ruling_and_only_its_crew_does(world: &World) {
        let (_race, _, second) = ruled(world).await;
        for stranger in ["ada", "mia", "jan", "eva"] {
            assert_eq!(
                world.run(stranger, appeal(second)).await.unwrap_err(),
                Refusal::NotFound,
                "{stranger}"
            );
        }
        world.must("ben", appeal(second)).await;
        assert_eq!(world.refused("ben", appeal(second)).await, ["already-appealed"]);
    }

    async fn there_is_nothing_to_appeal_against_before_a_ruling(world: &World) {
        let race = world.race(Start::default()).await;
        let entry = race.run("ada").await;
        assert_eq!(world.refused("ada", appeal(entry)).await, ["not-provisional"]);
    }

    async fn only_the_judges_named_rule_and_the_poster_then_has_no_say(world: &World) {
        let judges = vec![world.person("jan").await];
        let rules = Rules { judging: Judging::Judges(judges), ..Rules::default() };
        let race = world.race(Start { rules, ..Start::default() }).await;
        let entry = race.run("ada").await;
        race.close().await;
        let ruling = race.ruling(&[(entry, Some(1), None)]);
        for stranger in ["mia", "ada", "tess", "eva"] {
            assert_eq!(
                world.run(stranger, ruling.clone()).await.unwrap_err(),
                Refusal::NotFound,
                "{stranger}"
            );
        }
        world.must("jan", ruling).await;
    }

    async fn a_ruling_stands_until_an_appeal_is_upheld(world: &World) {
        let (race, first, second) = ruled(world).await;
        let again = race.ruling(&[(second, Some(1), None), (first, Some(2), None)]);
        assert_eq!(world.refused("joy", again).await, ["not-judging"]);
    }
}
