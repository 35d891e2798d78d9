//! Taking mail out of the outbox, and writing down what came of it; for the clockwork alone.
//!
//! Promises: whoever claims a notice has it for [`LEASE`], and no other server gets it meanwhile; what was
//! claimed and not recorded (the server died) falls due again under the same id. A mail that was sent just
//! before such a death is sent twice, with the same Message-ID. Must never: wait for a mail server.

use sea_orm::sea_query::{Expr, LockBehavior, LockType};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::tables::{mailing, notice};
use super::{Language, NoticeView};
use crate::actor::Actor;
use crate::clock::Moment;
use crate::error::Result;
use crate::ids::{NoticeId, PersonId};
use crate::market::Market;
use crate::person::preferences;
use crate::person::tables::person;
use crate::policy::{Act, House, permit};
use crate::store::{Command, Scope};

/// Seconds that a claim holds; sending must give up sooner.
pub const LEASE: i64 = 120;
/// Mails in one claim.
const ROUND: u64 = 20;
/// Most notices in one digest; the rest comes in a second one.
const DIGEST: u64 = 500;
/// Seconds that notices are kept after they were sent or given up.
const KEPT: i64 = 30 * 86_400;

/// Seconds after each failure until the next try: about three days in all, as Standard Webhooks suggests.
const PAUSES: [i64; 9] = [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400];

/// How many seconds to wait after so many failures (from 1 on); nothing when it was the last try.
pub fn retry_after(failures: i64) -> Option<i64> {
    usize::try_from(failures - 1).ok().and_then(|at| PAUSES.get(at)).copied()
}

/// One mail to send: one notice, or all of somebody's day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mail {
    /// To whom.
    pub person: PersonId,
    /// To which address.
    pub email: String,
    /// In which language.
    pub language: Language,
    /// In which time zone, if they chose one: a name of the IANA database.
    pub time_zone: Option<String>,
    /// Whether it is a day's digest.
    pub digest: bool,
    /// What to tell, oldest first; at least one.
    pub notices: Vec<NoticeView>,
}

impl Market {
    /// The same market, which writes notices: the installation can send mail. Holds for every handle of it.
    #[must_use]
    pub fn mailing_notices(self) -> Self {
        self.store().tell(true);
        self
    }

    /// Whether any mail is due.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn has_mail(&self) -> Result<bool> {
        let due = notice::Entity::find().filter(notice::Column::DueAt.lte(self.now().0)).limit(1);
        Ok(due.count(self.store().reads()).await? > 0)
    }
}

/// Claims what is due.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ClaimMail;

impl Command for ClaimMail {
    type Output = Vec<Mail>;
    const ACT: Act = Act::KeepTime;

    async fn run(&self, asker: &Actor, scope: &Scope<'_>) -> Result<Vec<Mail>> {
        permit(asker, Self::ACT, &House)?;
        let due = || {
            notice::Entity::find()
                .filter(notice::Column::DueAt.lte(scope.now.0))
                .order_by_asc(notice::Column::At)
                .order_by_asc(notice::Column::Id)
                .lock_with_behavior(LockType::NoKeyUpdate, LockBehavior::SkipLocked)
        };
        let mut rows = due().filter(notice::Column::Digest.eq(false)).limit(ROUND).all(scope.txn).await?;
        if let Some(next) = due().filter(notice::Column::Digest.eq(true)).one(scope.txn).await? {
            let theirs = due().filter(notice::Column::Digest.eq(true));
            let theirs = theirs.filter(notice::Column::PersonId.eq(next.person_id)).limit(DIGEST);
            rows.extend(theirs.all(scope.txn).await?);
        }
        let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
        notice::Entity::update_many()
            .col_expr(notice::Column::DueAt, Expr::value(scope.now.plus_seconds(LEASE).0))
            .filter(notice::Column::Id.is_in(ids))
            .exec(scope.txn)
            .await?;
        mails(scope, rows).await
    }
}

