//! Verifying a log by its address, as anybody can who holds its public key.
//!
//! Promises: every record is checked against its tile, every tile against the one below, the root against the
//! signed checkpoint, and every balance by replaying the records; a few files are under way at a time and none
//! is kept, so memory is flat. Must never: believe anything that the signature doesn't cover, or send the
//! access token in the clear.

mod fetch;
mod identities;

use futures::{StreamExt as _, stream};
use indicatif::{ProgressBar, ProgressStyle};
use ledger::checkpoint::OpenCheckpoint;
use ledger::tile::follow::{Entry, FollowFault, Follower, entries, files};
use ledger::tile::{TileKind, TilePath};
use ledger::{Checkpoint, Hash, Policy, Record, Replay, VerifierKey};

use super::file::tell_standing;
use super::{Failure, say};
use fetch::Fetcher;
use identities::Identities;

/// Files under way at a time.
const IN_FLIGHT: usize = 8;
/// Longest checkpoint that is looked at.
const LONGEST_NOTE: usize = 1_000_000;

/// What is asked for.
pub(super) struct Question<'a> {
    /// The log's address: what stands before `/checkpoint`.
    pub(super) url: &'a str,
    /// The keys to believe.
    pub(super) keys: &'a [VerifierKey],
    /// Whose cosignatures count, and how many it takes.
    pub(super) policy: Option<&'a Policy>,
    /// An access token, for a log that isn't open to all.
    pub(super) token: Option<String>,
    /// Whether the records are any bytes, of a log that isn't Saima's.
    pub(super) tree_only: bool,
}

/// Checks the log, and tells what was checked.
pub(super) async fn verify(question: Question<'_>) -> Result<(), Failure> {
    if question.keys.is_empty() {
        return Err("name the log's public key with --key".into());
    }
    let fetcher = Fetcher::new(question.url, question.token)?;
    let open = signed(&fetcher, question.keys).await?;
    let Checkpoint { size, root, .. } = open.checkpoint;
    let bar = progress(size)?;
    let checked = follow(&fetcher, size, question.tree_only, &bar).await;
    bar.finish_and_clear();
    let Checked { root: reached, books } = checked?;
    if reached != root {
        let signed = hex::encode(root);
        return Err(
            format!("the records lead to the root {}, signed is {signed}", hex::encode(reached)).into()
        );
    }
    tell(&open, books.map(Books::close).transpose()?.as_ref());
    question.policy.map_or(Ok(()), |policy| tell_standing(&policy.judge(open)))
}

/// The newest checkpoint, signed by the log of its own name.
async fn signed(fetcher: &Fetcher, keys: &[VerifierKey]) -> Result<OpenCheckpoint, Failure> {
    let note =
        fetcher.get("checkpoint", LONGEST_NOTE).await?.ok_or("there is no checkpoint at this address")?;
    let open = Checkpoint::open(&note, keys).map_err(|error| format!("checkpoint: {error}"))?;
    if open.is_signed_by_its_origin() {
        Ok(open)
    } else {
        Err(format!(
            "checkpoint: the key that signed does not carry the log's name, {}",
            open.checkpoint.origin
        )
        .into())
    }
}

fn progress(size: u64) -> Result<ProgressBar, Failure> {
    let style = ProgressStyle::with_template("{bar:40} {human_pos}/{human_len} records {per_sec} {eta}")?;
    Ok(ProgressBar::new(size).with_style(style))
}

/// What following the whole log came to.
struct Checked {
    root: Hash,
    /// Nothing where only the tree was asked for.
    books: Option<Books>,
}

async fn follow(
    fetcher: &Fetcher,
    size: u64,
    tree_only: bool,
    bar: &ProgressBar,
) -> Result<Checked, Failure> {
    let mut follower = Follower::new(size);
    let mut books = (!tree_only).then(Books::default);
    let fetch = |path| tokio::spawn(read(fetcher.clone(), path, tree_only));
    let mut under_way = stream::iter(files(size)).map(fetch).buffered(IN_FLIGHT);
    // Records are posted once their hashes have been compared: of two faults the deeper one is told.
    let mut waiting = Vec::new();
    while let Some(file) = under_way.next().await {
        match file?? {
            File::Bundle(bundle) => {
                follower.take_entries(bundle.leaves);
                bar.inc(u64::from(bundle.path.width));
                waiting = bundle.records;
            }
            File::Tile(path, hashes) => {
                follower.take_tile(path, &hashes)?;
                if let Some(books) = &mut books {
                    books.post(std::mem::take(&mut waiting))?;
                }
            }
        }
    }
    let root = if size == 0 { ledger::tree::empty_root() } else { follower.root()? };
    Ok(Checked { root, books })
}

