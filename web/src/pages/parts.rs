//! Parts of entries: offering a price for one, answering the offer, and what was bought, for all to see.
//!
//! Promises: before an offer is made or accepted, its price is spelled out, for each of the crew where they are paid.
//! Must never: decide who may do what; a button that is missing was not offered by the market.

use actix_web::web::{Data, Path};
use market::award::crew_split;
use market::part::{AcceptOffer, DeclineOffer, OfferForPart, OfferState, OfferView, WithdrawOffer};
use market::race::EntryView;
use market::{Amount, AssetView, Code, Command, EntryId, Market, Moment, OfferId, Refusal};

use super::act::{ActPage, Ask, Field, is_sure};
use super::kit::{Badge, Fact, Link, amount, id, key_of, time, time_typed, tokens};
use super::lanes;
use super::names::{Names, Wanted};
use super::task_acts::without_key;
use super::task_input::{source, sources};
use super::task_parts::entry_link;
use crate::errors::{Answer, Failure};
use crate::format::{Tokens, When};
use crate::forms::{Form, Posted};
use crate::i18n::key;
use crate::visit::Visit;
use crate::{respond, urls};

/// How long an offer stands, unless the buyer says otherwise: a week.
const USUAL: i64 = 7 * 86_400;

/// An offer, or what was bought by it.
#[derive(Debug, Clone)]
pub struct PartRow {
    /// Which part.
    pub part: String,
    /// What it is used for.
    pub purpose: String,
    /// For how much.
    pub price: Tokens,
    /// By whom.
    pub buyer: Link,
    /// Out of whose tokens, where that is not the buyer's own wallet.
    pub source: Option<Link>,
    /// The entry, where the page is not about it alone.
    pub entry: Option<Link>,
    /// Where it stands.
    pub badge: Badge,
    /// When it ended, or until when it stands.
    pub at: When,
    /// The key of what that instant is.
    pub at_label: &'static str,
    /// The record with the terms behind it, and then the one that paid it or sent the price back.
    pub records: Vec<String>,
    /// Where the captain accepts and declines it.
    pub answer: Option<(String, String)>,
    /// Where the buyer withdraws it.
    pub withdraw: Option<String>,
}

/// What an entry's page says of parts.
#[derive(Debug, Clone, Default)]
pub struct PartsBlock {
    /// What was bought.
    pub bought: Vec<PartRow>,
    /// Offers that wait for an answer.
    pub open: Vec<PartRow>,
    /// Offers that came to nothing.
    pub ended: Vec<PartRow>,
    /// Where the reader makes one.
    pub offer: Option<String>,
}

impl PartsBlock {
    /// Whether there is nothing to say.
    pub fn is_empty(&self) -> bool {
        self.bought.is_empty() && self.open.is_empty() && self.ended.is_empty() && self.offer.is_none()
    }
}

/// Whose names the offers need.
pub(super) fn wanted(offers: &[OfferView], wanted: &mut Wanted) {
    for offer in offers {
        wanted.persons([offer.buyer]).source(offer.source);
    }
}

/// The block of an entry's page.
pub(super) async fn block(v: &Visit, market: &Market, entry: EntryId) -> Result<PartsBlock, Failure> {
    let found = market.offers(&v.actor, entry).await?;
    let mut who = Wanted::default();
    wanted(&found.offers, &mut who);
    let names = who.names(v, market).await?;
    let mut block =
        PartsBlock { offer: found.may_offer.then(|| urls::entry_offer(entry)), ..PartsBlock::default() };
    for offer in &found.offers {
        let list = match offer.state {
            OfferState::Accepted => &mut block.bought,
            OfferState::Open => &mut block.open,
            OfferState::Declined | OfferState::Withdrawn | OfferState::Lapsed => &mut block.ended,
        };
        list.push(row(v, market.asset(), &names, offer));
    }
    Ok(block)
}

/// The rows of a task's page: what was bought of its entries.
pub(super) fn bought(
    v: &Visit,
    asset: &AssetView,
    names: &Names,
    entries: &[EntryView],
    offers: &[OfferView],
) -> Vec<PartRow> {
    let row = |offer| {
        let entry = Some(entry_link(entries, offer_entry(offer)));
        PartRow { entry, ..row(v, asset, names, offer) }
    };
    offers.iter().map(row).collect()
}

fn offer_entry(offer: &OfferView) -> EntryId {
    offer.entry
}

