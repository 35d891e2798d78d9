//! Races that were won and paid: a dead heat, a winner who takes all, an appeal that was upheld.

use market::task::Visibility;

use crate::story::{Holder, OfferTerms, Plan, Purse, Scene, Story, on};

pub(super) fn all() -> Vec<Story> {
    vec![gateway(), expenses(), soil()]
}

/// Five lanes, outsiders among them, a boost and a dead heat.
fn gateway() -> Story {
    Story {
        key: "gateway",
        poster: "ines",
        title: "Edge gateway: from power-on to first reading in under 400 ms",
        brief: "Our field gateway takes **2.9 seconds** from power-on to the first reading it sends. On solar sites it \
            powers on several hundred times a day, so most of its energy goes into waking up.\n\n\
            We want the same hardware (revision D, 64 MB, no new parts) to send its first valid reading within \
            400 ms, without giving up signed boot.\n\n\
            You get: two gateways, the schematics, the current image, and our measuring rig's description.",
        criteria: "- Median of 200 cold starts at −10 °C, 20 °C and 45 °C, by the rig in the brief\n\
            - Boot stays signed; a tampered image must not start\n\
            - A build that we can repeat from your instructions\n\
            - Score: 60 points for the time, 20 for robustness, 20 for clarity",
        visibility: Visibility::Open,
        purse: Purse::Programme("key-technology"),
        bounty: "60000",
        closes: on(14, 18, 0),
        plan: Plan::Shares(&[5_000, 3_000, 2_000]),
        start: None,
        mark: Some("60"),
        judges: &["tomasz", "li-jing"],
        max_lanes: Some(6),
        appeal_days: 3,
        scenes: vec![
            (on(0, 14, 0), Scene::Draft),
            (on(1, 9, 30), Scene::Publish),
            (
                on(1, 11, 10),
                Scene::Enter {
                    captain: "zhao-lei",
                    name: "Red: execute in place",
                    units: &[("red", 1_000)],
                    crew: &[("zhao-lei", 4_000), ("sun-yue", 3_000), ("hugo", 2_000)],
                },
            ),
            (on(1, 13, 5), Scene::Agree { who: "sun-yue", captain: "zhao-lei" }),
            (on(1, 15, 40), Scene::Agree { who: "hugo", captain: "zhao-lei" }),
            (
                on(2, 10, 0),
                Scene::Enter {
                    captain: "priya",
                    name: "Blue: snapshot and resume",
                    units: &[],
                    crew: &[("priya", 5_000), ("wu-di", 5_000)],
                },
            ),
            (on(2, 10, 30), Scene::Agree { who: "wu-di", captain: "priya" }),
            (on(2, 16, 20), Scene::Enter { captain: "noor", name: "Rahimi Embedded", units: &[], crew: &[] }),
            (on(3, 9, 15), Scene::Boost { by: "priya", from: Purse::Unit("blue"), amount: "5000" }),
            (
                on(3, 11, 0),
                Scene::Enter {
                    captain: "lin-xiaoyu",
                    name: "Green: sleep instead of boot",
                    units: &[("green", 2_000)],
                    crew: &[("lin-xiaoyu", 4_000), ("marta", 4_000)],
                },
            ),
            (on(3, 14, 45), Scene::Agree { who: "marta", captain: "lin-xiaoyu" }),
            (
                on(4, 17, 30),
                Scene::Enter { captain: "leila", name: "Leila's bootloader", units: &[], crew: &[] },
            ),
            (
                on(8, 16, 0),
                Scene::Submit {
                    by: "hugo",
                    captain: "zhao-lei",
                    body: "First version: the kernel runs from flash and only the radio driver is loaded before the first \
                    reading.\n\nMedian **522 ms** at 20 °C. The cold chamber is booked for Thursday.",
                    links: &["https://demo.example/red/gateway-xip"],
                    files: &[(
                        "coldstart-20c.csv",
                        "text/csv",
                        "run,ms\n1,518\n2,522\n3,531\n4,519\n5,524\n",
                    )],
                },
            ),
            (
                on(10, 11, 25),
                Scene::Submit {
                    by: "noor",
                    captain: "noor",
                    body: "I replaced the second-stage loader by 9 kB of Rust. It verifies the image block by block *while* it \
                    starts, so signed boot costs 31 ms instead of 640.\n\nMedian 447 ms at 20 °C.",
                    links: &["https://demo.example/noor/secondstage"],
                    files: &[(
                        "build.txt",
                        "text/plain",
                        "rustup target add thumbv8m.main-none-eabihf\ncargo build --release --locked\n",
                    )],
                },
            ),
            (
                on(12, 18, 40),
                Scene::Submit {
                    by: "wu-di",
                    captain: "priya",
                    body: "Snapshot of the started system in flash, restored on power-on. 480 ms at 20 °C, but 910 ms at −10 °C: \
                    reading flash is slow when it is cold.",
                    links: &[],
                    files: &[],
                },
            ),
            (
                on(13, 20, 10),
                Scene::Submit {
                    by: "zhao-lei",
                    captain: "zhao-lei",
                    body: "Final version. Medians of 200 cold starts:\n\n| °C | ms |\n|---|---|\n| −10 | 381 |\n| 20 | 352 |\n| 45 | 349 |\n\n\
                    A tampered image stops at the first block, see section 4 of the report.",
                    links: &["https://demo.example/red/gateway-xip"],
                    files: &[
                        (
                            "report.md",
                            "text/markdown",
                            "# Execute in place\n\n1. What we moved\n2. What we left out\n3. How to repeat the build\n4. What happens to a tampered image\n",
                        ),
                        (
                            "coldstart-all.csv",
                            "text/csv",
                            "celsius,run,ms\n-10,1,380\n-10,2,383\n20,1,351\n20,2,354\n45,1,348\n45,2,350\n",
                        ),
                    ],
                },
            ),
            (
                on(14, 9, 0),
                Scene::Submit {
                    by: "marta",
                    captain: "lin-xiaoyu",
                    body: "We don't boot at all: the gateway keeps 1.1 mA of a supercapacitor and sleeps. First reading after \
                    **38 ms**, but after more than 40 dark hours it is a cold start of 1.9 s. We think that is the right trade; \
                    the numbers for each of our 212 sites are in the table.",
                    links: &["https://demo.example/green/sleep-not-boot"],
                    files: &[(
                        "sites.csv",
                        "text/csv",
                        "site,dark_hours_p99,cold_starts_per_year\nGZ-014,31,0\nGZ-020,44,3\nHN-007,29,0\n",
                    )],
                },
            ),
            (
                on(14, 15, 30),
                Scene::Submit {
                    by: "leila",
                    captain: "leila",
                    body: "Bootloader without USB and display. 1,240 ms. I ran out of days; the approach has about 500 ms left in it.",
                    links: &[],
                    files: &[],
                },
            ),
            (
                on(14, 17, 52),
                Scene::Submit {
                    by: "noor",
                    captain: "noor",
                    body: "Second version: the radio wakes while the image is still being verified. Medians 431 (−10 °C), 396 (20 °C), \
                    390 ms (45 °C).",
                    links: &["https://demo.example/noor/secondstage"],
                    files: &[],
                },
            ),
            (
                on(16, 15, 0),
                Scene::Rule {
                    by: "tomasz",
                    summary: "All five were measured on our own rig, 200 cold starts at each temperature.\n\n\
                    Red meets the target at all three temperatures. Green and Rahimi Embedded solve different halves of the problem \
                    equally well, and we could not put one before the other: a dead heat. Blue's idea suffers in the cold. Leila's \
                    entry does not reach the mark, but the loader is clean and worth going on with.",
                    lines: &[
                        (
                            "zhao-lei",
                            Some(1),
                            Some("91.5"),
                            "381 / 352 / 349 ms. The build repeats to the byte. Robust against a tampered image.",
                        ),
                        (
                            "noor",
                            Some(2),
                            Some("84"),
                            "431 / 396 / 390 ms: just misses the target in the cold. The best written of all.",
                        ),
                        (
                            "lin-xiaoyu",
                            Some(2),
                            Some("84"),
                            "38 ms in nearly every case, 1.9 s in the rest. Brave, and honest about the trade.",
                        ),
                        (
                            "priya",
                            Some(4),
                            Some("68.25"),
                            "480 ms at 20 °C and 910 ms at −10 °C. The build needed help from us.",
                        ),
                        ("leila", None, Some("47"), "1,240 ms. Below the mark."),
                    ],
                },
            ),
            (
                on(20, 12, 30),
                Scene::Transfer {
                    by: "sun-yue",
                    from: Purse::Own,
                    to: Holder::Person("amara"),
                    amount: "350",
                    memo: "For the nights at the cold chamber. We could not have measured without you.",
                },
            ),
            (
                on(21, 10, 0),
                Scene::Offer {
                    by: "ines",
                    captain: "leila",
                    terms: OfferTerms {
                        from: Purse::Programme("key-technology"),
                        price: "2400",
                        days: 7,
                        part: "The bootloader without USB and display, with its tests.",
                        purpose: "The base of the next gateway's loader; your name stays in its history.",
                    },
                },
            ),
            (on(22, 9, 30), Scene::AnswerOffer { captain: "leila", accept: true }),
            (
                on(23, 11, 0),
                Scene::Offer {
                    by: "ines",
                    captain: "noor",
                    terms: OfferTerms {
                        from: Purse::Programme("key-technology"),
                        price: "1500",
                        days: 7,
                        part: "The idea to wake the radio while the image is still being verified.",
                        purpose: "To be built into Red's image.",
                    },
                },
            ),
            (on(24, 16, 45), Scene::AnswerOffer { captain: "noor", accept: false }),
            (
                on(43, 15, 0),
                Scene::Offer {
                    by: "ines",
                    captain: "priya",
                    terms: OfferTerms {
                        from: Purse::Programme("key-technology"),
                        price: "1800",
                        days: 21,
                        part: "The tool that takes the snapshot of the started system.",
                        purpose: "For our test benches, which are never cold.",
                    },
                },
            ),
        ],
    }
}

