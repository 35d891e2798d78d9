//! Amendments: frozen rules change by consent, and by nobody's silence.

use market::amendment::{
    AcceptAmendment, Amended, AmendmentAnswer, AmendmentState, AmendmentView, AnswerAmendment,
    ProposeAmendment, WithdrawAmendment,
};
use market::race::{CrewShare, DisqualifyEntry, EntryRules, EntryState, Names, WithdrawEntry, WorkKind};
use market::task::{
    EdgeKind, ExtendDeadline, Judging, PrizePlan, Prizes, Rules, Silence, Stage, StartPrize, TaskState,
};
use market::{AmendmentId, Amount, EntryId, Moment, RandomIds, Refusal};
use std::sync::Arc;
use tests::{Race, Start, World, both, problem_codes};
use time::Duration;

/// Rules with a start prize of 50 out of a pool of 200.
fn started(world: &World) -> Rules {
    let start = Some(StartPrize { each: world.tokens("50"), pool: world.tokens("200") });
    Rules { start, plan: PrizePlan::WinnerTakesAll, appeal_seconds: 0, ..Rules::default() }
}

async fn of(race: &Race<'_>) -> Amended {
    let view = race.view().await;
    Amended { brief: view.brief, criteria: view.criteria, closes_at: view.closes_at, rules: view.rules }
}

fn proposal(race: &Race<'_>, to: Amended) -> ProposeAmendment {
    ProposeAmendment { task: race.task, to, reason: "The machine has changed.".to_owned(), answer_by: None }
}

/// Proposes another prize plan: two places instead of one.
async fn two_places(race: &Race<'_>) -> ProposeAmendment {
    let old = of(race).await;
    let plan = PrizePlan::Ranked(Prizes::Shares(vec![7_000, 3_000]));
    proposal(race, Amended { rules: Rules { plan, ..old.rules.clone() }, ..old })
}

fn says(amendment: AmendmentId, entry: EntryId, answer: AmendmentAnswer) -> AnswerAmendment {
    AnswerAmendment { amendment, entry, answer }
}

fn consent(amendment: AmendmentId, entry: EntryId) -> AnswerAmendment {
    says(amendment, entry, AmendmentAnswer::Consent)
}

fn leave(amendment: AmendmentId, entry: EntryId) -> AnswerAmendment {
    says(amendment, entry, AmendmentAnswer::Leave)
}

async fn seen(world: &World, id: AmendmentId, who: &str) -> AmendmentView {
    world.market.amendment(&world.actor(who).await, id).await.unwrap()
}

async fn kept(world: &World, race: &Race<'_>) -> Vec<EdgeKind> {
    let edges = world.market.task_edges(&race.as_poster().await, race.task).await.unwrap();
    edges.into_iter().map(|edge| edge.kind).collect()
}

