//! The ledger: its head, how to check it without trusting this server, and its records.
//!
//! Promises: everything needed to verify is on the page as it was signed. Must never: say that something
//! is verified which was only read.

use actix_web::web::Data;
use askama::Template;
use market::books::{EpochView, HeadView, LogKeyView, RecordView, WitnessView};
use market::{Act, Market, RecordKind};

use super::kit::{Address, Link, Pager, asked, listed, page_of};
use super::names::Wanted;
use crate::errors::Answer;
use crate::format::{self, When};
use crate::i18n::key;
use crate::visit::Visit;
use crate::{respond, urls};

/// The page.
#[derive(Debug, Template)]
#[template(path = "ledger/show.html")]
pub struct LedgerPage {
    /// The request.
    pub v: Visit,
    /// The head.
    pub head: Head,
    /// What a quorum of witnesses vouches for; `None` if nothing, or if nobody is asked.
    pub witnessed: Option<Witnessed>,
    /// Who is asked.
    pub witnesses: Vec<WitnessRow>,
    /// The log's epochs with their keys, newest first.
    pub epochs: Vec<EpochRow>,
    /// What to type to check a receipt; empty where there is no key.
    pub commands: String,
    /// Records, newest first; `None` for those who may not read the journal.
    pub records: Option<Vec<RecordRow>>,
    /// The way on.
    pub pager: Pager,
}

/// The head of the log.
#[derive(Debug, Clone)]
pub struct Head {
    /// The log's name.
    pub origin: String,
    /// How many records it holds.
    pub size: String,
    /// The root over them.
    pub root: String,
    /// The newest signed state, as it was signed.
    pub checkpoint: Option<String>,
    /// When that was.
    pub signed: Option<When>,
    /// How many records wait to be sealed.
    pub waiting: u64,
    /// The key that checks the signature; empty where there is none.
    pub key: String,
}

/// The newest checkpoint with a quorum.
#[derive(Debug, Clone)]
pub struct Witnessed {
    /// How many records it covers.
    pub size: String,
    /// When the last witness signed it.
    pub at: When,
}

/// A witness in the list.
#[derive(Debug, Clone)]
pub struct WitnessRow {
    /// What the operator calls it.
    pub name: String,
    /// Its public key.
    pub key: String,
    /// How many records it has signed for, and when.
    pub signed: Option<(String, When)>,
    /// True if it has signed the newest checkpoint.
    pub up_to_date: bool,
}

/// An epoch in the list.
#[derive(Debug, Clone)]
pub struct EpochRow {
    /// Its number.
    pub no: i64,
    /// The log's name in it.
    pub origin: String,
    /// How many records the log had when it began.
    pub from: String,
    /// When it began.
    pub at: When,
    /// Why; empty for the first.
    pub reason: String,
    /// The record that began it; `None` for the first.
    pub record: Option<String>,
    /// Its keys, oldest first.
    pub keys: Vec<KeyRow>,
}

/// A key of the log.
#[derive(Debug, Clone)]
pub struct KeyRow {
    /// The key.
    pub key: String,
    /// Up to how many records it signed; `None` while it signs.
    pub until: Option<String>,
}

/// A record in the list.
#[derive(Debug, Clone)]
pub struct RecordRow {
    /// Its place in the log.
    pub index: u64,
    /// Its page.
    pub url: String,
    /// The key of what it is.
    pub kind: &'static str,
    /// When it was posted.
    pub at: When,
    /// The task it belongs to.
    pub task: Option<Link>,
    /// The beginning of its hash.
    pub hash: String,
}

/// `GET /ledger`: `after` or `before`.
///
/// # Errors
/// A bad cursor; faults.
pub async fn show(v: Visit, market: Data<Market>, address: Address) -> Answer {
    let head = head(&v, market.head(&v.actor).await?);
    let witnessed = market.witnessed(&v.actor).await?;
    let witnessed =
        witnessed.map(|it| Witnessed { size: format::grouped(u128::from(it.size)), at: v.when(it.at) });
    let newest = market.newest_checkpoint().await?.map(|newest| newest.size);
    let witnesses = market.witnesses(&v.actor).await?;
    let witnesses = witnesses.into_iter().map(|witness| witness_row(&v, witness, newest)).collect();
    let (mut records, mut pager) = (None, Pager::default());
    if v.may(Act::SeeJournal) {
        let listing = listed(market.records(&v.actor, page_of(&asked(address), 30)).await)?;
        pager = Pager::of(&listing, &urls::ledger());
        let mut wanted = Wanted::default();
        wanted.tasks(listing.items.iter().filter_map(|(_, record)| record.task));
        let names = wanted.names(&v, &market).await?;
        let row = |record: &RecordView| RecordRow {
            index: record.index.unwrap_or_default(),
            url: urls::record(record.id),
            kind: kind(record.kind),
            at: v.when(record.at),
            task: record.task.map(|task| names.task(task)),
            hash: hex::encode(&record.leaf_hash[..6]),
        };
        records = Some(listing.items.iter().map(|(_, record)| row(record)).collect());
    }
    let commands = commands(&head.key);
    let epochs = epochs(&v, &market.epochs(&v.actor).await?, &market.log_keys(&v.actor).await?);
    let page = LedgerPage { head, witnessed, witnesses, epochs, commands, records, pager, v };
    Ok(respond::page(&page.v, &page))
}

