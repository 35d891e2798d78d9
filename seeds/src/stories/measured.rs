//! A race that the server measures: a board that moves, a key that nobody sees.

use market::board::MetricKind;
use market::task::Visibility;

use crate::story::{Plan, Purse, Scene, Story, on};

pub(super) fn all() -> Vec<Story> {
    vec![leaves()]
}

/// Twenty leaves, six of which are behind the board.
const KEY: &str = "id,label\nleaf-01,rust\nleaf-02,healthy\nleaf-03,blight\nleaf-04,healthy\nleaf-05,rust\n\
    leaf-06,blight\nleaf-07,healthy\nleaf-08,rust\nleaf-09,healthy\nleaf-10,blight\nleaf-11,rust\n\
    leaf-12,healthy\nleaf-13,healthy\nleaf-14,blight\nleaf-15,rust\nleaf-16,healthy\nleaf-17,blight\n\
    leaf-18,rust\nleaf-19,healthy\nleaf-20,blight\n";
const FIRST: &str = "id,prediction\nleaf-01,healthy\nleaf-02,healthy\nleaf-03,healthy\nleaf-04,healthy\n\
    leaf-05,healthy\nleaf-06,healthy\nleaf-07,healthy\nleaf-08,healthy\nleaf-09,healthy\nleaf-10,healthy\n\
    leaf-11,healthy\nleaf-12,healthy\nleaf-13,healthy\nleaf-14,healthy\nleaf-15,healthy\nleaf-16,healthy\n\
    leaf-17,healthy\nleaf-18,healthy\nleaf-19,healthy\nleaf-20,healthy\n";
const SECOND: &str = "id,prediction\nleaf-01,rust\nleaf-02,healthy\nleaf-03,rust\nleaf-04,healthy\n\
    leaf-05,rust\nleaf-06,blight\nleaf-07,healthy\nleaf-08,rust\nleaf-09,healthy\nleaf-10,rust\n\
    leaf-11,rust\nleaf-12,healthy\nleaf-13,rust\nleaf-14,blight\nleaf-15,rust\nleaf-16,healthy\n\
    leaf-17,blight\nleaf-18,rust\nleaf-19,healthy\nleaf-20,blight\n";
const OTHER: &str = "id,prediction\nleaf-01,blight\nleaf-02,healthy\nleaf-03,blight\nleaf-04,healthy\n\
    leaf-05,blight\nleaf-06,blight\nleaf-07,healthy\nleaf-08,rust\nleaf-09,healthy\nleaf-10,blight\n\
    leaf-11,blight\nleaf-12,healthy\nleaf-13,healthy\nleaf-14,blight\nleaf-15,rust\nleaf-16,healthy\n\
    leaf-17,rust\nleaf-18,rust\nleaf-19,healthy\nleaf-20,blight\n";

fn leaves() -> Story {
    Story {
        key: "leaves",
        poster: "ines",
        title: "Tell rust from blight on a leaf 分辨叶片上的锈病与疫病",
        brief: "A grower sends a photo; we say what it is. The twenty photos are in the shared folder, the truth was settled in the laboratory and lies \
            sealed with the server.\n\nHand in a table `id,prediction` with one of `healthy`, `rust`, `blight` for each leaf. \
            二十张照片，答案已封存，由服务器测量。",
        criteria: "- Macro F1 on the leaves behind the private part\n- What is paid can be run by us again",
        visibility: Visibility::Open,
        purse: Purse::Programme("key-product"),
        bounty: "9000",
        closes: on(57, 18, 0),
        plan: Plan::Shares(&[5_000, 3_000, 2_000]),
        start: None,
        mark: None,
        judges: &[],
        max_lanes: Some(10),
        appeal_days: 3,
        scenes: vec![
            (on(38, 9, 0), Scene::Draft),
            (on(38, 9, 30), Scene::Measure { metric: MetricKind::F1Macro, key: KEY }),
            (on(38, 10, 0), Scene::Publish),
            (
                on(38, 20, 0),
                Scene::Enter { captain: "luo-cheng", name: "罗成：看叶脉", units: &[], crew: &[] },
            ),
            (on(39, 9, 0), Scene::Enter { captain: "amara", name: "Colour first", units: &[], crew: &[] }),
            (
                on(40, 9, 0),
                Scene::Submit {
                    by: "amara",
                    captain: "amara",
                    body: "Everything is healthy: the floor that we all must beat.",
                    links: &[],
                    files: &[("floor.csv", "text/csv", FIRST)],
                },
            ),
            (
                on(42, 16, 0),
                Scene::Submit {
                    by: "luo-cheng",
                    captain: "luo-cheng",
                    body: "按叶脉两侧的颜色差分类。",
                    links: &[],
                    files: &[("veins.csv", "text/csv", OTHER)],
                },
            ),
            (
                on(43, 8, 0),
                Scene::Submit {
                    by: "amara",
                    captain: "amara",
                    body: "Colour in Lab space and a small forest.",
                    links: &[],
                    files: &[("forest.csv", "text/csv", SECOND)],
                },
            ),
        ],
    }
}
