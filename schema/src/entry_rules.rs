//! The rules of entry: who enters, on which terms, and whether the asker can.

use async_graphql::{Context, Enum, ID, InputObject, Object, SimpleObject};
use market::race::{
    AcceptTerms, CheckIn, EligibilityView, EntryRules, InvitationView, InviteToRace, TermsOfEntry,
    UninviteFromRace, Who,
};
use market::{Code, IdempotencyKey, Result};

use crate::convert::Form;
use crate::payload::payloads;
use crate::person::Person;
use crate::refusal::answer;
use crate::request::Ask;
use crate::scalar::{DateTime, Hash};
use crate::task::Task;
use crate::unit::Unit;

/// Who may ride, among those who may see the race.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum WhoMayRide {
    /// Everybody.
    Anybody,
    /// Members of the organisation.
    Members,
    /// Members of certain units.
    Units,
    /// Whom the poster invites, and the members of units that the poster invites.
    Invited,
}

/// Why somebody can or can't enter.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "market::race::Eligible")]
pub(crate) enum Eligible {
    /// Yes: everybody who sees the race can.
    Anybody,
    /// Yes, as a member of the organisation.
    Member,
    /// Yes, as a member of a unit that the rules name.
    OfUnit,
    /// Yes, by invitation.
    Invited,
    /// Yes, but all lanes are taken: the entry waits for one.
    Waits,
    /// No: sign in first.
    SignIn,
    /// No: the asker posted it.
    Poster,
    /// No: the asker judges it.
    Judge,
    /// No: auditors and admins never ride.
    Keeper,
    /// No: members of the organisation only.
    NotMember,
    /// No: members of certain units only.
    NotOfUnit,
    /// No: by invitation only.
    NotInvited,
    /// No: the race is not open.
    Closed,
    /// No: the asker rides already, or was asked to.
    Riding,
    /// No: the asker's entry was disqualified.
    Disqualified,
    /// No: all lanes are taken.
    Full,
}

/// Until when the names of those who ride are hidden from everybody else.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "market::race::Names")]
pub(crate) enum NamesOfRiders {
    /// Not at all.
    Shown,
    /// Until the clock stops.
    UntilStop,
    /// Until the race is ruled.
    UntilRuling,
}

/// How often a crew says that it is still at it.
#[derive(SimpleObject)]
pub(crate) struct CheckIns {
    /// Once in so many seconds.
    every_seconds: u32,
    /// After so many missed in a row the entry is taken out.
    missed: u32,
}

impl From<CheckIn> for CheckIns {
    fn from(rules: CheckIn) -> Self {
        Self { every_seconds: rules.every_seconds, missed: rules.missed }
    }
}

/// How often a crew shall say that it is still at it.
#[derive(InputObject)]
pub(crate) struct CheckInsInput {
    /// Once in so many seconds, 3600 to 7776000 (90 days).
    every_seconds: u32,
    /// After so many missed in a row the entry is taken out, 1 to 10.
    missed: u32,
}

impl From<CheckInsInput> for CheckIn {
    fn from(input: CheckInsInput) -> Self {
        Self { every_seconds: input.every_seconds, missed: input.missed }
    }
}

/// Whether the asker can enter a race, before they try.
#[derive(SimpleObject)]
pub(crate) struct Eligibility {
    /// Whether they can.
    can_enter: bool,
    /// Why, or why not.
    because: Eligible,
    /// Whether they have accepted the terms; null where there are none, and for visitors.
    terms_accepted: Option<bool>,
}

impl From<EligibilityView> for Eligibility {
    fn from(view: EligibilityView) -> Self {
        Self { can_enter: view.why.can(), because: view.why.into(), terms_accepted: view.accepted }
    }
}

/// Terms that everybody accepts before they ride.
#[derive(SimpleObject)]
#[graphql(name = "TermsOfEntry")]
pub(crate) struct Terms {
    /// What they are called.
    title: String,
    /// Their version.
    version: String,
    /// What they say, Markdown.
    text: String,
    /// SHA-256 of title, version and text, each with a line feed behind it: what is accepted on record.
    digest: Hash,
}

/// The rules of entry.
pub(crate) struct EntryRulesOf(pub(crate) EntryRules);

