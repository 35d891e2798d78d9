//! A PostgreSQL of one test's own, as an operator would run it: every commit waits for the disk.
//!
//! Must never: be left running; its folder goes when it goes.

use std::path::{Path, PathBuf};
use std::time::Duration;

use tempfile::TempDir;
use tokio::process::Command;

/// A server in a folder of its own, listening on loopback.
pub(crate) struct Postgres {
    bin: PathBuf,
    home: TempDir,
    port: u16,
    pub(crate) url: String,
}

impl Postgres {
    /// Makes and starts one.
    pub(crate) async fn start() -> Self {
        // A short path: a Unix socket's may have no more than 107 characters.
        let home = tempfile::Builder::new().prefix("saima-pg.").tempdir_in("/tmp").unwrap();
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        drop(listener);
        let url = format!("postgres://saima@127.0.0.1:{port}/postgres");
        let postgres = Self { bin: newest_bin(), home, port, url };
        if is_root() {
            run("chown", &["postgres", postgres.folder()]).await;
        }
        postgres
            .control(
                "initdb",
                &["-D", &postgres.data(), "-U", "saima", "-A", "trust", "-E", "UTF8", "--locale=C"],
            )
            .await;
        postgres.recover().await;
        postgres
    }

    /// Stops it as a power cut would: no checkpoint, no farewell.
    pub(crate) async fn crash(&self) {
        self.control("pg_ctl", &["-D", &self.data(), "-s", "-m", "immediate", "stop"]).await;
        tokio::time::sleep(Duration::from_millis(20)).await;
    }

    /// Starts it again; it recovers what was committed.
    pub(crate) async fn recover(&self) {
        let options =
            format!("-p {} -k {} -c listen_addresses=127.0.0.1 -c fsync=on", self.port, self.folder());
        let log = format!("{}/server.log", self.data());
        self.control(
            "pg_ctl",
            &["-D", &self.data(), "-s", "-w", "-t", "60", "-l", &log, "-o", &options, "start"],
        )
        .await;
    }

    /// Stops it for good.
    pub(crate) async fn stop(&self) {
        self.crash().await;
    }

    fn folder(&self) -> &str {
        self.home.path().to_str().unwrap()
    }

    fn data(&self) -> String {
        format!("{}/data", self.folder())
    }

    /// PostgreSQL's programs refuse to run as root.
    async fn control(&self, program: &str, arguments: &[&str]) {
        let program = self.bin.join(program);
        let program = program.to_str().unwrap();
        if is_root() {
            let all: Vec<&str> =
                ["-u", "postgres", "--", program].into_iter().chain(arguments.iter().copied()).collect();
            run("runuser", &all).await;
        } else {
            run(program, arguments).await;
        }
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        // A test that failed leaves it running: end the process that its own folder names.
        let id = std::fs::read_to_string(Path::new(&self.data()).join("postmaster.pid")).unwrap_or_default();
        if let Some(id) = id.lines().next() {
            let _gone = std::process::Command::new("kill").args(["-QUIT", id]).status();
        }
    }
}

fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt as _;
    std::fs::metadata("/proc/self").unwrap().uid() == 0
}

async fn run(program: &str, arguments: &[&str]) {
    let mut command = Command::new(program);
    // Standard output is inherited by the server: a pipe would never end.
    command
        .args(arguments)
        .current_dir("/tmp")
        .stdin(std::process::Stdio::null())
        .stdout(std::process::Stdio::null());
    let ended = command.status().await.unwrap_or_else(|why| panic!("{program}: {why}"));
    assert!(ended.success(), "{program} {arguments:?}: {ended}");
}

/// Debian keeps PostgreSQL's programs out of PATH.
fn newest_bin() -> PathBuf {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let newest = versions
        .filter_map(|folder| {
            Some((folder.file_name().to_str()?.parse::<u32>().ok()?, folder.path().join("bin")))
        })
        .filter(|(_, bin)| bin.join("initdb").exists())
        .max();
    newest.expect("PostgreSQL's programs are not installed: run the tests by tests/run").1
}
