//! Language and colours, by a form that works without a script.

use actix_web::HttpResponse;
use actix_web::cookie::time::Duration;
use actix_web::http::header;

use crate::forms::Posted;
use crate::i18n::{Locale, key};
use crate::respond::{cookie, local};
use crate::visit::{FLASH, LANG, THEME, Theme};

/// `POST /preferences`: fields `lang` or `theme`, and `back`, the page to return to.
pub async fn save(Posted(form): Posted) -> HttpResponse {
    let mut response = HttpResponse::SeeOther();
    response.insert_header((header::LOCATION, local(form.value("back"))));
    let chosen = [
        (LANG, Locale::from_tag(form.value("lang")).map(Locale::tag)),
        (THEME, Theme::from_name(form.value("theme")).map(Theme::name)),
    ];
    for (name, value) in chosen {
        if let Some(value) = value {
            let mut kept = cookie(name, value);
            kept.set_max_age(Duration::days(365));
            response.cookie(kept);
        }
    }
    let mut told = cookie(FLASH, key("done-preferences"));
    told.set_max_age(Duration::minutes(1));
    response.cookie(told).finish()
}
