//! Signing in and staying so: sessions, tokens, and forms of other sites.

use base64::Engine as _;
use reqwest::{Method, header};
use serde_json::{Value, json};
use tests::{Answer, HttpAsker, PASSWORD, TestApp, both};
use time::Duration;

const VIEWER: &str = "{ viewer { person { handle } } }";

async fn whoami(asker: &HttpAsker) -> Option<String> {
    let answer = asker.graphql(VIEWER, json!({})).await;
    (answer.status == 200)
        .then(|| answer.json()["data"]["viewer"]["person"]["handle"].as_str().map(str::to_owned))?
}

/// The parts of a token, decoded.
fn parts(token: &str) -> (Value, Value, String) {
    let pieces: Vec<&str> = token.split('.').collect();
    let read = |piece: &str| {
        serde_json::from_slice(&base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(piece).unwrap())
            .unwrap()
    };
    (read(pieces[0]), read(pieces[1]), pieces[2].to_owned())
}

fn write(header: &Value, claims: &Value, signature: &str) -> String {
    let write = |value: &Value| base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(value.to_string());
    format!("{}.{}.{signature}", write(header), write(claims))
}

both! {
    async fn a_session_lives_in_a_cookie_that_scripts_and_other_sites_dont_get(app: &TestApp) {
        app.world.person("ada").await;
        let asker = app.anonymous();
        let fields = [("email", "ada@dawn.example"), ("password", PASSWORD)];
        let answer = asker.fill("/sign-in", "/sign-in", &fields).await;
        let cookie = answer.header("set-cookie");
        assert!(cookie.starts_with("saima_session="), "{cookie}");
        for part in ["HttpOnly", "SameSite=Lax", "Path=/"] {
            assert!(cookie.contains(part), "{part}: {cookie}");
        }
        assert_eq!(asker.get("/wallet").await.status, 200);
        assert_eq!(asker.fill("/", "/sign-out", &[]).await.status, 303);
        assert_eq!(asker.get("/wallet").await.status, 303);
    }

    async fn whoever_has_not_signed_in_is_sent_to_the_door_and_back_again(app: &TestApp) {
        app.world.person("ada").await;
        let asker = app.anonymous();
        for page in ["/wallet", "/work"] {
            let sent = asker.get(page).await;
            assert_eq!((sent.status, sent.location().starts_with("/sign-in?next=")), (303, true), "{page}");
        }
        let door = asker.get("/wallet").await.location().to_owned();
        let fields = [("email", "ada@dawn.example"), ("password", PASSWORD)];
        assert_eq!(asker.fill(&door, "/sign-in", &fields).await.location(), "/wallet");
    }

    async fn the_way_back_never_leads_to_another_site(app: &TestApp) {
        app.world.person("ada").await;
        for next in [
            "https://evil.example/",
            "//evil.example",
            "/\\evil.example",
            "\\\\evil.example",
            "javascript:alert(1)",
            "/%0d%0aSet-Cookie:%20a=b",
        ] {
            let asker = app.anonymous();
            let fields = [("email", "ada@dawn.example"), ("password", PASSWORD), ("next", next)];
            let answer = asker.fill("/sign-in", "/sign-in", &fields).await;
            let there = answer.location();
            assert!(
                there.starts_with('/')
                    && !there.starts_with("//")
                    && !there.contains('\\')
                    && !there.contains("evil"),
                "{next}: {there}"
            );
        }
        let asker = app.anonymous();
        let answer =
            asker.fill("/", "/preferences", &[("lang", "zh-CN"), ("back", "https://evil.example/")]).await;
        assert!(!answer.location().contains("evil"), "{}", answer.location());
    }

    async fn a_form_without_its_secret_does_nothing(app: &TestApp) {
        app.world.give_person("ada", "10").await;
        app.world.person("ben").await;
        let ada = app.browser("ada").await;
        let send = |csrf: &'static str| {
            [
                ("csrf", csrf),
                ("to", "ben"),
                ("amount", "10"),
                ("memo", ""),
                ("key", "k"),
                ("confirm", "on"),
                ("sure", "on"),
            ]
        };
        for secret in ["", "guess"] {
            let answer = ada.post("/wallet/send", &send(secret)).await;
            assert!((400..500).contains(&answer.status) && answer.status != 404, "{}", answer.status);
        }
        assert_eq!(app.world.balance("ada").await, "10.00");
        let stranger = app.anonymous();
        let theirs = stranger.get("/sign-in").await.form("/sign-in");
        let theirs = theirs.iter().find(|(name, _)| name == "csrf").unwrap().1.clone();
        let fields = [("csrf", theirs.as_str()), ("to", "ben"), ("amount", "10"), ("memo", ""), ("key", "k")];
        assert!(
            (400..500).contains(&ada.post("/wallet/send", &fields).await.status),
            "another browser's secret"
        );
        let door =
            app.anonymous().post("/sign-in", &[("email", "ada@dawn.example"), ("password", PASSWORD)]).await;
        assert_ne!(door.status, 303, "the door has a secret too: nobody is signed in by another site");
    }

    async fn a_session_alone_is_a_visitor_to_the_api(app: &TestApp) {
        let ada = app.browser("ada").await;
        assert_eq!(whoami(&ada).await, None, "without the header any site could ask");
        let page = ada.get("/wallet").await.text;
        let csrf = page.split("name=\"csrf\" value=\"").nth(1).unwrap().split('"').next().unwrap();
        let ask = |secret: &str| {
            ada.request(Method::POST, "/graphql")
                .header("X-Saima-Csrf", secret)
                .json(&json!({ "query": VIEWER }))
        };
        assert_eq!(Answer::of(ask(csrf)).await.json()["data"]["viewer"]["person"]["handle"], "ada");
        assert!(Answer::of(ask("guess")).await.json()["data"]["viewer"].is_null());
    }

    async fn a_token_lives_for_a_quarter_of_an_hour_and_is_renewed_by_its_refresh_token(app: &TestApp) {
        let ada = app.api("ada").await;
        assert_eq!(whoami(&ada).await.as_deref(), Some("ada"));
        app.world.wait(Duration::minutes(14));
        assert_eq!(whoami(&ada).await.as_deref(), Some("ada"));
        app.world.wait(Duration::minutes(2));
        let late = ada.graphql(VIEWER, json!({})).await;
        assert_eq!(late.status, 401);
        assert!(late.header("www-authenticate").starts_with("Bearer"));
        let fresh = app.anonymous();
        let input = json!({ "refreshToken": ada.refresh });
        let renewed = fresh.mutate("refreshToken", input.clone(), "accessToken refreshToken").await;
        let again = HttpAsker::with_token(&app.base, renewed["accessToken"].as_str().unwrap());
        assert_eq!(whoami(&again).await.as_deref(), Some("ada"));

        let stolen = fresh.refused("refreshToken", input).await;
        assert_eq!(stolen.len(), 1, "{stolen:?}");
        assert!(stolen[0].ends_with("TOKEN_UNUSABLE"), "{stolen:?}");
        let ended = fresh.refused("refreshToken", json!({ "refreshToken": renewed["refreshToken"] })).await;
        assert!(ended[0].ends_with("TOKEN_UNUSABLE"), "a theft ends the family: {ended:?}");
    }

    async fn a_forged_token_is_nobody(app: &TestApp) {
        app.world.person("ben").await;
        let ada = app.api("ada").await;
        let (head, claims, signature) = parts(ada.token());
        assert_eq!(head["alg"], "EdDSA");
        let ben = app.world.person("ben").await.to_string();
        let mut other = claims.clone();
        other["sub"] = json!(ben);
        let mut longer = claims.clone();
        longer["exp"] = json!(9_999_999_999_u64);
        let forged = [
            write(&head, &other, &signature),
            write(&head, &longer, &signature),
            write(&json!({ "alg": "none", "typ": "JWT" }), &other, ""),
            write(&json!({ "alg": "HS256", "typ": "JWT", "kid": head["kid"] }), &claims, &signature),
            format!("{}x", ada.token()),
            "x.y.z".to_owned(),
            String::new(),
            "\u{7f}".repeat(3).replace('\u{7f}', "."),
            "a".repeat(7_000),
        ];
        for token in forged {
            let asker = HttpAsker::with_token(&app.base, &token);
            let answer = asker.graphql(VIEWER, json!({})).await;
            assert_eq!(answer.status, 401, "{token}: {}", answer.text);
        }
    }

    async fn the_keys_of_tokens_are_published_without_their_secrets(app: &TestApp) {
        let ada = app.api("ada").await;
        let jwks = app.anonymous().get("/.well-known/jwks.json").await.json();
        let key = &jwks["keys"][0];
        assert_eq!(
            (key["kty"].as_str(), key["crv"].as_str(), key["alg"].as_str()),
            (Some("OKP"), Some("Ed25519"), Some("EdDSA"))
        );
        assert!(key["d"].is_null());
        assert_eq!(parts(ada.token()).0["kid"], key["kid"]);
        let public: [u8; 32] = base64::engine::general_purpose::URL_SAFE_NO_PAD
            .decode(key["x"].as_str().unwrap())
            .unwrap()
            .try_into()
            .unwrap();
        let (signed, signature) = ada.token().rsplit_once('.').unwrap();
        let signature = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(signature).unwrap();
        let verifier = ed25519_dalek::VerifyingKey::from_bytes(&public).unwrap();
        verifier
            .verify_strict(signed.as_bytes(), &ed25519_dalek::Signature::from_slice(&signature).unwrap())
            .unwrap();
    }

    async fn the_door_closes_after_ten_wrong_passwords_on_every_front(app: &TestApp) {
        app.world.person("ada").await;
        let asker = app.anonymous();
        let wrong = [("email", "ada@dawn.example"), ("password", "a wrong guess")];
        for _ in 0..10 {
            assert_eq!(asker.fill("/sign-in", "/sign-in", &wrong).await.status, 422);
        }
        let closed = asker.fill("/sign-in", "/sign-in", &wrong).await;
        assert_eq!(closed.status, 429);
        assert!(closed.header("retry-after").parse::<u64>().unwrap() > 0);
        let query = "mutation ($p: String!) { signIn(input: { email: \"ada@dawn.example\", password: $p }) { accessToken } }";
        assert_eq!(asker.denied(query, json!({ "p": PASSWORD })).await, "RATE_LIMITED");
        app.world.wait(Duration::minutes(16));
        asker.sign_in("ada").await;
    }

    async fn a_role_taken_away_is_gone_at_once(app: &TestApp) {
        app.world.bring("root", market::PersonKind::Member, &[market::Role::Admin]).await;
        app.world.bring("tess", market::PersonKind::Member, &[market::Role::Treasurer]).await;
        let tess = app.api("tess").await;
        tess.must("{ treasury { issued } }", json!({})).await;
        let person = app.world.person("tess").await;
        app.world.must("root", market::person::RevokeRole { person, role: market::Role::Treasurer }).await;
        let answer = tess.graphql("{ treasury { issued } }", json!({})).await;
        assert!(answer.json()["data"]["treasury"].is_null(), "the old token is no older right");
        app.world.must("root", market::person::GrantRole { person, role: market::Role::Treasurer }).await;
    }

    async fn what_is_private_is_kept_out_of_shared_caches(app: &TestApp) {
        let ada = app.browser("ada").await;
        for path in ["/wallet", "/work", "/", "/tasks"] {
            let cache = ada.get(path).await.header("cache-control").to_owned();
            assert!(cache.contains("no-store") || cache.contains("private"), "{path}: {cache}");
        }
        let api = Answer::of(
            ada.request(Method::POST, "/graphql")
                .header(header::ACCEPT, "application/json")
                .json(&json!({ "query": VIEWER })),
        )
        .await;
        assert!(api.header("cache-control").contains("no-store"));
    }
}
