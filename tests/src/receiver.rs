//! Another program that is told by webhooks: keeps what it gets, and answers as a test wants.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// What came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// Its headers, by name in lower case.
    pub headers: BTreeMap<String, String>,
    /// Its body.
    pub body: String,
}

/// The program.
#[derive(Clone)]
pub struct Receiver {
    /// Where it is called.
    pub url: String,
    state: Arc<State>,
}

struct State {
    status: AtomicU16,
    calls: Mutex<Vec<Call>>,
}

impl Receiver {
    /// Starts one, which takes what it gets.
    pub async fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/in", listener.local_addr().unwrap());
        let state = Arc::new(State { status: AtomicU16::new(204), calls: Mutex::default() });
        let shared = state.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, shared.clone()));
            }
        });
        Self { url, state }
    }

    /// Answers this status from now on; a redirect leads to itself.
    pub fn answer(&self, status: u16) {
        self.state.status.store(status, Ordering::SeqCst);
    }

    /// What came so far.
    pub fn calls(&self) -> Vec<Call> {
        self.state.calls.lock().unwrap().clone()
    }

    /// Waits until so many calls came, half a minute at most.
    pub async fn wait_for(&self, count: usize) -> Vec<Call> {
        for _ in 0..600 {
            if self.calls().len() >= count {
                break;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        let calls = self.calls();
        assert!(calls.len() >= count, "{} calls of {count}: {calls:#?}", calls.len());
        calls
    }
}

/// One request and its answer (RFC 9112), as far as a test needs it.
async fn serve(stream: TcpStream, state: Arc<State>) {
    let (read, mut write) = stream.into_split();
    let mut read = BufReader::new(read);
    let mut headers = BTreeMap::new();
    let mut line = String::new();
    while read.read_line(&mut line).await.is_ok_and(|length| length > 2) {
        if let Some((name, value)) = line.split_once(':') {
            headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
        }
        line.clear();
    }
    let length = headers.get("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
    let mut body = vec![0; length];
    if read.read_exact(&mut body).await.is_err() {
        return;
    }
    state.calls.lock().unwrap().push(Call { headers, body: String::from_utf8(body).unwrap() });
    let status = state.status.load(Ordering::SeqCst);
    let answer = format!("HTTP/1.1 {status} x\r\nlocation: /elsewhere\r\nconnection: close\r\n");
    let body = if status == 204 { "\r\n".to_owned() } else { "content-length: 4\r\n\r\nWell".to_owned() };
    let _gone = write.write_all(format!("{answer}{body}").as_bytes()).await;
}
