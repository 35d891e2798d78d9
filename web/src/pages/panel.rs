//! The panel of a race: who judges, who has locked, one's own sheet, and what all sheets came to.
//!
//! Promises: shows what the market shows this reader, and no more. Must never: add up a score.

use actix_web::web::{Data, Path};
use askama::Template;
use market::judging::{DeclareConflict, LockSheet, NameJudge, PanelView, SheetView, Spread};
use market::race::EntryView;
use market::task::{Combine, Criterion, Score, TaskState, TaskView};
use market::{EntryId, Market, Refusal};

use super::act::{ActPage, Ask, Field};
use super::kit::{Fact, Link, id, key_of, name};
use super::lanes;
use super::names::{Names, Wanted};
use super::task_parts::entry_link;
use crate::errors::{Answer, Failure};
use crate::format::When;
use crate::forms::{Form, Posted};
use crate::i18n::key;
use crate::visit::Visit;
use crate::{format, respond, urls};

/// The page.
#[derive(Debug, Template)]
#[template(path = "tasks/panel.html")]
pub struct PanelPage {
    /// The request.
    pub v: Visit,
    /// The task.
    pub task: Link,
    /// How it works, in words.
    pub facts: Vec<Fact>,
    /// The rubric.
    pub rubric: Vec<Criterion>,
    /// The name of the only criterion that is scored in this round.
    pub again: Option<String>,
    /// Who judges, and when they locked.
    pub judges: Vec<JudgeRow>,
    /// Lanes that nobody can score.
    pub orphans: Vec<Link>,
    /// Where another judge is named.
    pub name_url: Option<String>,
    /// The reader's own sheet.
    pub own: Option<OwnSheet>,
    /// Who stands aside from which lane, and why.
    pub conflicts: Vec<ConflictRow>,
    /// What the sheets came to, best first.
    pub results: Vec<ResultRow>,
    /// The sheets that the reader may see.
    pub sheets: Vec<SheetBlock>,
}

/// A judge.
#[derive(Debug, Clone)]
pub struct JudgeRow {
    /// Who.
    pub who: Link,
    /// When they locked their sheet.
    pub locked: Option<When>,
    /// Whether they were named later.
    pub later: bool,
}

/// The reader's own sheet of this round.
#[derive(Debug, Clone)]
pub struct OwnSheet {
    /// A row for each lane that is theirs to score.
    pub rows: Vec<OwnRow>,
    /// The first lane that is not wholly scored, while there is one.
    pub next: Option<Link>,
    /// Where it is locked, while it can be.
    pub lock: Option<String>,
    /// When it was locked.
    pub locked: Option<When>,
    /// Its record.
    pub record: Option<String>,
    /// Whether the race is still running.
    pub early: bool,
}

/// One lane on the reader's own sheet.
#[derive(Debug, Clone)]
pub struct OwnRow {
    /// Its name, leading to what it handed in.
    pub name: Link,
    /// Where it is scored.
    pub url: String,
    /// The scores; empty where there is none yet.
    pub scores: Vec<String>,
    /// What they come to.
    pub total: String,
    /// Whether scores and comment are there.
    pub whole: bool,
}

/// A judge who stands aside.
#[derive(Debug, Clone)]
pub struct ConflictRow {
    /// Who.
    pub judge: Link,
    /// From which lane.
    pub entry: Link,
    /// Why.
    pub reason: String,
}

/// What a lane came to.
#[derive(Debug, Clone)]
pub struct ResultRow {
    /// The lane.
    pub name: Link,
    /// The total.
    pub total: String,
    /// For each criterion what counts, and how far the judges are apart.
    pub parts: Vec<Option<SpreadText>>,
}

/// How far the judges are apart.
#[derive(Debug, Clone)]
pub struct SpreadText {
    /// What counts.
    pub combined: String,
    /// From the lowest to the highest.
    pub range: String,
    /// The standard deviation.
    pub deviation: String,
}

/// Somebody's sheet.
#[derive(Debug, Clone)]
pub struct SheetBlock {
    /// Whose.
    pub judge: Link,
    /// In which round.
    pub round: u32,
    /// When it was locked.
    pub locked: Option<When>,
    /// Its record.
    pub record: Option<String>,
    /// A row for each lane: name, scores, total, comment.
    pub rows: Vec<SheetRow>,
}

