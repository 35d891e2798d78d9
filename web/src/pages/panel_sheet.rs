//! One lane on a judge's sheet: a score for each criterion, a comment, and the way to the next lane.
//!
//! Promises: works by keyboard alone, and without a script: the first button saves and goes on. Must never:
//! show what another judge gave.

use actix_web::web::{Data, Path};
use askama::Template;
use market::error::{Code, Problems};
use market::judging::{MarksView, PanelView, SaveScores};
use market::task::{Score, TaskState, TaskView};
use market::{EntryId, Market, Refusal};

use super::entry::{ContentBlock, content_block};
use super::kit::Link;
use super::lanes;
use super::panel::{judged, scored};
use super::task_parts::entry_link;
use crate::errors::{Answer, Failure};
use crate::format::When;
use crate::forms::{Form, Posted};
use crate::i18n::key;
use crate::visit::Visit;
use crate::{markdown, respond, urls};

/// The page.
#[derive(Debug, Template)]
#[template(path = "tasks/score.html")]
pub struct ScorePage {
    /// The request.
    pub v: Visit,
    /// What was typed.
    pub form: Form,
    /// The task.
    pub task: Link,
    /// The overview of the panel.
    pub panel: String,
    /// The lane's number.
    pub lane: u32,
    /// Its name, leading to what it handed in.
    pub name: Link,
    /// Where the judge stands aside.
    pub aside: String,
    /// Where the form goes.
    pub action: String,
    /// The version that is scored: its number, when it came and what it says.
    pub work: Option<(u32, When, Option<ContentBlock>)>,
    /// What had to hold, as safe HTML.
    pub criteria: String,
    /// The criteria to score.
    pub lines: Vec<ScoreLine>,
    /// Whether there is a lane before.
    pub previous: bool,
    /// Whether there is a lane after.
    pub next: bool,
    /// All lanes that are the judge's to score.
    pub lanes: Vec<LaneLink>,
}

/// A criterion to score.
#[derive(Debug, Clone)]
pub struct ScoreLine {
    /// Its field.
    pub field: String,
    /// Its name and weight.
    pub label: String,
    /// What it means.
    pub hint: String,
}

/// A lane in the list beside the form.
#[derive(Debug, Clone)]
pub struct LaneLink {
    /// Its number.
    pub lane: u32,
    /// Where it is scored.
    pub url: String,
    /// True for the lane shown.
    pub here: bool,
    /// True when something was saved for it.
    pub begun: bool,
}

/// Everything that a scoring page needs.
struct Desk {
    task: TaskView,
    panel: PanelView,
    /// The lanes that are the judge's to score, by number.
    lanes: Vec<(EntryId, u32)>,
    /// Which of them is shown.
    at: usize,
}

impl Desk {
    async fn open(v: &Visit, market: &Market, path: (String, String)) -> Result<Self, Failure> {
        let (handle, lane) = path;
        let (task, panel) = judged(v, market, &handle).await?;
        let me = v.actor.id();
        let barred =
            |entry: EntryId| panel.conflicts.iter().any(|one| one.entry == entry && Some(one.judge) == me);
        let locked = panel.judges.iter().any(|judge| Some(judge.person) == me && judge.locked_at.is_some());
        let lanes: Vec<_> = panel.lanes.iter().copied().filter(|(entry, _)| !barred(*entry)).collect();
        let wanted = lane.parse::<u32>().map_err(|_| Refusal::NotFound)?;
        let at = lanes.iter().position(|(_, lane)| *lane == wanted);
        match at {
            Some(at) if task.state == TaskState::Judging && !locked => Ok(Self { task, panel, lanes, at }),
            _ => Err(Refusal::NotFound.into()),
        }
    }

    fn entry(&self) -> EntryId {
        self.lanes[self.at].0
    }

    fn asks(&self, at: usize) -> bool {
        self.panel.criterion.is_none_or(|only| usize::try_from(only) == Ok(at))
    }

    /// What was saved for a lane.
    fn marks(&self, v: &Visit, entry: EntryId) -> Option<&MarksView> {
        let own = |sheet: &&market::judging::SheetView| {
            sheet.round == self.panel.round && Some(sheet.judge) == v.actor.id()
        };
        self.panel.sheets.iter().find(own)?.marks.iter().find(|marks| marks.entry == entry)
    }

    fn url(&self, at: usize) -> String {
        match self.lanes.get(at) {
            Some((_, lane)) => urls::task_score(&self.task.handle, lane),
            None => urls::task_panel(&self.task.handle),
        }
    }

    fn filled(&self, v: &Visit) -> Form {
        let mut form = Form::default();
        if let Some(marks) = self.marks(v, self.entry()) {
            for (at, score) in marks.scores.iter().enumerate() {
                form.set(&format!("scores.{at}"), scored(*score));
            }
            form.set("comment", &marks.comment);
        }
        form
    }

