//! Webhooks: who may have which addresses told, what is written for them, and what becomes of it.

use market::notice::Kind;
use market::race::{EnterRace, UnitShare};
use market::task::{PublishTask, Source};
use market::wallet::Destination;
use market::webhook::{
    Answered, ClaimDeliveries, DeliveryState, DisableWebhook, Parcel, RecordDelivery, RedeliverWebhook,
    RotateWebhook, WebhookOf, WebhookState,
};
use market::{Actor, Code, PersonKind, Refusal, Role, WebhookId};
use tests::{Start, World, both};
use time::Duration;

/// A market that calls addresses.
fn told(world: &World) {
    let _same = world.market.clone().telling_webhooks(false);
}

async fn add(world: &World, who: &str, of: WebhookOf) -> Result<WebhookId, Refusal> {
    let url = "https://hooks.example/in".to_owned();
    Ok(world.market.add_webhook(&world.actor(who).await, of, url).await?.id)
}

async fn claim(world: &World) -> Vec<Parcel> {
    let mut all = Vec::new();
    loop {
        let some = world.market.run(&Actor::Clockwork, ClaimDeliveries).await.unwrap();
        if some.is_empty() {
            return all;
        }
        all.extend(some);
    }
}

async fn record(world: &World, parcel: &Parcel, answered: Answered) {
    world.market.run(&Actor::Clockwork, RecordDelivery { delivery: parcel.id, answered }).await.unwrap();
}

/// The kinds that wait, sorted; and they are delivered.
async fn kinds(world: &World) -> Vec<String> {
    let mut kinds = Vec::new();
    for parcel in claim(world).await {
        record(world, &parcel, Answered::Taken("204".to_owned())).await;
        kinds.push(parcel.kind.to_string());
    }
    kinds.sort();
    kinds
}

async fn root(world: &World) -> &'static str {
    world.bring("root", PersonKind::Member, &[Role::Admin]).await;
    "root"
}

