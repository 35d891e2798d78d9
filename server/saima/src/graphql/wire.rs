//! GraphQL over HTTP: reading requests and writing answers, by the GraphQL Foundation's draft.
//!
//! Promises: JSON only; each media type gets the status that the draft gives it; a request error has no
//! `data`. Must never: take a content type that a plain form of another site can send.

use std::collections::HashMap;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderMap};
use actix_web::web::Query;
use async_graphql::parser::types::OperationType;
use async_graphql::{Request, Response, ServerError, Value, Variables};
use serde::{Deserialize, Serialize};
use serde_json::json;

/// Most requests in one batch.
pub const MAX_BATCH: usize = 10;

/// What the answer is written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Media {
    /// `application/graphql-response+json`: the status tells whether the request was run.
    Response,
    /// `application/json`: for clients that take any other status than 200 for a broken line.
    Json,
}

impl Media {
    /// The best of what is accepted; `None` when neither is.
    pub fn negotiate(headers: &HeaderMap) -> Option<Self> {
        let accept = list(headers);
        if accept.is_empty() {
            return Some(Self::Response);
        }
        let quality = |wanted: &str| {
            let (kind, _) = wanted.split_once('/').unwrap_or_default();
            let exact = |range: &str| match range {
                _ if range == wanted => 3,
                "*/*" => 1,
                _ if range.strip_suffix("/*") == Some(kind) => 2,
                _ => 0,
            };
            let best =
                accept.iter().filter(|(range, _)| exact(range) > 0).max_by_key(|(range, _)| exact(range));
            best.map_or(0, |(_, quality)| *quality)
        };
        let (response, json) = (quality(Self::Response.name()), quality(Self::Json.name()));
        match (response, json) {
            (0, 0) => None,
            _ if json > response => Some(Self::Json),
            _ => Some(Self::Response),
        }
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Response => "application/graphql-response+json",
            Self::Json => "application/json",
        }
    }
}

/// True if HTML is preferred to any JSON: a browser's address bar.
pub fn wants_html(headers: &HeaderMap) -> bool {
    let accept = list(headers);
    let best = |wanted: &[&str]| {
        let fitting = accept.iter().filter(|(range, _)| wanted.contains(&range.as_str()));
        fitting.map(|(_, quality)| *quality).max().unwrap_or(0)
    };
    best(&["text/html"]) > best(&[Media::Response.name(), Media::Json.name()])
}

/// The ranges of `Accept` in lower case, each with its quality in thousandths (RFC 9110 §12.5.1).
fn list(headers: &HeaderMap) -> Vec<(String, u16)> {
    let values = headers.get_all(header::ACCEPT).filter_map(|value| value.to_str().ok());
    let ranges = values.flat_map(|value| value.split(',')).filter(|range| !range.trim().is_empty());
    ranges
        .map(|range| {
            let mut parts = range.split(';').map(|part| part.trim().to_ascii_lowercase());
            let name = parts.next().unwrap_or_default();
            let quality = parts.find_map(|part| part.strip_prefix("q=").map(thousandths));
            (name, quality.unwrap_or(1_000))
        })
        .collect()
}

fn thousandths(quality: &str) -> u16 {
    let (whole, decimals) = quality.split_once('.').unwrap_or((quality, ""));
    let digits: String = decimals.chars().chain("000".chars()).take(3).collect();
    match (whole, digits.parse()) {
        ("0", Ok(thousandths)) => thousandths,
        ("1", _) => 1_000,
        _ => 0,
    }
}

/// True if the body is said to be JSON in UTF-8. Only such bodies are read: a form of another site can
/// send plain text, but not this.
pub fn is_json(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let mut parts = kind.split(';').map(|part| part.trim().to_ascii_lowercase());
    parts.next().as_deref() == Some("application/json")
        && parts.all(|part| part.strip_prefix("charset=").is_none_or(|set| set.trim_matches('"') == "utf-8"))
}

