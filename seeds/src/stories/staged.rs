//! A race in three stages, in mid-course: one cut has closed a lane, the second is to come.

use market::task::Visibility;

use crate::story::{Leg, Plan, Purse, Scene, Story, on};

pub(super) fn all() -> Vec<Story> {
    vec![cold_chain()]
}

/// Two stages before the end.
const LEGS: [Leg; 2] = [
    Leg {
        name: "Paper 方案",
        ends: on(32, 18, 0),
        keep: 2,
        mark: "50",
        pot: "3000",
        shares: &[4_000, 3_500, 2_500],
    },
    Leg {
        name: "A box for a week 样机一周",
        ends: on(54, 18, 0),
        keep: 2,
        mark: "60",
        pot: "5000",
        shares: &[6_000, 4_000],
    },
];

fn cold_chain() -> Story {
    Story {
        key: "cold-chain",
        poster: "wang-fang",
        title: "Keep milk below 6 °C from farm to shop 从牧场到门店全程 6 °C 以下",
        brief: "One lorry in twelve arrives too warm, and we learn of it from the shop.\n\n\
            Three stages: an idea on paper, a box that runs for a week, and a route of thirty lorries. After each the best go on; who is closed is paid \
            for the stage.\n\n三个阶段：方案、样机、三十辆车的线路。每阶段后优者继续，被淘汰者仍得阶段奖励。",
        criteria: "- An alarm before the milk is lost, not after\n- Costs less than a crate of milk a month and lorry",
        visibility: Visibility::Internal,
        purse: Purse::Programme("key-product"),
        bounty: "20000",
        closes: on(75, 18, 0),
        plan: Plan::Shares(&[6_000, 4_000]),
        start: None,
        mark: None,
        judges: &["li-jing"],
        max_lanes: Some(6),
        appeal_days: 3,
        scenes: vec![
            (on(19, 9, 0), Scene::DraftInStages { deputies: &["zhao-lei"], legs: &LEGS }),
            (on(19, 10, 0), Scene::Publish),
            (on(20, 9, 0), Scene::Enter { captain: "jonas", name: "Wax that melts", units: &[], crew: &[] }),
            (on(21, 9, 0), Scene::Enter { captain: "he-ping", name: "何平：温度贴", units: &[], crew: &[] }),
            (
                on(22, 9, 0),
                Scene::Enter { captain: "amara", name: "A radio in each crate", units: &[], crew: &[] },
            ),
            (
                on(30, 16, 0),
                Scene::Submit {
                    by: "jonas",
                    captain: "jonas",
                    body: "A wax plug that melts at 6 °C opens a contact. No battery until then. Two drawings and a price.",
                    links: &[],
                    files: &[],
                },
            ),
            (
                on(31, 11, 0),
                Scene::Submit {
                    by: "he-ping",
                    captain: "he-ping",
                    body: "变色温度贴，司机和店长都看得见。每箱两分钱。",
                    links: &[],
                    files: &[],
                },
            ),
            (
                on(32, 17, 30),
                Scene::Submit {
                    by: "amara",
                    captain: "amara",
                    body: "A sensor with a radio in every crate, read by the lorry. Dear, but it knows everything.",
                    links: &[],
                    files: &[],
                },
            ),
            (
                on(34, 10, 0),
                Scene::RuleStage {
                    by: "li-jing",
                    stage: 1,
                    lines: &[
                        ("jonas", "88", "Cheap, passive, and it warns before the milk is lost."),
                        ("he-ping", "81", "看得见，但只有人看的时候才有用。"),
                        ("amara", "64", "It works, but costs more than the milk it saves."),
                    ],
                },
            ),
            (
                on(42, 15, 0),
                Scene::Submit {
                    by: "jonas",
                    captain: "jonas",
                    body: "Forty plugs cast; the first ten opened between 5.8 and 6.3 °C.",
                    links: &[],
                    files: &[("plugs.csv", "text/csv", "plug,opened_at\n1,5.9\n2,6.1\n3,5.8\n")],
                },
            ),
        ],
    }
}
