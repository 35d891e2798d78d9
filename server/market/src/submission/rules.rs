//! What can be handed in. No database, no clock.

use super::commands::{FileInput, SubmitInput};
use super::evidence::{EvidenceItem, check_brought};
use crate::error::{Code, Problems, Result};
use crate::text;

const MOST_LINKS: usize = 10;

/// Checks and tidies what a crew hands in: at least one of text, link and file, and all that `asked` asks for.
pub(super) fn check(
    input: SubmitInput,
    asked: &[EvidenceItem],
    max_file: usize,
    max_files: usize,
) -> Result<SubmitInput> {
    let mut problems = Problems::default();
    let SubmitInput { entry, body, links, files, evidence } = input;
    let (body, links) = tidy(&mut problems, &body, &links);
    problems.check(files.len() > max_files, "files", Code::TooManyItems { max: max_files });
    let mut checked = Vec::with_capacity(files.len());
    for (at, file) in files.into_iter().enumerate() {
        checked.push(check_file(&mut problems, at, file, max_file));
    }
    let names: Vec<&str> = checked.iter().map(|file| file.name.as_str()).collect();
    let evidence = check_brought(&mut problems, asked, &evidence, &names);
    let empty = body.is_empty() && links.is_empty() && checked.is_empty() && asked.is_empty();
    problems.check(empty, "body", Code::EmptySubmission);
    problems.done()?;
    Ok(SubmitInput { entry, body, links, files: checked, evidence })
}

/// The same for what is not a file; `files`: the names of those that will come along.
pub(super) fn check_text(input: SubmitInput, asked: &[EvidenceItem], files: &[&str]) -> Result<SubmitInput> {
    let mut problems = Problems::default();
    let (body, links) = tidy(&mut problems, &input.body, &input.links);
    let evidence = check_brought(&mut problems, asked, &input.evidence, files);
    let empty = body.is_empty() && links.is_empty() && files.is_empty() && asked.is_empty();
    problems.check(empty, "body", Code::EmptySubmission);
    problems.done()?;
    Ok(SubmitInput { body, links, evidence, ..input })
}

/// Refuses unless everything that `asked` asks for is there.
pub(super) fn check_evidence(asked: &[EvidenceItem], brought: &[String], files: &[&str]) -> Result<()> {
    let mut problems = Problems::default();
    check_brought(&mut problems, asked, brought, files);
    problems.done()
}

fn tidy(problems: &mut Problems, body: &str, links: &[String]) -> (String, Vec<String>) {
    let body = text::maybe_prose(problems, "body", body, 50_000);
    let links: Vec<String> =
        links.iter().map(|link| link.trim().to_owned()).filter(|link| !link.is_empty()).collect();
    problems.check(links.len() > MOST_LINKS, "links", Code::TooManyItems { max: MOST_LINKS });
    for (at, link) in links.iter().enumerate() {
        problems.check(!is_link(link), format!("links.{at}"), Code::BadLink);
    }
    (body, links)
}

fn check_file(problems: &mut Problems, at: usize, file: FileInput, max: usize) -> FileInput {
    let field = |part: &str| format!("files.{at}.{part}");
    let name = file.name.trim().to_owned();
    let odd = |c: char| {
        c.is_control() || matches!(c, '/' | '\\' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    let bad =
        name.is_empty() || name.chars().count() > 120 || name.contains(odd) || name.chars().all(|c| c == '.');
    problems.check(bad, field("name"), Code::BadFileName);
    problems.check(file.bytes.is_empty(), field("content"), Code::FileEmpty);
    problems.check(file.bytes.len() > max, field("content"), Code::FileTooLarge { max });
    let media_type =
        if is_media_type(&file.media_type) { file.media_type } else { "application/octet-stream".into() };
    FileInput { name, media_type, bytes: file.bytes }
}

/// `http` or `https`, a host, no spaces or control characters, at most 2,000 bytes.
pub(super) fn is_link(link: &str) -> bool {
    let rest = link.strip_prefix("https://").or_else(|| link.strip_prefix("http://"));
    let host = rest.map(|rest| rest.split(['/', '?', '#']).next().unwrap_or_default());
    let plain = !link
        .chars()
        .any(|c| c.is_whitespace() || c.is_control() || matches!(c, '"' | '<' | '>' | '`' | '\\'));
    link.len() <= 2_000 && plain && host.is_some_and(|host| !host.is_empty() && !host.contains('@'))
}

/// `type/subtype` of RFC 6838 names, at most 100 bytes, no parameters.
fn is_media_type(text: &str) -> bool {
    let name = |part: &str| {
        !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$&-^_.+".contains(&b))
    };
    text.len() <= 100 && text.split_once('/').is_some_and(|(kind, subtype)| name(kind) && name(subtype))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Refusal;
    use crate::ids::EntryId;

    fn input(body: &str) -> SubmitInput {
        SubmitInput {
            entry: EntryId(uuid::Uuid::nil()),
            body: body.into(),
            links: vec![],
            files: vec![],
            evidence: vec![],
        }
    }

    fn file(name: &str, size: usize) -> FileInput {
        FileInput { name: name.into(), media_type: "text/plain".into(), bytes: vec![7; size] }
    }

    fn first_code(input: SubmitInput) -> Code {
        match check(input, &[], 100, 2).unwrap_err() {
            Refusal::Invalid(problems) => problems[0].code.clone(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn something_must_be_handed_in() {
        assert_eq!(first_code(input(" \n ")), Code::EmptySubmission);
        assert!(check(input("done"), &[], 100, 2).is_ok());
    }

    #[test]
    fn links_lead_to_the_web_only() {
        for link in
            ["javascript:alert(1)", "ftp://a.example", "https://", "https://me@evil.example", "https://a b"]
        {
            assert_eq!(
                first_code(SubmitInput { links: vec![link.into()], ..input("x") }),
                Code::BadLink,
                "{link}"
            );
        }
        let fine =
            SubmitInput { links: vec![" https://a.example/x?y#z ".into(), String::new()], ..input("") };
        assert_eq!(check(fine, &[], 100, 2).unwrap().links, ["https://a.example/x?y#z"]);
    }

    #[test]
    fn files_are_bounded_and_plainly_named() {
        assert_eq!(
            first_code(SubmitInput { files: vec![file("a.txt", 101)], ..input("") }),
            Code::FileTooLarge { max: 100 }
        );
        assert_eq!(first_code(SubmitInput { files: vec![file("a.txt", 0)], ..input("") }), Code::FileEmpty);
        for name in ["", "..", "a/b", "a\\b", "a\u{202e}txt.exe", "a\nb"] {
            assert_eq!(
                first_code(SubmitInput { files: vec![file(name, 1)], ..input("") }),
                Code::BadFileName,
                "{name:?}"
            );
        }
        let three = vec![file("a", 1), file("b", 1), file("c", 1)];
        assert_eq!(first_code(SubmitInput { files: three, ..input("") }), Code::TooManyItems { max: 2 });
    }

    #[test]
    fn an_odd_media_type_becomes_plain_bytes() {
        let odd = FileInput { media_type: "text/html; charset=x\r\nSet-Cookie: a".into(), ..file("a", 1) };
        let checked = check(SubmitInput { files: vec![odd], ..input("") }, &[], 100, 2).unwrap();
        assert_eq!(checked.files[0].media_type, "application/octet-stream");
    }
}
