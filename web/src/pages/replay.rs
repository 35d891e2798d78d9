//! A race that is over, run once more, step by step.
//!
//! Promises: shows what the task's page shows now, as it stood after each step that is on record; each step has an
//! address of its own, so that no script is needed. Must never: show a race that is not ruled yet.

use std::collections::HashMap;

use actix_web::web::{Data, Path};
use askama::Template;
use market::race::{EntryState, EntryView, Step, StepKind};
use market::task::{TaskState, TaskView};
use market::{EntryId, Market, Moment};

use super::kit::{Address, Link, asked, name};
use super::lanes;
use super::names::Wanted;
use super::track::{self, RaceBlock, Seen};
use crate::errors::Answer;
use crate::format::When;
use crate::i18n::key;
use crate::visit::Visit;
use crate::{respond, urls};

/// The page.
#[derive(Debug, Template)]
#[template(path = "tasks/replay.html")]
pub struct ReplayPage {
    /// The request.
    pub v: Visit,
    /// The task.
    pub task: Link,
    /// Where the page is.
    pub here: String,
    /// The race after the step.
    pub race: RaceBlock,
    /// The step shown, from 0.
    pub at: usize,
    /// The last step.
    pub last: usize,
    /// When it was.
    pub when: When,
    /// What happened.
    pub told: String,
    /// The steps around it, with their addresses; the one shown has none.
    pub steps: Vec<StepRow>,
    /// The step before and the one after.
    pub beside: (Option<String>, Option<String>),
}

/// A step in the list.
#[derive(Debug, Clone)]
pub struct StepRow {
    /// When.
    pub at: When,
    /// What happened, leading to the picture after it.
    pub told: Link,
}

/// Steps listed before and after the one shown.
const AROUND: usize = 6;

/// `GET /tasks/{handle}/replay`: `step`, from 0; the last one without it.
///
/// # Errors
/// Not found, for who may not see the task, and before it is ruled.
pub async fn show(v: Visit, market: Data<Market>, path: Path<String>, address: Address) -> Answer {
    let form = asked(address);
    let task = market.task_by_handle(&v.actor, name(&path)?).await?;
    let steps = market.race_steps(&v.actor, task.id).await?;
    let entries = lanes::all(&v, &market, task.id).await?;
    let stages = market.stages(&v.actor, task.id).await?;
    let mut wanted = Wanted::default();
    for entry in &entries {
        wanted.persons(entry.crew.iter().map(|mate| mate.person));
        wanted.units(entry.units.iter().map(|part| part.unit));
    }
    let names = wanted.names(&v, &market).await?;
    let last = steps.len().saturating_sub(1);
    let at = form.given("step").and_then(|step| step.parse().ok()).unwrap_or(last).min(last);
    let then = Then::after(&steps, at);
    let shown: Vec<EntryView> = entries.iter().filter_map(|entry| then.entry(entry)).collect();
    let as_it_was = then.task(&task);
    let instant = Visit { now: then.now, ..v.clone() };
    let seen = Seen { task: &as_it_was, entries: &shown, stages: &stages, board: None };
    let race = track::block(&instant, market.asset(), &names, &seen);
    let here = urls::task_replay(&task.handle);
    let to = |step: usize| urls::with_query(here.clone(), &[("step", &step.to_string())]);
    let rows = steps.iter().enumerate().skip(at.saturating_sub(AROUND)).take(2 * AROUND + 1);
    let rows = rows.map(|(step, one)| StepRow {
        at: v.when(one.at),
        told: Link::new(told(&v, &entries, one), if step == at { String::new() } else { to(step) }),
    });
    let page = ReplayPage {
        task: Link::new(&task.title, urls::task(&task.handle)),
        race,
        at,
        last,
        when: v.when(then.now),
        told: steps.get(at).map(|step| told(&v, &entries, step)).unwrap_or_default(),
        steps: rows.collect(),
        beside: (at.checked_sub(1).map(to), (at < last).then(|| to(at + 1))),
        here,
        v,
    };
    Ok(respond::page(&page.v, &page))
}

/// A step in words.
fn told(v: &Visit, entries: &[EntryView], step: &Step) -> String {
    let name = entries.iter().find(|entry| Some(entry.id) == step.entry).map(|entry| entry.name.clone());
    let of = |message| v.t1(message, "entry", name.clone().unwrap_or_default()).into_owned();
    match step.kind {
        StepKind::Opened => v.t(key("step-opened")).into_owned(),
        StepKind::Entered => of(key("step-entered")),
        StepKind::Version => of(key("step-version")),
        StepKind::Cut(stage) => v.t1(key("step-cut"), "stage", stage).into_owned(),
        StepKind::Left => of(key("step-left")),
        StepKind::Closed => v.t(key("step-closed")).into_owned(),
        StepKind::Ruled => v.t(key("step-ruled")).into_owned(),
    }
}

