//! What the plan pays, in the wallets.

use market::EntryId;
use market::task::{CreateTask, DeadHeat, PrizePlan, Prizes, Rules, Score, TaskInput, Unreached, prospect};
use tests::{Race, Start, World, both};
use time::Duration;

/// The lines of a ruling: entry, place, score.
type Lines = Vec<(EntryId, Option<u32>, Option<&'static str>)>;

const HANDLES: [&str; 4] = ["ada", "ben", "cid", "dan"];

/// So many run, each a minute after the one before.
async fn field(world: &World, race: &Race<'_>, many: usize) -> Vec<EntryId> {
    let mut entries = Vec::new();
    for who in &HANDLES[..many] {
        entries.push(race.run(who).await);
        world.wait(Duration::minutes(1));
    }
    entries
}

async fn paid(world: &World, many: usize) -> Vec<String> {
    let mut paid = Vec::new();
    for who in &HANDLES[..many] {
        paid.push(world.balance(who).await);
    }
    paid
}

fn with(rules: Rules) -> Start {
    Start { rules, ..Start::default() }
}

both! {
    async fn a_dead_heat_pools_and_splits_the_prizes(world: &World) {
        let race = world.race(Start::default()).await;
        let e = field(world, &race, 4).await;
        race.finish(&[(e[0], 1), (e[1], 2), (e[2], 2), (e[3], 4)]).await;
        assert_eq!(
            paid(world, 4).await,
            ["600.00", "200.00", "200.00", "0.00"],
            "second and third share 250 + 150"
        );
    }

    async fn a_dead_heat_for_the_win_shares_both_prizes(world: &World) {
        let race = world.race(Start::default()).await;
        let e = field(world, &race, 3).await;
        race.finish(&[(e[0], 1), (e[1], 1), (e[2], 3)]).await;
        assert_eq!(paid(world, 3).await, ["425.00", "425.00", "150.00"]);
    }

    async fn where_speed_is_the_aim_the_earlier_of_a_dead_heat_wins(world: &World) {
        let race = world.race(with(Rules { dead_heat: DeadHeat::Earliest, ..Rules::default() })).await;
        let e = field(world, &race, 3).await;
        race.finish(&[(e[2], 1), (e[1], 1), (e[0], 1)]).await;
        assert_eq!(paid(world, 3).await, ["600.00", "250.00", "150.00"]);
    }

    async fn the_winner_takes_all_where_the_rules_say_so(world: &World) {
        let race = world.race(with(Rules { plan: PrizePlan::WinnerTakesAll, ..Rules::default() })).await;
        let e = field(world, &race, 2).await;
        race.finish(&[(e[1], 1), (e[0], 2)]).await;
        assert_eq!(paid(world, 2).await, ["0.00", "1000.00"]);
    }

    async fn fixed_prizes_stay_fixed_and_the_rest_goes_back(world: &World) {
        let amounts = vec![world.tokens("300"), world.tokens("99.99")];
        let plan = PrizePlan::Ranked(Prizes::Amounts(amounts));
        let race = world.race(with(Rules { plan, ..Rules::default() })).await;
        let e = field(world, &race, 3).await;
        race.finish(&[(e[0], 1), (e[1], 2), (e[2], 3)]).await;
        assert_eq!(paid(world, 3).await, ["300.00", "99.99", "0.00"]);
        assert_eq!(world.balance("mia").await, "600.01");
    }

    async fn leftover_minor_units_go_to_the_largest_remainder(world: &World) {
        let race = world.race(Start { bounty: "100.01", ..Start::default() }).await;
        let e = field(world, &race, 3).await;
        race.finish(&[(e[0], 1), (e[1], 2), (e[2], 3)]).await;
        assert_eq!(paid(world, 3).await, ["60.01", "25.00", "15.00"]);
    }

    async fn who_stays_below_the_mark_is_not_placed_and_the_money_goes_back(world: &World) {
        let rules = Rules { mark: Some(Score::parse("60").unwrap()), ..Rules::default() };
        let race = world.race(with(rules)).await;
        let e = field(world, &race, 3).await;
        race.close().await;
        let lines =
            [(e[0], Some(1), Some("91.5")), (e[1], Some(2), Some("60")), (e[2], Some(3), Some("59.99"))];
        world.must("mia", race.ruling(&lines)).await;
        race.settle().await;
        assert_eq!(paid(world, 3).await, ["600.00", "250.00", "0.00"], "the mark itself is enough");
        assert_eq!(world.balance("mia").await, "150.00");
        assert_eq!(race.entry(e[2]).await.place, None);
    }

    async fn with_a_mark_everybody_needs_a_score(world: &World) {
        let race =
            world.race(with(Rules { mark: Some(Score::parse("60").unwrap()), ..Rules::default() })).await;
        let e = field(world, &race, 1).await;
        race.close().await;
        let codes = world.refused("mia", race.ruling(&[(e[0], Some(1), None)])).await;
        assert!(codes[0].ends_with("score-needed"), "{codes:?}");
    }

    async fn what_nobody_reached_can_go_to_those_who_came_in(world: &World) {
        let race = world.race(with(Rules { unreached: Unreached::Share, ..Rules::default() })).await;
        let e = field(world, &race, 2).await;
        race.finish(&[(e[0], 1), (e[1], 2)]).await;
        assert_eq!(paid(world, 2).await, ["705.88", "294.12"], "1,000 in the proportion 60 to 25");
        assert_eq!(world.balance("mia").await, "0.00");
    }

    async fn nobody_placed_means_everything_goes_back(world: &World) {
        let race = world.race(Start::default()).await;
        let e = field(world, &race, 2).await;
        race.close().await;
        world.must("mia", race.ruling(&[(e[0], None, None), (e[1], None, None)])).await;
        race.settle().await;
        assert_eq!(paid(world, 2).await, ["0.00", "0.00"]);
        assert_eq!(world.balance("mia").await, "1000.00");
    }

    /// The table that is shown before anyone enters is what the payout record says afterwards.
    async fn the_table_of_prospects_is_what_is_paid(world: &World) {
        for many in 1..=4_usize {
            let race = world.race(Start { bounty: "77.77", ..Start::default() }).await;
            let e = field(world, &race, many).await;
            let places: Vec<(EntryId, u32)> = e.iter().copied().zip(1..).collect();
            race.finish(&places).await;
            let shown = &prospect(&Rules::default(), world.tokens("77.77"), 4)[many - 1];
            let paid: Vec<_> = race.payouts().await.into_iter().flat_map(|payout| payout.lines).collect();
            for (entry, prize) in e.iter().zip(&shown.prizes) {
                let got = paid
                    .iter()
                    .find(|line| line.entry == Some(*entry))
                    .map_or(world.tokens("0"), |line| line.amount);
                assert_eq!(got, *prize, "{many} placed");
            }
            let back = paid.iter().find(|line| line.refund).map_or(world.tokens("0"), |line| line.amount);
            assert_eq!(back, shown.refund, "{many} placed");
        }
    }

    async fn bad_plans_are_refused(world: &World) {
        let shares = |shares: &[u32]| PrizePlan::Ranked(Prizes::Shares(shares.to_vec()));
        let amounts = |texts: &[&str]| {
            PrizePlan::Ranked(Prizes::Amounts(texts.iter().map(|text| world.tokens(text)).collect()))
        };
        let table = [
            (shares(&[]), "required"),
            (shares(&[6_000, 5_000]), "bad-shares"),
            (shares(&[2_500, 6_000]), "prizes-not-descending"),
            (shares(&[6_000, 0]), "amount-zero"),
            (shares(&[u32::MAX, u32::MAX]), "bad-shares"),
            (amounts(&["600", "400.01"]), "prizes-over-bounty"),
            (amounts(&["92233720368547758.07", "92233720368547758.07"]), "prizes-over-bounty"),
        ];
        for (plan, code) in table {
            let rules = Rules { plan: plan.clone(), ..Rules::default() };
            let input = TaskInput { rules, ..Start::default().input(world) };
            let codes = world.refused("mia", CreateTask(input)).await;
            assert!(codes.contains(&format!("rules.plan {code}")), "{plan:?}: {codes:?}");
        }
    }

    async fn bad_rulings_are_refused(world: &World) {
        let race = world.race(Start::default()).await;
        let e = field(world, &race, 3).await;
        let other = world.race(Start::default()).await;
        let foreign = other.enter("eva").await;
        race.close().await;
        let all = |places: [Option<u32>; 3]| {
            vec![(e[0], places[0], None), (e[1], places[1], None), (e[2], places[2], None)]
        };
        let table: Vec<(Lines, &str)> = vec![
            (vec![(e[0], Some(1), None)], "entry-not-ruled"),
            (
                vec![(e[0], Some(1), None), (e[1], Some(2), None), (foreign, Some(3), None)],
                "entry-not-in-race",
            ),
            (vec![(e[0], Some(1), None), (e[1], Some(2), None), (e[0], Some(3), None)], "twice"),
            ([all([Some(1), Some(2), Some(3)]), vec![(foreign, Some(4), None)]].concat(), "too-many-items"),
            (
                vec![(e[0], Some(1), Some("10")), (e[1], Some(2), Some("20")), (e[2], Some(3), None)],
                "scores-against-places",
            ),
            (all([Some(0), Some(1), Some(2)]), "bad-place"),
        ];
        for (lines, code) in table {
            let codes = world.refused("mia", race.ruling(&lines)).await;
            assert!(codes.iter().any(|found| found.ends_with(code)), "{code}: {codes:?}");
        }
    }
}
