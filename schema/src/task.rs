//! Tasks: what is wanted, the bounty in escrow, the clock, and everything about the race.

use async_graphql::{Context, Enum, ID, InputObject, Object};
use market::task::{TaskFilter, TaskView};
use market::{Result, TaskId};

use crate::amendment::Amendment;
use crate::appeal::Appeal;
use crate::board::{AnswerKey, Board};
use crate::connection::{Connection, page};
use crate::cost::RaceCost;
use crate::entry::Entry;
use crate::entry_rules::{Eligibility, RaceInvitation};
use crate::holder::Holder;
use crate::id::Global;
use crate::meter::Events;
use crate::panel::Panel;
use crate::part::PartOffer;
use crate::payout::{Funding, Payout};
use crate::permission::TaskPermissions;
use crate::person::Person;
use crate::question::Question;
use crate::record::Record;
use crate::request::{Ask, open};
use crate::returned::SameWork;
use crate::rules::{Outlook, RaceRules};
use crate::ruling::Ruling;
use crate::scalar::{DateTime, Hash, TokenAmount};
use crate::silence::ClockEdge;
use crate::stage::RaceStage;
use crate::unit::Unit;
use crate::vote::Vote;

/// Who may see a task and join its race.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "market::task::Visibility")]
pub(crate) enum Visibility {
    /// Members only.
    Internal,
    /// Outsiders too: an open challenge.
    Open,
}

/// Where a task stands in its life.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "market::task::TaskState")]
pub(crate) enum TaskState {
    /// Being written; only its poster sees it.
    Draft,
    /// The race is running.
    Open,
    /// The clock has stopped; a ruling is due.
    Judging,
    /// Ruled; appeals are possible.
    Provisional,
    /// Paid.
    Settled,
    /// Called off by its poster; everything went back.
    Cancelled,
    /// Nobody handed in anything; everything went back.
    Expired,
}

/// The order of a list of tasks.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "market::task::TaskOrder")]
pub(crate) enum TaskOrder {
    /// Newest first.
    Newest,
    /// The next deadline first.
    ClosingSoon,
    /// The largest bounty first.
    Bounty,
}

/// A task.
pub(crate) struct Task(pub(crate) TaskView);

/// What is wanted, posted with a bounty, and the race for it.
#[Object]
impl Task {
    /// Its global id.
    pub(crate) async fn id(&self) -> ID {
        self.0.id.global()
    }

    /// Its short public handle, as in the address of its page.
    async fn handle(&self) -> &str {
        &self.0.handle
    }

    /// What is wanted, in one line.
    async fn title(&self) -> &str {
        &self.0.title
    }

    /// What is wanted and why, Markdown.
    async fn brief(&self) -> &str {
        &self.0.brief
    }

    /// What must hold for work to be accepted, Markdown.
    async fn criteria(&self) -> &str {
        &self.0.criteria
    }

    /// Who may see it and join.
    async fn visibility(&self) -> Visibility {
        self.0.visibility.into()
    }

    /// Where it stands now.
    async fn state(&self) -> TaskState {
        self.0.state.into()
    }

    /// Who posted it.
    async fn poster(&self, ctx: &Context<'_>) -> Result<Option<Person>> {
        Person::load(ctx, self.0.poster).await
    }

    /// Where the bounty came from first, or of a draft shall come from.
    async fn source(&self, ctx: &Context<'_>) -> Result<Option<Holder>> {
        Holder::load(ctx, self.0.source).await
    }

    /// The bounty, boosts included; of a draft the intended one.
    async fn bounty(&self, ctx: &Context<'_>) -> TokenAmount {
        TokenAmount::of(ctx.market(), self.0.bounty)
    }

    /// What lies in its escrow now.
    async fn escrow(&self, ctx: &Context<'_>) -> TokenAmount {
        TokenAmount::of(ctx.market(), self.0.escrow)
    }

    /// When the clock stops or stopped: at this instant it has stopped.
    async fn closes_at(&self) -> DateTime {
        self.0.closes_at.into()
    }

    /// The time by the clock that the deadline is decided by.
    async fn server_time(&self, ctx: &Context<'_>) -> DateTime {
        ctx.market().now().into()
    }

    /// When it was first written.
    async fn created_at(&self) -> DateTime {
        self.0.created_at.into()
    }

    /// When it opened.
    async fn published_at(&self) -> Option<DateTime> {
        self.0.published_at.map(DateTime::from)
    }

    /// Until when a crew can appeal, once ruled.
    async fn appeals_until(&self) -> Option<DateTime> {
        self.0.appeals_until.map(DateTime::from)
    }

