//! Settlement: the whole of it, as a function.
//!
//! Whole minor units only. Leftovers go by largest remainder, then by place and lane. A dead heat pools
//! the prizes of the places it takes up (2nd and 2nd share the prizes of 2 and 3), as in racing.

use ledger::{Amount, split};
use serde::{Deserialize, Serialize};

use super::{Award, DeadHeat, PrizePlan, Prizes, Score, Settlement, Standing, Unreached};
use crate::ids::EntryId;
use crate::task::Rules;

/// One row of the token table: what is paid when so many entries come in on places of their own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Prospect {
    /// So many entries are placed.
    pub placed: u32,
    /// What each of them gets, best place first.
    pub prizes: Vec<Amount>,
    /// What goes back to the funders.
    pub refund: Amount,
}

/// The prize of each place, best first. Their sum is at most `bounty`.
pub fn prizes(plan: &PrizePlan, bounty: Amount) -> Vec<Amount> {
    match plan {
        PrizePlan::WinnerTakesAll => vec![bounty],
        PrizePlan::Ranked(Prizes::Amounts(amounts)) => amounts.clone(),
        PrizePlan::Ranked(Prizes::Shares(shares)) => {
            let allotted: u64 = shares.iter().map(|share| u64::from(*share)).sum();
            let mut weights: Vec<u64> = shares.iter().map(|share| u64::from(*share)).collect();
            weights.push(10_000_u64.saturating_sub(allotted));
            let mut parts = split(bounty, &weights).unwrap_or_default();
            parts.truncate(shares.len());
            parts
        }
    }
}

/// What the rules give to these standings out of `bounty`. The order of `standings` does not matter.
pub fn settle(rules: &Rules, bounty: Amount, standings: &[Standing]) -> Settlement {
    let counts = |standing: &&Standing| standing.place.is_some() && reaches(rules.mark, standing.score);
    let mut placed: Vec<&Standing> = standings.iter().filter(counts).collect();
    placed.sort_by_key(|standing| (heat(rules.dead_heat, standing), standing.lane, standing.entry));

    let mut plan = prizes(&rules.plan, bounty);
    if rules.unreached == Unreached::Share {
        plan = share_out(plan, placed.len(), bounty);
    }
    let mut awards = Vec::with_capacity(standings.len());
    for group in placed.chunk_by(|a, b| heat(rules.dead_heat, a) == heat(rules.dead_heat, b)) {
        let first = awards.len();
        let pool = plan.iter().skip(first).take(group.len()).copied().fold(Amount::ZERO, add);
        let parts = split(pool, &vec![1; group.len()]).unwrap_or_default();
        for (standing, amount) in group.iter().zip(parts) {
            let place = u32::try_from(first + 1).ok();
            awards.push(Award { entry: standing.entry, place, amount });
        }
    }
    let paid = awards.iter().map(|award| award.amount).fold(Amount::ZERO, add);
    let refund = bounty.checked_sub(paid).unwrap_or(Amount::ZERO);
    let mut unplaced: Vec<&Standing> = standings.iter().filter(|standing| !counts(standing)).collect();
    unplaced.sort_by_key(|standing| (standing.lane, standing.entry));
    awards.extend(unplaced.iter().map(|standing| nothing(standing.entry)));
    Settlement { awards, refund }
}

/// What each of a crew gets of their entry's award: first the unit's part, then the crew's in their order.
/// `shares` are basis points and sum to 10,000.
pub fn crew_split(award: Amount, shares: &[u32]) -> Vec<Amount> {
    let weights: Vec<u64> = shares.iter().map(|share| u64::from(*share)).collect();
    split(award, &weights).unwrap_or_else(|| vec![Amount::ZERO; shares.len()])
}

/// The token table: what is paid when 1, 2, … `entries` entries come in on places of their own.
pub fn prospect(rules: &Rules, bounty: Amount, entries: u32) -> Vec<Prospect> {
    (1..=entries.min(100))
        .map(|placed| {
            let standings: Vec<Standing> = (1..=placed).map(imagined).collect();
            let settlement = settle(rules, bounty, &standings);
            let prizes = settlement.awards.iter().map(|award| award.amount).collect();
            Prospect { placed, prizes, refund: settlement.refund }
        })
        .collect()
}

fn imagined(place: u32) -> Standing {
    Standing {
        entry: EntryId(uuid::Uuid::from_u128(u128::from(place))),
        lane: place,
        place: Some(place),
        score: Score::new(Score::MAX).ok(),
        submitted_at: crate::clock::Moment(i64::from(place)),
    }
}

fn reaches(mark: Option<Score>, score: Option<Score>) -> bool {
    mark.is_none_or(|mark| score.is_some_and(|score| score >= mark))
}

/// What makes a dead heat: equal places, and with "earliest" also the same instant.
fn heat(rule: DeadHeat, standing: &Standing) -> (Option<u32>, i64) {
    let instant = if rule == DeadHeat::Earliest { standing.submitted_at.0 } else { 0 };
    (standing.place, instant)
}

/// The prizes of the places that were reached, grown in proportion until they are the whole bounty. Done
/// before dead heats are split, so that those stay fair to the unit.
fn share_out(mut plan: Vec<Amount>, placed: usize, bounty: Amount) -> Vec<Amount> {
    plan.truncate(placed);
    let weights: Vec<u64> = plan.iter().map(|prize| prize.minor()).collect();
    split(bounty, &weights).unwrap_or(plan)
}

fn nothing(entry: EntryId) -> Award {
    Award { entry, place: None, amount: Amount::ZERO }
}

/// Sums of parts of one bounty: the whole fits, so do its parts.
fn add(a: Amount, b: Amount) -> Amount {
    a.checked_add(b).unwrap_or(Amount::MAX)
}

#[cfg(test)]
#[path = "rules_tests.rs"]
mod tests;
