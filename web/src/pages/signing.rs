//! What pages and the reader's own keys have to do with each other: the note on a form that it will be
//! signed, the bytes that are handed out to be signed, and the signature that comes back.
//!
//! Promises: a form works the same without a key or a script; what came unsigned is never shown as signed.
//! Must never: sign.

use actix_web::HttpResponse;
use actix_web::http::{StatusCode, header};
use market::signing::IntentView;
use market::{Act, Market, Refusal, SignedIntent};

use crate::errors::{Answer, Failure};
use crate::forms::Form;
use crate::visit::Visit;

/// The field by which a script asks for the bytes instead of the deed: the key in hexadecimal.
const PREPARE: &str = "prepare";
/// The fields that carry what was signed, in hexadecimal.
const BYTES: &str = "signed.bytes";
const SIGNATURE: &str = "signed.signature";

/// What a script must know to sign a form.
#[derive(Debug, Clone, Default)]
pub struct SignNote {
    /// What the form does, by its name in the API.
    pub act: &'static str,
    /// Who the reader is.
    pub person: String,
    /// The ledger that it is signed for.
    pub origin: String,
    /// The reader's keys that hold, separated by spaces.
    pub keys: String,
}

impl SignNote {
    /// The note for a form that does `act`.
    ///
    /// # Errors
    /// To the door, for visitors; faults.
    pub async fn new(v: &Visit, market: &Market, act: Act) -> Result<Self, Failure> {
        let me = v.actor.id().ok_or(Refusal::Unauthenticated)?;
        let keys = market.keys(&v.actor, me).await?.into_iter().filter(|key| key.revoked_at.is_none());
        Ok(Self {
            act: act.as_str(),
            person: me.to_string(),
            origin: market.settings().origin.clone(),
            keys: keys.map(|key| key.id.to_string()).collect::<Vec<_>>().join(" "),
        })
    }
}

/// The key that the bytes are wanted for, if a script asks for them.
///
/// # Errors
/// [`Failure::Malformed`] for what is no key.
pub fn wanted(form: &Form) -> Result<Option<[u8; 32]>, Failure> {
    form.given(PREPARE).map(public_key).transpose()
}

/// A public key in hexadecimal.
///
/// # Errors
/// [`Failure::Malformed`] for what is none.
pub fn public_key(text: &str) -> Result<[u8; 32], Failure> {
    let mut key = [0; 32];
    hex::decode_to_slice(text, &mut key).map_err(|_| Failure::Malformed)?;
    Ok(key)
}

/// The bytes to be signed, in hexadecimal; 422 when the form has to be mended first.
///
/// # Errors
/// Refusals that are not about the input.
pub fn proposal(proposed: market::Result<IntentView>) -> Answer {
    let (status, text) = match proposed {
        Ok(intent) => (StatusCode::OK, hex::encode(intent.bytes)),
        Err(Refusal::Invalid(_)) => (StatusCode::UNPROCESSABLE_ENTITY, String::new()),
        Err(refusal) => return Err(refusal.into()),
    };
    Ok(HttpResponse::build(status)
        .insert_header((header::CONTENT_TYPE, "text/plain; charset=utf-8"))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .body(text))
}

/// Takes what was signed out of the form, so that it doesn't come back with it.
///
/// # Errors
/// [`Failure::Malformed`] for what is not hexadecimal.
pub fn signed(form: &mut Form) -> Result<Option<SignedIntent>, Failure> {
    let read = |name| form.given(name).map(hex::decode).transpose().map_err(|_| Failure::Malformed);
    let found = (read(BYTES)?, read(SIGNATURE)?);
    form.forget(BYTES);
    form.forget(SIGNATURE);
    match found {
        (Some(bytes), Some(signature)) => Ok(Some(SignedIntent { bytes, signature })),
        (None, None) => Ok(None),
        _ => Err(Failure::Malformed),
    }
}

#[cfg(test)]
pub(crate) fn sample() -> SignNote {
    SignNote {
        act: "transferTokens",
        person: "00000000-0000-0000-0000-000000000001".to_owned(),
        origin: "harbour.example/ledger".to_owned(),
        keys: "0011223344556677".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_signed_by_both_fields_or_by_none() {
        let mut both = Form::of([(BYTES, "a0"), (SIGNATURE, "ff"), ("to", "ben")]);
        let expected = SignedIntent { bytes: vec![0xa0], signature: vec![0xff] };
        assert_eq!(signed(&mut both).ok(), Some(Some(expected)));
        assert_eq!(both.pairs().collect::<Vec<_>>(), [("to", "ben")], "nothing comes back with the form");
        assert_eq!(signed(&mut Form::default()).ok(), Some(None));
        for half in [
            [(BYTES, "a0"), ("to", "ben")],
            [(SIGNATURE, "a0"), ("to", "ben")],
            [(BYTES, "x"), (SIGNATURE, "a0")],
        ] {
            assert!(signed(&mut Form::of(half)).is_err());
        }
    }
}
