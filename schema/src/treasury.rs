//! The treasury: how many tokens there are, where they lie, and bringing more of them into use.

use async_graphql::{Context, ID, InputObject, Object};
use market::wallet::{AllocateTokens, IssueTokens, TreasuryView};
use market::{IdempotencyKey, Result};

use crate::convert::Form;
use crate::payload::payloads;
use crate::record::Record;
use crate::refusal::answer;
use crate::request::Ask;
use crate::scalar::TokenAmount;

/// The treasury.
pub(crate) struct Treasury(TreasuryView);

/// Where all tokens are. What was issued is always the sum of all the other places.
#[Object]
impl Treasury {
    /// All that was ever issued.
    async fn issued(&self, ctx: &Context<'_>) -> TokenAmount {
        TokenAmount::of(ctx.market(), self.0.issued)
    }

    /// Issued and not yet allocated.
    async fn unallocated(&self, ctx: &Context<'_>) -> TokenAmount {
        TokenAmount::of(ctx.market(), self.0.treasury)
    }

    /// In the budgets of programmes.
    async fn programmes(&self, ctx: &Context<'_>) -> TokenAmount {
        TokenAmount::of(ctx.market(), self.0.programmes)
    }

    /// In the wallets of people and units.
    async fn wallets(&self, ctx: &Context<'_>) -> TokenAmount {
        TokenAmount::of(ctx.market(), self.0.wallets)
    }

    /// In the escrows of tasks.
    async fn escrow(&self, ctx: &Context<'_>) -> TokenAmount {
        TokenAmount::of(ctx.market(), self.0.escrow)
    }

    /// Used up.
    async fn retired(&self, ctx: &Context<'_>) -> TokenAmount {
        TokenAmount::of(ctx.market(), self.0.retired)
    }
}

impl Treasury {
    async fn seen(ctx: &Context<'_>) -> Result<Self> {
        ctx.market().treasury(ctx.actor()).await.map(Self)
    }
}

/// The question about the treasury.
#[derive(Default)]
pub(crate) struct TreasuryQuery;

#[Object]
impl TreasuryQuery {
    /// Where all tokens are, for treasurers and auditors.
    async fn treasury(&self, ctx: &Context<'_>) -> Result<Option<Treasury>> {
        Treasury::seen(ctx).await.map(Some)
    }
}

/// How many tokens to bring into the world, and why.
#[derive(InputObject)]
pub(crate) struct IssueTokensInput {
    /// How much, such as "100000".
    amount: TokenAmount,
    /// Why, up to 200 characters. The ledger keeps only a salted digest of it.
    reason: String,
    /// Your own name for this command: sent again with the same input, it does nothing twice.
    idempotency_key: String,
}

/// How many tokens to give out of the treasury, to whom, and why.
#[derive(InputObject)]
pub(crate) struct AllocateTokensInput {
    /// The global id of a programme, a unit or a person.
    to: ID,
    /// How much, such as "5000".
    amount: TokenAmount,
    /// Why, up to 200 characters. The ledger keeps only a salted digest of it.
    reason: String,
    /// Your own name for this command: sent again with the same input, it does nothing twice.
    idempotency_key: String,
}

payloads! {
    /// What came of `issueTokens`.
    IssueTokensPayload {
        /// The record that issued them.
        record: Record,
        /// The treasury as it is now.
        treasury: Treasury,
    }

    /// What came of `allocateTokens`.
    AllocateTokensPayload {
        /// The record that moved them.
        record: Record,
        /// The treasury as it is now.
        treasury: Treasury,
    }
}

/// What can be done with the treasury.
#[derive(Default)]
pub(crate) struct TreasuryMutation;

#[Object]
impl TreasuryMutation {
    /// Makes new tokens and puts them into the treasury, for treasurers.
    async fn issue_tokens(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many, and why.")] input: IssueTokensInput,
    ) -> Result<Option<IssueTokensPayload>> {
        answer(async {
            let mut form = Form::of(ctx)?;
            let amount = form.amount("amount", &input.amount);
            let command = form.done(IssueTokens { amount, reason: input.reason })?;
            let key = IdempotencyKey::parse(&input.idempotency_key)?;
            let record = ctx.market().run_once(ctx.actor(), key, command).await?;
            Ok((Record::seen(ctx, record).await?, Treasury::seen(ctx).await?))
        })
        .await
    }

    /// Gives tokens out of the treasury to a programme, a unit or a person, for treasurers.
    async fn allocate_tokens(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many, to whom, and why.")] input: AllocateTokensInput,
    ) -> Result<Option<AllocateTokensPayload>> {
        answer(async {
            let mut form = Form::of(ctx)?;
            let (to, amount) = (form.destination("to", &input.to), form.amount("amount", &input.amount));
            let command = form.done(AllocateTokens { to, amount, reason: input.reason })?;
            let key = IdempotencyKey::parse(&input.idempotency_key)?;
            let record = ctx.market().run_once(ctx.actor(), key, command).await?;
            Ok((Record::seen(ctx, record).await?, Treasury::seen(ctx).await?))
        })
        .await
    }
}
