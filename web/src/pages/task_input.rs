//! Between the form of a task and what the market takes.
//!
//! Promises: field names are the market's, so that its problems land beside the right field. Must never:
//! check what the market checks.

use market::error::{Code, Problem, Problems};
use market::task::{
    DeadHeat, Growth, Judging, PrizePlan, Prizes, Rules, Score, Source, StartPrize, TaskInput, TaskSource,
    Unreached, Visibility,
};
use market::{Amount, AssetView, Market, PersonId};

use super::entry_rules;
use super::evidence;
use super::kit::{Choice, amount, basis_points, percent_typed, time};
use super::names::Wanted;
use super::{panel_input, task_metric, task_silence, task_stages, task_vote};
use crate::errors::Failure;
use crate::forms::Form;
use crate::i18n::key;
use crate::visit::Visit;

const PLACES: &str = "rules.plan.threshold.places";
const PRIZE: &str = "rules.plan.threshold.prize";
const EVENT: &str = "rules.plan.metered.per_event";
const CAP: &str = "rules.plan.proportional.cap";

/// Fills the fields of the rules.
pub(super) fn fill(
    form: &mut Form,
    v: &Visit,
    asset: &AssetView,
    rules: &Rules,
    (judges, deputies, units): (&[String], &[String], &[String]),
) {
    fill_plan(form, &rules.plan, asset);
    task_silence::fill(form, rules.silence.as_ref(), deputies);
    task_stages::fill(form, v, asset, rules);
    let start = |amount: fn(StartPrize) -> Amount| {
        rules.start.map(|start| amount(start).format(asset.scale)).unwrap_or_default()
    };
    form.set("rules.start.each", start(|start| start.each));
    form.set("rules.start.pool", start(|start| start.pool));
    let growth = |part: fn(&Growth) -> Amount| {
        rules.growth.as_ref().map(|growth| part(growth).format(asset.scale)).unwrap_or_default()
    };
    form.set("rules.growth.reserve", growth(|growth| growth.reserve));
    form.set("rules.growth.per_event", growth(|growth| growth.per_event));
    form.set(
        "rules.growth.label",
        rules.growth.as_ref().map(|growth| growth.label.clone()).unwrap_or_default(),
    );
    form.set("rules.mark", rules.mark.map(Score::format).unwrap_or_default());
    form.set("rules.dead_heat", if rules.dead_heat == DeadHeat::Split { "split" } else { "earliest" });
    form.set("rules.unreached", if rules.unreached == Unreached::Refund { "refund" } else { "share" });
    form.set("rules.judging", judging_value(&rules.judging));
    panel_input::fill(form, v, rules.judging.panel());
    task_metric::fill(form, &rules.judging);
    task_vote::fill(form, &rules.judging, units);
    form.set("rules.judges", judges.join(", "));
    form.set("rules.max_lanes", rules.max_lanes.map(|most| most.to_string()).unwrap_or_default());
    form.set("rules.max_crew", rules.max_crew.to_string());
    form.set("rules.appeal_seconds", (rules.appeal_seconds / 3_600).to_string());
    evidence::fill(form, &rules.evidence);
    if rules.feedback {
        form.set("rules.feedback", "on");
    }
    form.set("zone", v.zone.value());
}

fn judging_value(judging: &Judging) -> &'static str {
    match judging {
        Judging::Poster => "poster",
        Judging::Judges(_) => "judges",
        Judging::Panel(_) => "panel",
        Judging::Metric(_) => "metric",
        Judging::Vote(_) => "vote",
    }
}

