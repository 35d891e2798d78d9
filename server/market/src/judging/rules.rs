//! What a ruling must say. No database, no clock.

use super::RulingLine;
use crate::error::{Code, Problems, Result};
use crate::ids::EntryId;
use crate::task::Rules;
use crate::text;

/// Checks a ruling against the entries that have submitted: one line for each, places from 1, scores
/// where the rules decide by them, no better place with a lower score, and no dead heat of unequal scores
/// where those are what is paid.
pub(super) fn check(rules: &Rules, submitted: &[EntryId], lines: &[RulingLine]) -> Result<Vec<RulingLine>> {
    let mut problems = Problems::default();
    let mut checked = Vec::with_capacity(lines.len().min(submitted.len()));
    problems.check(lines.len() > submitted.len(), "lines", Code::TooManyItems { max: submitted.len() });
    for (at, line) in lines.iter().take(submitted.len()).enumerate() {
        let field = |part: &str| format!("lines.{at}.{part}");
        let twice = lines[..at].iter().any(|other| other.entry == line.entry);
        problems.check(twice, field("entry"), Code::Twice);
        problems.check(!submitted.contains(&line.entry), field("entry"), Code::EntryNotInRace);
        problems.check(line.place == Some(0), field("place"), Code::BadPlace);
        let unscored = rules.asks_scores() && line.place.is_some() && line.score.is_none();
        problems.check(unscored, field("score"), Code::ScoreNeeded);
        let reason = text::prose(&mut problems, &field("reason"), &line.reason, 4_000);
        checked.push(RulingLine { reason, ..line.clone() });
    }
    let missing = submitted.iter().any(|entry| !lines.iter().any(|line| line.entry == *entry));
    problems.check(missing, "lines", Code::EntryNotRuled);
    problems.check(contradicts(lines), "lines", Code::ScoresAgainstPlaces);
    let unequal = rules.plan.by_score() && unequal_heat(lines);
    problems.check(unequal, "lines", Code::DeadHeatScores);
    problems.done()?;
    Ok(checked)
}

/// True when a better place has a lower score than a worse one.
fn contradicts(lines: &[RulingLine]) -> bool {
    let mut placed: Vec<_> = lines.iter().filter_map(|line| Some((line.place?, line.score?))).collect();
    placed.sort();
    let mut least_so_far = None;
    for group in placed.chunk_by(|a, b| a.0 == b.0) {
        let best_here = group.iter().map(|(_, score)| *score).max();
        if least_so_far.is_some() && best_here > least_so_far {
            return true;
        }
        least_so_far = group.iter().map(|(_, score)| *score).min();
    }
    false
}

/// True when entries on one place have different scores.
fn unequal_heat(lines: &[RulingLine]) -> bool {
    let differ = |one: &RulingLine, other: &RulingLine| {
        one.place.is_some() && one.place == other.place && one.score != other.score
    };
    lines.iter().enumerate().any(|(at, line)| lines[..at].iter().any(|other| differ(line, other)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Refusal;
    use crate::task::{PrizePlan, Score};

    fn entry(number: u128) -> EntryId {
        EntryId(uuid::Uuid::from_u128(number))
    }

    fn line(number: u128, place: Option<u32>, score: Option<&str>) -> RulingLine {
        let score = score.map(|score| Score::parse(score).unwrap());
        RulingLine { entry: entry(number), place, score, reason: "because".into() }
    }

    fn codes(rules: &Rules, submitted: &[EntryId], lines: &[RulingLine]) -> Vec<Code> {
        match check(rules, submitted, lines) {
            Ok(_) => Vec::new(),
            Err(Refusal::Invalid(problems)) => problems.into_iter().map(|problem| problem.code).collect(),
            Err(other) => panic!("{other:?}"),
        }
    }

    #[test]
    fn every_entry_that_submitted_needs_one_line() {
        let rules = Rules::default();
        let both = [entry(1), entry(2)];
        assert_eq!(codes(&rules, &both, &[line(1, Some(1), None)]), [Code::EntryNotRuled]);
        assert_eq!(codes(&rules, &both, &[line(1, Some(1), None), line(2, None, None)]), []);
        assert_eq!(
            codes(&rules, &[entry(1)], &[line(1, Some(1), None), line(2, None, None)]),
            [Code::TooManyItems { max: 1 }]
        );
        let twice = codes(&rules, &both, &[line(1, Some(1), None), line(1, Some(2), None)]);
        assert_eq!(twice, [Code::Twice, Code::EntryNotRuled]);
    }

    #[test]
    fn a_mark_asks_for_scores() {
        let rules = Rules { mark: Score::parse("50").ok(), ..Rules::default() };
        assert_eq!(codes(&rules, &[entry(1)], &[line(1, Some(1), None)]), [Code::ScoreNeeded]);
        assert_eq!(codes(&rules, &[entry(1)], &[line(1, Some(1), Some("10"))]), []);
    }

    #[test]
    fn a_plan_by_score_asks_for_scores_that_are_equal_in_a_dead_heat() {
        let rules = Rules { plan: PrizePlan::Proportional { cap: None }, ..Rules::default() };
        let both = [entry(1), entry(2)];
        let unscored = [line(1, Some(1), Some("80")), line(2, Some(2), None)];
        assert_eq!(codes(&rules, &both, &unscored), [Code::ScoreNeeded]);
        let unequal = [line(1, Some(1), Some("80")), line(2, Some(1), Some("79"))];
        assert_eq!(codes(&rules, &both, &unequal), [Code::DeadHeatScores]);
        assert_eq!(codes(&Rules::default(), &both, &unequal), []);
        let equal = [line(1, Some(1), Some("80")), line(2, Some(1), Some("80"))];
        assert_eq!(codes(&rules, &both, &equal), []);
        assert_eq!(codes(&rules, &both, &[line(1, Some(1), Some("80")), line(2, None, None)]), []);
    }

    #[test]
    fn a_better_place_never_has_a_lower_score() {
        let all = [entry(1), entry(2), entry(3)];
        let fine = [line(1, Some(1), Some("90")), line(2, Some(2), Some("80")), line(3, Some(2), Some("70"))];
        assert_eq!(codes(&Rules::default(), &all, &fine), []);
        let odd = [line(1, Some(1), Some("75")), line(2, Some(2), Some("80")), line(3, Some(3), None)];
        assert_eq!(codes(&Rules::default(), &all, &odd), [Code::ScoresAgainstPlaces]);
    }

    #[test]
    fn a_place_is_a_whole_number_from_one_and_a_reason_is_needed() {
        let mut bad = line(1, Some(0), None);
        bad.reason = "  ".into();
        assert_eq!(codes(&Rules::default(), &[entry(1)], &[bad]), [Code::BadPlace, Code::Required]);
    }
}