    /// Who decides now: the poster or the judges, or after their silence the deputies.
    #[graphql(complexity = "crate::connection::list_cost(3, child_complexity)")]
    async fn deciders(&self, ctx: &Context<'_>) -> Result<Vec<Person>> {
        Person::load_many(ctx, &self.0.judges).await
    }

    /// Until when their ruling is due, while one is and the rules say so.
    async fn decision_due(&self) -> Option<DateTime> {
        self.0.decision_due.map(DateTime::from)
    }

    /// When the decision passed on to the deputies.
    async fn passed_on_at(&self) -> Option<DateTime> {
        self.0.passed_at.map(DateTime::from)
    }

    /// What the clock has done with it, in order.
    #[graphql(complexity = "crate::connection::list_cost(5, child_complexity)")]
    async fn clock(&self, ctx: &Context<'_>) -> Result<Vec<ClockEdge>> {
        Ok(all(ctx.market().task_edges(ctx.actor(), self.0.id).await?, ClockEdge::from))
    }

    /// When it was settled, cancelled or expired.
    async fn ended_at(&self) -> Option<DateTime> {
        self.0.ended_at.map(DateTime::from)
    }

    /// The rules of its race.
    async fn rules(&self) -> RaceRules {
        RaceRules(self.0.rules.clone())
    }

    /// The salted digest of the frozen rules, as committed on the ledger; null for a draft.
    async fn rules_digest(&self) -> Option<Hash> {
        self.0.rules_digest.as_ref().map(Hash::from)
    }

    /// The record that holds that digest; null for a draft.
    async fn rules_record(&self, ctx: &Context<'_>) -> Result<Option<Record>> {
        match self.0.rules_record {
            Some(id) => Record::load(ctx, id).await,
            None => Ok(None),
        }
    }

