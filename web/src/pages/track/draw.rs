//! Where everything of a track stands.
//!
//! Promises: along the course everything is a part of the width, so that one picture fits a telephone and a wall;
//! across it everything is a number of pixels, so that texts stay as large as they are. Must never: name a colour;
//! those come from the style sheet.

use std::fmt;

use super::runs::{Course, Kind, Run};

/// Most lanes that are drawn; the table has them all.
pub const MOST: usize = 200;
/// The gate and the finishing line, in thousandths of the width.
const GATE: u32 = 150;
const FINISH: u32 = 930;

/// A part of the picture's width, in thousandths: written as a percentage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Part(pub u32);

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}%", self.0 / 10, self.0 % 10)
    }
}

/// A picture of a race.
#[derive(Debug, Clone, Default)]
pub struct Picture {
    /// The whole height.
    pub height: u32,
    /// Where the lanes begin.
    pub top: u32,
    /// `full`, `compact` or `dense`: how much room a lane has.
    pub room: &'static str,
    /// A lane's height.
    pub lane: u32,
    /// A horse's width.
    pub horse: u32,
    /// How far before its nose a horse is drawn from.
    pub nose: u32,
    /// A horse's height.
    pub tall: u32,
    /// Where the gate stands.
    pub gate: Part,
    /// Where the finishing line stands.
    pub finish: Part,
    /// Quarters of the course.
    pub quarters: Vec<Part>,
    /// The lanes from the top.
    pub lanes: Vec<PictureLane>,
    /// The posts.
    pub posts: Vec<PicturePost>,
    /// Dead heats.
    pub ties: Vec<PictureTie>,
    /// Where the clock's hand stands, while the race runs.
    pub clock: Option<Part>,
}

/// A lane.
#[derive(Debug, Clone)]
pub struct PictureLane {
    /// Its number.
    pub number: u32,
    /// Its name.
    pub name: String,
    /// What is told at its end.
    pub told: String,
    /// What it wins.
    pub prize: Option<String>,
    /// The class of how it stands.
    pub class: &'static str,
    /// Whether it has left the race.
    pub out: bool,
    /// Whether nobody stands before it.
    pub leads: bool,
    /// Whether the reader rides in it.
    pub mine: bool,
    /// Its colours, 1 to 8.
    pub silk: u32,
    /// Its pattern, 0 to 4.
    pub pattern: u32,
    /// Its top edge.
    pub y: u32,
    /// The base line of its texts.
    pub text: u32,
    /// The top of its horse.
    pub course: u32,
    /// The middle of the way behind it.
    pub middle: u32,
    /// Where its nose is.
    pub x: Part,
    /// How long the way behind it is.
    pub run: Part,
}

/// A post.
#[derive(Debug, Clone)]
pub struct PicturePost {
    /// Its number.
    pub no: u32,
    /// Its name, where there is room for it.
    pub name: Option<String>,
    /// Where it stands.
    pub x: Part,
    /// Whether it is over.
    pub past: bool,
}

/// Lanes that came in together.
#[derive(Debug, Clone, Copy)]
pub struct PictureTie {
    /// From here.
    pub from: u32,
    /// To there.
    pub to: u32,
}

/// What a lane is given: height, gap, base line of texts, top of the horse, its width.
struct Room {
    name: &'static str,
    lane: u32,
    gap: u32,
    text: u32,
    course: u32,
    horse: u32,
}

const FULL: Room = Room { name: "full", lane: 68, gap: 6, text: 21, course: 27, horse: 56 };
const COMPACT: Room = Room { name: "compact", lane: 38, gap: 3, text: 15, course: 18, horse: 30 };
const DENSE: Room = Room { name: "dense", lane: 18, gap: 2, text: 13, course: 2, horse: 21 };

/// Draws the lanes.
pub(super) fn draw(runs: Vec<Run>, course: &Course) -> Picture {
    let room = match runs.len() {
        0..=12 => FULL,
        13..=40 => COMPACT,
        _ => DENSE,
    };
    let at = |far: u32| Part(GATE + (FINISH - GATE) * far.min(1_000) / 1_000);
    let tall = room.horse * 64 / 100;
    let head = if course.posts.is_empty() && course.clock.is_none() { room.gap } else { 30 };
    let ties = ties(&runs, course, head, &room);
    let lanes: Vec<PictureLane> = runs
        .into_iter()
        .take(MOST)
        .zip(0_u32..)
        .map(|(run, row)| {
            let y = head + row * (room.lane + room.gap);
            let x = at(run.far);
            PictureLane {
                class: class(run.kind),
                out: matches!(run.kind, Kind::Cut | Kind::Out | Kind::Struck),
                silk: (run.number.max(1) - 1) % 8 + 1,
                pattern: (run.number.max(1) - 1) % 5,
                y,
                text: y + room.text,
                course: y + room.course,
                middle: y + room.course + tall * 3 / 4,
                x,
                run: Part(x.0 - GATE),
                number: run.number,
                name: run.name,
                told: run.told,
                prize: run.prize,
                leads: run.leads,
                mine: run.mine,
            }
        })
        .collect();
    let count = u32::try_from(lanes.len()).unwrap_or(0);
    Picture {
        height: head + count * (room.lane + room.gap),
        top: head,
        room: room.name,
        lane: room.lane,
        horse: room.horse,
        nose: room.horse * 95 / 100,
        tall,
        gate: Part(GATE),
        finish: Part(FINISH),
        quarters: [250, 500, 750].map(at).into(),
        posts: posts(course, at),
        clock: course.clock.map(at),
        lanes,
        ties,
    }
}

