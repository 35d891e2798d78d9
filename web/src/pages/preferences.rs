//! Language, time zone and colours, by forms that work without a script.
//!
//! Promises: who is signed in finds their choice again on every machine; a visitor's is kept by the browser. Must
//! never: take a time zone that nobody's clocks follow.

use std::collections::BTreeMap;

use actix_web::cookie::time::Duration;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use market::error::Code;
use market::person::{Preferences, SetPreferences};
use market::{Market, Refusal};

use super::kit::Choice;
use crate::errors::Answer;
use crate::format::{self, When};
use crate::forms::{Form, Posted};
use crate::i18n::{Locale, key};
use crate::respond::{self, cookie};
use crate::undo::Undo;
use crate::urls;
use crate::visit::{LANG, OWN_ZONE, THEME, Theme, Visit};
use crate::zone::Zone;

/// The field that says that the whole form came: then an empty field takes a choice back.
const WHOLE: &str = "whole";
/// The field of the time zone, by the market's name.
const ZONE_FIELD: &str = "time_zone";

/// The page.
#[derive(Debug, Template)]
#[template(path = "people/preferences.html")]
pub struct PreferencesPage {
    /// The request.
    pub v: Visit,
    /// What is chosen.
    pub form: Form,
    /// Languages, the browser's first.
    pub languages: Vec<Choice>,
    /// Time zones by name, with how far their clocks are ahead now.
    pub zones: Vec<Choice>,
    /// Colours.
    pub themes: Vec<Choice>,
    /// This instant, as it is told by what is chosen.
    pub now: When,
}

/// `GET /preferences`.
///
/// # Errors
/// None.
pub async fn show(v: Visit, request: HttpRequest) -> Answer {
    let kept = |name| request.cookie(name).map(|cookie| cookie.value().to_owned()).unwrap_or_default();
    let form = match v.asker() {
        Some(asker) => {
            let chosen = &asker.preferences;
            Form::of([
                ("lang", chosen.language.map_or("", |language| language.as_str()).to_owned()),
                (ZONE_FIELD, chosen.time_zone.clone().unwrap_or_default()),
                ("theme", v.theme.name().to_owned()),
            ])
        }
        None => Form::of([
            ("lang", kept(LANG)),
            (ZONE_FIELD, kept(OWN_ZONE)),
            ("theme", v.theme.name().to_owned()),
        ]),
    };
    let page = page(v, form);
    Ok(respond::page(&page.v, &page))
}

/// `POST /preferences`: any of `lang`, `theme` and `time_zone`, and `back`, the page to return to.
///
/// # Errors
/// The form again, for a time zone that is not known.
pub async fn save(v: Visit, market: Data<Market>, Posted(form): Posted) -> Answer {
    let changes = match Changes::read(&form) {
        Ok(changes) => changes,
        Err(refusal) => return again(&v, form, refusal),
    };
    if let Some(asker) = v.asker() {
        let chosen = changes.over(asker.preferences.clone());
        if chosen != asker.preferences
            && let Err(refusal) = market.run(&v.actor, SetPreferences(chosen)).await
        {
            return again(&v, form, refusal);
        }
    }
    let mut response = match form.has(WHOLE, "yes") {
        true => respond::done(form.value("back"), key("done-preferences")),
        false => {
            let undo = before(&v, &form);
            respond::done_undoable(&v, form.value("back"), key("done-preferences"), &undo)
        }
    };
    for (name, value) in changes.cookies() {
        keep(&mut response, name, value.as_deref())?;
    }
    Ok(response)
}

/// What was chosen before a switch: who can't read the language they switched to finds the way back.
fn before(v: &Visit, form: &Form) -> Undo {
    let back = form.value("back").to_owned();
    let was = if form.value("lang").is_empty() {
        ("theme", v.theme.name().to_owned())
    } else {
        ("lang", v.locale.tag().to_owned())
    };
    Undo::new(urls::preferences(), [was, ("back", back)])
}

fn again(v: &Visit, form: Form, refusal: Refusal) -> Answer {
    let page = page(v.clone(), form.mend(v, refusal)?);
    Ok(respond::form_again(&page.v, &page))
}

fn keep(response: &mut HttpResponse, name: &str, value: Option<&str>) -> Result<(), Refusal> {
    let mut kept = cookie(name, value.unwrap_or_default());
    match value {
        Some(_) => kept.set_max_age(Duration::days(365)),
        None => kept.make_removal(),
    }
    response.add_cookie(&kept).map_err(Refusal::fault)
}

/// What a form changes: nothing, to a choice, or back to what the browser asks.
struct Changes {
    language: Option<Option<Locale>>,
    zone: Option<Option<String>>,
    theme: Option<Theme>,
}

