//! What the tables guard by themselves, when the code is bypassed.

use sea_orm::{ConnectionTrait, DatabaseConnection};
use tests::{Db, Start, World, both};

/// Runs plain SQL past the market; it must be refused, for the reason meant.
async fn refused(db: &DatabaseConnection, sql: &str, because: &[&str]) {
    let answer = db.execute_unprepared(sql).await;
    let Err(error) = answer else { panic!("the tables took: {sql}") };
    let error = error.to_string().to_lowercase();
    assert!(
        because.iter().any(|word| error.contains(word)),
        "{sql}\nwas refused for another reason: {error}"
    );
}

/// An id that nothing has, as both databases write it.
fn nobody(db: &DatabaseConnection) -> &'static str {
    match db.get_database_backend() {
        sea_orm::DbBackend::Sqlite => "X'00000000000000000000000000000099'",
        _ => "'00000000-0000-0000-0000-000000000099'",
    }
}

fn no_bytes(db: &DatabaseConnection) -> &'static str {
    if db.get_database_backend() == sea_orm::DbBackend::Sqlite { "X''" } else { "''::bytea" }
}

/// A story with records, postings, leaves and a checkpoint.
async fn some_books(world: &World) -> DatabaseConnection {
    let race = world.race(Start::default()).await;
    let entry = race.run("ada").await;
    race.finish(&[(entry, 1)]).await;
    world.books_hold().await;
    world.fresh.connect().await
}

both! {
    async fn no_account_but_the_mint_falls_below_zero(world: &World) {
        let db = some_books(world).await;
        for kind in ["person", "treasury", "escrow"] {
            let sql = format!("UPDATE account SET debits = credits + 1 WHERE kind = '{kind}'");
            refused(&db, &sql, &["check"]).await;
        }
        db.close().await.unwrap();
    }

    async fn an_account_only_moves_forward_and_never_goes(world: &World) {
        let db = some_books(world).await;
        for change in ["credits = credits - 1", "seq = seq - 1", "kind = 'mint'"] {
            let sql = format!("UPDATE account SET {change} WHERE kind = 'person' AND seq > 0");
            refused(&db, &sql, &["saima", "check"]).await;
        }
        refused(&db, "DELETE FROM account WHERE kind = 'hold' OR seq >= 0", &["saima", "foreign key"]).await;
        db.close().await.unwrap();
    }

    async fn what_is_written_in_the_ledger_is_never_changed(world: &World) {
        let db = some_books(world).await;
        for sql in [
            "UPDATE record SET posted_at = posted_at + 1",
            "UPDATE record SET made_by = NULL",
            "DELETE FROM record",
            "UPDATE posting SET amount = amount + 1",
            "DELETE FROM posting",
            "UPDATE leaf SET idx = idx + 1000",
            "DELETE FROM leaf",
            "UPDATE checkpoint SET size = size + 1",
            "DELETE FROM checkpoint",
            "UPDATE asset SET scale = 3",
            "UPDATE log_head SET size = size - 1",
        ] {
            refused(&db, sql, &["saima"]).await;
        }
        db.close().await.unwrap();
    }

    async fn a_ledger_is_not_emptied_in_one_stroke(world: &World) {
        let db = some_books(world).await;
        if db.get_database_backend() == sea_orm::DbBackend::Postgres {
            for table in ["record", "posting", "leaf"] {
                refused(&db, &format!("TRUNCATE {table} CASCADE"), &["saima"]).await;
            }
        }
        db.close().await.unwrap();
    }

    async fn postings_that_dont_balance_get_no_record(world: &World) {
        let db = some_books(world).await;
        let (record, bytes) = (nobody(&db), no_bytes(&db));
        let posting = format!(
            "INSERT INTO posting (record_id, line, account_id, asset, side, amount, seq, debits, credits)
             SELECT {record}, 0, id, asset, 1, 5, seq + 1, debits, credits + 5 FROM account WHERE kind = 'treasury'"
        );
        let insert =
            format!("INSERT INTO record (id, kind, posted_at, bytes) VALUES ({record}, 'issue', 1, {bytes})");
        db.execute_unprepared("BEGIN").await.unwrap();
        db.execute_unprepared(&posting).await.unwrap();
        refused(&db, &insert, &["must balance"]).await;
        db.execute_unprepared("ROLLBACK").await.unwrap();
        db.close().await.unwrap();
    }

    async fn a_record_takes_no_more_postings_once_it_stands(world: &World) {
        let db = some_books(world).await;
        let more = "INSERT INTO posting (record_id, line, account_id, asset, side, amount, seq, debits, credits)
            SELECT (SELECT MIN(record_id::text)::uuid FROM posting), 99, id, asset, 1, 5, seq + 1, debits, credits + 5
            FROM account WHERE kind = 'treasury'";
        let more = if db.get_database_backend() == sea_orm::DbBackend::Sqlite {
            more.replace("MIN(record_id::text)::uuid", "MIN(record_id)")
        } else {
            more.to_owned()
        };
        refused(&db, &more, &["no more postings"]).await;
        db.close().await.unwrap();
    }

    async fn a_posting_without_a_record_does_not_outlive_its_transaction(world: &World) {
        let db = some_books(world).await;
        let record = nobody(&db);
        let orphan = format!(
            "INSERT INTO posting (record_id, line, account_id, asset, side, amount, seq, debits, credits)
             SELECT {record}, 0, id, asset, 1, 5, seq + 1, debits, credits + 5 FROM account WHERE kind = 'treasury'"
        );
        refused(&db, &orphan, &["foreign key"]).await;
        db.close().await.unwrap();
    }

    async fn states_and_kinds_are_words_that_exist(world: &World) {
        let db = some_books(world).await;
        for sql in [
            "UPDATE task SET state = 'judging'",
            "UPDATE task SET visibility = 'secret'",
            "UPDATE task SET bounty = -1",
            "UPDATE entry SET state = 'gone'",
            "UPDATE entry SET unit_share = 10001",
            "UPDATE crew_member SET share = -1",
            "UPDATE crew_member SET active = 2",
            "UPDATE person SET kind = 'robot'",
            "UPDATE submission SET version = 0",
            "UPDATE funding SET amount = 0",
        ] {
            refused(&db, sql, &["check"]).await;
        }
        db.close().await.unwrap();
    }

    async fn there_is_one_head_of_the_log(world: &World) {
        let db = some_books(world).await;
        let bytes = no_bytes(&db);
        let second =
            format!("INSERT INTO log_head (id, origin, epoch, size, root) VALUES (2, 'x', 1, 0, {bytes})");
        refused(&db, &second, &["check"]).await;
        db.close().await.unwrap();
    }
}

#[test]
fn without_a_postgres_the_other_half_fails_and_is_not_skipped() {
    if std::env::var_os("TEST_POSTGRES").is_none() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let tried = std::panic::catch_unwind(|| runtime.block_on(tests::Fresh::make(Db::Postgres)).url);
        assert!(tried.is_err());
    }
}
