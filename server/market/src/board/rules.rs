//! What measuring decides: which rules can stand, what moves a board, who comes before whom. No database, no
//! clock.

use std::cmp::Ordering;

use metric::{Fault, MOST_DECIMALS, Mark, Metric};
use uuid::Uuid;

use super::tables::version_score::Model;
use super::{BoardRow, MetricRules};
use crate::clock::Moment;
use crate::error::{Code, Problems, Result};
use crate::ids::EntryId;
use crate::task::Rules;

/// Checks what a poster wrote of measuring.
pub(crate) fn check(problems: &mut Problems, rules: &Rules, measured: &MetricRules) {
    let field = |part: &str| format!("rules.metric.{part}");
    let range = |min: u32, max: u32| Code::OutOfRange { min: min.to_string(), max: max.to_string() };
    problems.check(measured.decimals > MOST_DECIMALS, field("decimals"), range(0, MOST_DECIMALS.into()));
    problems.check(!(100..=9_000).contains(&measured.public_share), field("public_share"), range(100, 9_000));
    problems.check(!(1..=100).contains(&measured.per_day), field("per_day"), range(1, 100));
    problems.check(measured.freeze_seconds > 30 * 86_400, field("freeze_seconds"), range(0, 30 * 86_400));
    let gain = Mark::parse(&measured.gain, measured.decimals).filter(|gain| !gain.is_negative());
    let fits = gain.is_some() && measured.gain.len() <= 20;
    problems.check(!fits, field("gain"), Code::BadGain { decimals: measured.decimals });
    let positive = measured.positive.as_deref().unwrap_or("1");
    let plain = !positive.is_empty()
        && positive.trim() == positive
        && positive.chars().count() <= 100
        && !positive.chars().any(char::is_control);
    problems.check(!plain, field("positive"), Code::TooLong { max: 100 });
    let needs_scale = rules.mark.is_some() || rules.plan.by_score() || rules.plan.needs_mark();
    let unscaled = needs_scale && !measured.metric.is_bounded();
    problems.check(unscaled, "rules.plan", Code::MetricWithoutScale);
}

/// Whether a new figure moves its entry on the board, after these versions.
pub(super) fn moves(rules: &MetricRules, earlier: &[Model], figure: f64) -> Result<bool> {
    let Some(best) = earlier.iter().rfind(|row| row.moved == 1) else { return Ok(true) };
    let best = rules.mark(best.public()?);
    Ok(rules.mark(figure).beats(best, rules.least_gain(), rules.metric))
}

/// The board from the versions of a race, as it stood at `until`. `shown` says which entries are on it.
pub(super) fn board(
    rules: &MetricRules,
    scores: &[Model],
    shown: impl Fn(Uuid) -> bool,
    until: Moment,
    is_final: bool,
) -> Result<Vec<BoardRow>> {
    let mut best: Vec<(Mark, Option<Mark>, &Model, u32)> = Vec::new();
    let mut entries: Vec<Uuid> =
        scores.iter().map(|row| row.entry_id).filter(|entry| shown(*entry)).collect();
    entries.sort_unstable();
    entries.dedup();
    for entry in entries {
        let own: Vec<&Model> =
            scores.iter().filter(|row| row.entry_id == entry && row.at < until.0).collect();
        let Some(last) = own.iter().rfind(|row| row.moved == 1) else { continue };
        let private = if is_final { best_private(rules, own.iter().copied())? } else { None };
        let versions = u32::try_from(own.len()).unwrap_or(u32::MAX);
        best.push((rules.mark(last.public()?), private.map(|(mark, _)| mark), last, versions));
    }
    let order = |a: &(Mark, Option<Mark>, &Model, u32), b: &(Mark, Option<Mark>, &Model, u32)| {
        if is_final { by_mark(a.1, b.1, rules.metric) } else { a.0.before(b.0, rules.metric) }
    };
    best.sort_by(|a, b| order(a, b).then(a.2.at.cmp(&b.2.at)).then(a.2.entry_id.cmp(&b.2.entry_id)));
    let mut rows: Vec<BoardRow> = Vec::with_capacity(best.len());
    for (at, one) in best.iter().enumerate() {
        let tied = at > 0 && order(&best[at - 1], one) == Ordering::Equal;
        let place = if tied { rows[at - 1].place } else { u32::try_from(at + 1).unwrap_or(u32::MAX) };
        rows.push(BoardRow {
            place,
            entry: EntryId(one.2.entry_id),
            public: one.0.to_string(),
            private: one.1.map(|mark| mark.to_string()),
            at: Moment(one.2.at),
            versions: one.3,
        });
    }
    Ok(rows)
}

