//! Races that the server measures: keys, boards, quotas, what stays secret, and the ruling by the clock.

use ledger::RecordKind;
use market::board::{ChooseVersions, KeyUpload, MetricKind, MetricRules};
use market::judging::{AnswerAppeal, AppealRuling};
use market::submission::{FileInput, ReturnReason, ReturnUnread, SubmitInput, TakeBackReturn};
use market::task::{DeleteDraft, Judging, PrizePlan, Prizes, PublishTask, Rules, TaskState, UpdateTask};
use market::{EntryId, PersonKind, Refusal, Role, SubmissionId, TaskId};
use tests::{Race, Start, World, both, problem_codes};
use time::Duration;

/// Ten rows: the first four are public.
const KEY: &str = "id,label,split\nr0,0,public\nr1,1,public\nr2,0,public\nr3,1,public\n\
    r4,0,private\nr5,1,private\nr6,0,private\nr7,1,private\nr8,0,private\nr9,1,private\n";
const TRUTH: [u8; 10] = [0, 1, 0, 1, 0, 1, 0, 1, 0, 1];

fn rules() -> MetricRules {
    MetricRules { gain: "0.1".to_owned(), ..MetricRules::of(MetricKind::Accuracy) }
}

fn start(measured: MetricRules) -> Start {
    let plan = PrizePlan::Ranked(Prizes::Shares(vec![6_000, 4_000]));
    Start {
        rules: Rules { judging: Judging::Metric(measured), plan, ..Rules::default() },
        ..Start::default()
    }
}

/// Predictions with these rows wrong.
fn predictions(wrong: &[usize]) -> String {
    let row =
        |row: usize| format!("r{row},{}\n", if wrong.contains(&row) { 1 - TRUTH[row] } else { TRUTH[row] });
    format!("id,prediction\n{}", (0..10).map(row).collect::<String>())
}

async fn upload(world: &World, who: &str, task: TaskId, key: &str) -> market::Result<()> {
    let upload = KeyUpload { task, bytes: key.as_bytes().to_vec() };
    world.market.upload_answer_key(&world.actor(who).await, upload).await
}

/// An open race by this key.
async fn race_with<'w>(world: &'w World, measured: MetricRules) -> Race<'w> {
    let start = start(measured);
    let task = world.draft(&start).await;
    upload(world, "mia", task, KEY).await.unwrap();
    world.must("mia", PublishTask { task }).await;
    world.open_race(task, "mia")
}

async fn hand_in(world: &World, who: &str, entry: EntryId, table: &str) -> market::Result<SubmissionId> {
    let file = FileInput {
        name: "predictions.csv".to_owned(),
        media_type: "text/csv".to_owned(),
        bytes: table.as_bytes().to_vec(),
    };
    let (body, links, evidence) = (String::new(), Vec::new(), Vec::new());
    let input = SubmitInput { entry, body, links, files: vec![file], evidence };
    world.market.submit_work(&world.actor(who).await, None, input).await
}

async fn refused(world: &World, who: &str, entry: EntryId, table: &str) -> Vec<String> {
    problem_codes(&hand_in(world, who, entry, table).await.unwrap_err())
}

/// Place, lane, public figure of each row, as anybody of the house sees it.
async fn board(world: &World, race: &Race<'_>) -> Vec<(u32, EntryId, String)> {
    let board = world.market.board(&world.actor("eva").await, race.task).await.unwrap().unwrap();
    assert!(board.is_final || board.rows.iter().all(|row| row.private.is_none()));
    board.rows.into_iter().map(|row| (row.place, row.entry, row.public)).collect()
}