/// One request, or several at once.
pub enum Asked {
    /// One.
    One(Box<Request>),
    /// At most [`MAX_BATCH`].
    Batch(Vec<Request>),
}

impl Asked {
    /// Reads a body.
    ///
    /// # Errors
    /// What is wrong, for the asker.
    pub fn from_body(body: &[u8]) -> Result<Self, String> {
        let first = body.iter().find(|byte| !byte.is_ascii_whitespace());
        if first != Some(&b'[') {
            return serde_json::from_slice(body)
                .map(|one: Wire| Self::One(Box::new(one.into())))
                .map_err(|error| malformed(&error));
        }
        let batch: Vec<Wire> = serde_json::from_slice(body).map_err(|error| malformed(&error))?;
        match batch.len() {
            0 => Err("The batch is empty.".to_owned()),
            1..=MAX_BATCH => Ok(Self::Batch(batch.into_iter().map(Request::from).collect())),
            _ => Err(format!("A batch holds at most {MAX_BATCH} requests.")),
        }
    }

    /// Reads the query string of a GET.
    ///
    /// # Errors
    /// What is wrong, for the asker.
    pub fn from_query(query: &str) -> Result<Request, String> {
        let pairs = Query::<HashMap<String, String>>::from_query(query).map_err(|error| error.to_string())?;
        let json = |name: &str| {
            pairs.get(name).filter(|text| !text.is_empty()).map(|text| serde_json::from_str(text)).transpose()
        };
        let wire = Wire {
            query: pairs.get("query").cloned().ok_or("The parameter `query` is missing.")?,
            operation_name: pairs.get("operationName").filter(|name| !name.is_empty()).cloned(),
            variables: json("variables").map_err(|error| malformed(&error))?,
            extensions: None,
        };
        Ok(wire.into())
    }
}

/// The parameters of a request, each of its right type.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Wire {
    query: String,
    operation_name: Option<String>,
    variables: Option<serde_json::Map<String, serde_json::Value>>,
    extensions: Option<serde_json::Map<String, serde_json::Value>>,
}

impl From<Wire> for Request {
    fn from(wire: Wire) -> Self {
        let Wire { query, operation_name, variables, extensions } = wire;
        let variables = variables.map(|map| Variables::from_json(serde_json::Value::Object(map)));
        let mut request = Self::new(query).variables(variables.unwrap_or_default());
        let known = extensions.unwrap_or_default().into_iter();
        request.extensions.0 =
            known.filter_map(|(name, value)| Some((name, Value::from_json(value).ok()?))).collect();
        match operation_name {
            Some(name) => request.operation_name(name),
            None => request,
        }
    }
}

fn malformed(error: &serde_json::Error) -> String {
    format!("The request is malformed: {error}.")
}

/// True if the request would change something. One that can't be parsed, or is too large to be (the
/// schema refuses it before it parses), changes nothing.
pub fn is_mutation(request: &mut Request) -> bool {
    if schema::Limits::default().check_text(&request.query).is_err() {
        return false;
    }
    let wanted = request.operation_name.clone();
    let Ok(document) = request.parsed_query() else { return false };
    document
        .operations
        .iter()
        .filter(|(name, _)| wanted.is_none() || name.map(|name| name.as_str()) == wanted.as_deref())
        .any(|(_, operation)| operation.node.ty != OperationType::Query)
}

/// The answer to one request.
pub fn one(media: Media, response: &Response) -> HttpResponse {
    if let Some(seconds) = rate_limited(response) {
        return too_many(media, seconds);
    }
    let status = match media {
        Media::Response if is_request_error(response) => StatusCode::BAD_REQUEST,
        _ => StatusCode::OK,
    };
    write(media, status, &Body::from(response))
}

/// The answers to a batch, in its order.
pub fn batch(media: Media, responses: &[Response]) -> HttpResponse {
    write(media, StatusCode::OK, &responses.iter().map(Body::from).collect::<Vec<_>>())
}

