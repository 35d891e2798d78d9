//! A receipt that somebody brings: checked by the reader's own browser, or, without a script, by this server.
//!
//! Promises: nobody need be known here to have a receipt checked; what the server says of it is told as the
//! server's word, with the command that needs no server beside it; what is brought is bounded and never kept.
//! Must never: tell what a receipt says unless all of it holds.

use actix_web::HttpRequest;
use actix_web::web::{Data, Payload};
use askama::Template;
use market::books::{CheckStep, Checked, ReceiptCheck, check_receipt};
use market::{AssetView, Market, RecordKind};

use super::kit::{Fact, Link};
use super::ledger::{commands, kind};
use super::submit::{Bounds, Upload, upload_within};
use crate::errors::{Answer, Failure};
use crate::format::Tokens;
use crate::forms::Form;
use crate::i18n::key;
use crate::visit::Visit;
use crate::{respond, urls};

/// Longest receipt that is looked at here, in bytes; a longer one is checked by the command.
const LONGEST: usize = 1 << 20;

/// The page.
#[derive(Debug, Clone, Template)]
#[template(path = "ledger/verify.html")]
pub struct VerifyPage {
    /// The request.
    pub v: Visit,
    /// What was typed.
    pub form: Form,
    /// The log's name.
    pub origin: String,
    /// Every key that ever signed the log, separated by spaces.
    pub keys: String,
    /// The keys that sign it now.
    pub key_list: Vec<String>,
    /// The kinds of records: number and key of the name.
    pub kinds: Vec<(u8, &'static str)>,
    /// The decimals of the asset.
    pub scale: u8,
    /// Its code.
    pub code: String,
    /// What to type to check a receipt without any server; empty where there is no key.
    pub command: String,
    /// What came of the check, if the server made it.
    pub checked: Option<Outcome>,
}

/// What came of a check.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// `good` or `bad`.
    pub verdict: &'static str,
    /// The key of the verdict in words.
    pub sum: &'static str,
    /// Step by step.
    pub steps: Vec<StepRow>,
    /// What the record says, once it is known to hold.
    pub says: Vec<Fact>,
}

/// A step.
#[derive(Debug, Clone)]
pub struct StepRow {
    /// The key of its name.
    pub title: &'static str,
    /// `good`, `bad` or `odd`.
    pub state: &'static str,
    /// The key of what came of it.
    pub told: &'static str,
    /// Why it fails; may be empty.
    pub why: String,
    /// What was worked out.
    pub facts: Vec<Fact>,
}

/// `GET /verify`.
///
/// # Errors
/// Faults.
pub async fn ask(v: Visit, market: Data<Market>) -> Answer {
    let page = page(v, &market, Form::default()).await?;
    Ok(respond::page(&page.v, &page))
}

/// `POST /verify`: `receipt`, a file, or `text`; `key` for a receipt of another log.
///
/// # Errors
/// When it is too large, or has no token.
pub async fn check(v: Visit, market: Data<Market>, request: HttpRequest, payload: Payload) -> Answer {
    let bounds = Bounds { file: LONGEST + 1, parts: 8, files: 1, text: LONGEST };
    let Upload { mut form, files } = upload_within(bounds, &request, payload).await?;
    let mut keys: Vec<_> = market.log_keys(&v.actor).await?.into_iter().map(|one| one.key).collect();
    if let Some(typed) = form.given("key") {
        match typed.parse() {
            Ok(other) => keys.push(other),
            Err(_) => form.refuse("key", v.t(key("problem-bad-verifier-key"))),
        }
    }
    let brought = files.into_iter().map(|file| file.bytes).find(|bytes| !bytes.is_empty());
    let text = match brought {
        Some(bytes) if bytes.len() > LONGEST => return Err(Failure::TooLarge),
        Some(bytes) => String::from_utf8(bytes).unwrap_or_default(),
        // A form spells line ends in its own way.
        None => form.given("text").map(|text| text.replace("\r\n", "\n") + "\n").unwrap_or_default(),
    };
    let found = if text.is_empty() {
        form.refuse("receipt", v.t(key("check-nothing")));
        None
    } else {
        match check_receipt(&text, &keys) {
            Ok(found) => Some(found),
            Err(why) => {
                form.refuse("receipt", format!("{} {why}", v.t(key("check-unreadable"))));
                None
            }
        }
    };
    let mut page = page(v, &market, form).await?;
    if !page.form.errors().is_empty() {
        return Ok(respond::form_again(&page.v, &page));
    }
    page.checked = found.map(|found| outcome(&page.v, market.asset(), &found));
    Ok(respond::page(&page.v, &page))
}

