//! What an amendment changes, line by line.
//!
//! Promises: a pure function of what is frozen and what is proposed; every place at which their JSON differs is
//! named, and nothing else. Must never: decide whether the change may be made.

use serde::Serialize;
use serde_json::Value;

use super::Amended;

/// Texts of more lines are shown whole, old before new: looking for what they have in common would take too long.
const MOST_CELLS: usize = 1_000_000;

/// One place at which the rules differ.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Change {
    /// Where, as in the frozen JSON: `rules.plan.ranked.shares.0`.
    pub path: String,
    /// What stands there now; `None` where nothing does.
    pub before: Option<String>,
    /// What would; `None` where nothing would.
    pub after: Option<String>,
}

/// What became of a line of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LineKind {
    /// It stays.
    Kept,
    /// It goes.
    Gone,
    /// It comes.
    New,
}

/// A line of a text that is amended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// What becomes of it.
    pub kind: LineKind,
    /// What it says.
    pub text: String,
}

/// Every place at which they differ, in the order of the frozen JSON. Instants are told in RFC 3339.
pub fn difference(before: &Amended, after: &Amended) -> Vec<Change> {
    let mut changes = Vec::new();
    compare("", &told(before), &told(after), &mut changes);
    changes
}

/// The lines of two texts, what they have in common once: gone lines stand before those that come in their place.
pub fn lines(before: &str, after: &str) -> Vec<Line> {
    let (old, new): (Vec<&str>, Vec<&str>) = (before.lines().collect(), after.lines().collect());
    let head = old.iter().zip(&new).take_while(|(a, b)| a == b).count();
    let tail = old[head..].iter().rev().zip(new[head..].iter().rev()).take_while(|(a, b)| a == b).count();
    let line = |kind, text: &&str| Line { kind, text: (*text).to_owned() };
    let mut out: Vec<Line> = old[..head].iter().map(|text| line(LineKind::Kept, text)).collect();
    out.extend(middle(&old[head..old.len() - tail], &new[head..new.len() - tail]));
    out.extend(old[old.len() - tail..].iter().map(|text| line(LineKind::Kept, text)));
    out
}

/// What is frozen of it, with instants that can be read.
fn told(amended: &Amended) -> Value {
    let mut rules = serde_json::to_value(&amended.rules).unwrap_or_default();
    readable(&mut rules["opens_at"], amended.rules.opens_at.map(|at| at.rfc3339()));
    for (at, stage) in amended.rules.stages.iter().enumerate() {
        readable(&mut rules["stages"][at]["ends_at"], Some(stage.ends_at.rfc3339()));
    }
    serde_json::json!({
        "brief": amended.brief, "closes_at": amended.closes_at.rfc3339(), "criteria": amended.criteria,
        "rules": rules,
    })
}

fn readable(place: &mut Value, text: Option<String>) {
    *place = text.map_or(Value::Null, Value::String);
}

fn compare(path: &str, before: &Value, after: &Value, changes: &mut Vec<Change>) {
    let under = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
    match (before, after) {
        (before, after) if before == after => {}
        (Value::Object(old), Value::Object(new)) => {
            let added = new.keys().filter(|name| !old.contains_key(*name));
            for name in old.keys().chain(added) {
                let part = |all: &serde_json::Map<String, Value>| all.get(name).cloned().unwrap_or_default();
                compare(&under(name), &part(old), &part(new), changes);
            }
        }
        (Value::Array(old), Value::Array(new)) => {
            for at in 0..old.len().max(new.len()) {
                let part = |all: &[Value]| all.get(at).cloned().unwrap_or_default();
                compare(&under(&at.to_string()), &part(old), &part(new), changes);
            }
        }
        (before, after) => {
            let change = Change { path: path.to_owned(), before: text(before), after: text(after) };
            changes.push(change);
        }
    }
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}

