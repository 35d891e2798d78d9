//! Styles, script and pictures of our own, carried inside the program.
//!
//! Promises: the address of a file names its content, so a browser keeps it for ever and never shows a
//! stale one. Must never: serve anything that is not in this list.

use std::borrow::Cow;
use std::sync::LazyLock;

use actix_web::HttpResponse;
use actix_web::http::header;
use actix_web::web::Path;
use sha2::{Digest, Sha256};

use crate::canvas::Canvas;
use crate::pages::track::horse;
use crate::urls;

/// What browsers paint their own frame in: turf, as on light ground in `tokens.css`.
pub const THEME_COLOUR: &str = "#0a6b3d";

struct Asset {
    /// Name with a piece of the content's digest: `saima.0123456789abcdef.css`.
    name: String,
    kind: &'static str,
    bytes: Cow<'static, [u8]>,
}

impl Asset {
    fn new(stem: &str, ending: &str, kind: &'static str, bytes: impl Into<Cow<'static, [u8]>>) -> Self {
        let bytes = bytes.into();
        let digest = hex::encode(Sha256::digest(&bytes));
        Self { name: format!("{stem}.{}.{ending}", &digest[..16]), kind, bytes }
    }

    /// A script that takes from others by their plain names, which are replaced by those they are served by.
    fn script(stem: &str, text: &str, from: &[&Self]) -> Self {
        let mut text = text.to_owned();
        for other in from {
            let plain = other.name.split('.').next().unwrap_or_default();
            text = text.replace(&format!("\"./{plain}.js\""), &format!("\"./{}\"", other.name));
        }
        Self::new(stem, "js", JAVASCRIPT, text.into_bytes())
    }
}

const JAVASCRIPT: &str = "text/javascript; charset=utf-8";

macro_rules! sheets {
    ($($name:literal),* $(,)?) => {
        /// The style sheets by name, in the order in which they are joined: what stands later wins.
        pub(crate) const STYLE_SHEETS: &[(&str, &str)] =
            &[$(($name, include_str!(concat!("../static/", $name, ".css")))),*];
    };
}
sheets!("tokens", "base", "frame", "components", "kind", "saima", "print");

/// One file for the browser, whatever the number of sheets; letters are taken from files by the names they are
/// served by.
static STYLE: LazyLock<Asset> = LazyLock::new(|| {
    let mut joined: String = STYLE_SHEETS.iter().map(|(_, text)| *text).collect();
    for letters in [&LETTERS, &MORE_LETTERS] {
        let plain = letters.name.split('.').next().unwrap_or_default();
        joined = joined.replace(&format!("\"./{plain}.woff2\""), &format!("\"./{}\"", letters.name));
    }
    Asset::new("saima", "css", "text/css; charset=utf-8", joined.into_bytes())
});
/// Letters of Western Europe, with figures of one width. See `fonts/README.md`.
static LETTERS: LazyLock<Asset> = LazyLock::new(|| {
    Asset::new("inter", "woff2", "font/woff2", include_bytes!("../fonts/inter.woff2").as_slice())
});
/// More Latin letters, which browsers load only for names that have them.
static MORE_LETTERS: LazyLock<Asset> = LazyLock::new(|| {
    let bytes = include_bytes!("../fonts/inter-extended.woff2").as_slice();
    Asset::new("inter-extended", "woff2", "font/woff2", bytes)
});
static SCRIPT: LazyLock<Asset> =
    LazyLock::new(|| Asset::script("saima", include_str!("../static/saima.js"), &[&DRAFTS, &UPLOAD, &COPY]));
static DRAFTS: LazyLock<Asset> =
    LazyLock::new(|| Asset::script("drafts", include_str!("../static/drafts.js"), &[]));
static UPLOAD: LazyLock<Asset> =
    LazyLock::new(|| Asset::script("upload", include_str!("../static/upload.js"), &[&DRAFTS]));
static COPY: LazyLock<Asset> =
    LazyLock::new(|| Asset::script("copy", include_str!("../static/copy.js"), &[]));
static BYTES: LazyLock<Asset> =
    LazyLock::new(|| Asset::script("bytes", include_str!("../static/bytes.js"), &[]));
static LOG: LazyLock<Asset> =
    LazyLock::new(|| Asset::script("log", include_str!("../static/log.js"), &[&BYTES]));
static KEYS: LazyLock<Asset> =
    LazyLock::new(|| Asset::script("keys", include_str!("../static/keys.js"), &[&BYTES, &LOG]));
static SIGN: LazyLock<Asset> = LazyLock::new(|| {
    Asset::script("sign", include_str!("../static/sign.js"), &[&BYTES, &LOG, &KEYS, &UPLOAD])
});
static VERIFY: LazyLock<Asset> =
    LazyLock::new(|| Asset::script("verify", include_str!("../static/verify.js"), &[&BYTES, &LOG]));
