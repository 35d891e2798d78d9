//! History and honours: each race with role, share, place and prize, as far as the asker may see it.

use market::honour::{HonourKind, RideRole};
use market::part::{AcceptOffer, OfferForPart};
use market::race::{EnterRace, EntryRules, Names, UnitShare};
use market::task::{Rules, Source, Visibility};
use market::{Page, PersonKind, Refusal, Role, WalletOwner};
use tests::{Start, World, both};

async fn owner(world: &World, handle: &str) -> WalletOwner {
    WalletOwner::Person(world.person(handle).await)
}

fn of(first: u32, after: Option<String>) -> Page {
    Page { first: Some(first), after, ..Page::default() }
}

both! {
    async fn a_joint_win_is_written_for_each_with_their_share(world: &World) {
        let unit = world.unit("red", "ada", &[]).await;
        let race = world.race(Start::default()).await;
        let units = vec![UnitShare { unit, share: 1_000 }];
        let crew = world.shares(&[("ada", 6_000), ("cid", 3_000)]).await;
        let joint = world.must("ada", EnterRace { units, crew, ..race.alone() }).await;
        world.must("cid", world.agreeing("cid", joint).await).await;
        race.submit("cid", joint).await;
        let other = race.run("ben").await;
        race.close().await;
        race.rule(&[(joint, 1), (other, 2)]).await;
        let reader = world.actor("dan").await;
        let cid = owner(world, "cid").await;
        let ride = world.market.rides(&reader, cid, Page::default()).await.unwrap().items.remove(0).1;
        assert!(!ride.settled && world.market.honours(&reader, cid).await.unwrap().is_empty(), "not yet final");
        race.settle().await;
        for (who, role, share, own) in [
            (owner(world, "ada").await, RideRole::Captain, 6_000, "360.00"),
            (cid, RideRole::Crew, 3_000, "180.00"),
            (WalletOwner::Unit(unit), RideRole::Unit, 1_000, "60.00"),
        ] {
            let listing = world.market.rides(&reader, who, Page::default()).await.unwrap();
            let [(_, ride)] = listing.items.as_slice() else { panic!("{listing:?}") };
            assert_eq!((ride.role, ride.share, ride.place, ride.sharing), (role, share, Some(1), 1));
            assert_eq!((ride.task, ride.entry, ride.settled), (race.task, joint, true));
            assert_eq!(ride.own.map(|own| world.market.asset().format(own)).as_deref(), Some(own));
            let honours = world.market.honours(&reader, who).await.unwrap();
            let kinds: Vec<_> = honours.iter().map(|one| (one.kind, one.count)).collect();
            assert_eq!(kinds, [(HonourKind::First, 1), (HonourKind::Finished, 1)]);
            for proof in honours.iter().flat_map(|one| &one.newest) {
                world.market.record(&reader, proof.record).await.expect("an honour leads to its record");
            }
        }
        assert_eq!(world.balance("cid").await, "180.00", "what is told is what was paid");
    }

    async fn a_dead_heat_is_shared_and_a_part_that_was_bought_stays(world: &World) {
        let race = world.race(Start::default()).await;
        let (one, two, three) = (race.run("ada").await, race.run("ben").await, race.run("cid").await);
        race.finish(&[(one, 1), (two, 1), (three, 3)]).await;
        world.give_person("mia", "10").await;
        let offer = OfferForPart {
            entry: three,
            part: "The tests.".to_owned(),
            purpose: "For the winners.".to_owned(),
            price: world.tokens("10"),
            from: Source::Person,
            until: world.now().plus_seconds(60),
        };
        let offer = world.must("mia", offer).await;
        world.must("cid", AcceptOffer { offer }).await;
        let reader = world.actor("dan").await;
        let kinds = async |who: &str| {
            let found = world.market.honours(&reader, owner(world, who).await).await.unwrap();
            found.iter().map(|one| one.kind).collect::<Vec<_>>()
        };
        assert_eq!(kinds("ada").await, [HonourKind::FirstShared, HonourKind::Finished]);
        assert_eq!(kinds("ben").await, [HonourKind::FirstShared, HonourKind::Finished]);
        assert_eq!(kinds("cid").await, [HonourKind::Placed, HonourKind::Finished, HonourKind::PartBought]);
        assert_eq!(kinds("mia").await, []);
        let listing = world.market.rides(&reader, owner(world, "cid").await, Page::default()).await.unwrap();
        let ride = &listing.items[0].1;
        assert_eq!((ride.bought.len(), ride.bought[0].part.as_str()), (1, "The tests."));
    }

    async fn what_is_hidden_in_a_race_is_hidden_in_a_history(world: &World) {
        let entry = EntryRules { names: Names::UntilRuling, ..EntryRules::default() };
        let rules = Rules { entry, ..Rules::default() };
        let race = world.race(Start { rules, ..Start::default() }).await;
        let (first, second) = (race.run("ada").await, race.run("ben").await);
        world.bring("aud", PersonKind::Member, &[Role::Auditor]).await;
        world.bring("olga", PersonKind::Contributor, &[]).await;
        let ada = owner(world, "ada").await;
        let seen = async |who: &str| {
            let asker = world.actor(who).await;
            world.market.rides(&asker, ada, Page::default()).await.map(|found| found.total)
        };
        assert_eq!((seen("ada").await, seen("aud").await), (Ok(1), Ok(1)), "her own, and the auditor");
        for rival in ["ben", "mia", "dan"] {
            assert_eq!(seen(rival).await, Ok(0), "{rival}");
        }
        race.finish(&[(first, 1), (second, 2)]).await;
        assert_eq!(seen("ben").await, Ok(1));
        // An internal race is none of an outsider's business, whoever rode in it.
        assert!(matches!(seen("olga").await, Ok(0) | Err(Refusal::NotFound)));
        let open = world.race(Start { visibility: Visibility::Open, ..Start::default() }).await;
        open.run("ada").await;
        assert_eq!(seen("dan").await, Ok(2));
        assert!(matches!(seen("olga").await, Ok(1) | Err(Refusal::NotFound)));
    }

    async fn a_long_history_comes_in_pages(world: &World) {
        let mut entries = Vec::new();
        for _ in 0..5 {
            let race = world.race(Start::default()).await;
            entries.push(race.run("ada").await);
            world.clock.set(world.now().plus_seconds(60));
        }
        let reader = world.actor("dan").await;
        let ada = owner(world, "ada").await;
        let (mut after, mut found) = (None, Vec::new());
        loop {
            let page = world.market.rides(&reader, ada, of(2, after)).await.unwrap();
            assert_eq!(page.total, 5);
            found.extend(page.items.iter().map(|(_, ride)| ride.entry));
            after = page.items.last().map(|(cursor, _)| cursor.clone());
            if !page.has_next {
                break;
            }
        }
        found.reverse();
        assert_eq!(found, entries, "newest first, each once");
    }
}
