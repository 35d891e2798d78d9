//! Handing in.

use ledger::RecordKind;
use ledger::intent::Value;
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use super::rules;
use super::tables::{self, file, submission};
use crate::actor::Actor;
use crate::board;
use crate::books::{self, label};
use crate::error::{Code, Refusal, Result};
use crate::ids::{EntryId, FileId, SubmissionId};
use crate::market::Market;
use crate::notice::{Event, Kind, notify};
use crate::policy::{Act, permit};
use crate::race::{self, EntryState};
use crate::signing::{IntentView, Says, Signable, SignedIntent};
use crate::store::{Command, IdempotencyKey, Scope};
use crate::task::{Judging, Task, check_submitting};

/// Most versions that one entry may hand in.
const MOST_VERSIONS: u32 = 200;

/// What a crew hands in.
#[derive(Debug, Clone)]
pub struct SubmitInput {
    /// For which entry.
    pub entry: EntryId,
    /// Markdown, at most 50,000 characters.
    pub body: String,
    /// At most 10.
    pub links: Vec<String>,
    /// At most as many, and as large, as the installation allows.
    pub files: Vec<FileInput>,
    /// For each item of the race's evidence checklist what was brought; nothing where a file was asked for.
    pub evidence: Vec<String>,
}

/// A file with its bytes.
#[derive(Debug, Clone)]
pub struct FileInput {
    /// Its name, without a path.
    pub name: String,
    /// Its media type.
    pub media_type: String,
    /// Its content.
    pub bytes: Vec<u8>,
}

/// Hands in a version whose files are in the file store already; made by [`Market::submit_work`].
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SubmitWork {
    entry: EntryId,
    body: String,
    links: Vec<String>,
    files: Vec<NewFile>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    evidence: Vec<String>,
    /// Where the server measures: which file is the table of predictions, and its figure on the public part.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    scored: Option<(usize, String)>,
}

/// A file that is in the file store.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct NewFile {
    name: String,
    media_type: String,
    size: u64,
    sha256: [u8; 32],
}

/// A file by its digest.
#[derive(Debug, Clone)]
pub struct FileDigest {
    /// Its name, without a path.
    pub name: String,
    /// Its bytes.
    pub size: u64,
    /// Their SHA-256.
    pub sha256: [u8; 32],
}

impl From<FileInput> for FileDigest {
    fn from(file: FileInput) -> Self {
        let size = u64::try_from(file.bytes.len()).unwrap_or(u64::MAX);
        Self { name: file.name, size, sha256: Sha256::digest(&file.bytes).into() }
    }
}

impl Market {
    /// Hands in a version of an entry's work: the files go to the file store, then everything else is
    /// written at once. With a key it happens at most once.
    ///
    /// # Errors
    /// Problems with the input; a deadline that has passed, also while the files were being written.
    pub async fn submit_work(
        &self,
        asker: &Actor,
        key: Option<IdempotencyKey>,
        input: SubmitInput,
    ) -> Result<SubmissionId> {
        let command = self.hand_in(asker, input).await?;
        match key {
            Some(key) => self.run_once(asker, key, command).await,
            None => self.run(asker, command).await,
        }
    }

    /// The same, signed by who hands in.
    ///
    /// # Errors
    /// As [`Market::submit_work`] and [`Market::run_signed`].
    pub async fn submit_signed_work(
        &self,
        asker: &Actor,
        key: IdempotencyKey,
        input: SubmitInput,
        intent: Option<SignedIntent>,
    ) -> Result<SubmissionId> {
        let command = self.hand_in(asker, input).await?;
        self.run_signed(asker, key, command, intent).await
    }

