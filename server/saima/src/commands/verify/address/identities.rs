//! Whether ids are unique and reversals right, for any number of records in little memory.
//!
//! Promises: a few megabytes are held, the rest lies sorted in a temporary file without a name; each record's
//! id is there once, and each reversal names one record before it, turned round exactly, that no other one
//! names. Must never: leave anything behind.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Seek, SeekFrom, Write as _};

use ledger::replay::{moves_of, undoing};
use ledger::{Record, RecordKind};

use super::Failure;

/// Id, what the row is (0 the record itself, 1 a reversal of it), place, digest of movements.
const ROW: usize = 16 + 1 + 8 + 32;
/// Rows that are sorted in memory at once: 12 MB.
const RUN: usize = 200_000;

type Row = [u8; ROW];

/// The rows so far.
#[derive(Default)]
pub(super) struct Identities {
    rows: Vec<Row>,
    runs: Vec<File>,
}

impl Identities {
    /// Notes a record and what it reverses.
    pub(super) fn add(&mut self, place: u64, record: &Record) -> Result<(), Failure> {
        self.rows.push(row(record.id.as_bytes(), 0, place, &moves_of(record)));
        if record.kind == RecordKind::Reversal {
            let named =
                record.links.reversed.ok_or_else(|| format!("record {place}: a reversal names no record"))?;
            self.rows.push(row(named.as_bytes(), 1, place, &undoing(record)));
        }
        if self.rows.len() >= RUN {
            self.put_away()?;
        }
        Ok(())
    }

    fn put_away(&mut self) -> io::Result<()> {
        self.rows.sort_unstable();
        let mut file = BufWriter::new(tempfile::tempfile()?);
        for row in self.rows.drain(..) {
            file.write_all(&row)?;
        }
        let mut file = file.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.seek(SeekFrom::Start(0))?;
        self.runs.push(file);
        Ok(())
    }

    /// Goes through all rows in the order of the ids.
    pub(super) fn check(mut self) -> Result<(), Failure> {
        self.put_away()?;
        let mut runs: Vec<_> = self.runs.into_iter().map(BufReader::new).collect();
        let mut heads = BinaryHeap::new();
        for (number, run) in runs.iter_mut().enumerate() {
            heads.extend(next(run)?.map(|row| Reverse((row, number))));
        }
        let mut group = Group::default();
        while let Some(Reverse((row, number))) = heads.pop() {
            group.take(&row)?;
            heads.extend(next(&mut runs[number])?.map(|row| Reverse((row, number))));
        }
        Ok(())
    }
}

/// The newest id: its record, and who has reversed it.
#[derive(Default)]
struct Group {
    record: Option<Row>,
    reversal: Option<Row>,
}

impl Group {
    fn take(&mut self, row: &Row) -> Result<(), Failure> {
        let record = self.record.filter(|record| record[..16] == row[..16]);
        if row[16] == 0 {
            if let Some(record) = record {
                return Err(
                    format!("record {}: record {} has the same id", place(row), place(&record)).into()
                );
            }
            *self = Self { record: Some(*row), reversal: None };
            return Ok(());
        }
        let Some(record) = record.filter(|record| place(record) < place(row)) else {
            return Err(
                format!("record {}: the record to be reversed does not come before", place(row)).into()
            );
        };
        if let Some(first) = self.reversal {
            let (first, second) = (place(&first), place(row));
            return Err(
                format!("record {second}: record {} was reversed by record {first}", place(&record)).into()
            );
        }
        if record[25..] != row[25..] {
            return Err(format!(
                "record {}: not the exact opposite of record {}",
                place(row),
                place(&record)
            )
            .into());
        }
        self.reversal = Some(*row);
        Ok(())
    }
}

fn row(id: &[u8; 16], what: u8, place: u64, digest: &[u8; 32]) -> Row {
    let mut row = [0; ROW];
    row[..16].copy_from_slice(id);
    row[16] = what;
    row[17..25].copy_from_slice(&place.to_be_bytes());
    row[25..].copy_from_slice(digest);
    row
}

