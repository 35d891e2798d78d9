//! One question to one witness (C2SP tlog-witness, the log's side).
//!
//! Promises: an answer counts only once its cosignature was checked and stored. Must never: believe a
//! witness about anything but what it has signed.

use std::time::Duration;

use ledger::witness::parse_conflict;
use ledger::{AddCheckpoint, PolicyWitness};
use market::books::CheckpointView;
use market::{Actor, Market, Refusal};
use reqwest::{Client, StatusCode, Url};

use crate::outward;

/// Longest that a question may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// Longest answer that is read, in bytes.
const LONGEST: usize = 16 << 10;
/// How often a witness that names another size is asked again at once.
const TRIES: u32 = 3;

/// Asks one witness.
pub(super) struct Asker {
    market: Market,
    client: Client,
    url: Url,
    key: String,
    /// The size that the witness has signed last, as far as is known here.
    known: Option<u64>,
}

/// What came of a question.
#[derive(Debug)]
pub(super) enum Outcome {
    /// Its cosignature is stored.
    Signed,
    /// It has signed a larger checkpoint of ours already.
    Ahead(u64),
    /// It was not reached, or refused; may work later.
    Failed(String),
    /// It remembers what this log can't have signed.
    Contradiction(String),
}

impl Asker {
    /// `None` for a witness without an address.
    ///
    /// # Errors
    /// When the address is none that can be asked.
    pub(super) fn new(market: &Market, witness: &PolicyWitness) -> Result<Option<Self>, String> {
        let Some(prefix) = &witness.url else { return Ok(None) };
        let url = address(prefix)?;
        let client = outward::client(PATIENCE).map_err(|why| why.to_string())?;
        let key = witness.key.to_string();
        Ok(Some(Self { market: market.clone(), client, url, key, known: None }))
    }

    /// The witness's key.
    pub(super) fn key(&self) -> &str {
        &self.key
    }

    /// Asks for a cosignature over `target`.
    pub(super) async fn ask(&mut self, target: &CheckpointView) -> Outcome {
        match self.try_to(target).await {
            Ok(outcome) => outcome,
            Err(Refusal::Fault(why)) => Outcome::Failed(why),
            Err(refusal) => Outcome::Failed(refusal.to_string()),
        }
    }

    async fn try_to(&mut self, target: &CheckpointView) -> Result<Outcome, Refusal> {
        for _ in 0..TRIES {
            let old = match self.known {
                Some(known) => known,
                None => self.signed_before().await?,
            };
            if old > target.size {
                return self.ahead(old).await;
            }
            let proof = self.market.consistency(&Actor::Clockwork, old, target.size).await?;
            let request = AddCheckpoint { old_size: old, proof, checkpoint: target.note.clone() };
            let (status, answer) = match self.post(request.to_string()).await {
                Ok(answered) => answered,
                Err(why) => return Ok(Outcome::Failed(why)),
            };
            match status {
                StatusCode::OK => return self.take(target.size, &answer).await,
                StatusCode::CONFLICT => match parse_conflict(&answer) {
                    Some(size) if size == old => {
                        return Ok(Outcome::Contradiction(format!(
                            "it has signed another root for {size} records"
                        )));
                    }
                    Some(size) => self.known = Some(size),
                    None => return Ok(Outcome::Failed("its conflict names no size".to_owned())),
                },
                StatusCode::UNPROCESSABLE_ENTITY => {
                    return Ok(Outcome::Contradiction(format!(
                        "the log does not continue the {old} records that it has signed: {}",
                        beginning(&answer)
                    )));
                }
                other => return Ok(Outcome::Failed(format!("it answered {other}: {}", beginning(&answer)))),
            }
        }
        Ok(Outcome::Failed("it names another size each time".to_owned()))
    }

    /// The size of the newest checkpoint that this witness has signed, as the database remembers it.
    async fn signed_before(&self) -> Result<u64, Refusal> {
        let witnesses = self.market.witnesses(&Actor::Clockwork).await?;
        let own = witnesses.into_iter().find(|witness| witness.key == self.key);
        Ok(own.and_then(|witness| witness.size).unwrap_or_default())
    }

    /// A witness that knows more than the target: another server of this log has asked it, or this log
    /// has lost something.
    async fn ahead(&self, size: u64) -> Result<Outcome, Refusal> {
        let head = self.market.head(&Actor::Clockwork).await?.size;
        Ok(if size <= head {
            Outcome::Ahead(size)
        } else {
            Outcome::Contradiction(format!("it has signed {size} records, and the log has {head}"))
        })
    }

    async fn take(&mut self, size: u64, answer: &str) -> Result<Outcome, Refusal> {
        let keys = self.market.add_cosignatures(size, answer).await?;
        Ok(if keys.contains(&self.key) {
            self.known = Some(size);
            Outcome::Signed
        } else {
            Outcome::Failed("its answer has no cosignature by its key that holds".to_owned())
        })
    }

    async fn post(&self, body: String) -> Result<(StatusCode, String), String> {
        let sent =
            self.client.post(self.url.clone()).header("Content-Type", "text/plain; charset=utf-8").body(body);
        let response = sent.send().await.map_err(|why| causes(&why.without_url()))?;
        let status = response.status();
        Ok((status, outward::text(response, LONGEST).await?))
    }
}

/// Where checkpoints are handed in below a submission prefix.
fn address(prefix: &str) -> Result<Url, String> {
    let url = format!("{}/add-checkpoint", prefix.trim_end_matches('/'));
    let url = Url::parse(&url).map_err(|why| format!("its address can't be read: {why}"))?;
    match url.scheme() {
        "http" | "https" => Ok(url),
        other => Err(format!("its address begins with {other}: write http or https")),
    }
}

/// The first line of an answer, no longer than a line of the log.
fn beginning(answer: &str) -> String {
    let line = answer.lines().next().unwrap_or_default();
    line.chars().filter(|c| !c.is_control()).take(200).collect()
}

/// An error with what is behind it: the outermost one only says that the question was not sent.
fn causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_a_prefix_by_http_or_https() {
        for (prefix, wanted) in [
            ("http://127.0.0.1:8090", "http://127.0.0.1:8090/add-checkpoint"),
            ("https://w.example/", "https://w.example/add-checkpoint"),
            ("https://w.example/a/b/", "https://w.example/a/b/add-checkpoint"),
        ] {
            assert_eq!(address(prefix).map(|url| url.to_string()), Ok(wanted.to_owned()));
        }
        for wrong in ["ftp://w.example", "w.example", "file:///etc", ""] {
            assert!(address(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn what_a_witness_says_fits_into_a_line_of_the_log() {
        assert_eq!(beginning("no\u{7}\nmore"), "no");
        assert_eq!(beginning(&"x".repeat(1_000)).len(), 200);
    }
}
