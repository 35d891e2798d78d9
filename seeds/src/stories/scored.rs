//! Races in which scores and start prizes decide: one paid by score, one with a threshold that is running.

use market::task::Visibility;

use crate::story::{Plan, Purse, Scene, Story, on};

pub(super) fn all() -> Vec<Story> {
    vec![forecast(), phrases()]
}

/// Paid by the points above the mark, with a cap and a start prize; one lane missed the mark.
fn forecast() -> Story {
    Story {
        key: "forecast",
        poster: "wang-fang",
        title: "Forecast what each shop sells tomorrow 预测明天各店的销量",
        brief: "We order for 38 shops at four in the afternoon and throw away 9 % of the leaf vegetables.\n\n\
            Give a forecast for each shop and product for the next day. Every point of accuracy saves us something, so every point above the mark is paid.\n\n\
            每提高一分准确率都有价值，所以超过及格线的每一分都有奖励。",
        criteria: "- Score: 100 less the mean error in percent on the last 14 days, which nobody outside has seen\n- Runs in ten minutes on one machine\n- Can be \
            repeated from what is handed in",
        visibility: Visibility::Internal,
        purse: Purse::Programme("key-product"),
        bounty: "24000",
        closes: on(32, 18, 0),
        plan: Plan::ByScore(Some(6_000)),
        start: Some(("800", "3200")),
        mark: Some("75"),
        judges: &["li-jing"],
        max_lanes: Some(4),
        appeal_days: 2,
        scenes: vec![
            (on(17, 9, 0), Scene::Draft),
            (on(17, 9, 30), Scene::Publish),
            (
                on(17, 15, 0),
                Scene::Enter {
                    captain: "jonas",
                    name: "Blue: weather and weekdays",
                    units: &[],
                    crew: &[("jonas", 6_000), ("leila", 4_000)],
                },
            ),
            (on(17, 15, 40), Scene::Agree { who: "leila", captain: "jonas" }),
            (
                on(18, 10, 0),
                Scene::Enter { captain: "he-ping", name: "何平：先问店长", units: &[], crew: &[] },
            ),
            (
                on(19, 9, 0),
                Scene::Enter { captain: "amara", name: "Yesterday, smoothed", units: &[], crew: &[] },
            ),
            (
                on(30, 11, 0),
                Scene::Submit {
                    by: "leila",
                    captain: "jonas",
                    body: "Gradient boosting on 60 features; weather is worth 3 points, the school calendar 2. 91 on our own last fortnight.",
                    links: &["https://demo.example/blue/forecast"],
                    files: &[("error-by-shop.csv", "text/csv", "shop,error\n1,8.1\n2,9.4\n3,8.8\n")],
                },
            ),
            (
                on(31, 20, 0),
                Scene::Submit {
                    by: "he-ping",
                    captain: "he-ping",
                    body: "每店一个简单模型，再让店长每天改一处。店长的修改值 4 分。",
                    links: &[],
                    files: &[],
                },
            ),
            (
                on(32, 17, 30),
                Scene::Submit {
                    by: "amara",
                    captain: "amara",
                    body: "An average of the last four same weekdays. Nothing to train, nothing to break.",
                    links: &[],
                    files: &[],
                },
            ),
            (
                on(34, 10, 0),
                Scene::Rule {
                    by: "li-jing",
                    summary: "Measured on the fourteen days that we kept back. 按预留的十四天测量。",
                    lines: &[
                        ("jonas", Some(1), Some("91.25"), "Mean error 8.75 %, best in 29 of 38 shops."),
                        ("he-ping", Some(2), Some("87.5"), "平均误差 12.5 %，小店里最好。"),
                        (
                            "amara",
                            None,
                            Some("72.8"),
                            "Mean error 27.2 %: below the mark, and an honest baseline.",
                        ),
                    ],
                },
            ),
        ],
    }
}

/// The same for each of the first five that meet the mark, and a start prize: running.
fn phrases() -> Story {
    Story {
        key: "phrases",
        poster: "ines",
        title: "Fifty phrases a farmer really says to a phone 农民对手机真会说的五十句话",
        brief: "Our voice menu was written at a desk. We want recordings and a list of what people really say, from as many counties as we can get: five \
            good lists are worth more to us than one perfect one.\n\n五份好的清单，比一份完美的更有用。",
        criteria: "- At least 50 phrases from at least ten people, with their consent\n- The county, and the dialect as its speakers call it\n- Score: 60 for \
            coverage, 40 for clear recordings",
        visibility: Visibility::Open,
        purse: Purse::Programme("key-product"),
        bounty: "14000",
        closes: on(58, 18, 0),
        plan: Plan::Threshold(5, "2400"),
        start: Some(("250", "2000")),
        mark: Some("65"),
        judges: &["tomasz"],
        max_lanes: Some(8),
        appeal_days: 3,
        scenes: vec![
            (on(39, 9, 0), Scene::Draft),
            (on(39, 9, 20), Scene::Publish),
            (
                on(39, 21, 0),
                Scene::Enter {
                    captain: "luo-cheng", name: "罗成：五邑五十句", units: &[], crew: &[]
                },
            ),
            (
                on(40, 11, 0),
                Scene::Enter {
                    captain: "lin-xiaoyu",
                    name: "Green: at the market stall",
                    units: &[("green", 1_000)],
                    crew: &[("lin-xiaoyu", 4_500), ("he-ping", 4_500)],
                },
            ),
            (on(40, 12, 0), Scene::Agree { who: "he-ping", captain: "lin-xiaoyu" }),
            (
                on(44, 9, 0),
                Scene::Submit {
                    by: "luo-cheng",
                    captain: "luo-cheng",
                    body: "先交二十八句，来自开平和台山的九位老人，都签了同意书。",
                    links: &[],
                    files: &[],
                },
            ),
        ],
    }
}
