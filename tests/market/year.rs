//! A year of races by a moved clock: servers that stop and start, weeks without any, two at once; every step of
//! the clock happened once, in order, at its instant, none early and none missed, and all tokens are somewhere.
//!
//! `TEST_CLOCK_RACES` says how many races (8 otherwise), `TEST_CLOCK_SEED` which year it is.

use std::collections::BTreeSet;
use std::sync::Arc;

use market::judging::{AnswerAppeal, AppealRuling, RuleStage, StageScore, StageState};
use market::race::{EntryState, EntryView, WithdrawEntry};
use market::task::{
    CreateTask, EdgeKind, PublishTask, Rules, Score, Silence, SilenceDefault, Stage, StagePrizes, TaskState,
    TaskView,
};
use market::{Actor, Market, Moment, RandomIds, TaskId};
use tests::{Race, Start, World, both};
use time::Duration;

const HOUR: i64 = 3_600;
const DAY: i64 = 86_400;
const RIDERS: [&str; 4] = ["ada", "ben", "cid", "dan"];

/// Chance that can be had again: SplitMix64.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % sides
    }

    fn seconds(&mut self, from: i64, to: i64) -> i64 {
        from + i64::try_from(self.roll((to - from).unsigned_abs())).unwrap()
    }
}

fn number(variable: &str, otherwise: u64) -> u64 {
    std::env::var(variable).ok().and_then(|text| text.parse().ok()).unwrap_or(otherwise)
}

/// Rules with nought to two stages, deputies or none, and short deadlines, so that a year sees everything.
async fn rules(world: &World, dice: &mut Dice, closes: i64) -> Rules {
    let many = i64::try_from(dice.roll(3)).unwrap();
    let stages = (1..=many).map(|at| Stage {
        name: format!("Stage {at}"),
        ends_at: world.now().plus_seconds(closes * at / (many + 1)),
        judge_seconds: u32::try_from(HOUR).unwrap(),
        mark: None,
        keep: Some(2),
        gate: None,
        prizes: (dice.roll(2) == 0)
            .then(|| StagePrizes { pot: world.tokens("100"), plan: market::task::PrizePlan::WinnerTakesAll }),
    });
    let stages = stages.collect();
    let deputies = if dice.roll(2) == 0 { vec![world.person("dot").await] } else { Vec::new() };
    let defaults = SilenceDefault::ALL;
    let default = defaults[usize::try_from(dice.roll(3)).unwrap()];
    let silence = Silence {
        first_answer_seconds: 86_400,
        ruling_seconds: 2 * 86_400,
        deputies,
        deputy_seconds: 86_400,
        default,
        appeal_answer_seconds: 86_400,
    };
    Rules { stages, silence: Some(silence), appeal_seconds: 86_400, ..Rules::default() }
}

async fn begin(world: &World, dice: &mut Dice) -> Option<TaskId> {
    let closes = dice.seconds(10 * HOUR, 12 * DAY);
    let rules = rules(world, dice, closes).await;
    let start = Start { runs: Duration::seconds(closes), rules, ..Start::default() };
    world.give_person("mia", "1000").await;
    let task = world.must("mia", CreateTask(start.input(world))).await;
    // Who owes a ruling does not publish: the draft is left lying.
    world.run("mia", PublishTask { task }).await.ok().map(|_| task)
}

/// Somebody does something in a race, or leaves it.
async fn step(world: &World, dice: &mut Dice, race: &Race<'_>) {
    let view = race.view().await;
    let entries = world.market.entries(&race.as_poster().await, race.task).await.unwrap();
    match view.state {
        TaskState::Open => ride(world, dice, race, &view, &entries).await,
        TaskState::Judging if dice.roll(4) == 0 => {
            let who = if view.passed_at.is_some() { "dot" } else { "mia" };
            let handed: Vec<_> = running(&entries).filter(|entry| entry.submissions > 0).collect();
            let lines: Vec<_> =
                (1..).zip(&handed).map(|(place, entry)| (entry.id, Some(place), None)).collect();
            // It may be too late, and is then refused.
            let _late = world.run(who, race.ruling(&lines)).await;
        }
        TaskState::Provisional => {
            let who = RIDERS[usize::try_from(dice.roll(4)).unwrap()];
            let captain = world.person(who).await;
            if let Some(entry) = running(&entries).find(|entry| entry.captain == Some(captain)) {
                let appeal = AppealRuling { entry: entry.id, grounds: "Look again.".into() };
                let _refused = world.run(who, appeal).await;
            }
            let open = world.market.appeals(&race.as_poster().await, race.task).await.unwrap();
            for appeal in open.iter().filter(|appeal| appeal.verdict.is_none()) {
                if dice.roll(3) == 0 {
                    let uphold = dice.roll(4) == 0;
                    let answer = AnswerAppeal {
                        appeal: appeal.id,
                        uphold,
                        answer: "Looked at.".into(),
                        criterion: None,
                    };
                    let _refused = world.run("tess", answer).await;
                }
            }
        }
        _ => {}
    }
}

