//! Asking for feedback on a version, and writing it.
//!
//! Must never: show anybody what was written to another crew.

use actix_web::web::{Data, Path};
use market::judging::{AskFeedback, GiveFeedback};
use market::race::EntryView;
use market::submission::SubmissionView;
use market::{EntryId, Market, Refusal, SubmissionId};

use super::act::{ActPage, Ask, Field};
use super::kit::{Fact, Link, id, key_of};
use super::lanes;
use crate::errors::{Answer, Failure};
use crate::forms::{Form, Posted};
use crate::i18n::key;
use crate::visit::Visit;
use crate::{respond, urls};

/// `GET /entries/{id}/feedback`.
///
/// # Errors
/// Not found, unless the asker rides in the entry.
pub async fn ask(v: Visit, market: Data<Market>, path: Path<String>) -> Answer {
    let entry = mine(&v, &market, &path).await?;
    Ok(ask_page(v, &entry).once(&market).answer())
}

/// `POST /entries/{id}/feedback`.
///
/// # Errors
/// Not found, unless the asker rides in the entry.
pub async fn open(v: Visit, market: Data<Market>, path: Path<String>, Posted(form): Posted) -> Answer {
    let entry = mine(&v, &market, &path).await?;
    match market.run_once(&v.actor, key_of(&form)?, AskFeedback { entry: entry.id }).await {
        Ok(_) => Ok(respond::done(&urls::entry(entry.id), key("done-feedback-asked"))),
        Err(refusal) => ask_page(v, &entry).once(&market).mend(refusal),
    }
}

async fn mine(v: &Visit, market: &Market, path: &str) -> Result<EntryView, Failure> {
    let entry = lanes::one(v, market, id::<EntryId>(path)?).await?;
    if entry.mine { Ok(entry) } else { Err(Refusal::NotFound.into()) }
}

fn ask_page(v: Visit, entry: &EntryView) -> ActPage {
    let facts = vec![Fact::new(v.t(key("col-versions")), entry.submissions)];
    let said = (key("feedback-ask"), key("feedback-ask-lead"), key("feedback-ask"));
    act(v, entry, said, facts, urls::entry_feedback(entry.id))
}

/// `GET /submissions/{id}/feedback`.
///
/// # Errors
/// Not found, unless the version was opened to the asker.
pub async fn write_ask(v: Visit, market: Data<Market>, path: Path<String>) -> Answer {
    let (submission, entry) = opened(&v, &market, &path).await?;
    Ok(write_page(v, &submission, &entry, Form::default()).once(&market).answer())
}

/// `POST /submissions/{id}/feedback`: `body`.
///
/// # Errors
/// Not found, unless the version was opened to the asker.
pub async fn write(v: Visit, market: Data<Market>, path: Path<String>, Posted(mut form): Posted) -> Answer {
    let (submission, entry) = opened(&v, &market, &path).await?;
    let command = GiveFeedback { submission: submission.id, body: form.value("body").to_owned() };
    match market.run_once(&v.actor, key_of(&form)?, command).await {
        Ok(_) => Ok(respond::done(&urls::entry(entry.id), key("done-feedback-given"))),
        Err(refusal) => {
            form.forget("key");
            write_page(v, &submission, &entry, form).once(&market).mend(refusal)
        }
    }
}

async fn opened(v: &Visit, market: &Market, path: &str) -> Result<(SubmissionView, EntryView), Failure> {
    let submission = market.submission(&v.actor, id::<SubmissionId>(path)?).await?;
    if !submission.may_comment {
        return Err(Refusal::NotFound.into());
    }
    let entry = lanes::one(v, market, submission.entry).await?;
    Ok((submission, entry))
}

fn write_page(v: Visit, submission: &SubmissionView, entry: &EntryView, form: Form) -> ActPage {
    let version = v.tn(key("submission-version"), submission.version).into_owned();
    let facts = vec![Fact::linked(version, Link::new(&entry.name, urls::entry(entry.id)))];
    let asks = vec![Ask::Area(Field::new(&v, "body", key("feedback-body"), key("feedback-body-hint")))];
    let said = (key("feedback-give"), key("feedback-give-lead"), key("feedback-send"));
    ActPage { form, asks, ..act(v, entry, said, facts, urls::submission_feedback(submission.id)) }
}

/// Title, lead and button are keys of messages.
fn act(
    v: Visit,
    entry: &EntryView,
    said: (&'static str, &'static str, &'static str),
    facts: Vec<Fact>,
    action: String,
) -> ActPage {
    let crumbs = vec![Link::new(&entry.name, urls::entry(entry.id))];
    ActPage { facts, sure: true, ..ActPage::saying(v, crumbs, Form::default(), said, action) }
}
