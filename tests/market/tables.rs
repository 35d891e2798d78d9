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

/// Two numbers more for the treasury, as an account must have them before they are posted.
const TWO_MORE: &str =
    "UPDATE account SET seq = seq + 2, debits = debits + 5, credits = credits + 5 WHERE kind = 'treasury'";
/// A credit and a debit, the first lines of a record.
const PAIR: &str = "SELECT 0 AS at, 0 AS line, 1 AS side UNION ALL SELECT 1, 1, 0";

/// Postings of the treasury's last numbers.
fn lines(record: &str, given: &str) -> String {
    format!(
        "INSERT INTO posting (record_id, line, account_id, asset, side, amount, seq, debits, credits, era, prev_era)
         SELECT {record}, given.line, a.id, a.asset, given.side, 5, a.seq - 1 + given.at, a.debits, a.credits,
             a.era, a.era
         FROM account AS a, ({given}) AS given WHERE a.kind = 'treasury'"
    )
}

/// A record that says it has so many postings.
fn evidence(db: &DatabaseConnection, lines: u32) -> String {
    let (record, bytes) = (nobody(db), no_bytes(db));
    format!(
        "INSERT INTO record (id, kind, posted_at, lines, bytes) VALUES ({record}, 'issue', 1, {lines}, {bytes})"
    )
}

/// A record and its postings, each database's way: PostgreSQL wants both in one statement, SQLite the
/// postings first.
async fn together(db: &DatabaseConnection, record: &str, postings: &str, because: &[&str]) {
    if db.get_database_backend() == sea_orm::DbBackend::Sqlite {
        match db.execute_unprepared(postings).await {
            Ok(_) => refused(db, record, because).await,
            Err(_) => refused(db, postings, because).await,
        }
    } else {
        refused(db, &format!("WITH written AS ({record}) {postings}"), because).await;
    }
}

/// The same where nothing is wrong with it.
async fn together_taken(db: &DatabaseConnection, record: &str, postings: &str) {
    if db.get_database_backend() == sea_orm::DbBackend::Sqlite {
        db.execute_unprepared(postings).await.unwrap();
        db.execute_unprepared(record).await.unwrap();
    } else {
        db.execute_unprepared(&format!("WITH written AS ({record}) {postings}")).await.unwrap();
    }
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
        let record = nobody(&db);
        db.execute_unprepared("BEGIN").await.unwrap();
        db.execute_unprepared(TWO_MORE).await.unwrap();
        let credits = lines(record, "SELECT 0 AS at, 0 AS line, 1 AS side");
        together(&db, &evidence(&db, 1), &credits, &["must balance"]).await;
        db.execute_unprepared("ROLLBACK").await.unwrap();
        db.close().await.unwrap();
    }

    async fn a_record_comes_with_all_of_its_postings(world: &World) {
        let db = some_books(world).await;
        let record = nobody(&db);
        refused(&db, &evidence(&db, 2), &["must balance"]).await;
        for lines_of_it in [1, 3] {
            db.execute_unprepared("BEGIN").await.unwrap();
            db.execute_unprepared(TWO_MORE).await.unwrap();
            together(&db, &evidence(&db, lines_of_it), &lines(record, PAIR), &["must balance", "needs its record"])
                .await;
            db.execute_unprepared("ROLLBACK").await.unwrap();
        }
        db.close().await.unwrap();
    }

    async fn a_record_takes_no_more_postings_once_it_stands(world: &World) {
        let db = some_books(world).await;
        let some = "(SELECT id FROM record WHERE kind = 'issue' LIMIT 1)";
        let none = "(SELECT id FROM record WHERE kind = 'evidence' LIMIT 1)";
        for (record, pair) in [
            (some, PAIR),
            (some, "SELECT 0 AS at, 98 AS line, 1 AS side UNION ALL SELECT 1, 99, 0"),
            (none, PAIR),
        ] {
            db.execute_unprepared("BEGIN").await.unwrap();
            db.execute_unprepared(TWO_MORE).await.unwrap();
            refused(&db, &lines(record, pair), &["no more postings", "unique"]).await;
            db.execute_unprepared("ROLLBACK").await.unwrap();
        }
        db.close().await.unwrap();
    }

    async fn a_posting_without_a_record_does_not_outlive_its_transaction(world: &World) {
        let db = some_books(world).await;
        db.execute_unprepared("BEGIN").await.unwrap();
        db.execute_unprepared(TWO_MORE).await.unwrap();
        if db.get_database_backend() == sea_orm::DbBackend::Sqlite {
            db.execute_unprepared(&lines(nobody(&db), PAIR)).await.unwrap();
            refused(&db, "COMMIT", &["foreign key"]).await;
        } else {
            refused(&db, &lines(nobody(&db), PAIR), &["needs its record"]).await;
        }
        db.execute_unprepared("ROLLBACK").await.unwrap();
        db.execute_unprepared("BEGIN").await.unwrap();
        db.execute_unprepared(TWO_MORE).await.unwrap();
        together_taken(&db, &evidence(&db, 2), &lines(nobody(&db), PAIR)).await;
        db.execute_unprepared("ROLLBACK").await.unwrap();
        db.close().await.unwrap();
    }

    async fn a_number_of_an_account_is_given_once_whatever_the_era(world: &World) {
        let db = some_books(world).await;
        for change in [
            // In the era where the account is, but with numbers that were given before.
            "UPDATE account SET era = era + 1, era_from = seq + 1 WHERE kind = 'treasury'",
            // With numbers that the account has not come to.
            "UPDATE account SET last_posted_at = last_posted_at + 1 WHERE kind = 'treasury'",
        ] {
            db.execute_unprepared("BEGIN").await.unwrap();
            db.execute_unprepared(change).await.unwrap();
            let beyond = if change.contains("era_from") { 0 } else { 5 };
            let pair = format!("SELECT {beyond} AS at, 0 AS line, 1 AS side UNION ALL SELECT {beyond} + 1, 1, 0");
            together(&db, &evidence(&db, 2), &lines(nobody(&db), &pair), &["carries on"]).await;
            db.execute_unprepared("ROLLBACK").await.unwrap();
        }
        for change in ["era = era - 1", "era_from = era_from + 1", "era = era + 1, era_from = seq"] {
            let sql = format!("UPDATE account SET {change} WHERE kind = 'treasury'");
            refused(&db, &sql, &["saima", "check"]).await;
        }
        db.close().await.unwrap();
    }

    async fn leaves_and_texts_belong_to_a_record(world: &World) {
        let db = some_books(world).await;
        let (record, bytes) = (nobody(&db), no_bytes(&db));
        let because = ["foreign key", "needs its record"];
        let leaf = format!("INSERT INTO leaf (idx, record_id, hash) VALUES (99999, {record}, {bytes})");
        refused(&db, &leaf, &because).await;
        let text = format!(
            "INSERT INTO disclosure (record_id, line, label, salt, data) VALUES ({record}, 0, 'memo', {bytes}, {bytes})"
        );
        refused(&db, &text, &because).await;
        refused(&db, &format!("UPDATE disclosure SET record_id = {record}"), &["foreign key", "needs its record", "unique"]).await;
        db.close().await.unwrap();
    }

    async fn states_and_kinds_are_words_that_exist(world: &World) {
        let db = some_books(world).await;
        for sql in [
            "UPDATE task SET state = 'judging'",
            "UPDATE task SET visibility = 'secret'",
            "UPDATE task SET bounty = -1",
            "UPDATE entry SET state = 'gone'",
            "UPDATE entry SET out_as = 'bored'",
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
