//! Blind lanes: nobody learns who rides, by whatever door, until the rules say so.

use market::race::{DisqualifyEntry, EnterRace, EntryRules, MergeEntries, Names, UnitShare};
use market::task::{Judging, Rules, Visibility};
use market::{EntryId, PersonId, Refusal, Role};
use tests::{Race, Start, World, both};

async fn blind(world: &World, names: Names) -> Race<'_> {
    let judges = vec![world.person("jan").await];
    let entry = EntryRules { names, ..EntryRules::default() };
    let rules = Rules { judging: Judging::Judges(judges), entry, ..Rules::default() };
    world.race(Start { rules, visibility: Visibility::Open, ..Start::default() }).await
}

/// Ada of unit red and ben ride together.
async fn riding(world: &World, race: &Race<'_>) -> EntryId {
    let unit = world.unit("red", "ada", &[]).await;
    let crew = world.shares(&[("ada", 4_000), ("ben", 5_000)]).await;
    let units = vec![UnitShare { unit, share: 1_000 }];
    let enter = EnterRace { name: Some("Ada rides".to_owned()), units, crew, ..race.alone() };
    let entry = world.must("ada", enter).await;
    world.must("ben", world.agreeing("ben", entry).await).await;
    race.submit("ben", entry).await;
    entry
}

/// Everything that the asker is told of the entry and its records, in one text.
async fn told(world: &World, who: &str, race: &Race<'_>, entry: EntryId) -> String {
    let asker = world.actor(who).await;
    let market = &world.market;
    let entries = market.entries(&asker, race.task).await.unwrap();
    let alone = market.entry(&asker, entry).await.unwrap();
    let submissions = market.submissions(&asker, entry).await.unwrap();
    let records = market.task_records(&asker, race.task).await.unwrap();
    let texts = records.iter().flat_map(|record| &record.disclosures);
    let texts: Vec<String> = texts.map(|text| String::from_utf8_lossy(&text.data).into_owned()).collect();
    let payouts = market.payouts(&asker, race.task).await.unwrap();
    format!("{entries:?} {alone:?} {submissions:?} {texts:?} {payouts:?}")
}

async fn names(world: &World) -> [PersonId; 2] {
    [world.person("ada").await, world.person("ben").await]
}

async fn is_told(world: &World, who: &str, race: &Race<'_>, entry: EntryId) -> bool {
    let told = told(world, who, race, entry).await;
    let ids = names(world).await.map(|id| id.to_string());
    ids.iter().any(|id| told.contains(id)) || told.contains("Ada rides")
}

both! {
    async fn until_the_ruling_only_the_crew_and_the_auditor_know_who_rides(world: &World) {
        let race = blind(world, Names::UntilRuling).await;
        let entry = riding(world, &race).await;
        world.person("cid").await;
        world.outsider("otto").await;
        world.bring("aude", market::PersonKind::Member, &[Role::Auditor]).await;
        for stranger in ["mia", "jan", "cid", "otto"] {
            assert!(!is_told(world, stranger, &race, entry).await, "{stranger} is told");
        }
        for own in ["ada", "ben", "aude"] {
            assert!(is_told(world, own, &race, entry).await, "{own} is not told");
        }
        let seen = world.market.entry(&world.actor("jan").await, entry).await.unwrap();
        assert_eq!((seen.hidden, seen.name.as_str(), seen.captain), (true, "Lane 1", None));
        race.close().await;
        assert!(!is_told(world, "jan", &race, entry).await, "a judge learns nothing before the ruling");
        world.must("jan", race.ruling(&[(entry, Some(1), None)])).await;
        for stranger in ["mia", "jan", "cid", "otto"] {
            assert!(is_told(world, stranger, &race, entry).await, "{stranger}");
        }
    }

    async fn until_the_stop_means_at_the_very_instant(world: &World) {
        let race = blind(world, Names::UntilStop).await;
        let entry = riding(world, &race).await;
        world.clock.set(race.view().await.closes_at.plus_seconds(-1));
        assert!(!is_told(world, "jan", &race, entry).await);
        race.close().await;
        assert!(is_told(world, "jan", &race, entry).await);
    }

    async fn a_visitor_finds_nobody_who_only_rides_in_a_blind_race(world: &World) {
        let race = blind(world, Names::UntilRuling).await;
        riding(world, &race).await;
        let visitor = market::Actor::Visitor;
        let seen = world.market.person_by_handle(&visitor, "ben").await;
        assert_eq!(seen.unwrap_err(), Refusal::NotFound);
        assert!(world.market.person_by_handle(&visitor, "mia").await.is_ok(), "the poster is no secret");
    }

    async fn naming_somebody_who_rides_tells_nobody_that_they_do(world: &World) {
        let race = blind(world, Names::UntilRuling).await;
        let first = riding(world, &race).await;
        let crew = world.shares(&[("cid", 5_000), ("ben", 5_000)]).await;
        let second = world.must("cid", EnterRace { crew, ..race.alone() }).await;
        // Only ben is told why he can't.
        assert_eq!(world.refused("ben", world.agreeing("ben", second).await).await, ["already-riding"]);
        assert!(world.market.entry(&world.actor("cid").await, second).await.unwrap().crew.len() == 2);
        let again = world.refused("ben", race.alone()).await;
        assert!(again[0].ends_with("already-riding"), "{again:?}");
        world.must("ada", market::race::WithdrawEntry { entry: first }).await;
        world.must("ben", world.agreeing("ben", second).await).await;
        race.submit("cid", second).await;
    }

    async fn two_blind_lanes_can_merge_and_a_blind_lane_be_disqualified(world: &World) {
        let race = blind(world, Names::UntilRuling).await;
        let entry = riding(world, &race).await;
        let other = race.run("cid").await;
        let unit = world.market.entry(&world.actor("ada").await, entry).await.unwrap().units[0].unit;
        let crew = world.shares(&[("ada", 3_000), ("ben", 3_000), ("cid", 3_000)]).await;
        let units = vec![UnitShare { unit, share: 1_000 }];
        world.must("ada", MergeEntries { entry, with: other, units, crew }).await;
        world.must("ben", world.agreeing("ben", entry).await).await;
        world.must("cid", world.agreeing("cid", entry).await).await;
        assert!(is_told(world, "cid", &race, entry).await);
        assert!(!is_told(world, "jan", &race, entry).await);
        world.must("jan", DisqualifyEntry { entry, reason: "Against the rules.".into() }).await;
        assert!(!is_told(world, "jan", &race, entry).await);
    }
}
