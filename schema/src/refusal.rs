//! Refusals on their way out: what the asker can mend into `userErrors`, the rest into top-level errors.
//!
//! Promises: every top-level error has `extensions.code`; a fault is logged here, once, and its text
//! stays here. Must never: decide who may know what; the refusal says it already.

use std::pin::Pin;

use async_graphql::{ErrorExtensionValues, ServerError, SimpleObject, Value};
use market::{Code, Problem, Refusal, Result};

/// Something in the input that the asker can mend.
#[derive(SimpleObject, Debug, Clone, PartialEq, Eq)]
pub(crate) struct UserError {
    /// The field of the input that it belongs to, such as `closesAt` or `crew.0.share`; null for the whole.
    pub(crate) field: Option<String>,
    /// What is wrong and what to do, in plain English.
    pub(crate) message: String,
    /// What is wrong, for programs: stable, in capitals, such as `INSUFFICIENT_FUNDS` or `BAD_ID`.
    pub(crate) code: String,
}

impl From<Problem> for UserError {
    fn from(problem: Problem) -> Self {
        Self {
            field: (!problem.field.is_empty()).then(|| camel_case(&problem.field)),
            message: problem.code.to_string(),
            code: code_name(&problem.code),
        }
    }
}

/// The payload of a mutation.
pub(crate) trait Payload: Sized {
    /// What it carries when all went well.
    type Done;
    /// All went well.
    fn done(done: Self::Done) -> Self;
    /// The asker can mend something; nothing was changed.
    fn refused(errors: Vec<UserError>) -> Self;
}

/// The payload of a mutation that ends with `outcome`; null on an error, so that one mutation of a request
/// that is refused does not take the answers of the others along. Boxed at once, because the future of a mutation holds
/// the whole command, and the compiler gives up on futures within futures at a depth.
///
/// # Errors
/// Refusals that the asker can't mend in the input.
pub(crate) fn answer<'a, P: Payload>(
    outcome: impl Future<Output = Result<P::Done>> + Send + 'a,
) -> impl Future<Output = Result<Option<P>>> + Send + 'a
where
    P::Done: 'a,
{
    let outcome: Pin<Box<dyn Future<Output = Result<P::Done>> + Send + 'a>> = Box::pin(outcome);
    async move {
        match outcome.await {
            Ok(done) => Ok(Some(P::done(done))),
            Err(Refusal::Invalid(problems)) => {
                Ok(Some(P::refused(problems.into_iter().map(UserError::from).collect())))
            }
            Err(refusal) => Err(refusal),
        }
    }
}

/// The name of a code in the API: `bad-amount` is `BAD_AMOUNT`.
pub(crate) fn code_name(code: &Code) -> String {
    code.key().replace('-', "_").to_uppercase()
}

/// Gives a top-level error its code. Errors without a refusal behind them are of the request's own making.
pub(crate) fn label(error: &mut ServerError) {
    let mut extensions = error.extensions.take().unwrap_or_default();
    match error.source::<Refusal>() {
        Some(refusal) => extend(&mut extensions, refusal),
        None if extensions.get("code").is_none() => extensions.set("code", "MALFORMED"),
        None => {}
    }
    error.extensions = Some(extensions);
}

fn extend(extensions: &mut ErrorExtensionValues, refusal: &Refusal) {
    let code = match refusal {
        Refusal::Unauthenticated => "UNAUTHENTICATED",
        Refusal::NotFound => "NOT_FOUND",
        Refusal::KeyReused => "IDEMPOTENCY_KEY_REUSED",
        Refusal::TooMany { retry_after } => {
            extensions.set("retryAfter", *retry_after);
            "RATE_LIMITED"
        }
        Refusal::Invalid(problems) => {
            extensions.set("problems", Value::List(problems.iter().map(problem_value).collect()));
            "INVALID"
        }
        Refusal::Fault(why) => {
            tracing::error!(%why, "a GraphQL request failed");
            "INTERNAL"
        }
    };
    extensions.set("code", code);
}

fn problem_value(problem: &Problem) -> Value {
    let error = UserError::from(problem.clone());
    async_graphql::value!({
        "field": error.field,
        "message": error.message,
        "code": error.code,
    })
}

fn camel_case(path: &str) -> String {
    let mut camel = String::with_capacity(path.len());
    let mut raise = false;
    for letter in path.chars() {
        match letter {
            '_' => raise = true,
            _ if raise => {
                camel.extend(letter.to_uppercase());
                raise = false;
            }
            _ => camel.push(letter),
        }
    }
    camel
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]
    use super::*;

    fn labelled(refusal: Refusal) -> serde_json::Value {
        let mut error = async_graphql::Error::new_with_source(refusal).into_server_error(Default::default());
        label(&mut error);
        serde_json::to_value(&error).unwrap()
    }

    #[test]
    fn a_problem_names_its_field_as_the_input_spells_it() {
        let error = UserError::from(Problem { field: "crew.0.unit_share".into(), code: Code::BadId });
        assert_eq!(error.field.as_deref(), Some("crew.0.unitShare"));
        assert_eq!(error.code, "BAD_ID");
        assert_eq!(UserError::from(Problem { field: String::new(), code: Code::Required }).field, None);
    }

    #[test]
    fn each_refusal_has_its_own_code() {
        let cases = [
            (Refusal::Unauthenticated, "UNAUTHENTICATED"),
            (Refusal::NotFound, "NOT_FOUND"),
            (Refusal::KeyReused, "IDEMPOTENCY_KEY_REUSED"),
            (Refusal::TooMany { retry_after: 7 }, "RATE_LIMITED"),
            (Refusal::because(Code::BadId), "INVALID"),
            (Refusal::fault("secret"), "INTERNAL"),
        ];
        for (refusal, code) in cases {
            assert_eq!(labelled(refusal)["extensions"]["code"], code);
        }
    }

    #[test]
    fn who_must_wait_learns_how_long() {
        assert_eq!(labelled(Refusal::TooMany { retry_after: 7 })["extensions"]["retryAfter"], 7);
    }

    #[test]
    fn a_fault_keeps_its_text_to_itself() {
        assert!(!labelled(Refusal::fault("no such table: person")).to_string().contains("person"));
    }

    #[test]
    fn an_error_of_the_request_itself_is_malformed() {
        let mut error = ServerError::new("Unknown field", None);
        label(&mut error);
        assert_eq!(serde_json::to_value(&error).unwrap()["extensions"]["code"], "MALFORMED");
    }
}
