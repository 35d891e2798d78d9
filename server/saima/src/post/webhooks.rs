//! Webhooks, as Standard Webhooks has them: signed by a secret that both sides know.
//!
//! Promises: an address is looked up and looked at each time, and what is asked is what was looked at, so that
//! no name leads into the installation's own network; no redirect is followed; an answer ends within ten
//! seconds, and little of it is kept. Must never: send a text or an amount.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures::future::join_all;
use hmac::{Hmac, KeyInit as _, Mac as _};
use market::webhook::{Answered, ClaimDeliveries, Parcel, RecordDelivery, Secret};
use market::{Actor, Market};
use reqwest::Url;
use serde_json::json;
use sha2::Sha256;
use tokio::net::lookup_host;
use tokio::sync::watch;
use tokio::time::{sleep, timeout};

use super::{BEAT, report};
use crate::outward;

/// How long an address may take, all in all.
const PATIENCE: Duration = Duration::from_secs(10);
/// Most characters of an answer that are kept.
const KEPT: usize = 300;
/// Most bytes of an answer that are read.
const READ: usize = 8 << 10;

/// Sends deliveries until it is stopped. `private` allows addresses within the own network, and no TLS.
pub async fn call(market: Market, private: bool, mut stopped: watch::Receiver<bool>) {
    loop {
        let more = match round(&market, private).await {
            Ok(sent) => sent > 0,
            Err(why) => {
                report(Err(why));
                false
            }
        };
        let pause = if more { Duration::ZERO } else { BEAT };
        tokio::select! {
            biased;
            _ = stopped.wait_for(|stop| *stop) => return,
            () = sleep(pause) => {}
        }
    }
}

async fn round(market: &Market, private: bool) -> market::Result<usize> {
    if !market.has_deliveries().await? {
        return Ok(0);
    }
    let parcels = market.run(&Actor::Clockwork, ClaimDeliveries).await?;
    let done = join_all(parcels.iter().map(|parcel| deliver(market, parcel, private))).await;
    done.into_iter().collect::<market::Result<Vec<()>>>().map(|all| all.len())
}

async fn deliver(market: &Market, parcel: &Parcel, private: bool) -> market::Result<()> {
    let answered = match timeout(PATIENCE, send(market, parcel, private)).await {
        Ok(Ok(answered)) => answered,
        Ok(Err(why)) => Answered::NotTaken(why),
        Err(_) => Answered::NotTaken("no answer within ten seconds".to_owned()),
    };
    tracing::debug!(delivery = %parcel.id, ?answered, "a webhook was called");
    market.run(&Actor::Clockwork, RecordDelivery { delivery: parcel.id, answered }).await
}

async fn send(market: &Market, parcel: &Parcel, private: bool) -> Result<Answered, String> {
    let url = Url::parse(&parcel.url).map_err(|_| "this is no address".to_owned())?;
    let (host, addresses) = looked_up(&url, private).await?;
    let body = json!({
        "type": parcel.kind.as_str(),
        "timestamp": parcel.at.rfc3339(),
        "data": schema::global_facts(&parcel.facts),
    });
    let body = body.to_string();
    let (id, at) = (parcel.event.to_string(), market.now().0.div_euclid(1_000_000).to_string());
    let signatures: Vec<String> = parcel.secrets.iter().map(|secret| sign(secret, &id, &at, &body)).collect();
    let client = outward::client_to(&host, &addresses, PATIENCE).map_err(|why| why.to_string())?;
    let request = client
        .post(url)
        .header("content-type", "application/json")
        .header("webhook-id", id)
        .header("webhook-timestamp", at)
        .header("webhook-signature", signatures.join(" "))
        .body(body);
    let answer = request.send().await.map_err(|why| plain(&why))?;
    let status = answer.status();
    let said = outward::text(answer, READ).await.unwrap_or_default();
    let said: String = said.chars().filter(|c| !c.is_control()).take(KEPT).collect();
    let said = format!("{} {said}", status.as_u16()).trim_end().to_owned();
    Ok(match status.as_u16() {
        200..=299 => Answered::Taken(said),
        410 => Answered::Gone(said),
        _ => Answered::NotTaken(said),
    })
}

/// Why there was no answer, without the address.
fn plain(why: &reqwest::Error) -> String {
    let kind = if why.is_timeout() {
        "no answer in time"
    } else if why.is_connect() {
        "no connection"
    } else {
        "no answer that could be read"
    };
    kind.to_owned()
}

