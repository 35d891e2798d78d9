//! Votes: who may, what a ballot holds, what came of it.

use async_graphql::{Context, Enum, ID, InputObject, Object};
use market::vote::{Ballot, CastBallot, VoteRules, VoteView, Voters, VotesFor};
use market::{IdempotencyKey, Result, TaskId};

use crate::convert::Form;
use crate::entry::Entry;
use crate::payload::payloads;
use crate::refusal::answer;
use crate::request::Ask;
use crate::scalar::DateTime;
use crate::task::Task;
use crate::unit::Unit;

/// Who may vote. Nobody who rides or was asked to, nobody who belongs to a unit that rides, and not the poster.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum VoterKind {
    /// Everybody who is signed in and may see the race.
    Everyone,
    /// Members of the organisation.
    Members,
    /// Whoever belongs to one of the units named.
    Units,
}

/// How people decide a race.
pub(crate) struct Voting(pub(crate) VoteRules);

/// How people decide a race, once its clock has stopped.
#[Object(name = "VoteRules")]
impl Voting {
    /// Who may vote.
    async fn voters(&self) -> VoterKind {
        match self.0.voters {
            Voters::Everyone => VoterKind::Everyone,
            Voters::Members => VoterKind::Members,
            Voters::Units(_) => VoterKind::Units,
        }
    }

    /// The units whose people may vote; empty where none are named.
    #[graphql(complexity = "crate::connection::list_cost(3, child_complexity)")]
    async fn units(&self, ctx: &Context<'_>) -> Result<Vec<Unit>> {
        let Voters::Units(units) = &self.0.voters else { return Ok(Vec::new()) };
        let mut found = Vec::with_capacity(units.len());
        for unit in units {
            found.extend(Unit::load(ctx, *unit).await?);
        }
        Ok(found)
    }

    /// The voice credits of each person, of which so many votes cost their square; null for one vote each.
    async fn credits(&self) -> Option<u32> {
        match self.0.ballot {
            Ballot::One => None,
            Ballot::Quadratic { credits } => Some(credits),
        }
    }

    /// For how many seconds after the clock has stopped people can vote.
    async fn seconds(&self) -> u32 {
        self.0.seconds
    }
}

/// How people shall decide a race.
#[derive(InputObject)]
pub(crate) struct VoteRulesInput {
    /// Who may vote, rivals and the poster left out.
    voters: VoterKind,
    /// With `UNITS`: the global ids of up to 50 units.
    #[graphql(default)]
    units: Vec<ID>,
    /// The voice credits of each person, 1 to 10000, of which so many votes cost their square. Null: one vote each.
    credits: Option<u32>,
    /// For how many seconds after the clock has stopped people can vote, 3600 to 2592000 (30 days).
    #[graphql(default = 259_200)]
    seconds: u32,
}

impl VoteRulesInput {
    /// The rules; the market checks them.
    pub(crate) fn read(self, form: &mut Form<'_>) -> VoteRules {
        let units = form.ids("rules.vote.units", &self.units);
        VoteRules {
            voters: match self.voters {
                VoterKind::Everyone => Voters::Everyone,
                VoterKind::Members => Voters::Members,
                VoterKind::Units => Voters::Units(units),
            },
            ballot: self.credits.map_or(Ballot::One, |credits| Ballot::Quadratic { credits }),
            seconds: self.seconds,
        }
    }
}

/// A vote.
pub(crate) struct Vote(pub(crate) VoteView);

/// A vote, as the asker may see it: nobody sees a tally, or another's ballot, before all are counted.
#[Object]
impl Vote {
    /// From when people can vote: when the clock of the race stops.
    async fn opens_at(&self) -> DateTime {
        self.0.opens_at.into()
    }

    /// When they can no more.
    async fn closes_at(&self) -> DateTime {
        self.0.closes_at.into()
    }

    /// Whether they can now.
    async fn is_open(&self) -> bool {
        self.0.is_open
    }

    /// Whether the asker is among those who may.
    async fn may_vote(&self) -> bool {
        self.0.may_vote
    }

    /// How many ballots there are.
    async fn ballots(&self) -> u32 {
        self.0.ballots
    }

    /// What stands on the asker's own ballot.
    #[graphql(complexity = "crate::connection::list_cost(5, child_complexity)")]
    async fn mine(&self) -> Vec<Votes> {
        self.0.mine.iter().copied().map(Votes).collect()
    }

    /// The votes for each entry, most first; empty before they are counted.
    #[graphql(complexity = "crate::connection::list_cost(5, child_complexity)")]
    async fn tally(&self) -> Vec<Votes> {
        self.0.tally.iter().copied().map(Votes).collect()
    }
}

/// Votes for an entry.
pub(crate) struct Votes(VotesFor);

/// So many votes for an entry.
#[Object(name = "VotesFor")]
impl Votes {
    /// The entry.
    async fn entry(&self, ctx: &Context<'_>) -> Result<Option<Entry>> {
        Entry::load(ctx, self.0.entry).await
    }

    /// How many.
    async fn votes(&self) -> u32 {
        self.0.votes
    }
}

/// So many votes for an entry.
#[derive(InputObject)]
pub(crate) struct VotesForInput {
    /// The global id of the entry.
    entry: ID,
    /// How many, from 1.
    votes: u32,
}

/// A ballot.
#[derive(InputObject)]
pub(crate) struct CastBallotInput {
    /// The global id of the task.
    task: ID,
    /// The votes, each entry at most once. Empty: takes the ballot back.
    votes: Vec<VotesForInput>,
    /// Your own name for this command: sent again with the same input, it does nothing twice.
    idempotency_key: String,
}

payloads! {
    /// What came of `castBallot`.
    CastBallotPayload {
        /// The task.
        task: Task,
    }
}

/// What can be done with votes.
#[derive(Default)]
pub(crate) struct VoteMutation;

#[Object]
impl VoteMutation {
    /// Casts the asker's ballot, or changes it, from when the clock of the race has stopped until the vote closes.
    async fn cast_ballot(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "On which race, and how.")] input: CastBallotInput,
    ) -> Result<Option<CastBallotPayload>> {
        answer(async {
            let mut form = Form::of(ctx)?;
            let task: TaskId = form.id("task", &input.task);
            let mut read = |(at, one): (usize, &VotesForInput)| VotesFor {
                entry: form.id(&format!("votes.{at}.entry"), &one.entry),
                votes: one.votes,
            };
            let votes = input.votes.iter().enumerate().map(&mut read).collect();
            let command = form.done(CastBallot { task, votes })?;
            let key = IdempotencyKey::parse(&input.idempotency_key)?;
            ctx.market().run_once(ctx.actor(), key, command).await?;
            Ok((Task::seen(ctx, task).await?,))
        })
        .await
    }
}
