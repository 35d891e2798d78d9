//! No rollback, no fork: the mark outside the database, keys in their files, backups and epochs.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::time::Duration;

use sea_orm::{ConnectionTrait, Database};
use serde_json::json;
use tests::{Db, Fresh, HttpAsker};

use crate::process::{Place, Serving};

/// Issues tokens under this key; answers the record's receipt.
async fn issue(serving: &Serving, key: &str) -> String {
    let tess = serving.api("tess").await;
    let input = json!({ "amount": "10", "reason": "A start.", "idempotencyKey": key });
    let done = tess.mutate("issueTokens", input, "record { id index receipt }").await;
    receipt(&tess, done["record"]["id"].as_str().unwrap()).await
}

async fn receipt(tess: &HttpAsker, record: &str) -> String {
    for _ in 0..100 {
        let found = tess
            .must("query($id: ID!) { node(id: $id) { ... on Record { receipt } } }", json!({ "id": record }))
            .await;
        if let Some(receipt) = found["node"]["receipt"].as_str() {
            return receipt.to_owned();
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("no receipt within ten seconds");
}

async fn checkpoint_of(serving: &Serving) -> String {
    serving.anonymous().get("/log/checkpoint").await.text
}

/// Copies a database that nobody has open.
fn copy_database(from: &Path, to: &Path) {
    for end in ["", "-wal", "-shm"] {
        let (from, to) = (format!("{}{end}", from.display()), format!("{}{end}", to.display()));
        let _gone = std::fs::remove_file(&to);
        if Path::new(&from).exists() {
            std::fs::copy(from, to).unwrap();
        }
    }
}

async fn all_keys(place: &Place) -> Vec<String> {
    let told = place.run(&["key", "show", "--all"]).await.well();
    told.lines().flat_map(|line| ["--key".to_owned(), line.to_owned()]).collect()
}

/// Whether the receipt verifies by these keys alone, far from the installation.
async fn verifies(receipt: &str, keys: &[String]) -> bool {
    let elsewhere = Place::new();
    std::fs::write(elsewhere.path("r.tlog-proof"), receipt).unwrap();
    let mut arguments = vec!["verify", "r.tlog-proof"];
    arguments.extend(keys.iter().map(String::as_str));
    elsewhere.run(&arguments).await.code == 0
}

#[tokio::test]
async fn an_older_database_put_back_is_refused_until_a_new_epoch_says_so() {
    let place = Place::new();
    place.add("tess", &["treasurer"]).await;
    let database = place.data().join("saima.db");
    let serving = place.serve().await;
    let old = issue(&serving, "k1").await;
    serving.stop().await;
    copy_database(&database, &place.path("older.db"));
    let serving = place.serve().await;
    let lost = issue(&serving, "k2").await;
    serving.stop().await;
    copy_database(&place.path("older.db"), &database);

    for command in [&["serve", "--listen", "127.0.0.1:0"][..], &["verify"], &["key", "rotate"]] {
        let complaint = place.run(command).await.badly(1);
        assert!(complaint.contains("was put back") && complaint.contains("saima epoch"), "{complaint}");
    }
    let told = place.run(&["epoch", "--reason", "The disk was replaced by an older copy."]).await.well();
    assert!(told.contains("epoch 2") && told.contains("/epoch-2"), "{told}");
    let serving = place.serve().await;
    let new = issue(&serving, "k3").await;
    assert!(checkpoint_of(&serving).await.starts_with("localhost/saima/epoch-2\n"));
    let listed = serving.anonymous().get("/log/keys").await.text;
    assert_eq!(listed.lines().filter(|line| !line.starts_with('#')).count(), 2, "{listed}");
    serving.stop().await;
    let report = place.run(&["verify"]).await.well();
    assert!(report.contains("signatures good") && report.contains("epoch-2"), "{report}");
    let keys = all_keys(&place).await;
    assert_eq!(keys.len(), 4);
    for receipt in [&old, &lost, &new] {
        assert!(verifies(receipt, &keys).await, "what was signed stays signed");
    }
    assert!(!verifies(&new, &keys[..2]).await && !verifies(&old, &keys[2..]).await, "each by its own epoch");
}

#[tokio::test]
async fn a_published_checkpoint_that_is_gone_is_missed() {
    let place = Place::new();
    place.add("tess", &["treasurer"]).await;
    let serving = place.serve().await;
    issue(&serving, "k1").await;
    issue(&serving, "k2").await;
    serving.stop().await;
    place.run(&["verify"]).await.well();
    let db =
        Database::connect(format!("sqlite://{}", place.data().join("saima.db").display())).await.unwrap();
    for sql in [
        "DROP TRIGGER checkpoint_kept",
        "DELETE FROM checkpoint WHERE size = (SELECT MAX(size) FROM checkpoint)",
    ] {
        db.execute_unprepared(sql).await.unwrap();
    }
    db.close().await.unwrap();
    let complaint = place.run(&["verify"]).await.badly(1);
    assert!(complaint.contains("is gone from the database"), "{complaint}");
}

#[tokio::test]
async fn a_key_is_replaced_while_the_server_serves() {
    let place = Place::new();
    place.add("tess", &["treasurer"]).await;
    let serving = place.serve().await;
    let old = issue(&serving, "k1").await;
    let old_key = place.run(&["key", "show"]).await.well().trim().to_owned();
    let told = place.run(&["key", "rotate"]).await.well();
    assert!(told.contains("signs beside the old one"), "{told}");
    let both = issue(&serving, "k2").await;
    let keys = all_keys(&place).await;
    assert_eq!((keys.len(), &keys[1]), (4, &old_key));
    assert_ne!(place.run(&["key", "show"]).await.well().trim(), old_key);
    for known in [&keys[..2], &keys[2..], &keys[..]] {
        assert!(verifies(&both, known).await, "{known:?}");
    }
    place.run(&["key", "rotate"]).await.badly(1);
    let told = place.run(&["key", "rotate", "--finish"]).await.well();
    let gone = told.lines().find_map(|line| line.strip_prefix("its private half may be destroyed now: "));
    std::fs::remove_file(place.path(gone.expect("the file is named"))).unwrap();
    let new = issue(&serving, "k3").await;
    assert!(verifies(&new, &keys[2..]).await && !verifies(&new, &keys[..2]).await);
    assert!(verifies(&old, &keys[..2]).await, "old receipts stay good");
    serving.stop().await;
    let serving = place.serve().await;
    issue(&serving, "k4").await;
    let listed = serving.anonymous().get("/log/keys").await.text;
    assert!(listed.contains(&old_key) && listed.trim_end().ends_with(" -"), "{listed}");
    serving.stop().await;
    assert!(place.run(&["verify"]).await.well().contains("signatures good"));
    assert_eq!(
        std::fs::read_dir(place.data().join("keys")).unwrap().count(),
        3,
        "one private key of the log"
    );
}

#[tokio::test]
async fn a_key_file_that_others_can_read_is_refused() {
    let place = Place::new();
    place.run(&["key", "new"]).await.well();
    let key = place.data().join("keys/log.key");
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o644)).unwrap();
    let complaint = place.run(&["serve", "--listen", "127.0.0.1:0"]).await.badly(1);
    assert!(complaint.contains("chmod 600"), "{complaint}");
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o600)).unwrap();
    place.serve().await.stop().await;
}

