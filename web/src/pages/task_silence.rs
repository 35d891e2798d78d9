//! Silence on the pages of a task: its fields in the form, and its rules in plain words.
//!
//! Promises: field names are the market's. Must never: check what the market checks.

use market::error::{Code, Problems};
use market::task::{Silence, SilenceDefault};
use market::{Market, PersonId};

use super::kit::{Choice, Fact};
use super::names::Names;
use super::task_input::{list, person, whole};
use crate::errors::Failure;
use crate::format;
use crate::forms::Form;
use crate::i18n::key;
use crate::visit::Visit;

const ON: &str = "rules.silence";
const FIRST: &str = "rules.silence.first_answer_seconds";
const RULING: &str = "rules.silence.ruling_seconds";
const DEPUTIES: &str = "rules.silence.deputies";
const DEPUTY: &str = "rules.silence.deputy_seconds";
const DEFAULT: &str = "rules.silence.default";
const APPEAL: &str = "rules.silence.appeal_answer_seconds";
/// The longest, in hours.
const MOST: u32 = 90 * 24;

/// Fills the fields; those of rules without deadlines hold the usual ones, switched off.
pub(super) fn fill(form: &mut Form, silence: Option<&Silence>, deputies: &[String]) {
    let usual = Silence::default();
    let shown = silence.unwrap_or(&usual);
    form.set(ON, if silence.is_some() { "on" } else { "off" });
    let hours = |seconds: u32| (seconds / 3_600).to_string();
    form.set(FIRST, hours(shown.first_answer_seconds));
    form.set(RULING, hours(shown.ruling_seconds));
    form.set(DEPUTIES, deputies.join(", "));
    form.set(DEPUTY, hours(shown.deputy_seconds));
    form.set(DEFAULT, shown.default.as_str());
    form.set(APPEAL, hours(shown.appeal_answer_seconds));
}

/// What was typed: `None` where it can't be read, `Some(None)` where nobody shall be hurried.
///
/// # Errors
/// Faults, while deputies are looked up.
pub(super) async fn read(
    v: &Visit,
    market: &Market,
    form: &Form,
    problems: &mut Problems,
) -> Result<Option<Option<Silence>>, Failure> {
    if !form.has(ON, "on") {
        return Ok(Some(None));
    }
    let mut hours =
        |field: &str| problems.keep(field, whole(form.value(field).trim(), MOST)).map(|hours| hours * 3_600);
    let (first, ruling, deputy, appeal) = (hours(FIRST), hours(RULING), hours(DEPUTY), hours(APPEAL));
    let default = form.value(DEFAULT).parse::<SilenceDefault>().map_err(|_| Code::BadChoice);
    let default = problems.keep(DEFAULT, default);
    let mut deputies = Vec::new();
    for handle in list(form.value(DEPUTIES)).take(50) {
        match person(v, market, handle).await? {
            Some(deputy) => deputies.push(deputy),
            None => {
                problems.add(DEPUTIES, Code::NoSuchPerson);
                return Ok(None);
            }
        }
    }
    let read = || {
        Some(Silence {
            first_answer_seconds: first?,
            ruling_seconds: ruling?,
            deputies,
            deputy_seconds: deputy?,
            default: default?,
            appeal_answer_seconds: appeal?,
        })
    };
    Ok(read().map(Some))
}

/// What the clock may do when nobody decides.
pub(super) fn defaults(v: &Visit) -> Vec<Choice> {
    SilenceDefault::ALL.iter().map(|one| Choice::new(one.as_str(), v.t(default_key(*one)))).collect()
}

/// Whether anybody shall be hurried.
pub(super) fn switches(v: &Visit) -> Vec<Choice> {
    vec![Choice::new("on", v.t(key("field-silence-on"))), Choice::new("off", v.t(key("field-silence-off")))]
}

/// The rules on silence in plain words, one fact each step.
pub(super) fn facts(v: &Visit, silence: Option<&Silence>, names: &Names) -> Vec<Fact> {
    let say = |name: &'static str| v.t(name).into_owned();
    let time = |seconds: u32| format::duration(v.locale, u64::from(seconds));
    let label = say(key("rule-silence"));
    let Some(silence) = silence else {
        return vec![Fact::new(label, v.t(key("rule-silence-none")))];
    };
    let gap = v.t(key("sentence-gap"));
    let mut said = vec![
        v.t1(key("rule-silence-first"), "time", time(silence.first_answer_seconds)).into_owned(),
        v.t1(key("rule-silence-ruling"), "time", time(silence.ruling_seconds)).into_owned(),
    ];
    if !silence.deputies.is_empty() {
        let named: Vec<String> = silence.deputies.iter().map(|one| names.person(*one).text).collect();
        let named = format::list(v.locale, &named);
        let time = time(silence.deputy_seconds);
        said.push(v.t2(key("rule-silence-deputies"), "names", named, "time", time).into_owned());
    }
    said.push(v.t1(key("rule-silence-default"), "what", v.t(default_key(silence.default))).into_owned());
    let appeals = v.t1(key("rule-silence-appeal"), "time", time(silence.appeal_answer_seconds));
    vec![Fact::new(label, said.join(gap.as_ref())), Fact::new(say(key("rule-silence-appeals")), appeals)]
}

fn default_key(default: SilenceDefault) -> &'static str {
    match default {
        SilenceDefault::PayByScores => key("silence-pay-by-scores"),
        SilenceDefault::ShareEqually => key("silence-share-equally"),
        SilenceDefault::Refund => key("silence-refund"),
    }
}

/// The deputies' handles, as the form shows them.
pub(super) fn handles(names: &Names, deputies: &[PersonId]) -> Vec<String> {
    deputies.iter().filter_map(|id| names.handle(*id).map(str::to_owned)).collect()
}
