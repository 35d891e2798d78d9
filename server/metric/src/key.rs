//! The answer key: the truth behind the ids, its public and private part, and predictions measured by it.
//!
//! Promises: a part is measured by its own rows alone, so a public figure tells nothing of a private row.

use std::collections::{BTreeSet, HashMap};

use sha2::{Digest, Sha256};

use crate::classes::{self, Pair};
use crate::table::{self, Table};
use crate::{Fault, Metric, Takes, numbers, ranks, sum};

/// Most classes of a key.
const MOST_CLASSES: usize = 100;
/// How many ids a fault names.
const NAMED: usize = 5;
/// How far the likelihoods of a row may be from 1 together; people round them.
const NEAR: f64 = 1e-5;

/// Which rows are measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// Those behind the board while the race runs.
    Public,
    /// Those that decide.
    Private,
}

/// For each row of a key whether it is in the public part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Split(Vec<bool>);

impl Split {
    /// How many rows are public.
    pub fn public(&self) -> usize {
        self.0.iter().filter(|public| **public).count()
    }
}

/// An answer key.
#[derive(Debug, Clone)]
pub struct Key {
    metric: Metric,
    ids: Vec<String>,
    places: HashMap<String, usize>,
    truth: Truth,
    split: Option<Split>,
}

#[derive(Debug, Clone)]
enum Truth {
    Numbers(Vec<f64>),
    Classes { names: Vec<String>, of: Vec<usize>, positive: usize },
}

/// Predictions for every row of a key, in its order.
#[derive(Debug, Clone)]
pub struct Predictions(Given);

#[derive(Debug, Clone)]
enum Given {
    Classes(Vec<usize>),
    Numbers(Vec<f64>),
    /// Row by row, one for each class.
    Likelihoods(Vec<Vec<f64>>),
}

impl Key {
    /// Reads a key: `id,label` or `id,label,split`, where the split of each row is `public` or `private`.
    /// `positive` names the positive one of two classes; otherwise it is the greater one, by value where all
    /// classes are numbers.
    ///
    /// # Errors
    /// The first [`Fault`] found.
    pub fn read(bytes: &[u8], metric: Metric, positive: Option<&str>) -> Result<Self, Fault> {
        let Table { head, rows } = table::read(bytes)?;
        let head: Vec<String> = head.iter().map(|name| name.to_ascii_lowercase()).collect();
        let head: Vec<&str> = head.iter().map(String::as_str).collect();
        let has_split = match head[..] {
            ["id", "label"] => false,
            ["id", "label", "split"] => true,
            _ => return Err(Fault::Head { wanted: "id,label or id,label,split".to_owned() }),
        };
        let (mut ids, mut places) = (Vec::with_capacity(rows.len()), HashMap::with_capacity(rows.len()));
        let mut public = Vec::new();
        for (line, row) in &rows {
            let id = table::text(*line, row, 0)?;
            if places.insert(id.to_owned(), ids.len()).is_some() {
                return Err(Fault::Twice { line: *line, id: id.to_owned() });
            }
            ids.push(id.to_owned());
            if has_split {
                public.push(match row.get(2).unwrap_or_default().to_ascii_lowercase().as_str() {
                    "public" => true,
                    "private" => false,
                    _ => return Err(Fault::Part { line: *line, column: 3 }),
                });
            }
        }
        let truth = if metric.takes() == Takes::Number {
            let numbers = rows.iter().map(|(line, row)| table::number(*line, row, 1));
            Truth::Numbers(numbers.collect::<Result<_, _>>()?)
        } else {
            let labels = rows.iter().map(|(line, row)| table::text(*line, row, 1));
            classes_of(&labels.collect::<Result<Vec<_>, _>>()?, metric, positive)?
        };
        Ok(Self { metric, ids, places, truth, split: has_split.then_some(Split(public)) })
    }

    /// How many rows it has.
    pub fn rows(&self) -> usize {
        self.ids.len()
    }

    /// The split: the key's own, or else drawn by hash: the rows in order of SHA-256(salt ‖ id), the first
    /// `public_share` (in basis points, rounded to whole rows) public. Nobody who does not know the salt can
    /// tell which, and nobody can tune it who can't choose the salt.
    pub fn split(&self, salt: &[u8; 32], public_share: u32) -> Split {
        if let Some(split) = &self.split {
            return split.clone();
        }
        let hash =
            |id: &String| -> [u8; 32] { Sha256::new().chain_update(salt).chain_update(id).finalize().into() };
        let mut order: Vec<([u8; 32], usize)> = self.ids.iter().map(hash).zip(0..).collect();
        order.sort_unstable();
        let share = usize::try_from(public_share.min(10_000)).unwrap_or(0);
        let many = (self.rows() * share + 5_000) / 10_000;
        let mut public = vec![false; self.rows()];
        for (_, row) in order.into_iter().take(many) {
            public[row] = true;
        }
        Split(public)
    }

