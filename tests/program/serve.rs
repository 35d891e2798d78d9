//! Serving and stopping.

use std::os::unix::fs::PermissionsExt as _;
use std::time::Duration;

use serde_json::json;
use tests::HttpAsker;

use crate::process::{Place, files};

#[tokio::test]
async fn it_says_where_it_listens_and_stops_when_told() {
    for signal in ["TERM", "INT"] {
        let place = Place::new();
        let serving = place.serve().await;
        assert_eq!(serving.anonymous().get("/healthz").await.status, 200);
        assert_eq!(serving.anonymous().get("/").await.status, 200);
        serving.signal(signal);
        let (code, said) = serving.end().await;
        assert_eq!((code, said), (Some(0), vec![]), "{signal}");
    }
}

#[tokio::test]
async fn what_was_written_is_sealed_and_signed_before_it_stops() {
    let place = Place::new();
    place.add("tess", &["treasurer"]).await;
    let serving = place.serve().await;
    let tess = serving.api("tess").await;
    let issue = json!({ "amount": "7", "reason": "The last act.", "idempotencyKey": "k" });
    tess.mutate("issueTokens", issue, "record { id }").await;
    serving.stop().await;
    let report = place.run(&["verify"]).await.well();
    assert!(report.contains("1 sealed, 0 waiting") && report.contains("signatures good"), "{report}");
}

#[tokio::test]
async fn it_goes_on_where_it_stopped() {
    let place = Place::new();
    place.add("tess", &["treasurer"]).await;
    let mut size = 0;
    for round in 0..3 {
        let serving = place.serve().await;
        let tess = serving.api("tess").await;
        let issue = json!({ "amount": "1", "reason": "Again.", "idempotencyKey": format!("k{round}") });
        let issued = tess.mutate("issueTokens", issue, "treasury { issued }").await;
        assert_eq!(issued["treasury"]["issued"], format!("{}.00", round + 1));
        serving.stop().await;
        size += 1;
    }
    assert!(place.run(&["verify"]).await.well().contains(&format!("{size} sealed")));
}

#[tokio::test]
async fn secrets_lie_in_files_that_nobody_else_can_read() {
    let place = Place::new();
    place.serve().await.stop().await;
    let mut keys = files(&place.data().join("keys"));
    keys.retain(|key| key.extension().is_some_and(|ending| ending == "key"));
    assert_eq!(keys.len(), 2, "{keys:?}");
    for key in keys {
        assert_eq!(std::fs::metadata(&key).unwrap().permissions().mode() & 0o777, 0o600, "{}", key.display());
    }
}

#[tokio::test]
async fn a_key_that_others_can_read_is_not_used() {
    let place = Place::new();
    place.serve().await.stop().await;
    let key = place.data().join("keys/log.key");
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o644)).unwrap();
    let complaint = place.run(&["serve", "--listen", "127.0.0.1:0"]).await.badly(1);
    assert!(complaint.contains("log.key"), "{complaint}");
}

#[tokio::test]
async fn a_port_that_is_taken_is_told() {
    let (one, other) = (Place::new(), Place::new());
    let serving = one.serve().await;
    let address = serving.base.trim_start_matches("http://").to_owned();
    let complaint = other.run(&["serve", "--listen", &address]).await.badly(1);
    assert!(complaint.contains(&address), "{complaint}");
    serving.stop().await;
}

#[tokio::test]
async fn an_installation_keeps_its_asset_whatever_it_is_told_later() {
    let place = Place::new();
    place.serve().await.stop().await;
    let other = place.with("SAIMA_ASSET_CODE", "OTHER");
    let complaint = other.run(&["serve", "--listen", "127.0.0.1:0"]).await.badly(1);
    assert!(complaint.contains("SAI with 2 decimals"), "{complaint}");
}

