//! The list of tasks: filter, search and order in the address.

use actix_web::web::Data;
use askama::Template;
use market::task::{TaskFilter, TaskOrder, TaskState, TaskView, Visibility};
use market::{Act, AssetView, Market};

use super::kit::{Address, Badge, Choice, Pager, asked, listed, page_of, tokens};
use crate::errors::Answer;
use crate::format::{Tokens, When};
use crate::forms::Form;
use crate::i18n::key;
use crate::visit::Visit;
use crate::{markdown, respond, urls};

/// A task in a list.
#[derive(Debug, Clone)]
pub struct TaskCard {
    /// Its page.
    pub url: String,
    /// Its title.
    pub title: String,
    /// The beginning of its brief.
    pub summary: String,
    /// Where it stands.
    pub badge: Badge,
    /// True for an open challenge.
    pub open: bool,
    /// What it pays.
    pub bounty: Tokens,
    /// When its clock stops or stopped; nothing for drafts.
    pub closes: Option<When>,
    /// How many lanes it has.
    pub lanes: u32,
    /// How far its clock has run from the start to the deadline, in percent; nothing for what does not race.
    pub gone: Option<u32>,
}

impl TaskCard {
    /// The card of `task`.
    pub fn new(v: &Visit, asset: &AssetView, task: &TaskView) -> Self {
        Self {
            url: urls::task(&task.handle),
            title: task.title.clone(),
            summary: markdown::to_text(&task.brief, 170),
            badge: state(task.state),
            open: task.visibility == Visibility::Open,
            bounty: tokens(asset, task.bounty),
            closes: (task.state != TaskState::Draft).then(|| v.when(task.closes_at)),
            lanes: task.lanes,
            gone: gone(v, task),
        }
    }

    /// How far to the left of its nose its horse begins, in pixels, so that it stays inside the picture.
    pub fn shift(&self) -> u32 {
        self.gone.unwrap_or_default() * Self::HORSE / 100
    }

    /// How wide its horse is drawn, in pixels.
    pub const HORSE: u32 = 36;
}

/// How far the clock of `task` has run: all the way once it has stopped.
fn gone(v: &Visit, task: &TaskView) -> Option<u32> {
    match task.state {
        TaskState::Open => {
            let start = task.published_at.unwrap_or(task.created_at);
            let whole = task.closes_at.seconds_since(start).max(1);
            let run = v.now.seconds_since(start).clamp(0, whole);
            u32::try_from(run.saturating_mul(100) / whole).ok()
        }
        TaskState::Judging | TaskState::Provisional | TaskState::Settled => Some(100),
        TaskState::Draft | TaskState::Cancelled | TaskState::Expired => None,
    }
}

/// The badge of a state.
pub fn state(state: TaskState) -> Badge {
    let (tone, label) = match state {
        TaskState::Draft => ("", key("state-draft")),
        TaskState::Open => ("go", key("state-open")),
        TaskState::Judging => ("wait", key("state-judging")),
        TaskState::Provisional => ("gold", key("state-provisional")),
        TaskState::Settled => ("", key("state-settled")),
        TaskState::Cancelled => ("", key("state-cancelled")),
        TaskState::Expired => ("", key("state-expired")),
    };
    Badge { tone, label }
}

/// The page.
#[derive(Debug, Template)]
#[template(path = "tasks/list.html")]
pub struct TasksPage {
    /// The request.
    pub v: Visit,
    /// What the address asks for.
    pub form: Form,
    /// Which tasks: each tab with its address and whether it is the present one.
    pub tabs: Vec<Tab>,
    /// The states to choose from.
    pub states: Vec<Choice>,
    /// The orders to choose from.
    pub orders: Vec<Choice>,
    /// The tasks.
    pub cards: Vec<TaskCard>,
    /// The way on.
    pub pager: Pager,
    /// True if the asker may post one.
    pub may_post: bool,
    /// The same list as a feed.
    pub feed: String,
}

/// One of the tabs above a list.
#[derive(Debug, Clone)]
pub struct Tab {
    /// Where it leads.
    pub url: String,
    /// The key of its message.
    pub label: &'static str,
    /// True for the present one.
    pub current: bool,
}

