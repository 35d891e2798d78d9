//! Where the connections live that requests open.
//!
//! Promises: what a request opens (a connection to the database, a timer, a thread for hashing) belongs to
//! the program's own runtime, not to that of the server's thread that happens to answer, so it outlives
//! that thread. Must never: move the answering itself.
//!
//! Without this, connections that one thread opened and another is using break when the first one ends: at
//! every orderly stop on PostgreSQL.

use std::future::poll_fn;
use std::pin::pin;

use actix_web::Error;
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::middleware::Next;
use actix_web::web::Data;
use tokio::runtime::Handle;

/// Middleware: answers with the program's runtime at hand.
///
/// # Errors
/// Those of the services inside.
pub async fn at_home<B: MessageBody>(
    home: Data<Handle>,
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, Error> {
    let mut answering = pin!(next.call(request));
    poll_fn(|context| {
        let _entered = home.enter();
        answering.as_mut().poll(context)
    })
    .await
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail loudly")]
    use actix_web::App;
    use actix_web::middleware::from_fn;
    use actix_web::test::{TestRequest, call_and_read_body, init_service};
    use actix_web::web::{get, resource};

    use super::*;

    async fn runtime() -> String {
        tokio::task::yield_now().await;
        Handle::current().id().to_string()
    }

    #[actix_web::test]
    async fn a_request_finds_the_runtime_of_the_program() {
        let program =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let home = program.handle().clone();
        let app = init_service(
            App::new()
                .app_data(Data::new(home.clone()))
                .wrap(from_fn(at_home::<_>))
                .service(resource("/").route(get().to(runtime))),
        )
        .await;
        let found = call_and_read_body(&app, TestRequest::get().to_request()).await;
        assert_eq!(found, home.id().to_string());
        assert_ne!(Handle::current().id(), home.id());
        program.shutdown_background();
    }
}