/// Who enters, and how long crews can change.
#[Object(name = "EntryRules")]
impl EntryRulesOf {
    /// Who may ride. It holds for everybody in a crew.
    async fn who(&self) -> WhoMayRide {
        match self.0.who {
            Who::Anybody => WhoMayRide::Anybody,
            Who::Members => WhoMayRide::Members,
            Who::Units(_) => WhoMayRide::Units,
            Who::Invited => WhoMayRide::Invited,
        }
    }

    /// The units whose members may ride; empty unless the rules name some, and for those outside.
    #[graphql(complexity = "crate::connection::list_cost(3, child_complexity)")]
    async fn units(&self, ctx: &Context<'_>) -> Result<Vec<Unit>> {
        let Who::Units(units) = &self.0.who else { return Ok(Vec::new()) };
        Unit::load_many(ctx, units).await
    }

    /// Whether entries beyond the cap on lanes wait for one, in their order.
    async fn waiting_list(&self) -> bool {
        self.0.waiting_list
    }

    /// What everybody accepts, on record, before they ride.
    async fn terms(&self) -> Option<Terms> {
        self.0.terms.as_ref().map(|terms| Terms {
            title: terms.title.clone(),
            version: terms.version.clone(),
            text: terms.text.clone(),
            digest: Hash::from(&terms.digest()),
        })
    }

    /// Until when the names of those who ride are hidden from everybody else.
    async fn names(&self) -> NamesOfRiders {
        self.0.names.into()
    }

    /// So many seconds before the clock stops running crews are fixed; 0 when it stops.
    async fn freeze_seconds(&self) -> u32 {
        self.0.freeze_seconds
    }
}

/// Terms, as a poster writes them.
#[derive(InputObject)]
pub(crate) struct TermsOfEntryInput {
    /// What they are called, up to 120 characters.
    title: String,
    /// Their version, up to 40 characters.
    version: String,
    /// What they say, Markdown, up to 20,000 characters.
    text: String,
}

/// The rules of entry, as a poster writes them.
#[derive(InputObject)]
pub(crate) struct EntryRulesInput {
    /// Who may ride.
    #[graphql(default_with = "WhoMayRide::Anybody")]
    who: WhoMayRide,
    /// The global ids of up to 50 units, with `UNITS`.
    #[graphql(default)]
    units: Vec<ID>,
    /// Whether entries beyond the cap on lanes wait for one; needs a cap.
    #[graphql(default)]
    waiting_list: bool,
    /// What everybody accepts before they ride. Null: nothing.
    terms: Option<TermsOfEntryInput>,
    /// Until when the names of those who ride are hidden from everybody else.
    #[graphql(default_with = "NamesOfRiders::Shown")]
    names: NamesOfRiders,
    /// So many seconds before the clock stops running crews are fixed, 0 to 2592000 (30 days); 0: when it stops.
    #[graphql(default)]
    freeze_seconds: u32,
}

impl EntryRulesInput {
    /// The rules of entry, with problems noted on `rules.entry.…`.
    pub(crate) fn read(self, form: &mut Form<'_>) -> EntryRules {
        let units = form.ids("rules.entry.units", &self.units);
        let odd = self.who != WhoMayRide::Units && !units.is_empty();
        form.check(odd, "rules.entry.units", Code::BadChoice);
        EntryRules {
            who: match self.who {
                WhoMayRide::Anybody => Who::Anybody,
                WhoMayRide::Members => Who::Members,
                WhoMayRide::Units => Who::Units(units),
                WhoMayRide::Invited => Who::Invited,
            },
            waiting_list: self.waiting_list,
            names: self.names.into(),
            terms: self.terms.map(|terms| TermsOfEntry {
                title: terms.title,
                version: terms.version,
                text: terms.text,
            }),
            freeze_seconds: self.freeze_seconds,
        }
    }
}

/// What became of an invitation to a race.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "market::race::Became")]
pub(crate) enum InvitationOutcome {
    /// Nobody rides by it, or who rides is hidden still.
    Waits,
    /// Somebody rides by it.
    Rides,
    /// It was taken back.
    Revoked,
}

/// An invitation to a race.
pub(crate) struct RaceInvitation(pub(crate) InvitationView);

/// An invitation to a race, of a person or of all members of a unit.
#[Object]
impl RaceInvitation {
    /// Who was invited; null for a unit.
    async fn person(&self, ctx: &Context<'_>) -> Result<Option<Person>> {
        match self.0.person {
            Some(id) => Person::load(ctx, id).await,
            None => Ok(None),
        }
    }

