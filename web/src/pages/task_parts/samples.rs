//! Made-up tasks, to render the page with.

use market::task::TaskState;

use super::super::outcomes::{CrewBlock, CrewOutcomes, MateRow, OutcomeRow, Outcomes, Prize};
use super::super::questions::{QuestionBlock, SaidBlock};
use super::super::task::{Action, Clock, TaskPage};
use super::super::tasks::state;
use super::super::track;
use super::*;
use crate::i18n::key;
use crate::pages::kit::Fact;

fn sai(minor: u64) -> Tokens {
    Tokens::new(minor, 2, "SAI")
}

fn places(v: &Visit) -> Vec<String> {
    (1_u32..4).map(|place| v.tn(key("place"), place).into_owned()).collect()
}

pub(crate) fn outcomes(v: &Visit) -> Outcomes {
    let prize = |minor| Prize { amount: sai(minor), score: v.signed_in().then(|| "87.50".to_owned()) };
    let row = |placed: u32, prizes: [Option<u64>; 3], refund| OutcomeRow {
        placed,
        or_more: placed == 3,
        prizes: prizes.map(|minor| minor.map(prize)).into(),
        start: sai(10_000),
        refund: sai(refund),
    };
    Outcomes {
        places: places(v),
        rows: vec![
            row(1, [Some(750_000), None, None], 500_000),
            row(2, [Some(750_000), Some(312_500), None], 187_500),
            row(3, [Some(750_000), Some(312_500), Some(187_500)], 0),
        ],
        started: v.signed_in(),
        scored: v.signed_in(),
    }
}

pub(crate) fn crew_outcomes(v: &Visit) -> CrewOutcomes {
    let mate = |who: &str, own, parts: [Option<u64>; 3]| MateRow {
        who: who.to_owned(),
        share: "33.33%".to_owned(),
        own,
        parts: parts.map(|minor| minor.map(sai)).into(),
    };
    let block = |placed, whole: [Option<u64>; 3]| CrewBlock {
        placed,
        or_more: placed == 2,
        whole: whole.map(|minor| minor.map(sai)).into(),
        mates: vec![
            mate("Red & Co", false, whole.map(|minor| minor.map(|minor| minor / 3))),
            mate("Ada Lovelace", true, whole.map(|minor| minor.map(|minor| minor / 3))),
        ],
    };
    CrewOutcomes {
        places: places(v),
        blocks: vec![
            block(1, [Some(750_000), None, None]),
            block(2, [Some(750_000), Some(312_500), Some(0)]),
        ],
    }
}

pub(crate) fn lanes(v: &Visit, ruled: bool) -> Vec<LaneRow> {
    let lane = |lane: u32, name: &str, place: Option<u32>| LaneRow {
        lane,
        name: Link::new(name, urls::entry(lane)),
        units: if lane == 1 { vec![Link::new("Red & Co", urls::unit("red"))] } else { Vec::new() },
        crew: vec![Link::new("Ada Lovelace", urls::person("ada")), Link::new("陈伟", "")],
        badge: entry_state(EntryState::Running),
        submissions: lane,
        last: Some(v.when(v.now.plus_seconds(-3_600 * i64::from(lane)))),
        place,
        score: place.map(|_| "87.50".to_owned()),
        award: place.map(|place| sai(750_000 / u64::from(place))),
        mine: lane == 2,
        way: "64%".to_owned(),
    };
    let placed = |place| ruled.then_some(place);
    vec![
        lane(1, "Red lantern", placed(2)),
        lane(2, "Half the time <b>", placed(1)),
        lane(3, "蓝色闪电", None),
    ]
}

fn award_start() -> Tokens {
    Tokens::new(2_000, 2, "SAI")
}

