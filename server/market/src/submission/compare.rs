//! The same artefact in several lanes: an alert for those who judge.
//!
//! Promises: files are compared by their digests, links and texts as they were handed in, files and links over all
//! versions of the entries that are in the race, texts over their last; nobody hears of it who may not read the work of every lane. Must never:
//! decide anything; two lanes may well have built on one public file.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::sea_query::Query;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use super::queries::plain_name;
use super::tables::{file, submission};
use crate::actor::Actor;
use crate::error::Result;
use crate::ids::{EntryId, TaskId};
use crate::market::Market;
use crate::memo::Known;
use crate::policy::{Act, may, permit, reads_everything};
use crate::race::{self, EntryState, tables as race_tables};

/// A text of fewer characters than this says nothing by being the same.
const SHORTEST_TEXT: usize = 40;

/// What is the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum SameKind {
    /// A file, byte by byte.
    File,
    /// A link.
    Link,
    /// The whole text.
    Text,
}

/// The same artefact, handed in by several entries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SameWork {
    /// What is the same.
    pub kind: SameKind,
    /// The file's name in the lowest lane, or the link; empty for a text.
    pub what: String,
    /// Whose: by lane.
    pub entries: Vec<EntryId>,
}

impl Market {
    /// The same artefacts in several lanes; nothing for who may not compare them.
    ///
    /// # Errors
    /// [`crate::Refusal::NotFound`] when the asker may not see the task.
    pub async fn same_work(&self, asker: &Actor, id: TaskId) -> Result<Vec<SameWork>> {
        let db = self.store().reads();
        let Known { task, facts } = &*self.known(id).await?;
        permit(asker, Act::SeeTask, facts)?;
        if !may(asker, Act::SeeSameWork, facts) {
            return Ok(Vec::new());
        }
        let entries = race_tables::entries_of(db, id).await?;
        let lanes: BTreeMap<Uuid, i64> = entries
            .iter()
            .filter(|entry| entry.state != EntryState::Withdrawn.as_str())
            .map(|entry| (entry.id, entry.lane))
            .collect();
        let versions = submission::Entity::find()
            .filter(submission::Column::TaskId.eq(id.0))
            .order_by_asc(submission::Column::Version)
            .select_only()
            .columns([submission::Column::Id, submission::Column::EntryId, submission::Column::Links])
            .into_tuple::<(Uuid, Uuid, String)>()
            .all(db)
            .await?;
        let files = file::Entity::find()
            .filter(
                file::Column::SubmissionId.in_subquery(
                    Query::select()
                        .column(submission::Column::Id)
                        .from(submission::Entity)
                        .and_where(submission::Column::TaskId.eq(id.0))
                        .to_owned(),
                ),
            )
            .select_only()
            .columns([file::Column::SubmissionId, file::Column::Sha256, file::Column::Name])
            .into_tuple::<(Uuid, Vec<u8>, String)>()
            .all(db)
            .await?;
        // A file's name can tell whose lane it is.
        let named = !race::hides(task, self.now()) || reads_everything(asker);
        let files = files.into_iter().map(|(version, digest, name)| {
            let name = if named { name } else { plain_name(&name, 0) };
            (version, digest, name)
        });
        let owner: BTreeMap<Uuid, Uuid> = versions.iter().map(|(id, entry, _)| (*id, *entry)).collect();
        // Texts can be long: those of the last versions will do.
        let last: BTreeMap<Uuid, Uuid> = versions.iter().map(|(id, entry, _)| (*entry, *id)).collect();
        let texts = submission::Entity::find()
            .filter(submission::Column::Id.is_in(last.into_values()))
            .select_only()
            .columns([submission::Column::EntryId, submission::Column::Body])
            .into_tuple::<(Uuid, String)>()
            .all(db)
            .await?;
        let mut found = Found::default();
        for (version, digest, name) in files {
            if let Some(lane) = owner.get(&version).and_then(|entry| lane_of(&lanes, *entry)) {
                found.add(SameKind::File, digest, lane, name);
            }
        }
        for (_, entry, links) in versions {
            let Some(lane) = lane_of(&lanes, entry) else { continue };
            for link in serde_json::from_str::<Vec<String>>(&links)? {
                let plain = link.trim_end_matches('/').to_lowercase();
                found.add(SameKind::Link, plain.into_bytes(), lane, link);
            }
        }
        for (entry, text) in texts {
            let Some(lane) = lane_of(&lanes, entry) else { continue };
            if text.chars().count() >= SHORTEST_TEXT {
                found.add(SameKind::Text, Sha256::digest(&text).to_vec(), lane, String::new());
            }
        }
        Ok(found.alike())
    }
}

/// What an artefact is the same by.
type Artefact = (SameKind, Vec<u8>);

/// An entry's lane, with the entry.
type Lane = (i64, Uuid);

fn lane_of(lanes: &BTreeMap<Uuid, i64>, entry: Uuid) -> Option<Lane> {
    lanes.get(&entry).map(|lane| (*lane, entry))
}

/// For each artefact the lanes that have it, and what the lowest of them calls it.
#[derive(Default)]
struct Found(BTreeMap<Artefact, BTreeSet<(Lane, String)>>);

impl Found {
    fn add(&mut self, kind: SameKind, same: Vec<u8>, lane: Lane, name: String) {
        self.0.entry((kind, same)).or_default().insert((lane, name));
    }

    fn alike(self) -> Vec<SameWork> {
        let one = |((kind, _), there): ((SameKind, _), BTreeSet<(Lane, String)>)| {
            let mut entries: Vec<EntryId> = there.iter().map(|((_, entry), _)| EntryId(*entry)).collect();
            entries.dedup();
            let what = there.into_iter().next().map(|(_, name)| name).unwrap_or_default();
            (entries.len() > 1).then_some(SameWork { kind, what, entries })
        };
        self.0.into_iter().filter_map(one).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lane(number: i64) -> Lane {
        (number, Uuid::from_u128(u128::try_from(number).unwrap()))
    }

    #[test]
    fn what_one_lane_hands_in_again_and_again_is_its_own() {
        let mut found = Found::default();
        found.add(SameKind::File, vec![1], lane(1), "a".into());
        found.add(SameKind::File, vec![1], lane(1), "b".into());
        assert_eq!(found.alike(), []);
    }

    #[test]
    fn the_same_bytes_in_two_lanes_are_told_under_the_lowest_lanes_name() {
        let mut found = Found::default();
        found.add(SameKind::File, vec![1], lane(7), "copy.zip".into());
        found.add(SameKind::File, vec![1], lane(2), "work.zip".into());
        found.add(SameKind::Link, vec![1], lane(3), "https://a.example".into());
        let entries = vec![EntryId(lane(2).1), EntryId(lane(7).1)];
        assert_eq!(found.alike(), [SameWork { kind: SameKind::File, what: "work.zip".into(), entries }]);
    }
}