static SMALL_ICON: LazyLock<Asset> = LazyLock::new(|| Asset::new("icon-192", "png", "image/png", drawn(192)));
static LARGE_ICON: LazyLock<Asset> = LazyLock::new(|| Asset::new("icon-512", "png", "image/png", drawn(512)));
static LIVE: LazyLock<Asset> =
    LazyLock::new(|| Asset::script("live", include_str!("../static/live.js"), &[]));
static ICON: LazyLock<Asset> = LazyLock::new(|| {
    Asset::new("favicon", "svg", "image/svg+xml", include_bytes!("../static/favicon.svg").as_slice())
});

/// Where the stylesheet is.
pub fn style() -> String {
    urls::asset(&STYLE.name)
}

/// Where the letters are that every page is written in.
pub fn letters() -> String {
    urls::asset(&LETTERS.name)
}

/// Where the script is. Nothing needs it: it shows times in the reader's zone.
pub fn script() -> String {
    urls::asset(&SCRIPT.name)
}

/// Where the script is that signs forms with a key that the browser keeps.
pub fn signing() -> String {
    urls::asset(&SIGN.name)
}

/// Where the script is that verifies a record in the browser.
pub fn verifying() -> String {
    urls::asset(&VERIFY.name)
}

/// Where the script is that keeps a race live.
pub fn live() -> String {
    urls::asset(&LIVE.name)
}

/// Where the icon is.
pub fn icon() -> String {
    urls::asset(&ICON.name)
}

/// Where the icons of pixels are, with their sizes, the smaller one first.
pub fn pixel_icons() -> [(u16, String); 2] {
    [(192, urls::asset(&SMALL_ICON.name)), (512, urls::asset(&LARGE_ICON.name))]
}

/// The icon of this size: a horse in gold on turf, small enough within that a round mask cuts nothing off.
#[allow(clippy::float_arithmetic, reason = "places of pixels, never tokens")]
fn drawn(size: u16) -> Vec<u8> {
    let Some(mut canvas) = Canvas::new(size.into(), size.into(), (10, 107, 61, 255)) else {
        return Vec::new();
    };
    let unit = f32::from(size) / 160.0;
    let at = (30.0 * unit, 48.0 * unit);
    canvas.path(horse::FAR, at, unit, (255, 255, 255, 170));
    for part in horse::NEAR {
        canvas.path(part, at, unit, (255, 255, 255, 255));
    }
    for part in horse::SILK {
        canvas.path(part, at, unit, (242, 193, 78, 255));
    }
    canvas.png().unwrap_or_default()
}

/// `GET /static/{name}`.
pub async fn serve(name: Path<String>) -> HttpResponse {
    let wanted = name.into_inner();
    let scripts = [&SCRIPT, &BYTES, &LOG, &KEYS, &SIGN, &VERIFY, &LIVE, &DRAFTS, &UPLOAD, &COPY];
    let others = [&STYLE, &LETTERS, &MORE_LETTERS, &ICON, &SMALL_ICON, &LARGE_ICON];
    match scripts.into_iter().chain(others).find(|asset| asset.name == wanted) {
        Some(asset) => {
            let mut answer = HttpResponse::Ok();
            answer
                .insert_header((header::CONTENT_TYPE, asset.kind))
                .insert_header((header::CACHE_CONTROL, "public, max-age=31536000, immutable"));
            if asset.kind == LETTERS.kind {
                // Letters are packed already.
                answer.insert_header(header::ContentEncoding::Identity);
            }
            answer.body(asset.bytes.to_vec())
        }
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
        assert_eq!(to_bytes(response.into_body()).await.unwrap().as_ref(), STYLE.bytes.as_ref());
        for wrong in ["saima.css", "tokens.css", "saima.0000000000000000.css", "../Cargo.toml"] {
            assert_eq!(serve(Path::from(wrong.to_owned())).await.status(), 404);
        }
    }

    #[test]
    fn scripts_take_only_from_files_that_are_served() {
        for script in [&LOG, &KEYS, &SIGN, &VERIFY, &UPLOAD, &SCRIPT] {
            let text = std::str::from_utf8(&script.bytes).unwrap();
            let taken: Vec<_> =
                text.split("\"./").skip(1).filter_map(|rest| rest.split('"').next()).collect();
            assert!(!taken.is_empty(), "{}", script.name);
            for name in taken {
                assert!(
                    [&BYTES, &LOG, &KEYS, &DRAFTS, &UPLOAD, &COPY].iter().any(|asset| asset.name == name),
                    "{name} in {}",
                    script.name
                );
            }
        }
    }

    #[test]
    fn styles_load_nothing_from_elsewhere() {
        let css = std::str::from_utf8(&STYLE.bytes).unwrap();
        assert!(!css.contains("@import"), "the style sheet stands alone");
        let taken: Vec<_> = css.split("url(").skip(1).filter_map(|rest| rest.split(')').next()).collect();
        assert!(!taken.is_empty());
        for one in taken {
            assert!(
                [&LETTERS, &MORE_LETTERS].iter().any(|asset| one == format!("\"./{}\"", asset.name)),
                "{one} is not ours"
            );
        }
    }
}
