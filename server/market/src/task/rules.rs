//! What a poster may write, and when a task is in which state. No database, no clock.

use ledger::Amount;

use super::{Judging, PrizePlan, Prizes, Rules, Score, StartPrize, Stored, Task, TaskInput, TaskState};
use crate::board;
use crate::clock::Moment;
use crate::error::{Code, Problems, Refusal, Result};
use crate::ids::PersonId;
use crate::meter;
use crate::race::{check_check_in, check_entry_rules};
use crate::submission::check_list;
use crate::vote;
use crate::{judging, text};

const DAY: i64 = 86_400;
/// A race lasts at most three years.
const LONGEST_DAYS: i64 = 1_096;
const MOST_PRIZES: usize = 100;
const MOST_PLACES: u32 = 100;
const MOST_JUDGES: usize = 20;

/// The state at `now`: the one clock that pages, API and commands ask. At the very instant of the
/// deadline the race has stopped.
pub(crate) fn state_at(stored: Stored, closes_at: Moment, now: Moment) -> TaskState {
    match stored {
        Stored::Draft => TaskState::Draft,
        Stored::Open if now >= closes_at => TaskState::Judging,
        Stored::Open => TaskState::Open,
        Stored::Provisional => TaskState::Provisional,
        Stored::Settled => TaskState::Settled,
        Stored::Cancelled => TaskState::Cancelled,
        Stored::Expired => TaskState::Expired,
    }
}

/// Checks and tidies what a poster wrote. A draft may still lack a future deadline; publishing may not.
pub(super) fn check(input: &TaskInput, poster: PersonId, now: Moment) -> Result<TaskInput> {
    let checked = checked(input, poster, (now, now))?;
    Ok(TaskInput { rules: Rules { departed: None, ..checked.rules }, ..checked })
}

/// Checks and tidies what a task that is open shall become: stages may have ended since it opened.
pub(crate) fn check_amended(input: &TaskInput, task: &Task, now: Moment) -> Result<TaskInput> {
    checked(input, task.poster, (task.published_at.unwrap_or(task.created_at), now))
}

fn checked(input: &TaskInput, poster: PersonId, (from, now): (Moment, Moment)) -> Result<TaskInput> {
    let mut problems = Problems::default();
    let checked = TaskInput {
        title: text::line(&mut problems, "title", &input.title, 120),
        brief: text::prose(&mut problems, "brief", &input.brief, 20_000),
        criteria: text::maybe_prose(&mut problems, "criteria", &input.criteria, 10_000),
        ..input.clone()
    };
    problems.check(input.bounty.is_zero(), "bounty", Code::AmountZero);
    problems.check(input.closes_at <= now, "closes_at", Code::TimePast);
    check_far(&mut problems, input.closes_at, now);
    check_rules(&mut problems, input, poster, from);
    let entry = check_entry_rules(&mut problems, &input.rules.entry, input.rules.max_lanes);
    problems.done()?;
    Ok(TaskInput { rules: Rules { entry, ..checked.rules }, ..checked })
}

/// A deadline can only move to a later time, and only while it has not passed.
pub(super) fn check_extension(old: Moment, new: Moment, now: Moment) -> Result<()> {
    let mut problems = Problems::default();
    problems.check(new <= old, "closes_at", Code::DeadlineShortened);
    check_far(&mut problems, new, now);
    problems.done()
}

/// Refuses unless the race is running.
pub(crate) fn check_running(state: TaskState) -> Result<()> {
    match state {
        TaskState::Open => Ok(()),
        TaskState::Draft => Err(Refusal::NotFound),
        TaskState::Judging => Err(Refusal::because(Code::DeadlinePassed)),
        _ => Err(Refusal::because(Code::NotOpen)),
    }
}

fn check_far(problems: &mut Problems, at: Moment, now: Moment) {
    let limit = now.plus_seconds(LONGEST_DAYS * DAY);
    problems.check(at > limit, "closes_at", Code::TimeTooFar { days: LONGEST_DAYS });
}

