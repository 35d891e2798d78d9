//! Prize plans as data: what a poster chooses, what freezes, and what settlement looks at.
//!
//! Promises: whatever was frozen once can be read for ever, so a new part of a plan is optional and is
//! left out of the JSON where it is not used. Must never: pay; that is `rules`.

use ledger::Amount;
use serde::{Deserialize, Serialize};

use super::Score;

/// How the pot becomes prizes. The pot is the whole bounty, boosts included, less what is set aside for
/// start prizes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PrizePlan {
    /// The first place gets the whole pot.
    WinnerTakesAll,
    /// Each place gets its prize, best place first.
    Ranked(Prizes),
    /// Each of the first places that meet the mark is paid the same. Needs a mark.
    Threshold {
        /// How many places are paid, 1 to 100.
        places: u32,
        /// What each of them gets.
        prize: Amount,
    },
    /// The pot is shared by the points above the mark, or above nought where there is none. Who is at the
    /// mark exactly counts as placed and gets nothing.
    Proportional {
        /// The most that one entry gets, in basis points of the pot; none = no cap.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        cap: Option<u32>,
    },
    /// So much for each verified event of a placed entry, until the pot is empty.
    Metered {
        /// What an event is paid.
        per_event: Amount,
    },
}

impl PrizePlan {
    /// Whether scores, and not places, decide who gets how much.
    pub fn by_score(&self) -> bool {
        matches!(self, Self::Proportional { .. })
    }

    /// Whether the plan means nothing without a mark.
    pub fn needs_mark(&self) -> bool {
        matches!(self, Self::Threshold { .. })
    }
}

/// The prizes of a ranked plan, best place first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Prizes {
    /// Basis points of the pot; they sum to at most 10,000.
    Shares(Vec<u32>),
    /// Fixed amounts; they sum to at most the pot.
    Amounts(Vec<Amount>),
}

/// What each qualified entry gets for taking part, whatever its place. An entry is qualified when it has
/// handed in at least one version and is still in the race.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct StartPrize {
    /// What each gets while the pool lasts.
    pub each: Amount,
    /// What is set aside of the bounty. Where it is too little for all they share it equally; what is left
    /// of it goes back to the funders.
    pub pool: Amount,
}

/// A part of the bounty by which the pot grows with joint output or reuse. What is never released goes back to
/// the funders.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Growth {
    /// What is set aside of the bounty from the beginning.
    pub reserve: Amount,
    /// What each event releases into the pot, until the reserve is empty.
    pub per_event: Amount,
    /// What such an event is, in one line of at most 80 characters.
    pub label: String,
}

impl Growth {
    /// What lies in reserve still, after so many events.
    pub fn held(&self, events: u32) -> Amount {
        // Below 2^63 times 2^32.
        let released = u128::from(self.per_event.minor()) * u128::from(events);
        let left = u128::from(self.reserve.minor()).saturating_sub(released);
        u64::try_from(left).ok().and_then(|minor| Amount::new(minor).ok()).unwrap_or(self.reserve)
    }
}

/// What happens when several entries come in on one place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeadHeat {
    /// They pool the prizes of the places that they take up and share them equally, as in racing.
    Split,
    /// Who handed in the last version earlier is placed before.
    Earliest,
}

/// What happens to prizes that nobody reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unreached {
    /// Back to the funders, in proportion.
    Refund,
    /// To the placed entries, in proportion to their prizes.
    Share,
}

/// Everything that decides how a sum is shared out. A race has one set of terms, see
/// [`crate::task::Rules::terms`]; whatever pays by a plan of its own, such as a stage, has its own.
#[derive(Debug, Clone, Copy)]
pub struct Terms<'r> {
    /// How the pot becomes prizes.
    pub plan: &'r PrizePlan,
    /// The least score that counts, if any.
    pub mark: Option<Score>,
    /// What a dead heat does.
    pub dead_heat: DeadHeat,
    /// What happens to prizes nobody reached.
    pub unreached: Unreached,
    /// What each qualified entry gets, if anything.
    pub start: Option<StartPrize>,
    /// What is held back of the sum and goes to nobody: the part of a reserve that was never released.
    pub held: Amount,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::task::{Judging, Rules};

    /// As they were frozen before there were start prizes, thresholds and parts by score.
    const OLD: [&str; 3] = [
        r#"{"plan":{"ranked":{"shares":[6000,2500,1500]}},"mark":null,"dead_heat":"split","unreached":"refund","judging":"poster","max_lanes":null,"max_crew":8,"appeal_seconds":259200}"#,
        r#"{"plan":"winner_takes_all","mark":6000,"dead_heat":"earliest","unreached":"share","judging":{"judges":["00000000-0000-0000-0000-000000000007"]},"max_lanes":4,"max_crew":1,"appeal_seconds":0}"#,
        r#"{"plan":{"ranked":{"amounts":[30000,9999]}},"mark":null,"dead_heat":"split","unreached":"refund","judging":"poster","max_lanes":null,"max_crew":8,"appeal_seconds":3600}"#,
    ];

    #[test]
    fn rules_frozen_before_are_read_and_written_as_they_were() {
        let [first, second, third] = OLD.map(|old| {
            let rules: Rules = serde_json::from_str(old).unwrap();
            assert_eq!(serde_json::to_string(&rules).unwrap(), old);
            rules
        });
        assert_eq!(first, Rules::default());
        assert_eq!((second.plan, second.mark), (PrizePlan::WinnerTakesAll, Score::parse("60").ok()));
        assert!(matches!(second.judging, Judging::Judges(judges) if judges.len() == 1));
        assert_eq!((third.start, third.appeal_seconds), (None, 3_600));
    }

    #[test]
    fn what_is_frozen_now_is_written_like_this_for_ever() {
        let amount = |minor| Amount::new(minor).unwrap();
        let plans = [
            (
                PrizePlan::Threshold { places: 3, prize: amount(500) },
                r#"{"threshold":{"places":3,"prize":500}}"#,
            ),
            (PrizePlan::Proportional { cap: None }, r#"{"proportional":{}}"#),
            (PrizePlan::Proportional { cap: Some(4_000) }, r#"{"proportional":{"cap":4000}}"#),
            (PrizePlan::Metered { per_event: amount(25) }, r#"{"metered":{"per_event":25}}"#),
        ];
        for (plan, json) in plans {
            assert_eq!(serde_json::to_string(&plan).unwrap(), json);
            assert_eq!(serde_json::from_str::<PrizePlan>(json).unwrap(), plan);
        }
        let start = Some(StartPrize { each: amount(10), pool: amount(45) });
        let rules = serde_json::to_string(&Rules { start, ..Rules::default() }).unwrap();
        assert!(rules.ends_with(r#""appeal_seconds":259200,"start":{"each":10,"pool":45}}"#), "{rules}");
        let growth = Growth { reserve: amount(90), per_event: amount(30), label: "Reuse".to_owned() };
        let json = r#"{"reserve":90,"per_event":30,"label":"Reuse"}"#;
        assert_eq!(serde_json::to_string(&growth).unwrap(), json);
        assert_eq!([0, 2, 3, u32::MAX].map(|events| growth.held(events).minor()), [90, 30, 0, 0]);
    }
}
