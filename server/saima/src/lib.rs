//! The program: the only crate that sees everything.
//!
//! Promises: the binary and the tests start the same thing, [`app::App`]; every route is on one screen,
//! [`routes`]. Must never: decide what the market decides, or word what the pages word.

pub mod app;
pub mod backup;
pub mod commands;
pub mod config;
mod cosigning;
pub mod graphql;
pub mod guard;
pub mod health;
mod home;
pub mod identify;
pub mod jobs;
pub mod keys;
pub mod log;
pub mod log_keys;
pub mod outward;
pub mod post;
mod proxy;
mod remember;
pub mod routes;
pub mod telemetry;
pub mod tokens;
mod waiting;
pub mod witness;

pub use app::{App, Running};
pub use config::{Config, Layer};
