//! How the asker wants to read Saima, on every machine of theirs.

use async_graphql::{Context, Enum, InputObject, MaybeUndefined, Object, SimpleObject};
use market::Result;
use market::person::{Preferences as View, SetPreferences};

use crate::notice::Language;
use crate::payload::payloads;
use crate::refusal::answer;
use crate::request::Ask;

/// Colours that somebody chose.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "market::person::Theme")]
pub(crate) enum Theme {
    /// Dark on light.
    Light,
    /// Light on dark.
    Dark,
}

/// How somebody wants to read Saima; null is as their browser asks.
#[derive(SimpleObject)]
pub(crate) struct Preferences {
    /// In which language.
    language: Option<Language>,
    /// In which time zone: a name of the IANA database, such as `Asia/Shanghai`.
    time_zone: Option<String>,
    /// In which colours.
    theme: Option<Theme>,
}

impl From<View> for Preferences {
    fn from(view: View) -> Self {
        Self {
            language: view.language.map(Into::into),
            time_zone: view.time_zone,
            theme: view.theme.map(Into::into),
        }
    }
}

/// What to choose: what is left out stays, null is as the browser asks.
#[derive(InputObject)]
pub(crate) struct SetPreferencesInput {
    /// In which language. Mails follow, until `updateMailing` chooses another for them.
    language: MaybeUndefined<Language>,
    /// In which time zone: a name of the IANA database, such as `Asia/Shanghai`.
    time_zone: MaybeUndefined<String>,
    /// In which colours.
    theme: MaybeUndefined<Theme>,
}

payloads! {
    /// What came of `setPreferences`.
    SetPreferencesPayload {
        /// What holds now.
        preferences: Preferences,
    }
}

/// What can be done about preferences.
#[derive(Default)]
pub(crate) struct PreferencesMutation;

#[Object]
impl PreferencesMutation {
    /// Chooses how the asker reads Saima.
    async fn set_preferences(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to choose.")] input: SetPreferencesInput,
    ) -> Result<Option<SetPreferencesPayload>> {
        answer(async {
            let mut chosen = ctx.signed_in()?.preferences.clone();
            input.language.map_value(Into::into).update_to(&mut chosen.language);
            input.time_zone.update_to(&mut chosen.time_zone);
            input.theme.map_value(Into::into).update_to(&mut chosen.theme);
            Ok((ctx.market().run(ctx.actor(), SetPreferences(chosen)).await?.into(),))
        })
        .await
    }
}
