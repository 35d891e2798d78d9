//! The rules of a race in plain words.
//!
//! Promises: whatever decides who is paid is said. Must never: work out a prize; see `outcomes`.

use market::AssetView;
use market::task::{
    Combine, DeadHeat, Judging, Panel, PrizePlan, Prizes, Rules, StartPrize, Unreached, Visibility,
};

use super::entry_rules;
use super::evidence;
use super::kit::{Fact, Link, tokens};
use super::names::Names;
use super::{task_metric, task_silence, task_vote};
use crate::format;
use crate::i18n::key;
use crate::visit::Visit;

/// The rules, one fact each.
pub fn facts(
    v: &Visit,
    rules: &Rules,
    visibility: Visibility,
    asset: &AssetView,
    names: &Names,
    poster: Link,
) -> Vec<Fact> {
    let say = |name: &'static str| v.t(name).into_owned();
    let mut facts = vec![Fact::new(say(key("rule-plan")), plan(v, rules, asset))];
    if let Some(start) = rules.start {
        facts.push(Fact::new(say(key("rule-start")), start_prize(v, start, asset)));
    }
    if let Some(growth) = &rules.growth {
        let said = [
            v.t1(key("rule-growth-text"), "reserve", tokens(asset, growth.reserve)).into_owned(),
            v.t2(key("rule-growth-each"), "each", tokens(asset, growth.per_event), "label", &growth.label)
                .into_owned(),
        ];
        facts.push(Fact::new(say(key("rule-growth")), said.join(v.t(key("sentence-gap")).as_ref())));
    }
    if let Some(mark) = rules.mark {
        facts.push(Fact::new(say(key("rule-mark")), v.t1(key("rule-mark-text"), "mark", mark.format())));
    }
    let dead_heat = match rules.dead_heat {
        DeadHeat::Split => key("rule-dead-heat-split"),
        DeadHeat::Earliest => key("rule-dead-heat-earliest"),
    };
    let unreached = match rules.unreached {
        Unreached::Refund => key("rule-unreached-refund"),
        Unreached::Share => key("rule-unreached-share"),
    };
    let entry = match visibility {
        Visibility::Open => key("rule-entry-open"),
        Visibility::Internal => key("rule-entry-internal"),
    };
    let lanes = match rules.max_lanes {
        Some(most) => v.tn(key("rule-lanes-most"), most),
        None => v.t(key("rule-lanes-any")),
    };
    facts.extend([
        Fact::new(say(key("rule-dead-heat")), v.t(dead_heat)),
        Fact::new(say(key("rule-unreached")), v.t(unreached)),
    ]);
    facts.extend(judging(v, &rules.judging, names, poster));
    if let Some(panel) = rules.judging.panel() {
        facts.extend(panel_facts(v, panel, !rules.stages.is_empty()));
    }
    if rules.feedback {
        facts.push(Fact::new(say(key("rule-feedback")), v.t(key("rule-feedback-text"))));
    }
    facts.extend([
        Fact::new(
            say(key("rule-entry")),
            [v.t(entry), lanes, v.tn(key("rule-crew-most"), rules.max_crew)]
                .join(v.t(key("sentence-gap")).as_ref()),
        ),
        Fact::new(
            say(key("rule-appeal")),
            match rules.appeal_seconds {
                0 => say(key("rule-appeal-none")),
                seconds => v
                    .t1(key("rule-appeal-text"), "time", format::duration(v.locale, u64::from(seconds)))
                    .into_owned(),
            },
        ),
    ]);
    if !rules.evidence.is_empty() {
        facts.push(Fact::new(say(key("rule-evidence")), evidence::told(v, &rules.evidence)));
    }
    facts.extend(task_silence::facts(v, rules.silence.as_ref(), names));
    facts.extend(entry_rules::facts(v, rules, names));
    facts
}

