//! Returned unread, and the same artefact in several lanes, as judges see and do it.
//!
//! Promises: sending an entry back is one press of a button that names its reason, and can be taken back until
//! the ruling. Must never: show to a crew what other lanes handed in.

use actix_web::web::{Data, Path};
use market::race::EntryView;
use market::submission::{ReturnReason, ReturnUnread, SameKind, SameWork, TakeBackReturn};
use market::{EntryId, Market, Refusal};

use super::kit::{Choice, Link, id, key_of};
use super::lanes;
use super::task_acts::without_key;
use super::task_parts::entry_link;
use crate::errors::{Answer, Failure};
use crate::forms::{Form, Posted};
use crate::i18n::key;
use crate::visit::Visit;
use crate::{respond, urls};

/// Every reason with its message.
const REASONS: [(ReturnReason, &str); 5] = [
    (ReturnReason::OffTask, key("return-off-task")),
    (ReturnReason::NoEvidence, key("return-no-evidence")),
    (ReturnReason::SameWork, key("return-same-work")),
    (ReturnReason::NoEffort, key("return-no-effort")),
    (ReturnReason::Unusable, key("return-unusable")),
];

/// The reasons, to choose from.
pub(super) fn reasons(v: &Visit) -> Vec<Choice> {
    REASONS.map(|(reason, message)| Choice::new(reason.as_str(), v.t(message))).to_vec()
}

/// The message of a reason.
pub(super) fn reason(v: &Visit, wanted: ReturnReason) -> String {
    let known = REASONS.iter().find(|(reason, _)| *reason == wanted);
    known.map(|(_, message)| v.t(message).into_owned()).unwrap_or_default()
}

/// An artefact that several lanes handed in.
#[derive(Debug, Clone)]
pub struct SameRow {
    /// The key of what is the same.
    pub kind: &'static str,
    /// Its name or address; empty for a text.
    pub what: String,
    /// The lanes.
    pub lanes: Vec<Link>,
}

/// The rows of an alert.
pub(super) fn same_rows(entries: &[EntryView], found: &[SameWork]) -> Vec<SameRow> {
    let row = |same: &SameWork| SameRow {
        kind: match same.kind {
            SameKind::File => key("same-file"),
            SameKind::Link => key("same-link"),
            SameKind::Text => key("same-text-whole"),
        },
        what: same.what.clone(),
        lanes: same.entries.iter().map(|entry| entry_link(entries, *entry)).collect(),
    };
    found.iter().map(row).collect()
}

/// `POST /entries/{id}/return`: `reason`, `note`.
///
/// # Errors
/// Not found, for who may not rule.
pub async fn give_back(v: Visit, market: Data<Market>, path: Path<String>, Posted(form): Posted) -> Answer {
    let entry = id::<EntryId>(&path)?;
    let reason = form.value("reason").parse().map_err(|_| Failure::Malformed)?;
    let command = ReturnUnread { entry, reason, note: form.value("note").to_owned() };
    match market.run_once(&v.actor, key_of(&form)?, command).await {
        Ok(_) => Ok(respond::done(&urls::entry(entry), key("done-returned"))),
        Err(refusal) => again(v, &market, entry, form, refusal).await,
    }
}

/// `POST /entries/{id}/take-back`.
///
/// # Errors
/// Not found, for who may not rule.
pub async fn take_back(v: Visit, market: Data<Market>, path: Path<String>, Posted(form): Posted) -> Answer {
    let entry = id::<EntryId>(&path)?;
    match market.run_once(&v.actor, key_of(&form)?, TakeBackReturn { entry }).await {
        Ok(_) => Ok(respond::done(&urls::entry(entry), key("done-taken-back"))),
        Err(refusal) => again(v, &market, entry, form, refusal).await,
    }
}

/// The entry's page, with what the market wants mended.
async fn again(v: Visit, market: &Market, entry: EntryId, form: Form, refusal: Refusal) -> Answer {
    let form = without_key(form).mend(&v, refusal)?;
    let entry = lanes::one(&v, market, entry).await?;
    let page = super::entry::page(v, market, entry, form).await?;
    Ok(respond::form_again(&page.v, &page))
}

/// What is said on the entry's page of its having been returned.
#[derive(Debug, Clone)]
pub struct ReturnBlock {
    /// Why.
    pub reason: String,
    /// What the judge added.
    pub note: String,
    /// By whom.
    pub by: Link,
    /// When.
    pub at: crate::format::When,
    /// The record.
    pub record: String,
}