    async fn page(self, v: Visit, market: &Market, form: Form) -> Result<ScorePage, Failure> {
        let entries = lanes::all(&v, market, self.task.id).await?;
        let versions = market.submissions(&v.actor, self.entry()).await?;
        let work = versions.first().map(|newest| {
            let content = newest.content.as_ref().map(|content| content_block(&v, &self.task, content));
            (newest.version, v.when(newest.at), content)
        });
        let weights: u32 = self.panel.panel.rubric.iter().map(|criterion| criterion.weight).sum();
        let rubric = self.panel.panel.rubric.iter().enumerate().filter(|(at, _)| self.asks(*at));
        let lines = rubric.map(|(at, criterion)| ScoreLine {
            field: format!("scores.{at}"),
            label: v
                .t2(key("score-label"), "name", &criterion.name, "part", part(criterion.weight, weights))
                .into_owned(),
            hint: criterion.description.clone(),
        });
        let lanes = self.lanes.iter().enumerate().map(|(at, (entry, lane))| LaneLink {
            lane: *lane,
            url: self.url(at),
            here: at == self.at,
            begun: self.marks(&v, *entry).is_some(),
        });
        Ok(ScorePage {
            task: Link::new(&self.task.title, urls::task(&self.task.handle)),
            panel: urls::task_panel(&self.task.handle),
            lane: self.lanes[self.at].1,
            name: entry_link(&entries, self.entry()),
            aside: urls::entry_aside(self.entry()),
            action: self.url(self.at),
            work,
            criteria: markdown::to_html(&self.task.criteria),
            lines: lines.collect(),
            previous: self.at > 0,
            next: self.at + 1 < self.lanes.len(),
            lanes: lanes.collect(),
            form,
            v,
        })
    }
}

fn part(weight: u32, weights: u32) -> String {
    let points = u64::from(weight) * 10_000 / u64::from(weights.max(1));
    crate::format::percent(u32::try_from(points).unwrap_or(0))
}

/// `GET /tasks/{handle}/panel/{lane}`.
///
/// # Errors
/// Not found, unless the asker is to score this lane now.
pub async fn ask(v: Visit, market: Data<Market>, path: Path<(String, String)>) -> Answer {
    let desk = Desk::open(&v, &market, path.into_inner()).await?;
    let form = desk.filled(&v);
    let page = desk.page(v, &market, form).await?;
    Ok(respond::page(&page.v, &page))
}

/// `POST /tasks/{handle}/panel/{lane}`: `scores.N`, `comment`, and where to go: `do` is `next`, `previous` or
/// `stay`.
///
/// # Errors
/// Not found, unless the asker is to score this lane now.
pub async fn save(
    v: Visit,
    market: Data<Market>,
    path: Path<(String, String)>,
    Posted(form): Posted,
) -> Answer {
    let desk = Desk::open(&v, &market, path.into_inner()).await?;
    let done = match scores(&form, &desk) {
        Ok(scores) => {
            let comment = form.value("comment").to_owned();
            market.run(&v.actor, SaveScores { entry: desk.entry(), scores, comment }).await
        }
        Err(refusal) => Err(refusal),
    };
    match done {
        Ok(()) => {
            let to = match form.value("do") {
                "previous" if desk.at > 0 => desk.url(desk.at - 1),
                "stay" => desk.url(desk.at),
                _ => desk.url(desk.at + 1),
            };
            Ok(respond::done(&to, key("done-scored")))
        }
        Err(refusal) => {
            let form = form.mend(&v, refusal)?;
            let page = desk.page(v, &market, form).await?;
            Ok(respond::form_again(&page.v, &page))
        }
    }
}

/// The scores as typed; an empty field is not scored yet.
fn scores(form: &Form, desk: &Desk) -> Result<Vec<Option<Score>>, Refusal> {
    let mut problems = Problems::default();
    let mut scores = Vec::new();
    for at in 0..desk.panel.panel.rubric.len() {
        let field = format!("scores.{at}");
        let typed: Result<_, Code> = match desk.asks(at) {
            true => form.given(&field).map(Score::parse).transpose(),
            false => Ok(None),
        };
        scores.push(problems.keep(field, typed).flatten());
    }
    problems.done().map(|()| scores)
}

#[cfg(test)]
pub(crate) fn samples() -> Vec<ScorePage> {
    let page = |v: Visit| {
        let mut form = Form::of([("scores.0", "101"), ("comment", "</textarea><script>")]);
        form.refuse("scores.0", "Give a score from 0 to 100.");
        let lane = |lane, here| LaneLink { lane, url: urls::task_score("abc", lane), here, begun: !here };
        ScorePage {
            form,
            task: Link::new("A task", urls::task("abc")),
            panel: urls::task_panel("abc"),
            lane: 2,
            name: Link::new("#2", urls::entry(2)),
            aside: urls::entry_aside(2),
            action: urls::task_score("abc", 2),
            work: Some((3, v.when(v.now), Some(super::entry::samples::content()))),
            criteria: "<p>It works.</p>".to_owned(),
            lines: vec![ScoreLine {
                field: "scores.0".to_owned(),
                label: "Use, 60%".to_owned(),
                hint: "For <whom>".to_owned(),
            }],
            previous: true,
            next: true,
            lanes: vec![lane(1, false), lane(2, true), lane(3, false)],
            v,
        }
    };
    crate::visit::samples::all().into_iter().map(page).collect()
}
