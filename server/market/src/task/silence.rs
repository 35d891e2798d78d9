//! What the rules say about silence: by when an answer is due, who decides after that, and what happens when
//! nobody does.
//!
//! Promises: whatever was frozen once can be read for ever. Must never: act; that is the clock's.

use serde::{Deserialize, Serialize};

use super::Rules;
use crate::actor::names;
use crate::clock::Moment;
use crate::error::{Code, Problems};
use crate::ids::PersonId;

const DAY: u32 = 86_400;
/// The longest that anybody may be waited for.
const MOST: u32 = 90 * DAY;
const MOST_DEPUTIES: usize = 20;

/// Deadlines for those who decide, and what follows when they stay silent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Silence {
    /// Seconds after the stop at which those who judge are reminded, if they have not ruled.
    pub first_answer_seconds: u32,
    /// Seconds after the stop, or after an appeal was upheld, within which the ruling is due.
    pub ruling_seconds: u32,
    /// Who decides when that has passed; nobody = the default is executed at once.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub deputies: Vec<PersonId>,
    /// Seconds that the deputies have.
    pub deputy_seconds: u32,
    /// What the clock does when nobody decides.
    pub default: SilenceDefault,
    /// Seconds within which an appeal is to be answered; after that the deputies may, and at last the ruling
    /// stands.
    pub appeal_answer_seconds: u32,
}

/// What the clock does when nobody decides. Start prizes are paid in any case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SilenceDefault {
    /// Pays by the plan and the scores that there are; equally where there are none.
    PayByScores,
    /// Shares the pot equally among all that qualify.
    ShareEqually,
    /// Sends the pot back to the funders.
    Refund,
}

names!(SilenceDefault, PayByScores = "pay_by_scores", ShareEqually = "share_equally", Refund = "refund");

impl Default for Silence {
    /// First answer within five working days, the ruling within ten, as HackerOne and Colony practise it; the
    /// deputies have five days, and so has who answers an appeal.
    fn default() -> Self {
        Self {
            first_answer_seconds: 7 * DAY,
            ruling_seconds: 14 * DAY,
            deputies: Vec::new(),
            deputy_seconds: 5 * DAY,
            default: SilenceDefault::PayByScores,
            appeal_answer_seconds: 5 * DAY,
        }
    }
}

impl Silence {
    /// When a ruling is due that has waited since this instant.
    pub fn ruling_due(&self, since: Moment) -> Moment {
        since.plus_seconds(i64::from(self.ruling_seconds))
    }
}

impl Rules {
    /// The deputies that the rules name.
    pub fn deputies(&self) -> &[PersonId] {
        self.silence.as_ref().map_or(&[], |silence| &silence.deputies)
    }

    /// Everybody whom the rules name to decide, whether or not it is their turn; the poster only where they judge.
    pub fn bench(&self, poster: PersonId) -> Vec<PersonId> {
        let mut bench = self.judging.named().to_vec();
        if bench.is_empty() {
            bench.push(poster);
        }
        bench.extend_from_slice(self.deputies());
        bench
    }
}

/// Notes what is wrong with what a poster wrote.
pub(super) fn check(problems: &mut Problems, rules: &Rules, poster: PersonId) {
    let Some(silence) = &rules.silence else { return };
    let range = |min: u32| Code::OutOfRange { min: min.to_string(), max: MOST.to_string() };
    let bounds = [
        ("first_answer_seconds", silence.first_answer_seconds, 0),
        ("ruling_seconds", silence.ruling_seconds, 3_600),
        ("deputy_seconds", silence.deputy_seconds, 3_600),
        ("appeal_answer_seconds", silence.appeal_answer_seconds, 3_600),
    ];
    for (name, seconds, least) in bounds {
        problems.check(!(least..=MOST).contains(&seconds), format!("rules.silence.{name}"), range(least));
    }
    let field = "rules.silence.deputies";
    let deputies = &silence.deputies;
    problems.check(deputies.len() > MOST_DEPUTIES, field, Code::TooManyItems { max: MOST_DEPUTIES });
    let twice = deputies.iter().enumerate().any(|(at, one)| deputies[..at].contains(one));
    problems.check(twice, field, Code::Twice);
    let judges = rules.judging.named();
    let wrong = deputies.contains(&poster) || deputies.iter().any(|one| judges.contains(one));
    problems.check(wrong, field, Code::BadChoice);
}
