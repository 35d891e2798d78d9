//! One box that finds everything that the asker may see, and nothing else.

use market::task::{CreateTask, PublishTask, TaskInput, Visibility};
use market::{PersonKind, Role};
use serde_json::json;
use tests::{Start, TestApp, both};

const ASK: &str = "query ($words: String!) { search(words: $words) {
    tasks { title } people { handle } units { slug } programmes { slug } record { index } } }";

/// An internal and an open task by mia, the unit red, the programme key-parts, the outsider otto.
async fn world(app: &TestApp) {
    let world = &app.world;
    world.bring("mia", PersonKind::Member, &[Role::Manager]).await;
    world.unit("red", "mia", &[]).await;
    world.programme("key-parts", "olga", "mia", "500").await;
    world.outsider("otto").await;
    world.give_person("mia", "2000").await;
    let titled = [
        ("Halve the 启动时间 of the gateway", Visibility::Internal),
        ("A gateway for 100% of visitors", Visibility::Open),
    ];
    for (title, visibility) in titled {
        let input = Start { visibility, ..Start::default() }.input(world);
        let task = world.must("mia", CreateTask(TaskInput { title: title.to_owned(), ..input })).await;
        world.must("mia", PublishTask { task }).await;
    }
    app.tick().await;
}

both! {
    async fn each_finds_what_is_theirs_to_see(app: &TestApp) {
        world(app).await;
        let (mia, otto) = (app.api("mia").await, app.api("otto").await);
        let found = async |asker: &tests::HttpAsker, words: &str| {
            asker.must(ASK, json!({ "words": words })).await["search"].clone()
        };
        let titles = |found: &serde_json::Value| found["tasks"].as_array().unwrap().len();
        let all = found(&mia, "GATEWAY").await;
        assert_eq!(titles(&all), 2, "{all}");
        assert_eq!(titles(&found(&mia, "gateway halve").await), 1, "words in any order");
        assert_eq!(titles(&found(&mia, "启动").await), 1, "a part of a word");
        assert_eq!(titles(&found(&mia, "0%").await), 1, "a percent sign is one");
        assert_eq!(titles(&found(&mia, "g%y").await), 0, "and nothing else");
        assert_eq!(found(&mia, "red").await["units"], json!([{ "slug": "red" }]));
        assert_eq!(found(&mia, "PARTS").await["programmes"], json!([{ "slug": "key-parts" }]));
        assert_eq!(found(&mia, "#0").await["record"], json!({ "index": 0 }));
        let nothing = json!({ "tasks": [], "people": [], "units": [], "programmes": [], "record": null });
        assert_eq!(found(&mia, "  ").await, nothing);

        assert_eq!(titles(&found(&otto, "gateway").await), 1, "open ones only");
        for inside in ["red", "parts", "halve", "启动"] {
            let told = found(&otto, inside).await;
            assert_eq!(titles(&told), 0, "{inside}: {told}");
            assert_eq!((&told["units"], &told["programmes"]), (&json!([]), &json!([])), "{inside}");
        }
        assert_eq!(found(&app.anonymous(), "otto").await, nothing, "a visitor looks up nobody who rides nowhere");
    }

    async fn one_box_on_a_page_finds_and_says_when_there_is_nothing(app: &TestApp) {
        world(app).await;
        let mia = app.browser("mia").await;
        let page = mia.get("/search?q=gateway").await;
        assert_eq!(page.status, 200);
        assert!(page.text.contains("of the gateway") && page.text.contains("100% of visitors"), "{}", page.text);
        let people = mia.get("/search?q=otto").await.text;
        assert!(people.contains("href=\"/people/otto\""), "{people}");
        assert!(mia.get("/search?q=%230").await.text.contains(">#0</a>"));
        assert!(mia.get("/search?q=nowhere%20to%20be%20seen").await.text.contains("Nothing found"));
        let long = format!("/search?q={}", "x".repeat(3_000));
        assert_eq!(mia.get(&long).await.status, 200, "too long is cut");
        let visitor = app.anonymous().get("/search?q=gateway").await.text;
        assert!(visitor.contains("100% of visitors") && !visitor.contains("Halve"), "{visitor}");
    }
}
