//! Reading erasures.

use sea_orm::{EntityTrait, QueryOrder};

use super::ErasureView;
use super::tables::erasure;
use crate::actor::Actor;
use crate::books::record_id;
use crate::clock::Moment;
use crate::error::Result;
use crate::ids::{ErasureId, PersonId};
use crate::market::Market;
use crate::policy::{Act, House, permit};

impl Market {
    /// Every erasure that was asked for, newest first; for those who may approve one.
    ///
    /// # Errors
    /// Whatever the policy says.
    pub async fn erasures(&self, asker: &Actor) -> Result<Vec<ErasureView>> {
        permit(asker, Act::ApproveErasure, &House)?;
        let rows = erasure::Entity::find()
            .order_by_desc(erasure::Column::RequestedAt)
            .order_by_desc(erasure::Column::Id)
            .all(self.store().reads())
            .await?;
        rows.into_iter().map(view).collect()
    }
}

fn view(row: erasure::Model) -> Result<ErasureView> {
    let records: Vec<uuid::Uuid> = serde_json::from_str(&row.records)?;
    Ok(ErasureView {
        id: ErasureId(row.id),
        person: PersonId(row.person_id),
        ground: row.ground,
        records: records.into_iter().map(|id| record_id(id).to_string()).collect(),
        requested_by: PersonId(row.requested_by),
        requested_at: Moment(row.requested_at),
        approved_by: row.approved_by.map(PersonId),
        approved_at: row.approved_at.map(Moment),
        record: row.record_id.map(record_id),
    })
}
