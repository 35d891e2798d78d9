//! From a page to an answer.
//!
//! Promises: pages are never kept by caches that others share; a notice is shown once. Must never: send
//! a browser to another site.

use actix_web::HttpResponse;
use actix_web::cookie::{Cookie, SameSite, time::Duration};
use actix_web::http::{StatusCode, header};
use askama::Template;

use crate::visit::{FLASH, Visit};

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
    use super::*;

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
