//! Proofs as files: receipts, statements, inclusion and consistency.
//!
//! Promises: each file stands by itself and says the same as the API. Must never: put into a file what its
//! reader may not see.

use actix_web::HttpResponse;
use actix_web::http::header;
use actix_web::web::{Data, Path, Query};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use market::books::{LONGEST_WAIT, RecordStanding};
use market::{AccountId, Code, Market, RecordId, Refusal};
use serde::Deserialize;
use web::errors::Answer;
use web::visit::Visit;

use super::{Asked, TEXT, number, refused};

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
    Ok(file(&format!("{id}.tlog-proof"), receipt))
}

/// `GET /log/proof/inclusion/{index}`: the proof that a record is in the log at this place, against the
/// newest checkpoint, without the record itself (C2SP tlog-proof). For those who may read tiles.
///
/// # Errors
/// Not found for a place that the newest checkpoint doesn't cover.
pub async fn inclusion(visit: Visit, market: Data<Market>, index: Path<String>) -> Answer {
    let Some(index) = number(&index) else { return refused(Refusal::NotFound) };
    match market.proof_file(&visit.actor, index).await {
        Ok(proof) => Ok(file(&format!("{index}.tlog-proof"), proof)),
        Err(refusal) => refused(refusal),
    }
}

/// `GET /log/proof/consistency/{from}/{to}`: the hashes of RFC 9162 §2.1.4, one in base64 on each line, as
/// the body of a request to a witness has them (C2SP tlog-witness); nothing where nothing needs a proof.
///
/// # Errors
/// Not found for sizes that the log hasn't had.
pub async fn consistency(visit: Visit, market: Data<Market>, sizes: Path<(String, String)>) -> Answer {
    let (Some(from), Some(to)) = (number(&sizes.0), number(&sizes.1)) else {
        return refused(Refusal::NotFound);
    };
    match market.consistency(&visit.actor, from, to).await {
        Ok(hashes) => {
            let lines = hashes.iter().map(|hash| STANDARD.encode(hash) + "\n").collect::<String>();
            Ok(HttpResponse::Ok()
                .insert_header((header::CONTENT_TYPE, TEXT))
                .insert_header((header::CACHE_CONTROL, "public, immutable, max-age=31536000"))
                .body(lines))
        }
        Err(Refusal::Invalid(_)) => refused(Refusal::NotFound),
        Err(refusal) => refused(refusal),
    }
}

/// Which lines of an account.
#[derive(Debug, Deserialize)]
pub struct Lines {
    from: Option<String>,
    to: Option<String>,
}

/// `GET /log/statement/{account}`: an account's lines `from` to `to`, the newest 1,000 if neither is named, as
/// a file that proves that none is missing between its first and its last (see `ledger::statement`).
///
/// # Errors
/// Not found for an account without lines or not open to the asker; a conflict for lines that aren't there.
pub async fn statement(
    visit: Visit,
    market: Data<Market>,
    account: Path<String>,
    lines: Query<Lines>,
) -> Answer {
    let Ok(account) = account.parse::<AccountId>() else { return refused(Refusal::NotFound) };
    let ends = [("from", &lines.from), ("to", &lines.to)].map(|(field, text)| match text.as_deref() {
        None | Some("") => Ok(None),
        Some(text) => number(text).map(Some).ok_or_else(|| {
            Refusal::on(field, Code::OutOfRange { min: "1".to_owned(), max: i64::MAX.to_string() })
        }),
    });
    let [from, to] = ends;
    match market.statement_file(&visit.actor, account, from?, to?).await {
        Ok(made) => Ok(file(&format!("{account}-{}-{}.saima-statement", made.from, made.to), made.text)),
        Err(refusal) => refused(refusal),
    }
}

/// A text to be kept under a name.
fn file(name: &str, text: String) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, TEXT))
        .insert_header((header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")))
        .insert_header((header::CACHE_CONTROL, "private, no-cache"))
        .body(text)
}
