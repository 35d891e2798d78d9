//! The ruling of a measured race, by the clock, once it has stopped.
//!
//! Promises: private figures are worked out here and nowhere else, after the stop; the ruling follows from
//! them alone. Must never: rule a second time; after an upheld appeal a person does.

use std::collections::HashMap;

use metric::{Mark, Part};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::tables::version_score::Model;
use super::{MetricRules, measure, rules, tables};
use crate::actor::Actor;
use crate::award::Score;
use crate::error::{Refusal, Result};
use crate::ids::{EntryId, TaskId};
use crate::judging::tables::ruling;
use crate::judging::{Decision, Giver, RulingLine, give, settled, standings};
use crate::market::Market;
use crate::policy::{Act, permit};
use crate::store::{Command, Scope};
use crate::submission::tables::file;
use crate::task::{self, Judging, TaskState};

/// Rules a measured race by the private figures of the versions that count. Asked for by the clockwork only,
/// and answers `false` when there is nothing to do.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct RuleByMetric {
    task: TaskId,
    /// The figures, by version; nothing where what was handed in is there no more.
    figures: Vec<(Uuid, Option<String>)>,
}

impl Market {
    /// Measures the private part of a race whose clock has stopped, or counts its votes, and rules it.
    ///
    /// # Errors
    /// When the database or the file store fails.
    pub(crate) async fn rule_by_metric(&self, id: TaskId) -> Result<bool> {
        let db = self.store().reads();
        let task = task::tables::load(db, id).await?;
        if let Judging::Vote(_) = &task.rules.judging {
            return self.count_votes(id).await;
        }
        let Judging::Metric(measured) = &task.rules.judging else { return Ok(false) };
        if task.state(self.now()) != TaskState::Judging {
            return Ok(false);
        }
        let Some(row) = tables::key_of(db, id).await? else { return Ok(false) };
        let key = self.files().read(&row.digest()?).await?;
        let mut figures = Vec::new();
        let (mut which, mut given) = (Vec::new(), Vec::new());
        for version in counting(measured, &tables::scores_of(db, id).await?)? {
            match self.handed_in(version.file_id).await? {
                Some(bytes) => {
                    which.push(version.submission_id);
                    given.push(bytes);
                }
                None => figures.push((version.submission_id, None)),
            }
        }
        let measured = measure::figures(measured, &row, key, Part::Private, given).await?;
        for (version, figure) in which.into_iter().zip(measured) {
            // It was read when it was handed in.
            figures.push((version, Some(format!("{:?}", figure.map_err(Refusal::fault)?))));
        }
        self.run(&Actor::Clockwork, RuleByMetric { task: id, figures }).await
    }

    /// The bytes of a file, unless they were erased.
    async fn handed_in(&self, id: Uuid) -> Result<Option<Vec<u8>>> {
        let Some(row) = file::Entity::find_by_id(id).one(self.store().reads()).await? else {
            return Ok(None);
        };
        let digest =
            row.sha256.try_into().map_err(|_| Refusal::fault("a digest of a file is not 32 bytes"))?;
        if self.files().has(&digest).await? { self.files().read(&digest).await.map(Some) } else { Ok(None) }
    }
}

impl Command for RuleByMetric {
    type Output = bool;
    const ACT: Act = Act::KeepTime;

    async fn run(&self, asker: &Actor, scope: &Scope<'_>) -> Result<bool> {
        let task = task::tables::lock(scope.txn, self.task).await?;
        let leave = permit(asker, Self::ACT, &task::facts(scope.txn, &task, scope.now).await?)?;
        let Judging::Metric(measured) = &task.rules.judging else { return Ok(false) };
        let ruled =
            ruling::Entity::find().filter(ruling::Column::TaskId.eq(task.id.0)).count(scope.txn).await?;
        let unstopped = task.judging_since.is_none();
        if task.state(scope.now) != TaskState::Judging || unstopped || ruled > 0 {
            return Ok(false);
        }
        let standings = standings(scope.txn, &task).await?;
        if standings.is_empty() {
            return Ok(false);
        }
        for (version, figure) in &self.figures {
            if let Some(figure) = figure {
                tables::decide(scope.txn, &leave, *version, figure).await?;
            }
        }
        let scores = tables::scores_of(scope.txn, task.id).await?;
        let entries = standings.iter().map(|standing| standing.entry).collect();
        let lines = lines(measured, &scores, entries)?;
        let settlement = settled(&task, standings, &lines);
        let at = task::clockwork::measured(scope, &leave, &task).await?;
        let scope = &Scope { now: at, ..*scope };
        let decision =
            Decision { by: Giver::Person(task.poster), summary: summary(measured), lines, settlement };
        give(scope, &leave, &task, decision).await?;
        Ok(true)
    }
}

/// The versions of a race that count.
fn counting<'m>(measured: &MetricRules, scores: &'m [Model]) -> Result<Vec<&'m Model>> {
    let mut own: HashMap<Uuid, Vec<&Model>> = HashMap::new();
    for row in scores {
        own.entry(row.entry_id).or_default().push(row);
    }
    let mut all = Vec::new();
    for versions in own.into_values() {
        all.extend(rules::counting(measured, &versions)?);
    }
    all.sort_by_key(|row| row.submission_id);
    Ok(all)
}

/// A line for each entry: places by the private figure as it counts, equal ones sharing one.
fn lines(measured: &MetricRules, scores: &[Model], entries: Vec<EntryId>) -> Result<Vec<RulingLine>> {
    let mut placed: Vec<(Option<(Mark, &Model)>, EntryId)> = Vec::with_capacity(entries.len());
    for entry in entries {
        let own = scores.iter().filter(|row| row.entry_id == entry.0);
        placed.push((rules::best_private(measured, own)?, entry));
    }
    let mark = |one: &Option<(Mark, &Model)>| one.as_ref().map(|(mark, _)| *mark);
    placed.sort_by(|a, b| rules::by_mark(mark(&a.0), mark(&b.0), measured.metric).then(a.1.cmp(&b.1)));
    let mut lines = Vec::with_capacity(placed.len());
    let mut last = (0, None);
    for (at, (best, entry)) in (1_u32..).zip(&placed) {
        let Some((mark, version)) = best else {
            lines.push(RulingLine { entry: *entry, place: None, score: None, reason: UNMEASURED.to_owned() });
            continue;
        };
        if last.1 != Some(*mark) {
            last = (at, Some(*mark));
        }
        let score = measured.metric.is_bounded().then(|| Score::new(mark.hundredths()).ok()).flatten();
        lines.push(RulingLine {
            entry: *entry,
            place: Some(last.0),
            score,
            reason: reason(measured, *mark, version)?,
        });
    }
    Ok(lines)
}

const UNMEASURED: &str = "No version could be measured. 没有可测量的版本。";

fn summary(measured: &MetricRules) -> String {
    let (metric, decimals) = (measured.metric, measured.decimals);
    format!(
        "Measured by the server: {metric} on the private part of the answer key, rounded to {decimals} decimals.\n\n\
         由服务器测量：答案的私有部分，指标 {metric}，保留 {decimals} 位小数。"
    )
}

fn reason(measured: &MetricRules, mark: Mark, version: &Model) -> Result<String> {
    let (metric, number, public) = (measured.metric, version.version, measured.mark(version.public()?));
    Ok(format!(
        "{metric} {mark} on the private part, {public} on the public part, with version {number}. \
         第 {number} 版：私有部分 {mark}，公开部分 {public}。"
    ))
}
