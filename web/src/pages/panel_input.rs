//! Between the panel's fields of a task's form and what the market takes.
//!
//! Promises: a rubric is a line for each criterion, `name | weight | what it means`. Must never: check what
//! the market checks.

use market::error::{Code, Problems};
use market::task::{Combine, Criterion, Panel};
use market::{PersonId, Refusal};

use crate::forms::Form;
use crate::i18n::key;
use crate::visit::Visit;

const RUBRIC: &str = "rules.panel.rubric";
const QUORUM: &str = "rules.panel.quorum";
const DAYS: &str = "rules.panel.sheet_seconds";
const DAY: u32 = 86_400;

/// Fills the fields; without a panel, with what is offered for one.
pub(super) fn fill(form: &mut Form, v: &Visit, panel: Option<&Panel>) {
    let rubric = panel.map_or_else(|| v.t(key("panel-rubric-offer")).into_owned(), written);
    form.set(RUBRIC, rubric);
    if panel.is_none_or(|panel| panel.blind) {
        form.set("rules.panel.blind", "on");
    }
    let combine = panel.map_or(Combine::Mean, |panel| panel.combine);
    form.set("rules.panel.combine", combine.as_str());
    form.set(QUORUM, panel.map(|panel| panel.quorum.to_string()).unwrap_or_default());
    form.set(DAYS, (panel.map_or(7 * DAY, |panel| panel.sheet_seconds) / DAY).max(1).to_string());
}

fn written(panel: &Panel) -> String {
    let line = |criterion: &Criterion| {
        let Criterion { name, weight, description } = criterion;
        let end = if description.is_empty() { String::new() } else { format!(" | {description}") };
        format!("{name} | {weight}{end}")
    };
    panel.rubric.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// The panel that was typed. An empty quorum means all judges.
pub(super) fn read(form: &Form, judges: Vec<PersonId>, problems: &mut Problems) -> Option<Panel> {
    let lines = form.value(RUBRIC).lines().filter(|line| !line.trim().is_empty()).take(100);
    let rubric: Result<Vec<Criterion>, Code> = lines.map(criterion).collect();
    let rubric = problems.keep(RUBRIC, rubric);
    let all = u32::try_from(judges.len()).unwrap_or(u32::MAX).max(1);
    let number = |field: &str, most: u32| {
        let wrong = || Code::OutOfRange { min: "1".to_owned(), max: most.to_string() };
        let read = |text: &str| text.parse::<u32>().ok().filter(|n| (1..=most).contains(n)).ok_or_else(wrong);
        form.given(field).map(read).transpose()
    };
    let quorum = problems.keep(QUORUM, number(QUORUM, all));
    let days = problems.keep(DAYS, number(DAYS, 90));
    let combine = form.value("rules.panel.combine").parse::<Combine>().map_err(|_| Code::BadChoice);
    let combine = problems.keep("rules.panel.combine", combine);
    Some(Panel {
        judges,
        rubric: rubric?,
        blind: form.has("rules.panel.blind", "on"),
        combine: combine?,
        quorum: quorum?.unwrap_or(all),
        sheet_seconds: days?.unwrap_or(7) * DAY,
    })
}

fn criterion(line: &str) -> Result<Criterion, Code> {
    let mut parts = line.splitn(3, ['|', '｜']).map(str::trim);
    let name = parts.next().unwrap_or_default().to_owned();
    let weight = parts.next().map_or(Ok(1), |text| text.parse().map_err(|_| Code::BadRubric))?;
    let description = parts.next().unwrap_or_default().to_owned();
    Ok(Criterion { name, weight, description })
}

/// The same refusal, with what is wrong in a line of the rubric told beside the field that holds all lines.
pub(super) fn beside(refusal: Refusal) -> Refusal {
    match refusal {
        Refusal::Invalid(mut problems) => {
            for problem in &mut problems {
                if problem.field.starts_with(RUBRIC) {
                    problem.field = RUBRIC.to_owned();
                }
            }
            Refusal::Invalid(problems)
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail loudly")]
    use super::*;

    fn form(rubric: &str) -> Form {
        Form::of([
            (RUBRIC, rubric),
            ("rules.panel.combine", "mean"),
            (DAYS, "3"),
            ("rules.panel.blind", "on"),
        ])
    }

    #[test]
    fn a_rubric_is_read_as_it_is_written() {
        let mut problems = Problems::default();
        let text = "Use | 60 | For whom | and how\n\nForm\n 好看 ｜ 2";
        let panel = read(&form(text), vec![PersonId(uuid::Uuid::nil())], &mut problems).unwrap();
        let lines: Vec<_> = panel.rubric.iter().map(|one| (one.name.as_str(), one.weight)).collect();
        assert_eq!(lines, [("Use", 60), ("Form", 1), ("好看", 2)]);
        assert_eq!((panel.rubric[0].description.as_str(), panel.quorum), ("For whom | and how", 1));
        assert_eq!((panel.blind, panel.sheet_seconds), (true, 3 * DAY));
        assert_eq!(written(&panel), "Use | 60 | For whom | and how\nForm | 1\n好看 | 2");
    }

    #[test]
    fn a_weight_that_is_no_number_is_told_beside_the_rubric() {
        let mut problems = Problems::default();
        assert!(read(&form("Use | heavy"), Vec::new(), &mut problems).is_none());
        assert_eq!(problems.done().unwrap_err(), Refusal::on(RUBRIC, Code::BadRubric));
    }

    #[test]
    fn what_is_wrong_in_a_line_is_told_beside_the_rubric() {
        let refusal = Refusal::on("rules.panel.rubric.1.weight", Code::Required);
        assert_eq!(beside(refusal), Refusal::on(RUBRIC, Code::Required));
    }
}
