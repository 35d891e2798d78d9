//! Notices by mail: what arrives, how it is chosen, and how it is ended.

use market::notice::{Language, MailMode};
use reqwest::{Method, header};
use saima::config::SmtpUrl;
use serde_json::json;
use tests::{Answer, Db, Letter, Postbox, Stage, TestApp, both};
use time::Duration;

/// The program with a mail server.
struct Mailed {
    app: TestApp,
    postbox: Postbox,
}

impl Stage for Mailed {
    async fn set_up(db: Db) -> Self {
        let postbox = Postbox::open().await;
        let url = postbox.url.clone();
        let app = TestApp::start_with(db, |config| {
            config.smtp_url = Some(SmtpUrl(url));
            config.mail_from = Some("Saima <saima@dawn.example>".to_owned());
            config.public_url = Some("https://saima.dawn.example".parse().unwrap());
        });
        Self { app: app.await, postbox }
    }

    async fn must_hold(&self) {
        self.app.must_hold().await;
    }

    async fn strike(self) {
        self.app.strike().await;
    }
}

/// The path in a mail that ends them.
fn stop_of(letter: &Letter) -> String {
    let link = letter.header("list-unsubscribe");
    let link = link.trim_matches(['<', '>']);
    link.strip_prefix("https://saima.dawn.example").unwrap_or_else(|| panic!("{link}")).to_owned()
}

