//! Coming in and going out.
//!
//! Promises: a wrong address and a wrong password look alike; signing up tells nobody whether an address
//! is known; the session's secret lives in a cookie that no script can read. Must never: keep a password
//! on a page.

use actix_web::cookie::{Cookie, SameSite, time::Duration};
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use market::person::{AcceptInvitation, SignInInput, SignUp};
use market::{Market, PersonId, Refusal};

use super::kit::{Address, asked};
use crate::errors::{Answer, Failure};
use crate::forms::{Form, Posted};
use crate::i18n::key;
use crate::respond::{self, local};
use crate::urls;
use crate::visit::Visit;

/// The cookie that holds a session's secret.
pub const SESSION: &str = "saima_session";

/// How cookies are set; the program puts it beside the market.
#[derive(Debug, Clone, Copy)]
pub struct CookiePolicy {
    /// Only over HTTPS. Set it wherever the installation is reached by HTTPS.
    pub secure: bool,
}

/// The door, in its three forms.
#[derive(Debug, Template)]
#[template(path = "door/door.html")]
pub struct DoorPage {
    /// The request.
    pub v: Visit,
    /// What was typed, without passwords.
    pub form: Form,
    /// Where the form goes.
    pub action: String,
    /// Which form: signing in, signing up, or coming by invitation.
    pub way: Way,
    /// True once somebody signed up: they are told to sign in.
    pub welcome: bool,
    /// Whom one may sign in as at once; only a demo has any.
    pub cast: Vec<Player>,
}

/// Somebody of a demo's world.
#[derive(Debug, Clone)]
pub struct Player {
    /// The name as shown.
    pub name: String,
    /// The address to sign in with.
    pub email: String,
    /// The password, which is no secret in a demo.
    pub password: String,
}

/// The people of a demo; nobody anywhere else.
#[derive(Debug, Clone, Default)]
pub struct Demo(pub Option<Vec<Player>>);

/// A way in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// With an address and a password.
    SignIn,
    /// As a contributor from outside.
    SignUp,
    /// As a member, by invitation.
    Invitation,
}

impl DoorPage {
    fn new(v: Visit, form: Form, action: String, way: Way) -> Self {
        Self { v, form, action, way, welcome: false, cast: Vec::new() }
    }

    /// True for signing in.
    pub fn signs_in(&self) -> bool {
        self.way == Way::SignIn
    }

    /// The key of the heading and of the button.
    pub fn title(&self) -> &'static str {
        match self.way {
            Way::SignIn => key("sign-in"),
            Way::SignUp => key("sign-up"),
            Way::Invitation => key("invitation-title"),
        }
    }

    /// The key of what stands under the heading.
    pub fn lead(&self) -> &'static str {
        match self.way {
            Way::SignIn => key("sign-in-lead"),
            Way::SignUp => key("sign-up-lead"),
            Way::Invitation => key("invitation-lead"),
        }
    }

    fn again(mut self, refusal: Refusal) -> Answer {
        let form = std::mem::take(&mut self.form);
        self.form = form.mend(&self.v, refusal)?;
        Ok(respond::form_again(&self.v, &self))
    }
}

/// `GET /sign-in`: `next`, where to go then.
///
/// # Errors
/// None of its own.
pub async fn sign_in_form(v: Visit, demo: Data<Demo>, address: Address) -> Answer {
    let cast = demo.0.clone().unwrap_or_default();
    let page = DoorPage { cast, ..DoorPage::new(v, asked(address), urls::sign_in(), Way::SignIn) };
    Ok(respond::page(&page.v, &page))
}

/// `POST /sign-in`: `email`, `password`, `next`.
///
/// # Errors
/// Too many attempts; faults.
pub async fn sign_in(
    v: Visit,
    market: Data<Market>,
    policy: Data<CookiePolicy>,
    request: HttpRequest,
    Posted(mut form): Posted,
) -> Answer {
    let from = client(&request);
    let (email, password) = (form.value("email").to_owned(), form.value("password").to_owned());
    form.forget("password");
    match market.sign_in(SignInInput { email, password, from }).await {
        Ok(person) => enter(&market, &policy, &request, person, form.value("next")).await,
        Err(refusal) => DoorPage::new(v, form, urls::sign_in(), Way::SignIn).again(refusal),
    }
}

/// `POST /sign-out`.
///
/// # Errors
/// Faults only.
pub async fn sign_out(market: Data<Market>, request: HttpRequest, Posted(_): Posted) -> Answer {
    if let Some(session) = request.cookie(SESSION) {
        market.close_session(session.value()).await?;
    }
    let mut gone = Cookie::build(SESSION, "").path("/").finish();
    gone.make_removal();
    let mut response = respond::see_other(&urls::front());
    response.add_cookie(&gone).map_err(|_| Failure::Malformed)?;
    Ok(response)
}

