//! The log as tiles: every address that C2SP tlog-tiles gives them, and who may read them.

use ledger::{Checkpoint, leaf_hash};
use market::LogAccess;
use reqwest::{Method, header};
use tests::{Answer, Db, HttpAsker, Stage, TestApp, both, root_of};

const FOR_EVER: &str = "immutable, max-age=31536000";

async fn open_to_all() -> TestApp {
    TestApp::start_with(Db::Sqlite, |config| config.settings.log_access = LogAccess::Public).await
}

/// The bytes at `path` and the answer's status.
async fn fetch(asker: &HttpAsker, path: &str) -> (u16, Vec<u8>) {
    let answer = asker.request(Method::GET, path).send().await.unwrap();
    (answer.status().as_u16(), answer.bytes().await.unwrap().to_vec())
}

async fn status(asker: &HttpAsker, path: &str) -> u16 {
    fetch(asker, path).await.0
}

/// An answer to a tool, which doesn't ask for a page.
async fn plainly(asker: &HttpAsker, path: &str) -> Answer {
    Answer::of(asker.request(Method::GET, path)).await
}

/// What a bundle of these records must hold.
fn bundle(records: &[Vec<u8>]) -> Vec<u8> {
    let framed =
        |record: &Vec<u8>| [&u16::try_from(record.len()).unwrap().to_be_bytes()[..], record].concat();
    records.iter().flat_map(framed).collect()
}

