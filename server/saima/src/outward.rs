//! Asking other servers, at addresses that the operator has named, or that were looked at first.
//!
//! Promises: every question ends within its time, follows no redirect, and takes no more of an answer than
//! it was asked to. Must never: go to an address that came from
//! outside and was not looked at (see `post/webhooks.rs`).

use std::net::SocketAddr;
use std::sync::Once;
use std::time::Duration;

use reqwest::redirect::Policy;
use reqwest::{Client, ClientBuilder, Response};

static PROVIDER: Once = Once::new();

/// Makes *ring* the provider of TLS, once for the whole process.
pub fn use_ring() {
    PROVIDER.call_once(|| {
        // Somebody else may have been first, and chosen the same.
        let _there = rustls::crypto::ring::default_provider().install_default();
    });
}

/// A client that gives up after `patience`.
///
/// # Errors
/// When TLS can't be set up.
pub fn client(patience: Duration) -> reqwest::Result<Client> {
    builder(patience).build()
}

/// The same for one host, which is taken to be at these addresses and nowhere else.
///
/// # Errors
/// When TLS can't be set up.
pub fn client_to(host: &str, addresses: &[SocketAddr], patience: Duration) -> reqwest::Result<Client> {
    builder(patience).no_proxy().resolve_to_addrs(host, addresses).build()
}

fn builder(patience: Duration) -> ClientBuilder {
    use_ring();
    Client::builder()
        .user_agent(concat!("saima/", env!("CARGO_PKG_VERSION")))
        .redirect(Policy::none())
        .connect_timeout(Duration::from_secs(5))
        .timeout(patience)
}

/// At most `most` bytes of an answer, as text.
///
/// # Errors
/// When it can't be read, is longer, or is not UTF-8.
pub async fn text(mut response: Response, most: usize) -> Result<String, String> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|why| why.without_url().to_string())? {
        body.extend_from_slice(&chunk);
        if body.len() > most {
            return Err(format!("the answer has more than {most} bytes"));
        }
    }
    String::from_utf8(body).map_err(|_| "the answer is not UTF-8".to_owned())
}