/// A lane on a sheet.
#[derive(Debug, Clone)]
pub struct SheetRow {
    /// The lane.
    pub name: Link,
    /// The scores.
    pub scores: Vec<String>,
    /// What they come to.
    pub total: String,
    /// Why.
    pub comment: String,
}

/// `GET /tasks/{handle}/panel`.
///
/// # Errors
/// Not found, for who may not see the race, and where no panel judges.
pub async fn show(v: Visit, market: Data<Market>, path: Path<String>) -> Answer {
    let task = market.task_by_handle(&v.actor, name(&path)?).await?;
    let panel = market.panel(&v.actor, task.id).await?.ok_or(Refusal::NotFound)?;
    let entries = lanes::all(&v, &market, task.id).await?;
    let mut wanted = Wanted::default();
    wanted.persons(panel.judges.iter().map(|judge| judge.person));
    wanted.persons(panel.conflicts.iter().map(|conflict| conflict.judge));
    wanted.persons(panel.sheets.iter().map(|sheet| sheet.judge));
    let names = wanted.names(&v, &market).await?;
    let page = page(v, &task, panel, &entries, &names);
    Ok(respond::page(&page.v, &page))
}

fn page(v: Visit, task: &TaskView, view: PanelView, entries: &[EntryView], names: &Names) -> PanelPage {
    let me = v.actor.id();
    let again = view.criterion.and_then(|at| view.panel.rubric.get(usize::try_from(at).ok()?));
    let draft = |sheet: &&SheetView| sheet.round == view.round && Some(sheet.judge) == me;
    let own = view.judging.then(|| own_sheet(&v, task, &view, entries, view.sheets.iter().find(draft)));
    let conflict = |one: &market::judging::ConflictView| ConflictRow {
        judge: names.person(one.judge),
        entry: entry_link(entries, one.entry),
        reason: one.reason.clone().unwrap_or_else(|| v.t(key("conflict-by-books")).into_owned()),
    };
    let result = |one: &market::judging::ResultView| ResultRow {
        name: entry_link(entries, one.entry),
        total: scored(one.total),
        parts: one.criteria.iter().map(|spread| spread.map(spread_text)).collect(),
    };
    let locked = |sheet: &&SheetView| sheet.locked_at.is_some();
    PanelPage {
        task: Link::new(&task.title, urls::task(&task.handle)),
        facts: facts(&v, &view),
        again: again.map(|criterion| criterion.name.clone()),
        judges: view
            .judges
            .iter()
            .map(|judge| JudgeRow {
                who: names.person(judge.person),
                locked: judge.locked_at.map(|at| v.when(at)),
                later: judge.later,
            })
            .collect(),
        orphans: view.orphans.iter().map(|entry| entry_link(entries, *entry)).collect(),
        name_url: view.may_name.then(|| urls::task_name_judge(&task.handle)),
        own,
        conflicts: view.conflicts.iter().map(conflict).collect(),
        results: view.results.iter().map(result).collect(),
        sheets: view.sheets.iter().filter(locked).map(|sheet| block(&v, names, entries, sheet)).collect(),
        rubric: view.panel.rubric,
        v,
    }
}

fn facts(v: &Visit, view: &PanelView) -> Vec<Fact> {
    let combine = match view.panel.combine {
        Combine::Mean => key("rule-panel-mean"),
        Combine::TrimmedMean => key("rule-panel-trimmed"),
    };
    let mut facts = vec![
        Fact::new(v.t(key("panel-due")), v.when(view.due).exact),
        Fact::new(v.t(key("panel-quorum")), view.panel.quorum),
        Fact::new(v.t(key("field-combine")), v.t(combine)),
    ];
    if view.panel.blind {
        facts.push(Fact::new(v.t(key("rule-blind")), v.t(key("rule-blind-text"))));
    }
    facts
}

