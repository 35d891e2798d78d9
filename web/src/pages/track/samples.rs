//! Made-up races, to draw and to render pages with.

use market::{EntryId, Moment};

use super::*;
use crate::pages::task_parts::samples::lanes;

pub(crate) fn course(clock: Option<u32>) -> Course {
    Course { clock, ..Course::plain(Moment(0)) }
}

pub(crate) fn run(number: u32, kind: Kind, far: u32, place: Option<u32>) -> Run {
    Run {
        entry: EntryId(uuid::Uuid::from_u128(u128::from(number))),
        number,
        name: format!("Lane <{number}>"),
        kind,
        far,
        told: "3 versions".to_owned(),
        prize: place.map(|_| "750.00 SAI".to_owned()),
        way: format!("{}%", far / 10),
        place,
        leads: place == Some(1),
        mine: number == 2,
    }
}

/// A race with every kind of lane in it, a post, and a dead heat once it is ruled.
pub(crate) fn race(v: &Visit, ruled: bool) -> RaceBlock {
    let post = Post { no: 1, name: "Paper <design>".to_owned(), ends_at: v.now, far: 400, past: true };
    let course = Course { posts: vec![post], ruled, ..course((!ruled).then_some(640)) };
    let place = |place| ruled.then_some(place);
    let runs = vec![
        run(2, Kind::On, 920, place(1)),
        run(1, Kind::On, 920, place(1)),
        run(3, Kind::Gate, 0, None),
        run(4, Kind::Cut, 400, None),
        run(5, Kind::Out, 120, None),
        run(6, Kind::Struck, 300, None),
        run(7, Kind::Returned, 500, None),
    ];
    let phase = if ruled { key("track-phase-photo") } else { key("track-phase-frozen") };
    RaceBlock {
        phase,
        running: !ruled,
        frozen: (!ruled).then(|| v.when(v.now)),
        caption: key("track-by-time"),
        told: told(v, phase, &course, &runs),
        posts: vec![PostRow { no: 1, name: "Paper <design>".to_owned(), at: v.when(v.now), fell: 1 }],
        lanes: lanes(v, ruled),
        ruled,
        waiting: vec![Link::new("Late & Co", urls::entry(9))],
        board: Some(board::samples::board(v, v.signed_in())),
        beyond: 0,
        clock: (0, 1_000),
        picture: draw::draw(runs, &course),
    }
}

/// A race that nobody has entered.
pub(crate) fn empty(v: &Visit) -> RaceBlock {
    RaceBlock {
        picture: Picture::default(),
        lanes: Vec::new(),
        posts: Vec::new(),
        waiting: Vec::new(),
        board: None,
        frozen: None,
        phase: key("track-phase-draft"),
        ..race(v, false)
    }
}
