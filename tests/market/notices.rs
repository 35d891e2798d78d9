//! The outbox: what is written with a command, for whom, and that nothing is written with a refused one.

use market::books::audit;
use market::judging::{AnswerAppeal, AppealRuling};
use market::notice::{
    ClaimMail, Kind, Language, Mail, MailMode, Outcome, RecordMail, SweepNotices, UpdateMailing,
};
use market::person::{GrantRole, InvitePerson, RevokeRole};
use market::race::{CrewShare, DeclineCrew, EnterRace};
use market::task::{CancelTask, ExtendDeadline, PublishTask};
use market::wallet::TransferTokens;
use market::{Actor, PersonKind, Refusal, Role, WalletOwner};
use sea_orm::ConnectionTrait;
use tests::{Start, World, both};
use time::Duration;

/// A market that can send mail.
fn told(world: &World) {
    let _same = world.market.clone().mailing_notices();
}

/// Claims all that is due, as the job does.
async fn claim(world: &World) -> Vec<Mail> {
    let mut all = Vec::new();
    loop {
        let some = world.market.run(&Actor::Clockwork, ClaimMail).await.unwrap();
        if some.is_empty() {
            return all;
        }
        all.extend(some);
    }
}

async fn record(world: &World, mail: &Mail, outcome: Outcome) {
    let notices = mail.notices.iter().map(|notice| notice.id).collect();
    world.market.run(&Actor::Clockwork, RecordMail { notices, outcome }).await.unwrap();
}

/// What waits, each as `who kind`, sorted; and it is sent.
async fn mailbox(world: &World) -> Vec<String> {
    let mut lines = Vec::new();
    for mail in claim(world).await {
        record(world, &mail, Outcome::Sent).await;
        let who = mail.email.split('@').next().unwrap();
        lines.extend(mail.notices.iter().map(|notice| format!("{who} {}", notice.kind)));
    }
    lines.sort();
    lines
}

