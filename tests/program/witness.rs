//! Witnesses as processes: one against a log of our own making, word for word by the protocol; and three
//! beside a server, of which one and then two go away.

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt as _;
use std::sync::Arc;
use std::time::Duration;

use ed25519_dalek::SigningKey;
use ed25519_dalek::pkcs8::DecodePrivateKey as _;
use ledger::{
    AddCheckpoint, Checkpoint, Hash, NoteSigner, Policy, Receipt, SignedNote, VerifierKey, leaf_hash, tile,
    witness::monitor_path,
};
use serde_json::{Value, json};
use tests::{Answer, HttpAsker};

use crate::process::{Place, Serving};

const ORIGIN: &str = "log.example/test";

/// A log that can be made to grow, and to lie.
struct Log {
    signer: NoteSigner,
    leaves: Vec<Hash>,
}

impl Log {
    fn new() -> Self {
        Self::of(NoteSigner::new(ORIGIN, SigningKey::from_bytes(&[5; 32])).unwrap())
    }

    fn of(signer: NoteSigner) -> Self {
        Self { signer, leaves: (0..64_u8).map(|at| leaf_hash(&[at])).collect() }
    }

    fn forked() -> Self {
        let mut log = Self::new();
        log.leaves[1] = [0; 32];
        log
    }

    fn key(&self) -> String {
        self.signer.verifier_key().to_string()
    }

    /// The body that asks for a cosignature over `size` records, with the proof from `old`.
    fn ask(&self, old: u64, size: usize) -> String {
        let tree = tile::append(0, &BTreeMap::new(), &self.leaves[..size]).unwrap();
        let (new, root) = (tree.new_size, tree.root);
        let tiles: BTreeMap<_, _> =
            tree.tiles.into_iter().map(|(level, index, bytes)| ((level, index), bytes)).collect();
        let proof = if old <= new { tile::consistency_proof(old, new, &tiles).unwrap() } else { Vec::new() };
        let checkpoint = Checkpoint::new(self.signer.verifier_key().name(), new, root);
        let checkpoint = checkpoint.sign(&self.signer).unwrap().to_string();
        AddCheckpoint { old_size: old, proof, checkpoint }.to_string()
    }
}

async fn post(base: &str, body: impl Into<reqwest::Body>) -> Answer {
    Answer::of(HttpAsker::new(base).request(reqwest::Method::POST, "/add-checkpoint").body(body)).await
}

async fn witness(place: &Place, data: &str, listen: &str, log: &str) -> Serving {
    place
        .start(&[
            "witness",
            "--data",
            data,
            "--name",
            &format!("{data}.example"),
            "--listen",
            listen,
            "--log",
            log,
        ])
        .await
}

async fn key_of(place: &Place, data: &str) -> VerifierKey {
    let name = format!("{data}.example");
    place.run(&["witness", "key", "--data", data, "--name", &name]).await.well().trim().parse().unwrap()
}

/// Opens the note that the answer's lines make with the checkpoint of the request.
fn cosigned(request: &str, answer: &Answer, key: &VerifierKey) -> u64 {
    let request: AddCheckpoint = request.parse().unwrap();
    let note = SignedNote::parse(format!("{}{}", request.checkpoint, answer.text).as_bytes()).unwrap();
    let verified = note.verify(std::slice::from_ref(key)).unwrap();
    verified[0].timestamp.unwrap()
}