/// The log holds neither passwords nor tokens nor the secrets of invitations.
#[tokio::test]
async fn no_secret_is_logged() {
    let place = Place::new()
        .with("SAIMA_LOG", "trace,sqlx=warn,sea_orm=warn,h2=warn,hyper=warn")
        .with("SAIMA_LOG_FORMAT", "json");
    place.add("root", &["admin"]).await;
    let log = place.path("log");
    let mut child = tokio::process::Command::new(env!("CARGO_BIN_EXE_saima-under-test"))
        .args(["serve", "--listen", "127.0.0.1:0"])
        .current_dir(place.folder.path())
        .env("SAIMA_LOG", "debug")
        .env_remove("TEST_POSTGRES")
        .stdout(std::process::Stdio::piped())
        .stderr(std::fs::File::create(&log).unwrap())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut lines =
        tokio::io::AsyncBufReadExt::lines(tokio::io::BufReader::new(child.stdout.take().unwrap()));
    let base = lines.next_line().await.unwrap().unwrap().trim_start_matches("listening on ").to_owned();
    let mut root = HttpAsker::new(&base);
    root.sign_in_to_api("root").await;
    let invited = root.mutate("invitePerson", json!({ "email": "new@dawn.example" }), "secret").await;
    let invitation = invited["secret"].as_str().unwrap().to_owned();
    let visitor = HttpAsker::new(&base);
    assert_eq!(visitor.get(&format!("/invitation/{invitation}")).await.status, 200);
    visitor.sign_in("root").await;
    child.start_kill().unwrap();
    child.wait().await.unwrap();
    let log = std::fs::read_to_string(log).unwrap();
    for secret in [tests::PASSWORD, invitation.as_str(), root.token(), root.refresh.as_deref().unwrap()] {
        assert!(!log.contains(secret), "a secret is in the log: {}", &secret[..8]);
    }
}

/// An address where nobody listens at this moment.
fn free() -> String {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string()
}

#[tokio::test]
async fn whoever_comes_while_tables_are_made_is_told_to_come_back_and_served_then() {
    let place = Place::new();
    std::fs::create_dir_all(place.data()).unwrap();
    let file = rusqlite::Connection::open(place.data().join("saima.db")).unwrap();
    file.pragma_update(None, "journal_mode", "WAL").unwrap();
    // Somebody writes, and the tables have to wait.
    file.execute_batch("BEGIN IMMEDIATE").unwrap();
    let address = free();
    let asker = HttpAsker::new(&format!("http://{address}"));
    let arguments = ["serve", "--listen", &address];
    let watch = async {
        let mut tries = 0;
        while asker.try_get("/healthz").await.is_none() {
            tries += 1;
            assert!(tries < 600, "nobody listens");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        assert_eq!(asker.get("/healthz").await.status, 200, "the process is alive");
        let ready = asker.get("/readyz").await;
        assert_eq!(ready.status, 503);
        let page = asker.get("/tasks").await;
        assert_eq!((page.status, page.header("retry-after")), (503, "5"));
        for said in ["http-equiv=\"refresh\"", "Back in a moment", "马上回来"] {
            assert!(page.text.contains(said), "{said}: {}", page.text);
        }
        assert!(page.header("content-security-policy").contains("default-src"));
        let style =
            page.text.split("rel=\"stylesheet\" href=\"").nth(1).and_then(|rest| rest.split('"').next());
        assert_eq!(asker.get(style.unwrap()).await.status, 200, "with its style");
        let api = asker.graphql("{ viewer { person { handle } } }", json!({})).await;
        assert!(
            api.status == 503 && api.json()["errors"][0]["extensions"]["code"] == "STARTING",
            "{}",
            api.text
        );
        file.execute_batch("ROLLBACK").unwrap();
    };
    let (serving, ()) = tokio::join!(place.start(&arguments), watch);
    assert_eq!(serving.anonymous().get("/readyz").await.status, 200);
    assert_eq!(asker.get("/tasks").await.status, 200, "at the same address");
    serving.stop().await;
}

#[tokio::test]
async fn a_database_of_a_newer_version_is_refused_in_words() {
    let place = Place::new();
    place.serve().await.stop().await;
    let file = rusqlite::Connection::open(place.data().join("saima.db")).unwrap();
    file.execute("INSERT INTO seaql_migrations (version, applied_at) VALUES ('m9999_tomorrow', 0)", [])
        .unwrap();
    drop(file);
    let complaint = place.run(&["serve", "--listen", "127.0.0.1:0"]).await.badly(1);
    assert!(
        complaint.contains("newer than this program") && complaint.contains("m9999_tomorrow"),
        "{complaint}"
    );
    assert!(complaint.contains("restore a backup"), "it says what to do: {complaint}");
}
