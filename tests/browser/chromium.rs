//! Chromium and its driver, each in a process that ends with the test.

use std::net::TcpListener;
use std::process::Stdio;
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;
use thirtyfour::{By, Capabilities, WebDriver, WebElement};
use tokio::process::{Child, Command};

/// What every session is started with: nothing that calls home, nothing that waits for a question.
const FLAGS: &[&str] = &[
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--no-default-browser-check",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-sync",
    "--hide-scrollbars",
    "--force-color-profile=srgb",
    "--window-size=1280,900",
];

/// A browser window.
pub(crate) struct Window {
    driver: WebDriver,
    session: String,
    pub(crate) base: String,
}

/// How a window differs from the plain one.
#[derive(Clone, Copy)]
pub(crate) struct Choice {
    pub(crate) language: &'static str,
    pub(crate) scripts: bool,
}

impl Default for Choice {
    fn default() -> Self {
        Self { language: "en-US", scripts: true }
    }
}

/// A driver, on a port of its own.
pub(crate) struct Driver {
    process: Child,
    address: String,
    profiles: Vec<TempDir>,
}

impl Driver {
    /// Starts one and waits until it answers.
    pub(crate) async fn start() -> Self {
        saima::outward::use_ring();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut command = Command::new("chromedriver");
        command.arg(format!("--port={port}")).stdout(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true);
        let process =
            command.spawn().expect("chromedriver is missing: run the tests by tests/run, which installs it");
        let address = format!("http://127.0.0.1:{port}");
        for _ in 0..200 {
            if reqwest::get(format!("{address}/status")).await.is_ok() {
                return Self { process, address, profiles: Vec::new() };
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("chromedriver does not answer");
    }

    /// Opens a window with a profile of its own.
    pub(crate) async fn open(&mut self, base: &str, choice: Choice) -> Window {
        let profile = tempfile::tempdir().unwrap();
        let mut arguments: Vec<String> = FLAGS.iter().map(|flag| (*flag).to_owned()).collect();
        arguments.push(format!("--user-data-dir={}", profile.path().display()));
        arguments.push(format!("--lang={}", choice.language));
        let preferences = json!({
            "intl.accept_languages": choice.language,
            "profile.managed_default_content_settings.javascript": if choice.scripts { 1 } else { 2 },
        });
        let wanted = json!({
            "browserName": "chrome",
            "goog:chromeOptions": { "args": arguments, "prefs": preferences },
            "goog:loggingPrefs": { "browser": "ALL" },
        });
        let wanted = Capabilities::from(wanted.as_object().unwrap().clone());
        self.profiles.push(profile);
        let driver = WebDriver::new(&self.address, wanted).await.expect("Chromium starts");
        let session = format!("{}/session/{}", self.address, driver.session_id());
        Window { driver, session, base: base.to_owned() }
    }

    /// Ends driver and windows.
    pub(crate) async fn stop(mut self) {
        self.process.kill().await.unwrap();
    }
}

impl Window {
    /// Opens a page of the site.
    pub(crate) async fn goto(&self, path: &str) {
        self.driver.goto(format!("{}{path}", self.base)).await.unwrap();
    }

    /// Where it is now, without the site.
    pub(crate) async fn path(&self) -> String {
        let url = self.driver.current_url().await.unwrap();
        url.as_str().trim_start_matches(&self.base).to_owned()
    }

    /// The first that the selector finds.
    pub(crate) async fn find(&self, selector: &str) -> WebElement {
        match self.driver.find(By::Css(selector)).await {
            Ok(found) => found,
            Err(_) => panic!("{selector} is not on {}:\n{}", self.path().await, self.text().await),
        }
    }

    /// Whether the selector finds anything.
    pub(crate) async fn has(&self, selector: &str) -> bool {
        !self.driver.find_all(By::Css(selector)).await.unwrap().is_empty()
    }

    /// Types into the field of this name, in place of what stands there.
    pub(crate) async fn fill(&self, name: &str, value: &str) {
        let field = self.find(&format!("main [name=\"{name}\"]")).await;
        field.clear().await.unwrap();
        field.send_keys(value).await.unwrap();
    }

    /// Chooses one of several radio buttons, or an option.
    pub(crate) async fn choose(&self, name: &str, value: &str) {
        let radio = format!("main input[name=\"{name}\"][value=\"{value}\"]");
        let wanted = if self.has(&radio).await {
            radio
        } else {
            format!("main select[name=\"{name}\"] option[value=\"{value}\"]")
        };
        self.press_on(&wanted).await;
    }

    /// Clicks on what the selector finds, in the middle of the window.
    pub(crate) async fn press_on(&self, selector: &str) {
        let wanted = self.find(selector).await;
        let centre = "arguments[0].scrollIntoView({ block: 'center', behavior: 'instant' })";
        self.driver.execute(centre, vec![wanted.to_json().unwrap()]).await.unwrap();
        wanted.click().await.unwrap_or_else(|error| panic!("{selector} can't be clicked: {error}"));
    }

    /// Clicks and waits until the page that follows is there.
    pub(crate) async fn click(&self, selector: &str) {
        let before = self.find("html").await;
        self.press_on(selector).await;
        for _ in 0..100 {
            if before.tag_name().await.is_err() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// What can be read on the page.
    pub(crate) async fn text(&self) -> String {
        match self.driver.find(By::Tag("body")).await {
            Ok(body) => body.text().await.unwrap(),
            Err(error) => error.to_string(),
        }
    }

    /// Asks the page something.
    pub(crate) async fn ask(&self, script: &str) -> Value {
        self.driver.execute(script, Vec::new()).await.unwrap().json().clone()
    }

    /// Asks the page something, with an argument.
    pub(crate) async fn ask_with(&self, script: &str, argument: Value) -> Value {
        self.driver.execute(script, vec![argument]).await.unwrap().json().clone()
    }

    /// Asks the page something that it answers in a while, by the last of its arguments.
    pub(crate) async fn ask_later(&self, script: &str, argument: Value) -> Value {
        self.driver.execute_async(script, vec![argument]).await.unwrap().json().clone()
    }

    /// Waits until the selector finds something.
    pub(crate) async fn until(&self, selector: &str) {
        for _ in 0..100 {
            if self.has(selector).await {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("{selector} never came to {}:\n{}", self.path().await, self.text().await);
    }

    /// A command of the browser's own protocol.
    async fn command(&self, name: &str, parameters: Value) -> Value {
        let body = json!({ "cmd": name, "params": parameters });
        let answer = reqwest::Client::new()
            .post(format!("{}/goog/cdp/execute", self.session))
            .json(&body)
            .send()
            .await
            .unwrap();
        assert!(answer.status().is_success(), "{name}");
        answer.json().await.unwrap()
    }

    /// Makes the page as wide as this, as on a telephone or a desk.
    pub(crate) async fn width(&self, width: u32) {
        let parameters = json!({ "width": width, "height": 800, "deviceScaleFactor": 1, "mobile": false });
        self.command("Emulation.setDeviceMetricsOverride", parameters).await;
    }

    /// Runs a script in every page that follows, before the page's own.
    pub(crate) async fn before_each_page(&self, script: &str) {
        self.command("Page.addScriptToEvaluateOnNewDocument", json!({ "source": script })).await;
    }

    /// What the system prefers: `light` or `dark`.
    pub(crate) async fn scheme(&self, scheme: &str) {
        // Without motion, or a colour would be read in the middle of its change.
        let still = json!({ "name": "prefers-reduced-motion", "value": "reduce" });
        let features = json!({ "features": [{ "name": "prefers-color-scheme", "value": scheme }, still] });
        self.command("Emulation.setEmulatedMedia", features).await;
    }

    /// What the browser complained of since it was last asked: scripts that failed, rules that were broken.
    pub(crate) async fn complaints(&self) -> Vec<String> {
        let url = format!("{}/se/log", self.session);
        let answer =
            reqwest::Client::new().post(url).json(&json!({ "type": "browser" })).send().await.unwrap();
        let lines = answer.json::<Value>().await.unwrap()["value"].clone();
        let message = |line: &Value| {
            format!(
                "{}: {}",
                line["level"].as_str().unwrap_or_default(),
                line["message"].as_str().unwrap_or_default()
            )
        };
        let told = lines.as_array().cloned().unwrap_or_default();
        told.iter().filter(|line| line["level"] != "DEBUG" && line["level"] != "INFO").map(message).collect()
    }

    /// A picture of the whole page.
    pub(crate) async fn picture(&self) -> Vec<u8> {
        use base64::Engine as _;
        let parameters = json!({ "format": "png", "captureBeyondViewport": true });
        let answer = self.command("Page.captureScreenshot", parameters).await;
        base64::engine::general_purpose::STANDARD.decode(answer["value"]["data"].as_str().unwrap()).unwrap()
    }

    /// Signs in as in any browser.
    pub(crate) async fn sign_in(&self, handle: &str) {
        self.goto("/sign-in").await;
        self.fill("email", &format!("{handle}@dawn.example")).await;
        self.fill("password", tests::PASSWORD).await;
        self.click("main button.primary").await;
        assert!(
            !self.path().await.starts_with("/sign-in"),
            "{handle} could not sign in: {}",
            self.text().await
        );
    }

    /// Signs in in place of whoever was here; nobody, if `handle` is empty.
    pub(crate) async fn become_somebody(&self, handle: &str) {
        self.command("Network.clearBrowserCookies", json!({})).await;
        if !handle.is_empty() {
            self.sign_in(handle).await;
        }
    }

    /// Lets nothing out faster than this; 0 for as fast as it can.
    pub(crate) async fn upload_speed(&self, bytes_per_second: i64) {
        let most = if bytes_per_second == 0 { -1 } else { bytes_per_second };
        let line = json!({
            "offline": false, "latency": 0, "downloadThroughput": -1, "uploadThroughput": most,
        });
        self.command("Network.enable", json!({})).await;
        self.command("Network.emulateNetworkConditions", line).await;
    }

    /// Lets pages read and write what is copied, as a reader's own hand may.
    pub(crate) async fn may_copy(&self) {
        let allowed = json!({ "permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"] });
        self.command("Browser.grantPermissions", allowed).await;
    }

    /// Gives the page's field for files this one.
    pub(crate) async fn attach(&self, file: &std::path::Path) {
        self.find("main input[type=\"file\"]").await.send_keys(file.to_str().unwrap()).await.unwrap();
    }

    /// Closes it.
    pub(crate) async fn close(self) {
        self.driver.quit().await.unwrap();
    }

    /// Presses one key, whatever the cursor is in: a field for files would take it for a file's name.
    pub(crate) async fn tap(&self, key: &str) {
        self.driver.action_chain().send_keys(key).perform().await.unwrap();
    }

    /// Presses keys where the cursor is.
    pub(crate) async fn press(&self, keys: &str) {
        self.driver.active_element().await.unwrap().send_keys(keys).await.unwrap();
    }
}
