//! Stages: their ends and cuts, what they pay at once, gates, seals, and the clock's part in it.

use market::judging::{RuleStage, StageScore, StageState};
use market::race::{EntryState, WithdrawEntry};
use market::task::{
    CreateTask, EdgeKind, PrizePlan, Prizes, Rules, Score, Silence, Stage, StagePrizes, TaskState,
};
use market::{EntryId, Moment, Refusal};
use tests::{Race, Start, World, both};
use time::Duration;

const DAY: i64 = 86_400;

fn stage(world: &World, days: i64) -> Stage {
    Stage {
        name: "Paper".into(),
        ends_at: world.now().plus_seconds(days * DAY),
        judge_seconds: 86_400,
        mark: None,
        keep: Some(2),
        gate: None,
        prizes: Some(StagePrizes {
            pot: world.tokens("100"),
            plan: PrizePlan::Ranked(Prizes::Shares(vec![5_000, 3_000, 2_000])),
        }),
    }
}

/// A race of ten days with a bounty of 1,000 and these stages; ada, ben and cid handed in on the first day.
async fn staged(world: &World, stages: Vec<Stage>) -> (Race<'_>, Vec<EntryId>) {
    let race = world.race(Start { rules: Rules { stages, ..Rules::default() }, ..Start::default() }).await;
    let mut entries = Vec::new();
    for who in ["ada", "ben", "cid"] {
        entries.push(race.run(who).await);
    }
    (race, entries)
}

fn ruling(race: &Race<'_>, stage: u32, scores: &[(EntryId, &str)]) -> RuleStage {
    let line = |(entry, score): &(EntryId, &str)| StageScore {
        entry: *entry,
        score: Score::parse(score).unwrap(),
        reason: "Measured.".into(),
    };
    RuleStage { task: race.task, stage, summary: "Close.".into(), lines: scores.iter().map(line).collect() }
}

async fn states(race: &Race<'_>, entries: &[EntryId]) -> Vec<EntryState> {
    let mut states = Vec::new();
    for entry in entries {
        states.push(race.entry(*entry).await.state);
    }
    states
}

