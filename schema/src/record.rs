//! Records: the lines of the ledger, with what proves them.

use async_graphql::{Context, Enum, ID, Object, OneofObject};
use market::books::{AccountView, DisclosureView, InclusionView, LONGEST_WAIT, PostingView, RecordView};
use market::{RecordId, Result};

use crate::connection::{Connection, page};
use crate::holder::Holder;
use crate::id::Global;
use crate::key::Signature;
use crate::node::local;
use crate::request::{Ask, open};
use crate::scalar::{Base64, DateTime, Hash, Long, TokenAmount};
use crate::task::Task;

/// What a record is.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "market::RecordKind")]
pub(crate) enum RecordKind {
    /// Mint to treasury.
    Issue,
    /// Treasury to programme, unit or person.
    Allocate,
    /// Programme, unit or person to a task's escrow.
    Fund,
    /// Escrow to those who earned it.
    Payout,
    /// Escrow back to its funders.
    Refund,
    /// Wallet to wallet.
    Transfer,
    /// Wallet to hold.
    Hold,
    /// Hold back to the wallet.
    Release,
    /// Hold to retired: used up.
    Retire,
    /// The exact opposite of an earlier record.
    Reversal,
    /// The digest of published rules.
    Rules,
    /// The digest of something that was handed in or decided.
    Evidence,
    /// A key enrolled, rotated or revoked.
    Key,
    /// The start of a log's epoch.
    Epoch,
    /// Another log's checkpoint.
    Anchor,
    /// A text and its salt were erased.
    Erasure,
}

/// How far a record has come.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "market::books::RecordStanding")]
pub(crate) enum RecordStanding {
    /// Written; a crash does not lose it.
    Posted,
    /// In the log, under a checkpoint that the log has signed.
    Sealed,
    /// Under a checkpoint for which a quorum of witnesses vouches.
    Witnessed,
}

/// What an account is for.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AccountKind {
    /// Where an asset comes from; its balance below zero is the supply.
    Mint,
    /// What was issued and not yet allocated.
    Treasury,
    /// A programme's budget.
    Programme,
    /// A person's wallet.
    Person,
    /// A unit's wallet.
    Unit,
    /// One task's prize, locked.
    Escrow,
    /// A redemption that is being fulfilled.
    Hold,
    /// What has been used up.
    Retired,
}

/// Which side of an account a posting is on.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    /// Out of the account.
    Debit,
    /// Into the account.
    Credit,
}

/// A record.
pub(crate) struct Record(pub(crate) RecordView);

/// One line of the ledger: an atomic set of postings, or a deposit of evidence. Never changed, never removed.
#[Object]
impl Record {
    /// Its global id.
    pub(crate) async fn id(&self) -> ID {
        self.0.id.global()
    }

    /// Its id as written in its bytes, 32 hexadecimal digits.
    async fn number(&self) -> String {
        self.0.id.to_string()
    }

    /// Its place in the log, from 0; null for the moment until it is sealed.
    async fn index(&self) -> Option<Long> {
        self.0.index.map(Long)
    }

    /// What it is.
    async fn kind(&self) -> RecordKind {
        self.0.kind.into()
    }

    /// When it was posted.
    async fn at(&self) -> DateTime {
        self.0.at.into()
    }

    /// Its canonical bytes, exactly those that were hashed into the log.
    async fn bytes(&self) -> Base64 {
        self.0.bytes.as_slice().into()
    }

    /// The hash of its leaf in the log.
    async fn leaf_hash(&self) -> Hash {
        (&self.0.leaf_hash).into()
    }

    /// What it moved; empty for evidence.
    #[graphql(complexity = "crate::connection::list_cost(4, child_complexity)")]
    async fn postings(&self) -> Vec<Posting> {
        self.0.postings.iter().cloned().map(Posting).collect()
    }

