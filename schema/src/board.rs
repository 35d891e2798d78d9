//! Races that the server measures: their rules, the board, what a version scored, the answer key.

use async_graphql::{Context, Enum, ID, InputObject, Object, SimpleObject};
use market::board::{BoardRow, BoardView, ChooseVersions, KeyUpload, KeyView, MetricRules, VersionScore};
use market::{EntryId, IdempotencyKey, Result};

use crate::convert::Form;
use crate::entry::Entry;
use crate::id::Global;
use crate::payload::payloads;
use crate::refusal::answer;
use crate::request::Ask;
use crate::scalar::{Base64, DateTime, Hash, Long};
use crate::task::Task;

/// A measure of predictions against the truth, as scikit-learn defines it.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "market::board::MetricKind")]
pub(crate) enum Metric {
    /// The part of rows whose class is right.
    Accuracy,
    /// F1 of the positive one of two classes.
    F1,
    /// The mean of the classes' F1, all alike.
    F1Macro,
    /// F1 over all decisions together.
    F1Micro,
    /// The mean of the classes' F1, by how often each occurs.
    F1Weighted,
    /// The root of the mean squared error; less is better.
    Rmse,
    /// The mean absolute error; less is better.
    Mae,
    /// The area under the ROC curve; with more than two classes the mean of one against the rest.
    Auc,
    /// The mean negative log-likelihood of the truth; less is better.
    LogLoss,
}

/// How the server measures a race.
#[derive(SimpleObject)]
#[graphql(name = "MetricRules")]
pub(crate) struct Measured {
    /// The measure.
    metric: Metric,
    /// Whether more is better.
    higher_is_better: bool,
    /// The positive one of two classes; null for the greater one.
    positive: Option<String>,
    /// Decimals that count: figures that are equal when rounded to them are a dead heat.
    decimals: u8,
    /// How much of the key is public, in basis points, where the key has no split of its own.
    public_share: u32,
    /// The most versions that an entry may have measured in any 24 hours.
    per_day: u32,
    /// By how much a version must be better to move its entry on the board.
    gain: String,
    /// For so many seconds before the end the board stands still for all but an entry's own crew.
    freeze_seconds: u32,
    /// What was sealed when the race opened; null for a draft.
    sealed_key: Option<SealedKey>,
}

/// The answer key as the frozen rules name it.
#[derive(SimpleObject)]
pub(crate) struct SealedKey {
    /// The salted digest over the key's own digest and the salt of its split, as committed on the ledger.
    digest: Hash,
    /// How many rows it has.
    rows: u32,
    /// How many of them are public.
    public_rows: u32,
}

impl From<&MetricRules> for Measured {
    fn from(rules: &MetricRules) -> Self {
        Self {
            metric: rules.metric.into(),
            higher_is_better: rules.metric.higher_is_better(),
            positive: rules.positive.clone(),
            decimals: rules.decimals,
            public_share: rules.public_share,
            per_day: rules.per_day,
            gain: rules.gain.clone(),
            freeze_seconds: rules.freeze_seconds,
            sealed_key: rules.key.as_ref().map(|key| SealedKey {
                digest: Hash(key.digest.clone()),
                rows: key.rows,
                public_rows: key.public_rows,
            }),
        }
    }
}

/// How the server shall measure a race. The answer key is uploaded to the draft, before it is published.
#[derive(InputObject)]
pub(crate) struct MetricRulesInput {
    /// The measure. RMSE, MAE and LOG_LOSS have no fixed scale, so no mark and no plan by scores goes with them.
    metric: Metric,
    /// The positive one of two classes, for F1, AUC and LOG_LOSS. Null: the greater one.
    positive: Option<String>,
    /// Decimals that count, 0 to 12.
    #[graphql(default = 9)]
    decimals: u8,
    /// How much of the key is public, in basis points, 100 to 9000, where the key has no split of its own.
    #[graphql(default = 3_000)]
    public_share: u32,
    /// The most versions that an entry may have measured in any 24 hours, 1 to 100.
    #[graphql(default = 5)]
    per_day: u32,
    /// By how much a version must be better to move its entry on the board, such as "0.001".
    #[graphql(default_with = "\"0.001\".to_owned()")]
    gain: String,
    /// For so many seconds before the end, up to 30 days, the board shall stand still for all but an entry's crew.
    #[graphql(default)]
    freeze_seconds: u32,
}

impl MetricRulesInput {
    /// The rules; the market checks them.
    pub(crate) fn read(self) -> MetricRules {
        let Self { metric, positive, decimals, public_share, per_day, gain, freeze_seconds } = self;
        MetricRules {
            metric: metric.into(),
            positive,
            decimals,
            public_share,
            per_day,
            gain,
            freeze_seconds,
            key: None,
        }
    }
}

/// A board.
pub(crate) struct Board(pub(crate) BoardView);

/// The standings of a race that the server measures.
#[Object]
impl Board {
    /// The measure.
    async fn metric(&self) -> Metric {
        self.0.metric.into()
    }

    /// Since when it stands still, if it does.
    async fn frozen_since(&self) -> Option<DateTime> {
        self.0.frozen_since.map(DateTime::from)
    }

    /// Whether the private part has decided.
    async fn is_final(&self) -> bool {
        self.0.is_final
    }

    /// Its rows, best first.
    #[graphql(complexity = "crate::connection::list_cost(10, child_complexity)")]
    async fn rows(&self) -> Vec<Row> {
        self.0.rows.iter().cloned().map(Row).collect()
    }
}

