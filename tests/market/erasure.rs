//! Erasure: texts and names go, proofs stay, and nothing vanishes without a record.

use market::books::audit;
use market::erasure::{ERASED, RequestErasure};
use market::submission::{FileInput, SubmitInput};
use market::wallet::Destination;
use market::{
    Actor, Code, ErasureId, IdempotencyKey, Page, PersonId, PersonKind, RecordId, RecordKind, Refusal, Role,
    WalletOwner,
};
use sea_orm::ConnectionTrait;
use tests::{Db, PASSWORD, Start, World, both};

/// Words of the person, each in another place.
const WORDS: [&str; 7] = [
    "zebrahandle",
    "zebra@dawn.example",
    "Zebra Crossing",
    "zebramemo",
    "zebrawork",
    "zebrafile",
    "zebragift",
];

/// Ada as somebody with a name of her own, who wrote and got texts in every table; answers her work's file.
async fn a_life(world: &World) -> PersonId {
    world.bring("root", PersonKind::Member, &[Role::Admin]).await;
    world.bring("aud", PersonKind::Member, &[Role::Auditor]).await;
    let add = market::person::AddPerson {
        email: "zebra@dawn.example".to_owned(),
        handle: "zebrahandle".to_owned(),
        name: "Zebra Crossing".to_owned(),
        password: PASSWORD.to_owned(),
        kind: PersonKind::Member,
        roles: vec![],
    };
    let id = world.market.add_person(&Actor::Operator, add).await.unwrap();
    world.market.open_session(id).await.unwrap();
    let treasurer = world.treasurer().await;
    let amount = world.tokens("10");
    let issue = market::wallet::IssueTokens { amount, reason: "for all".to_owned() };
    world.must(treasurer, issue).await;
    let gift = market::wallet::AllocateTokens {
        to: Destination::Person(id),
        amount,
        reason: "zebragift".to_owned(),
    };
    world.must(treasurer, gift).await;
    let her = world.market.actor(id).await.unwrap();
    let send = market::wallet::TransferTokens {
        from: WalletOwner::Person(id),
        to: WalletOwner::Person(world.person("ben").await),
        amount: world.tokens("1"),
        memo: "zebramemo".to_owned(),
    };
    let key = IdempotencyKey::parse("k1").unwrap();
    world.market.run_once(&her, key, send).await.unwrap();
    let race = world.race(Start::default()).await;
    let enter = market::race::EnterRace { name: Some("zebrawork lane".to_owned()), ..race.alone() };
    let entry = world.market.run(&her, enter).await.unwrap();
    let file = FileInput {
        name: "zebrafile.txt".to_owned(),
        media_type: "text/plain".to_owned(),
        bytes: b"zebrafile of bytes".to_vec(),
    };
    let input = SubmitInput {
        entry,
        body: "zebrawork".to_owned(),
        links: vec![],
        files: vec![file],
        evidence: Vec::new(),
    };
    world.market.submit_work(&her, None, input).await.unwrap();
    let question = "Is a zebraquestion allowed?".to_owned();
    world.market.run(&her, market::question::AskQuestion { task: race.task, question }).await.unwrap();
    world.market.seal_now().await.unwrap();
    id
}

async fn erase(world: &World, person: PersonId) -> RecordId {
    let ask = RequestErasure { person, ground: "Asked for it, Art. 17.".to_owned(), records: vec![] };
    let erasure = world.must("root", ask).await;
    approve(world, "aud", erasure).await.unwrap()
}

async fn approve(world: &World, who: &str, erasure: ErasureId) -> Result<RecordId, Refusal> {
    let key = IdempotencyKey::parse(&erasure.to_string()).unwrap();
    world.market.approve_erasure(&world.actor(who).await, key, erasure).await
}

async fn audited(world: &World) -> Result<market::books::AuditReport, market::books::AuditFault> {
    world.market.seal_now().await.unwrap();
    let keys = [world.market.signer().unwrap().verifier_key().clone()];
    audit(world.market.store().reads(), &keys, |_, _| {}).await
}

/// Every byte that SQLite and the file store have on disk.
fn everything_below(folder: &std::path::Path, found: &mut Vec<(String, Vec<u8>)>) {
    for item in std::fs::read_dir(folder).unwrap().flatten() {
        if item.path().is_dir() {
            everything_below(&item.path(), found);
        } else {
            found.push((item.path().display().to_string(), std::fs::read(item.path()).unwrap()));
        }
    }
}

fn holds(bytes: &[u8], word: &str) -> bool {
    bytes.windows(word.len()).any(|window| window.eq_ignore_ascii_case(word.as_bytes()))
}