/// The winner takes it all, in Chinese, ruled by the poster.
fn expenses() -> Story {
    Story {
        key: "expenses",
        poster: "wang-fang",
        title: "把差旅报销从七步减到三步",
        brief: "现在一次差旅报销要填七张表、等三次审批，平均 **11 个工作日** 到账。\n\n\
            请设计一个新流程：员工最多操作三步，财务仍能查清每一笔钱的去向。可以改表单、改顺序、合并审批，不能降低抽查比例。",
        criteria: "1. 员工操作不超过三步\n2. 用上季度 60 笔真实单据（已脱敏）走一遍，给出前后对比\n3. 财务负责人能看懂并签字",
        visibility: Visibility::Internal,
        purse: Purse::Programme("key-scenario"),
        bounty: "18000",
        closes: on(12, 18, 0),
        plan: Plan::Winner,
        start: None,
        mark: None,
        judges: &[],
        max_lanes: Some(4),
        appeal_days: 2,
        scenes: vec![
            (on(2, 9, 0), Scene::Draft),
            (on(2, 9, 20), Scene::Publish),
            (
                on(2, 14, 0),
                Scene::Enter {
                    captain: "he-ping",
                    name: "何平与 Diego",
                    units: &[],
                    crew: &[("he-ping", 6_000), ("diego", 4_000)],
                },
            ),
            (on(2, 15, 10), Scene::Agree { who: "diego", captain: "he-ping" }),
            (
                on(3, 10, 30),
                Scene::Enter { captain: "qian-cheng", name: "一张照片就够", units: &[], crew: &[] },
            ),
            (
                on(9, 17, 0),
                Scene::Submit {
                    by: "qian-cheng",
                    captain: "qian-cheng",
                    body: "思路：拍一张发票照片，系统自动识别金额、日期和项目，员工只需确认。\n\n60 笔里有 52 笔一次通过，其余 8 笔发票模糊，需要重拍。",
                    links: &[],
                    files: &[("对比.csv", "text/csv", "单据,原天数,新天数\n001,12,3\n002,9,2\n003,14,4\n")],
                },
            ),
            (
                on(11, 20, 15),
                Scene::Submit {
                    by: "he-ping",
                    captain: "he-ping",
                    body: "三步：**订票时选项目 → 回来后上传发票 → 确认到账**。审批并进订票那一步，事后只抽查。\n\n\
                    60 笔走完，平均 2.6 个工作日；抽查比例从 5% 提到 8%。财务的周敏看过流程图，意见附在最后。",
                    links: &["https://demo.example/green/expenses-three-steps"],
                    files: &[(
                        "流程.md",
                        "text/markdown",
                        "# 三步报销\n\n1. 订票选项目\n2. 上传发票\n3. 确认到账\n\n抽查：按金额分层，每月 8%。\n",
                    )],
                },
            ),
            (
                on(13, 10, 0),
                Scene::Rule {
                    by: "wang-fang",
                    summary: "两个方案都做到了三步以内。何平与 Diego 的方案把审批提前，到账更快，抽查也更严，先在两个部门试行一个月。\
                    钱程的识别做得很好，建议作为第二步的补充另立任务。",
                    lines: &[
                        ("he-ping", Some(1), None, "平均 2.6 个工作日；财务可以接受；材料完整。"),
                        ("qian-cheng", Some(2), None, "识别率高，但审批没有变，平均仍要 5 天。"),
                    ],
                },
            ),
        ],
    }
}

