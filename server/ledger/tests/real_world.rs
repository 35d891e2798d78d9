//! Notes that others have published: the C2SP example and the Go checksum database.

use ledger::{Checkpoint, NoteError, SignedNote, VerifierKey};

const EXAMPLE_KEY: &str = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";
const EXAMPLE: &str = "This is an example message.\n\n\u{2014} example.com/foo \
    Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n";

const GO_KEY: &str = "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8";
const GO_HEAD: &str = "go.sum database tree\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n\
    \u{2014} sum.golang.org \
    Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n";

fn key(text: &str) -> VerifierKey {
    text.parse().unwrap()
}

#[test]
fn the_example_of_the_specification_verifies() {
    let note = SignedNote::parse(EXAMPLE.as_bytes()).unwrap();
    assert_eq!(note.text, "This is an example message.\n");
    assert_eq!(note.verify(&[key(EXAMPLE_KEY)]).unwrap()[0].name, "example.com/foo");
    assert_eq!(note.to_string(), EXAMPLE);
    assert_eq!(note.verify(&[key(GO_KEY)]), Err(NoteError::NoKnownKey));
    let other = SignedNote::parse(EXAMPLE.replace("an example", "another").as_bytes()).unwrap();
    assert_eq!(other.verify(&[key(EXAMPLE_KEY)]), Err(NoteError::BadSignature("example.com/foo".into())));
}

#[test]
fn the_head_of_the_go_checksum_database_opens() {
    let open = Checkpoint::open(GO_HEAD.as_bytes(), &[key(GO_KEY)]).unwrap();
    assert_eq!((open.checkpoint.origin.as_str(), open.checkpoint.size), ("go.sum database tree", 20_852_163));
    assert!(!open.is_signed_by_its_origin(), "that log's key has another name than its origin");
    assert_eq!(key(GO_KEY).to_string(), GO_KEY, "a key whose base64 holds plus signs reads back");
    let bigger = GO_HEAD.replace("20852163", "20852164");
    assert!(Checkpoint::open(bigger.as_bytes(), &[key(GO_KEY)]).is_err());
}
