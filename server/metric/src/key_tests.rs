//! Keys and predictions in sentences.

use proptest::prelude::*;

use super::*;

const KEY: &str = "id,label\na,0\nb,1\nc,1\nd,0\n";

fn key(text: &str, metric: Metric) -> Key {
    Key::read(text.as_bytes(), metric, None).unwrap()
}

fn fault(text: &str, metric: Metric) -> Fault {
    Key::read(text.as_bytes(), metric, None).unwrap_err()
}

fn refused(key: &Key, text: &str) -> Fault {
    key.read_predictions(text.as_bytes()).unwrap_err()
}

#[test]
fn a_key_names_its_columns_and_no_id_twice() {
    assert!(matches!(fault("name,label\na,1\n", Metric::Accuracy), Fault::Head { .. }));
    assert_eq!(fault("id,label\na,1\na,0\n", Metric::Accuracy), Fault::Twice { line: 3, id: "a".into() });
    assert_eq!(fault("id,label\na,x\n", Metric::Rmse), Fault::Number { line: 2, column: 2 });
    assert_eq!(fault("id,label,split\na,1,both\n", Metric::Rmse), Fault::Part { line: 2, column: 3 });
    assert_eq!(fault("ID,Label\na,\n", Metric::Accuracy), Fault::Text { line: 2, column: 2 });
}

#[test]
fn the_classes_must_suit_the_measure() {
    assert_eq!(fault("id,label\na,0\nb,1\nc,2\n", Metric::F1), Fault::NotTwo { found: 3 });
    assert_eq!(fault("id,label\na,0\nb,0\n", Metric::Auc), Fault::NotTwo { found: 1 });
    let missing = Key::read(KEY.as_bytes(), Metric::F1, Some("yes")).unwrap_err();
    assert_eq!(missing, Fault::NoPositive { class: "yes".into() });
}

#[test]
fn predictions_name_every_id_exactly_once() {
    let key = key(KEY, Metric::Accuracy);
    assert_eq!(refused(&key, "id,prediction\na,0\nb,1\n"), Fault::Missing { count: 2, first: "c, d".into() });
    assert_eq!(
        refused(&key, "id,prediction\na,0\nb,1\nc,1\nd,0\ne,1\n"),
        Fault::Unknown { count: 1, first: "e".into() }
    );
    assert_eq!(
        refused(&key, "id,prediction\na,0\nb,1\nc,1\na,0\n"),
        Fault::Twice { line: 5, id: "a".into() }
    );
    assert_eq!(refused(&key, "id,prediction\nd,2\nb,1\nc,1\na,0\n"), Fault::Class { line: 2, column: 2 });
    assert_eq!(refused(&key, "id,label\na,0\n"), Fault::Head { wanted: "id,prediction".into() });
}

#[test]
fn the_order_of_rows_does_not_matter() {
    let key = key("id,label,split\na,0,public\nb,1,public\nc,1,private\n", Metric::Accuracy);
    let split = key.split(&[0; 32], 0);
    for text in ["id,prediction\na,0\nb,0\nc,1\n", "id,prediction\nc,1\nb,0\na,0\n"] {
        let given = key.read_predictions(text.as_bytes()).unwrap();
        assert_eq!(key.measure(&split, Part::Public, &given), 0.5);
        assert_eq!(key.measure(&split, Part::Private, &given), 1.0);
    }
}

#[test]
fn likelihoods_of_several_classes_have_a_column_each_and_sum_to_one() {
    let key = key("id,label\na,x\nb,y\nc,z\n", Metric::LogLoss);
    assert_eq!(key.head(), "id,x,y,z");
    let fine = key.read_predictions(b"id,z,x,y\na,0,1,0\nb,0.2,0.3,0.5\nc,1,0,0\n").unwrap();
    let split = Split(vec![true; 3]);
    assert!((key.measure(&split, Part::Public, &fine) - (2.0_f64.ln() / 3.0)).abs() < 1e-12);
    assert_eq!(refused(&key, "id,x,y,z\na,0.9,0,0\nb,0,1,0\nc,0,0,1\n"), Fault::SumNotOne { line: 2 });
    assert_eq!(
        refused(&key, "id,x,y,z\na,1.5,-0.5,0\nb,0,1,0\nc,0,0,1\n"),
        Fault::Likelihood { line: 2, column: 2 }
    );
    assert_eq!(refused(&key, "id,x,y\na,1,0\n"), Fault::Head { wanted: "id,x,y,z".into() });
}

