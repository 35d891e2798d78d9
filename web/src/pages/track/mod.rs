//! The track: a picture of a race, drawn on the server, and the table that says the same.
//!
//! Promises: whatever it shows is in the table beside it too; it knows of a race what the market gave to this
//! reader, so that what is hidden, frozen or sealed stays so. Must never: ask the market for anything by itself,
//! or let a place, a prize or a distance be told by colour alone.

mod draw;
pub mod horse;
mod runs;
mod shown;

use std::collections::HashMap;

use market::board::BoardView;
use market::judging::StageView;
use market::race::{EntryState, EntryView};
use market::task::{TaskState, TaskView};
use market::{AssetView, EntryId, Moment};

use super::board::{self, BoardBlock};
use super::kit::Link;
use super::names::Names;
use super::task_parts::{self, LaneRow};
use crate::format::{self, When};
use crate::i18n::key;
use crate::urls;
use crate::visit::Visit;

pub use draw::{MOST, Part, Picture, PictureLane, PicturePost, PictureTie};
pub use runs::{Course, Kind, Post, Run};
pub(super) use shown::shown;

/// The race on a task's page: the picture and its table.
#[derive(Debug, Clone)]
pub struct RaceBlock {
    /// The key of what the race is doing.
    pub phase: &'static str,
    /// Whether it runs at this moment.
    pub running: bool,
    /// Since when others are shown as they stood then.
    pub frozen: Option<When>,
    /// The key of what distance means.
    pub caption: &'static str,
    /// What the picture shows, for who can't see it.
    pub told: String,
    /// The picture.
    pub picture: Picture,
    /// The posts by name.
    pub posts: Vec<PostRow>,
    /// The lanes.
    pub lanes: Vec<LaneRow>,
    /// Whether a ruling has placed them.
    pub ruled: bool,
    /// Entries that wait for a lane, in their order.
    pub waiting: Vec<Link>,
    /// The board, where the server measures.
    pub board: Option<BoardBlock>,
    /// Lanes that the picture leaves out.
    pub beyond: usize,
    /// From when until when the clock's hand goes, in milliseconds since 1970.
    pub clock: (i64, i64),
}

/// A post of the course.
#[derive(Debug, Clone)]
pub struct PostRow {
    /// Its number.
    pub no: u32,
    /// What its stage is called.
    pub name: String,
    /// When the stage ends.
    pub at: When,
    /// How many lanes were closed there.
    pub fell: usize,
}

/// What a race is drawn from: all of it as the market gave it to this reader.
#[derive(Debug, Clone, Copy)]
pub struct Seen<'s> {
    /// The task.
    pub task: &'s TaskView,
    /// The lanes.
    pub entries: &'s [EntryView],
    /// The stages.
    pub stages: &'s [StageView],
    /// The board.
    pub board: Option<&'s BoardView>,
}

/// The race as `v` sees it.
pub(super) fn block(v: &Visit, asset: &AssetView, names: &Names, seen: &Seen<'_>) -> RaceBlock {
    let Seen { task, entries, .. } = *seen;
    let course = runs::course(seen, v.now);
    let runs = runs::runs(v, asset, seen, &course);
    let mut ways: HashMap<EntryId, String> = runs.iter().map(|run| (run.entry, run.way.clone())).collect();
    let lanes = entries.iter().filter(|entry| entry.state != EntryState::Waiting).map(|entry| {
        let way = ways.remove(&entry.id).unwrap_or_default();
        LaneRow { way, ..task_parts::lane(v, asset, names, task.state, entry) }
    });
    let fell = |no| entries.iter().filter(|entry| entry.cut_stage == Some(no)).count();
    let posts = course.posts.iter().map(|post| PostRow {
        no: post.no,
        name: post.name.clone(),
        at: v.when(post.ends_at),
        fell: fell(post.no),
    });
    let frozen = frozen_since(seen, v.now);
    let phase = phase(task, frozen, v.now);
    let waiting = entries.iter().filter(|entry| entry.state == EntryState::Waiting);
    RaceBlock {
        phase,
        running: task.state == TaskState::Open,
        frozen: frozen.map(|at| v.when(at)),
        caption: course.caption,
        told: told(v, phase, &course, &runs),
        beyond: runs.len().saturating_sub(MOST),
        posts: posts.collect(),
        ruled: course.ruled,
        lanes: lanes.collect(),
        waiting: waiting.map(|entry| Link::new(&entry.name, urls::entry(entry.id))).collect(),
        board: seen.board.map(|board| board::block(v, entries, board)),
        clock: (course.starts.0 / 1_000, task.closes_at.0 / 1_000),
        picture: draw::draw(runs, &course),
    }
}

/// Since when others are shown as they stood, by the stages' rules or by the board's.
fn frozen_since(seen: &Seen<'_>, now: Moment) -> Option<Moment> {
    let open = seen.task.state == TaskState::Open;
    let stages = seen.task.rules.board_frozen_since(seen.task.closes_at, now).filter(|_| open);
    stages.or(seen.board.and_then(|board| board.frozen_since))
}

fn phase(task: &TaskView, frozen: Option<Moment>, now: Moment) -> &'static str {
    match task.state {
        TaskState::Draft => key("track-phase-draft"),
        TaskState::Open if task.rules.opens_at.is_some_and(|opens| opens > now) => key("track-phase-gates"),
        TaskState::Open if frozen.is_some() => key("track-phase-frozen"),
        TaskState::Open => key("track-phase-running"),
        TaskState::Judging => key("track-phase-judging"),
        TaskState::Provisional => key("track-phase-photo"),
        TaskState::Settled => key("track-phase-settled"),
        TaskState::Cancelled | TaskState::Expired => key("track-phase-over"),
    }
}

/// The picture in a few sentences.
fn told(v: &Visit, phase: &'static str, course: &Course, runs: &[Run]) -> String {
    let live = runs.iter().filter(|run| !matches!(run.kind, Kind::Out | Kind::Cut | Kind::Struck)).count();
    let mut said = vec![v.t(phase).into_owned(), v.tn(key("track-told-lanes"), live).into_owned()];
    let ahead: Vec<&str> = runs.iter().filter(|run| run.leads).map(|run| run.name.as_str()).collect();
    if !ahead.is_empty() {
        let names = format::list(v.locale, &ahead);
        let said_so = if course.ruled { key("track-told-won") } else { key("track-told-leads") };
        said.push(v.t1(said_so, "names", names).into_owned());
    }
    said.join(v.t(key("sentence-gap")).as_ref())
}

#[cfg(test)]
pub(super) mod samples;
