//! Access tokens: short-lived, signed, for programs that ask in a person's name.
//!
//! Promises: EdDSA (RFC 8037) and nothing else, made and checked by the market's clock, good for fifteen
//! minutes, for this installation only. Must never: take an algorithm from the token, or outlive a
//! person: who a token names is looked up at every request.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::SigningKey;
use ed25519_dalek::pkcs8::spki::der::pem::LineEnding;
use ed25519_dalek::pkcs8::{EncodePrivateKey as _, KeypairBytes};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use market::{Moment, PersonId, Refusal};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// How long an access token is good for, in seconds.
pub const LIFETIME: i64 = 15 * 60;

/// Makes and checks access tokens.
pub struct Tokens {
    making: EncodingKey,
    checking: DecodingKey,
    kid: String,
    public: String,
    issuer: String,
}

/// What a token says (RFC 7519 §4.1).
#[derive(Debug, Serialize, Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    sub: String,
    iat: i64,
    exp: i64,
    jti: String,
}

impl Tokens {
    /// Tokens of the installation `issuer`, signed with `key`.
    ///
    /// # Errors
    /// When the key can't be used; never for a key of [`crate::keys`].
    pub fn new(issuer: &str, key: &SigningKey) -> Result<Self, jsonwebtoken::errors::Error> {
        let unusable = || jsonwebtoken::errors::ErrorKind::InvalidEddsaKey;
        let pair = KeypairBytes { secret_key: key.to_bytes(), public_key: None };
        let pem = pair.to_pkcs8_pem(LineEnding::LF).map_err(|_| unusable())?;
        let public = URL_SAFE_NO_PAD.encode(key.verifying_key().as_bytes());
        Ok(Self {
            making: EncodingKey::from_ed_pem(pem.as_bytes())?,
            checking: DecodingKey::from_ed_components(&public)?,
            kid: thumbprint(&public),
            public,
            issuer: issuer.to_owned(),
        })
    }

    /// A token for `person`, and when it ends. `jti` names the token.
    ///
    /// # Errors
    /// A fault when it can't be signed.
    pub fn make(&self, person: PersonId, now: Moment, jti: String) -> market::Result<(String, Moment)> {
        let ends = now.plus_seconds(LIFETIME);
        let claims = Claims {
            iss: self.issuer.clone(),
            aud: self.issuer.clone(),
            sub: person.to_string(),
            iat: seconds(now),
            exp: seconds(ends),
            jti,
        };
        let header = Header { kid: Some(self.kid.clone()), ..Header::new(Algorithm::EdDSA) };
        let token = jsonwebtoken::encode(&header, &claims, &self.making).map_err(Refusal::fault)?;
        Ok((token, Moment(seconds(ends) * 1_000_000)))
    }

    /// Whom a token names; `None` when it is not ours, not for us, or not good at `now`.
    pub fn check(&self, token: &str, now: Moment) -> Option<PersonId> {
        let mut rules = Validation::new(Algorithm::EdDSA);
        rules.set_issuer(&[&self.issuer]);
        rules.set_audience(&[&self.issuer]);
        rules.set_required_spec_claims(&["iss", "aud", "sub", "exp"]);
        // The crate would ask the system's clock; the market has its own.
        rules.validate_exp = false;
        let read = jsonwebtoken::decode::<Claims>(token, &self.checking, &rules).ok()?;
        let Claims { sub, iat, exp, .. } = read.claims;
        let good = read.header.kid.as_deref() == Some(&self.kid) && (iat..exp).contains(&seconds(now));
        good.then(|| sub.parse().ok()).flatten()
    }

    /// The public key as a JWK set (RFC 7517 §5).
    pub fn jwks(&self) -> Value {
        json!({ "keys": [{
            "kty": "OKP", "crv": "Ed25519", "x": self.public, "kid": self.kid, "use": "sig", "alg": "EdDSA",
        }] })
    }
}

fn seconds(at: Moment) -> i64 {
    at.0.div_euclid(1_000_000)
}

/// RFC 7638, RFC 8037 appendix A.3.
fn thumbprint(public: &str) -> String {
    let members = format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{public}"}}"#);
    URL_SAFE_NO_PAD.encode(Sha256::digest(members))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail loudly")]
    use uuid::Uuid;

    use super::*;

    const NOW: Moment = Moment(1_795_248_000_000_000);
    const ADA: PersonId = PersonId(Uuid::from_u128(7));

    fn tokens(issuer: &str, seed: u8) -> Tokens {
        Tokens::new(issuer, &SigningKey::from_bytes(&[seed; 32])).unwrap()
    }

    fn made(tokens: &Tokens) -> String {
        tokens.make(ADA, NOW, "1".to_owned()).unwrap().0
    }

    #[test]
    fn a_token_names_its_person_until_it_ends() {
        let ours = tokens("example.org/log", 1);
        let (token, ends) = ours.make(ADA, NOW, "1".to_owned()).unwrap();
        assert_eq!(ends.seconds_since(NOW), 900);
        assert_eq!(ours.check(&token, NOW), Some(ADA));
        assert_eq!(ours.check(&token, NOW.plus_seconds(899)), Some(ADA));
        assert_eq!(ours.check(&token, ends), None);
        assert_eq!(ours.check(&token, NOW.plus_seconds(-1)), None, "not before it was made");
    }

    #[test]
    fn another_key_another_house_and_a_changed_token_are_refused() {
        let ours = tokens("example.org/log", 1);
        assert_eq!(ours.check(&made(&tokens("example.org/log", 2)), NOW), None);
        assert_eq!(ours.check(&made(&tokens("other.example/log", 1)), NOW), None);
        let token = made(&ours);
        for at in 0..token.len() {
            let mut bytes = token.clone().into_bytes();
            bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(bytes).unwrap();
            // The last letter of the signature has bits that nothing reads; strict base64 refuses those.
            assert_eq!(ours.check(&changed, NOW), None, "changed at {at}");
        }
    }

    #[test]
    fn a_token_without_a_signature_or_with_another_algorithm_is_refused() {
        let ours = tokens("example.org/log", 1);
        let token = made(&ours);
        let mut parts = token.split('.');
        let (_, claims, _) = (parts.next().unwrap(), parts.next().unwrap(), parts.next().unwrap());
        let none = URL_SAFE_NO_PAD.encode(format!(r#"{{"alg":"none","typ":"JWT","kid":"{}"}}"#, ours.kid));
        assert_eq!(ours.check(&format!("{none}.{claims}."), NOW), None);
        let read: Claims = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).unwrap()).unwrap();
        let header = Header { kid: Some(ours.kid.clone()), ..Header::new(Algorithm::HS256) };
        let secret = EncodingKey::from_secret(ours.public.as_bytes());
        let forged = jsonwebtoken::encode(&header, &read, &secret).unwrap();
        assert_eq!(ours.check(&forged, NOW), None);
        assert_eq!(ours.check("", NOW), None);
    }

    #[test]
    fn the_key_set_tells_the_public_half_only() {
        // RFC 8037 appendix A: the key, its public half and its thumbprint.
        let seed = URL_SAFE_NO_PAD.decode("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A").unwrap();
        let key = SigningKey::from_bytes(&seed.try_into().unwrap());
        let jwks = Tokens::new("example.org/log", &key).unwrap().jwks();
        assert_eq!(jwks["keys"][0]["x"], "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo");
        assert_eq!(jwks["keys"][0]["kid"], "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
        assert!(jwks["keys"][0].get("d").is_none());
    }
}
