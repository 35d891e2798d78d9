//! Insight: figures that the database adds up, and the flow of a programme's funds.

use market::insight::FlowView;
use market::part::{AcceptOffer, OfferForPart};
use market::race::{EnterRace, UnitShare};
use market::task::{BoostTask, CancelTask, Source, Visibility};
use market::wallet::TransferTokens;
use market::{Actor, Moment, PersonKind, Refusal, Role, WalletOwner};
use tests::{Start, World, both};

/// A programme of 5,000, out of which one race of 1,000 was settled with a boost of 100, one was called off, and one runs.
async fn a_year(world: &World) -> market::ProgrammeId {
    world.bring("mia", PersonKind::Member, &[Role::Manager]).await;
    let programme = world.programme("key", "eve", "mia", "5000").await;
    let source = Source::Programme(programme);
    let unit = world.unit("red", "ada", &[]).await;
    let race = world.race(Start { source, ..Start::default() }).await;
    world.give_person("dan", "100").await;
    world.must("dan", BoostTask { task: race.task, from: Source::Person, amount: world.tokens("100") }).await;
    let units = vec![UnitShare { unit, share: 5_000 }];
    let crew = world.shares(&[("ada", 2_500), ("cid", 2_500)]).await;
    let first = world.must("ada", EnterRace { units, crew, ..race.alone() }).await;
    world.must("cid", world.agreeing("cid", first).await).await;
    race.submit("cid", first).await;
    let second = race.run("ben").await;
    race.finish(&[(first, 1), (second, 2)]).await;
    let offer = OfferForPart {
        entry: second,
        part: "The tests.".to_owned(),
        purpose: "For the winner.".to_owned(),
        price: world.tokens("50"),
        from: source,
        until: world.now().plus_seconds(600),
    };
    let offer = world.must("mia", offer).await;
    world.must("ben", AcceptOffer { offer }).await;
    let off = world.race(Start { source, ..Start::default() }).await;
    world.must("mia", CancelTask { task: off.task, reason: "Not needed.".to_owned() }).await;
    let running = world.race(Start { source, bounty: "300", ..Start::default() }).await;
    running.run("ben").await;
    programme
}

fn conserves(flow: &FlowView) {
    let drawn: u64 = flow.tasks.iter().map(|band| band.flow.own).sum();
    assert_eq!(flow.allocated, flow.left + drawn, "{flow:?}");
    for band in &flow.tasks {
        let out = band.flow.persons + band.flow.units + band.flow.locked();
        assert_eq!(band.flow.own + band.flow.others, out, "{band:?}");
    }
}

