//! Signed notes, checkpoints and cosignatures, and what the reference crates say.

use crate::common::{Log, ORIGIN, keys, log_signer, witness};
use ed25519_dalek::SigningKey;
use ledger::{
    Checkpoint, CheckpointError, KeyType, NoteError, NoteSigner, SignedNote, VerifierKey, leaf_hash,
};
use proptest::prelude::*;

fn signer(name: &str, seed: u8) -> NoteSigner {
    NoteSigner::new(name, SigningKey::from_bytes(&[seed; 32])).unwrap()
}

fn log() -> Log {
    Log::of(&[b"one".to_vec(), b"two".to_vec()])
}

#[test]
fn a_note_that_is_signed_reads_back_and_verifies() {
    let note = SignedNote::sign("first\n\nsecond\n", &log_signer()).unwrap();
    let read = SignedNote::parse(note.to_string().as_bytes()).unwrap();
    assert_eq!(read, note);
    let verified = read.verify(&keys()).unwrap();
    assert_eq!(verified.len(), 1);
    assert_eq!((verified[0].name.as_str(), verified[0].timestamp), (ORIGIN, None));
}

#[test]
fn text_that_cannot_be_a_note_s_is_not_signed() {
    for text in ["", "\n", "no line feed", "a\tb\n", "a\r\n", "a\0\n"] {
        assert!(SignedNote::sign(text, &log_signer()).is_err(), "{text:?}");
    }
}

#[test]
fn unknown_signatures_are_ignored_and_known_ones_must_hold() {
    let stranger = signer("stranger.example", 1);
    let mut note = SignedNote::sign("text\n", &log_signer()).unwrap();
    note.signatures.push(SignedNote::sign("other\n", &stranger).unwrap().signatures.remove(0));
    assert_eq!(note.verify(&keys()).unwrap().len(), 1);
    let both = [keys(), vec![stranger.verifier_key().clone()]].concat();
    assert_eq!(note.verify(&both), Err(NoteError::BadSignature("stranger.example".into())));
    assert_eq!(note.verify(&[witness().verifier_key().clone()]), Err(NoteError::NoKnownKey));
    assert_eq!(note.verify(&[]), Err(NoteError::NoKnownKey));
}

#[test]
fn a_key_counts_once_however_often_it_signed() {
    let mut note = SignedNote::sign("text\n", &log_signer()).unwrap();
    note.signatures.extend(note.signatures.clone());
    assert_eq!(note.verify(&keys()).unwrap().len(), 1);
    let twice = [keys(), keys()].concat();
    assert_eq!(note.verify(&twice).unwrap().len(), 1, "the same key given twice is one key");
}

#[test]
fn sixteen_signatures_are_accepted_and_a_flood_is_not() {
    let mut note = SignedNote::sign("text\n", &log_signer()).unwrap();
    let stranger = SignedNote::sign("text\n", &signer("stranger.example", 1)).unwrap().signatures.remove(0);
    note.signatures.splice(0..0, std::iter::repeat_n(stranger.clone(), 15));
    assert!(SignedNote::parse(note.to_string().as_bytes()).unwrap().verify(&keys()).is_ok());
    note.signatures.extend(std::iter::repeat_n(stranger, 85));
    assert!(SignedNote::parse(note.to_string().as_bytes()).is_err());
}

#[test]
fn lines_that_another_tool_would_read_differently_are_refused() {
    let note = SignedNote::sign("text\n", &log_signer()).unwrap().to_string();
    assert!(SignedNote::parse(note.as_bytes()).is_ok());
    for bad in [
        note.replace('\u{2014}', "-"),
        note.replace("\u{2014} ", "\u{2014}  "),
        note.replace("\n\n", "\n"),
        note.trim_end().to_owned(),
        format!("{note}\n"),
        format!("{note}\u{2014} name\n"),
        format!("{note}\u{2014} na+me AAAAAAA=\n"),
        format!("{note}\u{2014} name AAAAAA==\n"),
        format!("{note}\u{2014} name AAAAAAB=\n"),
        note.replace("text", "te\u{7}xt"),
        note.replace('\n', "\r\n"),
        format!("{}{note}", "x".repeat(1_000_001)),
    ] {
        assert!(SignedNote::parse(bad.as_bytes()).is_err(), "{:?}", &bad[..bad.len().min(300)]);
    }
    assert!(SignedNote::parse(&[b"t\xff\n\n", note.as_bytes()].concat()).is_err());
}

#[test]
fn verifier_keys_read_back_and_their_id_must_match() {
    for key in keys() {
        let text = key.to_string();
        assert_eq!(text.parse::<VerifierKey>(), Ok(key.clone()));
        let id = hex::encode(key.id());
        assert!(text.replace(&id, "00000000").parse::<VerifierKey>().is_err());
        assert!(text.replacen('+', "-", 1).parse::<VerifierKey>().is_err());
        assert!(text[..text.len() - 4].parse::<VerifierKey>().is_err());
    }
    let key = "example.com/foo+530D903A+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";
    assert!(key.parse::<VerifierKey>().is_err(), "the id is lower case");
    for name in ["", "a b", "a+b", "a\u{a0}b", "a\nb"] {
        assert!(NoteSigner::new(name, SigningKey::from_bytes(&[1; 32])).is_err(), "{name:?}");
    }
}

