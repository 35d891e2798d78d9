//! Measured races: the board on a task's page, the scores on an entry's, and the page of the answer key.
//!
//! Promises: shows what the market gives to this reader, and nothing else of a version or a key. Must never:
//! work out a figure.

use actix_web::HttpRequest;
use actix_web::HttpResponse;
use actix_web::http::header;
use actix_web::web::{Data, Path, Payload};
use askama::Template;
use market::board::{BoardView, ChooseVersions, KeyUpload, KeyView, VersionScore};
use market::race::EntryView;
use market::task::{Judging, TaskState, TaskView};
use market::{Act, EntryId, Market, Refusal, SubmissionId};

use super::kit::{Fact, Link, fresh_key, id, key_of, name};
use super::submit::{Upload, upload};
use super::task_metric;
use super::task_parts::entry_link;
use crate::errors::{Answer, Failure};
use crate::format::{self, When};
use crate::forms::{Form, Posted};
use crate::i18n::key;
use crate::plot::steps::{self as plot, Plot};
use crate::visit::Visit;
use crate::{respond, urls};

/// The board of a race.
#[derive(Debug, Clone)]
pub struct BoardBlock {
    /// The key of the name of the measure.
    pub metric: &'static str,
    /// The key of which way is better.
    pub better: &'static str,
    /// Since when it stands still.
    pub frozen: Option<When>,
    /// Whether the private part has decided.
    pub is_final: bool,
    /// Best first.
    pub rows: Vec<BoardLine>,
}

/// A row of a board.
#[derive(Debug, Clone)]
pub struct BoardLine {
    /// Its place.
    pub place: u32,
    /// The entry.
    pub name: Link,
    /// The figure on the public part.
    pub public: String,
    /// The figure that decided.
    pub private: Option<String>,
    /// Versions measured.
    pub versions: u32,
    /// When it moved.
    pub at: When,
    /// True if the reader rides in it.
    pub mine: bool,
}

/// The block of a board.
pub(super) fn block(v: &Visit, entries: &[EntryView], board: &BoardView) -> BoardBlock {
    let mine = |id| entries.iter().any(|entry| entry.id == id && entry.mine);
    BoardBlock {
        metric: task_metric::name(board.metric),
        better: if board.metric.higher_is_better() {
            key("metric-more-is-better")
        } else {
            key("metric-less-is-better")
        },
        frozen: board.frozen_since.map(|at| v.when(at)),
        is_final: board.is_final,
        rows: board
            .rows
            .iter()
            .map(|row| BoardLine {
                place: row.place,
                name: entry_link(entries, row.entry),
                public: row.public.clone(),
                private: row.private.clone(),
                versions: row.versions,
                at: v.when(row.at),
                mine: mine(row.entry),
            })
            .collect(),
    }
}

