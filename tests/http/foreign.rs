//! What tools that nobody here wrote say of our log.

use std::path::Path;
use std::process::Command;

use market::LogAccess;
use tests::{Db, Stage, TestApp};

/// Where Debian's golang-golang-x-mod-dev puts Go's own checks of transparency logs.
const GO_SOURCES: &str = "/usr/share/gocode";

/// Where Go keeps what it has built.
const CACHE: &str = concat!(env!("CARGO_TARGET_TMPDIR"), "/go");

/// Runs the Go program over a log; answers what it printed.
fn go(arguments: &[&str]) -> Result<String, String> {
    let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("foreign/sumdb.go");
    let ran = Command::new("go")
        .arg("run")
        .arg(program)
        .args(arguments)
        .envs([("GO111MODULE", "off"), ("GOPATH", GO_SOURCES), ("GOFLAGS", ""), ("GOCACHE", CACHE)])
        .output()
        .expect("golang-go and golang-golang-x-mod-dev are installed");
    let said = String::from_utf8_lossy(&ran.stdout).into_owned();
    if ran.status.success() { Ok(said) } else { Err(said + &String::from_utf8_lossy(&ran.stderr)) }
}

#[tokio::test(flavor = "multi_thread")]
async fn gos_checksum_database_code_verifies_our_log_and_our_receipts() {
    let app = TestApp::start_with(Db::Sqlite, |_| {}).await;
    app.world.grow_log(260).await;
    let ada = app.api("ada").await;
    let receipt = app.world.fresh.path().join("receipt.tlog-proof");
    std::fs::write(&receipt, ada.get("/log/receipt/42").await.text).unwrap();
    let (log, key) = (format!("{}/log", app.base), app.verifier_key().await.to_string());
    let receipt = receipt.to_str().unwrap();
    let good = ["-log", &log, "-key", &key, "-token", ada.token(), "-receipt", receipt];
    let said = tokio::task::block_in_place(|| go(&good)).unwrap_or_else(|error| panic!("{error}"));
    for line in [
        "checkpoint of dawn.example/saima: 260",
        "records proved: 260",
        "sizes consistent: 9",
        "receipt good",
    ] {
        assert!(said.contains(line), "{line}: {said}");
    }
    let without = ["-log", &log, "-key", &key, "-receipt", receipt];
    let refused = tokio::task::block_in_place(|| go(&without)).unwrap_err();
    assert!(refused.contains("401"), "{refused}");
    app.strike().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn gos_code_refuses_a_receipt_that_was_touched() {
    let app = TestApp::start_with(Db::Sqlite, |config| config.settings.log_access = LogAccess::Public).await;
    app.world.grow_log(4).await;
    let ada = app.api("ada").await;
    let path = app.world.fresh.path().join("receipt.tlog-proof");
    let text = ada.get("/log/receipt/2").await.text;
    std::fs::write(&path, text.replacen("index 2", "index 1", 1)).unwrap();
    let (log, key) = (format!("{}/log", app.base), app.verifier_key().await.to_string());
    let touched = ["-log", &log, "-key", &key, "-receipt", path.to_str().unwrap()];
    let refused = tokio::task::block_in_place(|| go(&touched)).unwrap_err();
    assert!(refused.contains("records proved: 4") && refused.contains("receipt:"), "{refused}");
    app.strike().await;
}