#[tokio::test]
async fn a_log_key_can_come_from_the_environment_and_be_replaced_there() {
    let (first, second) =
        ("AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=", "AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI=");
    let place = Place::new().with("SAIMA_LOG_KEY", first);
    place.add("tess", &["treasurer"]).await;
    assert!(!place.data().join("keys/log.key").exists());
    assert!(place.run(&["key", "rotate"]).await.badly(1).contains("SAIMA_LOG_KEY_NEXT"));
    let place = place.with("SAIMA_LOG_KEY_NEXT", second);
    place.run(&["key", "rotate"]).await.well();
    let serving = place.serve().await;
    issue(&serving, "k1").await;
    serving.stop().await;
    place.run(&["key", "rotate", "--finish"]).await.well();
    let place = place.with("SAIMA_LOG_KEY", second).with("SAIMA_LOG_KEY_NEXT", "");
    let serving = place.serve().await;
    issue(&serving, "k2").await;
    serving.stop().await;
    place.run(&["verify"]).await.well();
}

/// Takes a backup of `place` in the middle of its serving, and issues once more; answers both receipts.
async fn backed_up(place: &Place, with_keys: bool) -> (String, String) {
    place.add("tess", &["treasurer"]).await;
    let serving = place.serve().await;
    let before = issue(&serving, "k1").await;
    let backup = if with_keys { vec!["backup", "copy", "--with-keys"] } else { vec!["backup", "copy"] };
    let told = place.run(&backup).await.well();
    assert!(told.contains("parts"), "{told}");
    place.run(&backup).await.badly(1);
    let after = issue(&serving, "k2").await;
    serving.stop().await;
    (before, after)
}

