//! My work: what waits for whom, and lists that show no more than their reader may see.

use market::race::{CrewShare, EnterRace, WorkKind};
use market::task::{BoostTask, Source, TaskFilter, TaskOrder, TaskState, Visibility};
use market::{Act, Actor, Code, Page};
use tests::{Start, World, both};

async fn waits(world: &World, who: &str) -> Vec<WorkKind> {
    world.market.my_work(&world.actor(who).await).await.unwrap().into_iter().map(|item| item.kind).collect()
}

async fn listed(world: &World, asker: &Actor, filter: TaskFilter) -> Vec<market::TaskId> {
    let page = world.market.tasks(asker, &filter, &Page::default()).await.unwrap();
    assert_eq!(page.total, u64::try_from(page.items.len()).unwrap());
    page.items.into_iter().map(|(_, task)| task.id).collect()
}

both! {
    async fn what_waits_for_somebody_goes_when_it_is_done(world: &World) {
        world.draft(&Start { poster: "moe", ..Start::default() }).await;
        assert_eq!(waits(world, "moe").await, [WorkKind::PublishDraft]);
        let race = world.race(Start::default()).await;
        let crew = vec![
            CrewShare { person: world.person("ada").await, share: 5_000 },
            CrewShare { person: world.person("ben").await, share: 5_000 },
        ];
        let entry = world.must("ada", EnterRace { crew, ..race.alone() }).await;
        assert_eq!(waits(world, "ben").await, [WorkKind::AgreeToCrew]);
        world.must("ben", world.agreeing("ben", entry).await).await;
        assert_eq!(waits(world, "ben").await, [WorkKind::SubmitBefore]);
        race.submit("ben", entry).await;
        race.close().await;
        assert_eq!(waits(world, "mia").await, [WorkKind::RuleNow]);
        race.rule(&[(entry, 1)]).await;
        assert!(!waits(world, "mia").await.contains(&WorkKind::RuleNow));
        race.settle().await;
        for who in ["mia", "ada", "ben"] {
            assert_eq!(waits(world, who).await, [], "{who}");
        }
    }

    async fn a_list_shows_what_its_reader_may_see(world: &World) {
        world.outsider("otto").await;
        let draft = world.draft(&Start::default()).await;
        let inside = world.race(Start::default()).await.task;
        let open = world.race(Start { visibility: Visibility::Open, ..Start::default() }).await.task;
        for (who, sees) in
            [("mia", vec![draft, inside, open]), ("ada", vec![inside, open]), ("otto", vec![open])]
        {
            let mut ids = listed(world, &world.actor(who).await, TaskFilter::default()).await;
            ids.sort();
            let mut expected = sees;
            expected.sort();
            assert_eq!(ids, expected, "{who}");
        }
        assert_eq!(listed(world, &Actor::Visitor, TaskFilter::default()).await, [open]);
    }

    async fn lists_filter_by_the_state_at_this_very_moment(world: &World) {
        let race = world.race(Start::default()).await;
        race.run("ada").await;
        let ada = world.actor("ada").await;
        let in_state = |state| TaskFilter { states: vec![state], ..TaskFilter::default() };
        assert_eq!(listed(world, &ada, in_state(TaskState::Open)).await, [race.task]);
        race.close().await;
        assert!(listed(world, &ada, in_state(TaskState::Open)).await.is_empty());
        assert_eq!(listed(world, &ada, in_state(TaskState::Judging)).await, [race.task]);
        assert_eq!(
            listed(world, &ada, TaskFilter { riding: true, ..TaskFilter::default() }).await,
            [race.task]
        );
        assert!(listed(world, &ada, TaskFilter { mine: true, ..TaskFilter::default() }).await.is_empty());
    }

    async fn lists_can_be_searched_and_ordered_and_read_in_pages(world: &World) {
        let mut tasks = Vec::new();
        for (bounty, days) in [("10", 3), ("30", 1), ("20", 2)] {
            let runs = time::Duration::days(days);
            tasks.push(world.race(Start { bounty, runs, ..Start::default() }).await.task);
            world.wait(time::Duration::seconds(1));
        }
        let ada = world.actor("ada").await;
        let order = |order| TaskFilter { order, ..TaskFilter::default() };
        for (by, expected) in [
            (TaskOrder::Newest, [tasks[2], tasks[1], tasks[0]]),
            (TaskOrder::ClosingSoon, [tasks[1], tasks[2], tasks[0]]),
            (TaskOrder::Bounty, [tasks[1], tasks[2], tasks[0]]),
        ] {
            assert_eq!(listed(world, &ada, order(by)).await, expected, "{by:?}");
            let (mut read, mut after) = (Vec::new(), None);
            loop {
                let page = Page { first: Some(1), after, ..Page::default() };
                let part = world.market.tasks(&ada, &order(by), &page).await.unwrap();
                read.extend(part.items.iter().map(|(_, task)| task.id));
                after = part.items.last().map(|(cursor, _)| cursor.clone());
                if !part.has_next {
                    break;
                }
            }
            assert_eq!(read, expected, "{by:?} in pages of one");
        }
        for (words, hits) in [
            ("PARSER", 3),
            ("faster parser", 3),
            ("100%", 0),
            ("_", 0),
            ("'; DROP TABLE task; --", 0),
            ("\\", 0),
        ] {
            let filter = TaskFilter { search: Some(words.to_owned()), ..TaskFilter::default() };
            assert_eq!(listed(world, &ada, filter).await.len(), hits, "{words}");
        }
    }

    async fn what_the_viewer_can_do_is_what_the_commands_allow(world: &World) {
        let race = world.race(Start::default()).await;
        let can = |asker: Actor| async move {
            world
                .market
                .viewer_can(&asker, race.task)
                .await
                .unwrap()
                .into_iter()
                .collect::<std::collections::BTreeMap<Act, Option<Code>>>()
        };
        let ada = can(world.actor("ada").await).await;
        assert_eq!(ada.get(&Act::EnterRace), Some(&None));
        assert_eq!(ada.get(&Act::CancelTask), None, "not hers");
        let mia = can(race.as_poster().await).await;
        assert_eq!(mia.get(&Act::CancelTask), Some(&None));
        assert_eq!(mia.get(&Act::EnterRace), None, "never in her own race");
        assert_eq!(mia.get(&Act::PublishTask), Some(&Some(Code::NotDraft)));
        race.run("ben").await;
        let mia = can(race.as_poster().await).await;
        assert_eq!(mia.get(&Act::CancelTask), Some(&Some(Code::NotCancellable)));
        race.close().await;
        let ada = can(world.actor("ada").await).await;
        assert_eq!(ada.get(&Act::EnterRace), Some(&Some(Code::DeadlinePassed)));
        let boost = BoostTask { task: race.task, from: Source::Person, amount: world.tokens("1") };
        assert_eq!(world.refused("ada", boost).await, ["deadline-passed"]);
    }
}
