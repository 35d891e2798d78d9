//! Changes of a running crew, and taking an entry out of the race.

use async_graphql::{Context, Enum, ID, InputObject, Object};
use market::Result;
use market::race::{
    ChangePart, ChangeView, CheckInEntry, DisqualifyEntry, HandOverEntry, LeaveCrew, MergeEntries,
};

use crate::convert::Form;
use crate::entry::{CrewAnswer, CrewShareInput, Entry, UnitShareInput, act, shares, units};
use crate::payload::payloads;
use crate::person::Person;
use crate::refusal::answer;
use crate::scalar::DateTime;
use crate::unit::Unit;

/// What a change of a crew does.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "market::race::ChangeKind")]
pub(crate) enum CrewChangeKind {
    /// Another crew, or other shares.
    Crew,
    /// Two entries ride on as one.
    Merge,
    /// Another captain.
    Captain,
}

/// A change that is proposed.
pub(crate) struct Change(pub(crate) ChangeView);

/// A change of a running crew: it takes effect when everybody named in it has agreed.
#[Object(name = "CrewChange")]
impl Change {
    /// What it does.
    async fn kind(&self) -> CrewChangeKind {
        self.0.kind.into()
    }

    /// The entry that rides on.
    async fn entry(&self, ctx: &Context<'_>) -> Result<Option<Entry>> {
        Entry::load(ctx, self.0.entry).await
    }

    /// The entry whose lane would close.
    async fn other(&self, ctx: &Context<'_>) -> Result<Option<Entry>> {
        match self.0.other {
            Some(id) => Entry::load(ctx, id).await,
            None => Ok(None),
        }
    }

    /// Who proposed it.
    async fn proposed_by(&self, ctx: &Context<'_>) -> Result<Option<Person>> {
        Person::load(ctx, self.0.by).await
    }

    /// When.
    async fn proposed_at(&self) -> DateTime {
        self.0.at.into()
    }

    /// Who must agree, in the order of payment; who would leave comes last.
    #[graphql(complexity = "crate::connection::list_cost(4, child_complexity)")]
    async fn parts(&self) -> Vec<Part> {
        self.0.parts.iter().copied().map(Part).collect()
    }
}

/// One who must agree.
pub(crate) struct Part(ChangePart);

/// Somebody who must agree to a change: a person, or a unit by its lead.
#[Object(name = "CrewChangePart")]
impl Part {
    /// The person; null for a unit.
    async fn person(&self, ctx: &Context<'_>) -> Result<Option<Person>> {
        match self.0.person {
            Some(id) => Person::load(ctx, id).await,
            None => Ok(None),
        }
    }

    /// The unit; null for a person.
    async fn unit(&self, ctx: &Context<'_>) -> Result<Option<Unit>> {
        match self.0.unit {
            Some(id) => Unit::load(ctx, id).await,
            None => Ok(None),
        }
    }

    /// The share that they would take, in basis points; null when they would leave.
    async fn share(&self) -> Option<u32> {
        self.0.share
    }

    /// What they said.
    async fn answer(&self) -> CrewAnswer {
        self.0.answer.into()
    }
}

/// Which two entries shall ride on as one, and on which shares.
#[derive(InputObject)]
pub(crate) struct MergeEntriesInput {
    /// The global id of the captain's entry, which rides on.
    entry: ID,
    /// The global id of the entry whose lane closes.
    with: ID,
    /// The units of both as they shall be paid.
    #[graphql(default)]
    units: Vec<UnitShareInput>,
    /// The crew of both with their shares; with the units' they sum to 10000.
    crew: Vec<CrewShareInput>,
    /// Your own name for this command: sent again with the same input, it does nothing twice.
    idempotency_key: String,
}

/// Whose captaincy to offer to whom.
#[derive(InputObject)]
pub(crate) struct HandOverEntryInput {
    /// The global id of the entry.
    entry: ID,
    /// The global id of the one of its crew who shall be captain.
    to: ID,
    /// Your own name for this command: sent again with the same input, it does nothing twice.
    idempotency_key: String,
}

/// Which crew to leave.
#[derive(InputObject)]
pub(crate) struct LeaveCrewInput {
    /// The global id of the entry.
    entry: ID,
    /// Your own name for this command: sent again with the same input, it does nothing twice.
    idempotency_key: String,
}