/// A row of a board.
pub(crate) struct Row(BoardRow);

/// An entry on a board.
#[Object(name = "BoardRow")]
impl Row {
    /// Its place by what is shown, equal figures sharing one.
    async fn place(&self) -> u32 {
        self.0.place
    }

    /// Whose row it is.
    async fn entry(&self, ctx: &Context<'_>) -> Result<Option<Entry>> {
        Entry::load(ctx, self.0.entry).await
    }

    /// The best figure on the public part that moved the board.
    async fn public_figure(&self) -> &str {
        &self.0.public
    }

    /// The figure on the private part that decided; null before the race is ruled.
    async fn private_figure(&self) -> Option<&str> {
        self.0.private.as_deref()
    }

    /// When it moved.
    async fn at(&self) -> DateTime {
        self.0.at.into()
    }

    /// How many versions were measured.
    async fn versions(&self) -> u32 {
        self.0.versions
    }
}

/// A score of a version.
pub(crate) struct Scored(pub(crate) VersionScore);

/// What one version scored.
#[Object(name = "VersionScore")]
impl Scored {
    /// The global id of the version.
    async fn submission(&self) -> ID {
        self.0.submission.global()
    }

    /// Its number, 1 for the first.
    async fn version(&self) -> u32 {
        self.0.version
    }

    /// When it was handed in.
    async fn at(&self) -> DateTime {
        self.0.at.into()
    }

    /// Its figure on the public part.
    async fn public_figure(&self) -> &str {
        &self.0.public
    }

    /// Its figure on the private part; null before the race is ruled, and for versions that did not count.
    async fn private_figure(&self) -> Option<&str> {
        self.0.private.as_deref()
    }

    /// Whether it moved the board.
    async fn moved(&self) -> bool {
        self.0.moved
    }

    /// Whether its crew chose it to count.
    async fn chosen(&self) -> bool {
        self.0.chosen
    }
}

/// An answer key.
pub(crate) struct AnswerKey(pub(crate) KeyView);

/// An answer key, without what is in it.
#[Object]
impl AnswerKey {
    /// The hash of the file.
    async fn sha256(&self) -> Hash {
        (&self.0.sha256).into()
    }

    /// Its size in bytes.
    async fn size(&self) -> Long {
        Long(self.0.size)
    }

    /// Its rows.
    async fn rows(&self) -> u32 {
        self.0.rows
    }

    /// How many of them are public.
    async fn public_rows(&self) -> u32 {
        self.0.public_rows
    }

    /// When it was uploaded.
    async fn uploaded_at(&self) -> DateTime {
        self.0.uploaded_at.into()
    }

    /// Whether the rules still say what it was read for; otherwise it is needed anew.
    async fn fits(&self) -> bool {
        self.0.fits
    }
}

/// The answer key of a draft.
#[derive(InputObject)]
pub(crate) struct UploadAnswerKeyInput {
    /// The global id of the draft.
    task: ID,
    /// The file: comma-separated values in UTF-8 under the head `id,label` or `id,label,split`, where the split of
    /// each row is `public` or `private`.
    content_base64: Base64,
}

/// Which versions of an entry shall count.
#[derive(InputObject)]
pub(crate) struct ChooseVersionsInput {
    /// The global id of the entry.
    entry: ID,
    /// The global ids of up to two versions. Empty: the best on the public part.
    submissions: Vec<ID>,
    /// Your own name for this command: sent again with the same input, it does nothing twice.
    idempotency_key: String,
}

payloads! {
    /// What came of `uploadAnswerKey`.
    UploadAnswerKeyPayload {
        /// The draft.
        task: Task,
    }

    /// What came of `chooseVersions`.
    ChooseVersionsPayload {
        /// The entry.
        entry: Entry,
    }
}

/// What can be done with measured races.
#[derive(Default)]
pub(crate) struct BoardMutation;

#[Object]
impl BoardMutation {
    /// Takes the answer key of a draft, for its poster, in the place of an earlier one. It stays secret for ever:
    /// to the poster, auditors and, once the clock has stopped, the judges.
    async fn upload_answer_key(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which draft, and its key.")] input: UploadAnswerKeyInput,
    ) -> Result<Option<UploadAnswerKeyPayload>> {
        answer(async {
            let mut form = Form::of(ctx)?;
            let task = form.id("task", &input.task);
            let bytes = form.bytes("content", &input.content_base64);
            let upload = form.done(KeyUpload { task, bytes })?;
            ctx.market().upload_answer_key(ctx.actor(), upload).await?;
            Ok((Task::seen(ctx, task).await?,))
        })
        .await
    }

    /// Chooses up to two versions of an entry that count, for its crew, until the clock stops.
    async fn choose_versions(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which entry, and which versions.")] input: ChooseVersionsInput,
    ) -> Result<Option<ChooseVersionsPayload>> {
        answer(async {
            let mut form = Form::of(ctx)?;
            let entry: EntryId = form.id("entry", &input.entry);
            let submissions = form.ids("submissions", &input.submissions);
            let command = form.done(ChooseVersions { entry, submissions })?;
            let key = IdempotencyKey::parse(&input.idempotency_key)?;
            ctx.market().run_once(ctx.actor(), key, command).await?;
            Ok((Entry(ctx.market().entry(ctx.actor(), entry).await?),))
        })
        .await
    }
}
