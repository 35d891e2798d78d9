//! Following a log from its files: the whole of it, in order, and the first thing that is wrong.

use crate::common::Log;
use ledger::tile::follow::{FollowFault, Follower, entries, files};
use ledger::tile::{self, TileKind, TilePath, encode_entries, first_entries, level_tiles};
use std::collections::{BTreeMap, BTreeSet};

/// The files of a log, by their paths.
struct Shelf {
    log: Log,
    files: BTreeMap<TilePath, Vec<u8>>,
}

impl Shelf {
    fn of(records: &[Vec<u8>]) -> Self {
        let log = Log::of(records);
        let bytes = |path: TilePath| match path.kind {
            TileKind::Entries => {
                let records = records.iter().skip(path.index as usize * 256).take(path.width.into());
                encode_entries(&records.collect::<Vec<_>>()).unwrap()
            }
            TileKind::Hashes(level) => {
                log.tiles[&(level, path.index)][..usize::from(path.width) * 32].to_vec()
            }
        };
        let files = files(log.size).map(|path| (path, bytes(path))).collect();
        Self { log, files }
    }

    fn follow(&self) -> Result<[u8; 32], FollowFault> {
        let mut follower = Follower::new(self.log.size);
        for path in files(self.log.size) {
            let bytes = &self.files[&path];
            match path.kind {
                TileKind::Entries => {
                    let records = entries(path, bytes)?;
                    follower.take_entries(records.iter().map(|entry| (entry.offset, entry.hash)));
                }
                TileKind::Hashes(_) => follower.take_tile(path, bytes)?,
            }
        }
        follower.root()
    }
}

fn records(count: u64) -> Vec<Vec<u8>> {
    (0..count).map(|place| place.to_be_bytes()[(place % 8) as usize..].to_vec()).collect()
}

#[test]
fn a_log_of_any_size_is_followed_to_its_root() {
    for size in (1..20).chain([255, 256, 257, 511, 512, 513, 700]).chain([65_535, 65_536, 65_537, 66_000]) {
        let shelf = Shelf::of(&records(size));
        assert_eq!(shelf.follow(), Ok(shelf.log.root()), "{size}");
    }
}

#[test]
fn the_files_are_exactly_those_of_the_size() {
    for size in [0, 1, 255, 256, 257, 65_535, 65_536, 65_537, 131_073, 16_777_216 + 256 + 3] {
        let mut wanted = BTreeSet::new();
        for tiles in level_tiles(size) {
            let full = (0..tiles.full).map(|index| (index, 256));
            for (index, width) in full.chain((tiles.partial > 0).then_some((tiles.full, tiles.partial))) {
                wanted.insert(TilePath { kind: TileKind::Hashes(tiles.level), index, width });
                if tiles.level == 0 {
                    wanted.insert(TilePath { kind: TileKind::Entries, index, width });
                }
            }
        }
        let listed: Vec<_> = files(size).collect();
        assert_eq!(listed.len(), wanted.len(), "{size}");
        assert_eq!(listed.into_iter().collect::<BTreeSet<_>>(), wanted, "{size}");
    }
}

#[test]
fn any_byte_that_is_changed_is_found_and_its_file_is_named() {
    let mut shelf = Shelf::of(&records(259));
    let root = shelf.log.root();
    let paths: Vec<_> = shelf.files.keys().copied().collect();
    for path in paths {
        for at in 0..shelf.files[&path].len() {
            shelf.files.get_mut(&path).unwrap()[at] ^= 0x10;
            let found = shelf.follow();
            assert!(found.is_err() || found == Ok(root), "{path}");
            let said = found.unwrap_err().to_string();
            assert!(said.contains(&path.to_string()), "byte {at} of {path}: {said}");
            shelf.files.get_mut(&path).unwrap()[at] ^= 0x10;
        }
    }
    assert_eq!(shelf.follow(), Ok(root));
}

#[test]
fn the_first_wrong_byte_is_named() {
    let mut shelf = Shelf::of(&records(600));
    let tile = TilePath { kind: TileKind::Hashes(0), index: 1, width: 256 };
    shelf.files.get_mut(&tile).unwrap()[3 * 32 + 5] ^= 1;
    let said = shelf.follow().unwrap_err().to_string();
    // Records 256 to 258 are 8, 7 and 6 bytes long, each after two bytes of length.
    assert_eq!(
        said,
        "record 259 (byte 29 of tile/entries/001) does not have the hash that stands at byte 96 of tile/0/001"
    );
    let mut shelf = Shelf::of(&records(600));
    let above = TilePath { kind: TileKind::Hashes(1), index: 0, width: 2 };
    shelf.files.get_mut(&above).unwrap()[32] ^= 1;
    assert_eq!(
        shelf.follow().unwrap_err().to_string(),
        "byte 32 of tile/1/000.p/2: this is not the hash of tile/0/001"
    );
}

#[test]
fn files_with_too_much_or_too_little_are_refused() {
    let whole = Shelf::of(&records(300));
    for path in whole.files.keys() {
        let mut longer = Shelf::of(&records(300));
        longer.files.get_mut(path).unwrap().push(0);
        assert!(longer.follow().is_err(), "{path}");
        let mut shorter = Shelf::of(&records(300));
        shorter.files.get_mut(path).unwrap().pop();
        assert!(shorter.follow().is_err(), "{path}");
    }
    let path = TilePath { kind: TileKind::Entries, index: 0, width: 2 };
    let three = encode_entries(&records(3)).unwrap();
    assert_eq!(entries(path, &three), Err(FollowFault::Count { path, found: 3 }));
    assert!(Follower::new(5).root().is_err(), "nothing was taken");
    assert!(Follower::new(5).take_tile(path, &[0; 64]).is_err(), "a bundle is no tile");
}

#[test]
fn a_partial_bundle_is_the_beginning_of_the_full_one() {
    let all = records(256);
    let full = encode_entries(&all).unwrap();
    for width in 0..=256_u16 {
        let partial = encode_entries(&all[..width.into()]).unwrap();
        assert_eq!(first_entries(&full, width).unwrap(), partial);
    }
    assert_eq!(first_entries(&full[..40], 200), Err(tile::BundleError::Truncated(5)));
}
