//! The log: proofs that a stranger can check, and an audit that finds what was changed behind its back.

use ledger::tree::{verify_consistency, verify_inclusion};
use ledger::{Receipt, Record};
use market::books::{AuditFault, AuditReport, audit};
use market::{Actor, Page, PersonKind, Refusal, Role, WalletOwner};
use sea_orm::{ConnectionTrait, DbBackend};
use tests::{Start, World, both, root_of};

/// A story with a dozen records or more, sealed.
async fn some_books(world: &World) {
    let race = world.race(Start::default()).await;
    let (first, second) = (race.run("ada").await, race.run("ben").await);
    race.finish(&[(first, 1), (second, 2)]).await;
    world.market.seal_now().await.unwrap();
}

/// The bytes of every record in the order of the log.
async fn all_bytes(world: &World) -> Vec<Vec<u8>> {
    let ada = world.actor("ada").await;
    let size = world.market.head(&ada).await.unwrap().size;
    let mut all = Vec::new();
    for index in 0..size {
        all.push(world.market.record_by_index(&ada, index).await.unwrap().bytes);
    }
    all
}

async fn audited(world: &World) -> Result<AuditReport, AuditFault> {
    let keys = [world.market.signer().unwrap().verifier_key().clone()];
    audit(world.market.store().reads(), &keys, |_, _| {}).await
}

