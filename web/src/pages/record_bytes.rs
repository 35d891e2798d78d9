//! The bytes of a record, walked item by item, each with its place, its bytes and what it means.
//!
//! Promises: the pieces put together are the bytes again, whatever they are. Must never: fail; what it
//! cannot read it shows as it is.

use market::Moment;

use crate::i18n::key;

/// A piece of the bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BytesRow {
    /// Where it begins.
    pub offset: String,
    /// How deep it lies: 0 for the record's fields, 1 and 2 for parts of them.
    pub depth: u8,
    /// The bytes in hexadecimal, in pairs.
    pub hex: String,
    /// The key of what it is.
    pub label: &'static str,
    /// Its number among its like, from 1, where there are several.
    pub number: Option<usize>,
    /// What is said there: a number, an instant; empty where the bytes speak for themselves.
    pub value: String,
}

/// Walks a record, a CBOR map with small numbers as keys (RFC 8949).
pub fn explain(bytes: &[u8]) -> Vec<BytesRow> {
    let mut walk = Walk { bytes, at: 0, rows: Vec::new() };
    let whole = walk.record();
    if whole.is_none() || walk.at < bytes.len() {
        // Whatever could not be read stays together.
        walk.piece(bytes.len(), 0, key("bytes-unknown"), None, String::new());
    }
    walk.rows
}

struct Walk<'a> {
    bytes: &'a [u8],
    at: usize,
    rows: Vec<BytesRow>,
}

/// The head of an item: its major type, its argument, and where what follows begins.
struct Head {
    major: u8,
    value: u64,
    end: usize,
}

impl Walk<'_> {
    fn record(&mut self) -> Option<()> {
        let head = self.head(self.at).filter(|head| head.major == 5)?;
        self.piece(head.end, 0, key("bytes-map"), None, head.value.to_string());
        for _ in 0..head.value {
            let field = self.head(self.at).filter(|field| field.major == 0)?;
            match field.value {
                4 => self.list(field.end, key("bytes-postings"), Self::posting)?,
                5 => self.intent(field.end)?,
                6 => self.list(field.end, key("bytes-commitments"), |walk, number| {
                    walk.scalar(walk.at, 1, key("bytes-commitment"), Some(number))
                })?,
                other => self.scalar(field.end, 0, label(other), None)?,
            }
        }
        Some(())
    }

    /// A field that holds several, whose key ends at `from`.
    fn list(
        &mut self,
        from: usize,
        label: &'static str,
        each: impl Fn(&mut Self, usize) -> Option<()>,
    ) -> Option<()> {
        let head = self.head(from).filter(|head| head.major == 4)?;
        self.piece(head.end, 0, label, None, head.value.to_string());
        for number in 1..=usize::try_from(head.value).ok()? {
            each(self, number)?;
        }
        Some(())
    }

    fn posting(&mut self, number: usize) -> Option<()> {
        let head = self.head(self.at).filter(|head| head.major == 4 && head.value == 7)?;
        self.piece(head.end, 1, key("bytes-posting"), Some(number), String::new());
        let parts = [
            key("bytes-account"),
            key("bytes-asset"),
            key("bytes-side"),
            key("bytes-amount"),
            key("bytes-seq"),
            key("bytes-debits"),
            key("bytes-credits"),
        ];
        parts.into_iter().try_for_each(|part| self.scalar(self.at, 2, part, None))
    }

    fn intent(&mut self, from: usize) -> Option<()> {
        let head = self.head(from).filter(|head| head.major == 4 && head.value == 4)?;
        self.piece(head.end, 0, key("bytes-intent"), None, String::new());
        let parts =
            [key("bytes-key-id"), key("bytes-algorithm"), key("bytes-intent-hash"), key("bytes-signature")];
        parts.into_iter().try_for_each(|part| self.scalar(self.at, 1, part, None))
    }

    /// A number or a byte string, whose head begins at `from`; the piece begins where the walk is.
    fn scalar(&mut self, from: usize, depth: u8, label: &'static str, number: Option<usize>) -> Option<()> {
        let head = self.head(from)?;
        let (end, value) = match head.major {
            0 => (head.end, said(label, head.value)),
            2 | 3 => {
                let end = head.end.checked_add(usize::try_from(head.value).ok()?)?;
                (end, String::new())
            }
            _ => return None,
        };
        if end > self.bytes.len() {
            return None;
        }
        self.piece(end, depth, label, number, value);
        Some(())
    }

    /// Cuts from where the walk is to `end`.
    fn piece(&mut self, end: usize, depth: u8, label: &'static str, number: Option<usize>, value: String) {
        let Some(bytes) = self.bytes.get(self.at..end) else { return };
        let hex: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        let offset = format!("{:04x}", self.at);
        self.rows.push(BytesRow { offset, depth, hex: hex.join(" "), label, number, value });
        self.at = end;
    }

    fn head(&self, at: usize) -> Option<Head> {
        let first = *self.bytes.get(at)?;
        let width = match first & 0x1f {
            small @ 0..24 => return Some(Head { major: first >> 5, value: u64::from(small), end: at + 1 }),
            24 => 1,
            25 => 2,
            26 => 4,
            27 => 8,
            _ => return None,
        };
        let argument = self.bytes.get(at + 1..=at + width)?;
        let value = argument.iter().fold(0, |value, byte| value << 8 | u64::from(*byte));
        Some(Head { major: first >> 5, value, end: at + 1 + width })
    }
}

