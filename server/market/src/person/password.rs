//! Passwords: argon2id (RFC 9106) with the parameters that the `argon2` crate recommends, kept as PHC
//! strings.
//!
//! Promises: hashing never holds up other requests, and no crowd of sign-ins can eat the memory;
//! verifying takes as long for nobody as for somebody. Must never: run inside a transaction.

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use tokio::sync::Semaphore;

use super::rules;
use crate::error::{Refusal, Result};

/// Each hash takes 19 MiB and a core: so many at once, the others wait.
static TURNS: Semaphore = Semaphore::const_new(4);

/// Stands in where nobody signs in with an address: the same work, and no password leads to it.
const NOBODY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5IGxpdmVzIGhlcmU$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// Hashes a password with `salt`.
pub(super) async fn hash(password: &str, salt: [u8; 16]) -> Result<String> {
    let password = password.to_owned();
    let hash = move || -> argon2::password_hash::Result<String> {
        let hash: PasswordHash = Argon2::default().hash_password_with_salt(password.as_bytes(), &salt)?;
        Ok(hash.to_string())
    };
    aside(hash).await?.map_err(Refusal::fault)
}

/// Whether `password` leads to `stored`; never when there is nothing stored, but just as slowly.
pub(super) async fn matches(password: &str, stored: Option<&str>) -> Result<bool> {
    // What is too long to be a password is not worth the work, but must cost the same.
    let eligible = stored.is_some() && rules::fits(password);
    let password = if rules::fits(password) { password.to_owned() } else { String::new() };
    let stored = stored.unwrap_or(NOBODY).to_owned();
    let verify = move || -> argon2::password_hash::Result<bool> {
        let hash = PasswordHash::new(&stored)?;
        Ok(Argon2::default().verify_password(password.as_bytes(), &hash).is_ok())
    };
    let right = aside(verify).await?.map_err(Refusal::fault)?;
    Ok(right && eligible)
}

/// Runs `work` on a thread of its own when its turn comes. The turn ends with the work, also when
/// nobody waits for it any more.
async fn aside<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
    let turn = TURNS.acquire().await.map_err(Refusal::fault)?;
    let work = move || {
        let _turn = turn;
        work()
    };
    tokio::task::spawn_blocking(work).await.map_err(Refusal::fault)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_leads_to_its_hash_and_another_does_not() {
        let stored = hash("correct horse", [7; 16]).await.unwrap();
        assert!(stored.starts_with("$argon2id$v=19$"));
        assert!(matches("correct horse", Some(&stored)).await.unwrap());
        assert!(!matches("wrong horse!", Some(&stored)).await.unwrap());
        assert!(!matches("", Some(&stored)).await.unwrap());
        assert!(!matches(&"x".repeat(5_000), Some(&stored)).await.unwrap());
    }

    #[tokio::test]
    async fn nobody_costs_what_somebody_costs_and_has_no_password() {
        let somebody = hash("correct horse", [7; 16]).await.unwrap();
        let cost = |phc: &str| phc.split('$').take(4).map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(cost(&somebody), cost(NOBODY));
        assert_eq!(
            somebody.split('$').next_back().map(str::len),
            NOBODY.split('$').next_back().map(str::len)
        );
        assert!(!matches("correct horse", None).await.unwrap());
    }

    #[tokio::test]
    async fn a_stored_text_that_is_no_hash_is_our_fault() {
        assert!(matches!(matches("correct horse", Some("plain")).await, Err(Refusal::Fault(_))));
    }
}
