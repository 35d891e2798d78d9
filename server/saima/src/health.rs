//! Whether the program is well, for whoever watches it.
//!
//! Promises: cheap enough to be asked every second. Must never: tell why it is not well; the log does.

use std::time::Duration;

use actix_web::HttpResponse;
use actix_web::web::Data;
use market::{Market, Refusal};
use tokio::time::timeout;

/// `GET /healthz`: the process answers.
pub async fn alive() -> &'static str {
    "alive\n"
}

/// `GET /readyz`: the database answers too, in time.
pub async fn ready(market: Data<Market>) -> HttpResponse {
    match timeout(Duration::from_secs(3), market.ping()).await {
        Ok(Ok(())) => HttpResponse::Ok().content_type("text/plain; charset=utf-8").body("ready\n"),
        Ok(Err(Refusal::Fault(cause))) => not_ready(&cause),
        Ok(Err(refusal)) => not_ready(&refusal.to_string()),
        Err(_) => not_ready("the database did not answer in time"),
    }
}

fn not_ready(cause: &str) -> HttpResponse {
    tracing::error!(cause, "not ready");
    HttpResponse::ServiceUnavailable().content_type("text/plain; charset=utf-8").body("not ready\n")
}
