//! Strict readers for the few text forms that the log's formats are made of.
//!
//! Promises: one value has one spelling. Must never be as lenient as the standard library, which
//! takes `+3` and `03` for 3, and drops carriage returns from lines.

use crate::tree::Hash;
use base64::{Engine, engine::general_purpose::STANDARD};

/// A decimal number: digits only, no leading zero, at most 2^63-1 (sizes are signed elsewhere).
pub(crate) fn parse_decimal(text: &str) -> Option<u64> {
    let digits = !text.is_empty() && text.len() <= 19 && text.bytes().all(|b| b.is_ascii_digit());
    let canonical = digits && (text == "0" || !text.starts_with('0'));
    text.parse().ok().filter(|value| canonical && *value <= i64::MAX.unsigned_abs())
}

/// Padded standard base64 whose trailing bits are zero.
pub(crate) fn parse_base64(text: &str) -> Option<Vec<u8>> {
    STANDARD.decode(text).ok()
}

/// A hash in base64.
pub(crate) fn parse_hash(text: &str) -> Option<Hash> {
    parse_base64(text)?.try_into().ok()
}

/// Padded standard base64.
pub(crate) fn base64(bytes: impl AsRef<[u8]>) -> String {
    STANDARD.encode(bytes)
}

/// Whether the text holds control characters below U+0020 other than line feeds.
pub(crate) fn has_control(text: &str) -> bool {
    text.bytes().any(|b| b < 0x20 && b != b'\n')
}

/// Takes one line off the front of `rest`, without its line feed; `None` if there is no line feed.
pub(crate) fn next_line<'a>(rest: &mut &'a str) -> Option<&'a str> {
    let (line, tail) = rest.split_once('\n')?;
    *rest = tail;
    Some(line)
}
