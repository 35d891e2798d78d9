//! The log: the state that all records are sealed into, and the proof that it only grows.

use async_graphql::{Context, Object};
use market::books::{HeadView, WitnessView};
use market::{Refusal, Result};

use crate::record::InclusionProof;
use crate::request::Ask;
use crate::scalar::{DateTime, Hash, Long};

/// The log.
pub(crate) struct Log(HeadView);

/// The transparency log that holds the hash of every record, by RFC 9162 and the C2SP's `tlog-checkpoint`.
#[Object]
impl Log {
    /// Its name, the first line of each checkpoint.
    async fn origin(&self) -> &str {
        &self.0.origin
    }

    /// How many records are sealed.
    async fn size(&self) -> Long {
        Long(self.0.size)
    }

    /// The root over all of them.
    async fn root(&self) -> Hash {
        (&self.0.root).into()
    }

    /// How many records wait to be sealed.
    async fn waiting(&self) -> Long {
        Long(self.0.waiting)
    }

    /// The newest signed checkpoint, with the cosignatures that it has; null before the first.
    async fn checkpoint(&self) -> Option<&str> {
        self.0.checkpoint.as_deref()
    }

    /// When that checkpoint was signed.
    async fn signed_at(&self) -> Option<DateTime> {
        self.0.signed_at.map(DateTime::from)
    }

    /// The newest checkpoint for which a quorum of witnesses vouches, with their cosignatures; null before
    /// the first, and where no witnesses are asked.
    #[graphql(complexity = "5")]
    async fn witnessed_checkpoint(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        Ok(ctx.market().witnessed(ctx.actor()).await?.map(|witnessed| witnessed.note))
    }

    /// The witnesses who are asked to vouch for checkpoints, and how far each has come.
    #[graphql(complexity = "crate::connection::list_cost(5, child_complexity)")]
    async fn witnesses(&self, ctx: &Context<'_>) -> Result<Vec<Witness>> {
        Ok(ctx.market().witnesses(ctx.actor()).await?.into_iter().map(Witness).collect())
    }

    /// The public key that checks its signature, as a C2SP verifier key; empty where this server holds no key.
    async fn verifier_key(&self) -> &str {
        &self.0.verifier_key
    }

    /// The proof, by RFC 9162 §2.1.3, that a record is in the log: hashes only, for those who may read tiles.
    #[graphql(complexity = "20 + child_complexity")]
    async fn inclusion(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The record's place, from 0.")] index: Long,
        #[graphql(
            desc = "The size of the log to prove against; what the newest checkpoint covers if none is named."
        )]
        size: Option<Long>,
    ) -> Result<Option<InclusionProof>> {
        let size = size.map(|size| size.0);
        ctx.market().inclusion_at(ctx.actor(), index.0, size).await.map(|view| Some(view.into()))
    }

    /// The number of the log's epoch, from 1: it grows when a backup was restored or a key was lost.
    async fn epoch(&self) -> Long {
        Long(u64::try_from(self.0.epoch).unwrap_or_default())
    }

    /// Every public key that ever signed the log, oldest first, as C2SP verifier keys: old receipts verify by old keys.
    #[graphql(complexity = "5")]
    async fn keys(&self, ctx: &Context<'_>) -> Result<Vec<String>> {
        Ok(ctx.market().log_keys(ctx.actor()).await?.into_iter().map(|key| key.key.to_string()).collect())
    }

    /// The proof, by RFC 9162 §2.1.4, that the log of one size is the beginning of the log of another.
    #[graphql(complexity = "20")]
    async fn consistency(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The smaller size, at least 1.")] from: Long,
        #[graphql(desc = "The larger size, at most the size of the log.")] to: Long,
    ) -> Result<Vec<Hash>> {
        let hashes = ctx.market().consistency(ctx.actor(), from.0, to.0).await?;
        Ok(hashes.iter().map(Hash::from).collect())
    }

    /// The lines of an account as a file that proves, without this server, that none is missing between its
    /// first and its last: of one's own wallet, that of one's unit, and whatever else is open to the asker.
    #[graphql(complexity = "100")]
    async fn statement(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The account's id in records, as `wallet { account }` tells it.")] account: String,
        #[graphql(desc = "The first line, from 1; at most 999 before the last.")] from: Option<Long>,
        #[graphql(desc = "The last line; if neither is named, the newest 1,000 are meant.")] to: Option<Long>,
    ) -> Result<Option<String>> {
        let account = account.parse().map_err(|_| Refusal::NotFound)?;
        let (from, to) = (from.map(|line| line.0), to.map(|line| line.0));
        let file = ctx.market().statement_file(ctx.actor(), account, from, to).await?;
        Ok(Some(file.text))
    }
}

/// A witness.
pub(crate) struct Witness(WitnessView);

/// Somebody who signs checkpoints of this log as long as it only grows, by the C2SP's `tlog-cosignature`.
#[Object]
impl Witness {
    /// What the operator calls it.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// Its public key, as a C2SP verifier key.
    async fn verifier_key(&self) -> &str {
        &self.0.key
    }

    /// The size of the newest checkpoint that it has signed; null if it has signed none.
    async fn size(&self) -> Option<Long> {
        self.0.size.map(Long)
    }

    /// When it signed that.
    async fn at(&self) -> Option<DateTime> {
        self.0.at.map(DateTime::from)
    }
}

/// The question about the log.
#[derive(Default)]
pub(crate) struct LogQuery;

#[Object]
impl LogQuery {
    /// The log as it stands; open to everybody.
    async fn log(&self, ctx: &Context<'_>) -> Result<Log> {
        ctx.market().head(ctx.actor()).await.map(Log)
    }
}
