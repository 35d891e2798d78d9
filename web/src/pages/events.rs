//! Events that count, on a task's page, and the page on which they are counted.
//!
//! Promises: whoever sees the race sees each count with its evidence. Must never: say what an event is paid by
//! itself; the rules do.

use actix_web::web::{Data, Path};
use market::meter::{EventsView, RecordEvents};
use market::race::{EntryState, EntryView};
use market::task::{PrizePlan, TaskView};
use market::{Act, Code, EntryId, Market, Problems, Refusal};

use super::act::{ActPage, Ask, Field};
use super::kit::{Choice, Link, key_of, name};
use super::lanes;
use super::names::Names;
use super::task_parts::entry_link;
use crate::errors::{Answer, Failure};
use crate::format::When;
use crate::forms::{Form, Posted};
use crate::i18n::key;
use crate::visit::Visit;
use crate::{respond, urls};

/// A count of events, as a row.
#[derive(Debug, Clone)]
pub struct EventRow {
    /// For which entry; none = by which the pot grows.
    pub entry: Option<Link>,
    /// How many.
    pub count: u32,
    /// What shows them.
    pub evidence: String,
    /// Who counted them.
    pub by: Link,
    /// When.
    pub at: When,
    /// The record.
    pub record: String,
}

/// The row of a count.
pub(super) fn row(v: &Visit, names: &Names, entries: &[EntryView], events: &EventsView) -> EventRow {
    EventRow {
        entry: events.entry.map(|entry| entry_link(entries, entry)),
        count: events.count,
        evidence: events.evidence.clone(),
        by: names.person(events.by),
        at: v.when(events.at),
        record: urls::record(events.record),
    }
}

/// `GET /tasks/{handle}/events`.
///
/// # Errors
/// Not found, for who may not count here.
pub async fn ask(v: Visit, market: Data<Market>, path: Path<String>) -> Answer {
    let task = counted(&v, &market, &path).await?;
    Ok(page(v, &market, &task, Form::default()).await?.once(&market).answer())
}

/// `POST /tasks/{handle}/events`: `entry`, `count`, `evidence`.
///
/// # Errors
/// Not found, for who may not count here.
pub async fn record(v: Visit, market: Data<Market>, path: Path<String>, Posted(mut form): Posted) -> Answer {
    let task = counted(&v, &market, &path).await?;
    let done = match command(&task, &form) {
        Ok(command) => market.run_once(&v.actor, key_of(&form)?, command).await,
        Err(refusal) => Err(refusal),
    };
    match done {
        Ok(()) => Ok(respond::done(&urls::task(&task.handle), key("done-counted"))),
        Err(refusal) => {
            form.forget("key");
            page(v, &market, &task, form).await?.once(&market).mend(refusal)
        }
    }
}

fn command(task: &TaskView, form: &Form) -> Result<RecordEvents, Refusal> {
    let mut problems = Problems::default();
    let entry = form.given("entry").map(|text| text.parse::<EntryId>().map_err(|_| Code::BadChoice));
    let entry = problems.keep("entry", entry.transpose());
    let range = Code::OutOfRange { min: "1".to_owned(), max: market::meter::MOST_AT_ONCE.to_string() };
    let count = problems.keep("count", form.value("count").trim().parse::<u32>().map_err(|_| range));
    problems.done()?;
    Ok(RecordEvents {
        task: task.id,
        entry: entry.flatten(),
        count: count.unwrap_or_default(),
        evidence: form.value("evidence").to_owned(),
    })
}

async fn counted(v: &Visit, market: &Market, path: &str) -> Result<TaskView, Failure> {
    let task = market.task_by_handle(&v.actor, name(path)?).await?;
    let can = market.viewer_can(&v.actor, task.id).await?;
    if can.iter().any(|(act, _)| *act == Act::RecordEvents) {
        Ok(task)
    } else {
        Err(Refusal::NotFound.into())
    }
}

async fn page(v: Visit, market: &Market, task: &TaskView, form: Form) -> Result<ActPage, Failure> {
    let mut choices = Vec::new();
    if task.rules.growth.is_some() {
        choices.push(Choice::new("", v.t(key("events-for-pot"))));
    }
    if matches!(task.rules.plan, PrizePlan::Metered { .. }) {
        let entries = lanes::all(&v, market, task.id).await?;
        let running = entries.iter().filter(|entry| entry.state == EntryState::Running);
        choices.extend(running.map(|entry| Choice::new(entry.id.to_string(), &entry.name)));
    }
    let asks = vec![
        Ask::Select(Field::bare(&v, "entry", key("events-for")), choices),
        Ask::Number(Field::bare(&v, "count", key("events-count")), v.t(key("unit-events")).into_owned()),
        Ask::Area(Field::new(&v, "evidence", key("events-evidence"), key("events-evidence-hint"))),
    ];
    Ok(ActPage {
        form,
        crumbs: vec![
            Link::new(v.t(key("nav-tasks")), urls::tasks()),
            Link::new(&task.title, urls::task(&task.handle)),
        ],
        title: v.t(key("events-title")).into_owned(),
        lead: v.t(key("events-lead")).into_owned(),
        facts: Vec::new(),
        asks,
        action: urls::task_events(&task.handle),
        submit: v.t(key("act-count")).into_owned(),
        danger: false,
        sure: false,
        sign: None,
        v,
    })
}
