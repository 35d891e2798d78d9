//! Other installations' logs, whose checkpoints this one records.

use async_graphql::{Context, InputObject, Object};
use market::books::{AnchorCheckpoint, AnchorView, FollowLog, FollowedLogView};
use market::{IdempotencyKey, Result};

use crate::convert::Form;
use crate::payload::payloads;
use crate::record::Record;
use crate::refusal::answer;
use crate::request::Ask;
use crate::scalar::{Hash, Long};

/// Most anchors that come with a log.
const EACH: u64 = 20;

/// A log that is followed.
pub(crate) struct FollowedLog(FollowedLogView);

/// Another installation's log, whose checkpoints are anchored here: they are records of this log.
#[Object]
impl FollowedLog {
    /// Its name, the first line of each of its checkpoints.
    async fn origin(&self) -> &str {
        &self.0.origin
    }

    /// The public key that its checkpoints are checked by, as a C2SP verifier key.
    async fn verifier_key(&self) -> &str {
        &self.0.verifier_key
    }

    /// Where it is, if that was told.
    async fn url(&self) -> Option<&str> {
        Some(self.0.url.as_str()).filter(|url| !url.is_empty())
    }

    /// Its newest anchored checkpoints, at most 20, newest first.
    #[graphql(complexity = "crate::connection::list_cost(20, child_complexity)")]
    async fn anchors(&self) -> Vec<Anchor> {
        self.0.anchors.iter().cloned().map(Anchor).collect()
    }
}

/// An anchor.
pub(crate) struct Anchor(AnchorView);

/// A checkpoint of another log that is a record of this one.
#[Object]
impl Anchor {
    /// The record that anchors it.
    async fn record(&self, ctx: &Context<'_>) -> Result<Option<Record>> {
        Record::load(ctx, self.0.record).await
    }

    /// How many records the other log had.
    async fn size(&self) -> Long {
        Long(self.0.size)
    }

    /// The root over them.
    async fn root(&self) -> Hash {
        (&self.0.root).into()
    }

    /// The checkpoint, as it was signed.
    async fn checkpoint(&self) -> &str {
        &self.0.checkpoint
    }
}

/// Questions about other logs.
#[derive(Default)]
pub(crate) struct AnchorQuery;

#[Object]
impl AnchorQuery {
    /// The logs whose checkpoints are anchored here, by name; open to everybody.
    #[graphql(complexity = "crate::connection::list_cost(10, child_complexity)")]
    async fn followed_logs(&self, ctx: &Context<'_>) -> Result<Option<Vec<FollowedLog>>> {
        let logs = ctx.market().followed_logs(ctx.actor(), EACH).await?;
        Ok(Some(logs.into_iter().map(FollowedLog).collect()))
    }
}

/// Which log to follow.
#[derive(InputObject)]
pub(crate) struct FollowLogInput {
    /// Its public key, as a C2SP verifier key; the name in it is the log's name. A key given later replaces it.
    verifier_key: String,
    /// Where it is, for people to look; nothing is asked there.
    url: Option<String>,
    /// Your own name for this command: sent again with the same input, it does nothing twice.
    idempotency_key: String,
}

/// Which checkpoint to anchor.
#[derive(InputObject)]
pub(crate) struct AnchorCheckpointInput {
    /// The signed checkpoint of a log that is followed, whole.
    checkpoint: String,
    /// The proof, by RFC 9162 §2.1.4, that it continues the checkpoint anchored last; empty the first time.
    proof: Vec<Hash>,
    /// Your own name for this command: sent again with the same input, it does nothing twice.
    idempotency_key: String,
}

payloads! {
    /// What came of `followLog`.
    FollowLogPayload {
        /// The log.
        log: FollowedLog,
    }

    /// What came of `anchorCheckpoint`.
    AnchorCheckpointPayload {
        /// The record that anchors it.
        record: Record,
    }
}

/// What can be done about other logs.
#[derive(Default)]
pub(crate) struct AnchorMutation;

#[Object]
impl AnchorMutation {
    /// Names the key by which another log's checkpoints are believed, for admins.
    async fn follow_log(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which log, by its key.")] input: FollowLogInput,
    ) -> Result<Option<FollowLogPayload>> {
        answer(async {
            let command = FollowLog { verifier_key: input.verifier_key, url: input.url.unwrap_or_default() };
            let key = IdempotencyKey::parse(&input.idempotency_key)?;
            let origin = ctx.market().run_once(ctx.actor(), key, command).await?;
            Ok((FollowedLog(ctx.market().followed_log(ctx.actor(), &origin, EACH).await?),))
        })
        .await
    }

    /// Makes a checkpoint of a followed log a record of this one, for treasurers and admins.
    async fn anchor_checkpoint(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which checkpoint, and its proof.")] input: AnchorCheckpointInput,
    ) -> Result<Option<AnchorCheckpointPayload>> {
        answer(async {
            let mut form = Form::of(ctx)?;
            let proof = form.hashes("proof", &input.proof);
            let command = form.done(AnchorCheckpoint { checkpoint: input.checkpoint, proof })?;
            let key = IdempotencyKey::parse(&input.idempotency_key)?;
            let record = ctx.market().run_once(ctx.actor(), key, command).await?;
            Ok((Record::seen(ctx, record).await?,))
        })
        .await
    }
}
