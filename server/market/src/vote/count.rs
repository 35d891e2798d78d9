//! Counting, by the clock, once people can vote no more.
//!
//! Promises: every ballot is on the ledger, without names and in an order that tells nothing, before the ruling
//! that follows from them. Must never: count early, or twice.

use ledger::RecordKind;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{VotesFor, rules, tables};
use crate::actor::Actor;
use crate::books::{self, label};
use crate::error::Result;
use crate::ids::{EntryId, TaskId};
use crate::judging::{Decision, Giver, RulingLine, give, ruler_of, settled, standings};
use crate::market::Market;
use crate::policy::{Act, permit};
use crate::store::{Command, Scope};
use crate::task::{self, Judging, TaskState};

/// Counts the votes of a race and rules it. Asked for by the clockwork only, and answers `false` when there is
/// nothing to do.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct CountVotes {
    task: TaskId,
}

impl Market {
    /// Counts the votes of a race, if it is time.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn count_votes(&self, task: TaskId) -> Result<bool> {
        self.run(&Actor::Clockwork, CountVotes { task }).await
    }
}

impl Command for CountVotes {
    type Output = bool;
    const ACT: Act = Act::KeepTime;

    async fn run(&self, asker: &Actor, scope: &Scope<'_>) -> Result<bool> {
        let task = task::tables::lock(scope.txn, self.task).await?;
        let leave = permit(asker, Self::ACT, &task::facts(scope.txn, &task, scope.now).await?)?;
        let Judging::Vote(vote) = &task.rules.judging else { return Ok(false) };
        let ruled = ruler_of(scope.txn, task.id).await?.is_some();
        let early = scope.now < vote.closes_at(task.closes_at);
        let unstopped = task.judging_since.is_none();
        if task.state(scope.now) != TaskState::Judging || unstopped || ruled || early {
            return Ok(false);
        }
        let standings = standings(scope.txn, &task).await?;
        if standings.is_empty() {
            return Ok(false);
        }
        let at = task::clockwork::measured(scope, &leave, &task).await?;
        let scope = &Scope { now: at, ..*scope };
        let entries: Vec<EntryId> = standings.iter().map(|standing| standing.entry).collect();
        let mut ballots = tables::ballots(scope.txn, task.id).await?;
        ballots.sort();
        let tally = rules::tally(&entries, &ballots);
        let said = json!({ "ballot": vote.ballot, "ballots": ballots, "tally": tally }).to_string();
        let said = said.into_bytes();
        books::deposit(scope, &leave, task.id.0, RecordKind::Evidence, label::BALLOTS, said).await?;
        let lines = lines(&tally, ballots.len());
        let settlement = settled(&task, standings, &lines);
        let summary = summary(ballots.len());
        give(scope, &leave, &task, Decision { by: Giver::Person(task.poster), summary, lines, settlement })
            .await?;
        Ok(true)
    }
}

fn lines(tally: &[VotesFor], ballots: usize) -> Vec<RulingLine> {
    let line = |(one, place): (&VotesFor, Option<u32>)| RulingLine {
        entry: one.entry,
        place,
        score: None,
        reason: format!(
            "{votes} votes on {ballots} ballots. {ballots} 张选票中得 {votes} 票。",
            votes = one.votes
        ),
    };
    tally.iter().zip(rules::places(tally)).map(line).collect()
}

fn summary(ballots: usize) -> String {
    format!(
        "Counted by the server: {ballots} ballots. All of them are on the ledger without names, so that anybody \
         can count them again.\n\n由服务器计票：共 {ballots} 张选票，已不记名存于账本，任何人都可重新计票。"
    )
}