    /// The task that it belongs to, if to one that is open to the asker.
    async fn task(&self, ctx: &Context<'_>) -> Result<Option<Task>> {
        match self.0.task {
            Some(id) => Task::load(ctx, id).await,
            None => Ok(None),
        }
    }

    /// Salted hashes of the texts and files behind it.
    async fn commitments(&self) -> Vec<Hash> {
        self.0.commitments.iter().map(Hash::from).collect()
    }

    /// Those of the texts behind it that the asker may read.
    #[graphql(complexity = "crate::connection::list_cost(2, child_complexity)")]
    async fn disclosures(&self) -> Vec<Disclosure> {
        self.0.disclosures.iter().cloned().map(Disclosure).collect()
    }

    /// Who signed it with a key of their own; null where only this server attests it.
    async fn signature(&self, ctx: &Context<'_>) -> Result<Option<Signature>> {
        Ok(ctx.market().signature(&self.0)?.map(Signature))
    }

    /// How many of its texts were erased; an erasure on record names each.
    async fn erased(&self) -> Long {
        Long(self.0.erased)
    }

    /// The proof that it is in the log as it stands; null until it is sealed.
    #[graphql(complexity = "10 + child_complexity")]
    async fn proof(&self, ctx: &Context<'_>) -> Result<Option<InclusionProof>> {
        if self.0.index.is_none() {
            return Ok(None);
        }
        Ok(open(ctx.market().inclusion(ctx.actor(), self.0.id).await)?.map(InclusionProof))
    }

    /// How far it has come.
    #[graphql(complexity = "5")]
    async fn standing(&self, ctx: &Context<'_>) -> Result<RecordStanding> {
        Ok(ctx.market().standing_of(self.0.index).await?.into())
    }

    /// Everything that proves it without this server, as a `.tlog-proof` file by the C2SP; null until it is sealed.
    /// It rests on the newest checkpoint that a quorum of witnesses vouches for, if that covers the record.
    #[graphql(complexity = "20")]
    async fn receipt(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Come back once the record has come so far, or after ten seconds anyway.")]
        wait: Option<RecordStanding>,
    ) -> Result<Option<String>> {
        let mut sealed = self.0.index.is_some();
        if let Some(wait) = wait {
            let come = ctx.market().wait_for(ctx.actor(), self.0.id, wait.into(), LONGEST_WAIT).await?;
            sealed = sealed || come > market::books::RecordStanding::Posted;
        }
        if !sealed {
            return Ok(None);
        }
        open(ctx.market().receipt(ctx.actor(), self.0.id).await)
    }
}

impl From<RecordView> for Record {
    fn from(view: RecordView) -> Self {
        Self(view)
    }
}

impl Record {
    /// The record, or nothing where it is not open to the asker.
    pub(crate) async fn load(ctx: &Context<'_>, id: RecordId) -> Result<Option<Self>> {
        open(Self::seen(ctx, id).await)
    }

    /// The record, which the asker may see.
    pub(crate) async fn seen(ctx: &Context<'_>, id: RecordId) -> Result<Self> {
        ctx.market().record(ctx.actor(), id).await.map(Self)
    }
}

/// A posting.
pub(crate) struct Posting(PostingView);

/// One side of a movement: an amount out of or into one account.
#[Object]
impl Posting {
    /// The account that it changed.
    async fn account(&self) -> Account {
        Account(self.0.account)
    }

    /// Out of it or into it.
    async fn side(&self) -> Side {
        // Records number the sides: 0 is out of the account.
        if self.0.side.code() == 0 { Side::Debit } else { Side::Credit }
    }

    /// How much.
    async fn amount(&self, ctx: &Context<'_>) -> TokenAmount {
        TokenAmount::of(ctx.market(), self.0.amount)
    }

    /// Its number among the postings of the account, from 1 without gaps.
    async fn sequence(&self) -> Long {
        Long(self.0.seq)
    }

    /// The account's balance right after it, in minor units; only the mint's lies below zero.
    async fn balance_after_minor(&self) -> String {
        self.0.balance_after.to_string()
    }
}

