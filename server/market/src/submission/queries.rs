//! Reading submissions, sealed or not.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use ledger::RecordId;
use sea_orm::sea_query::{Expr, ExprTrait, Query, SelectStatement};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
};
use uuid::Uuid;

use super::tables::{file, submission};
use super::{Content, FileView, SubmissionView};
use crate::actor::Actor;
use crate::clock::Moment;
use crate::error::{Refusal, Result};
use crate::ids::{EntryId, FileId, PersonId, SubmissionId, TaskId};
use crate::judging;
use crate::market::Market;
use crate::memo::{Known, KnownEntry};
use crate::policy::{Act, EntryFacts, may, permit, reads_everything};
use crate::race;
use crate::race::tables::entry;
use crate::store::must;
use crate::task::Task;

/// How many versions an entry has handed in, and when the last one came.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Handed {
    pub(crate) versions: u32,
    pub(crate) last: Moment,
}

impl Market {
    /// The versions of an entry, newest first; without content where it is sealed to the asker.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] when the asker may not see the task.
    pub async fn submissions(&self, asker: &Actor, id: EntryId) -> Result<Vec<SubmissionView>> {
        let db = self.store().reads();
        let KnownEntry { race, facts, .. } = &*self.facts_of(asker, id).await?;
        let task = &race.task;
        let named = !self.hides(asker, task, facts);
        let until = unsealed_until(asker, task, facts, self.now());
        let reader = may(asker, Act::GiveFeedback, facts);
        let opened = match reader || may(asker, Act::SeeFeedback, facts) {
            true => judging::opened(db, id).await?,
            false => HashSet::new(),
        };
        let rows = submission::Entity::find()
            .filter(submission::Column::EntryId.eq(id.0))
            .order_by_desc(submission::Column::Version)
            .all(db)
            .await?;
        let frozen = task.rules.board_frozen_since(task.closes_at, self.now());
        let frozen = frozen.filter(|_| !may(asker, Act::SubmitWork, facts));
        let rows: Vec<_> =
            rows.into_iter().filter(|row| frozen.is_none_or(|since| row.at < since.0)).collect();
        let unsealed = |row: &submission::Model| {
            let open = reader && opened.contains(&SubmissionId(row.id));
            open || until.is_some_and(|until| row.at < until.0)
        };
        let open: Vec<submission::Model> = rows.iter().filter(|row| unsealed(row)).cloned().collect();
        let mut files = files_of(db, &open).await?;
        rows.into_iter()
            .map(|row| {
                let files = files.remove(&row.id).unwrap_or_default();
                let shown = unsealed(&row);
                let mut view = view(row, shown.then_some(files), named)?;
                view.opened = opened.contains(&view.id);
                view.may_comment = reader && view.opened && !facts.race.stopped;
                Ok(view)
            })
            .collect()
    }

    /// The entries of a race that handed in something from the first instant on and before the second, for whoever
    /// judges its stages.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] for everybody else.
    pub async fn handed_within(
        &self,
        asker: &Actor,
        id: TaskId,
        (from, until): (Moment, Moment),
    ) -> Result<HashSet<EntryId>> {
        let Known { facts, .. } = &*self.known(id).await?;
        permit(asker, Act::RuleStage, facts)?;
        let handed = handed_between(self.store().reads(), id, from, until).await?;
        Ok(handed.into_keys().map(EntryId).collect())
    }

    /// One submission by its id; without content where it is sealed to the asker.
    ///
    /// # Errors
    /// As [`Market::submissions`].
    pub async fn submission(&self, asker: &Actor, id: SubmissionId) -> Result<SubmissionView> {
        let db = self.store().reads();
        let row = must(submission::Entity::find_by_id(id.0).one(db).await?)?;
        let all = self.submissions(asker, EntryId(row.entry_id)).await?;
        must(all.into_iter().find(|view| view.id == id))
    }

