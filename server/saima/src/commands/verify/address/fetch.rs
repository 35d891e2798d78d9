//! Fetching a log's files over HTTP.
//!
//! Promises: no file is read beyond the length that it can have; a hiccup is tried again, what is refused is
//! not; a partial file that is gone is cut from the full one (C2SP tlog-tiles, "Partial Tiles"). Must never:
//! send the token where others on the way could read it.

use std::io::Read as _;
use std::time::Duration;

use flate2::read::GzDecoder;
use futures::StreamExt as _;
use ledger::tile::{TileKind, TilePath, first_entries};
use reqwest::{Client, Response, StatusCode, Url, header};

use super::Failure;
use crate::outward;

/// Most bytes in a tile of hashes.
const LONGEST_TILE: usize = 256 * 32;
/// Most bytes in an entry bundle: 256 records of 65,535 bytes, each after its length.
const LONGEST_BUNDLE: usize = 256 * (65_535 + 2);
/// How often a file is asked for.
const TRIES: u32 = 5;

/// Where a log's files are.
#[derive(Clone)]
pub(super) struct Fetcher {
    client: Client,
    base: String,
    token: Option<String>,
}

/// Why one try failed.
enum Hitch {
    /// It may go better the next time, after so long.
    Passing(Failure, Option<Duration>),
    /// It won't.
    Final(Failure),
}

impl Fetcher {
    /// Of the log at this address.
    pub(super) fn new(url: &str, token: Option<String>) -> Result<Self, Failure> {
        let base = url.trim_end_matches('/').trim_end_matches("/checkpoint").to_owned();
        let parsed: Url = base.parse().map_err(|error| format!("{url}: {error}"))?;
        if token.is_some() && parsed.scheme() != "https" && !is_this_machine(&parsed) {
            return Err("an access token is sent over https:// only, or to this machine".into());
        }
        Ok(Self { client: outward::client(Duration::from_secs(60))?, base, token })
    }

    /// A tile or bundle, which must be there.
    pub(super) async fn tile(&self, path: TilePath) -> Result<Vec<u8>, Failure> {
        let most = match path.kind {
            TileKind::Hashes(_) => LONGEST_TILE,
            TileKind::Entries => LONGEST_BUNDLE,
        };
        if let Some(bytes) = self.get(&path.to_string(), most).await? {
            return Ok(bytes);
        }
        let full = match self.get(&path.full().to_string(), most).await? {
            Some(full) if path != path.full() => full,
            _ => return Err(format!("{path} is missing, or not open to you: try --token").into()),
        };
        match path.kind {
            TileKind::Hashes(_) => Ok(full.into_iter().take(usize::from(path.width) * 32).collect()),
            TileKind::Entries => first_entries(&full, path.width)
                .map(<[u8]>::to_vec)
                .map_err(|error| format!("{}: {error}", path.full()).into()),
        }
    }

    /// What is at this path, at most so many bytes; nothing if there is nothing.
    pub(super) async fn get(&self, path: &str, most: usize) -> Result<Option<Vec<u8>>, Failure> {
        let mut pause = Duration::from_millis(250);
        for left in (0..TRIES).rev() {
            match self.try_get(path, most).await {
                Ok(found) => return Ok(found),
                Err(Hitch::Passing(_, asked)) if left > 0 => {
                    tokio::time::sleep(asked.unwrap_or(pause).min(Duration::from_secs(30))).await;
                    pause *= 2;
                }
                Err(Hitch::Passing(failure, _) | Hitch::Final(failure)) => {
                    return Err(format!("{}/{path}: {failure}", self.base).into());
                }
            }
        }
        Err(format!("{}/{path}: no answer", self.base).into())
    }

    async fn try_get(&self, path: &str, most: usize) -> Result<Option<Vec<u8>>, Hitch> {
        let mut request = self.client.get(format!("{}/{path}", self.base));
        request = request.header(header::ACCEPT_ENCODING, "gzip, identity");
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        let response = request.send().await.map_err(passing)?;
        match response.status() {
            StatusCode::OK => body(response, most).await.map(Some),
            StatusCode::NOT_FOUND | StatusCode::GONE => Ok(None),
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
                Err(Hitch::Final("this log is not open to all: name an access token with --token".into()))
            }
            status if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS => {
                let asked = response.headers().get(header::RETRY_AFTER);
                let asked = asked.and_then(|value| value.to_str().ok()?.parse().ok());
                Err(Hitch::Passing(status.to_string().into(), asked.map(Duration::from_secs)))
            }
            status => Err(Hitch::Final(status.to_string().into())),
        }
    }
}

async fn body(response: Response, most: usize) -> Result<Vec<u8>, Hitch> {
    let too_long = || Hitch::Final(format!("more than {most} bytes").into());
    let encoding = response.headers().get(header::CONTENT_ENCODING).cloned();
    let mut body = Vec::new();
    let mut stream = response.bytes_stream();
    while let Some(chunk) = stream.next().await {
        body.extend_from_slice(&chunk.map_err(passing)?);
        if body.len() > most {
            return Err(too_long());
        }
    }
    match encoding.as_ref().map(header::HeaderValue::as_bytes) {
        None | Some(b"identity") => Ok(body),
        Some(b"gzip") => {
            let mut plain = Vec::new();
            let limit = u64::try_from(most).unwrap_or(u64::MAX).saturating_add(1);
            let unpacked = GzDecoder::new(body.as_slice()).take(limit).read_to_end(&mut plain);
            unpacked.map_err(|error| Hitch::Final(error.into()))?;
            if plain.len() > most { Err(too_long()) } else { Ok(plain) }
        }
        Some(_) => Err(Hitch::Final("it came packed in a way that was not asked for".into())),
    }
}

/// A failure on the way, with its cause: the outer message alone says only that something failed.
fn passing(error: reqwest::Error) -> Hitch {
    let error = error.without_url();
    let cause = std::error::Error::source(&error).map(|cause| format!(": {cause}")).unwrap_or_default();
    Hitch::Passing(format!("{error}{cause}").into(), None)
}

fn is_this_machine(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail loudly")]
    use super::*;

    #[test]
    fn a_token_goes_to_this_machine_or_over_https_only() {
        let allowed = |url: &str| Fetcher::new(url, Some("token".to_owned())).is_ok();
        assert!(allowed("https://log.example/log"));
        assert!(allowed("http://127.0.0.1:8080/log") && allowed("http://[::1]:8080/log"));
        assert!(allowed("http://localhost/log"));
        assert!(!allowed("http://log.example/log") && !allowed("http://127.0.0.1.log.example/log"));
        assert!(Fetcher::new("http://log.example/log", None).is_ok());
    }

    #[test]
    fn the_address_of_the_checkpoint_means_the_log() {
        for url in ["http://a.example/log", "http://a.example/log/", "http://a.example/log/checkpoint"] {
            assert_eq!(Fetcher::new(url, None).unwrap().base, "http://a.example/log");
        }
    }
}
