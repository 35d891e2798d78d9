//! The rules of entry, as data: what a poster chooses and what freezes.
//!
//! Promises: rules frozen before any of this was there are read and written as they were; a part that is
//! not used is left out of the JSON. Must never: decide who asks; that is `policy`.

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::Names;
use crate::clock::Moment;
use crate::error::{Code, Problems, Refusal, Result};
use crate::ids::UnitId;
use crate::text;

/// The longest that crews are fixed before the clock stops: 30 days.
const LONGEST_FREEZE: u32 = 30 * 86_400;
/// Most units that a race can be open to.
const MOST_UNITS: usize = 50;

/// Who enters, and how long crews can change.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct EntryRules {
    /// Who may ride, among those who may see the race.
    #[serde(skip_serializing_if = "Who::is_anybody")]
    pub who: Who,
    /// Whether entries beyond the cap on lanes wait for one, in their order.
    #[serde(skip_serializing_if = "is_false")]
    pub waiting_list: bool,
    /// What everybody accepts, on record, before they ride.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub terms: Option<TermsOfEntry>,
    /// Until when the names of those who ride are hidden from everybody else.
    #[serde(skip_serializing_if = "Names::is_shown")]
    pub names: Names,
    /// So many seconds before the clock stops running crews are fixed, 0 to 30 days; 0 = when it stops.
    #[serde(skip_serializing_if = "is_zero")]
    pub freeze_seconds: u32,
}

/// Who may ride in a race, among those who may see it. It holds for everybody in a crew.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Who {
    /// Everybody who may see it.
    #[default]
    Anybody,
    /// Members of the organisation.
    Members,
    /// Members of these units, at most 50.
    Units(Vec<UnitId>),
    /// Whom the poster invites, and the members of units that the poster invites.
    Invited,
}

impl Who {
    fn is_anybody(&self) -> bool {
        *self == Self::Anybody
    }
}

/// Terms that everybody accepts before they ride, such as a promise of secrecy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TermsOfEntry {
    /// What they are called: one line, at most 120 characters.
    pub title: String,
    /// Their version: one line, at most 40 characters.
    pub version: String,
    /// What they say: Markdown, at most 20,000 characters.
    pub text: String,
}

impl TermsOfEntry {
    /// What is accepted, in 32 bytes: SHA-256 of title, version and text, each with a line feed behind it.
    pub fn digest(&self) -> [u8; 32] {
        let whole = format!("{}\n{}\n{}\n", self.title, self.version, self.text);
        Sha256::digest(whole.as_bytes()).into()
    }
}

impl EntryRules {
    /// Whether nothing of it is used.
    pub fn is_plain(&self) -> bool {
        *self == Self::default()
    }

    /// From when on running crews are fixed.
    pub fn frozen_from(&self, closes_at: Moment) -> Moment {
        closes_at.plus_seconds(-i64::from(self.freeze_seconds))
    }
}

/// Checks and tidies what a poster wrote.
pub(crate) fn check(problems: &mut Problems, rules: &EntryRules, max_lanes: Option<u32>) -> EntryRules {
    let field = |part: &str| format!("rules.entry.{part}");
    let range = |max: u32| Code::OutOfRange { min: "0".to_owned(), max: max.to_string() };
    problems.check(rules.freeze_seconds > LONGEST_FREEZE, field("freeze_seconds"), range(LONGEST_FREEZE));
    problems.check(rules.waiting_list && max_lanes.is_none(), field("waiting_list"), Code::WaitingNeedsCap);
    if let Who::Units(units) = &rules.who {
        problems.check(units.is_empty(), field("units"), Code::Required);
        problems.check(units.len() > MOST_UNITS, field("units"), Code::TooManyItems { max: MOST_UNITS });
        let twice = units.iter().enumerate().any(|(at, unit)| units[..at].contains(unit));
        problems.check(twice, field("units"), Code::Twice);
    }
    let terms = rules.terms.as_ref().map(|terms| TermsOfEntry {
        title: text::line(problems, &field("terms.title"), &terms.title, 120),
        version: text::line(problems, &field("terms.version"), &terms.version, 40),
        text: text::prose(problems, &field("terms.text"), &terms.text, 20_000),
    });
    EntryRules { terms, ..rules.clone() }
}

/// Refuses once running crews are fixed.
pub(super) fn check_unfrozen(rules: &EntryRules, closes_at: Moment, now: Moment) -> Result<()> {
    if now < rules.frozen_from(closes_at) { Ok(()) } else { Err(Refusal::because(Code::CrewFrozen)) }
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_zero(number: &u32) -> bool {
    *number == 0
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_false(truth: &bool) -> bool {
    !*truth
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn crews_are_fixed_at_the_very_instant_of_the_freeze() {
        let rules = EntryRules { freeze_seconds: 60, ..EntryRules::default() };
        let closes = Moment(0).plus_seconds(100);
        assert!(check_unfrozen(&rules, closes, Moment(0).plus_seconds(39)).is_ok());
        assert!(check_unfrozen(&rules, closes, Moment(0).plus_seconds(40)).is_err());
        assert!(check_unfrozen(&EntryRules::default(), closes, Moment(0).plus_seconds(99)).is_ok());
        assert!(check_unfrozen(&EntryRules::default(), closes, closes).is_err());
    }

    #[test]
    fn what_is_not_used_is_not_written_and_what_is_stays_so_for_ever() {
        assert_eq!(serde_json::to_string(&EntryRules::default()).unwrap(), "{}");
        let terms = TermsOfEntry { title: "NDA".into(), version: "2".into(), text: "Say nothing.".into() };
        let rules = EntryRules {
            who: Who::Units(vec![UnitId(uuid::Uuid::from_u128(7))]),
            waiting_list: true,
            terms: Some(terms),
            names: Names::UntilRuling,
            freeze_seconds: 3_600,
        };
        let json = r#"{"who":{"units":["00000000-0000-0000-0000-000000000007"]},"waiting_list":true,"terms":{"title":"NDA","version":"2","text":"Say nothing."},"names":"until_ruling","freeze_seconds":3600}"#;
        assert_eq!(serde_json::to_string(&rules).unwrap(), json);
        assert_eq!(serde_json::from_str::<EntryRules>(json).unwrap(), rules);
        assert_eq!(serde_json::from_str::<EntryRules>(r#"{"who":"invited"}"#).unwrap().who, Who::Invited);
    }

    #[test]
    fn other_terms_have_another_digest() {
        let terms = |title: &str, version: &str| TermsOfEntry {
            title: title.into(),
            version: version.into(),
            text: "Say nothing.".into(),
        };
        assert_ne!(terms("NDA", "1").digest(), terms("NDA", "2").digest());
        assert_ne!(terms("NDA", "1").digest(), terms("NDA\n1", "").digest());
    }

    #[test]
    fn a_waiting_list_needs_a_cap_and_named_units_are_named() {
        let codes = |rules: EntryRules, cap| {
            let mut problems = Problems::default();
            check(&mut problems, &rules, cap);
            problems.done().is_err()
        };
        let waiting = EntryRules { waiting_list: true, ..EntryRules::default() };
        assert!(codes(waiting.clone(), None) && !codes(waiting, Some(3)));
        assert!(codes(EntryRules { who: Who::Units(Vec::new()), ..EntryRules::default() }, None));
    }
}
