//! Things that several tests need: keys from the vectors, a small set of books, a log in memory.

use ed25519_dalek::SigningKey;
use ledger::{
    AccountId, AccountState, Amount, AssetNo, Checkpoint, Cosigner, Hash, Links, Move, NoteSigner, Record,
    RecordId, RecordKind, Side, VerifierKey, leaf_hash, tile, tree,
};
use std::collections::{BTreeMap, HashMap};

pub(crate) const ORIGIN: &str = "saima.example/ledger/test";
pub(crate) const ASSET: AssetNo = AssetNo(1);

pub(crate) fn account(byte: u8) -> AccountId {
    AccountId([byte; 16])
}

pub(crate) fn amount(minor: u64) -> Amount {
    Amount::new(minor).unwrap()
}

pub(crate) fn movement(from_or_to: u8, side: Side, minor: u64) -> Move {
    Move { account: account(from_or_to), asset: ASSET, side, amount: amount(minor) }
}

pub(crate) fn log_signer() -> NoteSigner {
    NoteSigner::new(ORIGIN, SigningKey::from_bytes(&[7; 32])).unwrap()
}

pub(crate) fn witness() -> Cosigner {
    Cosigner::new("witness.example/w1", SigningKey::from_bytes(&[8; 32])).unwrap()
}

pub(crate) fn keys() -> Vec<VerifierKey> {
    vec![log_signer().verifier_key().clone(), witness().verifier_key().clone()]
}

/// A record without postings.
pub(crate) fn deposit(id: u8) -> Record {
    Record {
        version: 1,
        kind: RecordKind::Evidence,
        id: RecordId([id; 16]),
        posted_at: 1_767_225_600_000_000,
        postings: Vec::new(),
        intent: None,
        commitments: vec![[id; 32]],
        nonce: [id; 16],
        links: Links::default(),
    }
}

/// Books kept the way a server keeps them: account 0 is the mint.
#[derive(Debug, Default)]
pub(crate) struct Books {
    states: HashMap<AccountId, AccountState>,
    pub(crate) records: Vec<Record>,
}

impl Books {
    pub(crate) const MINT: u8 = 0;

    pub(crate) fn balance(&self, of: u8) -> i128 {
        self.states.get(&account(of)).map_or(0, AccountState::balance)
    }

    /// Posts one movement from an account to another; its place in the books is its id.
    pub(crate) fn post(&mut self, kind: RecordKind, from: u8, to: u8, minor: u64) -> Record {
        self.post_moves(kind, &[movement(from, Side::Debit, minor), movement(to, Side::Credit, minor)])
    }

    pub(crate) fn reverse(&mut self, earlier: &Record) -> Record {
        let moves: Vec<Move> = earlier.postings.iter().map(|p| p.as_move().opposite()).collect();
        let mut record = self.draft(RecordKind::Reversal, &moves);
        record.links.reversed = Some(earlier.id);
        self.records.push(record.clone());
        record
    }

    pub(crate) fn post_moves(&mut self, kind: RecordKind, moves: &[Move]) -> Record {
        let record = self.draft(kind, moves);
        self.records.push(record.clone());
        record
    }

    fn draft(&mut self, kind: RecordKind, moves: &[Move]) -> Record {
        let mut postings = Vec::new();
        for wanted in moves {
            let may_go_below_zero = wanted.account == account(Self::MINT);
            let fresh = AccountState { may_go_below_zero, ..AccountState::default() };
            postings.push(self.states.entry(wanted.account).or_insert(fresh).apply(wanted).unwrap());
        }
        let place = self.records.len();
        let mut id = [0; 16];
        id[..8].copy_from_slice(&(place as u64).to_be_bytes());
        let posted_at = 1_767_225_600_000_000 + place as u64;
        Record { kind, id: RecordId(id), posted_at, postings, commitments: Vec::new(), ..deposit(0) }
    }
}

/// A log in memory, grown through tiles only.
#[derive(Debug, Default)]
pub(crate) struct Log {
    pub(crate) size: u64,
    pub(crate) root: Option<Hash>,
    pub(crate) tiles: BTreeMap<(u8, u64), Vec<u8>>,
}

impl Log {
    /// Appends leaf hashes; the append sees nothing but the tiles that it says it needs.
    pub(crate) fn append(&mut self, leaves: &[Hash]) {
        let needed = only(&self.tiles, &tile::tiles_needed_for_append(self.size));
        let appended = tile::append(self.size, &needed, leaves).unwrap();
        self.size = appended.new_size;
        self.root = Some(appended.root);
        self.tiles.extend(appended.tiles.into_iter().map(|(level, index, bytes)| ((level, index), bytes)));
    }

    pub(crate) fn root(&self) -> Hash {
        self.root.unwrap_or_else(tree::empty_root)
    }

    /// A signed and witnessed checkpoint.
    pub(crate) fn checkpoint(&self) -> String {
        let checkpoint = Checkpoint::new(ORIGIN, self.size, self.root());
        let mut note = checkpoint.sign(&log_signer()).unwrap();
        note.signatures.push(witness().cosign(&checkpoint, 1_767_225_600));
        note.to_string()
    }

    pub(crate) fn of(records: &[Vec<u8>]) -> Self {
        let mut log = Self::default();
        log.append(&records.iter().map(|record| leaf_hash(record)).collect::<Vec<_>>());
        log
    }
}

/// The named tiles and no others.
pub(crate) fn only(
    tiles: &BTreeMap<(u8, u64), Vec<u8>>,
    names: &[(u8, u64)],
) -> BTreeMap<(u8, u64), Vec<u8>> {
    names.iter().map(|name| (*name, tiles[name].clone())).collect()
}
