//! Panels: the rubric in the rules, judges, sheets, and what they come to.

use async_graphql::{Context, Enum, ID, InputObject, Object, SimpleObject};
use market::judging::{
    ConflictView, DeclareConflict, LockSheet, MarksView, NameJudge, PanelJudge, PanelView, ResultView,
    SaveScores, SheetView, Spread as SpreadView,
};
use market::{EntryId, IdempotencyKey, PersonId, Refusal, Result, TaskId};

use crate::convert::Form;
use crate::entry::Entry;
use crate::payload::payloads;
use crate::person::Person;
use crate::record::Record;
use crate::refusal::answer;
use crate::request::Ask;
use crate::scalar::{DateTime, Score};

/// How several judges' scores of one criterion become one.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "market::judging::Combine")]
pub(crate) enum Combine {
    /// Their mean.
    Mean,
    /// Where three or more judges scored the entry, their mean without one highest and one lowest; otherwise the
    /// mean.
    TrimmedMean,
}

/// One line of a rubric, scored from 0 to 100.
#[derive(SimpleObject)]
pub(crate) struct Criterion {
    /// Its name.
    name: String,
    /// What it means.
    description: String,
    /// How much it weighs beside the others.
    weight: u32,
}

/// How a panel judges, as the rules freeze it.
#[derive(SimpleObject)]
pub(crate) struct PanelRules {
    /// What is scored.
    rubric: Vec<Criterion>,
    /// Whether lanes have no names until the ruling, for all but their own crew and those in charge.
    blind: bool,
    /// How several judges' scores of one criterion become one; totals are rounded half up to the hundredth.
    combine: Combine,
    /// The least sheets that must be locked once they are due.
    quorum: u32,
    /// How long after the deadline sheets are due, in seconds.
    sheet_seconds: u32,
}

impl PanelRules {
    pub(crate) fn of(panel: &market::judging::Panel) -> Self {
        let line = |one: &market::judging::Criterion| Criterion {
            name: one.name.clone(),
            description: one.description.clone(),
            weight: one.weight,
        };
        Self {
            rubric: panel.rubric.iter().map(line).collect(),
            blind: panel.blind,
            combine: panel.combine.into(),
            quorum: panel.quorum,
            sheet_seconds: panel.sheet_seconds,
        }
    }
}

/// One line of a rubric, as a poster writes it.
#[derive(InputObject)]
pub(crate) struct CriterionInput {
    /// Its name: one line, up to 80 characters.
    name: String,
    /// What it means, up to 500 characters.
    #[graphql(default)]
    description: String,
    /// How much it weighs beside the others, 1 to 1000.
    #[graphql(default = 1)]
    weight: u32,
}

/// How a panel shall judge; its judges are the `judges` of the rules.
#[derive(InputObject)]
pub(crate) struct PanelInput {
    /// What is scored, 1 to 20 criteria.
    rubric: Vec<CriterionInput>,
    /// Whether lanes have no names until the ruling.
    #[graphql(default = true)]
    blind: bool,
    /// How several judges' scores of one criterion become one.
    #[graphql(default_with = "Combine::Mean")]
    combine: Combine,
    /// The least sheets that must be locked once they are due. Null: all.
    quorum: Option<u32>,
    /// How long after the deadline sheets are due, in seconds, 3600 to 7776000 (90 days).
    #[graphql(default = 604_800)]
    sheet_seconds: u32,
}

impl PanelInput {
    pub(crate) fn read(self, judges: Vec<PersonId>) -> market::judging::Panel {
        let all = u32::try_from(judges.len()).unwrap_or(u32::MAX).max(1);
        let line = |one: CriterionInput| market::judging::Criterion {
            name: one.name,
            description: one.description,
            weight: one.weight,
        };
        market::judging::Panel {
            judges,
            rubric: self.rubric.into_iter().map(line).collect(),
            blind: self.blind,
            combine: self.combine.into(),
            quorum: self.quorum.unwrap_or(all),
            sheet_seconds: self.sheet_seconds,
        }
    }
}

/// A panel at work.
pub(crate) struct Panel(PanelView);

