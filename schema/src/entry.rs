//! Entries: the lanes of a race, their crews, and taking part.

use async_graphql::{Context, Enum, ID, InputObject, Object};
use market::race::{
    AgreeToCrew, CrewShare, CrewView, DeclineCrew, EnterRace, EntryView, ReviseCrew, UnitPart, UnitShare,
    WithdrawEntry,
};
use market::{Code, Command, EntryId, IdempotencyKey, Result};

use crate::board::Scored;
use crate::convert::Form;
use crate::crew::Change;
use crate::feedback::Feedback;
use crate::id::Global;
use crate::part::PartOffer;
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
    /// All lanes are taken: it waits for one.
    Waiting,
    /// All agreed: it can submit.
    Running,
    /// It left the race.
    Withdrawn,
    /// It was closed at the cut of a stage.
    Cut,
    /// It rides on in another lane.
    Merged,
    /// It was taken out of the race, with a reason.
    Disqualified,
    /// The clock took it out: nothing was heard of its crew.
    Lapsed,
    /// It left on an amendment, with the start prize where there was one.
    Left,
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

    /// Its name; where nobody shall know whose lane it is, `#` and its number.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// Whether it is hidden from the asker who rides in it: then its name is its lane, and nobody is named.
    async fn hidden(&self) -> bool {
        self.0.hidden
    }

    /// Who speaks for it; null where names are hidden from the asker.
    async fn captain(&self, ctx: &Context<'_>) -> Result<Option<Person>> {
        match self.0.captain {
            Some(id) => Person::load(ctx, id).await,
            None => Ok(None),
        }
    }

    /// When something is due that its crew must not miss: by then it checks in. Null for everybody else.
    async fn check_in_due(&self) -> Option<DateTime> {
        self.0.check_in_due.map(DateTime::from)
    }

    /// The first unit that entered, if one did; `units` has all of them.
    async fn unit(&self, ctx: &Context<'_>) -> Result<Option<Unit>> {
        match self.0.units.first() {
            Some(part) => Unit::load(ctx, part.unit).await,
            None => Ok(None),
        }
    }

    /// What the wallets of its units take of the award together, in basis points: 10000 is all of it.
    async fn unit_share(&self) -> u32 {
        self.0.units.iter().map(|part| part.share).sum()
    }

    /// The units that entered together, in the order in which they are paid, before the crew.
    #[graphql(complexity = "crate::connection::list_cost(2, child_complexity)")]
    async fn units(&self) -> Vec<EntryUnit> {
        self.0.units.iter().copied().map(EntryUnit).collect()
    }

    /// The change of the crew that is proposed; null for those whom it does not concern.
    async fn change(&self) -> Option<Change> {
        self.0.change.clone().map(Change)
    }

    /// Why it was disqualified.
    async fn disqualified_because(&self) -> Option<&str> {
        self.0.out_reason.as_deref()
    }

    /// The entry that it rides on in, once merged.
    async fn merged_into(&self, ctx: &Context<'_>) -> Result<Option<Self>> {
        match self.0.merged_into {
            Some(id) => Self::load(ctx, id).await,
            None => Ok(None),
        }
    }

    /// Whether its crew can still change: the race runs, and crews are not fixed yet.
    async fn crew_can_change(&self) -> bool {
        self.0.unfrozen
    }

    /// Whether the asker has yet to agree or decline, for themselves or for a unit that they lead.
    async fn asked(&self) -> bool {
        self.0.asked
    }

    /// Where it stands.
    async fn state(&self) -> EntryState {
        self.0.state.into()
    }

    /// The number of the stage at which it was closed, if it was.
    async fn cut_stage(&self) -> Option<u32> {
        self.0.cut_stage
    }

    /// The name of what the asker is asked to agree to, for `agreeToCrew`; null when they are asked nothing.
    async fn proposal(&self) -> Option<&str> {
        self.0.proposal.as_deref()
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

    /// What judges wrote to its crew while the race ran: all of it to the crew, to others what they wrote.
    #[graphql(complexity = "crate::connection::list_cost(5, child_complexity)")]
    async fn feedback(&self, ctx: &Context<'_>) -> Result<Vec<Feedback>> {
        let views = open(ctx.market().feedback(ctx.actor(), self.0.id).await)?;
        Ok(views.unwrap_or_default().into_iter().map(Feedback).collect())
    }

    /// Offers for parts of it, newest first, those that were accepted among them: parts that were bought.
    #[graphql(complexity = "crate::connection::list_cost(5, child_complexity)")]
    async fn offers(&self, ctx: &Context<'_>) -> Result<Vec<PartOffer>> {
        let found = open(ctx.market().offers(ctx.actor(), self.0.id).await)?;
        Ok(found.into_iter().flat_map(|found| found.offers).map(PartOffer).collect())
    }

    /// Whether the asker may offer a price for a part of it now.
    async fn may_offer(&self, ctx: &Context<'_>) -> Result<bool> {
        let found = open(ctx.market().offers(ctx.actor(), self.0.id).await)?;
        Ok(found.is_some_and(|found| found.may_offer))
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

/// One of an entry's units.
pub(crate) struct EntryUnit(UnitPart);

/// One of an entry's units, with the share that its own wallet takes.
#[Object]
impl EntryUnit {
    /// Which.
    async fn unit(&self, ctx: &Context<'_>) -> Result<Option<Unit>> {
        Unit::load(ctx, self.0.unit).await
    }

    /// What its wallet takes of the award, in basis points: 10000 is all of it.
    async fn share(&self) -> u32 {
        self.0.share
    }

    /// What its lead said.
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

/// A unit and the share that its own wallet shall take.
#[derive(InputObject)]
pub(crate) struct UnitShareInput {
    /// The global id of the unit.
    unit: ID,
    /// What it shall take of the award, in basis points: 10000 is all of it.
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
    /// Further units that enter together with the first, in the order in which they are paid; their leads are
    /// asked. Without `unit` the first of these must be led by the asker.
    #[graphql(default)]
    units: Vec<UnitShareInput>,
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
    /// What the first unit's own wallet takes, in basis points, where `units` is empty; the units stay as they
    /// are then. Null: its share stays too.
    unit_share: Option<u32>,
    /// The units anew, in the order in which they are paid. Empty: they stay.
    #[graphql(default)]
    units: Vec<UnitShareInput>,
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
    /// What is agreed to, as `proposal` of the entry names it: what was changed since is refused.
    proposal: String,
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
            let first = input.unit.as_ref().map(|unit| form.id("unit", unit));
            form.check(first.is_none() && input.unit_share > 0, "unit_share", Code::BadChoice);
            let first = first.map(|unit| UnitShare { unit, share: input.unit_share });
            let further = units(&mut form, &input.units);
            let units = first.into_iter().chain(further).collect();
            let crew = shares(&mut form, &input.crew);
            let command = form.done(EnterRace { task, name: input.name, units, crew })?;
            let key = IdempotencyKey::parse(&input.idempotency_key)?;
            let entry = ctx.market().run_once(ctx.actor(), key, command).await?;
            Ok((seen(ctx, entry).await?,))
        })
        .await
    }

    /// Proposes another crew or other shares, for the captain. While the entry forms, everybody is asked anew;
    /// once it runs, it rides on as it is until everybody concerned has agreed, those included who would leave.
    async fn revise_crew(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The crew anew.")] input: ReviseCrewInput,
    ) -> Result<Option<ReviseCrewPayload>> {
        answer(async {
            let mut form = Form::of(ctx)?;
            let (entry, crew) = (form.id("entry", &input.entry), shares(&mut form, &input.crew));
            let mut units = units(&mut form, &input.units);
            if units.is_empty() {
                let now = ctx.market().entry(ctx.actor(), entry).await?.units;
                units = now.iter().map(|part| UnitShare { unit: part.unit, share: part.share }).collect();
                if let (Some(first), Some(share)) = (units.first_mut(), input.unit_share) {
                    first.share = share;
                }
            }
            let command = form.done(ReviseCrew { entry, units, crew })?;
            act(ctx, &input.idempotency_key, entry, command).await
        })
        .await
    }

    /// Agrees to everything that the asker is asked of an entry: their own share and those of units that they
    /// lead, in the crew as it forms or in the change that is proposed.
    async fn agree_to_crew(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which entry's crew.")] input: AgreeToCrewInput,
    ) -> Result<Option<AgreeToCrewPayload>> {
        answer(async {
            let mut form = Form::of(ctx)?;
            let entry = form.id("entry", &input.entry);
            let command = form.done(AgreeToCrew { entry, proposal: input.proposal })?;
            act(ctx, &input.idempotency_key, entry, command).await
        })
        .await
    }

    /// Declines all that the asker is asked of an entry. A change that was proposed is off then.
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

pub(crate) fn units(form: &mut Form<'_>, units: &[UnitShareInput]) -> Vec<UnitShare> {
    let mut read = |(at, part): (usize, &UnitShareInput)| UnitShare {
        unit: form.id(&format!("units.{at}.unit"), &part.unit),
        share: part.share,
    };
    units.iter().enumerate().map(&mut read).collect()
}

pub(crate) fn shares(form: &mut Form<'_>, crew: &[CrewShareInput]) -> Vec<CrewShare> {
    let mut read = |(at, member): (usize, &CrewShareInput)| CrewShare {
        person: form.id(&format!("crew.{at}.person"), &member.person),
        share: member.share,
    };
    crew.iter().enumerate().map(&mut read).collect()
}

pub(crate) async fn act<C: Command>(
    ctx: &Context<'_>,
    key: &str,
    entry: EntryId,
    command: C,
) -> Result<(Entry,)> {
    let key = IdempotencyKey::parse(key)?;
    ctx.market().run_once(ctx.actor(), key, command).await?;
    Ok((seen(ctx, entry).await?,))
}

async fn seen(ctx: &Context<'_>, id: EntryId) -> Result<Entry> {
    ctx.market().entry(ctx.actor(), id).await.map(Entry)
}
