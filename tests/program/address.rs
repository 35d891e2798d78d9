//! Verifying a log by its address: a running server, and any other place that holds the same files.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use ledger::tile::follow::files;
use ledger::{Checkpoint, VerifierKey};
use reqwest::Method;
use serde_json::json;
use tests::HttpAsker;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

use crate::process::{Place, Serving};

/// A running installation with a few records, its key, and somebody with a token.
async fn installation(place: &Place) -> (Serving, String, HttpAsker) {
    place.add("tess", &["treasurer"]).await;
    let serving = place.serve().await;
    let tess = serving.api("tess").await;
    let own = tess.must("{ viewer { person { id } } }", json!({})).await["viewer"]["person"]["id"].clone();
    let reason = "A start.";
    tess.mutate(
        "issueTokens",
        json!({ "amount": "10", "reason": reason, "idempotencyKey": "k1" }),
        "record { id }",
    )
    .await;
    for key in ["k2", "k3", "k4", "k5"] {
        let input = json!({ "to": own, "amount": "1.25", "reason": reason, "idempotencyKey": key });
        tess.mutate("allocateTokens", input, "record { id }").await;
    }
    let key = place.run(&["key", "show"]).await.well().trim().to_owned();
    for _ in 0..100 {
        if checkpoint(&serving, &key).await.size == 5 {
            return (serving, key, tess);
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    panic!("nothing was signed within ten seconds")
}

async fn checkpoint(serving: &Serving, key: &str) -> Checkpoint {
    let note = serving.anonymous().get("/log/checkpoint").await;
    let keys: [VerifierKey; 1] = [key.parse().unwrap()];
    match Checkpoint::open(note.text.as_bytes(), &keys) {
        Ok(open) => open.checkpoint,
        Err(_) => Checkpoint::new("none", 0, ledger::tree::empty_root()),
    }
}

#[tokio::test]
async fn a_running_log_is_verified_by_whoever_has_its_key_and_a_token() {
    let place = Place::new();
    let (serving, key, tess) = installation(&place).await;
    let url = format!("{}/log", serving.base);
    let elsewhere = Place::new();
    let told = elsewhere.run(&["verify", &url, "--key", &key, "--token", tess.token()]).await.well();
    for part in [
        "verified: ",
        "records      5",
        "postings     10",
        "accounts     3",
        "supply       1000 minor",
        "signed by",
    ] {
        assert!(told.contains(part), "{part}: {told}");
    }
    let by_variable = Place::new().with("SAIMA_TOKEN", tess.token());
    by_variable.run(&["verify", &format!("{url}/"), "--key", &key]).await.well();
    assert!(!elsewhere.data().exists(), "no installation is needed");

    let complaint = elsewhere.run(&["verify", &url, "--key", &key]).await.badly(1);
    assert!(complaint.contains("--token"), "{complaint}");
    let complaint = elsewhere.run(&["verify", &url]).await.badly(1);
    assert!(complaint.contains("--key"), "{complaint}");
    let other = Place::new();
    other.serve().await.stop().await;
    let stranger = other.run(&["key", "show"]).await.well().trim().to_owned();
    elsewhere.run(&["verify", &url, "--key", &stranger, "--token", tess.token()]).await.badly(1);
    serving.stop().await;
    let complaint = elsewhere.run(&["verify", &url, "--key", &key, "--token", tess.token()]).await.badly(1);
    assert!(complaint.contains("NOT VERIFIED"), "{complaint}");
}

#[tokio::test]
async fn a_statement_is_verified_by_itself_and_a_touched_one_is_not() {
    let place = Place::new();
    let (serving, key, tess) = installation(&place).await;
    let seen = tess.must("{ viewer { wallet { account } } }", json!({})).await;
    let account = seen["viewer"]["wallet"]["account"].as_str().unwrap();
    let text = tess.get(&format!("/log/statement/{account}")).await.text;
    serving.stop().await;
    let elsewhere = Place::new();
    std::fs::write(elsewhere.path("mine"), &text).unwrap();
    let told = elsewhere.run(&["verify", "mine", "--key", &key]).await.well();
    for part in [
        "lines 1 to 4 of account",
        "none missing",
        "before       0",
        "+125 -> 250",
        "A start.",
        "after        500",
    ] {
        assert!(told.contains(part), "{part}: {told}");
    }
    // The second line is left out, and the others are numbered as if nothing had been there.
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let second = lines.iter().position(|line| line.starts_with("record 2 ")).unwrap();
    let without: String = lines[..second].iter().chain(&lines[second + 2..]).copied().collect();
    for touched in [without, text.replacen("lines 1 4", "lines 1 3", 1)] {
        std::fs::write(elsewhere.path("touched"), touched).unwrap();
        elsewhere.run(&["verify", "touched", "--key", &key]).await.badly(1);
    }
}

/// Another place with the same files: plain HTTP, nothing of ours.
struct Mirror {
    base: String,
    files: Arc<Mutex<BTreeMap<String, Vec<u8>>>>,
    hiccups: Arc<AtomicU32>,
    serving: JoinHandle<()>,
}

impl Mirror {
    async fn of(serving: &Serving, asker: &HttpAsker, key: &str) -> Self {
        let size = checkpoint(serving, key).await.size;
        let mut kept = BTreeMap::new();
        for path in files(size).map(|path| path.to_string()).chain(["checkpoint".to_owned()]) {
            let answer = asker.request(Method::GET, &format!("/log/{path}")).send().await.unwrap();
            assert_eq!(answer.status(), 200, "{path}");
            kept.insert(format!("/log/{path}"), answer.bytes().await.unwrap().to_vec());
        }
        let files = Arc::new(Mutex::new(kept));
        let hiccups = Arc::new(AtomicU32::new(0));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}/log", listener.local_addr().unwrap());
        let (shelf, trouble) = (Arc::clone(&files), Arc::clone(&hiccups));
        let serving = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                answer(stream, &shelf, &trouble).await;
            }
        });
        Self { base, files, hiccups, serving }
    }

    fn change(&self, path: &str, change: impl FnOnce(&mut Vec<u8>)) {
        change(self.files.lock().unwrap().get_mut(path).unwrap());
    }
}

