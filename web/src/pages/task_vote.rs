//! The part of a task's form, and of its rules in words, that says how people vote.

use market::error::{Code, Problems};
use market::task::Judging;
use market::vote::{Ballot, MOST_CREDITS, VoteRules, Voters};
use market::{Market, Refusal};

use super::kit::{Choice, Fact};
use super::names::Names;
use super::task_input::{list, whole};
use crate::errors::Failure;
use crate::format;
use crate::forms::Form;
use crate::i18n::key;
use crate::visit::Visit;

const VOTERS: &str = "rules.vote.voters";
const UNITS: &str = "rules.vote.units";
const CREDITS: &str = "rules.vote.credits";
const SECONDS: &str = "rules.vote.seconds";

/// Who may vote, to choose from.
pub(super) fn choices(v: &Visit) -> Vec<Choice> {
    vec![
        Choice::new("members", v.t(key("voters-members"))),
        Choice::new("everyone", v.t(key("voters-everyone"))),
        Choice::new("units", v.t(key("voters-units"))),
    ]
}

/// Fills the fields, with the defaults where no vote decides.
pub(super) fn fill(form: &mut Form, judging: &Judging, units: &[String]) {
    let standard = VoteRules { voters: Voters::Members, ballot: Ballot::One, seconds: 3 * 86_400 };
    let rules = if let Judging::Vote(rules) = judging { rules } else { &standard };
    form.set(
        VOTERS,
        match rules.voters {
            Voters::Everyone => "everyone",
            Voters::Members => "members",
            Voters::Units(_) => "units",
        },
    );
    form.set(UNITS, units.join(", "));
    form.set(
        CREDITS,
        match rules.ballot {
            Ballot::One => String::new(),
            Ballot::Quadratic { credits } => credits.to_string(),
        },
    );
    form.set(SECONDS, (rules.seconds / 3_600).to_string());
}

/// What was typed.
///
/// # Errors
/// Faults, while units are looked up.
pub(super) async fn read(
    v: &Visit,
    market: &Market,
    form: &Form,
    problems: &mut Problems,
) -> Result<Option<Judging>, Failure> {
    let voters = match form.value(VOTERS) {
        "everyone" => Some(Voters::Everyone),
        "members" => Some(Voters::Members),
        "units" => units(v, market, form, problems).await?.map(Voters::Units),
        _ => {
            problems.add(VOTERS, Code::BadChoice);
            None
        }
    };
    let credits = form.given(CREDITS).map(|text| whole(text, MOST_CREDITS)).transpose();
    let credits = problems.keep(CREDITS, credits);
    let hours = problems.keep(SECONDS, whole(form.value(SECONDS).trim(), 30 * 24));
    Ok((|| {
        let ballot = credits?.map_or(Ballot::One, |credits| Ballot::Quadratic { credits });
        Some(Judging::Vote(VoteRules { voters: voters?, ballot, seconds: hours? * 3_600 }))
    })())
}

async fn units(
    v: &Visit,
    market: &Market,
    form: &Form,
    problems: &mut Problems,
) -> Result<Option<Vec<market::UnitId>>, Failure> {
    let mut found = Vec::new();
    for slug in list(form.value(UNITS)).take(60) {
        match market.unit_by_slug(&v.actor, slug).await {
            Ok(unit) => found.push(unit.id),
            Err(Refusal::NotFound) => {
                problems.add(UNITS, Code::NoSuchUnit);
                return Ok(None);
            }
            Err(refusal) => return Err(refusal.into()),
        }
    }
    Ok(Some(found))
}

/// The rules of a vote in words.
pub(super) fn facts(v: &Visit, rules: &VoteRules, names: &Names) -> Vec<Fact> {
    let gap = v.t(key("sentence-gap"));
    let voters = match &rules.voters {
        Voters::Everyone => v.t(key("rule-voters-everyone")).into_owned(),
        Voters::Members => v.t(key("rule-voters-members")).into_owned(),
        Voters::Units(units) => {
            let list: Vec<String> = units.iter().map(|unit| names.unit(*unit).text).collect();
            v.t1(key("rule-voters-units"), "names", format::list(v.locale, &list)).into_owned()
        }
    };
    let ballot = match rules.ballot {
        Ballot::One => v.t(key("rule-ballot-one")).into_owned(),
        Ballot::Quadratic { credits } => v.tn(key("rule-ballot-quadratic"), credits).into_owned(),
    };
    let time = format::duration(v.locale, u64::from(rules.seconds));
    let said = [
        v.t1(key("rule-vote-text"), "time", time).into_owned(),
        voters,
        v.t(key("rule-vote-rivals")).into_owned(),
    ];
    let secret = v.t(key("rule-vote-secret")).into_owned();
    vec![
        Fact::new(v.t(key("rule-judging")), said.join(gap.as_ref())),
        Fact::new(v.t(key("rule-ballot")), [ballot, secret].join(gap.as_ref())),
    ]
}