/// What the versions of an entry scored.
#[derive(Debug, Clone)]
pub struct ScoresBlock {
    /// Newest first.
    pub rows: Vec<ScoreRow>,
    /// The public figures over time, narrow and wide.
    pub plots: Vec<(&'static str, Plot)>,
    /// Where the crew chooses what counts, while it may.
    pub choose: Option<String>,
    /// What the form is sent with.
    pub form: Form,
}

/// What one version scored.
#[derive(Debug, Clone)]
pub struct ScoreRow {
    /// Its id.
    pub id: SubmissionId,
    /// Its number.
    pub version: u32,
    /// When.
    pub at: When,
    /// On the public part.
    pub public: String,
    /// On the private part.
    pub private: Option<String>,
    /// Whether it moved the board.
    pub moved: bool,
    /// Whether it was chosen.
    pub chosen: bool,
}

/// The block of an entry's scores, where there are any for this reader.
pub(super) async fn scores(
    v: &Visit,
    market: &Market,
    task: &TaskView,
    entry: &EntryView,
) -> Result<Option<ScoresBlock>, Failure> {
    let scores = market.version_scores(&v.actor, entry.id).await?;
    let may = task.state == TaskState::Open && entry.mine;
    let form = Form::of([("key", fresh_key(market))]);
    Ok(scores_block(v, &scores, may.then(|| urls::entry_choose(entry.id)), form))
}

fn scores_block(
    v: &Visit,
    scores: &[VersionScore],
    choose: Option<String>,
    form: Form,
) -> Option<ScoresBlock> {
    if scores.is_empty() {
        return None;
    }
    let points: Vec<plot::Point> =
        scores.iter().rev().map(|score| (score.at, millionths(&score.public))).collect();
    let figure = |units: i128| {
        format!(
            "{}{}.{:03}",
            if units < 0 { "-" } else { "" },
            units.abs() / 1_000_000,
            units.abs() % 1_000_000 / 1_000
        )
    };
    let date = |at| format::date(v.locale, &v.zone, at);
    let plots = [("wide", 880), ("small", 320)];
    let plots = if points.len() > 1 {
        plots
            .into_iter()
            .filter_map(|(class, width)| Some((class, plot::draw(&points, width, figure, date)?)))
            .collect()
    } else {
        Vec::new()
    };
    let row = |score: &VersionScore| ScoreRow {
        id: score.submission,
        version: score.version,
        at: v.when(score.at),
        public: score.public.clone(),
        private: score.private.clone(),
        moved: score.moved,
        chosen: score.chosen,
    };
    Some(ScoresBlock { rows: scores.iter().map(row).collect(), plots, choose, form })
}

/// A figure as drawn: whole millionths of a plain decimal number.
pub(super) fn millionths(text: &str) -> i128 {
    let (negative, digits) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    let part: String = part.chars().chain(std::iter::repeat('0')).take(6).collect();
    let units = format!("{whole}{part}").parse::<i128>().unwrap_or(0);
    if negative { -units } else { units }
}

/// `POST /entries/{id}/choose`: `submission`, at most two.
///
/// # Errors
/// Not found, unless the asker rides in the entry.
pub async fn choose(v: Visit, market: Data<Market>, path: Path<String>, Posted(form): Posted) -> Answer {
    let entry = id::<EntryId>(&path)?;
    let chosen = form.values("submission").map(id::<SubmissionId>).collect::<Result<Vec<_>, _>>()?;
    let command = ChooseVersions { entry, submissions: chosen };
    market.run_once(&v.actor, key_of(&form)?, command).await?;
    Ok(respond::done(&urls::entry(entry), key("done-chosen")))
}

/// The page of an answer key.
#[derive(Debug, Template)]
#[template(path = "tasks/key.html")]
pub struct KeyPage {
    /// The request.
    pub v: Visit,
    /// The task.
    pub task: Link,
    /// What was sent before, when something is wrong with it.
    pub form: Form,
    /// What is known of the key.
    pub facts: Vec<Fact>,
    /// Whether the rules have changed since it was read.
    pub stale: bool,
    /// Where to get it.
    pub file: Option<String>,
    /// Where to send another, while the task is a draft.
    pub action: Option<String>,
    /// How large it may be.
    pub limit: String,
}

/// `GET /tasks/{handle}/key`.
///
/// # Errors
/// Not found, for who may not see the key.
pub async fn key_show(v: Visit, market: Data<Market>, path: Path<String>) -> Answer {
    let task = market.task_by_handle(&v.actor, name(&path)?).await?;
    let page = key_page(v, &market, &task, Form::default()).await?;
    Ok(respond::page(&page.v, &page))
}

/// `POST /tasks/{handle}/key` (multipart): `content`.
///
/// # Errors
/// Not found, for who did not write the draft.
pub async fn key_upload(
    v: Visit,
    market: Data<Market>,
    path: Path<String>,
    request: HttpRequest,
    payload: Payload,
) -> Answer {
    let task = market.task_by_handle(&v.actor, name(&path)?).await?;
    let Upload { files, .. } = upload(&market, &request, payload).await?;
    let bytes = files.into_iter().next().map(|file| file.bytes).unwrap_or_default();
    match market.upload_answer_key(&v.actor, KeyUpload { task: task.id, bytes }).await {
        Ok(()) => {
            let done = respond::done(&urls::task_key(&task.handle), key("done-key"));
            Ok(respond::to_script(&request, done))
        }
        Err(refusal) => {
            let form = Form::default().mend(&v, refusal)?;
            let page = key_page(v, &market, &task, form).await?;
            Ok(respond::form_again(&page.v, &page))
        }
    }
}

/// `GET /tasks/{handle}/key.csv`.
///
/// # Errors
/// Not found, for who may not see the key.
pub async fn key_file(v: Visit, market: Data<Market>, path: Path<String>) -> Answer {
    let task = market.task_by_handle(&v.actor, name(&path)?).await?;
    let bytes = market.answer_key_file(&v.actor, task.id).await?;
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "text/csv"))
        .insert_header((header::CONTENT_DISPOSITION, "attachment; filename=\"answer-key.csv\""))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((header::CACHE_CONTROL, "private, no-store"))
        .insert_header(("Content-Security-Policy", "default-src 'none'; sandbox"))
        .body(bytes))
}