impl Drop for Mirror {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn answer(mut stream: TcpStream, files: &Mutex<BTreeMap<String, Vec<u8>>>, hiccups: &AtomicU32) {
    let mut request = Vec::new();
    let mut chunk = [0; 1_024];
    while !request.windows(4).any(|end| end == b"\r\n\r\n") {
        match stream.read(&mut chunk).await {
            Ok(read) if read > 0 => request.extend_from_slice(&chunk[..read]),
            _ => return,
        }
    }
    let request = String::from_utf8_lossy(&request).into_owned();
    let path = request.split(' ').nth(1).unwrap_or_default();
    let found = files.lock().unwrap().get(path).cloned();
    let stumbles =
        hiccups.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_ok();
    let (status, body) = match found {
        _ if stumbles => ("503 Busy", Vec::new()),
        Some(body) => ("200 OK", body),
        None => ("404 Not Found", Vec::new()),
    };
    let head = format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len());
    let _gone = stream.write_all(&[head.as_bytes(), &body].concat()).await;
}

#[tokio::test]
async fn any_place_with_the_same_files_is_as_good_and_every_change_is_found() {
    let place = Place::new();
    let (serving, key, tess) = installation(&place).await;
    let mirror = Mirror::of(&serving, &tess, &key).await;
    serving.stop().await;
    let base = mirror.base.clone();
    let verify = async |more: &[&str]| place.run(&[&["verify", &base, "--key", &key], more].concat()).await;
    verify(&[]).await.well();
    mirror.hiccups.store(2, Ordering::SeqCst);
    verify(&[]).await.well();

    let paths: Vec<String> = mirror.files.lock().unwrap().keys().cloned().collect();
    assert_eq!(paths, ["/log/checkpoint", "/log/tile/0/000.p/5", "/log/tile/entries/000.p/5"]);
    for path in &paths {
        let length = mirror.files.lock().unwrap()[path].len();
        for at in [0, length / 2, length - 2] {
            mirror.change(path, |bytes| bytes[at] ^= 1);
            let complaint = verify(&[]).await.badly(1);
            let name = path.trim_start_matches("/log/");
            assert!(
                complaint.contains("NOT VERIFIED") && complaint.contains(name),
                "{path} {at}: {complaint}"
            );
            mirror.change(path, |bytes| bytes[at] ^= 1);
        }
        let whole = mirror.files.lock().unwrap().remove(path).unwrap();
        verify(&[]).await.badly(1);
        mirror.files.lock().unwrap().insert(path.clone(), whole);
    }
    verify(&[]).await.well();

    // Once a tile is full, a log may drop the partial ones: they are cut from the full one.
    for name in ["tile/0/000", "tile/entries/000"] {
        let mut files = mirror.files.lock().unwrap();
        let mut full = files.remove(&format!("/log/{name}.p/5")).unwrap();
        full.extend_from_slice(&[0; 32]);
        files.insert(format!("/log/{name}"), full);
    }
    verify(&[]).await.well();
    let tree_only = verify(&["--tree-only"]).await.well();
    assert!(tree_only.contains("records      5") && tree_only.contains("NOT looked at"), "{tree_only}");
}
