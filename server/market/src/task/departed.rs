//! What left with entries that did not agree to an amendment.
//!
//! Promises: what was paid is part of the frozen rules from then on, so that settlement stays a function of them and
//! nobody is paid twice. Must never: pay; that is the amendment's.

use ledger::Amount;

use super::{Rules, StartPrize};

impl Rules {
    /// The start prize with what is left of its pool.
    pub fn start_left(&self) -> Option<StartPrize> {
        let departed = self.departed.unwrap_or(Amount::ZERO);
        let left = |pool: Amount| pool.checked_sub(departed).unwrap_or(Amount::ZERO);
        self.start.map(|start| StartPrize { pool: left(start.pool), ..start })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::award::{Standing, settle};
    use crate::clock::Moment;
    use crate::ids::EntryId;
    use crate::task::PrizePlan;

    fn amount(minor: u64) -> Amount {
        Amount::new(minor).unwrap()
    }

    #[test]
    fn what_has_left_is_off_the_pool_and_not_off_the_prizes() {
        let start = Some(StartPrize { each: amount(40), pool: amount(100) });
        let whole = Rules { plan: PrizePlan::WinnerTakesAll, start, ..Rules::default() };
        let rules = Rules { departed: Some(amount(40)), ..whole.clone() };
        assert_eq!(rules.start_left().unwrap().pool, amount(60));
        assert_eq!(rules.final_pot(amount(1_000)), amount(960));
        let standing = |lane: u32| Standing {
            entry: EntryId(uuid::Uuid::from_u128(u128::from(lane))),
            lane,
            place: Some(lane),
            score: None,
            submitted_at: Moment(0),
            events: 0,
        };
        for many in 0..4 {
            let standings: Vec<Standing> = (1..=many).map(standing).collect();
            let settled = settle(&rules, amount(1_000), &standings);
            let paid: u64 = settled.awards.iter().map(|award| award.amount.minor()).sum();
            assert_eq!(paid + settled.refund.minor() + 40, 1_000, "{many} entries");
            if many > 0 {
                let before = settle(&whole, amount(1_000), &standings[..1]);
                assert_eq!(before.awards[0].amount, amount(940));
                let least = if many == 1 { 940 } else { 900 + 60 / u64::from(many) };
                assert_eq!(settled.awards[0].amount.minor(), least, "the prize itself stays whole");
            }
        }
    }

    #[test]
    fn rules_that_nobody_left_under_are_written_as_before() {
        assert!(!serde_json::to_string(&Rules::default()).unwrap().contains("departed"));
        let rules = Rules { departed: Some(amount(7)), ..Rules::default() };
        let json = serde_json::to_string(&rules).unwrap();
        assert!(json.ends_with(r#","departed":7}"#), "{json}");
        assert_eq!(serde_json::from_str::<Rules>(&json).unwrap(), rules);
    }
}
