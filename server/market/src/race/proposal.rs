//! What somebody agrees to, by name: so that nobody agrees unseen to what was changed meanwhile.
//!
//! Promises: the same crew, units and shares have the same name, and others another one. Must never: tell anything by it.

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::ChangeView;
use super::tables::{crew_member, entry_unit};

/// The name of a crew that forms: its units and people with their shares, in order.
pub(super) fn of_crew(units: &[(uuid::Uuid, i64)], crew: &[(uuid::Uuid, i64)]) -> String {
    name(&json!({ "units": units, "crew": crew }))
}

/// The same from the rows of an entry.
pub(super) fn of_rows(units: &[entry_unit::Model], crew: &[crew_member::Model]) -> String {
    let units: Vec<_> = units.iter().map(|one| (one.unit_id, one.share)).collect();
    let crew: Vec<_> = crew.iter().map(|one| (one.person_id, one.share)).collect();
    of_crew(&units, &crew)
}

/// The name of a change that is proposed.
pub(super) fn of_change(change: &ChangeView) -> String {
    let parts: Vec<_> = change.parts.iter().map(|part| (part.person, part.unit, part.share)).collect();
    let (kind, other) = (change.kind, change.other);
    name(&json!({ "kind": kind, "other": other, "by": change.by, "at": change.at, "parts": parts }))
}

fn name(what: &Value) -> String {
    hex::encode(&Sha256::digest(what.to_string())[..16])
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn another_share_another_person_or_another_order_has_another_name() {
        let (ada, ben) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let name = of_crew(&[], &[(ada, 5_000), (ben, 5_000)]);
        assert_eq!(name, of_crew(&[], &[(ada, 5_000), (ben, 5_000)]));
        for other in [
            of_crew(&[], &[(ada, 6_000), (ben, 4_000)]),
            of_crew(&[], &[(ben, 5_000), (ada, 5_000)]),
            of_crew(&[(ada, 5_000)], &[(ben, 5_000)]),
        ] {
            assert_ne!(name, other);
        }
    }
}