/// An account.
pub(crate) struct Account(AccountView);

/// An account of the ledger, without what it holds.
#[Object]
impl Account {
    /// Its id in records, 32 hexadecimal digits that say nothing about its owner.
    async fn number(&self) -> String {
        self.0.id.to_string()
    }

    /// What it is for.
    async fn kind(&self) -> AccountKind {
        match self.0.kind.as_str() {
            "mint" => AccountKind::Mint,
            "treasury" => AccountKind::Treasury,
            "programme" => AccountKind::Programme,
            "person" => AccountKind::Person,
            "unit" => AccountKind::Unit,
            "escrow" => AccountKind::Escrow,
            "hold" => AccountKind::Hold,
            _ => AccountKind::Retired,
        }
    }

    /// Whose it is; null for mint and treasury, and where the asker may not know.
    async fn owner(&self, ctx: &Context<'_>) -> Result<Option<Holder>> {
        match self.0.owner {
            Some(owner) => Holder::load(ctx, owner).await,
            None => Ok(None),
        }
    }
}

/// A text behind a record.
pub(crate) struct Disclosure(DisclosureView);

/// A text behind a record, with what it takes to check it: its commitment is
/// SHA-256("saima-commit/v1" 0x00 label 0x00 salt data).
#[Object]
impl Disclosure {
    /// What it is, such as `memo`.
    async fn label(&self) -> &str {
        &self.0.label
    }

    /// The salt of its commitment.
    async fn salt(&self) -> Base64 {
        self.0.salt.as_slice().into()
    }

    /// Its bytes.
    async fn data(&self) -> Base64 {
        self.0.data.as_slice().into()
    }

    /// Its bytes as a text, where they are one.
    async fn text(&self) -> Option<&str> {
        std::str::from_utf8(&self.0.data).ok()
    }
}

/// A proof that a record is in the log.
pub(crate) struct InclusionProof(InclusionView);

/// The proof that a record is in the log, by RFC 9162 §2.1.3.
#[Object]
impl InclusionProof {
    /// The record's place in the log.
    async fn index(&self) -> Long {
        Long(self.0.index)
    }

    /// The size of the log that it is proved against.
    async fn size(&self) -> Long {
        Long(self.0.size)
    }

    /// The root of the log at that size.
    async fn root(&self) -> Hash {
        (&self.0.root).into()
    }

    /// The hashes on the way from the leaf to the root.
    async fn hashes(&self) -> Vec<Hash> {
        self.0.proof.iter().map(Hash::from).collect()
    }
}

impl From<InclusionView> for InclusionProof {
    fn from(view: InclusionView) -> Self {
        Self(view)
    }
}

/// Which record.
#[derive(OneofObject)]
pub(crate) enum RecordLookup {
    /// The record with this global id.
    Id(ID),
    /// The record at this place in the log, from 0.
    Index(Long),
}

/// Questions about records.
#[derive(Default)]
pub(crate) struct RecordQuery;

#[Object]
impl RecordQuery {
    /// One record, by id or by its place in the log.
    async fn record(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one.")] by: RecordLookup,
    ) -> Result<Option<Record>> {
        let view = match by {
            RecordLookup::Id(id) => ctx.market().record(ctx.actor(), local(&id)?).await?,
            RecordLookup::Index(index) => ctx.market().record_by_index(ctx.actor(), index.0).await?,
        };
        Ok(Some(Record(view)))
    }

    /// All sealed records, newest first, for members.
    #[graphql(complexity = "crate::connection::page_cost(first, last, child_complexity)")]
    async fn records(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "So many from the front, 1 to 100; 20 if neither end is named.")] first: Option<u32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "So many from the end, 1 to 100.")] last: Option<u32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Option<Connection<Record>>> {
        ctx.market().records(ctx.actor(), page(first, after, last, before)).await.map(Connection::some)
    }
}
