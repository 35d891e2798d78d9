//! Handing in a version: text, links and files in one multipart form.
//!
//! Promises: sizes and counts are bounded while they are read, not after; a form without its token has no
//! effect. Must never: believe a file's name or type.

use actix_multipart::Multipart;
use actix_web::HttpRequest;
use actix_web::web::{Data, Path, Payload};
use futures::{StreamExt, TryStreamExt};
use market::submission::{FileDigest, FileInput, SubmitInput};
use market::{EntryId, Market, Refusal};

use super::kit::{fresh_key, id, key_of};
use super::lanes;
use super::signing::{proposal, signed, wanted};
use super::{entry, evidence};
use crate::errors::{Answer, Failure};
use crate::forms::{CSRF, Form, check_token};
use crate::i18n::key;
use crate::visit::Visit;
use crate::{respond, urls};

/// Most bytes in all text fields together.
const TEXT: usize = 256 * 1024;
/// Most parts of the form.
const PARTS: usize = 32;

/// `POST /entries/{id}/submit`: `body`, `links` (one a line), `files`, `evidence.N`.
///
/// # Errors
/// Not found, unless the asker rides in the entry.
pub async fn submit(
    v: Visit,
    market: Data<Market>,
    path: Path<String>,
    request: HttpRequest,
    payload: Payload,
) -> Answer {
    let entry_id = id::<EntryId>(&path)?;
    let Upload { mut form, files } = upload(&market, &request, payload).await?;
    let links = form
        .value("links")
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .map(str::to_owned)
        .collect();
    let input = SubmitInput {
        entry: entry_id,
        body: form.value("body").to_owned(),
        links,
        files,
        evidence: evidence::brought_in(&form),
    };
    if let Some(public_key) = wanted(&form)? {
        let files =
            form.values("digest").map(digest).collect::<Option<Vec<_>>>().ok_or(Failure::Malformed)?;
        return proposal(market.submission_intent(&v.actor, public_key, input, files).await);
    }
    let signed = signed(&mut form)?;
    match market.submit_signed_work(&v.actor, key_of(&form)?, input, signed).await {
        Ok(_) => {
            let done = respond::done(&urls::entry(entry_id), key("done-submitted"));
            Ok(respond::to_script(&request, done))
        }
        Err(refusal) => {
            let mut form = form.mend(&v, beside(refusal))?;
            form.set("key", fresh_key(&market));
            let entry = lanes::one(&v, &market, entry_id).await?;
            let page = entry::page(v, &market, entry, form).await?;
            Ok(respond::form_again(&page.v, &page))
        }
    }
}

/// What a multipart form brought.
pub(super) struct Upload {
    /// Its fields, without the token.
    pub(super) form: Form,
    /// Its files.
    pub(super) files: Vec<FileInput>,
}

/// Reads a multipart form that has its token.
///
/// # Errors
/// When it is too large, or has no token.
pub(super) async fn upload(
    market: &Market,
    request: &HttpRequest,
    payload: Payload,
) -> Result<Upload, Failure> {
    // One byte more than allowed is enough for the market to say that it is too large.
    let bounds = Bounds {
        file: market.settings().max_file + 1,
        parts: PARTS,
        files: market.settings().max_files + 1,
        text: TEXT,
    };
    upload_within(bounds, request, payload).await
}

/// How much of a form is read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bounds {
    /// Bytes of one file; what comes after them is dropped.
    pub(super) file: usize,
    /// Parts.
    pub(super) parts: usize,
    /// Files; those after them are dropped.
    pub(super) files: usize,
    /// Bytes of all text fields together.
    pub(super) text: usize,
}

/// Reads a multipart form that has its token, and not more of it than this.
///
/// # Errors
/// When it is too large, or has no token.
pub(super) async fn upload_within(
    bounds: Bounds,
    request: &HttpRequest,
    payload: Payload,
) -> Result<Upload, Failure> {
    // The reader of the parts asks on after the end, which not every stream bears.
    let parts = Multipart::new(request.headers(), payload.fuse());
    let (mut form, files) = match read(bounds, parts).await? {
        Read::Whole(form, files) => (form, files),
        Read::TooLarge => return Err(Failure::TooLarge),
    };
    check_token(request, form.value(CSRF))?;
    form.forget(CSRF);
    Ok(Upload { form, files })
}

