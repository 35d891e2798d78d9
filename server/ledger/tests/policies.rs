//! Policy files: what they may say, and what they say of a checkpoint.

use crate::common::{Log, log_signer};
use ed25519_dalek::SigningKey;
use ledger::{CheckpointError, Cosigner, NoteSigner, Policy, SignedNote, Standing};
use proptest::prelude::*;

const WITNESSES: usize = 5;

/// Witness number `at`.
fn cosigner(at: usize) -> Cosigner {
    Cosigner::new(&format!("witness.example/{at}"), SigningKey::from_bytes(&[40 + at as u8; 32])).unwrap()
}

/// A file with the log and five witnesses `w0` to `w4`, and what follows.
fn file(rest: &str) -> String {
    let mut file = format!("# ours\nlog {}\n", log_signer().verifier_key());
    for at in 0..WITNESSES {
        file += &format!("witness w{at} {}\n", cosigner(at).verifier_key());
    }
    file + rest
}

fn policy(rest: &str) -> Policy {
    Policy::parse(file(rest).as_bytes()).unwrap()
}

/// The checkpoint of a small log, signed by the log and by these witnesses.
fn note(by: &[usize]) -> String {
    let log = Log::of(&[b"one".to_vec(), b"two".to_vec()]);
    let mut note = SignedNote::parse(log.checkpoint().as_bytes()).unwrap();
    let checkpoint = note.text.parse().unwrap();
    // What the harness's own witness signed stays: nobody here knows it.
    note.signatures.extend(by.iter().map(|at| cosigner(*at).cosign(&checkpoint, 1_700_000_000 + *at as u64)));
    note.to_string()
}

fn standing(rest: &str, by: &[usize]) -> Standing {
    policy(rest).verify(note(by).as_bytes(), &[]).unwrap()
}

#[test]
fn one_witness_two_of_three_and_groups_of_groups_make_a_quorum() {
    let nested = "group x 2 w0 w1 w2\ngroup y any w3 w4\ngroup both all x y\nquorum both\n";
    for (rest, by, met) in [
        ("quorum w1\n", &[1][..], true),
        ("quorum w1\n", &[0, 2, 3, 4], false),
        ("group g 2 w0 w1 w2\nquorum g\n", &[2, 0], true),
        ("group g 2 w0 w1 w2\nquorum g\n", &[2, 3, 4], false),
        (nested, &[0, 2, 4], true),
        (nested, &[0, 1, 2], false),
        (nested, &[0, 3, 4], false),
        ("quorum none\n", &[], true),
    ] {
        assert_eq!(standing(rest, by).quorum, met, "{rest} {by:?}");
    }
}

#[test]
fn a_standing_names_who_cosigned_and_when() {
    let standing = standing("group g 2 w0 w1 w2\nquorum g\n", &[2, 0, 4]);
    let by: Vec<_> = standing.by.iter().map(|by| (by.witness.as_str(), by.at)).collect();
    assert_eq!(by, [("w0", 1_700_000_000), ("w2", 1_700_000_002), ("w4", 1_700_000_004)]);
    assert!(standing.is_witnessed());
    assert_eq!(standing.open.checkpoint.size, 2);
}

#[test]
fn who_asks_for_no_witness_has_a_quorum_and_nothing_witnessed() {
    let standing = standing("quorum none\n", &[]);
    assert!(standing.quorum && !standing.is_witnessed());
}

#[test]
fn a_witness_who_signs_twice_counts_once() {
    assert!(!standing("group g 2 w0 w1 w2\nquorum g\n", &[1, 1, 1]).quorum);
}

#[test]
fn a_cosignature_that_does_not_hold_refuses_the_whole_note() {
    let other = note(&[0]).replace("Example", "");
    let mut forged = SignedNote::parse(other.as_bytes()).unwrap();
    let last = forged.signatures.last_mut().unwrap();
    last.bytes[20] ^= 1;
    let refused = policy("quorum w0\n").verify(forged.to_string().as_bytes(), &[]);
    assert!(matches!(refused, Err(CheckpointError::Note(_))), "{refused:?}");
}

