//! The endpoint `/graphql`.
//!
//! Promises: what the schema answers, carried as the draft of GraphQL over HTTP has it; bounded in size,
//! number and cost before anything runs; a browser gets an explorer that needs no other site. Must never:
//! take a body that another site's form can send, change anything on GET, or know a field of the schema.

pub mod rate;
pub mod wire;

use std::sync::Arc;

use actix_web::error::PayloadError;
use actix_web::http::{StatusCode, header};
use actix_web::web::{Bytes, Data, Payload};
use actix_web::{HttpMessage as _, HttpRequest, HttpResponse};
use async_graphql::{Request, Response};
use futures::StreamExt as _;
use market::{Actor, Market, Moment, PersonId};
use schema::{ClientAddress, Meter};
use web::assets;
use web::visit::Identified;

use crate::identify::api_asker;
use crate::tokens::Tokens;
use rate::{Buckets, Payer, Purse};
use wire::{Asked, Media};

/// Most bytes in a visitor's request.
const VISITOR_BODY: usize = 64 << 10;
/// Most bytes in a signed-in person's request: files come as base64.
pub const PERSON_BODY: usize = 8 << 20;

/// What the endpoint needs.
pub struct Api {
    /// The market.
    pub market: Market,
    /// The schema.
    pub schema: schema::Schema,
    /// Signs access tokens.
    pub tokens: Arc<dyn schema::Tokens>,
    /// Who has how much left.
    pub buckets: Arc<Buckets>,
    /// What a visitor's queries may cost in a minute.
    pub visitor_cost: u32,
    /// What a person's queries may cost in a minute.
    pub person_cost: u32,
}

/// Who asks this time.
struct Asking {
    actor: Actor,
    payer: Payer,
    limit: u32,
    address: String,
    now: Moment,
}

impl Asking {
    fn of(request: &HttpRequest, api: &Api) -> Self {
        let actor = api_asker(request);
        let address = request.peer_addr().map(|address| address.ip());
        let unknown = std::net::IpAddr::from([0, 0, 0, 0]);
        let payer = actor.id().map_or_else(|| Payer::at(address.unwrap_or(unknown)), Payer::Person);
        Self {
            limit: if actor.id().is_some() { api.person_cost } else { api.visitor_cost },
            payer,
            address: address.map(|address| address.to_string()).unwrap_or_default(),
            now: api.market.now(),
            actor,
        }
    }

    fn purse(&self, api: &Api) -> Result<Arc<dyn Meter>, u64> {
        Purse::open(&api.buckets, self.payer, self.limit, self.now)
            .map(|purse| Arc::new(purse) as Arc<dyn Meter>)
    }

    fn longest_body(&self) -> usize {
        if self.actor.id().is_some() { PERSON_BODY } else { VISITOR_BODY }
    }
}

/// `POST /graphql`.
pub async fn post(request: HttpRequest, payload: Payload, api: Data<Api>) -> HttpResponse {
    let Some(media) = Media::negotiate(request.headers()) else { return not_acceptable() };
    if !wire::is_json(request.headers()) {
        let message = "Send the request as application/json.";
        return wire::refusal(media, StatusCode::UNSUPPORTED_MEDIA_TYPE, "UNSUPPORTED_MEDIA_TYPE", message);
    }
    let asking = Asking::of(&request, &api);
    let purse = match asking.purse(&api) {
        Ok(purse) => purse,
        Err(seconds) => return wire::too_many(media, seconds),
    };
    let body = match read(payload, asking.longest_body()).await {
        Ok(body) => body,
        Err(refused) => return refused.answer(media, asking.longest_body()),
    };
    match Asked::from_body(&body) {
        Ok(Asked::One(one)) => wire::one(media, &run(&api, &asking, &purse, *one).await),
        Ok(Asked::Batch(batch)) => {
            let mut responses = Vec::with_capacity(batch.len());
            for one in batch {
                responses.push(run(&api, &asking, &purse, one).await);
            }
            wire::batch(media, &responses)
        }
        Err(why) => wire::refusal(media, StatusCode::BAD_REQUEST, "BAD_REQUEST", &why),
    }
}

/// `GET /graphql`: a query, or for a browser the explorer.
pub async fn get(request: HttpRequest, api: Data<Api>) -> HttpResponse {
    if wire::wants_html(request.headers()) {
        return explorer(&request);
    }
    let Some(media) = Media::negotiate(request.headers()) else { return not_acceptable() };
    let mut asked = match Asked::from_query(request.query_string()) {
        Ok(asked) => asked,
        Err(why) => return wire::refusal(media, StatusCode::BAD_REQUEST, "BAD_REQUEST", &why),
    };
    if wire::is_mutation(&mut asked) {
        let message = "GET runs queries only: send a mutation with POST.";
        let mut refused = wire::refusal(media, StatusCode::METHOD_NOT_ALLOWED, "METHOD_NOT_ALLOWED", message);
        refused.headers_mut().insert(header::ALLOW, header::HeaderValue::from_static("POST"));
        return refused;
    }
    let asking = Asking::of(&request, &api);
    match asking.purse(&api) {
        Ok(purse) => wire::one(media, &run(&api, &asking, &purse, asked).await),
        Err(seconds) => wire::too_many(media, seconds),
    }
}

