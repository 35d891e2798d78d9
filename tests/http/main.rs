//! The whole program over HTTP: pages, GraphQL, the log, and everything that must be refused.
//!
//! Promises: nothing that a client can send is answered with a fault of ours; what the asker may not see
//! is answered byte for byte like what does not exist.
#![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

mod amendments;
mod anchors;
mod bad_input;
mod boards;
mod crews;
mod crowd;
mod doors;
mod events;
mod evidence;
mod foreign;
mod headers;
mod hidden;
mod insight;
mod journey;
mod languages;
mod limits;
mod live;
mod log;
mod notices;
mod pages;
mod panels;
mod parts;
mod plans;
mod proofs;
mod questions;
mod race;
mod relay;
mod safety;
mod search;
mod share;
mod signing;
mod splits;
mod statements;
mod templates;
mod tiles;
mod undo;
mod votes;
mod webhooks;
mod weight;
mod wire;