/// A file, read and hashed on whichever core was free.
enum File {
    Bundle(Bundle),
    Tile(TilePath, Vec<u8>),
}

struct Bundle {
    path: TilePath,
    leaves: Vec<(usize, Hash)>,
    records: Vec<Record>,
}

async fn read(fetcher: Fetcher, path: TilePath, tree_only: bool) -> Result<File, Failure> {
    let bytes = fetcher.tile(path).await?;
    match path.kind {
        TileKind::Hashes(_) => Ok(File::Tile(path, bytes)),
        TileKind::Entries => {
            let bundle = tokio::task::spawn_blocking(move || Bundle::read(path, &bytes, tree_only));
            Ok(File::Bundle(bundle.await??))
        }
    }
}

impl Bundle {
    fn read(path: TilePath, bytes: &[u8], tree_only: bool) -> Result<Self, Failure> {
        let entries = entries(path, bytes).map_err(|fault: FollowFault| fault.to_string())?;
        let leaves = entries.iter().map(|entry| (entry.offset, entry.hash)).collect();
        let mut records = Vec::new();
        if !tree_only {
            records.reserve(entries.len());
            for (place, entry) in (path.index * ledger::tile::TILE_WIDTH..).zip(&entries) {
                records.push(decode(path, place, entry)?);
            }
        }
        Ok(Self { path, leaves, records })
    }
}

fn decode(path: TilePath, place: u64, entry: &Entry<'_>) -> Result<Record, Failure> {
    Record::decode(entry.record).map_err(|error| {
        let hint =
            if place == 0 { " (of a log that isn't Saima's, --tree-only checks the tree)" } else { "" };
        format!("record {place} (byte {} of {path}) is not a record: {error}{hint}", entry.offset).into()
    })
}

/// The books so far.
struct Books {
    replay: Replay,
    identities: Identities,
    postings: u64,
}

impl Default for Books {
    fn default() -> Self {
        Self { replay: Replay::lean(), identities: Identities::default(), postings: 0 }
    }
}

impl Books {
    fn post(&mut self, records: Vec<Record>) -> Result<(), Failure> {
        for record in records {
            let place = self.replay.applied();
            self.replay.apply(&record).map_err(|fault| format!("record {place}: {}", fault.fault))?;
            self.identities.add(place, &record)?;
            self.postings += record.postings.len() as u64;
        }
        Ok(())
    }

    /// What can be said only at the end: that no two records share an id, and what was reversed.
    fn close(self) -> Result<Totals, Failure> {
        self.identities.check()?;
        if let Some((asset, sum)) = self.replay.sums().into_iter().find(|(_, sum)| *sum != 0) {
            return Err(format!("the balances of asset {asset} sum to {sum}, not to zero").into());
        }
        let supply = self.replay.supply().into_iter().map(|(asset, sum)| (asset.to_string(), sum)).collect();
        Ok(Totals { postings: self.postings, accounts: self.replay.accounts().len(), supply })
    }
}

/// What the replay came to.
struct Totals {
    postings: u64,
    accounts: usize,
    supply: Vec<(String, i128)>,
}

fn tell(open: &OpenCheckpoint, totals: Option<&Totals>) {
    let Checkpoint { origin, size, root, .. } = &open.checkpoint;
    say(format_args!("verified: {origin}"));
    say(format_args!("  records      {size}"));
    say(format_args!("  root         {}", hex::encode(root)));
    for by in &open.verified {
        say(format_args!("  signed by    {} ({})", by.name, hex::encode(by.key_id)));
    }
    let Some(Totals { postings, accounts, supply }) = totals else {
        return say("  books        NOT looked at, as asked: the tree alone was checked");
    };
    say(format_args!("  postings     {postings}"));
    say(format_args!("  accounts     {accounts}"));
    for (asset, sum) in supply {
        say(format_args!("  supply       {sum} minor units of asset {asset}"));
    }
}