both! {
    async fn a_notice_comes_by_mail_in_the_readers_language(stage: &Mailed) {
        let Mailed { app, postbox } = stage;
        app.world.give_person("ada", "5").await;
        let letter = postbox.wait_for(1).await.remove(0);
        assert_eq!(letter.to, "ada@dawn.example");
        assert!(letter.text.contains("Tess sent 5.00 DAWN."), "{}", letter.text);
        assert!(letter.text.contains("https://saima.dawn.example/wallet\n"), "{}", letter.text);
        assert!(letter.header("message-id").ends_with("@saima.dawn.example>"), "{}", letter.headers);
        assert_eq!(letter.header("list-unsubscribe-post"), "List-Unsubscribe=One-Click");
        assert_eq!(letter.header("auto-submitted"), "auto-generated");
        assert!(letter.header("date").contains("21 Nov 2026"), "the market's clock: {}", letter.headers);

        let ada = app.browser("ada").await;
        let chosen = ada.fill("/notices", "/notices", &[("mode", "at_once"), ("language", "zh-CN")]).await;
        assert_eq!((chosen.status, chosen.location()), (303, "/notices"));
        app.world.give_person("ada", "6").await;
        let letter = postbox.wait_for(2).await.remove(1);
        assert!(letter.text.contains("Tess 发来 6.00 DAWN。"), "{}", letter.text);
    }

    async fn a_link_in_the_mail_ends_them_without_signing_in(stage: &Mailed) {
        let Mailed { app, postbox } = stage;
        app.world.give_person("ada", "5").await;
        let letter = postbox.wait_for(1).await.remove(0);
        let stop = stop_of(&letter);
        assert!(letter.text.contains(&stop));
        let stranger = app.anonymous();
        let page = stranger.get(&stop).await;
        assert_eq!(page.status, 200);
        assert!(!page.text.contains("Ada") && !page.text.contains("ada@"), "the link tells nothing");
        let ada = app.world.actor("ada").await;
        assert_eq!(app.world.market.mailing(&ada).await.unwrap().mode, MailMode::AtOnce, "looking ends nothing");
        // As a mail program does it (RFC 8058): another site's form, without cookies.
        let one_click = app.anonymous().request(Method::POST, &stop);
        let one_click = one_click.header("sec-fetch-site", "cross-site");
        let done = Answer::of(one_click.form(&[("List-Unsubscribe", "One-Click")])).await;
        assert_eq!(done.status, 200, "{}", done.text);
        assert_eq!(app.world.market.mailing(&ada).await.unwrap().mode, MailMode::Never);
        app.world.give_person("ada", "5").await;
        app.world.give_person("ben", "5").await;
        let letters = postbox.wait_for(2).await;
        assert_eq!(letters[1].to, "ben@dawn.example", "Ada gets no more");
        let token = stop.rsplit('/').next().unwrap();
        let other = token.replace(&token[..4], "AAAA");
        for forged in ["x", "%00", &other, &"A".repeat(3_000)] {
            assert_eq!(stranger.get(&format!("/unsubscribe/{forged}")).await.status, 404);
            let sent = Answer::of(stranger.request(Method::POST, &format!("/unsubscribe/{forged}"))).await;
            assert_eq!(sent.status, 404, "{forged}");
        }
    }

    async fn a_mail_that_was_not_taken_comes_later_under_the_same_id(stage: &Mailed) {
        let Mailed { app, postbox } = stage;
        postbox.refuse(2);
        app.world.give_person("ada", "5").await;
        postbox.wait_for_refusals(1).await;
        tokio::time::sleep(std::time::Duration::from_millis(1_200)).await;
        assert_eq!(postbox.refused(), 1, "not before its time");
        for (wait, refused) in [(Duration::seconds(6), 2), (Duration::minutes(6), 2)] {
            app.world.wait(wait);
            postbox.wait_for_refusals(refused).await;
            tokio::time::sleep(std::time::Duration::from_millis(300)).await;
        }
        let letters = postbox.wait_for(1).await;
        app.world.wait(Duration::days(2));
        tokio::time::sleep(std::time::Duration::from_millis(1_200)).await;
        assert_eq!(postbox.letters(), letters, "and once");
        assert!(letters[0].header("message-id").starts_with("<notice-"));
    }

    async fn a_day_comes_in_one_mail(stage: &Mailed) {
        let Mailed { app, postbox } = stage;
        let ada = app.api("ada").await;
        let daily = json!({ "mode": "DAILY" });
        let chosen = ada.mutate("updateMailing", daily, "mailing { mode language }").await;
        assert_eq!(chosen["mailing"], json!({ "mode": "DAILY", "language": "EN" }));
        for amount in ["1", "2", "3"] {
            app.world.give_person("ada", amount).await;
        }
        app.world.wait(Duration::days(1));
        let letter = postbox.wait_for(1).await.remove(0);
        for amount in ["1.00", "2.00", "3.00"] {
            assert!(letter.text.contains(&format!("Tess sent {amount} DAWN.")), "{}", letter.text);
        }
        assert!(letter.header("message-id").starts_with("<digest-"));
    }

    async fn how_they_come_is_ones_own_choice_and_bad_choices_are_told(app: &TestApp) {
        let ada = app.browser("ada").await;
        assert_eq!(app.anonymous().get("/notices").await.location(), "/sign-in?next=%2Fnotices");
        for fields in [[("mode", "often"), ("language", "en")], [("mode", "daily"), ("language", "tlh")]] {
            let refused = ada.fill("/notices", "/notices", &fields).await;
            assert_eq!(refused.status, 422);
            assert!(refused.text.contains("Choose one of the values offered."));
        }
        let none = ada.fill("/notices", "/notices", &[("mode", "none"), ("language", "en")]).await;
        assert_eq!(none.status, 303);
        let api = app.api("ada").await;
        let ask = "{ mailing { mode language } }";
        assert_eq!(api.must(ask, json!({})).await["mailing"], json!({ "mode": "NEVER", "language": "EN" }));
        assert!(app.anonymous().must(ask, json!({})).await["mailing"].is_null());
        let input = json!({ "language": "ZH_CN" });
        api.mutate("updateMailing", input.clone(), "mailing { mode }").await;
        let chosen = app.world.market.mailing(&app.world.actor("ada").await).await.unwrap();
        assert_eq!((chosen.mode, chosen.language), (MailMode::Never, Language::ZhCn));
        let mutation = "mutation($input: UpdateMailingInput!) { updateMailing(input: $input) { mailing { mode } } }";
        assert_eq!(app.anonymous().denied(mutation, json!({ "input": input })).await, "UNAUTHENTICATED");
        let page = Answer::of(ada.request(Method::GET, "/notices").header(header::ACCEPT, "text/html")).await;
        assert!(page.text.contains("ada@dawn.example"));
    }
}