    /// What each place gets when 1, 2, 3, … entries are placed, and what each of a crew gets of it: the whole
    /// table, before anybody enters.
    #[graphql(complexity = "Outlook::cost(entries, shares.len(), child_complexity)")]
    async fn prospects(
        &self,
        ctx: &Context<'_>,
        #[graphql(default = 5, desc = "How far the table goes, up to 100 entries.")] entries: u8,
        #[graphql(
            default,
            desc = "The shares of a crew in basis points, 10000 together, to see what each of them gets."
        )]
        shares: Vec<u32>,
    ) -> Result<Vec<Outlook>> {
        Outlook::table(ctx.market(), &self.0, entries, &shares)
    }

    /// How many entries there are, withdrawn ones left out.
    async fn lane_count(&self) -> u32 {
        self.0.lanes
    }

    /// How many of them run: the whole crew has agreed.
    async fn running_count(&self) -> u32 {
        self.0.running
    }

    /// How many of them have handed in something.
    async fn submitted_count(&self) -> u32 {
        self.0.submitted
    }

    /// How many wallets and budgets fund it.
    async fn funder_count(&self) -> u32 {
        self.0.funders
    }

    /// The entries, by lane.
    #[graphql(complexity = "crate::connection::list_cost(6, child_complexity)")]
    async fn entries(&self, ctx: &Context<'_>) -> Result<Vec<Entry>> {
        Ok(all(ctx.market().entries(ctx.actor(), self.0.id).await?, Entry))
    }

    /// The same artefact in several lanes: for those who judge, once the clock has stopped; empty for all others.
    #[graphql(complexity = "crate::connection::list_cost(2, child_complexity)")]
    async fn same_work(&self, ctx: &Context<'_>) -> Result<Vec<SameWork>> {
        Ok(all(ctx.market().same_work(ctx.actor(), self.0.id).await?, SameWork))
    }

    /// The board, where the server measures; null for other races and for drafts.
    #[graphql(complexity = "5 + child_complexity")]
    async fn board(&self, ctx: &Context<'_>) -> Result<Option<Board>> {
        Ok(ctx.market().board(ctx.actor(), self.0.id).await?.map(Board))
    }

    /// The vote, where one decides; null for other races and for drafts.
    #[graphql(complexity = "5 + child_complexity")]
    async fn vote(&self, ctx: &Context<'_>) -> Result<Option<Vote>> {
        Ok(ctx.market().vote(ctx.actor(), self.0.id).await?.map(Vote))
    }

    /// The events that were counted, oldest first.
    #[graphql(complexity = "crate::connection::list_cost(5, child_complexity)")]
    async fn events(&self, ctx: &Context<'_>) -> Result<Vec<Events>> {
        Ok(all(ctx.market().events(ctx.actor(), self.0.id).await?, Events))
    }

    /// How many events have made the pot grow.
    async fn growth_events(&self) -> u32 {
        self.0.grown
    }

    /// What is known of the answer key, for its poster, auditors and, once the clock has stopped, the judges; null
    /// for everybody else.
    #[graphql(complexity = "2 + child_complexity")]
    async fn answer_key(&self, ctx: &Context<'_>) -> Result<Option<AnswerKey>> {
        Ok(open(ctx.market().answer_key(ctx.actor(), self.0.id).await)?.flatten().map(AnswerKey))
    }

    /// The stages of its race in order, with what each pays and how it came out; empty where there are none.
    #[graphql(complexity = "crate::connection::list_cost(3, child_complexity)")]
    async fn stages(&self, ctx: &Context<'_>) -> Result<Vec<RaceStage>> {
        let stages = ctx.market().stages(ctx.actor(), self.0.id).await?;
        Ok(all(stages, |view| RaceStage { view, rules: self.0.rules.clone() }))
    }

    /// Its panel at work; null where no panel judges.
    #[graphql(complexity = "5 + child_complexity")]
    async fn panel(&self, ctx: &Context<'_>) -> Result<Option<Panel>> {
        Panel::load(ctx, self.0.id).await
    }

    /// The rulings, the newest of which counts.
    #[graphql(complexity = "crate::connection::list_cost(2, child_complexity)")]
    async fn rulings(&self, ctx: &Context<'_>) -> Result<Vec<Ruling>> {
        Ok(all(ctx.market().rulings(ctx.actor(), self.0.id).await?, Ruling))
    }

    /// The amendments of its rules, oldest first: those in force are their history.
    #[graphql(complexity = "crate::connection::list_cost(2, child_complexity)")]
    async fn amendments(&self, ctx: &Context<'_>) -> Result<Vec<Amendment>> {
        Ok(all(ctx.market().amendments(ctx.actor(), self.0.id).await?, Amendment))
    }

    /// What was asked, answered and made clear, oldest first; nobody is told who asked.
    #[graphql(complexity = "crate::connection::list_cost(3, child_complexity)")]
    async fn questions(&self, ctx: &Context<'_>) -> Result<Vec<Question>> {
        Ok(all(ctx.market().questions(ctx.actor(), self.0.id).await?, Question))
    }

    /// The appeals against its rulings.
    #[graphql(complexity = "crate::connection::list_cost(2, child_complexity)")]
    async fn appeals(&self, ctx: &Context<'_>) -> Result<Vec<Appeal>> {
        Ok(all(ctx.market().appeals(ctx.actor(), self.0.id).await?, Appeal))
    }

    /// What left its escrow as prizes: payouts and refunds. What was paid for parts of entries is told by
    /// `partsBought`.
    #[graphql(complexity = "crate::connection::list_cost(2, child_complexity)")]
    async fn payouts(&self, ctx: &Context<'_>) -> Result<Vec<Payout>> {
        Ok(all(ctx.market().payouts(ctx.actor(), self.0.id).await?, Payout))
    }

    /// The parts of its entries that were bought, newest first.
    #[graphql(complexity = "crate::connection::list_cost(3, child_complexity)")]
    async fn parts_bought(&self, ctx: &Context<'_>) -> Result<Vec<PartOffer>> {
        Ok(all(ctx.market().parts_bought(ctx.actor(), self.0.id).await?, PartOffer))
    }

    /// What the race costs and is worth, as the asker may know.
    #[graphql(complexity = "5 + child_complexity")]
    async fn cost(&self, ctx: &Context<'_>) -> Result<Option<RaceCost>> {
        Ok(open(ctx.market().cost(ctx.actor(), self.0.id).await)?.map(RaceCost))
    }

    /// What went into its escrow.
    #[graphql(complexity = "crate::connection::list_cost(3, child_complexity)")]
    async fn fundings(&self, ctx: &Context<'_>) -> Result<Vec<Funding>> {
        Ok(all(ctx.market().fundings(ctx.actor(), self.0.id).await?, Funding))
    }

    /// Everything on the ledger that belongs to it, in order.
    #[graphql(complexity = "crate::connection::list_cost(10, child_complexity)")]
    async fn records(&self, ctx: &Context<'_>) -> Result<Vec<Record>> {
        Ok(all(ctx.market().task_records(ctx.actor(), self.0.id).await?, Record::from))
    }

    /// Whether the asker can enter its race, and why, before they try.
    #[graphql(complexity = "5 + child_complexity")]
    async fn eligibility(&self, ctx: &Context<'_>) -> Result<Eligibility> {
        Ok(ctx.market().eligibility(ctx.actor(), self.0.id).await?.into())
    }

    /// The people whom its poster invited; empty for everybody but the poster and the auditor.
    #[graphql(complexity = "crate::connection::list_cost(3, child_complexity)")]
    async fn invited_people(&self, ctx: &Context<'_>) -> Result<Vec<Person>> {
        let (people, _) = ctx.market().invited(ctx.actor(), self.0.id).await?;
        Person::load_many(ctx, &people).await
    }

    /// The units whom its poster invited; empty for everybody but the poster and the auditor.
    #[graphql(complexity = "crate::connection::list_cost(3, child_complexity)")]
    async fn invited_units(&self, ctx: &Context<'_>) -> Result<Vec<Unit>> {
        let (_, units) = ctx.market().invited(ctx.actor(), self.0.id).await?;
        Unit::load_many(ctx, &units).await
    }

    /// Everybody who was invited and what became of it, oldest first, invitations that were taken back too; empty for
    /// everybody but the poster and the auditor.
    #[graphql(complexity = "crate::connection::list_cost(3, child_complexity)")]
    async fn invitations(&self, ctx: &Context<'_>) -> Result<Vec<RaceInvitation>> {
        Ok(all(ctx.market().race_invitations(ctx.actor(), self.0.id).await?, RaceInvitation))
    }

    /// What the asker can do with it now.
    #[graphql(complexity = "5 + child_complexity")]
    async fn viewer_can(&self, ctx: &Context<'_>) -> Result<TaskPermissions> {
        ctx.market().viewer_can(ctx.actor(), self.0.id).await.map(TaskPermissions)
    }
}

