//! The program in a process of its own, in a folder of its own.

use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};
use std::time::Duration;

use tempfile::TempDir;
use tests::HttpAsker;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};
use tokio::time::timeout;

/// The binary: the very source of the program's own.
const PROGRAM: &str = env!("CARGO_BIN_EXE_saima-under-test");

/// Anything here takes seconds; a process that hangs fails its test instead of the whole run.
const PATIENCE: Duration = Duration::from_secs(120);

/// An installation: a folder, and the variables that the program is started with.
pub(crate) struct Place {
    pub(crate) folder: TempDir,
    variables: Vec<(String, String)>,
}

impl Place {
    /// One on SQLite.
    pub(crate) fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), variables: Vec::new() }
    }

    /// One more variable.
    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(PROGRAM);
        for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("SAIMA_")) {
            command.env_remove(name);
        }
        command.args(arguments).current_dir(self.folder.path()).env("SAIMA_LOG", "warn").kill_on_drop(true);
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// Runs the program to its end, with `input` on its standard input.
    pub(crate) async fn run_with(&self, arguments: &[&str], input: &str) -> Ended {
        let mut child = self.command(arguments).spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        // A program that does not read may have ended before we write.
        let _unread = stdin.write_all(input.as_bytes()).await;
        drop(stdin);
        timeout(PATIENCE, child.wait_with_output()).await.expect("the program hangs").unwrap().into()
    }

    /// Runs the program to its end.
    pub(crate) async fn run(&self, arguments: &[&str]) -> Ended {
        self.run_with(arguments, "").await
    }

    /// Brings in a person, who must be taken.
    pub(crate) async fn add(&self, handle: &str, roles: &[&str]) {
        let email = format!("{handle}@dawn.example");
        let mut arguments = vec!["person", "add", "--email", &email, "--name", handle, "--handle", handle];
        for role in roles {
            arguments.extend(["--role", role]);
        }
        self.run_with(&arguments, &format!("{}\n", tests::PASSWORD)).await.well();
    }

    /// Starts the program and waits until it listens.
    pub(crate) async fn start(&self, arguments: &[&str]) -> Serving {
        let mut child =
            self.command(arguments).stdin(Stdio::null()).stderr(Stdio::inherit()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let said = timeout(PATIENCE, async {
            while let Some(line) = lines.next_line().await.unwrap() {
                if let Some(base) = line.strip_prefix("listening on ") {
                    return Some(base.to_owned());
                }
            }
            None
        });
        let base =
            said.await.expect("the program does not start").expect("the program ended before it listened");
        Serving { child, lines, base }
    }

    /// Starts `saima serve` on a free port.
    pub(crate) async fn serve(&self) -> Serving {
        self.start(&["serve", "--listen", "127.0.0.1:0"]).await
    }
}

/// How the program ended.
pub(crate) struct Ended {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl From<Output> for Ended {
    fn from(output: Output) -> Self {
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        Self { code: output.status.code().unwrap_or(-1), out: text(output.stdout), err: text(output.stderr) }
    }
}

impl Ended {
    /// It must have ended well; answers what it printed.
    #[track_caller]
    pub(crate) fn well(self) -> String {
        assert_eq!(self.code, 0, "{}{}", self.out, self.err);
        self.out
    }

    /// It must have failed with this code; answers what it complained of.
    #[track_caller]
    pub(crate) fn badly(self, code: i32) -> String {
        assert_eq!(self.code, code, "{}{}", self.out, self.err);
        self.err
    }
}

/// The program, serving.
pub(crate) struct Serving {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
    pub(crate) base: String,
}

impl Serving {
    pub(crate) fn anonymous(&self) -> HttpAsker {
        HttpAsker::new(&self.base)
    }

    pub(crate) async fn api(&self, handle: &str) -> HttpAsker {
        let mut asker = self.anonymous();
        asker.sign_in_to_api(handle).await;
        asker
    }

    /// Sends a signal by name.
    pub(crate) fn signal(&self, name: &str) {
        let pid = self.child.id().expect("it runs").to_string();
        assert!(
            std::process::Command::new("kill").args([&format!("-{name}"), &pid]).status().unwrap().success()
        );
    }

    /// Waits for its end; answers the code and what else it printed.
    pub(crate) async fn end(mut self) -> (Option<i32>, Vec<String>) {
        let mut said = Vec::new();
        let ended = timeout(PATIENCE, async {
            while let Some(line) = self.lines.next_line().await.unwrap() {
                said.push(line);
            }
            self.child.wait().await.unwrap()
        });
        let status = ended.await.expect("the program does not stop");
        (status.code(), said)
    }

    /// Asks it to stop and waits for that.
    pub(crate) async fn stop(self) {
        self.signal("TERM");
        assert_eq!(self.end().await.0, Some(0));
    }
}

/// Every file below `folder`.
pub(crate) fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for item in std::fs::read_dir(folder).unwrap().flatten() {
        if item.path().is_dir() {
            found.extend(files(&item.path()));
        } else {
            found.push(item.path());
        }
    }
    found
}