async fn key_page(v: Visit, market: &Market, task: &TaskView, form: Form) -> Result<KeyPage, Failure> {
    let found = market.answer_key(&v.actor, task.id).await?;
    if !matches!(task.rules.judging, Judging::Metric(_)) {
        return Err(Refusal::NotFound.into());
    }
    let can = market.viewer_can(&v.actor, task.id).await?;
    let draft = can.iter().any(|(act, refused)| *act == Act::UploadAnswerKey && refused.is_none());
    let largest = format::size(u64::try_from(market.settings().max_file).unwrap_or(u64::MAX));
    Ok(KeyPage {
        task: Link::new(&task.title, urls::task(&task.handle)),
        facts: found.as_ref().map(|found| facts(&v, found)).unwrap_or_default(),
        stale: found.as_ref().is_some_and(|found| !found.fits),
        file: found.is_some().then(|| urls::task_key_file(&task.handle)),
        action: draft.then(|| urls::task_key(&task.handle)),
        limit: v.t1(key("key-limit"), "size", largest).into_owned(),
        form,
        v,
    })
}

fn facts(v: &Visit, found: &KeyView) -> Vec<Fact> {
    vec![
        Fact::new(v.t(key("key-rows")), found.rows),
        Fact::new(v.t(key("key-public")), found.public_rows),
        Fact::new(v.t(key("key-size")), format::size(found.size)),
        Fact::new(v.t(key("key-uploaded")), v.when(found.uploaded_at).exact),
        Fact::new(v.t(key("key-digest")), hex::encode(found.sha256)),
    ]
}

#[cfg(test)]
pub(crate) mod samples {
    use super::*;

    pub(crate) fn board(v: &Visit, is_final: bool) -> BoardBlock {
        let line = |place, name: &str, public: &str| BoardLine {
            place,
            name: Link::new(name, urls::entry(place)),
            public: public.to_owned(),
            private: is_final.then(|| "0.871200000".to_owned()),
            versions: place + 1,
            at: v.when(v.now.plus_seconds(-3_600)),
            mine: place == 2,
        };
        BoardBlock {
            metric: key("metric-accuracy"),
            better: key("metric-more-is-better"),
            frozen: (!is_final).then(|| v.when(v.now.plus_seconds(-60))),
            is_final,
            rows: vec![line(1, "Half the time <b>", "0.900000000"), line(2, "蓝色闪电", "0.870000000")],
        }
    }

    pub(crate) fn scores(v: &Visit) -> Option<ScoresBlock> {
        let score = |version: u32, public: &str| VersionScore {
            submission: format!("00000000-0000-0000-0000-{version:012}").parse().unwrap(),
            version,
            at: v.now.plus_seconds(-86_400 * i64::from(9 - version)),
            public: public.to_owned(),
            private: (version == 2).then(|| "0.860000000".to_owned()),
            moved: version != 2,
            chosen: version == 2,
        };
        let scores = [score(3, "0.900000000"), score(2, "0.870000000"), score(1, "0.850000000")];
        scores_block(v, &scores, Some(urls::entry_choose(1)), Form::of([("key", "k")]))
    }

    pub(crate) fn pages() -> Vec<KeyPage> {
        let page = |v: &Visit, full: bool| {
            let mut form = Form::default();
            if full {
                form.refuse("content", "Line 3, column 2: write a plain number.");
            }
            KeyPage {
                task: Link::new("Forecast <b>", urls::task("abc")),
                facts: if full { vec![Fact::new(v.t(key("key-rows")), 360)] } else { Vec::new() },
                stale: full,
                file: full.then(|| urls::task_key_file("abc")),
                action: Some(urls::task_key("abc")),
                limit: "At most 1 MB.".to_owned(),
                form,
                v: v.clone(),
            }
        };
        crate::visit::samples::all().iter().flat_map(|v| [page(v, true), page(v, false)]).collect()
    }

    #[test]
    fn figures_are_drawn_in_millionths() {
        assert_eq!(millionths("0.912345678"), 912_345);
        assert_eq!((millionths("-1.5"), millionths("12"), millionths("odd")), (-1_500_000, 12_000_000, 0));
    }
}
