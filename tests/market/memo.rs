//! What one request reads of a race, it reads once.

use market::task::Visibility;
use market::{Act, Actor, Code, EntryId, TaskId};
use tests::{Race, Start, World, both};

async fn can_enter(world: &World, asker: &Actor, task: TaskId) -> Option<Code> {
    let acts = world.market.viewer_can(asker, task).await.unwrap();
    acts.into_iter().find(|(act, _)| *act == Act::EnterRace).expect("entering is theirs to do").1
}

/// How many statements it takes to look at a race from several sides.
async fn look(world: &World, race: &Race<'_>, entry: EntryId) -> u64 {
    let (market, mia) = (&world.market, world.actor("mia").await);
    let before = market.store().asked();
    market.entries(&mia, race.task).await.unwrap();
    market.rulings(&mia, race.task).await.unwrap();
    market.questions(&mia, race.task).await.unwrap();
    market.entry(&mia, entry).await.unwrap();
    market.submissions(&mia, entry).await.unwrap();
    market.feedback(&mia, entry).await.unwrap();
    market.store().asked() - before
}

both! {
    async fn a_race_is_read_once_for_many_questions(world: &World) {
        let race = world.race(Start { visibility: Visibility::Open, ..Start::default() }).await;
        let entry = race.run("ada").await;
        let each = look(world, &race, entry).await;
        let once = market::remembering(look(world, &race, entry)).await;
        assert!(once + 12 < each, "{once} statements where it takes {each} without remembering");
        assert_eq!(look(world, &race, entry).await, each, "and nothing is remembered afterwards");
    }

    async fn whoever_writes_reads_anew(world: &World) {
        let race = world.race(Start { visibility: Visibility::Open, ..Start::default() }).await;
        let ada = world.actor("ada").await;
        market::remembering(async {
            assert_eq!(can_enter(world, &ada, race.task).await, None);
            race.enter("ada").await;
            assert_eq!(can_enter(world, &ada, race.task).await, Some(Code::AlreadyRiding));
        })
        .await;
    }
}
