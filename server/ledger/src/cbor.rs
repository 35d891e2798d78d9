//! The corner of CBOR that records use: RFC 8949 §4.2.1 deterministic encoding, restricted further.
//!
//! Promises: only unsigned integers, byte strings, text strings, arrays and maps with unsigned keys;
//! one value has one encoding, and the reader refuses every other. Must never allocate by a length
//! that the input merely claims, and never read past its input.

/// Why bytes were refused, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("byte {offset}: {fault}")]
pub struct CborError {
    /// Offset of the item at fault.
    pub offset: usize,
    /// What is wrong there.
    pub fault: CborFault,
}

/// What can be wrong with an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CborFault {
    /// The input stops inside an item.
    #[error("the bytes end too early")]
    Truncated,
    /// An item of another type than this place holds.
    #[error("expected {0}")]
    Type(&'static str),
    /// A number or length that isn't in its shortest form, or an indefinite length.
    #[error("a number or length is not in its shortest definite form")]
    NotShortest,
    /// Keys out of order, or a key twice.
    #[error("map keys are not in ascending order")]
    KeyOrder,
    /// Text that isn't UTF-8.
    #[error("text is not UTF-8")]
    Utf8,
    /// A byte string of the wrong length.
    #[error("expected {0} bytes")]
    Length(usize),
    /// Bytes after the last item.
    #[error("bytes follow the end")]
    Trailing,
}

const UINT: u8 = 0;
const BYTES: u8 = 2;
const TEXT: u8 = 3;
const ARRAY: u8 = 4;
const MAP: u8 = 5;

/// Writes items one after the other. The caller sees to it that lengths and key order are right.
#[derive(Debug, Default)]
pub struct Writer(Vec<u8>);

impl Writer {
    /// An empty buffer.
    #[must_use]
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// An unsigned integer.
    pub fn uint(&mut self, value: u64) -> &mut Self {
        self.head(UINT, value)
    }

    /// A byte string.
    pub fn bytes(&mut self, value: &[u8]) -> &mut Self {
        self.head(BYTES, value.len() as u64);
        self.0.extend_from_slice(value);
        self
    }

    /// A text string.
    pub fn text(&mut self, value: &str) -> &mut Self {
        self.head(TEXT, value.len() as u64);
        self.0.extend_from_slice(value.as_bytes());
        self
    }

    /// The head of an array of `len` items.
    pub fn array(&mut self, len: usize) -> &mut Self {
        self.head(ARRAY, len as u64)
    }

    /// The head of a map of `len` pairs.
    pub fn map(&mut self, len: usize) -> &mut Self {
        self.head(MAP, len as u64)
    }

    /// The bytes.
    #[must_use]
    pub fn finish(self) -> Vec<u8> {
        self.0
    }

    fn head(&mut self, major: u8, value: u64) -> &mut Self {
        let major = major << 5;
        if let Ok(byte) = u8::try_from(value) {
            if byte < 24 {
                self.0.push(major | byte);
            } else {
                self.0.extend_from_slice(&[major | 24, byte]);
            }
        } else if let Ok(short) = u16::try_from(value) {
            self.0.push(major | 25);
            self.0.extend_from_slice(&short.to_be_bytes());
        } else if let Ok(word) = u32::try_from(value) {
            self.0.push(major | 26);
            self.0.extend_from_slice(&word.to_be_bytes());
        } else {
            self.0.push(major | 27);
            self.0.extend_from_slice(&value.to_be_bytes());
        }
        self
    }
}

