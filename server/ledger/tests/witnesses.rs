//! What a witness answers, status by status, and what it must never sign.

use crate::common::{Log, log_signer, witness};
use ed25519_dalek::SigningKey;
use ledger::{
    AddCheckpoint, Checkpoint, NoteSigner, Seen, SignedNote, VerifierKey, WitnessError, cosignature, tile,
    witness::parse_conflict,
};
use proptest::prelude::*;

fn leaves(count: usize) -> Vec<Vec<u8>> {
    (0..count).map(|at| format!("record {at}").into_bytes()).collect()
}

fn state(log: &Log) -> Seen {
    let Checkpoint { size, root, .. } = checkpoint(log);
    Seen { size, root }
}

fn checkpoint(log: &Log) -> Checkpoint {
    SignedNote::parse(log.checkpoint().as_bytes()).unwrap().text.parse().unwrap()
}

fn logs() -> Vec<VerifierKey> {
    vec![log_signer().verifier_key().clone()]
}

/// What the log asks when it thinks that the witness has seen `old` records.
fn request(log: &Log, old: u64) -> AddCheckpoint {
    let size = checkpoint(log).size;
    let proof = tile::consistency_proof(old, size, &log.tiles).unwrap();
    AddCheckpoint { old_size: old, proof, checkpoint: log.checkpoint() }
}

fn refusal(request: &AddCheckpoint, seen: Seen) -> WitnessError {
    request.consider(&logs(), |_| seen).unwrap_err()
}

#[test]
fn a_log_that_grows_is_signed_at_first_sight_later_and_again() {
    let (three, seven) = (Log::of(&leaves(3)), Log::of(&leaves(7)));
    let first = request(&three, 0).consider(&logs(), |_| Seen::default()).unwrap();
    assert_eq!(first.checkpoint.size, 3);
    for old in [state(&three), state(&seven)] {
        let open = request(&seven, old.size).consider(&logs(), |_| old).unwrap();
        assert_eq!(open.checkpoint, checkpoint(&seven));
    }
}

#[test]
fn an_empty_log_can_be_witnessed() {
    let empty = Log::of(&[]);
    assert!(request(&empty, 0).consider(&logs(), |_| Seen::default()).is_ok());
}

#[test]
fn the_witness_is_asked_for_what_it_has_seen_of_that_very_log() {
    let log = Log::of(&leaves(2));
    let origin = checkpoint(&log).origin;
    let mut asked = String::new();
    request(&log, 0)
        .consider(&logs(), |of| {
            asked = of.to_owned();
            Seen::default()
        })
        .unwrap();
    assert_eq!(asked, origin);
}

#[test]
fn a_wrong_old_size_is_told_the_right_one() {
    let (three, seven) = (Log::of(&leaves(3)), Log::of(&leaves(7)));
    for (old, seen) in [(0, state(&three)), (3, Seen::default()), (3, state(&seven)), (0, state(&seven))] {
        let refused = refusal(&request(&seven, old), seen);
        assert_eq!((refused.status(), refused), (409, WitnessError::Conflict { size: seen.size }));
    }
}

#[test]
fn another_root_for_a_size_already_signed_is_a_conflict() {
    let (one, other) = (Log::of(&leaves(3)), Log::of(&[b"x".to_vec(), b"y".to_vec(), b"z".to_vec()]));
    assert_eq!(refusal(&request(&other, 3), state(&one)).status(), 409);
}

#[test]
fn another_history_is_not_signed() {
    let one = Log::of(&leaves(3));
    let mut changed = leaves(7);
    changed[1] = b"changed".to_vec();
    assert_eq!(refusal(&request(&Log::of(&changed), 3), state(&one)).status(), 422);
}

#[test]
fn a_proof_too_long_too_short_or_bent_is_refused() {
    let (three, seven) = (Log::of(&leaves(3)), Log::of(&leaves(7)));
    let sound = request(&seven, 3);
    let mut longer = sound.clone();
    longer.proof.push([0; 32]);
    let mut shorter = sound.clone();
    shorter.proof.pop();
    let mut bent = sound;
    bent.proof[0][0] ^= 1;
    for wrong in [longer, shorter, bent] {
        assert_eq!(refusal(&wrong, state(&three)).status(), 422);
    }
    let mut unasked = request(&seven, 0);
    unasked.proof.push([0; 32]);
    assert_eq!(refusal(&unasked, Seen::default()).status(), 422, "from nothing there is nothing to prove");
    let mut again = request(&seven, 7);
    again.proof.push([0; 32]);
    assert_eq!(refusal(&again, state(&seven)).status(), 422);
}

#[test]
fn an_old_size_beyond_the_checkpoint_is_malformed() {
    let three = Log::of(&leaves(3));
    let backwards = AddCheckpoint { old_size: 7, ..request(&three, 3) };
    assert_eq!(refusal(&backwards, state(&Log::of(&leaves(7)))).status(), 400);
}