fn place(row: &Row) -> u64 {
    row[17..25].iter().fold(0, |place, byte| place << 8 | u64::from(*byte))
}

fn next(run: &mut impl Read) -> io::Result<Option<Row>> {
    let mut row = [0; ROW];
    match run.read_exact(&mut row) {
        Ok(()) => Ok(Some(row)),
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(None),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail loudly")]
    use ledger::{AccountId, AccountState, Amount, AssetNo, Links, Move, Posting, RecordId, Side};

    use super::*;

    fn postings(from: u8, to: u8, minor: u64) -> Vec<Posting> {
        let apply = |account, side| {
            let amount = Amount::new(minor).unwrap();
            let wanted = Move { account: AccountId([account; 16]), asset: AssetNo(1), side, amount };
            AccountState { may_go_below_zero: true, ..AccountState::default() }.apply(&wanted).unwrap()
        };
        vec![apply(from, Side::Debit), apply(to, Side::Credit)]
    }

    fn record(id: u32, reversed: Option<u32>, minor: u64) -> Record {
        let name = |id: u32| RecordId([id.to_be_bytes(); 4].concat().try_into().unwrap());
        let (from, to) = if reversed.is_some() { (2, 1) } else { (1, 2) };
        Record {
            version: 1,
            kind: if reversed.is_some() { RecordKind::Reversal } else { RecordKind::Transfer },
            id: name(id),
            posted_at: 5,
            postings: postings(from, to, minor),
            intent: None,
            commitments: Vec::new(),
            nonce: [0; 16],
            links: Links { reversed: reversed.map(name), ..Links::default() },
        }
    }

    /// What is found in these records when each few are put away.
    fn found(records: &[Record], run: usize) -> Result<(), String> {
        let mut identities = Identities::default();
        for (place, record) in records.iter().enumerate() {
            identities.add(place as u64, record).map_err(|why| why.to_string())?;
            if place % run == 0 {
                identities.put_away().unwrap();
            }
        }
        identities.check().map_err(|why| why.to_string())
    }

    fn complaint(records: &[Record]) -> String {
        let complaint = found(records, 1).unwrap_err();
        assert_eq!(found(records, 3).unwrap_err(), complaint);
        assert_eq!(found(records, 1_000).unwrap_err(), complaint);
        complaint
    }

    #[test]
    fn sound_records_pass_however_they_were_put_away() {
        let mut records: Vec<_> = (0..50).rev().map(|id| record(id * 7_919 % 1_000, None, 5)).collect();
        records.push(record(2_000, Some(7_919 % 1_000), 5));
        records.push(record(1, Some(2 * 7_919 % 1_000), 5));
        for run in [1, 3, 1_000] {
            found(&records, run).unwrap();
        }
    }

    #[test]
    fn an_id_that_is_there_twice_is_found() {
        let records = [record(3, None, 5), record(1, None, 5), record(2, None, 5), record(1, None, 6)];
        assert_eq!(complaint(&records), "record 3: record 1 has the same id");
    }

    #[test]
    fn a_reversal_names_one_record_before_it_turned_round_exactly_and_once() {
        let first = || record(1, None, 5);
        let complaint = |more: &[Record]| complaint(&[&[first()], more].concat());
        assert_eq!(
            complaint(&[record(2, Some(9), 5)]),
            "record 1: the record to be reversed does not come before"
        );
        let later = [record(2, Some(3), 5), record(3, None, 5)];
        assert_eq!(complaint(&later), "record 1: the record to be reversed does not come before");
        assert_eq!(complaint(&[record(2, Some(1), 6)]), "record 1: not the exact opposite of record 0");
        let twice = [record(2, Some(1), 5), record(3, Some(1), 5)];
        assert_eq!(complaint(&twice), "record 2: record 0 was reversed by record 1");
    }
}
