//! Not sending again what a browser has already.
//!
//! Promises: whatever was looked at and has a whole body carries an entity tag, and who names it is told in a few
//! bytes that nothing has changed; what came of a form is kept nowhere. Must never: answer "not changed" for a page
//! that tells something once.

use actix_web::Error;
use actix_web::body::{BoxBody, EitherBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderMap, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use sha2::{Digest as _, Sha256};

/// A strong tag of these bytes (RFC 9110 §8.8.3).
pub fn tag(bytes: &[u8]) -> String {
    format!("\"{}\"", &hex::encode(Sha256::digest(bytes))[..32])
}

/// Whether a request says that it has what goes by this tag (RFC 9110 §13.1.2: compared weakly).
pub fn has(headers: &HeaderMap, tag: &str) -> bool {
    let bare = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
    let known = headers.get_all(header::IF_NONE_MATCH).filter_map(|tags| tags.to_str().ok());
    known.flat_map(|tags| tags.split(',')).any(|known| known.trim() == "*" || bare(known) == bare(tag))
}

/// Middleware: tags what is looked at, and spares whoever has it.
///
/// # Errors
/// Those of the services inside.
pub async fn spare<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B, BoxBody>>, Error> {
    let looks = matches!(*request.method(), Method::GET | Method::HEAD);
    let mut response = next.call(request).await?;
    if !looks {
        if is_page(response.headers()) {
            response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        }
        return Ok(response.map_into_left_body());
    }
    let tells_once = response.headers().contains_key(header::SET_COOKIE);
    let kept = response.headers().get(header::CACHE_CONTROL).is_none_or(|words| words != "no-store");
    let whole = response.status() == StatusCode::OK && kept && !tells_once;
    if !whole || response.headers().contains_key(header::ETAG) {
        return Ok(response.map_into_left_body());
    }
    let (request, response) = response.into_parts();
    let (response, body) = response.into_parts();
    let bytes = match body.try_into_bytes() {
        Ok(bytes) => bytes,
        // It comes piece by piece: nobody knows yet what it will be.
        Err(body) => return Ok(ServiceResponse::new(request, response.set_body(EitherBody::left(body)))),
    };
    // Weak, for it may be packed on its way in one manner or another.
    let tag = format!("W/{}", tag(&bytes));
    let same = has(request.headers(), &tag);
    let mut response =
        response.set_body(EitherBody::right(BoxBody::new(if same { Default::default() } else { bytes })));
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        response.headers_mut().insert(header::ETAG, tag);
    }
    if same {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        response.headers_mut().remove(header::CONTENT_TYPE);
    }
    Ok(ServiceResponse::new(request, response))
}

fn is_page(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    kind.is_some_and(|kind| kind.starts_with("text/html"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail loudly")]
    use actix_web::middleware::from_fn;
    use actix_web::test::{TestRequest, call_service, init_service, read_body};
    use actix_web::web::{get, post, resource};
    use actix_web::{App, HttpResponse};

    use super::*;

    async fn page() -> HttpResponse {
        HttpResponse::Ok().content_type("text/html; charset=utf-8").body("<p>here</p>")
    }

    async fn told_once() -> HttpResponse {
        HttpResponse::Ok().insert_header((header::SET_COOKIE, "flash=; Max-Age=0")).body("done")
    }

    macro_rules! site {
        () => {
            init_service(
                App::new()
                    .wrap(from_fn(spare::<_>))
                    .service(resource("/").route(get().to(page)).route(post().to(page)))
                    .service(resource("/once").route(get().to(told_once))),
            )
            .await
        };
    }

    #[actix_web::test]
    async fn who_has_it_is_spared_it_and_who_has_another_is_not() {
        let site = site!();
        let first = call_service(&site, TestRequest::get().uri("/").to_request()).await;
        assert_eq!(first.status(), 200);
        let tag = first.headers().get(header::ETAG).unwrap().to_str().unwrap().to_owned();
        assert!(tag.starts_with("W/\""), "{tag}");
        for (known, status) in [
            (tag.as_str(), 304),
            (tag.trim_start_matches("W/"), 304),
            (&*format!("\"other\", {tag}"), 304),
            ("*", 304),
            ("\"other\"", 200),
            ("", 200),
        ] {
            let request = TestRequest::get().uri("/").insert_header((header::IF_NONE_MATCH, known));
            let again = call_service(&site, request.to_request()).await;
            assert_eq!(again.status(), status, "{known}");
            assert_eq!(again.headers().get(header::ETAG).unwrap(), tag.as_str());
            let body = read_body(again).await;
            assert_eq!(body.is_empty(), status == 304, "{known}");
        }
    }

    #[actix_web::test]
    async fn what_is_told_once_and_what_came_of_a_form_is_not_kept() {
        let site = site!();
        let once = call_service(&site, TestRequest::get().uri("/once").to_request()).await;
        assert!(once.headers().get(header::ETAG).is_none());
        let posted = call_service(&site, TestRequest::post().uri("/").to_request()).await;
        assert!(posted.headers().get(header::ETAG).is_none());
        assert_eq!(posted.headers().get(header::CACHE_CONTROL).unwrap(), "no-store");
    }
}
