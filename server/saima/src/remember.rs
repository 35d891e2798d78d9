//! One reading of a race for each request.
//!
//! Promises: a page that asks the market many questions about one race costs one reading of it. Must never: carry
//! anything from one request to the next.

use actix_web::Error;
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::middleware::Next;

/// Middleware: what is read of a race is remembered until the request is answered.
///
/// # Errors
/// Those of the services inside.
pub async fn remember<B: MessageBody>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, Error> {
    market::remembering(next.call(request)).await
}