/// The panel of a race: who judges, who has locked, and the sheets that are open to the asker.
#[Object]
impl Panel {
    /// Which round it is in, from 1; a granted appeal opens another.
    async fn round(&self) -> u32 {
        self.0.round
    }

    /// The only criterion that is scored in this round, by its place in the rubric from 0; null for all.
    async fn criterion(&self) -> Option<u32> {
        self.0.criterion
    }

    /// When the sheets of this round are due.
    async fn due(&self) -> DateTime {
        self.0.due.into()
    }

    /// Whether who rides is hidden from the asker, their own lanes apart.
    async fn hidden(&self) -> bool {
        self.0.hidden
    }

    /// The judges, those named later last.
    #[graphql(complexity = "crate::connection::list_cost(3, child_complexity)")]
    async fn judges(&self) -> Vec<Seat> {
        self.0.judges.iter().copied().map(Seat).collect()
    }

    /// The entries that are scored, by lane.
    #[graphql(complexity = "crate::connection::list_cost(6, child_complexity)")]
    async fn entries(&self, ctx: &Context<'_>) -> Result<Vec<Entry>> {
        entries(ctx, self.0.lanes.iter().map(|(entry, _)| *entry)).await
    }

    /// Who stands aside from which entry: to judges their own, to those in charge and after the ruling all.
    #[graphql(complexity = "crate::connection::list_cost(3, child_complexity)")]
    async fn conflicts(&self) -> Vec<Conflict> {
        self.0.conflicts.iter().cloned().map(Conflict).collect()
    }

    /// Entries that no judge can score: another must be named.
    #[graphql(complexity = "crate::connection::list_cost(2, child_complexity)")]
    async fn entries_without_judge(&self, ctx: &Context<'_>) -> Result<Vec<Entry>> {
        entries(ctx, self.0.orphans.iter().copied()).await
    }

    /// The sheets that the asker may see: their own; once it is locked those of the others that are locked; all
    /// after the ruling.
    #[graphql(complexity = "crate::connection::list_cost(3, child_complexity)")]
    async fn sheets(&self) -> Vec<Sheet> {
        self.0.sheets.iter().cloned().map(Sheet).collect()
    }

    /// What the sheets came to, best first; empty before the ruling.
    #[graphql(complexity = "crate::connection::list_cost(6, child_complexity)")]
    async fn results(&self) -> Vec<PanelResult> {
        self.0.results.iter().cloned().map(PanelResult).collect()
    }

    /// Whether the asker is one of its judges.
    async fn viewer_judges(&self) -> bool {
        self.0.judging
    }

    /// Whether the asker can name another judge now.
    async fn viewer_may_name(&self) -> bool {
        self.0.may_name
    }
}

async fn entries(ctx: &Context<'_>, ids: impl Iterator<Item = EntryId>) -> Result<Vec<Entry>> {
    let mut found = Vec::new();
    for id in ids {
        found.extend(Entry::load(ctx, id).await?);
    }
    Ok(found)
}

impl Panel {
    /// The panel of a race, or nothing where it has none.
    pub(crate) async fn load(ctx: &Context<'_>, task: TaskId) -> Result<Option<Self>> {
        Ok(ctx.market().panel(ctx.actor(), task).await?.map(Self))
    }

    async fn seen(ctx: &Context<'_>, task: TaskId) -> Result<Self> {
        Self::load(ctx, task).await?.ok_or(Refusal::NotFound)
    }
}

/// A judge of a panel.
pub(crate) struct Seat(PanelJudge);

/// A judge of a panel.
#[Object(name = "PanelJudge")]
impl Seat {
    /// Who.
    async fn person(&self, ctx: &Context<'_>) -> Result<Option<Person>> {
        Person::load(ctx, self.0.person).await
    }

    /// When they locked their sheet of this round.
    async fn locked_at(&self) -> Option<DateTime> {
        self.0.locked_at.map(DateTime::from)
    }

    /// Whether they were named after the race began.
    async fn named_later(&self) -> bool {
        self.0.later
    }
}

/// A judge who stands aside.
pub(crate) struct Conflict(ConflictView);

/// A judge who does not score an entry.
#[Object]
impl Conflict {
    /// Who.
    async fn judge(&self, ctx: &Context<'_>) -> Result<Option<Person>> {
        Person::load(ctx, self.0.judge).await
    }

