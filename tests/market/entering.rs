//! Who may enter a race: by rule, by invitation, on terms, and in which order when the lanes are full.

use market::Refusal;
use market::race::{
    AcceptTerms, Became, DisqualifyEntry, Eligible, EnterRace, EntryRules, EntryState, InviteToRace,
    TermsOfEntry, UninviteFromRace, Who, WithdrawEntry,
};
use market::task::{CreateTask, Rules, Visibility};
use tests::{Race, Start, World, both};

fn with(entry: EntryRules) -> Start {
    Start { rules: Rules { entry, ..Rules::default() }, ..Start::default() }
}

fn only(who: Who) -> Start {
    with(EntryRules { who, ..EntryRules::default() })
}

async fn why(world: &World, race: &Race<'_>, who: &str) -> Eligible {
    world.market.eligibility(&world.actor(who).await, race.task).await.unwrap().why
}

both! {
    async fn members_only_means_that_outsiders_see_and_do_not_ride(world: &World) {
        world.outsider("otto").await;
        let race = world.race(Start { visibility: Visibility::Open, ..only(Who::Members) }).await;
        assert_eq!(why(world, &race, "otto").await, Eligible::NotMember);
        assert_eq!(world.run("otto", race.alone()).await.unwrap_err(), Refusal::NotFound);
        let crew = world.shares(&[("ada", 5_000), ("otto", 5_000)]).await;
        let codes = world.refused("ada", EnterRace { crew, ..race.alone() }).await;
        assert_eq!(codes, ["crew.1.person may-not-ride"]);
        assert_eq!(why(world, &race, "ada").await, Eligible::Member);
        race.enter("ada").await;
        assert_eq!(why(world, &race, "ada").await, Eligible::Riding);
    }

    async fn where_units_are_named_their_members_ride(world: &World) {
        let red = world.unit("red", "ada", &["ben"]).await;
        let race = world.race(only(Who::Units(vec![red]))).await;
        world.person("cid").await;
        assert_eq!(why(world, &race, "cid").await, Eligible::NotOfUnit);
        assert_eq!(world.run("cid", race.alone()).await.unwrap_err(), Refusal::NotFound);
        assert_eq!(why(world, &race, "ben").await, Eligible::OfUnit);
        race.enter("ben").await;
    }

    async fn by_invitation_only_the_invited_ride_and_only_the_poster_sees_who_they_are(world: &World) {
        let red = world.unit("red", "ada", &["ben"]).await;
        let race = world.race(only(Who::Invited)).await;
        let cid = world.person("cid").await;
        let invite = InviteToRace { task: race.task, people: vec![cid], units: vec![red] };
        assert_eq!(why(world, &race, "cid").await, Eligible::NotInvited);
        assert_eq!(world.run("cid", invite.clone()).await.unwrap_err(), Refusal::NotFound);
        world.must("mia", invite.clone()).await;
        world.must("mia", invite).await;
        for invited in ["cid", "ben", "ada"] {
            assert_eq!(why(world, &race, invited).await, Eligible::Invited, "{invited}");
        }
        world.person("dan").await;
        assert_eq!(world.run("dan", race.alone()).await.unwrap_err(), Refusal::NotFound);
        let seen = async |who: &str| world.market.invited(&world.actor(who).await, race.task).await.unwrap();
        assert_eq!(seen("mia").await, (vec![cid], vec![red]));
        assert_eq!(seen("cid").await, (vec![], vec![]));
        race.enter("cid").await;
        let nobody = InviteToRace { task: race.task, people: vec![], units: vec![] };
        assert_eq!(world.refused("mia", nobody).await, ["people required"]);
        let mia = world.person("mia").await;
        let oneself = InviteToRace { task: race.task, people: vec![mia], units: vec![] };
        assert_eq!(world.refused("mia", oneself).await, ["people.0 may-not-ride"]);
    }

    async fn an_invitation_is_taken_back_and_what_became_of_each_is_listed_for_the_poster(world: &World) {
        let red = world.unit("red", "ada", &["ben"]).await;
        let race = world.race(only(Who::Invited)).await;
        let (cid, dan) = (world.person("cid").await, world.person("dan").await);
        world.must("mia", InviteToRace { task: race.task, people: vec![cid, dan], units: vec![red] }).await;
        race.enter("cid").await;
        let back = |person, unit| UninviteFromRace { task: race.task, person, unit };
        assert_eq!(world.run("cid", back(Some(dan), None)).await.unwrap_err(), Refusal::NotFound);
        world.must("mia", back(Some(dan), None)).await;
        assert_eq!(world.refused("mia", back(Some(dan), None)).await, ["person not-invited"]);
        assert_eq!(world.refused("mia", back(None, None)).await, ["person required"]);
        assert_eq!(why(world, &race, "dan").await, Eligible::NotInvited);
        assert_eq!(world.run("dan", race.alone()).await.unwrap_err(), Refusal::NotFound);
        let listed = world.market.race_invitations(&race.as_poster().await, race.task).await.unwrap();
        let told = |who, unit| listed.iter().find(|one| (one.person, one.unit) == (who, unit)).map(|one| one.became);
        assert_eq!(listed.len(), 3);
        assert_eq!(told(Some(cid), None), Some(Became::Rides));
        assert_eq!(told(Some(dan), None), Some(Became::Revoked));
        assert_eq!(told(None, Some(red)), Some(Became::Waits));
        assert!(world.market.race_invitations(&world.actor("cid").await, race.task).await.unwrap().is_empty());
        world.must("mia", back(Some(cid), None)).await;
        let cid_rides = world.market.entries(&race.as_poster().await, race.task).await.unwrap().remove(0);
        race.submit("cid", cid_rides.id).await;
        world.must("mia", InviteToRace { task: race.task, people: vec![dan], units: vec![] }).await;
        race.enter("dan").await;
    }

    async fn while_names_are_hidden_nobody_is_told_who_came_by_an_invitation(world: &World) {
        let entry = EntryRules { who: Who::Invited, names: market::race::Names::UntilRuling, ..EntryRules::default() };
        let race = world.race(with(entry)).await;
        let cid = world.person("cid").await;
        world.must("mia", InviteToRace { task: race.task, people: vec![cid], units: vec![] }).await;
        race.enter("cid").await;
        let listed = world.market.race_invitations(&race.as_poster().await, race.task).await.unwrap();
        assert_eq!(listed[0].became, Became::Waits);
    }

    async fn terms_are_accepted_on_record_before_anybodys_word_counts(world: &World) {
        let terms = TermsOfEntry { title: "NDA".into(), version: "2".into(), text: "Say nothing.".into() };
        let race = world.race(with(EntryRules { terms: Some(terms), ..EntryRules::default() })).await;
        let accept = AcceptTerms { task: race.task };
        let crew = world.shares(&[("ada", 5_000), ("ben", 5_000)]).await;
        let enter = EnterRace { crew, ..race.alone() };
        assert_eq!(world.refused("ada", enter.clone()).await, ["terms terms-not-accepted"]);
        let accepted = async |who: &str| {
            world.market.eligibility(&world.actor(who).await, race.task).await.unwrap().accepted
        };
        assert_eq!(accepted("ada").await, Some(false));
        world.must("ada", accept.clone()).await;
        world.must("ada", accept.clone()).await;
        assert_eq!(accepted("ada").await, Some(true));
        let entry = world.must("ada", enter).await;
        assert_eq!(world.refused("ben", world.agreeing("ben", entry).await).await, ["terms terms-not-accepted"]);
        world.must("ben", accept.clone()).await;
        world.must("ben", world.agreeing("ben", entry).await).await;
        assert!(race.is_running(entry).await);
        assert_eq!(world.run("mia", accept).await.unwrap_err(), Refusal::NotFound);
        // Who accepted what is for them and the auditor.
        let texts = async |who: &str| {
            let records = world.market.task_records(&world.actor(who).await, race.task).await.unwrap();
            let shown = records.iter().flat_map(|record| &record.disclosures);
            shown.filter(|text| text.label == "terms").count()
        };
        assert_eq!((texts("ada").await, texts("ben").await, texts("mia").await), (1, 1, 0));
    }

    async fn who_comes_too_late_for_a_lane_waits_in_order_and_the_first_gets_the_next(world: &World) {
        let entry = EntryRules { waiting_list: true, ..EntryRules::default() };
        let rules = Rules { max_lanes: Some(1), entry, ..Rules::default() };
        let race = world.race(Start { rules, ..Start::default() }).await;
        let first = race.enter("ada").await;
        world.person("ben").await;
        assert_eq!(why(world, &race, "ben").await, Eligible::Waits);
        let second = race.enter("ben").await;
        let third = race.enter("cid").await;
        assert_eq!(race.entry(second).await.state, EntryState::Waiting);
        assert_eq!((race.view().await.lanes, race.view().await.running), (1, 1));
        assert!(race.try_submit("ben", second, "Early.").await.is_err());
        world.must("mia", DisqualifyEntry { entry: first, reason: "Late.".into() }).await;
        assert_eq!(why(world, &race, "ada").await, Eligible::Disqualified);
        assert!(race.is_running(second).await);
        assert_eq!(race.entry(third).await.state, EntryState::Waiting);
        world.must("ben", WithdrawEntry { entry: second }).await;
        assert!(race.is_running(third).await);
        race.submit("cid", third).await;
        race.finish(&[(third, 1)]).await;
        assert_eq!(world.balance("cid").await, "600.00");
    }

    async fn a_waiting_list_without_a_cap_and_terms_without_a_text_are_refused(world: &World) {
        world.give_person("mia", "1000").await;
        let terms = Some(TermsOfEntry { title: "NDA".into(), version: String::new(), text: "x".repeat(20_001) });
        let entry = EntryRules { waiting_list: true, terms, ..EntryRules::default() };
        let codes = world.refused("mia", CreateTask(with(entry).input(world))).await;
        let wanted = [
            "rules.entry.waiting_list waiting-needs-cap",
            "rules.entry.terms.version required",
            "rules.entry.terms.text too-long",
        ];
        assert_eq!(codes, wanted);
    }
}
