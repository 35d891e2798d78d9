//! Where a panel stands: who scores what, who has locked, and what it comes to.
//!
//! Promises: everything that decides about a panel decides by one of these. Must never: be shown as it is.

use std::collections::BTreeSet;

use sea_orm::ConnectionTrait;

use super::sums::{self, Spread};
use super::ties::Ties;
use super::{Panel, Round, Sheet, tables};
use crate::award::{Score, Standing};
use crate::clock::Moment;
use crate::error::{Refusal, Result};
use crate::ids::{EntryId, PersonId};
use crate::judging::give;
use crate::policy::RaceFacts;
use crate::task::Task;

/// Where a panel stands.
pub(super) struct Board {
    pub(super) panel: Panel,
    /// The entries that are scored: those that have handed in and are still in the race.
    pub(super) entries: Vec<Standing>,
    /// Every judge, those named later too.
    pub(super) judges: Vec<PersonId>,
    /// Who can't score what.
    pub(super) barred: BTreeSet<(EntryId, PersonId)>,
    /// Every round so far; the last is the present one.
    pub(super) rounds: Vec<Round>,
    /// Every sheet so far, drafts too.
    pub(super) sheets: Vec<Sheet>,
}

impl Board {
    /// Reads it. `facts` are those of the race.
    pub(super) async fn load(db: &impl ConnectionTrait, task: &Task, facts: &RaceFacts) -> Result<Self> {
        let panel = task.rules.judging.panel().ok_or_else(|| Refusal::fault("a board without a panel"))?;
        let mut rounds = tables::rounds_of(db, task.id).await?;
        if rounds.is_empty() {
            rounds.push(Round { number: 1, criterion: None, due: panel.due(task.closes_at) });
        }
        Ok(Self {
            panel: panel.clone(),
            entries: give::standings(db, task).await?,
            judges: facts.judges.clone(),
            barred: Ties::load(db, &[(task.id, facts)]).await?.barred(task.id, facts),
            rounds,
            sheets: tables::sheets_of(db, task.id).await?,
        })
    }

    /// The present round.
    pub(super) fn round(&self) -> Result<Round> {
        self.rounds.last().copied().ok_or_else(|| Refusal::fault("a panel without a round"))
    }

    /// The lanes that this judge scores.
    pub(super) fn scorable(&self, judge: PersonId) -> Vec<&Standing> {
        self.entries.iter().filter(|entry| !self.barred.contains(&(entry.entry, judge))).collect()
    }

    /// Lanes that no judge can score.
    pub(super) fn orphans(&self) -> Vec<EntryId> {
        let lacks =
            |entry: &&Standing| self.judges.iter().all(|judge| self.barred.contains(&(entry.entry, *judge)));
        self.entries.iter().filter(lacks).map(|entry| entry.entry).collect()
    }

    /// This judge's sheet of the present round, if begun.
    pub(super) fn own(&self, judge: PersonId) -> Option<&Sheet> {
        let round = self.rounds.last()?.number;
        self.sheets.iter().find(|sheet| sheet.judge == judge && sheet.round == round)
    }

    /// Locked sheets of the present round.
    fn locked(&self) -> impl Iterator<Item = &Sheet> {
        let round = self.rounds.last().map_or(0, |round| round.number);
        self.sheets.iter().filter(move |sheet| sheet.round == round && sheet.locked_at.is_some())
    }

    /// Whether the panel can come to its ruling: each lane is scored by somebody, and all have locked who can
    /// score any, or the sheets are due and as many have locked as the rules ask for.
    pub(super) fn is_ready(&self, now: Moment) -> bool {
        let Some(round) = self.rounds.last() else { return false };
        let waited: Vec<PersonId> =
            self.judges.iter().copied().filter(|judge| !self.scorable(*judge).is_empty()).collect();
        let locked = self.locked().count();
        let all = waited.iter().all(|judge| self.locked().any(|sheet| sheet.judge == *judge));
        let needed = usize::try_from(self.panel.quorum).unwrap_or(usize::MAX).min(waited.len()).max(1);
        let scored = self.entries.iter().all(|entry| {
            self.locked().any(|sheet| sheet.marks.contains_key(&entry.entry))
                && self.total(entry.entry).is_some()
        });
        if self.entries.is_empty() {
            // All were returned unread: nothing is left to score, and their crews can appeal against that.
            return now >= round.due;
        }
        scored && locked >= 1 && (all || (now >= round.due && locked >= needed))
    }

    /// What the judges gave an entry, for each line of the rubric: from locked sheets of the newest round
    /// that scored it.
    pub(super) fn scores(&self, entry: EntryId) -> Vec<Vec<Score>> {
        let of = |criterion: usize| {
            let round =
                self.rounds.iter().rev().find(|round| round.asks(criterion)).map(|round| round.number);
            let sheets =
                self.sheets.iter().filter(|sheet| sheet.locked_at.is_some() && Some(sheet.round) == round);
            sheets.filter_map(|sheet| *sheet.marks.get(&entry)?.scores.get(criterion)?).collect()
        };
        (0..self.panel.rubric.len()).map(of).collect()
    }

    /// What an entry comes to, once each criterion was scored.
    pub(super) fn total(&self, entry: EntryId) -> Option<Score> {
        sums::total(&self.panel.rubric, &self.scores(entry), self.panel.combine)
    }

    /// What all entries come to; entries that somebody has not scored on some criterion are left out.
    pub(super) fn totals(&self) -> Vec<(EntryId, Score)> {
        let total = |entry: &Standing| Some((entry.entry, self.total(entry.entry)?));
        self.entries.iter().filter_map(total).collect()
    }

    /// How far the judges are apart, for each line of the rubric.
    pub(super) fn spreads(&self, entry: EntryId) -> Vec<Option<Spread>> {
        self.scores(entry).iter().map(|scores| sums::spread(scores, self.panel.combine)).collect()
    }

    /// The judges' comments on an entry, in the order of their sheets, of all rounds that were locked.
    pub(super) fn comments(&self, entry: EntryId) -> Vec<&str> {
        let locked = self.sheets.iter().filter(|sheet| sheet.locked_at.is_some());
        locked.filter_map(|sheet| Some(sheet.marks.get(&entry)?.comment.as_str())).collect()
    }
}