/// `GET /graphql/schema.graphql`.
pub async fn sdl() -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "application/graphql; charset=utf-8"))
        .insert_header((header::CACHE_CONTROL, "public, max-age=300"))
        .body(schema::sdl())
}

/// `GET /graphql/explorer.css`.
pub async fn explorer_style() -> HttpResponse {
    own_file("text/css; charset=utf-8", include_str!("../explorer/explorer.css"))
}

/// `GET /graphql/explorer.js`.
pub async fn explorer_script() -> HttpResponse {
    own_file("text/javascript; charset=utf-8", include_str!("../explorer/explorer.js"))
}

/// `GET /graphql/examples.json`.
pub async fn explorer_examples() -> HttpResponse {
    own_file("application/json", EXAMPLES)
}

/// What the explorer offers to begin with.
const EXAMPLES: &str = include_str!("../explorer/examples.json");

fn own_file(kind: &'static str, text: &'static str) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, kind))
        .insert_header((header::CACHE_CONTROL, "no-cache"))
        .body(text)
}

fn explorer(request: &HttpRequest) -> HttpResponse {
    let csrf = request.extensions().get::<Identified>().map(|identified| identified.csrf.clone());
    // The secret is URL-safe base64 and the addresses are ours: nothing here needs escaping.
    let page = include_str!("../explorer/explorer.html")
        .replace("{csrf}", &csrf.unwrap_or_default())
        .replace("{style}", &assets::style())
        .replace("{icon}", &assets::icon());
    HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "text/html; charset=utf-8"))
        .insert_header((header::CACHE_CONTROL, "private, no-cache"))
        .insert_header((header::VARY, "Accept, Cookie"))
        .body(page)
}

/// Runs one request, which the schema takes the cost of.
async fn run(api: &Api, asking: &Asking, purse: &Arc<dyn Meter>, request: Request) -> Response {
    let address = ClientAddress(asking.address.clone());
    let tokens = Arc::clone(&api.tokens);
    api.schema
        .execute(request.data(asking.actor.clone()).data(address).data(Arc::clone(purse)).data(tokens))
        .await
}

/// Why a body was not taken.
enum Refused {
    TooLong,
    Broken,
}

impl Refused {
    fn answer(&self, media: Media, longest: usize) -> HttpResponse {
        match self {
            Self::TooLong => {
                let message = format!("A request may have at most {longest} bytes.");
                wire::refusal(media, StatusCode::PAYLOAD_TOO_LARGE, "TOO_LARGE", &message)
            }
            Self::Broken => {
                let message = "The request did not arrive whole, or not in time.";
                wire::refusal(media, StatusCode::REQUEST_TIMEOUT, "INCOMPLETE", message)
            }
        }
    }
}

async fn read(mut payload: Payload, longest: usize) -> Result<Bytes, Refused> {
    let mut body = Vec::new();
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|error| match error {
            PayloadError::Overflow => Refused::TooLong,
            _ => Refused::Broken,
        })?;
        if body.len() + chunk.len() > longest {
            return Err(Refused::TooLong);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.into())
}

fn not_acceptable() -> HttpResponse {
    let message = "Accept application/graphql-response+json or application/json.";
    wire::refusal(Media::Json, StatusCode::NOT_ACCEPTABLE, "NOT_ACCEPTABLE", message)
}

/// Hands the schema its tokens.
pub struct TokenMaker {
    /// The keys.
    pub tokens: Arc<Tokens>,
    /// Where a token's name comes from.
    pub market: Market,
}

impl schema::Tokens for TokenMaker {
    fn access(&self, person: PersonId, now: Moment) -> market::Result<(String, Moment)> {
        self.tokens.make(person, now, self.market.store().ids().id(now).to_string())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail loudly")]
    use async_graphql::Variables;
    use market::{CountedIds, ManualClock};

    use super::*;
    use crate::config::{Config, Layer};
    use crate::{app, keys::Keys};

    #[tokio::test]
    async fn every_example_of_the_explorer_is_answered() {
        let dir = tempfile::tempdir().unwrap();
        let config = Config::from(Layer { data: Some(dir.path().to_owned()), ..Layer::default() });
        let (clock, ids) =
            (Arc::new(ManualClock::new(Moment(1_795_248_000_000_000))), Arc::new(CountedIds::default()));
        let keys = Keys::open(&config, ids.as_ref()).unwrap();
        let market = app::open(&config, &keys, clock, ids).await.unwrap();
        let schema = schema::schema(market.clone(), schema::Limits::default());
        let examples: Vec<serde_json::Value> = serde_json::from_str(EXAMPLES).unwrap();
        for example in examples {
            let variables = Variables::from_json(example["variables"].clone());
            let request = Request::new(example["query"].as_str().unwrap()).variables(variables);
            let response = schema.execute(request.data(Actor::Visitor)).await;
            // A visitor may be asked to sign in, but nothing may be misspelt.
            let misspelt = response.errors.iter().find(|error| error.path.is_empty());
            assert!(misspelt.is_none(), "{}: {misspelt:?}", example["name"]);
        }
        market.close().await;
    }
}
