//! Panels: scored alone, locked for ever, seen by nobody too early, and ruled by rule.

use market::judging::{
    AnswerAppeal, AppealRuling, Combine, Criterion, DeclareConflict, LockSheet, NameJudge, Panel, PanelView,
    RuleStage, SaveScores, StageScore,
};
use market::race::{EnterRace, UnitShare};
use market::submission::{ReturnReason, ReturnUnread};
use market::task::{Judging, Rules, Score, Stage, TaskState};
use market::{EntryId, Refusal, Role};
use sea_orm::ConnectionTrait;
use tests::{Race, Start, World, both};
use time::Duration;

const JUDGES: [&str; 3] = ["jan", "joy", "jim"];

fn criterion(name: &str, weight: u32) -> Criterion {
    Criterion { name: name.to_owned(), description: String::new(), weight }
}

/// A blind panel of three, two criteria of weights 3 and 1, a quorum of two, sheets due after five days.
async fn rules(world: &World, combine: Combine) -> Rules {
    let mut judges = Vec::new();
    for judge in JUDGES {
        judges.push(world.person(judge).await);
    }
    let rubric = vec![criterion("Use", 3), criterion("Form", 1)];
    let panel = Panel { judges, rubric, blind: true, combine, quorum: 2, sheet_seconds: 5 * 86_400 };
    Rules { judging: Judging::Panel(panel), ..Rules::default() }
}

async fn race(world: &World) -> (Race<'_>, EntryId, EntryId) {
    let rules = rules(world, Combine::Mean).await;
    let race = world.race(Start { rules, ..Start::default() }).await;
    let (first, second) = (race.run("ada").await, race.run("ben").await);
    race.close().await;
    (race, first, second)
}

fn scores(entry: EntryId, given: [Option<&str>; 2]) -> SaveScores {
    let read = |text: Option<&str>| text.map(|text| Score::parse(text).unwrap());
    SaveScores { entry, scores: given.map(read).to_vec(), comment: "Tried it twice.".to_owned() }
}

/// Scores both lanes and locks.
async fn sheet(world: &World, race: &Race<'_>, judge: &str, lanes: [(EntryId, [&str; 2]); 2]) {
    sheet_of(world, race, judge, &lanes).await;
}

async fn sheet_of(world: &World, race: &Race<'_>, judge: &str, lanes: &[(EntryId, [&str; 2])]) {
    for (entry, given) in lanes {
        world.must(judge, scores(*entry, given.map(Some))).await;
    }
    world.must(judge, LockSheet { task: race.task }).await;
}

async fn seen(world: &World, who: &str, race: &Race<'_>) -> PanelView {
    world.market.panel(&world.actor(who).await, race.task).await.unwrap().unwrap()
}

fn text(score: Option<Score>) -> String {
    score.map(Score::format).unwrap_or_default()
}