fn all<V, T>(views: Vec<V>, make: impl Fn(V) -> T) -> Vec<T> {
    views.into_iter().map(make).collect()
}

impl From<TaskView> for Task {
    fn from(view: TaskView) -> Self {
        Self(view)
    }
}

impl Task {
    /// The task, or nothing where it is not open to the asker.
    pub(crate) async fn load(ctx: &Context<'_>, id: TaskId) -> Result<Option<Self>> {
        Ok(ctx.loader().load_one(id).await?.map(Self))
    }

    /// The task, which the asker may see.
    pub(crate) async fn seen(ctx: &Context<'_>, id: TaskId) -> Result<Self> {
        ctx.market().task(ctx.actor(), id).await.map(Self)
    }
}

/// Which tasks a list shall hold. Everything named must hold.
#[derive(InputObject, Default)]
#[graphql(name = "TaskFilter")]
pub(crate) struct TaskFilterInput {
    /// In one of these states. Empty: in any.
    #[graphql(default)]
    states: Vec<TaskState>,
    /// Open challenges only.
    #[graphql(default)]
    open_only: bool,
    /// Posted by the asker.
    #[graphql(default)]
    mine: bool,
    /// With the asker in a crew.
    #[graphql(default)]
    riding: bool,
    /// With the asker among the judges that the rules name.
    #[graphql(default)]
    judging: bool,
    /// With these words in the title.
    search: Option<String>,
}

impl TaskFilterInput {
    fn read(self, order: TaskOrder) -> TaskFilter {
        let Self { states, open_only, mine, riding, judging, search } = self;
        let states = states.into_iter().map(Into::into).collect();
        TaskFilter { states, open_only, mine, riding, judging, search, order: order.into() }
    }
}

/// Questions about tasks.
#[derive(Default)]
pub(crate) struct TaskQuery;

#[Object]
impl TaskQuery {
    /// The task with this handle.
    async fn task(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The short public handle, as in the address of its page.")] handle: String,
    ) -> Result<Option<Task>> {
        ctx.market().task_by_handle(ctx.actor(), &handle).await.map(|view| Some(Task(view)))
    }

    /// The tasks that the asker may see: all for members, open challenges for everybody, drafts for their posters.
    #[graphql(complexity = "crate::connection::page_cost(first, last, child_complexity)")]
    #[expect(clippy::too_many_arguments, reason = "the arguments of a Relay connection, and a filter")]
    async fn tasks(
        &self,
        ctx: &Context<'_>,
        #[graphql(default, desc = "Which of them.")] filter: TaskFilterInput,
        #[graphql(default_with = "TaskOrder::Newest", desc = "In which order.")] order: TaskOrder,
        #[graphql(desc = "So many from the front, 1 to 100; 20 if neither end is named.")] first: Option<u32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "So many from the end, 1 to 100.")] last: Option<u32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Option<Connection<Task>>> {
        let page = page(first, after, last, before);
        ctx.market().tasks(ctx.actor(), &filter.read(order), &page).await.map(Connection::some)
    }
}
