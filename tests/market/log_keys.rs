//! Who signs the log, and when nobody does: keys, epochs and the mark outside the database.

use std::sync::Arc;

use ed25519_dalek::SigningKey;
use ledger::{Checkpoint, Receipt, RecordKind, VerifierKey};
use market::books::{AuditFault, AuditReport, KeyRing, MARK, audit, published, read_mark};
use market::{Actor, Market, MarketConfig, RandomIds, Refusal};
use sea_orm::{ConnectionTrait, DatabaseConnection};
use tests::{Tables, World, both};

fn key(seed: u8) -> SigningKey {
    SigningKey::from_bytes(&[seed; 32])
}

/// Another server on the world's database, with a folder and keys of its own choosing.
async fn server(world: &World, folder: &std::path::Path, seeds: &[u8]) -> Market {
    let keys: Vec<SigningKey> = seeds.iter().copied().map(key).collect();
    Market::open::<Tables>(MarketConfig {
        database_url: world.fresh.url.clone(),
        data_dir: folder.to_owned(),
        settings: World::settings(),
        clock: world.clock.clone(),
        ids: Arc::new(RandomIds),
        signer: Some(KeyRing::reading(move || Ok(keys.clone())).unwrap()),
    })
    .await
    .unwrap()
}

async fn checkpoint(market: &Market) -> Checkpoint {
    let note = market.checkpoint().await.unwrap();
    ledger::SignedNote::parse(note.as_bytes()).unwrap().text.parse().unwrap()
}

async fn known_keys(market: &Market) -> Vec<VerifierKey> {
    market.log_keys(&Actor::Visitor).await.unwrap().into_iter().map(|view| view.key).collect()
}

async fn audited(market: &Market) -> Result<AuditReport, AuditFault> {
    audit(market.store().reads(), &known_keys(market).await, |_, _| {}).await
}

fn fault<T: std::fmt::Debug>(outcome: Result<T, Refusal>) -> String {
    match outcome {
        Err(Refusal::Fault(why)) => why,
        other => panic!("no fault: {other:?}"),
    }
}

/// Takes the end of the log away, as an older copy of the database would lack it.
async fn put_back(db: &DatabaseConnection, size: u64) {
    let drop = match db.get_database_backend() {
        sea_orm::DbBackend::Sqlite => {
            ["leaf_kept", "record_kept", "checkpoint_kept", "log_head_moves_forward"]
                .map(|trigger| format!("DROP TRIGGER {trigger}"))
                .join(";")
        }
        _ => ["leaf", "record", "checkpoint", "log_head"]
            .map(|table| format!("ALTER TABLE {table} DISABLE TRIGGER USER"))
            .join(";"),
    };
    db.execute_unprepared(&drop).await.unwrap();
    let gone = format!("SELECT record_id FROM leaf WHERE idx >= {size}");
    let ids = db
        .query_all_raw(sea_orm::Statement::from_string(db.get_database_backend(), gone))
        .await
        .unwrap()
        .into_iter()
        .map(|row| row.try_get::<uuid::Uuid>("", "record_id").unwrap());
    let ids: Vec<_> = ids.collect();
    db.execute_unprepared(&format!(
        "DELETE FROM leaf WHERE idx >= {size}; DELETE FROM checkpoint WHERE size > {size}"
    ))
    .await
    .unwrap();
    for id in ids {
        let id = match db.get_database_backend() {
            sea_orm::DbBackend::Sqlite => format!("X'{}'", id.simple()),
            _ => format!("'{id}'"),
        };
        db.execute_unprepared(&format!(
            "DELETE FROM disclosure WHERE record_id = {id}; DELETE FROM record WHERE id = {id}"
        ))
        .await
        .unwrap();
    }
    let tile = "SELECT hashes FROM tile WHERE level = 0 AND idx = 0";
    let row = db
        .query_one_raw(sea_orm::Statement::from_string(db.get_database_backend(), tile))
        .await
        .unwrap()
        .unwrap();
    let hashes: Vec<u8> = row.try_get("", "hashes").unwrap();
    let hashes = &hashes[..usize::try_from(size).unwrap() * 32];
    let mut tree = ledger::Frontier::default();
    hashes.chunks(32).for_each(|hash| tree.append(hash.try_into().unwrap()));
    let bytes = |bytes: &[u8]| match db.get_database_backend() {
        sea_orm::DbBackend::Sqlite => format!("X'{}'", hex::encode(bytes)),
        _ => format!("decode('{}', 'hex')", hex::encode(bytes)),
    };
    db.execute_unprepared(&format!(
        "UPDATE tile SET hashes = {} WHERE level = 0; UPDATE log_head SET size = {size}, root = {}",
        bytes(hashes),
        bytes(&tree.root())
    ))
    .await
    .unwrap();
}