fn own_sheet(
    v: &Visit,
    task: &TaskView,
    view: &PanelView,
    entries: &[EntryView],
    sheet: Option<&SheetView>,
) -> OwnSheet {
    let me = v.actor.id();
    let barred =
        |entry: EntryId| view.conflicts.iter().any(|one| one.entry == entry && Some(one.judge) == me);
    let asked = |at: usize| view.criterion.is_none_or(|only| usize::try_from(only) == Ok(at));
    let row = |(entry, lane): &(EntryId, u32)| {
        let marks = sheet.and_then(|sheet| sheet.marks.iter().find(|marks| marks.entry == *entry));
        let scores: Vec<Option<Score>> = marks.map(|marks| marks.scores.clone()).unwrap_or_default();
        let given = |at: usize| scores.get(at).copied().flatten();
        let lines = view.panel.rubric.len();
        let whole = (0..lines).all(|at| !asked(at) || given(at).is_some());
        OwnRow {
            name: entry_link(entries, *entry),
            url: urls::task_score(&task.handle, lane),
            scores: (0..lines).map(|at| scored(given(at))).collect(),
            total: scored(marks.and_then(|marks| marks.total)),
            whole: whole && marks.is_some_and(|marks| !marks.comment.is_empty()),
        }
    };
    let locked = sheet.and_then(|sheet| sheet.locked_at);
    let open = task.state == TaskState::Judging && locked.is_none();
    let rows: Vec<OwnRow> = view.lanes.iter().filter(|(entry, _)| !barred(*entry)).map(row).collect();
    let next = rows.iter().find(|row| open && !row.whole);
    OwnSheet {
        next: next.map(|row| Link::new(v.t1(key("act-score-next"), "name", &row.name.text), row.url.clone())),
        rows,
        lock: open.then(|| urls::task_lock(&task.handle)),
        locked: locked.map(|at| v.when(at)),
        record: sheet.and_then(|sheet| sheet.record).map(urls::record),
        early: task.state == TaskState::Open,
    }
}

fn block(v: &Visit, names: &Names, entries: &[EntryView], sheet: &SheetView) -> SheetBlock {
    SheetBlock {
        judge: names.person(sheet.judge),
        round: sheet.round,
        locked: sheet.locked_at.map(|at| v.when(at)),
        record: sheet.record.map(urls::record),
        rows: sheet
            .marks
            .iter()
            .map(|marks| SheetRow {
                name: entry_link(entries, marks.entry),
                scores: marks.scores.iter().map(|score| scored(*score)).collect(),
                total: scored(marks.total),
                comment: marks.comment.clone(),
            })
            .collect(),
    }
}

fn spread_text(spread: Spread) -> SpreadText {
    SpreadText {
        combined: spread.combined.format(),
        range: format!("{}–{}", spread.min, spread.max),
        deviation: format!("± {}", spread.deviation),
    }
}

pub(super) fn scored(score: Option<Score>) -> String {
    score.map(Score::format).unwrap_or_default()
}

/// Where the reader scores this entry and where they stand aside from it, if they are to score it now.
///
/// # Errors
/// Faults.
pub(super) async fn judging_of(
    v: &Visit,
    market: &Market,
    task: &TaskView,
    entry: &EntryView,
) -> Result<Option<(String, String)>, Failure> {
    if task.rules.judging.panel().is_none() || task.state != TaskState::Judging {
        return Ok(None);
    }
    let Some(panel) = market.panel(&v.actor, task.id).await? else { return Ok(None) };
    let me = v.actor.id();
    let locked = panel.judges.iter().any(|judge| Some(judge.person) == me && judge.locked_at.is_some());
    let barred = panel.conflicts.iter().any(|one| one.entry == entry.id && Some(one.judge) == me);
    let runs = panel.lanes.iter().any(|(id, _)| *id == entry.id);
    let offered = panel.judging && !locked && !barred && runs;
    Ok(offered.then(|| (urls::task_score(&task.handle, entry.lane), urls::entry_aside(entry.id))))
}

/// `GET /tasks/{handle}/lock`.
///
/// # Errors
/// Not found, for who is no judge of it.
pub async fn lock_ask(v: Visit, market: Data<Market>, path: Path<String>) -> Answer {
    let (task, panel) = judged(&v, &market, &path).await?;
    Ok(lock_page(v, &task, &panel).once(&market).answer())
}

/// `POST /tasks/{handle}/lock`.
///
/// # Errors
/// Not found, for who is no judge of it.
pub async fn lock(v: Visit, market: Data<Market>, path: Path<String>, Posted(form): Posted) -> Answer {
    let (task, panel) = judged(&v, &market, &path).await?;
    match market.run_once(&v.actor, key_of(&form)?, LockSheet { task: task.id }).await {
        Ok(_) => Ok(respond::done(&urls::task_panel(&task.handle), key("done-locked"))),
        Err(refusal) => lock_page(v, &task, &panel).once(&market).mend(refusal),
    }
}

