//! Races that ended otherwise: paid in part, called off, or deserted.

use market::task::Visibility;

use crate::story::{Holder, Plan, Purse, Scene, Story, on};

pub(super) fn all() -> Vec<Story> {
    vec![glossary(), cooling(), tender(), legacy()]
}

/// Paid from a unit's wallet, fixed prizes, something goes back.
fn glossary() -> Story {
    Story {
        key: "glossary",
        poster: "zhao-lei",
        title: "Bilingual glossary for the hardware manuals 硬件手册双语词表",
        brief: "Our manuals call the same connector four different names in two languages. We want one list: 300 terms, Chinese and English, \
            each with the drawing it appears in.",
        criteria: "- 300 terms, no term twice\n- Checked against the manuals of gateways C and D\n- CSV, UTF-8",
        visibility: Visibility::Internal,
        purse: Purse::Unit("red"),
        bounty: "3000",
        closes: on(24, 12, 0),
        plan: Plan::Amounts(&["2000", "800"]),
        start: None,
        mark: None,
        judges: &[],
        max_lanes: None,
        appeal_days: 1,
        scenes: vec![
            (on(10, 16, 0), Scene::Draft),
            (on(10, 16, 5), Scene::Publish),
            (on(11, 9, 0), Scene::Enter { captain: "xu-nuo", name: "许诺", units: &[], crew: &[] }),
            (on(12, 13, 0), Scene::Enter { captain: "jonas", name: "Jonas", units: &[], crew: &[] }),
            (
                on(22, 18, 30),
                Scene::Submit {
                    by: "xu-nuo",
                    captain: "xu-nuo",
                    body: "312 条，逐条核对了 C、D 两版手册，附图号。",
                    links: &[],
                    files: &[(
                        "glossary.csv",
                        "text/csv",
                        "zh,en,drawing\n射频座,RF jack,D-17\n接地端子,earth terminal,D-03\n密封圈,gasket,C-22\n",
                    )],
                },
            ),
            (
                on(24, 10, 45),
                Scene::Submit {
                    by: "jonas",
                    captain: "jonas",
                    body: "300 terms from the English manuals; the Chinese column is from the old list where I found it.",
                    links: &[],
                    files: &[("terms.csv", "text/csv", "en,zh\nRF jack,射频座\nearth terminal,地线端\n")],
                },
            ),
            (
                on(25, 9, 0),
                Scene::Rule {
                    by: "zhao-lei",
                    summary: "Both lists are of use. 许诺's is complete and checked, and becomes the standard from the next print run.",
                    lines: &[
                        ("xu-nuo", Some(1), None, "312 terms, all with drawings."),
                        (
                            "jonas",
                            Some(2),
                            None,
                            "Complete in English; 41 Chinese terms disagree with the manuals.",
                        ),
                    ],
                },
            ),
            (
                on(27, 9, 30),
                Scene::Transfer {
                    by: "zhao-lei",
                    from: Purse::Unit("red"),
                    to: Holder::Unit("green"),
                    amount: "1200",
                    memo: "Two weeks in your climate chamber, as agreed",
                },
            ),
        ],
    }
}

