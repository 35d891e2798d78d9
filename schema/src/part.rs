//! Offers for parts of entries that did not win, and what was bought by them.

use async_graphql::{Context, Enum, ID, InputObject, Object};
use market::part::{AcceptOffer, DeclineOffer, OfferForPart, OfferView, WithdrawOffer};
use market::{Command, IdempotencyKey, OfferId, Result};

use crate::convert::Form;
use crate::entry::Entry;
use crate::holder::Holder;
use crate::id::Global;
use crate::payload::payloads;
use crate::person::Person;
use crate::record::Record;
use crate::refusal::answer;
use crate::request::Ask;
use crate::scalar::{DateTime, TokenAmount};
use crate::task::Task;

/// Where an offer stands.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "market::part::OfferState")]
pub(crate) enum PartOfferState {
    /// The captain can answer it.
    Open,
    /// Paid: the part is bought.
    Accepted,
    /// The captain said no.
    Declined,
    /// The buyer took it back.
    Withdrawn,
    /// Nobody answered in time.
    Lapsed,
}

/// An offer.
pub(crate) struct PartOffer(pub(crate) OfferView);

/// An offer for a part of an entry that did not win. Its price is in escrow while it is open; once accepted, it says
/// for good what was bought, by whom and for what.
#[Object]
impl PartOffer {
    /// Its global id.
    pub(crate) async fn id(&self) -> ID {
        self.0.id.global()
    }

    /// The task whose race the entry ran in.
    async fn task(&self, ctx: &Context<'_>) -> Result<Option<Task>> {
        Task::load(ctx, self.0.task).await
    }

    /// The entry.
    async fn entry(&self, ctx: &Context<'_>) -> Result<Option<Entry>> {
        Entry::load(ctx, self.0.entry).await
    }

    /// Who made it.
    async fn buyer(&self, ctx: &Context<'_>) -> Result<Option<Person>> {
        Person::load(ctx, self.0.buyer).await
    }

    /// The wallet or budget that its price came from.
    async fn source(&self, ctx: &Context<'_>) -> Result<Option<Holder>> {
        Holder::load(ctx, self.0.source).await
    }

    /// Which part of the work.
    async fn part(&self) -> &str {
        &self.0.part
    }

    /// What it is to be used for.
    async fn purpose(&self) -> &str {
        &self.0.purpose
    }

    /// How much, for the whole crew.
    async fn price(&self, ctx: &Context<'_>) -> TokenAmount {
        TokenAmount::of(ctx.market(), self.0.price)
    }

    /// When it was made.
    async fn at(&self) -> DateTime {
        self.0.at.into()
    }

    /// Until when it can be accepted: at this instant no more.
    async fn until(&self) -> DateTime {
        self.0.until.into()
    }

    /// Where it stands.
    async fn state(&self) -> PartOfferState {
        self.0.state.into()
    }

    /// When it ended.
    async fn ended_at(&self) -> Option<DateTime> {
        self.0.ended_at.map(DateTime::from)
    }

    /// The record that put the price into escrow, with the terms behind it.
    async fn record(&self, ctx: &Context<'_>) -> Result<Option<Record>> {
        Record::load(ctx, self.0.record).await
    }

    /// The record that paid the crew, with the digest of the terms, or that sent the price back.
    async fn end_record(&self, ctx: &Context<'_>) -> Result<Option<Record>> {
        match self.0.end_record {
            Some(id) => Record::load(ctx, id).await,
            None => Ok(None),
        }
    }

    /// Whether the asker may accept or decline it now.
    async fn may_answer(&self) -> bool {
        self.0.may_answer
    }

    /// Whether the asker may withdraw it now.
    async fn may_withdraw(&self) -> bool {
        self.0.may_withdraw
    }
}

/// What to offer for which part of which entry.
#[derive(InputObject)]
pub(crate) struct OfferForPartInput {
    /// The global id of the entry.
    entry: ID,
    /// Which part of its work, up to 500 characters.
    part: String,
    /// What it is to be used for, up to 500 characters.
    purpose: String,
    /// How much, for the whole crew.
    price: TokenAmount,
    /// The global id of the programme, the unit, or the asker, from whose tokens it is paid.
    source: ID,
    /// Until when the offer stands, within 90 days.
    until: DateTime,
    /// Your own name for this command: sent again with the same input, it does nothing twice.
    idempotency_key: String,
}

