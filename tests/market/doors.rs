//! The doors people come through: sign-up, invitation, sign-in, sessions, refresh tokens, roles.

use market::person::{AcceptInvitation, GrantRole, InvitePerson, RevokeRole, SignInInput, SignUp};
use market::{Actor, Page, PersonKind, Refusal, Role};
use tests::{PASSWORD, World, both, problem_codes};
use time::Duration;

fn sign_in(handle: &str, password: &str) -> SignInInput {
    SignInInput {
        email: format!("{handle}@dawn.example"),
        password: password.to_owned(),
        from: "192.0.2.1".to_owned(),
    }
}

fn sign_up(handle: &str) -> SignUp {
    SignUp {
        email: format!("{handle}@dawn.example"),
        handle: handle.to_owned(),
        name: "Somebody New".to_owned(),
        password: PASSWORD.to_owned(),
    }
}

both! {
    async fn the_right_password_opens_and_every_other_gets_one_answer(world: &World) {
        let ada = world.person("ada").await;
        assert_eq!(world.market.sign_in(sign_in("ada", PASSWORD)).await.unwrap(), ada);
        let shouted = SignInInput { email: " ADA@Dawn.Example ".to_owned(), ..sign_in("ada", PASSWORD) };
        assert_eq!(world.market.sign_in(shouted).await.unwrap(), ada);
        let wrong = world.market.sign_in(sign_in("ada", "not this one")).await.unwrap_err();
        let unknown = world.market.sign_in(sign_in("nobody", PASSWORD)).await.unwrap_err();
        let empty = world.market.sign_in(sign_in("", "")).await.unwrap_err();
        assert_eq!(problem_codes(&wrong), ["wrong-password"]);
        assert_eq!((&unknown, &empty), (&wrong, &wrong));
    }

    async fn ten_wrong_passwords_close_the_door_for_a_quarter_of_an_hour(world: &World) {
        world.person("ada").await;
        for _ in 0..10 {
            let refusal = world.market.sign_in(sign_in("ada", "a guess")).await.unwrap_err();
            assert_eq!(problem_codes(&refusal), ["wrong-password"]);
        }
        let refusal = world.market.sign_in(sign_in("ada", PASSWORD)).await.unwrap_err();
        let Refusal::TooMany { retry_after } = refusal else { panic!("{refusal:?}") };
        assert!((900..=901).contains(&retry_after), "{retry_after}");
        world.person("ben").await;
        world.market.sign_in(sign_in("ben", PASSWORD)).await.unwrap();
        world.wait(Duration::minutes(15));
        world.market.sign_in(sign_in("ada", PASSWORD)).await.unwrap();
    }

    async fn one_client_cannot_try_the_passwords_of_everybody(world: &World) {
        for at in 0..60 {
            let refusal = world.market.sign_in(sign_in(&format!("guess-{at}"), "a guess")).await.unwrap_err();
            assert_eq!(problem_codes(&refusal), ["wrong-password"], "{at}");
        }
        let refusal = world.market.sign_in(sign_in("guess-60", "a guess")).await.unwrap_err();
        assert!(matches!(refusal, Refusal::TooMany { .. }), "{refusal:?}");
        let elsewhere = SignInInput { from: "192.0.2.2".to_owned(), ..sign_in("guess-60", "a guess") };
        assert_eq!(problem_codes(&world.market.sign_in(elsewhere).await.unwrap_err()), ["wrong-password"]);
    }

    async fn a_session_holds_for_thirty_days_and_ends_when_it_is_closed(world: &World) {
        let ada = world.person("ada").await;
        let first = world.market.open_session(ada).await.unwrap();
        let second = world.market.open_session(ada).await.unwrap();
        let session = world.market.session(&first.secret).await.unwrap().unwrap();
        assert_eq!((session.person, &session.csrf), (ada, &first.csrf));
        world.market.close_session(&first.secret).await.unwrap();
        assert!(world.market.session(&first.secret).await.unwrap().is_none());
        assert!(world.market.session(&second.secret).await.unwrap().is_some());
        assert!(world.market.session("a guess").await.unwrap().is_none());
        world.clock.set(market::Moment(second.expires_at.0 - 1));
        assert!(world.market.session(&second.secret).await.unwrap().is_some());
        world.clock.set(second.expires_at);
        assert!(world.market.session(&second.secret).await.unwrap().is_none());
    }

    async fn a_refresh_token_rotates_and_its_reuse_ends_the_family(world: &World) {
        let ada = world.person("ada").await;
        let other = world.market.open_refresh(ada).await.unwrap();
        let first = world.market.open_refresh(ada).await.unwrap();
        let (who, second) = world.market.rotate_refresh(&first.secret).await.unwrap();
        assert_eq!(who, ada);
        let (_, third) = world.market.rotate_refresh(&second.secret).await.unwrap();
        let stolen = world.market.rotate_refresh(&first.secret).await.unwrap_err();
        assert_eq!(problem_codes(&stolen), ["token-unusable"]);
        let ended = world.market.rotate_refresh(&third.secret).await.unwrap_err();
        assert_eq!(problem_codes(&ended), ["token-unusable"], "a theft ends the whole family");
        world.market.rotate_refresh(&other.secret).await.unwrap();
    }

    async fn signing_out_ends_the_refresh_tokens_of_that_sign_in(world: &World) {
        let ada = world.person("ada").await;
        let first = world.market.open_refresh(ada).await.unwrap();
        let (_, second) = world.market.rotate_refresh(&first.secret).await.unwrap();
        world.market.end_refresh(&second.secret).await.unwrap();
        assert!(world.market.rotate_refresh(&second.secret).await.is_err());
    }

    async fn a_refresh_token_ends_after_thirty_days(world: &World) {
        let ada = world.person("ada").await;
        let token = world.market.open_refresh(ada).await.unwrap();
        world.clock.set(token.expires_at);
        assert!(world.market.rotate_refresh(&token.secret).await.is_err());
    }

    async fn whoever_signs_up_comes_from_outside_and_is_told_nothing_about_others(world: &World) {
        world.market.sign_up(&Actor::Visitor, sign_up("otto")).await.unwrap();
        let otto = world.market.sign_in(sign_in("otto", PASSWORD)).await.unwrap();
        let actor = world.market.actor(otto).await.unwrap();
        assert_eq!(actor.person().unwrap().kind, PersonKind::Contributor);
        assert!(actor.person().unwrap().roles.is_empty());

        let again = SignUp {
            handle: "otto-two".to_owned(),
            password: "another password".to_owned(),
            ..sign_up("otto")
        };
        world.market.sign_up(&Actor::Visitor, again).await.unwrap();
        assert!(
            world.market.sign_in(sign_in("otto", "another password")).await.is_err(),
            "nothing was changed"
        );
        world.market.sign_in(sign_in("otto", PASSWORD)).await.unwrap();
    }

    async fn weak_and_odd_sign_ups_are_refused(world: &World) {
        world.person("ada").await;
        let table = [
            (SignUp { password: "short".to_owned(), ..sign_up("otto") }, "password weak-password"),
            (
                SignUp { password: "otto@dawn.example".to_owned(), ..sign_up("otto") },
                "password weak-password",
            ),
            (SignUp { password: "p".repeat(129), ..sign_up("otto") }, "password too-long"),
            (SignUp { email: "otto".to_owned(), ..sign_up("otto") }, "email bad-email"),
            (SignUp { email: "otto\r\nbcc: x@y.example".to_owned(), ..sign_up("otto") }, "email bad-email"),
            (SignUp { handle: "Otto!".to_owned(), ..sign_up("otto") }, "handle bad-handle"),
            (SignUp { handle: "ada".to_owned(), ..sign_up("otto") }, "handle taken"),
            (SignUp { name: "\u{0}".to_owned(), ..sign_up("otto") }, "name control-characters"),
        ];
        for (input, expected) in table {
            let refusal = world.market.sign_up(&Actor::Visitor, input).await.unwrap_err();
            assert!(problem_codes(&refusal).iter().any(|code| code == expected), "{expected}: {refusal:?}");
        }
    }

    async fn an_invitation_brings_in_one_member_within_two_weeks(world: &World) {
        world.bring("root", PersonKind::Member, &[Role::Admin]).await;
        let invite = |email: &str| InvitePerson { email: email.to_owned(), roles: vec![Role::Manager] };
        let accept = |secret: &str, handle: &str| AcceptInvitation {
            secret: secret.to_owned(),
            handle: handle.to_owned(),
            name: "New Manager".to_owned(),
            password: PASSWORD.to_owned(),
        };
        assert_eq!(world.run("ada", invite("mo@dawn.example")).await.unwrap_err(), Refusal::NotFound);
        let first = world.must("root", invite("mo@dawn.example")).await;
        let mo = world.market.accept_invitation(&Actor::Visitor, accept(&first.secret, "mo")).await.unwrap();
        let actor = world.market.actor(mo).await.unwrap();
        assert_eq!(
            (actor.person().unwrap().kind, actor.person().unwrap().roles.clone()),
            (PersonKind::Member, vec![Role::Manager])
        );
        let twice = world
            .market
            .accept_invitation(&Actor::Visitor, accept(&first.secret, "mo-two"))
            .await
            .unwrap_err();
        assert!(problem_codes(&twice)[0].ends_with("invitation-unusable"), "{twice:?}");

        let late = world.must("root", invite("li@dawn.example")).await;
        world.clock.set(late.expires_at);
        let late =
            world.market.accept_invitation(&Actor::Visitor, accept(&late.secret, "li")).await.unwrap_err();
        assert!(problem_codes(&late)[0].ends_with("invitation-unusable"), "{late:?}");
    }

    async fn roles_are_an_admins_to_give_and_the_last_admin_stays(world: &World) {
        let root = world.bring("root", PersonKind::Member, &[Role::Admin]).await;
        let ada = world.person("ada").await;
        let grant = GrantRole { person: ada, role: Role::Admin };
        assert_eq!(world.run("ada", grant.clone()).await.unwrap_err(), Refusal::NotFound);
        let revoke = RevokeRole { person: root, role: Role::Admin };
        let codes = world.refused("root", revoke.clone()).await;
        assert!(codes[0].ends_with("last-admin"), "{codes:?}");
        world.must("root", grant).await;
        world.must("ada", revoke).await;
        assert!(world.actor("root").await.person().unwrap().roles.is_empty());
    }

    async fn outsiders_bear_no_roles(world: &World) {
        world.bring("root", PersonKind::Member, &[Role::Admin]).await;
        let otto = world.outsider("otto").await;
        let codes = world.refused("root", GrantRole { person: otto, role: Role::Treasurer }).await;
        assert!(codes[0].ends_with("not-member"), "{codes:?}");
    }

    async fn an_address_is_shown_to_its_owner_and_to_admins(world: &World) {
        world.bring("root", PersonKind::Member, &[Role::Admin]).await;
        let ada = world.person("ada").await;
        world.outsider("otto").await;
        for (who, sees) in [("ada", true), ("root", true), ("ben", false), ("otto", false)] {
            let seen = world.market.person(&world.actor(who).await, ada).await.unwrap();
            assert_eq!(seen.email.is_some(), sees, "{who}");
        }
        assert_eq!(world.market.person(&Actor::Visitor, ada).await.unwrap_err(), Refusal::NotFound);
        assert!(world.market.people(&world.actor("otto").await, Page::default()).await.is_err());
    }
}
