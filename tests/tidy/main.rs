//! The house rules as tests: they read files and run nothing.
//!
//! Promises: every rule is a plain function from text to faults, is held against the whole tree, and is
//! shown to fail on a small bad example; a fault names its file and says what to do.
//! Must never: keep a list of exceptions that grows.

mod arrows;
mod calls;
mod code;
mod pages;
mod shape;
mod tree;
mod words;

/// Fails with every fault on a line of its own.
#[track_caller]
fn none(faults: &[String]) {
    assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
}

/// Fails unless the bad example was found out, and for the reason meant.
#[track_caller]
fn found(faults: &[String], word: &str) {
    assert!(faults.iter().any(|fault| fault.contains(word)), "a rule that can't fail is no rule: {faults:?}");
}