#[tokio::test]
async fn a_witness_answers_every_request_as_the_protocol_says() {
    let place = Place::new();
    let (log, forked) = (Log::new(), Log::forked());
    let key = key_of(&place, "w").await;
    let serving = witness(&place, "w", "127.0.0.1:0", &log.key()).await;
    let base = &serving.base;
    let monitor = format!("/{}", monitor_path(ORIGIN));
    assert_eq!(HttpAsker::new(base).get(&monitor).await.status, 404);

    let first = log.ask(0, 3);
    let answer = post(base, first.clone()).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert!(answer.header("content-type").starts_with("text/plain"));
    assert!(answer.text.starts_with("\u{2014} w.example ") && answer.text.ends_with('\n'));
    assert!(cosigned(&first, &answer, &key) > 1_700_000_000);
    for (why, body, status) in [
        ("the same again, from the same size", log.ask(3, 3), 200),
        ("grown", log.ask(3, 7), 200),
        ("a stale old size", log.ask(3, 9), 409),
        ("nothing seen, it thinks", log.ask(0, 9), 409),
        ("an old size that was never signed", log.ask(8, 9), 409),
        ("another root for the same size", forked.ask(7, 7), 409),
        ("another history", forked.ask(7, 9), 422),
        ("no proof", log.ask(7, 9).replacen(&proof_of(&log.ask(7, 9)), "", 1), 422),
        ("an old size beyond the checkpoint", log.ask(9, 7), 400),
        ("an unknown log", log.ask(7, 9).replace(ORIGIN, "other.example"), 404),
        (
            "a bad signature",
            log.ask(7, 9).replacen(&format!("{ORIGIN}\n9\n"), &format!("{ORIGIN}\n10\n"), 1),
            403,
        ),
        (
            "another key by the same name",
            Log::of(NoteSigner::new(ORIGIN, SigningKey::from_bytes(&[6; 32])).unwrap()).ask(7, 9),
            403,
        ),
        ("nothing", String::new(), 400),
        ("a leading zero", log.ask(7, 9).replacen("old 7", "old 07", 1), 400),
        ("carriage returns", log.ask(7, 9).replace('\n', "\r\n"), 400),
        ("no signature", log.ask(7, 9).split('\u{2014}').next().unwrap().to_owned(), 400),
    ] {
        let answer = post(base, body).await;
        assert_eq!(answer.status, status, "{why}: {}", answer.text);
        if status == 409 {
            assert_eq!(
                (answer.text.as_str(), answer.header("content-type")),
                ("7\n", "text/x.tlog.size"),
                "{why}"
            );
        }
    }
    assert_eq!(post(base, vec![0xff; 10]).await.status, 400);
    assert_eq!(post(base, "x".repeat(70_000)).await.status, 413);
    let got = HttpAsker::new(base).get("/add-checkpoint").await;
    assert_eq!((got.status, got.header("allow")), (405, "POST"));

    let shown = HttpAsker::new(base).get(&monitor).await;
    let keys = [key, log.signer.verifier_key().clone()];
    let open = Checkpoint::open(shown.text.as_bytes(), &keys).unwrap();
    assert_eq!((open.checkpoint.size, open.verified.len()), (7, 2));
    serving.stop().await;
}

/// The lines of the proof in a request.
fn proof_of(body: &str) -> String {
    let (_, rest) = body.split_once('\n').unwrap();
    rest.split("\n\n").next().unwrap().to_owned() + "\n"
}