both! {
    async fn the_house_is_told_of_all_but_wallets(world: &World) {
        told(world);
        add(world, root(world).await, WebhookOf::House).await.unwrap();
        let race = world.race(Start::default()).await;
        let entry = race.run("ada").await;
        race.finish(&[(entry, 1)]).await;
        let told = kinds(world).await;
        assert_eq!(told, ["race.ruled", "submission.received", "task.published", "task.settled"]);
    }

    async fn a_unit_and_a_programme_are_told_of_their_own(world: &World) {
        told(world);
        let unit = world.unit("red", "ada", &["ben"]).await;
        world.bring("mia", PersonKind::Member, &[Role::Manager]).await;
        let programme = world.programme("parsers", "olga", "mia", "500").await;
        let units = add(world, "ada", WebhookOf::Unit(unit)).await.unwrap();
        let programmes = add(world, "olga", WebhookOf::Programme(programme)).await.unwrap();
        world.give(Destination::Unit(unit), "5").await;
        world.give_person("ben", "5").await;
        let start = Start { source: Source::Programme(programme), bounty: "100", ..Start::default() };
        let race = world.race(start).await;
        world.must("ada", EnterRace { units: vec![UnitShare { unit, share: 0 }], ..race.alone() }).await;
        let other = world.race(Start::default()).await;
        other.run("ben").await;
        let parcels = claim(world).await;
        let ada = world.actor("ada").await;
        let seen: Vec<_> = world.market.deliveries(&ada, units).await.unwrap();
        assert_eq!(seen.iter().map(|one| one.kind).collect::<Vec<_>>(), [Kind::TokensReceived]);
        assert!(parcels.iter().all(|parcel| parcel.facts.amount.is_none()), "no amounts: {parcels:?}");
        let olga = world.actor("olga").await;
        let seen = world.market.deliveries(&olga, programmes).await.unwrap();
        assert_eq!(seen.iter().map(|one| one.kind).collect::<Vec<_>>(), [Kind::TaskPublished]);
        assert_eq!(seen[0].facts.task, Some(race.task));
    }

    async fn a_refused_command_tells_no_address(world: &World) {
        told(world);
        let task = world.draft(&Start::default()).await;
        add(world, root(world).await, WebhookOf::House).await.unwrap();
        assert!(world.run("ada", PublishTask { task }).await.is_err());
        assert_eq!(kinds(world).await, Vec::<String>::new());
        world.must("mia", PublishTask { task }).await;
        assert_eq!(kinds(world).await, ["task.published"]);
    }

    async fn only_who_answers_for_a_group_looks_after_its_addresses(world: &World) {
        let unit = world.unit("red", "ada", &["ben"]).await;
        world.bring("mia", PersonKind::Member, &[Role::Manager]).await;
        let programme = world.programme("parsers", "olga", "mia", "500").await;
        root(world).await;
        for (of, mine, others) in [
            (WebhookOf::House, "root", ["ada", "olga", "tess"]),
            (WebhookOf::Unit(unit), "ada", ["ben", "root", "olga"]),
            (WebhookOf::Programme(programme), "olga", ["mia", "root", "tess"]),
        ] {
            let hook = add(world, mine, of).await.unwrap();
            for who in others {
                assert_eq!(add(world, who, of).await, Err(Refusal::NotFound), "{who}");
                let actor = world.actor(who).await;
                assert_eq!(world.market.webhooks(&actor, of).await, Err(Refusal::NotFound));
                assert_eq!(world.market.deliveries(&actor, hook).await, Err(Refusal::NotFound));
                assert!(world.run(who, RotateWebhook { webhook: hook }).await.is_err());
                assert_eq!(world.run(who, DisableWebhook { webhook: hook }).await, Err(Refusal::NotFound));
            }
            assert_eq!(world.market.webhooks(&Actor::Visitor, of).await, Err(Refusal::Unauthenticated));
            assert_eq!(world.market.webhooks(&world.actor(mine).await, of).await.unwrap().len(), 1);
        }
    }

    async fn an_address_must_be_https_and_there_are_not_too_many(world: &World) {
        let root = world.actor(root(world).await).await;
        for bad in ["http://hooks.example", "https://me:x@hooks.example", "hooks.example", &"x".repeat(600)] {
            let refused = world.market.add_webhook(&root, WebhookOf::House, bad.to_owned()).await.unwrap_err();
            let Refusal::Invalid(problems) = refused else { panic!("{refused:?}") };
            assert!(problems.iter().all(|problem| problem.field == "url"), "{problems:?}");
        }
        for _ in 0..20 {
            add(world, "root", WebhookOf::House).await.unwrap();
        }
        let full = Err(Refusal::on("url", Code::TooManyItems { max: 20 }));
        assert_eq!(add(world, "root", WebhookOf::House).await, full);
    }

    async fn a_delivery_is_tried_for_three_days_then_given_up_and_can_be_sent_again(world: &World) {
        told(world);
        let hook = add(world, root(world).await, WebhookOf::House).await.unwrap();
        world.race(Start::default()).await;
        let (mut tries, mut ids) = (0, Vec::new());
        for _ in 0..100 {
            for parcel in claim(world).await {
                tries += 1;
                ids.push(parcel.event);
                record(world, &parcel, Answered::NotTaken("500 Well".to_owned())).await;
            }
            world.wait(Duration::hours(1));
        }
        ids.dedup();
        assert_eq!((tries, ids.len()), (10, 1), "the same id each time");
        let root = world.actor("root").await;
        let state = async || world.market.webhook(&root, hook).await.unwrap().state;
        assert_eq!(state().await, WebhookState::Failing);
        let delivery = world.market.deliveries(&root, hook).await.unwrap().remove(0);
        assert_eq!((delivery.state, delivery.tries), (DeliveryState::Failed, 10));
        assert_eq!(delivery.answer.as_deref(), Some("500 Well"));
        world.must("root", RedeliverWebhook { delivery: delivery.id }).await;
        assert_eq!(world.run("ada", RedeliverWebhook { delivery: delivery.id }).await, Err(Refusal::NotFound));
        let again = claim(world).await.remove(0);
        assert_eq!(again.event, ids[0]);
        record(world, &again, Answered::Taken("200".to_owned())).await;
        assert_eq!(state().await, WebhookState::Active);
        assert_eq!(world.market.deliveries(&root, hook).await.unwrap()[0].state, DeliveryState::Delivered);
    }

    async fn an_address_that_is_gone_or_ended_is_told_nothing_more(world: &World) {
        told(world);
        root(world).await;
        let gone = add(world, "root", WebhookOf::House).await.unwrap();
        let race = world.race(Start::default()).await;
        let parcel = claim(world).await.remove(0);
        record(world, &parcel, Answered::Gone("410".to_owned())).await;
        let root = world.actor("root").await;
        assert_eq!(world.market.webhook(&root, gone).await.unwrap().state, WebhookState::Disabled);
        race.run("ada").await;
        assert!(claim(world).await.is_empty());
        let ended = add(world, "root", WebhookOf::House).await.unwrap();
        race.run("ben").await;
        world.must("root", DisableWebhook { webhook: ended }).await;
        assert!(claim(world).await.is_empty(), "what waited is given up");
        let delivery = world.market.deliveries(&root, ended).await.unwrap()[0].id;
        let codes = world.refused("root", RedeliverWebhook { delivery }).await;
        assert_eq!(codes, ["webhook-disabled"]);
    }

    async fn an_old_secret_signs_beside_the_new_one_for_a_day(world: &World) {
        told(world);
        let hook = add(world, root(world).await, WebhookOf::House).await.unwrap();
        let rotated = world.must("root", RotateWebhook { webhook: hook }).await;
        let race = world.race(Start::default()).await;
        let parcel = claim(world).await.remove(0);
        assert_eq!(parcel.secrets.len(), 2);
        assert_eq!(parcel.secrets[0], rotated.secret);
        assert!(rotated.secret.shown().starts_with("whsec_") && !format!("{rotated:?}").contains("whsec"));
        world.wait(Duration::hours(25));
        race.run("ada").await;
        assert!(claim(world).await.iter().all(|parcel| parcel.secrets == [rotated.secret.clone()]));
    }

    async fn an_erased_person_leaves_no_address(world: &World) {
        told(world);
        root(world).await;
        world.bring("aud", PersonKind::Member, &[Role::Auditor]).await;
        let unit = world.unit("red", "ada", &[]).await;
        let hook = add(world, "ada", WebhookOf::Unit(unit)).await.unwrap();
        world.give(Destination::Unit(unit), "5").await;
        let person = world.person("ada").await;
        let ask = market::erasure::RequestErasure { person, ground: "Art. 17".to_owned(), records: vec![] };
        let erasure = world.must("root", ask).await;
        let key = market::IdempotencyKey::parse("erase").unwrap();
        world.market.approve_erasure(&world.actor("aud").await, key, erasure).await.unwrap();
        assert_eq!(world.market.webhook(&world.actor("ada").await, hook).await, Err(Refusal::NotFound));
        assert!(claim(world).await.is_empty());
    }
}