#[test]
fn a_log_speaks_for_itself_only_and_must_be_known() {
    let stranger = NoteSigner::new("stranger.example/log", SigningKey::from_bytes(&[9; 32])).unwrap();
    let text = SignedNote::parse(note(&[]).as_bytes()).unwrap().text;
    let borrowed = SignedNote::sign(&text, &stranger).unwrap().to_string();
    let knows_both = file(&format!("log {}\nquorum none\n", stranger.verifier_key()));
    let knows_both = Policy::parse(knows_both.as_bytes()).unwrap();
    assert_eq!(knows_both.verify(borrowed.as_bytes(), &[]), Err(CheckpointError::NoLogSignature));
    assert!(knows_both.verify(note(&[]).as_bytes(), &[]).is_ok());

    let knows_none = Policy::parse(b"quorum none\n").unwrap();
    assert!(knows_none.verify(note(&[]).as_bytes(), &[]).is_err());
    let from_elsewhere = [log_signer().verifier_key().clone()];
    assert!(knows_none.verify(note(&[]).as_bytes(), &from_elsewhere).is_ok());
}

#[test]
fn blanks_comments_addresses_and_other_alphabets_are_read() {
    let mut text = format!(
        "\n \t \n  # log nothing\n\tlog\t {}   https://log.example/log \n",
        log_signer().verifier_key()
    )
    .into_bytes();
    for (at, name) in [&b"\xe8\xb4\xa2\xe5\x8a\xa1"[..], b"\xff\xfe"].into_iter().enumerate() {
        text.extend([b"witness ", name, b" "].concat());
        text.extend(format!("{} http://127.0.0.1:8{at}\n", cosigner(at).verifier_key()).into_bytes());
    }
    text.extend(b"group all all \xff\xfe \xe8\xb4\xa2\xe5\x8a\xa1\nquorum all\n");
    let policy = Policy::parse(&text).unwrap();
    assert_eq!(policy.logs()[0].url.as_deref(), Some("https://log.example/log"));
    assert_eq!(policy.witnesses()[0].name, "财务");
    assert_eq!(policy.witnesses()[1].url.as_deref(), Some("http://127.0.0.1:81"));
    assert!(policy.verify(note(&[0, 1]).as_bytes(), &[]).unwrap().quorum);
    assert!(!policy.verify(note(&[1]).as_bytes(), &[]).unwrap().quorum);
}

#[test]
fn what_is_not_a_policy_is_refused_with_its_line() {
    let (log, witness) = (log_signer(), cosigner(0));
    let (log, witness) = (log.verifier_key(), witness.verifier_key());
    let renamed = Cosigner::new("other.example", SigningKey::from_bytes(&[40; 32])).unwrap();
    let nine = format!("witness w9 {}\n", cosigner(9).verifier_key());
    for (text, line, why) in [
        (file(""), 7, "no quorum"),
        (file("quorum none"), 7 + 1, "line feed"),
        (file("quorum nobody\n"), 8, "not defined above"),
        (file("quorum w0\nquorum w0\n"), 9, "already"),
        (file("quorum w0 w1\n"), 8, "other parts"),
        (file("quorum\n"), 8, "other parts"),
        (file("group g 0 w0\nquorum g\n"), 8, "from 1 to 1"),
        (file("group g 3 w0 w1\nquorum g\n"), 8, "from 1 to 2"),
        (file("group g +1 w0 w1\nquorum g\n"), 8, "from 1 to 2"),
        (file("group g 01 w0 w1\nquorum g\n"), 8, "from 1 to 2"),
        (file("group g most w0 w1\nquorum g\n"), 8, "from 1 to 2"),
        (file("group g any\nquorum g\n"), 8, "other parts"),
        (file("group g any w0 w0\nquorum g\n"), 8, "in a group already"),
        (file("group g any w0\ngroup h any w0\nquorum g\n"), 9, "in a group already"),
        (file("group g any g\nquorum g\n"), 8, "not defined above"),
        (file("group g any none\nquorum g\n"), 8, "not defined above"),
        (file("group none any w0\nquorum none\n"), 8, "`none`"),
        (file("group w1 any w0\nquorum w1\n"), 8, "defined twice"),
        (file(&nine.replace("w9", "none")), 8, "`none`"),
        (file(&nine.replace("w9", "w1")), 8, "defined twice"),
        (file(&format!("log {log}\nquorum none\n")), 8, "twice"),
        (file(&format!("witness again {}\n", renamed.verifier_key())), 8, "twice"),
        (format!("log {witness}\n"), 1, "type 01"),
        (format!("witness w {log}\n"), 1, "type 04"),
        ("log a b c\n".to_owned(), 1, "other parts"),
        ("log nonsense\n".to_owned(), 1, "verifier key"),
        ("Quorum none\n".to_owned(), 1, "nothing begins with `Quorum`"),
        ("quorum none\r\n".to_owned(), 1, "0d"),
        ("quorum none\u{7f}\n".to_owned(), 1, "7f"),
        ("\u{b}\nquorum none\n".to_owned(), 1, "0b"),
    ] {
        // The log's own line and the comment come first, then the witnesses.
        let line = if text.starts_with("# ours") { line.max(8) } else { line };
        let refused = Policy::parse(text.as_bytes()).unwrap_err();
        assert_eq!(refused.line, line, "{text}: {refused}");
        assert!(refused.to_string().contains(why), "{text}: {refused}");
    }
}

