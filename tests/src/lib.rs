//! The harness: a market of one's own on either database, and the whole program with askers that carry
//! the verbs.
//!
//! Promises: every test has a database of its own, a clock that stands still and ids that count; whatever
//! a test needs is played through commands, never through SQL, but for rows by the thousand; the PostgreSQL half of a test fails where
//! there is no PostgreSQL, it is never skipped. Must never: build the program in another way than the
//! program does.
#![allow(
    clippy::unwrap_used,
    clippy::missing_panics_doc,
    reason = "a harness says that something is wrong by panicking"
)]

mod app;
mod asker;
mod database;
mod growth;
mod long_log;
pub mod markup;
mod merkle;
mod postbox;
mod race;
mod receiver;
mod stage;
mod world;

pub use app::TestApp;
pub use asker::{Answer, HttpAsker};
pub use database::{Db, Fresh, Tables};
pub use merkle::root_of;
pub use postbox::{Letter, Postbox};
pub use race::{Race, Start};
pub use receiver::{Call, Receiver};
pub use stage::{Stage, play};
pub use world::{PASSWORD, World, problem_codes};

/// Makes each story two tests, `…::on_sqlite` and `…::on_postgres`.
///
/// ```ignore
/// both! {
///     /// Why it must be so.
///     async fn a_sentence(world: &World) { … }
/// }
/// ```
#[macro_export]
macro_rules! both {
    ($($(#[$doc:meta])* async fn $name:ident($stage:ident: &$type:ty) $body:block)*) => {$(
        $(#[$doc])*
        async fn $name($stage: &$type) $body

        mod $name {
            #[test]
            fn on_sqlite() {
                $crate::play($crate::Db::Sqlite, super::$name);
            }

            #[test]
            fn on_postgres() {
                $crate::play($crate::Db::Postgres, super::$name);
            }
        }
    )*};
}
