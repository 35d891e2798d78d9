//! Who asks, found out once for every request.
//!
//! Promises: a bearer token speaks for its person, otherwise a session's cookie does, otherwise nobody
//! does; what is found is left with the request as [`web::visit::Identified`] and [`Door`]. Must never:
//! decide what somebody may do, or let a form of another site act for the person whose browser sent it.

use actix_web::body::{EitherBody, MessageBody};
use actix_web::cookie::{Cookie, SameSite};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::http::header::{AUTHORIZATION, CONTENT_TYPE, WWW_AUTHENTICATE};
use actix_web::middleware::Next;
use actix_web::web::Data;
use actix_web::{Error, HttpMessage as _, HttpRequest, HttpResponse, ResponseError as _};
use market::{Actor, Market};
use serde_json::json;
use subtle::ConstantTimeEq as _;
use tracing::Span;
use web::errors::Failure;
use web::pages::door::SESSION;
use web::visit::Identified;

use crate::app::Shared;
use crate::proxy;

/// The cookie that ties a visitor's forms to their browser.
const VISITOR: &str = "saima_csrf";
/// The header that a script of ours sends with a session's cookie, which no other site's form can.
pub const CSRF_HEADER: &str = "X-Saima-Csrf";

/// How the asker came in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Door {
    /// Not at all.
    Nobody,
    /// By an access token in `Authorization`, which only a program sends.
    Bearer,
    /// By a cookie, which a browser sends wherever the request comes from.
    Session,
}

