//! The page of a failure: what happened, why it may be, what to do.
//!
//! Promises: what is not there and what is not open have one page, which names the doors of this house to everybody
//! alike; a fault of ours comes with the number under which the log tells more. Must never: say more of a fault.

use actix_web::HttpRequest;
use actix_web::http::{StatusCode, header};
use askama::Template;
use market::error::Refusal;
use serde_json::json;

use super::{Failure, problem_text};
use crate::format;
use crate::i18n::key;
use crate::respond::local;
use crate::visit::{RequestNo, Visit};

/// A picture that tells at a glance what kind of failure it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scene {
    /// A horse that refuses at a jump: not this way.
    Refusal,
    /// A jump that is far too high.
    TooHigh,
    /// A closed starting gate: wait.
    Gate,
    /// Rails on the ground: our mistake.
    Fallen,
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
    /// The picture.
    pub scene: Scene,
    /// Where the reader came from, if it was a page of ours.
    pub back: Option<String>,
    /// What the log calls this request; only where the fault is ours.
    pub number: Option<String>,
}

impl ErrorPage {
    /// The page for a status, with what [`Failure`] and the request know beyond it.
    pub fn new(v: Visit, status: StatusCode, failure: Option<&Failure>) -> Self {
        let (title, body, scene) = match (failure, status.as_u16()) {
            (Some(Failure::StaleForm), _) => {
                (key("error-stale-title"), key("error-stale-text"), Scene::Refusal)
            }
            (_, 401) => (key("error-401-title"), key("error-401-text"), Scene::Gate),
            (_, 403 | 404) => (key("error-404-title"), key("error-404-text"), Scene::Refusal),
            (_, 405) => (key("error-405-title"), key("error-405-text"), Scene::Refusal),
            (_, 409) => (key("error-409-title"), key("error-409-text"), Scene::Refusal),
            (_, 410) => (key("error-410-title"), key("error-410-text"), Scene::Refusal),
            (_, 413) => (key("error-413-title"), key("error-413-text"), Scene::TooHigh),
            (_, 422) => (key("error-422-title"), key("error-422-text"), Scene::Refusal),
            (_, 429) => (key("error-429-title"), key("error-429-text"), Scene::Gate),
            (_, 503) => (key("error-503-title"), key("error-503-text"), Scene::Gate),
            (_, 500..) => (key("error-500-title"), key("error-500-text"), Scene::Fallen),
            _ => (key("error-400-title"), key("error-400-text"), Scene::Refusal),
        };
        let text = match failure {
            Some(Failure::Refused(Refusal::Invalid(problems))) => {
                problems.iter().map(|problem| problem_text(&v, &problem.code)).collect::<Vec<_>>().join(" ")
            }
            Some(Failure::Refused(Refusal::TooMany { retry_after })) => {
                let wait = format::duration(v.locale, (*retry_after).max(1).div_ceil(60) * 60);
                v.t1(key("error-429-wait"), "time", wait).into_owned()
            }
            _ => v.t(body).into_owned(),
        };
        // Not allowed answers exactly as not found.
        let status = if status == StatusCode::FORBIDDEN { StatusCode::NOT_FOUND } else { status };
        Self { v, status: status.as_u16(), title, text, scene, back: None, number: None }
    }

    /// The same, with the way back and, for a fault of ours, its number.
    #[must_use]
    pub fn after(mut self, request: &HttpRequest) -> Self {
        self.back = came_from(request).filter(|path| *path != self.v.path);
        if self.status >= 500 {
            self.number = request_number(request);
        }
        self
    }

    /// The same for a program, as problem details (RFC 9457).
    pub fn details(&self) -> String {
        let mut details = json!({
            "type": "about:blank", "status": self.status, "title": self.v.t(self.title), "detail": self.text,
        });
        if let (Some(number), Some(members)) = (&self.number, details.as_object_mut()) {
            members.insert("instance".to_owned(), format!("urn:uuid:{number}").into());
        }
        details.to_string()
    }

    /// Whether searching may help.
    fn lost(&self) -> bool {
        matches!(self.status, 404 | 410)
    }
}

/// What the log calls this request.
pub(crate) fn request_number(request: &HttpRequest) -> Option<String> {
    use actix_web::HttpMessage as _;
    request.extensions().get::<RequestNo>().map(|number| number.0.clone())
}

/// The page of ours that led here, by what the browser says.
fn came_from(request: &HttpRequest) -> Option<String> {
    let referer = request.headers().get(header::REFERER)?.to_str().ok()?;
    let (_, rest) = referer.split_once("://")?;
    let (host, path) = rest.split_at(rest.find('/')?);
    let ours = host == request.connection_info().host();
    (ours && path.len() > 1 && local(path) == path).then(|| path.to_owned())
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::{HOST, REFERER};
    use actix_web::test::TestRequest;

    use super::*;
    use crate::i18n::Locale;
    use crate::visit::samples;

    #[test]
    fn the_way_back_leads_to_a_page_of_ours_and_nowhere_else() {
        let back = |referer: &str| {
            let request = TestRequest::get().insert_header((HOST, "saima.example"));
            came_from(&request.insert_header((REFERER, referer)).to_http_request())
        };
        assert_eq!(back("https://saima.example/tasks?page=2"), Some("/tasks?page=2".to_owned()));
        for foreign in [
            "https://evil.example/tasks",
            "https://saima.example.evil.example/tasks",
            "https://saima.example//evil.example/",
            "https://saima.example",
            "https://saima.example/",
            "/tasks",
            "",
        ] {
            assert_eq!(back(foreign), None, "{foreign}");
        }
    }

    #[test]
    fn the_wait_is_spelled_out_in_the_readers_language() {
        let busy = |seconds| Failure::Refused(Refusal::TooMany { retry_after: seconds });
        let text = |locale, seconds| {
            let v = samples::visitor(locale);
            ErrorPage::new(v, StatusCode::TOO_MANY_REQUESTS, Some(&busy(seconds))).text
        };
        assert!(text(Locale::En, 7).contains("1 minute"), "{}", text(Locale::En, 7));
        assert!(text(Locale::En, 3_601).contains("1 hour 1 minute"));
        assert!(text(Locale::ZhCn, 120).contains("2 分钟"));
    }
}
