//! Tiles and entry bundles over HTTP (C2SP tlog-tiles).
//!
//! Promises: one tile has one address; what is served never changes, so it may be kept for ever: by every
//! cache where the log is public, by the reader's own otherwise. Must never: answer what no checkpoint covers.

use actix_web::http::header;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use ledger::tile::TilePath;
use market::{LogAccess, Market, Refusal};
use web::errors::Answer;
use web::visit::Visit;

use super::refused;

/// `GET /log/tile/<L>/<N>[.p/<W>]` and `GET /log/tile/entries/<N>[.p/<W>]`.
///
/// # Errors
/// Not found for what isn't the path of a published tile, and for those who may not read it; where the log
/// is guarded, visitors are asked to say who they are.
pub async fn tile(visit: Visit, market: Data<Market>, request: HttpRequest) -> Answer {
    // As it was sent: a path with escapes in it would be a second name for the same tile.
    let name = request.uri().path().strip_prefix("/log/").unwrap_or_default();
    let Ok(path) = name.parse::<TilePath>() else { return refused(Refusal::NotFound) };
    let bytes = match market.tile(&visit.actor, path).await {
        Ok(bytes) => bytes,
        Err(refusal) => return refused(refusal),
    };
    let mut response = HttpResponse::Ok();
    response.insert_header((header::CONTENT_TYPE, "application/octet-stream"));
    match market.settings().log_access {
        LogAccess::Public => {
            response.insert_header((header::CACHE_CONTROL, "public, immutable, max-age=31536000"));
        }
        LogAccess::Guarded => {
            response.insert_header((header::CACHE_CONTROL, "private, immutable, max-age=31536000"));
            response.insert_header((header::VARY, "Authorization, Cookie"));
        }
    }
    Ok(response.body(bytes))
}