both! {
    async fn what_was_returned_unread_stands_on_no_board(world: &World) {
        let race = race_with(world, rules()).await;
        let (ada, ben) = (race.enter("ada").await, race.enter("ben").await);
        hand_in(world, "ada", ada, &predictions(&[])).await.unwrap();
        hand_in(world, "ben", ben, &predictions(&[0])).await.unwrap();
        let standing = async || board(world, &race).await.into_iter().map(|row| (row.0, row.1)).collect::<Vec<_>>();
        assert_eq!(standing().await, [(1, ada), (2, ben)]);
        race.close().await;
        let note = String::new();
        world.must("mia", ReturnUnread { entry: ada, reason: ReturnReason::NoEvidence, note }).await;
        assert_eq!(standing().await, [(1, ben)], "who comes behind moves up");
        world.must("mia", TakeBackReturn { entry: ada }).await;
        assert_eq!(standing().await, [(1, ada), (2, ben)]);
    }

    async fn a_measured_race_is_ruled_by_the_private_part_when_the_clock_stops(world: &World) {
        let race = race_with(world, rules()).await;
        let (ada, ben) = (race.enter("ada").await, race.enter("ben").await);
        // Ada is perfect on the public part and poor on the private one, Ben the other way round.
        hand_in(world, "ada", ada, &predictions(&[4, 5, 6])).await.unwrap();
        hand_in(world, "ben", ben, &predictions(&[0, 1])).await.unwrap();
        let seen = board(world, &race).await;
        assert_eq!(seen, [(1, ada, "1.000000000".to_owned()), (2, ben, "0.500000000".to_owned())]);
        race.close().await;
        world.market.keep_time().await.unwrap();
        assert_eq!(race.state().await, TaskState::Provisional);
        let ruling = race.rulings().await.remove(0);
        let lines: Vec<_> = ruling.lines.iter().map(|line| (line.entry, line.place)).collect();
        assert_eq!(lines, [(ben, Some(1)), (ada, Some(2))]);
        assert_eq!(ruling.lines[1].score.unwrap().format(), "50.00", "a bounded measure is a score too");
        let board = world.market.board(&world.actor("eva").await, race.task).await.unwrap().unwrap();
        assert!(board.is_final);
        assert_eq!(board.rows[0].private.as_deref(), Some("1.000000000"));
        world.market.keep_time().await.unwrap();
        assert_eq!(race.rulings().await.len(), 1, "it is ruled once");
        race.settle().await;
        assert_eq!(race.entry(ben).await.award, Some(world.tokens("600")));
    }

    async fn a_race_opens_with_the_digest_of_a_key_that_fits_its_rules(world: &World) {
        let start = start(rules());
        let task = world.draft(&start).await;
        assert_eq!(world.refused("mia", PublishTask { task }).await, ["key-needed"]);
        upload(world, "mia", task, KEY).await.unwrap();
        let other = MetricRules { positive: Some("0".to_owned()), ..rules() };
        let changed = Rules { judging: Judging::Metric(other), ..start.rules.clone() };
        let input = market::task::TaskInput { rules: changed, ..start.input(world) };
        world.must("mia", UpdateTask { task, input }).await;
        assert_eq!(world.refused("mia", PublishTask { task }).await, ["key-needed"], "it was read for others");
        world.must("mia", UpdateTask { task, input: start.input(world) }).await;
        world.must("mia", PublishTask { task }).await;
        let mia = world.actor("mia").await;
        let view = world.market.task(&mia, task).await.unwrap();
        let Judging::Metric(measured) = view.rules.judging else { panic!("it is measured") };
        let sealed = measured.key.unwrap();
        assert_eq!((sealed.rows, sealed.public_rows), (10, 4));
        let records = world.market.task_records(&mia, task).await.unwrap();
        let evidence = records.iter().filter(|record| record.kind == RecordKind::Evidence);
        let held: Vec<_> = evidence
            .filter(|record| record.commitments.iter().any(|digest| hex::encode(digest) == sealed.digest))
            .collect();
        assert_eq!(held.len(), 1, "the digest is on the ledger");
        assert!(held[0].disclosures.is_empty(), "and what is behind it is shown to nobody in the race");
        assert_eq!(
            problem_codes(&upload(world, "mia", task, KEY).await.unwrap_err()),
            ["not-draft"],
            "a key that is sealed stays"
        );
    }

    async fn a_key_that_cannot_be_used_is_refused_with_its_line(world: &World) {
        let task = world.draft(&start(rules())).await;
        for (key, code) in [
            ("", "content file-empty"),
            ("name,label\na,1\n", "content table-head"),
            ("id,label\na,1\na,0\n", "content table-twice"),
            ("id,label,split\na,1,public\nb,0,public\n", "content key-part"),
        ] {
            let refusal = upload(world, "mia", task, key).await.unwrap_err();
            assert_eq!(problem_codes(&refusal), [code], "{key:?}");
        }
        let vast = "x".repeat(1_048_577);
        let refusal = upload(world, "mia", task, &vast).await.unwrap_err();
        assert_eq!(problem_codes(&refusal), ["content file-too-large"]);
        for other in ["ada", "tess"] {
            assert_eq!(upload(world, other, task, KEY).await.unwrap_err(), Refusal::NotFound, "{other}");
        }
        upload(world, "mia", task, KEY).await.unwrap();
        world.must("mia", DeleteDraft { task }).await;
        let plain = world.draft(&Start::default()).await;
        assert_eq!(problem_codes(&upload(world, "mia", plain, KEY).await.unwrap_err()), ["not-measured"]);
    }

    async fn what_cannot_be_read_is_refused_and_uses_up_nothing(world: &World) {
        let race = race_with(world, MetricRules { per_day: 1, ..rules() }).await;
        let ada = race.enter("ada").await;
        let whole = predictions(&[]);
        for (table, code) in [
            (whole.replace("r9,1\n", ""), "files.0.content table-missing"),
            (whole.replace("r9,1", "r8,1"), "files.0.content table-twice"),
            (whole.clone() + "x,1\n", "files.0.content table-unknown"),
            (whole.replace("r9,1", "r9,yes"), "files.0.content table-class"),
            (whole.replace("prediction", "label"), "files.0.content table-head"),
        ] {
            assert_eq!(refused(world, "ada", ada, &table).await, [code]);
        }
        let text = race.try_submit("ada", ada, "no file").await.unwrap_err();
        assert_eq!(problem_codes(&text), ["files predictions-needed"]);
        hand_in(world, "ada", ada, &whole).await.unwrap();
        assert_eq!(refused(world, "ada", ada, &whole).await, ["quota-used"]);
        world.wait(Duration::days(1));
        hand_in(world, "ada", ada, &whole).await.unwrap();
        assert_eq!(race.entry(ada).await.submissions, 2);
    }

    async fn a_version_sent_again_with_its_key_is_the_first_one_also_without_a_quota(world: &World) {
        let race = race_with(world, MetricRules { per_day: 1, ..rules() }).await;
        let ada = race.enter("ada").await;
        let asker = world.actor("ada").await;
        let send = async || {
            let file = FileInput {
                name: "a.csv".to_owned(),
                media_type: "text/csv".to_owned(),
                bytes: predictions(&[]).into_bytes(),
            };
            let input = SubmitInput { entry: ada, body: String::new(), links: Vec::new(), files: vec![file], evidence: Vec::new() };
            let key = market::IdempotencyKey::parse("once").unwrap();
            world.market.submit_work(&asker, Some(key), input).await.unwrap()
        };
        let first = send().await;
        assert_eq!(send().await, first);
        race.close().await;
        assert_eq!(send().await, first, "also when the clock has stopped");
        assert_eq!(race.entry(ada).await.submissions, 1);
    }

    async fn the_board_moves_on_a_clear_gain_only_and_a_crew_sees_its_own_figures(world: &World) {
        let race = race_with(world, MetricRules { gain: "0.3".to_owned(), ..rules() }).await;
        let ada = race.enter("ada").await;
        for wrong in [&[0_usize, 1][..], &[0], &[]] {
            hand_in(world, "ada", ada, &predictions(wrong)).await.unwrap();
            world.wait(Duration::minutes(1));
        }
        assert_eq!(board(world, &race).await[0].2, "1.000000000", "0.5, not 0.75, then 1.0");
        let own = world.market.version_scores(&world.actor("ada").await, ada).await.unwrap();
        let own: Vec<_> = own.iter().map(|one| (one.version, one.public.as_str(), one.moved)).collect();
        assert_eq!(own, [(3, "1.000000000", true), (2, "0.750000000", false), (1, "0.500000000", true)]);
    }

    async fn a_frozen_board_stands_still_for_all_but_the_crew(world: &World) {
        let race = race_with(world, MetricRules { freeze_seconds: 3_600, ..rules() }).await;
        let (ada, ben) = (race.enter("ada").await, race.enter("ben").await);
        hand_in(world, "ada", ada, &predictions(&[0])).await.unwrap();
        let closes = race.view().await.closes_at;
        world.clock.set(closes.plus_seconds(-3_600));
        hand_in(world, "ada", ada, &predictions(&[])).await.unwrap();
        hand_in(world, "ben", ben, &predictions(&[])).await.unwrap();
        let seen = board(world, &race).await;
        assert_eq!(seen, [(1, ada, "0.750000000".to_owned())], "as it was an hour before the end");
        let view = world.market.board(&world.actor("ben").await, race.task).await.unwrap().unwrap();
        assert_eq!(view.frozen_since, Some(closes.plus_seconds(-3_600)));
        assert_eq!(world.market.version_scores(&world.actor("ben").await, ben).await.unwrap().len(), 1);
        race.close().await;
        assert_eq!(board(world, &race).await.len(), 2);
    }

    async fn a_crew_chooses_what_counts_until_the_clock_stops(world: &World) {
        let race = race_with(world, rules()).await;
        let (ada, ben) = (race.enter("ada").await, race.enter("ben").await);
        let first = hand_in(world, "ada", ada, &predictions(&[0, 1])).await.unwrap();
        hand_in(world, "ada", ada, &predictions(&[4, 5, 6])).await.unwrap();
        let others = hand_in(world, "ben", ben, &predictions(&[4])).await.unwrap();
        let choose = |submissions: &[SubmissionId]| ChooseVersions { entry: ada, submissions: submissions.to_vec() };
        assert_eq!(world.refused("ada", choose(&[others])).await, ["submissions bad-choice"]);
        assert_eq!(world.refused("ada", choose(&[first; 3])).await, ["submissions too-many-items"]);
        assert_eq!(world.run("ben", choose(&[first])).await.unwrap_err(), Refusal::NotFound);
        world.must("ada", choose(&[first])).await;
        race.close().await;
        assert_eq!(world.refused("ada", choose(&[])).await, ["deadline-passed"]);
        world.market.keep_time().await.unwrap();
        assert_eq!(race.entry(ada).await.place, Some(1), "the chosen version is perfect on the private part");
        let own = world.market.version_scores(&world.actor("ada").await, ada).await.unwrap();
        let measured: Vec<_> = own.iter().map(|one| (one.version, one.private.is_some())).collect();
        assert_eq!(measured, [(2, false), (1, true)], "what does not count is never measured");
    }

    async fn equal_figures_are_a_dead_heat_and_pool_their_prizes(world: &World) {
        let race = race_with(world, rules()).await;
        let (ada, ben) = (race.enter("ada").await, race.enter("ben").await);
        hand_in(world, "ada", ada, &predictions(&[4])).await.unwrap();
        hand_in(world, "ben", ben, &predictions(&[5])).await.unwrap();
        race.close().await;
        world.market.keep_time().await.unwrap();
        race.settle().await;
        for entry in [ada, ben] {
            let entry = race.entry(entry).await;
            assert_eq!((entry.place, entry.award), (Some(1), Some(world.tokens("500"))));
        }
    }

    async fn nobody_in_the_race_sees_the_key_or_a_private_figure(world: &World) {
        world.bring("aud", PersonKind::Member, &[Role::Auditor]).await;
        let race = race_with(world, rules()).await;
        let ada = race.enter("ada").await;
        race.enter("ben").await;
        hand_in(world, "ada", ada, &predictions(&[4])).await.unwrap();
        let (key, scores) = (
            async |who: &str| world.market.answer_key_file(&world.actor(who).await, race.task).await,
            async |who: &str| world.market.version_scores(&world.actor(who).await, ada).await.unwrap(),
        );
        for stopped in [false, true] {
            for who in ["mia", "aud"] {
                assert_eq!(key(who).await.unwrap(), KEY.as_bytes(), "{who}");
            }
            for who in ["ada", "ben", "eva", "tess"] {
                assert_eq!(key(who).await.unwrap_err(), Refusal::NotFound, "{who}");
                let view = world.market.answer_key(&world.actor(who).await, race.task).await;
                assert_eq!(view.unwrap_err(), Refusal::NotFound, "{who}");
            }
            for who in ["ben", "eva"] {
                assert!(scores(who).await.is_empty(), "{who} sees what a rival's versions scored");
            }
            assert!(scores("ada").await.iter().all(|one| one.private.is_none()));
            assert!(stopped || scores("mia").await.is_empty(), "the poster sees no version before the stop");
            race.close().await;
        }
        world.market.keep_time().await.unwrap();
        assert!(scores("ada").await[0].private.is_some());
    }

    async fn no_person_rules_a_measured_race_unless_an_appeal_was_upheld(world: &World) {
        let race = race_with(world, rules()).await;
        let ada = race.enter("ada").await;
        hand_in(world, "ada", ada, &predictions(&[4])).await.unwrap();
        race.close().await;
        let by_hand = race.ruling(&[(ada, Some(1), None)]);
        assert_eq!(world.refused("mia", by_hand.clone()).await, ["ruled-by-clock"]);
        world.market.keep_time().await.unwrap();
        let appeal =
            world.must("ada", AppealRuling { entry: ada, grounds: "Row r4 is wrong.".to_owned() }).await;
        let answer = AnswerAppeal { appeal, uphold: true, answer: "It is.".to_owned(), criterion: None };
        assert_eq!(world.run("mia", answer.clone()).await.unwrap_err(), Refusal::NotFound, "it is her key");
        world.must("tess", answer).await;
        world.market.keep_time().await.unwrap();
        assert_eq!(race.state().await, TaskState::Judging, "the clock does not rule a second time");
        world.must("mia", by_hand).await;
        assert_eq!(race.state().await, TaskState::Provisional);
    }
}
