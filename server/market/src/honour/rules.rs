//! Which honours follow from which rides. No database, no clock.

use ledger::RecordId;

use super::{HonourKind, HonourProof, HonourView, NEWEST};
use crate::ids::{EntryId, TaskId};

/// A ride in a race that is settled.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ridden {
    pub(super) task: TaskId,
    pub(super) entry: EntryId,
    pub(super) place: Option<u32>,
    /// How many entries have that place.
    pub(super) sharing: u32,
    /// The ruling's record.
    pub(super) ruling: Option<RecordId>,
    /// The record of what was handed in last.
    pub(super) handed: Option<RecordId>,
}

/// The honours of rides, newest first, and of parts that were bought, newest first; each kind in its order, those
/// without any left out.
pub(super) fn honours(rides: &[Ridden], parts: &[HonourProof]) -> Vec<HonourView> {
    let mut found: Vec<HonourView> = Vec::new();
    for ride in rides {
        let proof = |record| HonourProof { task: ride.task, entry: ride.entry, record };
        if let (Some(kind), Some(record)) = (placed(ride), ride.ruling) {
            add(&mut found, kind, proof(record));
        }
        if let Some(record) = ride.handed {
            add(&mut found, HonourKind::Finished, proof(record));
        }
    }
    for part in parts {
        add(&mut found, HonourKind::PartBought, *part);
    }
    found.sort_by_key(|honour| honour.kind);
    found
}

fn placed(ride: &Ridden) -> Option<HonourKind> {
    match ride.place? {
        1 if ride.sharing > 1 => Some(HonourKind::FirstShared),
        1 => Some(HonourKind::First),
        2 | 3 => Some(HonourKind::Placed),
        _ => None,
    }
}

fn add(found: &mut Vec<HonourView>, kind: HonourKind, proof: HonourProof) {
    let at = found.iter().position(|honour| honour.kind == kind).unwrap_or_else(|| {
        found.push(HonourView { kind, count: 0, newest: Vec::new() });
        found.len() - 1
    });
    if let Some(honour) = found.get_mut(at) {
        honour.count += 1;
        if honour.newest.len() < NEWEST {
            honour.newest.push(proof);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ride(place: Option<u32>, sharing: u32, handed: bool) -> Ridden {
        Ridden {
            task: TaskId(uuid::Uuid::nil()),
            entry: EntryId(uuid::Uuid::nil()),
            place,
            sharing,
            ruling: Some(RecordId([1; 16])),
            handed: handed.then_some(RecordId([2; 16])),
        }
    }

    #[test]
    fn a_first_place_that_is_shared_is_a_dead_heat_and_the_fourth_is_no_honour_but_to_finish() {
        let rides = [
            ride(Some(1), 1, true),
            ride(Some(1), 2, true),
            ride(Some(3), 1, true),
            ride(Some(4), 1, true),
            ride(None, 0, false),
        ];
        let kinds: Vec<_> = honours(&rides, &[]).iter().map(|one| (one.kind, one.count)).collect();
        let wanted = [
            (HonourKind::First, 1),
            (HonourKind::FirstShared, 1),
            (HonourKind::Placed, 1),
            (HonourKind::Finished, 4),
        ];
        assert_eq!(kinds, wanted);
    }

    #[test]
    fn all_are_counted_and_the_newest_lead_to_their_records() {
        let rides = vec![ride(Some(2), 1, true); 9];
        let found = honours(&rides, &[]);
        assert_eq!((found[0].count, found[0].newest.len()), (9, NEWEST));
        assert_eq!(found[0].newest[0].record, RecordId([1; 16]));
        assert_eq!(found[1].newest[0].record, RecordId([2; 16]), "to finish is proved by what was handed in");
        assert!(honours(&[], &[]).is_empty());
    }
}