#[tokio::test]
async fn a_witness_remembers_across_kills_and_shares_its_store_with_nobody() {
    let place = Place::new();
    let log = Log::new();
    let key = key_of(&place, "w").await;
    let mut old = 0;
    for size in [4, 5, 9] {
        let serving = witness(&place, "w", "127.0.0.1:0", &log.key()).await;
        let arguments = ["witness", "--data", "w", "--listen", "127.0.0.1:0", "--log", &log.key()];
        assert!(place.run(&arguments).await.badly(1).contains("in use"));
        if old > 0 {
            assert_eq!(post(&serving.base, Log::forked().ask(0, 60)).await.text, format!("{old}\n"));
            assert_eq!(post(&serving.base, Log::forked().ask(old, 60)).await.status, 422);
        }
        assert_eq!(post(&serving.base, log.ask(old, size)).await.status, 200);
        serving.signal("KILL");
        serving.end().await;
        old = size as u64;
    }
    assert_eq!(key_of(&place, "w").await, key);
    let renamed = place.run(&["witness", "key", "--data", "w", "--name", "other.example"]).await;
    assert!(renamed.badly(1).contains("w.example"));
    let private = place.path("w/witness.key");
    assert_eq!(std::fs::metadata(&private).unwrap().permissions().mode() & 0o777, 0o600);
    std::fs::set_permissions(&private, std::fs::Permissions::from_mode(0o644)).unwrap();
    let open = place.run(&["witness", "--data", "w", "--listen", "127.0.0.1:0", "--log", &log.key()]).await;
    assert!(open.badly(1).contains("witness.key"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_requests_at_once_one_history_is_signed() {
    let place = Place::new();
    let (log, forked) = (Arc::new(Log::new()), Arc::new(Log::forked()));
    let key = key_of(&place, "w").await;
    let serving = witness(&place, "w", "127.0.0.1:0", &log.key()).await;
    let mut known = 0;
    for round in 0..3_usize {
        let mut asks = Vec::new();
        for at in 0..16_usize {
            // At first sight a lie can't be told from the truth.
            let log = if round > 0 && at % 2 == 1 { forked.clone() } else { log.clone() };
            let (base, size) = (serving.base.clone(), 2 + round * 16 + at);
            asks.push(tokio::spawn(async move { (at, size, post(&base, log.ask(known, size)).await) }));
        }
        let mut signed = Vec::new();
        for ask in asks {
            let (at, size, answer) = ask.await.unwrap();
            match answer.status {
                200 => signed.push((at, size)),
                409 | 422 => {}
                other => panic!("{other}: {}", answer.text),
            }
        }
        let [(at, size)] = signed[..] else { panic!("from one size only one can go on: {signed:?}") };
        assert!(round == 0 || at % 2 == 0, "a lie was signed");
        known = size as u64;
    }
    let note = HttpAsker::new(&serving.base).get(&format!("/{}", monitor_path(ORIGIN))).await.text;
    assert!(SignedNote::parse(note.as_bytes()).unwrap().verify(&[key]).is_ok());
    serving.stop().await;
}

#[tokio::test]
async fn a_witness_without_a_log_or_with_another_kind_of_key_does_not_start() {
    let place = Place::new();
    let complaint = place.run(&["witness", "--listen", "127.0.0.1:0"]).await.badly(1);
    assert!(complaint.contains("--log"), "{complaint}");
    let key = key_of(&place, "w").await.to_string();
    let complaint = place.run(&["witness", "--listen", "127.0.0.1:0", "--log", &key]).await.badly(1);
    assert!(complaint.contains("not of a log"), "{complaint}");
    std::fs::write(place.path("policy"), "log nonsense\n").unwrap();
    for command in [&["witness", "--policy", "policy"][..], &["verify", "x.tlog-proof", "--policy", "policy"]]
    {
        assert!(place.run(command).await.badly(1).contains("line 1 of the policy"));
    }
    assert!(place.run(&["witness", "--policy", "nowhere"]).await.badly(1).contains("nowhere"));
}

/// Issues tokens; answers the record's receipt once it has come as far as `wait`.
async fn issue(tess: &HttpAsker, key: &str, wait: &str) -> (String, String) {
    let input = json!({ "amount": "1", "reason": "More.", "idempotencyKey": key });
    let wanted = format!("record {{ receipt(wait: {wait}) }}");
    let receipt = tess.mutate("issueTokens", input, &wanted).await["record"]["receipt"].clone();
    let seen = tess.must("{ records(first: 1) { nodes { standing } } }", json!({})).await;
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    (text(&receipt), text(&seen["records"]["nodes"][0]["standing"]))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_has_its_checkpoints_witnessed_as_long_as_a_quorum_is_there() {
    let place = Place::new();
    place.add("tess", &["treasurer"]).await;
    place.serve().await.stop().await;
    let log = place.run(&["key", "show"]).await.well().trim().to_owned();
    let (mut lines, mut witnesses) = (format!("log {log}\n"), Vec::new());
    for name in ["one", "two", "three"] {
        let serving = witness(&place, name, "127.0.0.1:0", &log).await;
        lines += &format!("witness {name} {} {}\n", key_of(&place, name).await, serving.base);
        witnesses.push(serving);
    }
    lines += "group two-of-three 2 one two three\nquorum two-of-three\n";
    std::fs::write(place.path("policy"), &lines).unwrap();
    let policy = Policy::parse(lines.as_bytes()).unwrap();
    let place = place.with("SAIMA_WITNESS_POLICY", "policy");
    let serving = place.serve().await;
    let tess = serving.api("tess").await;

    let (receipt, standing) = issue(&tess, "k1", "WITNESSED").await;
    assert_eq!(standing, "WITNESSED");
    let open = Receipt::open(&receipt, &policy.keys(&[])).unwrap();
    assert!(policy.judge(open.checkpoint).is_witnessed());
    std::fs::write(place.path("r.tlog-proof"), &receipt).unwrap();
    let told = place.run(&["verify", "r.tlog-proof", "--policy", "policy"]).await.well();
    assert!(told.contains("standing     witnessed"), "{told}");
    let witnessed = serving.anonymous().get("/log/checkpoint?witnessed").await;
    assert!(policy.verify(witnessed.text.as_bytes(), &[]).unwrap().is_witnessed(), "{}", witnessed.text);

    let mut gone = witnesses.split_off(1);
    let three = gone.pop().unwrap();
    three.signal("KILL");
    three.end().await;
    assert_eq!(issue(&tess, "k2", "WITNESSED").await.1, "WITNESSED", "two are enough");
    let two = gone.pop().unwrap();
    let listens = two.base.trim_start_matches("http://").to_owned();
    two.signal("KILL");
    two.end().await;
    let (receipt, standing) = issue(&tess, "k3", "SEALED").await;
    assert_eq!(standing, "SEALED", "one is not enough, and nothing waits for the others");
    std::fs::write(place.path("s.tlog-proof"), &receipt).unwrap();
    let complaint = place.run(&["verify", "s.tlog-proof", "--policy", "policy"]).await.badly(1);
    assert!(complaint.contains("quorum"), "{complaint}");
    place.run(&["verify", "s.tlog-proof"]).await.well();
    let page = serving.anonymous().get("/ledger").await;
    assert!(page.text.contains("two.example") && page.text.contains("behind"), "{}", page.text);

    // One comes back, on its old store, and the log catches up by itself.
    let two = witness(&place, "two", &listens, &log).await;
    let mut standing = String::new();
    for _ in 0..300 {
        let seen = tess.must("{ records(first: 1) { nodes { standing } } }", json!({})).await;
        standing = seen["records"]["nodes"][0]["standing"].as_str().unwrap().to_owned();
        if standing == "WITNESSED" {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(standing, "WITNESSED");
    serving.stop().await;

    // Whoever holds the log's own key can't make the witness sign another past.
    let pem = std::fs::read_to_string(place.data().join("keys/log.key")).unwrap();
    let own: VerifierKey = log.parse().unwrap();
    let liar = Log::of(NoteSigner::new(own.name(), SigningKey::from_pkcs8_pem(&pem).unwrap()).unwrap());
    assert_eq!(liar.key(), log);
    assert_eq!(post(&two.base, liar.ask(0, 2)).await.text, "3\n");
    assert_eq!(post(&two.base, liar.ask(3, 3)).await.status, 409);
    assert_eq!(post(&two.base, liar.ask(3, 5)).await.status, 422);
    two.stop().await;
    witnesses.pop().unwrap().stop().await;
    place.run(&["verify"]).await.well();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_installation_is_the_main_chain_of_another() {
    let (side, main) = (Place::new().with("SAIMA_ORIGIN", "side.example/log"), Place::new());
    side.add("tess", &["treasurer"]).await;
    main.add("root", &["admin"]).await;
    let (left, right) = (side.serve().await, main.serve().await);
    let (tess, root) = (left.api("tess").await, right.api("root").await);
    issue(&tess, "k1", "SEALED").await;
    let anchor = ["anchor", "--from", &left.base, "--to", &right.base, "--token", root.token()];
    assert!(main.run(&anchor).await.badly(1).contains("does not follow side.example/log"));
    let key = side.run(&["key", "show"]).await.well().trim().to_owned();
    root.mutate("followLog", json!({ "verifierKey": key, "idempotencyKey": "f" }), "log { origin }").await;
    for (round, told) in ["1 records", "1 records", "2 records", "5 records"].into_iter().enumerate() {
        if round == 2 {
            issue(&tess, "k2", "SEALED").await;
        }
        if round == 3 {
            for key in ["k3", "k4", "k5"] {
                issue(&tess, key, "SEALED").await;
            }
        }
        let said = main.run(&anchor).await.well();
        assert!(said.contains(told) && said.contains("already") == (round == 1), "{round}: {said}");
    }
    let seen = right.anonymous().must("{ followedLogs { anchors { size } } }", json!({})).await;
    assert_eq!(seen["followedLogs"][0]["anchors"], json!([{ "size": 5 }, { "size": 2 }, { "size": 1 }]));
    let mut wrong = anchor;
    wrong[6] = "nonsense";
    issue(&tess, "k6", "SEALED").await;
    main.run(&wrong).await.badly(1);
    left.stop().await;
    right.stop().await;
    main.run(&["verify"]).await.well();
}
