//! The witness over HTTP: three places, no state of its own.
//!
//! Promises: every status of the protocol, and its media types; bodies are bounded in length and time.
//! Must never: answer with a cosignature before it is on disk.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use actix_web::dev::ServerHandle;
use actix_web::http::{KeepAlive, StatusCode, header};
use actix_web::middleware::from_fn;
use actix_web::web::{Bytes, Data, Path, PayloadConfig, block, get, post, resource, to};
use actix_web::{App, HttpResponse, HttpServer};
use tokio::task::JoinHandle;

use super::{Refused, Witness, WitnessTrouble};
use crate::guard::{Bounds, bound_body};
use ledger::WitnessError;

/// Longest request: 63 hashes and a checkpoint with a hundred signatures have room.
const LONGEST: usize = 64 << 10;
const TEXT: &str = "text/plain; charset=utf-8";

/// A witness that is serving.
pub struct Serving {
    /// Where it listens.
    pub address: SocketAddr,
    server: ServerHandle,
    task: JoinHandle<io::Result<()>>,
}

/// Listens; port 0 takes any free one.
///
/// # Errors
/// When the address can't be had.
pub fn serve(witness: Witness, address: SocketAddr) -> Result<Serving, WitnessTrouble> {
    let witness = Data::new(witness);
    let bounds = Data::new(Bounds { whole: Duration::from_secs(20), ..Bounds::up_to(LONGEST) });
    let site = move || {
        App::new()
            .app_data(witness.clone())
            .app_data(bounds.clone())
            .app_data(PayloadConfig::new(LONGEST))
            .wrap(from_fn(bound_body::<_>))
            .service(
                resource("/add-checkpoint").route(post().to(add_checkpoint)).default_service(to(only_post)),
            )
            .service(resource("/{hash}/checkpoint").route(get().to(newest)))
            .service(resource("/").route(get().to(who)))
            .default_service(to(HttpResponse::NotFound))
    };
    let server = HttpServer::new(site)
        .workers(2)
        .keep_alive(KeepAlive::Timeout(Duration::from_secs(75)))
        .client_request_timeout(Duration::from_secs(10))
        .client_disconnect_timeout(Duration::from_secs(5))
        .max_connections(1_000)
        .shutdown_timeout(10)
        .disable_signals();
    let cannot = |why| WitnessTrouble::Listen { address, why };
    let server = server.bind(address).map_err(cannot)?;
    let address = server.addrs().first().copied().unwrap_or(address);
    let server = server.run();
    Ok(Serving { address, server: server.handle(), task: tokio::spawn(server) })
}

impl Serving {
    /// Serves until `stop` comes or the server ends by itself; requests under way are finished.
    ///
    /// # Errors
    /// When the server fails.
    pub async fn until(mut self, stop: impl Future<Output = ()>) -> io::Result<()> {
        tokio::select! {
            () = stop => self.server.stop(true).await,
            ended = &mut self.task => return ended.unwrap_or_else(|broken| Err(io::Error::other(broken))),
        }
        self.task.await.unwrap_or_else(|broken| Err(io::Error::other(broken)))
    }
}

/// `POST /add-checkpoint`.
async fn add_checkpoint(witness: Data<Witness>, body: Bytes) -> HttpResponse {
    // It waits for the disk.
    match block(move || witness.add_checkpoint(&body)).await {
        Ok(Ok(line)) => HttpResponse::Ok().content_type(TEXT).body(line),
        Ok(Err(Refused::Protocol(why))) => refusal(&why),
        Ok(Err(Refused::Storage(why))) => failure(&why),
        Err(broken) => failure(&broken),
    }
}

fn refusal(why: &WitnessError) -> HttpResponse {
    tracing::info!(status = why.status(), %why, "refused");
    let status = StatusCode::from_u16(why.status()).unwrap_or(StatusCode::BAD_REQUEST);
    match why {
        WitnessError::Conflict { size } => {
            HttpResponse::build(status).content_type("text/x.tlog.size").body(format!("{size}\n"))
        }
        _ => HttpResponse::build(status).content_type(TEXT).body(format!("{why}\n")),
    }
}

fn failure(why: &dyn std::fmt::Display) -> HttpResponse {
    tracing::error!(%why, "nothing is signed that could not be stored");
    HttpResponse::InternalServerError().content_type(TEXT).body("the checkpoint could not be stored\n")
}

/// `GET /{hash}/checkpoint`: the newest checkpoint signed of a log, by the SHA-256 of its origin.
async fn newest(witness: Data<Witness>, hash: Path<String>) -> HttpResponse {
    match witness.newest(&hash) {
        Some(note) => HttpResponse::Ok()
            .content_type(TEXT)
            .insert_header((header::CACHE_CONTROL, "public, max-age=1"))
            .body(note),
        None => {
            HttpResponse::NotFound().content_type(TEXT).body("no checkpoint of this log was signed here\n")
        }
    }
}

/// `GET /`: the witness's public key, for whoever looks.
async fn who(witness: Data<Witness>) -> HttpResponse {
    HttpResponse::Ok().content_type(TEXT).body(format!("{}\n", witness.verifier_key()))
}

async fn only_post() -> HttpResponse {
    HttpResponse::MethodNotAllowed().insert_header((header::ALLOW, "POST")).finish()
}
