//! Submissions: sealed until the clock stops, deposited at once, never changed.

use market::submission::{FileInput, SubmitInput};
use market::task::Visibility;
use market::{EntryId, FileId, PersonKind, Refusal, Role};
use tests::{Race, Start, World, both, problem_codes};

async fn content_is_open(world: &World, who: &str, entry: EntryId) -> bool {
    let asker = world.actor(who).await;
    let seen = world.market.submissions(&asker, entry).await.unwrap();
    assert_eq!(seen.len(), 1, "that something was handed in is known");
    seen[0].content.is_some()
}

async fn hand_in_a_file(world: &World, race: &Race<'_>, who: &str, bytes: &[u8]) -> (EntryId, FileId) {
    let entry = race.enter(who).await;
    let file = FileInput {
        name: "notes.txt".to_owned(),
        media_type: "text/plain".to_owned(),
        bytes: bytes.to_vec(),
    };
    let links = vec!["https://example.org/demo".to_owned()];
    let input = SubmitInput { entry, body: String::new(), links, files: vec![file], evidence: Vec::new() };
    let asker = world.actor(who).await;
    world.market.submit_work(&asker, None, input).await.unwrap();
    let content = world.market.submissions(&asker, entry).await.unwrap().remove(0).content.unwrap();
    (entry, content.files[0].id)
}

both! {
    async fn a_submission_is_sealed_to_all_but_its_crew_until_the_clock_stops(world: &World) {
        world.bring("aud", PersonKind::Member, &[Role::Auditor]).await;
        let race = world.race(Start::default()).await;
        let entry = race.run("ada").await;
        race.run("ben").await;
        assert!(content_is_open(world, "ada", entry).await);
        for other in ["ben", "mia", "aud", "tess", "eva"] {
            assert!(!content_is_open(world, other, entry).await, "{other} reads a sealed submission");
        }
        race.close().await;
        for (who, open) in [("ada", true), ("mia", true), ("aud", true), ("ben", false), ("eva", false)] {
            assert_eq!(content_is_open(world, who, entry).await, open, "{who}");
        }
    }

    async fn the_digest_of_a_submission_is_on_the_ledger_at_once(world: &World) {
        let race = world.race(Start::default()).await;
        let entry = race.run("ada").await;
        let rival = world.actor("ben").await;
        let seen = world.market.submissions(&rival, entry).await.unwrap().remove(0);
        let record = world.market.record(&rival, seen.record).await.unwrap();
        assert_eq!(record.kind, ledger::RecordKind::Evidence);
        assert!(record.commitments.contains(&seen.digest));
        assert!(record.disclosures.is_empty(), "the text behind it is not disclosed to a rival");
    }

    async fn every_version_stays_as_it_was(world: &World) {
        let race = world.race(Start::default()).await;
        let entry = race.enter("ada").await;
        for body in ["one", "two", "three"] {
            race.try_submit("ada", entry, body).await.unwrap();
        }
        let seen = world.market.submissions(&world.actor("ada").await, entry).await.unwrap();
        let mut bodies: Vec<(u32, String)> =
            seen.into_iter().map(|one| (one.version, one.content.unwrap().body)).collect();
        bodies.sort();
        assert_eq!(bodies, [(1, "one".to_owned()), (2, "two".to_owned()), (3, "three".to_owned())]);
    }

    async fn a_file_comes_back_as_it_was_handed_in_and_to_nobody_else(world: &World) {
        let race = world.race(Start::default()).await;
        let bytes: Vec<u8> = (0..=255).cycle().take(70_000).collect();
        let (_, file) = hand_in_a_file(world, &race, "ada", &bytes).await;
        let (view, read) = world.market.file(&world.actor("ada").await, file).await.unwrap();
        assert_eq!((view.name.as_str(), view.size, read), ("notes.txt", 70_000, bytes));
        for other in ["ben", "mia"] {
            assert_eq!(
                world.market.file(&world.actor(other).await, file).await.unwrap_err(),
                Refusal::NotFound,
                "{other}"
            );
        }
        race.close().await;
        assert!(world.market.file(&race.as_poster().await, file).await.is_ok());
    }

    async fn a_file_that_was_changed_on_disk_is_not_served(world: &World) {
        let race = world.race(Start::default()).await;
        let (_, file) = hand_in_a_file(world, &race, "ada", b"what was handed in").await;
        let stored = find_file(world.fresh.path(), b"what was handed in")
            .expect("the file lies below the data folder");
        std::fs::write(&stored, b"what was slipped in").unwrap();
        let served = world.market.file(&world.actor("ada").await, file).await;
        assert!(matches!(served, Err(Refusal::Fault(_))), "{served:?}");
    }

    async fn a_submission_is_bounded(world: &World) {
        let race = world.race(Start::default()).await;
        let entry = race.enter("ada").await;
        let ada = world.actor("ada").await;
        let empty = SubmitInput { entry, body: " ".to_owned(), links: vec![], files: vec![], evidence: Vec::new() };
        let file = |size: usize| FileInput {
            name: "a.bin".to_owned(),
            media_type: "application/octet-stream".to_owned(),
            bytes: vec![1; size],
        };
        let table = [
            (empty.clone(), "body empty-submission"),
            (SubmitInput { body: "x".repeat(50_001), ..empty.clone() }, "body too-long"),
            (SubmitInput { body: "nul\0byte".to_owned(), ..empty.clone() }, "body control-characters"),
            (
                SubmitInput { links: vec!["javascript:alert(1)".to_owned()], ..empty.clone() },
                "links.0 bad-link",
            ),
            (
                SubmitInput { links: vec!["https://a.example".to_owned(); 11], ..empty.clone() },
                "links too-many-items",
            ),
            (SubmitInput { files: vec![file(1_048_577)], ..empty.clone() }, "files.0.content file-too-large"),
            (SubmitInput { files: vec![file(0)], ..empty.clone() }, "files.0.content file-empty"),
            (
                SubmitInput { files: vec![file(1), file(1), file(1), file(1), file(1), file(1)], ..empty },
                "files too-many-items",
            ),
        ];
        for (input, expected) in table {
            let refusal = world.market.submit_work(&ada, None, input).await.unwrap_err();
            assert!(problem_codes(&refusal).iter().any(|code| code == expected), "{expected}: {refusal:?}");
        }
        let most =
            SubmitInput { entry, body: "x".repeat(50_000), links: vec![], files: vec![file(1_048_576)], evidence: Vec::new() };
        world.market.submit_work(&ada, None, most).await.unwrap();
    }

    async fn an_outsider_knows_nothing_of_the_works_of_an_internal_race(world: &World) {
        world.outsider("otto").await;
        let race = world.race(Start::default()).await;
        let entry = race.run("ada").await;
        let otto = world.actor("otto").await;
        assert_eq!(world.market.submissions(&otto, entry).await.unwrap_err(), Refusal::NotFound);
        assert_eq!(world.market.entry(&otto, entry).await.unwrap_err(), Refusal::NotFound);
        let open = world.race(Start { visibility: Visibility::Open, ..Start::default() }).await;
        let entry = open.run("ada").await;
        assert!(!content_is_open(world, "otto", entry).await);
    }
}

fn find_file(folder: &std::path::Path, bytes: &[u8]) -> Option<std::path::PathBuf> {
    std::fs::read_dir(folder).unwrap().flatten().find_map(|item| {
        let path = item.path();
        if path.is_dir() {
            find_file(&path, bytes)
        } else {
            (std::fs::read(&path).unwrap() == bytes).then_some(path)
        }
    })
}