both! {
    async fn a_cut_closes_the_lanes_below_it_pays_the_stage_at_once_and_the_rest_go_on_to_the_end(world: &World) {
        let (race, entries) = staged(world, vec![stage(world, 3)]).await;
        let ends = world.now().plus_seconds(3 * DAY);
        let scores = [(entries[0], "90"), (entries[1], "80"), (entries[2], "70")];
        world.clock.set(Moment(ends.0 - 1));
        assert_eq!(world.refused("mia", ruling(&race, 1, &scores)).await, ["not-yet-closed"]);
        world.clock.set(ends);
        world.market.keep_time().await.unwrap();
        let stages = world.market.stages(&race.as_poster().await, race.task).await.unwrap();
        assert_eq!(stages[0].state, StageState::Judging);
        world.must("mia", ruling(&race, 1, &scores)).await;
        assert_eq!(states(&race, &entries).await, [EntryState::Running, EntryState::Running, EntryState::Cut]);
        let paid = [world.balance("ada").await, world.balance("ben").await, world.balance("cid").await];
        assert_eq!(paid, ["50.00", "30.00", "20.00"]);
        assert_eq!(race.view().await.escrow, world.tokens("900"));
        let closed = race.try_submit("cid", entries[2], "Once more.").await.unwrap_err();
        assert_eq!(tests::problem_codes(&closed), ["entry-cut"]);
        assert_eq!(world.refused("cid", WithdrawEntry { entry: entries[2] }).await, ["entry-cut"]);
        assert_eq!(world.refused("dan", race.alone()).await, ["stage-over"], "nobody comes in after a stage");

        race.submit("ada", entries[0]).await;
        race.close().await;
        let lines = [(entries[0], Some(2), None), (entries[1], Some(1), None)];
        world.must("mia", race.ruling(&lines)).await;
        race.settle().await;
        // 60 and 25 % of the 900 that the stage left; the 15 % that nobody reached go back.
        let paid = [world.balance("ada").await, world.balance("ben").await, world.balance("cid").await];
        assert_eq!(paid, ["275.00", "570.00", "20.00"]);
        assert_eq!(world.balance("mia").await, "135.00");
        assert_eq!(race.view().await.escrow, world.tokens("0"));
    }

    async fn all_that_tie_on_the_line_go_on_and_who_handed_in_nothing_in_the_stage_is_out(world: &World) {
        let (race, mut entries) = staged(world, vec![stage(world, 3)]).await;
        entries.push(race.enter("dan").await);
        world.clock.set(world.now().plus_seconds(3 * DAY));
        let scores = [(entries[0], "90"), (entries[1], "80"), (entries[2], "80")];
        let with_dan = [&scores[..], &[(entries[3], "99")]].concat();
        let codes = world.refused("mia", ruling(&race, 1, &with_dan)).await;
        assert_eq!(codes, ["lines too-many-items"]);
        world.must("mia", ruling(&race, 1, &scores)).await;
        let expected = [EntryState::Running, EntryState::Running, EntryState::Running, EntryState::Cut];
        assert_eq!(states(&race, &entries).await, expected);
        assert_eq!(world.refused("mia", ruling(&race, 1, &scores)).await, ["not-judging"], "a stage is cut once");
    }

    async fn a_gate_stops_the_race_and_what_is_left_goes_back(world: &World) {
        let gate = Stage { keep: None, mark: Score::parse("60").ok(), gate: Some(2), ..stage(world, 3) };
        let (race, entries) = staged(world, vec![gate]).await;
        world.clock.set(world.now().plus_seconds(3 * DAY));
        let scores = [(entries[0], "90"), (entries[1], "50"), (entries[2], "40")];
        world.must("mia", ruling(&race, 1, &scores)).await;
        assert_eq!(race.state().await, TaskState::Settled);
        assert_eq!((world.balance("ada").await, world.balance("mia").await), ("50.00".into(), "950.00".into()));
        assert_eq!(states(&race, &entries).await, [EntryState::Cut; 3]);
        assert_eq!(world.market.next_edge().await.unwrap(), None);
    }

    async fn where_the_judges_stay_silent_the_clock_cuts_and_closes_no_lane_that_handed_in(world: &World) {
        let second = Stage { ends_at: world.now().plus_seconds(6 * DAY), ..stage(world, 3) };
        let (race, mut entries) = staged(world, vec![stage(world, 3), second]).await;
        entries.push(race.enter("dan").await);
        let start = world.now();
        // No server runs until long after the end.
        world.wait(Duration::days(11));
        world.market.keep_time().await.unwrap();
        let edges = world.market.task_edges(&race.as_poster().await, race.task).await.unwrap();
        let edges: Vec<_> = edges.iter().map(|edge| (edge.kind, edge.due_at.seconds_since(start) / DAY)).collect();
        let expected = [
            (EdgeKind::StageEnd, 3),
            (EdgeKind::StageCut, 4),
            (EdgeKind::StageEnd, 6),
            (EdgeKind::StageCut, 7),
            (EdgeKind::Settle, 7),
        ];
        // In the second stage nobody handed in anything, so nobody is left.
        assert_eq!(edges[..4], expected[..4]);
        assert_eq!(race.state().await, TaskState::Settled);
        let paid = [world.balance("ada").await, world.balance("ben").await, world.balance("cid").await];
        assert_eq!(paid, ["33.34", "33.33", "33.33"], "the first stage is shared by those who handed in");
        assert_eq!(world.balance("mia").await, "900.00");
        assert_eq!(race.view().await.ended_at, Some(start.plus_seconds(7 * DAY)));
    }

    async fn judges_see_what_belongs_to_the_stage_and_nothing_after_it(world: &World) {
        let jan = world.person("jan").await;
        let rules = Rules {
            stages: vec![stage(world, 3)],
            judging: market::task::Judging::Judges(vec![jan]),
            ..Rules::default()
        };
        let race = world.race(Start { rules, ..Start::default() }).await;
        let entry = race.run("ada").await;
        let seen = async |who: &str| {
            let asker = world.actor(who).await;
            let versions = world.market.submissions(&asker, entry).await.unwrap();
            versions.iter().map(|version| version.content.is_some()).collect::<Vec<_>>()
        };
        assert_eq!(seen("jan").await, [false]);
        world.wait(Duration::days(3));
        race.submit("ada", entry).await;
        assert_eq!(seen("jan").await, [false, true], "newest first: what came after the stage stays sealed");
        for other in ["mia", "eva"] {
            assert_eq!(seen(other).await, [false, false], "{other}");
        }
        assert_eq!(world.run("mia", ruling(&race, 1, &[(entry, "90")])).await.unwrap_err(), Refusal::NotFound);
        world.must("jan", ruling(&race, 1, &[(entry, "90")])).await;
    }

    async fn nothing_is_taken_before_the_race_opens_but_crews_form(world: &World) {
        let opens = world.now().plus_seconds(DAY);
        let rules = Rules { opens_at: Some(opens), ..Rules::default() };
        let race = world.race(Start { rules, ..Start::default() }).await;
        let entry = race.enter("ada").await;
        world.clock.set(Moment(opens.0 - 1));
        let early = race.try_submit("ada", entry, "Early.").await.unwrap_err();
        assert_eq!(tests::problem_codes(&early), ["not-yet-open"]);
        world.clock.set(opens);
        race.submit("ada", entry).await;
    }

    async fn a_frozen_board_shows_others_as_they_stood_and_everybody_their_own(world: &World) {
        let rules = Rules { freeze_seconds: Some(86_400), ..Rules::default() };
        let race = world.race(Start { rules, ..Start::default() }).await;
        let entry = race.run("ada").await;
        world.wait(Duration::days(9));
        race.submit("ada", entry).await;
        let versions = async |who: &str| {
            let asker = world.actor(who).await;
            let listed = world.market.submissions(&asker, entry).await.unwrap().len();
            (world.market.entry(&asker, entry).await.unwrap().submissions, listed)
        };
        assert_eq!((versions("ada").await, versions("ben").await), ((2, 2), (1, 1)));
        race.close().await;
        assert_eq!(versions("ben").await, (2, 2));
    }

    async fn stages_lie_in_order_before_the_deadline_and_leave_something_for_the_end(world: &World) {
        let refused = async |stages: Vec<Stage>| {
            let rules = Rules { stages, ..Rules::default() };
            let input = Start { rules, ..Start::default() }.input(world);
            world.refused("mia", CreateTask(input)).await
        };
        assert_eq!(refused(vec![stage(world, 0)]).await, ["rules.stages.0.ends_at stages-out-of-order"]);
        let overlap = refused(vec![stage(world, 3), stage(world, 4)]).await;
        assert_eq!(overlap, ["rules.stages.1.ends_at stages-out-of-order"], "the scores of the first are due then");
        assert_eq!(refused(vec![stage(world, 10)]).await, ["closes_at stages-out-of-order"]);
        let all = StagePrizes { pot: world.tokens("1000"), plan: PrizePlan::WinnerTakesAll };
        let codes = refused(vec![Stage { prizes: Some(all), ..stage(world, 3) }]).await;
        assert_eq!(codes, ["rules.stages stage-pots-too-large"]);
        let codes = refused(vec![Stage { gate: Some(1), ..stage(world, 3) }]).await;
        assert_eq!(codes, ["rules.stages.0.mark mark-needed"]);
    }

    async fn the_default_at_the_end_pays_by_the_scores_of_the_last_stage(world: &World) {
        let rules = Rules {
            stages: vec![stage(world, 3)],
            silence: Some(Silence::default()),
            ..Rules::default()
        };
        let race = world.race(Start { rules, ..Start::default() }).await;
        let (ada, ben) = (race.run("ada").await, race.run("ben").await);
        world.wait(Duration::days(3));
        world.must("mia", ruling(&race, 1, &[(ada, "70"), (ben, "90")])).await;
        world.wait(Duration::days(40));
        world.market.keep_time().await.unwrap();
        assert_eq!(race.state().await, TaskState::Settled);
        // 30 and 50 of the stage; 25 and 60 % of 900.
        assert_eq!((world.balance("ada").await, world.balance("ben").await), ("255.00".into(), "590.00".into()));
    }
}