/// Fills the fields of every plan: those of the others are empty.
fn fill_plan(form: &mut Form, plan: &PrizePlan, asset: &AssetView) {
    let (chosen, prizes) = match plan {
        PrizePlan::WinnerTakesAll => ("winner", String::new()),
        PrizePlan::Ranked(Prizes::Shares(shares)) => {
            ("shares", join(shares.iter().map(|share| percent_typed(*share))))
        }
        PrizePlan::Ranked(Prizes::Amounts(amounts)) => {
            ("amounts", join(amounts.iter().map(|amount| amount.format(asset.scale))))
        }
        PrizePlan::Threshold { .. } => ("threshold", String::new()),
        PrizePlan::Proportional { .. } => ("proportional", String::new()),
        PrizePlan::Metered { .. } => ("metered", String::new()),
    };
    let (places, prize) = match plan {
        PrizePlan::Threshold { places, prize } => (places.to_string(), prize.format(asset.scale)),
        _ => (String::new(), String::new()),
    };
    let cap = match plan {
        PrizePlan::Proportional { cap: Some(cap) } => percent_typed(*cap),
        _ => String::new(),
    };
    form.set("rules.plan", chosen);
    form.set("rules.prizes", prizes);
    form.set(PLACES, places);
    form.set(PRIZE, prize);
    form.set(CAP, cap);
    form.set(
        EVENT,
        match plan {
            PrizePlan::Metered { per_event } => per_event.format(asset.scale),
            _ => String::new(),
        },
    );
}

/// The task that was typed, if it can be read, and what is wrong with it.
///
/// # Errors
/// Faults, while judges are looked up.
pub(super) async fn read(
    v: &Visit,
    market: &Market,
    form: &Form,
) -> Result<(Option<TaskInput>, Vec<Problem>), Failure> {
    let asset = market.asset();
    let mut problems = Problems::default();
    let bounty = problems.keep("bounty", amount(form, "bounty", asset));
    let closes_at = problems.keep("closes_at", time(form, "closes_at"));
    let source = problems.keep("source", source(form.value("source")));
    let visibility = problems
        .keep("visibility", form.value("visibility").parse::<Visibility>().map_err(|_| Code::BadChoice));
    let plan = plan(form, asset, &mut problems);
    let start = start_prize(form, asset, &mut problems);
    let growth = growth(form, asset, &mut problems);
    let mark = problems.keep("rules.mark", form.given("rules.mark").map(Score::parse).transpose());
    let max_lanes = problems
        .keep("rules.max_lanes", form.given("rules.max_lanes").map(|text| whole(text, 1_000)).transpose());
    let max_crew = problems.keep("rules.max_crew", whole(form.value("rules.max_crew").trim(), 50));
    let appeal =
        problems.keep("rules.appeal_seconds", whole(form.value("rules.appeal_seconds").trim(), 90 * 24));
    let entry = entry_rules::read(v, market, form, &mut problems).await?;
    let check_in = entry_rules::read_check_in(form, &mut problems);
    let judges = judges(v, market, form, &mut problems).await?;
    let silence = task_silence::read(v, market, form, &mut problems).await?;
    let staged = task_stages::read(form, asset, &mut problems, Rules::default());
    let input = (|| {
        Some(TaskInput {
            title: form.value("title").to_owned(),
            brief: form.value("brief").to_owned(),
            criteria: form.value("criteria").to_owned(),
            visibility: visibility?,
            source: source?,
            bounty: bounty?,
            closes_at: closes_at?,
            rules: Rules {
                plan: plan?,
                mark: mark?,
                dead_heat: if form.has("rules.dead_heat", "earliest") {
                    DeadHeat::Earliest
                } else {
                    DeadHeat::Split
                },
                unreached: if form.has("rules.unreached", "share") {
                    Unreached::Share
                } else {
                    Unreached::Refund
                },
                judging: judges?,
                max_lanes: max_lanes?,
                max_crew: max_crew?,
                appeal_seconds: appeal? * 3_600,
                start: start?,
                evidence: evidence::read(form),
                entry: entry?,
                check_in: check_in?,
                silence: silence?,
                growth: growth?,
                feedback: form.has("rules.feedback", "on"),
                ..staged?
            },
        })
    })();
    let problems = match problems.done() {
        Err(market::Refusal::Invalid(problems)) => problems,
        _ => Vec::new(),
    };
    Ok((input, problems))
}

