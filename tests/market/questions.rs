//! Questions and answers: the same for all, at the same instant, on record, and nobody is told who asked.

use market::question::{AnswerQuestion, AskQuestion, ClarifyTask, MOST_OPEN_QUESTIONS, QuestionView};
use market::race::WorkKind;
use market::task::Visibility;
use market::{PersonKind, QuestionId, Refusal};
use tests::{Race, Start, World, both};

fn ask(race: &Race<'_>, question: &str) -> AskQuestion {
    AskQuestion { task: race.task, question: question.to_owned() }
}

fn answer(question: QuestionId) -> AnswerQuestion {
    AnswerQuestion { question, answer: "Both are measured.".to_owned() }
}

async fn seen(world: &World, race: &Race<'_>, who: &str) -> Vec<QuestionView> {
    world.market.questions(&world.actor(who).await, race.task).await.unwrap()
}

both! {
    async fn everybody_reads_question_and_answer_and_nobody_who_asked(world: &World) {
        let race = world.race(Start::default()).await;
        let id = world.must("ada", ask(&race, "Is a cold cache allowed?")).await;
        for who in ["mia", "ben", "tess"] {
            let questions = seen(world, &race, who).await;
            assert_eq!(questions.len(), 1);
            assert_eq!(questions[0].asked.as_ref().unwrap().text, "Is a cold cache allowed?");
            assert!(!questions[0].mine, "{who}");
            assert_eq!(questions[0].may_answer, who == "mia");
            let record = questions[0].asked.as_ref().unwrap().record;
            let record = world.market.record(&world.actor(who).await, record).await.unwrap();
            assert_eq!(record.disclosures.len(), 1, "on record, for who sees the task");
            let said = String::from_utf8(record.disclosures[0].data.clone()).unwrap();
            assert!(said.contains("cold cache") && !said.contains("ada"), "{said}");
            let asker = world.person("ada").await.to_string();
            assert!(!said.contains(&asker));
        }
        assert!(seen(world, &race, "ada").await[0].mine);
        world.must("mia", answer(id)).await;
        for who in ["ada", "ben"] {
            let question = seen(world, &race, who).await.remove(0);
            assert_eq!(question.answer.unwrap().text, "Both are measured.");
            assert!(!question.may_answer);
        }
        assert_eq!(world.refused("mia", answer(id)).await, ["question-answered"], "an answer stays as it is");
    }

    async fn what_is_made_clear_unasked_is_for_all_as_well(world: &World) {
        let race = world.race(Start::default()).await;
        let clear = ClarifyTask { task: race.task, text: "The machine has two cores.".to_owned() };
        assert_eq!(world.run("ada", clear.clone()).await.unwrap_err(), Refusal::NotFound);
        world.must("mia", clear.clone()).await;
        let question = seen(world, &race, "ben").await.remove(0);
        assert_eq!((question.asked, question.answer.unwrap().text.as_str()), (None, "The machine has two cores."));
        race.close().await;
        assert_eq!(world.refused("mia", clear).await, ["deadline-passed"]);
    }

    async fn who_may_not_see_the_task_asks_nothing_and_reads_nothing(world: &World) {
        let (inside, open) = (
            world.race(Start::default()).await,
            world.race(Start { visibility: Visibility::Open, ..Start::default() }).await,
        );
        world.bring("out", PersonKind::Contributor, &[]).await;
        let id = world.must("ada", ask(&inside, "Where?")).await;
        let out = world.actor("out").await;
        assert_eq!(world.run("out", ask(&inside, "?")).await.unwrap_err(), Refusal::NotFound);
        assert_eq!(world.market.questions(&out, inside.task).await.unwrap_err(), Refusal::NotFound);
        assert_eq!(world.market.question(&out, id).await.unwrap_err(), Refusal::NotFound);
        assert_eq!(world.run("out", answer(id)).await.unwrap_err(), Refusal::NotFound);
        world.must("out", ask(&open, "May we use a library?")).await;
        assert_eq!(seen(world, &open, "ben").await.len(), 1);
        assert_eq!(world.run("mia", ask(&open, "?")).await.unwrap_err(), Refusal::NotFound, "the poster answers");
    }

    async fn nobody_floods_a_task_with_questions(world: &World) {
        let race = world.race(Start::default()).await;
        let mut first = None;
        for at in 0..MOST_OPEN_QUESTIONS {
            let id = world.must("ada", ask(&race, &format!("Question {at}?"))).await;
            first.get_or_insert(id);
        }
        assert_eq!(world.refused("ada", ask(&race, "One more?")).await, ["questions-wait"]);
        world.must("ben", ask(&race, "May others still ask?")).await;
        world.must("mia", answer(first.unwrap())).await;
        world.must("ada", ask(&race, "One more?")).await;
        let long = "x".repeat(2_001);
        assert_eq!(world.refused("cid", ask(&race, &long)).await, ["question too-long"]);
    }

    async fn an_open_question_waits_in_the_posters_work(world: &World) {
        let race = world.race(Start::default()).await;
        let waits = async || {
            let work = world.market.my_work(&world.actor("mia").await).await.unwrap();
            work.iter().filter(|item| item.kind == WorkKind::AnswerQuestion).count()
        };
        assert_eq!(waits().await, 0);
        let id = world.must("ada", ask(&race, "Where?")).await;
        assert_eq!(waits().await, 1);
        race.close().await;
        assert_eq!(waits().await, 1, "also after the stop");
        world.must("mia", answer(id)).await;
        assert_eq!(waits().await, 0);
    }
}