/// The lines between what both begin and end with, by their longest common subsequence.
fn middle(old: &[&str], new: &[&str]) -> Vec<Line> {
    let line = |kind, text: &str| Line { kind, text: text.to_owned() };
    let width = new.len() + 1;
    if (old.len() + 1).saturating_mul(width) > MOST_CELLS {
        let gone = old.iter().map(|text| line(LineKind::Gone, text));
        return gone.chain(new.iter().map(|text| line(LineKind::New, text))).collect();
    }
    // common[i][j]: the most lines that old[i..] and new[j..] have in common, in one row after the other.
    let mut common = vec![0_u32; (old.len() + 1) * width];
    for i in (0..old.len()).rev() {
        for j in (0..new.len()).rev() {
            common[i * width + j] = if old[i] == new[j] {
                common[(i + 1) * width + j + 1] + 1
            } else {
                common[(i + 1) * width + j].max(common[i * width + j + 1])
            };
        }
    }
    let (mut i, mut j, mut out) = (0, 0, Vec::new());
    while i < old.len() || j < new.len() {
        if i < old.len() && j < new.len() && old[i] == new[j] {
            out.push(line(LineKind::Kept, old[i]));
            (i, j) = (i + 1, j + 1);
        } else if i < old.len()
            && (j == new.len() || common[(i + 1) * width + j] >= common[i * width + j + 1])
        {
            out.push(line(LineKind::Gone, old[i]));
            i += 1;
        } else {
            out.push(line(LineKind::New, new[j]));
            j += 1;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Moment;
    use crate::task::{PrizePlan, Prizes, Rules};

    fn amended() -> Amended {
        Amended {
            brief: "One.\nTwo.\nThree.".into(),
            criteria: String::new(),
            closes_at: Moment(0),
            rules: Rules::default(),
        }
    }

    #[test]
    fn what_is_the_same_has_no_difference() {
        assert!(difference(&amended(), &amended()).is_empty());
    }

    #[test]
    fn every_place_that_differs_is_named_with_old_and_new() {
        let rules = Rules {
            plan: PrizePlan::Ranked(Prizes::Shares(vec![7_000, 3_000])),
            max_lanes: Some(4),
            ..Rules::default()
        };
        let after = Amended { closes_at: Moment(1_000_000), rules, ..amended() };
        let changes = difference(&amended(), &after);
        let told: Vec<(&str, Option<&str>, Option<&str>)> = changes
            .iter()
            .map(|one| (one.path.as_str(), one.before.as_deref(), one.after.as_deref()))
            .collect();
        assert_eq!(
            told,
            [
                ("closes_at", Some("1970-01-01T00:00:00Z"), Some("1970-01-01T00:00:01Z")),
                ("rules.plan.ranked.shares.0", Some("6000"), Some("7000")),
                ("rules.plan.ranked.shares.1", Some("2500"), Some("3000")),
                ("rules.plan.ranked.shares.2", Some("1500"), None),
                ("rules.max_lanes", None, Some("4")),
            ]
        );
    }

    #[test]
    fn lines_that_stay_are_told_once() {
        let told = |before: &str, after: &str| -> String {
            let sign = |kind| match kind {
                LineKind::Kept => ' ',
                LineKind::Gone => '-',
                LineKind::New => '+',
            };
            let lines = lines(before, after);
            lines.iter().map(|line| format!("{}{};", sign(line.kind), line.text)).collect()
        };
        assert_eq!(told("a\nb\nc", "a\nx\nc"), " a;-b;+x; c;");
        assert_eq!(told("", "a"), "+a;");
        assert_eq!(told("a\nb", "b"), "-a; b;");
        assert_eq!(told("a\nb\nc\nd", "b\nx\nd\ne"), "-a; b;-c;+x; d;+e;");
        assert_eq!(told("a", "a"), " a;");
        let (long, other) = ("x\n".repeat(2_000), "y\n".repeat(2_000));
        assert_eq!(lines(&long, &other).len(), 4_000);
    }
}