/// `v1,` and the HMAC-SHA256 over id, time and body in base64.
fn sign(secret: &Secret, id: &str, at: &str, body: &str) -> String {
    // A key of any length will do.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&secret.0) else { return String::new() };
    mac.update(format!("{id}.{at}.{body}").as_bytes());
    format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
}

/// The host of an address and where it is: every one of its places must be open to the world.
async fn looked_up(url: &Url, private: bool) -> Result<(String, Vec<SocketAddr>), String> {
    if url.scheme() != "https" && !private {
        return Err("only https is allowed".to_owned());
    }
    let host = url.host_str().ok_or("this address has no host")?.to_owned();
    let port = url.port_or_known_default().ok_or("this address has no port")?;
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    let addresses: Vec<SocketAddr> = match bare.parse::<IpAddr>() {
        Ok(ip) => vec![SocketAddr::new(ip, port)],
        Err(_) => lookup_host((bare, port)).await.map_err(|_| "this host is not known")?.collect(),
    };
    if addresses.is_empty() {
        return Err("this host is not known".to_owned());
    }
    if private || addresses.iter().all(|address| is_public(address.ip())) {
        Ok((host, addresses))
    } else {
        Err("this address lies in a private network".to_owned())
    }
}

/// Whether an address belongs to the open internet (IANA's registries of special-purpose addresses).
fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => is_public_v4(ip),
        IpAddr::V6(ip) => is_public_v6(ip),
    }
}

fn is_public_v4(ip: Ipv4Addr) -> bool {
    let [a, b, c, _] = ip.octets();
    let special = ip.is_private()
        || ip.is_loopback()
        || ip.is_link_local()
        || ip.is_broadcast()
        || ip.is_documentation()
        || ip.is_multicast()
        || a == 0
        || a >= 240
        || (a == 100 && (64..128).contains(&b))
        || (a == 192 && b == 0 && c == 0)
        || (a == 198 && (b == 18 || b == 19));
    !special
}

fn is_public_v6(ip: Ipv6Addr) -> bool {
    let parts = ip.segments();
    if let Some(inside) = ip.to_ipv4_mapped() {
        return is_public_v4(inside);
    }
    // Global unicast only; of that no documentation, and nothing that leads on to an IPv4 address.
    let global = parts[0] & 0xE000 == 0x2000;
    let leads_on = parts[0] == 0x2002 || (parts[0] == 0x2001 && parts[1] < 0x0200);
    let example = parts[0] == 0x2001 && parts[1] == 0x0DB8;
    global && !leads_on && !example
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail loudly")]
    use super::*;

    #[test]
    fn only_the_open_internet_is_called() {
        for private in [
            "127.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "0.0.0.0",
            "100.64.0.1",
            "192.0.0.8",
            "198.18.0.1",
            "224.0.0.1",
            "255.255.255.255",
            "::1",
            "::",
            "fe80::1",
            "fc00::1",
            "ff02::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "64:ff9b::7f00:1",
            "2002:7f00:1::",
            "2001:db8::1",
            "2001:0:1::",
        ] {
            assert!(!is_public(private.parse().unwrap()), "{private}");
        }
        for public in ["1.1.1.1", "93.184.216.34", "2606:4700::1111", "2a00:1450::1", "::ffff:1.1.1.1"] {
            assert!(is_public(public.parse().unwrap()), "{public}");
        }
    }

    #[tokio::test]
    async fn a_name_that_leads_home_is_refused_each_time_it_is_looked_up() {
        for url in ["https://localhost/", "https://127.0.0.1/", "https://[::1]:8443/", "https://0x7f.1/"] {
            let refused = looked_up(&Url::parse(url).unwrap(), false).await.unwrap_err();
            assert!(refused.contains("private network"), "{url}: {refused}");
        }
        let plain = looked_up(&Url::parse("http://1.1.1.1/").unwrap(), false).await.unwrap_err();
        assert!(plain.contains("https"));
        assert!(looked_up(&Url::parse("http://127.0.0.1:9/").unwrap(), true).await.is_ok());
    }

    #[test]
    fn a_signature_is_the_one_of_the_specification() {
        // The example of standardwebhooks' own libraries.
        let secret = Secret(STANDARD.decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap());
        let signature =
            sign(&secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", r#"{"test": 2432232314}"#);
        assert_eq!(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }
}
