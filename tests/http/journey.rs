//! Journeys by plain forms, as a browser without JavaScript makes them.

use market::{PersonKind, Role};
use reqwest::{Method, multipart};
use tests::{Answer, HttpAsker, Start, TestApp, both};

/// Hands in work by the form of the entry's page, files and all.
async fn hand_in(who: &HttpAsker, entry: &str, body: &str, file: Option<(&str, Vec<u8>)>) -> Answer {
    let page = who.get(entry).await;
    let action = format!("{entry}/submit");
    let mut form = multipart::Form::new();
    for (name, value) in page.form(&action) {
        if name != "body" {
            form = form.text(name, value);
        }
    }
    form = form.text("body", body.to_owned());
    if let Some((name, bytes)) = file {
        form = form.part(
            "files",
            multipart::Part::bytes(bytes).file_name(name.to_owned()).mime_str("text/plain").unwrap(),
        );
    }
    Answer::of(who.request(Method::POST, &action).multipart(form)).await
}

both! {
    async fn a_race_from_the_form_of_the_task_to_the_wallet(app: &TestApp) {
        app.world.give_person("mia", "1000").await;
        let mia = app.browser("mia").await;
        let fields = [
            ("title", "A faster parser"),
            ("brief", "Twice as fast."),
            ("criteria", "All tests pass."),
            ("visibility", "internal"),
            ("closes_at", "2026-12-01T08:00"),
            ("bounty", "1000"),
            ("source", "person"),
            ("rules.plan", "shares"),
            ("rules.prizes", "60, 25, 15"),
        ];
        let preview =
            mia.fill("/tasks/new", "/tasks/new", &[&fields[..], &[("do", "preview")]].concat()).await;
        assert_eq!(preview.status, 200);
        assert!(preview.text.contains("600.00"), "the outcomes are shown before anything is kept");
        let made = mia.fill("/tasks/new", "/tasks/new", &[&fields[..], &[("do", "save")]].concat()).await;
        assert_eq!(made.status, 303, "{}", made.text);
        let task = made.location().split('?').next().unwrap().to_owned();
        let publish = format!("{task}/publish");
        let spelled_out = mia.get(&publish).await;
        assert!(spelled_out.text.contains("1,000.00"), "the numbers are spelled out before anything moves");
        assert_eq!(app.world.balance("mia").await, "1000.00");
        assert_eq!(mia.confirm(&spelled_out, &publish).await.status, 303);
        assert_eq!(app.world.balance("mia").await, "0.00");

        let (ada, ben) = (app.browser("ada").await, app.browser("ben").await);
        let enter = format!("{task}/enter");
        let crew = [
            ("name", "The Pair"),
            ("crew.0.person", "ada"),
            ("crew.0.share", "60"),
            ("crew.1.person", "ben"),
            ("crew.1.share", "40"),
        ];
        let entered = ada.fill(&enter, &enter, &crew).await;
        assert_eq!(entered.status, 303, "{}", entered.text);
        let entry = app
            .world
            .market
            .entries(&app.world.actor("ada").await, task_id(app, &task).await)
            .await
            .unwrap()
            .remove(0);
        let entry_page = format!("/entries/{}", entry.id);
        assert!(
            ben.get("/work").await.text.contains("The Pair")
                || ben.get("/work").await.text.contains("A faster parser")
        );
        assert_eq!(ben.fill(&entry_page, &format!("{entry_page}/agree"), &[]).await.status, 303);
        let handed =
            hand_in(&ben, &entry_page, "Here it is.", Some(("result.txt", b"42 % faster".to_vec()))).await;
        assert_eq!(handed.status, 303, "{}", handed.text);

        app.world.clock.set(market::Moment::parse_rfc3339("2026-12-01T08:00:00Z").unwrap());
        let rule = format!("{task}/rule");
        let ruled = mia
            .fill(
                &rule,
                &rule,
                &[
                    ("lines.0.place", "1"),
                    ("lines.0.score", "90"),
                    ("lines.0.reason", "Fast and right."),
                    ("summary", "One ran."),
                ],
            )
            .await;
        let ruled = if ruled.status == 200 { mia.confirm(&ruled, &rule).await } else { ruled };
        assert_eq!(ruled.status, 303, "{}", ruled.text);
        app.world.wait(time::Duration::days(3));
        app.tick().await;
        assert_eq!(
            (app.world.balance("ada").await, app.world.balance("ben").await),
            ("360.00".to_owned(), "240.00".to_owned())
        );
        let wallet = ben.get("/wallet").await.text;
        assert!(wallet.contains("240.00"), "the wallet shows the payout");
        let receipt = wallet.split("href=\"/ledger/records/").nth(1).unwrap().split('"').next().unwrap();
        let receipt = ben.get(&format!("/ledger/records/{receipt}/receipt")).await;
        ledger::Receipt::open(&receipt.text, &[app.verifier_key().await]).unwrap();
    }

    async fn a_form_that_is_wrong_comes_back_with_what_was_typed(app: &TestApp) {
        let mia = app.browser("mia").await;
        let fields = [
            ("title", "A <b>bold</b> task"),
            ("brief", "Brief & more"),
            ("bounty", "1e9"),
            ("closes_at", "2020-01-01T00:00"),
            ("do", "save"),
        ];
        let back = mia.fill("/tasks/new", "/tasks/new", &fields).await;
        assert_eq!(back.status, 422);
        let form = back.form("/tasks/new");
        for (name, value) in [("title", "A <b>bold</b> task"), ("brief", "Brief & more"), ("bounty", "1e9")] {
            assert!(form.contains(&(name.to_owned(), value.to_owned())), "{name} was lost: {form:?}");
        }
        assert!(
            back.text.contains("id=\"e-bounty\"") && back.text.contains("aria-invalid=\"true\""),
            "what is wrong stands beside its field"
        );
        assert!(back.text.contains("role=\"alert\""), "and is summed up at the top");
    }

    async fn a_form_sent_twice_does_its_work_once(app: &TestApp) {
        app.world.give_person("ada", "10").await;
        app.world.person("ben").await;
        let ada = app.browser("ada").await;
        let fields = [("to", "ben"), ("amount", "4"), ("memo", "thanks")];
        let spelled_out = ada.fill("/wallet/send", "/wallet/send", &fields).await;
        assert_eq!(app.world.balance("ada").await, "10.00", "nothing moves before it is confirmed");
        for _ in 0..3 {
            assert_eq!(ada.confirm(&spelled_out, "/wallet/send").await.status, 303);
        }
        assert_eq!(app.world.balance("ada").await, "6.00");
    }

    async fn tokens_are_issued_and_allocated_by_forms(app: &TestApp) {
        let tess = app.world.treasurer().await;
        let tess = app.browser(tess).await;
        app.world.person("ada").await;
        let issued = tess
            .fill_and_confirm(
                "/treasury/issue",
                "/treasury/issue",
                &[("amount", "100"), ("reason", "A start.")],
            )
            .await;
        assert_eq!(issued.status, 303, "{}", issued.text);
        let given = tess
            .fill_and_confirm(
                "/treasury/allocate",
                "/treasury/allocate",
                &[("kind", "person"), ("to", "ada"), ("amount", "12.50"), ("reason", "A gift.")],
            )
            .await;
        assert_eq!(given.status, 303, "{}", given.text);
        assert_eq!(app.world.balance("ada").await, "12.50");
        let treasury = tess.get("/treasury").await.text;
        assert!(treasury.contains("87.50") && treasury.contains("100.00"));
    }

    async fn an_outsider_signs_up_by_the_door(app: &TestApp) {
        let otto = app.anonymous();
        let fields = [
            ("email", "otto@dawn.example"),
            ("name", "Otto"),
            ("handle", "otto"),
            ("password", tests::PASSWORD),
        ];
        let joined = otto.fill("/sign-up", "/sign-up", &fields).await;
        assert!([200, 303].contains(&joined.status), "{}", joined.text);
        let again = app
            .anonymous()
            .fill(
                "/sign-up",
                "/sign-up",
                &[
                    ("email", "otto@dawn.example"),
                    ("name", "Other"),
                    ("handle", "other"),
                    ("password", "another password"),
                ],
            )
            .await;
        assert_eq!(again.status, joined.status, "whether an address is known is not told");
        let otto = app.anonymous();
        otto.sign_in("otto").await;
        assert_eq!(otto.get("/wallet").await.status, 200);
        assert_eq!(otto.get("/units").await.status, 404);
    }

    async fn an_admin_invites_and_the_link_is_shown_once(app: &TestApp) {
        app.world.bring("root", PersonKind::Member, &[Role::Admin]).await;
        let root = app.browser("root").await;
        let invited = root
            .fill("/admin/people", "/admin/invite", &[("email", "new@dawn.example"), ("roles", "manager")])
            .await;
        let page = if invited.status == 303 { root.get(invited.location()).await } else { invited };
        let link = page
            .text
            .split("/invitation/")
            .nth(1)
            .expect("the link")
            .split(['"', '<', ' '])
            .next()
            .unwrap()
            .to_owned();
        assert!(!root.get("/admin/people").await.text.contains(&link), "it is shown once");
        let path = format!("/invitation/{link}");
        let newcomer = app.anonymous();
        let joined = newcomer
            .fill(
                &path,
                &path,
                &[("name", "New Comer"), ("handle", "newcomer"), ("password", tests::PASSWORD)],
            )
            .await;
        assert_eq!(joined.status, 303, "{}", joined.text);
        let again = app
            .anonymous()
            .fill(&path, &path, &[("name", "Second"), ("handle", "second"), ("password", tests::PASSWORD)])
            .await;
        assert_eq!(again.status, 422);
    }

    async fn a_file_too_large_is_refused_and_the_text_kept(app: &TestApp) {
        let race = app.world.race(Start::default()).await;
        let entry = race.enter("ada").await;
        let ada = app.browser("ada").await;
        let page = format!("/entries/{entry}");
        let refused = hand_in(&ada, &page, "My words.", Some(("big.bin", vec![7; 1_048_577]))).await;
        assert!([413, 422].contains(&refused.status), "{}", refused.status);
        assert_eq!(race.entry(entry).await.submissions, 0);
        let huge = hand_in(&ada, &page, "My words.", Some(("huge.bin", vec![7; 9 << 20]))).await;
        assert!([413, 422].contains(&huge.status), "{}", huge.status);
        assert_eq!(race.entry(entry).await.submissions, 0);
    }

    async fn a_unit_is_founded_and_filled_by_forms(app: &TestApp) {
        app.world.person("ben").await;
        let ada = app.browser("ada").await;
        let founded = ada
            .fill(
                "/units/new",
                "/units/new",
                &[("slug", "red"), ("name", "Red Team"), ("purpose", "Parsers.")],
            )
            .await;
        assert_eq!(founded.status, 303, "{}", founded.text);
        assert_eq!(ada.fill("/units/red", "/units/red/add", &[("person", "ben")]).await.status, 303);
        let page = app.browser("eva").await.get("/units/red").await.text;
        assert!(page.contains("Red Team") && page.contains("Ben"));
        let wrong = ada.fill("/units/red", "/units/red/add", &[("person", "nobody")]).await;
        assert!([303, 422].contains(&wrong.status), "{}", wrong.status);
    }
}

async fn task_id(app: &TestApp, page: &str) -> market::TaskId {
    let handle = page.trim_start_matches("/tasks/");
    app.world.market.task_by_handle(&app.world.actor("mia").await, handle).await.unwrap().id
}
