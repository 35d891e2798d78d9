//! One record: what it moved, its bytes explained, and the proof that it is in the log.
//!
//! Promises: the bytes shown are the bytes that were hashed. Must never: show a text that the market did
//! not hand out for this reader.

use actix_web::HttpResponse;
use actix_web::http::header;
use actix_web::web::{Data, Path};
use askama::Template;
use market::books::{AccountView, DisclosureView, InclusionView, PostingView, RecordStanding, RecordView};
use market::signing::{INTENT, SignatureView};
use market::{AssetView, Market, Moment, RecordId, Refusal};

use super::file::attachment;
use super::kit::{Badge, Link};
use super::ledger::kind;
use super::names::{Names, Wanted};
use super::path::{self, PathPicture};
use super::record_bytes::{self, BytesRow};
use crate::errors::{Answer, Failure};
use crate::format::{Tokens, When};
use crate::i18n::key;
use crate::visit::Visit;
use crate::{respond, urls};

/// The page.
#[derive(Debug, Template)]
#[template(path = "ledger/record.html")]
pub struct RecordPage {
    /// The request.
    pub v: Visit,
    /// The key of what it is.
    pub kind: &'static str,
    /// Its id.
    pub id: String,
    /// Its place in the log, once sealed.
    pub index: Option<u64>,
    /// The key of how far it has come.
    pub standing: Badge,
    /// When it was posted.
    pub at: When,
    /// The task it belongs to.
    pub task: Option<Link>,
    /// Its lines.
    pub postings: Vec<PostingRow>,
    /// Texts behind it that the reader may see.
    pub texts: Vec<TextRow>,
    /// How many texts there are in all, seen or not.
    pub commitments: usize,
    /// Its bytes, piece by piece.
    pub bytes: Vec<BytesRow>,
    /// Who signed it; nothing where only this server attests it.
    pub signer: Option<Signer>,
    /// The keys that the log's checkpoints are signed with, separated by spaces.
    pub log_keys: String,
    /// Its hash.
    pub leaf: String,
    /// The way from its hash to the root, once sealed.
    pub proof: Option<ProofBlock>,
    /// Where its receipt is.
    pub receipt: String,
}

/// Who signed a record.
#[derive(Debug, Clone)]
pub struct Signer {
    /// The key.
    pub key: String,
    /// Whose it is, if the reader may know.
    pub person: Option<Link>,
    /// What was signed, name by name; nothing where that is not disclosed to the reader.
    pub says: Vec<(String, String)>,
    /// When it would have run out.
    pub until: Option<When>,
}

/// A line of a record.
#[derive(Debug, Clone)]
pub struct PostingRow {
    /// The key of what the account is for.
    pub account: &'static str,
    /// Whose it is, if the reader may know.
    pub owner: Option<Link>,
    /// Its id.
    pub id: String,
    /// Its history.
    pub history: String,
    /// Its posting with this number.
    pub seq: u64,
    /// How much, with its sign.
    pub amount: Tokens,
    /// True for what came in.
    pub credit: bool,
    /// What was there afterwards.
    pub balance: Tokens,
}

/// A text behind a record.
#[derive(Debug, Clone)]
pub struct TextRow {
    /// What it is.
    pub label: String,
    /// The text.
    pub text: String,
}

/// The way from a leaf to the root.
#[derive(Debug, Clone)]
pub struct ProofBlock {
    /// The size of the log that it is proved against.
    pub size: u64,
    /// The hashes to put beside it, from the bottom.
    pub steps: Vec<ProofStep>,
    /// The same as a picture.
    pub picture: PathPicture,
    /// The root that must come out.
    pub root: String,
}

/// A step of a proof.
#[derive(Debug, Clone)]
pub struct ProofStep {
    /// The hash to put beside what was reached.
    pub hash: String,
    /// The key of the side it goes to.
    pub side: &'static str,
}

/// `GET /ledger/records/{index or id}`.
///
/// # Errors
/// Not found, for who may not see it.
pub async fn show(v: Visit, market: Data<Market>, path: Path<String>) -> Answer {
    let record = find(&v, &market, &path).await?;
    let inclusion = match record.index {
        Some(_) => Some(market.inclusion(&v.actor, record.id).await?),
        None => None,
    };
    let mut wanted = Wanted::default();
    wanted.tasks(record.task);
    for owner in record.postings.iter().filter_map(|posting| posting.account.owner) {
        wanted.owner(owner);
    }
    let signature = market.signature(&record)?;
    let key = match &signature {
        Some(signature) => market.keys_by_id(&v.actor, &[signature.key]).await?.remove(&signature.key),
        None => None,
    };
    wanted.persons(key.as_ref().map(|key| key.person));
    let names = wanted.names(&v, &market).await?;
    let person = key.map(|key| names.person(key.person));
    let asset = market.asset();
    let page = RecordPage {
        signer: signature.map(|signature| signer(&v, signature, person)),
        log_keys: market.head(&v.actor).await?.verifier_key,
        kind: kind(record.kind),
        id: record.id.to_string(),
        index: record.index,
        standing: standing(market.standing_of(record.index).await?),
        at: v.when(record.at),
        task: record.task.map(|task| names.task(task)),
        postings: record.postings.iter().map(|posting| row(asset, &names, posting)).collect(),
        texts: record.disclosures.iter().filter(|shown| is_text(shown)).map(text).collect(),
        commitments: record.commitments.len(),
        bytes: record_bytes::explain(&record.bytes),
        leaf: hex::encode(record.leaf_hash),
        proof: inclusion.map(|inclusion| proof(&inclusion)),
        receipt: urls::receipt(record.id),
        v,
    };
    Ok(respond::page(&page.v, &page))
}

