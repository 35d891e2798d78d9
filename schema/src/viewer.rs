//! The viewer: who asks, what is theirs, and what waits for them.

use async_graphql::{Context, Enum, ID, Object};
use market::race::WorkItem;
use market::{Actor, Asker, PersonId, Refusal, Result, WalletOwner};

use crate::appeal::AppealKey;
use crate::entry::Entry;
use crate::id::Global;
use crate::key::Key;
use crate::person::{Person, Role};
use crate::preferences::Preferences;
use crate::programme::Programme;
use crate::request::Ask;
use crate::scalar::DateTime;
use crate::task::Task;
use crate::unit::Unit;
use crate::wallet::Wallet;

/// The person who asks. Holds the actor itself: right after signing in, the request still has a visitor.
pub(crate) struct Viewer(Actor);

/// The person who asks.
#[Object]
impl Viewer {
    /// Who they are.
    async fn person(&self, ctx: &Context<'_>) -> Result<Person> {
        ctx.market().person(&self.0, self.asker()?.id).await.map(Person::from)
    }

    /// The roles granted to them.
    async fn roles(&self) -> Result<Vec<Role>> {
        Ok(self.asker()?.roles.iter().copied().map(Role::from).collect())
    }

    /// How they want to read Saima, on every machine of theirs.
    async fn preferences(&self) -> Result<Preferences> {
        Ok(self.asker()?.preferences.clone().into())
    }

    /// Their wallet.
    async fn wallet(&self, ctx: &Context<'_>) -> Result<Wallet> {
        let owner = WalletOwner::Person(self.asker()?.id);
        ctx.market().wallet(&self.0, owner).await.map(Wallet::from)
    }

    /// Their own keys, newest first, revoked ones too.
    #[graphql(complexity = "crate::connection::list_cost(3, child_complexity)")]
    async fn keys(&self, ctx: &Context<'_>) -> Result<Vec<Key>> {
        Ok(ctx.market().keys(&self.0, self.asker()?.id).await?.into_iter().map(Key).collect())
    }

    /// What waits for them, the next deadline first.
    #[graphql(complexity = "crate::connection::list_cost(10, child_complexity)")]
    async fn my_work(&self, ctx: &Context<'_>) -> Result<Vec<Work>> {
        Ok(ctx.market().my_work(&self.0).await?.into_iter().map(Work).collect())
    }

    /// The units that they belong to.
    #[graphql(complexity = "crate::connection::list_cost(3, child_complexity)")]
    async fn units(&self, ctx: &Context<'_>) -> Result<Vec<Unit>> {
        let ids = &self.asker()?.units;
        let mut found = ctx.market().units_by_ids(&self.0, ids).await?;
        Ok(ids.iter().filter_map(|id| found.remove(id)).map(Unit).collect())
    }

    /// The programmes that they may draw on.
    #[graphql(complexity = "crate::connection::list_cost(3, child_complexity)")]
    async fn programmes(&self, ctx: &Context<'_>) -> Result<Vec<Programme>> {
        let views = ctx.market().programmes_i_may_draw_on(&self.0).await?;
        Ok(views.into_iter().map(Programme).collect())
    }
}

impl Viewer {
    /// A person who has just come in or signed in.
    pub(crate) async fn fresh(ctx: &Context<'_>, person: PersonId) -> Result<Self> {
        ctx.market().actor(person).await.map(Self)
    }

    fn asker(&self) -> Result<&Asker> {
        self.0.person().ok_or(Refusal::Unauthenticated)
    }
}

/// What kind of step waits.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "market::race::WorkKind")]
pub(crate) enum WorkKind {
    /// Named in a crew: agree or decline.
    AgreeToCrew,
    /// A change of a crew is proposed, or a unit that the asker leads is named in an entry: agree or decline.
    AgreeToChange,
    /// The asker proposed a crew or a change, and others have not agreed yet.
    AwaitCrew,
    /// Nothing was heard of the asker's entry for long: check in.
    CheckIn,
    /// Somebody declined: propose another crew.
    ReviseDeclinedCrew,
    /// The entry runs and has handed in nothing.
    SubmitBefore,
    /// The clock has stopped: rule.
    RuleNow,
    /// A stage has ended: give its scores.
    RuleStage,
    /// The clock has stopped: score the lanes and lock the sheet.
    ScoreLanes,
    /// A lane has nobody left who can score it: name another judge.
    NameJudge,
    /// The ruling is provisional: the crew can appeal.
    AppealOpen,
    /// The works are open: the asker can vote.
    CastBallot,
    /// A crew has appealed: answer.
    AnswerAppeal,
    /// Somebody asked about a task of one's own: answer, for all.
    AnswerQuestion,
    /// A crew has appealed again: answer.
    AnswerAgain,
    /// The appeal was turned down: it can be made again.
    AppealAgain,
    /// Somebody offers a price for a part of the asker's entry: accept or decline.
    AnswerOffer,
    /// The asker's offer for a part of an entry waits for its captain.
    AwaitOffer,
    /// The rules of a race are to be amended: answer for one's entry.
    AnswerAmendment,
    /// The asker proposed to amend the rules, and entries have not answered yet.
    AwaitAmendment,
    /// A draft can be published.
    PublishDraft,
    /// The entry waits for the ruling.
    AwaitRuling,
    /// The task waits for the appeal window to close.
    AwaitSettlement,
}

/// A step that waits.
pub(crate) struct Work(WorkItem);

/// One step that waits for the asker, or that the asker waits for.
#[Object(name = "WorkItem")]
impl Work {
    /// What to do.
    async fn kind(&self) -> WorkKind {
        self.0.kind.into()
    }

    /// On which task.
    async fn task(&self) -> Task {
        Task(self.0.task.clone())
    }

    /// For which entry, if for one.
    async fn entry(&self, ctx: &Context<'_>) -> Result<Option<Entry>> {
        match self.0.entry {
            Some(id) => Entry::load(ctx, id).await,
            None => Ok(None),
        }
    }

    /// The global id of the appeal to answer, if one is.
    async fn appeal_id(&self) -> Option<ID> {
        self.0.appeal.map(|appeal| AppealKey { task: self.0.task.id, appeal }.global())
    }

    /// Since when it waits.
    async fn since(&self) -> DateTime {
        self.0.since.into()
    }

    /// Whose step it is, where the asker waits for others; else empty.
    #[graphql(complexity = "crate::connection::list_cost(3, child_complexity)")]
    async fn owners(&self, ctx: &Context<'_>) -> Result<Vec<Person>> {
        Person::load_many(ctx, &self.0.owners).await
    }

    /// Until when it should be done; null when there is no deadline.
    async fn due(&self) -> Option<DateTime> {
        self.0.due.map(DateTime::from)
    }
}

/// The question about oneself.
#[derive(Default)]
pub(crate) struct ViewerQuery;

#[Object]
impl ViewerQuery {
    /// The person who asks; null when nobody has signed in.
    async fn viewer(&self, ctx: &Context<'_>) -> Option<Viewer> {
        ctx.actor().person().map(|_| Viewer(ctx.actor().clone()))
    }
}
