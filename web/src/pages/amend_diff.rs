//! What an amendment changes, old beside new, in the words of the task's page and as it is frozen.
//!
//! Promises: both sides come from the functions that word the rules of every task, and both prize tables from the one
//! that settles; whatever differs in the frozen JSON is listed too. Must never: leave a difference out.

use market::amendment::{Amended, AmendmentView, LineKind, lines};
use market::race::Who;
use market::task::{Judging, Rules, TaskView};
use market::vote::{VoteRules, Voters};
use market::{AssetView, Market};

use super::kit::{Fact, tokens};
use super::names::{Names, Wanted};
use super::outcomes::{self, Outcomes};
use super::{rules, task_stages};
use crate::errors::Failure;
use crate::format;
use crate::i18n::key;
use crate::visit::Visit;

/// What is different.
#[derive(Debug)]
pub struct DiffBlock {
    /// Times and rules in words, old beside new.
    pub rows: Vec<DiffRow>,
    /// Texts that differ, line by line: the key of what it is, and its lines.
    pub texts: Vec<(&'static str, Vec<TextLine>)>,
    /// What each place is paid before and after, where that differs.
    pub tables: Option<(Outcomes, Outcomes)>,
    /// Every difference as it is frozen: where, before, after.
    pub frozen: Vec<(String, String, String)>,
}

/// A rule that differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DiffRow {
    /// What it is called.
    pub label: String,
    /// What it says before; empty where it says nothing.
    pub before: String,
    /// What it says after.
    pub after: String,
}

/// A line of a text.
#[derive(Debug, Clone)]
pub struct TextLine {
    /// `gone`, `new` or nothing.
    pub class: &'static str,
    /// The key of what becomes of it, for those who don't see colours; empty for a line that stays.
    pub sign: &'static str,
    /// What it says.
    pub text: String,
}

/// Entries that the prize tables imagine.
const IMAGINED: u32 = 4;

/// What this amendment changes.
pub(super) async fn block(
    v: &Visit,
    market: &Market,
    task: &TaskView,
    view: &AmendmentView,
) -> Result<DiffBlock, Failure> {
    let mut wanted = Wanted::default();
    wanted.persons([task.poster]);
    for side in [&view.before, &view.after] {
        name(&mut wanted, &side.rules);
    }
    let names = wanted.names(v, market).await?;
    let asset = market.asset();
    let facts = |side: &Amended| facts(v, asset, task, &names, side);
    let mut texts = Vec::new();
    for (label, old, new) in [
        (key("task-brief"), &view.before.brief, &view.after.brief),
        (key("task-criteria"), &view.before.criteria, &view.after.criteria),
    ] {
        if old != new {
            texts.push((label, lines(old, new).into_iter().map(text_line).collect()));
        }
    }
    let table = |side: &Amended| outcomes::outcomes(v, &side.rules, view.bounty, IMAGINED, asset);
    let prospects = |side: &Amended| market::task::prospect(&side.rules, view.bounty, IMAGINED);
    let paid_otherwise = prospects(&view.before) != prospects(&view.after);
    let frozen = view.changes().into_iter();
    Ok(DiffBlock {
        rows: beside(&facts(&view.before), &facts(&view.after)),
        texts,
        tables: paid_otherwise.then(|| (table(&view.before), table(&view.after))),
        frozen: frozen
            .filter(|change| change.path != "brief" && change.path != "criteria")
            .map(|change| (change.path, change.before.unwrap_or_default(), change.after.unwrap_or_default()))
            .collect(),
    })
}

/// Whom and what rules name.
fn name(wanted: &mut Wanted, rules: &Rules) {
    wanted.persons(rules.judging.named().iter().chain(rules.deputies()).copied());
    if let Who::Units(units) = &rules.entry.who {
        wanted.units(units.iter().copied());
    }
    if let Judging::Vote(VoteRules { voters: Voters::Units(units), .. }) = &rules.judging {
        wanted.units(units.iter().copied());
    }
}

