//! Settlement: the whole of it, as a function.
//!
//! Whole minor units only. Leftovers go by largest remainder, then by place and lane. A dead heat pools
//! what falls to the places it takes up (2nd and 2nd share the prizes of 2 and 3), as in racing.

use std::cmp::Reverse;

use ledger::{Amount, split};

use super::{Award, DeadHeat, PrizePlan, Prizes, Score, Settlement, Standing, StartPrize, Terms, Unreached};
use crate::task::Rules;

/// What the rules give to these standings at the end, out of what stages leave of `bounty`. The order of `standings`
/// does not matter.
pub fn settle(rules: &Rules, bounty: Amount, standings: &[Standing]) -> Settlement {
    settle_grown(rules, bounty, 0, standings)
}

/// The same once so many events have released parts of the reserve, if there is one.
pub fn settle_grown(rules: &Rules, bounty: Amount, events: u32, standings: &[Standing]) -> Settlement {
    let held = rules.growth.as_ref().map_or(Amount::ZERO, |growth| growth.held(events));
    decide(&Terms { held, ..rules.terms() }, rules.final_pot(bounty), standings)
}

/// What `terms` give to these standings out of `sum`: start prizes off the top, then the plan. The only
/// function that decides who gets what.
pub fn decide(terms: &Terms<'_>, sum: Amount, standings: &[Standing]) -> Settlement {
    let counts = |standing: &&Standing| standing.place.is_some() && reaches(terms.mark, standing.score);
    let (mut placed, mut others): (Vec<&Standing>, Vec<&Standing>) = standings.iter().partition(counts);
    placed.sort_by_key(|standing| (rank(terms, standing), standing.lane, standing.entry));
    others.sort_by_key(|standing| (standing.lane, standing.entry));

    let pool = terms.start.map_or(Amount::ZERO, |start| start.pool.min(sum));
    let starts = start_prizes(terms.start, pool, standings.len());
    let prizes = prizes(terms, less(less(sum, pool), terms.held), &placed);
    let parts: Vec<Amount> = prizes.iter().zip(&starts).map(|(prize, start)| add(*prize, *start)).collect();

    let mut awards = Vec::with_capacity(standings.len());
    for group in placed.chunk_by(|a, b| rank(terms, a) == rank(terms, b)) {
        let first = awards.len();
        let whole = parts.iter().skip(first).take(group.len()).copied().fold(Amount::ZERO, add);
        let place = u32::try_from(first + 1).ok();
        let shared = split(whole, &vec![1; group.len()]).unwrap_or_default();
        let started = starts.iter().skip(first).take(group.len()).copied().fold(Amount::ZERO, add);
        let started = split(started, &vec![1; group.len()]).unwrap_or_default();
        let shared = group.iter().zip(shared).zip(started);
        awards.extend(shared.map(|((standing, amount), start)| Award {
            entry: standing.entry,
            place,
            amount,
            start,
        }));
    }
    let unplaced = others.iter().zip(starts.iter().skip(placed.len()));
    awards.extend(unplaced.map(|(one, start)| Award {
        entry: one.entry,
        place: None,
        amount: *start,
        start: *start,
    }));
    let paid = awards.iter().map(|award| award.amount).fold(Amount::ZERO, add);
    Settlement { awards, refund: less(sum, paid) }
}

/// What each of a crew gets of their entry's award: first the unit's part, then the crew's in their order.
/// `shares` are basis points and sum to 10,000.
pub fn crew_split(award: Amount, shares: &[u32]) -> Vec<Amount> {
    let weights: Vec<u64> = shares.iter().map(|share| u64::from(*share)).collect();
    split(award, &weights).unwrap_or_else(|| vec![Amount::ZERO; shares.len()])
}

/// The start prizes of so many qualified entries, best place first: each its full prize, or all an equal
/// part of the pool where it is too little.
pub(super) fn start_prizes(start: Option<StartPrize>, pool: Amount, qualified: usize) -> Vec<Amount> {
    let Some(start) = start else { return vec![Amount::ZERO; qualified] };
    // An amount is below 2^63, so the product stays below 2^127.
    let wanted = u128::from(start.each.minor()) * u128::try_from(qualified).unwrap_or(u128::from(u64::MAX));
    if wanted <= u128::from(pool.minor()) {
        return vec![start.each; qualified];
    }
    split(pool, &vec![1; qualified]).unwrap_or_default()
}

/// The start prizes of so many qualified entries under rules as they are frozen.
pub(crate) fn start_parts(rules: &Rules, qualified: usize) -> Vec<Amount> {
    let start = rules.start_left();
    start_prizes(start, start.map_or(Amount::ZERO, |start| start.pool), qualified)
}

/// What the plan gives to each of `placed`, who come best first, before dead heats are split. The sum is at
/// most `pot`, and nobody gets more than who comes before.
fn prizes(terms: &Terms<'_>, pot: Amount, placed: &[&Standing]) -> Vec<Amount> {
    let many = placed.len();
    let mut prizes = match terms.plan {
        PrizePlan::WinnerTakesAll => vec![pot],
        PrizePlan::Ranked(Prizes::Shares(shares)) => by_shares(pot, shares),
        PrizePlan::Ranked(Prizes::Amounts(amounts)) => within(pot, amounts.iter().copied()),
        PrizePlan::Threshold { places, prize } => {
            let places = usize::try_from(*places).unwrap_or(many).min(many);
            within(pot, std::iter::repeat_n(*prize, places))
        }
        PrizePlan::Proportional { cap } => {
            let points: Vec<u64> = placed.iter().map(|one| u64::from(points(terms, one))).collect();
            let most = cap.map_or(pot, |cap| part_of(pot, cap));
            return by_points(pot, points, most, terms.unreached);
        }
        PrizePlan::Metered { per_event } => return by_events(pot, *per_event, placed),
    };
    if terms.unreached == Unreached::Share {
        prizes = share_out(prizes, many, pot);
    }
    prizes.resize(many, Amount::ZERO);
    prizes
}