    /// Which entry.
    async fn entry(&self, ctx: &Context<'_>) -> Result<Option<Entry>> {
        Entry::load(ctx, self.0.entry).await
    }

    /// What they said; null where the tie itself is on the books: a crew or a unit.
    async fn reason(&self) -> Option<&str> {
        self.0.reason.as_deref()
    }
}

/// A sheet.
pub(crate) struct Sheet(SheetView);

/// One judge's scores of all entries in one round.
#[Object]
impl Sheet {
    /// Whose.
    async fn judge(&self, ctx: &Context<'_>) -> Result<Option<Person>> {
        Person::load(ctx, self.0.judge).await
    }

    /// In which round.
    async fn round(&self) -> u32 {
        self.0.round
    }

    /// When it was locked; null while it is a draft.
    async fn locked_at(&self) -> Option<DateTime> {
        self.0.locked_at.map(DateTime::from)
    }

    /// The record that deposits it; null while it is a draft.
    async fn record(&self, ctx: &Context<'_>) -> Result<Option<Record>> {
        match self.0.record {
            Some(id) => Record::load(ctx, id).await,
            None => Ok(None),
        }
    }

    /// What it says, by lane.
    #[graphql(complexity = "crate::connection::list_cost(6, child_complexity)")]
    async fn lines(&self) -> Vec<Marks> {
        self.0.marks.iter().cloned().map(Marks).collect()
    }
}

/// A line of a sheet.
pub(crate) struct Marks(MarksView);

/// What a sheet says of one entry.
#[Object(name = "SheetLine")]
impl Marks {
    /// The entry.
    async fn entry(&self, ctx: &Context<'_>) -> Result<Option<Entry>> {
        Entry::load(ctx, self.0.entry).await
    }

    /// One for each line of the rubric, in its order; null where it is not scored.
    async fn scores(&self) -> Vec<Option<Score>> {
        self.0.scores.iter().map(|score| score.map(Score::from)).collect()
    }

    /// What this judge's scores alone come to; null while one is missing.
    async fn overall(&self) -> Option<Score> {
        self.0.total.map(Score::from)
    }

    /// Why.
    async fn comment(&self) -> &str {
        &self.0.comment
    }
}

/// What a lane came to.
pub(crate) struct PanelResult(ResultView);

/// What the sheets came to for one entry.
#[Object]
impl PanelResult {
    /// The entry.
    async fn entry(&self, ctx: &Context<'_>) -> Result<Option<Entry>> {
        Entry::load(ctx, self.0.entry).await
    }

    /// Its total over all criteria.
    async fn overall(&self) -> Option<Score> {
        self.0.total.map(Score::from)
    }

    /// How far the judges are apart, for each line of the rubric; null where nobody scored it.
    async fn criteria(&self) -> Vec<Option<Spread>> {
        self.0.criteria.iter().map(|spread| spread.map(Spread::from)).collect()
    }
}

/// How far judges are apart on one criterion of one entry.
#[derive(SimpleObject)]
pub(crate) struct Spread {
    /// What the panel's rule makes of the scores.
    combined: Score,
    /// The lowest.
    min: Score,
    /// The highest.
    max: Score,
    /// The standard deviation of all of them.
    deviation: Score,
    /// How many judges scored.
    judges: u32,
}

impl From<SpreadView> for Spread {
    fn from(view: SpreadView) -> Self {
        Self {
            combined: view.combined.into(),
            min: view.min.into(),
            max: view.max.into(),
            deviation: view.deviation.into(),
            judges: view.judges,
        }
    }
}

/// What a judge says of one entry.
#[derive(InputObject)]
pub(crate) struct SaveScoresInput {
    /// The global id of the entry.
    entry: ID,
    /// One for each line of the rubric, in its order; null where it is not scored yet.
    scores: Vec<Option<Score>>,
    /// Why, up to 2,000 characters; needed before the sheet is locked.
    #[graphql(default)]
    comment: String,
}

/// Which race's sheet to lock.
#[derive(InputObject)]
pub(crate) struct LockSheetInput {
    /// The global id of the task.
    task: ID,
    /// Your own name for this command: sent again with the same input, it does nothing twice.
    idempotency_key: String,
}