/// Times and rules in words.
fn facts(v: &Visit, asset: &AssetView, task: &TaskView, names: &Names, side: &Amended) -> Vec<Fact> {
    let of = &side.rules;
    let mut facts = vec![Fact::new(v.t(key("field-closes")), v.when(side.closes_at).exact)];
    if let Some(opens) = of.opens_at {
        facts.push(Fact::new(v.t(key("clock-opens")), v.when(opens).exact));
    }
    facts.extend(of.stages.iter().zip(1_u32..).map(|(stage, no)| task_stages::fact(v, asset, of, stage, no)));
    if let Some(seconds) = of.freeze_seconds {
        let time = format::duration(v.locale, u64::from(seconds));
        facts.push(Fact::new(v.t(key("amend-freeze")), time));
    }
    facts.extend(rules::facts(v, of, task.visibility, asset, names, names.person(task.poster)));
    if let Some(terms) = &of.entry.terms {
        facts.push(Fact::new(v.t(key("terms-digest")), hex::encode(terms.digest())));
    }
    if let Some(departed) = of.departed {
        facts.push(Fact::new(v.t(key("rule-departed")), tokens(asset, departed)));
    }
    facts
}

/// Those that differ, by what they are called, old beside new.
fn beside(before: &[Fact], after: &[Fact]) -> Vec<DiffRow> {
    let mut labels: Vec<String> = before.iter().map(|fact| fact.label.clone()).collect();
    labels.extend(
        after
            .iter()
            .map(|fact| fact.label.clone())
            .filter(|label| !before.iter().any(|fact| fact.label == *label)),
    );
    labels.dedup();
    let said = |facts: &[Fact], label: &str| {
        let texts = facts.iter().filter(|fact| fact.label == label).map(|fact| fact.value.text.clone());
        texts.collect::<Vec<_>>().join("; ")
    };
    let rows = labels.into_iter().map(|label| DiffRow {
        before: said(before, &label),
        after: said(after, &label),
        label,
    });
    rows.filter(|row| row.before != row.after).collect()
}

fn text_line(line: market::amendment::Line) -> TextLine {
    let (class, sign) = match line.kind {
        LineKind::Kept => ("", ""),
        LineKind::Gone => ("gone", key("diff-gone")),
        LineKind::New => ("new", key("diff-new")),
    };
    TextLine { class, sign, text: line.text }
}

/// Facts from labels and values, for the sake of tests.
#[cfg(test)]
fn fact(label: &str, value: &str) -> Fact {
    Fact::new(label, value)
}

#[cfg(test)]
pub(super) fn sample(v: &Visit) -> DiffBlock {
    let line = |class, sign, text: &str| TextLine { class, sign, text: text.to_owned() };
    DiffBlock {
        rows: vec![DiffRow {
            label: "Prizes".to_owned(),
            before: "The first <place> gets all.".to_owned(),
            after: "1st 70% and 2nd 30%".to_owned(),
        }],
        texts: vec![(
            key("task-brief"),
            vec![
                line("", "", "Make it fast."),
                line("gone", key("diff-gone"), "Twice <as> fast."),
                line("new", key("diff-new"), "Three times as fast."),
            ],
        )],
        tables: Some((super::task_parts::samples::outcomes(v), super::task_parts::samples::outcomes(v))),
        frozen: vec![("rules.plan".to_owned(), "winner_takes_all".to_owned(), "{\"ranked\":[]}".to_owned())],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_that_differ_stand_beside_each_other_and_the_others_are_left_out() {
        let before = vec![fact("a", "1"), fact("b", "2"), fact("c", "3")];
        let after = vec![fact("a", "1"), fact("b", "4"), fact("d", "5")];
        let row = |label: &str, before: &str, after: &str| DiffRow {
            label: label.into(),
            before: before.into(),
            after: after.into(),
        };
        assert_eq!(beside(&before, &after), [row("b", "2", "4"), row("c", "3", ""), row("d", "", "5")]);
    }
}