/// How far a record has come, as a badge.
fn standing(standing: RecordStanding) -> Badge {
    match standing {
        RecordStanding::Posted => Badge { label: key("record-waiting"), tone: "wait" },
        RecordStanding::Sealed => Badge { label: key("standing-signed"), tone: "go" },
        RecordStanding::Witnessed => Badge { label: key("standing-witnessed"), tone: "gold" },
    }
}

/// `GET /ledger/records/{index or id}/receipt`: a file that proves it to anyone, without this server.
///
/// # Errors
/// Not found, for who may not see it.
pub async fn receipt(v: Visit, market: Data<Market>, path: Path<String>) -> Answer {
    let record = find(&v, &market, &path).await?;
    let text = market.receipt(&v.actor, record.id).await?;
    let name = format!("saima-{}.tlog-proof", record.id);
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "text/plain; charset=utf-8"))
        .insert_header((header::CONTENT_DISPOSITION, attachment(&name)))
        .insert_header((header::CACHE_CONTROL, "private, no-cache"))
        .body(text))
}

async fn find(v: &Visit, market: &Market, path: &str) -> Result<RecordView, Failure> {
    if path.len() < 20 && !path.is_empty() && path.bytes().all(|byte| byte.is_ascii_digit()) {
        let index = path.parse().map_err(|_| Refusal::NotFound)?;
        return Ok(market.record_by_index(&v.actor, index).await?);
    }
    let id: RecordId = super::kit::id(path)?;
    Ok(market.record(&v.actor, id).await?)
}

fn row(asset: &AssetView, names: &Names, posting: &PostingView) -> PostingRow {
    let (scale, code) = (asset.scale.get(), asset.code.as_str());
    let credit = posting.side.code() == 1;
    let minor = i128::from(posting.amount.minor());
    PostingRow {
        account: account(&posting.account),
        owner: posting.account.owner.map(|owner| names.owner(owner)),
        id: posting.account.id.to_string(),
        history: urls::account(posting.account.id),
        seq: posting.seq,
        amount: Tokens::signed(if credit { minor } else { -minor }, scale, code),
        credit,
        balance: Tokens::balance(posting.balance_after, scale, code),
    }
}

/// What was signed is told by name instead, and what is no text by nothing.
fn is_text(shown: &DisclosureView) -> bool {
    shown.label != INTENT && std::str::from_utf8(&shown.data).is_ok()
}

fn signer(v: &Visit, signature: SignatureView, person: Option<Link>) -> Signer {
    let decision = signature.decision;
    let until = decision.as_ref().and_then(|decision| i64::try_from(decision.not_after).ok());
    let says = decision.map(|decision| {
        let act = ("act".to_owned(), decision.act.clone());
        std::iter::once(act).chain(decision.told()).collect()
    });
    Signer {
        key: signature.key.to_string(),
        person,
        says: says.unwrap_or_default(),
        until: until.map(|until| v.when(Moment(until))),
    }
}

/// The key of what an account is for.
pub(super) fn account(account: &AccountView) -> &'static str {
    match account.kind.as_str() {
        "mint" => key("account-mint"),
        "treasury" => key("account-treasury"),
        "programme" => key("account-programme"),
        "person" => key("account-person"),
        "unit" => key("account-unit"),
        "escrow" => key("account-escrow"),
        "hold" => key("account-hold"),
        _ => key("account-retired"),
    }
}

fn text(disclosure: &DisclosureView) -> TextRow {
    TextRow { label: disclosure.label.clone(), text: String::from_utf8_lossy(&disclosure.data).into_owned() }
}

