//! Our figures beside scikit-learn's, on its own toy data sets (`tests/foreign/metrics.py` wrote them down).

use serde::Deserialize;

use crate::{Key, Part};

const GOLDEN: &str = include_str!("../../../tests/golden/metrics.json");

#[derive(Deserialize)]
struct Golden {
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    name: String,
    metric: String,
    key: String,
    predictions: String,
    public: String,
    private: String,
}

#[test]
fn every_figure_agrees_with_scikit_learn_to_a_billionth() {
    let golden: Golden = serde_json::from_str(GOLDEN).unwrap();
    assert!(golden.cases.len() >= 70, "{} cases", golden.cases.len());
    for case in golden.cases {
        let key = Key::read(case.key.as_bytes(), case.metric.parse().unwrap(), None).unwrap();
        let split = key.split(&[0; 32], 0);
        let predictions = key.read_predictions(case.predictions.as_bytes()).unwrap();
        for (part, figure) in [(Part::Public, &case.public), (Part::Private, &case.private)] {
            let theirs: f64 = figure.parse().unwrap();
            let ours = key.measure(&split, part, &predictions);
            let near = (ours - theirs).abs() <= 1e-9 * theirs.abs().max(1.0);
            assert!(near, "{} {} {part:?}: {ours} instead of {theirs}", case.name, case.metric);
        }
    }
}