#[test]
fn the_greater_class_is_positive_by_value_unless_another_is_named() {
    let text = "id,label\na,2\nb,10\n";
    let given = "id,prediction\na,0.1\nb,0.9\n";
    let area = |positive| {
        let key = Key::read(text.as_bytes(), Metric::Auc, positive).unwrap();
        let given = key.read_predictions(given.as_bytes()).unwrap();
        key.measure(&Split(vec![true, true]), Part::Public, &given)
    };
    assert_eq!((area(None), area(Some("2"))), (1.0, 0.0));
}

#[test]
fn a_split_is_drawn_by_salt_and_counts_to_the_row() {
    let rows: String = (0..1_000).map(|row| format!("r{row},{}\n", row % 2)).collect();
    let key = key(&format!("id,label\n{rows}"), Metric::Accuracy);
    let split = key.split(&[1; 32], 3_000);
    assert_eq!(split.public(), 300);
    assert_eq!(key.split(&[1; 32], 3_000), split, "the same salt draws the same rows");
    assert_ne!(key.split(&[2; 32], 3_000), split);
    let own = Key::read(b"id,label,split\na,1,private\nb,1,public\n", Metric::Accuracy, None).unwrap();
    assert_eq!(own.split(&[1; 32], 9_000), Split(vec![false, true]), "a split of the key's own stands");
}

#[test]
fn each_part_can_be_measured_by_itself() {
    let one_sided = key("id,label,split\na,1,public\nb,0,private\nc,1,private\n", Metric::Auc);
    assert_eq!(one_sided.check(&one_sided.split(&[0; 32], 0)), Err(Fault::PartTooPoor));
    let accuracy = key("id,label,split\na,1,public\nb,0,private\n", Metric::Accuracy);
    assert_eq!(accuracy.check(&accuracy.split(&[0; 32], 0)), Ok(()));
    let all_public = key("id,label,split\na,1,public\nb,0,public\n", Metric::Accuracy);
    assert_eq!(all_public.check(&all_public.split(&[0; 32], 0)), Err(Fault::PartTooPoor));
}

proptest! {
    #[test]
    fn no_bytes_bring_it_down(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        for metric in Metric::ALL {
            let _outcome = Key::read(&bytes, metric, None);
            let key = key("id,label\na,1\nb,0\n", metric);
            let _outcome = key.read_predictions(&bytes);
        }
    }

    /// What is predicted for private rows can't be seen in the public figure.
    #[test]
    fn a_public_figure_depends_on_public_rows_alone(
        truth in proptest::collection::vec(0_u8..2, 8),
        one in proptest::collection::vec(0_u8..2, 8),
        other in proptest::collection::vec(0_u8..2, 8),
    ) {
        let text: String = truth.iter().enumerate().map(|(row, label)| {
            format!("r{row},{label},{}\n", if row < 4 { "public" } else { "private" })
        }).collect();
        for metric in [Metric::Accuracy, Metric::F1Macro, Metric::Rmse] {
            let key = key(&format!("id,label,split\n{text}"), metric);
            let split = key.split(&[0; 32], 0);
            let public = |hidden: &[u8]| {
                let rows: String = (0..8).map(|row| {
                    let label = if row < 4 { one[row] } else { hidden[row] };
                    format!("r{row},{label}\n")
                }).collect();
                let given = key.read_predictions(format!("id,prediction\n{rows}").as_bytes()).ok();
                given.map(|given| key.measure(&split, Part::Public, &given))
            };
            let (a, b) = (public(&one), public(&other));
            prop_assert!(a.is_none() || b.is_none() || a == b, "{a:?} {b:?}");
        }
    }
}
