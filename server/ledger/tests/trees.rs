//! Trees and tiles: every size, every proof, and what the reference crates say.

use crate::common::{Log, only};
use ledger::{
    Frontier, Hash, ProofError, TileError,
    tile::{self, TileKind, TilePath},
    tree::{self, leaf_hash, root_of, verify_consistency, verify_inclusion},
};
use proptest::prelude::*;

fn leaves(count: u64) -> Vec<Hash> {
    (0..count).map(|i| leaf_hash(&i.to_be_bytes())).collect()
}

fn log_of(leaves: &[Hash]) -> Log {
    let mut log = Log::default();
    log.append(leaves);
    log
}

/// Every pair of small numbers; of larger ones those near the ends, and a fifth of the others.
fn sampled(at: u64, size: u64) -> bool {
    size < 100 || at < 3 || at + 3 > size || at.abs_diff(256) < 3 || (at + size).is_multiple_of(5)
}

#[test]
fn a_frontier_has_the_root_of_the_definition_at_every_size() {
    let leaves = leaves(300);
    let mut frontier = Frontier::new();
    for (count, leaf) in leaves.iter().enumerate() {
        assert_eq!(frontier.root(), root_of(&leaves[..count]));
        frontier.append(*leaf);
    }
    let log = log_of(&leaves);
    assert_eq!(tile::frontier(300, &log.tiles), Ok(frontier));
}

#[test]
fn every_leaf_of_every_size_is_proved_from_the_tiles_named() {
    let leaves = leaves(300);
    let log = log_of(&leaves);
    for size in 1..=300_u64 {
        let root = root_of(&leaves[..size as usize]);
        assert_eq!(tile::root(size, &log.tiles), Ok(root));
        for index in (0..size).filter(|index| sampled(*index, size)) {
            let needed = only(&log.tiles, &tile::tiles_needed_for_inclusion(index, size).unwrap());
            let proof = tile::inclusion_proof(index, size, &needed).unwrap();
            let leaf = &leaves[index as usize];
            assert_eq!(verify_inclusion(leaf, index, size, &proof, &root), Ok(()), "{index} of {size}");
            if (index + size) % 5 == 0 {
                refuses_other_inclusions(leaf, index, size, &proof, &root);
            }
        }
    }
}

fn refuses_other_inclusions(leaf: &Hash, index: u64, size: u64, proof: &[Hash], root: &Hash) {
    let longer = [proof, &[*root]].concat();
    assert_eq!(verify_inclusion(leaf, index, size, &longer, root), Err(ProofError::WrongLength));
    assert!(verify_inclusion(leaf, size, size, proof, root).is_err());
    assert!(verify_inclusion(&[0; 32], index, size, proof, root).is_err());
    assert!(verify_inclusion(leaf, index ^ 1, size, proof, root).is_err());
    if let Some((_, shorter)) = proof.split_last() {
        assert!(verify_inclusion(leaf, index, size, shorter, root).is_err());
    }
}

#[test]
fn every_pair_of_sizes_is_proved_consistent_from_the_tiles_named() {
    let leaves = leaves(300);
    let log = log_of(&leaves);
    let roots: Vec<Hash> = (0..=300).map(|size| root_of(&leaves[..size])).collect();
    for new in 0..=300_u64 {
        let new_root = roots[new as usize];
        for old in (0..=new).filter(|old| sampled(*old, new)) {
            let old_root = roots[old as usize];
            let needed = only(&log.tiles, &tile::tiles_needed_for_consistency(old, new).unwrap());
            let proof = tile::consistency_proof(old, new, &needed).unwrap();
            assert_eq!(verify_consistency(old, new, &old_root, &new_root, &proof), Ok(()), "{old} to {new}");
            if (old + new) % 5 == 0 {
                refuses_other_histories(old, new, &old_root, &new_root, &proof);
            }
        }
    }
}