both! {
    async fn the_last_sheet_brings_the_ruling_by_the_weighted_mean(world: &World) {
        let (race, first, second) = race(world).await;
        sheet(world, &race, "jan", [(first, ["80", "60"]), (second, ["70", "100"])]).await;
        sheet(world, &race, "joy", [(first, ["90", "50"]), (second, ["60", "100"])]).await;
        assert_eq!(race.state().await, TaskState::Judging, "one is still waited for");
        sheet(world, &race, "jim", [(first, ["100", "40"]), (second, ["50.01", "100"])]).await;
        assert_eq!(race.state().await, TaskState::Provisional);
        let ruling = race.rulings().await.pop().unwrap();
        let lines: Vec<_> = ruling.lines.iter().map(|line| (line.entry, line.place, text(line.score))).collect();
        // (3·90 + 50) / 4 = 80; (3·60.00333… + 100) / 4 = 70.0025, half up 70.00.
        assert_eq!(lines, [(first, Some(1), "80.00".to_owned()), (second, Some(2), "70.00".to_owned())]);
        assert_eq!(ruling.panel.len(), 3);
        assert!(ruling.lines[0].reason.matches("Tried it twice.").count() == 3, "all comments are reasons");
        race.settle().await;
        assert_eq!((world.balance("ada").await, world.balance("ben").await), ("600.00".into(), "250.00".into()));
    }

    async fn equal_totals_are_a_dead_heat(world: &World) {
        let (race, first, second) = race(world).await;
        for judge in JUDGES {
            sheet(world, &race, judge, [(first, ["80", "40"]), (second, ["70", "70"])]).await;
        }
        let ruling = race.rulings().await.pop().unwrap();
        assert!(ruling.lines.iter().all(|line| line.place == Some(1) && text(line.score) == "70.00"));
        race.settle().await;
        assert_eq!((world.balance("ada").await, world.balance("ben").await), ("425.00".into(), "425.00".into()));
    }

    async fn once_sheets_are_due_a_quorum_is_enough_and_the_clock_rules(world: &World) {
        let (race, first, second) = race(world).await;
        sheet(world, &race, "jan", [(first, ["80", "60"]), (second, ["70", "100"])]).await;
        world.must("joy", scores(first, [Some("1"), None])).await;
        world.market.keep_time().await.unwrap();
        assert_eq!(world.market.next_edge().await.unwrap(), None, "nothing the clock could do");
        let due = seen(world, "jan", &race).await.due;
        world.clock.set(due);
        world.market.keep_time().await.unwrap();
        assert_eq!(race.state().await, TaskState::Judging, "one sheet is no quorum");
        sheet(world, &race, "jim", [(first, ["90", "60"]), (second, ["70", "100"])]).await;
        assert_eq!(race.state().await, TaskState::Provisional, "late, and enough");
        let ruling = race.rulings().await.pop().unwrap();
        assert_eq!(text(ruling.lines[0].score), "78.75", "a draft counts for nothing");
        assert_eq!(ruling.panel.len(), 2);
    }

    async fn the_clock_rules_at_the_very_instant_when_sheets_are_due_and_once(world: &World) {
        let (race, first, second) = race(world).await;
        for judge in ["jan", "joy"] {
            sheet(world, &race, judge, [(first, ["80", "60"]), (second, ["70", "100"])]).await;
        }
        let due = seen(world, "jan", &race).await.due;
        world.clock.set(market::Moment(due.0 - 1));
        world.market.keep_time().await.unwrap();
        assert_eq!(race.state().await, TaskState::Judging);
        world.clock.set(due);
        world.market.keep_time().await.unwrap();
        assert_eq!(race.state().await, TaskState::Provisional);
        assert_eq!(world.market.keep_time().await.unwrap(), 0);
        assert_eq!(race.rulings().await.len(), 1);
    }

    async fn nobody_sees_a_score_before_their_own_sheet_is_locked(world: &World) {
        let (race, first, second) = race(world).await;
        world.bring("rex", market::PersonKind::Member, &[Role::Auditor]).await;
        sheet(world, &race, "jan", [(first, ["81", "60"]), (second, ["70", "100"])]).await;
        world.must("joy", scores(first, [Some("12"), None])).await;
        for stranger in ["mia", "ada", "rex", "eva", "jim"] {
            let panel = seen(world, stranger, &race).await;
            assert!(panel.sheets.is_empty() && panel.results.is_empty(), "{stranger}");
        }
        let own = seen(world, "joy", &race).await.sheets;
        assert_eq!((own.len(), own[0].judge), (1, world.person("joy").await), "their own draft alone");
        let locked = seen(world, "jan", &race).await.sheets;
        assert_eq!(locked.len(), 1, "a draft is nobody else's, locked or not");
        world.must("joy", scores(first, [Some("12"), Some("13")])).await;
        world.must("joy", scores(second, [Some("14"), Some("15")])).await;
        world.must("joy", LockSheet { task: race.task }).await;
        assert_eq!(seen(world, "joy", &race).await.sheets.len(), 2);
        assert_eq!(seen(world, "jan", &race).await.sheets.len(), 2);
        assert!(seen(world, "ada", &race).await.sheets.is_empty());
        sheet(world, &race, "jim", [(first, ["90", "60"]), (second, ["70", "100"])]).await;
        for anybody in ["mia", "ada", "rex", "eva"] {
            let panel = seen(world, anybody, &race).await;
            assert_eq!((panel.sheets.len(), panel.results.len()), (3, 2), "{anybody}");
        }
    }

    async fn the_text_behind_a_sheets_record_is_as_hidden_as_the_sheet(world: &World) {
        let (race, first, second) = race(world).await;
        world.bring("rex", market::PersonKind::Member, &[Role::Auditor]).await;
        sheet(world, &race, "jan", [(first, ["81", "60"]), (second, ["70", "100"])]).await;
        let record = seen(world, "jan", &race).await.sheets[0].record.unwrap();
        let texts = async |who: &str| {
            let record = world.market.record(&world.actor(who).await, record).await.unwrap();
            record.disclosures.into_iter().map(|text| text.label).collect::<Vec<_>>()
        };
        assert_eq!(texts("jan").await, ["sheet"], "a judge can verify their own sheet");
        for stranger in ["mia", "ada", "rex", "eva", "jim"] {
            assert!(texts(stranger).await.is_empty(), "{stranger}");
        }
        for judge in ["joy", "jim"] {
            sheet(world, &race, judge, [(first, ["80", "60"]), (second, ["70", "100"])]).await;
        }
        for anybody in ["mia", "ada", "rex", "eva", "jim"] {
            assert_eq!(texts(anybody).await, ["sheet"], "{anybody}");
        }
    }

    async fn a_blind_judge_finds_no_name_anywhere(world: &World) {
        let (race, first, _) = race(world).await;
        for judge in ["jan", "eva", "mia"] {
            let asker = world.actor(judge).await;
            let entries = world.market.entries(&asker, race.task).await.unwrap();
            let told = format!("{entries:?}");
            for hidden in ["ada", "Ada"] {
                assert!(!told.contains(hidden), "{judge}: {told}");
            }
            assert!(!told.contains(&world.person("ada").await.to_string()), "{judge}");
            assert_eq!((entries[0].name.as_str(), entries[0].captain, entries[0].hidden), ("Lane 1", None, true));
            let submissions = world.market.submissions(&asker, first).await.unwrap();
            assert_eq!(submissions[0].by, None);
            for record in world.market.task_records(&asker, race.task).await.unwrap() {
                let record = world.market.record(&asker, record.id).await.unwrap();
                assert!(record.disclosures.iter().all(|text| text.label != "entry"), "{judge}");
            }
        }
        world.bring("aude", market::PersonKind::Member, &[Role::Auditor]).await;
        for known in ["ada", "aude"] {
            let entry = world.market.entry(&world.actor(known).await, first).await.unwrap();
            assert_eq!((entry.name.as_str(), entry.hidden), ("Ada", false), "{known}");
        }
        let own = world.market.entry(&world.actor("ben").await, first).await.unwrap();
        assert!(own.hidden, "rivals neither");
    }

    async fn a_locked_sheet_never_changes(world: &World) {
        let (race, first, second) = race(world).await;
        sheet(world, &race, "jan", [(first, ["81", "60"]), (second, ["70", "100"])]).await;
        assert_eq!(world.refused("jan", scores(first, [Some("99"), None])).await, ["sheet-locked"]);
        assert_eq!(world.refused("jan", LockSheet { task: race.task }).await, ["sheet-locked"]);
        let aside = DeclareConflict { entry: first, reason: "Late.".to_owned() };
        assert_eq!(world.refused("jan", aside).await, ["sheet-locked"]);
        let db = world.fresh.connect().await;
        for sql in [
            "UPDATE sheet_score SET score = 1",
            "DELETE FROM sheet_score",
            "UPDATE sheet SET locked_at = NULL, record_id = NULL",
        ] {
            let error = db.execute_unprepared(sql).await.unwrap_err().to_string();
            assert!(error.contains("a locked sheet never changes"), "{sql}: {error}");
        }
        db.close().await.unwrap();
    }

    async fn a_sheet_is_whole_before_it_is_locked(world: &World) {
        let (race, first, second) = race(world).await;
        assert_eq!(world.refused("jan", LockSheet { task: race.task }).await, ["sheet-incomplete"]);
        world.must("jan", scores(first, [Some("81"), None])).await;
        world.must("jan", SaveScores { comment: " ".to_owned(), ..scores(second, [Some("1"), Some("2")]) }).await;
        let refusal = world.run("jan", LockSheet { task: race.task }).await.unwrap_err();
        assert!(refusal.to_string().contains("1, 2"), "{refusal}");
        let many = SaveScores { scores: vec![None; 3], ..scores(first, [None, None]) };
        assert_eq!(world.refused("jan", many).await, ["scores too-many-items"]);
        let long = SaveScores { comment: "x".repeat(2_001), ..scores(first, [None, None]) };
        assert_eq!(world.refused("jan", long).await, ["comment too-long"]);
    }

    async fn only_judges_score_and_only_once_the_clock_has_stopped(world: &World) {
        let rules = rules(world, Combine::Mean).await;
        let race = world.race(Start { rules, ..Start::default() }).await;
        let entry = race.run("ada").await;
        let idle = race.enter("ben").await;
        assert_eq!(world.refused("jan", scores(entry, [None, None])).await, ["not-yet-closed"]);
        race.close().await;
        for stranger in ["mia", "ada", "ben", "eva", "tess"] {
            let score = world.run(stranger, scores(entry, [Some("1"), Some("1")])).await;
            assert_eq!(score.unwrap_err(), Refusal::NotFound, "{stranger}");
            let lock = world.run(stranger, LockSheet { task: race.task }).await;
            assert_eq!(lock.unwrap_err(), Refusal::NotFound, "{stranger}");
        }
        assert_eq!(world.refused("jan", scores(idle, [None, None])).await, ["entry-not-in-race"]);
        let by_hand = race.ruling(&[(entry, Some(1), None)]);
        for anybody in ["mia", "jan"] {
            assert_eq!(world.run(anybody, by_hand.clone()).await.unwrap_err(), Refusal::NotFound, "{anybody}");
        }
    }

    async fn who_belongs_to_a_lane_does_not_score_it(world: &World) {
        let rules = rules(world, Combine::Mean).await;
        let unit = world.unit("red", "ada", &["jan"]).await;
        let race = world.race(Start { rules, ..Start::default() }).await;
        let first = world.must("ada", EnterRace { units: vec![UnitShare { unit, share: 0 }], ..race.alone() }).await;
        race.submit("ada", first).await;
        let second = race.run("ben").await;
        race.close().await;
        assert_eq!(world.run("jan", scores(first, [Some("1"), Some("1")])).await.unwrap_err(), Refusal::NotFound);
        world.must("jan", scores(second, [Some("50"), Some("50")])).await;
        world.must("jan", LockSheet { task: race.task }).await;
        let aside = DeclareConflict { entry: second, reason: "My brother rides in it.".to_owned() };
        world.must("joy", scores(second, [Some("1"), Some("1")])).await;
        world.must("joy", aside.clone()).await;
        assert_eq!(world.refused("joy", aside).await, ["conflict-declared"]);
        assert_eq!(world.run("joy", scores(second, [None, None])).await.unwrap_err(), Refusal::NotFound);
        world.must("joy", scores(first, [Some("60"), Some("60")])).await;
        world.must("joy", LockSheet { task: race.task }).await;
        let conflicts = |panel: PanelView| panel.conflicts.len();
        assert_eq!(conflicts(seen(world, "jim", &race).await), 0, "another judge learns nothing of whose lane it is");
        assert_eq!(conflicts(seen(world, "joy", &race).await), 1);
        let told = seen(world, "mia", &race).await;
        assert!(told.conflicts.iter().all(|one| one.reason.is_none()), "a reason can tell whose lane it is");
        assert_eq!(conflicts(told), 2);
        sheet(world, &race, "jim", [(first, ["70", "70"]), (second, ["70", "70"])]).await;
        let ruling = race.rulings().await.pop().unwrap();
        let totals: Vec<_> = ruling.lines.iter().map(|line| text(line.score)).collect();
        assert_eq!(totals, ["65.00", "60.00"], "each lane by those who scored it");
    }

    async fn a_lane_without_a_judge_gets_one_on_record(world: &World) {
        let (race, first, second) = race(world).await;
        let name = async |who: &str| NameJudge { task: race.task, person: world.person(who).await };
        assert_eq!(world.refused("mia", name("kim").await).await, ["judge-not-needed"]);
        for judge in JUDGES {
            world.must(judge, DeclareConflict { entry: first, reason: "We are friends.".to_owned() }).await;
        }
        assert_eq!(seen(world, "mia", &race).await.orphans, [first]);
        for stranger in ["jan", "ada", "eva"] {
            let refused = world.run(stranger, name("kim").await).await;
            assert_eq!(refused.unwrap_err(), Refusal::NotFound, "{stranger}");
        }
        for judge in JUDGES {
            world.must(judge, scores(second, [Some("70"), Some("70")])).await;
            world.must(judge, LockSheet { task: race.task }).await;
        }
        assert_eq!(race.state().await, TaskState::Judging, "no ruling without a score for each lane");
        assert_eq!(world.refused("mia", name("ben").await).await, ["person may-not-judge"]);
        assert_eq!(world.refused("mia", name("jan").await).await, ["person twice"]);
        world.must("mia", name("kim").await).await;
        let panel = seen(world, "kim", &race).await;
        assert!(panel.judging && panel.orphans.is_empty() && panel.judges[3].later);
        sheet(world, &race, "kim", [(first, ["90", "90"]), (second, ["70", "70"])]).await;
        let ruling = race.rulings().await.pop().unwrap();
        assert_eq!((ruling.lines[0].entry, text(ruling.lines[0].score)), (first, "90.00".to_owned()));
    }

    async fn a_granted_appeal_scores_one_criterion_again_for_every_entry(world: &World) {
        let (race, first, second) = race(world).await;
        for judge in JUDGES {
            sheet(world, &race, judge, [(first, ["80", "60"]), (second, ["70", "80"])]).await;
        }
        let grounds = "Form was judged by the draft.".to_owned();
        let appeal = world.must("ben", AppealRuling { entry: second, grounds }).await;
        let answer = |criterion| AnswerAppeal { appeal, uphold: true, answer: "Right.".to_owned(), criterion };
        for ruler in JUDGES {
            assert_eq!(world.run(ruler, answer(Some(1))).await.unwrap_err(), Refusal::NotFound, "{ruler} ruled");
        }
        let tess = world.treasurer().await;
        assert_eq!(world.refused(tess, answer(None)).await, ["criterion criterion-needed"]);
        assert_eq!(world.refused(tess, answer(Some(2))).await, ["criterion bad-choice"]);
        world.must(tess, answer(Some(1))).await;
        let panel = seen(world, "jan", &race).await;
        assert_eq!((panel.round, panel.criterion), (2, Some(1)));
        assert_eq!(panel.sheets.len(), 3, "the first round stays open to all");
        assert_eq!(world.refused("jan", scores(first, [Some("1"), Some("1")])).await, ["scores.0 bad-choice"]);
        for judge in JUDGES {
            world.must(judge, scores(first, [None, Some("20")])).await;
            assert_eq!(world.refused(judge, LockSheet { task: race.task }).await, ["sheet-incomplete"]);
            world.must(judge, scores(second, [None, Some("100")])).await;
            world.must(judge, LockSheet { task: race.task }).await;
        }
        let ruling = race.rulings().await.pop().unwrap();
        let totals: Vec<_> = ruling.lines.iter().map(|line| (line.entry, text(line.score))).collect();
        assert_eq!(totals, [(second, "77.50".to_owned()), (first, "65.00".to_owned())]);
        race.settle().await;
    }

    async fn work_waits_for_a_judge_until_their_sheet_is_locked(world: &World) {
        let (race, first, second) = race(world).await;
        let work = async |who: &str| {
            let items = world.market.my_work(&world.actor(who).await).await.unwrap();
            items.into_iter().map(|item| (format!("{:?}", item.kind), item.due)).collect::<Vec<_>>()
        };
        let due = race.view().await.closes_at.plus_seconds(Duration::days(5).whole_seconds());
        assert_eq!(work("jan").await, [("ScoreLanes".to_owned(), Some(due))]);
        sheet(world, &race, "jan", [(first, ["80", "60"]), (second, ["70", "80"])]).await;
        assert_eq!(work("jan").await, []);
        for judge in JUDGES {
            if judge != "jan" {
                world.must(judge, DeclareConflict { entry: first, reason: "Friends.".to_owned() }).await;
            }
        }
        let waits = work("mia").await.into_iter().map(|(kind, _)| kind).collect::<Vec<_>>();
        assert_eq!(waits, ["AwaitRuling"], "one of them can score each lane");
    }

    async fn a_stage_is_cut_by_one_judge_and_the_final_scored_by_all(world: &World) {
        let stage = Stage {
            name: "Paper".into(),
            ends_at: world.now().plus_seconds(3 * 86_400),
            judge_seconds: 86_400,
            mark: None,
            keep: Some(1),
            gate: None,
            prizes: None,
        };
        let rules = Rules { stages: vec![stage], ..rules(world, Combine::Mean).await };
        let race = world.race(Start { rules, ..Start::default() }).await;
        let (first, second) = (race.run("ada").await, race.run("ben").await);
        world.wait(Duration::days(3));
        world.market.keep_time().await.unwrap();
        let line = |entry, score| StageScore { entry, score: Score::parse(score).unwrap(), reason: "Seen.".into() };
        let cut = RuleStage {
            task: race.task,
            stage: 1,
            summary: "Close.".into(),
            lines: vec![line(first, "90"), line(second, "80")],
        };
        assert_eq!(world.run("mia", cut.clone()).await.unwrap_err(), Refusal::NotFound);
        world.must("jan", cut).await;
        race.close().await;
        world.market.keep_time().await.unwrap();
        for judge in JUDGES {
            sheet_of(world, &race, judge, &[(first, ["80", "60"])]).await;
        }
        race.settle().await;
        assert_eq!(world.balance("ada").await, "600.00");
    }

    async fn where_all_lanes_are_returned_unread_the_clock_rules_without_a_sheet(world: &World) {
        let (race, first, second) = race(world).await;
        for entry in [first, second] {
            let back = ReturnUnread { entry, reason: ReturnReason::NoEvidence, note: String::new() };
            world.must("jan", back).await;
        }
        world.market.keep_time().await.unwrap();
        assert_eq!(race.state().await, TaskState::Judging);
        world.clock.set(seen(world, "jan", &race).await.due);
        world.market.keep_time().await.unwrap();
        assert_eq!(race.state().await, TaskState::Provisional);
        let appeal = AppealRuling { entry: first, grounds: "It is all there.".to_owned() };
        let appeal = world.must("ada", appeal).await;
        let answer = "So it is.".to_owned();
        let granted = AnswerAppeal { appeal, uphold: true, answer, criterion: None };
        world.must(world.treasurer().await, granted).await;
        sheet_of(world, &race, "jan", &[(first, ["80", "60"])]).await;
        for judge in ["joy", "jim"] {
            sheet_of(world, &race, judge, &[(first, ["80", "60"])]).await;
        }
        assert_eq!(race.state().await, TaskState::Provisional);
        race.settle().await;
        assert_eq!(world.balance("ada").await, "600.00");
    }

    async fn a_panel_is_checked_before_anybody_enters(world: &World) {
        let good = rules(world, Combine::Mean).await;
        world.give_person("mia", "1000").await;
        let with = |change: &dyn Fn(&mut Panel)| {
            let Judging::Panel(mut panel) = good.judging.clone() else { unreachable!("a panel") };
            change(&mut panel);
            Rules { judging: Judging::Panel(panel), ..good.clone() }
        };
        let cases: [(Rules, &str); 6] = [
            (with(&|panel| panel.rubric.clear()), "rules.panel.rubric required"),
            (with(&|panel| panel.rubric[0].weight = 0), "rules.panel.rubric.0.weight out-of-range"),
            (with(&|panel| panel.rubric[1].name = "Use".into()), "rules.panel.rubric.1.name twice"),
            (with(&|panel| panel.quorum = 4), "rules.panel.quorum out-of-range"),
            (with(&|panel| panel.sheet_seconds = 60), "rules.panel.sheet_seconds out-of-range"),
            (with(&|panel| panel.judges.clear()), "rules.judges required"),
        ];
        for (rules, told) in cases {
            let start = Start { rules, ..Start::default() };
            let refused = world.refused("mia", market::task::CreateTask(start.input(world))).await;
            assert!(refused.contains(&told.to_owned()), "{told}: {refused:?}");
        }
    }
}