/// `GET /sign-up`.
///
/// # Errors
/// None of its own.
pub async fn sign_up_form(v: Visit) -> Answer {
    let page = DoorPage::new(v, Form::default(), urls::sign_up(), Way::SignUp);
    Ok(respond::page(&page.v, &page))
}

/// `POST /sign-up`: `email`, `handle`, `name`, `password`. The answer does not tell whether the address
/// was known.
///
/// # Errors
/// Too many attempts; faults.
pub async fn sign_up(
    v: Visit,
    market: Data<Market>,
    request: HttpRequest,
    Posted(mut form): Posted,
) -> Answer {
    market.knock(&client(&request)).await?;
    let input = SignUp {
        email: form.value("email").to_owned(),
        handle: form.value("handle").to_owned(),
        name: form.value("name").to_owned(),
        password: form.value("password").to_owned(),
    };
    form.forget("password");
    match market.sign_up(&v.actor, input).await {
        Ok(()) => {
            let form = Form::of([("email", form.value("email"))]);
            let page = DoorPage { welcome: true, ..DoorPage::new(v, form, urls::sign_in(), Way::SignIn) };
            Ok(respond::page(&page.v, &page))
        }
        Err(refusal) => DoorPage::new(v, form, urls::sign_up(), Way::SignUp).again(refusal),
    }
}

/// `GET /invitation/{secret}`.
///
/// # Errors
/// None of its own.
pub async fn invitation_form(v: Visit, secret: Path<String>) -> Answer {
    let page =
        DoorPage::new(v, Form::default(), urls::invitation(super::kit::name(&secret)?), Way::Invitation);
    Ok(respond::page(&page.v, &page))
}

/// `POST /invitation/{secret}`: `handle`, `name`, `password`.
///
/// # Errors
/// Too many attempts; faults. An invitation that can't be used is told on the form.
pub async fn accept_invitation(
    v: Visit,
    market: Data<Market>,
    policy: Data<CookiePolicy>,
    request: HttpRequest,
    secret: Path<String>,
    Posted(mut form): Posted,
) -> Answer {
    let action = urls::invitation(super::kit::name(&secret)?);
    market.knock(&client(&request)).await?;
    let input = AcceptInvitation {
        secret: secret.into_inner(),
        handle: form.value("handle").to_owned(),
        name: form.value("name").to_owned(),
        password: form.value("password").to_owned(),
    };
    form.forget("password");
    match market.accept_invitation(&v.actor, input).await {
        Ok(person) => enter(&market, &policy, &request, person, "").await,
        // There is no field for the secret: what is wrong with it is wrong with the whole.
        Err(refusal) => DoorPage::new(v, form, action, Way::Invitation).again(whole(refusal, "secret")),
    }
}

/// The client's address, for what is counted by it.
fn client(request: &HttpRequest) -> String {
    request.peer_addr().map(|address| address.ip().to_string()).unwrap_or_default()
}

fn whole(refusal: Refusal, field: &str) -> Refusal {
    let Refusal::Invalid(mut problems) = refusal else { return refusal };
    for problem in problems.iter_mut().filter(|problem| problem.field == field) {
        problem.field = String::new();
    }
    Refusal::Invalid(problems)
}

/// Opens a session and leads on.
async fn enter(
    market: &Market,
    policy: &CookiePolicy,
    request: &HttpRequest,
    person: PersonId,
    next: &str,
) -> Result<HttpResponse, Failure> {
    let session = market.open_session(person).await?;
    let secure = policy.secure || request.connection_info().scheme() == "https";
    let lasts = session.expires_at.seconds_since(market.now());
    let cookie = Cookie::build(SESSION, session.secret)
        .path("/")
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(secure)
        .max_age(Duration::seconds(lasts))
        .finish();
    let next = if next.is_empty() { urls::my_work() } else { local(next).to_owned() };
    let mut response = respond::see_other(&next);
    response.add_cookie(&cookie).map_err(|_| Failure::Malformed)?;
    Ok(response)
}

#[cfg(test)]
pub(crate) fn samples() -> Vec<DoorPage> {
    let page = |v: &Visit, way: Way| {
        let mut form = Form::of([("email", "ada@example.org"), ("next", "/tasks?a=\"")]);
        form.refuse("", "The address and the password don't match.");
        let cast = vec![Player {
            name: "Ada <Lovelace>".to_owned(),
            email: "ada@example.org".to_owned(),
            password: "a\"b".to_owned(),
        }];
        DoorPage { welcome: way == Way::SignIn, cast, ..DoorPage::new(v.clone(), form, urls::sign_in(), way) }
    };
    let ways = [Way::SignIn, Way::SignUp, Way::Invitation];
    crate::visit::samples::all().iter().flat_map(|v| ways.map(|way| page(v, way))).collect()
}