fn refuses_other_histories(old: u64, new: u64, old_root: &Hash, new_root: &Hash, proof: &[Hash]) {
    let forged = [9; 32];
    let longer = [proof, &[forged]].concat();
    assert_eq!(verify_consistency(old, new, old_root, new_root, &longer), Err(ProofError::WrongLength));
    assert!(verify_consistency(new + 1, new, old_root, new_root, proof).is_err());
    assert!(verify_consistency(old, new, &forged, new_root, proof).is_err());
    if old > 0 {
        assert!(verify_consistency(old, new, old_root, &forged, proof).is_err());
    }
    if let Some((_, shorter)) = proof.split_last() {
        assert!(verify_consistency(old, new, old_root, new_root, shorter).is_err());
    }
}

#[test]
fn a_small_tree_does_not_pass_for_a_large_one() {
    let leaves = leaves(8);
    let small = root_of(&leaves[..2]);
    let wrong = Err(ProofError::WrongLength);
    assert_eq!(verify_inclusion(&leaves[0], 0, 2, &[leaves[1]], &small), Ok(()));
    assert_eq!(verify_inclusion(&leaves[0], 0, 4, &[leaves[1]], &small), wrong);
    assert_eq!(verify_consistency(1, 2, &leaves[0], &small, &[leaves[1]]), Ok(()));
    assert_eq!(verify_consistency(1, 4, &leaves[0], &small, &[leaves[1]]), wrong);
}

#[test]
fn what_lies_outside_the_tree_is_refused_and_not_proved() {
    let log = log_of(&leaves(5));
    let outside = |at, size| Err(TileError::OutOfRange { at, size });
    assert_eq!(tile::inclusion_proof(5, 5, &log.tiles), outside(5, 5));
    assert_eq!(tile::consistency_proof(6, 5, &log.tiles), outside(6, 5));
    assert_eq!(tile::tiles_needed_for_inclusion(0, 0), Err(TileError::OutOfRange { at: 0, size: 0 }));
    assert!(verify_inclusion(&[0; 32], u64::MAX - 1, u64::MAX, &[], &[0; 32]).is_err());
    assert!(tile::append(u64::MAX, &log.tiles, &[[0; 32]]).is_err());
}

#[test]
fn a_missing_or_short_tile_is_named() {
    let log = log_of(&leaves(300));
    let missing = Err(TileError::Missing { level: 0, index: 1 });
    let mut tiles = log.tiles;
    tiles.get_mut(&(0, 1)).unwrap().truncate(43 * 32);
    assert_eq!(tile::root(300, &tiles), missing);
    assert_eq!(tile::append(300, &tiles, &[[0; 32]]).map(|a| a.root), missing);
    tiles.remove(&(0, 1));
    assert_eq!(tile::inclusion_proof(299, 300, &tiles).map(|_| [0; 32]), missing);
}

#[test]
fn a_tree_of_more_than_two_levels_of_tiles_is_proved_too() {
    let leaves = leaves(70_000);
    let mut log = Log::default();
    for batch in leaves.chunks(9_999) {
        log.append(batch);
    }
    assert_eq!(log.root(), root_of(&leaves));
    assert_eq!(tile::tiles_needed_for_append(70_000), [(0, 273), (1, 1), (2, 0)]);
    for index in [0, 65_535, 65_536, 69_999] {
        let needed = only(&log.tiles, &tile::tiles_needed_for_inclusion(index, 70_000).unwrap());
        let proof = tile::inclusion_proof(index, 70_000, &needed).unwrap();
        assert_eq!(verify_inclusion(&leaves[index as usize], index, 70_000, &proof, &log.root()), Ok(()));
    }
    let old_root = root_of(&leaves[..65_536]);
    let proof = tile::consistency_proof(65_536, 70_000, &log.tiles).unwrap();
    assert_eq!(verify_consistency(65_536, 70_000, &old_root, &log.root(), &proof), Ok(()));
}

/// The oracle keeps every hash of the tree in one list.
struct Stored(Vec<tlog_tiles::tlog::Hash>);

impl tlog_tiles::tlog::HashReader for Stored {
    fn read_hashes(&self, indexes: &[u64]) -> Result<Vec<tlog_tiles::tlog::Hash>, tlog_tiles::tlog::Error> {
        Ok(indexes.iter().map(|index| self.0[*index as usize]).collect())
    }
}

