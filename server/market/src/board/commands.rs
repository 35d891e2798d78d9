//! Uploading the answer key, sealing it when the race opens, keeping what a version scored, choosing what
//! counts.

use ledger::RecordKind;
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use super::measure::{check_quota, look_at};
use super::tables::{self, answer_key, version_score};
use super::{MOST_CHOSEN, MetricRules, SealedKey, rules};
use crate::actor::Actor;
use crate::books::{self, label};
use crate::error::{Code, Refusal, Result};
use crate::ids::{EntryId, FileId, SubmissionId, TaskId};
use crate::market::Market;
use crate::policy::{Act, EntryFacts, Permit, RaceFacts, permit};
use crate::race;
use crate::store::{Command, Scope};
use crate::task::{self, Judging, Rules, Task, TaskState, check_running};

/// A day, in seconds.
const DAY: i64 = 86_400;

/// The answer key of a draft, as its poster sends it.
#[derive(Debug, Clone)]
pub struct KeyUpload {
    /// The draft.
    pub task: TaskId,
    /// `id,label` or `id,label,split`: comma-separated values in UTF-8, at most as large as a file of a
    /// submission may be.
    pub bytes: Vec<u8>,
}

/// Writes down a key that is in the file store already; made by [`Market::upload_answer_key`].
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct UploadAnswerKey {
    task: TaskId,
    sha256: [u8; 32],
    salt: [u8; 32],
    size: usize,
    rows: usize,
    public_rows: usize,
    measured: MetricRules,
}

impl Market {
    /// Takes the answer key of a draft, in the place of an earlier one. It is read through at once; which rows
    /// are public is drawn by chance that nobody sees.
    ///
    /// # Errors
    /// What is wrong with the table, with its line and column; [`Refusal::NotFound`] for who did not write the
    /// draft.
    pub async fn upload_answer_key(&self, asker: &Actor, upload: KeyUpload) -> Result<()> {
        if matches!(asker, Actor::Visitor) {
            return Err(Refusal::Unauthenticated);
        }
        let db = self.store().reads();
        let task = task::tables::load(db, upload.task).await?;
        permit(asker, Act::UploadAnswerKey, &task::facts(db, &task, self.now()).await?)?;
        let measured = measured_draft(&task, task.state(self.now()))?.clone();
        let most = self.settings().max_file;
        if upload.bytes.is_empty() {
            return Err(Refusal::on("content", Code::FileEmpty));
        }
        if upload.bytes.len() > most {
            return Err(Refusal::on("content", Code::FileTooLarge { max: most }));
        }
        let salt = self.store().ids().salt();
        let read = look_at(&measured, upload.bytes.clone(), salt).await?;
        let (rows, public_rows) = read.map_err(|fault| Refusal::on("content", rules::told(fault)))?;
        let sha256 = self.files().keep(&upload.bytes, &self.store().ids().handle(16)).await?;
        let size = upload.bytes.len();
        let command = UploadAnswerKey { task: task.id, sha256, salt, size, rows, public_rows, measured };
        self.run(asker, command).await
    }
}

impl Command for UploadAnswerKey {
    type Output = ();
    const ACT: Act = Act::UploadAnswerKey;

    async fn run(&self, asker: &Actor, scope: &Scope<'_>) -> Result<()> {
        let task = task::tables::lock(scope.txn, self.task).await?;
        let leave = permit(asker, Self::ACT, &task::facts(scope.txn, &task, scope.now).await?)?;
        measured_draft(&task, task.state(scope.now))?;
        let row = answer_key::Model {
            task_id: task.id.0,
            sha256: self.sha256.to_vec(),
            size: i64::try_from(self.size).map_err(Refusal::fault)?,
            row_count: i64::try_from(self.rows).map_err(Refusal::fault)?,
            public_rows: i64::try_from(self.public_rows).map_err(Refusal::fault)?,
            salt: self.salt.to_vec(),
            metric: self.measured.metric.as_str().to_owned(),
            positive: self.measured.positive.clone().unwrap_or_default(),
            public_share: i64::from(self.measured.public_share),
            uploaded_at: scope.now.0,
        };
        tables::put_key(scope.txn, &leave, row).await
    }
}