both! {
    async fn rules_change_when_all_who_ride_agree_and_their_history_stays(world: &World) {
        let race = world.race(Start { rules: started(world), ..Start::default() }).await;
        let (ada, ben) = (race.run("ada").await, race.run("ben").await);
        let before = race.view().await;
        let wanted = two_places(&race).await;
        let id = world.must("mia", wanted.clone()).await;
        assert_eq!(race.view().await.rules, before.rules, "nothing changes by a proposal");
        let view = seen(world, id, "ben").await;
        assert_eq!((view.asked, view.answered, view.state), (2, 0, AmendmentState::Open));
        assert_eq!((view.mine, view.may_answer), (Some((ben, None)), true));
        assert!(view.outstanding.is_empty(), "rivals see a count");
        assert_eq!(seen(world, id, "mia").await.outstanding, [ada, ben]);
        let paths: Vec<String> = view.changes().into_iter().map(|change| change.path).collect();
        assert_eq!(paths, ["rules.plan"]);
        world.must("ada", consent(id, ada)).await;
        assert_eq!(seen(world, id, "mia").await.outstanding, [ben]);
        assert_eq!(race.view().await.rules, before.rules, "one of two is not all");
        world.must("ben", consent(id, ben)).await;
        let after = race.view().await;
        assert_eq!(after.rules, wanted.to.rules);
        assert_ne!(after.rules_digest, before.rules_digest);
        let view = seen(world, id, "cid").await;
        assert_eq!((view.state, view.version), (AmendmentState::InForce, Some(2)));
        assert_eq!((view.before.rules, view.end_record), (before.rules, after.rules_record));
        let record = world.market.record(&world.actor("cid").await, after.rules_record.unwrap()).await.unwrap();
        let said: Vec<String> =
            record.disclosures.iter().map(|text| String::from_utf8(text.data.clone()).unwrap()).collect();
        let old = before.rules_digest.map(|digest| digest.iter().map(|byte| format!("{byte:02x}")).collect::<String>());
        assert!(said[0].contains("7000") && said[1].contains(&old.unwrap()), "new rules, and the old digest");
        assert!(said[1].contains(&ada.to_string()) && said[1].contains(&ben.to_string()), "with the consents");
        assert_eq!(problem_codes(&world.run("ada", leave(id, ada)).await.unwrap_err()), ["amendment-over"]);
        race.finish(&[(ada, 1), (ben, 2)]).await;
        assert_eq!((world.balance("ada").await.as_str(), world.balance("ben").await.as_str()), ("610.00", "290.00"));
    }

    async fn who_leaves_is_paid_the_start_prize_once_and_only_when_it_takes_effect(world: &World) {
        let race = world.race(Start { rules: started(world), ..Start::default() }).await;
        let (ada, ben, cid) = (race.run("ada").await, race.run("ben").await, race.enter("cid").await);
        let id = world.must("mia", two_places(&race).await).await;
        assert_eq!(seen(world, id, "ada").await.start, world.tokens("50"));
        world.must("ada", leave(id, ada)).await;
        assert_eq!(race.entry(ada).await.state, EntryState::Running, "still in");
        assert_eq!(world.balance("ada").await, "0.00");
        world.must("cid", leave(id, cid)).await;
        world.must("ben", consent(id, ben)).await;
        assert_eq!(race.entry(ada).await.state, EntryState::Left);
        assert_eq!((world.balance("ada").await, world.balance("cid").await), ("50.00".into(), "50.00".into()));
        assert_eq!(race.view().await.escrow, world.tokens("900"));
        assert!(race.try_submit("ada", ada, "Once more.").await.is_err());
        assert_eq!(world.refused("ada", race.alone()).await, ["crew.0.person already-riding"], "left for good");
        race.finish(&[(ben, 1)]).await;
        // 1,000 less the pool of 200: the first of two places gets 70 % of 800, and its own start prize.
        assert_eq!(world.balance("ben").await, "610.00");
        assert_eq!((world.balance("ada").await, world.balance("cid").await), ("50.00".into(), "50.00".into()));
        assert_eq!(world.balance("mia").await, "290.00", "the rest is back: nothing is lost, nothing paid twice");
    }

    async fn silence_changes_nothing_for_anybody(world: &World) {
        let race = world.race(Start { rules: started(world), ..Start::default() }).await;
        let (ada, ben) = (race.run("ada").await, race.run("ben").await);
        let before = race.view().await;
        let id = world.must("mia", two_places(&race).await).await;
        world.must("ada", leave(id, ada)).await;
        let until = seen(world, id, "ada").await.answer_by.unwrap();
        assert_eq!(until, world.now().plus_seconds(3 * 86_400), "three days unless the poster says otherwise");
        assert_eq!(world.market.next_edge().await.unwrap(), Some(until));
        world.clock.set(until);
        assert_eq!(world.refused("ben", consent(id, ben)).await, ["amendment-over"], "late is late");
        world.market.keep_time().await.unwrap();
        assert_eq!(seen(world, id, "ada").await.state, AmendmentState::Fallen);
        assert_eq!(race.entry(ada).await.state, EntryState::Running, "who wanted to leave on it has lost nothing");
        assert_eq!((race.view().await.rules, race.view().await.rules_digest), (before.rules, before.rules_digest));
        assert_eq!(kept(world, &race).await, [EdgeKind::Amend]);
        assert_eq!(world.balance("ada").await, "0.00");
        world.must("mia", two_places(&race).await).await;
    }

    async fn without_anybody_riding_it_takes_effect_at_once(world: &World) {
        let race = world.race(Start::default()).await;
        let wanted = two_places(&race).await;
        let id = world.must("mia", wanted.clone()).await;
        assert_eq!(race.view().await.rules, wanted.to.rules);
        let old = of(&race).await;
        let brief = Amended { brief: "Three times as fast.".to_owned(), ..old };
        world.must("mia", proposal(&race, brief)).await;
        assert_eq!(race.view().await.brief, "Three times as fast.");
        let versions: Vec<Option<u32>> = world
            .market
            .amendments(&race.as_poster().await, race.task)
            .await
            .unwrap()
            .iter()
            .map(|one| one.version)
            .collect();
        assert_eq!(versions, [Some(2), Some(3)]);
        assert_eq!(seen(world, id, "ada").await.answer_by, None);
    }

    async fn what_nobody_may_change_is_refused_at_once(world: &World) {
        let stage = Stage {
            name: "First".to_owned(),
            ends_at: world.now().plus_seconds(5 * 86_400),
            judge_seconds: 86_400,
            mark: None,
            keep: None,
            gate: None,
            prizes: None,
        };
        let rules = Rules { stages: vec![stage.clone()], ..started(world) };
        let race = world.race(Start { rules, ..Start::default() }).await;
        let ada = race.run("ada").await;
        let old = of(&race).await;
        let earlier = |at: Moment| at.plus_seconds(-1);
        let with = |rules: Rules| Amended { rules, ..old.clone() };
        let rules = old.rules.clone();
        let pool = |minor: u64| Some(StartPrize { each: world.tokens("10"), pool: Amount::new(minor).unwrap() });
        let entry = EntryRules { names: Names::UntilRuling, ..EntryRules::default() };
        let early = Stage { ends_at: earlier(stage.ends_at), ..stage.clone() };
        let riding = Judging::Judges(vec![world.person("ada").await]);
        let cases = [
            (old.clone(), "amend-nothing"),
            (Amended { closes_at: earlier(old.closes_at), ..old.clone() }, "closes_at deadline-shortened"),
            (with(Rules { stages: vec![early], ..rules.clone() }), "rules.stages.0.ends_at deadline-shortened"),
            (with(Rules { stages: Vec::new(), ..rules.clone() }), "rules.stages amend-fixed"),
            (with(Rules { entry, ..rules.clone() }), "rules.entry.names amend-fixed"),
            (with(Rules { opens_at: Some(stage.ends_at.plus_seconds(-60)), ..rules.clone() }), "rules.opens_at amend-fixed"),
            (with(Rules { start: pool(4_000), ..rules.clone() }), "rules.start.pool amend-start-pool"),
            (with(Rules { start: None, ..rules.clone() }), "rules.start.pool amend-start-pool"),
            (with(Rules { judging: riding, ..rules.clone() }), "rules.judges amend-rider"),
            (with(Rules { max_lanes: Some(0), ..rules.clone() }), "rules.max_lanes out-of-range"),
        ];
        for (to, code) in cases {
            assert_eq!(world.refused("mia", proposal(&race, to)).await, [code]);
        }
        let wanted = two_places(&race).await;
        let hasty = ProposeAmendment { answer_by: Some(world.now().plus_seconds(86_399)), ..wanted.clone() };
        assert_eq!(world.refused("mia", hasty).await, ["answer_by out-of-range"]);
        let late = ProposeAmendment { answer_by: Some(stage.ends_at), ..wanted.clone() };
        assert_eq!(world.refused("mia", late).await, ["answer_by out-of-range"]);
        let id = world.must("mia", wanted.clone()).await;
        assert_eq!(world.refused("mia", wanted.clone()).await, ["amendment-open"]);
        world.must("mia", WithdrawAmendment { amendment: id }).await;
        assert_eq!(seen(world, id, "ada").await.state, AmendmentState::Withdrawn);
        assert_eq!(world.refused("ada", consent(id, ada)).await, ["amendment-over"]);
        world.clock.set(stage.ends_at.plus_seconds(-3_600));
        assert_eq!(world.refused("mia", wanted.clone()).await, ["answer_by amend-too-late"]);
        race.close().await;
        assert_eq!(world.refused("mia", wanted).await, ["deadline-passed"], "after the stop a plan is a plan");
    }

    async fn nobody_answers_for_another_and_only_the_poster_proposes(world: &World) {
        let race = world.race(Start { rules: started(world), ..Start::default() }).await;
        let other = world.race(Start::default()).await;
        let (ada, ben) = (race.enter("ada").await, race.enter("ben").await);
        let elsewhere = other.enter("ada").await;
        let wanted = two_places(&race).await;
        for who in ["ada", "tess", "cid"] {
            assert_eq!(world.run(who, wanted.clone()).await.unwrap_err(), Refusal::NotFound, "{who}");
        }
        let id = world.must("mia", wanted).await;
        for who in ["ben", "mia", "tess"] {
            assert_eq!(world.run(who, leave(id, ada)).await.unwrap_err(), Refusal::NotFound, "{who}");
            let back = WithdrawAmendment { amendment: id };
            assert_eq!(world.run(who, back).await.is_ok(), who == "mia", "{who}");
            if who == "mia" {
                break;
            }
        }
        let id = world.must("mia", two_places(&race).await).await;
        assert_eq!(world.run("ada", consent(id, elsewhere)).await.unwrap_err(), Refusal::NotFound);
        world.must("ben", consent(id, ben)).await;
        world.must("ben", leave(id, ben)).await;
        assert_eq!(seen(world, id, "ben").await.mine, Some((ben, Some(AmendmentAnswer::Leave))), "it can be changed");
        assert_eq!(seen(world, id, "ada").await.answered, 1);
    }

    async fn a_captain_answers_for_the_crew_and_its_mates_see_it(world: &World) {
        let race = world.race(Start { rules: started(world), ..Start::default() }).await;
        let crew: Vec<CrewShare> = world.shares(&[("ada", 5_000), ("ben", 5_000)]).await;
        let entry = world.must("ada", market::race::EnterRace { crew, ..race.alone() }).await;
        world.must("ben", world.agreeing("ben", entry).await).await;
        let id = world.must("mia", two_places(&race).await).await;
        assert_eq!(world.run("ben", consent(id, entry)).await.unwrap_err(), Refusal::NotFound);
        let view = seen(world, id, "ben").await;
        assert_eq!((view.mine, view.may_answer), (Some((entry, None)), false));
        world.must("ada", leave(id, entry)).await;
        assert_eq!((world.balance("ada").await, world.balance("ben").await), ("25.00".into(), "25.00".into()));
    }

    async fn who_enters_meanwhile_says_first_that_they_ride_under_either(world: &World) {
        let race = world.race(Start { rules: started(world), ..Start::default() }).await;
        let ada = race.enter("ada").await;
        world.wait(Duration::hours(1));
        let id = world.must("mia", two_places(&race).await).await;
        assert_eq!(world.refused("ben", race.alone()).await, ["amendment amendment-unseen"]);
        assert_eq!(world.run("mia", AcceptAmendment { amendment: id }).await.unwrap_err(), Refusal::NotFound);
        world.must("ben", AcceptAmendment { amendment: id }).await;
        world.must("ben", AcceptAmendment { amendment: id }).await;
        let ben = race.enter("ben").await;
        let view = seen(world, id, "ben").await;
        assert_eq!((view.asked, view.answered), (2, 1), "that is their consent");
        assert!(race.is_running(ben).await);
        world.must("ada", consent(id, ada)).await;
        assert_eq!(seen(world, id, "ben").await.state, AmendmentState::InForce);
        race.enter("cid").await;
    }

    async fn a_disqualified_rival_keeps_their_word(world: &World) {
        let race = world.race(Start { rules: started(world), ..Start::default() }).await;
        let (ada, ben) = (race.run("ada").await, race.run("ben").await);
        let id = world.must("mia", two_places(&race).await).await;
        world.must("mia", DisqualifyEntry { entry: ben, reason: "Against me.".to_owned() }).await;
        world.must("ada", consent(id, ada)).await;
        assert_eq!(seen(world, id, "ada").await.state, AmendmentState::Open, "an appeal may bring them back");
        world.must("ben", consent(id, ben)).await;
        assert_eq!(seen(world, id, "ada").await.state, AmendmentState::InForce);
    }

    async fn whoever_withdraws_is_not_waited_for(world: &World) {
        let race = world.race(Start { rules: started(world), ..Start::default() }).await;
        let (ada, ben) = (race.run("ada").await, race.run("ben").await);
        let id = world.must("mia", two_places(&race).await).await;
        world.must("ada", consent(id, ada)).await;
        world.must("ben", WithdrawEntry { entry: ben }).await;
        world.clock.set(seen(world, id, "ada").await.answer_by.unwrap());
        world.market.keep_time().await.unwrap();
        assert_eq!(seen(world, id, "ada").await.state, AmendmentState::InForce);
        assert_eq!(world.balance("ben").await, "0.00", "who withdraws leaves without the start prize");
    }

    async fn a_deadline_that_was_moved_meanwhile_never_comes_back(world: &World) {
        let race = world.race(Start { rules: started(world), ..Start::default() }).await;
        let ada = race.run("ada").await;
        let id = world.must("mia", two_places(&race).await).await;
        let later = race.view().await.closes_at.plus_seconds(86_400);
        world.must("mia", ExtendDeadline { task: race.task, closes_at: later }).await;
        world.must("ada", consent(id, ada)).await;
        assert_eq!(race.view().await.closes_at, later);
        assert_eq!(seen(world, id, "ada").await.state, AmendmentState::InForce);
        assert_eq!(world.market.next_edge().await.unwrap(), Some(later), "the clock is set anew");
    }

    async fn other_judges_may_be_agreed_on_and_judge_from_then_on(world: &World) {
        let race = world.race(Start::default()).await;
        let ada = race.run("ada").await;
        let old = of(&race).await;
        let judging = Judging::Judges(vec![world.person("jo").await]);
        let silence = Some(Silence { deputies: vec![world.person("dee").await], ..Silence::default() });
        let rules = Rules { judging, silence, ..old.rules.clone() };
        let id = world.must("mia", proposal(&race, Amended { rules, ..old })).await;
        world.must("ada", consent(id, ada)).await;
        race.close().await;
        world.market.keep_time().await.unwrap();
        assert_eq!(world.run("mia", race.ruling(&[(ada, Some(1), None)])).await.unwrap_err(), Refusal::NotFound);
        world.must("jo", race.ruling(&[(ada, Some(1), None)])).await;
        assert_eq!(world.run("jo", race.alone()).await.unwrap_err(), Refusal::NotFound);
    }

    async fn a_race_that_hides_names_gives_none_away(world: &World) {
        let entry = EntryRules { names: Names::UntilRuling, ..EntryRules::default() };
        let race = world.race(Start { rules: Rules { entry, ..started(world) }, ..Start::default() }).await;
        let (ada, ben) = (race.enter("ada").await, race.enter("ben").await);
        let id = world.must("mia", two_places(&race).await).await;
        world.must("ada", consent(id, ada)).await;
        let records = world.market.task_records(&race.as_poster().await, race.task).await.unwrap();
        let text = |records: &[market::books::RecordView]| -> String {
            let texts = records.iter().flat_map(|record| &record.disclosures);
            texts.map(|text| String::from_utf8_lossy(&text.data).into_owned()).collect()
        };
        assert!(!text(&records).contains("consent"), "how one answered is not told before it is decided");
        world.must("ben", leave(id, ben)).await;
        let shown = format!("{:?}", seen(world, id, "mia").await);
        let (ada, ben) = (world.person("ada").await.to_string(), world.person("ben").await.to_string());
        let records = world.market.task_records(&race.as_poster().await, race.task).await.unwrap();
        for person in [ada, ben] {
            assert!(!shown.contains(&person) && !text(&records).contains(&person));
        }
    }

    async fn every_word_that_is_missing_is_work_with_a_deadline(world: &World) {
        let race = world.race(Start { rules: started(world), ..Start::default() }).await;
        let ada = race.run("ada").await;
        let work = async |who: &str, kind| {
            let work = world.market.my_work(&world.actor(who).await).await.unwrap();
            work.into_iter().find(|item| item.kind == kind).map(|item| (item.entry, item.due))
        };
        let id = world.must("mia", two_places(&race).await).await;
        let until = seen(world, id, "ada").await.answer_by;
        assert_eq!(work("ada", WorkKind::AnswerAmendment).await, Some((Some(ada), until)));
        assert_eq!(work("mia", WorkKind::AwaitAmendment).await, Some((None, until)));
        world.must("ada", consent(id, ada)).await;
        assert_eq!(work("ada", WorkKind::AnswerAmendment).await, None);
        assert_eq!(work("mia", WorkKind::AwaitAmendment).await, None);
    }

    async fn a_deadline_that_passes_while_no_server_runs_is_kept_once_in_its_turn(world: &World) {
        let race = world.race(Start { rules: started(world), ..Start::default() }).await;
        let (ada, ben) = (race.run("ada").await, race.run("ben").await);
        let id = world.must("mia", two_places(&race).await).await;
        world.must("ada", consent(id, ada)).await;
        world.must("ben", WithdrawEntry { entry: ben }).await;
        let until = seen(world, id, "ada").await.answer_by.unwrap();
        // Everything sleeps until long after the stop.
        world.clock.set(race.view().await.closes_at.plus_seconds(86_400));
        let second = World::open(&world.fresh, &world.clock, Arc::new(RandomIds)).await.unwrap();
        let (one, two) = tokio::join!(world.market.keep_time(), second.keep_time());
        assert_eq!(one.unwrap() + two.unwrap(), 2);
        second.close().await;
        assert_eq!(kept(world, &race).await, [EdgeKind::Amend, EdgeKind::Close]);
        let view = seen(world, id, "ada").await;
        assert_eq!((view.state, view.ended_at), (AmendmentState::InForce, Some(until)));
        assert_eq!(race.state().await, TaskState::Judging);
    }

    async fn a_preview_tells_and_writes_nothing(world: &World) {
        let race = world.race(Start { rules: started(world), ..Start::default() }).await;
        race.run("ada").await;
        let wanted = two_places(&race).await;
        let mia = race.as_poster().await;
        let view = world.market.preview_amendment(&mia, &wanted).await.unwrap();
        assert_eq!((view.asked, view.after.rules, view.start), (1, wanted.to.rules.clone(), world.tokens("50")));
        assert!(world.market.amendments(&mia, race.task).await.unwrap().is_empty());
        let ada = world.actor("ada").await;
        assert_eq!(world.market.preview_amendment(&ada, &wanted).await.unwrap_err(), Refusal::NotFound);
        let same = proposal(&race, of(&race).await);
        let refused = world.market.preview_amendment(&mia, &same).await.unwrap_err();
        assert_eq!(problem_codes(&refused), ["amend-nothing"]);
    }
}