    /// What the asker would decide by handing this in, to be signed. The files are named by their digests, so
    /// that they need not travel twice; what is wrong with them is told when they come.
    ///
    /// # Errors
    /// Problems with the input, as far as they can be told.
    pub async fn submission_intent(
        &self,
        asker: &Actor,
        key: [u8; 32],
        input: SubmitInput,
        files: Vec<FileDigest>,
    ) -> Result<IntentView> {
        let rules = self.task_of(asker, input.entry).await?.rules;
        let settings = self.settings();
        if files.len() > settings.max_files {
            return Err(Refusal::on("files", Code::TooManyItems { max: settings.max_files }));
        }
        let names: Vec<&str> = files.iter().map(|file| file.name.trim()).collect();
        let input = rules::check_text(input, &rules.evidence, &names)?;
        let named = |file: FileDigest| NewFile {
            name: file.name.trim().to_owned(),
            media_type: String::new(),
            size: file.size,
            sha256: file.sha256,
        };
        let files = files.into_iter().map(named).collect();
        let SubmitInput { entry, body, links, evidence, .. } = input;
        let command = SubmitWork { entry, body, links, files, evidence, scored: None };
        self.intent(asker, key, command).await
    }

    /// Puts the files into the file store; the rest is the command's.
    async fn hand_in(&self, asker: &Actor, input: SubmitInput) -> Result<SubmitWork> {
        let task = self.task_of(asker, input.entry).await?;
        let settings = self.settings();
        let input = rules::check(input, &task.rules.evidence, settings.max_file, settings.max_files)?;
        let scored = board::score(self, &task, &input.files).await?;
        let scored = scored.map(|(at, figure)| (at, format!("{figure:?}")));
        let mut files = Vec::with_capacity(input.files.len());
        for file in input.files {
            let sha256 = self.files().keep(&file.bytes, &self.store().ids().handle(16)).await?;
            let size = u64::try_from(file.bytes.len()).map_err(Refusal::fault)?;
            files.push(NewFile { name: file.name, media_type: file.media_type, size, sha256 });
        }
        let SubmitInput { entry, body, links, evidence, .. } = input;
        Ok(SubmitWork { entry, body, links, files, evidence, scored })
    }

    /// The task that it is handed in for. Nobody fills the disk who could not hand in anyway.
    async fn task_of(&self, asker: &Actor, entry: EntryId) -> Result<Task> {
        if matches!(asker, Actor::Visitor) {
            return Err(Refusal::Unauthenticated);
        }
        let db = self.store().reads();
        let row = race::tables::entry::Entity::find_by_id(entry.0).one(db).await?.ok_or(Refusal::NotFound)?;
        let task = crate::task::tables::load(db, crate::ids::TaskId(row.task_id)).await?;
        permit(asker, Act::SubmitWork, &race::facts(db, &task, &row, self.now()).await?)?;
        Ok(task)
    }
}

impl Signable for SubmitWork {
    /// The text by its digest: what was signed may be shown where the work is still sealed.
    async fn says(&self, asker: &Actor, scope: &Scope<'_>) -> Result<Says> {
        let (task, entry, facts) = race::locked(scope, asker, self.entry).await?;
        permit(asker, Act::SubmitWork, &facts)?;
        let file = |file: &NewFile| {
            let (name, size) = (Value::Text(file.name.clone()), Value::Number(file.size));
            Value::List(vec![name, size, Value::Bytes(file.sha256.to_vec())])
        };
        let links = self.links.iter().cloned().map(Value::Text).collect();
        let mut says = vec![
            ("task".to_owned(), Value::Bytes(task.id.0.into_bytes().to_vec())),
            ("entry".to_owned(), Value::Bytes(entry.id.into_bytes().to_vec())),
            ("body sha-256".to_owned(), Value::Bytes(Sha256::digest(&self.body).to_vec())),
            ("links".to_owned(), Value::List(links)),
            ("files".to_owned(), Value::List(self.files.iter().map(file).collect())),
        ];
        if !self.evidence.is_empty() {
            let brought = self.evidence.iter().map(|said| Value::Bytes(Sha256::digest(said).to_vec()));
            says.push(("evidence sha-256".to_owned(), Value::List(brought.collect())));
        }
        Ok(says)
    }
}

impl Command for SubmitWork {
    type Output = SubmissionId;
    const ACT: Act = Act::SubmitWork;