#[test]
fn a_checkpoint_needs_a_log_s_signature_not_only_a_witness_s() {
    let log = log();
    let checkpoint = Checkpoint::new(ORIGIN, 2, log.root());
    let mut note = checkpoint.sign(&log_signer()).unwrap();
    note.signatures = vec![witness().cosign(&checkpoint, 5)];
    let opened = Checkpoint::open(note.to_string().as_bytes(), &keys());
    assert_eq!(opened, Err(CheckpointError::NoLogSignature));
    let opened = Checkpoint::open(log.checkpoint().as_bytes(), &keys()).unwrap();
    assert_eq!(opened.checkpoint, checkpoint);
    assert!(opened.is_signed_by_its_origin());
    let seen: Vec<_> = opened.verified.iter().map(|by| (by.key_type, by.timestamp)).collect();
    assert_eq!(seen, [(KeyType::Ed25519, None), (KeyType::CosignatureV1, Some(1_767_225_600))]);
}

#[test]
fn a_cosignature_covers_its_time_and_the_whole_checkpoint() {
    let checkpoint = Checkpoint::new(ORIGIN, 2, log().root());
    let mut note = checkpoint.sign(&log_signer()).unwrap();
    note.signatures.push(witness().cosign(&checkpoint, 1_767_225_600));
    let bad = Err(NoteError::BadSignature("witness.example/w1".into()));
    let mut later = note.clone();
    later.signatures[1].bytes[7] ^= 1;
    assert_eq!(later.verify(&keys()), bad);
    let other = Checkpoint { size: 3, ..checkpoint };
    let mut moved = other.sign(&log_signer()).unwrap();
    moved.signatures.push(note.signatures[1].clone());
    assert_eq!(moved.verify(&keys()), bad);
    note.signatures[1].bytes.truncate(7);
    assert_eq!(note.verify(&keys()), bad);
}

#[test]
fn extensions_are_kept_and_odd_checkpoints_are_neither_signed_nor_read() {
    let mut checkpoint = Checkpoint::new(ORIGIN, 2, leaf_hash(b"x"));
    checkpoint.extensions = vec!["ext 1".into(), "ext 2".into()];
    assert_eq!(checkpoint.to_string().parse(), Ok(checkpoint.clone()));
    assert!(checkpoint.sign(&log_signer()).is_ok());
    for bad in [
        Checkpoint { extensions: vec![String::new()], ..checkpoint.clone() },
        Checkpoint { extensions: vec!["two\nlines".into()], ..checkpoint.clone() },
        Checkpoint { origin: String::new(), ..checkpoint.clone() },
        Checkpoint { origin: "two\nlines".into(), ..checkpoint.clone() },
        Checkpoint { size: 0, ..checkpoint.clone() },
        Checkpoint { size: u64::MAX, ..checkpoint.clone() },
    ] {
        assert!(bad.sign(&log_signer()).is_err(), "{bad:?}");
    }
    let text = checkpoint.to_string();
    assert!(text.trim_end().parse::<Checkpoint>().is_err());
    assert!(text.replace("\n2\n", "\n٢\n").parse::<Checkpoint>().is_err());
}

#[test]
fn the_signed_note_crate_accepts_what_we_sign() {
    use signed_note::{Note, StandardVerifier, VerifierList};
    let text = log().checkpoint();
    let note = Note::from_bytes(text.as_bytes()).unwrap();
    let verifier = StandardVerifier::new(&log_signer().verifier_key().to_string()).unwrap();
    let (verified, others) = note.verify(&VerifierList::new(vec![Box::new(verifier)])).unwrap();
    assert_eq!((verified.len(), others.len()), (1, 1));
    let theirs = tlog_tiles::checkpoint::Checkpoint::from_bytes(note.text()).unwrap();
    assert_eq!((theirs.origin(), theirs.size(), theirs.hash().0), (ORIGIN, 2, log().root()));
}

#[test]
fn we_accept_what_the_signed_note_crate_signs() {
    use signed_note::{Note, StandardSigner};
    let ours = signer("other.example/log", 9);
    let vkey = ours.verifier_key().to_string();
    let id = hex::encode(ours.verifier_key().id());
    let secret = [&[1][..], &[9; 32]].concat();
    let skey = format!("PRIVATE+KEY+other.example/log+{id}+{}", base64(&secret));
    let mut note = Note::new(b"hello\n", &[]).unwrap();
    note.add_sigs(&[&StandardSigner::new(&skey).unwrap()]).unwrap();
    let read = SignedNote::parse(&note.to_bytes()).unwrap();
    assert!(read.verify(&[vkey.parse().unwrap()]).is_ok());
    assert_eq!(read.to_string().into_bytes(), note.to_bytes());
}

fn base64(bytes: &[u8]) -> String {
    use base64::{Engine, engine::general_purpose::STANDARD};
    STANDARD.encode(bytes)
}

proptest! {
    #[test]
    fn any_change_to_a_signed_text_is_refused(at: proptest::sample::Index, bit in 0_u8..8) {
        let note = log().checkpoint();
        let text_len = note.find("\n\n").unwrap();
        let mut bytes = note.into_bytes();
        bytes[at.index(text_len)] ^= 1 << bit;
        prop_assert!(Checkpoint::open(&bytes, &keys()).is_err());
    }

    #[test]
    fn no_bytes_make_the_readers_panic(text in "[a-z0-9+=\n \u{2014}]{0,80}") {
        if let Ok(note) = SignedNote::parse(text.as_bytes()) {
            prop_assert_eq!(note.to_string(), text.clone());
        }
        if let Ok(checkpoint) = text.parse::<Checkpoint>() {
            prop_assert_eq!(checkpoint.to_string(), text);
        }
    }
}