/// The versions of an entry that count: those that its crew chose, or else the best on the public part, of
/// equals the earliest.
pub(super) fn counting<'m>(rules: &MetricRules, own: &[&'m Model]) -> Result<Vec<&'m Model>> {
    let chosen: Vec<&Model> = own.iter().copied().filter(|row| row.chosen == 1).collect();
    if !chosen.is_empty() {
        return Ok(chosen);
    }
    let mut best: Option<(Mark, &Model)> = None;
    for row in own {
        let mark = rules.mark(row.public()?);
        if best.is_none_or(|(known, _)| mark.before(known, rules.metric) == Ordering::Less) {
            best = Some((mark, row));
        }
    }
    Ok(best.map(|(_, row)| row).into_iter().collect())
}

/// The best figure on the private part among these versions, with the version.
pub(super) fn best_private<'m>(
    rules: &MetricRules,
    own: impl IntoIterator<Item = &'m Model>,
) -> Result<Option<(Mark, &'m Model)>> {
    let mut best: Option<(Mark, &Model)> = None;
    for row in own {
        let Some(private) = row.private()? else { continue };
        let mark = rules.mark(private);
        if best.is_none_or(|(known, _)| mark.before(known, rules.metric) == Ordering::Less) {
            best = Some((mark, row));
        }
    }
    Ok(best)
}

/// Best first, those without a figure last.
pub(super) fn by_mark(one: Option<Mark>, other: Option<Mark>, metric: Metric) -> Ordering {
    match (one, other) {
        (Some(one), Some(other)) => one.before(other, metric),
        (one, other) => one.is_none().cmp(&other.is_none()),
    }
}

/// What a person is told of a table that can't be used.
pub(super) fn told(fault: Fault) -> Code {
    match fault {
        Fault::Unreadable { line } => Code::TableUnreadable { line },
        Fault::Head { wanted } => Code::TableHead { wanted },
        Fault::Fields { line, found, wanted } => Code::TableFields { line, found, wanted },
        Fault::NoRows => Code::TableEmpty,
        Fault::TooManyRows { most } => Code::TableTooLong { max: most },
        Fault::TooManyClasses { most } => Code::TooManyClasses { max: most },
        Fault::Text { line, column } => Code::TableText { line, column },
        Fault::Number { line, column } => Code::TableNumber { line, column },
        Fault::Likelihood { line, column } => Code::TableLikelihood { line, column },
        Fault::SumNotOne { line } => Code::TableSum { line },
        Fault::Class { line, column } => Code::TableClass { line, column },
        Fault::Part { line, column } => Code::TablePart { line, column },
        Fault::Twice { line, id } => Code::TableTwice { line, id },
        Fault::Unknown { count, first } => Code::TableUnknown { count, first },
        Fault::Missing { count, first } => Code::TableMissing { count, first },
        Fault::NotTwo { found } => Code::KeyClasses { found },
        Fault::NoPositive { class } => Code::KeyPositive { class },
        Fault::PartTooPoor => Code::KeyPart,
    }
}

#[cfg(test)]
#[path = "rules_tests.rs"]
mod tests;
