//! What the ledger's parts cost, beside plain SHA-256 of the same bytes.
//!
//!     cargo bench -p ledger
#![allow(clippy::unwrap_used, missing_docs, reason = "a benchmark fails loudly; its macros make functions")]

use std::hint::black_box;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use ed25519_dalek::SigningKey;
use ledger::{
    AccountId, Amount, AssetNo, Checkpoint, Frontier, Hash, Links, NoteSigner, Posting, Record, RecordId,
    RecordKind, Side, leaf_hash, tile,
};
use sha2::{Digest, Sha256};

/// A transfer, as the market posts it.
fn transfer() -> Record {
    let posting = |account: u8, side| Posting {
        account: AccountId::from_bytes([account; 16]),
        asset: AssetNo(1),
        side,
        amount: Amount::new(1_250).unwrap(),
        seq: 4_711,
        debits: 1_000_000,
        credits: 2_000_000,
    };
    Record {
        version: ledger::record::VERSION,
        kind: RecordKind::Transfer,
        id: RecordId::from_bytes([1; 16]),
        posted_at: 1_795_000_000_000_000,
        postings: vec![posting(2, Side::Debit), posting(3, Side::Credit)],
        intent: None,
        commitments: vec![[4; 32]],
        nonce: [5; 16],
        links: Links::default(),
    }
}

fn records(bench: &mut Criterion) {
    let record = transfer();
    let bytes = record.encode().unwrap();
    let mut group = bench.benchmark_group("record");
    group.throughput(Throughput::Bytes(bytes.len() as u64));
    group.bench_function("encode", |at| at.iter(|| black_box(&record).encode().unwrap()));
    group.bench_function("decode", |at| at.iter(|| Record::decode(black_box(&bytes)).unwrap()));
    group.bench_function("leaf hash", |at| at.iter(|| leaf_hash(black_box(&bytes))));
    group.bench_function("SHA-256 of the same bytes", |at| at.iter(|| Sha256::digest(black_box(&bytes))));
    group.finish();
}

fn trees(bench: &mut Criterion) {
    let leaves: Vec<Hash> = (0..4_096_u32).map(|number| leaf_hash(&number.to_be_bytes())).collect();
    let mut group = bench.benchmark_group("tree of 4,096 leaves");
    group.throughput(Throughput::Elements(leaves.len() as u64));
    group.bench_function("frontier", |at| {
        at.iter_batched_ref(
            Frontier::default,
            |frontier| leaves.iter().for_each(|leaf| frontier.append(*leaf)),
            BatchSize::SmallInput,
        );
    });
    let none = std::collections::BTreeMap::new();
    group.bench_function("tiles", |at| at.iter(|| tile::append(0, &none, black_box(&leaves)).unwrap()));
    group.bench_function("SHA-256 of as many nodes", |at| {
        at.iter(|| {
            for leaf in &leaves {
                black_box(Sha256::digest([*leaf, *leaf].concat()));
            }
        });
    });
    group.finish();
}

fn signatures(bench: &mut Criterion) {
    let signer = NoteSigner::new("bench.example/log", SigningKey::from_bytes(&[7; 32])).unwrap();
    let checkpoint = Checkpoint::new("bench.example/log", 1_000_000, [9; 32]);
    let note = checkpoint.sign(&signer).unwrap().to_string();
    let keys = [signer.verifier_key().clone()];
    let mut group = bench.benchmark_group("checkpoint");
    group.bench_function("sign", |at| at.iter(|| black_box(&checkpoint).sign(&signer).unwrap()));
    group.bench_function("verify", |at| {
        at.iter(|| Checkpoint::open(black_box(note.as_bytes()), &keys).unwrap());
    });
    group.finish();
}

criterion_group!(benches, records, trees, signatures);
criterion_main!(benches);
