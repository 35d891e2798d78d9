//! Texts from outside: trimmed, bounded, free of control characters.
//!
//! Promises: every text that a person can send passes here; a multi-line text keeps line feeds and
//! tabs. Must never: change what was written beyond trimming its ends and its line ends.

use crate::error::{Code, Problems};

/// One line of 1 to `max` characters.
pub(crate) fn line(problems: &mut Problems, field: &str, text: &str, max: usize) -> String {
    let text = text.trim().to_owned();
    problems.check(text.is_empty(), field, Code::Required);
    bounded(problems, field, &text, max);
    problems.check(text.chars().any(char::is_control), field, Code::ControlCharacters);
    text
}

/// Several lines of 1 to `max` characters.
pub(crate) fn prose(problems: &mut Problems, field: &str, text: &str, max: usize) -> String {
    let text = maybe_prose(problems, field, text, max);
    problems.check(text.is_empty(), field, Code::Required);
    text
}

/// Several lines of up to `max` characters, perhaps none.
pub(crate) fn maybe_prose(problems: &mut Problems, field: &str, text: &str, max: usize) -> String {
    let text = text.trim().replace("\r\n", "\n").replace('\r', "\n");
    bounded(problems, field, &text, max);
    let odd = |c: char| c.is_control() && c != '\n' && c != '\t';
    problems.check(text.chars().any(odd), field, Code::ControlCharacters);
    text
}

/// A public handle or slug: 2 to 32 small letters, digits or hyphens, a letter first, in lower case.
pub(crate) fn handle(problems: &mut Problems, field: &str, text: &str) -> String {
    let text = text.trim().to_ascii_lowercase();
    let fine = (2..=32).contains(&text.len())
        && text.starts_with(|c: char| c.is_ascii_lowercase())
        && !text.ends_with('-')
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    problems.check(!fine, field, Code::BadHandle);
    text
}

/// A handle or slug to look somebody or something up by: in small letters, or nothing when it can't be one.
/// PostgreSQL faults on a text with a zero byte, so what can't be a handle never gets there.
pub(crate) fn known_as(text: &str) -> Option<String> {
    let text = text.trim().to_ascii_lowercase();
    let fine = text.len() <= 64 && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    fine.then_some(text)
}

fn bounded(problems: &mut Problems, field: &str, text: &str, max: usize) {
    problems.check(text.chars().count() > max, field, Code::TooLong { max });
}
