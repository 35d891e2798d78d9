//! A made-up race for the page of components.
//!
//! Promises: every way that a lane can stand is in it. Must never: be shown as a race that was run.

use super::{Course, Kind, Post, RaceBlock, Run, draw, key, told};
use crate::visit::Visit;

/// The ways a lane can stand, with how far it has come.
const LANES: [(Kind, u32); 6] = [
    (Kind::On, 880),
    (Kind::On, 640),
    (Kind::Returned, 520),
    (Kind::Gate, 0),
    (Kind::Cut, 400),
    (Kind::Out, 180),
];

/// No entry has this id.
const NOBODY: &str = "00000000-0000-0000-0000-000000000000";

/// The race, half over.
pub(in crate::pages) fn shown(v: &Visit) -> RaceBlock {
    let name = v.t(key("task-stages")).into_owned();
    let post = Post { no: 1, name, ends_at: v.now, far: 400, past: true };
    let course = Course { posts: vec![post], clock: Some(700), ..Course::plain(v.now) };
    let run = |((kind, far), number): ((Kind, u32), u32)| {
        Some(Run {
            entry: NOBODY.parse().ok()?,
            number,
            name: v.t1(key("entry-lane"), "lane", number).into_owned(),
            kind,
            far,
            told: v.tn(key("versions-count"), number).into_owned(),
            prize: None,
            way: String::new(),
            place: None,
            leads: number == 1,
            mine: number == 2,
        })
    };
    let runs: Vec<Run> = LANES.into_iter().zip(1..).filter_map(run).collect();
    let phase = key("track-phase-running");
    RaceBlock {
        phase,
        running: true,
        frozen: None,
        caption: course.caption,
        told: told(v, phase, &course, &runs),
        posts: Vec::new(),
        lanes: Vec::new(),
        ruled: false,
        waiting: Vec::new(),
        board: None,
        beyond: 0,
        clock: (0, 0),
        picture: draw::draw(runs, &course),
    }
}
