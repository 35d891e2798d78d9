//! Reading feedback.

use std::collections::{HashMap, HashSet};

use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use super::FeedbackView;
use super::tables::{feedback, feedback_request};
use crate::actor::Actor;
use crate::books::record_id;
use crate::clock::Moment;
use crate::error::{Refusal, Result};
use crate::ids::{EntryId, FeedbackId, PersonId, SubmissionId};
use crate::market::Market;
use crate::memo::KnownEntry;
use crate::policy::{Act, may, permit};
use crate::submission::tables::submission;

impl Market {
    /// What was written to an entry's crew, oldest first: all of it to the crew, to others what they wrote.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] when the asker may not see the task.
    pub async fn feedback(&self, asker: &Actor, id: EntryId) -> Result<Vec<FeedbackView>> {
        let db = self.store().reads();
        let KnownEntry { facts, .. } = &*self.known_entry(id).await?;
        permit(asker, Act::SeeTask, facts)?;
        let all = may(asker, Act::SeeFeedback, facts);
        let rows = feedback::Entity::find()
            .filter(feedback::Column::EntryId.eq(id.0))
            .order_by_asc(feedback::Column::At)
            .order_by_asc(feedback::Column::Id)
            .all(db)
            .await?;
        let rows: Vec<_> =
            rows.into_iter().filter(|row| all || asker.id() == Some(PersonId(row.by_id))).collect();
        let versions: HashMap<Uuid, i64> = submission::Entity::find()
            .filter(submission::Column::Id.is_in(rows.iter().map(|row| row.submission_id)))
            .all(db)
            .await?
            .into_iter()
            .map(|row| (row.id, row.version))
            .collect();
        rows.into_iter()
            .map(|row| {
                let version = versions.get(&row.submission_id).copied().unwrap_or_default();
                Ok(FeedbackView {
                    id: FeedbackId(row.id),
                    entry: EntryId(row.entry_id),
                    submission: SubmissionId(row.submission_id),
                    version: u32::try_from(version).map_err(Refusal::fault)?,
                    by: PersonId(row.by_id),
                    body: row.body,
                    at: Moment(row.at),
                    record: record_id(row.record_id),
                })
            })
            .collect()
    }
}

/// The versions that a crew has opened to the judges.
pub(crate) async fn opened(db: &impl ConnectionTrait, entry: EntryId) -> Result<HashSet<SubmissionId>> {
    let rows = feedback_request::Entity::find().filter(feedback_request::Column::EntryId.eq(entry.0));
    Ok(rows.all(db).await?.into_iter().map(|row| SubmissionId(row.submission_id)).collect())
}
