//! A PostgreSQL of one's own, on disk and waiting for it, with its own benchmark.
//!
//! Promises: listens on loopback only, and is gone at the end with all that it held.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use tempfile::TempDir;

/// A server that runs until this goes.
pub struct Server {
    programs: PathBuf,
    home: TempDir,
    port: u16,
}

impl Server {
    /// Starts the newest PostgreSQL of the machine; as somebody else where this runs as root, which it refuses.
    pub fn start() -> Self {
        let home = tempfile::Builder::new().prefix("saima-load.").tempdir_in("/tmp").unwrap();
        let port = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port();
        let server = Self { programs: programs(), home, port };
        if is_root() {
            run(Command::new("chown").arg("postgres").arg(server.home.path()));
        }
        let data = server.home.path().join("data");
        run(server.program("initdb").arg("-D").arg(&data).args([
            "-U",
            "saima",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--locale=C",
        ]));
        let options = format!(
            "-p {port} -k {} -c listen_addresses=127.0.0.1 -c max_connections=100 -c shared_buffers=512MB \
             -c max_wal_size=4GB -c fsync=on -c synchronous_commit=on",
            server.home.path().display()
        );
        let log = server.home.path().join("log");
        run(server
            .program("pg_ctl")
            .arg("-D")
            .arg(&data)
            .args(["-s", "-w", "-l"])
            .arg(log)
            .args(["-o", &options, "start"]));
        run(server.program("createdb").args(server.address()).arg("market"));
        server
    }

    /// The market's database.
    pub fn database(&self) -> String {
        format!("postgres://saima@127.0.0.1:{}/market", self.port)
    }

    /// The TPC-B-like benchmark that comes with PostgreSQL, scale 20: transactions a second.
    pub fn pgbench(&self, clients: u32, how_long: Duration) -> u64 {
        let bench = format!("bench{clients}");
        run(self.program("createdb").args(self.address()).arg(&bench));
        run(self.program("pgbench").args(self.address()).args(["-i", "-q", "-s", "20", &bench]));
        let seconds = how_long.as_secs().max(1).to_string();
        let clients = clients.to_string();
        let told = run(self
            .program("pgbench")
            .args(self.address())
            .args(["-c", &clients, "-j", "2", "-T", &seconds, &bench]));
        run(self.program("dropdb").args(self.address()).arg(&bench));
        let rate = told.lines().find_map(|line| line.strip_prefix("tps = "));
        let whole = rate.and_then(|rest| rest.split('.').next()).expect("pgbench tells its rate");
        whole.parse().unwrap()
    }

    fn address(&self) -> [String; 6] {
        ["-h", "127.0.0.1", "-p", &self.port.to_string(), "-U", "saima"].map(str::to_owned)
    }

    fn program(&self, name: &str) -> Command {
        let mut path = self.programs.join(name);
        if !path.exists() {
            path = PathBuf::from(name);
        }
        if !is_root() {
            return Command::new(path);
        }
        let mut command = Command::new("runuser");
        command.args(["-u", "postgres", "--"]).arg(path).current_dir(self.home.path());
        command
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let data = self.home.path().join("data");
        let _stopped =
            self.program("pg_ctl").arg("-D").arg(data).args(["-m", "immediate", "-s", "stop"]).status();
    }
}

/// Debian keeps the server's programs out of PATH.
fn programs() -> PathBuf {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let newest =
        versions.map(|entry| entry.path().join("bin")).filter(|path| path.join("initdb").exists()).max();
    newest.unwrap_or_default()
}

fn is_root() -> bool {
    Path::new("/proc/self").exists()
        && fs::read_to_string("/proc/self/status").is_ok_and(|status| {
            status.lines().any(|line| {
                line.strip_prefix("Uid:").is_some_and(|ids| ids.split_whitespace().nth(1) == Some("0"))
            })
        })
}

fn run(command: &mut Command) -> String {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}
