//! A record's fields to and from CBOR: the key numbers, and what each key holds.
//!
//! Promises: fields that have nothing are left out, and never written as an empty array. Must never
//! decide whether a record makes sense: that is [`super::Record::encode`]'s and
//! [`super::Record::decode`]'s part.

use super::{
    Intent, Links, MAX_COMMITMENTS, MAX_POSTINGS, Record, RecordError, RecordId, RecordKind, VERSION,
};
use crate::{
    account::AccountId,
    amount::{Amount, AssetNo},
    cbor::{Reader, Writer},
    posting::{Posting, Side},
};

const KEY_VERSION: u64 = 0;
const KEY_KIND: u64 = 1;
const KEY_ID: u64 = 2;
const KEY_POSTED_AT: u64 = 3;
const KEY_POSTINGS: u64 = 4;
const KEY_INTENT: u64 = 5;
const KEY_COMMITMENTS: u64 = 6;
const KEY_NONCE: u64 = 7;
const KEY_SUBJECT: u64 = 8;
const KEY_REVERSED: u64 = 9;
const KEY_BATCH: u64 = 10;
const KEY_EFFECTIVE_AT: u64 = 11;

/// The bytes of a record that has been checked.
pub(super) fn write(record: &Record) -> Vec<u8> {
    let Links { subject, reversed, batch, effective_at } = record.links;
    let optional = [
        !record.postings.is_empty(),
        record.intent.is_some(),
        !record.commitments.is_empty(),
        subject.is_some(),
        reversed.is_some(),
        batch.is_some(),
        effective_at.is_some(),
    ];
    let mut out = Writer::new();
    out.map(5 + optional.into_iter().filter(|present| *present).count());
    out.uint(KEY_VERSION).uint(record.version);
    out.uint(KEY_KIND).uint(record.kind.code().into());
    out.uint(KEY_ID).bytes(&record.id.0);
    out.uint(KEY_POSTED_AT).uint(record.posted_at);
    if !record.postings.is_empty() {
        out.uint(KEY_POSTINGS).array(record.postings.len());
        record.postings.iter().for_each(|posting| write_posting(&mut out, posting));
    }
    if let Some(intent) = &record.intent {
        out.uint(KEY_INTENT).array(4).bytes(&intent.key_id).uint(intent.algorithm.into());
        out.bytes(&intent.hash).bytes(&intent.signature);
    }
    if !record.commitments.is_empty() {
        out.uint(KEY_COMMITMENTS).array(record.commitments.len());
        for commitment in &record.commitments {
            out.bytes(commitment);
        }
    }
    out.uint(KEY_NONCE).bytes(&record.nonce);
    let named = [(KEY_SUBJECT, subject), (KEY_REVERSED, reversed.map(|id| id.0)), (KEY_BATCH, batch)];
    for (key, value) in named {
        if let Some(value) = value {
            out.uint(key).bytes(&value);
        }
    }
    if let Some(micros) = effective_at {
        out.uint(KEY_EFFECTIVE_AT).uint(micros);
    }
    out.finish()
}

fn write_posting(out: &mut Writer, posting: &Posting) {
    out.array(7).bytes(&posting.account.0).uint(posting.asset.0.into());
    out.uint(posting.side.code().into()).uint(posting.amount.minor());
    out.uint(posting.seq).uint(posting.debits).uint(posting.credits);
}

/// What has been read so far; the five required fields are still optional here.
#[derive(Default)]
struct Draft {
    version: Option<u64>,
    kind: Option<RecordKind>,
    id: Option<RecordId>,
    posted_at: Option<u64>,
    postings: Vec<Posting>,
    intent: Option<Intent>,
    commitments: Vec<[u8; 32]>,
    nonce: Option<[u8; 16]>,
    links: Links,
}

