//! The log's public keys, for whoever verifies it.
//!
//! Promises: every key that ever signed, also those of earlier epochs. Must never: be the only place where a
//! verifier learns of a key; compare it with what others have written down.

use std::fmt::Write as _;

use actix_web::HttpResponse;
use actix_web::http::header;
use actix_web::web::Data;
use market::{Actor, Market};
use web::errors::Answer;

const HEAD: &str = "# The public keys of this log, oldest first: the key, how many records the log had when it \
                    was brought in, and how many when it was retired (- while it signs).\n";

/// `GET /log/keys`: a line for each key, after lines that begin with `#`. Public.
///
/// # Errors
/// Faults.
pub async fn list(market: Data<Market>) -> Answer {
    let mut text = HEAD.to_owned();
    for key in market.log_keys(&Actor::Visitor).await? {
        let until = key.until_size.map_or("-".to_owned(), |size| size.to_string());
        let _infallible = writeln!(text, "{} {} {until}", key.key, key.from_size);
    }
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "text/plain; charset=utf-8"))
        .insert_header((header::CACHE_CONTROL, "public, max-age=60"))
        .body(text))
}