fn hashes(records: &[Vec<u8>]) -> Vec<u8> {
    records.iter().flat_map(|record| leaf_hash(record)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_width_that_any_checkpoint_calls_for_is_served_and_nothing_beyond() {
    let app = open_to_all().await;
    let size: usize = 263;
    app.world.grow_log(size as u64).await;
    let records = app.world.all_records().await;
    assert_eq!(records.len(), size);
    let asker = app.anonymous();
    for width in 1..=255 {
        let path = format!("/log/tile/0/000.p/{width}");
        assert_eq!(fetch(&asker, &path).await, (200, hashes(&records[..width])), "{path}");
    }
    for width in (1..=255).step_by(13) {
        let path = format!("/log/tile/entries/000.p/{width}");
        assert_eq!(fetch(&asker, &path).await, (200, bundle(&records[..width])), "{path}");
    }
    assert_eq!(fetch(&asker, "/log/tile/0/000").await, (200, hashes(&records[..256])));
    assert_eq!(fetch(&asker, "/log/tile/entries/000").await, (200, bundle(&records[..256])));
    for width in 1..=7 {
        let (tile, entries) =
            (format!("/log/tile/0/001.p/{width}"), format!("/log/tile/entries/001.p/{width}"));
        assert_eq!(fetch(&asker, &tile).await, (200, hashes(&records[256..256 + width])), "{tile}");
        assert_eq!(fetch(&asker, &entries).await, (200, bundle(&records[256..256 + width])), "{entries}");
    }
    assert_eq!(fetch(&asker, "/log/tile/1/000.p/1").await, (200, root_of(&records[..256]).to_vec()));
    for path in
        ["0/001", "0/001.p/8", "0/002.p/1", "1/000", "1/000.p/2", "1/001.p/1", "2/000.p/1", "63/000.p/1"]
    {
        assert_eq!(status(&asker, &format!("/log/tile/{path}")).await, 404, "{path}");
    }
    for path in ["001", "001.p/8", "002.p/1", "x001/000", "x123/x456/x789/x012/x345/x678/901"] {
        assert_eq!(status(&asker, &format!("/log/tile/entries/{path}")).await, 404, "{path}");
    }
    app.strike().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_the_one_spelling_of_a_tile_is_not_found() {
    let app = open_to_all().await;
    app.world.grow_log(5).await;
    let asker = app.anonymous();
    assert_eq!(status(&asker, "/log/tile/0/000.p/5").await, 200);
    for path in [
        "",
        "0",
        "0/",
        "0/0.p/5",
        "0/00.p/5",
        "0/0000.p/5",
        "0/x000/000.p/5",
        "00/000.p/5",
        "+0/000.p/5",
        "-1/000.p/5",
        "64/000.p/5",
        "256/000.p/5",
        "0/000.p/0",
        "0/000.p/05",
        "0/000.p/+5",
        "0/000.p/256",
        "0/000.p/257",
        "0/000.p/65536",
        "0/000.p/",
        "0/000.p",
        "0/000.p/5/",
        "0/000.p/5/6",
        "0//000.p/5",
        "0/000.P/5",
        "0/%30%30%30.p/5",
        "0/000%2Ep/5",
        "0/000.p%2F5",
        "entries/000.p/0",
        "entries/000.p/256",
        "entries/x000/000.p/5",
        "Entries/000.p/5",
        "data/000.p/5",
        "0/٠٠٠.p/5",
        "0/../0/000.p/6",
        "0/x999/x999/x999/x999/x999/x999/x999/999",
        "0/x18446744073709551615/000.p/5",
    ] {
        assert_eq!(status(&asker, &format!("/log/tile/{path}")).await, 404, "{path}");
    }
    let posted = asker.request(Method::POST, "/log/tile/0/000.p/5").send().await.unwrap();
    assert_eq!(posted.status(), 405);
    let head = asker.request(Method::HEAD, "/log/tile/0/000.p/5").send().await.unwrap();
    assert_eq!(
        (head.status().as_u16(), head.headers()[header::CONTENT_LENGTH].to_str().unwrap()),
        (200, "160")
    );
    app.strike().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_open_log_is_kept_by_every_cache() {
    let app = open_to_all().await;
    app.world.grow_log(258).await;
    let asker = app.anonymous();
    for path in ["tile/0/000", "tile/0/001.p/2", "tile/entries/000", "tile/entries/001.p/1"] {
        let answer = plainly(&asker, &format!("/log/{path}")).await;
        assert_eq!(answer.header("content-type"), "application/octet-stream", "{path}");
        assert_eq!(answer.header("cache-control"), format!("public, {FOR_EVER}"), "{path}");
        assert!(
            answer.header("set-cookie").is_empty() && answer.header("content-encoding").is_empty(),
            "{path}"
        );
    }
    let checkpoint = plainly(&asker, "/log/checkpoint").await;
    assert_eq!(checkpoint.header("content-type"), "text/plain; charset=utf-8");
    assert_eq!(checkpoint.header("cache-control"), "public, max-age=1");
    let missing = plainly(&asker, "/log/tile/0/002").await;
    assert_eq!((missing.status, missing.header("cache-control")), (404, "no-store"));
    let squeezed =
        asker.request(Method::GET, "/log/tile/entries/000").header(header::ACCEPT_ENCODING, "gzip");
    let squeezed = Answer::of(squeezed).await;
    assert_eq!(squeezed.header("content-encoding"), "gzip");
    app.strike().await;
}

both! {
    async fn a_guarded_log_shows_hashes_to_whoever_is_signed_in_and_records_to_members(app: &TestApp) {
        app.world.outsider("olga").await;
        app.world.grow_log(5).await;
        let anonymous = app.anonymous();
        let note = plainly(&anonymous, "/log/checkpoint").await;
        let open = Checkpoint::open(note.text.as_bytes(), &[app.verifier_key().await]).unwrap();
        let size = open.checkpoint.size;
        let (tile, entries) = (format!("/log/tile/0/000.p/{size}"), format!("/log/tile/entries/000.p/{size}"));
        for path in [&tile, &entries, &"/log/tile/0/000".to_owned()] {
            let answer = plainly(&anonymous, path).await;
            assert_eq!((answer.status, answer.header("www-authenticate")), (401, "Bearer"), "{path}");
            assert_eq!(answer.header("cache-control"), "no-store", "{path}");
            let browser = anonymous.get(path).await;
            assert_eq!(browser.status, 303, "a browser is shown the door");
        }
        let records = app.world.all_records().await;
        let mut olga = app.anonymous();
        olga.sign_in_to_api("olga").await;
        assert_eq!(fetch(&olga, &tile).await, (200, hashes(&records)));
        assert_eq!(status(&olga, &entries).await, 404);
        for member in [app.api("ada").await, app.browser("ada").await] {
            assert_eq!(fetch(&member, &tile).await, (200, hashes(&records)));
            assert_eq!(fetch(&member, &entries).await, (200, bundle(&records)));
            let answer = plainly(&member, &tile).await;
            assert_eq!(answer.header("cache-control"), format!("private, {FOR_EVER}"));
            assert!(answer.header("vary").contains("Authorization, Cookie"), "{}", answer.header("vary"));
            assert_eq!(status(&member, "/log/tile/0/000").await, 404);
        }
        assert_eq!(status(&HttpAsker::with_token(&app.base, "made.up.token"), &tile).await, 401);
    }

    async fn a_record_that_no_checkpoint_covers_is_in_no_tile(app: &TestApp) {
        app.world.grow_log(5).await;
        let ada = app.api("ada").await;
        let published = ledger_size(app).await;
        app.world.give_person("bob", "1").await;
        // The jobs may seal and sign at any moment; what they have not published is not there.
        let path = |width| format!("/log/tile/entries/000.p/{width}");
        let answer = status(&ada, &path(published + 1)).await;
        assert!(answer == 404 || ledger_size(app).await > published, "{answer}");
        app.tick().await;
        assert_eq!(status(&ada, &path(published + 1)).await, 200);
        assert_eq!(status(&ada, &path(ledger_size(app).await + 1)).await, 404);
    }
}

/// What the newest checkpoint covers.
async fn ledger_size(app: &TestApp) -> u64 {
    let note = plainly(&app.anonymous(), "/log/checkpoint").await;
    Checkpoint::open(note.text.as_bytes(), &[app.verifier_key().await]).unwrap().checkpoint.size
}