both! {
    async fn the_root_is_the_one_of_rfc_6962_over_the_bytes_served(world: &World) {
        some_books(world).await;
        let head = world.market.head(&Actor::Visitor).await.unwrap();
        let bytes = all_bytes(world).await;
        assert!(bytes.len() >= 10, "{}", bytes.len());
        assert_eq!(root_of(&bytes), head.root);
        for record in &bytes {
            assert_eq!(&Record::decode(record).unwrap().encode().unwrap(), record);
        }
    }

    async fn each_record_is_proved_to_be_in_the_log(world: &World) {
        some_books(world).await;
        let ada = world.actor("ada").await;
        let head = world.market.head(&ada).await.unwrap();
        for index in 0..head.size {
            let record = world.market.record_by_index(&ada, index).await.unwrap();
            let shown = world.market.inclusion(&ada, record.id).await.unwrap();
            assert_eq!((shown.index, shown.size, shown.root), (index, head.size, head.root));
            verify_inclusion(&record.leaf_hash, index, shown.size, &shown.proof, &head.root).unwrap();
        }
    }

    async fn the_log_is_proved_to_have_only_grown(world: &World) {
        some_books(world).await;
        let bytes = all_bytes(world).await;
        let size = bytes.len();
        for old in 1..=size {
            let proof = world
                .market
                .consistency(&Actor::Visitor, u64::try_from(old).unwrap(), u64::try_from(size).unwrap())
                .await
                .unwrap();
            let (before, now) = (root_of(&bytes[..old]), root_of(&bytes));
            verify_consistency(
                u64::try_from(old).unwrap(),
                u64::try_from(size).unwrap(),
                &before,
                &now,
                &proof,
            )
            .unwrap();
        }
        for (from, to) in [(5, 4), (1, u64::try_from(size).unwrap() + 1), (u64::MAX, u64::MAX)] {
            assert!(world.market.consistency(&Actor::Visitor, from, to).await.is_err(), "{from} {to}");
        }
    }

    async fn a_receipt_verifies_offline_and_shows_what_its_holder_may_see(world: &World) {
        some_books(world).await;
        let ada = world.actor("ada").await;
        let key = world.market.signer().unwrap().verifier_key().clone();
        let wallet = WalletOwner::Person(world.person("ada").await);
        let line = world.market.statement(&ada, wallet, Page::default()).await.unwrap().items.remove(0).1;
        let text = world.market.receipt(&ada, line.record).await.unwrap();
        let open = Receipt::open(&text, std::slice::from_ref(&key)).unwrap();
        assert_eq!(open.record.id, line.record);
        let paid = open
            .record
            .postings
            .iter()
            .any(|posting| posting.amount == line.amount && posting.seq == line.seq);
        assert!(paid, "{:?}", open.record);
        for (at, _) in text.match_indices(|c: char| c.is_ascii_alphanumeric()).step_by(97) {
            let mut forged = text.clone().into_bytes();
            forged[at] = if forged[at] == b'A' { b'B' } else { b'A' };
            let forged = String::from_utf8(forged).unwrap();
            assert!(
                forged == text || Receipt::open(&forged, std::slice::from_ref(&key)).is_err(),
                "byte {at}"
            );
        }
    }

    async fn records_are_seen_by_members_and_by_whom_they_concern(world: &World) {
        let inside = world.race(Start::default()).await;
        let race = world.race(Start { visibility: market::task::Visibility::Open, ..Start::default() }).await;
        world.outsider("otto").await;
        let otto = world.actor("otto").await;
        let (hidden, shown) =
            (inside.view().await.rules_record.unwrap(), race.view().await.rules_record.unwrap());
        assert!(world.market.record(&otto, shown).await.is_ok());
        assert!(world.market.record(&Actor::Visitor, shown).await.is_ok());
        for asker in [&otto, &Actor::Visitor] {
            assert_eq!(world.market.record(asker, hidden).await.unwrap_err(), Refusal::NotFound);
        }
        assert!(world.market.record(&world.actor("eva").await, hidden).await.is_ok());
        assert!(world.market.records(&otto, Page::default()).await.is_err());
    }

    async fn an_auditor_reads_what_stands_behind_every_record(world: &World) {
        world.bring("aud", PersonKind::Member, &[Role::Auditor]).await;
        let race = world.race(Start::default()).await;
        let record = race.view().await.rules_record.unwrap();
        let seen = world.market.record(&world.actor("aud").await, record).await.unwrap();
        assert_eq!(seen.disclosures.len(), seen.commitments.len());
        for (text, commitment) in seen.disclosures.iter().zip(&seen.commitments) {
            assert_eq!(&ledger::commit(&text.label, &text.salt, &text.data), commitment);
        }
    }

    async fn sealing_twice_changes_nothing_and_a_checkpoint_is_signed_for_each_state(world: &World) {
        some_books(world).await;
        let before = world.market.head(&Actor::Visitor).await.unwrap();
        assert_eq!(world.market.seal_now().await.unwrap(), 0);
        assert_eq!(world.market.head(&Actor::Visitor).await.unwrap(), before);
        let note = world.market.checkpoint().await.unwrap();
        let key = world.market.signer().unwrap().verifier_key().clone();
        let open = ledger::Checkpoint::open(note.as_bytes(), &[key]).unwrap();
        assert_eq!((open.checkpoint.size, open.checkpoint.root), (before.size, before.root));
        assert_eq!(open.checkpoint.origin, "dawn.example/saima");
    }

    /// Each of these is done past the triggers, seen by the audit, and undone.
    async fn the_audit_finds_what_was_changed_behind_the_market(world: &World) {
        some_books(world).await;
        let report = audited(world).await.unwrap();
        assert!(report.signatures > 0 && report.disclosures > 0 && report.postings > 0, "{report:?}");
        let db = world.fresh.connect().await;
        let sqlite = db.get_database_backend() == DbBackend::Sqlite;
        lift_guards(&db).await;
        let flip = |column: &str| {
            if sqlite {
                format!("{column} = CAST(substr({column}, 1, 4) || X'FF' || substr({column}, 6) AS BLOB)")
            } else {
                format!("{column} = overlay({column} placing '\\xff'::bytea from 5)")
            }
        };
        let tamperings = [
            ("record", flip("bytes"), "1 = 1"),
            ("posting", "amount = amount + 1".to_owned(), "side = 1"),
            ("account", "credits = credits + 1".to_owned(), "kind = 'person'"),
            ("account", "debits = debits + 1".to_owned(), "kind = 'mint'"),
            ("leaf", flip("hash"), "idx = 3"),
            ("tile", flip("hashes"), "level = 0"),
            ("disclosure", flip("data"), "label = 'rules'"),
            ("checkpoint", flip("root"), "1 = 1"),
            ("checkpoint", "note = replace(note, 'dawn', 'dusk')".to_owned(), "1 = 1"),
            ("log_head", flip("root"), "1 = 1"),
        ];
        for (table, change, rows) in tamperings {
            for sql in [
                format!("CREATE TABLE kept AS SELECT * FROM {table}"),
                format!("UPDATE {table} SET {change} WHERE {rows}"),
            ] {
                db.execute_unprepared(&sql).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
            }
            let found = audited(world).await;
            assert!(found.is_err(), "{table} SET {change} was not found: {found:?}");
            for sql in [
                format!("DELETE FROM {table}"),
                format!("INSERT INTO {table} SELECT * FROM kept"),
                "DROP TABLE kept".to_owned(),
            ] {
                db.execute_unprepared(&sql).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
            }
            audited(world).await.unwrap_or_else(|fault| panic!("{table} was not put back: {fault}"));
        }
        db.close().await.unwrap();
    }
}

/// Switches off triggers and foreign keys for this connection, as somebody would who holds the database.
async fn lift_guards(db: &sea_orm::DatabaseConnection) {
    if db.get_database_backend() == DbBackend::Postgres {
        db.execute_unprepared("SET session_replication_role = replica").await.unwrap();
        return;
    }
    db.execute_unprepared("PRAGMA foreign_keys = OFF").await.unwrap();
    db.execute_unprepared("PRAGMA ignore_check_constraints = ON").await.unwrap();
    let triggers = sea_orm::Statement::from_string(
        DbBackend::Sqlite,
        "SELECT name FROM sqlite_master WHERE type = 'trigger'",
    );
    for row in db.query_all_raw(triggers).await.unwrap() {
        let name: String = row.try_get("", "name").unwrap();
        db.execute_unprepared(&format!("DROP TRIGGER {name}")).await.unwrap();
    }
}
