//! `saima anchor`.

use std::process::ExitCode;
use std::time::Duration;

use clap::Args;
use ledger::{Checkpoint, SignedNote};
use reqwest::{Client, RequestBuilder, Url};
use serde_json::{Value, json};

use super::{Failure, say};
use crate::outward;

/// Longest answer that is read, in bytes.
const LONGEST: usize = 1 << 20;

/// Make the newest checkpoint of one installation a record of another.
#[derive(Args)]
pub(super) struct Anchor {
    /// The installation whose checkpoint it is, such as `https://side.example`.
    #[arg(long, value_name = "URL")]
    from: Url,
    /// The installation that records it, where the log must be followed.
    #[arg(long, value_name = "URL")]
    to: Url,
    /// The access token of a treasurer or admin there, as `signIn` gives it.
    #[arg(long, env = "SAIMA_TOKEN", hide_env_values = true)]
    token: String,
}

impl Anchor {
    pub(super) async fn run(self) -> Result<ExitCode, Failure> {
        let client = outward::client(Duration::from_secs(30))?;
        let note = text(client.get(place(&self.from, "log/checkpoint")?)).await?;
        let signed = SignedNote::parse(note.as_bytes())?;
        let Checkpoint { origin, size, root, .. } = signed.text.parse()?;
        let last = self.anchored(&client, &origin).await?;
        if last == Some(size) {
            say(format_args!("anchored already: {origin}, {size} records"));
            return Ok(ExitCode::SUCCESS);
        }
        let proof = match last {
            Some(last) if last > 0 => self.proof(&client, last, size).await?,
            _ => json!([]),
        };
        let key = format!("anchor-{size}-{}", hex::encode(&root[..8]));
        let input = json!({ "checkpoint": note, "proof": proof, "idempotencyKey": key });
        let query = "mutation ($input: AnchorCheckpointInput!) { anchorCheckpoint(input: $input) { record { number } userErrors { message } } }";
        let request = ask(&client, &self.to, query, &json!({ "input": input }))?.bearer_auth(&self.token);
        let done = answer(request).await?["anchorCheckpoint"].take();
        if let Some(wrong) = done["userErrors"][0]["message"].as_str() {
            return Err(wrong.to_owned().into());
        }
        let record = done["record"]["number"].as_str().ok_or("the answer names no record")?;
        say(format_args!("anchored: {origin}, {size} records, by record {record}"));
        Ok(ExitCode::SUCCESS)
    }

    /// The size of what was anchored last, if anything was.
    async fn anchored(&self, client: &Client, origin: &str) -> Result<Option<u64>, Failure> {
        let seen = answer(ask(client, &self.to, "{ followedLogs { origin anchors { size } } }", &json!({}))?)
            .await?;
        let logs = seen["followedLogs"].as_array().cloned().unwrap_or_default();
        let log = logs.into_iter().find(|log| log["origin"] == origin);
        let log = log.ok_or_else(|| format!("{} does not follow {origin}", self.to))?;
        Ok(log["anchors"][0]["size"].as_u64())
    }

    async fn proof(&self, client: &Client, from: u64, to: u64) -> Result<Value, Failure> {
        let query = "query ($from: Long!, $to: Long!) { log { consistency(from: $from, to: $to) } }";
        let mut seen = answer(ask(client, &self.from, query, &json!({ "from": from, "to": to }))?).await?;
        Ok(seen["log"]["consistency"].take())
    }
}

fn place(base: &Url, path: &str) -> Result<Url, Failure> {
    if !matches!(base.scheme(), "http" | "https") {
        return Err(format!("{base}: write an address that begins with http or https").into());
    }
    Ok(Url::parse(&format!("{}/{path}", base.as_str().trim_end_matches('/')))?)
}

fn ask(client: &Client, base: &Url, query: &str, variables: &Value) -> Result<RequestBuilder, Failure> {
    Ok(client.post(place(base, "graphql")?).json(&json!({ "query": query, "variables": variables })))
}

async fn answer(request: RequestBuilder) -> Result<Value, Failure> {
    let mut seen: Value = serde_json::from_str(&text(request).await?)?;
    match seen["errors"][0]["message"].as_str() {
        Some(wrong) => Err(wrong.to_owned().into()),
        None => Ok(seen["data"].take()),
    }
}

async fn text(request: RequestBuilder) -> Result<String, Failure> {
    let response = request.send().await?;
    let (status, url) = (response.status(), response.url().clone());
    let text = outward::text(response, LONGEST).await?;
    if status.is_success() { Ok(text) } else { Err(format!("{url} answered {status}").into()) }
}
