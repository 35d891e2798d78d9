//! Entries: the lanes of a race, their crews, and taking part.

use async_graphql::{Context, Enum, ID, InputObject, Object};
use market::race::{
    AgreeToCrew, CrewShare, CrewView, DeclineCrew, EnterRace, EntryView, ReviseCrew, WithdrawEntry,
};
use market::{Command, EntryId, IdempotencyKey, Result};

use crate::board::Scored;
use crate::convert::Form;
use crate::id::Global;
use crate::payload::payloads;
use crate::person::Person;
use crate::refusal::answer;
use crate::request::{Ask, open};
use crate::returned::Return;
use crate::rules::Outlook;
use crate::scalar::{DateTime, Score, TokenAmount};
use crate::submission::Submission;
use crate::task::Task;
use crate::unit::Unit;

/// Where an entry stands.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "market::race::EntryState")]
pub(crate) enum EntryState {
    /// Somebody in the crew has not agreed yet.
    Forming,
    /// All agreed: it can submit.
    Running,
    /// It left the race.
    Withdrawn,
    /// It was closed at the cut of a stage.
    Cut,
}

/// What a person says to being named in a crew.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "market::race::CrewAnswer")]
pub(crate) enum CrewAnswer {
    /// Nothing yet.
    Asked,
    /// Yes, on this share.
    Agreed,
    /// No.
    Declined,
}

/// An entry.
pub(crate) struct Entry(pub(crate) EntryView);

/// One lane of a race: an entrant and its crew.
#[Object]
impl Entry {
    /// Its global id.
    pub(crate) async fn id(&self) -> ID {
        self.0.id.global()
    }

    /// The task whose race it runs in.
    async fn task(&self, ctx: &Context<'_>) -> Result<Option<Task>> {
        Task::load(ctx, self.0.task).await
    }

    /// The number of its lane, from 1.
    async fn lane(&self) -> u32 {
        self.0.lane
    }

    /// Its name.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// Who entered it and speaks for it.
    async fn captain(&self, ctx: &Context<'_>) -> Result<Option<Person>> {
        Person::load(ctx, self.0.captain).await
    }

    /// The unit that entered, if one did.
    async fn unit(&self, ctx: &Context<'_>) -> Result<Option<Unit>> {
        match self.0.unit {
            Some(id) => Unit::load(ctx, id).await,
            None => Ok(None),
        }
    }

    /// What the unit's own wallet takes of the award, in basis points: 10000 is all of it.
    async fn unit_share(&self) -> u32 {
        self.0.unit_share
    }

    /// Where it stands.
    async fn state(&self) -> EntryState {
        self.0.state.into()
    }

    /// The number of the stage at which it was closed, if it was.
    async fn cut_stage(&self) -> Option<u32> {
        self.0.cut_stage
    }

    /// Its crew with the share that each takes.
    #[graphql(complexity = "crate::connection::list_cost(4, child_complexity)")]
    async fn crew(&self) -> Vec<CrewMember> {
        self.0.crew.iter().copied().map(CrewMember).collect()
    }

    /// What it gets on each place when 1, 2, 3, … entries are placed, and what each of its crew gets of it by
    /// the shares agreed.
    #[graphql(complexity = "Outlook::cost(entries, 10, child_complexity)")]
    async fn prospects(
        &self,
        ctx: &Context<'_>,
        #[graphql(default = 5, desc = "How far the table goes, up to 100 entries.")] entries: u8,
    ) -> Result<Vec<Outlook>> {
        let task = ctx.market().task(ctx.actor(), self.0.task).await?;
        Outlook::table(ctx.market(), &task, entries, &self.0.shares())
    }

    /// When it was entered.
    async fn entered_at(&self) -> DateTime {
        self.0.entered_at.into()
    }

    /// How many versions it has handed in.
    async fn submission_count(&self) -> u32 {
        self.0.submissions
    }

    /// When the last one came.
    async fn last_submitted_at(&self) -> Option<DateTime> {
        self.0.last_submitted_at.map(DateTime::from)
    }

    /// Its place in the newest ruling, dead heats sharing one; null when not placed or not ruled.
    async fn place(&self) -> Option<u32> {
        self.0.place
    }

    /// Its score in the newest ruling.
    async fn score(&self) -> Option<Score> {
        self.0.score.map(Score::from)
    }

    /// What the newest ruling gives it, for the whole crew.
    async fn award(&self, ctx: &Context<'_>) -> Option<TokenAmount> {
        self.0.award.map(|award| TokenAmount::of(ctx.market(), award))
    }

