//! The log as machines read it, and the signs of life.

use ledger::{Checkpoint, Receipt};
use tests::{Start, TestApp, both, root_of};

both! {
    async fn the_checkpoint_is_public_and_signed_over_the_records_that_members_read(app: &TestApp) {
        let race = app.world.race(Start::default()).await;
        race.run("ada").await;
        app.tick().await;
        let note = app.anonymous().get("/log/checkpoint").await;
        assert_eq!(note.status, 200);
        assert!(note.header("content-type").starts_with("text/plain"));
        let open = Checkpoint::open(note.text.as_bytes(), &[app.verifier_key().await]).unwrap();
        let ada = app.world.actor("ada").await;
        let mut bytes = Vec::new();
        for index in 0..open.checkpoint.size {
            bytes.push(app.world.market.record_by_index(&ada, index).await.unwrap().bytes);
        }
        assert!(bytes.len() > 5);
        assert_eq!(open.checkpoint.root, root_of(&bytes));
        let text = format!("dawn.example/saima\n{}\n", bytes.len());
        assert!(note.text.starts_with(&text), "{}", note.text);
    }

    async fn a_receipt_is_a_file_that_verifies_offline(app: &TestApp) {
        let race =
            app.world.race(Start { visibility: market::task::Visibility::Open, ..Start::default() }).await;
        app.tick().await;
        let record = race.view().await.rules_record.unwrap();
        let index = app.world.market.record(&race.as_poster().await, record).await.unwrap().index.unwrap();
        for path in [
            format!("/ledger/records/{record}/receipt"),
            format!("/log/receipt/{index}"),
            format!("/log/receipt/{record}"),
        ] {
            let file = app.anonymous().get(&path).await;
            assert_eq!(file.status, 200, "{path}");
            let open = Receipt::open(&file.text, &[app.verifier_key().await]).unwrap();
            assert_eq!((open.record.id, open.index), (record, index), "{path}");
            if path.starts_with("/ledger") {
                assert!(file.header("content-disposition").contains(".tlog-proof"), "{path}");
            }
        }
    }

    async fn the_server_tells_whether_it_lives_and_whether_it_is_ready(app: &TestApp) {
        let asker = app.anonymous();
        for path in ["/healthz", "/readyz"] {
            assert_eq!(asker.get(path).await.status, 200, "{path}");
        }
        let robots = asker.get("/robots.txt").await;
        assert!(robots.status == 200 && robots.text.starts_with("User-agent"), "{}", robots.text);
        let icon = asker.get(asker.get("/favicon.svg").await.location()).await;
        assert!(icon.header("content-type").starts_with("image/svg+xml"), "{icon:?}");
    }

    /// The jobs of the program, not the test, seal and settle.
    async fn the_program_seals_and_settles_by_itself(app: &TestApp) {
        let race = app.world.race(Start::default()).await;
        let entry = race.run("ada").await;
        race.close().await;
        race.rule(&[(entry, 1)]).await;
        app.world.clock.set(race.view().await.appeals_until.unwrap());
        for _ in 0..100 {
            let head = app.world.market.head(&market::Actor::Visitor).await.unwrap();
            let settled = race.state().await == market::task::TaskState::Settled;
            if settled
                && head.waiting == 0
                && head.checkpoint.is_some_and(|note| note.contains(&format!("\n{}\n", head.size)))
            {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
        panic!("the jobs did not do it within ten seconds");
    }
}
