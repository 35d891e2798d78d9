//! Votes: who may, one vote or credits, the secret until the count, and the ruling by the clock.

use market::race::{EnterRace, WorkKind};
use market::task::{Judging, PrizePlan, Prizes, PublishTask, Rules, TaskState, Visibility};
use market::unit::AddUnitMember;
use market::vote::{Ballot, CastBallot, VoteRules, Voters, VotesFor};
use market::{EntryId, Refusal};
use tests::{Race, Start, World, both};
use time::Duration;

fn start(voters: Voters, ballot: Ballot) -> Start {
    let plan = PrizePlan::Ranked(Prizes::Shares(vec![6_000, 4_000]));
    let judging = Judging::Vote(VoteRules { voters, ballot, seconds: 86_400 });
    Start { rules: Rules { judging, plan, ..Rules::default() }, ..Start::default() }
}

fn cast(race: &Race<'_>, votes: &[(EntryId, u32)]) -> CastBallot {
    let votes = votes.iter().map(|(entry, votes)| VotesFor { entry: *entry, votes: *votes }).collect();
    CastBallot { task: race.task, votes }
}

/// Moves the clock to the end of the vote and lets the clockwork count.
async fn count(world: &World, race: &Race<'_>) {
    world.clock.set(race.view().await.closes_at.plus_seconds(86_400));
    world.market.keep_time().await.unwrap();
}

