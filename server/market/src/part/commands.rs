//! Offering, accepting, declining, withdrawing.

use ledger::{AccountId, AccountKind, Amount, RecordId, RecordKind};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::tables::{self, part_offer};
use super::{MOST_OFFERS, MOST_OPEN, OfferState, queries, rules};
use crate::actor::Actor;
use crate::award;
use crate::books::{self, Draft, Evidence, account_id, account_uuid, label, record_uuid};
use crate::clock::Moment;
use crate::error::{Code, Refusal, Result};
use crate::ids::{EntryId, OfferId, PersonId, TaskId};
use crate::notice::{Event, Kind, notify};
use crate::policy::{Act, Belonging, Permit, permit};
use crate::race::{self, tables::crew_of};
use crate::store::{Command, Scope, must};
use crate::task::{self, Source, Task};

/// Offers a price for a part of an entry that did not win; the price is in escrow from now on.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct OfferForPart {
    /// The entry.
    pub entry: EntryId,
    /// Which part of its work: at most 500 characters.
    pub part: String,
    /// What it is to be used for: at most 500 characters.
    pub purpose: String,
    /// How much, for the whole crew.
    pub price: Amount,
    /// Where the tokens come from.
    pub from: Source,
    /// Until when the offer stands, at most 90 days.
    pub until: Moment,
}

impl Command for OfferForPart {
    type Output = OfferId;
    const ACT: Act = Act::OfferForPart;

    async fn run(&self, asker: &Actor, scope: &Scope<'_>) -> Result<OfferId> {
        let (task, row, facts) = race::locked(scope, asker, self.entry).await?;
        let leave = permit(asker, Self::ACT, &facts)?;
        let buyer = leave.by().ok_or(Refusal::Unauthenticated)?;
        rules::check_entry(queries::standing(scope.txn, &task, &row, scope.now).await?)?;
        let (part, purpose) = rules::check(self, scope.now)?;
        check_room(scope, &task, self.entry).await?;
        let source = task::resolve_source(scope, asker, buyer, self.from).await?;
        let (kind, owner) = task::purse(source);
        let from = books::account(scope, kind, owner).await?;
        let escrow = books::account(scope, AccountKind::Escrow, task.id.0).await?;
        let id = OfferId(scope.ids.id(scope.now));
        let terms = json!({
            "offer": id, "entry": self.entry, "part": part, "purpose": purpose, "price": self.price,
            "until": self.until.rfc3339(),
        });
        let draft = Draft {
            kind: RecordKind::Fund,
            moves: vec![books::debit(from, self.price), books::credit(escrow, self.price)],
            subject: Some(task.id.0),
            reversed: None,
            evidence: vec![said(&terms)],
        };
        let posted = books::post(scope, &leave, draft).await.map_err(about_price)?;
        let (source_kind, source_id) = task::tables::source_columns(source);
        let row = part_offer::Model {
            id: id.0,
            task_id: task.id.0,
            entry_id: self.entry.0,
            buyer_id: buyer.0,
            source_kind: source_kind.to_owned(),
            source_id,
            account_id: account_uuid(from),
            part,
            purpose,
            price: self.price.as_i64(),
            offered_at: scope.now.0,
            until: self.until.0,
            state: OfferState::Open.as_str().to_owned(),
            ended_at: None,
            ended_by: None,
            record_id: record_uuid(posted.record),
            end_record_id: None,
        };
        tables::insert(scope.txn, &leave, row).await?;
        let crew = crew_of(scope.txn, self.entry).await?;
        let crew = crew.into_iter().map(|one| PersonId(one.person_id));
        let event = Event::of(&leave, Kind::OfferMade).task(task.id).entry(self.entry).to(crew);
        let event = event.with(|facts| {
            facts.amount = Some(self.price.minor());
            facts.until = Some(self.until);
        });
        notify(scope, event).await?;
        Ok(id)
    }
}

/// Accepts an offer, for the captain: the crew is paid by its shares, and the part is bought.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AcceptOffer {
    /// The offer.
    pub offer: OfferId,
}

impl Command for AcceptOffer {
    type Output = RecordId;
    const ACT: Act = Act::AcceptOffer;

    async fn run(&self, asker: &Actor, scope: &Scope<'_>) -> Result<RecordId> {
        let found = found(scope, asker, self.offer).await?;
        let (task, _, facts) = race::locked(scope, asker, EntryId(found.entry_id)).await?;
        let leave = permit(asker, Self::ACT, &facts)?;
        let offer = open(scope, self.offer).await?;
        let price = Amount::from_i64(offer.price).map_err(Refusal::fault)?;
        // The terms stand behind the record that put the price into escrow; their digest names them here.
        let terms = books::commitments_of(scope.txn, offer.record_id).await?;
        let terms: Vec<String> = terms.iter().map(hex::encode).collect();
        let bought = json!({
            "offer": self.offer, "entry": offer.entry_id, "state": OfferState::Accepted,
            "price": price, "offered_by": books::record_id(offer.record_id).to_string(), "terms": terms,
        });
        let record = award::pay_part(scope, &leave, &task, (offer.entry_id, price), said(&bought)).await?;
        tables::end(scope.txn, &leave, offer.id, (OfferState::Accepted, record, scope.now)).await?;
        let event = Event::of(&leave, Kind::OfferAccepted).task(task.id).entry(EntryId(offer.entry_id));
        let event = event.with(|facts| facts.amount = Some(price.minor()));
        notify(scope, event.to([PersonId(offer.buyer_id), task.poster])).await?;
        Ok(record)
    }
}

/// Declines an offer, for the captain: the price goes back.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct DeclineOffer {
    /// The offer.
    pub offer: OfferId,
}

