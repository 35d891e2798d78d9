//! The cost of a race against its value, on the task's page; stating the value, declaring hours.
//!
//! Promises: what somebody declares is shown to themselves alone, and to others in a sum. Must never: ask for hours as
//! a condition of anything.

use actix_web::web::{Data, Path};
use market::cost::{CostView, DeclareEffort, EffortSum, StateValue, StatedValue};
use market::task::TaskView;
use market::{AssetView, Code, Market, Refusal};

use super::act::{ActPage, Ask, Field};
use super::kit::{Choice, Fact, amount, key_of, name, tokens};
use super::task_acts::{page, without_key};
use crate::errors::{Answer, Failure};
use crate::forms::{Form, Posted};
use crate::i18n::key;
use crate::visit::Visit;
use crate::{respond, urls};

/// What a task's page says of costs.
#[derive(Debug, Clone, Default)]
pub struct CostBlock {
    /// The figures.
    pub facts: Vec<Fact>,
    /// Everything together, and the value, once there is both.
    pub verdict: Option<String>,
    /// Where the reader declares hours, and what they declared.
    pub declare: Option<(String, Option<String>)>,
    /// Where the poster states the value.
    pub state: Option<String>,
}

impl CostBlock {
    /// Whether there is nothing to say.
    pub fn is_empty(&self) -> bool {
        self.facts.is_empty() && self.declare.is_none() && self.state.is_none()
    }
}

/// The block of a task's page.
pub(super) fn block(v: &Visit, asset: &AssetView, task: &TaskView, cost: &CostView) -> CostBlock {
    let say = |key: &'static str| v.t(key).into_owned();
    let mut facts = Vec::new();
    if let Some(prizes) = cost.prizes {
        facts.push(Fact::new(say(key("cost-prizes")), tokens(asset, prizes)));
        if !cost.parts.is_zero() {
            facts.push(Fact::new(say(key("cost-parts")), tokens(asset, cost.parts)));
        }
        facts.push(Fact::new(say(key("cost-crews")), hours(v, cost.crews)));
        facts.push(Fact::new(say(key("cost-judging")), hours(v, cost.judging)));
        if let (Some(effort), Some(hour)) = (cost.effort(), cost.hour) {
            let said = v.t2(key("cost-effort-at"), "sum", tokens(asset, effort), "hour", tokens(asset, hour));
            facts.push(Fact::new(say(key("cost-effort")), said));
        }
        facts.extend(cost.total().map(|total| Fact::new(say(key("cost-total")), tokens(asset, total))));
        facts.extend(cost.winner.map(|winner| Fact::new(say(key("cost-winner")), tokens(asset, winner))));
    }
    if let Some(value) = cost.value {
        let whom = if value.public { key("cost-value") } else { key("cost-value-private") };
        facts.push(Fact::new(say(whom), tokens(asset, value.amount)));
    }
    let verdict =
        cost.total().zip(cost.value).filter(|(_, value)| !value.amount.is_zero()).map(|(total, value)| {
            let percent = u128::from(total.minor()) * 100 / u128::from(value.amount.minor());
            v.t1(key("cost-verdict"), "percent", percent.to_string()).into_owned()
        });
    CostBlock {
        facts,
        verdict,
        declare: cost
            .may_declare
            .then(|| (urls::task_effort(&task.handle), cost.own.map(|own| hours_of(u64::from(own))))),
        state: cost.may_state.then(|| urls::task_value(&task.handle)),
    }
}

fn hours(v: &Visit, sum: EffortSum) -> String {
    match sum.minutes {
        Some(minutes) => {
            v.t2(key("cost-hours"), "hours", hours_of(minutes), "people", sum.people.to_string()).into_owned()
        }
        None if sum.people == 0 => v.t(key("cost-hours-none")).into_owned(),
        None => v.t1(key("cost-hours-few"), "people", sum.people.to_string()).into_owned(),
    }
}

/// Minutes as hours with one decimal at most: `12.5`.
fn hours_of(minutes: u64) -> String {
    let tenths = minutes / 6;
    if tenths.is_multiple_of(10) {
        (tenths / 10).to_string()
    } else {
        format!("{}.{}", tenths / 10, tenths % 10)
    }
}

/// Hours as they are typed, with one decimal at most, in minutes; nothing typed is none.
fn minutes_typed(text: &str) -> Result<u32, Code> {
    let wrong = || Code::OutOfRange { min: "0".to_owned(), max: "10000".to_owned() };
    let text = text.trim();
    let (whole, tenth) = text.split_once('.').unwrap_or((text, "0"));
    let digits =
        |part: &str, most: usize| part.len() <= most && part.bytes().all(|byte| byte.is_ascii_digit());
    if text.is_empty() {
        return Ok(0);
    }
    if whole.is_empty() || tenth.is_empty() || !digits(whole, 5) || !digits(tenth, 1) {
        return Err(wrong());
    }
    let whole: u32 = whole.parse().map_err(|_| wrong())?;
    let tenth: u32 = tenth.parse().map_err(|_| wrong())?;
    Ok(whole * 60 + tenth * 6)
}

/// `GET /tasks/{handle}/value`.
///
/// # Errors
/// Not found, unless it is the asker's draft.
pub async fn value_ask(v: Visit, market: Data<Market>, path: Path<String>) -> Answer {
    let (task, cost) = seen(&v, &market, &path, |cost| cost.may_state).await?;
    let mut form = Form::default();
    if let Some(value) = cost.value {
        form.set("amount", market.asset().format(value.amount));
        form.set("public", if value.public { "yes" } else { "no" });
    }
    Ok(value_page(v, &market, &task, form).once(&market).answer())
}