fn check_rules(problems: &mut Problems, input: &TaskInput, poster: PersonId, from: Moment) {
    let rules = &input.rules;
    let range = |min: u64, max: u64| Code::OutOfRange { min: min.to_string(), max: max.to_string() };
    problems.check(
        rules.max_lanes.is_some_and(|max| !(1..=1_000).contains(&max)),
        "rules.max_lanes",
        range(1, 1_000),
    );
    problems.check(!(1..=50).contains(&rules.max_crew), "rules.max_crew", range(1, 50));
    problems.check(rules.appeal_seconds > 90 * 86_400, "rules.appeal_seconds", range(0, 90 * 86_400));
    check_check_in(problems, rules.check_in);
    if matches!(rules.judging, Judging::Judges(_) | Judging::Panel(_)) {
        let judges = rules.judging.named();
        problems.check(judges.is_empty(), "rules.judges", Code::Required);
        problems.check(judges.len() > MOST_JUDGES, "rules.judges", Code::TooManyItems { max: MOST_JUDGES });
        problems.check(judges.contains(&poster), "rules.judges", Code::BadChoice);
        let twice = judges.iter().enumerate().any(|(at, judge)| judges[..at].contains(judge));
        problems.check(twice, "rules.judges", Code::Twice);
    }
    if let Judging::Metric(measured) = &rules.judging {
        board::check(problems, rules, measured);
    }
    check_list(problems, &rules.evidence);
    if let Judging::Vote(vote) = &rules.judging {
        vote::check(problems, rules, vote);
    }

    if let Some(panel) = rules.judging.panel() {
        judging::check_panel(problems, panel);
    }
    super::silence::check(problems, rules, poster);
    let left = super::stages::check(problems, rules, (input.bounty, input.closes_at, from));
    let pot = check_start(problems, rules, left);
    let pot = meter::rules::check(problems, rules.growth.as_ref(), pot);
    let aside = rules.start.is_some() || rules.growth.is_some();
    let over = if aside { Code::PrizesOverPot } else { Code::PrizesOverBounty };
    check_plan(problems, rules, pot, over, "rules.");
}

/// The start prize, and the pot that it leaves for the plan.
fn check_start(problems: &mut Problems, rules: &Rules, bounty: Amount) -> Amount {
    let Some(StartPrize { each, pool }) = rules.start else { return bounty };
    let left = rules.start_left().map_or(pool, |start| start.pool);
    problems.check(each.is_zero(), "rules.start.each", Code::AmountZero);
    problems.check(pool < each, "rules.start.pool", Code::StartPoolTooSmall);
    let pot = bounty.checked_sub(left).unwrap_or(Amount::ZERO);
    problems.check(pot.is_zero() && !bounty.is_zero(), "rules.start.pool", Code::StartPoolTooLarge);
    pot
}

