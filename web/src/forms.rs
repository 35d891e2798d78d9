//! Forms: what was typed, what is wrong with it, and that it came from our own page.
//!
//! Promises: input is kept when a form comes back; each error stands beside its field and in the summary
//! at the top; a form without this browser's token never reaches a handler. Must never: keep a password.

use std::future::Future;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::web::{Bytes, Query};
use actix_web::{Error, FromRequest, HttpMessage, HttpRequest};
use market::error::Refusal;

use crate::errors::{Failure, problem_text};
use crate::visit::{Identified, Visit};

/// The hidden field that carries the token.
pub const CSRF: &str = "csrf";

/// What was typed and what is wrong with it.
#[derive(Debug, Clone, Default)]
pub struct Form {
    fields: Vec<(String, String)>,
    errors: Vec<FieldError>,
}

/// One thing to mend.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    /// The name of the field, or empty for the whole form.
    pub field: String,
    /// What to do, in the reader's language.
    pub text: String,
}

impl Form {
    /// A form with these fields filled in.
    pub fn of<N: Into<String>, V: Into<String>>(fields: impl IntoIterator<Item = (N, V)>) -> Self {
        let fields = fields.into_iter().map(|(name, value)| (name.into(), value.into())).collect();
        Self { fields, errors: Vec::new() }
    }

    /// The first value of `name`, or nothing.
    pub fn value(&self, name: impl AsRef<str>) -> &str {
        let name = name.as_ref();
        self.fields
            .iter()
            .find(|(field, _)| field == name)
            .map(|(_, value)| value.as_str())
            .unwrap_or_default()
    }

    /// The first value of `name` without white space around it; `None` when that leaves nothing.
    pub fn given(&self, name: impl AsRef<str>) -> Option<&str> {
        Some(self.value(name).trim()).filter(|value| !value.is_empty())
    }

    /// Every value of `name`, in order.
    pub fn values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.fields.iter().filter(move |(field, _)| field == name).map(|(_, value)| value.as_str())
    }

    /// Everything that was typed, in order.
    pub fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.fields.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// True if `name` has this value: for boxes and choices.
    pub fn has(&self, name: impl AsRef<str>, value: impl AsRef<str>) -> bool {
        self.fields.iter().any(|(field, kept)| field == name.as_ref() && kept == value.as_ref())
    }

    /// Puts `value` into `name`, in place of whatever was there.
    pub fn set(&mut self, name: &str, value: impl Into<String>) {
        self.forget(name);
        self.fields.push((name.to_owned(), value.into()));
    }

    /// Drops what was typed into `name`: passwords don't come back.
    pub fn forget(&mut self, name: &str) {
        self.fields.retain(|(field, _)| field != name);
    }

    /// What is wrong with `name`.
    pub fn error(&self, name: impl AsRef<str>) -> Option<&str> {
        self.errors.iter().find(|error| error.field == name.as_ref()).map(|error| error.text.as_str())
    }

    /// Whether something is wrong in a field whose name begins like this: what is folded away then opens.
    pub fn wrong_in(&self, beginning: &str) -> bool {
        self.errors.iter().any(|error| error.field.starts_with(beginning))
    }

    /// The ids of what explains `name`: its error, if any, and its hint, unless that is empty.
    pub fn described_by(&self, name: impl AsRef<str>, hint: impl AsRef<str>) -> String {
        let name = name.as_ref();
        let error = self.error(name).map(|_| format!("e-{name}"));
        let hint = (!hint.as_ref().is_empty()).then(|| format!("h-{name}"));
        [error, hint].into_iter().flatten().collect::<Vec<_>>().join(" ")
    }

    /// Everything that is wrong, in the order it was found.
    pub fn errors(&self) -> &[FieldError] {
        &self.errors
    }

    /// Notes what is wrong with `name`.
    pub fn refuse(&mut self, name: &str, text: impl Into<String>) {
        self.errors.push(FieldError { field: name.to_owned(), text: text.into() });
    }

    /// Takes in what the market wants mended; any other refusal is a failure of the whole request.
    ///
    /// # Errors
    /// The refusal, if it is not about the input.
    pub fn mend(mut self, v: &Visit, refusal: Refusal) -> Result<Self, Failure> {
        let Refusal::Invalid(problems) = refusal else { return Err(refusal.into()) };
        for problem in &problems {
            self.refuse(&problem.field, problem_text(v, &problem.code));
        }
        Ok(self)
    }
}

/// A form sent from a page of ours: the extractor of every handler that changes something.
#[derive(Debug)]
pub struct Posted(pub Form);

