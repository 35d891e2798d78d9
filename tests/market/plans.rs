//! Plans that pay by mark and by score, and the start prize: from the rules to the wallets.

use market::race::{CrewShare, EnterRace, WithdrawEntry};
use market::task::{
    BoostTask, CreateTask, DeadHeat, PrizePlan, Rules, Score, Source, StartPrize, TaskInput, Unreached,
    prospect,
};
use market::{EntryId, Refusal};
use tests::{Race, Start, World, both, problem_codes};
use time::Duration;

/// The lines of a ruling: entry, place, score.
type Lines<'a> = Vec<(EntryId, Option<u32>, Option<&'a str>)>;

const HANDLES: [&str; 4] = ["ada", "ben", "cid", "dan"];

fn mark(text: &str) -> Option<Score> {
    Some(Score::parse(text).unwrap())
}

fn threshold(world: &World, places: u32, prize: &str) -> Rules {
    Rules {
        plan: PrizePlan::Threshold { places, prize: world.tokens(prize) },
        mark: mark("60"),
        ..Rules::default()
    }
}

fn by_score(cap: Option<u32>) -> Rules {
    Rules { plan: PrizePlan::Proportional { cap }, mark: mark("60"), ..Rules::default() }
}

fn start(world: &World, each: &str, pool: &str) -> Option<StartPrize> {
    Some(StartPrize { each: world.tokens(each), pool: world.tokens(pool) })
}

async fn race(world: &World, rules: Rules) -> Race<'_> {
    world.race(Start { rules, ..Start::default() }).await
}

/// So many run, each a minute after the one before.
async fn field(world: &World, race: &Race<'_>, many: usize) -> Vec<EntryId> {
    let mut entries = Vec::new();
    for who in &HANDLES[..many] {
        entries.push(race.run(who).await);
        world.wait(Duration::minutes(1));
    }
    entries
}

/// Rules by places and scores, and pays.
async fn pay(world: &World, race: &Race<'_>, lines: Lines<'_>) {
    race.close().await;
    world.must("mia", race.ruling(&lines)).await;
    race.settle().await;
}

/// What the wallets of the field and the poster's hold.
async fn paid(world: &World, many: usize) -> (Vec<String>, String) {
    let mut paid = Vec::new();
    for who in &HANDLES[..many] {
        paid.push(world.balance(who).await);
    }
    (paid, world.balance("mia").await)
}

fn is(paid: &(Vec<String>, String), wallets: &[&str], back: &str) {
    assert_eq!(
        (paid.0.iter().map(String::as_str).collect::<Vec<_>>(), paid.1.as_str()),
        (wallets.to_vec(), back)
    );
}

