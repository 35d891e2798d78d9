//! The evidence checklist: its rows in the task's form, what a crew is asked for, what it brought.
//!
//! Promises: rows that were left empty vanish, and the others keep their order, so that what is wrong with one
//! stands beside it. Must never: decide whether evidence suffices.

use market::submission::{Content, EvidenceItem, EvidenceKind, MOST_EVIDENCE};

use super::kit::Choice;
use crate::forms::Form;
use crate::i18n::key;
use crate::visit::Visit;

/// A row of the checklist in the task's form.
#[derive(Debug, Clone)]
pub struct EvidenceRow {
    /// Its number, from 1.
    pub number: usize,
    /// The names of its fields: title, kind, file.
    pub names: [String; 3],
    /// What was typed: title, kind, file.
    pub typed: [String; 3],
}

impl EvidenceRow {
    /// Whether this is how it is brought.
    pub fn is(&self, kind: &str) -> bool {
        self.typed[1] == kind
    }
}

/// What a crew is asked to bring.
#[derive(Debug, Clone)]
pub struct Asked {
    /// The field's name.
    pub field: String,
    /// What it is.
    pub title: String,
    /// `words`, `link` or `file`.
    pub kind: &'static str,
    /// With `file`, which of the files it must be.
    pub hint: String,
}

/// What a crew brought for one item.
#[derive(Debug, Clone)]
pub struct Brought {
    /// What was asked for.
    pub title: String,
    /// The words; empty for a link and a file.
    pub words: String,
    /// The link.
    pub link: Option<String>,
    /// With a file, which of the files it is.
    pub file: String,
}

const PARTS: [&str; 3] = ["title", "kind", "file"];

fn names(at: usize) -> [String; 3] {
    PARTS.map(|part| format!("rules.evidence.{at}.{part}"))
}

/// The rows that were typed, without the empty ones.
fn typed(form: &Form) -> Vec<[String; 3]> {
    let row = |at| names(at).map(|name| form.value(name).trim().to_owned());
    (0..MOST_EVIDENCE).map(row).filter(|[title, _, file]| !title.is_empty() || !file.is_empty()).collect()
}

/// The rows of the form: those that were typed, and room for some more.
pub(super) fn rows(form: &Form) -> Vec<EvidenceRow> {
    let mut rows = typed(form);
    let room = (rows.len() + 2).clamp(3, MOST_EVIDENCE);
    rows.resize_with(room, Default::default);
    let row = |(at, typed)| EvidenceRow { number: at + 1, names: names(at), typed };
    rows.into_iter().enumerate().map(row).collect()
}

/// How evidence can be brought.
pub(super) fn kinds(v: &Visit) -> Vec<Choice> {
    [("words", key("evidence-words")), ("link", key("evidence-link")), ("file", key("evidence-file"))]
        .map(|(value, label)| Choice::new(value, v.t(label)))
        .to_vec()
}

/// The checklist that was typed.
pub(super) fn read(form: &Form) -> Vec<EvidenceItem> {
    let item = |[title, kind, file]: [String; 3]| {
        let asks = match kind.as_str() {
            "link" => EvidenceKind::Link,
            "file" if file.is_empty() => EvidenceKind::File("*".to_owned()),
            "file" => EvidenceKind::File(file),
            _ => EvidenceKind::Words,
        };
        EvidenceItem { title, asks }
    };
    typed(form).into_iter().map(item).collect()
}

/// Fills the rows.
pub(super) fn fill(form: &mut Form, items: &[EvidenceItem]) {
    for (at, item) in items.iter().enumerate() {
        let (kind, file) = match &item.asks {
            EvidenceKind::Words => ("words", ""),
            EvidenceKind::Link => ("link", ""),
            EvidenceKind::File(pattern) => ("file", pattern.as_str()),
        };
        let [title_name, kind_name, file_name] = names(at);
        form.set(&title_name, item.title.as_str());
        form.set(&kind_name, kind);
        form.set(&file_name, file);
    }
}