    /// A file with its bytes, for whoever its submission is not sealed to.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] otherwise.
    pub async fn file(&self, asker: &Actor, id: FileId) -> Result<(FileView, Vec<u8>)> {
        let db = self.store().reads();
        let row = must(file::Entity::find_by_id(id.0).one(db).await?)?;
        let owner = must(submission::Entity::find_by_id(row.submission_id).one(db).await?)?;
        let KnownEntry { race, facts, .. } = &*self.facts_of(asker, EntryId(owner.entry_id)).await?;
        let task = &race.task;
        let opened = judging::opened(db, EntryId(owner.entry_id)).await?;
        let opened = opened.contains(&SubmissionId(owner.id)) && may(asker, Act::GiveFeedback, facts);
        let until = unsealed_until(asker, task, facts, self.now());
        if !opened && until.is_none_or(|until| owner.at >= until.0) {
            return Err(Refusal::NotFound);
        }
        let place = row.place;
        let mut view = file_view(row)?;
        if self.hides(asker, task, facts) {
            view.name = plain_name(&view.name, place);
        }
        let bytes = self.files().read(&view.sha256).await?;
        Ok((view, bytes))
    }

    /// Whether the race hides at this moment from the asker who handed in.
    fn hides(&self, asker: &Actor, task: &Task, facts: &EntryFacts) -> bool {
        let own = asker.id().is_some_and(|person| facts.crew.contains(&person));
        race::hides(task, self.now()) && !own && !reads_everything(asker)
    }

    async fn facts_of(&self, asker: &Actor, id: EntryId) -> Result<Arc<KnownEntry>> {
        let known = self.known_entry(id).await?;
        permit(asker, Act::SeeTask, &known.facts)?;
        Ok(known)
    }
}

/// What was handed in before this instant is open to the asker: everything, what belongs to stages that have ended,
/// or nothing.
fn unsealed_until(asker: &Actor, task: &Task, facts: &EntryFacts, now: Moment) -> Option<Moment> {
    if may(asker, Act::SeeSubmission, facts) {
        return Some(Moment(i64::MAX));
    }
    task.stage_ended_at(now).filter(|_| may(asker, Act::SeeStageWork, facts))
}

/// `file-1.pdf` for whatever the first file is called; an ending is kept if it is plain.
pub(super) fn plain_name(name: &str, place: i64) -> String {
    let ending = name.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase());
    let plain = |ending: &String| {
        (1..=8).contains(&ending.len()) && ending.bytes().all(|byte| byte.is_ascii_alphanumeric())
    };
    let ending = ending.filter(plain).map(|ending| format!(".{ending}")).unwrap_or_default();
    format!("file-{}{ending}", place + 1)
}

/// Files that don't tell whose they are, as far as we can help it.
fn plainly_named(files: Vec<FileView>) -> Vec<FileView> {
    let files = (0_i64..).zip(files);
    files.map(|(at, file)| FileView { name: plain_name(&file.name, at), ..file }).collect()
}

fn view(row: submission::Model, files: Option<Vec<FileView>>, named: bool) -> Result<SubmissionView> {
    let files = files.map(|files| if named { files } else { plainly_named(files) });
    let content = match files {
        None => None,
        Some(files) => Some(Content {
            links: serde_json::from_str(&row.links)?,
            evidence: serde_json::from_str(&row.evidence)?,
            body: row.body,
            files,
        }),
    };
    Ok(SubmissionView {
        id: SubmissionId(row.id),
        entry: EntryId(row.entry_id),
        version: u32::try_from(row.version).map_err(Refusal::fault)?,
        at: Moment(row.at),
        by: named.then_some(PersonId(row.by_id)),
        record: RecordId::from_bytes(*row.record_id.as_bytes()),
        digest: row
            .digest
            .try_into()
            .map_err(|_| Refusal::fault("a digest of a submission is not 32 bytes"))?,
        content,
        opened: false,
        may_comment: false,
    })
}

fn file_view(row: file::Model) -> Result<FileView> {
    Ok(FileView {
        id: FileId(row.id),
        name: row.name,
        media_type: row.media_type,
        size: u64::try_from(row.size).map_err(Refusal::fault)?,
        sha256: row.sha256.try_into().map_err(|_| Refusal::fault("a digest of a file is not 32 bytes"))?,
    })
}

async fn files_of(
    db: &impl ConnectionTrait,
    submissions: &[submission::Model],
) -> Result<HashMap<Uuid, Vec<FileView>>> {
    let ids = submissions.iter().map(|row| row.id);
    let rows = file::Entity::find()
        .filter(file::Column::SubmissionId.is_in(ids))
        .order_by_asc(file::Column::Place)
        .all(db)
        .await?;
    let mut files: HashMap<Uuid, Vec<FileView>> = HashMap::new();
    for row in rows {
        files.entry(row.submission_id).or_default().push(file_view(row)?);
    }
    Ok(files)
}