both! {
    async fn texts_and_names_go_and_every_proof_stays(world: &World) {
        let her = a_life(world).await;
        let before = audited(world).await.unwrap();
        let wallet = WalletOwner::Person(her);
        let line = {
            let asker = world.market.actor(her).await.unwrap();
            world.market.statement(&asker, wallet, Page::default()).await.unwrap().items.remove(0).1
        };
        let record = erase(world, her).await;
        let after = audited(world).await.unwrap();
        assert_eq!(after.supply, before.supply);
        assert!(after.erased >= 3, "{after:?}");
        assert_eq!(after.disclosures + after.erased, before.disclosures + 1, "the erasure has a text of its own");

        let aud = world.actor("aud").await;
        let seen = world.market.person(&aud, her).await.unwrap();
        assert_eq!(seen.name, ERASED);
        assert!(seen.handle.starts_with("erased-"), "{}", seen.handle);
        let shown = world.market.record(&aud, line.record).await.unwrap();
        assert_eq!((shown.disclosures.len(), shown.erased), (0, 1));
        let said = world.market.record(&aud, record).await.unwrap();
        assert_eq!((said.kind, said.erased), (RecordKind::Erasure, 0));
        let text = String::from_utf8(said.disclosures[0].data.clone()).unwrap();
        assert!(text.contains("ground: Asked for it, Art. 17.") && text.contains("commitment: "), "{text}");
        assert!(!WORDS.iter().any(|word| holds(text.as_bytes(), word)), "{text}");
        world.market.receipt(&aud, line.record).await.unwrap();
        let sign_in = market::person::SignInInput {
            email: "zebra@dawn.example".to_owned(),
            password: PASSWORD.to_owned(),
            from: "192.0.2.1".to_owned(),
        };
        assert!(world.market.sign_in(sign_in).await.is_err(), "nobody signs in as her");
    }

    async fn one_asks_and_somebody_else_approves(world: &World) {
        let her = a_life(world).await;
        world.bring("rob", PersonKind::Member, &[Role::Admin]).await;
        let ask = |person| RequestErasure { person, ground: "Because.".to_owned(), records: vec![] };
        for who in ["ben", "aud"] {
            assert_eq!(world.run(who, ask(her)).await.unwrap_err(), Refusal::NotFound, "{who}");
        }
        let erasure = world.must("root", ask(her)).await;
        assert_eq!(world.refused("rob", ask(her)).await, ["person erasure-asked"]);
        let second = Refusal::because(Code::SecondPerson);
        assert_eq!(approve(world, "root", erasure).await.unwrap_err(), second);
        for who in ["ben", "tess"] {
            let refused = approve(world, who, erasure).await.unwrap_err();
            assert_eq!(refused, Refusal::NotFound, "{who}");
        }
        assert!(world.market.erasures(&world.actor("ben").await).await.is_err());
        approve(world, "rob", erasure).await.unwrap();
        approve(world, "rob", erasure).await.expect("sent again, it is the same approval");
        let again = approve(world, "aud", erasure).await.unwrap_err();
        assert_eq!(again, Refusal::NotFound);
        let listed = world.market.erasures(&world.actor("aud").await).await.unwrap();
        assert_eq!(listed.len(), 1);
        assert_eq!(listed[0].approved_by, Some(world.person("rob").await));

        let rob = world.person("rob").await;
        let about_himself = world.must("root", ask(rob)).await;
        let refused = approve(world, "rob", about_himself).await;
        assert_eq!(refused.unwrap_err(), Refusal::because(Code::SecondPerson));
        let long = RequestErasure { ground: "x".repeat(501), ..ask(her) };
        assert_eq!(world.refused("root", long).await, ["ground too-long"]);
        assert_eq!(world.refused("root", RequestErasure { ground: " ".to_owned(), ..ask(her) }).await, ["ground required"]);
        let unknown = RequestErasure { records: vec![uuid::Uuid::nil()], ..ask(her) };
        assert_eq!(world.refused("root", unknown).await, ["records bad-id"]);
    }

    async fn the_last_admin_cannot_be_erased(world: &World) {
        world.bring("root", PersonKind::Member, &[Role::Admin]).await;
        world.bring("aud", PersonKind::Member, &[Role::Auditor]).await;
        let root = world.person("root").await;
        let ask = RequestErasure { person: root, ground: "Because.".to_owned(), records: vec![] };
        let erasure = world.must("root", ask).await;
        let refused = approve(world, "aud", erasure).await;
        assert_eq!(refused.unwrap_err(), Refusal::because(Code::LastAdmin));
    }

    async fn a_text_that_vanishes_without_an_erasure_is_a_fault(world: &World) {
        a_life(world).await;
        audited(world).await.unwrap();
        let db = world.fresh.connect().await;
        let keep = "CREATE TABLE kept AS SELECT * FROM disclosure WHERE label = 'memo'";
        for sql in [keep, "DELETE FROM disclosure WHERE label = 'memo'"] {
            db.execute_unprepared(sql).await.unwrap();
        }
        let fault = audited(world).await.unwrap_err().to_string();
        assert!(fault.contains("no erasure names it"), "{fault}");
        for sql in ["INSERT INTO disclosure SELECT * FROM kept", "DROP TABLE kept"] {
            db.execute_unprepared(sql).await.unwrap();
        }
        db.close().await.unwrap();
    }
}

#[test]
fn no_byte_of_a_text_is_left_in_the_database_or_beside_it() {
    tests::play(Db::Sqlite, async |world: &World| {
        let her = a_life(world).await;
        let found = |world: &World, word: &str| {
            let mut all = Vec::new();
            everything_below(world.fresh.path(), &mut all);
            all.into_iter().filter(|(_, bytes)| holds(bytes, word)).map(|(path, _)| path).collect::<Vec<_>>()
        };
        for word in WORDS {
            assert!(!found(world, word).is_empty(), "{word} is nowhere to begin with");
        }
        erase(world, her).await;
        for word in WORDS {
            assert_eq!(found(world, word), Vec::<String>::new(), "{word}");
        }
    });
}