fn running(entries: &[EntryView]) -> impl Iterator<Item = &EntryView> {
    entries.iter().filter(|entry| entry.state == EntryState::Running)
}

async fn ride(world: &World, dice: &mut Dice, race: &Race<'_>, view: &TaskView, entries: &[EntryView]) {
    let who = RIDERS[usize::try_from(dice.roll(4)).unwrap()];
    let captain = world.person(who).await;
    match entries.iter().find(|entry| entry.captain == Some(captain) && entry.state != EntryState::Withdrawn)
    {
        None => {
            let _refused = world.run(who, race.alone()).await;
        }
        Some(entry) if dice.roll(12) == 0 => {
            let _refused = world.run(who, WithdrawEntry { entry: entry.id }).await;
        }
        Some(entry) => {
            let _refused = race.try_submit(who, entry.id, &format!("At {}.", world.now())).await;
        }
    }
    let stages = world.market.stages(&race.as_poster().await, view.id).await.unwrap();
    let waiting = stages.iter().find(|stage| stage.state == StageState::Judging);
    if let Some(stage) = waiting.filter(|_| dice.roll(2) == 0) {
        let score = |entry: &EntryView, dice: &mut Dice| StageScore {
            entry: entry.id,
            score: Score::new(u32::try_from(dice.roll(10_001)).unwrap()).unwrap(),
            reason: "Measured.".into(),
        };
        // Lines for entries that handed in nothing during the stage are refused: then the clock cuts.
        let lines = running(entries).filter(|entry| entry.submissions > 0).map(|entry| score(entry, dice));
        let lines = lines.collect();
        let ruling = RuleStage { task: view.id, stage: stage.no, summary: String::new(), lines };
        let _refused = world.run("mia", ruling).await;
    }
}

/// What must hold of a race that is over, and of what the clock did in it.
async fn check(world: &World, race: &Race<'_>, end: Moment) {
    let view = race.view().await;
    let over = [TaskState::Settled, TaskState::Expired];
    assert!(over.contains(&view.state), "{:?} is not over: {:?}", race.task, view.state);
    assert!(view.escrow.is_zero(), "nothing is left in escrow");
    let edges = world.market.task_edges(&race.as_poster().await, race.task).await.unwrap();
    assert!(edges.windows(2).all(|pair| pair[0].due_at <= pair[1].due_at), "in order: {edges:?}");
    assert!(
        edges.iter().all(|edge| edge.due_at <= edge.done_at && edge.done_at <= end),
        "none early: {edges:?}"
    );
    let once = [EdgeKind::Close, EdgeKind::Settle, EdgeKind::Expire];
    for kind in once {
        assert!(edges.iter().filter(|edge| edge.kind == kind).count() <= 1, "once: {edges:?}");
    }
    let different: BTreeSet<_> = edges.iter().map(|edge| (edge.kind, edge.due_at)).collect();
    let appeals = edges.iter().filter(|edge| edge.kind == EdgeKind::AppealStands).count();
    assert!(different.len() + appeals >= edges.len(), "nothing twice: {edges:?}");
    let at = |kind| edges.iter().filter(move |edge| edge.kind == kind).map(|edge| edge.due_at);
    assert!(at(EdgeKind::Close).all(|due| due == view.closes_at), "at its instant");
    let stopped = view.stages_done < u32::try_from(view.rules.stages.len()).unwrap();
    let ends: Vec<Moment> = at(EdgeKind::StageEnd).collect();
    let planned: Vec<Moment> = view.rules.stages.iter().map(|stage| stage.ends_at).collect();
    assert!(ends.iter().all(|end| planned.contains(end)), "{ends:?}");
    assert!(stopped || view.stages_done as usize == planned.len());
    // Whatever ended the race, it ended as of that instant.
    let last = edges.last().map(|edge| edge.due_at);
    let by_judge = at(EdgeKind::Settle).next().is_none() && at(EdgeKind::Close).next().is_none();
    assert!(by_judge || view.ended_at == last, "{:?} {edges:?}", view.ended_at);
}

