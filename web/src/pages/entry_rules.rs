//! The rules of entry between the form of a task and the market, and what a page says of them.
//!
//! Promises: field names are the market's, so that its problems land beside the right field; the terms that
//! a page shows are the ones that are accepted. Must never: decide who may enter.

use market::error::{Code, Problems};
use market::race::{CheckIn, EligibilityView, Eligible, EntryRules, Names, TermsOfEntry, Who};
use market::task::{Rules, TaskView};
use market::{Market, UnitId};

use super::enter::unit;
use super::kit::{Choice, Fact};
use super::names::Names as Named;
use super::task_input::{list, whole};
use crate::errors::Failure;
use crate::forms::Form;
use crate::i18n::key;
use crate::visit::Visit;
use crate::{format, markdown};

const FREEZE: &str = "rules.entry.freeze_seconds";
const WHO: &str = "rules.entry.who";
const UNITS: &str = "rules.entry.units";
const WAITING: &str = "rules.entry.waiting_list";
const NAMES: &str = "rules.entry.names";
const EVERY: &str = "rules.check_in.every_seconds";
const MISSED: &str = "rules.check_in.missed";
const TITLE: &str = "rules.entry.terms.title";
const VERSION: &str = "rules.entry.terms.version";
const TEXT: &str = "rules.entry.terms.text";

/// Terms as a page shows them before anybody accepts.
#[derive(Debug, Clone)]
pub struct TermsBlock {
    /// What they are called, with their version.
    pub title: String,
    /// What they say, as safe HTML.
    pub text: String,
    /// Their digest, as it goes on the ledger.
    pub digest: String,
    /// Whether the reader has accepted them.
    pub accepted: bool,
}

/// Whether the reader can enter, in words.
#[derive(Debug, Clone)]
pub struct EligibleBlock {
    /// The key of the sentence.
    pub text: &'static str,
    /// Whether it is a yes.
    pub can: bool,
}

impl EligibleBlock {
    /// The tone of the notice that tells it.
    pub(super) fn tone(&self) -> &'static str {
        if self.can { "good" } else { "" }
    }
}

/// Who may enter, as choices of the form.
pub(super) fn whos(v: &Visit) -> Vec<Choice> {
    [
        ("anybody", key("who-anybody")),
        ("members", key("who-members")),
        ("units", key("who-units")),
        ("invited", key("who-invited")),
    ]
    .into_iter()
    .map(|(value, label)| Choice::new(value, v.t(label)))
    .collect()
}

/// Until when names may be hidden, as choices of the form.
pub(super) fn hidings(v: &Visit) -> Vec<Choice> {
    [
        ("shown", key("names-shown")),
        ("until_stop", key("names-until-stop")),
        ("until_ruling", key("names-until-ruling")),
    ]
    .into_iter()
    .map(|(value, label)| Choice::new(value, v.t(label)))
    .collect()
}

/// Fills the fields.
///
/// # Errors
/// Faults, while units are looked up.
pub(super) async fn fill(form: &mut Form, v: &Visit, market: &Market, of: &Rules) -> Result<(), Failure> {
    let rules = &of.entry;
    let mut slugs = Vec::new();
    if let Who::Units(units) = &rules.who {
        let known = market.units_by_ids(&v.actor, units).await?;
        slugs = units.iter().filter_map(|unit| known.get(unit)).map(|unit| unit.slug.clone()).collect();
    }
    let who = match rules.who {
        Who::Anybody => "anybody",
        Who::Members => "members",
        Who::Units(_) => "units",
        Who::Invited => "invited",
    };
    form.set(WHO, who);
    form.set(UNITS, slugs.join(", "));
    if rules.waiting_list {
        form.set(WAITING, "on");
    }
    let terms =
        |part: fn(&TermsOfEntry) -> &str| rules.terms.as_ref().map(part).unwrap_or_default().to_owned();
    form.set(TITLE, terms(|terms| &terms.title));
    form.set(VERSION, terms(|terms| &terms.version));
    form.set(TEXT, terms(|terms| &terms.text));
    form.set(FREEZE, (rules.freeze_seconds / 3_600).to_string());
    let names = match rules.names {
        Names::Shown => "shown",
        Names::UntilStop => "until_stop",
        Names::UntilRuling => "until_ruling",
    };
    form.set(NAMES, names);
    let check_in =
        |part: fn(CheckIn) -> u32| of.check_in.map(part).map(|n| n.to_string()).unwrap_or_default();
    form.set(EVERY, check_in(|rules| rules.every_seconds / 3_600));
    form.set(MISSED, check_in(|rules| rules.missed));
    Ok(())
}

/// The rules of entry that were typed, if they can be read.
///
/// # Errors
/// Faults, while units are looked up.
pub(super) async fn read(
    v: &Visit,
    market: &Market,
    form: &Form,
    problems: &mut Problems,
) -> Result<Option<EntryRules>, Failure> {
    let freeze = form.given(FREEZE).map_or(Ok(0), |text| whole(text, 30 * 24));
    let freeze = problems.keep(FREEZE, freeze);
    let who = match form.given(WHO).unwrap_or("anybody") {
        "anybody" => Some(Who::Anybody),
        "members" => Some(Who::Members),
        "invited" => Some(Who::Invited),
        "units" => units(v, market, form.value(UNITS), problems).await?.map(Who::Units),
        _ => {
            problems.add(WHO, Code::BadChoice);
            None
        }
    };
    let typed = [TITLE, VERSION, TEXT].iter().any(|field| form.given(field).is_some());
    let terms = typed.then(|| TermsOfEntry {
        title: form.value(TITLE).to_owned(),
        version: form.value(VERSION).to_owned(),
        text: form.value(TEXT).to_owned(),
    });
    let names = match form.given(NAMES).unwrap_or("shown") {
        "shown" => Some(Names::Shown),
        "until_stop" => Some(Names::UntilStop),
        "until_ruling" => Some(Names::UntilRuling),
        _ => {
            problems.add(NAMES, Code::BadChoice);
            None
        }
    };
    Ok((|| {
        Some(EntryRules {
            who: who?,
            names: names?,
            waiting_list: form.has(WAITING, "on"),
            terms,
            freeze_seconds: freeze? * 3_600,
        })
    })())
}

