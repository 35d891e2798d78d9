//! A race whose rules change by consent: one amendment is in force and one lane has left on it, another is open.

use market::task::Visibility;

use crate::story::{Plan, Purse, Scene, Story, on};

pub(super) fn all() -> Vec<Story> {
    vec![weighbridge()]
}

fn weighbridge() -> Story {
    Story {
        key: "weighbridge",
        poster: "ines",
        title: "A weighbridge that notices its own drift 会自查漂移的地磅",
        brief: "Our weighbridges are calibrated twice a year and drift in between. Each lorry passes twice, empty and full, and farmers notice 40 kg.\n\n\
            地磅每年校准两次，其间会漂移。农户连 40 公斤都看得出来。\n\n\
            We want the drift found from the passes themselves, before anybody complains.",
        criteria: "- Finds 20 kg of drift within 200 passes\n- No false alarm in the quiet month of the recordings\n- Runs on the bridge's own computer",
        visibility: Visibility::Open,
        purse: Purse::Programme("key-technology"),
        bounty: "26000",
        closes: on(62, 18, 0),
        plan: Plan::Winner,
        start: Some(("800", "4000")),
        mark: None,
        judges: &["tomasz"],
        max_lanes: Some(5),
        appeal_days: 3,
        scenes: vec![
            (on(33, 9, 0), Scene::Draft),
            (on(33, 9, 20), Scene::Publish),
            (on(33, 15, 0), Scene::Enter { captain: "noor", name: "Rahimi Embedded", units: &[], crew: &[] }),
            (
                on(34, 10, 0),
                Scene::Enter { captain: "luo-cheng", name: "罗成：称两次", units: &[], crew: &[] },
            ),
            (
                on(34, 11, 0),
                Scene::Enter { captain: "amara", name: "Amara: the empty lorry", units: &[], crew: &[] },
            ),
            (
                on(38, 9, 0),
                Scene::Amend {
                    shares: &[7_000, 3_000],
                    closes: Some(on(66, 18, 0)),
                    reason: "Two of you wrote that one prize for three good ways is a lottery. A second prize, and four days more for the new recordings.",
                },
            ),
            (on(38, 13, 0), Scene::AnswerAmendment { captain: "noor", leaves: false }),
            (on(38, 20, 0), Scene::AnswerAmendment { captain: "luo-cheng", leaves: true }),
            (on(39, 8, 30), Scene::AnswerAmendment { captain: "amara", leaves: false }),
            (
                on(42, 10, 0),
                Scene::Submit {
                    by: "noor",
                    captain: "noor",
                    body: "First cut: the empty weights of the same lorry, week by week. 30 kg found after 160 passes.",
                    links: &["https://demo.example/noor/weighbridge"],
                    files: &[],
                },
            ),
            (
                on(44, 9, 0),
                Scene::Amend {
                    shares: &[6_000, 2_500, 1_500],
                    closes: None,
                    reason: "With two lanes left and room for three more, a third prize may bring somebody else in.",
                },
            ),
            (on(44, 18, 0), Scene::AnswerAmendment { captain: "amara", leaves: false }),
        ],
    }
}
