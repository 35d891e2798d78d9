//! Units that ride together as a chain group, and an entry that waits for a lane.

use market::task::Visibility;

use crate::story::{Plan, Purse, Scene, Story, on};

pub(super) fn all() -> Vec<Story> {
    vec![lychees()]
}

/// Two lanes: a chain group of three units, an outsider, and a pair that waits.
fn lychees() -> Story {
    Story {
        key: "lychees",
        poster: "wang-fang",
        title: "Cold chain from orchard to shop: one log, from sensor to receipt",
        brief: "Lychees spoil in four days. The orchard, the lorry and the shop each keep a log of their own, and nobody can say where the warm hour was.\n\n\
            We want one log that all three can read. It takes sensors, a gateway and a till, so units had better ride together.",
        criteria: "- One timeline from picking to sale, with gaps shown as gaps\n- A warm hour found within a minute\n- Works for a week without a network on the lorry",
        visibility: Visibility::Open,
        purse: Purse::Programme("key-product"),
        bounty: "48000",
        closes: on(70, 18, 0),
        plan: Plan::Shares(&[7_000, 3_000]),
        start: None,
        mark: None,
        judges: &["tomasz"],
        max_lanes: Some(2),
        appeal_days: 3,
        scenes: vec![
            (on(36, 9, 0), Scene::Draft),
            (on(36, 9, 20), Scene::Publish),
            (
                on(36, 14, 0),
                Scene::Enter {
                    captain: "lin-xiaoyu",
                    name: "链群：从果园到门店",
                    units: &[("green", 2_000), ("red", 1_500), ("blue", 1_500)],
                    crew: &[("lin-xiaoyu", 2_000), ("sun-yue", 1_500), ("leila", 1_500)],
                },
            ),
            (on(36, 15, 0), Scene::Agree { who: "zhao-lei", captain: "lin-xiaoyu" }),
            (on(36, 15, 30), Scene::Agree { who: "sun-yue", captain: "lin-xiaoyu" }),
            (on(36, 16, 0), Scene::Agree { who: "leila", captain: "lin-xiaoyu" }),
            (on(37, 9, 30), Scene::Agree { who: "priya", captain: "lin-xiaoyu" }),
            (on(37, 11, 0), Scene::Enter { captain: "noor", name: "Rahimi Embedded", units: &[], crew: &[] }),
            (
                on(38, 10, 0),
                Scene::Enter {
                    captain: "zheng-shuang",
                    name: "郑爽与吴迪：冷链一本账",
                    units: &[],
                    crew: &[("zheng-shuang", 5_000), ("wu-di", 5_000)],
                },
            ),
            (on(38, 10, 30), Scene::Agree { who: "wu-di", captain: "zheng-shuang" }),
        ],
    }
}
