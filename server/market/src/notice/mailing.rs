//! How somebody wants their mail.
//!
//! Promises: a change holds for what waits already: it is sent at once, put off to the morning, or dropped.

use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel as _, QueryFilter};
use serde::{Deserialize, Serialize};

use super::tables::{mailing, notice};
use super::{Language, MailMode};
use crate::actor::Actor;
use crate::clock::Moment;
use crate::error::{Refusal, Result};
use crate::market::Market;
use crate::policy::{Act, Belonging, permit};
use crate::store::{Command, Scope};

/// How somebody wants their mail.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mailing {
    /// When.
    pub mode: MailMode,
    /// In which language.
    pub language: Language,
}

/// Changes how the asker wants their mail; what is left out stays.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct UpdateMailing {
    /// When.
    pub mode: Option<MailMode>,
    /// In which language.
    pub language: Option<Language>,
}

impl Market {
    /// How the asker wants their mail.
    ///
    /// # Errors
    /// [`Refusal::Unauthenticated`] for visitors.
    pub async fn mailing(&self, asker: &Actor) -> Result<Mailing> {
        let me = asker.id().ok_or(Refusal::Unauthenticated)?;
        permit(asker, Act::UpdateMailing, &Belonging(me))?;
        known(self.store().reads(), asker).await
    }
}

impl Command for UpdateMailing {
    type Output = Mailing;
    const ACT: Act = Act::UpdateMailing;

    async fn run(&self, asker: &Actor, scope: &Scope<'_>) -> Result<Mailing> {
        let me = asker.id().ok_or(Refusal::Unauthenticated)?;
        permit(asker, Self::ACT, &Belonging(me))?;
        let known = known(scope.txn, asker).await?;
        let new = Mailing {
            mode: self.mode.unwrap_or(known.mode),
            language: self.language.unwrap_or(known.language),
        };
        let row = mailing::Model {
            person_id: me.0,
            mode: new.mode.as_str().to_owned(),
            language: new.language.as_str().to_owned(),
        };
        let replace = OnConflict::column(mailing::Column::PersonId)
            .update_columns([mailing::Column::Mode, mailing::Column::Language])
            .to_owned();
        let insert = mailing::Entity::insert(row.into_active_model()).on_conflict(replace);
        insert.exec_without_returning(scope.txn).await?;
        if new.mode != known.mode {
            put_off(scope, me.0, new.mode).await?;
        }
        Ok(new)
    }
}

/// Does with what waits as was chosen.
async fn put_off(scope: &Scope<'_>, person: uuid::Uuid, mode: MailMode) -> Result<()> {
    let (mine, waits) = (notice::Column::PersonId.eq(person), notice::Column::DueAt.is_not_null());
    let due = match mode {
        MailMode::AtOnce => scope.now,
        MailMode::Daily => next_morning(scope.now),
        MailMode::Never => {
            notice::Entity::delete_many().filter(mine).filter(waits).exec(scope.txn).await?;
            return Ok(());
        }
    };
    notice::Entity::update_many()
        .col_expr(notice::Column::DueAt, Expr::value(due.0))
        .col_expr(notice::Column::Digest, Expr::value(mode == MailMode::Daily))
        .filter(mine)
        .filter(waits)
        .exec(scope.txn)
        .await?;
    Ok(())
}

async fn known(db: &impl ConnectionTrait, asker: &Actor) -> Result<Mailing> {
    let asker = asker.person().ok_or(Refusal::Unauthenticated)?;
    let wish = mailing::Entity::find_by_id(asker.id.0).one(db).await?;
    read(wish.as_ref(), asker.preferences.language)
}

/// What holds: what somebody wishes of their mail, otherwise at once and in the language of their pages.
pub(super) fn read(wish: Option<&mailing::Model>, pages: Option<Language>) -> Result<Mailing> {
    wish.map_or_else(
        || Ok(Mailing { language: pages.unwrap_or_default(), ..Mailing::default() }),
        |wish| Ok(Mailing { mode: wish.mode.parse()?, language: wish.language.parse()? }),
    )
}

/// The next 8 o'clock UTC.
pub(super) fn next_morning(now: Moment) -> Moment {
    const HOUR: i64 = 3_600_000_000;
    let days = now.0.saturating_sub(8 * HOUR).div_euclid(24 * HOUR) + 1;
    Moment(days.saturating_mul(24 * HOUR).saturating_add(8 * HOUR))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail loudly")]
    use super::*;

    #[test]
    fn the_morning_is_always_still_to_come() {
        for (now, morning) in [
            ("2026-11-21T07:59:59Z", "2026-11-21T08:00:00Z"),
            ("2026-11-21T08:00:00Z", "2026-11-22T08:00:00Z"),
            ("2026-12-31T23:00:00Z", "2027-01-01T08:00:00Z"),
        ] {
            assert_eq!(next_morning(Moment::parse_rfc3339(now).unwrap()).rfc3339(), morning);
        }
    }
}