/// The answer to something that was not run.
pub fn refusal(media: Media, status: StatusCode, code: &str, message: &str) -> HttpResponse {
    write(media, status, &json!({ "errors": [{ "message": message, "extensions": { "code": code } }] }))
}

/// The answer to whoever has used up their allowance.
pub fn too_many(media: Media, seconds: u64) -> HttpResponse {
    let message = format!("Too many requests: try again in {seconds} seconds.");
    let error = json!({ "message": message, "extensions": { "code": RATE_LIMITED, "retryAfter": seconds } });
    let mut response = write(media, StatusCode::TOO_MANY_REQUESTS, &json!({ "errors": [error] }));
    response.headers_mut().insert(header::RETRY_AFTER, header::HeaderValue::from(seconds));
    response
}

/// The code of an error that says so.
const RATE_LIMITED: &str = "RATE_LIMITED";

/// The seconds to wait, if that is why nothing was run.
fn rate_limited(response: &Response) -> Option<u64> {
    let of = |error: &ServerError| {
        let extensions = error.extensions.as_ref()?;
        let limited = extensions.get("code") == Some(&Value::from(RATE_LIMITED));
        let seconds = extensions.get("retryAfter").and_then(|value| value.clone().into_json().ok()?.as_u64());
        limited.then(|| seconds.unwrap_or(1))
    };
    is_request_error(response).then(|| response.errors.iter().find_map(of)).flatten()
}

fn write(media: Media, status: StatusCode, body: &impl Serialize) -> HttpResponse {
    let mut response = HttpResponse::build(status);
    response
        .insert_header((header::CONTENT_TYPE, format!("{}; charset=utf-8", media.name())))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .insert_header((header::VARY, "Accept, Authorization, Cookie"));
    match serde_json::to_vec(body) {
        Ok(body) => response.body(body),
        Err(fault) => {
            tracing::error!(%fault, "an answer could not be written");
            HttpResponse::InternalServerError().finish()
        }
    }
}

#[derive(Serialize)]
struct Body<'a> {
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    errors: &'a [ServerError],
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<&'a Value>,
}

impl<'a> From<&'a Response> for Body<'a> {
    fn from(response: &'a Response) -> Self {
        Self { errors: &response.errors, data: (!is_request_error(response)).then_some(&response.data) }
    }
}