/// A file named by `<SHA-256 in hexadecimal> <bytes> <name>`.
fn digest(text: &str) -> Option<FileDigest> {
    let mut parts = text.splitn(3, ' ');
    let mut sha256 = [0; 32];
    hex::decode_to_slice(parts.next()?, &mut sha256).ok()?;
    let size = parts.next()?.parse().ok()?;
    Some(FileDigest { name: bare(parts.next()?), size, sha256 })
}

/// Problems of single links and files stand beside the field that holds all of them.
fn beside(refusal: Refusal) -> Refusal {
    let Refusal::Invalid(mut problems) = refusal else { return refusal };
    for problem in &mut problems {
        let whole =
            ["links", "files"].into_iter().find(|whole| problem.field.starts_with(&format!("{whole}.")));
        if let Some(field) = whole {
            problem.field = field.to_owned();
        }
    }
    problems.dedup();
    Refusal::Invalid(problems)
}

enum Read {
    Whole(Form, Vec<FileInput>),
    TooLarge,
}

async fn read(bounds: Bounds, mut parts: Multipart) -> Result<Read, Failure> {
    let (mut fields, mut files) = (Vec::new(), Vec::new());
    let (mut text_left, mut count) = (bounds.text, 0);
    while let Some(mut part) = parts.try_next().await.map_err(|_| Failure::Malformed)? {
        count += 1;
        if count > bounds.parts {
            return Ok(Read::TooLarge);
        }
        let name = part.name().unwrap_or_default().to_owned();
        let file_name = part.content_disposition().and_then(|head| head.get_filename()).map(str::to_owned);
        let media_type = part.content_type().map(ToString::to_string).unwrap_or_default();
        let most = if file_name.is_some() { bounds.file } else { text_left };
        let mut bytes = Vec::new();
        while let Some(chunk) = part.try_next().await.map_err(|_| Failure::Malformed)? {
            if bytes.len() + chunk.len() > most && file_name.is_none() {
                return Ok(Read::TooLarge);
            }
            let room = most.saturating_sub(bytes.len()).min(chunk.len());
            bytes.extend_from_slice(&chunk[..room]);
        }
        match file_name {
            // A file field that was left empty.
            Some(file_name) if file_name.is_empty() && bytes.is_empty() => {}
            Some(_) if files.len() >= bounds.files => {}
            Some(file_name) => files.push(FileInput { name: bare(&file_name), media_type, bytes }),
            None => {
                text_left -= bytes.len();
                let text = String::from_utf8(bytes).map_err(|_| Failure::Malformed)?;
                fields.push((name, text.replace("\r\n", "\n")));
            }
        }
    }
    Ok(Read::Whole(Form::of(fields), files))
}

/// The name without the folders that some browsers send along.
fn bare(name: &str) -> String {
    name.rsplit(['/', '\\']).next().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use market::error::{Code, Problem};

    use super::*;

    #[test]
    fn only_the_last_part_of_a_path_is_a_name() {
        assert_eq!(bare("C:\\secret\\plan.pdf"), "plan.pdf");
        assert_eq!(bare("../../etc/passwd"), "passwd");
    }

    #[test]
    fn what_is_wrong_with_one_file_stands_beside_all_files() {
        let problem = |field: &str| Problem { field: field.to_owned(), code: Code::FileEmpty };
        let fields = ["files.0.content", "files.1.content", "evidence.1", "body"];
        let refusal = Refusal::Invalid(fields.map(problem).to_vec());
        let Refusal::Invalid(problems) = beside(refusal) else { panic!("still about the input") };
        assert_eq!(problems, ["files", "evidence.1", "body"].map(problem));
    }
}
