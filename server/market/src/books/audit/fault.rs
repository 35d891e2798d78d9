//! The first wrong thing, and where it is.
//!
//! Promises: names the record, the table, the column and the byte, as far as they can be known. Must never
//! be built for anything that is right.

use std::fmt;

use ledger::RecordError;

use crate::error::Refusal;

/// The first wrong thing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditFault {
    /// The place in the log of the record at fault, where it is a sealed record's.
    pub index: Option<u64>,
    /// The table that says something wrong.
    pub table: Option<&'static str>,
    /// Its column.
    pub column: Option<&'static str>,
    /// The first wrong byte of the value, counted from 0.
    pub byte: Option<usize>,
    /// What is wrong.
    pub what: String,
}

impl AuditFault {
    pub(in crate::books) fn new(what: impl fmt::Display) -> Self {
        Self { what: what.to_string(), ..Self::default() }
    }

    pub(super) fn at(self, index: u64) -> Self {
        Self { index: Some(index), ..self }
    }

    pub(super) fn in_table(self, table: &'static str, column: &'static str) -> Self {
        Self { table: Some(table), column: Some(column), ..self }
    }

    pub(super) fn on_byte(self, byte: Option<usize>) -> Self {
        Self { byte, ..self }
    }

    /// The same fault under a name for the row that it was found in.
    pub(super) fn of(self, row: impl fmt::Display) -> Self {
        Self { what: format!("{row}: {}", self.what), ..self }
    }
}

/// Where two values part; `None` if they are equal.
pub(super) fn first_difference(left: &[u8], right: &[u8]) -> Option<usize> {
    let common = left.iter().zip(right).take_while(|(left, right)| left == right).count();
    (common < left.len().max(right.len())).then_some(common)
}

impl fmt::Display for AuditFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = [
            self.index.map(|index| format!("record {index} of the log")),
            self.table.map(|table| format!("table {table}")),
            self.column.map(|column| format!("column {column}")),
            self.byte.map(|byte| format!("byte {byte}")),
        ];
        let place: Vec<String> = place.into_iter().flatten().collect();
        if !place.is_empty() {
            write!(f, "{}: ", place.join(", "))?;
        }
        f.write_str(&self.what)
    }
}

impl std::error::Error for AuditFault {}

impl From<sea_orm::DbErr> for AuditFault {
    fn from(error: sea_orm::DbErr) -> Self {
        Self::new(format_args!("the database can't be read: {error}"))
    }
}

impl From<sea_orm::sqlx::Error> for AuditFault {
    fn from(error: sea_orm::sqlx::Error) -> Self {
        Self::new(format_args!("the database can't be read: {error}"))
    }
}

impl From<rusqlite::Error> for AuditFault {
    fn from(error: rusqlite::Error) -> Self {
        Self::new(format_args!("the database can't be read: {error}"))
    }
}

impl From<Refusal> for AuditFault {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Fault(why) => Self::new(why),
            other => Self::new(other),
        }
    }
}

impl From<&RecordError> for AuditFault {
    fn from(error: &RecordError) -> Self {
        let byte = match error {
            RecordError::Cbor(error) => Some(error.offset),
            RecordError::Field { offset, .. } => Some(*offset),
            _ => None,
        };
        Self::new(error).in_table("record", "bytes").on_byte(byte)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_names_its_place_as_far_as_it_is_known() {
        let fault = AuditFault::new("it is short").in_table("tile", "hashes").on_byte(Some(32));
        assert_eq!(fault.to_string(), "table tile, column hashes, byte 32: it is short");
        let fault = AuditFault::new("it is gone").at(7);
        assert_eq!(fault.to_string(), "record 7 of the log: it is gone");
        assert_eq!(AuditFault::new("gone").of("account 1").to_string(), "account 1: gone");
    }

    #[test]
    fn values_part_where_the_first_byte_differs_or_is_missing() {
        assert_eq!(first_difference(b"abc", b"abc"), None);
        assert_eq!(first_difference(b"abc", b"aXc"), Some(1));
        assert_eq!(first_difference(b"abc", b"ab"), Some(2));
        assert_eq!(first_difference(b"", b"a"), Some(0));
    }
}
