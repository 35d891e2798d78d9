//! The clock's edges, one by one: which comes next, and when.

use ledger::Amount;
use uuid::Uuid;

use super::super::super::{Rules, Silence, Stage, TaskSource, Visibility};
use super::*;
use crate::ids::{PersonId, TaskId};

const DAY: i64 = 86_400;

fn day(days: i64) -> Moment {
    Moment(1_000_000_000_000).plus_seconds(days * DAY)
}

fn person(number: u128) -> PersonId {
    PersonId(Uuid::from_u128(number))
}

/// A race that closes on day 10, whose ruling is due 14 days later.
fn task(deputies: usize) -> Task {
    let deputies = (1..=deputies).map(|at| person(100 + at as u128)).collect();
    Task {
        grown: 0,
        id: TaskId(Uuid::from_u128(7)),
        handle: "h".into(),
        poster: person(1),
        title: "t".into(),
        brief: String::new(),
        criteria: String::new(),
        rules: Rules { silence: Some(Silence { deputies, ..Silence::default() }), ..Rules::default() },
        visibility: Visibility::Internal,
        source: TaskSource::Person(person(1)),
        bounty: Amount::new(1_000).unwrap(),
        stored: Stored::Open,
        closes_at: day(10),
        created_at: day(0),
        published_at: Some(day(0)),
        appeals_until: None,
        ended_at: None,
        rules_record: None,
        rules_digest: None,
        ruling: None,
        judging_since: None,
        reminded_at: None,
        passed_at: None,
        stages_ended: 0,
        stages_done: 0,
        paid: Amount::ZERO,
    }
}

fn edge_of(
    task: &Task,
    open_appeals: &[(u128, Moment)],
    answered_at: Option<Moment>,
) -> Option<(EdgeKind, Moment)> {
    let open_appeals = open_appeals.iter().map(|(id, at)| (Uuid::from_u128(*id), *at)).collect();
    next(&Facts {
        task,
        qualified: true,
        unmeasured: false,
        sheets_due: None,
        open_seconds: Vec::new(),
        open_appeals,
        answered_at,
        amendment: None,
    })
    .map(|edge| (edge.kind, edge.at))
}

#[test]
fn a_race_closes_at_its_deadline_and_then_the_silence_of_its_judges_has_its_steps() {
    let mut task = task(1);
    assert_eq!(edge_of(&task, &[], None), Some((EdgeKind::Close, day(10))));
    task.judging_since = Some(day(10));
    assert_eq!(edge_of(&task, &[], None), Some((EdgeKind::Remind, day(17))));
    task.reminded_at = Some(day(17));
    assert_eq!(edge_of(&task, &[], None), Some((EdgeKind::PassOn, day(24))));
    task.passed_at = Some(day(24));
    assert_eq!(edge_of(&task, &[], None), Some((EdgeKind::Default, day(29))));
    task.rules.silence = None;
    assert_eq!(edge_of(&task, &[], None), None, "nobody is hurried where the rules don't say so");
}

#[test]
fn each_stage_ends_and_is_cut_before_the_next_and_all_before_the_race_closes() {
    let mut task = task(0);
    let stage = |ends| Stage {
        name: "s".into(),
        ends_at: day(ends),
        judge_seconds: 86_400,
        mark: None,
        keep: Some(1),
        gate: None,
        prizes: None,
    };
    task.rules.stages = vec![stage(3), stage(6)];
    let steps = [
        (0, 0, EdgeKind::StageEnd, 3),
        (1, 0, EdgeKind::StageCut, 4),
        (1, 1, EdgeKind::StageEnd, 6),
        (2, 1, EdgeKind::StageCut, 7),
        (2, 2, EdgeKind::Close, 10),
    ];
    for (ended, done, kind, at) in steps {
        (task.stages_ended, task.stages_done) = (ended, done);
        assert_eq!(edge_of(&task, &[], None), Some((kind, day(at))));
    }
}

