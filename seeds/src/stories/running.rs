//! Races that are running, and tasks that are still being written.

use market::task::Visibility;

use crate::story::{Plan, Purse, Scene, Story, on};

pub(super) fn all() -> Vec<Story> {
    vec![label(), shifts(), voice(), kiosk(), handover()]
}

/// An open challenge with weeks left, boosted, with a crew still forming.
fn label() -> Story {
    Story {
        key: "label",
        poster: "wang-fang",
        title: "A traceability label that a shopper trusts in three seconds 三秒看懂的溯源标签",
        brief: "Scan the code on our rice today and you get six screens of certificates. Nobody reads the second.\n\n\
            今天扫一下大米上的码，会看到六屏证书，没有人看到第二屏。\n\n\
            Design what a shopper sees on the label and in the first three seconds after scanning: which field, which day, who checked it, and \
            *why they can believe it*. You may use the signed records we have for each sack.",
        criteria: "- Tested with 20 shoppers in a shop, not in an office 在店里找 20 位顾客试用\n- Works on a cheap phone without installing anything\n\
            - Printable at 28 × 28 mm in one colour",
        visibility: Visibility::Open,
        purse: Purse::Programme("key-scenario"),
        bounty: "30000",
        closes: on(66, 18, 0),
        plan: Plan::Shares(&[5_000, 3_000, 2_000]),
        start: None,
        mark: Some("60"),
        judges: &["tomasz", "li-jing"],
        max_lanes: Some(8),
        appeal_days: 3,
        scenes: vec![
            (on(24, 14, 0), Scene::Draft),
            (on(25, 9, 0), Scene::Publish),
            (on(25, 20, 0), Scene::Enter { captain: "noor", name: "Noor Rahimi", units: &[], crew: &[] }),
            (
                on(27, 11, 0),
                Scene::Enter {
                    captain: "lin-xiaoyu",
                    name: "Green: one field, one face",
                    units: &[("green", 1_000)],
                    crew: &[("lin-xiaoyu", 4_500), ("xu-nuo", 4_500)],
                },
            ),
            (on(27, 11, 30), Scene::Agree { who: "xu-nuo", captain: "lin-xiaoyu" }),
            (
                on(28, 21, 0),
                Scene::Enter {
                    captain: "luo-cheng", name: "罗成：一粒米的日记", units: &[], crew: &[]
                },
            ),
            (on(30, 10, 0), Scene::Boost { by: "zhao-lei", from: Purse::Own, amount: "500" }),
            (
                on(36, 17, 0),
                Scene::Submit {
                    by: "noor",
                    captain: "noor",
                    body: "A label that is a map: the field is the picture. Four of six shoppers asked in a first test could name the village.",
                    links: &["https://demo.example/noor/label"],
                    files: &[(
                        "label.svg",
                        "image/svg+xml",
                        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 28 28\"><rect width=\"28\" height=\"28\" fill=\"none\" stroke=\"black\"/><path d=\"M4 20l6-9 5 6 4-5 5 8z\"/></svg>\n",
                    )],
                },
            ),
            (
                on(43, 15, 30),
                Scene::Enter {
                    captain: "hugo",
                    name: "Ask the farmer",
                    units: &[],
                    crew: &[("hugo", 5_000), ("amara", 5_000)],
                },
            ),
            (
                on(44, 9, 10),
                Scene::Boost { by: "wang-fang", from: Purse::Programme("key-scenario"), amount: "4500" },
            ),
        ],
    }
}

/// Internal, closing soon.
fn shifts() -> Story {
    Story {
        key: "shifts",
        poster: "wang-fang",
        title: "门店排班：让店长周五下班前排完下周的班",
        brief: "38 家门店的店长每周要花 5 个小时排班，周日晚上还在改。请做一个工具：导入请假和客流，给出一份店员愿意接受的班表，店长只需微调。",
        criteria: "- 用三家门店最近八周的数据试排\n- 违反劳动法规定的班次为零\n- 店员满意度不低于现在的手工班表（匿名问卷）",
        visibility: Visibility::Internal,
        purse: Purse::Programme("key-product"),
        bounty: "22000",
        closes: on(52, 18, 0),
        plan: Plan::Shares(&[6_000, 2_500, 1_500]),
        start: None,
        mark: None,
        judges: &["li-jing"],
        max_lanes: Some(5),
        appeal_days: 3,
        scenes: vec![
            (on(31, 9, 0), Scene::Draft),
            (on(31, 9, 15), Scene::Publish),
            (
                on(31, 16, 0),
                Scene::Enter {
                    captain: "zheng-shuang",
                    name: "郑爽与吴迪",
                    units: &[],
                    crew: &[("zheng-shuang", 5_000), ("wu-di", 5_000)],
                },
            ),
            (on(31, 16, 20), Scene::Agree { who: "wu-di", captain: "zheng-shuang" }),
            (
                on(33, 10, 0),
                Scene::Enter { captain: "amara", name: "Amara: swap first", units: &[], crew: &[] },
            ),
            (on(40, 14, 0), Scene::Extend(on(54, 18, 0))),
            (
                on(42, 16, 40),
                Scene::Submit {
                    by: "zheng-shuang",
                    captain: "zheng-shuang",
                    body: "第一版：先满足法定休息，再满足请假，最后平衡客流。三家店八周试排，违规班次为零，店长平均微调 9 处。",
                    links: &["https://demo.example/blue/shifts"],
                    files: &[],
                },
            ),
        ],
    }
}