#[test]
fn a_large_policy_is_read_and_a_flood_is_not() {
    let many = |count: usize| {
        let mut text = String::new();
        for at in 0..count {
            let key = SigningKey::from_bytes(
                &[&[1, 2], &at.to_be_bytes()[..], &[0; 22]].concat().try_into().unwrap(),
            );
            let witness = Cosigner::new("w.example", key).unwrap();
            text += &format!("witness w{at} {}\n", witness.verifier_key());
        }
        text + "quorum w0\n"
    };
    assert_eq!(Policy::parse(many(256).as_bytes()).unwrap().witnesses().len(), 256);
    assert!(Policy::parse(many(257).as_bytes()).is_err());
    assert!(Policy::parse(&[b'\n'; (256 << 10) + 1]).is_err());
}

proptest! {
    #[test]
    fn any_k_of_n_is_met_by_k_and_not_by_fewer(needed in 1..=WITNESSES, by in proptest::collection::btree_set(0..WITNESSES, 0..=WITNESSES)) {
        let policy = policy(&format!("group g {needed} w0 w1 w2 w3 w4\nquorum g\n"));
        let met = policy.is_met(|witness| by.iter().any(|at| witness.name == format!("w{at}")));
        prop_assert_eq!(met, by.len() >= needed);
    }

    #[test]
    fn more_cosignatures_never_undo_a_quorum(
        (x, y, both) in (1..=3_usize, 1..=2_usize, 1..=2_usize),
        by in proptest::collection::btree_set(0..WITNESSES, 0..=WITNESSES),
        more in 0..WITNESSES,
    ) {
        let policy = policy(&format!("group x {x} w0 w1 w2\ngroup y {y} w3 w4\ngroup g {both} x y\nquorum g\n"));
        let met = |by: &std::collections::BTreeSet<usize>| policy.is_met(|witness| by.iter().any(|at| witness.name == format!("w{at}")));
        let mut larger = by.clone();
        larger.insert(more);
        prop_assert!(!met(&by) || met(&larger));
    }

    #[test]
    fn no_bytes_make_the_reader_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _either = Policy::parse(&bytes);
    }

    #[test]
    fn words_in_any_order_are_read_or_refused_with_a_line_that_is_there(
        words in proptest::collection::vec("log|witness|group|quorum|any|all|none|2|w0|w1|g|#| |\n|\t", 0..40),
    ) {
        let text = file(&words.join(" "));
        if let Err(refused) = Policy::parse(text.as_bytes()) {
            prop_assert!(refused.line >= 1 && refused.line <= text.lines().count() + 1);
        }
    }
}
