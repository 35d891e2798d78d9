//! Templates that every installation has: races that research and practice speak for.
//!
//! Promises: whatever begins with one of them can be saved once it has a title, a brief and a bounty; their instants
//! count from 1970 on, for [`super::moved`]. Must never: name a person, or an amount of tokens.

use super::TemplateInput;
use crate::clock::Moment;
use crate::submission::{EvidenceItem, EvidenceKind};
use crate::task::{DeadHeat, PrizePlan, Prizes, Rules, Score, Silence, Stage, Visibility};

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
        // Elimination raises effort where results are noisy (Fu, Lu 2012).
        one(
            "three-stages",
            Visibility::Internal,
            42 * DAY,
            Rules {
                stages: vec![stage("Idea", 10, 6), stage("Prototype", 28, 3)],
                freeze_seconds: Some(2 * DAY),
                evidence: vec![EvidenceItem {
                    title: "How it was checked".to_owned(),
                    asks: EvidenceKind::Words,
                }],
                ..Rules::default()
            },
        ),
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
    // Nobody who takes part waits for ever, see `design/market.md`.
    let rules = Rules { silence: Some(Silence::default()), ..rules };
    let input = TemplateInput { name, shared: true, brief, criteria, visibility, runs_seconds, rules };
    BuiltIn { slug, input }
}

/// A stage that ends on a day, after which so many go on.
fn stage(name: &str, day: i64, keep: u32) -> Stage {
    Stage {
        name: name.to_owned(),
        ends_at: Moment(0).plus_seconds(day * i64::from(DAY)),
        judge_seconds: 3 * DAY,
        mark: None,
        keep: Some(keep),
        gate: None,
        prizes: None,
    }
}