/// The large one: four lanes, a month to go.
fn voice() -> Story {
    Story {
        key: "voice",
        poster: "ines",
        title: "Offline voice commands for a harvester cab at 85 dB",
        brief: "A driver has both hands full and the nearest mast is 30 km away. We want 40 commands, in Mandarin, Cantonese and English, recognised in \
            the cab, on the 4-core board that is already there, while the thresher runs.\n\n\
            You get 11 hours of recordings from six cabs. The judges have another 4 hours that nobody outside has heard.",
        criteria: "- At least 95 % of commands right at 85 dB on the judges' recordings\n- At most one false start in an hour\n- Answers within 300 ms on the board\n\
            - No word leaves the cab",
        visibility: Visibility::Open,
        purse: Purse::Programme("key-technology"),
        bounty: "120000",
        closes: on(75, 18, 0),
        plan: Plan::Shares(&[5_000, 2_500, 1_500]),
        start: None,
        mark: Some("70"),
        judges: &["tomasz", "li-jing"],
        max_lanes: Some(10),
        appeal_days: 7,
        scenes: vec![
            (on(34, 9, 0), Scene::Draft),
            (on(35, 9, 0), Scene::Publish),
            (
                on(35, 13, 0),
                Scene::Enter {
                    captain: "zhao-lei",
                    name: "Red: small ears",
                    units: &[("red", 1_000)],
                    crew: &[("zhao-lei", 3_000), ("sun-yue", 3_000), ("hugo", 3_000)],
                },
            ),
            (on(35, 13, 20), Scene::Agree { who: "sun-yue", captain: "zhao-lei" }),
            (on(35, 14, 0), Scene::Agree { who: "hugo", captain: "zhao-lei" }),
            (
                on(36, 10, 0),
                Scene::Enter {
                    captain: "priya",
                    name: "Blue: noise first",
                    units: &[("blue", 1_000)],
                    crew: &[("priya", 3_000), ("leila", 3_000), ("jonas", 3_000)],
                },
            ),
            (on(36, 10, 30), Scene::Agree { who: "leila", captain: "priya" }),
            (on(36, 12, 0), Scene::Agree { who: "jonas", captain: "priya" }),
            (
                on(37, 19, 0),
                Scene::Enter {
                    captain: "luo-cheng", name: "罗成：听得见的方言", units: &[], crew: &[]
                },
            ),
            (on(38, 20, 0), Scene::Enter { captain: "noor", name: "Rahimi Embedded", units: &[], crew: &[] }),
            (
                on(42, 11, 0),
                Scene::Submit {
                    by: "leila",
                    captain: "priya",
                    body: "Baseline: a filter learnt from the thresher's own rhythm, then a model of 3 MB. 88.4 % at 85 dB on the recordings we have, 210 ms.",
                    links: &["https://demo.example/blue/noise-first"],
                    files: &[(
                        "results.csv",
                        "text/csv",
                        "cab,commands,right\n1,400,361\n2,400,349\n3,400,352\n",
                    )],
                },
            ),
            (
                on(44, 16, 0),
                Scene::Submit {
                    by: "luo-cheng",
                    captain: "luo-cheng",
                    body: "粤语部分先做完：40 条命令 93.1%，误唤醒每小时 1.6 次，下周继续压。",
                    links: &[],
                    files: &[],
                },
            ),
        ],
    }
}

/// Being written.
fn kiosk() -> Story {
    Story {
        key: "kiosk",
        poster: "ines",
        title: "Self-service kiosk for probe repairs",
        brief: "Draft, for Chen Li to read before it opens.\n\nFarmers post a broken probe and wait three weeks. A kiosk in the county town could test it in a \
            minute and hand out another.\n\n*Open question: who pays for the probes in stock?*",
        criteria: "- To be agreed with the service team",
        visibility: Visibility::Open,
        purse: Purse::Programme("key-product"),
        bounty: "45000",
        closes: on(90, 18, 0),
        plan: Plan::Shares(&[6_000, 2_500, 1_500]),
        start: None,
        mark: Some("60"),
        judges: &["li-jing"],
        max_lanes: Some(6),
        appeal_days: 3,
        scenes: vec![(on(43, 17, 30), Scene::Draft)],
    }
}

/// A unit's own, being written.
fn handover() -> Story {
    Story {
        key: "handover",
        poster: "zhao-lei",
        title: "夜班交接单：一页纸说清楚",
        brief: "草稿。现在的交接靠微信群，早上要翻两百条消息。想要一页纸的交接单，五分钟填完，接班的人三分钟看懂。",
        criteria: "",
        visibility: Visibility::Internal,
        purse: Purse::Unit("red"),
        bounty: "1500",
        closes: on(60, 12, 0),
        plan: Plan::Winner,
        start: None,
        mark: None,
        judges: &[],
        max_lanes: None,
        appeal_days: 1,
        scenes: vec![(on(44, 11, 0), Scene::Draft)],
    }
}
