//! Stages as data: when each ends, what it pays, and who goes on.
//!
//! Promises: whatever was frozen once can be read for ever; what the stages set aside and what is left for the
//! end are the bounty. Must never: pay or cut; that is the clock's and `judging`'s.

use ledger::Amount;
use serde::{Deserialize, Serialize};

use super::{PrizePlan, Rules, Score, Task, Terms, rules};
use crate::clock::Moment;
use crate::error::{Code, Problems, Refusal, Result};
use crate::text;

const DAY: u32 = 86_400;
const MOST_STAGES: usize = 8;

/// A part of a race with an end of its own, before the race's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stage {
    /// What it is called: 1 to 60 characters.
    pub name: String,
    /// When it ends: what comes at this instant belongs to the next.
    pub ends_at: Moment,
    /// Seconds in which whoever judges gives the scores; after that the clock cuts by the scores that there are.
    pub judge_seconds: u32,
    /// The least score that counts in this stage: below it a lane gets no prize and does not go on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mark: Option<Score>,
    /// So many lanes go on at most; all that tie on the line do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keep: Option<u32>,
    /// Where fewer lanes meet the mark, the race stops here and what is left goes back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gate: Option<u32>,
    /// What it pays, at once, by its own places.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prizes: Option<StagePrizes>,
}

/// What a stage pays.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StagePrizes {
    /// What is set aside of the bounty. What nobody reached of it goes back when the race ends.
    pub pot: Amount,
    /// How the pot becomes prizes.
    pub plan: PrizePlan,
}

impl Stage {
    /// The last instant before which scores may be given.
    pub fn judged_until(&self) -> Moment {
        self.ends_at.plus_seconds(i64::from(self.judge_seconds))
    }

    /// Whether it closes any lanes at all.
    pub fn cuts(&self) -> bool {
        self.mark.is_some() || self.keep.is_some() || self.gate.is_some()
    }

    /// What is set aside for it.
    pub fn pot(&self) -> Amount {
        self.prizes.as_ref().map_or(Amount::ZERO, |prizes| prizes.pot)
    }

    /// The rules of a race that pays as this stage does, for its token table.
    #[must_use]
    pub fn alone(&self, rules: &Rules) -> Rules {
        let terms = self.terms(rules);
        Rules {
            plan: terms.plan.clone(),
            mark: terms.mark,
            dead_heat: terms.dead_heat,
            unreached: terms.unreached,
            ..Rules::default()
        }
    }

    /// What settling it looks at, with a plan for where it pays nothing.
    pub(crate) fn terms<'r>(&'r self, rules: &'r Rules) -> Terms<'r> {
        Terms {
            plan: self.prizes.as_ref().map_or(&PrizePlan::WinnerTakesAll, |prizes| &prizes.plan),
            mark: self.mark,
            dead_heat: rules.dead_heat,
            unreached: rules.unreached,
            start: None,
            held: Amount::ZERO,
        }
    }
}

impl Rules {
    /// What the stages, and those who left on an amendment, leave of a bounty for the end.
    pub fn final_pot(&self, bounty: Amount) -> Amount {
        let departed = self.departed.unwrap_or(Amount::ZERO);
        let set_aside = self.stages.iter().map(Stage::pot).chain([departed]);
        set_aside.fold(bounty, |left, pot| left.checked_sub(pot).unwrap_or(Amount::ZERO))
    }

    /// When what others hand in and how they stand is not shown any more, before the end of the stage that
    /// runs at `now` or of the race.
    pub fn board_frozen_since(&self, closes_at: Moment, now: Moment) -> Option<Moment> {
        let freeze = self.freeze_seconds?;
        let ends = self.stages.iter().map(|stage| stage.ends_at).find(|end| *end > now).unwrap_or(closes_at);
        let since = ends.plus_seconds(-i64::from(freeze));
        (now >= since && now < ends).then_some(since)
    }
}

impl Task {
    /// The stage that is to be judged or will be next, from 1.
    pub(crate) fn next_stage(&self) -> Option<(u32, &Stage)> {
        let stage = self.rules.stages.get(usize::try_from(self.stages_done).unwrap_or(usize::MAX))?;
        Some((self.stages_done + 1, stage))
    }