/// Which offer to accept.
#[derive(InputObject)]
pub(crate) struct AcceptOfferInput {
    /// The global id of the offer.
    offer: ID,
    /// Your own name for this command: sent again with the same input, it does nothing twice.
    idempotency_key: String,
}

/// Which offer to decline.
#[derive(InputObject)]
pub(crate) struct DeclineOfferInput {
    /// The global id of the offer.
    offer: ID,
    /// Your own name for this command: sent again with the same input, it does nothing twice.
    idempotency_key: String,
}

/// Which offer to withdraw.
#[derive(InputObject)]
pub(crate) struct WithdrawOfferInput {
    /// The global id of the offer.
    offer: ID,
    /// Your own name for this command: sent again with the same input, it does nothing twice.
    idempotency_key: String,
}

payloads! {
    /// What came of `offerForPart`.
    OfferForPartPayload {
        /// The new offer.
        offer: PartOffer,
    }

    /// What came of `acceptOffer`.
    AcceptOfferPayload {
        /// The offer as it is now.
        offer: PartOffer,
    }

    /// What came of `declineOffer`.
    DeclineOfferPayload {
        /// The offer as it is now.
        offer: PartOffer,
    }

    /// What came of `withdrawOffer`.
    WithdrawOfferPayload {
        /// The offer as it is now.
        offer: PartOffer,
    }
}

/// Buying parts of entries.
#[derive(Default)]
pub(crate) struct PartMutation;

#[Object]
impl PartMutation {
    /// Offers a price for a part of an entry that did not win, once the race is settled, for who may read its work.
    /// The price goes into escrow at once, and comes back unless the captain accepts in time.
    async fn offer_for_part(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What, and for how much.")] input: OfferForPartInput,
    ) -> Result<Option<OfferForPartPayload>> {
        answer(async {
            let mut form = Form::of(ctx)?;
            let command = OfferForPart {
                entry: form.id("entry", &input.entry),
                part: input.part,
                purpose: input.purpose,
                price: form.amount("price", &input.price),
                from: form.source("source", &input.source),
                until: form.moment("until", &input.until),
            };
            let command = form.done(command)?;
            let key = IdempotencyKey::parse(&input.idempotency_key)?;
            let id = ctx.market().run_once(ctx.actor(), key, command).await?;
            seen(ctx, id).await
        })
        .await
    }

    /// Accepts an offer, for the captain: the crew is paid by its shares.
    async fn accept_offer(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one.")] input: AcceptOfferInput,
    ) -> Result<Option<AcceptOfferPayload>> {
        answer(async {
            let mut form = Form::of(ctx)?;
            let offer = form.id("offer", &input.offer);
            act(ctx, &input.idempotency_key, offer, form.done(AcceptOffer { offer })?).await
        })
        .await
    }

    /// Declines an offer, for the captain: its price goes back.
    async fn decline_offer(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one.")] input: DeclineOfferInput,
    ) -> Result<Option<DeclineOfferPayload>> {
        answer(async {
            let mut form = Form::of(ctx)?;
            let offer = form.id("offer", &input.offer);
            act(ctx, &input.idempotency_key, offer, form.done(DeclineOffer { offer })?).await
        })
        .await
    }

    /// Withdraws an offer that nobody has answered, for who made it: its price goes back.
    async fn withdraw_offer(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one.")] input: WithdrawOfferInput,
    ) -> Result<Option<WithdrawOfferPayload>> {
        answer(async {
            let mut form = Form::of(ctx)?;
            let offer = form.id("offer", &input.offer);
            act(ctx, &input.idempotency_key, offer, form.done(WithdrawOffer { offer })?).await
        })
        .await
    }
}

async fn act<C: Command>(ctx: &Context<'_>, key: &str, offer: OfferId, command: C) -> Result<(PartOffer,)> {
    ctx.market().run_once(ctx.actor(), IdempotencyKey::parse(key)?, command).await?;
    seen(ctx, offer).await
}

async fn seen(ctx: &Context<'_>, offer: OfferId) -> Result<(PartOffer,)> {
    Ok((PartOffer(ctx.market().offer(ctx.actor(), offer).await?),))
}
