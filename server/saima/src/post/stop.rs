//! Links that end somebody's mails without signing in.
//!
//! Promises: a token is made by the installation's own key for one person, and does that alone. Must never:
//! run out, because old mails must be answerable; the worst that it can do is to end mails.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::{Signature, Signer as _, SigningKey};
use market::PersonId;
use uuid::Uuid;
use web::pages::notices::Unsubscribers;

/// What is signed begins so, so that no other signature of the key can be taken for one of these.
const CONTEXT: &str = "saima-unsubscribe/v1";
/// The id and the signature over it.
const LENGTH: usize = 16 + 64;

/// Makes and checks the tokens: the person's id and an Ed25519 signature over it, in base64.
pub struct Stops {
    origin: String,
    key: SigningKey,
}

impl Stops {
    /// Those of the installation that goes by this name.
    pub fn new(origin: &str, key: SigningKey) -> Self {
        Self { origin: origin.to_owned(), key }
    }

    /// The token for a person's mails.
    pub fn token(&self, person: PersonId) -> String {
        let mut token = person.0.into_bytes().to_vec();
        token.extend(self.key.sign(&self.message(person)).to_bytes());
        URL_SAFE_NO_PAD.encode(token)
    }

    fn message(&self, person: PersonId) -> Vec<u8> {
        format!("{CONTEXT}\n{}\n{person}\n", self.origin).into_bytes()
    }
}

impl Unsubscribers for Stops {
    fn person(&self, token: &str) -> Option<PersonId> {
        let bytes = (token.len() <= LENGTH * 2).then(|| URL_SAFE_NO_PAD.decode(token).ok()).flatten()?;
        let (id, signature) = bytes.split_at_checked(16)?;
        let person = PersonId(Uuid::from_slice(id).ok()?);
        let signature = Signature::from_slice(signature).ok()?;
        self.key.verify(&self.message(person), &signature).ok().map(|()| person)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail loudly")]
    use super::*;

    #[test]
    fn a_token_leads_back_to_its_person_and_any_other_to_nobody() {
        let stops = Stops::new("dawn.example/saima", SigningKey::from_bytes(&[5; 32]));
        let person = PersonId(Uuid::from_u128(7));
        let token = stops.token(person);
        assert_eq!(stops.person(&token), Some(person));
        let other = Stops::new("dusk.example/saima", SigningKey::from_bytes(&[5; 32]));
        assert_eq!(other.person(&token), None, "another installation's");
        let mut bytes = URL_SAFE_NO_PAD.decode(&token).unwrap();
        bytes[3] ^= 1;
        for forged in ["", "x", &token[1..], &URL_SAFE_NO_PAD.encode(bytes), &"A".repeat(100_000)] {
            assert_eq!(stops.person(forged), None, "{}", forged.len());
        }
    }
}