fn ruling_of(v: &Visit) -> RulingBlock {
    let line = |place, name: &str, award| RulingRow {
        place,
        name: Link::new(name, urls::entry(1)),
        score: Some("92.00".to_owned()),
        award: sai(award),
        start: Some(award_start()),
        reason: "Start-up fell from 4.1 s to 1.3 s on the reference machine, measured twice.".to_owned(),
    };
    RulingBlock {
        panel: vec![Link::new("Grace", urls::person("grace"))],
        version: 1,
        by: Some(Link::new("Grace Hopper", urls::person("grace"))),
        at: v.when(v.now.plus_seconds(-86_400)),
        summary: "<p>Two entries met the mark.</p>".to_owned(),
        record: urls::record(7),
        lines: vec![line(Some(1), "Half the time <b>", 750_000), line(None, "蓝色闪电", 0)],
        refund: sai(187_500),
    }
}

fn appeal_of(v: &Visit, answered: bool) -> AppealBlock {
    let at = v.when(v.now.plus_seconds(-3_600));
    AppealBlock {
        by_clock: false,
        entry: Link::new("蓝色闪电", urls::entry(3)),
        by: Link::new("Bo", urls::person("bo")),
        at: at.clone(),
        grounds: "<p>The measurement was taken on a cold cache.</p>".to_owned(),
        badge: Badge { tone: "wait", label: key("appeal-open") },
        answer: answered.then(|| "<p>So were all the others.</p>".to_owned()),
        answered_by: answered.then(|| Link::new("Grace Hopper", urls::person("grace"))),
        answered_at: answered.then_some(at),
        answer_url: (!answered).then(|| urls::appeal_answer(1, "abc")),
        again: None,
        again_url: Some(urls::task("abc")),
    }
}

fn questions_of(v: &Visit) -> Vec<QuestionBlock> {
    let said = |text: &str| SaidBlock {
        text: markdown::to_html(text),
        at: v.when(v.now.plus_seconds(-7_200)),
        record: urls::record(6),
    };
    let block = |number: u32, asked: Option<&str>, answer: Option<&str>| QuestionBlock {
        anchor: format!("q-{number}"),
        asked: asked.map(said),
        mine: v.signed_in(),
        answer: answer.map(said),
        by: answer.map(|_| Link::new("Grace Hopper", urls::person("grace"))),
        answer_url: answer.is_none().then(|| urls::question_answer(1)),
    };
    vec![
        block(1, Some("Is a cold <cache> allowed?"), Some("Yes, **both** are measured.")),
        block(2, Some("Which machine?"), None),
        block(3, None, Some("The reference machine has two cores.")),
    ]
}

