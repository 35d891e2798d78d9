//! A blind panel in the middle of its work: one sheet is locked, one is half done, one judge stands aside.

use market::task::Visibility;

use crate::story::{Plan, Purse, Scene, Story, on};

pub(super) fn all() -> Vec<Story> {
    vec![labels()]
}

fn labels() -> Story {
    Story {
        key: "labels",
        poster: "wang-fang",
        title: "A packet that ends in the basket 拿起就放进篮子的包装",
        brief: "Half of our shoppers turn the packet over, look, and put it back. Draw the label for one product so that origin, date and price are read \
            in three seconds.\n\n消费者拿起来看一眼就放下。请为一种产品重画标签，让产地、日期和价格三秒内读完。",
        criteria: "- One product, front and back, ready to print\n- Tried on at least five shoppers, with the times\n- Origin, date and price in Chinese and \
            English",
        visibility: Visibility::Internal,
        purse: Purse::Programme("key-scenario"),
        bounty: "16000",
        closes: on(43, 12, 0),
        plan: Plan::Shares(&[6_000, 2_500, 1_500]),
        start: None,
        mark: Some("50"),
        judges: &["li-jing", "tomasz", "marta"],
        max_lanes: Some(4),
        appeal_days: 3,
        scenes: vec![
            (
                on(36, 9, 0),
                Scene::DraftForPanel {
                    rubric: &[
                        (
                            "Read in three seconds 三秒读完",
                            "By the times of the shoppers it was tried on",
                            50,
                        ),
                        ("Ready to print 可直接印刷", "Colours, margins, barcode", 30),
                        ("Good to look at 好看", "Would you pick it up?", 20),
                    ],
                    quorum: 2,
                },
            ),
            (on(36, 9, 30), Scene::Publish),
            (
                on(36, 14, 0),
                Scene::Enter {
                    captain: "zhao-lei",
                    name: "Red: numbers first",
                    units: &[("red", 1_000)],
                    crew: &[("zhao-lei", 9_000)],
                },
            ),
            (
                on(36, 16, 0),
                Scene::Enter {
                    captain: "lin-xiaoyu",
                    name: "Green: 先看产地",
                    units: &[("green", 0)],
                    crew: &[("lin-xiaoyu", 5_000), ("xu-nuo", 5_000)],
                },
            ),
            (on(36, 17, 0), Scene::Agree { who: "xu-nuo", captain: "lin-xiaoyu" }),
            (
                on(37, 9, 0),
                Scene::Enter { captain: "wu-di", name: "吴迪：一个大日期", units: &[], crew: &[] },
            ),
            (
                on(42, 10, 0),
                Scene::Submit {
                    by: "zhao-lei",
                    captain: "zhao-lei",
                    body: "Price and date in one box, 2.4 s on average over eight shoppers.",
                    links: &[],
                    files: &[("times.csv", "text/csv", "shopper,seconds\n1,2.1\n2,2.6\n3,2.4\n")],
                },
            ),
            (on(42, 11, 0), Scene::AskFeedback { captain: "zhao-lei" }),
            (
                on(42, 15, 0),
                Scene::GiveFeedback {
                    by: "li-jing",
                    captain: "zhao-lei",
                    body: "Quick to read. Our printer needs 4 mm at the edge: you have 2.",
                },
            ),
            (
                on(42, 18, 0),
                Scene::Submit {
                    by: "xu-nuo",
                    captain: "lin-xiaoyu",
                    body: "产地地图放在最上方；五位顾客平均 2.9 秒。",
                    links: &[],
                    files: &[],
                },
            ),
            (
                on(43, 11, 0),
                Scene::Submit {
                    by: "wu-di",
                    captain: "wu-di",
                    body: "日期占标签的三分之一，六位顾客平均 3.4 秒。",
                    links: &[],
                    files: &[],
                },
            ),
            (
                on(43, 14, 0),
                Scene::Score {
                    by: "li-jing",
                    captain: "zhao-lei",
                    scores: &["91", "80", "72.5"],
                    comment: "Fast to read in all eight trials; the margin is too small for our printer.",
                },
            ),
            (
                on(43, 14, 20),
                Scene::Score {
                    by: "li-jing",
                    captain: "lin-xiaoyu",
                    scores: &["78", "90", "88"],
                    comment: "产地一眼可见，价格要找一下。印刷文件完整。",
                },
            ),
            (
                on(43, 14, 40),
                Scene::Score {
                    by: "li-jing",
                    captain: "wu-di",
                    scores: &["55", "85", "60"],
                    comment: "日期清楚，但产地读不到，平均超过三秒。",
                },
            ),
            (on(43, 15, 0), Scene::Lock { by: "li-jing" }),
            (
                on(43, 17, 0),
                Scene::StandAside {
                    by: "tomasz",
                    captain: "wu-di",
                    reason: "I saw this draft on a colleague's desk and gave advice on it.",
                },
            ),
            (
                on(44, 9, 0),
                Scene::Score {
                    by: "tomasz",
                    captain: "zhao-lei",
                    scores: &["88", "70", "75"],
                    comment: "The box works. Needs a new margin before it can be printed.",
                },
            ),
        ],
    }
}
