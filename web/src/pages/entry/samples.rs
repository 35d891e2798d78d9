//! Made-up entries, to render the page with.

use super::super::evidence::Brought;
use super::*;

/// What a version says, with everything that a page must escape.
pub(in crate::pages) fn content() -> ContentBlock {
    ContentBlock {
        body: markdown::to_html("Down to **1.3 s**."),
        links: vec!["https://example.org/?a=1&b=\"2\"".to_owned()],
        evidence: vec![
            Brought {
                title: "How <it> was measured".to_owned(),
                words: "Ten runs.".to_owned(),
                link: None,
                file: String::new(),
            },
            Brought {
                title: "The branch".to_owned(),
                words: String::new(),
                link: Some("https://example.org".to_owned()),
                file: String::new(),
            },
        ],
        files: vec![FileRow {
            url: urls::file(1),
            name: "报告 <1>.pdf".to_owned(),
            size: format::size(1_234_567),
            digest: "ab".repeat(32),
        }],
    }
}

pub(crate) fn pages() -> Vec<EntryPage> {
    let page = |v: &Visit, full: bool| {
        let share = |who: &str, share, tone, badge| ShareRow {
            who: Link::new(who, urls::person("x")),
            share: format::percent(share),
            amount: full.then(|| Tokens::new(250_000, 2, "SAI")),
            badge,
            tone,
            own: tone == 1,
        };
        let submission = |version, content| SubmissionBlock {
            version,
            at: v.when(v.now.plus_seconds(-7_200)),
            by: Link::new("Ada", urls::person("ada")),
            opened: version == 2,
            comment: (version == 2).then(|| urls::submission_feedback(2)),
            digest: "5e".repeat(32),
            record: urls::record(4),
            content,
            sealed: key("submission-kept"),
        };
        let mut form = Form::of([("body", "</textarea>"), ("key", "k")]);
        if full {
            form.refuse("files", "The file is empty.");
        }
        EntryPage {
            hidden: !full,
            feedback: vec![FeedbackBlock {
                version: 2,
                by: Link::new("Grace", urls::person("grace")),
                at: v.when(v.now),
                body: markdown::to_html("Measure it **twice**."),
                record: urls::record(5),
            }],
            ask_feedback: full.then(|| urls::entry_feedback(2)),
            judging: full.then(|| (urls::task_score("abc", 2), urls::entry_aside(2))),
            name: "Half the time <b>".to_owned(),
            lane: 2,
            task: Link::new("Cut the start-up time", urls::task("abc")),
            badge: entry_badge(EntryState::Running, TaskState::Open),
            entered: v.when(v.now.plus_seconds(-86_400 * 9)),
            outcome: if full { vec![Fact::new(v.t(key("col-place")), "1")] } else { Vec::new() },
            reason: full.then(|| "Measured twice.".to_owned()),
            returned: full.then(|| ReturnBlock {
                reason: "No evidence".to_owned(),
                note: "Nothing <could> be opened.".to_owned(),
                by: Link::new("Mia", urls::person("mia")),
                at: v.when(v.now),
                record: urls::record(5),
            }),
            reasons: if full { returned::reasons(v) } else { Vec::new() },
            asked: if full {
                ["words", "link", "file"]
                    .map(|kind| Asked {
                        field: format!("evidence.{kind}"),
                        title: format!("The <{kind}>"),
                        kind,
                        hint: String::new(),
                    })
                    .to_vec()
            } else {
                Vec::new()
            },
            shares: vec![
                share("Red & Co", 3_333, 0, None),
                share("Ada", 3_333, 1, Some(answer(CrewAnswer::Agreed))),
                share("陈伟", 3_334, 2, Some(answer(CrewAnswer::Asked))),
            ],
            bar: vec![
                BarPart { x: 0, width: 3_333, tone: 0 },
                BarPart { x: 3_333, width: 3_333, tone: 1 },
                BarPart { x: 6_666, width: 3_334, tone: 2 },
            ],
            scores: if full { board::samples::scores(v) } else { None },
            measured: full,
            check_in_due: full.then(|| v.when(v.now.plus_seconds(86_400))),
            terms: full.then(super::super::entry_rules::sample_terms),
            proposal: "ab12".to_owned(),
            change: full.then(|| entry_change::sample(v)),
            offers: if full { parts::sample(v) } else { PartsBlock::default() },
            lanes: if full { vec![Choice::new("3", "Blue & Co")] } else { Vec::new() },
            out_reason: full.then(|| "Copied <b>".to_owned()),
            rides_on: full.then(|| Link::new("Blue & Co", urls::entry(3))),
            crew_outcomes: full.then(|| super::super::task_parts::samples::crew_outcomes(v)),
            submissions: if full {
                vec![submission(2, Some(content())), submission(1, None)]
            } else {
                Vec::new()
            },
            can: Can {
                answer: full,
                revise: full,
                submit: full,
                withdraw: full,
                leave: full,
                hand_over: full,
                disqualify: full,
                check_in: full,
                appeal: full,
                give_back: full,
                take_back: full,
            },
            form,
            sign: full.then(super::super::signing::sample),
            limits: "At most 5 files of 1 MB each.".to_owned(),
            to: Addresses {
                agree: urls::entry_agree(2),
                decline: urls::entry_decline(2),
                crew: urls::entry_crew(2),
                submit: urls::entry_submit(2),
                withdraw: urls::entry_withdraw(2),
                leave: urls::entry_leave(2),
                hand_over: urls::entry_hand_over(2),
                merge: urls::entry_merge(2),
                disqualify: urls::entry_disqualify(2),
                check_in: urls::entry_check_in(2),
                appeal: urls::entry_appeal(2),
                give_back: urls::entry_return(2),
                take_back: urls::entry_take_back(2),
            },
            v: v.clone(),
        }
    };
    crate::visit::samples::all().iter().flat_map(|v| [page(v, true), page(v, false)]).collect()
}
