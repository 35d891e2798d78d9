//! The pages, a file for each noun: handlers, the structs that templates show, and samples of them.
//!
//! Promises: a handler reads its input, calls the market once or twice, and fills one struct. Must never:
//! decide anything.

pub mod preferences;