fn head(v: &Visit, head: HeadView) -> Head {
    Head {
        origin: head.origin,
        size: format::grouped(u128::from(head.size)),
        root: hex::encode(head.root),
        checkpoint: head.checkpoint,
        signed: head.signed_at.map(|at| v.when(at)),
        waiting: head.waiting,
        key: head.verifier_key,
    }
}

fn epochs(v: &Visit, epochs: &[EpochView], keys: &[LogKeyView]) -> Vec<EpochRow> {
    let key = |key: &LogKeyView| KeyRow {
        key: key.key.to_string(),
        until: key.until_size.map(|size| format::grouped(u128::from(size))),
    };
    let row = |epoch: &EpochView| EpochRow {
        no: epoch.no,
        origin: epoch.origin.clone(),
        from: format::grouped(u128::from(epoch.from_size)),
        at: v.when(epoch.at),
        reason: epoch.reason.clone(),
        record: epoch.record.map(urls::record),
        keys: keys.iter().filter(|one| one.epoch == epoch.no).map(key).collect(),
    };
    epochs.iter().rev().map(row).collect()
}

fn witness_row(v: &Visit, witness: WitnessView, newest: Option<u64>) -> WitnessRow {
    let signed = witness.size.zip(witness.at);
    WitnessRow {
        name: witness.name,
        key: witness.key,
        up_to_date: witness.size.is_some() && witness.size >= newest,
        signed: signed.map(|(size, at)| (format::grouped(u128::from(size)), v.when(at))),
    }
}

/// How a receipt is checked by hand.
pub(super) fn commands(key: &str) -> String {
    if key.is_empty() {
        String::new()
    } else {
        format!("saima verify receipt.tlog-proof \\\n  --key '{key}'")
    }
}

/// The key of the message that names a kind of record.
pub(super) fn kind(kind: RecordKind) -> &'static str {
    match kind {
        RecordKind::Issue => key("kind-issue"),
        RecordKind::Allocate => key("kind-allocate"),
        RecordKind::Fund => key("kind-fund"),
        RecordKind::Payout => key("kind-payout"),
        RecordKind::Refund => key("kind-refund"),
        RecordKind::Transfer => key("kind-transfer"),
        RecordKind::Hold => key("kind-hold"),
        RecordKind::Release => key("kind-release"),
        RecordKind::Retire => key("kind-retire"),
        RecordKind::Reversal => key("kind-reversal"),
        RecordKind::Rules => key("kind-rules"),
        RecordKind::Evidence => key("kind-evidence"),
        RecordKind::Key => key("kind-key"),
        RecordKind::Epoch => key("kind-epoch"),
        RecordKind::Anchor => key("kind-anchor"),
        RecordKind::Erasure => key("kind-erasure"),
    }
}

#[cfg(test)]
pub(crate) fn samples() -> Vec<LedgerPage> {
    let page = |v: &Visit, members: bool| LedgerPage {
        head: Head {
            origin: "harbour.example/ledger".to_owned(),
            size: "1,234".to_owned(),
            root: "ab".repeat(32),
            checkpoint: members.then(|| {
                "harbour.example/ledger\n1234\nq6urq6s=\n\n— harbour.example/ledger AbCd".to_owned()
            }),
            signed: members.then(|| v.when(v.now.plus_seconds(-30))),
            waiting: 2,
            key: "harbour.example/ledger+0011aabb+AQID".to_owned(),
        },
        witnessed: members
            .then(|| Witnessed { size: "1,230".to_owned(), at: v.when(v.now.plus_seconds(-40)) }),
        witnesses: if members { witness_samples(v) } else { Vec::new() },
        epochs: epoch_samples(v),
        commands: commands("harbour.example/ledger+0011aabb+AQID"),
        records: members.then(|| {
            let row = |index| RecordRow {
                index,
                url: urls::record(index),
                kind: key("kind-payout"),
                at: v.when(v.now.plus_seconds(-3_600)),
                task: Some(Link::new("Cut the start-up time <in half>", urls::task("abc"))),
                hash: "abcdef012345".to_owned(),
            };
            vec![row(1_233), row(1_232)]
        }),
        pager: Pager { next: Some("/ledger?after=x".to_owned()), previous: None, total: 1_234 },
        v: v.clone(),
    };
    crate::visit::samples::all().into_iter().flat_map(|v| [page(&v, true), page(&v, false)]).collect()
}

#[cfg(test)]
fn epoch_samples(v: &Visit) -> Vec<EpochRow> {
    let epoch = |no, reason: &str, until: Option<&str>| EpochRow {
        no,
        origin: format!("harbour.example/ledger/{no}"),
        from: "1,000".to_owned(),
        at: v.when(v.now.plus_seconds(-86_400)),
        reason: reason.to_owned(),
        record: (no > 1).then(|| urls::record(1_001)),
        keys: vec![KeyRow {
            key: format!("harbour.example/ledger/{no}+0011aabb+AQID"),
            until: until.map(str::to_owned),
        }],
    };
    vec![epoch(2, "Restored from the backup of <Monday>.", None), epoch(1, "", Some("1,000"))]
}

#[cfg(test)]
fn witness_samples(v: &Visit) -> Vec<WitnessRow> {
    let row = |name: &str, seconds: Option<i64>| WitnessRow {
        name: name.to_owned(),
        key: format!("{name}.example/witness+0011aabb+BAID"),
        signed: seconds.map(|seconds| ("1,234".to_owned(), v.when(v.now.plus_seconds(-seconds)))),
        up_to_date: seconds == Some(20),
    };
    vec![row("finance", Some(20)), row("<works-council>", Some(90_000)), row("partner", None)]
}