fn row(v: &Visit, asset: &AssetView, names: &Names, offer: &OfferView) -> PartRow {
    let own = offer.source == market::task::TaskSource::Person(offer.buyer);
    let at_label = match offer.state {
        OfferState::Open => key("offer-until"),
        OfferState::Accepted => key("offer-bought-at"),
        _ => key("offer-ended-at"),
    };
    PartRow {
        part: offer.part.clone(),
        purpose: offer.purpose.clone(),
        price: tokens(asset, offer.price),
        buyer: names.person(offer.buyer),
        source: (!own).then(|| names.source(offer.source)),
        entry: None,
        badge: badge(offer.state),
        at: v.when(offer.ended_at.unwrap_or(offer.until)),
        at_label,
        records: [Some(offer.record), offer.end_record].into_iter().flatten().map(urls::record).collect(),
        answer: offer.may_answer.then(|| (urls::offer_accept(offer.id), urls::offer_decline(offer.id))),
        withdraw: offer.may_withdraw.then(|| urls::offer_withdraw(offer.id)),
    }
}

fn badge(state: OfferState) -> Badge {
    match state {
        OfferState::Open => Badge { tone: "wait", label: key("offer-open") },
        OfferState::Accepted => Badge { tone: "go", label: key("offer-accepted") },
        OfferState::Declined => Badge { tone: "", label: key("offer-declined") },
        OfferState::Withdrawn => Badge { tone: "", label: key("offer-withdrawn") },
        OfferState::Lapsed => Badge { tone: "", label: key("offer-lapsed") },
    }
}

/// `GET /entries/{id}/offer`.
///
/// # Errors
/// Not found, for who may not buy here.
pub async fn offer_ask(v: Visit, market: Data<Market>, path: Path<String>) -> Answer {
    let entry = sold(&v, &market, &path).await?;
    let until = v.now.plus_seconds(USUAL);
    let form = Form::of([("until", time_typed(&v, until))]);
    Ok(offer_page(v, &market, &entry, form).await?.once(&market).answer())
}

/// `POST /entries/{id}/offer`: `part`, `purpose`, `price`, `source`, `until`, `zone`, and `sure` once spelled out.
///
/// # Errors
/// Not found, for who may not buy here.
pub async fn offer(v: Visit, market: Data<Market>, path: Path<String>, Posted(form): Posted) -> Answer {
    let entry = sold(&v, &market, &path).await?;
    let command = match typed(&form, market.asset(), entry.id) {
        Ok(command) => command,
        Err(refusal) => {
            let page = offer_page(v, &market, &entry, form).await?;
            return page.once(&market).mend(refusal);
        }
    };
    if !is_sure(&form) {
        let from = sources(&v, &market).await?.into_iter().find(|choice| form.has("source", &choice.value));
        let mut facts = vec![
            Fact::new(v.t(key("offer-part")), &command.part),
            Fact::new(v.t(key("offer-purpose")), &command.purpose),
            Fact::new(v.t(key("offer-price")), tokens(market.asset(), command.price)),
            Fact::new(v.t(key("fact-from")), from.map(|choice| choice.text).unwrap_or_default()),
            Fact::new(v.t(key("offer-until")), v.when(command.until).exact),
        ];
        facts.extend(split(&v, &market, &entry, command.price).await?);
        let (lead, submit) = (v.t(key("offer-sure")).into_owned(), v.t(key("act-offer")).into_owned());
        return Ok(offer_page(v, &market, &entry, form).await?.spelled_out(facts, lead, submit).answer());
    }
    match market.run_once(&v.actor, key_of(&form)?, command).await {
        Ok(_) => Ok(respond::done(&urls::entry(entry.id), key("done-offer-made"))),
        Err(refusal) => offer_page(v, &market, &entry, without_key(form)).await?.once(&market).mend(refusal),
    }
}

fn typed(form: &Form, asset: &AssetView, entry: EntryId) -> Result<OfferForPart, Refusal> {
    let mut problems = market::Problems::default();
    let price = problems.keep("price", amount(form, "price", asset));
    let from = problems.keep("source", source(form.value("source")));
    let until = problems.keep("until", time(form, "until"));
    for field in ["part", "purpose"] {
        problems.check(form.given(field).is_none(), field, Code::Required);
    }
    problems.done()?;
    Ok(OfferForPart {
        entry,
        part: form.value("part").to_owned(),
        purpose: form.value("purpose").to_owned(),
        price: price.unwrap_or(Amount::ZERO),
        from: from.unwrap_or(market::task::Source::Person),
        until: until.unwrap_or(Moment(0)),
    })
}

/// The entry, if the asker may buy a part of it now.
async fn sold(v: &Visit, market: &Market, path: &str) -> Result<EntryView, Failure> {
    if !v.signed_in() {
        return Err(Refusal::Unauthenticated.into());
    }
    let entry = id::<EntryId>(path)?;
    if !market.offers(&v.actor, entry).await?.may_offer {
        return Err(Refusal::NotFound.into());
    }
    Ok(lanes::one(v, market, entry).await?)
}

