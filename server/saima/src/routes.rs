//! Every route, on one screen.
//!
//! Promises: what is not here is not served; each route says what answers it. Must never: hold a gate: who
//! may do what is the market's to say, so the order of routes decides nothing.

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceFactory, ServiceRequest, ServiceResponse};
use actix_web::middleware::from_fn;
use actix_web::web::{ServiceConfig, get, post, resource};
use actix_web::{Error, Resource};
use web::assets;
use web::pages::{preferences};

use crate::guard::catch_panic;
use crate::{graphql, health, log};

/// All of them.
pub fn all(config: &mut ServiceConfig) {
    config
        // For machines.
        .service(at("/healthz").get(health::alive))
        .service(at("/preferences").route(post().to(preferences::save)));
}

/// A place; what panics there is caught.
fn at(
    path: &str,
) -> Resource<
    impl ServiceFactory<
        ServiceRequest,
        Config = (),
        Response = ServiceResponse<impl MessageBody>,
        Error = Error,
        InitError = (),
    >,
> {
    resource(path).wrap(from_fn(catch_panic::<_>))
}
