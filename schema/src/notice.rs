//! How the asker wants their notices.

use async_graphql::{Context, Enum, InputObject, Object, SimpleObject};
use market::Result;
use market::notice::{Mailing as View, UpdateMailing};

use crate::payload::payloads;
use crate::refusal::answer;
use crate::request::{Ask, open};

/// When somebody wants their mail.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "market::notice::MailMode")]
pub(crate) enum MailMode {
    /// Each notice at once.
    AtOnce,
    /// All of a day together, at 8 o'clock UTC.
    Daily,
    /// No mail at all.
    Never,
}

/// A language of pages and mails.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "market::notice::Language")]
pub(crate) enum Language {
    /// English.
    En,
    /// Simplified Chinese.
    ZhCn,
}

/// How the asker wants their notices by mail.
#[derive(SimpleObject)]
pub(crate) struct Mailing {
    /// When.
    mode: MailMode,
    /// In which language.
    language: Language,
}

impl From<View> for Mailing {
    fn from(view: View) -> Self {
        Self { mode: view.mode.into(), language: view.language.into() }
    }
}

/// The question about notices.
#[derive(Default)]
pub(crate) struct NoticeQuery;

#[Object]
impl NoticeQuery {
    /// How the asker wants their notices by mail; null for visitors.
    async fn mailing(&self, ctx: &Context<'_>) -> Result<Option<Mailing>> {
        Ok(open(ctx.market().mailing(ctx.actor()).await)?.map(Mailing::from))
    }
}

/// How the asker wants their notices; what is left out stays as it is.
#[derive(InputObject)]
pub(crate) struct UpdateMailingInput {
    /// When; a change holds for what waits already.
    mode: Option<MailMode>,
    /// In which language.
    language: Option<Language>,
}

payloads! {
    /// What came of `updateMailing`.
    UpdateMailingPayload {
        /// What holds now.
        mailing: Mailing,
    }
}

/// What can be done about notices.
#[derive(Default)]
pub(crate) struct NoticeMutation;

#[Object]
impl NoticeMutation {
    /// Chooses how the asker gets their notices by mail.
    async fn update_mailing(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "When, and in which language.")] input: UpdateMailingInput,
    ) -> Result<Option<UpdateMailingPayload>> {
        answer(async {
            ctx.signed_in()?;
            let UpdateMailingInput { mode, language } = input;
            let command = UpdateMailing { mode: mode.map(Into::into), language: language.map(Into::into) };
            Ok((ctx.market().run(ctx.actor(), command).await?.into(),))
        })
        .await
    }
}