/// Where a bounty of the asker's may come from.
///
/// # Errors
/// Faults.
pub(super) async fn sources(v: &Visit, market: &Market) -> Result<Vec<Choice>, Failure> {
    let mut choices = vec![Choice::new("person", v.t(key("source-person")))];
    let asset = market.asset();
    for programme in market.programmes_i_may_draw_on(&v.actor).await? {
        let balance = super::kit::tokens(asset, programme.balance);
        let text = v.t2(key("source-programme"), "name", &programme.name, "balance", balance);
        choices.push(Choice::new(format!("programme:{}", programme.id), text));
    }
    let led = v.asker().map(|asker| asker.leads.clone()).unwrap_or_default();
    let mut wanted = Wanted::default();
    wanted.units(led.iter().copied());
    let names = wanted.names(v, market).await?;
    for unit in led {
        let text = v.t1(key("source-unit"), "name", names.unit(unit).text);
        choices.push(Choice::new(format!("unit:{unit}"), text));
    }
    Ok(choices)
}

/// The source that a form names.
///
/// # Errors
/// [`Code::BadChoice`] for anything else.
pub(super) fn source(text: &str) -> Result<Source, Code> {
    let wrong = |_| Code::BadChoice;
    match text.split_once(':') {
        None if text == "person" => Ok(Source::Person),
        Some(("programme", id)) => Ok(Source::Programme(id.parse().map_err(wrong)?)),
        Some(("unit", id)) => Ok(Source::Unit(id.parse().map_err(wrong)?)),
        _ => Err(Code::BadChoice),
    }
}

/// How a form names a source. Another person's wallet can't be named; the asker's own stands in.
pub(super) fn source_value(v: &Visit, source: TaskSource) -> String {
    match source {
        TaskSource::Programme(id) => format!("programme:{id}"),
        TaskSource::Unit(id) => format!("unit:{id}"),
        TaskSource::Person(id) if v.actor.id() == Some(id) => "person".to_owned(),
        TaskSource::Person(_) => String::new(),
    }
}

/// The plan chosen, from the fields that belong to it; what stands in those of the others is left alone.
fn plan(form: &Form, asset: &AssetView, problems: &mut Problems) -> Option<PrizePlan> {
    let prizes = list(form.value("rules.prizes"));
    match form.value("rules.plan") {
        "winner" => Some(PrizePlan::WinnerTakesAll),
        "shares" => {
            let shares = problems.keep("rules.prizes", prizes.map(basis_points).collect());
            shares.map(|shares| PrizePlan::Ranked(Prizes::Shares(shares)))
        }
        "amounts" => {
            let read = |piece: &str| {
                Amount::parse(piece, asset.scale).map_err(|_| Code::BadAmount { decimals: asset.scale.get() })
            };
            let amounts = problems.keep("rules.prizes", prizes.map(read).collect());
            amounts.map(|amounts| PrizePlan::Ranked(Prizes::Amounts(amounts)))
        }
        "threshold" => {
            let places = form.given(PLACES).ok_or(Code::Required).and_then(|text| whole(text, 100));
            let places = problems.keep(PLACES, places);
            let prize = problems.keep(PRIZE, amount(form, PRIZE, asset));
            Some(PrizePlan::Threshold { places: places?, prize: prize? })
        }
        "proportional" => {
            let cap = problems.keep(CAP, form.given(CAP).map(basis_points).transpose())?;
            Some(PrizePlan::Proportional { cap })
        }
        "metered" => {
            let per_event = problems.keep(EVENT, amount(form, EVENT, asset))?;
            Some(PrizePlan::Metered { per_event })
        }
        _ => {
            problems.add("rules.plan", Code::BadChoice);
            None
        }
    }
}

/// The start prize, if either of its fields has something in it.
fn start_prize(form: &Form, asset: &AssetView, problems: &mut Problems) -> Option<Option<StartPrize>> {
    let (each, pool) = ("rules.start.each", "rules.start.pool");
    if form.given(each).or(form.given(pool)).is_none() {
        return Some(None);
    }
    let each = problems.keep(each, amount(form, each, asset));
    let pool = problems.keep(pool, amount(form, pool, asset));
    Some(Some(StartPrize { each: each?, pool: pool? }))
}