async fn offer_page(v: Visit, market: &Market, entry: &EntryView, form: Form) -> Result<ActPage, Failure> {
    let code = market.asset().code.as_str().to_owned();
    let asks = vec![
        Ask::Area(Field::new(&v, "part", key("offer-part"), key("offer-part-hint"))),
        Ask::Area(Field::new(&v, "purpose", key("offer-purpose"), key("offer-purpose-hint"))),
        Ask::Number(Field::new(&v, "price", key("offer-price"), key("offer-price-hint")), code),
        Ask::Select(Field::bare(&v, "source", key("fact-from")), sources(&v, market).await?),
        Ask::Time(Field::new(&v, "until", key("offer-until"), key("offer-until-hint")), v.zone_name()),
    ];
    let said = (key("offer-title"), key("offer-lead"), key("go-on"));
    Ok(ActPage { asks, ..page(v, entry, form, said, urls::entry_offer(entry.id)) })
}

/// What each of the crew gets of a price.
async fn split(v: &Visit, market: &Market, entry: &EntryView, price: Amount) -> Result<Vec<Fact>, Failure> {
    let mut who = Wanted::default();
    who.persons(entry.crew.iter().map(|mate| mate.person));
    who.units(entry.units.iter().map(|part| part.unit));
    let names = who.names(v, market).await?;
    let units = entry.units.iter().map(|part| names.unit(part.unit).text);
    let mates = entry.crew.iter().map(|mate| names.person(mate.person).text);
    let parts = crew_split(price, &entry.shares());
    let fact = |(name, part): (String, Amount)| {
        Fact::new(v.t1(key("offer-gets"), "who", name), tokens(market.asset(), part))
    };
    Ok(units.chain(mates).zip(parts).map(fact).collect())
}

/// `GET /offers/{id}/accept`.
///
/// # Errors
/// Not found, unless the asker can answer it.
pub async fn accept_ask(v: Visit, market: Data<Market>, path: Path<String>) -> Answer {
    let (offer, entry) = answered(&v, &market, &path, |offer| offer.may_answer).await?;
    Ok(accept_page(v, &market, &offer, &entry, Form::default()).await?.once(&market).answer())
}

/// `POST /offers/{id}/accept`.
///
/// # Errors
/// Not found, unless the asker is the captain.
pub async fn accept(v: Visit, market: Data<Market>, path: Path<String>, Posted(form): Posted) -> Answer {
    let (offer, entry) = answered(&v, &market, &path, |_| true).await?;
    let done = run(&v, &market, &form, AcceptOffer { offer: offer.id }).await?;
    match done {
        Ok(_) => Ok(respond::done(&urls::entry(entry.id), key("done-offer-accepted"))),
        Err(refusal) => {
            let page = accept_page(v, &market, &offer, &entry, without_key(form)).await?;
            page.once(&market).mend(refusal)
        }
    }
}

async fn accept_page(
    v: Visit,
    market: &Market,
    offer: &OfferView,
    entry: &EntryView,
    form: Form,
) -> Result<ActPage, Failure> {
    let mut facts = facts(&v, market, offer).await?;
    facts.extend(split(&v, market, entry, offer.price).await?);
    let said = (key("offer-accept-title"), key("offer-accept-lead"), key("act-offer-accept"));
    Ok(ActPage { facts, sure: true, ..page(v, entry, form, said, urls::offer_accept(offer.id)) })
}

/// `GET /offers/{id}/decline`.
///
/// # Errors
/// Not found, unless the asker can answer it.
pub async fn decline_ask(v: Visit, market: Data<Market>, path: Path<String>) -> Answer {
    let (offer, entry) = answered(&v, &market, &path, |offer| offer.may_answer).await?;
    Ok(decline_page(v, &market, &offer, &entry, Form::default()).await?.once(&market).answer())
}

/// `POST /offers/{id}/decline`.
///
/// # Errors
/// Not found, unless the asker is the captain.
pub async fn decline(v: Visit, market: Data<Market>, path: Path<String>, Posted(form): Posted) -> Answer {
    let (offer, entry) = answered(&v, &market, &path, |_| true).await?;
    match run(&v, &market, &form, DeclineOffer { offer: offer.id }).await? {
        Ok(_) => Ok(respond::done(&urls::entry(entry.id), key("done-offer-declined"))),
        Err(refusal) => {
            let page = decline_page(v, &market, &offer, &entry, without_key(form)).await?;
            page.once(&market).mend(refusal)
        }
    }
}

async fn decline_page(
    v: Visit,
    market: &Market,
    offer: &OfferView,
    entry: &EntryView,
    form: Form,
) -> Result<ActPage, Failure> {
    let said = (key("offer-decline-title"), key("offer-back-lead"), key("act-offer-decline"));
    let page = page(v, entry, form, said, urls::offer_decline(offer.id));
    ending(page, market, offer).await
}