/// From which entry to stand aside, and why.
#[derive(InputObject)]
pub(crate) struct DeclareConflictInput {
    /// The global id of the entry.
    entry: ID,
    /// Why, up to 500 characters.
    reason: String,
    /// Your own name for this command: sent again with the same input, it does nothing twice.
    idempotency_key: String,
}

/// For which race to name another judge, and whom.
#[derive(InputObject)]
pub(crate) struct NameJudgeInput {
    /// The global id of the task.
    task: ID,
    /// The global id of the person.
    person: ID,
    /// Your own name for this command: sent again with the same input, it does nothing twice.
    idempotency_key: String,
}

payloads! {
    /// What came of `saveScores`.
    SaveScoresPayload {
        /// The panel, with the asker's own sheet.
        panel: Panel,
    }

    /// What came of `lockSheet`.
    LockSheetPayload {
        /// The panel, with all that the asker may see now.
        panel: Panel,
    }

    /// What came of `declareConflict`.
    DeclareConflictPayload {
        /// The panel as it is now.
        panel: Panel,
    }

    /// What came of `nameJudge`.
    NameJudgePayload {
        /// The panel as it is now.
        panel: Panel,
    }
}

/// What can be done by a panel.
#[derive(Default)]
pub(crate) struct PanelMutation;

#[Object]
impl PanelMutation {
    /// Saves what the asker says of one entry, on their own sheet, as a draft that nobody else sees.
    async fn save_scores(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What they say of it.")] input: SaveScoresInput,
    ) -> Result<Option<SaveScoresPayload>> {
        answer(async {
            let mut form = Form::of(ctx)?;
            let entry: EntryId = form.id("entry", &input.entry);
            let given = input.scores.iter().enumerate();
            let scores =
                given.map(|(at, score)| form.score(&format!("scores.{at}"), score.as_ref())).collect();
            let command = form.done(SaveScores { entry, scores, comment: input.comment })?;
            ctx.market().run(ctx.actor(), command).await?;
            let task = ctx.market().entry(ctx.actor(), entry).await?.task;
            Ok((Panel::seen(ctx, task).await?,))
        })
        .await
    }

    /// Locks the asker's sheet: it never changes again, and its digest goes on the ledger. The last sheet that is
    /// waited for brings the ruling.
    async fn lock_sheet(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which race's sheet.")] input: LockSheetInput,
    ) -> Result<Option<LockSheetPayload>> {
        answer(async {
            let mut form = Form::of(ctx)?;
            let task = form.id("task", &input.task);
            let command = form.done(LockSheet { task })?;
            let key = IdempotencyKey::parse(&input.idempotency_key)?;
            ctx.market().run_once(ctx.actor(), key, command).await?;
            Ok((Panel::seen(ctx, task).await?,))
        })
        .await
    }

    /// Stands aside from one entry: the asker is tied to it and does not score it.
    async fn declare_conflict(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "From which entry, and why.")] input: DeclareConflictInput,
    ) -> Result<Option<DeclareConflictPayload>> {
        answer(async {
            let mut form = Form::of(ctx)?;
            let entry: EntryId = form.id("entry", &input.entry);
            let command = form.done(DeclareConflict { entry, reason: input.reason })?;
            let key = IdempotencyKey::parse(&input.idempotency_key)?;
            ctx.market().run_once(ctx.actor(), key, command).await?;
            let task = ctx.market().entry(ctx.actor(), entry).await?.task;
            Ok((Panel::seen(ctx, task).await?,))
        })
        .await
    }

    /// Names one more judge, for the poster or the owner of the programme, where an entry has nobody left who can
    /// score it.
    async fn name_judge(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "For which race, and whom.")] input: NameJudgeInput,
    ) -> Result<Option<NameJudgePayload>> {
        answer(async {
            let mut form = Form::of(ctx)?;
            let (task, person) = (form.id("task", &input.task), form.id("person", &input.person));
            let command = form.done(NameJudge { task, person })?;
            let key = IdempotencyKey::parse(&input.idempotency_key)?;
            ctx.market().run_once(ctx.actor(), key, command).await?;
            Ok((Panel::seen(ctx, task).await?,))
        })
        .await
    }
}
