//! The log's keys for strangers, and erasures as pages and API have them.

use market::{PersonKind, Role};
use serde_json::json;
use tests::{TestApp, both};

both! {
    async fn the_keys_of_the_log_are_listed_for_everybody(app: &TestApp) {
        let listed = app.anonymous().get("/log/keys").await;
        assert_eq!(listed.status, 200);
        let lines: Vec<&str> = listed.text.lines().filter(|line| !line.starts_with('#')).collect();
        assert_eq!(lines, [format!("{} 0 -", app.verifier_key().await)]);
    }

    async fn an_erasure_is_asked_for_on_a_page_and_approved_by_another(app: &TestApp) {
        app.world.bring("root", PersonKind::Member, &[Role::Admin]).await;
        app.world.bring("aud", PersonKind::Member, &[Role::Auditor]).await;
        app.world.give_person("ada", "5").await;
        let (root, aud) = (app.browser("root").await, app.browser("aud").await);
        let (page, approve) = ("/admin/erasures", "/admin/erasures/approve");
        let wrong = root.fill(page, page, &[("handle", "nobody-at-all"), ("ground", "Art. 17")]).await;
        assert_eq!(wrong.status, 422, "{}", wrong.text);
        let asked = root.fill(page, page, &[("handle", "ada"), ("ground", "Art. 17, asked in March")]).await;
        assert_eq!(asked.status, 303, "{}", asked.text);
        assert_eq!(app.browser("ben").await.get(page).await.status, 404);
        let seen = aud.get(page).await.text;
        assert!(seen.contains("Art. 17, asked in March"), "{seen}");
        let id = seen.split("name=\"erasure\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
        assert!(!root.get(page).await.text.contains("name=\"erasure\""), "who asked can't approve");
        let done = aud.fill(page, approve, &[("erasure", &id)]).await;
        assert_eq!(done.status, 303, "{}", done.text);
        let seen = aud.get(page).await.text;
        assert!(seen.contains("已删除") && !seen.contains(">Ada<"), "{seen}");
        assert_eq!(aud.get("/people/ada").await.status, 404);
    }

    async fn an_erasure_goes_through_the_api_too(app: &TestApp) {
        app.world.bring("root", PersonKind::Member, &[Role::Admin]).await;
        app.world.bring("aud", PersonKind::Member, &[Role::Auditor]).await;
        app.world.give_person("ada", "5").await;
        let (root, aud) = (app.api("root").await, app.api("aud").await);
        let ada = root.must("{ person(handle: \"ada\") { id } }", json!({})).await["person"]["id"].clone();
        let input = json!({ "person": ada, "ground": "Art. 17", "idempotencyKey": "k1" });
        let asked = root.mutate("requestErasure", input, "erasure { id ground person { handle } }").await;
        assert_eq!(asked["erasure"]["person"]["handle"], "ada");
        let id = asked["erasure"]["id"].clone();
        let done = aud
            .mutate("approveErasure", json!({ "erasure": id, "idempotencyKey": "k2" }), "erasure { approvedAt person { name } record { kind } }")
            .await;
        assert_eq!(done["erasure"]["record"]["kind"], "ERASURE");
        assert_ne!(done["erasure"]["person"]["name"], "Ada");
        let keys = aud.must("{ log { epoch keys verifierKey } }", json!({})).await;
        assert_eq!(keys["log"]["keys"][0], keys["log"]["verifierKey"]);
        assert_eq!(keys["log"]["epoch"], 1);
        let hidden = app.api("ben").await.must("{ erasures { id } }", json!({})).await;
        assert!(hidden["erasures"].is_null());
    }
}
