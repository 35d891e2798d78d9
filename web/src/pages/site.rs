//! What machines ask every site for.

use actix_web::HttpResponse;
use actix_web::http::header;

use crate::{assets, urls};

/// `GET /robots.txt`: open challenges may be found; nothing else is for search engines.
pub async fn robots() -> HttpResponse {
    let closed = [
        urls::sign_in(),
        urls::my_work(),
        urls::wallet(),
        urls::people(),
        urls::treasury(),
        urls::invitation(""),
    ];
    let rules: String = closed.iter().map(|path| format!("Disallow: {path}\n")).collect();
    HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "text/plain; charset=utf-8"))
        .insert_header((header::CACHE_CONTROL, "public, max-age=86400"))
        .body(format!("User-agent: *\n{rules}"))
}

/// `GET /favicon.svg`: to the icon under its digest.
pub async fn icon() -> HttpResponse {
    HttpResponse::Found().insert_header((header::LOCATION, assets::icon())).finish()
}