/// The task and its panel, for one of its judges.
///
/// # Errors
/// Not found, for everybody else.
pub(super) async fn judged(v: &Visit, market: &Market, path: &str) -> Result<(TaskView, PanelView), Failure> {
    let task = market.task_by_handle(&v.actor, name(path)?).await?;
    let panel = market.panel(&v.actor, task.id).await?.filter(|panel| panel.judging);
    Ok((task, panel.ok_or(Refusal::NotFound)?))
}

fn lock_page(v: Visit, task: &TaskView, panel: &PanelView) -> ActPage {
    let locked = panel.judges.iter().filter(|judge| judge.locked_at.is_some()).count();
    let facts = vec![
        Fact::new(v.t(key("panel-lanes")), panel.lanes.len()),
        Fact::new(v.t(key("panel-locked")), v.t2(key("panel-of"), "some", locked, "all", panel.judges.len())),
    ];
    let said = (key("lock-title"), key("lock-lead"), key("act-lock"));
    act(v, task, said, facts, urls::task_lock(&task.handle))
}

/// `GET /tasks/{handle}/name-judge`.
///
/// # Errors
/// Not found, for who may not name one.
pub async fn name_ask(v: Visit, market: Data<Market>, path: Path<String>) -> Answer {
    let (task, lanes) = lacking(&v, &market, &path).await?;
    Ok(name_page(v, &task, &lanes, Form::default()).once(&market).answer())
}

/// `POST /tasks/{handle}/name-judge`: `person`, a handle.
///
/// # Errors
/// Not found, for who may not name one.
pub async fn name_judge(
    v: Visit,
    market: Data<Market>,
    path: Path<String>,
    Posted(mut form): Posted,
) -> Answer {
    let (task, lanes) = lacking(&v, &market, &path).await?;
    let key_given = key_of(&form)?;
    form.forget("key");
    let found = market.person_by_handle(&v.actor, form.value("person")).await;
    let done = match found {
        Ok(person) => {
            market.run_once(&v.actor, key_given, NameJudge { task: task.id, person: person.id }).await
        }
        Err(Refusal::NotFound) => Err(Refusal::on("person", market::Code::NoSuchPerson)),
        Err(other) => Err(other),
    };
    match done {
        Ok(()) => Ok(respond::done(&urls::task_panel(&task.handle), key("done-judge-named"))),
        Err(refusal) => name_page(v, &task, &lanes, form).once(&market).mend(refusal),
    }
}

async fn lacking(v: &Visit, market: &Market, path: &str) -> Result<(TaskView, Vec<String>), Failure> {
    let task = market.task_by_handle(&v.actor, name(path)?).await?;
    let panel = market.panel(&v.actor, task.id).await?.filter(|panel| panel.may_name);
    let panel = panel.ok_or(Refusal::NotFound)?;
    let lanes = panel.lanes.iter().filter(|(entry, _)| panel.orphans.contains(entry));
    Ok((task, lanes.map(|(_, lane)| lane.to_string()).collect()))
}

fn name_page(v: Visit, task: &TaskView, lanes: &[String], form: Form) -> ActPage {
    let lanes = format::list(v.locale, lanes);
    let facts = vec![Fact::new(v.t(key("panel-orphans")), lanes)];
    let asks = vec![Ask::Text(Field::new(&v, "person", key("field-judge"), key("field-judge-hint")))];
    let said = (key("name-judge-title"), key("name-judge-lead"), key("act-name-judge"));
    ActPage { form, asks, ..act(v, task, said, facts, urls::task_name_judge(&task.handle)) }
}

/// `GET /entries/{id}/aside`.
///
/// # Errors
/// Not found, for who is not to score it.
pub async fn aside_ask(v: Visit, market: Data<Market>, path: Path<String>) -> Answer {
    let (task, entry) = scored_lane(&v, &market, &path).await?;
    Ok(aside_page(v, &task, &entry, Form::default()).once(&market).answer())
}

