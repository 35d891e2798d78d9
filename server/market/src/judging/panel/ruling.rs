//! The panel's ruling: made by the rules as soon as the sheets allow it, by the last judge who locks or by
//! the clock.
//!
//! Must never: leave room for anybody to place a lane.

use serde_json::json;

use super::board::Board;
use super::sums::places;
use crate::award::Score;
use crate::error::Result;
use crate::ids::{EntryId, PersonId, RulingId};
use crate::judging::RulingLine;
use crate::judging::give::{Decision, Giver, give, settled, standings};
use crate::notice::{Event, Kind, notify};
use crate::policy::{Permit, RaceFacts};
use crate::race;
use crate::store::Scope;
use crate::task::{self, Task};

/// Comes to the panel's ruling, for the clock, when its sheets are due.
pub(crate) async fn rule_panel(scope: &Scope<'_>, leave: &Permit<RaceFacts>, task: &Task) -> Result<()> {
    let facts = task::facts(scope.txn, task, scope.now).await?;
    rule_if_ready(scope, leave, task, &facts).await.map(drop)
}

/// Gives the ruling, if the sheets allow it.
pub(super) async fn rule_if_ready(
    scope: &Scope<'_>,
    leave: &Permit<RaceFacts>,
    task: &Task,
    facts: &RaceFacts,
) -> Result<Option<RulingId>> {
    let board = Board::load(scope.txn, task, facts).await?;
    if !board.is_ready(scope.now) {
        return Ok(None);
    }
    let lines = lines(&board);
    let standings = standings(scope.txn, task).await?;
    let settlement = settled(task, standings, &lines);
    let by = match last_locker(&board) {
        Some(judge) => Giver::Person(judge),
        None => Giver::Clock(Kind::RaceRuled, json!({ "by": "clock", "lanes": 0 })),
    };
    // The sheets speak for themselves: the pages say in the reader's language that a panel ruled.
    let decision = Decision { by, summary: String::new(), lines, settlement };
    give(scope, leave, task, decision).await.map(Some)
}

/// Places by total; as reasons what the judges wrote.
fn lines(board: &Board) -> Vec<RulingLine> {
    let totals = board.totals();
    let places = places(&totals.iter().map(|(_, total)| *total).collect::<Vec<_>>());
    let line = |((entry, total), place): ((EntryId, Score), u32)| RulingLine {
        entry,
        place: Some(place),
        score: Some(total),
        reason: board.comments(entry).join("\n\n"),
    };
    totals.into_iter().zip(places).map(line).collect()
}

fn last_locker(board: &Board) -> Option<PersonId> {
    let locked = board.sheets.iter().filter(|sheet| sheet.locked_at.is_some());
    let last = locked.max_by_key(|sheet| (sheet.locked_at, sheet.id));
    last.map(|sheet| sheet.judge)
}

/// Tells those in charge and the crews when a lane has no judge left who can score it.
pub(crate) async fn tell_orphans(
    scope: &Scope<'_>,
    leave: &Permit<RaceFacts>,
    task: &Task,
    facts: &RaceFacts,
) -> Result<()> {
    if !scope.tells || task.rules.judging.panel().is_none() {
        return Ok(());
    }
    let board = Board::load(scope.txn, task, facts).await?;
    if board.orphans().is_empty() {
        return Ok(());
    }
    // Without a name: who is told must not learn whose lane it is, or who is tied to it.
    let event = Event::of(leave, Kind::JudgeWanted).task(task.id).with(|facts| facts.person = None);
    let event = event.to([task.poster]).to(facts.programme_owner);
    notify(scope, event.to(race::riders_of(scope.txn, task.id).await?)).await
}
