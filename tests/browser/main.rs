//! Journeys in a real browser: headless Chromium, driven by its own driver.
//!
//! Promises: every session has a profile of its own, which goes with it; browser and driver end with the
//! test, also when it fails; pictures of every page are left in the folder `screenshots` of the target folder.
#![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

mod before;
mod chromium;
mod gallery;
mod journey;
mod journeys;
mod keys;
mod kind;
mod live;
mod looks;
mod receipts;
mod stage;
