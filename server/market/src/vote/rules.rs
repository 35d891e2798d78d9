//! What a vote decides. No database, no clock.

use std::collections::BTreeMap;

use super::{Ballot, MOST_CREDITS, VoteRules, Voters, VotesFor};
use crate::error::{Code, Problems, Result};
use crate::ids::EntryId;
use crate::task::Rules;

const MOST_UNITS: usize = 50;

/// Checks what a poster wrote of a vote.
pub(crate) fn check(problems: &mut Problems, rules: &Rules, vote: &VoteRules) {
    let range = |min: u32, max: u32| Code::OutOfRange { min: min.to_string(), max: max.to_string() };
    problems.check(
        !(3_600..=30 * 86_400).contains(&vote.seconds),
        "rules.vote.seconds",
        range(3_600, 30 * 86_400),
    );
    if let Ballot::Quadratic { credits } = vote.ballot {
        problems.check(!(1..=MOST_CREDITS).contains(&credits), "rules.vote.credits", range(1, MOST_CREDITS));
    }
    if let Voters::Units(units) = &vote.voters {
        problems.check(units.is_empty(), "rules.vote.units", Code::Required);
        problems.check(units.len() > MOST_UNITS, "rules.vote.units", Code::TooManyItems { max: MOST_UNITS });
        let twice = units.iter().enumerate().any(|(at, unit)| units[..at].contains(unit));
        problems.check(twice, "rules.vote.units", Code::Twice);
    }
    problems.check(rules.asks_scores(), "rules.plan", Code::VoteWithoutScores);
}

/// Checks a ballot against the entries that can be voted for; an empty one takes the vote back.
pub(super) fn check_ballot(ballot: Ballot, entries: &[EntryId], votes: &[VotesFor]) -> Result<()> {
    let mut problems = Problems::default();
    problems.check(votes.len() > entries.len(), "votes", Code::TooManyItems { max: entries.len() });
    for (at, one) in votes.iter().take(entries.len()).enumerate() {
        let twice = votes[..at].iter().any(|other| other.entry == one.entry);
        problems.check(twice, format!("votes.{at}.entry"), Code::Twice);
        problems.check(!entries.contains(&one.entry), format!("votes.{at}.entry"), Code::EntryNotInRace);
        problems.check(one.votes == 0, format!("votes.{at}.votes"), Code::AmountZero);
    }
    let cost = votes.iter().map(|one| u64::from(one.votes).saturating_mul(u64::from(one.votes)));
    let cost = cost.fold(0_u64, u64::saturating_add);
    match ballot {
        Ballot::One => problems.check(cost > 1, "votes", Code::OneVote),
        Ballot::Quadratic { credits } => {
            problems.check(cost > u64::from(credits), "votes", Code::CreditsSpent { cost, credits });
        }
    }
    problems.done()
}

/// The votes for each of `entries` over all ballots, most first, of equals in the order of their ids. Votes for
/// what is not among them count for nothing.
pub(super) fn tally(entries: &[EntryId], ballots: &[Vec<VotesFor>]) -> Vec<VotesFor> {
    let mut votes: BTreeMap<EntryId, u32> = entries.iter().map(|entry| (*entry, 0)).collect();
    for one in ballots.iter().flatten() {
        if let Some(sum) = votes.get_mut(&one.entry) {
            *sum = sum.saturating_add(one.votes);
        }
    }
    let mut tally: Vec<VotesFor> =
        votes.into_iter().map(|(entry, votes)| VotesFor { entry, votes }).collect();
    tally.sort_by_key(|one| std::cmp::Reverse(one.votes));
    tally
}

