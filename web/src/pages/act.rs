//! One thing to do, on a page of its own: first asked, then spelled out in numbers, then done.
//!
//! Promises: nothing that moves tokens or cannot be undone happens without a page that says in full what
//! it will do; sending that page twice has one effect. Must never: decide whether it may be done.

use actix_web::HttpResponse;
use askama::Template;
use market::Market;
use market::error::Refusal;

use super::kit::{Choice, Fact, Link, fresh_key};
use super::signing::SignNote;
use crate::errors::Answer;
use crate::forms::Form;
use crate::respond;
use crate::visit::Visit;

/// Something to fill in.
#[derive(Debug, Clone)]
pub enum Ask {
    /// A line of text.
    Text(Field),
    /// A line of text that may stay empty.
    Line(Field),
    /// An amount or another number, and the unit that stands behind it.
    Number(Field, String),
    /// Several lines.
    Area(Field),
    /// One of several.
    Select(Field, Vec<Choice>),
    /// A date and a time, in the zone named.
    Time(Field, String),
}

/// What stands around something to fill in.
#[derive(Debug, Clone)]
pub struct Field {
    /// The field's name in the form.
    pub name: &'static str,
    /// What it is called.
    pub label: String,
    /// What helps to fill it in; may be empty.
    pub hint: String,
}

impl Field {
    /// A field whose label and hint are messages.
    pub fn new(v: &Visit, name: &'static str, label: &'static str, hint: &'static str) -> Self {
        Self { name, label: v.t(label).into_owned(), hint: v.t(hint).into_owned() }
    }

    /// A field without a hint.
    pub fn bare(v: &Visit, name: &'static str, label: &'static str) -> Self {
        Self { name, label: v.t(label).into_owned(), hint: String::new() }
    }
}

/// The page.
#[derive(Debug, Clone, Template)]
#[template(path = "act.html")]
pub struct ActPage {
    /// The request.
    pub v: Visit,
    /// What was typed so far.
    pub form: Form,
    /// The way back, outermost first; the last one is where "back" leads.
    pub crumbs: Vec<Link>,
    /// What is to be done.
    pub title: String,
    /// What that means, in a sentence or two.
    pub lead: String,
    /// The numbers, spelled out.
    pub facts: Vec<Fact>,
    /// What is still to be filled in; nothing when the page only asks for a yes.
    pub asks: Vec<Ask>,
    /// Where the form goes.
    pub action: String,
    /// What the button says.
    pub submit: String,
    /// True when it destroys or ends something.
    pub danger: bool,
    /// True when sending the form does it; false when it leads to the page that spells it out.
    pub sure: bool,
    /// What a script must know to sign it, where that is possible.
    pub sign: Option<SignNote>,
}

impl ActPage {
    /// A page of words alone, which asks for nothing and does nothing yet: title, lead and button are keys of
    /// messages.
    pub(super) fn saying(
        v: Visit,
        crumbs: Vec<Link>,
        form: Form,
        (title, lead, submit): (&'static str, &'static str, &'static str),
        action: String,
    ) -> Self {
        Self {
            form,
            crumbs,
            title: v.t(title).into_owned(),
            lead: v.t(lead).into_owned(),
            facts: Vec::new(),
            asks: Vec::new(),
            action,
            submit: v.t(submit).into_owned(),
            danger: false,
            sure: false,
            sign: None,
            v,
        }
    }

    /// The page that asks.
    pub fn answer(self) -> HttpResponse {
        let again = !self.form.errors().is_empty();
        if again { respond::form_again(&self.v, &self) } else { respond::page(&self.v, &self) }
    }

    /// The page with what the market wants mended.
    ///
    /// # Errors
    /// The refusal, if it is not about the input.
    pub fn mend(mut self, refusal: Refusal) -> Answer {
        let form = std::mem::take(&mut self.form);
        self.form = form.mend(&self.v, refusal)?;
        Ok(self.answer())
    }

    /// Gives the form a key of its own, unless it has one.
    #[must_use]
    pub fn once(mut self, market: &Market) -> Self {
        if self.form.value("key").is_empty() {
            self.form.set("key", fresh_key(market));
        }
        self
    }

    /// Turns the page that asks into the one that spells out what was filled in.
    #[must_use]
    pub fn spelled_out(mut self, facts: Vec<Fact>, lead: String, submit: String) -> Self {
        self.facts = facts;
        self.lead = lead;
        self.submit = submit;
        self.asks.clear();
        self.sure = true;
        self
    }

    /// What the form keeps while it is spelled out.
    pub fn kept(&self) -> impl Iterator<Item = (&str, &str)> {
        let mut shown: Vec<&str> = self.asks.iter().map(Ask::name).collect();
        if self.asks.iter().any(|ask| matches!(ask, Ask::Time(..))) {
            shown.push("zone");
        }
        self.form.pairs().filter(move |(name, _)| !shown.contains(name) && *name != "sure")
    }

    /// Where "back" leads.
    pub fn back(&self) -> &str {
        self.crumbs.last().map_or("/", |link| link.url.as_str())
    }
}

impl Ask {
    /// The field's name in the form.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Text(field)
            | Self::Line(field)
            | Self::Number(field, _)
            | Self::Area(field)
            | Self::Select(field, _)
            | Self::Time(field, _) => field.name,
        }
    }
}

/// True when the form comes from the page that spelled everything out.
pub fn is_sure(form: &Form) -> bool {
    form.value("sure") == "yes"
}

#[cfg(test)]
pub(crate) fn samples() -> Vec<ActPage> {
    use crate::i18n::key;
    crate::visit::samples::all()
        .into_iter()
        .flat_map(|v| {
            let field = |name| Field::new(&v, name, key("send-amount"), key("send-memo-hint"));
            let asks = vec![
                Ask::Text(field("text")),
                Ask::Line(field("line")),
                Ask::Number(field("number"), "SAI".into()),
                Ask::Area(field("area")),
                Ask::Select(field("select"), vec![Choice::new("a", "A & B"), Choice::new("b", "<b>")]),
                Ask::Time(field("time"), "UTC+8".into()),
            ];
            let mut form = Form::of([("text", "\"><script>"), ("select", "b"), ("key", "k")]);
            form.refuse("text", "<i>wrong</i>");
            form.refuse("", "all of it");
            let page = ActPage {
                v: v.clone(),
                form,
                crumbs: vec![Link::new("Wallet", "/wallet")],
                title: "Send tokens".into(),
                lead: "Lead".into(),
                facts: vec![Fact::new("From", "Ada"), Fact::linked("To", Link::new("Bob", "/people/bob"))],
                asks,
                action: "/wallet/send".into(),
                submit: "Go on".into(),
                danger: true,
                sure: false,
                sign: None,
            };
            let mut spelled = page.clone();
            spelled.form = Form::of([("text", "\"><script>"), ("key", "k")]);
            let mut spelled = spelled.spelled_out(page.facts.clone(), "Sure?".into(), "Send".into());
            spelled.sign = Some(super::signing::sample());
            [page, spelled]
        })
        .collect()
}
