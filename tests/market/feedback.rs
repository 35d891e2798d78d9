//! Feedback while a race runs: opened by the crew, read by the crew.

use market::judging::{AskFeedback, DeclareConflict, GiveFeedback};
use market::task::{Judging, Rules};
use market::{EntryId, Refusal, Role, SubmissionId};
use tests::{Race, Start, World, both};

/// Judged by Jan and Joy, with feedback; Ada and Ben have handed in.
async fn race(world: &World, feedback: bool) -> (Race<'_>, EntryId, EntryId) {
    let judging = Judging::Judges(vec![world.person("jan").await, world.person("joy").await]);
    let rules = Rules { judging, feedback, ..Rules::default() };
    let race = world.race(Start { rules, ..Start::default() }).await;
    let (first, second) = (race.run("ada").await, race.run("ben").await);
    (race, first, second)
}

fn give(submission: SubmissionId) -> GiveFeedback {
    GiveFeedback { submission, body: "Measure it twice.".to_owned() }
}

async fn read(world: &World, who: &str, entry: EntryId) -> usize {
    world.market.feedback(&world.actor(who).await, entry).await.unwrap().len()
}

/// How many versions of an entry somebody can look into.
async fn open_to(world: &World, who: &str, entry: EntryId) -> usize {
    let all = world.market.submissions(&world.actor(who).await, entry).await.unwrap();
    all.iter().filter(|one| one.content.is_some()).count()
}

both! {
    async fn a_version_is_open_to_the_judges_once_its_crew_asks_and_no_other_is(world: &World) {
        let (race, first, second) = race(world, true).await;
        assert_eq!(open_to(world, "jan", first).await, 0);
        let opened = world.must("ada", AskFeedback { entry: first }).await;
        race.try_submit("ada", first, "A later version.").await.unwrap();
        assert_eq!((open_to(world, "jan", first).await, open_to(world, "jan", second).await), (1, 0));
        for stranger in ["ben", "eva"] {
            assert_eq!(open_to(world, stranger, first).await, 0, "{stranger}");
            assert_eq!(world.run(stranger, give(opened)).await.unwrap_err(), Refusal::NotFound, "{stranger}");
        }
        world.must("jan", give(opened)).await;
        world.must("mia", give(opened)).await;
        let later = world.market.submissions(&world.actor("ada").await, first).await.unwrap()[0].id;
        assert_eq!(world.run("jan", give(later)).await.unwrap_err(), Refusal::NotFound, "that one is sealed");
    }

    async fn what_is_written_is_for_that_crew_alone(world: &World) {
        let (race, first, second) = race(world, true).await;
        world.bring("rex", market::PersonKind::Member, &[Role::Auditor]).await;
        let opened = world.must("ada", AskFeedback { entry: first }).await;
        world.must("jan", give(opened)).await;
        assert_eq!((read(world, "ada", first).await, read(world, "jan", first).await), (1, 1));
        for stranger in ["ben", "joy", "mia", "eva", "rex"] {
            assert_eq!(read(world, stranger, first).await, 0, "{stranger}");
        }
        assert_eq!(read(world, "ben", second).await, 0);
        for record in world.market.task_records(&world.actor("rex").await, race.task).await.unwrap() {
            let record = world.market.record(&world.actor("rex").await, record.id).await.unwrap();
            assert!(record.disclosures.iter().all(|text| text.label != "feedback"));
        }
    }

    async fn feedback_is_only_where_the_rules_say_so_and_only_while_the_race_runs(world: &World) {
        let (_, entry, _) = race(world, false).await;
        assert_eq!(world.refused("ada", AskFeedback { entry }).await, ["no-feedback"]);
        let (race, first, second) = race(world, true).await;
        assert_eq!(world.run("ben", AskFeedback { entry: first }).await.unwrap_err(), Refusal::NotFound);
        let opened = world.must("ada", AskFeedback { entry: first }).await;
        assert_eq!(world.refused("ada", AskFeedback { entry: first }).await, ["feedback-asked"]);
        race.close().await;
        assert_eq!(world.refused("jan", give(opened)).await, ["deadline-passed"]);
        assert_eq!(world.refused("ben", AskFeedback { entry: second }).await, ["deadline-passed"]);
        let none = DeclareConflict { entry: first, reason: "No panel.".to_owned() };
        assert_eq!(world.run("jan", none).await.unwrap_err(), Refusal::NotFound);
    }
}