/// Reads the fields; the record hasn't been checked yet.
pub(super) fn read(bytes: &[u8]) -> Result<Record, RecordError> {
    let mut input = Reader::new(bytes);
    let mut draft = Draft::default();
    let pairs = input.map()?;
    let mut before = None;
    for _ in 0..pairs {
        let offset = input.offset();
        let key = input.key(before)?;
        read_field(&mut input, key, offset, &mut draft)?;
        before = Some(key);
    }
    let end = input.offset();
    input.finish()?;
    let Draft { version, kind, id, posted_at, postings, intent, commitments, nonce, links } = draft;
    let missing = RecordError::Field { offset: end, what: "a required field is missing" };
    match (version, kind, id, posted_at, nonce) {
        (Some(version), Some(kind), Some(id), Some(posted_at), Some(nonce)) => {
            Ok(Record { version, kind, id, posted_at, postings, intent, commitments, nonce, links })
        }
        _ => Err(missing),
    }
}

fn read_field(input: &mut Reader<'_>, key: u64, key_at: usize, draft: &mut Draft) -> Result<(), RecordError> {
    let offset = input.offset();
    match key {
        KEY_VERSION => {
            let version = input.uint()?;
            draft.version = Some(known(Some(version).filter(|v| *v == VERSION), offset, "unknown version")?);
        }
        KEY_KIND => {
            draft.kind = Some(known(RecordKind::from_code(input.uint()?), offset, "unknown kind")?);
        }
        KEY_ID => draft.id = Some(RecordId(input.fixed()?)),
        KEY_POSTED_AT => draft.posted_at = Some(input.uint()?),
        KEY_POSTINGS => draft.postings = read_list(input, MAX_POSTINGS, read_posting)?,
        KEY_INTENT => draft.intent = Some(read_intent(input)?),
        KEY_COMMITMENTS => {
            draft.commitments = read_list(input, MAX_COMMITMENTS, |item| Ok(item.fixed()?))?;
        }
        KEY_NONCE => draft.nonce = Some(input.fixed()?),
        KEY_SUBJECT => draft.links.subject = Some(input.fixed()?),
        KEY_REVERSED => draft.links.reversed = Some(RecordId(input.fixed()?)),
        KEY_BATCH => draft.links.batch = Some(input.fixed()?),
        KEY_EFFECTIVE_AT => draft.links.effective_at = Some(input.uint()?),
        _ => return Err(RecordError::Field { offset: key_at, what: "unknown key" }),
    }
    Ok(())
}

fn read_list<'a, T>(
    input: &mut Reader<'a>,
    most: usize,
    read: impl Fn(&mut Reader<'a>) -> Result<T, RecordError>,
) -> Result<Vec<T>, RecordError> {
    let offset = input.offset();
    let len = usize::try_from(input.array()?).ok().filter(|len| (1..=most).contains(len));
    let len = known(len, offset, "an array must have 1 to 1,000 items, or be left out")?;
    (0..len).map(|_| read(input)).collect()
}

fn read_posting(input: &mut Reader<'_>) -> Result<Posting, RecordError> {
    expect_array(input, 7, "a posting has 7 parts")?;
    let account = AccountId(input.fixed()?);
    let offset = input.offset();
    let asset = known(u32::try_from(input.uint()?).ok(), offset, "the asset number is too large")?;
    let offset = input.offset();
    let side = known(Side::from_code(input.uint()?), offset, "a side is 0 or 1")?;
    let offset = input.offset();
    let amount = known(Amount::new(input.uint()?).ok(), offset, "the amount is too large")?;
    let (seq, debits, credits) = (input.uint()?, input.uint()?, input.uint()?);
    Ok(Posting { account, asset: AssetNo(asset), side, amount, seq, debits, credits })
}

fn read_intent(input: &mut Reader<'_>) -> Result<Intent, RecordError> {
    expect_array(input, 4, "an intent has 4 parts")?;
    let key_id = input.fixed()?;
    let offset = input.offset();
    let algorithm = known(u8::try_from(input.uint()?).ok(), offset, "unknown algorithm")?;
    Ok(Intent { key_id, algorithm, hash: input.fixed()?, signature: input.fixed()? })
}

fn expect_array(input: &mut Reader<'_>, len: u64, what: &'static str) -> Result<(), RecordError> {
    let offset = input.offset();
    if input.array()? == len { Ok(()) } else { Err(RecordError::Field { offset, what }) }
}

fn known<T>(value: Option<T>, offset: usize, what: &'static str) -> Result<T, RecordError> {
    value.ok_or(RecordError::Field { offset, what })
}
