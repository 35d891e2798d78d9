//! Races whose clock has stopped and that are not paid yet.

use market::task::Visibility;

use crate::story::{Plan, Purse, Scene, Story, on};

pub(super) fn all() -> Vec<Story> {
    vec![queue(), dedupe()]
}

/// Ruled, and an appeal is waiting for an answer.
fn queue() -> Story {
    Story {
        key: "queue",
        poster: "ines",
        title: "Order queue that loses nothing when a whole site goes dark",
        brief: "On 3 September the Foshan site lost power for nine minutes, and 214 orders with it. They had been accepted, and were in memory.\n\n\
            We want a queue that has *acknowledged* an order only when it survives the loss of any one site, and that still takes \
            2,000 orders a second on the machines we have.",
        criteria: "- The judges pull plugs; no acknowledged order may be missing or doubled\n- 2,000 orders a second, p99 below 80 ms\n\
            - Someone on call at night can operate it: one page of instructions",
        visibility: Visibility::Internal,
        purse: Purse::Programme("key-technology"),
        bounty: "80000",
        closes: on(41, 18, 0),
        plan: Plan::Shares(&[6_000, 2_500, 1_500]),
        start: None,
        mark: Some("60"),
        judges: &["tomasz", "li-jing"],
        max_lanes: Some(4),
        appeal_days: 5,
        scenes: vec![
            (on(18, 9, 0), Scene::Draft),
            (on(18, 10, 0), Scene::Publish),
            (
                on(18, 14, 0),
                Scene::Enter {
                    captain: "priya",
                    name: "Blue: Raft in three rooms",
                    units: &[("blue", 1_500)],
                    crew: &[("priya", 3_500), ("wu-di", 3_000), ("leila", 2_000)],
                },
            ),
            (on(18, 14, 30), Scene::Agree { who: "wu-di", captain: "priya" }),
            (on(18, 16, 0), Scene::Agree { who: "leila", captain: "priya" }),
            (
                on(19, 10, 0),
                Scene::Enter {
                    captain: "zhao-lei",
                    name: "Red: write it twice",
                    units: &[("red", 2_000)],
                    crew: &[("zhao-lei", 4_000), ("qian-cheng", 4_000)],
                },
            ),
            (on(19, 10, 20), Scene::Agree { who: "qian-cheng", captain: "zhao-lei" }),
            (
                on(21, 9, 0),
                Scene::Enter {
                    captain: "diego",
                    name: "Outbox all the way",
                    units: &[],
                    crew: &[("diego", 5_000), ("xu-nuo", 5_000)],
                },
            ),
            (on(21, 9, 45), Scene::Agree { who: "xu-nuo", captain: "diego" }),
            (
                on(33, 15, 0),
                Scene::Submit {
                    by: "qian-cheng",
                    captain: "zhao-lei",
                    body: "每个订单先写本地，再写另一个站点，两边都落盘才确认。2,400 单/秒，p99 61 ms。拔了 40 次电源，没有丢单。",
                    links: &["https://demo.example/red/write-twice"],
                    files: &[(
                        "plugs.csv",
                        "text/csv",
                        "run,site,lost,doubled\n1,foshan,0,0\n2,panyu,0,0\n3,foshan,0,0\n",
                    )],
                },
            ),
            (
                on(38, 18, 20),
                Scene::Submit {
                    by: "wu-di",
                    captain: "priya",
                    body: "Three replicas, one of them the small machine in the office. 2,900 orders a second, p99 44 ms. No order lost in 200 plugs pulled, \
                    two at a time included.\n\nThe page for the night shift is in the archive.",
                    links: &["https://demo.example/blue/raft-queue"],
                    files: &[(
                        "night-shift.md",
                        "text/markdown",
                        "# When the queue is red\n\n1. Look at the three lamps.\n2. If two are green, do nothing.\n3. If one is green, call Priya.\n",
                    )],
                },
            ),
            (
                on(41, 17, 10),
                Scene::Submit {
                    by: "diego",
                    captain: "diego",
                    body: "Outbox tables in the database that we have, and a relay. 2,050 orders a second, p99 78 ms. Nothing new to operate.",
                    links: &["https://demo.example/green/outbox"],
                    files: &[],
                },
            ),
            (
                on(43, 11, 0),
                Scene::Rule {
                    by: "tomasz",
                    summary: "Nobody lost an order, so the rest decided. Red is simplest to understand and was down for the shortest time when we pulled \
                    two plugs a minute apart. Blue is quickest. The outbox only just meets both numbers, with the fewest new parts.",
                    lines: &[
                        (
                            "zhao-lei",
                            Some(1),
                            Some("89"),
                            "0 lost, 0 doubled, 2,400 a second. Back after 4 seconds.",
                        ),
                        (
                            "priya",
                            Some(2),
                            Some("87.5"),
                            "0 lost, 0 doubled, 2,900 a second. Back after 19 seconds when the office machine was the leader.",
                        ),
                        (
                            "diego",
                            Some(3),
                            Some("74"),
                            "0 lost, 0 doubled, 2,050 a second. Fewest moving parts.",
                        ),
                    ],
                },
            ),
            (
                on(44, 10, 0),
                Scene::Appeal {
                    captain: "priya",
                    grounds: "The 19 seconds were measured while the office machine was on its backup line, which the brief does not name as a site. With the \
                    line that production uses we are back after 3 seconds, in all of 50 runs; the log of the runs was in our submission. We ask for the \
                    second measurement to be taken into account.",
                },
            ),
        ],
    }
}