pub(crate) fn full(v: &Visit) -> TaskPage {
    let action = |label, class, refused: Option<&str>| Action {
        url: urls::task_enter("abc"),
        label,
        refused: refused.map(str::to_owned),
        class,
    };
    let payout = PayoutBlock {
        at: v.when(v.now.plus_seconds(-60)),
        record: urls::record(9),
        receipt: urls::receipt(9),
        lines: vec![
            PayoutRow {
                to: Link::new("Ada Lovelace", urls::person("ada")),
                entry: Some(Link::new("Half the time <b>", urls::entry(2))),
                amount: sai(250_000),
                refund: false,
            },
            PayoutRow {
                to: Link::new("Key technology", ""),
                entry: None,
                amount: sai(187_500),
                refund: true,
            },
        ],
    };
    let funding = FundingRow {
        from: Link::new("Key technology", urls::programme("tech")),
        by: Link::new("Grace Hopper", urls::person("grace")),
        amount: sai(1_250_000),
        at: v.when(v.now.plus_seconds(-86_400 * 20)),
        record: urls::record(3),
    };
    let trail =
        TrailRow { kind: key("kind-fund"), at: funding.at.clone(), url: urls::record(3), index: Some(3) };
    TaskPage {
        stages: vec![crate::pages::task_stages::sample(v)],
        closes: v.when(v.now),
        final_pot: Tokens::new(5_000, 2, "SAI"),
        passed: Some("The decision has passed to Grace <Hopper>.".to_owned()),
        title: "Cut the start-up time of the gateway <by half>".to_owned(),
        summary: "Four seconds is too long.".to_owned(),
        badge: state(TaskState::Provisional),
        open: true,
        share: Some(super::super::task::Share {
            url: "https://saima.example/tasks/abc".to_owned(),
            image: "https://saima.example/tasks/abc/picture.png".to_owned(),
            text: "Bounty 12,500.00 SAI".to_owned(),
            locale: v.locale.tag().to_owned(),
        }),
        poster: Link::new("Grace Hopper", urls::person("grace")),
        brief: markdown::to_html(
            "Four seconds is **too long**.\n\n- measure\n- mend\n\n| a | b |\n|---|---|\n| 1 | 2 |",
        ),
        criteria: markdown::to_html("1. Below 2 s on the reference machine\n2. No feature lost"),
        bounty: sai(1_250_000),
        clock: Clock {
            label: key("clock-appeals"),
            at: Some(v.when(v.now.plus_seconds(2 * 86_400))),
            left: Some("2 days".to_owned()),
            server: "Sat, 21 Nov 2026, 08:00\u{a0}UTC".to_owned(),
        },
        actions: vec![
            action(key("act-enter"), "primary", None),
            action(key("act-boost"), "", None),
            action(key("act-cancel"), "danger", Some("Somebody has submitted.")),
        ],
        eligible: Some(super::super::entry_rules::EligibleBlock { text: key("eligible-waits"), can: true }),
        terms: Some(super::super::entry_rules::sample_terms()),
        own: Some(Link::new("Half the time <b>", urls::entry(2))),
        rules: vec![
            Fact::new(v.t(key("rule-plan")), "60%, 25%, 15%"),
            Fact::new(v.t(key("rule-mark")), "70.00"),
        ],
        outcomes: outcomes(v),
        crew_outcomes: v.signed_in().then(|| crew_outcomes(v)),
        proof: vec![Fact::new(v.t(key("proof-escrow")), sai(1_250_000))],
        digest: Some("5e".repeat(32)),
        fundings: vec![funding],
        race: track::samples::race(v, v.signed_in()),
        replay: urls::task_replay("abc"),
        live: Some((urls::task_live("abc"), urls::task_track("abc"))),
        events: vec![crate::pages::events::EventRow {
            entry: v.signed_in().then(|| Link::new("Half the time <b>", urls::entry(2))),
            count: 12,
            evidence: "Twelve <b> shops use it, see the list.".to_owned(),
            by: Link::new("Grace Hopper", urls::person("grace")),
            at: v.when(v.now.plus_seconds(-3_600)),
            record: urls::record(8),
        }],
        vote: Some(crate::pages::vote::samples::block(v)),
        ruling: Some(ruling_of(v)),
        earlier: vec![ruling_of(v)],
        panel: Some(urls::task_panel("abc")),
        appeals: vec![appeal_of(v, false), appeal_of(v, true)],
        amendments: vec![crate::pages::amend::sample_row(v)],
        questions: questions_of(v),
        cost: super::super::cost::sample(v),
        bought: super::super::parts::sample(v).bought,
        payouts: vec![payout],
        trail: vec![trail],
        v: v.clone(),
    }
}

pub(crate) fn bare(v: &Visit) -> TaskPage {
    TaskPage {
        badge: state(TaskState::Draft),
        open: false,
        share: None,
        criteria: String::new(),
        actions: Vec::new(),
        own: None,
        eligible: None,
        terms: None,
        digest: None,
        fundings: Vec::new(),
        race: track::samples::empty(v),
        live: None,
        vote: None,
        events: Vec::new(),
        ruling: None,
        earlier: Vec::new(),
        panel: Some(urls::task_panel("abc")),
        appeals: Vec::new(),
        amendments: Vec::new(),
        questions: Vec::new(),
        cost: super::super::cost::CostBlock::default(),
        bought: Vec::new(),
        payouts: Vec::new(),
        trail: Vec::new(),
        ..full(v)
    }
}
