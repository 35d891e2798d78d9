//! The design system on one page: every component, in both languages and both schemes side by side.
//!
//! Promises: what is shown here is made by the macros that the pages use; only a demo shows it. Must never:
//! ask the market for anything.

use actix_web::web::Data;
use askama::Template;
use market::error::Refusal;
use market::task::TaskState;

use super::door::Demo;
use super::kit::{Badge, Choice};
use super::tasks::{Tab, TaskCard, state};
use crate::errors::Answer;
use crate::format::{Tokens, When};
use crate::forms::Form;
use crate::i18n::{Locale, key};
use crate::visit::{Theme, Visit};
use crate::{respond, urls};

/// The page.
#[derive(Debug, Template)]
#[template(path = "style/show.html")]
pub struct StylePage {
    /// The request.
    pub v: Visit,
    /// One for each language and scheme.
    pub swatches: Vec<Swatch>,
}

/// Everything once.
#[derive(Debug)]
pub struct Swatch {
    /// In this language, and these colours.
    pub v: Visit,
    /// Sets its names apart from those of the others.
    pub mark: String,
    /// What was typed, with one thing that is wrong.
    pub form: Form,
    /// A task.
    pub card: TaskCard,
    /// What stands above a list.
    pub tabs: Vec<Tab>,
    /// One of each tone.
    pub badges: Vec<Badge>,
    /// An instant.
    pub at: When,
    /// An amount.
    pub amount: Tokens,
    /// Things to choose from.
    pub choices: Vec<Choice>,
}

impl Swatch {
    /// The colours by their tokens.
    pub const COLOURS: [&'static str; 6] = ["turf", "gold", "info", "bad", "edge", "muted"];

    fn choices(&self) -> &[Choice] {
        &self.choices
    }

    /// A field's name, apart from those of the other swatches.
    fn named(&self, name: &str) -> String {
        format!("{}-{name}", self.mark)
    }

    fn new(v: &Visit, locale: Locale, theme: Theme) -> Self {
        let v = Visit { locale, theme, flash: None, ..v.clone() };
        let mark = format!("{}-{}", locale.tag(), theme.name());
        let mut form = Form::of([
            (format!("{mark}-title"), v.t("front-how-post").into_owned()),
            (format!("{mark}-amount"), "12.345".to_owned()),
            (format!("{mark}-radio"), "a".to_owned()),
        ]);
        form.refuse(&format!("{mark}-amount"), v.t("problem-required"));
        Self {
            card: TaskCard {
                url: urls::tasks(),
                title: v.t("front-how-run").into_owned(),
                summary: v.t("front-how-run-text").into_owned(),
                badge: state(TaskState::Open),
                open: true,
                bounty: Tokens::new(1_250_000, 2, "SAI"),
                closes: Some(v.when(v.now.plus_seconds(12 * 86_400))),
                lanes: 4,
                gone: Some(40),
            },
            tabs: vec![
                Tab { url: urls::style(), label: key("tasks-all"), current: true },
                Tab { url: urls::style(), label: key("tasks-open"), current: false },
                Tab { url: urls::style(), label: key("tasks-mine"), current: false },
            ],
            badges: [TaskState::Draft, TaskState::Open, TaskState::Judging, TaskState::Provisional]
                .map(state)
                .into_iter()
                .chain([Badge { tone: "bad", label: key("state-cancelled") }])
                .collect(),
            at: v.when(v.now.plus_seconds(-3 * 3_600)),
            amount: Tokens::new(123_456_789, 2, "SAI"),
            choices: vec![Choice::new("a", v.t("theme-light")), Choice::new("b", v.t("theme-dark"))],
            form,
            mark,
            v,
        }
    }
}

impl StylePage {
    fn new(v: Visit) -> Self {
        let themes = [Theme::Light, Theme::Dark];
        let swatches = Locale::ALL
            .into_iter()
            .flat_map(|locale| themes.map(|theme| (locale, theme)))
            .map(|(locale, theme)| Swatch::new(&v, locale, theme))
            .collect();
        Self { v, swatches }
    }
}

/// `GET /style`.
///
/// # Errors
/// Not found, unless this is a demo.
pub async fn show(v: Visit, demo: Data<Demo>) -> Answer {
    if demo.0.is_none() {
        return Err(Refusal::NotFound.into());
    }
    let page = StylePage::new(v);
    Ok(respond::page(&page.v, &page))
}

#[cfg(test)]
pub(crate) fn samples() -> Vec<StylePage> {
    crate::visit::samples::all().into_iter().map(StylePage::new).collect()
}