/// The place of each of a tally: equal votes share one, and who got none is not placed.
pub(super) fn places(tally: &[VotesFor]) -> Vec<Option<u32>> {
    let mut places: Vec<Option<u32>> = Vec::with_capacity(tally.len());
    for (at, one) in tally.iter().enumerate() {
        let tied = at > 0 && tally[at - 1].votes == one.votes;
        let place = if tied { places[at - 1] } else { u32::try_from(at + 1).ok() };
        places.push(place.filter(|_| one.votes > 0));
    }
    places
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;
    use crate::error::Refusal;
    use crate::ids::UnitId;
    use crate::task::{Judging, PrizePlan, Score};

    fn entry(number: u128) -> EntryId {
        EntryId(Uuid::from_u128(number))
    }

    fn votes(list: &[(u128, u32)]) -> Vec<VotesFor> {
        list.iter().map(|(number, votes)| VotesFor { entry: entry(*number), votes: *votes }).collect()
    }

    fn codes(outcome: Result<()>) -> Vec<Code> {
        match outcome {
            Ok(()) => Vec::new(),
            Err(Refusal::Invalid(problems)) => problems.into_iter().map(|problem| problem.code).collect(),
            Err(other) => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_ballot_has_one_vote_for_one_entry() {
        let both = [entry(1), entry(2)];
        let cast = |list: &[(u128, u32)]| codes(check_ballot(Ballot::One, &both, &votes(list)));
        assert_eq!(cast(&[(1, 1)]), []);
        assert_eq!(cast(&[]), [], "a vote can be taken back");
        assert_eq!(cast(&[(1, 2)]), [Code::OneVote]);
        assert_eq!(cast(&[(1, 1), (2, 1)]), [Code::OneVote]);
        assert_eq!(cast(&[(3, 1)]), [Code::EntryNotInRace]);
        assert_eq!(cast(&[(1, 0)]), [Code::AmountZero]);
    }

    #[test]
    fn votes_cost_their_square_in_credits() {
        let both = [entry(1), entry(2)];
        let cast = |list: &[(u128, u32)]| {
            codes(check_ballot(Ballot::Quadratic { credits: 25 }, &both, &votes(list)))
        };
        assert_eq!(cast(&[(1, 4), (2, 3)]), []);
        assert_eq!(cast(&[(1, 5), (2, 1)]), [Code::CreditsSpent { cost: 26, credits: 25 }]);
        assert_eq!(cast(&[(1, 3), (1, 4)]), [Code::Twice]);
        let vast = [Code::CreditsSpent { cost: u64::from(u32::MAX) * u64::from(u32::MAX), credits: 25 }];
        assert_eq!(cast(&[(1, u32::MAX)]), vast);
    }

    #[test]
    fn equal_votes_share_a_place_and_none_is_no_place() {
        let counted = tally(
            &[entry(1), entry(2), entry(3), entry(4)],
            &[votes(&[(1, 1)]), votes(&[(3, 1)]), votes(&[(2, 2), (9, 7)])],
        );
        assert_eq!(counted, votes(&[(2, 2), (1, 1), (3, 1), (4, 0)]));
        assert_eq!(places(&counted), [Some(1), Some(2), Some(2), None]);
    }

    #[test]
    fn rules_of_a_vote_are_bounded_and_go_with_places() {
        let fine = VoteRules { voters: Voters::Members, ballot: Ballot::One, seconds: 86_400 };
        let wrong = |vote: &VoteRules, rules: &Rules| {
            let mut problems = Problems::default();
            check(&mut problems, rules, vote);
            codes(problems.done()).len()
        };
        assert_eq!(wrong(&fine, &Rules::default()), 0);
        let unit = UnitId(Uuid::nil());
        for vote in [
            VoteRules { seconds: 3_599, ..fine.clone() },
            VoteRules { seconds: 30 * 86_400 + 1, ..fine.clone() },
            VoteRules { ballot: Ballot::Quadratic { credits: 0 }, ..fine.clone() },
            VoteRules { ballot: Ballot::Quadratic { credits: 10_001 }, ..fine.clone() },
            VoteRules { voters: Voters::Units(vec![]), ..fine.clone() },
            VoteRules { voters: Voters::Units(vec![unit, unit]), ..fine },
        ] {
            assert_eq!(wrong(&vote, &Rules::default()), 1, "{vote:?}");
        }
        let marked = Rules { mark: Score::parse("60").ok(), ..Rules::default() };
        let by_score = Rules { plan: PrizePlan::Proportional { cap: None }, ..Rules::default() };
        assert_eq!((wrong(&fine, &marked), wrong(&fine, &by_score)), (1, 1));
    }

    #[test]
    fn rules_of_a_vote_are_written_like_this_for_ever() {
        for (vote, json) in [
            (
                VoteRules { voters: Voters::Members, ballot: Ballot::One, seconds: 3_600 },
                r#"{"vote":{"voters":"members","ballot":"one","seconds":3600}}"#,
            ),
            (
                VoteRules {
                    voters: Voters::Units(vec![UnitId(Uuid::nil())]),
                    ballot: Ballot::Quadratic { credits: 99 },
                    seconds: 7_200,
                },
                r#"{"vote":{"voters":{"units":["00000000-0000-0000-0000-000000000000"]},"ballot":{"quadratic":{"credits":99}},"seconds":7200}}"#,
            ),
        ] {
            let judging = Judging::Vote(vote);
            assert_eq!(serde_json::to_string(&judging).unwrap(), json);
            assert_eq!(serde_json::from_str::<Judging>(json).unwrap(), judging);
        }
    }

    proptest! {
        #[test]
        fn the_order_of_ballots_does_not_matter_and_no_vote_is_lost(
            (ballots, mixed) in vec(vec((0_u128..5, 1_u32..9), 0..4), 0..12)
                .prop_flat_map(|all| (Just(all.clone()), Just(all).prop_shuffle()))
        ) {
            let entries: Vec<EntryId> = (0..5).map(entry).collect();
            let read = |all: &[Vec<(u128, u32)>]| all.iter().map(|one| votes(one)).collect::<Vec<_>>();
            let counted = tally(&entries, &read(&ballots));
            prop_assert_eq!(&counted, &tally(&entries, &read(&mixed)));
            let cast: u32 = ballots.iter().flatten().map(|(_, votes)| votes).sum();
            prop_assert_eq!(counted.iter().map(|one| one.votes).sum::<u32>(), cast);
            prop_assert!(counted.windows(2).all(|pair| pair[0].votes >= pair[1].votes));
        }
    }
}
