//! What the program tells whoever runs it.
//!
//! Promises: one line for each request, with its route and never its path, so that what stands in an
//! address (an invitation, a search) stays out of the log. Must never: log headers, bodies, cookies or
//! query strings.

use std::time::Instant;

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::{Error, HttpMessage as _};
use tracing::Span;
use tracing::field::Empty;
use tracing_actix_web::{RequestId, RootSpanBuilder};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::util::TryInitError;
use web::visit::RequestNo;

use crate::config::LogFormat;

/// Starts logging to standard error. `filter` is as in `info,market=debug`.
///
/// # Errors
/// When the filter can't be read, or logging has been started before.
pub fn start(filter: &str, format: LogFormat) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    use tracing_subscriber::util::SubscriberInitExt as _;

    let filter = EnvFilter::try_new(filter)?;
    let base =
        tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_target(false);
    let started: Result<(), TryInitError> = match format {
        LogFormat::Pretty => base.finish().try_init(),
        LogFormat::Json => base.json().flatten_event(true).with_span_list(false).finish().try_init(),
    };
    Ok(started?)
}

/// Makes the span that everything during a request is logged in.
#[derive(Debug)]
pub struct RequestSpan;

struct Started(Instant);

impl RootSpanBuilder for RequestSpan {
    fn on_request_start(request: &ServiceRequest) -> Span {
        let id = request.extensions().get::<RequestId>().map(ToString::to_string).unwrap_or_default();
        request.extensions_mut().insert(Started(Instant::now()));
        request.extensions_mut().insert(RequestNo(id.clone()));
        let route = request.match_pattern().unwrap_or_else(|| "(none)".to_owned());
        tracing::info_span!("request", method = %request.method(), route, id, asker = Empty)
    }

    fn on_request_end<B: MessageBody>(span: Span, outcome: &Result<ServiceResponse<B>, Error>) {
        let Ok(response) = outcome else { return };
        let status = response.status().as_u16();
        let started = response.request().extensions().get::<Started>().map(|started| started.0);
        let millis =
            started.map_or(0, |started| u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX));
        span.in_scope(|| tracing::info!(status, millis, "answered"));
    }
}
