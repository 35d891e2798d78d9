//! People, roles and invitations, for whoever runs the installation.

use actix_web::HttpRequest;
use actix_web::web::Data;
use askama::Template;
use market::person::{GrantRole, InvitationView, InvitePerson, PersonView, RevokeRole};
use market::{Act, Market, PersonId, Refusal, Role};

use super::kit::{Address, Choice, Link, Pager, asked, listed, page_of};
use super::people::{kind, role};
use crate::errors::{Answer, Failure};
use crate::format::When;
use crate::forms::{Form, Posted};
use crate::i18n::key;
use crate::undo::Undo;
use crate::visit::Visit;
use crate::{respond, urls};

/// The page.
#[derive(Debug, Template)]
#[template(path = "people/admin.html")]
pub struct AdminPage {
    /// The request.
    pub v: Visit,
    /// What was typed.
    pub form: Form,
    /// People in the order of their handles.
    pub people: Vec<PersonRow>,
    /// The way on.
    pub pager: Pager,
    /// Invitations that wait.
    pub invitations: Vec<InvitationRow>,
    /// The roles there are.
    pub roles: Vec<Choice>,
    /// The invitation just given: whom for, and the whole address to pass on, shown once.
    pub given: Option<(String, String)>,
}

/// A person.
#[derive(Debug, Clone)]
pub struct PersonRow {
    /// Their name and page.
    pub name: Link,
    /// Their handle.
    pub handle: String,
    /// Their id, for the forms.
    pub id: String,
    /// Their address.
    pub email: String,
    /// The key of where they stand.
    pub kind: &'static str,
    /// Roles, each with its name and whether they have it.
    pub roles: Vec<RoleRow>,
}

/// A role of a person's, had or not.
#[derive(Debug, Clone)]
pub struct RoleRow {
    /// Its name in forms.
    pub value: &'static str,
    /// The key of its name.
    pub label: &'static str,
    /// True if they have it.
    pub had: bool,
}

/// An invitation.
#[derive(Debug, Clone)]
pub struct InvitationRow {
    /// Whom it is for.
    pub email: String,
    /// The keys of the roles that come with it.
    pub roles: Vec<&'static str>,
    /// Until when it can be used.
    pub until: When,
    /// True once it was used.
    pub used: bool,
}

/// `GET /admin/people`: `after` or `before`.
///
/// # Errors
/// Not found, for everybody but admins.
pub async fn people(v: Visit, market: Data<Market>, address: Address) -> Answer {
    let page = page(v, &market, &asked(address), Form::default(), None).await?;
    Ok(respond::page(&page.v, &page))
}

/// `POST /admin/invite`: `email`, `roles`. Answers with the secret address, once.
///
/// # Errors
/// Not found, for everybody but admins.
pub async fn invite(v: Visit, market: Data<Market>, request: HttpRequest, Posted(form): Posted) -> Answer {
    let roles: Vec<Role> = form.values("roles").filter_map(|role| role.parse().ok()).collect();
    // Without a key: a recalled outcome would come without the secret.
    match market.run(&v.actor, InvitePerson { email: form.value("email").to_owned(), roles }).await {
        Ok(invited) => {
            let link = format!("{}{}", origin(&request), urls::invitation(&invited.secret));
            let given = (form.value("email").trim().to_owned(), link);
            let page = page(v, &market, &Form::default(), Form::default(), Some(given)).await?;
            Ok(respond::page(&page.v, &page))
        }
        Err(refusal) => {
            let form = form.mend(&v, refusal)?;
            let page = page(v, &market, &Form::default(), form, None).await?;
            Ok(respond::form_again(&page.v, &page))
        }
    }
}

/// Where the installation is, as the asker's own browser reached it.
fn origin(request: &HttpRequest) -> String {
    let connection = request.connection_info();
    format!("{}://{}", connection.scheme(), connection.host())
}

