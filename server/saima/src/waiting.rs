//! Listening before there is anything to serve: whoever comes while tables are brought up to date is told to come
//! back, instead of finding a closed door.
//!
//! Promises: the address is taken once, and given on with whoever knocks at that moment; the process is known to
//! be alive, and not to be ready. Must never: touch the database.

use std::io;
use std::net::{SocketAddr, TcpListener};

use actix_web::dev::ServerHandle;
use actix_web::web::to;
use actix_web::{App as Site, HttpRequest, HttpServer};
use tokio::net::TcpSocket;
use tokio::task::JoinHandle;
use web::assets;

use crate::health;

/// Connections that may wait to be accepted.
const BACKLOG: u32 = 2_048;

/// Takes the address.
///
/// # Errors
/// When it is taken already, or not this machine's.
pub fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    // What a server before this one has left behind does not matter.
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)?.into_std()
}

/// A server that tells everybody to come back.
pub struct Waiting {
    server: ServerHandle,
    serving: JoinHandle<io::Result<()>>,
}

impl Waiting {
    /// Begins to answer whoever comes to `listener`.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn begin(listener: &TcpListener) -> io::Result<Self> {
        let site = || {
            Site::new()
                .wrap(web::headers::security())
                .route("/healthz", actix_web::web::get().to(health::alive))
                .route("/favicon.svg", actix_web::web::get().to(web::pages::site::icon))
                .route("/static/{name}", actix_web::web::get().to(assets::serve))
                .default_service(to(|request: HttpRequest| async move { web::errors::starting(&request) }))
        };
        let server = HttpServer::new(site)
            .workers(1)
            .shutdown_timeout(2)
            .disable_signals()
            .listen(listener.try_clone()?)?
            .run();
        Ok(Self { server: server.handle(), serving: tokio::spawn(server) })
    }

    /// Answers who is being answered, and gives the door on.
    pub async fn end(self) {
        self.server.stop(true).await;
        if let Err(broken) = self.serving.await {
            tracing::error!(%broken, "the server that told everybody to wait did not end in order");
        }
    }
}