/// How often crews check in, if the form says so.
pub(super) fn read_check_in(form: &Form, problems: &mut Problems) -> Option<Option<CheckIn>> {
    if form.given(EVERY).or(form.given(MISSED)).is_none() {
        return Some(None);
    }
    let every = problems.keep(EVERY, form.given(EVERY).ok_or(Code::Required).and_then(|n| whole(n, 90 * 24)));
    let missed = problems.keep(MISSED, form.given(MISSED).ok_or(Code::Required).and_then(|n| whole(n, 10)));
    Some(Some(CheckIn { every_seconds: every? * 3_600, missed: missed? }))
}

async fn units(
    v: &Visit,
    market: &Market,
    typed: &str,
    problems: &mut Problems,
) -> Result<Option<Vec<UnitId>>, Failure> {
    let mut found = Vec::new();
    for slug in list(typed).take(51) {
        match unit(v, market, slug).await? {
            Some(unit) => found.push(unit),
            None => {
                problems.add(UNITS, Code::BadChoice);
                return Ok(None);
            }
        }
    }
    Ok(Some(found))
}

/// Who may enter, in words, for the rules of a race.
pub(super) fn facts(v: &Visit, of: &Rules, named_as: &Named) -> Vec<Fact> {
    let rules = &of.entry;
    let say = |name: &'static str| v.t(name).into_owned();
    let mut facts = Vec::new();
    let who = match &rules.who {
        Who::Anybody => None,
        Who::Members => Some(say(key("who-members"))),
        Who::Invited => Some(say(key("who-invited"))),
        Who::Units(units) => {
            let units: Vec<String> = units.iter().map(|unit| named_as.unit(*unit).text).collect();
            Some(v.t1(key("rule-who-units"), "units", format::list(v.locale, &units)).into_owned())
        }
    };
    facts.extend(who.map(|who| Fact::new(say(key("rule-who")), who)));
    if rules.waiting_list {
        facts.push(Fact::new(say(key("rule-waiting")), say(key("rule-waiting-text"))));
    }
    if let Some(terms) = &rules.terms {
        facts.push(Fact::new(say(key("rule-terms")), named(v, terms)));
    }
    let freeze = match rules.freeze_seconds {
        0 => say(key("rule-freeze-none")),
        seconds => {
            v.t1(key("rule-freeze-text"), "time", format::duration(v.locale, u64::from(seconds))).into_owned()
        }
    };
    facts.push(Fact::new(say(key("rule-freeze")), freeze));
    let names = match rules.names {
        Names::Shown => None,
        Names::UntilStop => Some(key("names-until-stop")),
        Names::UntilRuling => Some(key("names-until-ruling")),
    };
    facts.extend(names.map(|names| Fact::new(say(key("rule-names")), say(names))));
    if let Some(CheckIn { every_seconds, missed }) = of.check_in {
        let every = format::duration(v.locale, u64::from(every_seconds));
        let text = v.t2(key("rule-check-in-text"), "time", every, "missed", missed);
        facts.push(Fact::new(say(key("rule-check-in")), text));
    }
    facts
}

fn named(v: &Visit, terms: &TermsOfEntry) -> String {
    v.t2(key("terms-named"), "title", terms.title.clone(), "version", terms.version.clone()).into_owned()
}

/// The terms of a race, if it has some.
pub(super) fn terms(v: &Visit, task: &TaskView, eligibility: EligibilityView) -> Option<TermsBlock> {
    let terms = task.rules.entry.terms.as_ref()?;
    Some(TermsBlock {
        title: named(v, terms),
        text: markdown::to_html(&terms.text),
        digest: hex::encode(terms.digest()),
        accepted: eligibility.accepted == Some(true),
    })
}

/// Whether the reader can enter, in a sentence.
pub(super) fn eligible(view: EligibilityView) -> EligibleBlock {
    let text = match view.why {
        Eligible::Anybody => key("eligible-anybody"),
        Eligible::Member => key("eligible-member"),
        Eligible::OfUnit => key("eligible-of-unit"),
        Eligible::Invited => key("eligible-invited"),
        Eligible::Waits => key("eligible-waits"),
        Eligible::SignIn => key("eligible-sign-in"),
        Eligible::Poster => key("eligible-poster"),
        Eligible::Judge => key("eligible-judge"),
        Eligible::Keeper => key("eligible-keeper"),
        Eligible::NotMember => key("eligible-not-member"),
        Eligible::NotOfUnit => key("eligible-not-of-unit"),
        Eligible::NotInvited => key("eligible-not-invited"),
        Eligible::Closed => key("eligible-closed"),
        Eligible::Riding => key("eligible-riding"),
        Eligible::Disqualified => key("eligible-disqualified"),
        Eligible::Full => key("eligible-full"),
    };
    EligibleBlock { text, can: view.why.can() }
}

#[cfg(test)]
pub(super) fn sample_terms() -> TermsBlock {
    TermsBlock {
        title: "NDA <b> (version 2)".to_owned(),
        text: markdown::to_html("Say **nothing**."),
        digest: "5e".repeat(32),
        accepted: false,
    }
}
