//! What the board says of a stage: for the clock, which cuts by it where nobody gave scores in person.

use std::collections::HashMap;

use sea_orm::ConnectionTrait;

use super::{MetricRules, tables};
use crate::award::Score;
use crate::clock::Moment;
use crate::error::Result;
use crate::ids::{EntryId, TaskId};

/// The best public figure of each entry's versions between two instants, as a score from 0 to 100; nothing where the
/// metric is not one.
pub(crate) async fn public_scores(
    db: &impl ConnectionTrait,
    task: TaskId,
    measured: &MetricRules,
    from: Moment,
    until: Moment,
) -> Result<HashMap<EntryId, Score>> {
    let mut best: HashMap<EntryId, Score> = HashMap::new();
    if !measured.metric.is_bounded() {
        return Ok(best);
    }
    for row in tables::scores_of(db, task).await? {
        let score = Score::new(measured.mark(row.public()?).hundredths()).ok();
        let within = row.at >= from.0 && row.at < until.0;
        if let Some(score) = score.filter(|_| within) {
            let held = best.entry(EntryId(row.entry_id)).or_insert(score);
            *held = (*held).max(score);
        }
    }
    Ok(best)
}
