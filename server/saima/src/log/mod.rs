//! What the log says of itself, for tools.
//!
//! Promises: the newest signed checkpoint, the tiles under it, proofs, receipts and statements to whoever
//! may see them, and the keys that tokens are checked with, each in the format of its specification. Must
//! never: show a record to someone who may not see its page.

mod proofs;
mod tiles;

use actix_web::HttpResponse;
use actix_web::http::header;
use actix_web::web::{Data, Query};
use market::{Market, Refusal};
use web::errors::Answer;
use web::visit::Visit;

use crate::app::Shared;

pub use proofs::{consistency, inclusion, receipt, statement};
pub use tiles::tile;

/// What is text for people and for tools.
const TEXT: &str = "text/plain; charset=utf-8";

/// The query of an address.
type Asked = Query<Vec<(String, String)>>;

/// `GET /log/checkpoint`: the newest signed note (C2SP tlog-checkpoint) with the cosignatures that came so
/// far. With `?witnessed`, the newest for which a quorum of witnesses vouches: it may be a little older.
///
/// # Errors
/// Not found while nothing has been signed, or nothing has a quorum.
pub async fn checkpoint(visit: Visit, market: Data<Market>, query: Asked) -> Answer {
    let note = if query.iter().any(|(name, _)| name == "witnessed") {
        market.witnessed(&visit.actor).await?.ok_or(Refusal::NotFound)?.note
    } else {
        market.checkpoint().await?
    };
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, TEXT))
        .insert_header((header::CACHE_CONTROL, "public, max-age=1"))
        .body(note))
}

/// `GET /.well-known/jwks.json`: the public keys of access tokens (RFC 7517).
pub async fn jwks(shared: Data<Shared>) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "application/jwk-set+json"))
        .insert_header((header::CACHE_CONTROL, "public, max-age=300"))
        .body(shared.tokens.jwks().to_string())
}

/// A refusal as a tool reads it: who must say who they are is told how (RFC 9110 §15.5.2), and no cache
/// remembers what is not there yet. A browser is shown the door or a page further out.
fn refused(refusal: Refusal) -> Answer {
    let mut response = match refusal {
        Refusal::Unauthenticated => HttpResponse::Unauthorized(),
        Refusal::NotFound => HttpResponse::NotFound(),
        other => return Err(other.into()),
    };
    if refusal == Refusal::Unauthenticated {
        response.insert_header((header::WWW_AUTHENTICATE, "Bearer"));
    }
    Ok(response.insert_header((header::CACHE_CONTROL, "no-store")).finish())
}

/// A whole number in its one spelling.
fn number(text: &str) -> Option<u64> {
    text.parse().ok().filter(|number: &u64| number.to_string() == text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_has_one_spelling() {
        assert_eq!((number("0"), number("17")), (Some(0), Some(17)));
        for other in ["", "+1", "01", "-1", "1 ", "0x1", "18446744073709551616", "１"] {
            assert_eq!(number(other), None, "{other}");
        }
    }
}
