//! Submissions: versions of an entry's work, their digests on the ledger, and their files.

use async_graphql::{Context, ID, InputObject, Object};
use market::submission::{Content, FileInput, FileView, SubmissionView, SubmitInput};
use market::{IdempotencyKey, Result, SignedIntent};

use crate::convert::Form;
use crate::entry::Entry;
use crate::id::Global;
use crate::key::SignedIntentInput;
use crate::payload::payloads;
use crate::person::Person;
use crate::record::Record;
use crate::refusal::answer;
use crate::request::Ask;
use crate::scalar::{Base64, DateTime, Hash, Long};

/// A submission.
pub(crate) struct Submission(SubmissionView);

/// One version of an entry's work. Its digest is on the ledger from the moment it was handed in.
#[Object]
impl Submission {
    /// Its global id.
    pub(crate) async fn id(&self) -> ID {
        self.0.id.global()
    }

    /// The entry whose work it is.
    async fn entry(&self, ctx: &Context<'_>) -> Result<Option<Entry>> {
        Entry::load(ctx, self.0.entry).await
    }

    /// Its number, 1 for the first.
    async fn version(&self) -> u32 {
        self.0.version
    }

    /// When it was handed in.
    async fn at(&self) -> DateTime {
        self.0.at.into()
    }

    /// Who handed it in; null where the asker shall not know whose lane it is.
    async fn by(&self, ctx: &Context<'_>) -> Result<Option<Person>> {
        match self.0.by {
            Some(by) => Person::load(ctx, by).await,
            None => Ok(None),
        }
    }

    /// The record that deposits it.
    async fn record(&self, ctx: &Context<'_>) -> Result<Option<Record>> {
        Record::load(ctx, self.0.record).await
    }

    /// Its salted digest, as committed in that record.
    async fn digest(&self) -> Hash {
        (&self.0.digest).into()
    }

    /// Whether its crew has opened it to the judges while the race runs; told to who may know.
    async fn opened_to_judges(&self) -> bool {
        self.0.opened
    }

    /// What is in it; null while it is sealed to the asker.
    async fn content(&self) -> Option<SubmissionContent> {
        self.0.content.clone().map(SubmissionContent)
    }
}

impl From<SubmissionView> for Submission {
    fn from(view: SubmissionView) -> Self {
        Self(view)
    }
}

/// What was handed in.
pub(crate) struct SubmissionContent(Content);

/// What was handed in: a text, links, files.
#[Object]
impl SubmissionContent {
    /// The text, Markdown.
    async fn body(&self) -> &str {
        &self.0.body
    }

    /// The links.
    async fn links(&self) -> &[String] {
        &self.0.links
    }

    /// What was brought for each item of the race's evidence checklist; empty where a file was asked for.
    async fn evidence(&self) -> &[String] {
        &self.0.evidence
    }

    /// The files.
    #[graphql(complexity = "crate::connection::list_cost(5, child_complexity)")]
    async fn files(&self) -> Vec<File> {
        self.0.files.iter().cloned().map(File).collect()
    }
}

/// A file.
pub(crate) struct File(FileView);

/// A file of a submission.
#[Object]
impl File {
    /// Its global id.
    async fn id(&self) -> ID {
        self.0.id.global()
    }

    /// Its name, without a path.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// Its size in bytes.
    async fn size(&self) -> Long {
        Long(self.0.size)
    }

    /// Its media type, as its crew gave it; never trust it.
    async fn media_type(&self) -> &str {
        &self.0.media_type
    }

    /// The hash of its bytes.
    async fn sha256(&self) -> Hash {
        (&self.0.sha256).into()
    }

    /// The path of the download on this server; it asks for the same rights as this field.
    async fn url(&self) -> String {
        format!("/files/{}", self.0.id)
    }
}

/// A file to hand in.
#[derive(InputObject)]
pub(crate) struct FileUploadInput {
    /// Its name, without a path, up to 120 characters.
    name: String,
    /// Its media type, such as `application/pdf`.
    media_type: String,
    /// Its bytes.
    content_base64: Base64,
}

/// What to hand in, for which entry: a text, a link or a file at least.
#[derive(InputObject)]
pub(crate) struct SubmitWorkInput {
    /// The global id of the entry.
    entry: ID,
    /// The text, Markdown, up to 50,000 characters.
    #[graphql(default)]
    body: String,
    /// Up to ten links, `https://…` or `http://…`.
    #[graphql(default)]
    links: Vec<String>,
    /// The files; `house` tells how many and how large.
    #[graphql(default)]
    files: Vec<FileUploadInput>,
    /// For each item of `rules.evidence` what is brought; empty where a file is asked for, which is then one of
    /// `files`.
    #[graphql(default)]
    evidence: Vec<String>,
    /// Signed by a key of your own: what `submitWorkIntent` says for this input.
    intent: Option<SignedIntentInput>,
    /// Your own name for this command: sent again with the same input, it does nothing twice.
    idempotency_key: String,
}

payloads! {
    /// What came of `submitWork`.
    SubmitWorkPayload {
        /// The new version.
        submission: Submission,
    }
}

/// What can be done with submissions.
#[derive(Default)]
pub(crate) struct SubmissionMutation;

#[Object]
impl SubmissionMutation {
    /// Hands in a version of an entry's work, for its crew, any number of times until the clock stops. The last
    /// one counts.
    async fn submit_work(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to hand in.")] input: SubmitWorkInput,
    ) -> Result<Option<SubmitWorkPayload>> {
        answer(async {
            let (work, signed, key) = input.read(Form::of(ctx)?)?;
            let key = IdempotencyKey::parse(&key)?;
            let id = ctx.market().submit_signed_work(ctx.actor(), key, work, signed).await?;
            Ok((Submission(ctx.market().submission(ctx.actor(), id).await?),))
        })
        .await
    }
}

impl SubmitWorkInput {
    /// What is handed in, what was signed for it, and the command's name.
    pub(crate) fn read(self, mut form: Form<'_>) -> Result<(SubmitInput, Option<SignedIntent>, String)> {
        let entry = form.id("entry", &self.entry);
        let files = self.files.into_iter().enumerate().map(|(at, file)| file.read(&mut form, at)).collect();
        let signed = SignedIntentInput::read(self.intent, &mut form);
        let work = SubmitInput { entry, body: self.body, links: self.links, files, evidence: self.evidence };
        form.done((work, signed, self.idempotency_key))
    }
}

impl FileUploadInput {
    fn read(self, form: &mut Form<'_>, at: usize) -> FileInput {
        let bytes = form.bytes(&format!("files.{at}.content_base64"), &self.content_base64);
        FileInput { name: self.name, media_type: self.media_type, bytes }
    }
}