#[test]
fn an_amendment_is_decided_in_its_turn_and_before_what_falls_due_with_it() {
    let task = task(1);
    let at = |at| {
        let amendment = Some((Uuid::from_u128(9), at));
        let facts = Facts {
            task: &task,
            qualified: true,
            unmeasured: false,
            sheets_due: None,
            open_seconds: Vec::new(),
            open_appeals: Vec::new(),
            answered_at: None,
            amendment,
        };
        next(&facts).map(|edge| (edge.kind, edge.at, edge.subject.as_u128()))
    };
    assert_eq!(at(day(4)), Some((EdgeKind::Amend, day(4), 9)));
    assert_eq!(at(day(10)), Some((EdgeKind::Amend, day(10), 9)));
    assert_eq!(at(day(11)).map(|edge| edge.0), Some(EdgeKind::Close));
}

#[test]
fn without_deputies_the_default_comes_when_the_ruling_is_overdue() {
    let mut task = task(0);
    (task.judging_since, task.reminded_at) = (Some(day(10)), Some(day(17)));
    assert_eq!(edge_of(&task, &[], None), Some((EdgeKind::Default, day(24))));
}

#[test]
fn a_race_without_anybody_who_qualifies_expires() {
    let mut task = task(0);
    task.judging_since = Some(day(10));
    let mut facts = Facts {
        task: &task,
        qualified: false,
        unmeasured: true,
        sheets_due: None,
        open_seconds: Vec::new(),
        open_appeals: Vec::new(),
        answered_at: None,
        amendment: None,
    };
    assert_eq!(next(&facts).map(|edge| edge.kind), Some(EdgeKind::Expire));
    facts.qualified = true;
    assert_eq!(next(&facts).map(|edge| edge.kind), Some(EdgeKind::Measure), "else the server rules it");
}

#[test]
fn it_is_paid_when_the_window_is_closed_and_the_last_appeal_is_answered() {
    let mut task = task(1);
    (task.stored, task.appeals_until) = (Stored::Provisional, Some(day(20)));
    assert_eq!(edge_of(&task, &[], None), Some((EdgeKind::Settle, day(20))));
    assert_eq!(edge_of(&task, &[], Some(day(18))), Some((EdgeKind::Settle, day(20))));
    assert_eq!(edge_of(&task, &[], Some(day(23))), Some((EdgeKind::Settle, day(23))));
}

#[test]
fn an_appeal_that_nobody_answers_passes_on_and_at_last_the_ruling_stands() {
    let mut task = task(1);
    (task.stored, task.appeals_until) = (Stored::Provisional, Some(day(20)));
    let open = [(1, day(18)), (2, day(19))];
    assert_eq!(edge_of(&task, &open, None), Some((EdgeKind::AppealPassOn, day(23))));
    task.passed_at = Some(day(23));
    assert_eq!(edge_of(&task, &open, None), Some((EdgeKind::AppealStands, day(28))));
    assert_eq!(edge_of(&task, &open[1..], None), Some((EdgeKind::AppealStands, day(29))));
    let alone = Silence { deputies: Vec::new(), ..Silence::default() };
    task.rules.silence = Some(alone);
    assert_eq!(edge_of(&task, &open, None), Some((EdgeKind::AppealStands, day(23))));
    task.rules.silence = None;
    assert_eq!(edge_of(&task, &open, None), None, "it waits for an answer, as long as that takes");
}

#[test]
fn a_second_appeal_that_nobody_answers_ends_in_its_turn() {
    let mut task = task(1);
    (task.stored, task.appeals_until, task.passed_at) = (Stored::Provisional, Some(day(20)), Some(day(23)));
    let mut facts = Facts {
        task: &task,
        qualified: true,
        unmeasured: false,
        sheets_due: None,
        open_seconds: vec![(Uuid::from_u128(7), day(21))],
        open_appeals: vec![(Uuid::from_u128(8), day(18))],
        answered_at: None,
        amendment: None,
    };
    let due = |facts: &Facts<'_>| next(facts).map(|edge| (edge.subject.as_u128(), edge.at));
    assert_eq!(due(&facts), Some((7, day(26))), "whichever is due first");
    facts.open_seconds.clear();
    assert_eq!(due(&facts), Some((8, day(28))));
}

#[test]
fn what_has_ended_has_no_edge() {
    for stored in [Stored::Draft, Stored::Settled, Stored::Cancelled, Stored::Expired] {
        assert_eq!(edge_of(&Task { stored, ..task(1) }, &[], None), None);
    }
}