    /// Checks that each part can be measured by itself, whatever is predicted.
    ///
    /// # Errors
    /// [`Fault::PartTooPoor`].
    pub fn check(&self, split: &Split) -> Result<(), Fault> {
        for part in [Part::Public, Part::Private] {
            let rows = rows(split, part);
            let enough = match &self.truth {
                Truth::Classes { names, of, .. } if self.metric == Metric::Auc => {
                    rows.iter().map(|row| of[*row]).collect::<BTreeSet<_>>().len() == names.len()
                }
                _ => !rows.is_empty(),
            };
            if !enough {
                return Err(Fault::PartTooPoor);
            }
        }
        Ok(())
    }

    /// The head that predictions for this key must have.
    pub fn head(&self) -> String {
        match &self.truth {
            Truth::Classes { names, .. } if self.wants_columns() => format!("id,{}", names.join(",")),
            _ => "id,prediction".to_owned(),
        }
    }

    /// Reads predictions: exactly one row for each id of the key, in any order.
    ///
    /// # Errors
    /// The first [`Fault`] found; what is missing is told only where all rows could be read.
    pub fn read_predictions(&self, bytes: &[u8]) -> Result<Predictions, Fault> {
        let Table { head, rows } = table::read(bytes)?;
        let columns = self.columns(&head)?;
        let mut placed: Vec<Option<usize>> = vec![None; self.rows()];
        let mut unknown = Vec::new();
        for (at, (line, row)) in rows.iter().enumerate() {
            let id = table::text(*line, row, 0)?;
            match self.places.get(id) {
                None => unknown.push(id),
                Some(place) if placed[*place].is_some() => {
                    return Err(Fault::Twice { line: *line, id: id.to_owned() });
                }
                Some(place) => placed[*place] = Some(at),
            }
        }
        if !unknown.is_empty() {
            return Err(Fault::Unknown { count: unknown.len(), first: named(&unknown) });
        }
        let missing: Vec<&str> = self
            .ids
            .iter()
            .map(String::as_str)
            .zip(&placed)
            .filter(|(_, at)| at.is_none())
            .map(|(id, _)| id)
            .collect();
        if !missing.is_empty() {
            return Err(Fault::Missing { count: missing.len(), first: named(&missing) });
        }
        // From here on every row of the file has its place, so faults are told in the order of the file.
        let mut inverse = vec![0; rows.len()];
        for (place, at) in placed.iter().enumerate() {
            if let Some(at) = at {
                inverse[*at] = place;
            }
        }
        let order = |values: Vec<f64>| {
            let mut ordered = vec![0.0; values.len()];
            for (value, place) in values.into_iter().zip(&inverse) {
                ordered[*place] = value;
            }
            ordered
        };
        Ok(Predictions(match (&self.truth, self.metric) {
            (Truth::Numbers(_), _) => {
                let values = rows.iter().map(|(line, row)| table::number(*line, row, 1));
                Given::Numbers(order(values.collect::<Result<_, _>>()?))
            }
            (Truth::Classes { names, .. }, Metric::Auc | Metric::LogLoss) if self.wants_columns() => {
                let mut given = vec![Vec::new(); rows.len()];
                for ((line, row), place) in rows.iter().zip(&inverse) {
                    let read = |column: &usize| table::likelihood(*line, row, *column);
                    let likelihoods = columns.iter().map(read).collect::<Result<Vec<_>, _>>()?;
                    if (sum::sum(likelihoods.iter().copied()) - 1.0).abs() > NEAR {
                        return Err(Fault::SumNotOne { line: *line });
                    }
                    debug_assert_eq!(likelihoods.len(), names.len());
                    given[*place] = likelihoods;
                }
                Given::Likelihoods(given)
            }
            (Truth::Classes { .. }, Metric::Auc) => {
                let values = rows.iter().map(|(line, row)| table::number(*line, row, 1));
                Given::Numbers(order(values.collect::<Result<_, _>>()?))
            }
            (Truth::Classes { .. }, Metric::LogLoss) => {
                let values = rows.iter().map(|(line, row)| table::likelihood(*line, row, 1));
                Given::Numbers(order(values.collect::<Result<_, _>>()?))
            }
            (Truth::Classes { names, .. }, _) => {
                let mut given = vec![0; rows.len()];
                for ((line, row), place) in rows.iter().zip(&inverse) {
                    let class = table::text(*line, row, 1)?;
                    let known = names.iter().position(|name| name == class);
                    given[*place] = known.ok_or(Fault::Class { line: *line, column: 2 })?;
                }
                Given::Classes(given)
            }
        }))
    }