/// The clock has stopped; a ruling is due.
fn dedupe() -> Story {
    Story {
        key: "dedupe",
        poster: "wang-fang",
        title: "客服知识库：把一万二千条问答合并去重",
        brief: "知识库里有 12,431 条问答，同一个问题平均有三种写法、两种答案。客服找答案要翻四屏，新人培训要三周。\n\n\
            请合并重复的问题，每个问题只留一个核对过的答案，并说明是怎么判断两条问答相同的。",
        criteria: "- 从合并结果中随机抽 200 组，误合并不超过 2%\n- 漏合并不超过 10%\n- 每条保留答案注明来源",
        visibility: Visibility::Internal,
        purse: Purse::Programme("key-scenario"),
        bounty: "25000",
        closes: on(44, 20, 0),
        plan: Plan::Shares(&[6_000, 2_500, 1_500]),
        start: None,
        mark: None,
        judges: &["li-jing", "tomasz"],
        max_lanes: None,
        appeal_days: 3,
        scenes: vec![
            (on(28, 9, 0), Scene::Draft),
            (on(28, 9, 40), Scene::Publish),
            (
                on(28, 13, 0),
                Scene::Enter { captain: "sun-yue", name: "孙悦：向量聚类", units: &[], crew: &[] },
            ),
            (
                on(29, 10, 0),
                Scene::Enter {
                    captain: "leila",
                    name: "Leila & Jonas",
                    units: &[],
                    crew: &[("leila", 5_000), ("jonas", 5_000)],
                },
            ),
            (on(29, 10, 40), Scene::Agree { who: "jonas", captain: "leila" }),
            (
                on(30, 16, 0),
                Scene::Enter {
                    captain: "he-ping",
                    name: "人工加规则",
                    units: &[],
                    crew: &[("he-ping", 4_000), ("marta", 3_000), ("diego", 3_000)],
                },
            ),
            (on(30, 16, 30), Scene::Agree { who: "marta", captain: "he-ping" }),
            (on(31, 9, 0), Scene::Agree { who: "diego", captain: "he-ping" }),
            (
                on(42, 19, 0),
                Scene::Submit {
                    by: "sun-yue",
                    captain: "sun-yue",
                    body: "12,431 条合并为 4,087 条。自查 500 组：误合并 1.4%，漏合并 8.8%。阈值怎么选的，见说明第三节。",
                    links: &["https://demo.example/red/kb-dedupe"],
                    files: &[(
                        "说明.md",
                        "text/markdown",
                        "# 去重说明\n\n1. 数据清洗\n2. 向量与聚类\n3. 阈值\n4. 抽查结果\n",
                    )],
                },
            ),
            (
                on(43, 18, 0),
                Scene::Submit {
                    by: "jonas",
                    captain: "leila",
                    body: "4,310 questions left. We let three people from support judge 600 pairs before choosing the threshold, so the error is measured and \
                    not guessed: 0.9 % wrongly merged, 9.6 % missed.",
                    links: &[],
                    files: &[(
                        "pairs.csv",
                        "text/csv",
                        "pair,judge1,judge2,judge3\n1,same,same,same\n2,same,other,same\n",
                    )],
                },
            ),
            (
                on(44, 19, 30),
                Scene::Submit {
                    by: "he-ping",
                    captain: "he-ping",
                    body: "先用规则归类，再由三个人逐组核对，共 3,955 条。误合并抽查为零，但只核对完了 82% 的组，其余标了“待核对”。",
                    links: &[],
                    files: &[],
                },
            ),
        ],
    }
}