/// Versions handed in to a race by entries that have not withdrawn.
pub(crate) async fn count_of(db: &impl ConnectionTrait, task: TaskId) -> Result<u64> {
    let rows = submission::Entity::find()
        .filter(submission::Column::TaskId.eq(task.0))
        .filter(submission::Column::EntryId.in_subquery(live_entries(&[task])));
    Ok(rows.count(db).await?)
}

/// For each task: entries that have handed in something and have not withdrawn.
pub(crate) async fn entries_with_submissions(
    db: &impl ConnectionTrait,
    tasks: &[TaskId],
) -> Result<HashMap<TaskId, u32>> {
    let rows = submission::Entity::find()
        .select_only()
        .column(submission::Column::TaskId)
        .column_as(Expr::col(submission::Column::EntryId).count_distinct(), "entries")
        .filter(submission::Column::TaskId.is_in(tasks.iter().map(|task| task.0)))
        .filter(submission::Column::EntryId.in_subquery(live_entries(tasks)))
        .group_by(submission::Column::TaskId)
        .into_tuple::<(Uuid, i64)>()
        .all(db)
        .await?;
    Ok(rows
        .into_iter()
        .map(|(task, entries)| (TaskId(task), u32::try_from(entries).unwrap_or(u32::MAX)))
        .collect())
}

/// For each entry of a race: how much it has handed in.
pub(crate) async fn handed(db: &impl ConnectionTrait, task: TaskId) -> Result<HashMap<Uuid, Handed>> {
    handed_where(db, submission::Column::TaskId.eq(task.0)).await
}

/// For each entry of these races: how much it has handed in.
pub(crate) async fn handed_in(db: &impl ConnectionTrait, tasks: Vec<Uuid>) -> Result<HashMap<Uuid, Handed>> {
    if tasks.is_empty() {
        return Ok(HashMap::new());
    }
    handed_where(db, submission::Column::TaskId.is_in(tasks)).await
}

/// For each of these entries: how much it has handed in.
pub(crate) async fn handed_by(db: &impl ConnectionTrait, entries: &[Uuid]) -> Result<HashMap<Uuid, Handed>> {
    if entries.is_empty() {
        return Ok(HashMap::new());
    }
    handed_where(db, submission::Column::EntryId.is_in(entries.to_vec())).await
}

/// For each entry of a race: how much it handed in from the first instant on and before the second.
pub(crate) async fn handed_between(
    db: &impl ConnectionTrait,
    task: TaskId,
    from: Moment,
    until: Moment,
) -> Result<HashMap<Uuid, Handed>> {
    let here = submission::Column::TaskId.eq(task.0);
    handed_where(db, here.and(submission::Column::At.gte(from.0)).and(submission::Column::At.lt(until.0)))
        .await
}

async fn handed_where(
    db: &impl ConnectionTrait,
    condition: sea_orm::sea_query::SimpleExpr,
) -> Result<HashMap<Uuid, Handed>> {
    let rows = submission::Entity::find()
        .select_only()
        .column(submission::Column::EntryId)
        .column_as(submission::Column::Id.count(), "versions")
        .column_as(submission::Column::At.max(), "last")
        .filter(condition)
        .group_by(submission::Column::EntryId)
        .into_tuple::<(Uuid, i64, i64)>()
        .all(db)
        .await?;
    let handed = |versions: i64, last| Handed {
        versions: u32::try_from(versions).unwrap_or(u32::MAX),
        last: Moment(last),
    };
    Ok(rows.into_iter().map(|(entry, versions, last)| (entry, handed(versions, last))).collect())
}

/// The entries of these races that count; named, for there are many more in all.
fn live_entries(tasks: &[TaskId]) -> SelectStatement {
    Query::select()
        .column(entry::Column::Id)
        .from(entry::Entity)
        .and_where(entry::Column::TaskId.is_in(tasks.iter().map(|task| task.0)))
        .cond_where(race::tables::live())
        .to_owned()
}
