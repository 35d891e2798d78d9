//! How far each lane has come, and what that means.
//!
//! Promises: one race has one meaning of distance, which is said in words beside the picture: by the clock, by the
//! board's public figures, by the ruling's scores or by its places; a lane that was closed stands at the post where
//! that happened. Must never: put a lane ahead of another that the market puts behind it.

use std::collections::HashMap;

use market::board::BoardRow;
use market::race::{EntryState, EntryView};
use market::task::{Score, TaskState};
use market::{AssetView, EntryId, Moment};

use super::Seen;
use crate::i18n::key;
use crate::pages::board::millionths;
use crate::pages::kit::tokens;
use crate::visit::Visit;

/// The whole course, in thousandths.
const WHOLE: u32 = 1_000;

/// What lanes run on.
#[derive(Debug, Clone)]
pub struct Course {
    /// When it begins.
    pub starts: Moment,
    /// Its posts, in order.
    pub posts: Vec<Post>,
    /// Where the clock stands, in thousandths, while it runs.
    pub clock: Option<u32>,
    /// Whether a ruling has placed the lanes.
    pub ruled: bool,
    /// The key of what distance means.
    pub caption: &'static str,
    pub(super) by: By,
    /// Where the last leg begins.
    pub(super) leg: u32,
}

/// The end of a stage.
#[derive(Debug, Clone)]
pub struct Post {
    /// Its number.
    pub no: u32,
    /// What the stage is called.
    pub name: String,
    /// When it ends.
    pub ends_at: Moment,
    /// Where that is, in thousandths.
    pub far: u32,
    /// Whether it is over.
    pub past: bool,
}

/// What is told of a lane's way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum By {
    Clock,
    Board,
    Score,
    Place,
}

/// How a lane stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// In the gate: its crew is not complete, or nothing has come yet.
    Gate,
    /// On its way.
    On,
    /// Its work was returned unread.
    Returned,
    /// Closed at a post.
    Cut,
    /// It left, was merged into another, or was not heard of.
    Out,
    /// Taken out with a reason.
    Struck,
}

/// A lane to be drawn.
#[derive(Debug, Clone)]
pub struct Run {
    /// The entry.
    pub entry: EntryId,
    /// Its number.
    pub number: u32,
    /// Its name.
    pub name: String,
    /// How it stands.
    pub kind: Kind,
    /// How far it has come, in thousandths.
    pub far: u32,
    /// What is told at its end.
    pub told: String,
    /// What it wins.
    pub prize: Option<String>,
    /// Its way in words, for the table.
    pub way: String,
    /// Its place, once ruled or on the board.
    pub place: Option<u32>,
    /// Whether nobody stands before it.
    pub leads: bool,
    /// Whether the reader rides in it.
    pub mine: bool,
}

impl Course {
    /// One without posts, that begins at this instant.
    pub(super) fn plain(starts: Moment) -> Self {
        let caption = key("track-by-time");
        Self { starts, posts: Vec::new(), clock: None, ruled: false, caption, by: By::Clock, leg: 0 }
    }
}

/// The course of a race at `now`.
pub(super) fn course(seen: &Seen<'_>, now: Moment) -> Course {
    let task = seen.task;
    let published = task.published_at.unwrap_or(task.created_at);
    let starts = task.rules.opens_at.map_or(published, |opens| opens.max(published));
    let far = |at: Moment| share(at.seconds_since(starts), task.closes_at.seconds_since(starts));
    let posts: Vec<Post> = task
        .rules
        .stages
        .iter()
        .zip(1_u32..)
        .map(|(stage, no)| Post {
            no,
            name: stage.name.clone(),
            ends_at: stage.ends_at,
            far: far(stage.ends_at),
            past: stage.ends_at <= now,
        })
        .collect();
    let ruled = seen.entries.iter().any(|entry| entry.place.is_some());
    let scored = seen
        .entries
        .iter()
        .filter(|entry| !entry.state.is_out() && entry.submissions > 0)
        .all(|entry| entry.score.is_some());
    let measured = seen.board.is_some_and(|board| !board.rows.is_empty());
    let (by, caption) = match (ruled, scored, measured) {
        (true, true, _) => (By::Score, key("track-by-score")),
        (true, false, _) => (By::Place, key("track-by-place")),
        (false, _, true) => (By::Board, key("track-by-board")),
        (false, _, false) => (By::Clock, key("track-by-time")),
    };
    let leg = posts.iter().rev().find(|post| post.past).map_or(0, |post| post.far);
    let clock = (task.state == TaskState::Open).then(|| far(now));
    Course { starts, posts, clock, ruled, caption, by, leg }
}

/// The lanes of a race: as they are numbered while it runs, in the order in which they came in once ruled.
pub(super) fn runs(v: &Visit, asset: &AssetView, seen: &Seen<'_>, course: &Course) -> Vec<Run> {
    let figures = Figures::of(seen);
    let placed = seen.entries.iter().filter(|entry| entry.place.is_some()).count();
    let placed = u32::try_from(placed).unwrap_or(u32::MAX).max(1);
    let mut runs: Vec<Run> = seen
        .entries
        .iter()
        .filter(|entry| entry.state != EntryState::Waiting)
        .map(|entry| {
            let kind = kind(entry);
            let row = figures.rows.get(&entry.id).copied();
            let place = entry.place.or(row.map(|row| row.place).filter(|_| !course.ruled));
            let far = far(seen, course, entry, kind, &figures, placed).min(WHOLE);
            let shared = entry.place.is_some()
                && seen.entries.iter().filter(|other| other.place == entry.place).count() > 1;
            let (told, way) = said(v, seen, course, entry, (kind, far, shared), row);
            Run {
                entry: entry.id,
                number: entry.lane,
                name: entry.name.clone(),
                kind,
                far,
                told,
                prize: entry
                    .award
                    .filter(|award| !award.is_zero())
                    .map(|award| tokens(asset, award).to_string()),
                way,
                place,
                leads: place == Some(1) && !matches!(kind, Kind::Out | Kind::Cut | Kind::Struck),
                mine: entry.mine,
            }
        })
        .collect();
    if course.ruled {
        let rank = |run: &Run| (run.place.unwrap_or(u32::MAX), run.number);
        runs.sort_by_key(rank);
    }
    runs
}

