//! A race as it runs: the piece of the page that moves, and the stream that tells when it has.
//!
//! Promises: the piece shows what the page shows to the same reader, who is asked for anew each time; those who see
//! the same share one rendering while somebody watches. Must never: put anything of a race into a stream.

use actix_web::http::header;
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use market::race::Stand;
use market::task::TaskView;
use market::{Market, Refusal};

use super::kit::name;
use super::lanes;
use super::names::Wanted;
use super::track::{self, RaceBlock, Seen};
use crate::conditional;
use crate::errors::{Answer, Failure};
use crate::live::{Full, LONGEST, Live, Piece, Whose, events};
use crate::visit::Visit;

/// The piece.
#[derive(Debug, Template)]
#[template(path = "tasks/track.html")]
struct TrackPiece {
    v: Visit,
    race: RaceBlock,
}

/// `GET /tasks/{handle}/track`: the race as it stands, as a piece of HTML with an entity tag.
///
/// # Errors
/// Not found, for who may not see the task.
pub async fn track(
    v: Visit,
    market: Data<Market>,
    live: Data<Live>,
    path: Path<String>,
    request: HttpRequest,
) -> Answer {
    let handle = name(&path)?;
    if !v.signed_in()
        && let Some(cell) = live.for_visitors(handle, v.locale, v.zone.value())
        && let Some(piece) = cell.get()
    {
        return Ok(answer(&request, piece));
    }
    let watch = market.watch(&v.actor, handle).await?;
    let shared =
        (watch.stand != Stand::Own).then(|| live.cell(watch.task, (watch.stand, v.locale, v.zone.value())));
    let Some(cell) = shared.flatten() else {
        return Ok(answer(&request, &make(v, &market, handle).await?));
    };
    let piece = cell.get_or_try_init(|| make(v, &market, handle)).await?;
    Ok(answer(&request, piece))
}

/// Renders the piece.
async fn make(v: Visit, market: &Market, handle: &str) -> Result<Piece, Failure> {
    let task = market.task_by_handle(&v.actor, handle).await?;
    let race = race(&v, market, &task).await?;
    let html = TrackPiece { v, race }.render().map_err(Refusal::fault)?;
    Ok(Piece { etag: conditional::tag(html.as_bytes()), html })
}

/// The race of a task as the reader sees it.
pub(super) async fn race(v: &Visit, market: &Market, task: &TaskView) -> Result<RaceBlock, Failure> {
    let entries = lanes::all(v, market, task.id).await?;
    let stages = market.stages(&v.actor, task.id).await?;
    let board = market.board(&v.actor, task.id).await?;
    let mut wanted = Wanted::default();
    for entry in &entries {
        wanted.persons(entry.crew.iter().map(|mate| mate.person));
        wanted.units(entry.units.iter().map(|part| part.unit));
    }
    let names = wanted.names(v, market).await?;
    let seen = Seen { task, entries: &entries, stages: &stages, board: board.as_ref() };
    Ok(track::block(v, market.asset(), &names, &seen))
}

fn answer(request: &HttpRequest, piece: &Piece) -> HttpResponse {
    let same = conditional::has(request.headers(), &piece.etag);
    let mut response = if same { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    response
        .insert_header((header::ETAG, piece.etag.clone()))
        .insert_header((header::CACHE_CONTROL, "private, no-cache"))
        .insert_header((header::VARY, "Cookie, Accept-Language"));
    if same {
        return response.finish();
    }
    response.insert_header((header::CONTENT_TYPE, "text/html; charset=utf-8")).body(piece.html.clone())
}

/// `GET /tasks/{handle}/live`: server-sent events. A browser that comes back says by `Last-Event-ID` what it knew.
///
/// # Errors
/// Not found, for who may not see the task, and for drafts; too many, where a person or an address has taken their share.
pub async fn listen(
    v: Visit,
    market: Data<Market>,
    live: Data<Live>,
    path: Path<String>,
    request: HttpRequest,
) -> Answer {
    let handle = name(&path)?;
    let watch = market.watch(&v.actor, handle).await?;
    let pulses = market.pulses(&[watch.task]).await?;
    let pulse = pulses.get(&watch.task).copied().ok_or(Refusal::NotFound)?;
    let address = request.peer_addr().map(|address| Whose::Visitors(address.ip()));
    let whose = v.actor.id().map(Whose::Person).or(address);
    let listener = match live.into_inner().listen((watch.task, handle), whose, pulse) {
        Ok(listener) => listener,
        Err(Full::Share) => return Err(Refusal::TooMany { retry_after: 60 }.into()),
        Err(Full::House) => {
            return Ok(HttpResponse::ServiceUnavailable().insert_header((header::RETRY_AFTER, 60)).finish());
        }
    };
    let known = request.headers().get("Last-Event-ID").and_then(|id| id.to_str().ok());
    let known = known.and_then(|id| hex::decode(id).ok()?.try_into().ok());
    let mut dice = [0_u8];
    market.store().ids().fill(&mut dice);
    // Not all of those who began together end together.
    let life = LONGEST - std::time::Duration::from_millis(u64::from(dice[0]) * 250);
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "text/event-stream"))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        // Not to be packed, nor gathered by a proxy: each event leaves at once.
        .insert_header((header::CONTENT_ENCODING, "identity"))
        .insert_header(("X-Accel-Buffering", "no"))
        .streaming(events(listener, known, life)))
}
