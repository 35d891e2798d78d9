//! The market as its front ends meet it, command by command, on both databases.
//!
//! Promises: after every story the whole installation is verified: every record, proof and balance, and
//! every token issued is somewhere.
#![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

mod amendments;
mod appeals;
mod blind;
mod boards;
mod books;
mod bulk;
mod check_ins;
mod concurrency;
mod costs;
mod crew;
mod crew_changes;
mod disqualified;
mod doors;
mod entering;
mod erasure;
mod events;
mod evidence;
mod feedback;
mod honours;
mod idempotency;
mod insight;
mod life;
mod log_keys;
mod memo;
mod model;
mod money;
mod notices;
mod panels;
mod parts;
mod plans;
mod policy;
mod preferences;
mod prizes;
mod questions;
mod sealed;
mod second_appeals;
mod servers;
mod signing;
mod silence;
mod split;
mod stages;
mod tables;
mod tamper;
mod templates;
mod units;
mod votes;
mod webhooks;
mod witnesses;
mod work;
mod year;