/// `POST /admin/roles`: `person`, an id; `role`; `do`, which is `grant` or `revoke`.
///
/// # Errors
/// Not found, for everybody but admins.
pub async fn roles(v: Visit, market: Data<Market>, Posted(form): Posted) -> Answer {
    let person: PersonId = super::kit::id(form.value("person"))?;
    let role: Role = form.value("role").parse().map_err(|_| Failure::Malformed)?;
    let (done, told) = match form.value("do") {
        "grant" => (market.run(&v.actor, GrantRole { person, role }).await, key("done-role-granted")),
        "revoke" => (market.run(&v.actor, RevokeRole { person, role }).await, key("done-role-revoked")),
        _ => return Err(Failure::Malformed),
    };
    match done {
        Ok(()) => {
            let other = if form.value("do") == "grant" { "revoke" } else { "grant" };
            let fields = [("person", person.to_string()), ("role", form.value("role").to_owned())];
            let undo = Undo::new(urls::roles(), fields.into_iter().chain([("do", other.to_owned())]));
            Ok(respond::done_undoable(&v, &urls::people(), told, &undo))
        }
        Err(refusal) => {
            let form = Form::default().mend(&v, refusal)?;
            let page = page(v, &market, &Form::default(), form, None).await?;
            Ok(respond::form_again(&page.v, &page))
        }
    }
}

async fn page(
    v: Visit,
    market: &Market,
    asked: &Form,
    form: Form,
    given: Option<(String, String)>,
) -> Result<AdminPage, Failure> {
    if !v.may(Act::SeePeople) {
        return Err(Refusal::NotFound.into());
    }
    let listing = listed(market.people(&v.actor, page_of(asked, 50)).await)?;
    let invitations = market.invitations(&v.actor).await?;
    Ok(AdminPage {
        people: listing.items.iter().map(|(_, person)| person_row(person)).collect(),
        pager: Pager::of(&listing, &urls::people()),
        invitations: invitations.iter().map(|invitation| invitation_row(&v, invitation)).collect(),
        roles: Role::ALL.iter().map(|each| Choice::new(each.as_str(), v.t(role(*each)))).collect(),
        form,
        given,
        v,
    })
}

fn person_row(person: &PersonView) -> PersonRow {
    PersonRow {
        name: Link::new(&person.name, urls::person(&person.handle)),
        handle: person.handle.clone(),
        id: person.id.to_string(),
        email: person.email.clone().unwrap_or_default(),
        kind: kind(person.kind),
        roles: Role::ALL
            .iter()
            .map(|each| RoleRow {
                value: each.as_str(),
                label: role(*each),
                had: person.roles.contains(each),
            })
            .collect(),
    }
}

fn invitation_row(v: &Visit, invitation: &InvitationView) -> InvitationRow {
    InvitationRow {
        email: invitation.email.clone(),
        roles: invitation.roles.iter().map(|each| role(*each)).collect(),
        until: v.when(invitation.expires_at),
        used: invitation.person.is_some(),
    }
}

#[cfg(test)]
pub(crate) fn samples() -> Vec<AdminPage> {
    let page = |v: Visit| {
        let roles = vec![
            RoleRow { value: "manager", label: key("role-manager"), had: true },
            RoleRow { value: "admin", label: key("role-admin"), had: false },
        ];
        let mut form = Form::of([("email", "not-an-address")]);
        form.refuse("email", "Write an e-mail address.");
        AdminPage {
            form,
            people: vec![PersonRow {
                name: Link::new("Ada", urls::person("ada")),
                handle: "ada".to_owned(),
                id: "1".to_owned(),
                email: "ada@example.org".to_owned(),
                kind: key("person-member"),
                roles,
            }],
            pager: Pager::default(),
            invitations: vec![InvitationRow {
                email: "bo@example.org".to_owned(),
                roles: vec![key("role-auditor")],
                until: v.when(v.now.plus_seconds(86_400)),
                used: false,
            }],
            roles: vec![Choice::new("admin", v.t(key("role-admin")))],
            given: Some(("bo@example.org".to_owned(), urls::invitation("s3cr3t"))),
            v,
        }
    };
    crate::visit::samples::all().into_iter().map(page).collect()
}
