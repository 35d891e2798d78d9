//! What a person sees when something is refused or goes wrong.
//!
//! Promises: not found and not allowed look alike; every failure page says what to do next, in the
//! reader's language; a fault of ours is logged here, once. Must never: show a cause that only the log
//! may know.

use std::fmt;

use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::{Method, StatusCode, header};
use actix_web::middleware::Next;
use actix_web::{Error, HttpResponse, ResponseError};
use askama::Template;
use market::error::Refusal;

use crate::i18n::{has, key};
use crate::respond;
use crate::urls;
use crate::visit::Visit;

/// The result of every handler.
pub type Answer = Result<HttpResponse, Failure>;

/// Why a page was not served.
#[derive(Debug)]
pub enum Failure {
    /// The market refused.
    Refused(Refusal),
    /// A form came without the token it was given, so that another site may have sent it.
    StaleForm,
    /// A request that our own pages never send.
    Malformed,
    /// More than Saima takes.
    TooLarge,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(refusal) => refusal.fmt(f),
            Self::StaleForm => f.write_str("The form had expired."),
            Self::Malformed => f.write_str("The request could not be read."),
            Self::TooLarge => f.write_str("The request was too large."),
        }
    }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl ResponseError for Failure {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::Refused(Refusal::Unauthenticated) => StatusCode::UNAUTHORIZED,
            Self::Refused(Refusal::NotFound) => StatusCode::NOT_FOUND,
            Self::Refused(Refusal::KeyReused | Refusal::Invalid(_)) => StatusCode::CONFLICT,
            Self::Refused(Refusal::TooMany { .. }) => StatusCode::TOO_MANY_REQUESTS,
            Self::Refused(Refusal::Fault(_)) => StatusCode::INTERNAL_SERVER_ERROR,
            Self::StaleForm | Self::Malformed => StatusCode::BAD_REQUEST,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        }
    }

    /// An empty answer, which [`dress`] turns into a page.
    fn error_response(&self) -> HttpResponse {
        let mut response = HttpResponse::build(self.status_code());
        match self {
            Self::Refused(Refusal::TooMany { retry_after }) => {
                response.insert_header((header::RETRY_AFTER, *retry_after));
            }
            Self::Refused(Refusal::Fault(cause)) => tracing::error!(cause, "fault"),
            _ => {}
        }
        response.finish()
    }
}

/// A failure page.
#[derive(Debug, Template)]
#[template(path = "error.html")]
pub struct ErrorPage {
    /// The request.
    pub v: Visit,
    /// The status, shown small.
    pub status: u16,
    /// The key of the heading.
    pub title: &'static str,
    /// The text, one or two sentences.
    pub text: String,
}

impl ErrorPage {
    /// The page for a status, with what [`Failure`] knows beyond it.
    pub fn new(v: Visit, status: StatusCode, failure: Option<&Failure>) -> Self {
        let (title, body) = match (failure, status.as_u16()) {
            (Some(Failure::StaleForm), _) => (key("error-stale-title"), key("error-stale-text")),
            (_, 401) => (key("error-401-title"), key("error-401-text")),
            (_, 403 | 404) => (key("error-404-title"), key("error-404-text")),
            (_, 405) => (key("error-405-title"), key("error-405-text")),
            (_, 409) => (key("error-409-title"), key("error-409-text")),
            (_, 413) => (key("error-413-title"), key("error-413-text")),
            (_, 429) => (key("error-429-title"), key("error-429-text")),
            (_, 503) => (key("error-503-title"), key("error-503-text")),
            (_, 500..) => (key("error-500-title"), key("error-500-text")),
            _ => (key("error-400-title"), key("error-400-text")),
        };
        let text = match failure {
            Some(Failure::Refused(Refusal::Invalid(problems))) => {
                problems.iter().map(|problem| problem_text(&v, &problem.code)).collect::<Vec<_>>().join(" ")
            }
            _ => v.t(body).into_owned(),
        };
        // Not allowed answers exactly as not found.
        let status = if status == StatusCode::FORBIDDEN { StatusCode::NOT_FOUND } else { status };
        Self { v, status: status.as_u16(), title, text }
    }
}

/// What is wrong, in the reader's language.
pub(crate) fn problem_text(v: &Visit, code: &market::error::Code) -> String {
    let name = format!("problem-{}", code.key());
    if !has(&name) {
        return code.to_string();
    }
    let values = code.values();
    let args: Vec<_> = values.iter().map(|(name, value)| (*name, value.as_str().into())).collect();
    crate::i18n::text(v.locale, &name, &args).into_owned()
}

