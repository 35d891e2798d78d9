//! Who is at the other end of the line, where a proxy stands between.
//!
//! Promises: `X-Forwarded-For` is believed only from proxies that the operator named, and read from its
//! right end, the one that they wrote. Must never: let a client choose its own address.

use std::net::{IpAddr, SocketAddr};

use actix_web::dev::ServiceRequest;

/// Puts the client's address in place of a trusted proxy's, for everything that asks later.
pub fn see_through(request: &mut ServiceRequest, trusted: &[IpAddr]) {
    let Some(peer) = request.head().peer_addr else { return };
    if !trusted.contains(&peer.ip()) {
        return;
    }
    let told = request.headers().get_all("x-forwarded-for").filter_map(|value| value.to_str().ok());
    let chain: Vec<String> =
        told.flat_map(|value| value.split(',')).map(|part| part.trim().to_owned()).collect();
    if let Some(client) = client(&chain, trusted) {
        request.head_mut().peer_addr = Some(SocketAddr::new(client, 0));
    }
}

/// The rightmost address that is no proxy of ours. Anything unreadable ends the search.
fn client(chain: &[String], trusted: &[IpAddr]) -> Option<IpAddr> {
    let mut last = None;
    for part in chain.iter().rev() {
        let address = part.parse().ok()?;
        last = Some(address);
        if !trusted.contains(&address) {
            break;
        }
    }
    last
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail loudly")]
    use actix_web::test::TestRequest;

    use super::*;

    fn seen(peer: &str, forwarded: &str) -> String {
        let request = TestRequest::get().peer_addr(format!("{peer}:1").parse().unwrap());
        let mut request = request.insert_header(("x-forwarded-for", forwarded)).to_srv_request();
        see_through(&mut request, &["10.0.0.1".parse().unwrap(), "10.0.0.2".parse().unwrap()]);
        request.peer_addr().unwrap().ip().to_string()
    }

    #[test]
    fn a_stranger_is_not_believed() {
        assert_eq!(seen("192.0.2.9", "198.51.100.1"), "192.0.2.9");
    }

    #[test]
    fn a_trusted_proxy_is_believed_about_its_own_end_only() {
        assert_eq!(seen("10.0.0.1", "198.51.100.1"), "198.51.100.1");
        assert_eq!(seen("10.0.0.1", "203.0.113.5, 198.51.100.1"), "198.51.100.1");
        assert_eq!(seen("10.0.0.1", "198.51.100.1, 10.0.0.2"), "198.51.100.1");
        assert_eq!(seen("10.0.0.1", "rubbish"), "10.0.0.1");
    }
}