/// Parsing or validation failed, so nothing was run: no error belongs to a field.
fn is_request_error(response: &Response) -> bool {
    response.data == Value::Null
        && response.is_err()
        && response.errors.iter().all(|error| error.path.is_empty())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail loudly")]
    use actix_web::http::header::{HeaderName, HeaderValue};

    use super::*;

    fn headers(name: HeaderName, value: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(name, HeaderValue::from_str(value).unwrap());
        headers
    }

    #[test]
    fn the_media_type_is_the_best_that_is_accepted() {
        let negotiated = |accept: &str| Media::negotiate(&headers(header::ACCEPT, accept));
        let (response, json) = (Some(Media::Response), Some(Media::Json));
        assert_eq!(Media::negotiate(&HeaderMap::new()), response);
        assert_eq!(negotiated("*/*"), response);
        assert_eq!(negotiated("application/*"), response);
        assert_eq!(negotiated("application/json"), json);
        assert_eq!(negotiated("Application/JSON; charset=utf-8"), json);
        assert_eq!(negotiated("application/json, application/graphql-response+json"), response);
        assert_eq!(negotiated("application/json, application/graphql-response+json;q=0.9"), json);
        assert_eq!(negotiated("application/json;q=0, */*;q=0.1"), response);
        assert_eq!(negotiated("application/graphql-response+json;q=0, */*"), json);
        assert_eq!(negotiated("text/html"), None);
        assert_eq!(negotiated("application/json;q=0"), None);
    }

    #[test]
    fn a_browser_is_told_by_what_it_prefers() {
        let browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
        assert!(wants_html(&headers(header::ACCEPT, browser)));
        assert!(!wants_html(&headers(header::ACCEPT, "*/*")));
        assert!(!wants_html(&headers(header::ACCEPT, "application/json, text/html;q=0.5")));
    }

    #[test]
    fn only_json_is_read() {
        for good in
            ["application/json", "application/json; charset=utf-8", "APPLICATION/JSON;charset=\"UTF-8\""]
        {
            assert!(is_json(&headers(header::CONTENT_TYPE, good)), "{good}");
        }
        for bad in [
            "text/plain",
            "multipart/form-data; boundary=x",
            "application/json; charset=latin1",
            "application/jsonx",
        ] {
            assert!(!is_json(&headers(header::CONTENT_TYPE, bad)), "{bad}");
        }
        assert!(!is_json(&HeaderMap::new()));
    }

    #[test]
    fn a_malformed_request_is_told_what_is_wrong() {
        for bad in
            ["", "{", "null", "{}", r#"{"query":1}"#, r#"{"query":"{a}","variables":[1]}"#, "[]", "\"{a}\""]
        {
            assert!(Asked::from_body(bad.as_bytes()).is_err(), "{bad}");
        }
        let batch = |count| format!("[{}]", vec![r#"{"query":"{a}"}"#; count].join(","));
        assert!(matches!(Asked::from_body(batch(10).as_bytes()), Ok(Asked::Batch(all)) if all.len() == 10));
        assert!(Asked::from_body(batch(11).as_bytes()).is_err());
        let Ok(Asked::One(one)) =
            Asked::from_body(br#" {"query":"query Q{a}","operationName":"Q","variables":null}"#)
        else {
            panic!("one request");
        };
        assert_eq!(one.operation_name.as_deref(), Some("Q"));
    }

    #[test]
    fn a_mutation_is_known_by_the_operation_that_would_run() {
        let mutation = |query: &str, name: Option<&str>| {
            let request = Request::new(query);
            is_mutation(&mut match name {
                Some(name) => request.operation_name(name),
                None => request,
            })
        };
        assert!(mutation("mutation { a }", None));
        assert!(!mutation("{ a }", None));
        assert!(!mutation("{ mutation", None));
        let both = "query Q { a } mutation M { b }";
        assert!(mutation(both, Some("M")) && !mutation(both, Some("Q")));
        assert!(mutation(both, None), "in doubt it does");
        assert!(mutation("subscription { a }", None));
    }

    #[test]
    fn a_request_error_is_400_and_has_no_data_unless_the_client_knows_json_only() {
        let refused = Response::from_errors(vec![ServerError::new("no", None)]);
        assert_eq!(one(Media::Response, &refused).status(), 400);
        assert_eq!(one(Media::Json, &refused).status(), 200);
        assert_eq!(serde_json::to_value(Body::from(&refused)).unwrap().get("data"), None);
        let run = Response::new(Value::Null);
        assert_eq!(one(Media::Response, &run).status(), 200);
        assert_eq!(serde_json::to_value(Body::from(&run)).unwrap(), json!({ "data": null }));
    }

    #[test]
    fn an_empty_allowance_is_429_with_the_time_to_wait() {
        let mut error = ServerError::new("wait", None);
        let extensions = error.extensions.get_or_insert_default();
        extensions.set("code", RATE_LIMITED);
        extensions.set("retryAfter", 7);
        for media in [Media::Json, Media::Response] {
            let answer = one(media, &Response::from_errors(vec![error.clone()]));
            assert_eq!(answer.status(), 429);
            assert_eq!(answer.headers().get(header::RETRY_AFTER).unwrap(), "7");
        }
    }

    #[test]
    fn a_query_string_holds_a_request() {
        let request = Asked::from_query("query=%7Ba%7D&variables=%7B%22x%22%3A1%7D&operationName=").unwrap();
        assert_eq!(request.query, "{a}");
        assert_eq!(request.variables.len(), 1);
        assert_eq!(request.operation_name, None);
        assert!(Asked::from_query("variables={}").is_err());
        assert!(Asked::from_query("query={a}&variables=x").is_err());
    }
}
