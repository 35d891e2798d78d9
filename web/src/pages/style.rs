//! The design system on one page: every component, in both languages and both schemes side by side.
//!
//! Promises: what is shown here is made by the macros that the pages use; only a demo shows it. Must never:
//! ask the market for anything.

use actix_web::web::Data;
use askama::Template;
use market::error::Refusal;
use market::task::TaskState;

use super::door::Demo;
use super::entry::FileRow;
use super::kit::{Badge, Choice, Fact, Link, Pager};
use super::tasks::{Tab, TaskCard, state};
use super::track::{self, RaceBlock};
use crate::errors::Answer;
use crate::format::{Tokens, When};
use crate::forms::Form;
use crate::i18n::{Locale, key};
use crate::plot::Figure;
use crate::plot::bars::{self, Series};
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
    /// The way here.
    pub crumbs: Vec<Link>,
    /// A list with pages before and after.
    pub pager: Pager,
    /// What is looked for.
    pub asked: Form,
    /// A race.
    pub race: RaceBlock,
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
    /// Names and what they stand for.
    pub facts: Vec<Fact>,
    /// A file that was handed in.
    pub files: Vec<FileRow>,
    /// A plot.
    pub figure: Figure,
}

impl Swatch {
    /// The colours by their tokens.
    pub const COLOURS: [&'static str; 6] = ["turf", "gold", "info", "bad", "edge", "muted"];

    /// What an act would lead to, when asked whether one is sure.
    fn question(&self) -> String {
        self.v.t1(key("sure-template"), "name", self.v.t(key("front-how-run"))).into_owned()
    }

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
            facts: vec![
                Fact::new(v.t(key("col-when")), v.when(v.now).exact),
                Fact::linked(v.t(key("receipt")), Link::new(v.t(key("receipt-download")), urls::style())),
            ],
            files: vec![FileRow {
                url: urls::style(),
                name: "paper.pdf".to_owned(),
                size: "120 kB".to_owned(),
                digest: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08".to_owned(),
            }],
            figure: figure(&v, plot(locale, theme)),
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
        Self {
            swatches,
            crumbs: vec![Link::new(v.t(key("nav-tasks")), urls::tasks())],
            pager: Pager { previous: Some(urls::style()), next: Some(urls::style()), total: 48 },
            asked: Form::default(),
            race: track::shown(&v),
            v,
        }
    }
}

/// The name of a swatch's plot within the page.
fn plot(locale: Locale, theme: Theme) -> &'static str {
    match (locale, theme) {
        (Locale::ZhCn, Theme::Dark) => "plot-zh-dark",
        (Locale::ZhCn, _) => "plot-zh-light",
        (_, Theme::Dark) => "plot-en-dark",
        _ => "plot-en-light",
    }
}

/// Bars in every colour, above the axis and below it.
fn figure(v: &Visit, id: &'static str) -> Figure {
    let labels: Vec<String> = (8..12).map(|month| format!("2026-{month:02}")).collect();
    let series: Vec<Series> = [
        ("p-turf", key("insight-paid"), [420, 610, 380, 900]),
        ("p-gold", key("insight-parts"), [60, 0, 120, 90]),
        ("p-bad", key("insight-returned"), [-150, -80, -260, -40]),
    ]
    .map(|(class, name, values)| Series { class, name: v.t(name).into_owned(), values: values.to_vec() })
    .into();
    let row = |(at, label): (usize, &String)| {
        let value = |one: &Series| one.values.get(at).map(ToString::to_string).unwrap_or_default();
        let cells = series.iter().map(|one| Link::new(value(one), ""));
        [Link::new(label, "")].into_iter().chain(cells).collect()
    };
    let heads = [v.t(key("insight-month")).into_owned()];
    Figure {
        id,
        title: v.t(key("insight-money")).into_owned(),
        unit: v.t1(key("insight-money-unit"), "code", "SAI").into_owned(),
        source: v.t(key("insight-money-source")).into_owned(),
        axes: [v.t(key("insight-month")).into_owned(), "SAI".to_owned()],
        legend: series.iter().map(|one| (one.class, one.name.clone())).collect(),
        pictures: bars::draw(&labels, &series, 320, |value| value.to_string())
            .map(|picture| ("", picture))
            .into_iter()
            .collect(),
        head: heads.into_iter().chain(series.iter().map(|one| one.name.clone())).collect(),
        rows: labels.iter().enumerate().map(row).collect(),
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
