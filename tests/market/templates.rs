//! Templates: rules under a name, the asker's own or for all.

use market::task::{PrizePlan, Rules, TaskState, Visibility};
use market::template::{DeleteTemplate, MOST_TEMPLATES, SaveTemplate, TemplateInput, built_in, moved};
use market::{Moment, PersonKind, Refusal, Role, TemplateId};
use tests::{Start, World, both};
use time::Duration;

fn template(name: &str, shared: bool) -> SaveTemplate {
    SaveTemplate(TemplateInput {
        name: name.to_owned(),
        shared,
        brief: "What is known:".to_owned(),
        criteria: String::new(),
        visibility: Visibility::Open,
        runs_seconds: 14 * 86_400,
        rules: Rules { plan: PrizePlan::WinnerTakesAll, ..Rules::default() },
    })
}

async fn names(world: &World, who: &str) -> Vec<String> {
    let templates = world.market.templates(&world.actor(who).await).await.unwrap();
    templates.into_iter().map(|one| one.input.name).collect()
}

async fn save(world: &World, who: &str, name: &str, shared: bool) -> TemplateId {
    world.must(who, template(name, shared)).await
}

both! {
    async fn a_template_comes_back_as_it_was_saved(world: &World) {
        let id = save(world, "mia", " Two weeks ", false).await;
        let seen = world.market.template(&world.actor("mia").await, id).await.unwrap();
        let SaveTemplate(saved) = template("Two weeks", false);
        assert_eq!(seen.input, saved);
        assert!(seen.may_delete);
    }

    async fn ones_own_come_first_and_only_what_is_for_all_is_seen_by_others(world: &World) {
        let own = save(world, "mia", "Own", false).await;
        save(world, "mia", "For all", true).await;
        save(world, "moe", "Another", false).await;
        assert_eq!(names(world, "mia").await, ["For all", "Own"]);
        assert_eq!(names(world, "moe").await, ["Another", "For all"]);
        let moe = world.actor("moe").await;
        assert_eq!(world.market.template(&moe, own).await.unwrap_err(), Refusal::NotFound);
    }

    async fn who_saved_it_deletes_it_and_an_admin_what_is_for_all(world: &World) {
        world.bring("root", PersonKind::Member, &[Role::Admin]).await;
        let (own, shared) = (save(world, "mia", "Own", false).await, save(world, "mia", "For all", true).await);
        for (who, template) in [("moe", own), ("moe", shared), ("root", own)] {
            let refusal = world.run(who, DeleteTemplate { template }).await.unwrap_err();
            assert_eq!(refusal, Refusal::NotFound, "{who}");
        }
        world.must("root", DeleteTemplate { template: shared }).await;
        world.must("mia", DeleteTemplate { template: own }).await;
        assert_eq!(names(world, "mia").await, Vec::<String>::new());
    }

    async fn a_template_is_named_once_and_bounded(world: &World) {
        save(world, "mia", "Two weeks", false).await;
        assert_eq!(world.refused("mia", template("Two weeks", true)).await, ["name taken"]);
        save(world, "moe", "Two weeks", false).await;
        let SaveTemplate(input) = template("", false);
        let odd = SaveTemplate(TemplateInput { runs_seconds: 60, ..input });
        assert_eq!(world.refused("mia", odd).await, ["name required", "runs_seconds out-of-range"]);
        for at in 1..MOST_TEMPLATES {
            save(world, "mia", &format!("Template {at}"), false).await;
        }
        assert_eq!(world.refused("mia", template("One more", false)).await, ["templates-full"]);
    }

    async fn outsiders_post_nothing_and_need_no_templates(world: &World) {
        world.bring("out", PersonKind::Contributor, &[]).await;
        assert_eq!(world.run("out", template("x", false)).await.unwrap_err(), Refusal::NotFound);
        let out = world.actor("out").await;
        assert_eq!(world.market.templates(&out).await.unwrap_err(), Refusal::NotFound);
    }

    async fn whatever_begins_with_a_built_in_one_can_be_saved_and_published(world: &World) {
        for known in built_in() {
            let rules = moved(known.input.rules, Moment(0), world.now());
            let runs = Duration::seconds(i64::from(known.input.runs_seconds));
            let start = Start { rules, runs, visibility: known.input.visibility, ..Start::default() };
            assert_eq!(world.race(start).await.state().await, TaskState::Open, "{}", known.slug);
        }
    }
}
