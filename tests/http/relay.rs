//! The conventions of the API: nodes, connections, keys that are used once, permissions as data.

use serde_json::{Value, json};
use tests::{Start, TestApp, both};

both! {
    async fn every_node_is_found_again_by_its_id(app: &TestApp) {
        let race = app.world.race(Start::default()).await;
        race.run("ada").await;
        app.world.unit("red", "ada", &["ben"]).await;
        app.tick().await;
        let ada = app.api("ada").await;
        let all = ada.must(
            "{ viewer { person { id } wallet { id } } units { nodes { id } } records(first: 2) { nodes { id } }
               tasks { nodes { id entries { id submissions { id } } } } }",
            json!({}),
        ).await;
        let mut ids = Vec::new();
        collect(&all, &mut ids);
        assert!(ids.len() >= 7, "{ids:?}");
        for id in &ids {
            let node = ada.must("query ($id: ID!) { node(id: $id) { id } }", json!({ "id": id })).await;
            assert_eq!(&node["node"]["id"], id);
        }
        let nodes = ada.must("query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", json!({ "ids": ids })).await;
        let found: Vec<&Value> = nodes["nodes"].as_array().unwrap().iter().map(|node| &node["id"]).collect();
        assert_eq!(found, ids.iter().collect::<Vec<_>>(), "in the order asked");
    }

    async fn a_connection_is_walked_forward_and_backward_to_the_same_list(app: &TestApp) {
        for slug in ["ash", "birch", "cedar", "dogwood", "elm"] {
            app.world.unit(slug, "ada", &[]).await;
        }
        let ada = app.api("ada").await;
        let whole =
            ada.must("{ units { totalCount nodes { slug } edges { cursor } } }", json!({})).await["units"]
                .clone();
        assert_eq!((whole["totalCount"].as_u64(), whole["nodes"].as_array().unwrap().len()), (Some(5), 5));
        let forward = "query ($c: String) { units(first: 2, after: $c) { nodes { slug } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }";
        let backward = "query ($c: String) { units(last: 2, before: $c) { nodes { slug } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }";
        let (mut there, mut cursor, mut pages) = (Vec::new(), Value::Null, 0);
        loop {
            let page = ada.must(forward, json!({ "c": cursor })).await["units"].clone();
            there.extend(page["nodes"].as_array().unwrap().clone());
            cursor = page["pageInfo"]["endCursor"].clone();
            pages += 1;
            if page["pageInfo"]["hasNextPage"] == false {
                break;
            }
        }
        let (mut back, mut cursor) = (Vec::new(), Value::Null);
        loop {
            let page = ada.must(backward, json!({ "c": cursor })).await["units"].clone();
            let nodes = page["nodes"].as_array().unwrap().clone();
            back.splice(0..0, nodes);
            cursor = page["pageInfo"]["startCursor"].clone();
            if page["pageInfo"]["hasPreviousPage"] == false {
                break;
            }
        }
        assert_eq!(pages, 3);
        assert_eq!((&json!(there), &json!(back)), (&whole["nodes"], &whole["nodes"]));
    }

    async fn a_key_used_again_answers_the_same_and_does_nothing_more(app: &TestApp) {
        app.world.give_person("ada", "10").await;
        let ada = app.api("ada").await;
        app.world.person("ben").await;
        let people = ada.must("{ viewer { person { id } } person(handle: \"ben\") { id } }", json!({})).await;
        let input = |amount: &str| json!({ "from": people["viewer"]["person"]["id"], "to": people["person"]["id"], "amount": amount, "idempotencyKey": "once" });
        let first = ada.mutate("transferTokens", input("4"), "record { id }").await;
        let second = ada.mutate("transferTokens", input("4"), "record { id }").await;
        assert_eq!(first, second);
        assert_eq!(app.world.balance("ada").await, "6.00");
        let query =
            "mutation ($i: TransferTokensInput!) { transferTokens(input: $i) { userErrors { code } } }";
        assert_eq!(ada.denied(query, json!({ "i": input("5") })).await, "IDEMPOTENCY_KEY_REUSED");
        assert_eq!(app.world.balance("ada").await, "6.00");
    }

    async fn what_the_viewer_can_do_comes_with_the_reason_why_not(app: &TestApp) {
        let race = app.world.race(Start::default()).await;
        race.run("ada").await;
        let query = "{ tasks { nodes { serverTime closesAt viewerCan { enterRace { allowed reason code } cancelTask { allowed reason code } } } } }";
        let mia = app.api("mia").await.must(query, json!({})).await["tasks"]["nodes"][0].clone();
        assert_eq!(mia["viewerCan"]["enterRace"]["allowed"], false);
        assert_eq!(
            (
                mia["viewerCan"]["cancelTask"]["allowed"].as_bool(),
                mia["viewerCan"]["cancelTask"]["code"].as_str()
            ),
            (Some(false), Some("NOT_CANCELLABLE"))
        );
        assert!(mia["viewerCan"]["cancelTask"]["reason"].as_str().unwrap().contains("submitted"));
        assert_eq!(mia["serverTime"], "2026-11-21T08:00:00Z");
        let ben = app.api("ben").await.must(query, json!({})).await["tasks"]["nodes"][0].clone();
        assert_eq!(ben["viewerCan"]["enterRace"]["allowed"], true);
    }

    async fn what_asks_for_a_person_is_told_so(app: &TestApp) {
        let visitor = app.anonymous();
        for query in [
            "mutation { updateProfile(input: { name: \"X\" }) { userErrors { code } } }",
            "mutation { createUnit(input: { slug: \"x1\", name: \"X\", purpose: \"X\", idempotencyKey: \"k\" }) { userErrors { code } } }",
        ] {
            assert_eq!(visitor.denied(query, json!({})).await, "UNAUTHENTICATED", "{query}");
        }
        assert!(visitor.must("{ viewer { roles } }", json!({})).await["viewer"].is_null());
    }

    async fn an_invitation_is_shown_once_and_opens_one_door(app: &TestApp) {
        app.world.bring("root", market::PersonKind::Member, &[market::Role::Admin]).await;
        let root = app.api("root").await;
        let invited = root
            .mutate(
                "invitePerson",
                json!({ "email": "new@dawn.example", "roles": ["MANAGER"] }),
                "secret invitation { email roles }",
            )
            .await;
        let secret = invited["secret"].as_str().unwrap().to_owned();
        let listed = root.must("{ invitations { email acceptedBy { handle } } }", json!({})).await;
        assert!(!listed.to_string().contains(&secret));
        let accept =
            json!({ "secret": secret, "handle": "newcomer", "name": "New", "password": tests::PASSWORD });
        app.anonymous().mutate("acceptInvitation", accept.clone(), "viewer { roles }").await;
        let mut again = accept;
        again["handle"] = json!("newcomer-two");
        let errors = app.anonymous().refused("acceptInvitation", again).await;
        assert!(errors[0].ends_with("INVITATION_UNUSABLE"), "{errors:?}");
    }
}

/// Every `id` below.
fn collect(value: &Value, ids: &mut Vec<Value>) {
    match value {
        Value::Object(fields) => {
            ids.extend(fields.get("id").cloned());
            fields.values().for_each(|field| collect(field, ids));
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, ids)),
        _ => {}
    }
}