/// What had happened after a step.
struct Then {
    now: Moment,
    entered: Vec<EntryId>,
    left: Vec<EntryId>,
    handed: HashMap<EntryId, (u32, Moment)>,
    cut: u32,
    closed: bool,
    ruled: bool,
}

impl Then {
    fn after(steps: &[Step], at: usize) -> Self {
        let mut then = Self {
            now: steps.get(at).map_or(Moment(0), |step| step.at),
            entered: Vec::new(),
            left: Vec::new(),
            handed: HashMap::new(),
            cut: 0,
            closed: false,
            ruled: false,
        };
        for step in steps.iter().take(at + 1) {
            match (step.kind, step.entry) {
                (StepKind::Entered, Some(entry)) => then.entered.push(entry),
                (StepKind::Left, Some(entry)) => then.left.push(entry),
                (StepKind::Version, Some(entry)) => {
                    let handed = then.handed.entry(entry).or_insert((0, step.at));
                    *handed = (handed.0 + 1, step.at);
                }
                (StepKind::Cut(stage), _) => then.cut = then.cut.max(stage),
                (StepKind::Closed, _) => then.closed = true,
                (StepKind::Ruled, _) => then.ruled = true,
                _ => {}
            }
        }
        then
    }

    /// The entry as it stood; nothing before it was entered.
    fn entry(&self, entry: &EntryView) -> Option<EntryView> {
        if !self.entered.contains(&entry.id) {
            return None;
        }
        let handed = self.handed.get(&entry.id);
        let was_cut = entry.cut_stage.is_some_and(|stage| stage <= self.cut);
        let state = match entry.state {
            EntryState::Cut if !was_cut => EntryState::Running,
            state if state.is_out() && state != EntryState::Cut && !self.left.contains(&entry.id) => {
                EntryState::Running
            }
            state => state,
        };
        let ruled = self.ruled;
        Some(EntryView {
            state,
            cut_stage: entry.cut_stage.filter(|_| was_cut),
            submissions: handed.map_or(0, |handed| handed.0),
            last_submitted_at: handed.map(|handed| handed.1),
            place: entry.place.filter(|_| ruled),
            score: entry.score.filter(|_| ruled),
            award: entry.award.filter(|_| ruled),
            reason: entry.reason.clone().filter(|_| ruled),
            returned: entry.returned.clone().filter(|returned| returned.at <= self.now),
            ..entry.clone()
        })
    }

    /// The task as it stood.
    fn task(&self, task: &TaskView) -> TaskView {
        let state = match (self.ruled, self.closed) {
            (true, _) => task.state,
            (false, true) => TaskState::Judging,
            (false, false) => TaskState::Open,
        };
        TaskView { state, ..task.clone() }
    }
}

#[cfg(test)]
pub(crate) fn samples() -> Vec<ReplayPage> {
    let page = |v: Visit| ReplayPage {
        task: Link::new("Cut the start-up time <by half>", urls::task("abc")),
        here: urls::task_replay("abc"),
        race: track::samples::race(&v, v.signed_in()),
        at: 3,
        last: 40,
        when: v.when(v.now),
        told: "“Half the time <b>” handed in a version".to_owned(),
        steps: vec![
            StepRow { at: v.when(v.now), told: Link::new("The race opened", urls::task_replay("abc")) },
            StepRow { at: v.when(v.now), told: Link::new("<Blue> entered", "") },
        ],
        beside: (Some(urls::task_replay("abc")), v.signed_in().then(|| urls::task_replay("abc"))),
        v,
    };
    crate::visit::samples::all().into_iter().map(page).collect()
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn step(at: i64, kind: StepKind, entry: Option<u128>) -> Step {
        Step { at: Moment(at), kind, entry: entry.map(|entry| EntryId(Uuid::from_u128(entry))) }
    }

    #[test]
    fn a_step_shows_what_came_before_it_and_nothing_that_came_after() {
        let steps = [
            step(1, StepKind::Opened, None),
            step(2, StepKind::Entered, Some(1)),
            step(3, StepKind::Version, Some(1)),
            step(4, StepKind::Version, Some(1)),
            step(5, StepKind::Cut(1), None),
            step(6, StepKind::Closed, None),
            step(7, StepKind::Ruled, None),
        ];
        let one = EntryId(Uuid::from_u128(1));
        let then = Then::after(&steps, 2);
        assert_eq!((then.handed.get(&one), then.cut, then.closed), (Some(&(1, Moment(3))), 0, false));
        let then = Then::after(&steps, 5);
        assert_eq!(then.handed.get(&one), Some(&(2, Moment(4))));
        assert!(then.closed && !then.ruled && then.cut == 1);
        assert!(Then::after(&steps, 6).ruled);
        assert!(Then::after(&[], 0).entered.is_empty());
    }
}