/// Puts what was claimed into mails.
async fn mails(scope: &Scope<'_>, rows: Vec<notice::Model>) -> Result<Vec<Mail>> {
    let people: Vec<Uuid> = rows.iter().map(|row| row.person_id).collect();
    let known =
        person::Entity::find().filter(person::Column::Id.is_in(people.clone())).all(scope.txn).await?;
    let wishes =
        mailing::Entity::find().filter(mailing::Column::PersonId.is_in(people)).all(scope.txn).await?;
    let mut mails: Vec<Mail> = Vec::new();
    for row in rows {
        let notice = NoticeView {
            id: NoticeId(row.id),
            kind: row.kind.parse()?,
            facts: serde_json::from_str(&row.facts)?,
            at: Moment(row.at),
        };
        match mails.last_mut() {
            Some(last) if row.digest && last.digest => last.notices.push(notice),
            _ => {
                let Some(reader) = known.iter().find(|one| one.id == row.person_id) else { continue };
                let wish = wishes.iter().find(|wish| wish.person_id == row.person_id);
                mails.push(Mail {
                    person: PersonId(row.person_id),
                    email: reader.email.clone(),
                    language: super::mailing::read(wish, preferences(reader)?.language)?.language,
                    time_zone: reader.time_zone.clone(),
                    digest: row.digest,
                    notices: vec![notice],
                });
            }
        }
    }
    Ok(mails)
}

/// What came of a mail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Outcome {
    /// The mail server took it.
    Sent,
    /// It did not, and may later; why.
    Later(String),
    /// It never will; why.
    Never(String),
}

/// Writes down what came of a mail.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RecordMail {
    /// The notices in it.
    pub notices: Vec<NoticeId>,
    /// What came of it.
    pub outcome: Outcome,
}

impl Command for RecordMail {
    type Output = ();
    const ACT: Act = Act::KeepTime;

    async fn run(&self, asker: &Actor, scope: &Scope<'_>) -> Result<()> {
        permit(asker, Self::ACT, &House)?;
        let ids: Vec<Uuid> = self.notices.iter().map(|id| id.0).collect();
        let waiting = notice::Entity::find()
            .filter(notice::Column::Id.is_in(ids))
            .filter(notice::Column::DueAt.is_not_null())
            .lock(LockType::NoKeyUpdate);
        for row in waiting.all(scope.txn).await? {
            let tries = row.tries + 1;
            let (sent, due, trouble) = match &self.outcome {
                Outcome::Sent => (Some(scope.now.0), None, None),
                Outcome::Later(why) => {
                    (None, retry_after(tries).map(|pause| scope.now.plus_seconds(pause).0), Some(why.clone()))
                }
                Outcome::Never(why) => (None, None, Some(why.clone())),
            };
            notice::Entity::update_many()
                .col_expr(notice::Column::Tries, Expr::value(tries))
                .col_expr(notice::Column::SentAt, Expr::value(sent))
                .col_expr(notice::Column::DueAt, Expr::value(due))
                .col_expr(notice::Column::Trouble, Expr::value(trouble))
                .filter(notice::Column::Id.eq(row.id))
                .exec(scope.txn)
                .await?;
        }
        Ok(())
    }
}

/// Deletes what was sent or given up a month ago.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SweepNotices;

impl Command for SweepNotices {
    type Output = u64;
    const ACT: Act = Act::KeepTime;

    async fn run(&self, asker: &Actor, scope: &Scope<'_>) -> Result<u64> {
        permit(asker, Self::ACT, &House)?;
        let old = notice::Entity::delete_many()
            .filter(notice::Column::DueAt.is_null())
            .filter(notice::Column::At.lt(scope.now.plus_seconds(-KEPT).0));
        Ok(old.exec(scope.txn).await?.rows_affected)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tries_go_on_for_about_three_days_and_then_end() {
        let pauses: Vec<i64> = (1..).map_while(retry_after).collect();
        assert!(pauses.windows(2).all(|two| two[0] < two[1]), "ever longer");
        assert_eq!((pauses[0], pauses.len()), (5, 9));
        let days = pauses.iter().sum::<i64>() / 86_400;
        assert_eq!((days, retry_after(0), retry_after(10)), (3, None, None));
    }
}
