//! Somebody who asks over HTTP and keeps their cookies: askers carry the verbs.

use std::collections::BTreeMap;

use reqwest::redirect::Policy;
use reqwest::{Client, Method, RequestBuilder, header};
use serde_json::{Value, json};

use crate::world::PASSWORD;

/// Somebody who asks.
pub struct HttpAsker {
    client: Client,
    base: String,
    token: Option<String>,
    /// What to give back to the API for a new access token.
    pub refresh: Option<String>,
}

/// What they were answered.
#[derive(Debug)]
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// The headers, by name in lower case; of several of one name, the last.
    pub headers: BTreeMap<String, String>,
    /// The body as text.
    pub text: String,
}

impl HttpAsker {
    /// Somebody with no cookies.
    pub fn new(base: &str) -> Self {
        saima::outward::use_ring();
        let client = Client::builder().cookie_store(true).redirect(Policy::none()).build().unwrap();
        Self { client, base: base.to_owned(), token: None, refresh: None }
    }

    /// The same person's API, by another token.
    #[must_use]
    pub fn with_token(base: &str, token: &str) -> Self {
        Self { token: Some(token.to_owned()), ..Self::new(base) }
    }

    /// The access token, once signed in to the API.
    pub fn token(&self) -> &str {
        self.token.as_deref().expect("signed in to the API")
    }

    /// Any request, to be finished and sent by [`Answer::of`].
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.client.request(method, format!("{}{path}", self.base));
        match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }

    /// A page.
    pub async fn get(&self, path: &str) -> Answer {
        Answer::of(self.request(Method::GET, path).header(header::ACCEPT, "text/html")).await
    }

    /// A page, unless nobody listens there.
    pub async fn try_get(&self, path: &str) -> Option<u16> {
        let request = self.request(Method::GET, path).header(header::ACCEPT, "text/html");
        request.send().await.ok().map(|answer| answer.status().as_u16())
    }

    /// A form, with just these fields.
    pub async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        Answer::of(self.request(Method::POST, path).form(fields)).await
    }

    /// Opens `page`, fills in the form that goes to `action`, keeps what it is filled with already, and sends it.
    pub async fn fill(&self, page: &str, action: &str, fields: &[(&str, &str)]) -> Answer {
        let opened = self.get(page).await;
        assert_eq!(opened.status, 200, "{page}: {}", opened.text);
        let mut filled = opened.form(action);
        for (name, value) in fields {
            filled.retain(|(known, _)| known != name);
            filled.push(((*name).to_owned(), (*value).to_owned()));
        }
        Answer::of(self.request(Method::POST, action).form(&filled)).await
    }

    /// Sends the form of a page that spells out what is about to happen.
    pub async fn confirm(&self, page: &Answer, action: &str) -> Answer {
        assert_eq!(page.status, 200, "{action} was not spelled out: {}", page.text);
        Answer::of(self.request(Method::POST, action).form(&page.form(action))).await
    }

    /// Fills in a form that is spelled out before it is done, and confirms it.
    pub async fn fill_and_confirm(&self, page: &str, action: &str, fields: &[(&str, &str)]) -> Answer {
        let spelled_out = self.fill(page, action, fields).await;
        self.confirm(&spelled_out, action).await
    }

    /// Signs in as in a browser.
    pub async fn sign_in(&self, handle: &str) {
        let email = format!("{handle}@dawn.example");
        let answer = self.fill("/sign-in", "/sign-in", &[("email", &email), ("password", PASSWORD)]).await;
        assert_eq!(answer.status, 303, "{handle} could not sign in: {}", answer.text);
    }

    /// Signs in to the API and keeps the tokens.
    pub async fn sign_in_to_api(&mut self, handle: &str) {
        let query = "mutation ($input: SignInInput!) {
            signIn(input: $input) { accessToken refreshToken userErrors { field code } }
        }";
        let input = json!({ "email": format!("{handle}@dawn.example"), "password": PASSWORD });
        let data = self.must(query, json!({ "input": input })).await;
        self.token = Some(text(&data["signIn"]["accessToken"]));
        self.refresh = Some(text(&data["signIn"]["refreshToken"]));
    }

    /// A GraphQL request, whatever comes back.
    pub async fn graphql(&self, query: &str, variables: Value) -> Answer {
        let body = json!({ "query": query, "variables": variables });
        Answer::of(self.request(Method::POST, "/graphql").json(&body)).await
    }

    /// A GraphQL request that must succeed without errors and without `userErrors`; answers its data.
    pub async fn must(&self, query: &str, variables: Value) -> Value {
        let answer = self.graphql(query, variables.clone()).await;
        assert_eq!(answer.status, 200, "{query}\n{variables}\n{}", answer.text);
        let body = answer.json();
        assert!(body["errors"].is_null(), "{query}\n{variables}\n{body:#}");
        for (field, payload) in body["data"].as_object().expect("data") {
            let errors = &payload["userErrors"];
            assert!(errors.is_null() || errors == &json!([]), "{field} was refused: {errors:#}\n{variables}");
        }
        body["data"].clone()
    }

    /// The asker's own global id.
    pub async fn own_id(&self) -> Value {
        self.must("{ viewer { person { id } } }", json!({})).await["viewer"]["person"]["id"].clone()
    }

    /// A mutation with one `input` that must succeed; answers the fields asked for.
    pub async fn mutate(&self, name: &str, input: Value, wanted: &str) -> Value {
        let data = self.must(&mutation(name, wanted), json!({ "input": input })).await;
        data[name].clone()
    }

    /// A mutation that must be refused for what the asker can mend; answers `field CODE` for each error.
    pub async fn refused(&self, name: &str, input: Value) -> Vec<String> {
        let answer = self.graphql(&mutation(name, ""), json!({ "input": input })).await;
        let body = answer.json();
        let errors =
            body["data"][name]["userErrors"].as_array().unwrap_or_else(|| panic!("{name}: {body:#}"));
        assert!(!errors.is_empty(), "{name} was not refused");
        let word = |value: &Value| match value {
            Value::Array(parts) => parts.iter().map(text).collect::<Vec<_>>().join("."),
            Value::Null => String::new(),
            other => text(other),
        };
        errors
            .iter()
            .map(|error| format!("{} {}", word(&error["field"]), word(&error["code"])).trim().to_owned())
            .collect()
    }

    /// A query that must be refused as a whole; answers the code of its first error.
    pub async fn denied(&self, query: &str, variables: Value) -> String {
        let body = self.graphql(query, variables).await.json();
        text(&body["errors"][0]["extensions"]["code"])
    }
}