impl Changes {
    fn read(form: &Form) -> Result<Self, Refusal> {
        let whole = form.has(WHOLE, "yes");
        let zone = match form.given(ZONE_FIELD).filter(|_| whole) {
            Some(typed) => Some(Zone::named(typed).ok_or(Refusal::on(ZONE_FIELD, Code::BadChoice))?.value()),
            None => None,
        };
        let language = Locale::from_tag(form.value("lang"));
        Ok(Self {
            language: (whole || language.is_some()).then_some(language),
            zone: whole.then_some(zone),
            theme: Theme::from_name(form.value("theme")),
        })
    }

    /// These, over what held before.
    fn over(&self, mut before: Preferences) -> Preferences {
        if let Some(language) = self.language {
            // The disguise is a language of browsers alone.
            before.language = language.and_then(|locale| locale.tag().parse().ok());
        }
        if let Some(zone) = &self.zone {
            before.time_zone.clone_from(zone);
        }
        if let Some(theme) = self.theme {
            before.theme = theme.name().parse().ok();
        }
        before
    }

    fn cookies(self) -> Vec<(&'static str, Option<String>)> {
        let language = self.language.map(|locale| (LANG, locale.map(|locale| locale.tag().to_owned())));
        let zone = self.zone.map(|zone| (OWN_ZONE, zone));
        let theme = self.theme.map(|theme| (THEME, Some(theme.name().to_owned())));
        [language, zone, theme].into_iter().flatten().collect()
    }
}

fn page(v: Visit, form: Form) -> PreferencesPage {
    let as_asked = Choice::new("", v.t(key("preferences-as-asked")));
    let languages = Locale::ALL.into_iter().map(|locale| Choice::new(locale.tag(), locale.own_name()));
    let theme = |theme: Theme| Choice::new(theme.name(), v.t(theme.label()));
    // By name; of several spellings of one name, one.
    let zones: BTreeMap<String, String> = Zone::names()
        .filter_map(|name| {
            let zone = Zone::named(&name)?;
            Some((name, format::offset_name(zone.offset(v.now))))
        })
        .collect();
    PreferencesPage {
        form,
        languages: [as_asked].into_iter().chain(languages).collect(),
        zones: zones.into_iter().map(|(name, offset)| Choice::new(name, offset)).collect(),
        themes: [Theme::Auto, Theme::Light, Theme::Dark].map(theme).to_vec(),
        now: v.when(v.now),
        v,
    }
}

/// Where preferences are chosen; back to there afterwards.
impl PreferencesPage {
    fn here(&self) -> String {
        urls::preferences()
    }
}

#[cfg(test)]
pub(crate) fn samples() -> Vec<PreferencesPage> {
    let sample = |v: Visit| {
        let mut form = Form::of([("lang", "zh-CN"), (ZONE_FIELD, "Mars/<Base>"), ("theme", "dark")]);
        form.refuse(ZONE_FIELD, "Choose one of the values offered.");
        page(v, form)
    };
    crate::visit::samples::all().into_iter().map(sample).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail loudly")]
    use market::notice::Language;

    use super::*;

    fn changes(fields: &[(&str, &str)]) -> Changes {
        Changes::read(&Form::of(fields.iter().copied())).unwrap()
    }

    #[test]
    fn a_switch_changes_one_thing_and_the_whole_form_all() {
        let before = Preferences {
            language: Some(Language::En),
            time_zone: Some("Europe/Berlin".to_owned()),
            theme: Some(market::person::Theme::Dark),
        };
        let switched = changes(&[("lang", "zh-CN")]);
        let chosen = switched.over(before.clone());
        assert_eq!(chosen, Preferences { language: Some(Language::ZhCn), ..before.clone() });
        assert_eq!(switched.cookies(), [(LANG, Some("zh-CN".to_owned()))]);
        let emptied = changes(&[(WHOLE, "yes"), ("lang", ""), (ZONE_FIELD, " "), ("theme", "auto")]);
        assert_eq!(emptied.over(before.clone()), Preferences::default());
        assert_eq!(emptied.cookies(), [(LANG, None), (OWN_ZONE, None), (THEME, Some("auto".to_owned()))]);
        let odd = changes(&[("lang", "tlh"), ("theme", "<script>"), (ZONE_FIELD, "Asia/Tokyo")]);
        assert_eq!(odd.over(before.clone()), before, "what is no choice changes nothing");
    }

    #[test]
    fn a_zone_is_one_with_a_name() {
        let read = |zone: &str| Changes::read(&Form::of([(WHOLE, "yes"), (ZONE_FIELD, zone)])).ok();
        assert_eq!(read("america/new york").unwrap().zone, Some(Some("America/New_York".to_owned())));
        assert!(read("480").is_none() && read("Mars/Base").is_none());
    }
}
