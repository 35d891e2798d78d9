//! The program as a process: its command line, its signals, its files, and what it leaves behind when it is
//! killed.
#![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

mod address;
mod command_line;
mod crash;
mod demo;
mod export;
mod notices;
mod postgres;
mod process;
mod safety;
mod serve;
mod tour;
mod verify;
mod witness;