    /// The judge's reason in the newest ruling.
    async fn reason(&self) -> Option<&str> {
        self.0.reason.as_deref()
    }

    /// Why it was returned unread, if it was: it then qualifies for nothing.
    async fn returned(&self) -> Option<Return> {
        self.0.returned.clone().map(Return)
    }

    /// Whether the asker belongs to its crew and agreed.
    async fn mine(&self) -> bool {
        self.0.mine
    }

    /// Whether the asker is its captain.
    async fn captained(&self) -> bool {
        self.0.captained
    }

    /// What its versions scored where the server measures, newest first: for its crew, and once the race is ruled
    /// for whoever may see the work; empty for everybody else.
    #[graphql(complexity = "crate::connection::list_cost(5, child_complexity)")]
    async fn version_scores(&self, ctx: &Context<'_>) -> Result<Vec<Scored>> {
        let scores = open(ctx.market().version_scores(ctx.actor(), self.0.id).await)?;
        Ok(scores.unwrap_or_default().into_iter().map(Scored).collect())
    }

    /// What it has handed in; the contents are sealed to all but its crew until the clock stops.
    #[graphql(complexity = "crate::connection::list_cost(5, child_complexity)")]
    async fn submissions(&self, ctx: &Context<'_>) -> Result<Vec<Submission>> {
        let views = open(ctx.market().submissions(ctx.actor(), self.0.id).await)?;
        Ok(views.unwrap_or_default().into_iter().map(Submission::from).collect())
    }
}

impl From<EntryView> for Entry {
    fn from(view: EntryView) -> Self {
        Self(view)
    }
}

impl Entry {
    /// The entry, or nothing where it is not open to the asker.
    pub(crate) async fn load(ctx: &Context<'_>, id: EntryId) -> Result<Option<Self>> {
        Ok(ctx.loader().load_one(id).await?.map(Self))
    }
}

/// One of a crew.
pub(crate) struct CrewMember(CrewView);

/// One of a crew, with the share that they take.
#[Object]
impl CrewMember {
    /// Who.
    async fn person(&self, ctx: &Context<'_>) -> Result<Option<Person>> {
        Person::load(ctx, self.0.person).await
    }

    /// What they take of the award, in basis points: 10000 is all of it.
    async fn share(&self) -> u32 {
        self.0.share
    }

    /// What they said.
    async fn answer(&self) -> CrewAnswer {
        self.0.answer.into()
    }
}

/// A person and the share that they shall take.
#[derive(InputObject)]
pub(crate) struct CrewShareInput {
    /// The global id of the person.
    person: ID,
    /// What they shall take of the award, in basis points: 10000 is all of it.
    share: u32,
}

/// Which race to enter, and how.
#[derive(InputObject)]
pub(crate) struct EnterRaceInput {
    /// The global id of the task.
    task: ID,
    /// The entry's name, up to 60 characters; the unit's or the asker's name if none is given.
    name: Option<String>,
    /// The global id of the unit that enters; the asker must lead it. Null: the asker enters.
    unit: Option<ID>,
    /// What the unit's own wallet takes, in basis points; only with a unit.
    #[graphql(default)]
    unit_share: u32,
    /// The crew with their shares, the asker among them; with the unit's share they sum to 10000. Empty: the
    /// asker alone.
    #[graphql(default)]
    crew: Vec<CrewShareInput>,
    /// Your own name for this command: sent again with the same input, it does nothing twice.
    idempotency_key: String,
}

/// Which entry's crew to propose anew.
#[derive(InputObject)]
pub(crate) struct ReviseCrewInput {
    /// The global id of the entry.
    entry: ID,
    /// What the unit's own wallet takes, in basis points; only with a unit.
    #[graphql(default)]
    unit_share: u32,
    /// The whole crew anew; everybody in it is asked again.
    crew: Vec<CrewShareInput>,
    /// Your own name for this command: sent again with the same input, it does nothing twice.
    idempotency_key: String,
}

/// Which entry's crew to join.
#[derive(InputObject)]
pub(crate) struct AgreeToCrewInput {
    /// The global id of the entry.
    entry: ID,
    /// Your own name for this command: sent again with the same input, it does nothing twice.
    idempotency_key: String,
}

/// Which entry's crew not to join.
#[derive(InputObject)]
pub(crate) struct DeclineCrewInput {
    /// The global id of the entry.
    entry: ID,
    /// Your own name for this command: sent again with the same input, it does nothing twice.
    idempotency_key: String,
}