/// The prizes of a plan in basis points, with what they leave of the whole as one more part.
fn by_shares(pot: Amount, shares: &[u32]) -> Vec<Amount> {
    let allotted: u64 = shares.iter().map(|share| u64::from(*share)).sum();
    let mut weights: Vec<u64> = shares.iter().map(|share| u64::from(*share)).collect();
    weights.push(10_000_u64.saturating_sub(allotted));
    let mut parts = split(pot, &weights).unwrap_or_default();
    parts.truncate(shares.len());
    parts
}

/// Fixed prizes as far as the pot reaches. Rules are checked to fit, so that it always does.
fn within(pot: Amount, prizes: impl Iterator<Item = Amount>) -> Vec<Amount> {
    let mut left = pot;
    let paid = prizes.map(|prize| {
        let paid = prize.min(left);
        left = less(left, paid);
        paid
    });
    paid.collect()
}

/// The pot by points, none above `most`. What the cap holds back is unreached: it stays, or goes to the
/// others by their points as far as the cap lets it.
fn by_points(pot: Amount, mut points: Vec<u64>, most: Amount, unreached: Unreached) -> Vec<Amount> {
    let mut parts = vec![Amount::ZERO; points.len()];
    let mut left = pot;
    while let Some(round) = split(left, &points) {
        let mut capped = false;
        for ((part, points), given) in parts.iter_mut().zip(&mut points).zip(round) {
            if *points == 0 {
                continue;
            }
            *part = given.min(most);
            if given > most {
                (*points, capped) = (0, true);
                left = less(left, most);
            }
        }
        if !capped || unreached == Unreached::Refund {
            break;
        }
    }
    parts
}

/// So much for each event; where that is more than the pot, the pot by events.
fn by_events(pot: Amount, per_event: Amount, placed: &[&Standing]) -> Vec<Amount> {
    let events: Vec<u64> = placed.iter().map(|one| one.events).collect();
    let wanted = |events: &u64| u128::from(per_event.minor()).saturating_mul(u128::from(*events));
    let sum = events.iter().map(wanted).fold(0_u128, u128::saturating_add);
    if sum > u128::from(pot.minor()) {
        return split(pot, &events).unwrap_or_default();
    }
    let amount = |wanted: u128| u64::try_from(wanted).ok().and_then(|minor| Amount::new(minor).ok());
    events.iter().map(|events| amount(wanted(events)).unwrap_or(Amount::ZERO)).collect()
}

/// The prizes of the places that were reached, grown in proportion until they are the whole pot. Done
/// before dead heats are split, so that those stay fair to the unit.
fn share_out(mut plan: Vec<Amount>, placed: usize, pot: Amount) -> Vec<Amount> {
    plan.truncate(placed);
    let weights: Vec<u64> = plan.iter().map(|prize| prize.minor()).collect();
    split(pot, &weights).unwrap_or(plan)
}

fn reaches(mark: Option<Score>, score: Option<Score>) -> bool {
    mark.is_none_or(|mark| score.is_some_and(|score| score >= mark))
}

/// The hundredths of a point above the mark.
fn points(terms: &Terms<'_>, standing: &Standing) -> u32 {
    let zero = terms.mark.map_or(0, Score::hundredths);
    standing.score.map_or(0, Score::hundredths).saturating_sub(zero)
}

/// Who comes before whom, and what makes a dead heat: more points or events where they decide, then the place, and
/// with "earliest" also the instant.
fn rank(terms: &Terms<'_>, standing: &Standing) -> (Reverse<u64>, Option<u32>, i64) {
    let points = match terms.plan {
        PrizePlan::Metered { .. } => standing.events,
        plan if plan.by_score() => u64::from(points(terms, standing)),
        _ => 0,
    };
    let instant = if terms.dead_heat == DeadHeat::Earliest { standing.submitted_at.0 } else { 0 };
    (Reverse(points), standing.place, instant)
}

/// So many basis points of `pot`, rounded down.
fn part_of(pot: Amount, basis_points: u32) -> Amount {
    let part = u128::from(pot.minor()) * u128::from(basis_points.min(10_000)) / 10_000;
    u64::try_from(part).ok().and_then(|minor| Amount::new(minor).ok()).unwrap_or(pot)
}

/// Sums of parts of one bounty: the whole fits, so do its parts.
fn add(a: Amount, b: Amount) -> Amount {
    a.checked_add(b).unwrap_or(Amount::MAX)
}

/// What a part leaves of its whole.
fn less(whole: Amount, part: Amount) -> Amount {
    whole.checked_sub(part).unwrap_or(Amount::ZERO)
}

#[cfg(test)]
#[path = "rules_laws.rs"]
mod laws;
#[cfg(test)]
#[path = "rules_tests.rs"]
mod tests;
