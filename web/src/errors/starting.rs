//! What is answered while the program is not ready: tables are being brought up to date, the log is being checked.
//!
//! Promises: every request is answered at once and told to come back; a person's page comes back by itself, in
//! both languages, for nobody knows yet which one they chose. Must never: need the database.

use std::borrow::Cow;

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use serde_json::json;

use super::Scene;
use crate::i18n::{Locale, key, text};

/// Seconds after which to ask again.
const AGAIN: u64 = 5;

/// The page.
#[derive(Debug, Template)]
#[template(path = "starting.html")]
pub(crate) struct StartingPage {
    again: u64,
    scene: Scene,
    /// The same in every language.
    said: Vec<Said>,
}

#[derive(Debug)]
struct Said {
    locale: Locale,
    title: Cow<'static, str>,
    text: Cow<'static, str>,
}

impl StartingPage {
    pub(crate) fn new() -> Self {
        let said = |locale| Said {
            locale,
            title: text(locale, key("error-503-title"), &[]),
            text: text(locale, key("starting-text"), &[]),
        };
        Self { again: AGAIN, scene: Scene::Gate, said: Locale::ALL.map(said).into() }
    }

    fn brand(&self) -> Cow<'static, str> {
        text(Locale::En, key("brand"), &[])
    }
}

/// The answer to whatever is asked: 503, for people as a page, for programs as problem details (RFC 9457) or as an
/// answer of GraphQL, else as a line of text.
pub fn starting(request: &HttpRequest) -> HttpResponse {
    let accept =
        request.headers().get(header::ACCEPT).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let mut response = HttpResponse::ServiceUnavailable();
    response
        .insert_header((header::RETRY_AFTER, AGAIN))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        // Whoever comes again shall find the server that is ready.
        .force_close();
    let title = text(Locale::En, key("error-503-title"), &[]);
    let detail = text(Locale::En, key("starting-text"), &[]);
    if request.path() == "/graphql" {
        let error = json!({ "message": detail, "extensions": { "code": "STARTING", "retryAfter": AGAIN } });
        return response.content_type("application/json").body(json!({ "errors": [error] }).to_string());
    }
    if accept.contains("text/html") {
        return match StartingPage::new().render() {
            Ok(page) => response.content_type("text/html; charset=utf-8").body(page),
            Err(_) => response.finish(),
        };
    }
    if accept.contains("json") {
        let details = json!({ "type": "about:blank", "status": 503, "title": title, "detail": detail });
        return response.content_type("application/problem+json").body(details.to_string());
    }
    response.content_type("text/plain; charset=utf-8").body("starting\n")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail loudly")]
    use actix_web::body::to_bytes;
    use actix_web::test::TestRequest;

    use super::*;

    async fn answered(path: &str, accept: &'static str) -> (String, String) {
        let request = TestRequest::get().uri(path).insert_header((header::ACCEPT, accept)).to_http_request();
        let response = starting(&request);
        assert_eq!(response.status().as_u16(), 503);
        assert_eq!(response.headers().get("retry-after").unwrap(), "5");
        let kind = response.headers().get("content-type").unwrap().to_str().unwrap().to_owned();
        let body = to_bytes(response.into_body()).await.unwrap();
        (kind, String::from_utf8(body.to_vec()).unwrap())
    }

    #[actix_web::test]
    async fn everybody_is_told_to_come_back_in_their_own_way() {
        let (kind, page) = answered("/tasks", "text/html,*/*").await;
        assert!(
            kind.starts_with("text/html") && page.contains("http-equiv=\"refresh\" content=\"5\""),
            "{page}"
        );
        assert!(page.contains("Back in a moment") && page.contains("马上回来"), "both languages: {page}");
        let (kind, api) = answered("/graphql", "application/json").await;
        assert!(kind == "application/json" && api.contains("STARTING"), "{api}");
        let (kind, details) = answered("/tasks", "application/json").await;
        assert!(kind == "application/problem+json" && details.contains("\"status\":503"), "{details}");
        assert_eq!(answered("/readyz", "*/*").await.1, "starting\n");
    }
}
