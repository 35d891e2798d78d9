//! Races that count: one that members vote on now, and one that pays for each verified event.

use market::task::Visibility;

use crate::story::{Plan, Purse, Scene, Story, on};

pub(super) fn all() -> Vec<Story> {
    vec![mascot(), bins()]
}

/// The works are open and members vote by voice credits.
fn mascot() -> Story {
    Story {
        key: "mascot",
        poster: "ines",
        title: "A figure for the farmers' app 农民应用的吉祥物",
        brief: "It shall be on the first page of the app, and we shall all live with it. So all of us decide, with voice credits: say how much you care.\n\n\
            由大家用话语额度投票决定。",
        criteria: "- One drawing, any style\n- Yours to give",
        visibility: Visibility::Internal,
        purse: Purse::Programme("key-product"),
        bounty: "3000",
        closes: on(43, 18, 0),
        plan: Plan::Shares(&[7_000, 3_000]),
        start: None,
        mark: None,
        judges: &[],
        max_lanes: None,
        appeal_days: 2,
        scenes: vec![
            (on(36, 9, 0), Scene::Draft),
            (on(36, 9, 10), Scene::LetVote { credits: Some(25), days: 6 }),
            (on(36, 9, 30), Scene::Publish),
            (
                on(37, 12, 0),
                Scene::Enter { captain: "amara", name: "A snail with a hat", units: &[], crew: &[] },
            ),
            (on(37, 18, 0), Scene::Enter { captain: "he-ping", name: "何平：稻草人", units: &[], crew: &[] }),
            (
                on(42, 10, 0),
                Scene::Submit {
                    by: "amara",
                    captain: "amara",
                    body: "It carries the field on its back and is never in a hurry.",
                    links: &["https://demo.example/snail"],
                    files: &[],
                },
            ),
            (
                on(43, 9, 0),
                Scene::Submit {
                    by: "he-ping",
                    captain: "he-ping",
                    body: "稻草人，朋友们都认得它。",
                    links: &["https://demo.example/scarecrow"],
                    files: &[],
                },
            ),
            (on(44, 9, 0), Scene::Cast { by: "jonas", votes: &[("amara", 4), ("he-ping", 3)] }),
            (on(44, 10, 0), Scene::Cast { by: "leila", votes: &[("he-ping", 5)] }),
        ],
    }
}

/// So much for each bin that is sorted and weighed, and a pot that grows when another yard takes the way up.
fn bins() -> Story {
    Story {
        key: "bins",
        poster: "wang-fang",
        title: "Bins sorted right, weighed at the yard 分类正确并称重的垃圾桶",
        brief: "The scale at the yard counts a bin that holds nothing but what it should. Each counted bin is paid, until the pot is empty.\n\n\
            每个分类正确并称重的桶都有奖励，直到奖池用完。",
        criteria: "- Weighed and looked into at the yard\n- The list of the week is on the wall",
        visibility: Visibility::Internal,
        purse: Purse::Programme("key-scenario"),
        bounty: "2600",
        closes: on(52, 18, 0),
        plan: Plan::Metered {
            per_event: "5",
            reserve: "600",
            released: "200",
            label: "Another yard takes the way up 另一个站点采用",
        },
        start: None,
        mark: None,
        judges: &[],
        max_lanes: None,
        appeal_days: 2,
        scenes: vec![
            (on(35, 9, 0), Scene::Draft),
            (on(35, 9, 20), Scene::Publish),
            (on(35, 15, 0), Scene::Enter { captain: "zhao-lei", name: "红队：东门", units: &[], crew: &[] }),
            (
                on(36, 8, 0),
                Scene::Enter { captain: "priya", name: "Blue at the west gate", units: &[], crew: &[] },
            ),
            (
                on(42, 17, 0),
                Scene::Count {
                    by: "wang-fang",
                    captain: Some("zhao-lei"),
                    count: 46,
                    evidence: "List of week 6, 46 bins. 第六周清单，46 桶。",
                },
            ),
            (
                on(42, 17, 5),
                Scene::Count {
                    by: "wang-fang",
                    captain: Some("priya"),
                    count: 61,
                    evidence: "List of week 6, 61 bins. 第六周清单，61 桶。",
                },
            ),
            (
                on(44, 9, 0),
                Scene::Count {
                    by: "wang-fang",
                    captain: None,
                    count: 1,
                    evidence: "The yard in the south began on Monday. 南站周一开始采用。",
                },
            ),
        ],
    }
}
