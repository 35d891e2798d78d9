//! What may be amended, when it is decided, and what those get who leave. No database, no clock.

use ledger::Amount;

use super::{Amended, AmendmentAnswer, LEAST_SECONDS, USUAL_SECONDS};
use crate::award::start_parts;
use crate::clock::Moment;
use crate::error::{Code, Problems, Result};
use crate::task::{Judging, Rules, Task};

/// What is known of a race beside its rules.
pub(super) struct Standing {
    /// Entries that are asked.
    pub(super) asked: usize,
    /// Entries that have a lane.
    pub(super) lanes: u32,
    /// The most people in one of its crews.
    pub(super) crew: u32,
}

/// Refuses what can't be amended, even by consent.
pub(super) fn check(task: &Task, to: &Amended, standing: &Standing, now: Moment) -> Result<()> {
    let mut problems = Problems::default();
    let (old, new) = (&task.rules, &to.rules);
    problems.check(to.closes_at < task.closes_at, "closes_at", Code::DeadlineShortened);
    check_times(&mut problems, task, to, now);
    let asks_people = |judging: &Judging| matches!(judging, Judging::Poster | Judging::Judges(_));
    let judged_otherwise = old.judging != new.judging;
    let by_rule = !asks_people(&old.judging) || !asks_people(&new.judging);
    problems.check(judged_otherwise && by_rule, "rules.judging", Code::AmendFixed);
    problems.check(old.entry.names != new.entry.names, "rules.entry.names", Code::AmendFixed);
    problems.check(old.entry.terms != new.entry.terms, "rules.entry.terms", Code::AmendFixed);
    problems.check(task.grown > 0 && old.growth != new.growth, "rules.growth", Code::AmendFixed);
    let range = |min: u32, max: u32| Code::OutOfRange { min: min.to_string(), max: max.to_string() };
    let too_few = new.max_lanes.is_some_and(|max| max < standing.lanes);
    problems.check(too_few, "rules.max_lanes", range(standing.lanes, 1_000));
    problems.check(new.max_crew < standing.crew, "rules.max_crew", range(standing.crew, 50));
    // Whoever leaves is paid out of the start pool and not out of the prizes of those who stay.
    let most = leaving(old, standing.asked).into_iter().fold(Amount::ZERO, add);
    let held = new.start_left().map_or(Amount::ZERO, |start| start.pool);
    problems.check(held < most, "rules.start.pool", Code::AmendStartPool);
    problems.done()
}

/// Stages that have ended stay as they are; the others may end later, and none comes or goes.
fn check_times(problems: &mut Problems, task: &Task, to: &Amended, now: Moment) {
    let (old, new) = (&task.rules, &to.rules);
    problems.check(old.stages.len() != new.stages.len(), "rules.stages", Code::AmendFixed);
    for (at, (old, new)) in old.stages.iter().zip(&new.stages).enumerate() {
        let field = |part: &str| format!("rules.stages.{at}.{part}");
        if old.ends_at <= now {
            problems.check(old != new, field("ends_at"), Code::AmendFixed);
        } else {
            problems.check(new.ends_at < old.ends_at, field("ends_at"), Code::DeadlineShortened);
        }
    }
    let opened = old.opens_at.is_none_or(|opens| opens <= now);
    problems.check(opened && old.opens_at != new.opens_at, "rules.opens_at", Code::AmendFixed);
}

/// Until when it is answered: as the poster says, or after the usual time; before the stage or the race ends.
pub(super) fn answer_by(task: &Task, wanted: Option<Moment>, now: Moment) -> Result<Moment> {
    let ends = task.rules.stages.iter().map(|stage| stage.ends_at).find(|end| *end > now);
    let ends = ends.unwrap_or(task.closes_at).min(task.closes_at);
    let (least, most) = (now.plus_seconds(LEAST_SECONDS), ends.plus_seconds(-1));
    let mut problems = Problems::default();
    problems.check(least > most, "answer_by", Code::AmendTooLate);
    let at = wanted.unwrap_or_else(|| now.plus_seconds(USUAL_SECONDS).min(most));
    let range = Code::OutOfRange { min: least.rfc3339(), max: most.rfc3339() };
    problems.check(least <= most && !(least..=most).contains(&at), "answer_by", range);
    problems.done()?;
    Ok(at)
}

/// What those asked have said, together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// All have answered: it takes effect.
    Carried,
    /// Somebody is silent still.
    Waits,
}

/// Silence is no consent.
pub(super) fn verdict(answers: impl IntoIterator<Item = Option<AmendmentAnswer>>) -> Verdict {
    if answers.into_iter().all(|answer| answer.is_some()) { Verdict::Carried } else { Verdict::Waits }
}

/// What each of so many entries gets that leave, in their order: the start prize of the rules as they are frozen, or
/// an equal part of the pool where it is too little for all who are asked.
pub(super) fn leaving(rules: &Rules, asked: usize) -> Vec<Amount> {
    start_parts(rules, asked)
}

fn add(a: Amount, b: Amount) -> Amount {
    a.checked_add(b).unwrap_or(Amount::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::task::StartPrize;

    #[test]
    fn it_is_carried_only_when_nobody_is_silent() {
        let (consent, leave) = (Some(AmendmentAnswer::Consent), Some(AmendmentAnswer::Leave));
        assert_eq!(verdict([]), Verdict::Carried, "nobody is asked");
        assert_eq!(verdict([consent, leave]), Verdict::Carried);
        assert_eq!(verdict([leave]), Verdict::Carried);
        assert_eq!(verdict([consent, None]), Verdict::Waits);
    }

    #[test]
    fn who_leaves_gets_the_start_prize_or_an_equal_part_of_a_pool_that_is_short() {
        let amount = |minor| Amount::new(minor).unwrap();
        let rules = |each, pool, departed| Rules {
            start: Some(StartPrize { each: amount(each), pool: amount(pool) }),
            departed: (departed > 0).then(|| amount(departed)),
            ..Rules::default()
        };
        let minor = |rules: &Rules, asked| -> Vec<u64> {
            leaving(rules, asked).into_iter().map(|one| one.minor()).collect()
        };
        assert_eq!(minor(&rules(10, 100, 0), 3), [10, 10, 10]);
        assert_eq!(minor(&rules(50, 100, 0), 3), [34, 33, 33]);
        assert_eq!(minor(&rules(50, 100, 50), 2), [25, 25], "what left before is gone from the pool");
        assert_eq!(minor(&Rules::default(), 2), [0, 0]);
    }
}