both! {
    async fn one_person_has_one_vote_and_the_clock_counts_them(world: &World) {
        let race = world.race(start(Voters::Members, Ballot::One)).await;
        let (ada, ben) = (race.run("ada").await, race.run("ben").await);
        assert_eq!(world.refused("eva", cast(&race, &[(ada, 1)])).await, ["not-yet-closed"]);
        race.close().await;
        for (who, entry) in [("eva", ada), ("tom", ben), ("uma", ben)] {
            world.must(who, cast(&race, &[(entry, 1)])).await;
        }
        world.must("eva", cast(&race, &[(ben, 1)])).await;
        assert_eq!(world.refused("eva", cast(&race, &[(ben, 2)])).await, ["votes one-vote"]);
        world.wait(Duration::seconds(86_399));
        world.market.keep_time().await.unwrap();
        assert_eq!(race.state().await, TaskState::Judging, "nothing is counted early");
        count(world, &race).await;
        assert_eq!(race.state().await, TaskState::Provisional);
        let places: Vec<_> = race.rulings().await[0].lines.iter().map(|line| (line.entry, line.place)).collect();
        assert_eq!(places, [(ben, Some(1)), (ada, None)], "who got no vote has no place");
        assert_eq!(world.refused("eva", cast(&race, &[(ada, 1)])).await, ["vote-closed"]);
        race.settle().await;
        assert_eq!(race.entry(ben).await.award, Some(world.tokens("600")));
    }

    async fn credits_buy_votes_at_their_square(world: &World) {
        let race = world.race(start(Voters::Members, Ballot::Quadratic { credits: 25 })).await;
        let (ada, ben) = (race.run("ada").await, race.run("ben").await);
        race.close().await;
        assert_eq!(world.refused("eva", cast(&race, &[(ada, 5), (ben, 1)])).await, ["votes credits-spent"]);
        world.must("eva", cast(&race, &[(ada, 5)])).await;
        world.must("tom", cast(&race, &[(ben, 3), (ada, 1)])).await;
        world.must("uma", cast(&race, &[(ben, 3)])).await;
        count(world, &race).await;
        assert_eq!((race.entry(ada).await.place, race.entry(ben).await.place), (Some(1), Some(1)), "6 and 6");
        race.settle().await;
        for entry in [ada, ben] {
            assert_eq!(race.entry(entry).await.award, Some(world.tokens("500")), "a dead heat pools");
        }
    }

    async fn rivals_their_units_and_the_poster_never_vote(world: &World) {
        let red = world.unit("red", "ada", &["rob"]).await;
        let race = world.race(start(Voters::Everyone, Ballot::One)).await;
        let enter = EnterRace { units: vec![market::race::UnitShare { unit: red, share: 0 }], ..race.alone() };
        let ada = world.must("ada", enter).await;
        race.submit("ada", ada).await;
        race.run("ben").await;
        race.close().await;
        for rival in ["ada", "ben", "rob", "mia"] {
            let refused = world.run(rival, cast(&race, &[(ada, 1)])).await.unwrap_err();
            assert_eq!(refused, Refusal::NotFound, "{rival}");
            let vote = world.market.vote(&world.actor(rival).await, race.task).await.unwrap().unwrap();
            assert!(!vote.may_vote, "{rival}");
        }
        world.must("eva", cast(&race, &[(ada, 1)])).await;
        world.must("ada", AddUnitMember { unit: red, person: world.person("tom").await }).await;
        assert_eq!(world.run("tom", cast(&race, &[(ada, 1)])).await.unwrap_err(), Refusal::NotFound);
    }

    async fn only_whom_the_rules_name_can_vote(world: &World) {
        let blue = world.unit("blue", "bo", &["bea"]).await;
        world.outsider("otto").await;
        let rules = start(Voters::Units(vec![blue]), Ballot::One);
        let race = world.race(Start { visibility: Visibility::Open, ..rules }).await;
        let ada = race.run("ada").await;
        race.close().await;
        for other in ["eva", "otto", "tess"] {
            assert_eq!(world.run(other, cast(&race, &[(ada, 1)])).await.unwrap_err(), Refusal::NotFound);
        }
        for voter in ["bo", "bea"] {
            world.must(voter, cast(&race, &[(ada, 1)])).await;
        }
        let all = start(Voters::Everyone, Ballot::One);
        let open = world.race(Start { visibility: Visibility::Open, ..all }).await;
        let entry = open.run("ada").await;
        open.close().await;
        world.must("otto", cast(&open, &[(entry, 1)])).await;
        let unknown = start(Voters::Units(vec![market::UnitId(uuid::Uuid::nil())]), Ballot::One);
        let refused = world.refused("mia", market::task::CreateTask(unknown.input(world))).await;
        assert_eq!(refused, ["rules.vote.units no-such-unit"]);
    }

    async fn nobody_sees_a_tally_or_anothers_ballot_before_the_count(world: &World) {
        let race = world.race(start(Voters::Members, Ballot::Quadratic { credits: 9 })).await;
        let (ada, ben) = (race.run("ada").await, race.run("ben").await);
        race.close().await;
        world.must("eva", cast(&race, &[(ada, 3)])).await;
        for who in ["ada", "mia", "tess", "tom"] {
            let asker = world.actor(who).await;
            let vote = world.market.vote(&asker, race.task).await.unwrap().unwrap();
            assert_eq!((vote.ballots, vote.mine.len(), vote.tally.len()), (1, 0, 0), "{who}");
            let records = world.market.task_records(&asker, race.task).await.unwrap();
            let labels: Vec<_> =
                records.iter().flat_map(|record| &record.disclosures).map(|text| text.label.clone()).collect();
            assert!(!labels.contains(&"ballots".to_owned()), "{who}: {labels:?}");
        }
        let own = world.market.vote(&world.actor("eva").await, race.task).await.unwrap().unwrap();
        assert_eq!(own.mine, [VotesFor { entry: ada, votes: 3 }]);
        world.must("tom", cast(&race, &[(ben, 1)])).await;
        world.must("tom", cast(&race, &[])).await;
        count(world, &race).await;
        let eva = world.actor("eva").await;
        let vote = world.market.vote(&eva, race.task).await.unwrap().unwrap();
        assert_eq!(vote.tally, [VotesFor { entry: ada, votes: 3 }, VotesFor { entry: ben, votes: 0 }]);
        let records = world.market.task_records(&eva, race.task).await.unwrap();
        let text = records.iter().flat_map(|record| &record.disclosures).find(|text| text.label == "ballots");
        let said: serde_json::Value = serde_json::from_slice(&text.unwrap().data).unwrap();
        assert_eq!(said["ballots"].as_array().unwrap().len(), 1, "a ballot that was taken back is not there");
        assert_eq!(said["ballots"][0][0]["votes"], 3);
        let person = world.person("eva").await.to_string();
        assert!(!said.to_string().contains(&person), "without names");
    }

    async fn voters_see_the_works_and_are_told_that_they_can_vote(world: &World) {
        let race = world.race(start(Voters::Members, Ballot::One)).await;
        let ada = race.run("ada").await;
        let eva = world.actor("eva").await;
        let open = async || {
            world.market.submissions(&eva, ada).await.unwrap()[0].content.is_some()
        };
        let waits = async |who: &str| {
            let work = world.market.my_work(&world.actor(who).await).await.unwrap();
            work.iter().any(|item| item.kind == WorkKind::CastBallot)
        };
        assert!(!open().await && !waits("eva").await, "sealed until the clock stops");
        race.close().await;
        assert!(open().await && waits("eva").await);
        assert!(!waits("ada").await && !waits("mia").await);
        world.must("eva", cast(&race, &[(ada, 1)])).await;
        assert!(!waits("eva").await);
    }

    async fn a_vote_nobody_casts_pays_nobody(world: &World) {
        let draft = world.draft(&start(Voters::Members, Ballot::One)).await;
        world.must("mia", PublishTask { task: draft }).await;
        let race = world.open_race(draft, "mia");
        race.run("ada").await;
        let before = world.market.next_edge().await.unwrap();
        race.close().await;
        assert_eq!(before, Some(race.view().await.closes_at));
        world.market.keep_time().await.unwrap();
        let until = race.view().await.closes_at.plus_seconds(86_400);
        assert_eq!(world.market.next_edge().await.unwrap(), Some(until), "the clock knows when to count");
        count(world, &race).await;
        race.settle().await;
        assert!(race.payouts().await.iter().flat_map(|payout| &payout.lines).all(|line| line.refund));
    }
}
