//! Templates by pages and by the API.

use serde_json::json;
use tests::{Start, TestApp, both};

both! {
    async fn rules_are_kept_by_the_form_and_fill_the_next_one(app: &TestApp) {
        let mia = app.browser("mia").await;
        let fields = [
            ("brief", "What is known: nothing."),
            ("visibility", "open"),
            ("closes_at", "2026-12-01T08:00"),
            ("source", "person"),
            ("rules.plan", "threshold"),
            ("rules.plan.threshold.places", "3"),
            ("rules.plan.threshold.prize", "300"),
            ("rules.mark", "60"),
            ("rules.evidence.0.title", "A report"),
            ("rules.evidence.0.kind", "file"),
            ("rules.evidence.0.file", "*.pdf"),
            ("do", "template"),
        ];
        let unnamed = mia.fill("/tasks/new", "/tasks/new", &fields).await;
        assert_eq!(unnamed.status, 422);
        assert!(unnamed.text.contains("id=\"e-template.name\""), "{}", unnamed.text);
        let named = [&fields[..], &[("template.name", "Five <good> lists"), ("template.shared", "on")]].concat();
        let kept = mia.fill("/tasks/new", "/tasks/new", &named).await;
        assert_eq!(kept.status, 200, "{}", kept.text);
        assert!(kept.text.contains("Kept as a template"));
        let moe = app.browser("moe").await;
        let list = moe.get("/templates").await;
        assert!(list.text.contains("Five &#60;good&#62; lists") || list.text.contains("Five &lt;good&gt; lists"));
        assert!(!list.text.contains("/delete"), "only who saved it, or an admin");
        let at = list.text.find("/tasks/new?template=0").expect("a saved one");
        let address = list.text[at..].split('"').next().unwrap().to_owned();
        let form = moe.get(&address).await.form("/tasks/new");
        let value = |name: &str| form.iter().find(|(field, _)| field == name).map(|(_, value)| value.clone());
        assert_eq!(value("brief").as_deref().map(str::trim), Some("What is known: nothing."));
        assert_eq!(value("rules.plan").as_deref(), Some("threshold"));
        assert_eq!(value("rules.evidence.0.file").as_deref(), Some("*.pdf"));
        let own = mia.get("/templates").await;
        let at = own.text.find("/templates/").expect("a way to delete it");
        let delete = own.text[at..].split('"').next().unwrap().to_owned();
        assert_eq!(mia.fill("/templates", &delete, &[]).await.status, 303);
        assert_eq!(moe.get(&address).await.status, 404);
    }

    async fn another_task_is_begun_with_one_that_was(app: &TestApp) {
        let race = app.world.race(Start::default()).await;
        let handle = race.view().await.handle;
        let ada = app.browser("ada").await;
        let page = ada.get(&format!("/tasks/{handle}")).await;
        assert!(page.text.contains(&format!("/tasks/new?from={handle}")));
        let form = ada.get(&format!("/tasks/new?from={handle}")).await.form("/tasks/new");
        assert!(form.iter().any(|(name, value)| name == "criteria" && value.contains("All tests pass.")));
        assert!(form.iter().all(|(name, value)| name != "bounty" || value.is_empty()), "its bounty is its own");
        assert_eq!(ada.get("/tasks/new?template=none-such").await.status, 404);
        assert_eq!(app.anonymous().get("/templates").await.status, 404);
    }

    async fn the_api_saves_lists_and_deletes_them(app: &TestApp) {
        let (mia, moe) = (app.api("mia").await, app.api("moe").await);
        let rules = json!({ "plan": { "winnerTakesAll": true } });
        let input = json!({ "name": "Dash", "shared": true, "rules": rules, "runsSeconds": 86_400, "idempotencyKey": "a" });
        let made = mia.mutate("saveTemplate", input, "template { id name shared runsSeconds visibility }").await;
        let made = &made["template"];
        assert_eq!(made["visibility"], "INTERNAL");
        let query = "{ templates { id name by { handle } rules { plan { kind } } viewerMayDelete } }";
        let seen = moe.must(query, json!({})).await;
        assert_eq!(
            seen["templates"],
            json!([{
                "id": made["id"], "name": "Dash", "by": { "handle": "mia" },
                "rules": { "plan": { "kind": "WINNER_TAKES_ALL" } }, "viewerMayDelete": false,
            }])
        );
        let delete = json!({ "template": made["id"], "idempotencyKey": "b" });
        let mutation = "mutation ($i: DeleteTemplateInput!) { deleteTemplate(input: $i) { deletedId } }";
        assert_eq!(moe.denied(mutation, json!({ "i": delete })).await, "NOT_FOUND");
        mia.mutate("deleteTemplate", delete, "deletedId").await;
        assert_eq!(moe.must(query, json!({})).await["templates"], json!([]));
    }
}