/// An appeal that was upheld: judged again, with another result.
fn soil() -> Story {
    Story {
        key: "soil",
        poster: "ines",
        title: "Field kit that calibrates a soil moisture sensor in five minutes",
        brief: "Installers calibrate our probes with a bucket, a scale and a spreadsheet. It takes forty minutes and half of them skip it.\n\n\
            Build a kit (anything that fits in a shoe box and costs under 300 yuan) with which one person calibrates a probe in \
            five minutes, in a field, in the rain.",
        criteria: "- Three installers who have never seen it calibrate five probes each\n- Error against the laboratory below 3 % by volume\n\
            - Parts list with prices\n- Instructions on one page, without words where possible",
        visibility: Visibility::Open,
        purse: Purse::Programme("key-product"),
        bounty: "40000",
        closes: on(20, 18, 0),
        plan: Plan::Shares(&[6_000, 2_500, 1_500]),
        start: None,
        mark: Some("50"),
        judges: &["tomasz", "li-jing"],
        max_lanes: None,
        appeal_days: 3,
        scenes: vec![
            (on(4, 10, 0), Scene::Draft),
            (on(4, 10, 30), Scene::Worth { amount: "120000" }),
            (on(4, 11, 0), Scene::Publish),
            (
                on(5, 9, 40),
                Scene::Enter {
                    captain: "diego",
                    name: "Green: three sponges",
                    units: &[],
                    crew: &[("diego", 7_000), ("xu-nuo", 3_000)],
                },
            ),
            (on(5, 10, 5), Scene::Agree { who: "xu-nuo", captain: "diego" }),
            (
                on(6, 19, 0),
                Scene::Enter { captain: "luo-cheng", name: "罗成：标准土样", units: &[], crew: &[] },
            ),
            (
                on(7, 14, 20),
                Scene::Enter {
                    captain: "hugo",
                    name: "Heat pulse",
                    units: &[],
                    crew: &[("hugo", 5_000), ("amara", 5_000)],
                },
            ),
            (on(7, 18, 0), Scene::Agree { who: "amara", captain: "hugo" }),
            (
                on(17, 16, 30),
                Scene::Submit {
                    by: "luo-cheng",
                    captain: "luo-cheng",
                    body: "三个密封的标准土样（干、半湿、饱和），插进去各读 30 秒即可。成本 186 元。\n\n三位安装员、每人五支探头：平均 **4 分 20 秒**，误差 2.1%。原始测量表在附件第二页。",
                    links: &["https://demo.example/luocheng/soil-kit"],
                    files: &[(
                        "measurements.csv",
                        "text/csv",
                        "installer,probe,minutes,error_percent\nA,1,4.1,2.0\nA,2,4.6,2.4\nB,1,4.3,1.9\nC,1,4.2,2.2\n",
                    )],
                },
            ),
            (
                on(19, 11, 0),
                Scene::Submit {
                    by: "diego",
                    captain: "diego",
                    body: "Three sponges of known pore size in a lunch box: squeeze, soak, read. 94 yuan. Average 3 min 50 s, error 2.8 %.\n\n\
                    The instructions have six drawings and not one word.",
                    links: &["https://demo.example/green/sponges"],
                    files: &[],
                },
            ),
            (
                on(20, 17, 45),
                Scene::Submit {
                    by: "amara",
                    captain: "hugo",
                    body: "Heat pulse instead of water: nothing to carry but a battery. Error 2.9 %, but 8 minutes a probe.",
                    links: &[],
                    files: &[],
                },
            ),
            (
                on(22, 14, 0),
                Scene::Rule {
                    by: "li-jing",
                    summary: "Three working kits. The sponges are cheapest and quickest. For the standard samples we found no measurements by \
                    installers in the entry, so half of the points could not be given.",
                    lines: &[
                        (
                            "diego",
                            Some(1),
                            Some("86"),
                            "3 min 50 s, 2.8 %, 94 yuan. The drawings are a model.",
                        ),
                        ("hugo", Some(2), Some("61"), "Elegant, but eight minutes a probe."),
                        (
                            "luo-cheng",
                            Some(3),
                            Some("52"),
                            "Promising; the measurements by installers are missing.",
                        ),
                    ],
                },
            ),
            (
                on(23, 9, 30),
                Scene::Appeal {
                    captain: "luo-cheng",
                    grounds: "裁定说缺少安装员的测量数据，但数据就在提交的附件 measurements.csv 里，比截止时间早三天。请按附件重新评分。",
                },
            ),
            (
                on(24, 11, 0),
                Scene::Answer {
                    by: "tomasz",
                    captain: "luo-cheng",
                    uphold: true,
                    answer: "The file was handed in three days before the deadline; its digest is on the ledger in record order before the close. \
                    It was overlooked. The race is judged again with it.",
                },
            ),
            (
                on(25, 10, 0),
                Scene::Rule {
                    by: "li-jing",
                    summary: "Judged again with the measurements that had been overlooked. I am sorry for the oversight.\n\nThe standard samples are the most \
                    exact by far and within the time; the sponges stay the cheapest. The order of the first changes.",
                    lines: &[
                        (
                            "luo-cheng",
                            Some(1),
                            Some("90"),
                            "4 min 20 s, 2.1 %, 186 yuan, measured by three installers.",
                        ),
                        (
                            "diego",
                            Some(2),
                            Some("86"),
                            "3 min 50 s, 2.8 %, 94 yuan. The drawings are a model.",
                        ),
                        ("hugo", Some(3), Some("61"), "Elegant, but eight minutes a probe."),
                    ],
                },
            ),
            (on(25, 16, 0), Scene::Spend { by: "luo-cheng", hours: 38 }),
            (on(25, 16, 30), Scene::Spend { by: "diego", hours: 24 }),
            (on(25, 17, 0), Scene::Spend { by: "xu-nuo", hours: 10 }),
            (on(26, 9, 0), Scene::Spend { by: "hugo", hours: 20 }),
            (on(26, 9, 20), Scene::Spend { by: "amara", hours: 16 }),
            (on(26, 10, 0), Scene::Spend { by: "li-jing", hours: 6 }),
        ],
    }
}
