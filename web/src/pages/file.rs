//! A file of a submission, to be saved and never to be shown in our name.
//!
//! Promises: it comes as an attachment, with its own name, and nothing in it can run on our pages. Must
//! never: hand it to who may not see the submission.

use actix_web::HttpResponse;
use actix_web::http::header;
use actix_web::web::{Data, Path};
use market::{FileId, Market};

use super::kit::id;
use crate::errors::Answer;
use crate::visit::Visit;

/// `GET /files/{id}`.
///
/// # Errors
/// Not found, while it is sealed to the asker.
pub async fn download(v: Visit, market: Data<Market>, path: Path<String>) -> Answer {
    let (file, bytes) = market.file(&v.actor, id::<FileId>(&path)?).await?;
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, safe(&file.media_type)))
        .insert_header((header::CONTENT_DISPOSITION, attachment(&file.name)))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((header::CACHE_CONTROL, "private, no-cache"))
        .insert_header(("Content-Security-Policy", "default-src 'none'; sandbox"))
        .body(bytes))
}

/// The media types that are passed on as they are; everything else is just bytes.
fn safe(media_type: &str) -> &'static str {
    const PASSED: [&str; 9] = [
        "application/pdf",
        "application/zip",
        "application/json",
        "image/png",
        "image/jpeg",
        "image/webp",
        "text/plain",
        "text/csv",
        "text/markdown",
    ];
    let bare = media_type.split(';').next().unwrap_or_default().trim();
    PASSED.into_iter().find(|known| known.eq_ignore_ascii_case(bare)).unwrap_or("application/octet-stream")
}

/// `Content-Disposition` with a plain name for old clients and the real one for the others (RFC 6266).
pub(super) fn attachment(name: &str) -> String {
    let plain: String =
        name.chars().map(|c| if c.is_ascii_alphanumeric() || "._- ".contains(c) { c } else { '_' }).collect();
    format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{}", crate::urls::encode(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_harmless_types_keep_their_name() {
        assert_eq!(safe("image/png"), "image/png");
        assert_eq!(safe("TEXT/PLAIN; charset=utf-8"), "text/plain");
        for nasty in ["text/html", "image/svg+xml", "application/xhtml+xml", "text/javascript", ""] {
            assert_eq!(safe(nasty), "application/octet-stream", "{nasty}");
        }
    }

    #[test]
    fn a_name_cannot_break_out_of_its_header() {
        let header = attachment("报告\";\r\n x=\".pdf");
        assert!(!header.contains(['\r', '\n']) && header.matches('"').count() == 2, "{header}");
        assert!(
            header.ends_with("filename*=UTF-8''%E6%8A%A5%E5%91%8A%22%3B%0D%0A%20x%3D%22.pdf"),
            "{header}"
        );
    }
}