async fn restart(world: &World, server: Market) -> Market {
    server.close().await;
    World::open(&world.fresh, &world.clock, Arc::new(RandomIds)).await.unwrap()
}

both! {
    async fn a_year_of_races_with_servers_that_come_and_go(world: &World) {
        let mut dice = Dice(number("TEST_CLOCK_SEED", 7));
        let wanted = usize::try_from(number("TEST_CLOCK_RACES", 8)).unwrap();
        let mut server = World::open(&world.fresh, &world.clock, Arc::new(RandomIds)).await.unwrap();
        let mut races: Vec<Race<'_>> = Vec::new();
        let (mut tried, mut live) = (0, BTreeSet::new());
        while tried < wanted || !live.is_empty() {
            if tried < wanted && dice.roll(6) == 0 {
                tried += 1;
                if let Some(task) = begin(world, &mut dice).await {
                    live.insert(races.len());
                    races.push(world.open_race(task, "mia"));
                }
            }
            for at in live.clone() {
                step(world, &mut dice, &races[at]).await;
            }
            match dice.roll(10) {
                // Right before what comes next, and right at it.
                0..3 => {
                    if let Some(edge) = world.market.next_edge().await.unwrap().filter(|edge| *edge > world.now()) {
                        world.clock.set(Moment(edge.0 - 1));
                        assert_eq!(server.keep_time().await.unwrap(), 0, "nothing is early");
                        world.clock.set(edge);
                    }
                }
                // Nobody is there for a while.
                3 => world.wait(Duration::seconds(dice.seconds(DAY, 20 * DAY))),
                _ => world.wait(Duration::seconds(dice.seconds(HOUR, DAY))),
            }
            match dice.roll(5) {
                0 => server = restart(world, server).await,
                // Two servers at once.
                1 => {
                    let (one, other) = futures::join!(server.keep_time(), world.market.keep_time());
                    one.unwrap();
                    other.unwrap();
                }
                _ => {
                    server.keep_time().await.unwrap();
                }
            }
            let now = world.now();
            if server.next_edge().await.unwrap().is_none_or(|edge| edge > now) {
                for at in live.clone() {
                    let state = races[at].state().await;
                    if matches!(state, TaskState::Settled | TaskState::Expired) {
                        live.remove(&at);
                    }
                }
            }
        }
        server.keep_time().await.unwrap();
        let now = world.now();
        assert!(server.next_edge().await.unwrap().is_none_or(|edge| edge > now), "nothing is missed");
        for race in &races {
            check(world, race, now).await;
        }
        assert!(!races.is_empty());
        server.close().await;
    }

    async fn what_fell_due_while_no_server_ran_is_done_in_its_order_across_races(world: &World) {
        let mut races = Vec::new();
        for days in [5, 2, 9, 3] {
            let race = world.race(Start { runs: Duration::days(days), ..Start::default() }).await;
            races.push((days, race));
        }
        world.wait(Duration::days(30));
        assert_eq!(world.market.keep_time().await.unwrap(), 4);
        races.sort_by_key(|(days, _)| *days);
        let mut before = Moment(0);
        for (_, race) in &races {
            let view = race.view().await;
            assert_eq!((view.state, view.ended_at), (TaskState::Expired, Some(view.closes_at)));
            let payouts = race.payouts().await;
            assert!(payouts[0].at > before, "the sooner due, the sooner done");
            before = payouts[0].at;
            let records = world.market.task_records(&Actor::Visitor, race.task).await;
            assert!(records.is_err(), "internal races stay internal");
        }
    }
}
