//! What machines ask every site for.

use actix_web::HttpResponse;
use actix_web::http::header;
use actix_web::web::Data;
use market::Market;
use serde::Serialize;

use crate::i18n::key;
use crate::urls::Base;
use crate::visit::Visit;
use crate::{assets, urls};

/// `GET /robots.txt`: what visitors see may be found, and so may the door; one's own pages need no rule, for who has
/// not signed in is sent to the door from them.
pub async fn robots(base: Data<Base>) -> HttpResponse {
    let closed = [urls::people(), urls::treasury(), urls::invitation("")];
    let rules: String = closed.iter().map(|path| format!("Disallow: {path}\n")).collect();
    HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "text/plain; charset=utf-8"))
        .insert_header((header::CACHE_CONTROL, "public, max-age=86400"))
        .body(format!("User-agent: *\n{rules}\nSitemap: {}\n", base.of(&urls::sitemap())))
}

/// `GET /app.webmanifest` (W3C Web Application Manifest).
pub async fn manifest(v: Visit, market: Data<Market>) -> HttpResponse {
    let icons = assets::pixel_icons().map(|(size, src)| Icon {
        src,
        sizes: format!("{size}x{size}"),
        kind: "image/png",
        purpose: "any maskable",
    });
    let drawn = Icon { src: assets::icon(), sizes: "any".to_owned(), kind: "image/svg+xml", purpose: "any" };
    let manifest = Manifest {
        name: market.settings().house.clone(),
        short_name: v.t(key("brand")).into_owned(),
        description: v.t(key("site-description")).into_owned(),
        lang: v.locale.tag(),
        id: "/",
        start_url: urls::front(),
        scope: "/",
        display: "standalone",
        background_color: "#f7f9f6",
        theme_color: "#0a6b3d",
        icons: icons.into_iter().chain([drawn]).collect(),
    };
    HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "application/manifest+json"))
        .insert_header((header::CACHE_CONTROL, "private, max-age=3600"))
        .insert_header((header::VARY, "Accept-Language, Cookie"))
        .body(serde_json::to_string(&manifest).unwrap_or_default())
}

#[derive(Serialize)]
struct Manifest {
    name: String,
    short_name: String,
    description: String,
    lang: &'static str,
    id: &'static str,
    start_url: String,
    scope: &'static str,
    display: &'static str,
    background_color: &'static str,
    theme_color: &'static str,
    icons: Vec<Icon>,
}

#[derive(Serialize)]
struct Icon {
    src: String,
    sizes: String,
    #[serde(rename = "type")]
    kind: &'static str,
    purpose: &'static str,
}

/// `GET /favicon.svg`: to the icon under its digest.
pub async fn icon() -> HttpResponse {
    HttpResponse::Found().insert_header((header::LOCATION, assets::icon())).finish()
}
