//! Voting.

use serde::{Deserialize, Serialize};

use super::tables;
use super::{VotesFor, rules};
use crate::actor::Actor;
use crate::error::{Code, Refusal, Result};
use crate::ids::{EntryId, TaskId};
use crate::judging::{ruler_of, standings};
use crate::policy::{Act, permit};
use crate::store::{Command, Scope};
use crate::task::{self, Judging, TaskState};

/// Casts the asker's ballot, or changes it, while people vote; without votes it is taken back.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct CastBallot {
    /// The task.
    pub task: TaskId,
    /// The votes, each entry at most once.
    pub votes: Vec<VotesFor>,
}

impl Command for CastBallot {
    type Output = ();
    const ACT: Act = Act::CastBallot;

    async fn run(&self, asker: &Actor, scope: &Scope<'_>) -> Result<()> {
        if matches!(asker, Actor::Visitor) {
            return Err(Refusal::Unauthenticated);
        }
        let task = task::tables::lock(scope.txn, self.task).await?;
        let leave = permit(asker, Self::ACT, &task::facts(scope.txn, &task, scope.now).await?)?;
        let Judging::Vote(vote) = &task.rules.judging else { return Err(Refusal::NotFound) };
        match task.state(scope.now) {
            TaskState::Open => return Err(Refusal::because(Code::NotYetClosed)),
            TaskState::Judging if scope.now < vote.closes_at(task.closes_at) => {}
            _ => return Err(Refusal::because(Code::VoteClosed)),
        }
        if ruler_of(scope.txn, task.id).await?.is_some() {
            return Err(Refusal::because(Code::VoteClosed));
        }
        let standings = standings(scope.txn, &task).await?;
        let entries: Vec<EntryId> = standings.iter().map(|standing| standing.entry).collect();
        rules::check_ballot(vote.ballot, &entries, &self.votes)?;
        let person = leave.by().ok_or(Refusal::Unauthenticated)?;
        let mut votes = self.votes.clone();
        votes.sort();
        tables::cast(scope.txn, &leave, (task.id, person), &votes, scope.now).await
    }
}
