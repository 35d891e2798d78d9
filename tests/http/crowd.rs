//! Thousands who watch one race. Not part of every run; see `README.md` for the command.
//!
//! Promises: what is measured is the program as it is started everywhere, watched over TCP from the same process, so
//! that memory and time are those of both ends together.

use std::time::{Duration, Instant};

use market::task::Visibility;
use tests::{Db, Start, TestApp};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

async fn ask(address: &str, path: &str, accept: &str) -> TcpStream {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nHost: x\r\nAccept: {accept}\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    stream
}

/// Reads until a text comes, and tells when it did.
async fn until(stream: &mut TcpStream, wanted: &str) -> Instant {
    let mut seen = String::new();
    let mut bytes = [0_u8; 1_024];
    loop {
        let read = stream.read(&mut bytes).await.unwrap();
        assert!(read > 0, "the stream ended: {seen}");
        seen.push_str(&String::from_utf8_lossy(&bytes[..read]));
        if seen.contains(wanted) {
            return Instant::now();
        }
    }
}

/// Megabytes that this process holds.
fn memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() / 1_024
}

/// Hundredths of a second of processor time that this process has used.
fn used() -> u64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let fields: Vec<&str> = stat.rsplit_once(')').unwrap().1.split_whitespace().collect();
    fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap()
}

fn spread(mut times: Vec<Duration>) -> String {
    times.sort_unstable();
    let of = |part: usize| times[(times.len() - 1) * part / 100].as_millis();
    format!("{} ms median, {} ms for 99 of 100, {} ms for the last", of(50), of(99), of(100))
}

#[test]
#[ignore = "opens thousands of connections: cargo test --release -p tests --test http -- --ignored thousands --nocapture"]
#[allow(clippy::print_stdout, reason = "it measures, and tells what")]
fn thousands_watch_and_all_of_them_hear_it_soon() {
    let count: usize = std::env::var("SAIMA_STREAMS").map_or(2_000, |text| text.parse().unwrap());
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let app = TestApp::start_with(Db::Sqlite, |config| {
            config.live.each = count;
            config.workers = Some(2);
        })
        .await;
        let race = app.world.race(Start { visibility: Visibility::Open, ..Start::default() }).await;
        let mut entries = Vec::new();
        for who in ["ada", "ben", "cid", "dora", "emil", "fay"] {
            entries.push((who, race.run(who).await));
        }
        let handle = race.view().await.handle;
        let (live, track) = (format!("/tasks/{handle}/live"), format!("/tasks/{handle}/track"));
        let address = app.base.trim_start_matches("http://").to_owned();
        let before = memory();
        let begun = Instant::now();
        let mut streams = Vec::new();
        for _ in 0..count {
            let mut stream = ask(&address, &live, "text/event-stream").await;
            until(&mut stream, "id: ").await;
            streams.push(stream);
        }
        println!("{count} streams opened in {} ms, one after the other", begun.elapsed().as_millis());
        let held = memory().saturating_sub(before);
        println!("memory: {held} MB more, both ends");
        let busy = used();
        tokio::time::sleep(Duration::from_secs(20)).await;
        println!("processor while nothing happens: {} hundredths of one core", (used() - busy) / 20);
        // A minute of time, so that the next version is another one.
        app.world.wait(time::Duration::minutes(1));
        let (who, entry) = entries[0];
        let changed = Instant::now();
        race.submit(who, entry).await;
        let busy = used();
        let mut waiting = Vec::new();
        for (at, mut stream) in streams.into_iter().enumerate() {
            let (address, track) = (address.clone(), track.clone());
            waiting.push(tokio::spawn(async move {
                let told = until(&mut stream, "event: race").await;
                // As the page's script does: spread over a millisecond for each of those who watch.
                tokio::time::sleep(Duration::from_millis(u64::try_from(at).unwrap())).await;
                let asked = Instant::now();
                let mut piece = ask(&address, &track, "text/html").await;
                let shown = until(&mut piece, "</svg>").await;
                drop(stream);
                (told - changed, shown - asked)
            }));
        }
        let (mut told, mut shown) = (Vec::new(), Vec::new());
        for one in waiting {
            let (heard, fetched) = one.await.unwrap();
            told.push(heard);
            shown.push(fetched);
        }
        println!("from the change to the event: {}", spread(told.clone()));
        println!("the race fetched after it: {}", spread(shown));
        println!("processor for all of it: {} hundredths of a second", used() - busy);
        assert!(told.iter().max().unwrap() < &Duration::from_secs(5), "everybody heard it in time");
        assert!(held < 400, "{held} MB for {count} streams");
        app.world.books_hold().await;
    });
}
