//! The paths of tiles below a log's prefix (C2SP tlog-tiles, "Merkle tree" and "Log entries").
//!
//! Promises: one tile has one path, and only that is read back. Must never read back the name of an empty tile.

use std::{fmt, str::FromStr};

/// What a tile holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TileKind {
    /// Hashes of this level, 0 to 63.
    Hashes(u8),
    /// Records.
    Entries,
}

/// Which tile, and how wide.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TilePath {
    /// Hashes or records.
    pub kind: TileKind,
    /// Position within its level.
    pub index: u64,
    /// Hashes or records in it, 1 to 256; 256 is a full tile.
    pub width: u16,
}

/// Not the path of a tile.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this is not the path of a tile")]
pub struct PathError;

const FULL: u16 = 256;

/// `tile/<level>/<index>[.p/<width>]`; a width of 256 is a full tile.
#[must_use]
pub fn tile_path(level: u8, index: u64, width: u16) -> String {
    TilePath { kind: TileKind::Hashes(level), index, width }.to_string()
}

/// `tile/entries/<index>[.p/<width>]`; a width of 256 is a full bundle.
#[must_use]
pub fn entries_path(index: u64, width: u16) -> String {
    TilePath { kind: TileKind::Entries, index, width }.to_string()
}

impl TilePath {
    /// Whether a tree of `size` leaves, or any smaller one, has this tile: a partial tile stays part of
    /// every larger tree's.
    #[must_use]
    pub fn is_in(self, size: u64) -> bool {
        let level = match self.kind {
            TileKind::Hashes(level) => u32::from(level),
            TileKind::Entries => 0,
        };
        let hashes = size.checked_shr(8 * level).unwrap_or(0);
        let end =
            self.index.checked_mul(u64::from(FULL)).and_then(|start| start.checked_add(self.width.into()));
        self.width > 0 && end.is_some_and(|end| end <= hashes)
    }

    /// The tile that is full where this one may be partial.
    #[must_use]
    pub const fn full(self) -> Self {
        Self { width: FULL, ..self }
    }
}

impl fmt::Display for TilePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            TileKind::Hashes(level) => write!(f, "tile/{level}/")?,
            TileKind::Entries => f.write_str("tile/entries/")?,
        }
        f.write_str(&grouped(self.index))?;
        if self.width < FULL { write!(f, ".p/{}", self.width) } else { Ok(()) }
    }
}

impl FromStr for TilePath {
    type Err = PathError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        parse(text).filter(|path| path.to_string() == text).ok_or(PathError)
    }
}

/// Reads a path leniently; the caller compares spellings.
fn parse(text: &str) -> Option<TilePath> {
    let (kind, rest) = text.strip_prefix("tile/")?.split_once('/')?;
    let kind = match kind {
        "entries" => TileKind::Entries,
        level => TileKind::Hashes(level.parse().ok().filter(|level| *level < 64)?),
    };
    let (index, width) = match rest.split_once(".p/") {
        Some((index, width)) => (index, width.parse().ok().filter(|width| (1..FULL).contains(width))?),
        None => (rest, FULL),
    };
    let index = index
        .bytes()
        .filter(u8::is_ascii_digit)
        .try_fold(0_u64, |sum, digit| sum.checked_mul(10)?.checked_add(u64::from(digit - b'0')))?;
    Some(TilePath { kind, index, width })
}

/// Groups of three digits, all but the last after an `x`: 1234067 is `x001/x234/067`.
fn grouped(index: u64) -> String {
    let mut path = format!("{:03}", index % 1000);
    let mut rest = index / 1000;
    while rest > 0 {
        path = format!("x{:03}/{path}", rest % 1000);
        rest /= 1000;
    }
    path
}
