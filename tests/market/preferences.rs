//! How people want to read Saima: kept, followed by their mails, refused where it is nonsense, and erased.

use market::erasure::RequestErasure;
use market::notice::{ClaimMail, Language, MailMode, UpdateMailing};
use market::person::{Preferences, SetPreferences, Theme};
use market::{Actor, IdempotencyKey, PersonKind, Refusal, Role};
use tests::{World, both};

fn chosen(language: Option<Language>, zone: &str) -> SetPreferences {
    let time_zone = (!zone.is_empty()).then(|| zone.to_owned());
    SetPreferences(Preferences { language, time_zone, theme: Some(Theme::Dark) })
}

async fn held(world: &World, who: &str) -> Preferences {
    let actor = world.actor(who).await;
    actor.person().unwrap().preferences.clone()
}

both! {
    async fn what_somebody_chooses_is_theirs_until_they_choose_again(world: &World) {
        world.person("ada").await;
        world.person("ben").await;
        assert_eq!(held(world, "ada").await, Preferences::default());
        let kept = world.must("ada", chosen(Some(Language::ZhCn), "asia/shanghai")).await;
        assert_eq!(kept.time_zone.as_deref(), Some("Asia/Shanghai"), "as the database spells it");
        assert_eq!(held(world, "ada").await, kept);
        assert_eq!(held(world, "ben").await, Preferences::default());
        world.must("ada", SetPreferences(Preferences::default())).await;
        assert_eq!(held(world, "ada").await, Preferences::default());
    }

    async fn a_zone_that_nobody_lives_in_and_a_visitors_wish_are_refused(world: &World) {
        world.person("ada").await;
        for wrong in ["Mars/Base", "480", "../../etc/passwd", &"x".repeat(10_000)] {
            assert_eq!(world.refused("ada", chosen(None, wrong)).await, ["time_zone bad-choice"], "{wrong}");
        }
        assert_eq!(held(world, "ada").await, Preferences::default());
        let asked = world.market.run(&Actor::Visitor, chosen(None, "")).await;
        assert_eq!(asked, Err(Refusal::Unauthenticated));
    }

    async fn mails_follow_the_language_of_the_pages_until_another_is_chosen_for_them(world: &World) {
        let _same = world.market.clone().mailing_notices();
        world.person("ada").await;
        world.must("ada", chosen(Some(Language::ZhCn), "Asia/Shanghai")).await;
        assert_eq!(world.market.mailing(&world.actor("ada").await).await.unwrap().language, Language::ZhCn);
        world.give_person("ada", "1").await;
        let mails = world.market.run(&Actor::Clockwork, ClaimMail).await.unwrap();
        assert_eq!((mails[0].language, mails[0].time_zone.as_deref()), (Language::ZhCn, Some("Asia/Shanghai")));
        let english = UpdateMailing { mode: None, language: Some(Language::En) };
        world.must("ada", english).await;
        world.must("ada", chosen(Some(Language::ZhCn), "")).await;
        let mailing = async || world.market.mailing(&world.actor("ada").await).await.unwrap();
        assert_eq!(mailing().await.language, Language::En, "nothing changed but the zone");
        world.must("ada", UpdateMailing { mode: Some(MailMode::Daily), language: None }).await;
        world.must("ada", chosen(Some(Language::En), "")).await;
        world.must("ada", chosen(Some(Language::ZhCn), "")).await;
        assert_eq!(mailing().await.language, Language::ZhCn, "another language of the pages is one of the mails");
        assert_eq!(mailing().await.mode, MailMode::Daily);
    }

    async fn an_erased_person_leaves_no_language_and_no_place_behind(world: &World) {
        world.bring("root", PersonKind::Member, &[Role::Admin]).await;
        world.bring("aud", PersonKind::Member, &[Role::Auditor]).await;
        let ada = world.person("ada").await;
        world.must("ada", chosen(Some(Language::ZhCn), "Asia/Urumqi")).await;
        let ask = RequestErasure { person: ada, ground: "Art. 17".to_owned(), records: vec![] };
        let erasure = world.must("root", ask).await;
        let key = IdempotencyKey::parse("erase").unwrap();
        world.market.approve_erasure(&world.actor("aud").await, key, erasure).await.unwrap();
        let left = world.market.actor(ada).await.unwrap();
        assert_eq!(left.person().unwrap().preferences, Preferences::default());
    }
}