async fn goes_on_in_epoch_2(place: &Place, before: &str) {
    let serving = place.serve().await;
    let new = issue(&serving, "k3").await;
    assert!(checkpoint_of(&serving).await.starts_with("localhost/saima/epoch-2\n"));
    serving.stop().await;
    place.run(&["verify"]).await.well();
    let keys = all_keys(place).await;
    assert!(verifies(before, &keys).await && verifies(&new, &keys).await);
}

#[tokio::test]
async fn a_backup_taken_while_serving_is_restored_into_a_new_epoch() {
    let place = Place::new();
    let (before, after) = backed_up(&place, true).await;
    let told = place.run(&["restore", "copy", "--data", "elsewhere"]).await.well();
    assert!(told.contains("restored and verified") && told.contains("epoch 2"), "{told}");
    let elsewhere = place.with("SAIMA_DATA", "elsewhere");
    assert!(verifies(&after, &all_keys(&elsewhere).await).await, "what was lost was signed by the same key");
    elsewhere.run(&["restore", "copy"]).await.badly(1);
    goes_on_in_epoch_2(&elsewhere, &before).await;
}

#[tokio::test]
async fn a_backup_that_lacks_nothing_goes_on_without_a_new_epoch() {
    let place = Place::new();
    place.add("tess", &["treasurer"]).await;
    let serving = place.serve().await;
    let before = issue(&serving, "k1").await;
    serving.stop().await;
    place.run(&["backup", "copy"]).await.well();
    assert!(!place.path("copy/keys").exists());
    std::fs::remove_dir_all(place.data().join("files")).unwrap();
    for end in ["", "-wal", "-shm"] {
        let _gone = std::fs::remove_file(place.data().join(format!("saima.db{end}")));
    }
    let told = place.run(&["restore", "copy"]).await.well();
    assert!(told.contains("the log goes on"), "{told}");
    let serving = place.serve().await;
    let after = issue(&serving, "k2").await;
    serving.stop().await;
    let keys = all_keys(&place).await;
    assert_eq!(keys.len(), 2);
    assert!(verifies(&before, &keys).await && verifies(&after, &keys).await);
}

#[tokio::test]
async fn a_damaged_backup_is_refused_and_leaves_no_installation() {
    let place = Place::new();
    backed_up(&place, false).await;
    let database = place.path("copy/saima.db");
    let mut bytes = std::fs::read(&database).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&database, bytes).unwrap();
    let complaint = place.run(&["restore", "copy", "--data", "elsewhere"]).await.badly(1);
    assert!(complaint.contains("saima.db is not what it was"), "{complaint}");
    std::fs::remove_file(database).unwrap();
    place.run(&["restore", "copy", "--data", "elsewhere"]).await.badly(1);
    place.run(&["restore", "nowhere", "--data", "elsewhere"]).await.badly(1);
    assert!(!place.path("elsewhere").exists());
    let complaint = place.run(&["restore", "copy"]).await.badly(1);
    assert!(complaint.contains("is not what it was") || complaint.contains("saima.db"), "{complaint}");
}

/// From PostgreSQL to SQLite, and from there to another PostgreSQL.
#[tokio::test]
async fn a_backup_of_postgres_is_restored_to_either() {
    let (one, other) = (Fresh::without_tables(Db::Postgres).await, Fresh::without_tables(Db::Postgres).await);
    let place = Place::new().with("SAIMA_DATABASE_URL", &one.url);
    let (before, _) = backed_up(&place, true).await;
    let lite = "sqlite://elsewhere/saima.db?mode=rwc";
    place.run(&["restore", "copy", "--data", "elsewhere", "--database", lite]).await.well();
    let refused = place.run(&["restore", "copy", "--data", "third"]).await.badly(1);
    assert!(refused.contains("holds tables already"), "{refused}");
    let place = place.with("SAIMA_DATA", "third").with("SAIMA_DATABASE_URL", &other.url);
    place.run(&["restore", "copy"]).await.well();
    goes_on_in_epoch_2(&place, &before).await;
    let place = place.with("SAIMA_DATA", "elsewhere").with("SAIMA_DATABASE_URL", lite);
    goes_on_in_epoch_2(&place, &before).await;
    one.drop().await;
    other.drop().await;
}
