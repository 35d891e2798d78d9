//! Wallets: what a person or a unit holds, how it came, and sending it on.

use async_graphql::{Context, ID, InputObject, Object};
use market::wallet::{Portion, SplitTokens, StatementLine, TransferTokens, WalletView};
use market::{IdempotencyKey, Refusal, Result, SignedIntent, WalletOwner};

use crate::connection::{Connection, page};
use crate::convert::{Form, wallet_owner};
use crate::holder::Keeper;
use crate::id::Global;
use crate::key::SignedIntentInput;
use crate::payload::payloads;
use crate::record::{Record, RecordKind};
use crate::refusal::answer;
use crate::request::{Ask, open};
use crate::scalar::{DateTime, Long, TokenAmount};
use crate::task::Task;

/// A wallet.
pub(crate) struct Wallet(WalletView);

/// The tokens of a person or a unit.
#[Object]
impl Wallet {
    /// Its global id.
    pub(crate) async fn id(&self) -> ID {
        self.0.owner.global()
    }

    /// Whose it is.
    async fn owner(&self, ctx: &Context<'_>) -> Result<Option<Keeper>> {
        Keeper::load(ctx, self.0.owner).await
    }

    /// The id of its account in the ledger's records, 32 hexadecimal digits.
    async fn account(&self) -> String {
        self.0.account.to_string()
    }

    /// What can be spent now.
    async fn balance(&self, ctx: &Context<'_>) -> TokenAmount {
        TokenAmount::of(ctx.market(), self.0.balance)
    }

    /// What races have paid into it, ever.
    async fn earned(&self, ctx: &Context<'_>) -> TokenAmount {
        TokenAmount::of(ctx.market(), self.0.earned)
    }

    /// What it put into bounties that are still in escrow.
    async fn escrowed(&self, ctx: &Context<'_>) -> TokenAmount {
        TokenAmount::of(ctx.market(), self.0.escrowed)
    }

    /// How many postings its account has.
    async fn sequence(&self) -> Long {
        Long(self.0.seq)
    }

    /// Everything that came in and went out, newest first.
    #[graphql(complexity = "crate::connection::page_cost(first, last, child_complexity)")]
    async fn statement(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "So many from the front, 1 to 100; 20 if neither end is named.")] first: Option<u32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "So many from the end, 1 to 100.")] last: Option<u32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Option<Connection<Line>>> {
        let page = page(first, after, last, before);
        ctx.market().statement(ctx.actor(), self.0.owner, page).await.map(Connection::some)
    }
}

impl From<WalletView> for Wallet {
    fn from(view: WalletView) -> Self {
        Self(view)
    }
}

impl Wallet {
    /// The wallet, or nothing where it is not open to the asker.
    pub(crate) async fn load(ctx: &Context<'_>, owner: WalletOwner) -> Result<Option<Self>> {
        Ok(open(ctx.market().wallet(ctx.actor(), owner).await)?.map(Self))
    }
}

/// A line of a statement.
pub(crate) struct Line(StatementLine);

/// One posting of a wallet's account.
#[Object(name = "StatementLine")]
impl Line {
    /// The record that made it.
    async fn record(&self, ctx: &Context<'_>) -> Result<Option<Record>> {
        Record::load(ctx, self.0.record).await
    }

    /// What the record is.
    async fn kind(&self) -> RecordKind {
        self.0.kind.into()
    }

    /// When it was posted.
    async fn at(&self) -> DateTime {
        self.0.at.into()
    }

    /// True when the tokens came in, false when they went out.
    async fn incoming(&self) -> bool {
        self.0.credit
    }

    /// How much.
    async fn amount(&self, ctx: &Context<'_>) -> TokenAmount {
        TokenAmount::of(ctx.market(), self.0.amount)
    }

    /// Its number among the postings of the account, from 1 without gaps.
    async fn sequence(&self) -> Long {
        Long(self.0.seq)
    }

    /// The balance right after it.
    async fn balance_after(&self, ctx: &Context<'_>) -> TokenAmount {
        TokenAmount::of(ctx.market(), self.0.balance_after)
    }

    /// The task that it belongs to, if to one.
    async fn task(&self, ctx: &Context<'_>) -> Result<Option<Task>> {
        match self.0.task {
            Some(id) => Task::load(ctx, id).await,
            None => Ok(None),
        }
    }

    /// What the sender wrote; only the owners of both wallets and auditors read it.
    async fn memo(&self) -> Option<&str> {
        self.0.memo.as_deref()
    }
}

impl From<StatementLine> for Line {
    fn from(line: StatementLine) -> Self {
        Self(line)
    }
}

/// Questions about wallets.
#[derive(Default)]
pub(crate) struct WalletQuery;

