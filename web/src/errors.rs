//! What a person sees when something is refused or goes wrong.
//!
//! Promises: not found and not allowed look alike; every failure page says what to do next, in the
//! reader's language; a fault of ours is logged here, once. Must never: show a cause that only the log
//! may know.

mod page;
mod starting;

use std::fmt;

use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::{Method, StatusCode, header};
use actix_web::middleware::Next;
use actix_web::{Error, HttpResponse, ResponseError};
use market::error::Refusal;

use crate::i18n::has;
use crate::respond;
use crate::urls;
use crate::visit::Visit;

pub use page::{ErrorPage, Scene};
#[cfg(test)]
pub(crate) use starting::StartingPage;
pub use starting::starting;

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

/// Middleware: turns every bare failure into a page for whoever reads HTML, and into problem details for whoever
/// asks for JSON; sends visitors who need to sign in to the door.
///
/// # Errors
/// Those of the services inside.
pub async fn dress<B>(request: ServiceRequest, next: Next<B>) -> Result<ServiceResponse<EitherBody<B>>, Error>
where
    B: MessageBody + 'static,
{
    let response = next.call(request).await?;
    let Some(wanted) = bare_failure(&response) else { return Ok(response.map_into_left_body()) };
    let status = response.status();
    let retry_after = response.headers().get(header::RETRY_AFTER).cloned();
    let visit = Visit::of(response.request());
    let looks = matches!(*response.request().method(), Method::GET | Method::HEAD);
    let to_the_door = status == StatusCode::UNAUTHORIZED && looks && wanted == Wanted::Page;
    let mut dressed = if to_the_door {
        respond::see_other(&urls::sign_in_then(&visit.path))
    } else {
        let failure = response.response().error().and_then(|error| error.as_error::<Failure>());
        let page = ErrorPage::new(visit, status, failure).after(response.request());
        let status = StatusCode::from_u16(page.status).unwrap_or(status);
        match wanted {
            Wanted::Page => respond::page_with(status, &page.v, &page),
            Wanted::Details => HttpResponse::build(status)
                .insert_header((header::CONTENT_TYPE, "application/problem+json"))
                .insert_header((header::CACHE_CONTROL, "private, no-store"))
                .body(page.details()),
        }
    };
    if let Some(value) = retry_after {
        dressed.headers_mut().insert(header::RETRY_AFTER, value);
    }
    Ok(response.into_response(dressed.map_into_right_body()))
}

/// How a failure is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wanted {
    /// To a person.
    Page,
    /// To a program.
    Details,
}

/// How a failure without a body of its own is to be told; nothing to whoever asks for neither.
fn bare_failure<B>(response: &ServiceResponse<B>) -> Option<Wanted> {
    let status = response.status();
    let failed = status.is_client_error() || status.is_server_error();
    let text = |value: Option<&header::HeaderValue>| {
        value.and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned()
    };
    let kind = text(response.headers().get(header::CONTENT_TYPE));
    let accept = text(response.request().headers().get(header::ACCEPT));
    if !failed || !(kind.is_empty() || kind.starts_with("text/plain")) {
        return None;
    }
    if accept.contains("text/html") {
        return Some(Wanted::Page);
    }
    (accept.contains("application/json") || accept.contains("+json")).then_some(Wanted::Details)
}

#[cfg(test)]
mod tests {
    use actix_web::dev::Service as _;
    use actix_web::http::header::ACCEPT;
    use actix_web::middleware::from_fn;
    use actix_web::test::{TestRequest, call_service, init_service, read_body};
    use actix_web::web::{get, resource};
    use actix_web::{App, HttpMessage as _};

    use super::*;
    use crate::visit::RequestNo;

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
                    .wrap_fn(|request, service| {
                        let number = RequestNo("019aa8f6-0000-7000-8000-000000000007".to_owned());
                        request.extensions_mut().insert(number);
                        service.call(request)
                    })
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
        assert!(body.contains("019aa8f6-0000-7000-8000-000000000007"), "the number that the log has");
        let (_, headers, body) = answer!("/fault", "application/json");
        assert_eq!(
            headers.get("content-type").and_then(|kind| kind.to_str().ok()),
            Some("application/problem+json")
        );
        assert!(body.contains("urn:uuid:019aa8f6-") && !body.contains("hunter2"), "{body}");
        let (_, _, body) = answer!("/busy", "text/html");
        assert!(!body.contains("019aa8f6-"), "nobody needs the number of what is no fault");
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
        let (status, headers, body) = answer!("/busy", "application/octet-stream");
        assert_eq!(status, 429);
        assert!(headers.contains_key("retry-after") && body.is_empty());
        let (status, headers, body) = answer!("/busy", "application/json, */*;q=0.1");
        assert!(
            status == 429 && headers.contains_key("retry-after") && body.contains("\"status\":429"),
            "{body}"
        );
        let (status, _, body) = answer!("/door", "application/json");
        assert!(status == 401 && body.contains("\"status\":401"), "no program is sent to a form: {body}");
        let (_, headers, _) = answer!("/busy", "text/html");
        assert!(headers.contains_key("retry-after"));
    }
}
