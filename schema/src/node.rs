//! Relay's `node` and `nodes`: anything that has a global id and can be asked for again.

use async_graphql::{Context, ID, Interface, Object};
use market::{
    AmendmentId, Code, EntryId, OfferId, PersonId, ProgrammeId, QuestionId, RecordId, Refusal, Result,
    SubmissionId, TaskId, UnitId, WalletOwner,
};

use crate::amendment::Amendment;
use crate::appeal::{Appeal, AppealKey};
use crate::entry::Entry;
use crate::id::{Global, split};
use crate::part::PartOffer;
use crate::person::Person;
use crate::programme::Programme;
use crate::question::Question;
use crate::record::Record;
use crate::request::{Ask, open};
use crate::submission::Submission;
use crate::task::Task;
use crate::unit::Unit;
use crate::wallet::Wallet;

/// The most ids that `nodes` takes.
const MOST: usize = 100;

/// Something that can be asked for again by its id.
#[derive(Interface)]
#[graphql(field(name = "id", ty = "ID", desc = "Its global id: opaque, and never given to anything else."))]
pub(crate) enum Node {
    /// Someone who can sign in.
    Person(Person),
    /// A small standing team.
    Unit(Unit),
    /// A budget with a purpose.
    Programme(Programme),
    /// What is wanted, with its race.
    Task(Box<Task>),
    /// A lane of a race.
    Entry(Box<Entry>),
    /// One version of an entry's work.
    Submission(Submission),
    /// What a crew holds against a ruling.
    Appeal(Appeal),
    /// A change of frozen rules.
    Amendment(Box<Amendment>),
    /// A question about a race.
    Question(Question),
    /// An offer for a part of an entry.
    PartOffer(PartOffer),
    /// A line of the ledger.
    Record(Record),
    /// A person's or a unit's tokens.
    Wallet(Wallet),
}

/// The questions by global id.
#[derive(Default)]
pub(crate) struct NodeQuery;

#[Object]
impl NodeQuery {
    /// The thing with this id: null, with an error `NOT_FOUND`, when there is none or it is not open to the asker.
    async fn node(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "A global id, as `id` of any node gives it.")] id: ID,
    ) -> Result<Option<Node>> {
        find(ctx, &id).await.map(Some)
    }

    /// The things with these ids, in their order; null in place of what there is not or what is not open to the asker.
    #[graphql(complexity = "crate::connection::list_cost(ids.len().min(MOST), child_complexity)")]
    async fn nodes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "At most 100 global ids.")] ids: Vec<ID>,
    ) -> Result<Vec<Option<Node>>> {
        if ids.len() > MOST {
            return Err(Refusal::on("ids", Code::TooManyItems { max: MOST }));
        }
        let mut found = Vec::with_capacity(ids.len());
        for id in &ids {
            found.push(open(find(ctx, id).await)?);
        }
        Ok(found)
    }
}

async fn find(ctx: &Context<'_>, id: &ID) -> Result<Node> {
    let (market, actor) = (ctx.market(), ctx.actor());
    let kind = split(id).map(|(kind, _)| kind).unwrap_or_default();
    Ok(match kind.as_str() {
        PersonId::TYPE => Node::Person(market.person(actor, local(id)?).await?.into()),
        UnitId::TYPE => Node::Unit(market.unit(actor, local(id)?).await?.into()),
        ProgrammeId::TYPE => Node::Programme(market.programme(actor, local(id)?).await?.into()),
        TaskId::TYPE => Node::Task(Box::new(market.task(actor, local(id)?).await?.into())),
        EntryId::TYPE => Node::Entry(Box::new(market.entry(actor, local(id)?).await?.into())),
        SubmissionId::TYPE => Node::Submission(market.submission(actor, local(id)?).await?.into()),
        AppealKey::TYPE => Node::Appeal(Appeal::seen(ctx, local(id)?).await?),
        AmendmentId::TYPE => Node::Amendment(Box::new(Amendment(market.amendment(actor, local(id)?).await?))),
        QuestionId::TYPE => Node::Question(Question(market.question(actor, local(id)?).await?)),
        OfferId::TYPE => Node::PartOffer(PartOffer(market.offer(actor, local(id)?).await?)),
        RecordId::TYPE => Node::Record(market.record(actor, local(id)?).await?.into()),
        WalletOwner::TYPE => Node::Wallet(market.wallet(actor, local(id)?).await?.into()),
        _ => return Err(Refusal::NotFound),
    })
}

/// The id behind a global one; a wrong one names nothing.
///
/// # Errors
/// [`Refusal::NotFound`].
pub(crate) fn local<T: Global>(id: &ID) -> Result<T> {
    T::local(id).ok_or(Refusal::NotFound)
}