/// Whose crew is still at it.
#[derive(InputObject)]
pub(crate) struct CheckInEntryInput {
    /// The global id of the entry.
    entry: ID,
    /// Your own name for this command: sent again with the same input, it does nothing twice.
    idempotency_key: String,
}

/// Which entry to take out of its race, and why.
#[derive(InputObject)]
pub(crate) struct DisqualifyEntryInput {
    /// The global id of the entry.
    entry: ID,
    /// Why, for everybody who sees the race to read: up to 500 characters.
    reason: String,
    /// Your own name for this command: sent again with the same input, it does nothing twice.
    idempotency_key: String,
}

payloads! {
    /// What came of `mergeEntries`.
    MergeEntriesPayload {
        /// The entry with the change that is proposed.
        entry: Entry,
    }

    /// What came of `handOverEntry`.
    HandOverEntryPayload {
        /// The entry with the change that is proposed.
        entry: Entry,
    }

    /// What came of `leaveCrew`.
    LeaveCrewPayload {
        /// The entry as it is now.
        entry: Entry,
    }

    /// What came of `checkInEntry`.
    CheckInEntryPayload {
        /// The entry as it is now.
        entry: Entry,
    }

    /// What came of `disqualifyEntry`.
    DisqualifyEntryPayload {
        /// The entry as it is now.
        entry: Entry,
    }
}

/// What can be done with crews.
#[derive(Default)]
pub(crate) struct CrewMutation;

#[Object]
impl CrewMutation {
    /// Proposes that another entry of the race rides on in the captain's. Everybody of both must agree; the
    /// other lane closes then, and what it handed in stays readable to the new crew.
    async fn merge_entries(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which entries, and the crew of both.")] input: MergeEntriesInput,
    ) -> Result<Option<MergeEntriesPayload>> {
        answer(async {
            let mut form = Form::of(ctx)?;
            let (entry, with) = (form.id("entry", &input.entry), form.id("with", &input.with));
            let (units, crew) = (units(&mut form, &input.units), shares(&mut form, &input.crew));
            let command = form.done(MergeEntries { entry, with, units, crew })?;
            act(ctx, &input.idempotency_key, entry, command).await
        })
        .await
    }

    /// Offers the captaincy of a running entry to one of its crew, who must agree.
    async fn hand_over_entry(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which entry, and to whom.")] input: HandOverEntryInput,
    ) -> Result<Option<HandOverEntryPayload>> {
        answer(async {
            let mut form = Form::of(ctx)?;
            let (entry, to) = (form.id("entry", &input.entry), form.id("to", &input.to));
            let command = form.done(HandOverEntry { entry, to })?;
            act(ctx, &input.idempotency_key, entry, command).await
        })
        .await
    }

    /// Leaves a crew. In a running entry the others' shares grow in proportion, and they are asked to agree
    /// anew; a captain hands over first.
    async fn leave_crew(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which entry's crew.")] input: LeaveCrewInput,
    ) -> Result<Option<LeaveCrewPayload>> {
        answer(async {
            let mut form = Form::of(ctx)?;
            let entry = form.id("entry", &input.entry);
            let command = form.done(LeaveCrew { entry })?;
            act(ctx, &input.idempotency_key, entry, command).await
        })
        .await
    }

    /// Says that a crew is still at it, where the rules ask for check-ins. A version handed in does the same.
    async fn check_in_entry(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which entry.")] input: CheckInEntryInput,
    ) -> Result<Option<CheckInEntryPayload>> {
        answer(async {
            let mut form = Form::of(ctx)?;
            let entry = form.id("entry", &input.entry);
            let command = form.done(CheckInEntry { entry })?;
            act(ctx, &input.idempotency_key, entry, command).await
        })
        .await
    }

    /// Takes an entry out of its race, for the poster and the judges, until it is paid. The reason is on
    /// record, whoever comes behind moves up, and the crew can appeal once there is a ruling.
    async fn disqualify_entry(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which entry, and why.")] input: DisqualifyEntryInput,
    ) -> Result<Option<DisqualifyEntryPayload>> {
        answer(async {
            let mut form = Form::of(ctx)?;
            let entry = form.id("entry", &input.entry);
            let command = form.done(DisqualifyEntry { entry, reason: input.reason })?;
            act(ctx, &input.idempotency_key, entry, command).await
        })
        .await
    }
}