/// Which entry to withdraw.
#[derive(InputObject)]
pub(crate) struct WithdrawEntryInput {
    /// The global id of the entry.
    entry: ID,
    /// Your own name for this command: sent again with the same input, it does nothing twice.
    idempotency_key: String,
}

payloads! {
    /// What came of `enterRace`.
    EnterRacePayload {
        /// The new entry.
        entry: Entry,
    }

    /// What came of `reviseCrew`.
    ReviseCrewPayload {
        /// The entry as it is now.
        entry: Entry,
    }

    /// What came of `agreeToCrew`.
    AgreeToCrewPayload {
        /// The entry as it is now.
        entry: Entry,
    }

    /// What came of `declineCrew`.
    DeclineCrewPayload {
        /// The entry as it is now.
        entry: Entry,
    }

    /// What came of `withdrawEntry`.
    WithdrawEntryPayload {
        /// The entry as it is now.
        entry: Entry,
    }
}

/// What can be done with entries.
#[derive(Default)]
pub(crate) struct EntryMutation;

#[Object]
impl EntryMutation {
    /// Takes a lane in a race. A crew runs once everybody named in it has agreed.
    async fn enter_race(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which race, and how.")] input: EnterRaceInput,
    ) -> Result<Option<EnterRacePayload>> {
        answer(async {
            let mut form = Form::of(ctx)?;
            let task = form.id("task", &input.task);
            let unit = input.unit.as_ref().map(|unit| form.id("unit", unit));
            let crew = shares(&mut form, &input.crew);
            let EnterRaceInput { name, unit_share, .. } = input;
            let command = form.done(EnterRace { task, name, unit, unit_share, crew })?;
            let key = IdempotencyKey::parse(&input.idempotency_key)?;
            let entry = ctx.market().run_once(ctx.actor(), key, command).await?;
            Ok((seen(ctx, entry).await?,))
        })
        .await
    }

    /// Proposes another crew or other shares, for the captain, until the entry runs.
    async fn revise_crew(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The crew anew.")] input: ReviseCrewInput,
    ) -> Result<Option<ReviseCrewPayload>> {
        answer(async {
            let mut form = Form::of(ctx)?;
            let (entry, crew) = (form.id("entry", &input.entry), shares(&mut form, &input.crew));
            let command = form.done(ReviseCrew { entry, unit_share: input.unit_share, crew })?;
            act(ctx, &input.idempotency_key, entry, command).await
        })
        .await
    }

    /// Agrees to ride in a crew on the share proposed.
    async fn agree_to_crew(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which entry's crew.")] input: AgreeToCrewInput,
    ) -> Result<Option<AgreeToCrewPayload>> {
        answer(async {
            let mut form = Form::of(ctx)?;
            let entry = form.id("entry", &input.entry);
            let command = form.done(AgreeToCrew { entry })?;
            act(ctx, &input.idempotency_key, entry, command).await
        })
        .await
    }

    /// Declines to ride in a crew.
    async fn decline_crew(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which entry's crew.")] input: DeclineCrewInput,
    ) -> Result<Option<DeclineCrewPayload>> {
        answer(async {
            let mut form = Form::of(ctx)?;
            let entry = form.id("entry", &input.entry);
            let command = form.done(DeclineCrew { entry })?;
            act(ctx, &input.idempotency_key, entry, command).await
        })
        .await
    }

    /// Takes an entry out of its race, for the captain.
    async fn withdraw_entry(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which entry.")] input: WithdrawEntryInput,
    ) -> Result<Option<WithdrawEntryPayload>> {
        answer(async {
            let mut form = Form::of(ctx)?;
            let entry = form.id("entry", &input.entry);
            let command = form.done(WithdrawEntry { entry })?;
            act(ctx, &input.idempotency_key, entry, command).await
        })
        .await
    }
}

fn shares(form: &mut Form<'_>, crew: &[CrewShareInput]) -> Vec<CrewShare> {
    let mut read = |(at, member): (usize, &CrewShareInput)| CrewShare {
        person: form.id(&format!("crew.{at}.person"), &member.person),
        share: member.share,
    };
    crew.iter().enumerate().map(&mut read).collect()
}

async fn act<C: Command>(ctx: &Context<'_>, key: &str, entry: EntryId, command: C) -> Result<(Entry,)> {
    let key = IdempotencyKey::parse(key)?;
    ctx.market().run_once(ctx.actor(), key, command).await?;
    Ok((seen(ctx, entry).await?,))
}

async fn seen(ctx: &Context<'_>, id: EntryId) -> Result<Entry> {
    ctx.market().entry(ctx.actor(), id).await.map(Entry)
}