both! {
    async fn money_is_followed_from_issue_to_use_as_of_any_instant(world: &World) {
        let before = world.now();
        let programme = a_year(world).await;
        let reader = world.actor("ben").await;
        let flow = world.market.flow(&reader, programme, Moment(i64::MAX)).await.unwrap();
        conserves(&flow);
        assert_eq!((flow.allocated, flow.left), (500_000, 500_000 - 85_000 - 5_000 - 30_000));
        let [first, second] = flow.tasks.as_slice() else { panic!("what was called off never left: {flow:?}") };
        assert_eq!((first.flow.own, first.flow.others), (90_000, 8_500));
        // 60 and 25 of 1,100, half of the first to the unit, 15 back to both funders; and 50 for the part.
        assert_eq!(first.flow.units, 33_000);
        assert_eq!(first.flow.persons + first.flow.units, 98_500);
        assert_eq!((second.flow.own, second.flow.locked()), (30_000, 30_000));
        let escrow = first.escrow.unwrap();
        world.market.history(&reader, escrow, market::Page::default()).await.expect("each place leads to its records");
        let past = world.market.flow(&reader, programme, before).await.unwrap();
        assert_eq!((past.allocated, past.left, past.tasks.len()), (0, 0, 0));
        world.bring("olga", PersonKind::Contributor, &[]).await;
        let refused = world.market.flow(&world.actor("olga").await, programme, before).await.unwrap_err();
        assert_eq!(refused, Refusal::NotFound);
        world.books_hold().await;
    }

    async fn leaders_are_told_what_bounties_brought(world: &World) {
        a_year(world).await;
        for stranger in ["ben", "ada"] {
            assert_eq!(world.market.insight(&world.actor(stranger).await).await.unwrap_err(), Refusal::NotFound);
        }
        let seen = world.market.insight(&world.actor("mia").await).await.unwrap();
        let sums = seen.months.iter().fold((0, 0, 0, 0, 0), |sum, month| {
            (
                sum.0 + month.ended,
                sum.1 + month.settled,
                sum.2 + month.paid.minor(),
                sum.3 + month.returned().minor(),
                sum.4 + month.parts.minor(),
            )
        });
        assert_eq!(sums, (2, 1, 93_500, 116_500, 5_000));
        assert!(seen.months.windows(2).all(|pair| pair[0].from < pair[1].from));
        let entries: u32 = seen.months.iter().map(|month| month.entries).sum();
        assert_eq!(entries, 2);
        let [race] = seen.races.as_slice() else { panic!("{seen:?}") };
        assert_eq!((race.ruled, race.placed, race.paid, race.best), (2, 2, world.tokens("935"), None));
        assert_eq!(race.seconds, Some(13 * 86_400), "ten days of race, three for appeals");
        assert_eq!(seen.lanes.iter().map(|one| (one.lanes, one.races)).collect::<Vec<_>>(), [(2, 1)]);
        world.bring("aud", PersonKind::Member, &[Role::Auditor]).await;
        assert_eq!(world.market.insight(&world.actor("aud").await).await.unwrap(), seen);
    }

    async fn profit_and_loss_add_up_to_the_change_of_the_balance(world: &World) {
        a_year(world).await;
        let unit = world.market.unit_by_slug(&world.actor("ada").await, "red").await.unwrap().id;
        let send = TransferTokens {
            from: WalletOwner::Unit(unit),
            to: WalletOwner::Person(world.person("cid").await),
            amount: world.tokens("10"),
            memo: String::new(),
        };
        world.must("ada", send).await;
        let source = Source::Unit(unit);
        let race = world.race(Start { poster: "ada", source, bounty: "30", ..Start::default() }).await;
        let months = world.market.unit_months(&world.actor("ada").await, unit).await.unwrap();
        assert_eq!(months.len(), market::insight::MONTHS);
        let earned: u64 = months.iter().map(|month| month.earned.minor()).sum();
        let invested: i128 = months.iter().map(|month| month.invested).sum();
        assert_eq!((earned, invested), (33_000, 3_000));
        let change: i128 = months.iter().map(|month| month.change()).sum();
        assert_eq!(world.unit_balance(unit, "ada").await, "290.00");
        assert_eq!(change, 29_000);
        world.must("ada", CancelTask { task: race.task, reason: "No.".to_owned() }).await;
        let months = world.market.unit_months(&world.actor("ada").await, unit).await.unwrap();
        assert_eq!(months.iter().map(|month| month.invested).sum::<i128>(), 0, "what came back is no cost");
        let refused = world.market.unit_months(&world.actor("ben").await, unit).await.unwrap_err();
        assert_eq!(refused, Refusal::NotFound);
    }
}

both! {
    async fn at_a_glance_everybody_sees_what_open_challenges_come_to_and_nothing_of_what_runs_inside(world: &World) {
        let open = Start { visibility: Visibility::Open, ..Start::default() };
        let race = world.race(open).await;
        let first = race.run("ada").await;
        let second = race.run("ben").await;
        race.finish(&[(first, 1), (second, 2)]).await;
        world.race(Start { visibility: Visibility::Open, bounty: "300", ..Start::default() }).await;
        world.race(Start { bounty: "700", ..Start::default() }).await.run("ada").await;
        let seen = world.market.glance(&Actor::Visitor).await.unwrap();
        assert_eq!((seen.running, seen.at_stake), (1, world.tokens("300")));
        assert_eq!((seen.settled, seen.paid), (1, world.tokens("850")), "60 and 25 of a hundred; 15 went back");
        assert_eq!(world.market.glance(&world.actor("mia").await).await.unwrap(), seen);
        world.wait(time::Duration::days(11));
        let later = world.market.glance(&Actor::Visitor).await.unwrap();
        assert_eq!((later.running, later.at_stake), (0, market::Amount::ZERO), "the clock has stopped");
    }
}
