//! Commitments: what stands in a record in place of a text, a name or a file.
//!
//! Promises: a commitment binds to one label, salt and data, and says nothing about them without the
//! salt; erasing text and salt leaves every proof valid. Must never be computed with a salt that is
//! used twice or isn't random; the caller draws it.

use sha2::{Digest, Sha256};

/// Domain tag, so that a commitment is never the hash of something else.
const TAG: &str = "saima-commit/v1";

/// `SHA-256(tag ‖ 00 ‖ label ‖ 00 ‖ salt ‖ data)`.
///
/// The label is a constant of the caller's and holds no NUL. One that does would run into the salt,
/// so [`opens`] never accepts it.
#[must_use]
pub fn commit(label: &str, salt: &[u8; 32], data: &[u8]) -> [u8; 32] {
    let hash = Sha256::new()
        .chain_update(TAG)
        .chain_update([0])
        .chain_update(label)
        .chain_update([0])
        .chain_update(salt)
        .chain_update(data);
    hash.finalize().into()
}

/// Whether `label`, `salt` and `data` are what was committed to.
#[must_use]
pub fn opens(commitment: &[u8; 32], label: &str, salt: &[u8; 32], data: &[u8]) -> bool {
    !label.contains('\0') && commit(label, salt, data) == *commitment
}

#[cfg(test)]
mod tests {
    use super::{commit, opens};

    #[test]
    fn a_label_that_runs_into_the_salt_never_opens() {
        let mut salt = [7; 32];
        let commitment = commit("memo\0more", &salt, b"text");
        assert!(!opens(&commitment, "memo\0more", &salt, b"text"));
        let honest = commit("memo", &salt, b"text");
        assert!(opens(&honest, "memo", &salt, b"text"));
        salt[0] ^= 1;
        assert!(!opens(&honest, "memo", &salt, b"text"));
    }
}