/// A page that ends an offer and sends its price back.
async fn ending(page: ActPage, market: &Market, offer: &OfferView) -> Result<ActPage, Failure> {
    let facts = facts(&page.v, market, offer).await?;
    Ok(ActPage { facts, sure: true, danger: true, ..page })
}

/// `GET /offers/{id}/withdraw`.
///
/// # Errors
/// Not found, unless it is the asker's.
pub async fn withdraw_ask(v: Visit, market: Data<Market>, path: Path<String>) -> Answer {
    let (offer, entry) = answered(&v, &market, &path, |offer| offer.may_withdraw).await?;
    Ok(withdraw_page(v, &market, &offer, &entry, Form::default()).await?.once(&market).answer())
}

/// `POST /offers/{id}/withdraw`.
///
/// # Errors
/// Not found, unless it is the asker's.
pub async fn withdraw(v: Visit, market: Data<Market>, path: Path<String>, Posted(form): Posted) -> Answer {
    let (offer, entry) = answered(&v, &market, &path, |_| true).await?;
    match run(&v, &market, &form, WithdrawOffer { offer: offer.id }).await? {
        Ok(_) => Ok(respond::done(&urls::entry(entry.id), key("done-offer-withdrawn"))),
        Err(refusal) => {
            let page = withdraw_page(v, &market, &offer, &entry, without_key(form)).await?;
            page.once(&market).mend(refusal)
        }
    }
}

async fn withdraw_page(
    v: Visit,
    market: &Market,
    offer: &OfferView,
    entry: &EntryView,
    form: Form,
) -> Result<ActPage, Failure> {
    let said = (key("offer-withdraw-title"), key("offer-back-lead"), key("act-offer-withdraw"));
    let page = page(v, entry, form, said, urls::offer_withdraw(offer.id));
    ending(page, market, offer).await
}

/// The offer and its entry, if the asker sees them and `may` holds.
async fn answered(
    v: &Visit,
    market: &Market,
    path: &str,
    may: impl Fn(&OfferView) -> bool,
) -> Result<(OfferView, EntryView), Failure> {
    if !v.signed_in() {
        return Err(Refusal::Unauthenticated.into());
    }
    let offer = market.offer(&v.actor, id::<OfferId>(path)?).await?;
    if !may(&offer) {
        return Err(Refusal::NotFound.into());
    }
    let entry = lanes::one(v, market, offer.entry).await?;
    Ok((offer, entry))
}

async fn run<C: Command>(
    v: &Visit,
    market: &Market,
    form: &Form,
    command: C,
) -> Result<market::Result<C::Output>, Failure> {
    Ok(market.run_once(&v.actor, key_of(form)?, command).await)
}

/// The terms of an offer.
async fn facts(v: &Visit, market: &Market, offer: &OfferView) -> Result<Vec<Fact>, Failure> {
    let mut who = Wanted::default();
    wanted(std::slice::from_ref(offer), &mut who);
    let names = who.names(v, market).await?;
    Ok(vec![
        Fact::new(v.t(key("offer-part")), &offer.part),
        Fact::new(v.t(key("offer-purpose")), &offer.purpose),
        Fact::linked(v.t(key("offer-buyer")), names.person(offer.buyer)),
        Fact::linked(v.t(key("fact-from")), names.source(offer.source)),
        Fact::new(v.t(key("offer-price")), tokens(market.asset(), offer.price)),
        Fact::new(v.t(key("offer-until")), v.when(offer.until).exact),
    ])
}

fn page(
    v: Visit,
    entry: &EntryView,
    form: Form,
    said: (&'static str, &'static str, &'static str),
    action: String,
) -> ActPage {
    ActPage::saying(v, vec![Link::new(&entry.name, urls::entry(entry.id))], form, said, action)
}

#[cfg(test)]
pub(crate) fn sample(v: &Visit) -> PartsBlock {
    let row = |state, entry: Option<Link>| PartRow {
        part: "The <loader> and its tests".to_owned(),
        purpose: "For the next gateway & the one after".to_owned(),
        price: Tokens::new(250_000, 2, "SAI"),
        buyer: Link::new("Mia", urls::person("mia")),
        source: Some(Link::new("Key technology", urls::programme("key-technology"))),
        entry,
        badge: badge(state),
        at: v.when(v.now.plus_seconds(86_400)),
        at_label: key("offer-until"),
        records: vec![urls::record(4), urls::record(9)],
        answer: (state == OfferState::Open).then(|| (urls::offer_accept(1), urls::offer_decline(1))),
        withdraw: (state == OfferState::Open).then(|| urls::offer_withdraw(1)),
    };
    PartsBlock {
        bought: vec![row(OfferState::Accepted, Some(Link::new("蓝色闪电", urls::entry(3))))],
        open: vec![row(OfferState::Open, None)],
        ended: vec![row(OfferState::Lapsed, None), row(OfferState::Declined, None)],
        offer: Some(urls::entry_offer(2)),
    }
}