both! {
    async fn the_mark_is_the_newest_checkpoint_and_is_kept_outside_the_database(world: &World) {
        let folder = world.fresh.path();
        world.give_person("ada", "10").await;
        world.market.seal_now().await.unwrap();
        let newest = checkpoint(&world.market).await;
        assert_eq!(read_mark(folder).unwrap(), Some(newest.clone()));
        assert_eq!(published(folder), Some((newest.origin, newest.size)));
        assert_eq!(std::fs::read_to_string(folder.join(MARK)).unwrap(), world.market.checkpoint().await.unwrap());
    }

    async fn a_log_behind_the_mark_is_not_signed_until_a_new_epoch_says_so(world: &World) {
        world.give_person("ada", "10").await;
        world.market.seal_now().await.unwrap();
        let old = world.market.head(&Actor::Visitor).await.unwrap();
        // Rotation and back: two records that move nothing, so the books without them are sound too.
        let two = server(world, world.fresh.path(), &[7, 8]).await;
        two.rotate_log_key(&Actor::Operator, &key(8).verifying_key()).await.unwrap();
        two.seal_now().await.unwrap();
        let lost = checkpoint(&two).await;
        assert!(lost.size > old.size);
        two.close().await;
        let db = world.fresh.connect().await;
        db.execute_unprepared(match db.get_database_backend() {
            sea_orm::DbBackend::Sqlite => "DROP TRIGGER log_key_kept; DELETE FROM log_key WHERE from_size > 0",
            _ => "ALTER TABLE log_key DISABLE TRIGGER USER; DELETE FROM log_key WHERE from_size > 0",
        }).await.unwrap();
        put_back(&db, old.size).await;
        db.close().await.unwrap();

        let back = server(world, world.fresh.path(), &[7]).await;
        assert!(fault(back.check_mark().await).contains("saima epoch"));
        world.give_person("ben", "1").await;
        assert!(fault(back.seal_now().await).contains("was put back"));
        assert!(fault(back.publish().await).contains("was put back"));
        assert!(back.ping().await.is_err(), "a watcher is told");
        assert_eq!(checkpoint(&back).await.size, old.size, "nothing was published");

        let epoch = back.start_epoch(&Actor::Operator, "An older copy was put back.", None).await.unwrap();
        assert_eq!((epoch.no, epoch.origin.as_str()), (2, "dawn.example/saima/epoch-2"));
        back.check_mark().await.unwrap();
        back.ping().await.unwrap();
        let first = back.record_by_index(&Actor::Visitor, epoch.from_size).await.unwrap();
        assert_eq!((first.kind, Some(first.id)), (RecordKind::Epoch, epoch.record));
        let text = String::from_utf8(first.disclosures[0].data.clone()).unwrap();
        for line in [
            "origin: dawn.example/saima/epoch-2".to_owned(),
            "follows: dawn.example/saima".to_owned(),
            format!("size: {}", epoch.from_size),
            format!("lost: dawn.example/saima {} {}", lost.size, hex::encode(lost.root)),
            "reason: An older copy was put back.".to_owned(),
        ] {
            assert!(text.lines().any(|found| found == line), "{line}: {text}");
        }
        world.give_person("ben", "1").await;
        back.seal_now().await.unwrap();
        let newest = checkpoint(&back).await;
        assert_eq!(newest.origin, epoch.origin);
        assert_eq!(read_mark(world.fresh.path()).unwrap(), Some(newest));
        let report = audited(&back).await.unwrap();
        assert_eq!(report.origin, epoch.origin);
        back.close().await;
    }

    async fn another_history_of_the_same_length_is_not_signed(world: &World) {
        world.give_person("ada", "10").await;
        world.market.seal_now().await.unwrap();
        let mark = std::fs::read_to_string(world.fresh.path().join(MARK)).unwrap();
        let size = read_mark(world.fresh.path()).unwrap().unwrap().size;
        let signer = ledger::NoteSigner::new("dawn.example/saima", key(7)).unwrap();
        let other = Checkpoint::new("dawn.example/saima", size, [9; 32]).sign(&signer).unwrap().to_string();
        std::fs::write(world.fresh.path().join(MARK), other).unwrap();
        world.give_person("ada", "1").await;
        assert!(fault(world.market.seal_now().await).contains("does not go on from"));
        let elsewhere = Checkpoint::new("dusk.example/saima", 0, ledger::tree::empty_root());
        let elsewhere = elsewhere.sign(&ledger::NoteSigner::new("dusk.example/saima", key(7)).unwrap()).unwrap();
        std::fs::write(world.fresh.path().join(MARK), elsewhere.to_string()).unwrap();
        assert!(fault(world.market.seal_now().await).contains("a folder of its own"));
        std::fs::write(world.fresh.path().join(MARK), "").unwrap();
        assert!(fault(world.market.seal_now().await).contains("damaged"));
        std::fs::write(world.fresh.path().join(MARK), mark).unwrap();
        world.market.seal_now().await.unwrap();
    }

    async fn a_key_is_replaced_while_servers_run_and_old_receipts_stay_good(world: &World) {
        let folder = tempfile::tempdir().unwrap();
        let other = server(world, folder.path(), &[7, 9, 8]).await;
        world.give_person("ada", "10").await;
        other.seal_now().await.unwrap();
        let old_key = known_keys(&other).await.remove(0);
        let ada = world.actor("ada").await;
        let record = other.record_by_index(&ada, 0).await.unwrap().id;
        let old = other.receipt(&ada, record).await.unwrap();

        let brought = other.rotate_log_key(&Actor::Operator, &key(9).verifying_key()).await.unwrap();
        other.seal_now().await.unwrap();
        let new_key = known_keys(&other).await.remove(1);
        let note = other.checkpoint().await.unwrap();
        for known in [&old_key, &new_key] {
            assert!(Checkpoint::open(note.as_bytes(), std::slice::from_ref(known)).unwrap().is_signed_by_its_origin());
        }
        let shown = other.record(&Actor::Visitor, brought).await.unwrap();
        let vouched = ledger::SignedNote::parse(&shown.disclosures[0].data).unwrap();
        assert_eq!(vouched.verify(&[old_key.clone(), new_key.clone()]).unwrap().len(), 2);
        assert!(vouched.text.contains(&format!("new: {new_key}\n")), "{}", vouched.text);
        assert!(fault(other.rotate_log_key(&Actor::Operator, &key(8).verifying_key()).await).contains("--finish"));

        // The server that has not got the new key says so, and signs nothing.
        world.give_person("ada", "1").await;
        assert!(fault(world.market.seal_now().await).contains(&new_key.to_string()));
        other.seal_now().await.unwrap();

        other.retire_log_key(&Actor::Operator).await.unwrap();
        world.give_person("ada", "1").await;
        other.seal_now().await.unwrap();
        let note = other.checkpoint().await.unwrap();
        assert!(Checkpoint::open(note.as_bytes(), std::slice::from_ref(&old_key)).is_err(), "it signs no more");
        assert!(Checkpoint::open(note.as_bytes(), std::slice::from_ref(&new_key)).is_ok());
        Receipt::open(&old, std::slice::from_ref(&old_key)).unwrap();
        Receipt::open(&other.receipt(&ada, record).await.unwrap(), &[new_key]).unwrap();
        world.give_person("ada", "1").await;
        assert!(fault(world.market.seal_now().await).contains("does not hold"), "a retired key signs nothing");
        let keys = other.log_keys(&Actor::Visitor).await.unwrap();
        assert!(keys[0].until_size.is_some() && keys[0].retired_by.is_some(), "{keys:?}");
        assert!(fault(other.retire_log_key(&Actor::Operator).await).contains("only one key"));
        assert!(fault(other.rotate_log_key(&Actor::Operator, &key(7).verifying_key()).await).contains("was the log's"));
        audited(&other).await.unwrap();
        // On to a key that the world's own server holds too.
        other.rotate_log_key(&Actor::Operator, &key(8).verifying_key()).await.unwrap();
        other.retire_log_key(&Actor::Operator).await.unwrap();
        other.close().await;
    }

    async fn a_server_with_an_unknown_key_signs_nothing(world: &World) {
        let folder = tempfile::tempdir().unwrap();
        let stranger = server(world, folder.path(), &[42]).await;
        assert!(fault(stranger.check_mark().await).contains("does not hold the private key"));
        world.give_person("ada", "10").await;
        assert!(stranger.seal_now().await.is_err());
        assert!(stranger.checkpoint().await.is_err(), "nothing was signed");
        stranger.close().await;
    }

    async fn a_lost_key_is_replaced_by_a_new_epoch(world: &World) {
        world.give_person("ada", "10").await;
        world.market.seal_now().await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        let stranger = server(world, folder.path(), &[42]).await;
        let epoch = stranger.start_epoch(&Actor::Operator, "The key was lost.", Some(5)).await.unwrap();
        assert_eq!((epoch.no, epoch.origin.as_str()), (5, "dawn.example/saima/epoch-5"));
        assert!(fault(stranger.start_epoch(&Actor::Operator, "Again.", Some(5)).await).contains("higher number"));
        let keys = known_keys(&stranger).await;
        assert_eq!(keys[1].public_key(), &key(42).verifying_key());
        Checkpoint::open(stranger.checkpoint().await.unwrap().as_bytes(), &keys[1..]).unwrap();
        world.give_person("ada", "1").await;
        assert!(fault(world.market.seal_now().await).contains("does not hold"), "the old key has no say");
        stranger.seal_now().await.unwrap();
        audited(&stranger).await.unwrap();
        stranger.close().await;
        let heir = server(world, folder.path(), &[42, 8]).await;
        heir.rotate_log_key(&Actor::Operator, &key(8).verifying_key()).await.unwrap();
        heir.retire_log_key(&Actor::Operator).await.unwrap();
        heir.close().await;
    }

    async fn only_the_operator_touches_epochs_and_keys(world: &World) {
        world.bring("root", market::PersonKind::Member, &[market::Role::Admin]).await;
        for asker in [world.actor("root").await, Actor::Visitor, Actor::Clockwork] {
            assert!(!matches!(world.market.start_epoch(&asker, "Because.", None).await, Err(Refusal::Fault(_)) | Ok(_)));
            let rotated = world.market.rotate_log_key(&asker, &key(8).verifying_key()).await;
            assert!(!matches!(rotated, Err(Refusal::Fault(_)) | Ok(_)));
        }
        for reason in ["", "  ", "two\nlines", &"x".repeat(1_001)] {
            assert!(fault(world.market.start_epoch(&Actor::Operator, reason, None).await).contains("say why"));
        }
    }

    async fn tables_of_epochs_and_keys_are_held_against_their_records(world: &World) {
        let folder = tempfile::tempdir().unwrap();
        let other = server(world, folder.path(), &[7, 8]).await;
        world.give_person("ada", "10").await;
        other.rotate_log_key(&Actor::Operator, &key(8).verifying_key()).await.unwrap();
        other.seal_now().await.unwrap();
        world.wait(time::Duration::seconds(1));
        other.retire_log_key(&Actor::Operator).await.unwrap();
        other.start_epoch(&Actor::Operator, "To have two.", None).await.unwrap();
        audited(&other).await.unwrap();
        let db = world.fresh.connect().await;
        let free = match db.get_database_backend() {
            sea_orm::DbBackend::Sqlite => "DROP TRIGGER epoch_unchanged; DROP TRIGGER log_key_unchanged",
            _ => "ALTER TABLE epoch DISABLE TRIGGER USER; ALTER TABLE log_key DISABLE TRIGGER USER",
        };
        db.execute_unprepared(free).await.unwrap();
        for (change, undo) in [
            ("UPDATE epoch SET reason = 'x' WHERE no = 2", "UPDATE epoch SET reason = 'To have two.' WHERE no = 2"),
            ("UPDATE epoch SET from_size = from_size + 1 WHERE no = 2", "UPDATE epoch SET from_size = from_size - 1 WHERE no = 2"),
            ("UPDATE epoch SET at = at + 1 WHERE no = 2", "UPDATE epoch SET at = at - 1 WHERE no = 2"),
            ("UPDATE epoch SET origin = origin || '0' WHERE no = 2", "UPDATE epoch SET origin = substr(origin, 1, length(origin) - 1) WHERE no = 2"),
            ("UPDATE log_key SET until_size = until_size + 1 WHERE until_size IS NOT NULL", "UPDATE log_key SET until_size = until_size - 1 WHERE until_size IS NOT NULL"),
            ("UPDATE log_key SET from_size = from_size - 1 WHERE epoch = 2", "UPDATE log_key SET from_size = from_size + 1 WHERE epoch = 2"),
            ("UPDATE log_key SET at = at + 1 WHERE epoch = 2", "UPDATE log_key SET at = at - 1 WHERE epoch = 2"),
        ] {
            db.execute_unprepared(change).await.unwrap();
            assert!(audited(&other).await.is_err(), "{change}");
            db.execute_unprepared(undo).await.unwrap();
            audited(&other).await.unwrap_or_else(|fault| panic!("{undo}: {fault}"));
        }
        db.close().await.unwrap();
        other.close().await;
    }
}
