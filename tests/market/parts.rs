//! Buying a part of an entry that did not win: the price in escrow, the answer, the clock, and what stays.

use market::part::{AcceptOffer, DeclineOffer, OfferForPart, OfferState, WithdrawOffer};
use market::race::{EnterRace, UnitShare, WorkKind};
use market::task::{Source, TaskState};
use market::{Actor, EntryId, OfferId, PersonKind, Refusal, Role, UnitId, WalletOwner};
use tests::{Race, Start, World, both};

/// A race that is settled: ben won; ada, who rides for a unit with cid, came second; dan handed in nothing.
struct Settled<'w> {
    race: Race<'w>,
    winner: EntryId,
    loser: EntryId,
    idle: EntryId,
    unit: UnitId,
}

async fn settled(world: &World) -> Settled<'_> {
    let unit = world.unit("red", "ada", &[]).await;
    let race = world.race(Start::default()).await;
    let winner = race.run("ben").await;
    let units = vec![UnitShare { unit, share: 2_000 }];
    let crew = world.shares(&[("ada", 5_000), ("cid", 3_000)]).await;
    let loser = world.must("ada", EnterRace { units, crew, ..race.alone() }).await;
    world.must("cid", world.agreeing("cid", loser).await).await;
    race.submit("cid", loser).await;
    let idle = race.enter("dan").await;
    race.finish(&[(winner, 1), (loser, 2)]).await;
    world.give_person("mia", "500").await;
    Settled { race, winner, loser, idle, unit }
}

fn offer(world: &World, entry: EntryId, price: &str) -> OfferForPart {
    OfferForPart {
        entry,
        part: "The tokenizer, lines 1 to 400.".to_owned(),
        purpose: "To be built into the winner's parser.".to_owned(),
        price: world.tokens(price),
        from: Source::Person,
        until: world.now().plus_seconds(7 * 86_400),
    }
}

async fn state(world: &World, id: OfferId) -> OfferState {
    world.market.offer(&world.actor("ada").await, id).await.unwrap().state
}

async fn escrowed(world: &World, handle: &str) -> String {
    let owner = WalletOwner::Person(world.person(handle).await);
    let wallet = world.market.wallet(&world.actor(handle).await, owner).await.unwrap();
    world.market.asset().format(wallet.escrowed)
}

