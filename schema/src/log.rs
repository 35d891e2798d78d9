//! The log: the state that all records are sealed into, and the proof that it only grows.

use async_graphql::{Context, Object};
use market::Result;
use market::books::HeadView;

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

    /// The newest signed checkpoint; null before the first.
    async fn checkpoint(&self) -> Option<&str> {
        self.0.checkpoint.as_deref()
    }

    /// When that checkpoint was signed.
    async fn signed_at(&self) -> Option<DateTime> {
        self.0.signed_at.map(DateTime::from)
    }

    /// The public key that checks its signature, as a C2SP verifier key; empty where this server holds no key.
    async fn verifier_key(&self) -> &str {
        &self.0.verifier_key
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