/// Reads items one after the other and refuses what [`Writer`] would not have written.
#[derive(Debug)]
pub struct Reader<'a> {
    input: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    /// Starts at the first byte.
    #[must_use]
    pub const fn new(input: &'a [u8]) -> Self {
        Self { input, at: 0 }
    }

    /// Offset of the next item.
    #[must_use]
    pub const fn offset(&self) -> usize {
        self.at
    }

    /// The major type of the next item (RFC 8949 §3.1), or nothing at the end.
    #[must_use]
    pub fn major(&self) -> Option<u8> {
        self.input.get(self.at).map(|first| first >> 5)
    }

    /// An unsigned integer.
    ///
    /// # Errors
    /// Another type, not the shortest form, or the end of the input.
    pub fn uint(&mut self) -> Result<u64, CborError> {
        self.head(UINT, "an unsigned integer")
    }

    /// A byte string.
    ///
    /// # Errors
    /// Another type, a length not in its shortest form, or the end of the input.
    pub fn bytes(&mut self) -> Result<&'a [u8], CborError> {
        let start = self.at;
        let len = self.head(BYTES, "a byte string")?;
        self.take(len, start)
    }

    /// A byte string of exactly `N` bytes.
    ///
    /// # Errors
    /// As [`Reader::bytes`], or another length.
    pub fn fixed<const N: usize>(&mut self) -> Result<[u8; N], CborError> {
        let offset = self.at;
        let bytes = self.bytes()?;
        bytes.try_into().map_err(|_| CborError { offset, fault: CborFault::Length(N) })
    }

    /// A text string.
    ///
    /// # Errors
    /// Another type, a length not in its shortest form, bytes that aren't UTF-8, or the end.
    pub fn text(&mut self) -> Result<&'a str, CborError> {
        let offset = self.at;
        let len = self.head(TEXT, "a text string")?;
        let bytes = self.take(len, offset)?;
        std::str::from_utf8(bytes).map_err(|_| CborError { offset, fault: CborFault::Utf8 })
    }

    /// The head of an array; its length has been claimed, not checked.
    ///
    /// # Errors
    /// Another type, a length not in its shortest form, or the end of the input.
    pub fn array(&mut self) -> Result<u64, CborError> {
        self.head(ARRAY, "an array")
    }

    /// The head of a map; its length has been claimed, not checked.
    ///
    /// # Errors
    /// Another type, a length not in its shortest form, or the end of the input.
    pub fn map(&mut self) -> Result<u64, CborError> {
        self.head(MAP, "a map")
    }

    /// A map key that must be greater than the one before it.
    ///
    /// # Errors
    /// As [`Reader::uint`], or [`CborFault::KeyOrder`].
    pub fn key(&mut self, before: Option<u64>) -> Result<u64, CborError> {
        let offset = self.at;
        let key = self.uint()?;
        if before.is_some_and(|before| key <= before) {
            return Err(CborError { offset, fault: CborFault::KeyOrder });
        }
        Ok(key)
    }

    /// Says that nothing may follow.
    ///
    /// # Errors
    /// [`CborFault::Trailing`] when something does.
    pub const fn finish(self) -> Result<(), CborError> {
        if self.at == self.input.len() {
            Ok(())
        } else {
            Err(CborError { offset: self.at, fault: CborFault::Trailing })
        }
    }

    fn head(&mut self, major: u8, expected: &'static str) -> Result<u64, CborError> {
        let offset = self.at;
        let fail = |fault| CborError { offset, fault };
        let &first = self.input.get(offset).ok_or(fail(CborFault::Truncated))?;
        if first >> 5 != major {
            return Err(fail(CborFault::Type(expected)));
        }
        self.at += 1;
        let (width, least) = match first & 0x1f {
            small @ 0..24 => return Ok(u64::from(small)),
            24 => (1, 24),
            25 => (2, 1 << 8),
            26 => (4, 1 << 16),
            27 => (8, 1 << 32),
            _ => return Err(fail(CborFault::NotShortest)),
        };
        let value = self.take(width, offset)?.iter().fold(0, |sum, byte| sum << 8 | u64::from(*byte));
        if value < least { Err(fail(CborFault::NotShortest)) } else { Ok(value) }
    }

    fn take(&mut self, len: u64, start: usize) -> Result<&'a [u8], CborError> {
        let rest = &self.input[self.at..];
        let taken = usize::try_from(len).ok().and_then(|len| rest.get(..len));
        let taken = taken.ok_or(CborError { offset: start, fault: CborFault::Truncated })?;
        self.at += taken.len();
        Ok(taken)
    }
}

#[cfg(test)]
mod tests {
    use super::{CborFault, Reader, Writer};

    #[test]
    fn integers_take_the_shortest_form_at_every_boundary() {
        for value in [0, 23, 24, 255, 256, 65_535, 65_536, u64::from(u32::MAX), 1 << 32, u64::MAX] {
            let mut writer = Writer::new();
            writer.uint(value);
            let bytes = writer.finish();
            assert_eq!(Reader::new(&bytes).uint(), Ok(value));
        }
    }

    #[test]
    fn longer_than_shortest_forms_are_refused() {
        for bytes in [&[0x18, 23][..], &[0x19, 0, 255], &[0x1a, 0, 0, 255, 255], &[0x5f, 0xff]] {
            let mut reader = Reader::new(bytes);
            let result = if bytes[0] == 0x5f { reader.bytes().map(|_| 0) } else { reader.uint() };
            assert_eq!(result.map_err(|e| (e.offset, e.fault)), Err((0, CborFault::NotShortest)));
        }
    }

    #[test]
    fn a_claimed_length_beyond_the_input_is_refused_where_the_item_starts() {
        let bytes = [0x01, 0x5b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff];
        let mut reader = Reader::new(&bytes);
        assert_eq!(reader.uint(), Ok(1));
        assert_eq!(reader.bytes().map_err(|e| (e.offset, e.fault)), Err((1, CborFault::Truncated)));
    }
}