#[test]
fn proofs_and_roots_are_those_of_the_tlog_tiles_crate() {
    use tlog_tiles::tlog::{prove_record, prove_tree, stored_hashes_for_record_hash, tree_hash};
    let leaves = leaves(300);
    let log = log_of(&leaves);
    let mut oracle = Stored(Vec::new());
    for (at, leaf) in (0..).zip(&leaves) {
        let more = stored_hashes_for_record_hash(at, tlog_tiles::tlog::Hash(*leaf), &oracle).unwrap();
        oracle.0.extend(more);
    }
    let plain = |hashes: Vec<tlog_tiles::tlog::Hash>| hashes.into_iter().map(|h| h.0).collect::<Vec<_>>();
    for size in [1, 2, 3, 7, 8, 31, 100, 255, 256, 257, 299, 300] {
        assert_eq!(tree_hash(size, &oracle).unwrap().0, tile::root(size, &log.tiles).unwrap());
        for at in 0..size {
            let theirs = plain(prove_record(size, at, &oracle).unwrap());
            assert_eq!(tile::inclusion_proof(at, size, &log.tiles), Ok(theirs), "{at} of {size}");
            let theirs = plain(prove_tree(size, at + 1, &oracle).unwrap());
            assert_eq!(tile::consistency_proof(at + 1, size, &log.tiles), Ok(theirs), "{at} + 1 to {size}");
        }
    }
}

#[test]
fn paths_that_nobody_writes_are_not_read() {
    for bad in [
        "",
        "tile/0",
        "tile/0/",
        "tile/0/1",
        "tile/0/0000",
        "tile/0/x000/001",
        "tile/0/001/234",
        "tile/0/x001/x234",
        "tile/00/001",
        "tile/+1/001",
        "tile/64/001",
        "tile/-1/001",
        "tile/0/001.p/0",
        "tile/0/001.p/256",
        "tile/0/001.p/05",
        "tile/0/001.p/",
        "tile/0/001.p/5/",
        "/tile/0/001",
        "tile/data/001",
        "tile/0/x999/x999/x999/x999/x999/x999/999",
    ] {
        assert!(bad.parse::<TilePath>().is_err(), "{bad}");
    }
}

#[test]
fn bundles_refuse_what_they_cannot_hold() {
    use tile::{BundleError, decode_entries, encode_entries};
    assert_eq!(encode_entries(&[vec![0; 65_536]]), Err(BundleError::TooLong(0)));
    assert_eq!(encode_entries(&vec![[0; 1]; 257]), Err(BundleError::TooMany));
    assert_eq!(decode_entries(&[0, 0].repeat(257)), Err(BundleError::TooMany));
    assert_eq!(decode_entries(&[0, 1, 7, 0]), Err(BundleError::Truncated(1)));
    assert_eq!(decode_entries(&[0, 2, 7]), Err(BundleError::Truncated(0)));
}