    /// The measure of predictions, on one part.
    pub fn measure(&self, split: &Split, part: Part, predictions: &Predictions) -> f64 {
        let rows = rows(split, part);
        match (&self.truth, &predictions.0) {
            (Truth::Numbers(truth), Given::Numbers(given)) => {
                let pairs: Vec<(f64, f64)> = rows.iter().map(|row| (truth[*row], given[*row])).collect();
                if self.metric == Metric::Mae { numbers::mae(&pairs) } else { numbers::rmse(&pairs) }
            }
            (Truth::Classes { names, of, positive }, Given::Classes(given)) => {
                let pairs: Vec<Pair> = rows.iter().map(|row| (of[*row], given[*row])).collect();
                match self.metric {
                    Metric::F1 => classes::f1_of(&pairs, *positive, names.len()),
                    Metric::F1Macro => classes::f1_macro(&pairs, names.len()),
                    Metric::F1Micro => classes::f1_micro(&pairs, names.len()),
                    Metric::F1Weighted => classes::f1_weighted(&pairs, names.len()),
                    _ => classes::accuracy(&pairs),
                }
            }
            (Truth::Classes { of, positive, .. }, Given::Numbers(given)) => {
                if self.metric == Metric::Auc {
                    return ranks::auc(rows.iter().map(|row| (of[*row] == *positive, given[*row])).collect());
                }
                let said = |row: &usize| if of[*row] == *positive { given[*row] } else { 1.0 - given[*row] };
                numbers::log_loss(&rows.iter().map(said).collect::<Vec<_>>())
            }
            (Truth::Classes { names, of, .. }, Given::Likelihoods(given)) => {
                if self.metric == Metric::LogLoss {
                    return numbers::log_loss(
                        &rows.iter().map(|row| given[*row][of[*row]]).collect::<Vec<_>>(),
                    );
                }
                let against_rest = |class: usize| {
                    ranks::auc(rows.iter().map(|row| (of[*row] == class, given[*row][class])).collect())
                };
                sum::mean((0..names.len()).map(against_rest))
            }
            // Predictions are read by the key that measures them.
            (Truth::Numbers(_), _) => f64::NAN,
        }
    }

    fn wants_columns(&self) -> bool {
        let many = match &self.truth {
            Truth::Classes { names, .. } => names.len() > 2,
            Truth::Numbers(_) => false,
        };
        many && self.metric.takes() == Takes::Likelihood
    }

    /// In which columns the classes stand, where each has one.
    fn columns(&self, head: &[String]) -> Result<Vec<usize>, Fault> {
        let wrong = || Fault::Head { wanted: self.head() };
        let first = head.first().is_some_and(|name| name.eq_ignore_ascii_case("id"));
        let Truth::Classes { names, .. } = &self.truth else {
            let fits = first && head.len() == 2 && head[1].eq_ignore_ascii_case("prediction");
            return if fits { Ok(vec![1]) } else { Err(wrong()) };
        };
        if !self.wants_columns() {
            let fits = first && head.len() == 2 && head[1].eq_ignore_ascii_case("prediction");
            return if fits { Ok(vec![1]) } else { Err(wrong()) };
        }
        if !first || head.len() != names.len() + 1 {
            return Err(wrong());
        }
        let place = |name: &String| head.iter().skip(1).position(|column| column == name).map(|at| at + 1);
        names.iter().map(place).collect::<Option<Vec<_>>>().ok_or_else(wrong)
    }
}

fn rows(split: &Split, part: Part) -> Vec<usize> {
    let wanted = part == Part::Public;
    split.0.iter().enumerate().filter(|(_, public)| **public == wanted).map(|(row, _)| row).collect()
}

fn named(ids: &[&str]) -> String {
    let mut text = ids.iter().take(NAMED).copied().collect::<Vec<_>>().join(", ");
    if ids.len() > NAMED {
        text.push_str(", …");
    }
    text
}

/// The classes in order, with the class of each row.
fn classes_of(labels: &[&str], metric: Metric, positive: Option<&str>) -> Result<Truth, Fault> {
    let mut names: Vec<&str> = labels.iter().copied().collect::<BTreeSet<_>>().into_iter().collect();
    if names.len() > MOST_CLASSES {
        return Err(Fault::TooManyClasses { most: MOST_CLASSES });
    }
    let values: Option<Vec<f64>> = names.iter().map(|name| name.parse::<f64>().ok()).collect();
    if values.is_some() {
        let value = |name: &&str| name.parse::<f64>().unwrap_or(0.0);
        names.sort_by(|a, b| value(a).total_cmp(&value(b)).then(a.cmp(b)));
    }
    let two = metric == Metric::F1 && names.len() > 2;
    if two || (metric.takes() == Takes::Likelihood && names.len() < 2) {
        return Err(Fault::NotTwo { found: names.len() });
    }
    let at = match positive {
        Some(class) if metric.has_positive() && names.len() <= 2 => names
            .iter()
            .position(|name| *name == class)
            .ok_or(Fault::NoPositive { class: class.to_owned() })?,
        _ => names.len().saturating_sub(1),
    };
    let places: HashMap<&str, usize> = names.iter().copied().zip(0..).collect();
    let of = labels.iter().map(|label| places.get(label).copied().unwrap_or(0)).collect();
    Ok(Truth::Classes { names: names.into_iter().map(str::to_owned).collect(), of, positive: at })
}

#[cfg(test)]
#[path = "key_tests.rs"]
mod tests;
