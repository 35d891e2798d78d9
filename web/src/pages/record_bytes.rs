//! The bytes of a record, cut at its fields, each with what it means.
//!
//! Promises: the pieces put together are the bytes again, whatever they are. Must never: fail; what it
//! cannot read it shows as it is.

use crate::i18n::key;

/// A piece of the bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BytesRow {
    /// The key of what it means.
    pub label: &'static str,
    /// The bytes in hexadecimal.
    pub hex: String,
}

/// Cuts a record, a CBOR map with small numbers as keys (RFC 8949), at its fields.
pub fn explain(bytes: &[u8]) -> Vec<BytesRow> {
    let row = |label, piece: &[u8]| BytesRow { label, hex: hex::encode(piece) };
    let mut rows = Vec::new();
    let Some((pairs, head)) = header(bytes).filter(|_| bytes[0] >> 5 == 5) else {
        return vec![row(key("bytes-unknown"), bytes)];
    };
    rows.push(row(key("bytes-map"), &bytes[..head]));
    let mut at = head;
    for _ in 0..pairs {
        let Some(end) = item(bytes, at).and_then(|value| item(bytes, value)) else { break };
        rows.push(row(label(bytes[at]), &bytes[at..end]));
        at = end;
    }
    if at < bytes.len() {
        rows.push(row(key("bytes-unknown"), &bytes[at..]));
    }
    rows
}

fn label(field: u8) -> &'static str {
    match field {
        0 => key("bytes-version"),
        1 => key("bytes-kind"),
        2 => key("bytes-id"),
        3 => key("bytes-posted-at"),
        4 => key("bytes-postings"),
        5 => key("bytes-intent"),
        6 => key("bytes-commitments"),
        7 => key("bytes-nonce"),
        8 => key("bytes-subject"),
        9 => key("bytes-reversed"),
        10 => key("bytes-batch"),
        11 => key("bytes-effective-at"),
        _ => key("bytes-unknown"),
    }
}

/// The argument of the item that begins here, and how long its head is.
fn header(bytes: &[u8]) -> Option<(u64, usize)> {
    let first = *bytes.first()?;
    let width = match first & 0x1f {
        small @ 0..24 => return Some((u64::from(small), 1)),
        24 => 1,
        25 => 2,
        26 => 4,
        27 => 8,
        _ => return None,
    };
    let value = bytes.get(1..=width)?.iter().fold(0, |value, byte| value << 8 | u64::from(*byte));
    Some((value, 1 + width))
}

/// Where the item that begins at `at` ends.
fn item(bytes: &[u8], at: usize) -> Option<usize> {
    let mut at = at;
    let mut left = 1_u64;
    while left > 0 {
        let rest = bytes.get(at..)?;
        let (value, head) = header(rest)?;
        left -= 1;
        at += head;
        match rest[0] >> 5 {
            0 | 1 => {}
            2 | 3 => at = at.checked_add(usize::try_from(value).ok()?).filter(|end| *end <= bytes.len())?,
            4 => left = left.checked_add(value)?,
            5 => left = left.checked_add(value.checked_mul(2)?)?,
            _ => return None,
        }
    }
    Some(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_named_and_nothing_is_lost() {
        // {0: 1, 2: h'aabb', 4: [[1, 2]]}
        let bytes = [0xa3, 0x00, 0x01, 0x02, 0x42, 0xaa, 0xbb, 0x04, 0x81, 0x82, 0x01, 0x02];
        let rows = explain(&bytes);
        let labels: Vec<_> = rows.iter().map(|row| row.label).collect();
        assert_eq!(labels, ["bytes-map", "bytes-version", "bytes-id", "bytes-postings"]);
        assert_eq!(rows.iter().map(|row| row.hex.as_str()).collect::<String>(), hex::encode(bytes));
    }

    #[test]
    fn whatever_the_bytes_are_they_come_out_whole() {
        for bytes in [
            &[][..],
            &[0xff],
            &[0xbf],
            &[0xa1],
            &[0xa1, 0x00, 0x5b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
        ] {
            let together: String = explain(bytes).into_iter().map(|row| row.hex).collect();
            assert_eq!(together, hex::encode(bytes));
        }
    }
}
