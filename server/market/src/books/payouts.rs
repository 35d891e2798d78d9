//! Records by kind with their postings, for what is shown of payouts.

use std::collections::HashMap;

use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use super::tables::{posting, record};
use crate::error::Result;

/// The records of some kinds about a task, oldest first, each with its postings in order.
pub(crate) async fn postings_about(
    db: &impl ConnectionTrait,
    kinds: &[ledger::RecordKind],
    subject: Uuid,
) -> Result<Vec<(record::Model, Vec<posting::Model>)>> {
    let records = record::Entity::find()
        .filter(record::Column::Subject.eq(subject))
        .filter(record::Column::Kind.is_in(kinds.iter().map(|kind| kind.as_str())))
        .order_by_asc(record::Column::PostedAt)
        .order_by_asc(record::Column::Id)
        .all(db)
        .await?;
    let postings = posting::Entity::find()
        .filter(posting::Column::RecordId.is_in(records.iter().map(|record| record.id)))
        .order_by_asc(posting::Column::Line)
        .all(db)
        .await?;
    let mut by_record: HashMap<Uuid, Vec<posting::Model>> = HashMap::new();
    for line in postings {
        by_record.entry(line.record_id).or_default().push(line);
    }
    Ok(records
        .into_iter()
        .map(|record| {
            let lines = by_record.remove(&record.id).unwrap_or_default();
            (record, lines)
        })
        .collect())
}

/// The newest payouts, newest first.
pub(crate) async fn newest_payouts(db: &impl ConnectionTrait, most: u64) -> Result<Vec<record::Model>> {
    use sea_orm::QuerySelect;
    // Spelled out, for there is an index of just these: most records are transfers.
    let rows = record::Entity::find()
        .filter(sea_orm::sea_query::Expr::cust("kind = 'payout'"))
        .order_by_desc(record::Column::PostedAt)
        .order_by_desc(record::Column::Id)
        .limit(most);
    Ok(rows.all(db).await?)
}
