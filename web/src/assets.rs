//! Styles, script and pictures of our own, carried inside the program.
//!
//! Promises: the address of a file names its content, so a browser keeps it for ever and never shows a
//! stale one. Must never: serve anything that is not in this list.

use std::sync::LazyLock;

use actix_web::HttpResponse;
use actix_web::http::header;
use actix_web::web::Path;
use sha2::{Digest, Sha256};

use crate::urls;

struct Asset {
    /// Name with a piece of the content's digest: `saima.0123456789abcdef.css`.
    name: String,
    kind: &'static str,
    bytes: &'static [u8],
}

impl Asset {
    fn new(stem: &str, ending: &str, kind: &'static str, bytes: &'static [u8]) -> Self {
        let digest = hex::encode(Sha256::digest(bytes));
        Self { name: format!("{stem}.{}.{ending}", &digest[..16]), kind, bytes }
    }
}

static STYLE: LazyLock<Asset> = LazyLock::new(|| {
    Asset::new("saima", "css", "text/css; charset=utf-8", include_bytes!("../static/saima.css"))
});
static SCRIPT: LazyLock<Asset> = LazyLock::new(|| {
    Asset::new("saima", "js", "text/javascript; charset=utf-8", include_bytes!("../static/saima.js"))
});
static ICON: LazyLock<Asset> =
    LazyLock::new(|| Asset::new("favicon", "svg", "image/svg+xml", include_bytes!("../static/favicon.svg")));

/// Where the stylesheet is.
pub fn style() -> String {
    urls::asset(&STYLE.name)
}

/// Where the script is. Nothing needs it: it shows times in the reader's zone and keeps races live.
pub fn script() -> String {
    urls::asset(&SCRIPT.name)
}

/// Where the icon is.
pub fn icon() -> String {
    urls::asset(&ICON.name)
}

/// `GET /static/{name}`.
pub async fn serve(name: Path<String>) -> HttpResponse {
    let wanted = name.into_inner();
    match [&STYLE, &SCRIPT, &ICON].into_iter().find(|asset| asset.name == wanted) {
        Some(asset) => HttpResponse::Ok()
            .insert_header((header::CONTENT_TYPE, asset.kind))
            .insert_header((header::CACHE_CONTROL, "public, max-age=31536000, immutable"))
            .body(asset.bytes),
        None => HttpResponse::NotFound().finish(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail loudly")]
    use super::*;
    use actix_web::body::to_bytes;

    #[actix_web::test]
    async fn a_file_is_served_under_its_own_digest_only() {
        let name = style().strip_prefix("/static/").unwrap().to_owned();
        let response = serve(Path::from(name)).await;
        assert_eq!(response.status(), 200);
        assert!(
            response.headers().get(header::CACHE_CONTROL).unwrap().to_str().unwrap().contains("immutable")
        );
        assert_eq!(to_bytes(response.into_body()).await.unwrap().as_ref(), STYLE.bytes);
        for wrong in ["saima.css", "saima.0000000000000000.css", "../Cargo.toml"] {
            assert_eq!(serve(Path::from(wrong.to_owned())).await.status(), 404);
        }
    }

    #[test]
    fn styles_load_nothing_from_elsewhere() {
        let css = std::str::from_utf8(STYLE.bytes).unwrap();
        assert!(!css.contains("url(") && !css.contains("@import"), "the style sheet stands alone");
    }
}
