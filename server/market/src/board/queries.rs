//! Reading boards, scores and keys.

use std::collections::HashSet;

use uuid::Uuid;

use super::tables::{self, version_score};
use super::{BoardView, KeyView, MetricRules, VersionScore, rules};
use crate::actor::Actor;
use crate::clock::Moment;
use crate::error::{Refusal, Result};
use crate::ids::{EntryId, SubmissionId, TaskId};
use crate::market::Market;
use crate::memo::{Known, KnownEntry};
use crate::policy::{Act, may, permit};
use crate::race::tables::entry;
use crate::race::{self, EntryState};
use crate::store::must;
use crate::submission;
use crate::task::{Judging, TaskState};

impl Market {
    /// The board of a race that the server measures; nothing for other races and for drafts.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] when the asker may not see the task.
    pub async fn board(&self, asker: &Actor, id: TaskId) -> Result<Option<BoardView>> {
        let (db, now) = (self.store().reads(), self.now());
        let Known { task, facts } = &*self.known(id).await?;
        permit(asker, Act::SeeTask, facts)?;
        let state = task.state(now);
        let Judging::Metric(measured) = &task.rules.judging else { return Ok(None) };
        if state == TaskState::Draft {
            return Ok(None);
        }
        let freezes = measured.freezes_at(task.closes_at);
        let frozen = state == TaskState::Open && measured.freeze_seconds > 0 && now >= freezes;
        let gone = |row: &entry::Model| row.state == EntryState::Withdrawn.as_str();
        let entries = race::tables::entries_of(db, id).await?;
        let returned = submission::returned_in(db, id).await?;
        let unread = |row: &entry::Model| returned.iter().any(|one| one.entry == EntryId(row.id));
        let shown = entries.iter().filter(|row| !gone(row) && !unread(row));
        let shown: HashSet<Uuid> = shown.map(|row| row.id).collect();
        let scores = tables::scores_of(db, id).await?;
        let is_final = matches!(state, TaskState::Provisional | TaskState::Settled);
        let until = if frozen { freezes } else { Moment(i64::MAX) };
        let shown = |entry: Uuid| shown.contains(&entry);
        Ok(Some(BoardView {
            metric: measured.metric,
            frozen_since: frozen.then_some(freezes),
            is_final,
            rows: rules::board(measured, &scores, shown, until, is_final)?,
        }))
    }

    /// What the versions of an entry scored, newest first: for its crew; once the race is ruled, for whoever may
    /// see the work. For everybody else there is nothing.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] when the asker may not see the task.
    pub async fn version_scores(&self, asker: &Actor, id: EntryId) -> Result<Vec<VersionScore>> {
        let db = self.store().reads();
        let KnownEntry { race, facts, .. } = &*self.known_entry(id).await?;
        permit(asker, Act::SeeTask, facts)?;
        let Judging::Metric(measured) = &race.task.rules.judging else { return Ok(Vec::new()) };
        if !may(asker, Act::SeeSubmission, facts) {
            return Ok(Vec::new());
        }
        let rows = tables::scores_by(db, id.0).await?;
        rows.iter().rev().map(|row| view(measured, row)).collect()
    }

    /// What is known of the answer key of a task, for who may see it; nothing where there is none.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] for everybody else.
    pub async fn answer_key(&self, asker: &Actor, id: TaskId) -> Result<Option<KeyView>> {
        let db = self.store().reads();
        let Known { task, facts } = &*self.known(id).await?;
        permit(asker, Act::SeeAnswerKey, facts)?;
        let Some(row) = tables::key_of(db, id).await? else { return Ok(None) };
        let fits = matches!(&task.rules.judging, Judging::Metric(measured) if row.fits(measured));
        let narrow = |number: i64| u32::try_from(number).map_err(Refusal::fault);
        Ok(Some(KeyView {
            sha256: row.digest()?,
            size: u64::try_from(row.size).map_err(Refusal::fault)?,
            rows: narrow(row.row_count)?,
            public_rows: narrow(row.public_rows)?,
            uploaded_at: Moment(row.uploaded_at),
            fits,
        }))
    }

    /// The bytes of the answer key, for who may see it.
    ///
    /// # Errors
    /// As [`Market::answer_key`].
    pub async fn answer_key_file(&self, asker: &Actor, id: TaskId) -> Result<Vec<u8>> {
        let view = must(self.answer_key(asker, id).await?)?;
        self.files().read(&view.sha256).await
    }
}

fn view(measured: &MetricRules, row: &version_score::Model) -> Result<VersionScore> {
    let private = row.private()?.map(|figure| measured.mark(figure).to_string());
    Ok(VersionScore {
        submission: SubmissionId(row.submission_id),
        version: u32::try_from(row.version).map_err(Refusal::fault)?,
        at: Moment(row.at),
        public: measured.mark(row.public()?).to_string(),
        private,
        moved: row.moved == 1,
        chosen: row.chosen == 1,
    })
}
