//! From a page to an answer.
//!
//! Promises: pages are never kept by caches that others share; a notice is shown once. Must never: send
//! a browser to another site.

use actix_web::cookie::{Cookie, SameSite, time::Duration};
use actix_web::http::header::HeaderName;
use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

use crate::undo::Undo;
use crate::visit::{FLASH, UNDO, Visit};

/// The page, with status 200.
pub fn page(visit: &Visit, template: &impl Template) -> HttpResponse {
    page_with(StatusCode::OK, visit, template)
}

/// The same form again, with what is wrong: status 422.
pub fn form_again(visit: &Visit, template: &impl Template) -> HttpResponse {
    page_with(StatusCode::UNPROCESSABLE_ENTITY, visit, template)
}

/// The page with another status.
pub fn page_with(status: StatusCode, visit: &Visit, template: &impl Template) -> HttpResponse {
    let mut response = HttpResponse::build(status);
    response
        .insert_header((header::CONTENT_TYPE, "text/html; charset=utf-8"))
        .insert_header((header::CACHE_CONTROL, "private, no-cache"))
        .insert_header((header::VARY, "Cookie, Accept-Language"));
    if visit.flash.is_some() {
        let mut spent = cookie(FLASH, "");
        spent.make_removal();
        response.cookie(spent);
    }
    if visit.undo.is_some() {
        let mut spent = cookie(UNDO, "");
        spent.make_removal();
        response.cookie(spent);
    }
    match template.render() {
        Ok(html) => response.body(html),
        Err(fault) => {
            tracing::error!(%fault, "a page could not be rendered");
            HttpResponse::InternalServerError().finish()
        }
    }
}

/// After a form: look there (303, so that reloading does not repeat the form).
pub fn see_other(url: &str) -> HttpResponse {
    HttpResponse::SeeOther().insert_header((header::LOCATION, local(url))).finish()
}

/// After a form: look there, and be told once what was done. `notice` is the key of a message whose name
/// starts with `done-`.
pub fn done(url: &str, notice: &'static str) -> HttpResponse {
    let mut told = cookie(FLASH, notice);
    told.set_max_age(Duration::minutes(1));
    HttpResponse::SeeOther().insert_header((header::LOCATION, local(url))).cookie(told).finish()
}

/// The header of a form that a script sends, and of the answer to it.
const THEN: &str = "x-then";

/// The same answer for a form that a script has sent: told where to look (204), instead of being led there
/// unseen, so that what was done is still told on the page that follows.
pub(crate) fn to_script(request: &HttpRequest, mut answer: HttpResponse) -> HttpResponse {
    if answer.status() != StatusCode::SEE_OTHER || !request.headers().contains_key(THEN) {
        return answer;
    }
    *answer.status_mut() = StatusCode::NO_CONTENT;
    if let Some(there) = answer.headers_mut().remove(header::LOCATION).next() {
        answer.headers_mut().insert(HeaderName::from_static(THEN), there);
    }
    answer
}

/// The same, with a button that takes it back.
pub fn done_undoable(visit: &Visit, url: &str, notice: &'static str, undo: &Undo) -> HttpResponse {
    let mut response = done(url, notice);
    if let Some(sealed) = undo.sealed(&visit.csrf) {
        let mut kept = cookie(UNDO, &sealed);
        kept.set_max_age(Duration::minutes(1));
        if let Err(fault) = response.add_cookie(&kept) {
            tracing::error!(%fault, "an undo could not be offered");
        }
    }
    response
}

/// A cookie for the whole site that no script reads and no other site's form sends.
pub(crate) fn cookie<'c>(name: &'c str, value: &'c str) -> Cookie<'c> {
    Cookie::build(name, value).path("/").http_only(true).same_site(SameSite::Lax).finish()
}

/// `url` if it is a path of ours, otherwise the front page.
pub(crate) fn local(url: &str) -> &str {
    let inside = url.starts_with('/') && !url.starts_with("//") && !url.contains(['\\', '\r', '\n', '\t']);
    if inside { url } else { "/" }
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn a_script_is_told_where_to_look_and_a_browser_is_led_there() {
        let plain = TestRequest::post().to_http_request();
        let scripted = TestRequest::post().insert_header((THEN, "tell")).to_http_request();
        let led = to_script(&plain, done("/tasks", "done-sent"));
        assert_eq!(led.status(), StatusCode::SEE_OTHER);
        let told = to_script(&scripted, done("/tasks", "done-sent"));
        assert_eq!(told.status(), StatusCode::NO_CONTENT);
        assert_eq!(told.headers().get(THEN).and_then(|url| url.to_str().ok()), Some("/tasks"));
        assert!(told.headers().get(header::LOCATION).is_none());
        assert!(told.cookies().any(|cookie| cookie.name() == FLASH), "the notice is kept for the page");
        let refused = to_script(&scripted, HttpResponse::UnprocessableEntity().finish());
        assert_eq!(refused.status(), StatusCode::UNPROCESSABLE_ENTITY, "what is wrong is answered as ever");
    }

    #[test]
    fn nobody_is_sent_to_another_site() {
        for foreign in
            ["https://evil.example/", "//evil.example/", "/\\evil.example", "evil", "", "/\t/evil.example"]
        {
            assert_eq!(local(foreign), "/", "{foreign}");
        }
        assert_eq!(local("/tasks?page=2"), "/tasks?page=2");
    }
}