/// The growth of the pot, if any of its fields has something in it.
fn growth(form: &Form, asset: &AssetView, problems: &mut Problems) -> Option<Option<Growth>> {
    let (reserve, per_event, label) =
        ("rules.growth.reserve", "rules.growth.per_event", "rules.growth.label");
    if form.given(reserve).or(form.given(per_event)).or(form.given(label)).is_none() {
        return Some(None);
    }
    let reserve = problems.keep(reserve, amount(form, reserve, asset));
    let per_event = problems.keep(per_event, amount(form, per_event, asset));
    Some(Some(Growth { reserve: reserve?, per_event: per_event?, label: form.value(label).to_owned() }))
}

async fn judges(
    v: &Visit,
    market: &Market,
    form: &Form,
    problems: &mut Problems,
) -> Result<Option<Judging>, Failure> {
    let panel = match form.value("rules.judging") {
        "judges" => None,
        "panel" => Some(()),
        "metric" => return Ok(task_metric::read(form, problems)),
        "vote" => return task_vote::read(v, market, form, problems).await,
        _ => return Ok(Some(Judging::Poster)),
    };
    let mut judges = Vec::new();
    for handle in list(form.value("rules.judges")).take(50) {
        match person(v, market, handle).await? {
            Some(judge) => judges.push(judge),
            None => {
                problems.add("rules.judges", Code::NoSuchPerson);
                return Ok(None);
            }
        }
    }
    Ok(match panel {
        Some(()) => panel_input::read(form, judges, problems).map(Judging::Panel),
        None => Some(Judging::Judges(judges)),
    })
}

/// The person of a handle as people type it, with or without an at sign.
///
/// # Errors
/// Faults.
pub(super) async fn person(v: &Visit, market: &Market, typed: &str) -> Result<Option<PersonId>, Failure> {
    let handle = typed.trim().trim_start_matches('@').to_ascii_lowercase();
    if super::kit::name(&handle).is_err() {
        return Ok(None);
    }
    match market.person_by_handle(&v.actor, &handle).await {
        Ok(person) => Ok(Some(person.id)),
        Err(market::Refusal::NotFound) => Ok(None),
        Err(refusal) => Err(refusal.into()),
    }
}

/// A whole number from nought to `most`.
pub(super) fn whole(text: &str, most: u32) -> Result<u32, Code> {
    let fits = (1..=9).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    let number = text.parse::<u32>().ok().filter(|number| fits && *number <= most);
    number.ok_or_else(|| Code::OutOfRange { min: "0".to_owned(), max: most.to_string() })
}

/// The pieces between commas (of either kind), semicolons and line ends.
pub(super) fn list(text: &str) -> impl Iterator<Item = &str> {
    text.split([',', '，', '、', ';', '；', '\n', ' ']).map(str::trim).filter(|piece| !piece.is_empty())
}

fn join(pieces: impl Iterator<Item = String>) -> String {
    pieces.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_may_be_separated_as_people_do_it() {
        assert_eq!(list("60，25、15").collect::<Vec<_>>(), ["60", "25", "15"]);
        assert_eq!(list(" a, b;\nc ,, ").collect::<Vec<_>>(), ["a", "b", "c"]);
    }

    #[test]
    fn a_source_is_one_of_three() {
        assert!(matches!(source("person"), Ok(Source::Person)));
        assert!(matches!(source("unit:00000000-0000-0000-0000-000000000001"), Ok(Source::Unit(_))));
        for wrong in ["", "person:1", "unit:", "unit:x", "treasury", "programme:%00"] {
            assert!(source(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn whole_numbers_are_whole() {
        assert_eq!(whole("72", 100), Ok(72));
        for wrong in ["", "-1", "+1", "1.0", "101", "9999999999", "１"] {
            assert!(whole(wrong, 100).is_err(), "{wrong}");
        }
    }
}
