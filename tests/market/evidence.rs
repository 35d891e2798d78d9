//! What a version must bring along, what is sent back unread, and what is the same in several lanes.

use market::judging::{AnswerAppeal, AppealRuling};
use market::submission::{
    EvidenceItem, EvidenceKind, FileInput, ReturnReason, ReturnUnread, SameKind, SubmitInput, TakeBackReturn,
};
use market::task::{CreateTask, Judging, Rules, TaskState};
use market::{Command, EntryId, Refusal};
use tests::{Race, Start, World, both, problem_codes};

fn checklist() -> Vec<EvidenceItem> {
    let item = |title: &str, asks| EvidenceItem { title: title.to_owned(), asks };
    vec![
        item("How it was measured", EvidenceKind::Words),
        item("The branch", EvidenceKind::Link),
        item("A report", EvidenceKind::File("*.pdf".to_owned())),
    ]
}

fn file(name: &str, bytes: &[u8]) -> FileInput {
    FileInput { name: name.to_owned(), media_type: "application/pdf".to_owned(), bytes: bytes.to_vec() }
}

fn whole(entry: EntryId) -> SubmitInput {
    SubmitInput {
        entry,
        body: String::new(),
        links: Vec::new(),
        files: vec![file("Report.pdf", b"%PDF")],
        evidence: vec!["Ten runs each.".to_owned(), "https://example.org/branch".to_owned()],
    }
}

async fn hand_in(world: &World, who: &str, input: SubmitInput) -> market::Result<market::SubmissionId> {
    world.market.submit_work(&world.actor(who).await, None, input).await
}

/// A race with these judges; ada, ben and cid have handed in.
async fn judged(world: &World) -> (Race<'_>, [EntryId; 3]) {
    let rules = Rules { judging: Judging::Judges(vec![world.person("jan").await]), ..Rules::default() };
    let race = world.race(Start { rules, ..Start::default() }).await;
    let entries = [race.run("ada").await, race.run("ben").await, race.run("cid").await];
    (race, entries)
}

fn sent_back(entry: EntryId) -> ReturnUnread {
    ReturnUnread { entry, reason: ReturnReason::NoEvidence, note: "Nothing opens.".to_owned() }
}

async fn refused<C: Command>(world: &World, who: &str, command: C) -> Refusal {
    world.run(who, command).await.map(drop).unwrap_err()
}

fn only_code(refusal: &Refusal) -> String {
    problem_codes(refusal).join(", ")
}