/// Middleware: finds out who asks.
///
/// # Errors
/// Those of the services inside.
pub async fn identify<B: MessageBody>(
    shared: Data<Shared>,
    mut request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, Error> {
    proxy::see_through(&mut request, &shared.trusted_proxies);
    let nobody = || Identified { actor: Actor::Visitor, csrf: String::new() };
    if is_public(request.path()) {
        request.extensions_mut().insert(nobody());
        request.extensions_mut().insert(Door::Nobody);
        return Ok(next.call(request).await?.map_into_left_body());
    }
    let (door, identified) = match who(&shared, &request).await {
        Ok(Some(found)) => found,
        Ok(None) => {
            request.extensions_mut().insert(nobody());
            return Ok(request.into_response(not_good()).map_into_right_body());
        }
        Err(refusal) => {
            request.extensions_mut().insert(nobody());
            let failure = Failure::from(refusal).error_response();
            return Ok(request.into_response(failure).map_into_right_body());
        }
    };
    if let Some(person) = identified.actor.id() {
        Span::current().record("asker", tracing::field::display(person));
    }
    let known = request.cookie(VISITOR).is_some_and(|cookie| cookie.value() == identified.csrf);
    let fresh = (door == Door::Nobody && !known).then(|| identified.csrf.clone());
    request.extensions_mut().insert(identified);
    request.extensions_mut().insert(door);
    let mut response = next.call(request).await?;
    if let Some(secret) = fresh.filter(|_| is_page(&response)) {
        remember_visitor(&mut response, secret, shared.secure_cookies);
    }
    Ok(response.map_into_left_body())
}

/// Who asks the API: a session's cookie counts only with the header that shows that a page of ours sent it.
pub fn api_asker(request: &HttpRequest) -> Actor {
    let extensions = request.extensions();
    let (Some(identified), Some(door)) = (extensions.get::<Identified>(), extensions.get::<Door>()) else {
        return Actor::Visitor;
    };
    let shown = request.headers().get(CSRF_HEADER).map(|value| value.as_bytes()).unwrap_or_default();
    match door {
        Door::Session if !bool::from(shown.ct_eq(identified.csrf.as_bytes())) => Actor::Visitor,
        _ => identified.actor.clone(),
    }
}

/// Who asks; `None` when a bearer token is no good.
async fn who(shared: &Shared, request: &ServiceRequest) -> market::Result<Option<(Door, Identified)>> {
    let market = &shared.market;
    let foreign = is_from_another_site(request);
    if let Some(token) = bearer(request) {
        let Some(person) = token.and_then(|token| shared.tokens.check(token, market.now())) else {
            return Ok(None);
        };
        let actor = market.actor(person).await?;
        let found = matches!(actor, Actor::Person(_));
        // A token comes from a program: no form was ever given this secret.
        return Ok(found.then(|| (Door::Bearer, Identified { actor, csrf: secret(market) })));
    }
    if let Some(cookie) = request.cookie(SESSION)
        && let Some(session) = market.session(cookie.value()).await?
        && let actor @ Actor::Person(_) = market.actor(session.person).await?
    {
        let csrf = if foreign { secret(market) } else { session.csrf };
        return Ok(Some((Door::Session, Identified { actor, csrf })));
    }
    let kept =
        request.cookie(VISITOR).map(|cookie| cookie.value().to_owned()).filter(|value| is_secret(value));
    let csrf = kept.filter(|_| !foreign).unwrap_or_else(|| secret(market));
    Ok(Some((Door::Nobody, Identified { actor: Actor::Visitor, csrf })))
}

/// The bearer token (RFC 6750 §2.1); `Some(None)` when the header can't be read.
fn bearer(request: &ServiceRequest) -> Option<Option<&str>> {
    let value = request.headers().get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ').unwrap_or((value, ""));
    scheme.eq_ignore_ascii_case("bearer").then(|| Some(token.trim()).filter(|token| !token.is_empty()))
}

/// Whether the browser says that another site's page made it send this.
fn is_from_another_site(request: &ServiceRequest) -> bool {
    let looks = matches!(*request.method(), Method::GET | Method::HEAD);
    let site = request.headers().get("Sec-Fetch-Site").and_then(|value| value.to_str().ok());
    !looks && site.is_some_and(|site| site != "same-origin" && site != "none")
}

/// What is the same for everybody, and asked for often.
fn is_public(path: &str) -> bool {
    ["/static/", "/.well-known/"].iter().any(|start| path.starts_with(start))
        || path == "/healthz"
        || path == "/readyz"
}

fn is_page<B>(response: &ServiceResponse<B>) -> bool {
    let kind = response.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    kind.is_some_and(|kind| kind.starts_with("text/html"))
}

fn remember_visitor<B>(response: &mut ServiceResponse<B>, secret: String, secure: bool) {
    let cookie =
        Cookie::build(VISITOR, secret).path("/").http_only(true).secure(secure).same_site(SameSite::Lax);
    if let Err(fault) = response.response_mut().add_cookie(&cookie.finish()) {
        tracing::error!(%fault, "a cookie could not be set");
    }
}

fn secret(market: &Market) -> String {
    market.store().ids().secret()
}

fn is_secret(value: &str) -> bool {
    value.len() == 43
        && value.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
}

fn not_good() -> HttpResponse {
    HttpResponse::Unauthorized().insert_header((WWW_AUTHENTICATE, r#"Bearer error="invalid_token""#)).json(
        json!({
            "errors": [{
                "message": "The access token is not good or has ended: sign in, or refresh it.",
                "extensions": { "code": "UNAUTHENTICATED" },
            }]
        }),
    )
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn a_bearer_token_is_read_as_the_rfc_has_it() {
        for (header, token) in [
            ("Bearer abc", Some(Some("abc"))),
            ("bearer abc", Some(Some("abc"))),
            ("Bearer", Some(None)),
            ("Bearer  ", Some(None)),
            ("Basic YTpi", None),
        ] {
            let request = TestRequest::get().insert_header((AUTHORIZATION, header)).to_srv_request();
            assert_eq!(bearer(&request), token, "{header}");
        }
        assert_eq!(bearer(&TestRequest::get().to_srv_request()), None);
    }

    #[test]
    fn what_another_site_sends_is_told_from_what_ours_does() {
        let foreign = |request: TestRequest, site: &str| {
            is_from_another_site(&request.insert_header(("Sec-Fetch-Site", site)).to_srv_request())
        };
        assert!(foreign(TestRequest::post(), "cross-site"));
        assert!(foreign(TestRequest::post(), "same-site"), "a neighbour is not us");
        assert!(!foreign(TestRequest::post(), "same-origin"));
        assert!(!foreign(TestRequest::get(), "cross-site"), "links may come from anywhere");
        assert!(!is_from_another_site(&TestRequest::post().to_srv_request()), "old browsers don't say");
    }

    #[test]
    fn a_visitors_cookie_must_look_like_one_of_ours() {
        assert!(is_secret(&"a".repeat(43)));
        assert!(!is_secret("") && !is_secret(&"a".repeat(44)) && !is_secret(&"é".repeat(43)));
    }
}
