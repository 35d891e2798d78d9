//! What the log says of itself, for tools.
//!
//! Promises: the newest signed checkpoint, receipts to whoever may see the record, and the keys that
//! tokens are checked with, each in the format of its specification. Must never: show a record to someone
//! who may not see its page.

use actix_web::HttpResponse;
use actix_web::http::header;
use actix_web::web::{Data, Path, Query};
use market::books::{LONGEST_WAIT, RecordStanding};
use market::{Market, RecordId, Refusal};
use web::errors::Answer;
use web::visit::Visit;

use crate::app::Shared;

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
        .insert_header((header::CONTENT_TYPE, "text/plain; charset=utf-8"))
        .insert_header((header::CACHE_CONTROL, "public, max-age=1"))
        .body(note))
}

/// `GET /log/receipt/{record}`: the proof file of a record, by its id or its index (C2SP tlog-proof). With
/// `?wait=witnessed` it comes as soon as witnesses vouch for the record, or after ten seconds anyway.
///
/// # Errors
/// Not found when there is no such record or the asker may not see it.
pub async fn receipt(visit: Visit, market: Data<Market>, name: Path<String>, query: Asked) -> Answer {
    let id = match name.parse::<u64>() {
        Ok(index) => market.record_by_index(&visit.actor, index).await?.id,
        Err(_) => name.parse::<RecordId>().map_err(|_| Refusal::NotFound)?,
    };
    if query.iter().any(|(name, value)| name == "wait" && value == "witnessed") {
        market.wait_for(&visit.actor, id, RecordStanding::Witnessed, LONGEST_WAIT).await?;
    }
    let receipt = market.receipt(&visit.actor, id).await?;
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "text/plain; charset=utf-8"))
        .insert_header((header::CONTENT_DISPOSITION, format!("attachment; filename=\"{id}.tlog-proof\"")))
        .insert_header((header::CACHE_CONTROL, "private, no-cache"))
        .body(receipt))
}

/// `GET /.well-known/jwks.json`: the public keys of access tokens (RFC 7517).
pub async fn jwks(shared: Data<Shared>) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "application/jwk-set+json"))
        .insert_header((header::CACHE_CONTROL, "public, max-age=300"))
        .body(shared.tokens.jwks().to_string())
}
