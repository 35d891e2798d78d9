//! Units and programmes: who leads, who belongs, who draws.

use market::programme::{CreateProgramme, GrantProgramme, RevokeProgramme};
use market::unit::{AddUnitMember, CreateUnit, HandOverUnit, RemoveUnitMember};
use market::wallet::{Destination, TransferTokens};
use market::{PersonKind, Refusal, Role, WalletOwner};
use tests::{Start, World, both};

both! {
    async fn whoever_founds_a_unit_leads_it_and_can_hand_it_over(world: &World) {
        let unit = world.unit("red", "ada", &["ben"]).await;
        let (ada, ben) = (world.person("ada").await, world.person("ben").await);
        let seen = world.market.unit(&world.actor("cid").await, unit).await.unwrap();
        assert_eq!((seen.lead, seen.members.len()), (ada, 2));
        world.must("ada", HandOverUnit { unit, lead: ben }).await;
        assert_eq!(world.market.unit_by_slug(&world.actor("cid").await, "red").await.unwrap().lead, ben);
        let cid = world.person("cid").await;
        assert_eq!(
            world.run("ada", AddUnitMember { unit, person: cid }).await.unwrap_err(),
            Refusal::NotFound
        );
        world.must("ben", AddUnitMember { unit, person: cid }).await;
    }

    async fn a_lead_does_not_leave_their_unit_alone(world: &World) {
        let unit = world.unit("red", "ada", &["ben"]).await;
        let (ada, ben) = (world.person("ada").await, world.person("ben").await);
        let codes = world.refused("ada", RemoveUnitMember { unit, person: ada }).await;
        assert!(codes[0].ends_with("lead-stays"), "{codes:?}");
        let codes = world.refused("ada", AddUnitMember { unit, person: ben }).await;
        assert!(codes[0].ends_with("already-member"), "{codes:?}");
        world.must("ada", RemoveUnitMember { unit, person: ben }).await;
        assert_eq!(world.market.unit(&world.actor("ada").await, unit).await.unwrap().members.len(), 1);
    }

    async fn outsiders_neither_see_nor_join_units(world: &World) {
        let unit = world.unit("red", "ada", &[]).await;
        let otto = world.outsider("otto").await;
        assert_eq!(world.market.unit(&world.actor("otto").await, unit).await.unwrap_err(), Refusal::NotFound);
        let codes = world.refused("ada", AddUnitMember { unit, person: otto }).await;
        assert!(codes[0].ends_with("not-member"), "{codes:?}");
        let found =
            CreateUnit { slug: "out".into(), name: "Out".into(), purpose: "None.".into(), lead: None };
        assert_eq!(world.run("otto", found).await.unwrap_err(), Refusal::NotFound);
    }

    async fn the_wallet_of_a_unit_is_its_leads_to_spend_and_its_members_to_see(world: &World) {
        let unit = world.unit("red", "ada", &["ben"]).await;
        world.give(Destination::Unit(unit), "10").await;
        let pay = TransferTokens {
            from: WalletOwner::Unit(unit),
            to: WalletOwner::Person(world.person("ben").await),
            amount: world.tokens("4"),
            memo: String::new(),
        };
        assert_eq!(world.run("ben", pay.clone()).await.unwrap_err(), Refusal::NotFound);
        world.must("ada", pay).await;
        assert_eq!(world.unit_balance(unit, "ben").await, "6.00", "a member sees it");
        let stranger = world.actor("cid").await;
        assert_eq!(
            world.market.wallet(&stranger, WalletOwner::Unit(unit)).await.unwrap_err(),
            Refusal::NotFound
        );
    }

    async fn a_name_in_an_address_is_given_once(world: &World) {
        world.unit("red", "ada", &[]).await;
        let again = CreateUnit {
            slug: "red".into(),
            name: "Red too".into(),
            purpose: "The same.".into(),
            lead: None,
        };
        assert_eq!(world.refused("ben", again).await, ["slug taken"]);
        let tess = world.treasurer().await;
        let programme =
            CreateProgramme { slug: "key".into(), name: "Key".into(), purpose: "Keys.".into(), owner: None };
        world.must(tess, programme.clone()).await;
        assert_eq!(world.refused(tess, programme).await, ["slug taken"]);
    }

    async fn a_programme_is_granted_to_managers_and_taken_back(world: &World) {
        world.bring("mia", PersonKind::Member, &[Role::Manager]).await;
        let programme = world.programme("key", "olga", "mia", "100").await;
        let ada = world.person("ada").await;
        let codes = world.refused("tess", GrantProgramme { programme, manager: ada }).await;
        assert!(codes[0].starts_with("manager"), "only managers draw: {codes:?}");
        let mia = world.actor("mia").await;
        assert_eq!(world.market.programmes_i_may_draw_on(&mia).await.unwrap().len(), 1);
        let manager = world.person("mia").await;
        world.must("tess", RevokeProgramme { programme, manager }).await;
        let mia = world.actor("mia").await;
        assert!(world.market.programmes_i_may_draw_on(&mia).await.unwrap().is_empty());
        let start =
            Start { source: market::task::Source::Programme(programme), bounty: "1", ..Start::default() };
        assert!(world.run("mia", market::task::CreateTask(start.input(world))).await.is_err());
    }
}