    async fn run(&self, asker: &Actor, scope: &Scope<'_>) -> Result<SubmissionId> {
        let (task, entry, facts) = race::locked(scope, asker, self.entry).await?;
        let leave = permit(asker, Act::SubmitWork, &facts)?;
        check_submitting(&task, scope.now)?;
        if race::check_in_race(&entry)? != EntryState::Running {
            return Err(Refusal::because(Code::EntryNotRunning));
        }
        let earlier = submission::Entity::find().filter(submission::Column::EntryId.eq(entry.id));
        let earlier = earlier.count(scope.txn).await?;
        if earlier >= u64::from(MOST_VERSIONS) {
            return Err(Refusal::because(Code::VersionsFull { max: MOST_VERSIONS }));
        }
        // The rules can have been amended since the files were kept.
        let names: Vec<&str> = self.files.iter().map(|file| file.name.as_str()).collect();
        rules::check_evidence(&task.rules.evidence, &self.evidence, &names)?;
        let data = self.deposited(earlier + 1)?;
        let posted =
            books::deposit(scope, &leave, task.id.0, RecordKind::Evidence, label::SUBMISSION, data).await?;
        let id = SubmissionId(scope.ids.id(scope.now));
        let row = submission::Model {
            id: id.0,
            entry_id: entry.id,
            task_id: task.id.0,
            version: i64::try_from(earlier + 1).map_err(Refusal::fault)?,
            body: self.body.clone(),
            links: serde_json::to_string(&self.links)?,
            by_id: leave.by().ok_or(Refusal::Unauthenticated)?.0,
            at: scope.now.0,
            record_id: Uuid::from_bytes(posted.record.to_bytes()),
            digest: posted.commitments.first().map(|digest| digest.to_vec()).unwrap_or_default(),
            evidence: serde_json::to_string(&self.evidence)?,
        };
        let files = self.file_rows(scope, id)?;
        let scored = match (&self.scored, &task.rules.judging) {
            (Some((at, figure)), _) => files.get(*at).map(|file| (FileId(file.id), figure)),
            // Every version that was handed in was measured.
            (None, Judging::Metric(_)) => return Err(Refusal::on("files", Code::PredictionsNeeded)),
            (None, _) => None,
        };
        tables::insert(scope.txn, &leave, row, files).await?;
        if let Some((file, figure)) = scored {
            board::keep(scope, &leave, &task, (self.entry, id, earlier + 1, file), figure).await?;
        }
        race::seen(scope, &leave, &task, self.entry).await?;
        let event = Event::of(&leave, Kind::SubmissionReceived).task(task.id).entry(self.entry);
        notify(scope, event.to(facts.crew)).await?;
        Ok(id)
    }
}

impl SubmitWork {
    /// What the digest on the ledger is of: JSON with its keys in this order.
    fn deposited(&self, version: u64) -> Result<Vec<u8>> {
        #[derive(Serialize)]
        struct Deposited<'a> {
            entry: EntryId,
            version: u64,
            body: &'a str,
            links: &'a [String],
            files: Vec<(&'a str, u64, String)>,
            #[serde(skip_serializing_if = "<[String]>::is_empty")]
            evidence: &'a [String],
        }
        let files = self.files.iter().map(|file| (file.name.as_str(), file.size, hex::encode(file.sha256)));
        let deposited = Deposited {
            entry: self.entry,
            version,
            body: &self.body,
            links: &self.links,
            files: files.collect(),
            evidence: &self.evidence,
        };
        Ok(serde_json::to_vec(&deposited)?)
    }

    fn file_rows(&self, scope: &Scope<'_>, submission: SubmissionId) -> Result<Vec<file::Model>> {
        (0_i64..)
            .zip(&self.files)
            .map(|(place, new)| {
                Ok(file::Model {
                    id: scope.ids.id(scope.now),
                    submission_id: submission.0,
                    place,
                    name: new.name.clone(),
                    media_type: new.media_type.clone(),
                    size: i64::try_from(new.size).map_err(Refusal::fault)?,
                    sha256: new.sha256.to_vec(),
                })
            })
            .collect()
    }
}
