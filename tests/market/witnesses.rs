//! Witnesses and other logs: whose word counts for a checkpoint, and which checkpoints become records.

use std::time::Duration;

use ed25519_dalek::SigningKey;
use ledger::{Checkpoint, Cosigner, NoteSigner, Policy, Receipt, SignedNote, Standing, tile};
use market::books::{AnchorCheckpoint, FollowLog, RecordStanding};
use market::wallet::Destination;
use market::{Actor, Market, PersonKind, RecordKind, Refusal, Role};
use tests::{World, both, problem_codes};

fn cosigner(at: u8) -> Cosigner {
    Cosigner::new(&format!("witness.example/{at}"), SigningKey::from_bytes(&[100 + at; 32])).unwrap()
}

/// Two of three witnesses.
fn policy() -> Policy {
    let mut text = String::new();
    for at in 0..3 {
        text += &format!("witness w{at} {}\n", cosigner(at).verifier_key());
    }
    Policy::parse((text + "group two 2 w0 w1 w2\nquorum two\n").as_bytes()).unwrap()
}

/// The market of the world, watched by that policy.
pub(crate) fn watched(world: &World) -> Market {
    world.market.clone().watched_by(policy())
}

/// What witness `at` says of the newest checkpoint, as the lines of its answer.
async fn word(market: &Market, at: u8) -> (u64, String) {
    let newest = market.newest_checkpoint().await.unwrap().unwrap();
    let checkpoint = checkpoint(&newest.note);
    (newest.size, format!("{}\n", cosigner(at).cosign(&checkpoint, 1_763_712_000 + u64::from(at))))
}

fn checkpoint(note: &str) -> Checkpoint {
    SignedNote::parse(note.as_bytes()).unwrap().text.parse().unwrap()
}

pub(crate) async fn cosign(market: &Market, at: u8) -> Vec<String> {
    let (size, lines) = word(market, at).await;
    market.add_cosignatures(size, &lines).await.unwrap()
}

/// Somebody gets a token, which makes a record or two; all is sealed and signed.
async fn grow(world: &World) {
    let ada = world.person("ada").await;
    world.give(Destination::Person(ada), "1").await;
    world.market.seal_now().await.unwrap();
}

fn judged(market: &Market, note: &str) -> Standing {
    let own = [market.signer().unwrap().verifier_key().clone()];
    policy().verify(note.as_bytes(), &own).unwrap()
}

async fn receipt(world: &World, market: &Market, index: u64) -> Standing {
    let auditor = world.actor("aud").await;
    let id = market.record_by_index(&auditor, index).await.unwrap().id;
    let text = market.receipt(&auditor, id).await.unwrap();
    let keys = policy().keys(&[market.signer().unwrap().verifier_key().clone()]);
    let open = Receipt::open(&text, &keys).unwrap();
    assert_eq!((open.record.id, open.index), (id, index));
    policy().judge(open.checkpoint)
}

/// Another installation's log of so many records.
pub(crate) struct Side {
    signer: NoteSigner,
    leaves: Vec<[u8; 32]>,
}

impl Side {
    pub(crate) fn new(seed: u8) -> Self {
        let key = SigningKey::from_bytes(&[seed; 32]);
        let signer = NoteSigner::new("side.example/log", key).unwrap();
        Self { signer, leaves: (0..20_u8).map(|at| ledger::leaf_hash(&[at])).collect() }
    }

    fn key(&self) -> String {
        self.signer.verifier_key().to_string()
    }

    /// Its checkpoint at `size`, with the proof from `old`.
    pub(crate) fn at(&self, size: usize, old: u64) -> AnchorCheckpoint {
        let tree = tile::append(0, &std::collections::BTreeMap::new(), &self.leaves[..size]).unwrap();
        let new = tree.new_size;
        let checkpoint = Checkpoint::new("side.example/log", new, tree.root).sign(&self.signer).unwrap();
        let tiles: std::collections::BTreeMap<_, _> =
            tree.tiles.into_iter().map(|(level, index, bytes)| ((level, index), bytes)).collect();
        let proof = tile::consistency_proof(old, new, &tiles).unwrap();
        AnchorCheckpoint { checkpoint: checkpoint.to_string(), proof }
    }
}

