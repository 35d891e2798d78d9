//! Fuzzes `record`; what must hold stands in `src/lib.rs`.
#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| ledger_fuzz::record(data));
