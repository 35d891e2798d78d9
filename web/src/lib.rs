//! Pages over the market: what people see of Saima in a browser.
//!
//! Promises: every journey works without JavaScript; every word comes from the catalogues; every link
//! comes from [`urls`]; whatever a person typed reaches the page escaped. Must never: name a role, touch
//! a table, register a route (the program lists them all on one screen), or tell the time by itself.

pub mod assets;
mod canvas;
mod cldr;
pub mod conditional;
pub mod errors;
pub mod format;
pub mod forms;
pub mod headers;
pub mod i18n;
pub mod live;
pub mod mail;
pub mod markdown;
pub mod pages;
pub mod plot;
pub mod respond;
pub mod undo;
pub mod urls;
pub mod visit;
pub mod zone;

#[cfg(test)]
mod catalogue_test;
#[cfg(test)]
mod style_test;