fn kind(entry: &EntryView) -> Kind {
    match entry.state {
        EntryState::Cut => Kind::Cut,
        EntryState::Disqualified => Kind::Struck,
        EntryState::Withdrawn | EntryState::Merged | EntryState::Lapsed => Kind::Out,
        _ if entry.returned.is_some() => Kind::Returned,
        EntryState::Running if entry.submissions > 0 => Kind::On,
        _ => Kind::Gate,
    }
}

/// How far an entry has come.
fn far(
    seen: &Seen<'_>,
    course: &Course,
    entry: &EntryView,
    kind: Kind,
    figures: &Figures<'_>,
    placed: u32,
) -> u32 {
    let whole = seen.task.closes_at.seconds_since(course.starts);
    let heard = entry.last_submitted_at.map_or(0, |at| share(at.seconds_since(course.starts), whole));
    let last_leg = |part: u32| course.leg + (WHOLE - course.leg) * part.min(WHOLE) / WHOLE;
    if kind == Kind::Cut {
        let post = course.posts.iter().find(|post| Some(post.no) == entry.cut_stage);
        return post.map_or(heard, |post| post.far);
    }
    match course.by {
        By::Clock => heard,
        By::Board => figures.part(entry.id).map_or(0, |part| {
            let to = course.clock.unwrap_or(WHOLE).max(course.leg);
            course.leg + (to - course.leg) * part / WHOLE
        }),
        By::Score => entry.score.map_or(course.leg, |score| last_leg(score.hundredths() / 10)),
        By::Place => {
            entry.place.map_or(course.leg, |place| last_leg(WHOLE - 700 * (place - 1).min(placed) / placed))
        }
    }
}

/// What is told of a lane at its end, and its way in words.
fn said(
    v: &Visit,
    seen: &Seen<'_>,
    course: &Course,
    entry: &EntryView,
    (kind, far, shared): (Kind, u32, bool),
    row: Option<&BoardRow>,
) -> (String, String) {
    let percent = || v.t1(key("track-way"), "percent", far / 10).into_owned();
    let word = |key: &'static str| (v.t(key).into_owned(), v.t(key).into_owned());
    if let Some(place) = entry.place {
        let place = v.tn(key("place"), place);
        let told = if shared { v.t1(key("track-dead-heat"), "place", place) } else { place };
        let way = entry.score.map_or_else(percent, Score::format);
        return (told.into_owned(), way);
    }
    match (kind, entry.state) {
        (Kind::Cut, _) => {
            let post = course.posts.iter().find(|post| Some(post.no) == entry.cut_stage);
            let name = post.map(|post| post.name.clone()).unwrap_or_default();
            let fell = v.t1(key("track-fell"), "post", name).into_owned();
            (v.t(key("entry-cut")).into_owned(), fell)
        }
        (Kind::Struck, _) => word(key("entry-disqualified")),
        (Kind::Out, EntryState::Merged) => word(key("entry-merged")),
        (Kind::Out, EntryState::Lapsed) => word(key("entry-lapsed")),
        (Kind::Out, _) => word(key("entry-withdrawn")),
        (Kind::Returned, _) => word(key("track-returned")),
        (Kind::Gate, EntryState::Forming) => {
            (v.t(key("entry-forming")).into_owned(), v.t(key("track-gate")).into_owned())
        }
        (Kind::Gate, _) => word(key("track-gate")),
        (Kind::On, _) => {
            let told = match row {
                Some(row) => v.t1(key("track-figure"), "figure", &row.public),
                None if course.ruled => v.t(key("not-placed")),
                None => v.tn(key("versions-count"), entry.submissions),
            };
            let unmeasured = course.by == By::Board && seen.board.is_some() && row.is_none();
            (told.into_owned(), if unmeasured { v.t(key("track-gate")).into_owned() } else { percent() })
        }
    }
}

/// The public figures of a board, as parts of the way from the last to the first.
struct Figures<'b> {
    rows: HashMap<EntryId, &'b BoardRow>,
    worst: i128,
    best: i128,
}

impl<'b> Figures<'b> {
    fn of(seen: &Seen<'b>) -> Self {
        let rows = seen.board.map(|board| board.rows.as_slice()).unwrap_or_default();
        let ends = [rows.last(), rows.first()].map(|row| row.map_or(0, |row| millionths(&row.public)));
        Self { rows: rows.iter().map(|row| (row.entry, row)).collect(), worst: ends[0], best: ends[1] }
    }

    /// A quarter of the way for the last, all of it for the first, in thousandths. Boards put the best first, so
    /// this holds for figures of which less is better as well.
    fn part(&self, entry: EntryId) -> Option<u32> {
        let figure = millionths(&self.rows.get(&entry)?.public);
        let span = (self.best - self.worst).abs();
        let ahead = (figure - self.worst).abs().min(span);
        Some(if span == 0 { WHOLE } else { 250 + u32::try_from(ahead * 750 / span).unwrap_or(0) })
    }
}

fn share(part: i64, whole: i64) -> u32 {
    let share = part.clamp(0, whole.max(1)).saturating_mul(1_000) / whole.max(1);
    u32::try_from(share).unwrap_or(0)
}