/// Middleware: turns every bare failure into a page, for whoever reads HTML, and sends visitors who need
/// to sign in to the door.
///
/// # Errors
/// Those of the services inside.
pub async fn dress<B>(request: ServiceRequest, next: Next<B>) -> Result<ServiceResponse<EitherBody<B>>, Error>
where
    B: MessageBody + 'static,
{
    let response = next.call(request).await?;
    if !is_bare_failure(&response) {
        return Ok(response.map_into_left_body());
    }
    let status = response.status();
    let retry_after = response.headers().get(header::RETRY_AFTER).cloned();
    let visit = Visit::of(response.request());
    let looks = matches!(*response.request().method(), Method::GET | Method::HEAD);
    let mut dressed = if status == StatusCode::UNAUTHORIZED && looks {
        respond::see_other(&urls::sign_in_then(&visit.path))
    } else {
        let failure = response.response().error().and_then(|error| error.as_error::<Failure>());
        let page = ErrorPage::new(visit, status, failure);
        let status = StatusCode::from_u16(page.status).unwrap_or(status);
        respond::page_with(status, &page.v, &page)
    };
    if let Some(value) = retry_after {
        dressed.headers_mut().insert(header::RETRY_AFTER, value);
    }
    Ok(response.into_response(dressed.map_into_right_body()))
}

/// A failure without a page of its own, asked for by something that reads HTML.
fn is_bare_failure<B>(response: &ServiceResponse<B>) -> bool {
    let status = response.status();
    let failed = status.is_client_error() || status.is_server_error();
    let kind =
        response.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let accept = response
        .request()
        .headers()
        .get(header::ACCEPT)
        .and_then(|kind| kind.to_str().ok())
        .unwrap_or_default();
    failed && (kind.is_empty() || kind.starts_with("text/plain")) && accept.contains("text/html")
}

#[cfg(test)]
mod tests {
    use actix_web::App;
    use actix_web::http::header::ACCEPT;
    use actix_web::middleware::from_fn;
    use actix_web::test::{TestRequest, call_service, init_service, read_body};
    use actix_web::web::{get, resource};

    use super::*;

    async fn forbidden() -> Answer {
        Err(Failure::Refused(Refusal::NotFound))
    }

    async fn door() -> Answer {
        Err(Failure::Refused(Refusal::Unauthenticated))
    }

    async fn fault() -> Answer {
        Err(Failure::Refused(Refusal::Fault("password=hunter2".to_owned())))
    }

    async fn busy() -> Answer {
        Err(Failure::Refused(Refusal::TooMany { retry_after: 7 }))
    }

    macro_rules! answer {
        ($path:literal, $accept:literal) => {{
            let app = init_service(
                App::new()
                    .wrap(from_fn(dress::<_>))
                    .service(resource("/secret").route(get().to(forbidden)))
                    .service(resource("/door").route(get().to(door)))
                    .service(resource("/fault").route(get().to(fault)))
                    .service(resource("/busy").route(get().to(busy))),
            )
            .await;
            let request = TestRequest::get().uri($path).insert_header((ACCEPT, $accept)).to_request();
            let response = call_service(&app, request).await;
            let head = (response.status().as_u16(), response.headers().clone());
            let body = String::from_utf8_lossy(&read_body(response).await).into_owned();
            (head.0, head.1, body)
        }};
    }

    #[actix_web::test]
    async fn not_allowed_and_not_there_are_one_page() {
        let (status, _, secret) = answer!("/secret", "text/html");
        let (other, _, nowhere) = answer!("/nowhere", "text/html");
        assert_eq!((status, other), (404, 404));
        assert_eq!(secret.replace("/secret", "/"), nowhere.replace("/nowhere", "/"));
    }

    #[actix_web::test]
    async fn a_fault_tells_the_log_and_not_the_reader() {
        let (status, _, body) = answer!("/fault", "text/html");
        assert_eq!(status, 500);
        assert!(!body.contains("hunter2") && body.contains("<h1"), "{body}");
    }

    #[actix_web::test]
    async fn whoever_must_sign_in_is_shown_the_door_and_the_way_back() {
        let (status, headers, _) = answer!("/door?a=1", "text/html");
        assert_eq!(status, 303);
        assert_eq!(
            headers.get("location").and_then(|value| value.to_str().ok()),
            Some("/sign-in?next=%2Fdoor%3Fa%3D1")
        );
    }

    #[actix_web::test]
    async fn the_wait_is_told_and_machines_get_no_page() {
        let (status, headers, body) = answer!("/busy", "application/json");
        assert_eq!(status, 429);
        assert!(headers.contains_key("retry-after") && body.is_empty());
        let (_, headers, _) = answer!("/busy", "text/html");
        assert!(headers.contains_key("retry-after"));
    }
}