async fn page(v: Visit, market: &Market, form: Form) -> Result<VerifyPage, Failure> {
    let head = market.head(&v.actor).await?;
    let keys: Vec<String> =
        market.log_keys(&v.actor).await?.into_iter().map(|one| one.key.to_string()).collect();
    let asset = market.asset();
    Ok(VerifyPage {
        form,
        origin: head.origin,
        command: commands(&head.verifier_key),
        key_list: head.verifier_key.split_whitespace().map(str::to_owned).collect(),
        keys: keys.join(" "),
        kinds: RecordKind::ALL.iter().map(|one| (one.code(), kind(*one))).collect(),
        scale: asset.scale.get(),
        code: asset.code.as_str().to_owned(),
        checked: None,
        v,
    })
}

fn outcome(v: &Visit, asset: &AssetView, found: &ReceiptCheck) -> Outcome {
    let (verdict, sum) = if found.holds { ("good", key("check-holds")) } else { ("bad", key("check-fails")) };
    let step = |(step, checked): &(CheckStep, Checked)| {
        let (state, told, why) = match checked {
            Checked::Holds => ("good", key("verify-good"), String::new()),
            Checked::Fails(why) => ("bad", key("verify-bad"), why.clone()),
            Checked::Nothing => ("odd", key("verify-odd"), v.t(key("signer-sealed")).into_owned()),
        };
        StepRow { title: title(*step), state, told, why, facts: facts(v, *step, found) }
    };
    Outcome { verdict, sum, steps: found.steps.iter().map(step).collect(), says: says(v, asset, found) }
}

fn title(step: CheckStep) -> &'static str {
    match step {
        CheckStep::Leaf => key("check-leaf"),
        CheckStep::Path => key("verify-path"),
        CheckStep::Signature => key("verify-signature"),
        CheckStep::Texts => key("verify-texts"),
        CheckStep::Person => key("verify-person"),
    }
}

fn facts(v: &Visit, step: CheckStep, found: &ReceiptCheck) -> Vec<Fact> {
    match step {
        CheckStep::Leaf => vec![
            Fact::new(v.t(key("verify-length")), found.length),
            Fact::new(v.t(key("record-leaf")), hex::encode(found.leaf)),
        ],
        CheckStep::Path => vec![Fact::new(v.t(key("verify-signed-root")), hex::encode(found.root))],
        CheckStep::Signature => vec![
            Fact::new(v.t(key("verify-origin")), &found.origin),
            Fact::new(v.t(key("verify-size")), found.size),
        ],
        CheckStep::Texts | CheckStep::Person => Vec::new(),
    }
}

fn says(v: &Visit, asset: &AssetView, found: &ReceiptCheck) -> Vec<Fact> {
    let Some(record) = &found.record else { return Vec::new() };
    let page = Link::new(v.t(kind(record.kind)), urls::record(record.id));
    let mut facts = vec![
        Fact::linked(v.t(key("col-what")), page),
        Fact::new(v.t(key("col-when")), v.when(record.at).exact),
        Fact::new(v.t(key("col-no")), found.index),
    ];
    for one in &record.moves {
        let minor = i128::from(one.amount.minor());
        let minor = if one.credit { minor } else { -minor };
        let moved = if one.asset == asset.no {
            Tokens::signed(minor, asset.scale.get(), asset.code.as_str()).to_string()
        } else {
            minor.to_string()
        };
        facts.push(Fact::new(v.t(key("check-moved")), format!("{moved} · {}", one.account)));
    }
    for (label, text) in &found.texts {
        facts.push(Fact::new(label, text));
    }
    facts
}

#[cfg(test)]
pub(crate) fn samples() -> Vec<VerifyPage> {
    let step = |title, state, told, why: &str| StepRow {
        title,
        state,
        told,
        why: why.to_owned(),
        facts: vec![Fact::new("Hash", "ab".repeat(32))],
    };
    let page = |v: Visit, verdict: &'static str, form: Form| VerifyPage {
        form,
        origin: "harbour.example/ledger".to_owned(),
        keys: "harbour.example/ledger+0011aabb+AQID".to_owned(),
        key_list: vec!["harbour.example/ledger+0011aabb+AQID".to_owned()],
        kinds: vec![(1, key("kind-issue")), (4, key("kind-payout"))],
        scale: 2,
        code: "SAI".to_owned(),
        command: commands("harbour.example/ledger+0011aabb+AQID"),
        checked: (!verdict.is_empty()).then(|| Outcome {
            verdict,
            sum: if verdict == "good" { key("check-holds") } else { key("check-fails") },
            steps: vec![
                step(key("check-leaf"), "good", key("verify-good"), ""),
                step(key("verify-path"), "bad", key("verify-bad"), "the <path> leads elsewhere"),
                step(key("verify-person"), "odd", key("verify-odd"), ""),
            ],
            says: vec![Fact::new("memo", "<script>alert(1)</script>")],
        }),
        v,
    };
    let mut wrong = Form::of([("key", "\"><script>")]);
    wrong.refuse("receipt", "<i>wrong</i>");
    crate::visit::samples::all()
        .into_iter()
        .flat_map(|v| {
            [
                page(v.clone(), "", Form::default()),
                page(v.clone(), "good", Form::default()),
                page(v.clone(), "bad", Form::default()),
                page(v, "", wrong.clone()),
            ]
        })
        .collect()
}