/// What a crew is asked for.
pub(super) fn asked(v: &Visit, items: &[EvidenceItem]) -> Vec<Asked> {
    let one = |(at, item): (usize, &EvidenceItem)| {
        let (kind, hint) = match &item.asks {
            EvidenceKind::Words => ("words", String::new()),
            EvidenceKind::Link => ("link", String::new()),
            EvidenceKind::File(pattern) => ("file", file_hint(v, pattern)),
        };
        Asked { field: format!("evidence.{at}"), title: item.title.clone(), kind, hint }
    };
    items.iter().enumerate().map(one).collect()
}

/// What a submission's form brings for each item.
pub(super) fn brought_in(form: &Form) -> Vec<String> {
    let field = |at: usize| form.value(format!("evidence.{at}")).to_owned();
    let mut brought: Vec<String> = (0..MOST_EVIDENCE).map(field).collect();
    while brought.last().is_some_and(String::is_empty) {
        brought.pop();
    }
    brought
}

/// The checklist with what was brought for it.
pub(super) fn brought(v: &Visit, items: &[EvidenceItem], content: &Content) -> Vec<Brought> {
    let said = |at: usize| content.evidence.get(at).cloned().unwrap_or_default();
    let one = |(at, item): (usize, &EvidenceItem)| {
        let bare =
            Brought { title: item.title.clone(), words: String::new(), link: None, file: String::new() };
        match &item.asks {
            EvidenceKind::Words => Brought { words: said(at), ..bare },
            EvidenceKind::Link => Brought { link: Some(said(at)), ..bare },
            EvidenceKind::File(pattern) => Brought { file: file_hint(v, pattern), ..bare },
        }
    };
    items.iter().enumerate().map(one).collect()
}

/// The checklist in one sentence, for the rules in plain words.
pub(super) fn told(v: &Visit, items: &[EvidenceItem]) -> String {
    let one = |item: &EvidenceItem| {
        let kind = match &item.asks {
            EvidenceKind::Words => v.t(key("evidence-words")).into_owned(),
            EvidenceKind::Link => v.t(key("evidence-link")).into_owned(),
            EvidenceKind::File(pattern) => file_hint(v, pattern),
        };
        v.t2(key("evidence-told"), "title", &item.title, "kind", kind).into_owned()
    };
    items.iter().map(one).collect::<Vec<_>>().join(v.t(key("list-semicolon")).as_ref())
}

fn file_hint(v: &Visit, pattern: &str) -> String {
    match pattern {
        "*" => v.t(key("evidence-file-any")).into_owned(),
        pattern => v.t1(key("evidence-file-named"), "pattern", pattern).into_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn empty_rows_vanish_and_the_others_move_up() {
        let form = Form::of([
            ("rules.evidence.0.title", " "),
            ("rules.evidence.1.title", "The branch"),
            ("rules.evidence.1.kind", "link"),
            ("rules.evidence.4.title", "A report"),
            ("rules.evidence.4.kind", "file"),
            ("rules.evidence.4.file", "*.pdf"),
        ]);
        let read = read(&form);
        let item = |title: &str, asks| EvidenceItem { title: title.to_owned(), asks };
        assert_eq!(
            read,
            [
                item("The branch", EvidenceKind::Link),
                item("A report", EvidenceKind::File("*.pdf".to_owned()))
            ]
        );
        let rows = rows(&form);
        assert_eq!(rows.len(), 4);
        assert_eq!(rows[1].typed[0], "A report");
        assert_eq!(rows[1].names[0], "rules.evidence.1.title");
    }

    #[test]
    fn a_checklist_comes_out_of_the_form_as_it_went_in() {
        let items = vec![
            EvidenceItem { title: "How".to_owned(), asks: EvidenceKind::Words },
            EvidenceItem { title: "Any file".to_owned(), asks: EvidenceKind::File("*".to_owned()) },
        ];
        let mut form = Form::default();
        fill(&mut form, &items);
        assert_eq!(read(&form), items);
    }
}