/// Checks a plan whose fields begin with `at`.
pub(super) fn check_plan(problems: &mut Problems, rules: &Rules, pot: Amount, over: Code, at: &str) {
    let range = |min: &str, max: &str| Code::OutOfRange { min: min.to_owned(), max: max.to_owned() };
    problems.check(rules.plan.needs_mark() && rules.mark.is_none(), format!("{at}mark"), Code::MarkNeeded);
    let plan = format!("{at}plan");
    match &rules.plan {
        PrizePlan::WinnerTakesAll => {}
        PrizePlan::Metered { per_event } => {
            problems.check(per_event.is_zero(), format!("{at}plan.metered.per_event"), Code::AmountZero);
            problems.check(*per_event > pot, format!("{at}plan.metered.per_event"), over);
        }
        PrizePlan::Ranked(Prizes::Shares(shares)) => {
            check_prizes(problems, shares, 0, &plan);
            let sum: u64 = shares.iter().map(|share| u64::from(*share)).sum();
            problems.check(sum > 10_000, plan, Code::BadShares { sum });
        }
        PrizePlan::Ranked(Prizes::Amounts(amounts)) => {
            check_prizes(problems, amounts, Amount::ZERO, &plan);
            let sum = amounts.iter().try_fold(Amount::ZERO, |sum, amount| sum.checked_add(*amount).ok_or(()));
            problems.check(sum.is_err() || sum > Ok(pot), plan, over);
        }
        PrizePlan::Threshold { places, prize } => {
            let field = |part: &str| format!("{plan}.threshold.{part}");
            problems.check(!(1..=MOST_PLACES).contains(places), field("places"), range("1", "100"));
            problems.check(prize.is_zero(), field("prize"), Code::AmountZero);
            let sum = u128::from(*places) * u128::from(prize.minor());
            problems.check(sum > u128::from(pot.minor()), field("prize"), over);
        }
        PrizePlan::Proportional { cap } => {
            let wrong = cap.is_some_and(|cap| !(1..=10_000).contains(&cap));
            problems.check(wrong, format!("{plan}.proportional.cap"), range("1", "10000"));
            let top = rules.mark.is_some_and(|mark| mark.hundredths() >= Score::MAX);
            problems.check(top, format!("{at}mark"), range("0", "99.99"));
        }
    }
}

/// At least one prize, each above zero, none smaller before a larger.
fn check_prizes<T: PartialOrd + Copy>(problems: &mut Problems, prizes: &[T], zero: T, plan: &str) {
    problems.check(prizes.is_empty(), plan, Code::Required);
    problems.check(prizes.len() > MOST_PRIZES, plan, Code::TooManyItems { max: MOST_PRIZES });
    problems.check(prizes.iter().any(|prize| *prize <= zero), plan, Code::AmountZero);
    problems.check(prizes.windows(2).any(|pair| pair[0] < pair[1]), plan, Code::PrizesNotDescending);
}

#[cfg(test)]
mod tests {
    use super::super::{Source, Visibility};
    use super::*;

    const NOW: Moment = Moment(1_000_000_000_000);

    fn poster() -> PersonId {
        PersonId(uuid::Uuid::from_u128(7))
    }

    fn input() -> TaskInput {
        TaskInput {
            title: "  A faster parser ".into(),
            brief: "Make it fast.\r\nKeep it right.".into(),
            criteria: String::new(),
            visibility: Visibility::Open,
            source: Source::Person,
            bounty: Amount::new(1_000).unwrap(),
            closes_at: NOW.plus_seconds(60),
            rules: Rules::default(),
        }
    }