/// `POST /entries/{id}/aside`: `reason`.
///
/// # Errors
/// Not found, for who is not to score it.
pub async fn aside(v: Visit, market: Data<Market>, path: Path<String>, Posted(mut form): Posted) -> Answer {
    let (task, entry) = scored_lane(&v, &market, &path).await?;
    let command = DeclareConflict { entry: entry.id, reason: form.value("reason").to_owned() };
    match market.run_once(&v.actor, key_of(&form)?, command).await {
        Ok(()) => Ok(respond::done(&urls::task_panel(&task.handle), key("done-aside"))),
        Err(refusal) => {
            form.forget("key");
            aside_page(v, &task, &entry, form).once(&market).mend(refusal)
        }
    }
}

async fn scored_lane(v: &Visit, market: &Market, path: &str) -> Result<(TaskView, EntryView), Failure> {
    let entry = lanes::one(v, market, id::<EntryId>(path)?).await?;
    let task = market.task(&v.actor, entry.task).await?;
    match judging_of(v, market, &task, &entry).await? {
        Some(_) => Ok((task, entry)),
        None => Err(Refusal::NotFound.into()),
    }
}

fn aside_page(v: Visit, task: &TaskView, entry: &EntryView, form: Form) -> ActPage {
    let facts = vec![Fact::linked(v.t(key("col-entry")), Link::new(&entry.name, urls::entry(entry.id)))];
    let asks = vec![Ask::Area(Field::new(&v, "reason", key("aside-reason"), key("aside-reason-hint")))];
    let said = (key("act-stand-aside"), key("aside-lead"), key("act-stand-aside"));
    ActPage { form, asks, ..act(v, task, said, facts, urls::entry_aside(entry.id)) }
}

/// Title, lead and button are keys of messages.
fn act(
    v: Visit,
    task: &TaskView,
    said: (&'static str, &'static str, &'static str),
    facts: Vec<Fact>,
    action: String,
) -> ActPage {
    let crumbs = vec![
        Link::new(&task.title, urls::task(&task.handle)),
        Link::new(v.t(key("panel-title")), urls::task_panel(&task.handle)),
    ];
    ActPage { facts, sure: true, ..ActPage::saying(v, crumbs, Form::default(), said, action) }
}

#[cfg(test)]
pub(crate) fn samples() -> Vec<PanelPage> {
    let page = |v: Visit, ruled: bool| {
        let lane = || Link::new("#2 <b>", urls::entry(2));
        let locked = || ruled.then(|| v.when(v.now));
        PanelPage {
            task: Link::new("A task", urls::task("abc")),
            facts: vec![Fact::new(v.t(key("panel-quorum")), 2)],
            rubric: vec![Criterion { name: "Use".into(), description: "For & whom".into(), weight: 60 }],
            again: ruled.then(|| "Use".to_owned()),
            judges: vec![JudgeRow {
                who: Link::new("Grace", urls::person("grace")),
                locked: locked(),
                later: ruled,
            }],
            orphans: if ruled { Vec::new() } else { vec![lane()] },
            name_url: (!ruled).then(|| urls::task_name_judge("abc")),
            own: Some(OwnSheet {
                rows: vec![OwnRow {
                    name: lane(),
                    url: urls::task_score("abc", 2),
                    scores: vec!["87.50".to_owned()],
                    total: "87.50".to_owned(),
                    whole: ruled,
                }],
                next: (!ruled).then(|| Link::new("Score #2 <b>", urls::task_score("abc", 2))),
                lock: (!ruled).then(|| urls::task_lock("abc")),
                locked: locked(),
                record: ruled.then(|| urls::record(7)),
                early: false,
            }),
            conflicts: vec![ConflictRow {
                judge: Link::new("Grace", urls::person("grace")),
                entry: lane(),
                reason: "My sister's <script>".to_owned(),
            }],
            results: vec![ResultRow {
                name: lane(),
                total: "87.50".to_owned(),
                parts: vec![
                    None,
                    Some(SpreadText {
                        combined: "80.00".into(),
                        range: "70.00–90.00".into(),
                        deviation: "± 10.00".into(),
                    }),
                ],
            }],
            sheets: vec![SheetBlock {
                judge: Link::new("Grace", urls::person("grace")),
                round: 1,
                locked: locked(),
                record: ruled.then(|| urls::record(7)),
                rows: vec![SheetRow {
                    name: lane(),
                    scores: vec!["87.50".to_owned()],
                    total: "87.50".to_owned(),
                    comment: "Works <b>".to_owned(),
                }],
            }],
            v: v.clone(),
        }
    };
    crate::visit::samples::all().into_iter().flat_map(|v| [page(v.clone(), false), page(v, true)]).collect()
}
