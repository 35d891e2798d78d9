//! The shape that all payloads share: the changed objects, null when refused, and `userErrors`.

/// Declares payloads: each with its fields, made nullable, and `userErrors`.
macro_rules! payloads {
    ($($(#[doc = $doc:literal])* $name:ident { $($(#[doc = $field_doc:literal])* $field:ident: $type:ty,)+ })*) => {$(
        $(#[doc = $doc])*
        #[derive(async_graphql::SimpleObject)]
        pub(crate) struct $name {
            $($(#[doc = $field_doc])* $field: Option<$type>,)+
            /// What the asker can mend; empty when all went well.
            user_errors: Vec<$crate::refusal::UserError>,
        }

        impl $crate::refusal::Payload for $name {
            type Done = ($($type,)+);

            fn done(($($field,)+): Self::Done) -> Self {
                Self { $($field: Some($field),)+ user_errors: Vec::new() }
            }

            fn refused(user_errors: Vec<$crate::refusal::UserError>) -> Self {
                Self { $($field: None,)+ user_errors }
            }
        }
    )*};
}
pub(crate) use payloads;
