//! The track: a picture of the lanes, drawn on the server.
//!
//! Promises: what it shows is in the table beside it too; geometry only, colours come from the style
//! sheet. Must never: show anything that the table does not.

/// A picture of a race.
#[derive(Debug, Clone, Default)]
pub struct Track {
    /// The whole height.
    pub height: u32,
    /// Where the lanes end.
    pub bottom: u32,
    /// The lanes from the top.
    pub lanes: Vec<TrackLane>,
    /// Where the clock stands, while it runs.
    pub clock: Option<u32>,
    /// Squares of the finishing line.
    pub squares: Vec<Square>,
}

/// One lane.
#[derive(Debug, Clone)]
pub struct TrackLane {
    /// Its number.
    pub number: u32,
    /// Its name.
    pub name: String,
    /// What is told at its end: versions handed in, or place.
    pub told: String,
    /// The classes of its run and its horse: `first`, `done` or nothing; `still` before the first submission.
    pub class: &'static str,
    /// True if the reader rides in it.
    pub mine: bool,
    /// Its top edge.
    pub y: u32,
    /// The middle of its course.
    pub middle: u32,
    /// How wide its run is.
    pub width: u32,
    /// Where its horse stands.
    pub horse: u32,
}

/// A square of the finishing line.
#[derive(Debug, Clone, Copy)]
pub struct Square {
    /// Left edge.
    pub x: u32,
    /// Top edge.
    pub y: u32,
}

/// What a lane is drawn from.
#[derive(Debug, Clone)]
pub struct Run {
    /// Its number.
    pub number: u32,
    /// Its name.
    pub name: String,
    /// What is told at its end.
    pub told: String,
    /// How far it has come, in thousandths of the course; `None` before the start.
    pub far: Option<u32>,
    /// Its place, once ruled.
    pub place: Option<u32>,
    /// True if the reader rides in it.
    pub mine: bool,
}

/// The picture's width.
pub const WIDTH: u32 = 900;
const START: u32 = 24;
const FINISH: u32 = 852;
const LANE: u32 = 58;
const GAP: u32 = 6;
const SQUARE: u32 = 8;

/// Draws the lanes. `clock` is how much of the time has passed, in thousandths.
pub fn draw(runs: Vec<Run>, clock: Option<u32>) -> Track {
    let count = u32::try_from(runs.len()).unwrap_or(u32::MAX).min(200);
    let bottom = GAP + count * (LANE + GAP);
    let at = |thousandths: u32| START + (FINISH - START) * thousandths.min(1_000) / 1_000;
    let lanes = runs.into_iter().take(200).zip(0_u32..).map(|(run, row)| {
        let y = GAP + row * (LANE + GAP);
        let horse = run.far.map_or(START + 12, at).max(START + 12);
        TrackLane {
            number: run.number,
            name: run.name,
            told: run.told,
            class: match (run.place, run.far) {
                (Some(1), _) => "first",
                (Some(_), _) => "done",
                (None, Some(_)) => "",
                (None, None) => "still",
            },
            mine: run.mine,
            y,
            middle: y + LANE - 18,
            width: horse - START,
            horse,
        }
    });
    let squares = (0..(bottom - GAP) / SQUARE)
        .flat_map(|row| [0, 1].map(|column| (row, column)))
        .filter(|(row, column)| (row + column) % 2 == 0)
        .map(|(row, column)| Square { x: FINISH + 12 + column * SQUARE, y: GAP + row * SQUARE })
        .collect();
    Track { height: bottom, bottom, lanes: lanes.collect(), clock: clock.map(at), squares }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(far: Option<u32>, place: Option<u32>) -> Run {
        Run { number: 1, name: "Red".into(), told: String::new(), far, place, mine: false }
    }

    #[test]
    fn who_came_further_stands_further_right_and_inside_the_picture() {
        let track = draw(
            vec![run(Some(900), None), run(Some(100), None), run(None, None), run(Some(5_000), Some(1))],
            Some(500),
        );
        let at: Vec<u32> = track.lanes.iter().map(|lane| lane.horse).collect();
        assert!(at[0] > at[1] && at[1] > at[2] && at[3] <= FINISH, "{at:?}");
        assert_eq!((track.lanes[2].class, track.lanes[3].class), ("still", "first"));
        assert!(track.lanes.iter().all(|lane| lane.y + LANE <= track.bottom));
        assert!(track.squares.iter().all(|square| square.y + SQUARE <= track.bottom && square.x < WIDTH));
    }
}
