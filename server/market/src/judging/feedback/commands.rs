//! Asking for feedback, and giving it.

use ledger::RecordKind;
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder};
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use super::tables::{self, feedback, feedback_request};
use crate::actor::Actor;
use crate::books::{self, label};
use crate::error::{Code, Problems, Refusal, Result};
use crate::ids::{EntryId, FeedbackId, SubmissionId};
use crate::notice::{Event, Kind, notify};
use crate::policy::{Act, permit};
use crate::race;
use crate::store::{Command, Scope, must};
use crate::submission::tables::submission;
use crate::task::check_running;
use crate::text;

/// Most texts that one entry can be written.
const MOST: u64 = 200;

/// Opens the newest version of an entry's work to the judges, so that they can write what they think of it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AskFeedback {
    /// The crew's entry.
    pub entry: EntryId,
}

impl Command for AskFeedback {
    type Output = SubmissionId;
    const ACT: Act = Act::AskFeedback;

    async fn run(&self, asker: &Actor, scope: &Scope<'_>) -> Result<SubmissionId> {
        let (task, _, facts) = race::locked(scope, asker, self.entry).await?;
        let leave = permit(asker, Self::ACT, &facts)?;
        check_running(task.state(scope.now))?;
        if !task.rules.feedback {
            return Err(Refusal::because(Code::NoFeedback));
        }
        let newest = submission::Entity::find()
            .filter(submission::Column::EntryId.eq(self.entry.0))
            .order_by_desc(submission::Column::Version)
            .one(scope.txn)
            .await?;
        let newest = newest.ok_or(Refusal::because(Code::EntryNotInRace))?;
        if feedback_request::Entity::find_by_id(newest.id).one(scope.txn).await?.is_some() {
            return Err(Refusal::because(Code::FeedbackAsked));
        }
        let said = json!({ "opened": newest.id }).to_string().into_bytes();
        books::deposit(scope, &leave, task.id.0, RecordKind::Evidence, label::FEEDBACK, said).await?;
        let row = feedback_request::Model {
            submission_id: newest.id,
            entry_id: self.entry.0,
            by_id: leave.by().ok_or(Refusal::Unauthenticated)?.0,
            at: scope.now.0,
        };
        tables::open(scope.txn, &leave, row).await?;
        // Without a name: judges may have to do without whose lane it is.
        let event = Event::of(&leave, Kind::FeedbackAsked).task(task.id).entry(self.entry);
        let event = event.with(|facts| facts.person = None);
        notify(scope, event.to(facts.race.judges)).await?;
        Ok(SubmissionId(newest.id))
    }
}

/// Writes to a crew about a version that they have opened: nobody else reads it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct GiveFeedback {
    /// The version.
    pub submission: SubmissionId,
    /// Markdown, at most 5,000 characters.
    pub body: String,
}

impl Command for GiveFeedback {
    type Output = FeedbackId;
    const ACT: Act = Act::GiveFeedback;

    async fn run(&self, asker: &Actor, scope: &Scope<'_>) -> Result<FeedbackId> {
        if matches!(asker, Actor::Visitor) {
            return Err(Refusal::Unauthenticated);
        }
        let version = must(submission::Entity::find_by_id(self.submission.0).one(scope.txn).await?)?;
        let entry = EntryId(version.entry_id);
        let (task, _, facts) = race::locked(scope, asker, entry).await?;
        let leave = permit(asker, Self::ACT, &facts)?;
        must(feedback_request::Entity::find_by_id(self.submission.0).one(scope.txn).await?)?;
        check_running(task.state(scope.now))?;
        let written = feedback::Entity::find().filter(feedback::Column::EntryId.eq(entry.0));
        if written.count(scope.txn).await? >= MOST {
            return Err(Refusal::because(Code::FeedbackFull));
        }
        let mut problems = Problems::default();
        let body = text::prose(&mut problems, "body", &self.body, 5_000);
        problems.done()?;
        let id = FeedbackId(scope.ids.id(scope.now));
        let said = json!({ "feedback": id, "submission": self.submission, "body": body });
        let said = said.to_string().into_bytes();
        let posted =
            books::deposit(scope, &leave, task.id.0, RecordKind::Evidence, label::FEEDBACK, said).await?;
        let row = feedback::Model {
            id: id.0,
            submission_id: self.submission.0,
            entry_id: entry.0,
            by_id: leave.by().ok_or(Refusal::Unauthenticated)?.0,
            body,
            at: scope.now.0,
            record_id: Uuid::from_bytes(posted.record.to_bytes()),
        };
        tables::insert(scope.txn, &leave, row).await?;
        let event = Event::of(&leave, Kind::FeedbackGiven).task(task.id).entry(entry);
        notify(scope, event.to(facts.crew)).await?;
        Ok(id)
    }
}
