//! Project Wycheproof's Ed25519 vectors against the check that every signature passes.
//!
//! Ours is the strict check (`verify_strict`): without a cofactor, S below the group's order, and neither
//! the key nor R of small order. So nobody can find a second signature, or a key under which one signature
//! fits many texts; the price is that a few signatures are refused that a cofactored check would take. No
//! honest signer makes such.

use super::{KeyType, VerifierKey};
use ed25519_dalek::VerifyingKey;
use wycheproof::{TestResult, eddsa};

#[test]
fn every_vector_of_wycheproof_is_judged_as_it_says() {
    let set = eddsa::TestSet::load(eddsa::TestName::Ed25519).unwrap();
    let (mut accepted, mut refused) = (0, 0);
    for group in &set.test_groups {
        let bytes: [u8; 32] = group.key.pk.to_vec().try_into().unwrap();
        let key =
            VerifyingKey::from_bytes(&bytes).map(|key| VerifierKey::new("wycheproof", KeyType::Ed25519, key));
        for test in &group.tests {
            let holds = key.as_ref().is_ok_and(|key| key.as_ref().unwrap().verifies(&test.msg, &test.sig));
            assert_eq!(holds, test.result != TestResult::Invalid, "case {}: {}", test.tc_id, test.comment);
            if holds { accepted += 1 } else { refused += 1 }
        }
    }
    assert!(accepted > 50 && refused > 50, "{accepted} accepted, {refused} refused");
}
