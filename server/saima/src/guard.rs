//! Bounds around every request: how long its body may be and take, and what a panic may break.
//!
//! Promises: a body that is too long or too slow is cut off whatever reads it; a panic in a handler ends
//! as a failure page and a line in the log, never as a dropped connection. Must never: hold a body in memory.

use std::cell::Cell;
use std::io;
use std::panic::AssertUnwindSafe;
use std::rc::Rc;
use std::time::Duration;

use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::error::PayloadError;
use actix_web::http::ConnectionType;
use actix_web::http::header::{CONTENT_LENGTH, TRANSFER_ENCODING};
use actix_web::middleware::Next;
use actix_web::web::{Bytes, Data};
use actix_web::{Error, HttpMessage as _, HttpResponse};
use futures::{FutureExt as _, Stream, StreamExt as _, stream};
use tokio::time::{Instant, timeout_at};

/// How long a body may be and take.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    /// Most bytes in any body; handlers that expect less allow less.
    pub longest: usize,
    /// Longest silence.
    pub silence: Duration,
    /// Longest time for the whole.
    pub whole: Duration,
}

impl Bounds {
    /// For bodies of up to `longest` bytes.
    pub fn up_to(longest: usize) -> Self {
        Self { longest, silence: Duration::from_secs(10), whole: Duration::from_secs(120) }
    }
}

/// Middleware: cuts off bodies that are too long or too slow.
///
/// # Errors
/// Those of the services inside.
pub async fn bound_body<B: MessageBody>(
    bounds: Data<Bounds>,
    mut request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, Error> {
    let headers = request.headers();
    let told = headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
    if told.is_none_or(|length| length == 0) && !headers.contains_key(TRANSFER_ENCODING) {
        return Ok(next.call(request).await?.map_into_left_body());
    }
    if told.is_some_and(|length| length > bounds.longest) {
        let mut refused = HttpResponse::PayloadTooLarge().finish();
        refused.head_mut().set_connection_type(ConnectionType::Close);
        return Ok(request.into_response(refused).map_into_right_body());
    }
    let cut = Rc::new(Cell::new(false));
    let payload = Box::pin(bounded(request.take_payload(), *bounds.get_ref(), Rc::clone(&cut)));
    request.set_payload(Payload::Stream { payload });
    let mut response = next.call(request).await?;
    if cut.get() {
        response.response_mut().head_mut().set_connection_type(ConnectionType::Close);
    }
    Ok(response.map_into_left_body())
}

fn bounded(
    payload: Payload,
    bounds: Bounds,
    cut: Rc<Cell<bool>>,
) -> impl Stream<Item = Result<Bytes, PayloadError>> {
    let end = Instant::now() + bounds.whole;
    stream::unfold(Some((payload, 0_usize)), move |state| {
        let cut = Rc::clone(&cut);
        async move {
            let (mut payload, seen) = state?;
            let until = end.min(Instant::now() + bounds.silence);
            let chunk = match timeout_at(until, payload.next()).await {
                Ok(chunk) => chunk?,
                Err(_) => Err(PayloadError::Io(io::ErrorKind::TimedOut.into())),
            };
            let seen = seen + chunk.as_ref().map_or(0, Bytes::len);
            let chunk = if seen > bounds.longest { Err(PayloadError::Overflow) } else { chunk };
            match chunk {
                Ok(chunk) => Some((Ok(chunk), Some((payload, seen)))),
                Err(error) => {
                    cut.set(true);
                    Some((Err(error), None))
                }
            }
        }
    })
    // Readers of forms with files ask once more after the end.
    .fuse()
}

/// Middleware for a resource: a panic inside becomes status 500, which becomes a page further out.
///
/// # Errors
/// Those of the services inside.
pub async fn catch_panic<B: MessageBody>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, Error> {
    // Inside a resource, routing is over, and only routing minds that the request is held twice.
    let kept = request.request().clone();
    match AssertUnwindSafe(next.call(request)).catch_unwind().await {
        Ok(response) => Ok(response?.map_into_left_body()),
        Err(panic) => {
            let said = panic
                .downcast_ref::<&str>()
                .copied()
                .or_else(|| panic.downcast_ref::<String>().map(String::as_str));
            tracing::error!(panic = said.unwrap_or("(no message)"), "a handler panicked");
            Ok(ServiceResponse::new(kept, HttpResponse::InternalServerError().finish()).map_into_right_body())
        }
    }
}

#[cfg(test)]
mod tests {
    use actix_web::App;
    use actix_web::middleware::from_fn;
    use actix_web::test::{TestRequest, call_service, init_service};
    use actix_web::web::{get, post, resource};

    use super::*;

    type BoxedPayloadStream = std::pin::Pin<Box<dyn Stream<Item = Result<Bytes, PayloadError>>>>;

    async fn length(body: Bytes) -> String {
        body.len().to_string()
    }

    #[allow(clippy::panic, reason = "what the test is about")]
    async fn broken() -> HttpResponse {
        panic!("broken")
    }

    #[actix_web::test]
    async fn a_body_that_is_too_long_is_cut_off() {
        let app = init_service(
            App::new()
                .app_data(Data::new(Bounds::up_to(10)))
                .wrap(from_fn(bound_body::<_>))
                .service(resource("/").route(post().to(length))),
        )
        .await;
        for (body, status) in [("", 200), ("0123456789", 200), ("0123456789a", 413)] {
            let request = TestRequest::post().set_payload(body).insert_header((CONTENT_LENGTH, body.len()));
            assert_eq!(call_service(&app, request.to_request()).await.status(), status, "{body}");
        }
        let chunked =
            TestRequest::post().set_payload("0123456789a").insert_header((TRANSFER_ENCODING, "chunked"));
        assert_eq!(call_service(&app, chunked.to_request()).await.status(), 413);
    }

    #[actix_web::test]
    async fn a_silent_body_is_cut_off_and_the_connection_closed() {
        let cut = Rc::new(Cell::new(false));
        let silence: BoxedPayloadStream = Box::pin(stream::pending());
        let payload = Payload::Stream { payload: silence };
        let bounds = Bounds { silence: Duration::from_millis(10), ..Bounds::up_to(10) };
        let mut body = Box::pin(bounded(payload, bounds, Rc::clone(&cut)));
        assert!(matches!(body.next().await, Some(Err(PayloadError::Io(_)))));
        assert!(body.next().await.is_none());
        assert!(cut.get());
    }

    #[actix_web::test]
    async fn a_panic_is_a_failure_and_not_an_end() {
        let app = init_service(
            App::new().service(resource("/broken").wrap(from_fn(catch_panic::<_>)).route(get().to(broken))),
        )
        .await;
        for _ in 0..2 {
            let request = TestRequest::get().uri("/broken").to_request();
            assert_eq!(call_service(&app, request).await.status(), 500);
        }
    }
}
