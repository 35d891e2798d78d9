//! Boards in sentences.

use super::*;
use crate::error::Refusal;
use crate::task::{Judging, PrizePlan, Score};

fn rules() -> MetricRules {
    MetricRules { gain: "0.01".to_owned(), ..MetricRules::of(Metric::Accuracy) }
}

/// A version: entry, version, public, private, moved, chosen.
fn version(entry: u128, version: i64, public: f64, private: Option<f64>, moved: bool, chosen: bool) -> Model {
    Model {
        submission_id: Uuid::from_u128(entry * 100 + u128::try_from(version).unwrap()),
        task_id: Uuid::nil(),
        entry_id: Uuid::from_u128(entry),
        version,
        at: version,
        file_id: Uuid::nil(),
        public: format!("{public:?}"),
        private: private.map(|figure| format!("{figure:?}")),
        moved: i64::from(moved),
        chosen: i64::from(chosen),
    }
}

fn codes(rules: &Rules, measured: &MetricRules) -> Vec<Code> {
    let mut problems = Problems::default();
    check(&mut problems, rules, measured);
    match problems.done() {
        Err(Refusal::Invalid(problems)) => problems.into_iter().map(|problem| problem.code).collect(),
        _ => Vec::new(),
    }
}

#[test]
fn a_board_moves_on_a_clear_gain_only() {
    let earlier = [version(1, 1, 0.8, None, true, false), version(1, 2, 0.805, None, false, false)];
    assert!(!moves(&rules(), &earlier, 0.809).unwrap(), "measured from what moved the board, 0.80");
    assert!(moves(&rules(), &earlier, 0.81).unwrap());
    assert!(moves(&rules(), &[], 0.0).unwrap(), "the first version is always on the board");
}

#[test]
fn a_board_shows_the_best_that_moved_it_and_equal_figures_share_a_place() {
    let scores = [
        version(1, 1, 0.8, None, true, false),
        version(1, 2, 0.9, None, false, false),
        version(2, 3, 0.8, None, true, false),
        version(3, 4, 0.7, None, true, false),
        version(4, 5, 0.99, None, true, false),
    ];
    let rows = board(&rules(), &scores, |entry| entry != Uuid::from_u128(4), Moment(100), false).unwrap();
    let seen: Vec<_> = rows.iter().map(|row| (row.place, row.entry.0.as_u128(), row.versions)).collect();
    assert_eq!(seen, [(1, 1, 2), (1, 2, 1), (3, 3, 1)]);
    let before = board(&rules(), &scores, |_| true, Moment(3), false).unwrap();
    assert_eq!(before.len(), 1, "what came at the freeze or after it is not shown");
}

#[test]
fn private_figures_are_not_on_a_board_that_is_not_final() {
    let scores = [version(1, 1, 0.8, Some(0.7), true, false), version(2, 2, 0.7, Some(0.9), true, false)];
    let running = board(&rules(), &scores, |_| true, Moment(100), false).unwrap();
    assert!(running.iter().all(|row| row.private.is_none()));
    let decided = board(&rules(), &scores, |_| true, Moment(100), true).unwrap();
    assert_eq!(decided[0].entry, EntryId(Uuid::from_u128(2)), "the private part decides");
}

#[test]
fn chosen_versions_count_or_else_the_best_and_earliest_on_the_public_part() {
    let all = [
        version(1, 1, 0.8, None, true, false),
        version(1, 2, 0.9, None, true, false),
        version(1, 3, 0.9, None, false, false),
    ];
    let own: Vec<&Model> = all.iter().collect();
    assert_eq!(counting(&rules(), &own).unwrap()[0].version, 2);
    let chosen = version(1, 4, 0.1, None, false, true);
    let own: Vec<&Model> = all.iter().chain([&chosen]).collect();
    assert_eq!(counting(&rules(), &own).unwrap().iter().map(|row| row.version).collect::<Vec<_>>(), [4]);
}

#[test]
fn errors_have_no_scale_for_marks_and_shares_by_score() {
    let with = |plan, mark| Rules { plan, mark, ..Rules::default() };
    let by_score = with(PrizePlan::Proportional { cap: None }, None);
    let marked = with(PrizePlan::WinnerTakesAll, Score::parse("60").ok());
    for rules in [&by_score, &marked] {
        assert_eq!(codes(rules, &MetricRules::of(Metric::Rmse)), [Code::MetricWithoutScale]);
        assert_eq!(codes(rules, &MetricRules::of(Metric::Auc)), []);
    }
    assert_eq!(codes(&Rules::default(), &MetricRules::of(Metric::Rmse)), []);
}

#[test]
fn the_numbers_of_measuring_are_bounded() {
    let fine = MetricRules::of(Metric::Accuracy);
    let wrong = [
        MetricRules { decimals: 13, ..fine.clone() },
        MetricRules { public_share: 99, ..fine.clone() },
        MetricRules { public_share: 9_001, ..fine.clone() },
        MetricRules { per_day: 0, ..fine.clone() },
        MetricRules { per_day: 101, ..fine.clone() },
        MetricRules { gain: "-0.1".to_owned(), ..fine.clone() },
        MetricRules { gain: "1e-3".to_owned(), ..fine.clone() },
        MetricRules { gain: "0.01".to_owned(), decimals: 1, ..fine.clone() },
        MetricRules { freeze_seconds: 31 * 86_400, ..fine.clone() },
        MetricRules { positive: Some(" 1".to_owned()), ..fine },
    ];
    for measured in wrong {
        assert_eq!(codes(&Rules::default(), &measured).len(), 1, "{measured:?}");
    }
}

#[test]
fn rules_of_measuring_are_written_like_this_for_ever() {
    let judging = Judging::Metric(MetricRules::of(Metric::LogLoss));
    let json = serde_json::to_string(&judging).unwrap();
    assert_eq!(
        json,
        r#"{"metric":{"metric":"log_loss","decimals":9,"public_share":3000,"per_day":5,"gain":"0.001"}}"#
    );
    assert_eq!(serde_json::from_str::<Judging>(&json).unwrap(), judging);
}