both! {
    async fn the_first_who_meet_the_mark_are_paid_the_same(world: &World) {
        let race = race(world, threshold(world, 2, "300")).await;
        let e = field(world, &race, 4).await;
        let lines = vec![
            (e[0], Some(3), Some("70")),
            (e[1], Some(1), Some("95")),
            (e[2], Some(4), Some("59.99")),
            (e[3], Some(2), Some("80")),
        ];
        pay(world, &race, lines).await;
        is(&paid(world, 4).await, &["0.00", "300.00", "0.00", "300.00"], "400.00");
        assert_eq!((race.entry(e[0]).await.place, race.entry(e[2]).await.place), (Some(3), None));
    }

    async fn a_dead_heat_over_the_last_paid_place_shares_its_prize_to_the_unit(world: &World) {
        let race = race(world, threshold(world, 2, "100")).await;
        let e = field(world, &race, 4).await;
        let tie = |at: usize| (e[at], Some(2), Some("80"));
        pay(world, &race, vec![(e[0], Some(1), Some("90")), tie(1), tie(2), tie(3)]).await;
        is(&paid(world, 4).await, &["100.00", "33.34", "33.33", "33.33"], "800.00");
    }

    async fn where_speed_is_the_aim_the_earlier_takes_the_last_paid_place(world: &World) {
        let rules = Rules { dead_heat: DeadHeat::Earliest, ..threshold(world, 1, "100") };
        let race = race(world, rules).await;
        let e = field(world, &race, 2).await;
        pay(world, &race, vec![(e[0], Some(1), Some("80")), (e[1], Some(1), Some("80"))]).await;
        is(&paid(world, 2).await, &["100.00", "0.00"], "900.00");
    }

    async fn points_above_the_mark_are_paid_and_the_mark_itself_is_nought(world: &World) {
        let race = race(world, by_score(None)).await;
        let e = field(world, &race, 4).await;
        let lines = vec![
            (e[0], Some(3), Some("60")),
            (e[1], Some(2), Some("75")),
            (e[2], Some(1), Some("90")),
            (e[3], None, Some("40")),
        ];
        pay(world, &race, lines).await;
        is(&paid(world, 4).await, &["0.00", "333.33", "666.67", "0.00"], "0.00");
        assert_eq!(race.entry(e[0]).await.place, Some(3), "who is at the mark is placed");
    }

    async fn a_cap_keeps_one_from_taking_all_and_the_rules_say_where_the_rest_goes(world: &World) {
        for (unreached, wallets, back) in [
            (Unreached::Refund, ["400.00", "200.00", "100.00"], "300.00"),
            (Unreached::Share, ["400.00", "400.00", "200.00"], "0.00"),
        ] {
            let rules = Rules { unreached, mark: mark("60"), ..by_score(Some(4_000)) };
            let race = race(world, rules).await;
            let e = field(world, &race, 3).await;
            let lines = vec![
                (e[0], Some(1), Some("95")),
                (e[1], Some(2), Some("70")),
                (e[2], Some(3), Some("65")),
            ];
            let before = paid(world, 3).await;
            pay(world, &race, lines).await;
            let awards: Vec<_> = race.rulings().await.remove(0).lines.iter().map(|line| line.award).collect();
            assert_eq!(awards, wallets.map(|text| world.tokens(text)), "{unreached:?}");
            let refund = race.rulings().await.remove(0).refund;
            assert_eq!(refund, world.tokens(back), "{unreached:?}, with {before:?} before");
        }
    }

    async fn a_plan_by_score_wants_scores_that_agree_with_the_places(world: &World) {
        let race = race(world, by_score(None)).await;
        let e = field(world, &race, 2).await;
        race.close().await;
        let table: [(Lines<'_>, &str); 3] = [
            (vec![(e[0], Some(1), Some("90")), (e[1], Some(2), None)], "lines.1.score score-needed"),
            (vec![(e[0], Some(1), Some("90")), (e[1], Some(1), Some("80"))], "lines dead-heat-scores"),
            (vec![(e[0], Some(1), Some("80")), (e[1], Some(2), Some("90"))], "lines scores-against-places"),
        ];
        for (lines, code) in table {
            assert_eq!(world.refused("mia", race.ruling(&lines)).await, [code]);
        }
        let fine = race.ruling(&[(e[0], Some(1), Some("90")), (e[1], Some(1), Some("90"))]);
        world.must("mia", fine).await;
    }

    async fn everybody_who_handed_in_and_stayed_gets_the_start_prize(world: &World) {
        let rules = Rules { plan: PrizePlan::WinnerTakesAll, start: start(world, "20", "100"), ..Rules::default() };
        let race = race(world, rules).await;
        let e = field(world, &race, 3).await;
        world.must("cid", WithdrawEntry { entry: e[2] }).await;
        race.enter("dan").await;
        pay(world, &race, vec![(e[0], None, None), (e[1], Some(1), None)]).await;
        // Two start prizes of 20; 60 of the pool were not needed; the winner has the 900 beside it.
        is(&paid(world, 4).await, &["20.00", "920.00", "0.00", "0.00"], "60.00");
        assert_eq!(race.entry(e[0]).await.award, Some(world.tokens("20")), "without a place too");
    }

    async fn a_start_pool_too_small_for_all_is_shared_and_no_prize_shrinks(world: &World) {
        let rules = Rules { start: start(world, "50", "100"), ..threshold(world, 3, "300") };
        let race = race(world, rules).await;
        let e = field(world, &race, 3).await;
        let lines = vec![(e[0], Some(1), Some("90")), (e[1], Some(2), Some("80")), (e[2], None, Some("10"))];
        pay(world, &race, lines).await;
        is(&paid(world, 3).await, &["333.34", "333.33", "33.33"], "300.00");
    }

    async fn a_boost_grows_the_prizes_and_not_the_start_pool(world: &World) {
        let rules = Rules { plan: PrizePlan::WinnerTakesAll, start: start(world, "50", "50"), ..Rules::default() };
        let race = race(world, rules).await;
        let e = field(world, &race, 2).await;
        world.give_person("eva", "100").await;
        let boost = BoostTask { task: race.task, from: Source::Person, amount: world.tokens("100") };
        world.must("eva", boost).await;
        pay(world, &race, vec![(e[0], Some(1), None), (e[1], Some(2), None)]).await;
        is(&paid(world, 2).await, &["1075.00", "25.00"], "0.00");
    }

    /// The table that is shown before anyone enters is what each of the crew is paid afterwards.
    async fn the_table_of_a_crew_is_what_its_members_are_paid(world: &World) {
        let rules = Rules { start: start(world, "10", "25"), ..by_score(Some(7_000)) };
        let race = world.race(Start { bounty: "77.77", rules: rules.clone(), ..Start::default() }).await;
        let crew = vec![
            CrewShare { person: world.person("ada").await, share: 3_334 },
            CrewShare { person: world.person("ben").await, share: 3_333 },
            CrewShare { person: world.person("cid").await, share: 3_333 },
        ];
        let three = world.must("ada", EnterRace { crew, ..race.alone() }).await;
        for who in ["ben", "cid"] {
            world.must(who, world.agreeing(who, three).await).await;
        }
        race.submit("ben", three).await;
        let (dan, eva) = (race.run("dan").await, race.run("eva").await);
        let row = &prospect(&rules, world.tokens("77.77"), 3)[2];
        let scores: Vec<String> = row.scores.iter().map(|score| score.format()).collect();
        let lines = [(dan, 1), (three, 2), (eva, 3)].map(|(entry, place)| {
            (entry, Some(place), Some(scores[usize::try_from(place).unwrap() - 1].as_str()))
        });
        let shares = race.entry(three).await.shares();
        pay(world, &race, lines.to_vec()).await;
        let second = &row.parts(&shares)[1];
        for (who, part) in ["ada", "ben", "cid"].into_iter().zip(second) {
            assert_eq!(world.tokens(&world.balance(who).await), *part, "{who}");
        }
        for (who, prize) in [("dan", row.prizes[0]), ("eva", row.prizes[2]), ("mia", row.refund)] {
            assert_eq!(world.tokens(&world.balance(who).await), prize, "{who}");
        }
    }

    async fn plans_that_promise_too_much_are_refused(world: &World) {
        let with = |change: &dyn Fn(&mut Rules)| {
            let mut rules = threshold(world, 2, "100");
            change(&mut rules);
            rules
        };
        let plan = |plan: PrizePlan| with(&|rules| rules.plan = plan.clone());
        let most = world.tokens("92233720368547758.07");
        let table = [
            (with(&|rules| rules.mark = None), "rules.mark mark-needed"),
            (plan(PrizePlan::Threshold { places: 11, prize: world.tokens("91") }), "rules.plan.threshold.prize prizes-over-bounty"),
            (plan(PrizePlan::Threshold { places: 100, prize: most }), "rules.plan.threshold.prize prizes-over-bounty"),
            (plan(PrizePlan::Threshold { places: 0, prize: world.tokens("1") }), "rules.plan.threshold.places out-of-range"),
            (plan(PrizePlan::Threshold { places: 1, prize: world.tokens("0") }), "rules.plan.threshold.prize amount-zero"),
            (plan(PrizePlan::Proportional { cap: Some(0) }), "rules.plan.proportional.cap out-of-range"),
            (with(&|rules| { rules.plan = PrizePlan::Proportional { cap: None }; rules.mark = mark("100"); }), "rules.mark out-of-range"),
            (with(&|rules| rules.start = start(world, "1", "801")), "rules.plan.threshold.prize prizes-over-pot"),
            (with(&|rules| rules.start = start(world, "2", "1")), "rules.start.pool start-pool-too-small"),
            (with(&|rules| rules.start = start(world, "0", "1")), "rules.start.each amount-zero"),
            (plan(PrizePlan::WinnerTakesAll), ""),
            (with(&|rules| { rules.plan = PrizePlan::WinnerTakesAll; rules.start = start(world, "1", "1000"); }), "rules.start.pool start-pool-too-large"),
        ];
        for (rules, code) in table {
            let input = TaskInput { rules: rules.clone(), ..Start::default().input(world) };
            let asker = world.actor("mia").await;
            match world.market.run(&asker, CreateTask(input)).await {
                Ok(_) => assert_eq!(code, "", "{rules:?} was taken"),
                Err(refusal @ Refusal::Invalid(_)) => assert_eq!(problem_codes(&refusal), [code], "{rules:?}"),
                Err(other) => panic!("{other:?}"),
            }
        }
    }
}
