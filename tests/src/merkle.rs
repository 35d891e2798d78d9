//! The Merkle tree hash of RFC 6962 §2.1, written from the RFC alone and shared with nothing of ours: what
//! a suspicious reader would write to check a log.

use sha2::{Digest, Sha256};

/// The root over these records.
pub fn root_of<T: AsRef<[u8]>>(records: &[T]) -> [u8; 32] {
    match records {
        [] => Sha256::digest([]).into(),
        [record] => Sha256::new().chain_update([0]).chain_update(record).finalize().into(),
        _ => {
            let half = records.len().next_power_of_two() / 2;
            let (left, right) = records.split_at(half);
            Sha256::new()
                .chain_update([1])
                .chain_update(root_of(left))
                .chain_update(root_of(right))
                .finalize()
                .into()
        }
    }
}

/// The facts of RFC 6962, as the test data of the first certificate logs gives them.
#[test]
fn the_roots_are_those_of_the_first_logs() {
    let inputs =
        ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];
    let records: Vec<Vec<u8>> = inputs.iter().map(|text| hex::decode(text).unwrap()).collect();
    let roots = [
        (0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        (1, "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"),
        (2, "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"),
        (3, "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77"),
        (8, "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"),
    ];
    for (size, root) in roots {
        assert_eq!(hex::encode(root_of(&records[..size])), root, "{size}");
    }
}