fn measured_draft(task: &Task, state: TaskState) -> Result<&MetricRules> {
    match &task.rules.judging {
        _ if state != TaskState::Draft => Err(Refusal::because(Code::NotDraft)),
        Judging::Metric(measured) => Ok(measured),
        _ => Err(Refusal::because(Code::NotMeasured)),
    }
}

/// The rules as they freeze: where the server measures, with the digest of its key, which is deposited first.
///
/// # Errors
/// [`Code::KeyNeeded`] without a key, or where it was read for other rules.
pub(crate) async fn seal(scope: &Scope<'_>, leave: &Permit<RaceFacts>, task: &Task) -> Result<Rules> {
    let Judging::Metric(measured) = &task.rules.judging else { return Ok(task.rules.clone()) };
    let row = tables::key_of(scope.txn, task.id).await?.filter(|row| row.fits(measured));
    let row = row.ok_or(Refusal::because(Code::KeyNeeded))?;
    let said = json!({
        "answer_key_sha256": hex::encode(&row.sha256), "split_salt": hex::encode(&row.salt),
        "rows": row.row_count, "public_rows": row.public_rows,
    });
    let said = said.to_string().into_bytes();
    let posted =
        books::deposit(scope, leave, task.id.0, RecordKind::Evidence, label::ANSWER_KEY, said).await?;
    let digest = posted.commitments.first().ok_or_else(|| Refusal::fault("a deposit without a digest"))?;
    let narrow = |number: i64| u32::try_from(number).map_err(Refusal::fault);
    let key = SealedKey {
        digest: hex::encode(digest),
        rows: narrow(row.row_count)?,
        public_rows: narrow(row.public_rows)?,
    };
    let judging = Judging::Metric(MetricRules { key: Some(key), ..measured.clone() });
    Ok(Rules { judging, ..task.rules.clone() })
}

/// Keeps what a version scored, and moves the board where that is a clear gain.
pub(crate) async fn keep(
    scope: &Scope<'_>,
    leave: &Permit<EntryFacts>,
    task: &Task,
    (entry, submission, version, file): (EntryId, SubmissionId, u64, FileId),
    figure: &str,
) -> Result<()> {
    let Judging::Metric(measured) = &task.rules.judging else { return Ok(()) };
    // Counted again under the lock: others of the crew may have handed in meanwhile.
    let since = scope.now.plus_seconds(-DAY);
    check_quota(measured, tables::measured_since(scope.txn, entry, since).await?)?;
    let earlier = tables::scores_by(scope.txn, entry.0).await?;
    let moved = rules::moves(measured, &earlier, tables::figure(figure)?)?;
    let row = version_score::Model {
        submission_id: submission.0,
        task_id: task.id.0,
        entry_id: entry.0,
        version: i64::try_from(version).map_err(Refusal::fault)?,
        at: scope.now.0,
        file_id: file.0,
        public: figure.to_owned(),
        private: None,
        moved: i64::from(moved),
        chosen: 0,
    };
    tables::insert(scope.txn, leave, row).await
}

/// Chooses which versions of an entry count, at most two, until the clock stops; none = the best on the public
/// part.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ChooseVersions {
    /// The entry.
    pub entry: EntryId,
    /// The versions.
    pub submissions: Vec<SubmissionId>,
}

impl Command for ChooseVersions {
    type Output = ();
    const ACT: Act = Act::ChooseVersions;

    async fn run(&self, asker: &Actor, scope: &Scope<'_>) -> Result<()> {
        let (task, entry, facts) = race::locked(scope, asker, self.entry).await?;
        let leave = permit(asker, Self::ACT, &facts)?;
        check_running(task.state(scope.now))?;
        if !matches!(task.rules.judging, Judging::Metric(_)) {
            return Err(Refusal::because(Code::NotMeasured));
        }
        if self.submissions.len() > MOST_CHOSEN {
            return Err(Refusal::on("submissions", Code::TooManyItems { max: MOST_CHOSEN }));
        }
        let known = tables::scores_by(scope.txn, entry.id).await?;
        let chosen: Vec<Uuid> = self.submissions.iter().map(|id| id.0).collect();
        if chosen.iter().any(|id| !known.iter().any(|row| row.submission_id == *id)) {
            return Err(Refusal::on("submissions", Code::BadChoice));
        }
        tables::choose(scope.txn, &leave, self.entry, &chosen).await
    }
}
