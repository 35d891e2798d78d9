//! The evidence checklist: what every version must bring along, and whether it does.
//!
//! Promises: pure; whether a version passes is decided by the frozen rules alone, for page and API alike.
//! Must never: judge how good the evidence is; that is for people.

use serde::{Deserialize, Serialize};

use super::rules::is_link;
use crate::error::{Code, Problems};
use crate::text;

/// Most items on a checklist.
pub const MOST_EVIDENCE: usize = 20;

/// One thing that every version must bring along.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EvidenceItem {
    /// What it is, at most 120 characters: "How it was measured".
    pub title: String,
    /// How it is brought.
    pub asks: EvidenceKind,
}

/// How a piece of evidence is brought.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EvidenceKind {
    /// In words: up to 2,000 characters.
    Words,
    /// By a link, `https://…` or `http://…`.
    Link,
    /// By a file whose name fits this pattern, in which `*` stands for anything; capitals don't matter.
    File(String),
}

/// Checks a checklist.
pub(crate) fn check_list(problems: &mut Problems, items: &[EvidenceItem]) {
    problems.check(items.len() > MOST_EVIDENCE, "rules.evidence", Code::TooManyItems { max: MOST_EVIDENCE });
    for (at, item) in items.iter().enumerate() {
        text::line(problems, &format!("rules.evidence.{at}.title"), &item.title, 120);
        if let EvidenceKind::File(pattern) = &item.asks {
            let field = format!("rules.evidence.{at}.file");
            text::line(problems, &field, pattern, 100);
            problems.check(pattern.contains(['/', '\\']), field, Code::BadFileName);
        }
    }
}

/// What a version brings, item by item, tidied; a file's place stays empty. Notes what is missing on
/// `evidence.N`.
pub(super) fn check_brought(
    problems: &mut Problems,
    items: &[EvidenceItem],
    brought: &[String],
    files: &[&str],
) -> Vec<String> {
    if brought.len() > items.len() {
        problems.add("evidence", Code::TooManyItems { max: items.len() });
    }
    let one = |(at, item): (usize, &EvidenceItem)| {
        let field = format!("evidence.{at}");
        let said = brought.get(at).map(String::as_str).unwrap_or_default();
        match &item.asks {
            EvidenceKind::Words => text::prose(problems, &field, said, 2_000),
            EvidenceKind::Link => {
                let link = said.trim().to_owned();
                let wrong = if link.is_empty() { Some(Code::Required) } else { Some(Code::BadLink) };
                if let Some(code) = wrong.filter(|_| !is_link(&link)) {
                    problems.add(&field, code);
                }
                link
            }
            EvidenceKind::File(pattern) => {
                let there = files.iter().any(|name| fits(pattern, name));
                problems.check(!there, &field, Code::FileMissing { pattern: pattern.clone() });
                String::new()
            }
        }
    };
    items.iter().enumerate().map(one).collect()
}

/// Whether a name fits a pattern in which `*` stands for anything.
fn fits(pattern: &str, name: &str) -> bool {
    let (pattern, name) = (pattern.trim().to_lowercase(), name.to_lowercase());
    let Some((head, rest)) = pattern.split_once('*') else { return pattern == name };
    let Some(mut left) = name.strip_prefix(head) else { return false };
    let (middle, tail) = rest.rsplit_once('*').unwrap_or(("", rest));
    for part in middle.split('*') {
        match left.find(part) {
            Some(at) => left = &left[at + part.len()..],
            None => return false,
        }
    }
    left.ends_with(tail)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Refusal;

    fn item(title: &str, asks: EvidenceKind) -> EvidenceItem {
        EvidenceItem { title: title.to_owned(), asks }
    }

    fn list() -> Vec<EvidenceItem> {
        vec![
            item("How it was measured", EvidenceKind::Words),
            item("The branch", EvidenceKind::Link),
            item("A report", EvidenceKind::File("*.pdf".to_owned())),
        ]
    }

    fn told(problems: Problems) -> Vec<(String, Code)> {
        match problems.done() {
            Ok(()) => Vec::new(),
            Err(Refusal::Invalid(problems)) => {
                problems.into_iter().map(|problem| (problem.field, problem.code)).collect()
            }
            Err(other) => panic!("{other:?}"),
        }
    }

    fn brought(said: &[&str], files: &[&str]) -> Vec<(String, Code)> {
        let said: Vec<String> = said.iter().map(|text| (*text).to_owned()).collect();
        let mut problems = Problems::default();
        check_brought(&mut problems, &list(), &said, files);
        told(problems)
    }

    #[test]
    fn a_version_that_brings_everything_passes() {
        assert_eq!(brought(&["By hand.", " https://a.example "], &["notes.txt", "Report.PDF"]), []);
    }

    #[test]
    fn each_missing_piece_is_named_on_its_own_place() {
        let missing = Code::FileMissing { pattern: "*.pdf".to_owned() };
        assert_eq!(
            brought(&[], &["report.pdf.exe"]),
            [
                ("evidence.0".to_owned(), Code::Required),
                ("evidence.1".to_owned(), Code::Required),
                ("evidence.2".to_owned(), missing),
            ]
        );
        assert_eq!(
            brought(&["x", "ftp://a.example"], &["a.pdf"]),
            [("evidence.1".to_owned(), Code::BadLink)]
        );
    }

    #[test]
    fn more_than_was_asked_for_is_refused_and_not_dropped() {
        let told = brought(&["x", "https://a.example", "", "more"], &["a.pdf"]);
        assert_eq!(told, [("evidence".to_owned(), Code::TooManyItems { max: 3 })]);
    }

    #[test]
    fn a_pattern_is_a_name_with_stars_for_anything() {
        for (pattern, name) in [
            ("a.csv", "A.csv"),
            ("*", "anything"),
            ("*.pdf", "x.pdf"),
            ("a*b*c", "a-b-c"),
            ("a*b*c", "abc"),
            ("*b*", "abc"),
        ] {
            assert!(fits(pattern, name), "{pattern} {name}");
        }
        for (pattern, name) in
            [("a.csv", "b.csv"), ("*.pdf", "pdf"), ("a*b*c", "acb"), ("aa*aa", "aaa"), ("", "x")]
        {
            assert!(!fits(pattern, name), "{pattern} {name}");
        }
    }

    #[test]
    fn a_checklist_is_bounded_and_names_what_it_wants() {
        let check = |items: &[EvidenceItem]| {
            let mut problems = Problems::default();
            check_list(&mut problems, items);
            told(problems)
        };
        assert_eq!(check(&list()), []);
        let odd = [item(" ", EvidenceKind::Words), item("x", EvidenceKind::File("../a".to_owned()))];
        assert_eq!(
            check(&odd),
            [
                ("rules.evidence.0.title".to_owned(), Code::Required),
                ("rules.evidence.1.file".to_owned(), Code::BadFileName),
            ]
        );
        let many = vec![item("x", EvidenceKind::Words); MOST_EVIDENCE + 1];
        assert_eq!(check(&many), [("rules.evidence".to_owned(), Code::TooManyItems { max: MOST_EVIDENCE })]);
    }

    #[test]
    fn a_checklist_is_frozen_like_this_for_ever() {
        let json = r#"[{"title":"How it was measured","asks":"words"},{"title":"The branch","asks":"link"},{"title":"A report","asks":{"file":"*.pdf"}}]"#;
        assert_eq!(serde_json::to_string(&list()).unwrap(), json);
        assert_eq!(serde_json::from_str::<Vec<EvidenceItem>>(json).unwrap(), list());
    }
}
