//! What was just done is taken back by the button beside its notice.

use tests::{Answer, HttpAsker, TestApp, both};

/// Sends the form of the notice on `page`, which goes to `action`.
async fn undo(asker: &HttpAsker, page: &Answer, action: &str) -> Answer {
    let at = page.text.find("data-toast").expect("an undo is offered");
    let own = page.text[at..].split("</form>").next().unwrap().to_owned();
    assert!(own.contains(&format!("action=\"{action}\"")), "{own}");
    let mut fields = Vec::new();
    for input in own.split("<input type=\"hidden\" ").skip(1) {
        let value =
            |name: &str| input.split(&format!("{name}=\"")).nth(1).unwrap().split('"').next().unwrap();
        fields.push((value("name"), value("value")));
    }
    asker.post(action, &fields).await
}

both! {
    async fn a_member_who_was_added_by_mistake_is_out_again_by_one_button(app: &TestApp) {
        app.world.unit("red", "olga", &[]).await;
        app.world.person("ben").await;
        let olga = app.browser("olga").await;
        let added = olga.fill("/units/red", "/units/red/add", &[("person", "ben")]).await;
        assert_eq!(added.status, 303, "{}", added.text);
        let page = olga.get("/units/red").await;
        let taken_back = undo(&olga, &page, "/units/red/remove").await;
        assert_eq!(taken_back.status, 303, "{}", taken_back.text);
        let page = olga.get("/units/red").await;
        assert!(!page.text.contains("/people/ben\""), "{}", page.text);
        // And that can be taken back as well.
        assert_eq!(undo(&olga, &page, "/units/red/add").await.status, 303);
        assert!(olga.get("/units/red").await.text.contains("/people/ben\""));
        assert!(!olga.get("/units/red").await.text.contains("data-toast"), "it is offered once");
    }

    async fn who_switched_to_a_language_they_cannot_read_finds_back(app: &TestApp) {
        let visitor = app.anonymous();
        let fields = [("lang", "zh-CN"), ("back", "/tasks")];
        assert_eq!(visitor.fill("/tasks", "/preferences", &fields).await.location(), "/tasks");
        let page = visitor.get("/tasks").await;
        assert!(page.text.contains("lang=\"zh-CN\"") && page.text.contains("撤销"), "{}", page.text);
        assert_eq!(undo(&visitor, &page, "/preferences").await.location(), "/tasks");
        assert!(visitor.get("/tasks").await.text.contains("<html lang=\"en\""));
    }

    async fn a_name_comes_back(app: &TestApp) {
        let ada = app.browser("ada").await;
        let done = ada.fill("/people/ada", "/profile", &[("name", "Adelaide")]).await;
        assert_eq!(done.status, 303, "{}", done.text);
        let page = ada.get("/people/ada").await;
        assert!(page.text.contains("Adelaide"));
        assert_eq!(undo(&ada, &page, "/profile").await.status, 303);
        ada.get("/people/ada").await;
        assert!(!ada.get("/people/ada").await.text.contains("Adelaide"), "the notice is told once");
    }

    async fn nothing_is_offered_for_what_moves_tokens(app: &TestApp) {
        app.world.give_person("ada", "10").await;
        app.world.person("ben").await;
        let ada = app.browser("ada").await;
        let fields = [("to", "ben"), ("amount", "1")];
        assert_eq!(ada.fill_and_confirm("/wallet/send", "/wallet/send", &fields).await.status, 303);
        let page = ada.get("/wallet").await;
        let toast = page.text.split("data-toast").nth(1).expect("it is told").split("</div>").next().unwrap();
        assert!(!toast.contains("<form"), "{toast}");
    }
}