/// The prize plan.
pub(super) fn plan(v: &Visit, rules: &Rules, asset: &AssetView) -> String {
    let places = |prizes: Vec<String>| {
        let named = prizes
            .into_iter()
            .zip(1_u32..)
            .map(|(prize, place)| format!("{} {prize}", v.tn(key("place"), place)));
        format::list(v.locale, &named.collect::<Vec<_>>())
    };
    match &rules.plan {
        PrizePlan::WinnerTakesAll => v.t(key("rule-plan-winner")).into_owned(),
        PrizePlan::Ranked(Prizes::Shares(shares)) => {
            places(shares.iter().map(|share| format::percent(*share)).collect())
        }
        PrizePlan::Ranked(Prizes::Amounts(amounts)) => {
            places(amounts.iter().map(|amount| tokens(asset, *amount).to_string()).collect())
        }
        PrizePlan::Threshold { places, prize } => {
            format!("{} {}", v.tn(key("rule-plan-threshold"), *places), tokens(asset, *prize))
        }
        PrizePlan::Metered { per_event } => {
            v.t1(key("rule-plan-metered"), "each", tokens(asset, *per_event)).into_owned()
        }
        PrizePlan::Proportional { cap } => {
            let by = match rules.mark {
                Some(_) => key("rule-plan-points"),
                None => key("rule-plan-score"),
            };
            let cap = cap.map(|cap| v.t1(key("rule-plan-cap"), "cap", format::percent(cap)).into_owned());
            let said: Vec<String> = [Some(v.t(by).into_owned()), cap].into_iter().flatten().collect();
            said.join(v.t(key("sentence-gap")).as_ref())
        }
    }
}

fn start_prize(v: &Visit, start: StartPrize, asset: &AssetView) -> String {
    [
        v.t1(key("rule-start-each"), "each", tokens(asset, start.each)),
        v.t1(key("rule-start-pool"), "pool", tokens(asset, start.pool)),
    ]
    .join(v.t(key("sentence-gap")).as_ref())
}

fn judging(v: &Visit, judging: &Judging, names: &Names, poster: Link) -> Vec<Fact> {
    let label = v.t(key("rule-judging")).into_owned();
    match judging {
        Judging::Poster => {
            let said = v.t1(key("rule-judging-poster"), "name", poster.text);
            vec![Fact::linked(label, Link::new(said, poster.url))]
        }
        Judging::Metric(measured) => task_metric::facts(v, measured),
        Judging::Vote(vote) => task_vote::facts(v, vote, names),
        Judging::Panel(panel) => {
            let list: Vec<String> = panel.judges.iter().map(|judge| names.person(*judge).text).collect();
            vec![Fact::new(label, v.t1(key("rule-judging-panel"), "names", format::list(v.locale, &list)))]
        }
        Judging::Judges(judges) => {
            let list: Vec<String> = judges.iter().map(|judge| names.person(*judge).text).collect();
            vec![Fact::new(label, v.t1(key("rule-judging-judges"), "names", format::list(v.locale, &list)))]
        }
    }
}

/// What a panel scores and how it comes to a ruling.
fn panel_facts(v: &Visit, panel: &Panel, staged: bool) -> Vec<Fact> {
    let gap = v.t(key("sentence-gap"));
    let weights: u32 = panel.rubric.iter().map(|criterion| criterion.weight).sum();
    let line = |criterion: &market::task::Criterion| {
        let points = u64::from(criterion.weight) * 10_000 / u64::from(weights.max(1));
        let share = format::percent(u32::try_from(points).unwrap_or(0));
        format!("{} {share}", criterion.name)
    };
    let rubric: Vec<String> = panel.rubric.iter().map(line).collect();
    let combine = match panel.combine {
        Combine::Mean => key("rule-panel-mean"),
        Combine::TrimmedMean => key("rule-panel-trimmed"),
    };
    let due = format::duration(v.locale, u64::from(panel.sheet_seconds));
    let mut facts = vec![
        Fact::new(v.t(key("panel-rubric")), format::list(v.locale, &rubric)),
        Fact::new(
            v.t(key("rule-panel")),
            [v.t(combine), v.t2(key("rule-panel-quorum"), "count", panel.quorum, "time", due)]
                .join(gap.as_ref()),
        ),
    ];
    if staged {
        facts.push(Fact::new(v.t(key("rule-panel-stages")), v.t(key("rule-panel-stages-text"))));
    }
    if panel.blind {
        facts.push(Fact::new(v.t(key("rule-blind")), v.t(key("rule-blind-text"))));
    }
    facts
}