    /// Which unit was invited; null for a person.
    async fn unit(&self, ctx: &Context<'_>) -> Result<Option<Unit>> {
        match self.0.unit {
            Some(id) => Unit::load(ctx, id).await,
            None => Ok(None),
        }
    }

    /// Who invited them.
    async fn by(&self, ctx: &Context<'_>) -> Result<Option<Person>> {
        Person::load(ctx, self.0.by).await
    }

    /// When.
    async fn at(&self) -> DateTime {
        self.0.at.into()
    }

    /// When it was taken back.
    async fn revoked_at(&self) -> Option<DateTime> {
        self.0.revoked_at.map(DateTime::from)
    }

    /// What became of it.
    async fn outcome(&self) -> InvitationOutcome {
        self.0.became.into()
    }
}

/// Whose invitation to take back.
#[derive(InputObject)]
pub(crate) struct UninviteFromRaceInput {
    /// The global id of the task.
    task: ID,
    /// The global id of the person; null for a unit.
    person: Option<ID>,
    /// The global id of the unit; null for a person.
    unit: Option<ID>,
}

/// Whom to invite to which race.
#[derive(InputObject)]
pub(crate) struct InviteToRaceInput {
    /// The global id of the task.
    task: ID,
    /// The global ids of up to 50 people.
    #[graphql(default)]
    people: Vec<ID>,
    /// The global ids of up to 50 units, all of whose members are invited.
    #[graphql(default)]
    units: Vec<ID>,
    /// Your own name for this command: sent again with the same input, it does nothing twice.
    idempotency_key: String,
}

/// Which race's terms to accept.
#[derive(InputObject)]
pub(crate) struct AcceptTermsInput {
    /// The global id of the task.
    task: ID,
    /// Your own name for this command: sent again with the same input, it does nothing twice.
    idempotency_key: String,
}

payloads! {
    /// What came of `inviteToRace`.
    InviteToRacePayload {
        /// The task.
        task: Task,
    }

    /// What came of `uninviteFromRace`.
    UninviteFromRacePayload {
        /// The task.
        task: Task,
    }

    /// What came of `acceptTerms`.
    AcceptTermsPayload {
        /// The task.
        task: Task,
    }
}

/// What can be done at the door of a race.
#[derive(Default)]
pub(crate) struct DoorMutation;

#[Object]
impl DoorMutation {
    /// Invites people and units to a race that is open, for its poster; they are told.
    async fn invite_to_race(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whom, and to which race.")] input: InviteToRaceInput,
    ) -> Result<Option<InviteToRacePayload>> {
        answer(async {
            let mut form = Form::of(ctx)?;
            let task = form.id("task", &input.task);
            let (people, units) = (form.ids("people", &input.people), form.ids("units", &input.units));
            let command = form.done(InviteToRace { task, people, units })?;
            let key = IdempotencyKey::parse(&input.idempotency_key)?;
            ctx.market().run_once(ctx.actor(), key, command).await?;
            Ok((Task::seen(ctx, task).await?,))
        })
        .await
    }

    /// Takes an invitation back while the race runs, for its poster; they are told. Whoever rides by it already rides on.
    async fn uninvite_from_race(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose invitation.")] input: UninviteFromRaceInput,
    ) -> Result<Option<UninviteFromRacePayload>> {
        answer(async {
            let mut form = Form::of(ctx)?;
            let task = form.id("task", &input.task);
            let person = input.person.as_ref().map(|id| form.id("person", id));
            let unit = input.unit.as_ref().map(|id| form.id("unit", id));
            let command = form.done(UninviteFromRace { task, person, unit })?;
            ctx.market().run(ctx.actor(), command).await?;
            Ok((Task::seen(ctx, task).await?,))
        })
        .await
    }

    /// Accepts the terms of a race, on record with version, digest and time. Needed before entering a race
    /// that has terms, and before agreeing to ride in a crew of it.
    async fn accept_terms(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which race's terms.")] input: AcceptTermsInput,
    ) -> Result<Option<AcceptTermsPayload>> {
        answer(async {
            let mut form = Form::of(ctx)?;
            let task = form.id("task", &input.task);
            let command = form.done(AcceptTerms { task })?;
            let key = IdempotencyKey::parse(&input.idempotency_key)?;
            ctx.market().run_once(ctx.actor(), key, command).await?;
            Ok((Task::seen(ctx, task).await?,))
        })
        .await
    }
}
