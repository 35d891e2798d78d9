//! Global ids: base64url of `Task:<id>`, so that a client can't mix them up unnoticed and need not care.
//!
//! Promises: one id has one text; a text of another type, or one that we did not make, is no id. Must
//! never: tell whether the thing exists.

use std::fmt::Display;
use std::str::FromStr;

use async_graphql::ID;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use market::{
    AmendmentId, AppealId, DeliveryId, EntryId, ErasureId, FileId, InvitationId, OfferId, PersonId,
    ProgrammeId, QuestionId, RecordId, RulingId, SubmissionId, TaskId, TemplateId, UnitId, WalletOwner,
    WebhookId,
};

/// No id that we make is longer.
const LONGEST: usize = 120;

/// An id with the name of its type.
pub(crate) trait Global: Copy {
    /// The GraphQL type that it names.
    const TYPE: &'static str;
    /// Stands in where a wrong id was noted as a problem; never reaches the market.
    const STAND_IN: Self;

    /// The part after the type's name.
    fn text(self) -> String;
    /// Reads that part back.
    fn read(text: &str) -> Option<Self>;

    /// The opaque text for clients.
    fn global(self) -> ID {
        ID(URL_SAFE_NO_PAD.encode(format!("{}:{}", Self::TYPE, self.text())))
    }

    /// The id behind an opaque text, if it is one of this type.
    fn local(id: &str) -> Option<Self> {
        let (kind, rest) = split(id)?;
        (kind == Self::TYPE).then(|| Self::read(&rest)).flatten()
    }
}

/// The type and the rest of an opaque text.
pub(crate) fn split(id: &str) -> Option<(String, String)> {
    let bytes = (id.len() <= LONGEST).then(|| URL_SAFE_NO_PAD.decode(id).ok()).flatten()?;
    let text = String::from_utf8(bytes).ok()?;
    text.split_once(':').map(|(kind, rest)| (kind.to_owned(), rest.to_owned()))
}

/// Only the text that we would write ourselves: many spellings of one id would be many cache keys.
fn exact<T: FromStr + Display>(text: &str) -> Option<T> {
    T::from_str(text).ok().filter(|id| id.to_string() == text)
}

macro_rules! global {
    ($($name:ident = $type:literal, $stand_in:expr;)*) => {$(
        impl Global for $name {
            const TYPE: &'static str = $type;
            const STAND_IN: Self = $stand_in;

            fn text(self) -> String {
                self.to_string()
            }

            fn read(text: &str) -> Option<Self> {
                exact(text)
            }
        }
    )*};
}

global! {
    PersonId = "Person", Self(uuid::Uuid::nil());
    UnitId = "Unit", Self(uuid::Uuid::nil());
    ProgrammeId = "Programme", Self(uuid::Uuid::nil());
    TaskId = "Task", Self(uuid::Uuid::nil());
    EntryId = "Entry", Self(uuid::Uuid::nil());
    SubmissionId = "Submission", Self(uuid::Uuid::nil());
    FileId = "File", Self(uuid::Uuid::nil());
    TemplateId = "Template", Self(uuid::Uuid::nil());
    OfferId = "PartOffer", Self(uuid::Uuid::nil());
    AmendmentId = "Amendment", Self(uuid::Uuid::nil());
    QuestionId = "Question", Self(uuid::Uuid::nil());
    RulingId = "Ruling", Self(uuid::Uuid::nil());
    // Alone it names nothing outside: appeals go by `AppealKey`.
    AppealId = "AppealOnly", Self(uuid::Uuid::nil());
    ErasureId = "Erasure", Self(uuid::Uuid::nil());
    WebhookId = "Webhook", Self(uuid::Uuid::nil());
    DeliveryId = "WebhookDelivery", Self(uuid::Uuid::nil());
    InvitationId = "Invitation", Self(uuid::Uuid::nil());
    RecordId = "Record", Self([0; 16]);
}

impl Global for WalletOwner {
    const TYPE: &'static str = "Wallet";
    const STAND_IN: Self = Self::Person(PersonId::STAND_IN);

    fn text(self) -> String {
        match self {
            Self::Person(id) => format!("person:{id}"),
            Self::Unit(id) => format!("unit:{id}"),
        }
    }

    fn read(text: &str) -> Option<Self> {
        match text.split_once(':')? {
            ("person", id) => exact(id).map(Self::Person),
            ("unit", id) => exact(id).map(Self::Unit),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]
    use super::*;

    fn uuid() -> uuid::Uuid {
        uuid::Uuid::from_u128(0x0123_4567_89ab_7def_8123_4567_89ab_cdef)
    }

    #[test]
    fn an_id_leads_back_to_what_it_names() {
        let task = TaskId(uuid());
        assert_eq!(TaskId::local(&task.global()), Some(task));
        let record = RecordId([7; 16]);
        assert_eq!(RecordId::local(&record.global()), Some(record));
        for owner in [WalletOwner::Person(PersonId(uuid())), WalletOwner::Unit(UnitId(uuid()))] {
            assert_eq!(WalletOwner::local(&owner.global()), Some(owner));
        }
    }

    #[test]
    fn an_id_of_another_type_is_no_id() {
        assert_eq!(TaskId::local(&PersonId(uuid()).global()), None);
    }

    #[test]
    fn a_text_that_we_did_not_make_is_no_id() {
        let other_spelling = URL_SAFE_NO_PAD.encode(format!("Task:{}", uuid().simple()));
        let upper_case = URL_SAFE_NO_PAD.encode(format!("Task:{}", uuid().to_string().to_uppercase()));
        let padded = format!("{}=", TaskId(uuid()).global().0);
        let endless = "A".repeat(100_000);
        for text in ["", "!", "Task:1", &other_spelling, &upper_case, &padded, &endless] {
            assert_eq!(TaskId::local(text), None, "{text}");
        }
    }
}