    fn code_of(input: &TaskInput) -> Code {
        match check(input, poster(), NOW).unwrap_err() {
            Refusal::Invalid(problems) => problems[0].code.clone(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn texts_are_trimmed_and_line_ends_made_one_kind() {
        let checked = check(&input(), poster(), NOW).unwrap();
        assert_eq!(
            (checked.title.as_str(), checked.brief.as_str()),
            ("A faster parser", "Make it fast.\nKeep it right.")
        );
    }

    #[test]
    fn at_the_instant_of_the_deadline_the_race_has_stopped() {
        let closes = Moment(10_000_000);
        assert_eq!(state_at(Stored::Open, closes, Moment(9_999_999)), TaskState::Open);
        assert_eq!(state_at(Stored::Open, closes, closes), TaskState::Judging);
        assert_eq!(state_at(Stored::Settled, closes, closes), TaskState::Settled);
    }

    #[test]
    fn a_deadline_lies_ahead_and_only_moves_on() {
        assert_eq!(code_of(&TaskInput { closes_at: NOW, ..input() }), Code::TimePast);
        assert!(check_extension(Moment(5), Moment(5), Moment(1)).is_err());
        assert!(check_extension(Moment(5), Moment(6), Moment(1)).is_ok());
    }

    #[test]
    fn prizes_are_above_zero_descending_and_within_the_bounty() {
        let with = |plan| TaskInput { rules: Rules { plan, ..Rules::default() }, ..input() };
        let shares = |list: &[u32]| with(PrizePlan::Ranked(Prizes::Shares(list.to_vec())));
        let amounts = |list: &[u64]| {
            with(PrizePlan::Ranked(Prizes::Amounts(
                list.iter().map(|minor| Amount::new(*minor).unwrap()).collect(),
            )))
        };
        assert_eq!(code_of(&shares(&[])), Code::Required);
        assert_eq!(code_of(&shares(&[5_000, 0])), Code::AmountZero);
        assert_eq!(code_of(&shares(&[4_000, 5_000])), Code::PrizesNotDescending);
        assert_eq!(code_of(&shares(&[9_000, 1_001])), Code::BadShares { sum: 10_001 });
        assert_eq!(code_of(&amounts(&[600, 401])), Code::PrizesOverBounty);
        assert!(check(&amounts(&[600, 400]), poster(), NOW).is_ok());
    }

    #[test]
    fn a_threshold_needs_a_mark_and_prizes_that_the_pot_holds() {
        let mark = Score::parse("60").ok();
        let with = |places, prize, mark, pool| {
            let plan = PrizePlan::Threshold { places, prize: Amount::new(prize).unwrap() };
            let each = Amount::new(10).unwrap();
            let start = (pool > 0).then(|| StartPrize { each, pool: Amount::new(pool).unwrap() });
            TaskInput { rules: Rules { plan, mark, start, ..Rules::default() }, ..input() }
        };
        assert!(check(&with(4, 250, mark, 0), poster(), NOW).is_ok());
        assert_eq!(code_of(&with(4, 250, None, 0)), Code::MarkNeeded);
        assert_eq!(code_of(&with(4, 251, mark, 0)), Code::PrizesOverBounty);
        assert_eq!(code_of(&with(4, 250, mark, 10)), Code::PrizesOverPot);
        assert!(check(&with(4, 240, mark, 40), poster(), NOW).is_ok());
        assert_eq!(code_of(&with(1, 0, mark, 0)), Code::AmountZero);
        for places in [0, 101, u32::MAX] {
            assert!(matches!(code_of(&with(places, 1, mark, 0)), Code::OutOfRange { .. }), "{places}");
        }
    }

    #[test]
    fn a_cap_is_a_part_of_the_pot_and_somebody_can_be_above_the_mark() {
        let with = |cap, mark: &str| {
            let rules = Rules {
                plan: PrizePlan::Proportional { cap },
                mark: Score::parse(mark).ok(),
                ..Rules::default()
            };
            TaskInput { rules, ..input() }
        };
        assert!(check(&with(Some(1), "99.99"), poster(), NOW).is_ok());
        assert!(check(&with(None, "no mark"), poster(), NOW).is_ok());
        for wrong in [with(Some(0), "60"), with(Some(10_001), "60"), with(None, "100")] {
            assert!(matches!(code_of(&wrong), Code::OutOfRange { .. }));
        }
    }

    #[test]
    fn a_start_pool_holds_one_start_prize_and_leaves_a_pot() {
        let with = |each, pool| {
            let start =
                Some(StartPrize { each: Amount::new(each).unwrap(), pool: Amount::new(pool).unwrap() });
            TaskInput { rules: Rules { start, ..Rules::default() }, ..input() }
        };
        assert!(check(&with(100, 999), poster(), NOW).is_ok());
        assert_eq!(code_of(&with(0, 100)), Code::AmountZero);
        assert_eq!(code_of(&with(100, 99)), Code::StartPoolTooSmall);
        assert_eq!(code_of(&with(100, 1_000)), Code::StartPoolTooLarge);
    }

    #[test]
    fn a_poster_is_never_among_the_named_judges() {
        let rules = Rules { judging: Judging::Judges(vec![poster()]), ..Rules::default() };
        assert_eq!(code_of(&TaskInput { rules, ..input() }), Code::BadChoice);
    }
}
