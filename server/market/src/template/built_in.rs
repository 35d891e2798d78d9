//! Templates that every installation has: races that research and practice speak for.
//!
//! Promises: whatever begins with one of them can be saved once it has a title, a brief and a bounty. Must never:
//! name a person, or an amount of tokens.

use super::TemplateInput;
use crate::submission::{EvidenceItem, EvidenceKind};
use crate::task::{DeadHeat, PrizePlan, Prizes, Rules, Score, Visibility};

const DAY: u32 = 86_400;

/// A template that is always there, by its name in the address; what it is called and why is for the pages to
/// say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BuiltIn {
    /// Its name in an address: small letters and hyphens.
    pub slug: &'static str,
    /// What it keeps; without a name.
    pub input: TemplateInput,
}

/// All of them, the one for most races first.
#[must_use]
pub fn built_in() -> Vec<BuiltIn> {
    let half = Score::new(6_000).ok();
    vec![
        // Several prizes keep more teams trying (Moldovanu, Sela 2001).
        one("several-prizes", Visibility::Internal, 14 * DAY, Rules::default()),
        // Haier's order-grabbing: speed is the aim, so the earliest wins.
        one(
            "first-to-do-it",
            Visibility::Internal,
            7 * DAY,
            Rules {
                plan: PrizePlan::WinnerTakesAll,
                dead_heat: DeadHeat::Earliest,
                evidence: vec![EvidenceItem {
                    title: "Where it can be seen to work".to_owned(),
                    asks: EvidenceKind::Link,
                }],
                ..Rules::default()
            },
        ),
        // More rivals raise the best result where the way is uncertain (Boudreau, Lacetera, Lakhani 2011).
        one(
            "open-challenge",
            Visibility::Open,
            30 * DAY,
            Rules {
                plan: PrizePlan::Ranked(Prizes::Shares(vec![5_000, 2_000, 1_000, 1_000, 1_000])),
                mark: half,
                evidence: vec![EvidenceItem {
                    title: "How it was checked".to_owned(),
                    asks: EvidenceKind::Words,
                }],
                ..Rules::default()
            },
        ),
        // Who is good enough is paid, by how good: no dash, no lottery.
        one(
            "by-score",
            Visibility::Internal,
            21 * DAY,
            Rules { plan: PrizePlan::Proportional { cap: Some(5_000) }, mark: half, ..Rules::default() },
        ),
    ]
}

fn one(slug: &'static str, visibility: Visibility, runs_seconds: u32, rules: Rules) -> BuiltIn {
    let (name, brief, criteria) = (String::new(), String::new(), String::new());
    let input = TemplateInput { name, shared: true, brief, criteria, visibility, runs_seconds, rules };
    BuiltIn { slug, input }
}