/// A number as people read it: instants also as such.
fn said(label: &'static str, value: u64) -> String {
    let instant = label == key("bytes-posted-at") || label == key("bytes-effective-at");
    match i64::try_from(value) {
        Ok(micros) if instant => format!("{value} · {}", Moment(micros).rfc3339()),
        _ => value.to_string(),
    }
}

fn label(field: u64) -> &'static str {
    match field {
        0 => key("bytes-version"),
        1 => key("bytes-kind"),
        2 => key("bytes-id"),
        3 => key("bytes-posted-at"),
        7 => key("bytes-nonce"),
        8 => key("bytes-subject"),
        9 => key("bytes-reversed"),
        10 => key("bytes-batch"),
        11 => key("bytes-effective-at"),
        _ => key("bytes-unknown"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn together(rows: &[BytesRow]) -> String {
        rows.iter().map(|row| row.hex.replace(' ', "")).collect()
    }

    #[test]
    fn fields_and_their_parts_are_named_and_nothing_is_lost() {
        // {0: 1, 2: h'aabb', 3: 1_000_000, 4: [[h'cc', 1, 0, 500, 3, 500, 900]], 6: [h'dd']}
        let bytes = [
            0xa5, 0x00, 0x01, 0x02, 0x42, 0xaa, 0xbb, 0x03, 0x1a, 0x00, 0x0f, 0x42, 0x40, 0x04, 0x81, 0x87,
            0x41, 0xcc, 0x01, 0x00, 0x19, 0x01, 0xf4, 0x03, 0x19, 0x01, 0xf4, 0x19, 0x03, 0x84, 0x06, 0x81,
            0x41, 0xdd,
        ];
        let rows = explain(&bytes);
        let told: Vec<_> = rows.iter().map(|row| (row.label, row.depth, row.value.as_str())).collect();
        let expected = [
            ("bytes-map", 0, "5"),
            ("bytes-version", 0, "1"),
            ("bytes-id", 0, ""),
            ("bytes-posted-at", 0, "1000000 · 1970-01-01T00:00:01Z"),
            ("bytes-postings", 0, "1"),
            ("bytes-posting", 1, ""),
            ("bytes-account", 2, ""),
            ("bytes-asset", 2, "1"),
            ("bytes-side", 2, "0"),
            ("bytes-amount", 2, "500"),
            ("bytes-seq", 2, "3"),
            ("bytes-debits", 2, "500"),
            ("bytes-credits", 2, "900"),
            ("bytes-commitments", 0, "1"),
            ("bytes-commitment", 1, ""),
        ];
        assert_eq!(told, expected);
        assert_eq!((rows[2].offset.as_str(), rows[2].hex.as_str()), ("0003", "02 42 aa bb"));
        assert_eq!(together(&rows), hex::encode(bytes));
    }

    #[test]
    fn whatever_the_bytes_are_they_come_out_whole() {
        for bytes in [
            &[][..],
            &[0xff],
            &[0xbf],
            &[0xa1],
            &[0xa1, 0x04, 0x82, 0x87, 0x41],
            &[0xa1, 0x05, 0x84, 0x00, 0x00, 0x00, 0x00, 0x99],
            &[0xa1, 0x00, 0x5b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
        ] {
            assert_eq!(together(&explain(bytes)), hex::encode(bytes), "{bytes:02x?}");
        }
    }
}