    /// The end of the newest stage that has ended, if one has: what was handed in before may be judged.
    pub(crate) fn stage_ended_at(&self, now: Moment) -> Option<Moment> {
        self.rules.stages.iter().map(|stage| stage.ends_at).filter(|end| *end <= now).max()
    }

    /// When the stage of this number began.
    pub(crate) fn stage_began(&self, stage: u32) -> Moment {
        let before = stage.checked_sub(2).and_then(|at| self.rules.stages.get(usize::try_from(at).ok()?));
        before.map(|stage| stage.ends_at).or(self.published_at).unwrap_or(self.created_at)
    }

    /// What has not been paid of the bounty yet.
    pub(crate) fn left(&self) -> Amount {
        self.bounty.checked_sub(self.paid).unwrap_or(Amount::ZERO)
    }
}

/// Refuses to take on lanes once a stage has ended.
pub(crate) fn check_entering(task: &Task, now: Moment) -> Result<()> {
    super::check_running(task.state(now))?;
    if task.stage_ended_at(now).is_some() {
        return Err(Refusal::because(Code::StageOver));
    }
    Ok(())
}

/// Refuses work before the race has opened and after it has closed.
pub(crate) fn check_submitting(task: &Task, now: Moment) -> Result<()> {
    super::check_running(task.state(now))?;
    match task.rules.opens_at {
        Some(opens) if now < opens => Err(Refusal::because(Code::NotYetOpen)),
        _ => Ok(()),
    }
}

/// Notes what is wrong with what a poster wrote; the pot that is left for the end.
pub(super) fn check(
    problems: &mut Problems,
    all: &Rules,
    (bounty, closes_at, now): (Amount, Moment, Moment),
) -> Amount {
    let many = Code::TooManyItems { max: MOST_STAGES };
    problems.check(all.stages.len() > MOST_STAGES, "rules.stages", many);
    let late = all.opens_at.is_some_and(|opens| opens >= first_end(all, closes_at));
    problems.check(late, "rules.opens_at", Code::StagesOutOfOrder);
    let range = |min: u32, max: u32| Code::OutOfRange { min: min.to_string(), max: max.to_string() };
    let frozen = all.freeze_seconds.is_some_and(|seconds| !(1..=30 * DAY).contains(&seconds));
    problems.check(frozen, "rules.freeze_seconds", range(1, 30 * DAY));
    let mut before = now;
    for (at, stage) in all.stages.iter().take(MOST_STAGES).enumerate() {
        let field = |part: &str| format!("rules.stages.{at}.{part}");
        text::line(problems, &field("name"), &stage.name, 60);
        problems.check(stage.ends_at <= before, field("ends_at"), Code::StagesOutOfOrder);
        problems.check(stage.judge_seconds > 30 * DAY, field("judge_seconds"), range(0, 30 * DAY));
        before = stage.judged_until();
        let wrong = |lanes: Option<u32>| lanes.is_some_and(|lanes| !(1..=1_000).contains(&lanes));
        problems.check(wrong(stage.keep), field("keep"), range(1, 1_000));
        problems.check(wrong(stage.gate), field("gate"), range(1, 1_000));
        problems.check(stage.gate.is_some() && stage.mark.is_none(), field("mark"), Code::MarkNeeded);
        if let Some(prizes) = &stage.prizes {
            problems.check(prizes.pot.is_zero(), field("prizes.pot"), Code::AmountZero);
            let alone = Rules { plan: prizes.plan.clone(), mark: stage.mark, ..Rules::default() };
            rules::check_plan(problems, &alone, prizes.pot, Code::PrizesOverPot, &field("prizes."));
        }
    }
    problems.check(!all.stages.is_empty() && before > closes_at, "closes_at", Code::StagesOutOfOrder);
    let left = all.final_pot(bounty);
    let over = left.is_zero() && all.stages.iter().any(|stage| !stage.pot().is_zero());
    problems.check(over && !bounty.is_zero(), "rules.stages", Code::StagePotsTooLarge);
    left
}

fn first_end(rules: &Rules, closes_at: Moment) -> Moment {
    rules.stages.first().map_or(closes_at, |stage| stage.ends_at)
}
