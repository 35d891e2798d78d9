//! What the ledger promises, as sentences. One program, so that it is linked once.
#![allow(
    clippy::unwrap_used,
    clippy::cast_possible_truncation,
    reason = "a test that panics is a test that fails, and its numbers are small"
)]

mod amounts;
mod books;
mod common;
mod following;
mod intents;
mod notes;
mod parsers;
mod policies;
mod real_world;
mod receipts;
mod records;
mod replaying;
mod statements;
mod trees;
mod vectors;
mod witnesses;