impl FromRequest for Posted {
    type Error = Failure;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Failure>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let request = request.clone();
        let body = Bytes::from_request(&request, payload);
        Box::pin(async move {
            // Anything else than a plain form is a way around the browser's rules for other sites.
            if request.content_type() != "application/x-www-form-urlencoded" {
                return Err(Failure::Malformed);
            }
            let body = body.await.map_err(|fault| unread(&fault))?;
            let text = std::str::from_utf8(&body).map_err(|_| Failure::Malformed)?;
            let fields = Query::<Vec<(String, String)>>::from_query(text)
                .map_err(|_| Failure::Malformed)?
                .into_inner();
            let mut form = Form::of(fields);
            check_token(&request, form.value(CSRF))?;
            form.forget(CSRF);
            Ok(Self(form))
        })
    }
}

/// Why a body could not be read.
fn unread(fault: &Error) -> Failure {
    let too_large = fault.as_response_error().status_code() == StatusCode::PAYLOAD_TOO_LARGE;
    if too_large { Failure::TooLarge } else { Failure::Malformed }
}

/// Makes sure that a request that changes something came from a page that we gave to this browser.
///
/// # Errors
/// [`Failure::StaleForm`] when the token is not this browser's, or the browser says that another site sent
/// the form.
pub(crate) fn check_token(request: &HttpRequest, token: &str) -> Result<(), Failure> {
    let foreign = request.headers().get("sec-fetch-site").is_some_and(|site| site == "cross-site");
    let expected = request.extensions().get::<Identified>().map(|identified| identified.csrf.clone());
    match expected {
        Some(expected) if !foreign && !expected.is_empty() && same(expected.as_bytes(), token.as_bytes()) => {
            Ok(())
        }
        _ => {
            // The pattern and not the path: a path may hold the secret of an invitation.
            tracing::warn!(place = request.match_pattern(), foreign, "form without its token");
            Err(Failure::StaleForm)
        }
    }
}

/// Compares without telling by its time where the first difference is.
fn same(one: &[u8], two: &[u8]) -> bool {
    one.len() == two.len() && one.iter().zip(two).fold(0, |difference, (a, b)| difference | (a ^ b)) == 0
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail loudly")]
    use actix_web::http::header;
    use actix_web::test::TestRequest;
    use market::actor::Actor;
    use market::error::Code;

    use super::*;
    use crate::i18n::Locale;
    use crate::visit::samples;

    async fn post(body: &'static str, kind: &str, extra: Option<(&str, &str)>) -> Result<Posted, Failure> {
        let mut request = TestRequest::post().insert_header((header::CONTENT_TYPE, kind)).set_payload(body);
        if let Some(header) = extra {
            request = request.insert_header(header);
        }
        let (request, mut payload) = request.to_http_parts();
        request.extensions_mut().insert(Identified { actor: Actor::Visitor, csrf: "right".into() });
        Posted::from_request(&request, &mut payload).await
    }

    const FORM: &str = "application/x-www-form-urlencoded";

    #[actix_web::test]
    async fn a_form_with_its_token_is_read() {
        let Posted(form) = post("csrf=right&name=%E8%B5%9B+%E9%A9%AC&tag=a&tag=b", FORM, None).await.unwrap();
        assert_eq!(form.value("name"), "赛 马");
        assert_eq!(form.values("tag").collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!(form.value(CSRF), "", "the token is not input");
    }

    #[actix_web::test]
    async fn a_form_without_its_token_is_refused() {
        for body in ["", "name=x", "csrf=", "csrf=wrong", "csrf=righ", "csrf=wrong&csrf=right"] {
            assert!(matches!(post(body, FORM, None).await, Err(Failure::StaleForm)), "{body}");
        }
    }

    #[actix_web::test]
    async fn other_sites_and_other_kinds_of_body_are_refused() {
        let sent = post("csrf=right", FORM, Some(("sec-fetch-site", "cross-site"))).await;
        assert!(matches!(sent, Err(Failure::StaleForm)));
        assert!(matches!(post("csrf=right", "text/plain", None).await, Err(Failure::Malformed)));
        assert!(matches!(post("csrf=right&a=%FF", FORM, None).await, Ok(_) | Err(Failure::Malformed)));
    }

    #[test]
    fn what_the_market_wants_mended_lands_beside_its_field() {
        let visit = samples::visitor(Locale::En);
        let form =
            Form::of([("title", "x")]).mend(&visit, Refusal::on("title", Code::TooShort { min: 4 })).unwrap();
        assert_eq!(form.error("title"), Some("Use at least 4 characters."));
        assert_eq!(form.value("title"), "x", "input is kept");
        assert!(Form::default().mend(&visit, Refusal::NotFound).is_err());
    }
}