proptest! {
    #[test]
    fn batches_of_any_size_lead_to_the_same_tiles(batches in proptest::collection::vec(0_usize..400, 1..12)) {
        let total = batches.iter().sum::<usize>();
        let all = leaves(total as u64);
        let mut log = Log::default();
        let mut rest = all.as_slice();
        for batch in batches {
            let (now, later) = rest.split_at(batch);
            let before = log.size;
            log.append(now);
            rest = later;
            let done = &all[..log.size as usize];
            prop_assert_eq!(log.root(), root_of(done));
            let proof = tile::consistency_proof(before, log.size, &log.tiles).unwrap();
            let old_root = root_of(&done[..before as usize]);
            prop_assert_eq!(verify_consistency(before, log.size, &old_root, &log.root(), &proof), Ok(()));
        }
        prop_assert_eq!(&log.tiles, &log_of(&all).tiles);
        let counted: u64 = tile::level_tiles(total as u64).iter().map(|l| l.full + u64::from(l.partial > 0)).sum();
        prop_assert_eq!(log.tiles.len() as u64, counted);
    }

    #[test]
    fn a_path_names_one_tile(entries: bool, level in 0_u8..64, index in 0..=u64::MAX >> 8, width in 1_u16..=256) {
        let kind = if entries { TileKind::Entries } else { TileKind::Hashes(level) };
        let path = TilePath { kind, index, width };
        prop_assert_eq!(path.to_string().parse(), Ok(path));
        let theirs = tlog_tiles::tile::Tile::new(8, level, index, u32::from(width), entries).path();
        let ours = path.to_string();
        // The other crate puts the height in front of the level and calls entries data.
        let theirs = theirs.replace("tile/8/data/", "tile/entries/").replace("tile/8/", "tile/");
        prop_assert_eq!(ours, theirs);
    }

    #[test]
    fn bundles_decode_to_the_records_put_in(records in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..300), 0..=256)) {
        let bundle = tile::encode_entries(&records).unwrap();
        prop_assert_eq!(tile::decode_entries(&bundle).unwrap(), records);
        if let Some((_, cut)) = bundle.split_last() {
            prop_assert!(tile::decode_entries(cut).is_err());
        }
    }

    #[test]
    fn a_proof_with_any_hash_changed_is_refused(size in 2_u64..600, index: proptest::sample::Index, at: proptest::sample::Index, bit in 0_usize..256) {
        let leaves = leaves(size);
        let log = log_of(&leaves);
        let index = index.index(size as usize);
        let mut proof = tile::inclusion_proof(index as u64, size, &log.tiles).unwrap();
        let at = at.index(proof.len());
        proof[at][bit / 8] ^= 1 << (bit % 8);
        prop_assert_eq!(
            verify_inclusion(&leaves[index], index as u64, size, &proof, &log.root()),
            Err(ProofError::WrongRoot)
        );
    }

    #[test]
    fn nodes_of_a_range_tile_it_exactly(end in 0_u64..1 << 40) {
        let mut start = 0;
        for (level, index) in tree::nodes_of(tree::Range { start: 0, end }) {
            prop_assert_eq!(index << level, start);
            start += 1 << level;
        }
        prop_assert_eq!(start, end);
    }
}

#[test]
fn a_tile_is_in_a_tree_exactly_if_some_size_up_to_it_calls_for_it() {
    let of_size = |size: u64| {
        let levels = tile::level_tiles(size).into_iter();
        levels.flat_map(|level| {
            let full = (level.full.saturating_sub(1)..level.full).map(move |index| (level.level, index, 256));
            full.chain((level.partial > 0).then_some((level.level, level.full, level.partial)))
        })
    };
    let mut called_for = std::collections::BTreeSet::new();
    for size in 0..=66_000_u64 {
        called_for.extend(of_size(size));
        if !(size < 3 || size % 255 < 3 || size > 65_530 && size < 65_540) {
            continue;
        }
        let index_of_last = size / 256;
        for (level, index, width) in [
            (0, index_of_last, 1),
            (0, index_of_last, 2),
            (0, index_of_last, 255),
            (0, index_of_last, 256),
            (0, index_of_last.saturating_sub(1), 256),
            (0, 0, 1),
            (0, 0, 255),
            (0, 0, 256),
            (0, index_of_last + 1, 1),
            (1, 0, 1),
            (1, 0, 2),
            (1, 0, 254),
            (1, 0, 255),
            (1, 0, 256),
            (1, 1, 1),
            (2, 0, 1),
            (2, 0, 2),
            (7, 0, 1),
            (8, 0, 1),
            (63, 0, 1),
        ] {
            let path = TilePath { kind: TileKind::Hashes(level), index, width };
            assert_eq!(path.is_in(size), called_for.contains(&(level, index, width)), "{path} in {size}");
            if level == 0 {
                assert_eq!(
                    TilePath { kind: TileKind::Entries, ..path }.is_in(size),
                    path.is_in(size),
                    "{path}"
                );
            }
        }
    }
    let beyond = TilePath { kind: TileKind::Hashes(0), index: u64::MAX, width: 256 };
    assert!(!beyond.is_in(tree::MAX_SIZE));
    assert!(!TilePath { kind: TileKind::Entries, index: 0, width: 0 }.is_in(5), "empty tiles do not exist");
}