both! {
    async fn everybody_concerned_is_told_and_who_did_it_is_not(world: &World) {
        told(world);
        world.give_person("mia", "1000").await;
        mailbox(world).await;
        let race = world.race(Start::default()).await;
        assert_eq!(mailbox(world).await, ["mia tokens.received"], "from the treasury, twice given once told");
        let share = |person| CrewShare { person, share: 5_000 };
        let crew = vec![share(world.person("ada").await), share(world.person("ben").await)];
        let entry = world.must("ada", EnterRace { crew, ..race.alone() }).await;
        assert_eq!(mailbox(world).await, ["ben crew.asked"]);
        world.must("ben", world.agreeing("ben", entry).await).await;
        assert_eq!(mailbox(world).await, ["ada crew.agreed"]);
        race.submit("ben", entry).await;
        assert_eq!(mailbox(world).await, ["ada submission.received"]);
        let closes_at = race.view().await.closes_at.plus_seconds(3_600);
        world.must("mia", ExtendDeadline { task: race.task, closes_at }).await;
        assert_eq!(mailbox(world).await, ["ada task.extended", "ben task.extended"]);
        race.close().await;
        assert_eq!(mailbox(world).await, Vec::<String>::new());
        world.market.keep_time().await.unwrap();
        world.market.keep_time().await.unwrap();
        assert_eq!(mailbox(world).await, ["mia task.closed"], "once");
        race.rule(&[(entry, 1)]).await;
        assert_eq!(mailbox(world).await, ["ada race.ruled", "ben race.ruled"]);
        race.settle().await;
        let paid = ["ada payout.received", "ben payout.received", "mia refund.received", "mia task.settled"];
        assert_eq!(mailbox(world).await, paid);
    }

    async fn appeals_reach_those_who_may_answer_and_answers_the_crew_and_the_judges(world: &World) {
        told(world);
        let race = world.race(Start::default()).await;
        let (ada, ben) = (race.run("ada").await, race.run("ben").await);
        race.close().await;
        race.rule(&[(ada, 1), (ben, 2)]).await;
        mailbox(world).await;
        let appeal = world.must("ben", AppealRuling { entry: ben, grounds: "No.".to_owned() }).await;
        assert_eq!(mailbox(world).await, ["tess appeal.filed"], "not the poster, who ruled");
        let answer = AnswerAppeal { appeal, uphold: true, answer: "Yes.".to_owned(), criterion: None };
        world.must("tess", answer.clone()).await;
        assert_eq!(mailbox(world).await, ["ben appeal.upheld", "mia appeal.upheld"]);
        assert!(world.run("tess", answer).await.is_err());
        assert_eq!(mailbox(world).await, Vec::<String>::new());
    }

    async fn whose_tokens_come_back_is_told_and_how_many(world: &World) {
        told(world);
        let race = world.race(Start::default()).await;
        race.enter("ada").await;
        mailbox(world).await;
        world.must("mia", CancelTask { task: race.task, reason: "Not needed.".to_owned() }).await;
        let mails = claim(world).await;
        let refund = mails.iter().flat_map(|mail| &mail.notices).find(|one| one.kind == Kind::RefundReceived);
        assert_eq!(refund.unwrap().facts.amount, Some(100_000));
        assert_eq!(refund.unwrap().facts.task, Some(race.task));
        let kinds: Vec<_> = mails.iter().map(|mail| (mail.email.as_str(), mail.notices[0].kind)).collect();
        assert!(kinds.contains(&("ada@dawn.example", Kind::TaskCancelled)), "{kinds:?}");
    }

    async fn transfers_tell_the_receiver_or_the_lead_of_the_unit(world: &World) {
        told(world);
        let ada = world.give_person("ada", "10").await;
        let unit = world.unit("red", "ben", &["cyd"]).await;
        assert_eq!(mailbox(world).await, ["ada tokens.received", "cyd unit.joined"]);
        let send = |to, amount| TransferTokens {
            from: WalletOwner::Person(ada),
            to,
            amount: world.tokens(amount),
            memo: String::new(),
        };
        world.must("ada", send(WalletOwner::Unit(unit), "3")).await;
        assert_eq!(mailbox(world).await, ["ben tokens.received"]);
        let cyd = WalletOwner::Person(world.person("cyd").await);
        let many = (0..5).map(|_| world.run("ada", send(cyd, "1")));
        for done in futures::future::join_all(many).await {
            done.unwrap();
        }
        assert_eq!(mailbox(world).await.len(), 5, "one for each, run together or not");
    }

    async fn a_refused_command_tells_nobody(world: &World) {
        told(world);
        let task = world.draft(&Start::default()).await;
        world.person("ada").await;
        mailbox(world).await;
        assert_eq!(world.run("ada", PublishTask { task }).await, Err(Refusal::NotFound));
        world.must("mia", PublishTask { task }).await;
        let past = ExtendDeadline { task, closes_at: world.now() };
        assert!(world.run("mia", past).await.is_err());
        let (mia, ada) = (world.person("mia").await, world.person("ada").await);
        let broke = TransferTokens {
            from: WalletOwner::Person(mia),
            to: WalletOwner::Person(ada),
            amount: world.tokens("1"),
            memo: String::new(),
        };
        world.refused("mia", broke).await;
        assert_eq!(mailbox(world).await, Vec::<String>::new());
    }

    async fn an_installation_without_mail_writes_no_notice(world: &World) {
        let race = world.race(Start::default()).await;
        race.run("ada").await;
        assert!(!world.market.has_mail().await.unwrap());
        told(world);
        race.run("ben").await;
        assert!(claim(world).await.is_empty(), "what was before is not told afterwards");
    }

    async fn doors_and_roles_are_told_to_whom_they_concern(world: &World) {
        told(world);
        world.bring("root", PersonKind::Member, &[Role::Admin]).await;
        let ada = world.person("ada").await;
        let grant = GrantRole { person: ada, role: Role::Manager };
        world.must("root", grant.clone()).await;
        world.must("root", grant).await;
        assert_eq!(mailbox(world).await, ["ada role.granted"], "again changes nothing");
        let revoke = RevokeRole { person: ada, role: Role::Manager };
        world.must("root", revoke.clone()).await;
        world.must("root", revoke).await;
        assert_eq!(mailbox(world).await, ["ada role.revoked"]);
        let invite = InvitePerson { email: "eve@dawn.example".to_owned(), roles: vec![] };
        let secret = world.must("root", invite).await.secret;
        let accept = market::person::AcceptInvitation {
            secret,
            handle: "eve".to_owned(),
            name: "Eve".to_owned(),
            password: tests::PASSWORD.to_owned(),
        };
        world.market.accept_invitation(&Actor::Visitor, accept).await.unwrap();
        assert_eq!(mailbox(world).await, ["root invitation.accepted"]);
    }

    async fn a_digest_comes_in_the_morning_and_none_comes_never(world: &World) {
        told(world);
        let choose = |mode| UpdateMailing { mode: Some(mode), language: None };
        let chosen = world.must("ada", choose(MailMode::Daily)).await;
        assert_eq!((chosen.mode, chosen.language), (MailMode::Daily, Language::En));
        let chinese = UpdateMailing { mode: None, language: Some(Language::ZhCn) };
        let chosen = world.must("ada", chinese).await;
        assert_eq!((chosen.mode, chosen.language), (MailMode::Daily, Language::ZhCn));
        world.must("ben", choose(MailMode::Never)).await;
        world.give_person("ada", "1").await;
        world.give_person("ben", "1").await;
        world.wait(Duration::hours(2));
        world.give_person("ada", "2").await;
        assert!(claim(world).await.is_empty());
        world.wait(Duration::hours(22));
        let mails = claim(world).await;
        assert_eq!(mails.len(), 1);
        assert_eq!((mails[0].notices.len(), mails[0].digest, mails[0].language), (2, true, Language::ZhCn));
        record(world, &mails[0], Outcome::Sent).await;
        world.give_person("ada", "1").await;
        assert!(claim(world).await.is_empty());
        world.must("ada", choose(MailMode::AtOnce)).await;
        assert_eq!(mailbox(world).await, ["ada tokens.received"], "a change holds for what waits");
        world.must("ada", choose(MailMode::Daily)).await;
        world.give_person("ada", "1").await;
        world.must("ada", choose(MailMode::Never)).await;
        world.wait(Duration::days(2));
        assert!(claim(world).await.is_empty());
    }

    async fn what_was_claimed_is_nobody_elses_until_its_time_is_over(world: &World) {
        told(world);
        world.give_person("ada", "1").await;
        let first = claim(world).await;
        assert_eq!(first.len(), 1);
        assert!(claim(world).await.is_empty());
        world.wait(Duration::seconds(121));
        let again = claim(world).await;
        assert_eq!(again, first, "the same, under the same id");
        record(world, &again[0], Outcome::Sent).await;
        record(world, &first[0], Outcome::Later("late".to_owned())).await;
        world.wait(Duration::days(1));
        assert!(claim(world).await.is_empty(), "sent is sent");
    }

    async fn a_failure_is_tried_again_ever_later_and_then_given_up(world: &World) {
        told(world);
        world.give_person("ada", "1").await;
        let mut waited = Duration::ZERO;
        let mut tries = 0;
        while waited < Duration::days(10) {
            for mail in claim(world).await {
                tries += 1;
                record(world, &mail, Outcome::Later("no answer".to_owned())).await;
            }
            world.wait(Duration::hours(1));
            waited += Duration::hours(1);
        }
        assert_eq!(tries, 10);
        world.give_person("ben", "1").await;
        let mails = claim(world).await;
        record(world, &mails[0], Outcome::Never("no such box".to_owned())).await;
        world.wait(Duration::days(40));
        assert!(claim(world).await.is_empty());
        assert_eq!(world.market.run(&Actor::Clockwork, SweepNotices).await, Ok(2), "a month is enough");
    }

    async fn only_the_clock_takes_mail_out(world: &World) {
        told(world);
        world.give_person("ada", "1").await;
        world.bring("root", PersonKind::Member, &[Role::Admin]).await;
        for who in ["root", "ada"] {
            assert_eq!(world.run(who, ClaimMail).await, Err(Refusal::NotFound));
            assert_eq!(world.run(who, SweepNotices).await, Err(Refusal::NotFound));
        }
        let choose = UpdateMailing { mode: None, language: None };
        assert_eq!(world.market.run(&Actor::Visitor, choose).await, Err(Refusal::Unauthenticated));
        assert_eq!(world.market.mailing(&Actor::Visitor).await, Err(Refusal::Unauthenticated));
    }

    async fn an_erased_person_is_told_nothing_any_more(world: &World) {
        told(world);
        world.bring("root", PersonKind::Member, &[Role::Admin]).await;
        world.bring("aud", PersonKind::Member, &[Role::Auditor]).await;
        let ada = world.give_person("ada", "1").await;
        world.must("ada", UpdateMailing { mode: Some(MailMode::AtOnce), language: None }).await;
        let ask = market::erasure::RequestErasure { person: ada, ground: "Art. 17".to_owned(), records: vec![] };
        let erasure = world.must("root", ask).await;
        let key = market::IdempotencyKey::parse("erase").unwrap();
        world.market.approve_erasure(&world.actor("aud").await, key, erasure).await.unwrap();
        assert_eq!(mailbox(world).await, ["aud erasure.asked"], "what waited for them is gone");
        world.give_person("ada", "1").await;
        assert!(claim(world).await.is_empty());
        let rows = world.market.store().reads().query_all_raw(sea_orm::Statement::from_string(
            world.market.store().reads().get_database_backend(),
            "SELECT 1 AS one FROM mailing",
        ));
        assert!(rows.await.unwrap().is_empty());
    }

    async fn a_crew_that_declines_is_told_to_its_captain(world: &World) {
        told(world);
        let race = world.race(Start::default()).await;
        mailbox(world).await;
        let share = |person| CrewShare { person, share: 5_000 };
        let crew = vec![share(world.person("ada").await), share(world.person("ben").await)];
        let entry = world.must("ada", EnterRace { crew, ..race.alone() }).await;
        world.must("ben", DeclineCrew { entry }).await;
        assert_eq!(mailbox(world).await, ["ada crew.declined", "ben crew.asked"]);
        let keys = [world.market.signer().unwrap().verifier_key().clone()];
        world.market.seal_now().await.unwrap();
        assert!(audit(world.market.store().reads(), &keys, |_, _| {}).await.is_ok());
    }
}