#[test]
fn unknown_logs_are_not_found_and_unknown_keys_forbidden() {
    let log = Log::of(&leaves(3));
    let ask = request(&log, 0);
    let stranger = NoteSigner::new("stranger.example/log", SigningKey::from_bytes(&[9; 32])).unwrap();
    let refused = ask.consider(&[stranger.verifier_key().clone()], |_| Seen::default()).unwrap_err();
    assert_eq!(refused.status(), 404);
    let namesake = NoteSigner::new(&checkpoint(&log).origin, SigningKey::from_bytes(&[9; 32])).unwrap();
    let refused = ask.consider(&[namesake.verifier_key().clone()], |_| Seen::default()).unwrap_err();
    assert_eq!(refused.status(), 403);
    let as_witness = ask.consider(&[witness().verifier_key().clone()], |_| Seen::default()).unwrap_err();
    assert_eq!(as_witness.status(), 404, "a witness's key is no log's");

    // The stranger is trusted, but not to speak for this log.
    let text = checkpoint(&log).to_string();
    let borrowed = SignedNote::sign(&text, &stranger).unwrap().to_string();
    let borrowed = AddCheckpoint { checkpoint: borrowed, ..ask };
    let both = [logs(), vec![stranger.verifier_key().clone()]].concat();
    assert_eq!(borrowed.consider(&both, |_| Seen::default()).unwrap_err().status(), 403);
}

#[test]
fn a_signature_that_does_not_hold_is_forbidden() {
    let mut note = SignedNote::parse(Log::of(&leaves(3)).checkpoint().as_bytes()).unwrap();
    note.signatures[0].bytes[10] ^= 1;
    let forged = AddCheckpoint { old_size: 0, proof: Vec::new(), checkpoint: note.to_string() };
    assert_eq!(refusal(&forged, Seen::default()).status(), 403);
}

#[test]
fn what_is_not_a_checkpoint_is_malformed() {
    for note in ["", "text\n", "a\n03\nx\n\n\u{2014} a AAAAAAA=\n", "\u{2014} a AAAAAAA=\n"] {
        let body = format!("old 0\n\n{note}");
        let refused =
            body.parse().map_or_else(|error| error, |ask: AddCheckpoint| refusal(&ask, Seen::default()));
        assert_eq!(refused.status(), 400, "{note:?}");
    }
    for body in
        ["", "old\n\n", "old 1", "old -1\n\n", "old 01\n\n", "old 0\nAAAA\n\n", "new 0\n\n", "old 0\r\n\r\n"]
    {
        assert_eq!(body.parse::<AddCheckpoint>().unwrap_err().status(), 400, "{body:?}");
    }
}

#[test]
fn the_size_of_a_conflict_is_read_strictly() {
    assert_eq!(parse_conflict("17\n"), Some(17));
    for wrong in ["17", "017\n", "+17\n", "17\r\n", "\n", "17\n\n", "9223372036854775808\n"] {
        assert_eq!(parse_conflict(wrong), None, "{wrong:?}");
    }
}

#[test]
fn a_cosignature_line_tells_when_it_was_signed_and_by_whom_only() {
    let log = Log::of(&leaves(3));
    let checkpoint = checkpoint(&log);
    let line = witness().cosign(&checkpoint, 1_700_000_000);
    let key = witness().verifier_key().clone();
    let text = checkpoint.to_string();
    assert_eq!(cosignature::signed_at(&key, &text, &line), Some(1_700_000_000));
    assert_eq!(cosignature::signed_at(log_signer().verifier_key(), &text, &line), None);
    assert_eq!(cosignature::signed_at(&key, &text.replace('3', "4"), &line), None);
    let late = witness().cosign(&checkpoint, 1 << 63);
    assert_eq!(cosignature::signed_at(&key, &text, &late), None, "no time lies beyond 2^63-1");
}

proptest! {
    /// Whatever a log asks, a witness that goes by `consider` signs one history.
    #[test]
    fn whatever_is_asked_in_whatever_order_what_is_signed_is_one_history(
        asks in proptest::collection::vec((any::<bool>(), 0_usize..12, 0_usize..12, any::<bool>()), 1..40),
    ) {
        let honest = leaves(12);
        let mut forked = leaves(12);
        forked[4] = b"forked".to_vec();
        let mut seen = Seen::default();
        let mut signed: Vec<Vec<Vec<u8>>> = Vec::new();
        for (fork, size, old, right) in asks {
            let records = if fork { &forked[..size] } else { &honest[..size] };
            let log = Log::of(records);
            let old = if right { seen.size } else { old as u64 };
            if old > size as u64 { continue; }
            if let Ok(open) = request(&log, old).consider(&logs(), |_| seen) {
                prop_assert!(open.checkpoint.size >= seen.size);
                seen = Seen { size: open.checkpoint.size, root: open.checkpoint.root };
                signed.push(records.to_vec());
            }
        }
        for pair in signed.windows(2) {
            prop_assert!(pair[1].starts_with(&pair[0]));
        }
    }
}