impl Command for DeclineOffer {
    type Output = RecordId;
    const ACT: Act = Act::DeclineOffer;

    async fn run(&self, asker: &Actor, scope: &Scope<'_>) -> Result<RecordId> {
        let found = found(scope, asker, self.offer).await?;
        let (task, _, facts) = race::locked(scope, asker, EntryId(found.entry_id)).await?;
        let leave = permit(asker, Self::ACT, &facts)?;
        let offer = open(scope, self.offer).await?;
        let record = send_back(scope, &leave, &task, &offer, OfferState::Declined).await?;
        tell_buyer(scope, &leave, &offer, Kind::OfferDeclined).await?;
        Ok(record)
    }
}

/// Withdraws an offer, for who made it: the price goes back.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct WithdrawOffer {
    /// The offer.
    pub offer: OfferId,
}

impl Command for WithdrawOffer {
    type Output = RecordId;
    const ACT: Act = Act::WithdrawOffer;

    async fn run(&self, asker: &Actor, scope: &Scope<'_>) -> Result<RecordId> {
        let found = found(scope, asker, self.offer).await?;
        let task = task::tables::lock(scope.txn, TaskId(found.task_id)).await?;
        let leave = permit(asker, Self::ACT, &Belonging(PersonId(found.buyer_id)))?;
        let offer = open(scope, self.offer).await?;
        let record = send_back(scope, &leave, &task, &offer, OfferState::Withdrawn).await?;
        let crew = crew_of(scope.txn, EntryId(offer.entry_id)).await?;
        let event = Event::of(&leave, Kind::OfferWithdrawn).task(task.id).entry(EntryId(offer.entry_id));
        notify(scope, event.to(crew.into_iter().map(|one| PersonId(one.person_id)))).await?;
        Ok(record)
    }
}

/// Sends an offer's price back to where it came from and ends it.
pub(super) async fn send_back<S>(
    scope: &Scope<'_>,
    leave: &Permit<S>,
    task: &Task,
    offer: &part_offer::Model,
    state: OfferState,
) -> Result<RecordId> {
    let price = Amount::from_i64(offer.price).map_err(Refusal::fault)?;
    let escrow = books::account(scope, AccountKind::Escrow, task.id.0).await?;
    let to: AccountId = account_id(offer.account_id);
    let ended = json!({ "offer": offer.id, "entry": offer.entry_id, "state": state });
    let mut evidence = vec![said(&ended)];
    evidence.extend(task::clockwork::lateness(scope));
    let draft = Draft {
        kind: RecordKind::Refund,
        moves: vec![books::debit(escrow, price), books::credit(to, price)],
        subject: Some(task.id.0),
        reversed: None,
        evidence,
    };
    let record = books::post(scope, leave, draft).await?.record;
    tables::end(scope.txn, leave, offer.id, (state, record, scope.now)).await?;
    Ok(record)
}

/// Tells the buyer, and whoever answers for the tokens, that they came back.
pub(super) async fn tell_buyer<S>(
    scope: &Scope<'_>,
    leave: &Permit<S>,
    offer: &part_offer::Model,
    kind: Kind,
) -> Result<()> {
    let price = Amount::from_i64(offer.price).map_err(Refusal::fault)?;
    let source = task::tables::source(&offer.source_kind, offer.source_id)?;
    let event = Event::of(leave, kind).task(TaskId(offer.task_id)).entry(EntryId(offer.entry_id));
    notify(scope, event.into_account(task::purse(source), price).to([PersonId(offer.buyer_id)])).await
}

/// Reads an offer under the lock of its task: it must be open still, also by the clock.
async fn open(scope: &Scope<'_>, id: OfferId) -> Result<part_offer::Model> {
    let offer = must(part_offer::Entity::find_by_id(id.0).one(scope.txn).await?)?;
    let stands = offer.state == OfferState::Open.as_str() && scope.now.0 < offer.until;
    if stands { Ok(offer) } else { Err(Refusal::because(Code::OfferEnded)) }
}

async fn found(scope: &Scope<'_>, asker: &Actor, id: OfferId) -> Result<part_offer::Model> {
    // A visitor is sent to sign in whether or not the offer exists.
    if matches!(asker, Actor::Visitor) {
        return Err(Refusal::Unauthenticated);
    }
    must(part_offer::Entity::find_by_id(id.0).one(scope.txn).await?)
}

/// No flood: neither of open offers for one crew nor of all in one race.
async fn check_room(scope: &Scope<'_>, task: &Task, entry: EntryId) -> Result<()> {
    let all = part_offer::Entity::find().filter(part_offer::Column::TaskId.eq(task.id.0));
    if all.count(scope.txn).await? >= u64::from(MOST_OFFERS) {
        return Err(Refusal::because(Code::OffersFull { max: MOST_OFFERS }));
    }
    let open = part_offer::Entity::find()
        .filter(part_offer::Column::EntryId.eq(entry.0))
        .filter(part_offer::Column::State.eq(OfferState::Open.as_str()));
    if open.count(scope.txn).await? >= u64::from(MOST_OPEN) {
        return Err(Refusal::because(Code::OffersOpen { max: MOST_OPEN }));
    }
    Ok(())
}

fn said(what: &serde_json::Value) -> Evidence {
    Evidence { label: label::OFFER, data: what.to_string().into_bytes() }
}

/// What the books refuse about the amount is about the price here.
fn about_price(refusal: Refusal) -> Refusal {
    match refusal {
        Refusal::Invalid(problems) => Refusal::Invalid(
            problems
                .into_iter()
                .map(|problem| crate::error::Problem { field: "price".to_owned(), ..problem })
                .collect(),
        ),
        other => other,
    }
}