both! {
    async fn an_accepted_offer_pays_the_crew_by_its_shares_and_stays_for_good(world: &World) {
        let Settled { race, loser, unit, .. } = settled(world).await;
        let before = (race.payouts().await, world.balance("ada").await, world.balance("cid").await);
        assert_eq!((before.1.as_str(), before.2.as_str()), ("125.00", "75.00"));
        let id = world.must("mia", offer(world, loser, "100.01")).await;
        assert_eq!((world.balance("mia").await, escrowed(world, "mia").await), ("549.99".into(), "100.01".into()));
        assert_eq!(race.view().await.escrow, world.tokens("0"), "the race's own escrow is what it was");
        world.books_hold().await;
        world.must("ada", AcceptOffer { offer: id }).await;
        // 2,000 / 5,000 / 3,000 of 100.01: the odd cent goes by largest remainder, as of a prize.
        assert_eq!(world.unit_balance(unit, "ada").await, "70.00");
        assert_eq!((world.balance("ada").await, world.balance("cid").await), ("175.01".into(), "105.00".into()));
        assert_eq!(escrowed(world, "mia").await, "0.00");
        assert_eq!(race.payouts().await, before.0, "what was bought is no prize");
        let bought = world.market.parts_bought(&world.actor("dan").await, race.task).await.unwrap();
        let [one] = bought.as_slice() else { panic!("{bought:?}") };
        assert_eq!((one.state, one.entry, one.price), (OfferState::Accepted, loser, world.tokens("100.01")));
        assert_eq!(one.buyer, world.person("mia").await);
        // One record pays, and names the digest of the terms behind the one that put the price into escrow.
        let reader = world.actor("dan").await;
        let terms = world.market.record(&reader, one.record).await.unwrap();
        let paid = world.market.record(&reader, one.end_record.unwrap()).await.unwrap();
        let said = String::from_utf8(terms.disclosures[0].data.clone()).unwrap();
        assert!(said.contains("The tokenizer, lines 1 to 400."), "{said}");
        let said = String::from_utf8(paid.disclosures[0].data.clone()).unwrap();
        assert!(said.contains(&hex::encode(terms.commitments[0])), "{said}");
        assert_eq!(paid.postings.len(), 4, "one record for the whole crew");
        let again = world.refused("ada", AcceptOffer { offer: id }).await;
        assert_eq!(again, ["offer-ended"]);
        world.books_hold().await;
    }

    async fn an_offer_that_is_declined_or_withdrawn_gives_its_price_back(world: &World) {
        let Settled { loser, .. } = settled(world).await;
        let declined = world.must("mia", offer(world, loser, "40")).await;
        let withdrawn = world.must("mia", offer(world, loser, "60")).await;
        assert_eq!(world.balance("mia").await, "550.00");
        world.must("ada", DeclineOffer { offer: declined }).await;
        world.must("mia", WithdrawOffer { offer: withdrawn }).await;
        assert_eq!(world.balance("mia").await, "650.00");
        assert_eq!(state(world, declined).await, OfferState::Declined);
        assert_eq!(state(world, withdrawn).await, OfferState::Withdrawn);
        for id in [declined, withdrawn] {
            assert_eq!(world.refused("ada", AcceptOffer { offer: id }).await, ["offer-ended"]);
            assert_eq!(world.refused("mia", WithdrawOffer { offer: id }).await, ["offer-ended"]);
        }
        world.books_hold().await;
    }

    async fn the_clock_returns_the_price_at_the_instant_and_not_before(world: &World) {
        let Settled { loser, .. } = settled(world).await;
        let id = world.must("mia", offer(world, loser, "40")).await;
        let until = world.market.offer(&world.actor("mia").await, id).await.unwrap().until;
        assert_eq!(world.market.next_edge().await.unwrap(), Some(until));
        world.clock.set(until.plus_seconds(-1));
        assert_eq!(world.market.keep_time().await.unwrap(), 0);
        assert_eq!(state(world, id).await, OfferState::Open);
        // At the instant it can be accepted no more, though the clock has not come to it.
        world.clock.set(until);
        assert_eq!(state(world, id).await, OfferState::Lapsed);
        assert_eq!(world.refused("ada", AcceptOffer { offer: id }).await, ["offer-ended"]);
        world.clock.set(until.plus_seconds(86_400));
        assert_eq!(world.market.keep_time().await.unwrap(), 1);
        assert_eq!(world.market.keep_time().await.unwrap(), 0, "once");
        let seen = world.market.offer(&world.actor("mia").await, id).await.unwrap();
        assert_eq!((seen.state, seen.ended_at), (OfferState::Lapsed, Some(until)), "as of its instant");
        assert_eq!((world.balance("mia").await, world.market.next_edge().await.unwrap()), ("650.00".into(), None));
        world.books_hold().await;
    }

    async fn only_who_may_read_the_work_buys_and_only_the_captain_sells(world: &World) {
        let Settled { race, winner, loser, idle, .. } = settled(world).await;
        world.bring("aud", PersonKind::Member, &[Role::Auditor]).await;
        for stranger in ["ada", "cid", "ben", "eve", "aud"] {
            let refused = world.run(stranger, offer(world, loser, "1")).await.unwrap_err();
            assert_eq!(refused, Refusal::NotFound, "{stranger}");
        }
        let visitor = world.market.run(&Actor::Visitor, offer(world, loser, "1")).await.unwrap_err();
        assert_eq!(visitor, Refusal::Unauthenticated);
        assert_eq!(world.refused("mia", offer(world, winner, "1")).await, ["offer-for-winner"]);
        assert_eq!(world.refused("mia", offer(world, idle, "1")).await, ["offer-for-nothing"]);
        assert_eq!(world.refused("mia", offer(world, loser, "651")).await, ["price insufficient-funds"]);
        let id = world.must("mia", offer(world, loser, "10")).await;
        for stranger in ["cid", "ben", "mia", "eve", "aud"] {
            let refused = world.run(stranger, AcceptOffer { offer: id }).await.unwrap_err();
            assert_eq!(refused, Refusal::NotFound, "{stranger}");
            let refused = world.run(stranger, DeclineOffer { offer: id }).await.unwrap_err();
            assert_eq!(refused, Refusal::NotFound, "{stranger}");
        }
        assert_eq!(world.run("ada", WithdrawOffer { offer: id }).await.unwrap_err(), Refusal::NotFound);
        // An outsider sees neither an internal race nor what was bought in it.
        world.bring("olga", PersonKind::Contributor, &[]).await;
        let outsider = world.actor("olga").await;
        assert_eq!(world.market.offer(&outsider, id).await.unwrap_err(), Refusal::NotFound);
        assert_eq!(world.market.offers(&outsider, loser).await.unwrap_err(), Refusal::NotFound);
        assert_eq!(world.market.parts_bought(&outsider, race.task).await.unwrap_err(), Refusal::NotFound);
    }

    async fn nothing_is_sold_before_the_ruling_is_final(world: &World) {
        let race = world.race(Start::default()).await;
        let (first, second) = (race.run("ben").await, race.run("ada").await);
        world.give_person("mia", "10").await;
        race.close().await;
        assert_eq!(world.refused("mia", offer(world, second, "10")).await, ["offer-too-early"]);
        race.rule(&[(first, 1), (second, 2)]).await;
        assert_eq!(race.state().await, TaskState::Provisional);
        assert_eq!(world.refused("mia", offer(world, second, "10")).await, ["offer-too-early"]);
        assert!(!world.market.offers(&race.as_poster().await, second).await.unwrap().may_offer);
        race.settle().await;
        assert!(world.market.offers(&race.as_poster().await, second).await.unwrap().may_offer);
        world.must("mia", offer(world, second, "10")).await;
    }

    async fn two_servers_and_a_second_press_pay_once(world: &World) {
        let Settled { loser, .. } = settled(world).await;
        let id = world.must("mia", offer(world, loser, "100")).await;
        let ada = world.actor("ada").await;
        let mia = world.actor("mia").await;
        let (accepted, again, withdrawn) = tokio::join!(
            world.market.run(&ada, AcceptOffer { offer: id }),
            world.market.run(&ada, AcceptOffer { offer: id }),
            world.market.run(&mia, WithdrawOffer { offer: id }),
        );
        let won = usize::from(accepted.is_ok()) + usize::from(again.is_ok()) + usize::from(withdrawn.is_ok());
        assert_eq!(won, 1, "{accepted:?} {again:?} {withdrawn:?}");
        let key = market::IdempotencyKey::parse("twice").unwrap();
        let once = world.market.run_once(&mia, key.clone(), offer(world, loser, "5")).await.unwrap();
        let second = offer(world, loser, "5");
        assert_eq!(world.market.run_once(&mia, key, second).await.unwrap(), once, "the same key, the same offer");
        world.clock.set(world.now().plus_seconds(8 * 86_400));
        let (one, other) = tokio::join!(world.market.keep_time(), world.market.keep_time());
        assert_eq!(one.unwrap() + other.unwrap(), 1);
        world.books_hold().await;
    }

    async fn a_unit_or_a_programme_pays_and_gets_its_price_back(world: &World) {
        world.bring("mia", PersonKind::Member, &[Role::Manager]).await;
        let Settled { loser, .. } = settled(world).await;
        let programme = world.programme("key", "eve", "mia", "300").await;
        let from = Source::Programme(programme);
        let id = world.must("mia", OfferForPart { from, ..offer(world, loser, "120") }).await;
        let budget = async || {
            let seen = world.market.programme(&world.actor("eve").await, programme).await.unwrap();
            world.market.asset().format(seen.balance)
        };
        assert_eq!(budget().await, "180.00");
        world.must("ada", DeclineOffer { offer: id }).await;
        assert_eq!(budget().await, "300.00");
        let foreign = world.unit("blue", "eve", &[]).await;
        let from = Source::Unit(foreign);
        let refused = world.refused("mia", OfferForPart { from, ..offer(world, loser, "1") }).await;
        assert_eq!(refused, ["source no-such-wallet"]);
        world.books_hold().await;
    }

    async fn what_waits_stands_in_the_captains_and_the_buyers_work(world: &World) {
        let Settled { loser, .. } = settled(world).await;
        let id = world.must("mia", offer(world, loser, "10")).await;
        let work = async |who: &str| {
            let items = world.market.my_work(&world.actor(who).await).await.unwrap();
            items.into_iter().map(|item| (item.kind, item.entry, item.owners)).collect::<Vec<_>>()
        };
        let ada = world.person("ada").await;
        assert_eq!(work("ada").await, [(WorkKind::AnswerOffer, Some(loser), vec![])]);
        assert_eq!(work("mia").await, [(WorkKind::AwaitOffer, Some(loser), vec![ada])]);
        assert_eq!(work("cid").await, []);
        world.must("ada", DeclineOffer { offer: id }).await;
        assert_eq!((work("ada").await, work("mia").await), (vec![], vec![]));
    }

    async fn a_crew_is_not_flooded_with_offers(world: &World) {
        let Settled { loser, .. } = settled(world).await;
        for _ in 0..market::part::MOST_OPEN {
            world.must("mia", offer(world, loser, "1")).await;
        }
        assert_eq!(world.refused("mia", offer(world, loser, "1")).await, ["offers-open"]);
        world.books_hold().await;
    }

    async fn a_buyer_who_is_erased_leaves_the_deal_and_no_words(world: &World) {
        let Settled { race, loser, .. } = settled(world).await;
        world.bring("root", PersonKind::Member, &[Role::Admin]).await;
        world.bring("aud", PersonKind::Member, &[Role::Auditor]).await;
        let bought = world.must("mia", offer(world, loser, "30")).await;
        world.must("ada", AcceptOffer { offer: bought }).await;
        let open = world.must("mia", offer(world, loser, "20")).await;
        let mia = world.person("mia").await;
        let ask = market::erasure::RequestErasure { person: mia, ground: "Art. 17".to_owned(), records: vec![] };
        let erasure = world.must("root", ask).await;
        let key = market::IdempotencyKey::parse("erase").unwrap();
        world.market.approve_erasure(&world.actor("aud").await, key, erasure).await.unwrap();
        let seen = world.market.parts_bought(&world.actor("ada").await, race.task).await.unwrap();
        assert_eq!((seen[0].part.as_str(), seen[0].purpose.as_str()), (market::erasure::ERASED, market::erasure::ERASED));
        assert_eq!(seen[0].price, world.tokens("30"));
        // The offer that was open still pays, for the money was there from the beginning.
        world.must("ada", AcceptOffer { offer: open }).await;
        world.books_hold().await;
    }
}