#[Object]
impl WalletQuery {
    /// The wallet of a person or a unit: one's own, that of one's unit, or any for treasurers and auditors.
    async fn wallet(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The global id of the person or the unit.")] owner: ID,
    ) -> Result<Option<Wallet>> {
        let owner = wallet_owner(&owner).ok_or(Refusal::NotFound)?;
        ctx.market().wallet(ctx.actor(), owner).await.map(|view| Some(Wallet(view)))
    }
}

/// What to send from where to where.
#[derive(InputObject)]
pub(crate) struct TransferTokensInput {
    /// Out of whose wallet: the global id of the asker, or of a unit that they lead.
    from: ID,
    /// Into whose wallet: the global id of a person or a unit.
    to: ID,
    /// How much, such as "12.50".
    amount: TokenAmount,
    /// What the receiver shall read, up to 200 characters. The ledger keeps only a salted digest of it.
    #[graphql(default)]
    memo: String,
    /// Signed by a key of your own: what `transferTokensIntent` says for this input.
    intent: Option<SignedIntentInput>,
    /// Your own name for this command: sent again with the same input, it does nothing twice.
    idempotency_key: String,
}

impl TransferTokensInput {
    /// The command, what was signed for it, and its name.
    pub(crate) fn read(self, mut form: Form<'_>) -> Result<(TransferTokens, Option<SignedIntent>, String)> {
        let (from, to) = (form.wallet("from", &self.from), form.wallet("to", &self.to));
        let amount = form.amount("amount", &self.amount);
        let signed = SignedIntentInput::read(self.intent, &mut form);
        form.done((TransferTokens { from, to, amount, memo: self.memo }, signed, self.idempotency_key))
    }
}

/// What one of several gets.
#[derive(InputObject)]
pub(crate) struct PortionInput {
    /// Into whose wallet: the global id of a person or a unit.
    to: ID,
    /// How much, such as "12.50".
    amount: TokenAmount,
}

/// What to send from one wallet to several.
#[derive(InputObject)]
pub(crate) struct SplitTokensInput {
    /// Out of whose wallet: the global id of the asker, or of a unit that they lead.
    from: ID,
    /// Who gets how much: up to 50, none of them twice.
    to: Vec<PortionInput>,
    /// What all receivers shall read, up to 200 characters. The ledger keeps only a salted digest of it.
    #[graphql(default)]
    memo: String,
    /// Your own name for this command: sent again with the same input, it does nothing twice.
    idempotency_key: String,
}

impl SplitTokensInput {
    /// The command and its name.
    pub(crate) fn read(self, mut form: Form<'_>) -> Result<(SplitTokens, String)> {
        let from = form.wallet("from", &self.from);
        let portion = |(at, one): (usize, PortionInput)| Portion {
            to: form.wallet(&format!("to.{at}.to"), &one.to),
            amount: form.amount(&format!("to.{at}.amount"), &one.amount),
        };
        let to = self.to.into_iter().enumerate().map(portion).collect();
        form.done((SplitTokens { from, to, memo: self.memo }, self.idempotency_key))
    }
}

payloads! {
    /// What came of `splitTokens`.
    SplitTokensPayload {
        /// The one record that moved the tokens.
        record: Record,
        /// The wallet that they came from, as it is now.
        wallet: Wallet,
    }
}

payloads! {
    /// What came of `transferTokens`.
    TransferTokensPayload {
        /// The record that moved the tokens.
        record: Record,
        /// The wallet that they came from, as it is now.
        wallet: Wallet,
    }
}

/// What can be done with wallets.
#[derive(Default)]
pub(crate) struct WalletMutation;

#[Object]
impl WalletMutation {
    /// Moves tokens from one wallet to several, in one record, at once and for good: all of it or nothing.
    async fn split_tokens(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to send from one wallet to several.")] input: SplitTokensInput,
    ) -> Result<Option<SplitTokensPayload>> {
        answer(async {
            let (command, key) = input.read(Form::of(ctx)?)?;
            let from = command.from;
            let key = IdempotencyKey::parse(&key)?;
            let record = ctx.market().run_once(ctx.actor(), key, command).await?;
            Ok((Record::seen(ctx, record).await?, Wallet(ctx.market().wallet(ctx.actor(), from).await?)))
        })
        .await
    }

    /// Moves tokens from one wallet to another, at once and for good.
    async fn transfer_tokens(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to send from where to where.")] input: TransferTokensInput,
    ) -> Result<Option<TransferTokensPayload>> {
        answer(async {
            let (command, signed, key) = input.read(Form::of(ctx)?)?;
            let from = command.from;
            let key = IdempotencyKey::parse(&key)?;
            let record = ctx.market().run_signed(ctx.actor(), key, command, signed).await?;
            Ok((Record::seen(ctx, record).await?, Wallet(ctx.market().wallet(ctx.actor(), from).await?)))
        })
        .await
    }
}