/// `GET /tasks`: `show` (`open`, `mine`, `riding`, `judging`), `state`, `q`, `order`, `after` or `before`.
///
/// # Errors
/// A bad cursor; faults.
pub async fn list(v: Visit, market: Data<Market>, address: Address) -> Answer {
    let form = asked(address);
    let filter = filter(&v, &form);
    let listing = listed(market.tasks(&v.actor, &filter, &page_of(&form, 24)).await)?;
    let here = here(&form, form.value("show"));
    let page = TasksPage {
        tabs: tabs(&v, &form),
        states: states(&v),
        orders: orders(&v),
        pager: Pager::of(&listing, &here),
        cards: listing.items.iter().map(|(_, task)| TaskCard::new(&v, market.asset(), task)).collect(),
        may_post: v.may(Act::CreateTask),
        feed: here.replacen(&urls::tasks(), &urls::tasks_feed(), 1),
        form,
        v,
    };
    Ok(respond::page(&page.v, &page))
}

pub(super) fn filter(v: &Visit, form: &Form) -> TaskFilter {
    let signed_in = v.signed_in();
    TaskFilter {
        states: form.value("state").parse::<TaskState>().into_iter().collect(),
        open_only: form.has("show", "open"),
        mine: signed_in && form.has("show", "mine"),
        riding: signed_in && form.has("show", "riding"),
        judging: signed_in && form.has("show", "judging"),
        search: form.given("q").map(str::to_owned),
        order: match form.value("order") {
            "closing" => TaskOrder::ClosingSoon,
            "bounty" => TaskOrder::Bounty,
            _ => TaskOrder::Newest,
        },
    }
}

/// This list with another tab, everything else kept.
fn here(form: &Form, show: &str) -> String {
    let kept = ["q", "state", "order"].map(|name| (name, form.value(name)));
    urls::with_query(urls::with_query(urls::tasks(), &[("show", show)]), &kept)
}

fn tabs(v: &Visit, form: &Form) -> Vec<Tab> {
    let tabs = [
        (true, "", key("tasks-all")),
        (true, "open", key("tasks-open")),
        (v.may(Act::CreateTask), "mine", key("tasks-mine")),
        (v.signed_in(), "riding", key("tasks-riding")),
        (v.signed_in(), "judging", key("tasks-judging")),
    ];
    let shown = tabs.into_iter().filter(|(shown, ..)| *shown);
    shown
        .map(|(_, show, label)| Tab { url: here(form, show), label, current: form.value("show") == show })
        .collect()
}

fn states(v: &Visit) -> Vec<Choice> {
    let any = Choice::new("", v.t(key("tasks-any-state")));
    let each = TaskState::ALL.iter().map(|each| Choice::new(each.as_str(), v.t(state(*each).label)));
    std::iter::once(any).chain(each).collect()
}

fn orders(v: &Visit) -> Vec<Choice> {
    [("", key("order-newest")), ("closing", key("order-closing")), ("bounty", key("order-bounty"))]
        .map(|(value, label)| Choice::new(value, v.t(label)))
        .into()
}

#[cfg(test)]
pub(crate) mod samples {
    use super::*;
    use crate::visit::samples;

    pub(crate) fn card(v: &Visit, title: &str) -> TaskCard {
        TaskCard {
            url: urls::task("abc"),
            title: title.to_owned(),
            summary: "A brief of a few words that says what is wanted & <why>.".to_owned(),
            badge: state(TaskState::Open),
            open: true,
            bounty: Tokens::new(1_250_000, 2, "SAI"),
            closes: Some(v.when(samples::NOW.plus_seconds(12 * 86_400))),
            lanes: 4,
            gone: Some(40),
        }
    }

    pub(crate) fn pages() -> Vec<TasksPage> {
        let mut pages = Vec::new();
        for v in samples::all() {
            let form = Form::of([("q", "\"x\""), ("show", "open")]);
            let titles = [
                "Cut the start-up time of the gateway by half",
                "无人机巡检：识别光伏板隐裂",
                "A better name",
            ];
            let full = TasksPage {
                tabs: tabs(&v, &form),
                states: states(&v),
                orders: orders(&v),
                cards: titles.iter().map(|title| card(&v, title)).collect(),
                pager: Pager { previous: None, next: Some("/tasks?after=x".to_owned()), total: 1_234 },
                may_post: v.signed_in(),
                feed: urls::tasks_feed(),
                form,
                v: v.clone(),
            };
            let empty = TasksPage {
                tabs: Vec::new(),
                states: Vec::new(),
                orders: Vec::new(),
                cards: Vec::new(),
                pager: Pager::default(),
                may_post: true,
                feed: urls::tasks_feed(),
                form: Form::default(),
                v,
            };
            pages.extend([full, empty]);
        }
        pages
    }
}
