//! Tables from outside: comma-separated values with a head, read with bounds.

use csv::{ReaderBuilder, StringRecord, Trim};

use crate::Fault;

/// Most rows of an answer key.
pub const MOST_ROWS: usize = 100_000;
/// The longest id or class, in characters.
const LONGEST: usize = 100;

/// A table whose rows are as wide as its head.
pub(crate) struct Table {
    /// The names of the columns, in small letters where they are ours to name.
    pub(crate) head: Vec<String>,
    /// Its rows with the line on which each begins.
    pub(crate) rows: Vec<(u64, StringRecord)>,
}

/// Reads a table of at most [`MOST_ROWS`] rows.
pub(crate) fn read(bytes: &[u8]) -> Result<Table, Fault> {
    let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
    let mut lines = Lines { bytes, at: 0, line: 1 };
    let mut reader =
        ReaderBuilder::new().has_headers(false).flexible(true).trim(Trim::All).from_reader(bytes);
    let mut head: Option<Vec<String>> = None;
    let mut rows = Vec::new();
    let mut record = StringRecord::new();
    let mut line = 1;
    loop {
        let more = reader.read_record(&mut record).map_err(|error| Fault::Unreadable {
            line: error.position().map_or(line, |position| lines.of(position)),
        })?;
        if !more {
            break;
        }
        line = record.position().map_or(line, |position| lines.of(position));
        match &head {
            None => head = Some(record.iter().map(str::to_owned).collect()),
            Some(head) if head.len() != record.len() => {
                return Err(Fault::Fields { line, found: record.len(), wanted: head.len() });
            }
            Some(_) if rows.len() == MOST_ROWS => return Err(Fault::TooManyRows { most: MOST_ROWS }),
            Some(_) => rows.push((line, record.clone())),
        }
    }
    match head {
        Some(head) if !rows.is_empty() => Ok(Table { head, rows }),
        _ => Err(Fault::NoRows),
    }
}

/// Counts lines. The reader's own count stands still at the carriage returns of Windows and at empty lines.
struct Lines<'b> {
    bytes: &'b [u8],
    at: usize,
    line: u64,
}

impl Lines<'_> {
    /// The line on which the row begins that was read from this position on; positions only grow.
    fn of(&mut self, position: &csv::Position) -> u64 {
        let from = usize::try_from(position.byte()).unwrap_or(usize::MAX).min(self.bytes.len());
        let empty = self.bytes[from..].iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        let passed = self.bytes.get(self.at..from + empty).unwrap_or_default();
        let ends = passed.iter().filter(|byte| **byte == b'\n').count();
        self.line += u64::try_from(ends).unwrap_or(0);
        self.at = self.at.max(from + empty);
        self.line
    }
}

/// The field in this column (from 0), as a text of 1 to 100 characters without control characters.
pub(crate) fn text(line: u64, record: &StringRecord, column: usize) -> Result<&str, Fault> {
    let text = record.get(column).unwrap_or_default();
    let odd = text.is_empty() || text.chars().count() > LONGEST || text.chars().any(char::is_control);
    if odd { Err(Fault::Text { line, column: column + 1 }) } else { Ok(text) }
}

/// The field in this column (from 0), as a number no larger than 1e15 either way.
pub(crate) fn number(line: u64, record: &StringRecord, column: usize) -> Result<f64, Fault> {
    let text = record.get(column).unwrap_or_default();
    // Rust also reads "inf", "nan" and "infinity".
    let plain = text.bytes().all(|byte| byte.is_ascii_digit() || b"+-.eE".contains(&byte));
    let number = text.parse::<f64>().ok().filter(|number| plain && number.abs() <= 1e15);
    number.ok_or(Fault::Number { line, column: column + 1 })
}

/// The same, from 0 to 1.
pub(crate) fn likelihood(line: u64, record: &StringRecord, column: usize) -> Result<f64, Fault> {
    let number = number(line, record, column)?;
    let fits = (0.0..=1.0).contains(&number);
    if fits { Ok(number) } else { Err(Fault::Likelihood { line, column: column + 1 }) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_read_as_spreadsheets_write_them() {
        let table = read("\u{feff}id,label\r\n\"a, b\" , x\r\n\r\n2,\"y\"\r\n".as_bytes()).unwrap();
        assert_eq!(table.head, ["id", "label"]);
        let rows: Vec<_> = table.rows.iter().map(|(line, row)| (*line, &row[0], &row[1])).collect();
        assert_eq!(rows, [(2, "a, b", "x"), (4, "2", "y")]);
    }

    #[test]
    fn what_cannot_be_read_is_told_with_its_line() {
        assert_eq!(read(b"").err(), Some(Fault::NoRows));
        assert_eq!(read(b"id,label\n").err(), Some(Fault::NoRows));
        assert_eq!(read(b"id,label\n1,2\n3\n").err(), Some(Fault::Fields { line: 3, found: 1, wanted: 2 }));
        assert_eq!(read(b"id,label\n1,2\n\xff,3\n").err(), Some(Fault::Unreadable { line: 3 }));
        let long = format!("id,label\n{}", "1,2\n".repeat(MOST_ROWS + 1));
        assert_eq!(read(long.as_bytes()).err(), Some(Fault::TooManyRows { most: MOST_ROWS }));
    }

    #[test]
    fn numbers_are_plain_and_bounded() {
        let row = StringRecord::from(vec!["1e3", "nan", "inf", "1e16", "-0.5", ""]);
        assert_eq!(number(2, &row, 0), Ok(1_000.0));
        for column in [1, 2, 3, 5] {
            assert_eq!(number(2, &row, column), Err(Fault::Number { line: 2, column: column + 1 }));
        }
        assert_eq!(likelihood(2, &row, 4), Err(Fault::Likelihood { line: 2, column: 5 }));
    }
}