/// On which side each hash goes: the path of RFC 9162 §2.1.3.2, read from the index and the size.
fn proof(inclusion: &InclusionView) -> ProofBlock {
    let (mut node, mut last) = (inclusion.index, inclusion.size.saturating_sub(1));
    let step = |hash: &[u8; 32]| {
        let left = node & 1 == 1 || node == last;
        if left {
            while node & 1 == 0 && node != 0 {
                node >>= 1;
                last >>= 1;
            }
        }
        node >>= 1;
        last >>= 1;
        ProofStep { hash: hex::encode(hash), side: if left { key("proof-left") } else { key("proof-right") } }
    };
    let steps: Vec<ProofStep> = inclusion.proof.iter().map(step).collect();
    let drawn: Vec<_> =
        steps.iter().map(|step| (step.side == key("proof-left"), step.hash.as_str())).collect();
    let picture = path::draw(&drawn);
    ProofBlock { size: inclusion.size, picture, steps, root: hex::encode(inclusion.root) }
}

#[cfg(test)]
pub(crate) mod samples {
    use super::*;

    pub(crate) fn pages() -> Vec<RecordPage> {
        let page = |v: Visit, sealed: bool| RecordPage {
            kind: key("kind-transfer"),
            id: "01".repeat(16),
            index: sealed.then_some(41),
            standing: standing(if sealed { RecordStanding::Witnessed } else { RecordStanding::Posted }),
            at: v.when(v.now.plus_seconds(-9_000)),
            task: Some(Link::new("A task", urls::task("abc"))),
            postings: vec![
                PostingRow {
                    account: key("account-person"),
                    owner: Some(Link::new("Ada", urls::person("ada"))),
                    id: "ab".repeat(16),
                    history: urls::account("ab".repeat(16)),
                    seq: 3,
                    amount: Tokens::signed(-500, 2, "SAI"),
                    credit: false,
                    balance: Tokens::new(500, 2, "SAI"),
                },
                PostingRow {
                    account: key("account-unit"),
                    owner: None,
                    id: "cd".repeat(16),
                    history: urls::account("cd".repeat(16)),
                    seq: 1,
                    amount: Tokens::signed(500, 2, "SAI"),
                    credit: true,
                    balance: Tokens::new(500, 2, "SAI"),
                },
            ],
            texts: vec![TextRow { label: "memo".to_owned(), text: "<script>alert(1)</script>".to_owned() }],
            commitments: 2,
            bytes: record_bytes::explain(&[0xa2, 0x00, 0x01, 0x01, 0x06]),
            signer: sealed.then(|| Signer {
                key: "0011223344556677".to_owned(),
                person: Some(Link::new("Ada", urls::person("ada"))),
                says: vec![
                    ("act".to_owned(), "transferTokens".to_owned()),
                    ("amount".to_owned(), "500".to_owned()),
                ],
                until: Some(v.when(v.now)),
            }),
            log_keys: "harbour.example/ledger+0011aabb+AQID".to_owned(),
            leaf: "ef".repeat(32),
            proof: sealed.then(|| {
                proof(&InclusionView {
                    index: 41,
                    size: 43,
                    proof: vec![[1; 32], [2; 32], [3; 32]],
                    root: [9; 32],
                })
            }),
            receipt: urls::receipt(41),
            v,
        };
        crate::visit::samples::all()
            .into_iter()
            .flat_map(|v| [page(v.clone(), true), page(v, false)])
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sha2::{Digest, Sha256};

    fn node(left: &[u8], right: &[u8]) -> [u8; 32] {
        Sha256::new().chain_update([1]).chain_update(left).chain_update(right).finalize().into()
    }

    /// The path of leaf `index`, and the root (RFC 9162 §2.1.1, §2.1.3.1).
    fn path(leaves: &[[u8; 32]], index: usize) -> (Vec<[u8; 32]>, [u8; 32]) {
        if leaves.len() == 1 {
            return (Vec::new(), leaves[0]);
        }
        let split = leaves.len().next_power_of_two() / 2;
        let (left, right) = leaves.split_at(split);
        if index < split {
            let (mut steps, root) = path(left, index);
            let (_, other) = path(right, 0);
            steps.push(other);
            (steps, node(&root, &other))
        } else {
            let (mut steps, root) = path(right, index - split);
            let (_, other) = path(left, 0);
            steps.push(other);
            (steps, node(&other, &root))
        }
    }

    #[test]
    fn following_the_sides_leads_to_the_root() {
        for size in 1..40_usize {
            let leaves: Vec<[u8; 32]> =
                (0..size).map(|leaf| Sha256::digest([u8::try_from(leaf).unwrap_or(0)]).into()).collect();
            for index in 0..size {
                let (steps, root) = path(&leaves, index);
                let number = |n: usize| u64::try_from(n).unwrap_or(0);
                let view = InclusionView { index: number(index), size: number(size), proof: steps, root };
                let reached = proof(&view).steps.iter().fold(leaves[index].to_vec(), |at, step| {
                    let hash = hex::decode(&step.hash).unwrap_or_default();
                    let next =
                        if step.side == key("proof-left") { node(&hash, &at) } else { node(&at, &hash) };
                    next.to_vec()
                });
                assert_eq!(reached, root.to_vec(), "leaf {index} of {size}");
            }
        }
    }
}