both! {
    async fn nothing_passes_that_does_not_bring_what_the_rules_ask_for(world: &World) {
        let rules = Rules { evidence: checklist(), ..Rules::default() };
        let race = world.race(Start { rules, ..Start::default() }).await;
        let entry = race.enter("ada").await;
        for (input, expected) in [
            (SubmitInput { evidence: Vec::new(), ..whole(entry) }, "evidence.0 required, evidence.1 required"),
            (SubmitInput { files: Vec::new(), ..whole(entry) }, "evidence.2 file-missing"),
            (SubmitInput { files: vec![file("report.txt", b"x")], ..whole(entry) }, "evidence.2 file-missing"),
            (
                SubmitInput { evidence: vec!["x".to_owned(), "javascript:x".to_owned()], ..whole(entry) },
                "evidence.1 bad-link",
            ),
        ] {
            assert_eq!(only_code(&hand_in(world, "ada", input).await.unwrap_err()), expected);
        }
        let ada = world.actor("ada").await;
        assert_eq!(world.market.submissions(&ada, entry).await.unwrap(), [], "and nothing is half done");
        hand_in(world, "ada", whole(entry)).await.unwrap();
        let content = world.market.submissions(&ada, entry).await.unwrap().remove(0).content.unwrap();
        assert_eq!(content.evidence, ["Ten runs each.", "https://example.org/branch", ""]);
        // Sealed like everything else.
        let ben = world.actor("ben").await;
        assert_eq!(world.market.submissions(&ben, entry).await.unwrap()[0].content, None);
    }

    async fn a_checklist_is_written_with_care_or_told_where_not(world: &World) {
        world.give_person("mia", "1000").await;
        let odd = vec![
            EvidenceItem { title: String::new(), asks: EvidenceKind::Words },
            EvidenceItem { title: "x".to_owned(), asks: EvidenceKind::File("a/b".to_owned()) },
        ];
        let rules = Rules { evidence: odd, ..Rules::default() };
        let input = Start { rules, ..Start::default() }.input(world);
        let refusal = refused(world, "mia", CreateTask(input)).await;
        assert_eq!(only_code(&refusal), "rules.evidence.0.title required, rules.evidence.1.file bad-file-name");
    }

    async fn what_is_returned_unread_qualifies_for_nothing_and_its_crew_hears_why(world: &World) {
        let (race, [first, second, third]) = judged(world).await;
        assert_eq!(only_code(&refused(world, "jan", sent_back(third)).await), "not-yet-closed");
        race.close().await;
        for stranger in ["mia", "ada", "eva"] {
            assert_eq!(refused(world, stranger, sent_back(third)).await, Refusal::NotFound, "{stranger}");
        }
        world.must("jan", sent_back(third)).await;
        assert_eq!(only_code(&refused(world, "jan", sent_back(third)).await), "already-returned");
        let seen = race.entry(third).await.returned.expect("it says so");
        assert_eq!((seen.reason, seen.note.as_str()), (ReturnReason::NoEvidence, "Nothing opens."));
        let record = world.market.record(&world.actor("cid").await, seen.record).await.unwrap();
        assert_eq!(record.disclosures.len(), 1, "the reason is on the record, for who sees the task");
        let all = [(first, Some(1), None), (second, Some(2), None), (third, Some(3), None)];
        let refusal = refused(world, "jan", race.ruling(&all)).await;
        assert!(problem_codes(&refusal).contains(&"lines too-many-items".to_owned()), "{refusal:?}");
        world.must("jan", race.ruling(&all[..2])).await;
        assert_eq!(only_code(&refused(world, "jan", TakeBackReturn { entry: third }).await), "not-judging");
        race.settle().await;
        assert_eq!(world.balance("cid").await, "0.00");
    }

    async fn it_can_be_taken_back_until_there_is_a_ruling(world: &World) {
        let (race, [first, second, third]) = judged(world).await;
        race.close().await;
        assert_eq!(only_code(&refused(world, "jan", TakeBackReturn { entry: third }).await), "not-returned");
        world.must("jan", sent_back(third)).await;
        world.must("jan", TakeBackReturn { entry: third }).await;
        assert_eq!(race.entry(third).await.returned, None);
        let all = [(first, Some(1), None), (second, Some(2), None), (third, Some(3), None)];
        world.must("jan", race.ruling(&all)).await;
    }

    async fn returning_everything_gets_nobody_the_bounty_without_a_ruling_to_appeal_against(world: &World) {
        let (race, entries) = judged(world).await;
        race.close().await;
        for entry in entries {
            world.must("jan", sent_back(entry)).await;
        }
        world.market.keep_time().await.unwrap();
        assert_eq!(race.state().await, TaskState::Judging, "the clock does not end it");
        world.must("jan", race.ruling(&[])).await;
        let grounds = "It opens on every machine here.".to_owned();
        let appeal = world.must("ada", AppealRuling { entry: entries[0], grounds }).await;
        let answer = AnswerAppeal { appeal, uphold: true, answer: "It does.".to_owned(), criterion: None };
        // No programme stands behind it: a treasurer answers.
        world.must("tess", answer).await;
        assert_eq!(race.entry(entries[0]).await.returned, None, "a granted appeal lifts it");
        assert!(race.entry(entries[1]).await.returned.is_some());
        world.must("jan", race.ruling(&[(entries[0], Some(1), None)])).await;
        race.settle().await;
        assert_eq!(world.balance("ada").await, "600.00");
    }

    async fn judges_are_told_of_the_same_artefact_in_several_lanes_and_nobody_else_is(world: &World) {
        let race = world.race(Start::default()).await;
        let mut entries = Vec::new();
        for (who, bytes) in [("ada", &b"one"[..]), ("ben", b"two"), ("cid", b"one")] {
            let entry = race.enter(who).await;
            let links = vec![format!("https://Example.org/{}", if who == "dan" { "x" } else { who })];
            let files = vec![file(&format!("{who}.zip"), bytes)];
            let body = "A text that is the same in all of the lanes, word by word.".to_owned();
            let input = SubmitInput { entry, body, links, files, evidence: Vec::new() };
            hand_in(world, who, input).await.unwrap();
            entries.push(entry);
        }
        let mia = race.as_poster().await;
        assert_eq!(world.market.same_work(&mia, race.task).await.unwrap(), [], "all is sealed");
        race.close().await;
        let same = world.market.same_work(&mia, race.task).await.unwrap();
        let told: Vec<_> = same.iter().map(|one| (one.kind, one.what.as_str(), one.entries.len())).collect();
        assert_eq!(told, [(SameKind::File, "ada.zip", 2), (SameKind::Text, "", 3)]);
        assert_eq!(same[0].entries, [entries[0], entries[2]]);
        for who in ["ada", "eva", "tess"] {
            let asker = world.actor(who).await;
            assert_eq!(world.market.same_work(&asker, race.task).await.unwrap(), [], "{who}");
        }
    }
}