fn class(kind: Kind) -> &'static str {
    match kind {
        Kind::Gate => "gate",
        Kind::On => "on",
        Kind::Returned => "returned",
        Kind::Cut => "cut",
        Kind::Out => "gone",
        Kind::Struck => "struck",
    }
}

/// A post's name is written where the next one is far enough away on a telephone, too.
fn posts(course: &Course, at: impl Fn(u32) -> Part) -> Vec<PicturePost> {
    let next = course.posts.iter().skip(1).map(|post| post.far).chain([1_000]);
    course
        .posts
        .iter()
        .zip(next)
        .map(|(post, next)| PicturePost {
            no: post.no,
            name: (next.saturating_sub(post.far) >= 180).then(|| post.name.clone()),
            x: at(post.far),
            past: post.past,
        })
        .collect()
}

fn ties(runs: &[Run], course: &Course, head: u32, room: &Room) -> Vec<PictureTie> {
    if !course.ruled {
        return Vec::new();
    }
    let mut ties = Vec::new();
    let mut row = 0_u32;
    for tied in runs[..runs.len().min(MOST)].chunk_by(|one, other| one.place == other.place) {
        let count = u32::try_from(tied.len()).unwrap_or(1);
        if count > 1 && tied.iter().all(|run| run.place.is_some()) {
            let from = head + row * (room.lane + room.gap);
            ties.push(PictureTie {
                from: from + 6,
                to: from + count * (room.lane + room.gap) - room.gap - 6,
            });
        }
        row += count;
    }
    ties
}

#[cfg(test)]
mod tests {
    use super::super::samples::{course, run};
    use super::*;

    fn ids(count: u32) -> Vec<Run> {
        (1..=count).map(|number| run(number, Kind::On, number * 3, None)).collect()
    }

    #[test]
    fn who_came_further_stands_further_right_and_inside_the_picture() {
        let runs = vec![
            run(1, Kind::On, 900, None),
            run(2, Kind::On, 100, None),
            run(3, Kind::Gate, 0, None),
            run(4, Kind::On, 5_000, None),
        ];
        let picture = draw(runs, &course(Some(500)));
        let at: Vec<u32> = picture.lanes.iter().map(|lane| lane.x.0).collect();
        assert!(at[0] > at[1] && at[1] > at[2] && at[3] <= FINISH && at[2] >= GATE, "{at:?}");
        assert_eq!(picture.lanes[2].run, Part(0), "nothing lies behind who has not set off");
        assert!(picture.lanes.iter().all(|lane| lane.y + picture.lane <= picture.height));
    }

    #[test]
    fn lanes_move_together_as_they_become_more_and_stop_at_two_hundred() {
        let rooms = [1, 12, 13, 40, 41, 200, 260].map(|count| draw(ids(count), &course(None)));
        assert_eq!(
            rooms.each_ref().map(|picture| picture.room),
            ["full", "full", "compact", "compact", "dense", "dense", "dense"]
        );
        assert_eq!(rooms.each_ref().map(|picture| picture.lanes.len()), [1, 12, 13, 40, 41, 200, 200]);
        assert!(rooms.iter().all(|picture| picture.height <= 4_100));
    }

    #[test]
    fn forty_lanes_have_forty_different_cloths() {
        let mut cloths: Vec<_> =
            draw(ids(40), &course(None)).lanes.iter().map(|lane| (lane.silk, lane.pattern)).collect();
        cloths.sort_unstable();
        cloths.dedup();
        assert_eq!(cloths.len(), 40);
    }

    #[test]
    fn a_dead_heat_is_tied_together_and_a_race_not_ruled_has_none() {
        let runs = || {
            vec![run(2, Kind::On, 900, Some(1)), run(1, Kind::On, 900, Some(1)), run(3, Kind::On, 1, Some(3))]
        };
        let ruled = Course { ruled: true, ..course(None) };
        let picture = draw(runs(), &ruled);
        assert_eq!(picture.ties.len(), 1);
        assert!(picture.ties[0].from > picture.lanes[0].y && picture.ties[0].to < picture.lanes[2].y);
        assert!(draw(runs(), &course(None)).ties.is_empty());
    }

    #[test]
    fn a_percentage_keeps_a_tenth() {
        assert_eq!(Part(643).to_string(), "64.3%");
        assert_eq!(Part(0).to_string(), "0.0%");
    }
}
