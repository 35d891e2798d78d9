//! The pages, a file for each noun: handlers, the structs that templates show, and samples of them.
//!
//! Promises: a handler reads its input, asks the market, and fills one struct; what a page does not offer
//! it did not decide, for it asked. Must never: decide anything.

pub mod account;
pub mod act;
pub mod admin;
pub mod anchors;
pub mod appeal;
pub mod appeal_again;
pub mod board;
pub mod crew_acts;
pub mod door;
pub mod enter;
pub mod entry;
mod entry_change;
mod entry_rules;
pub mod erasure;
pub mod events;
pub mod evidence;
pub mod feed;
pub mod feedback;
pub mod file;
pub mod front;
pub mod invite;
pub mod keys;
pub mod kit;
pub mod ledger;
pub mod live;
pub mod names;
pub mod notices;
pub mod outcomes;
pub mod panel;
mod panel_input;
pub mod panel_sheet;
pub mod parts;
pub mod path;
pub mod people;
pub mod picture;
pub mod plot;
pub mod preferences;
pub mod programmes;
pub mod questions;
pub mod record;
pub mod record_bytes;
pub mod replay;
pub mod returned;
pub mod rides;
pub mod rule;
pub mod rules;
pub mod search;
pub mod signing;
pub mod site;
pub mod stage_rule;
pub mod style;
pub mod submit;
pub mod task;
pub mod task_acts;
pub mod task_form;
mod task_input;
mod task_metric;
pub mod task_parts;
mod task_silence;
pub mod task_stages;
mod task_vote;
pub mod tasks;
pub mod templates;
pub mod track;
pub mod treasury;
pub mod units;
pub mod vote;
pub mod wallet;
pub mod webhooks;
pub mod work;

#[cfg(test)]
mod render_test;
