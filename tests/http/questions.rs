//! Questions and answers by pages and by the API.

use market::task::Visibility;
use serde_json::json;
use tests::{Start, TestApp, both};
use time::Duration;

both! {
    async fn a_question_is_asked_and_answered_by_plain_forms_and_read_by_all(app: &TestApp) {
        let race = app.world.race(Start { visibility: Visibility::Open, ..Start::default() }).await;
        let task = format!("/tasks/{}", race.view().await.handle);
        let (ada, mia) = (app.browser("ada").await, app.browser("mia").await);
        let ask = format!("{task}/ask");
        assert_eq!(app.anonymous().get(&ask).await.status, 303, "a visitor is shown the door");
        let long = ada.fill(&ask, &ask, &[("question", &"x".repeat(2_001))]).await;
        assert_eq!(long.status, 422);
        assert!(long.text.contains(&"x".repeat(2_001)), "what was typed is kept");
        let asked = ada.fill(&ask, &ask, &[("question", "Is a cold *cache* allowed?")]).await;
        assert_eq!(asked.status, 303, "{}", asked.text);
        assert_eq!(mia.get(&ask).await.status, 404, "the poster has the answers");
        let page = app.anonymous().get(&task).await;
        assert!(page.text.contains("Is a cold <em>cache</em> allowed?"), "visitors of an open race read it");
        assert!(!page.text.contains("/people/ada"), "and nobody reads who asked");
        let seen = mia.get(&task).await;
        let at = seen.text.find("/questions/").expect("the poster can answer");
        let address = seen.text[at..].split('"').next().unwrap().to_owned();
        assert_eq!(ada.get(&address).await.status, 404);
        let answered = mia.fill(&address, &address, &[("answer", "Both are measured.")]).await;
        assert_eq!(answered.status, 303, "{}", answered.text);
        let clarify = format!("{task}/clarify");
        let clear = mia.fill(&clarify, &clarify, &[("text", "The machine has two cores.")]).await;
        assert_eq!(clear.status, 303, "{}", clear.text);
        let page = app.anonymous().get(&task).await;
        assert!(page.text.contains("Both are measured.") && page.text.contains("The machine has two cores."));
    }

    async fn the_api_asks_answers_and_tells_nobody_who_asked(app: &TestApp) {
        let race = app.world.race(Start::default()).await;
        let (ada, ben, mia) = (app.api("ada").await, app.api("ben").await, app.api("mia").await);
        let handle = json!({ "h": race.view().await.handle });
        let query = "query ($h: String!) { task(handle: $h) { id viewerCan { askQuestion { allowed } clarifyTask { allowed } } \
                     questions { id mine viewerMayAnswer asked { text record { kind } } answer { text } answeredBy { handle } } } }";
        let task = ada.must(query, handle.clone()).await["task"]["id"].clone();
        let ask = json!({ "task": task, "question": "Where?", "idempotencyKey": "a" });
        let id = ada.mutate("askQuestion", ask.clone(), "question { id mine }").await["question"]["id"].clone();
        let again = ada.mutate("askQuestion", ask, "question { id }").await["question"]["id"].clone();
        assert_eq!(again, id, "sent again, it is asked once");
        let seen = ben.must(query, handle.clone()).await;
        assert_eq!(
            seen["task"]["questions"],
            json!([{
                "id": id, "mine": false, "viewerMayAnswer": false, "answer": null, "answeredBy": null,
                "asked": { "text": "Where?", "record": { "kind": "EVIDENCE" } },
            }])
        );
        let node = ben.must("query ($i: ID!) { node(id: $i) { ... on Question { mine } } }", json!({ "i": id })).await;
        assert_eq!(node["node"]["mine"], false);
        let answer = json!({ "question": id, "answer": "Here.", "idempotencyKey": "b" });
        let query_as = "mutation ($i: AnswerQuestionInput!) { answerQuestion(input: $i) { question { id } } }";
        assert_eq!(ben.denied(query_as, json!({ "i": answer })).await, "NOT_FOUND");
        mia.mutate("answerQuestion", answer, "question { answer { text } }").await;
        let twice = json!({ "question": id, "answer": "There.", "idempotencyKey": "c" });
        assert_eq!(mia.refused("answerQuestion", twice).await, ["QUESTION_ANSWERED"]);
        app.world.wait(Duration::minutes(1));
        let clear = json!({ "task": task, "text": "By day.", "idempotencyKey": "d" });
        mia.mutate("clarifyTask", clear, "question { id }").await;
        let seen = ada.must(query, handle).await;
        assert_eq!(seen["task"]["viewerCan"]["askQuestion"]["allowed"], true);
        assert_eq!(seen["task"]["questions"][0]["answeredBy"]["handle"], "mia");
        assert_eq!(seen["task"]["questions"][1]["answer"]["text"], "By day.");
    }
}