/// A mark that one of two reached, and an appeal that was rejected.
fn cooling() -> Story {
    Story {
        key: "cooling",
        poster: "wang-fang",
        title: "Keep a market stall's fish at 2 °C for ten hours without mains power",
        brief: "Sixty stalls at the Panyu wet market buy ice twice a day. We lend them an insulated box with sensors, and they tell us it is not \
            enough from two in the afternoon on.\n\nMake the same box hold 2 °C (± 1) from 5:00 to 15:00 in August, with the lid opened 120 times.",
        criteria: "- Ten hours at an outside temperature of 36 °C, lid opened by our machine 120 times\n- At most 400 yuan of parts\n\
            - Can be cleaned with a hose",
        visibility: Visibility::Internal,
        purse: Purse::Programme("key-product"),
        bounty: "35000",
        closes: on(34, 18, 0),
        plan: Plan::Shares(&[6_000, 4_000]),
        start: None,
        mark: Some("70"),
        judges: &[],
        max_lanes: Some(3),
        appeal_days: 2,
        scenes: vec![
            (on(15, 9, 0), Scene::Draft),
            (on(15, 13, 30), Scene::Publish),
            (
                on(16, 9, 10),
                Scene::Enter {
                    captain: "marta",
                    name: "Salt hydrate",
                    units: &[],
                    crew: &[("marta", 5_000), ("he-ping", 5_000)],
                },
            ),
            (on(16, 9, 50), Scene::Agree { who: "he-ping", captain: "marta" }),
            (
                on(17, 15, 0),
                Scene::Enter { captain: "zheng-shuang", name: "Two lids", units: &[], crew: &[] },
            ),
            (
                on(32, 14, 0),
                Scene::Submit {
                    by: "marta",
                    captain: "marta",
                    body: "Salt hydrate plates that melt at 1 °C, charged overnight. 10 h 40 min within the band, 372 yuan.",
                    links: &["https://demo.example/green/salt-hydrate"],
                    files: &[(
                        "curve.csv",
                        "text/csv",
                        "hour,celsius\n0,1.4\n2,1.6\n4,1.7\n6,1.9\n8,2.2\n10,2.7\n",
                    )],
                },
            ),
            (
                on(34, 16, 30),
                Scene::Submit {
                    by: "zheng-shuang",
                    captain: "zheng-shuang",
                    body: "两层盖子：大盖每天只开几次，小盖取货。保温 7 小时 50 分，成本 88 元。\n\n价格低到可以给每个摊位都换上，所以我觉得值得单独考虑。",
                    links: &[],
                    files: &[],
                },
            ),
            (
                on(35, 11, 0),
                Scene::Rule {
                    by: "wang-fang",
                    summary: "The plates do what was asked. The two lids do not reach the mark: seven hours and fifty minutes is not ten. What the second \
                    place would have been paid goes back to the programme.",
                    lines: &[
                        (
                            "marta",
                            Some(1),
                            Some("88.75"),
                            "Ten hours and forty minutes, 372 yuan, cleaned with a hose.",
                        ),
                        (
                            "zheng-shuang",
                            Some(2),
                            Some("62"),
                            "7 h 50 min. A good idea for another task: please keep it.",
                        ),
                    ],
                },
            ),
            (
                on(35, 17, 0),
                Scene::Appeal {
                    captain: "zheng-shuang",
                    grounds: "标准里写了成本上限，但没有写成本低可以加分还是不能加分。我的方案不到上限的四分之一，希望评分里考虑成本。",
                },
            ),
            (
                on(36, 10, 30),
                Scene::Answer {
                    by: "chen-li",
                    captain: "zheng-shuang",
                    uphold: false,
                    answer: "规则写明了分数线和十小时的要求，成本只是上限，不是加分项；规则在开赛时已经冻结，不能事后改变。裁定维持。\
                    低成本的方案很有价值，我会请王芳另立一个任务。",
                },
            ),
        ],
    }
}

/// Called off while nobody had submitted.
fn tender() -> Story {
    Story {
        key: "tender",
        poster: "ines",
        title: "Draft the technical part of the Foshan irrigation tender",
        brief: "The tender closes in three weeks. We want three independent drafts of the technical part, and hand in the best.",
        criteria: "- Answers every line of the tender's list\n- At most 40 pages",
        visibility: Visibility::Internal,
        purse: Purse::Programme("key-product"),
        bounty: "20000",
        closes: on(18, 18, 0),
        plan: Plan::Winner,
        start: None,
        mark: None,
        judges: &[],
        max_lanes: Some(3),
        appeal_days: 1,
        scenes: vec![
            (on(6, 9, 0), Scene::Draft),
            (on(6, 9, 30), Scene::Publish),
            (
                on(6, 15, 0),
                Scene::Enter {
                    captain: "jonas",
                    name: "Blue draft",
                    units: &[],
                    crew: &[("jonas", 5_000), ("zheng-shuang", 5_000)],
                },
            ),
            (on(6, 15, 30), Scene::Agree { who: "zheng-shuang", captain: "jonas" }),
            (
                on(8, 10, 0),
                Scene::Cancel(
                    "The buyer withdrew the tender this morning. Nobody has handed in anything, so the whole bounty goes back to the programme. \
                 Thank you to the crew that had begun.",
                ),
            ),
        ],
    }
}

/// Nobody came to the end: everything went back.
fn legacy() -> Story {
    Story {
        key: "legacy",
        poster: "wang-fang",
        title: "Move the 2014 sensor archive off the old tape library",
        brief: "The tape library in Building 2 is switched off at the end of the year. On it are the readings of 2014 to 2016, in a format whose \
            only reader runs on a machine that no longer starts.",
        criteria: "- All readings as Parquet, with a checksum for each day\n- The reader's source, so that nobody has to do this again",
        visibility: Visibility::Internal,
        purse: Purse::Programme("key-scenario"),
        bounty: "12000",
        closes: on(30, 18, 0),
        plan: Plan::Winner,
        start: None,
        mark: None,
        judges: &[],
        max_lanes: None,
        appeal_days: 1,
        scenes: vec![
            (on(12, 9, 0), Scene::Draft),
            (on(12, 9, 10), Scene::Publish),
            (on(14, 11, 0), Scene::Enter { captain: "wu-di", name: "磁带考古", units: &[], crew: &[] }),
            (on(26, 17, 0), Scene::Withdraw { captain: "wu-di" }),
        ],
    }
}