fn mutation(name: &str, wanted: &str) -> String {
    let mut input = name[..1].to_uppercase() + &name[1..];
    input.push_str("Input");
    format!(
        "mutation ($input: {input}!) {{ {name}(input: $input) {{ {wanted} userErrors {{ field code message }} }} }}"
    )
}

fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        other => panic!("a text was expected: {other}"),
    }
}

impl Answer {
    /// Sends a request and takes the whole answer.
    pub async fn of(request: RequestBuilder) -> Self {
        let answer = request.send().await.unwrap();
        let status = answer.status().as_u16();
        let headers = answer.headers().iter();
        let headers = headers
            .map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned()));
        Self { status, headers: headers.collect(), text: answer.text().await.unwrap() }
    }

    /// A header, or nothing.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }

    /// Where it sends the browser to.
    pub fn location(&self) -> &str {
        self.header("location")
    }

    /// The body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }

    /// What the form that goes to `action` is filled with already: hidden fields, values, choices.
    pub fn form(&self, action: &str) -> Vec<(String, String)> {
        let forms =
            self.text.split("<form").skip(1).map(|form| form.split("</form>").next().unwrap_or_default());
        let form = forms
            .into_iter()
            .find(|form| {
                attribute(form.split('>').next().unwrap_or_default(), "action").as_deref() == Some(action)
            })
            .unwrap_or_else(|| panic!("there is no form to {action} here:\n{}", self.text));
        let inputs = form.split("<input").skip(1).filter_map(input_field);
        let areas = form.split("<textarea").skip(1).filter_map(area_field);
        let choices = form.split("<select").skip(1).filter_map(choice_field);
        inputs.chain(areas).chain(choices).collect()
    }
}

fn input_field(rest: &str) -> Option<(String, String)> {
    let tag = rest.split('>').next()?;
    let kind = attribute(tag, "type").unwrap_or_default();
    let ticked = attribute(tag, "checked").is_some() || tag.contains(" checked");
    let sent = match kind.as_str() {
        "checkbox" | "radio" => ticked,
        "file" | "submit" | "button" => false,
        _ => true,
    };
    sent.then(|| Some((attribute(tag, "name")?, attribute(tag, "value").unwrap_or_default())))?
}

fn area_field(rest: &str) -> Option<(String, String)> {
    let (tag, rest) = rest.split_once('>')?;
    let inside = rest.split("</textarea>").next()?;
    Some((attribute(tag, "name")?, unescape(inside.trim_start_matches('\n'))))
}

fn choice_field(rest: &str) -> Option<(String, String)> {
    let (tag, rest) = rest.split_once('>')?;
    let options: Vec<&str> = rest.split("</select>").next()?.split("<option").skip(1).collect();
    let chosen =
        options.iter().find(|option| option.split('>').next().unwrap_or_default().contains(" selected"));
    let value = attribute(chosen.or(options.first())?.split('>').next()?, "value")?;
    Some((attribute(tag, "name")?, value))
}

/// An attribute in double quotes, as our templates write them.
fn attribute(tag: &str, name: &str) -> Option<String> {
    let start = tag.find(&format!(" {name}=\""))? + name.len() + 3;
    Some(unescape(tag[start..].split('"').next()?))
}

fn unescape(text: &str) -> String {
    let named = text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&#34;", "\"");
    named
        .replace("&#60;", "<")
        .replace("&#62;", ">")
        .replace("&#39;", "'")
        .replace("&#38;", "&")
        .replace("&amp;", "&")
}

#[test]
fn a_form_is_read_as_a_browser_would_send_it() {
    let text = r#"<form method="post" action="/a"><input type="hidden" name="csrf" value="x&amp;y"><input name="q">
        <input type="checkbox" name="no" value="1"><input type="checkbox" name="yes" value="1" checked>
        <textarea class="t" name="body">
A &lt;b&gt;</textarea><select name="s"><option value="1">One</option><option value="2" selected>Two</option></select></form>"#;
    let answer = Answer { status: 200, headers: BTreeMap::new(), text: text.to_owned() };
    let form = answer.form("/a");
    let form: Vec<(&str, &str)> = form.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    assert_eq!(form, [("csrf", "x&y"), ("q", ""), ("yes", "1"), ("body", "A <b>"), ("s", "2")]);
}