pub(crate) async fn follow(world: &World, side: &Side) {
    world.bring("root", PersonKind::Member, &[Role::Admin]).await;
    world.must("root", FollowLog { verifier_key: side.key(), url: "https://side.example".into() }).await;
}

both! {
    async fn a_checkpoint_is_witnessed_once_a_quorum_has_signed_it(world: &World) {
        grow(world).await;
        let market = watched(world);
        assert_eq!(market.witnessed(&Actor::Visitor).await.unwrap(), None);
        assert_eq!(market.standing_of(Some(0)).await.unwrap(), RecordStanding::Sealed);
        assert_eq!(cosign(&market, 1).await, [cosigner(1).verifier_key().to_string()]);
        let one = judged(&market, &market.checkpoint().await.unwrap());
        assert!(!one.quorum && one.by.len() == 1);
        assert_eq!(market.witnessed(&Actor::Visitor).await.unwrap(), None);

        cosign(&market, 0).await;
        let witnessed = market.witnessed(&Actor::Visitor).await.unwrap().unwrap();
        assert_eq!(witnessed.note, market.checkpoint().await.unwrap());
        assert!(judged(&market, &witnessed.note).is_witnessed());
        assert_eq!(witnessed.at.0, 1_763_712_001_000_000, "the last of them");
        assert_eq!(market.standing_of(Some(witnessed.size - 1)).await.unwrap(), RecordStanding::Witnessed);
        assert_eq!(market.standing_of(Some(witnessed.size)).await.unwrap(), RecordStanding::Posted);
        assert_eq!(market.standing_of(None).await.unwrap(), RecordStanding::Posted);
    }

    async fn what_is_no_cosignature_by_a_known_witness_is_not_stored(world: &World) {
        grow(world).await;
        let market = watched(world);
        let (size, good) = word(&market, 0).await;
        let newest = market.newest_checkpoint().await.unwrap().unwrap();
        let other = Checkpoint { size: size + 1, ..checkpoint(&newest.note) };
        let stranger = cosigner(9).cosign(&checkpoint(&newest.note), 1);
        let forged = good.replace("AAAA", "AAAB");
        for lines in [
            format!("{}\n", cosigner(0).cosign(&other, 1)),
            format!("{stranger}\n"),
            "<html>not a line</html>\n".to_owned(),
            String::new(),
            newest.note.clone(),
            forged.chars().rev().collect(),
        ] {
            assert!(market.add_cosignatures(size, &lines).await.unwrap().is_empty(), "{lines}");
        }
        assert_eq!(market.checkpoint().await.unwrap(), newest.note);
        let beyond = market.add_cosignatures(size + 1, &good).await;
        assert_eq!(beyond, Err(Refusal::NotFound));
        let among = format!("nonsense\n{stranger}\n{good}");
        assert_eq!(market.add_cosignatures(size, &among).await.unwrap().len(), 1);
    }

    async fn the_first_cosignature_of_a_witness_stands(world: &World) {
        grow(world).await;
        let market = watched(world);
        cosign(&market, 0).await;
        let before = market.checkpoint().await.unwrap();
        let newest = market.newest_checkpoint().await.unwrap().unwrap();
        let again = cosigner(0).cosign(&checkpoint(&newest.note), 1_800_000_000);
        assert_eq!(market.add_cosignatures(newest.size, &format!("{again}\n")).await.unwrap().len(), 1);
        assert_eq!(market.checkpoint().await.unwrap(), before);
    }

    async fn receipts_rest_on_a_witnessed_checkpoint_where_one_covers_the_record(world: &World) {
        grow(world).await;
        let market = watched(world);
        cosign(&market, 0).await;
        cosign(&market, 2).await;
        let witnessed = market.witnessed(&Actor::Visitor).await.unwrap().unwrap();
        grow(world).await;
        let newest = market.newest_checkpoint().await.unwrap().unwrap();
        assert!(newest.size > witnessed.size);
        assert_eq!(market.witnessed(&Actor::Visitor).await.unwrap().unwrap(), witnessed);

        world.bring("aud", PersonKind::Member, &[Role::Auditor]).await;
        let old = receipt(world, &market, 0).await;
        assert!(old.is_witnessed() && old.open.checkpoint.size == witnessed.size);
        let new = receipt(world, &market, newest.size - 1).await;
        assert!(!new.quorum && new.open.checkpoint.size >= newest.size);
        // Another server, which knows nothing yet, says the same.
        let elsewhere = watched(world);
        assert_eq!(elsewhere.witnessed(&Actor::Visitor).await.unwrap().unwrap(), witnessed);
        // Without a policy nothing counts as witnessed, and what was signed is still shown.
        assert_eq!(world.market.witnessed(&Actor::Visitor).await.unwrap(), None);
    }

    async fn waiting_for_witnesses_ends_when_they_have_signed_or_patience_has(world: &World) {
        grow(world).await;
        let market = watched(world);
        world.bring("aud", PersonKind::Member, &[Role::Auditor]).await;
        let auditor = world.actor("aud").await;
        let id = market.record_by_index(&auditor, 0).await.unwrap().id;
        let patience = Duration::from_millis(250);
        let come = market.wait_for(&auditor, id, RecordStanding::Witnessed, patience).await.unwrap();
        assert_eq!(come, RecordStanding::Sealed);
        cosign(&market, 0).await;
        let (waiting, later) = (market.clone(), auditor.clone());
        let waits = tokio::spawn(async move {
            waiting.wait_for(&later, id, RecordStanding::Witnessed, Duration::from_secs(9)).await
        });
        cosign(&market, 1).await;
        assert_eq!(waits.await.unwrap().unwrap(), RecordStanding::Witnessed);
        let nobody = world.market.wait_for(&auditor, id, RecordStanding::Witnessed, Duration::from_secs(9)).await;
        assert_eq!(nobody.unwrap(), RecordStanding::Sealed, "where nobody is asked, nobody waits");
        assert!(market.wait_for(&Actor::Visitor, id, RecordStanding::Sealed, patience).await.is_err());
    }

    async fn the_page_of_witnesses_tells_how_far_each_has_come(world: &World) {
        grow(world).await;
        let market = watched(world);
        cosign(&market, 1).await;
        let size = market.newest_checkpoint().await.unwrap().unwrap().size;
        grow(world).await;
        let seen = market.witnesses(&Actor::Visitor).await.unwrap();
        let seen: Vec<_> = seen.iter().map(|it| (it.name.as_str(), it.size)).collect();
        assert_eq!(seen, [("w0", None), ("w1", Some(size)), ("w2", None)]);
    }

    async fn another_logs_checkpoint_becomes_a_record_that_anybody_can_prove(world: &World) {
        let side = Side::new(50);
        follow(world, &side).await;
        let treasurer = world.treasurer().await;
        let first = world.must(treasurer, side.at(3, 0)).await;
        let second = world.must("root", side.at(17, 3)).await;
        world.market.seal_now().await.unwrap();

        let logs = world.market.followed_logs(&Actor::Visitor, 20).await.unwrap();
        let anchors: Vec<_> = logs[0].anchors.iter().map(|it| (it.record, it.size)).collect();
        assert_eq!(anchors, [(second, 17), (first, 3)]);
        assert_eq!((logs[0].origin.as_str(), &logs[0].verifier_key), ("side.example/log", &side.key()));
        assert!(logs[0].anchors.iter().all(|it| it.index.is_some()));

        let text = world.market.receipt(&Actor::Visitor, first).await.unwrap();
        let open = Receipt::open(&text, &[world.market.signer().unwrap().verifier_key().clone()]).unwrap();
        assert_eq!(open.record.kind, RecordKind::Anchor);
        assert_eq!(open.disclosures[0].data, side.at(3, 0).checkpoint.into_bytes());
        let page = world.market.record(&Actor::Visitor, first).await.unwrap();
        assert_eq!(page.disclosures.len(), 1);
    }

    async fn only_what_continues_the_last_anchor_is_anchored(world: &World) {
        let side = Side::new(50);
        follow(world, &side).await;
        let treasurer = world.treasurer().await;
        world.must(treasurer, side.at(7, 0)).await;
        let mut forked = Side::new(50);
        forked.leaves[2] = [9; 32];
        let namesake = Side::new(51);
        let mut bent = side.at(9, 7);
        bent.proof[0][0] ^= 1;
        let mut long = side.at(9, 7);
        long.proof = vec![[0; 32]; 64];
        let unsigned = AnchorCheckpoint { checkpoint: side.at(9, 7).checkpoint.replace("\n\u{2014}", "\n-"), proof: vec![] };
        for (wrong, code) in [
            (side.at(7, 7), "checkpoint: already-anchored"),
            (side.at(5, 5), "checkpoint: already-anchored"),
            (side.at(9, 5), "proof: bad-proof"),
            (forked.at(9, 7), "proof: bad-proof"),
            (bent, "proof: bad-proof"),
            (long, "proof: too-many-items"),
            (namesake.at(9, 7), "checkpoint: bad-signature"),
            (unsigned, "checkpoint: bad-checkpoint"),
            (AnchorCheckpoint { checkpoint: "x".repeat(20_000), proof: vec![] }, "checkpoint: too-long"),
        ] {
            let asker = world.actor(treasurer).await;
            let refused = world.market.run(&asker, wrong).await.unwrap_err();
            let codes = problem_codes(&refused).join(" ");
            let (field, code) = code.split_once(": ").unwrap();
            assert!(codes.contains(code), "{codes} instead of {field}: {code}");
        }
        world.must(treasurer, side.at(9, 7)).await;
    }

    async fn a_log_is_followed_by_an_admins_word_only_and_under_its_own_name(world: &World) {
        let side = Side::new(50);
        let treasurer = world.treasurer().await;
        let command = || FollowLog { verifier_key: side.key(), url: String::new() };
        let asker = world.actor(treasurer).await;
        assert_eq!(world.market.run(&asker, command()).await.unwrap_err(), Refusal::NotFound);
        let unknown = world.market.run(&asker, side.at(3, 0)).await.unwrap_err();
        assert!(problem_codes(&unknown).join(" ").contains("unknown-log"));
        follow(world, &side).await;
        for asker in ["ada", "root"] {
            let actor = world.actor(asker).await;
            assert_eq!(world.market.run(&actor, side.at(3, 0)).await.is_ok(), asker == "root", "{asker}");
        }
        let root = world.actor("root").await;
        for (verifier_key, url) in [
            (cosigner(0).verifier_key().to_string(), ""),
            ("nonsense".to_owned(), ""),
            (side.key(), "javascript:alert(1)"),
        ] {
            let refused = world.market.run(&root, FollowLog { verifier_key, url: url.to_owned() }).await;
            assert!(matches!(refused, Err(Refusal::Invalid(_))), "{refused:?}");
        }
        // The log has a new key: from now on that one counts.
        let renewed = Side::new(52);
        world.must("root", FollowLog { verifier_key: renewed.key(), url: String::new() }).await;
        assert!(world.market.run(&root, side.at(4, 3)).await.is_err());
        world.must("root", renewed.at(4, 3)).await;
    }
}