/// `POST /tasks/{handle}/value`: `amount`, empty to take it back, and `public`, `yes` or `no`.
///
/// # Errors
/// Not found, unless it is the asker's draft.
pub async fn value(v: Visit, market: Data<Market>, path: Path<String>, Posted(form): Posted) -> Answer {
    let (task, _) = seen(&v, &market, &path, |cost| cost.may_state).await?;
    let typed = match form.given("amount") {
        None => Ok(None),
        Some(_) => amount(&form, "amount", market.asset())
            .map(|amount| Some(StatedValue { amount, public: form.has("public", "yes") })),
    };
    let done = match typed {
        Ok(value) => market.run_once(&v.actor, key_of(&form)?, StateValue { task: task.id, value }).await,
        Err(code) => Err(Refusal::on("amount", code)),
    };
    match done {
        Ok(()) => Ok(respond::done(&urls::task(&task.handle), key("done-value"))),
        Err(refusal) => value_page(v, &market, &task, without_key(form)).once(&market).mend(refusal),
    }
}

fn value_page(v: Visit, market: &Market, task: &TaskView, form: Form) -> ActPage {
    let code = market.asset().code.as_str().to_owned();
    let whom = [("no", key("value-private")), ("yes", key("value-public"))];
    let whom = whom.map(|(value, label)| Choice::new(value, v.t(label))).to_vec();
    let asks = vec![
        Ask::Number(Field::new(&v, "amount", key("value-amount"), key("value-amount-hint")), code),
        Ask::Select(Field::bare(&v, "public", key("value-whom")), whom),
    ];
    let said = (key("value-title"), key("value-lead"), key("save"));
    ActPage { asks, sure: true, ..page(v, task, form, said, urls::task_value(&task.handle)) }
}

/// `GET /tasks/{handle}/effort`.
///
/// # Errors
/// Not found, unless the asker rides or judges.
pub async fn effort_ask(v: Visit, market: Data<Market>, path: Path<String>) -> Answer {
    let (task, cost) = seen(&v, &market, &path, |cost| cost.may_declare).await?;
    let form = cost.own.map(|own| Form::of([("hours", hours_of(u64::from(own)))]));
    Ok(effort_page(v, &task, form.unwrap_or_default()).once(&market).answer())
}

/// `POST /tasks/{handle}/effort`: `hours`.
///
/// # Errors
/// Not found, unless the asker rides or judges.
pub async fn effort(v: Visit, market: Data<Market>, path: Path<String>, Posted(form): Posted) -> Answer {
    let (task, _) = seen(&v, &market, &path, |cost| cost.may_declare).await?;
    let done = match minutes_typed(form.value("hours")) {
        Ok(minutes) => {
            market.run_once(&v.actor, key_of(&form)?, DeclareEffort { task: task.id, minutes }).await
        }
        Err(code) => Err(Refusal::on("hours", code)),
    };
    match done {
        Ok(()) => Ok(respond::done(&urls::task(&task.handle), key("done-effort"))),
        Err(refusal) => effort_page(v, &task, without_key(form)).once(&market).mend(refusal),
    }
}

fn effort_page(v: Visit, task: &TaskView, form: Form) -> ActPage {
    let unit = v.t(key("effort-unit")).into_owned();
    let asks =
        vec![Ask::Number(Field::new(&v, "hours", key("effort-hours"), key("effort-hours-hint")), unit)];
    let said = (key("effort-title"), key("effort-lead"), key("save"));
    ActPage { asks, sure: true, ..page(v, task, form, said, urls::task_effort(&task.handle)) }
}

async fn seen(
    v: &Visit,
    market: &Market,
    path: &str,
    may: impl Fn(&CostView) -> bool,
) -> Result<(TaskView, CostView), Failure> {
    if !v.signed_in() {
        return Err(Refusal::Unauthenticated.into());
    }
    let task = market.task_by_handle(&v.actor, name(path)?).await?;
    let cost = market.cost(&v.actor, task.id).await?;
    if may(&cost) { Ok((task, cost)) } else { Err(Refusal::NotFound.into()) }
}

#[cfg(test)]
pub(crate) fn sample(v: &Visit) -> CostBlock {
    CostBlock {
        facts: vec![Fact::new("Prizes <all>", "10,000.00 SAI"), Fact::new("Hours", "120")],
        verdict: Some(v.t1(key("cost-verdict"), "percent", "62").into_owned()),
        declare: Some((urls::task_effort("abc"), Some("12.5".to_owned()))),
        state: Some(urls::task_value("abc")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_are_typed_with_one_decimal_at_most() {
        for (typed, minutes) in [("12.5", 750), ("0", 0), ("", 0), ("10000", 600_000), (" 3 ", 180)] {
            assert_eq!(minutes_typed(typed), Ok(minutes), "{typed}");
        }
        for wrong in ["-1", "1.25", "x", ".5", "1.", "100000", "1e3"] {
            assert!(minutes_typed(wrong).is_err(), "{wrong}");
        }
        assert_eq!((hours_of(750), hours_of(180)), ("12.5".to_owned(), "3".to_owned()));
    }
}
