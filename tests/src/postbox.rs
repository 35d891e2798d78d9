//! A mail server of a test's own: takes what it is given, or refuses for a while.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use base64::Engine as _;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// A mail that was taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    /// Whom it was for, by the envelope.
    pub to: String,
    /// Its headers, as they came.
    pub headers: String,
    /// Its text, decoded.
    pub text: String,
}

/// The mail server.
#[derive(Clone)]
pub struct Postbox {
    /// How it is reached: `smtp://127.0.0.1:port`.
    pub url: String,
    state: Arc<State>,
}

#[derive(Default)]
struct State {
    letters: Mutex<Vec<Letter>>,
    refusing: AtomicUsize,
    refused: AtomicUsize,
}

impl Letter {
    /// A header's value, folded lines joined.
    pub fn header(&self, name: &str) -> String {
        let joined = self.headers.replace("\r\n ", " ").replace("\r\n\t", " ");
        let start = format!("{}: ", name.to_ascii_lowercase());
        let line = joined.lines().find(|line| line.to_ascii_lowercase().starts_with(&start));
        line.map_or_else(String::new, |line| line[start.len()..].trim().to_owned())
    }
}

impl Postbox {
    /// Starts one.
    pub async fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("smtp://{}", listener.local_addr().unwrap());
        let state = Arc::new(State::default());
        let shared = state.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, shared.clone()));
            }
        });
        Self { url, state }
    }

    /// Refuses the next so many mails, for the time being.
    pub fn refuse(&self, count: usize) {
        self.state.refusing.store(count, Ordering::SeqCst);
    }

    /// How many were refused.
    pub fn refused(&self) -> usize {
        self.state.refused.load(Ordering::SeqCst)
    }

    /// What was taken so far.
    pub fn letters(&self) -> Vec<Letter> {
        self.state.letters.lock().unwrap().clone()
    }

    /// Waits until so many were taken, half a minute at most.
    pub async fn wait_for(&self, count: usize) -> Vec<Letter> {
        for _ in 0..600 {
            if self.letters().len() >= count {
                break;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        let letters = self.letters();
        assert!(letters.len() >= count, "{} letters of {count}: {letters:#?}", letters.len());
        letters
    }

    /// Waits until so many were refused.
    pub async fn wait_for_refusals(&self, count: usize) {
        for _ in 0..600 {
            if self.refused() >= count {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("{} refusals of {count}", self.refused());
    }
}

/// One conversation (RFC 5321), as far as a test needs it.
async fn serve(stream: TcpStream, state: Arc<State>) {
    let (read, mut write) = stream.into_split();
    let mut lines = BufReader::new(read).lines();
    let mut to = String::new();
    let _gone = write.write_all(b"220 postbox\r\n").await;
    while let Ok(Some(line)) = lines.next_line().await {
        let word = line.get(..4).unwrap_or_default().to_ascii_uppercase();
        let answer = match word.as_str() {
            "RCPT" => {
                to = line.split(['<', '>']).nth(1).unwrap_or_default().to_owned();
                "250 ok\r\n"
            }
            "DATA" => {
                let _gone = write.write_all(b"354 go on\r\n").await;
                let mut mail = Vec::new();
                while let Ok(Some(line)) = lines.next_line().await {
                    if line == "." {
                        break;
                    }
                    mail.push(line.strip_prefix('.').map(str::to_owned).unwrap_or(line));
                }
                take(&state, &to, &mail)
            }
            "QUIT" => {
                let _gone = write.write_all(b"221 bye\r\n").await;
                return;
            }
            _ => "250 ok\r\n",
        };
        if write.write_all(answer.as_bytes()).await.is_err() {
            return;
        }
    }
}

fn take(state: &State, to: &str, mail: &[String]) -> &'static str {
    let refused = state.refusing.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1));
    if refused.is_ok() {
        state.refused.fetch_add(1, Ordering::SeqCst);
        return "451 not now\r\n";
    }
    let empty = mail.iter().position(String::is_empty).unwrap_or(mail.len());
    let headers = mail[..empty].join("\r\n");
    let body = mail.get(empty + 1..).unwrap_or_default();
    let lower = headers.to_ascii_lowercase();
    let text = if lower.contains("content-transfer-encoding: base64") {
        let bytes = base64::engine::general_purpose::STANDARD.decode(body.concat()).unwrap();
        String::from_utf8(bytes).unwrap()
    } else if lower.contains("content-transfer-encoding: quoted-printable") {
        unquote(&body.join("\r\n"))
    } else {
        body.join("\n")
    };
    let letter = Letter { to: to.to_owned(), headers, text: text.replace("\r\n", "\n") };
    state.letters.lock().unwrap().push(letter);
    "250 taken\r\n"
}

/// Quoted-printable (RFC 2045 §6.7) as text.
fn unquote(text: &str) -> String {
    let joined = text.replace("=\r\n", "");
    let mut bytes = Vec::new();
    let mut rest = joined.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let code = (*first == b'=').then(|| after.get(..2)).flatten();
        let byte = code.and_then(|code| u8::from_str_radix(std::str::from_utf8(code).ok()?, 16).ok());
        bytes.push(byte.unwrap_or(*first));
        rest = if byte.is_some() { &after[2..] } else { after };
    }
    String::from_utf8(bytes).unwrap()
}

#[test]
fn quoted_printable_is_read() {
    assert_eq!(unquote("=E8=B5=9B a=3Db=\r\nc"), "赛 a=bc");
}
