//! Entry bundles: up to 256 records, each after its length (C2SP tlog-tiles, "Log entries").
//!
//! Promises: what is encoded decodes to the same records, and the other way round. Must never read
//! past the end or accept a cut-off record.

/// Most records in a bundle.
const MAX_ENTRIES: usize = 256;

/// Why records don't make a bundle, or bytes aren't one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BundleError {
    /// A record longer than 16 bits can count.
    #[error("record {0} of the bundle is longer than 65,535 bytes")]
    TooLong(usize),
    /// More than 256 records.
    #[error("a bundle has at most 256 records")]
    TooMany,
    /// The bytes end inside a record.
    #[error("the bundle ends inside record {0}")]
    Truncated(usize),
}

/// Big-endian 16-bit length and bytes of each record.
///
/// # Errors
/// [`BundleError::TooLong`] or [`BundleError::TooMany`].
pub fn encode_entries<T: AsRef<[u8]>>(records: &[T]) -> Result<Vec<u8>, BundleError> {
    if records.len() > MAX_ENTRIES {
        return Err(BundleError::TooMany);
    }
    let mut bundle = Vec::new();
    for (at, record) in records.iter().enumerate() {
        let record = record.as_ref();
        let len = u16::try_from(record.len()).map_err(|_| BundleError::TooLong(at))?;
        bundle.extend_from_slice(&len.to_be_bytes());
        bundle.extend_from_slice(record);
    }
    Ok(bundle)
}

/// The records of a bundle, in order.
///
/// # Errors
/// [`BundleError::Truncated`] or [`BundleError::TooMany`].
pub fn decode_entries(bundle: &[u8]) -> Result<Vec<&[u8]>, BundleError> {
    let mut records = Vec::new();
    let mut rest = bundle;
    while !rest.is_empty() {
        if records.len() == MAX_ENTRIES {
            return Err(BundleError::TooMany);
        }
        let truncated = BundleError::Truncated(records.len());
        let (len, tail) = rest.split_first_chunk().ok_or(truncated)?;
        let len = usize::from(u16::from_be_bytes(*len));
        let (record, tail) = tail.split_at_checked(len).ok_or(truncated)?;
        records.push(record);
        rest = tail;
    }
    Ok(records)
}

/// The beginning of a bundle that holds its first `count` records: the partial bundle of that width.
///
/// # Errors
/// [`BundleError::Truncated`] when it ends before.
pub fn first_entries(bundle: &[u8], count: u16) -> Result<&[u8], BundleError> {
    let mut end = 0_usize;
    for at in 0..usize::from(count) {
        let truncated = BundleError::Truncated(at);
        let (len, tail) = bundle.get(end..).and_then(<[u8]>::split_first_chunk).ok_or(truncated)?;
        let len = usize::from(u16::from_be_bytes(*len));
        if tail.len() < len {
            return Err(truncated);
        }
        end += 2 + len;
    }
    Ok(&bundle[..end])
}
