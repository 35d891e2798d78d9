//! How the reader wants their notices, and ending them from a mail without signing in.
//!
//! Promises: whoever holds the link of a mail can end that person's mails, and do nothing else.

use actix_web::HttpResponse;
use actix_web::web::{Data, Path};
use askama::Template;
use market::notice::{Language, MailMode, UpdateMailing};
use market::{Market, PersonId, Refusal};

use super::kit::Choice;
use crate::errors::{Answer, Failure};
use crate::forms::{Form, Posted};
use crate::i18n::{Locale, key};
use crate::visit::Visit;
use crate::{respond, urls};

/// The page.
#[derive(Debug, Template)]
#[template(path = "people/notices.html")]
pub struct NoticesPage {
    /// The request.
    pub v: Visit,
    /// What is chosen.
    pub form: Form,
    /// The address that mails go to.
    pub email: String,
    /// When mails are sent.
    pub modes: Vec<Choice>,
    /// Languages.
    pub languages: Vec<Choice>,
}

/// The page that ends mails.
#[derive(Debug, Template)]
#[template(path = "people/unsubscribe.html")]
pub struct UnsubscribePage {
    /// The request.
    pub v: Visit,
    /// Where its button goes; nothing once it is done.
    pub action: Option<String>,
}

/// Whose mails a link ends: made and checked by the program, which holds the key.
pub trait Unsubscribers: Send + Sync + 'static {
    /// The person behind the token of a link, if we gave it out.
    fn person(&self, token: &str) -> Option<PersonId>;
}

/// `GET /notices`.
///
/// # Errors
/// To the door, for visitors.
pub async fn show(v: Visit, market: Data<Market>) -> Answer {
    let chosen = market.mailing(&v.actor).await?;
    let form = Form::of([("mode", chosen.mode.as_str()), ("language", chosen.language.as_str())]);
    let page = page(v, &market, form).await?;
    Ok(respond::page(&page.v, &page))
}

/// `POST /notices`: `mode`, `language`.
///
/// # Errors
/// To the door, for visitors.
pub async fn choose(v: Visit, market: Data<Market>, Posted(form): Posted) -> Answer {
    let mode = form.value("mode").parse::<MailMode>().map_err(|_| ("mode", market::Code::BadChoice));
    let language = form.value("language").parse::<Language>();
    let language = language.map_err(|_| ("language", market::Code::BadChoice));
    let outcome = match (mode, language) {
        (Ok(mode), Ok(language)) => {
            let update = UpdateMailing { mode: Some(mode), language: Some(language) };
            market.run(&v.actor, update).await.map(drop)
        }
        (Err((field, code)), _) | (_, Err((field, code))) => {
            v.actor.id().ok_or(Refusal::Unauthenticated).and(Err(Refusal::on(field, code)))
        }
    };
    match outcome {
        Ok(()) => Ok(respond::done(&urls::notices(), key("done-notices"))),
        Err(refusal) => {
            let form = form.mend(&v, refusal)?;
            let page = page(v, &market, form).await?;
            Ok(respond::form_again(&page.v, &page))
        }
    }
}

async fn page(v: Visit, market: &Market, form: Form) -> Result<NoticesPage, Failure> {
    let me = v.actor.id().ok_or(Refusal::Unauthenticated)?;
    let email = market.person(&v.actor, me).await?.email.unwrap_or_default();
    let (modes, languages) = choices(&v);
    Ok(NoticesPage { form, email, modes, languages, v })
}

fn choices(v: &Visit) -> (Vec<Choice>, Vec<Choice>) {
    let mode = |mode: &MailMode| {
        let label = match mode {
            MailMode::AtOnce => key("notices-at-once"),
            MailMode::Daily => key("notices-daily"),
            MailMode::Never => key("notices-never"),
        };
        Choice::new(mode.as_str(), v.t(label))
    };
    let language = |one: &Language| Choice::new(one.as_str(), Locale::of(*one).own_name());
    (MailMode::ALL.iter().map(mode).collect(), Language::ALL.iter().map(language).collect())
}

/// `GET /unsubscribe/{token}`.
///
/// # Errors
/// Not found, for a token that we did not give out.
pub async fn unsubscribe_ask(v: Visit, who: Data<dyn Unsubscribers>, token: Path<String>) -> Answer {
    who.person(&token).ok_or(Refusal::NotFound)?;
    let page = UnsubscribePage { action: Some(urls::unsubscribe(&*token)), v };
    Ok(respond::page(&page.v, &page))
}

/// `POST /unsubscribe/{token}`: by the button, or by a mail program (RFC 8058), which has no secret of a form
/// to send: what the token allows is all that can be done here.
///
/// # Errors
/// Not found, for a token that we did not give out.
pub async fn unsubscribe(
    v: Visit,
    market: Data<Market>,
    who: Data<dyn Unsubscribers>,
    token: Path<String>,
) -> Result<HttpResponse, Failure> {
    let person = who.person(&token).ok_or(Refusal::NotFound)?;
    let actor = market.actor(person).await?;
    let stop = UpdateMailing { mode: Some(MailMode::Never), language: None };
    match market.run(&actor, stop).await {
        Ok(_) => {}
        Err(Refusal::Unauthenticated) => return Err(Refusal::NotFound.into()),
        Err(refusal) => return Err(refusal.into()),
    }
    let page = UnsubscribePage { action: None, v };
    Ok(respond::page(&page.v, &page))
}

#[cfg(test)]
pub(crate) fn samples() -> Vec<NoticesPage> {
    let page = |v: Visit| {
        let mut form = Form::of([("mode", "daily"), ("language", "zh-CN")]);
        form.refuse("mode", "Choose one of the values offered.");
        let (modes, languages) = choices(&v);
        NoticesPage { form, email: "ada@example.org".to_owned(), modes, languages, v }
    };
    crate::visit::samples::all().into_iter().map(page).collect()
}

#[cfg(test)]
pub(crate) fn unsubscribe_samples() -> Vec<UnsubscribePage> {
    let page = |v: Visit, action: Option<String>| UnsubscribePage { action, v };
    let all = crate::visit::samples::all().into_iter();
    all.flat_map(|v| [page(v.clone(), Some(urls::unsubscribe("t"))), page(v, None)]).collect()
}
