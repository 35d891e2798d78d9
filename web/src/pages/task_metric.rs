//! The part of a task's form, and of its rules in words, that says how the server measures.

use market::board::{MetricKind, MetricRules};
use market::error::{Code, Problems};
use market::task::Judging;

use super::kit::{Choice, Fact, basis_points, percent_typed};
use super::task_input::whole;
use crate::format;
use crate::forms::Form;
use crate::i18n::key;
use crate::visit::Visit;

const METRIC: &str = "rules.metric.metric";
const POSITIVE: &str = "rules.metric.positive";
const DECIMALS: &str = "rules.metric.decimals";
const SHARE: &str = "rules.metric.public_share";
const PER_DAY: &str = "rules.metric.per_day";
const GAIN: &str = "rules.metric.gain";
const FREEZE: &str = "rules.metric.freeze_seconds";

/// The key of the name of a measure.
pub(super) fn name(metric: MetricKind) -> &'static str {
    match metric {
        MetricKind::Accuracy => key("metric-accuracy"),
        MetricKind::F1 => key("metric-f1"),
        MetricKind::F1Macro => key("metric-f1-macro"),
        MetricKind::F1Micro => key("metric-f1-micro"),
        MetricKind::F1Weighted => key("metric-f1-weighted"),
        MetricKind::Rmse => key("metric-rmse"),
        MetricKind::Mae => key("metric-mae"),
        MetricKind::Auc => key("metric-auc"),
        MetricKind::LogLoss => key("metric-log-loss"),
    }
}

/// The measures to choose from.
pub(super) fn choices(v: &Visit) -> Vec<Choice> {
    MetricKind::ALL.into_iter().map(|metric| Choice::new(metric.as_str(), v.t(name(metric)))).collect()
}

/// Fills the fields, with the defaults where the server does not measure.
pub(super) fn fill(form: &mut Form, judging: &Judging) {
    let standard = MetricRules::of(MetricKind::Accuracy);
    let rules = if let Judging::Metric(rules) = judging { rules } else { &standard };
    form.set(METRIC, rules.metric.as_str());
    form.set(POSITIVE, rules.positive.clone().unwrap_or_default());
    form.set(DECIMALS, rules.decimals.to_string());
    form.set(SHARE, percent_typed(rules.public_share));
    form.set(PER_DAY, rules.per_day.to_string());
    form.set(GAIN, rules.gain.clone());
    form.set(FREEZE, (rules.freeze_seconds / 3_600).to_string());
}

/// What was typed.
pub(super) fn read(form: &Form, problems: &mut Problems) -> Option<Judging> {
    let metric = problems.keep(METRIC, form.value(METRIC).parse().map_err(|()| Code::BadChoice));
    let decimals = problems.keep(DECIMALS, whole(form.value(DECIMALS).trim(), 12));
    let public_share = problems.keep(SHARE, basis_points(form.value(SHARE).trim()));
    let per_day = problems.keep(PER_DAY, whole(form.value(PER_DAY).trim(), 100));
    let freeze = problems.keep(FREEZE, whole(form.value(FREEZE).trim(), 30 * 24));
    Some(Judging::Metric(MetricRules {
        metric: metric?,
        positive: form.given(POSITIVE).map(str::to_owned),
        decimals: u8::try_from(decimals?).unwrap_or(u8::MAX),
        public_share: public_share?,
        per_day: per_day?,
        gain: form.value(GAIN).trim().to_owned(),
        freeze_seconds: freeze? * 3_600,
        key: None,
    }))
}

/// The rules of measuring in words.
pub(super) fn facts(v: &Visit, rules: &MetricRules) -> Vec<Fact> {
    let better = if rules.metric.higher_is_better() {
        key("metric-more-is-better")
    } else {
        key("metric-less-is-better")
    };
    let gap = v.t(key("sentence-gap"));
    let mut measure = vec![
        v.t1(key("rule-metric-text"), "metric", v.t(name(rules.metric))).into_owned(),
        v.t(better).into_owned(),
        v.tn(key("rule-metric-decimals"), u32::from(rules.decimals)).into_owned(),
    ];
    if let Some(positive) = &rules.positive {
        measure.push(v.t1(key("rule-metric-positive"), "class", positive).into_owned());
    }
    let split = match &rules.key {
        Some(sealed) => v.t2(key("rule-metric-rows"), "rows", sealed.rows, "public", sealed.public_rows),
        None => v.t1(key("rule-metric-share"), "share", format::percent(rules.public_share)),
    };
    let mut board = vec![
        v.t1(key("rule-metric-gain"), "gain", &rules.gain).into_owned(),
        v.tn(key("rule-metric-per-day"), rules.per_day).into_owned(),
    ];
    if rules.freeze_seconds > 0 {
        let time = format::duration(v.locale, u64::from(rules.freeze_seconds));
        board.push(v.t1(key("rule-metric-freeze"), "time", time).into_owned());
    }
    let mut facts = vec![
        Fact::new(v.t(key("rule-judging")), measure.join(gap.as_ref())),
        Fact::new(v.t(key("rule-metric-split")), split),
        Fact::new(v.t(key("rule-metric-board")), board.join(gap.as_ref())),
    ];
    if let Some(sealed) = &rules.key {
        facts.push(Fact::new(v.t(key("rule-metric-key")), &sealed.digest));
    }
    facts
}
