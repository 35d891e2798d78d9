//! What an installation is told, and by whom.
//!
//! Promises: a flag outweighs an environment variable, that outweighs the file, that outweighs the
//! default; a name that nothing reads is refused, with the nearest one that is read. Must never: show a
//! secret (the database's address holds a password) in a message or a log.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use ed25519_dalek::SigningKey;
use ed25519_dalek::pkcs8::DecodePrivateKey as _;
use market::{AssetSettings, LogAccess, Settings};
use serde::Deserialize;
use web::live::Most;

/// Everything the program can be told.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where to listen; port 0 takes any free one.
    pub listen: SocketAddr,
    /// The database.
    pub database: DatabaseUrl,
    /// Where keys and files lie.
    pub data: PathBuf,
    /// What the market is told.
    pub settings: Settings,
    /// Whether cookies are for HTTPS alone, also where the request came without it (behind a proxy).
    pub secure_cookies: bool,
    /// Proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpAddr>,
    /// Threads that answer requests; one for each core by default.
    pub workers: Option<usize>,
    /// How many may watch races at the same moment.
    pub live: Most,
    /// What a visitor's queries may cost in a minute.
    pub visitor_cost: u32,
    /// What a signed-in person's queries may cost in a minute.
    pub person_cost: u32,
    /// The policy file (C2SP tlog-policy) whose witnesses are asked for cosignatures.
    pub witness_policy: Option<PathBuf>,
    /// Where people reach the pages, for links in mails.
    pub public_url: Option<PublicUrl>,
    /// The mail server that notices are sent by; without it none are.
    pub smtp_url: Option<SmtpUrl>,
    /// The sender of mails.
    pub mail_from: Option<String>,
    /// Whether webhooks may go to addresses within the own network, and without TLS: for trying out.
    pub webhook_private: bool,
    /// Whether this is a demo, which shows the design system too. Nothing but the command itself says so.
    pub demo: bool,
    /// What to log, as in `info,market=debug`.
    pub log: String,
    /// How to write it.
    pub log_format: LogFormat,
    /// The private key that signs the log, where it is not in a file.
    pub log_key: Option<LogKey>,
    /// The one that will sign it next.
    pub log_key_next: Option<LogKey>,
}

/// A private key of the log, told by the environment: PKCS#8 PEM, or the 32 bytes of its seed in base64.
#[derive(Clone, PartialEq)]
pub struct LogKey(pub SigningKey);

impl FromStr for LogKey {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        use base64::Engine as _;
        if let Ok(key) = SigningKey::from_pkcs8_pem(text) {
            return Ok(Self(key));
        }
        let seed = base64::engine::general_purpose::STANDARD.decode(text.trim()).ok();
        let seed: Option<[u8; 32]> = seed.and_then(|seed| seed.try_into().ok());
        seed.map(|seed| Self(SigningKey::from_bytes(&seed)))
            .ok_or("write an Ed25519 key as PKCS#8 PEM, or its 32 bytes in base64")
    }
}

impl fmt::Debug for LogKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LogKey")
    }
}

impl<'de> Deserialize<'de> for LogKey {
    fn deserialize<D: serde::Deserializer<'de>>(_: D) -> Result<Self, D::Error> {
        Err(serde::de::Error::custom("a private key does not belong into this file: use the environment"))
    }
}

/// The address of a mail server, which may hold a password: `smtps://name:password@host` or `smtp://host:25`.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct SmtpUrl(pub String);

impl FromStr for SmtpUrl {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::try_from(text.to_owned())
    }
}

impl TryFrom<String> for SmtpUrl {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let known = ["smtp://", "smtps://"].iter().any(|scheme| text.starts_with(scheme));
        if known { Ok(Self(text)) } else { Err("write smtps://name:password@host or smtp://host:25") }
    }
}

impl fmt::Debug for SmtpUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SmtpUrl")
    }
}

/// Where people reach the pages: `https://saima.example`, without a slash at its end.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct PublicUrl(String);

impl FromStr for PublicUrl {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::try_from(text.to_owned())
    }
}

impl TryFrom<String> for PublicUrl {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let bare = text.trim_end_matches('/');
        let host = bare.strip_prefix("https://").or_else(|| bare.strip_prefix("http://"));
        let plain = |c: char| c.is_ascii_graphic() && !"<>\"\\?#@/".contains(c);
        match host {
            Some(host) if !host.is_empty() && host.chars().all(plain) => Ok(Self(bare.to_owned())),
            _ => Err("write https://host, without a path"),
        }
    }
}

/// How the log is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For eyes.
    #[default]
    Pretty,
    /// One JSON object a line.
    Json,
}

impl FromStr for LogFormat {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "pretty" => Ok(Self::Pretty),
            "json" => Ok(Self::Json),
            _ => Err("write pretty or json"),
        }
    }
}

/// A database's address: `sqlite://path?mode=rwc` or `postgres://…`.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct DatabaseUrl(String);

impl DatabaseUrl {
    /// The SQLite file `path`, made when it isn't there.
    pub fn sqlite(path: &Path) -> Self {
        Self(format!("sqlite://{}?mode=rwc", path.display()))
    }

    /// The file, where the database is one.
    pub fn sqlite_path(&self) -> Option<PathBuf> {
        let rest = self.0.strip_prefix("sqlite:")?;
        let path = rest.strip_prefix("//").unwrap_or(rest);
        Some(PathBuf::from(path.split_once('?').map_or(path, |(path, _)| path)))
    }

    /// The address, password included.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}…", self.0.split_once("//").map_or("", |(scheme, _)| scheme))
    }
}

impl FromStr for DatabaseUrl {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::try_from(text.to_owned())
    }
}

impl TryFrom<String> for DatabaseUrl {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let known = ["sqlite:", "postgres://", "postgresql://"].iter().any(|scheme| text.starts_with(scheme));
        if known { Ok(Self(text)) } else { Err("write sqlite://path?mode=rwc or postgres://…") }
    }
}

/// Addresses, separated by commas.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(transparent)]
pub struct Addresses(pub Vec<IpAddr>);

impl FromStr for Addresses {
    type Err = std::net::AddrParseError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.split(',').map(|part| part.trim().parse()).collect::<Result<_, _>>().map(Self)
    }
}

/// Why a configuration is refused.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// A variable that nothing reads.
    #[error("nothing reads the environment variable {name}; did you mean {nearest}?")]
    UnknownVariable {
        /// The variable.
        name: String,
        /// The nearest one that is read.
        nearest: &'static str,
    },
    /// A variable whose value can't be read. The value itself may be a secret.
    #[error("the environment variable {name} can't be read: {why}")]
    BadVariable {
        /// The variable.
        name: String,
        /// What to do.
        why: String,
    },
    /// The file is missing or not to be read.
    #[error("{path} can't be read: {why}")]
    File {
        /// The file.
        path: PathBuf,
        /// What is wrong, where.
        why: String,
    },
}

macro_rules! layer {
    ($($(#[$doc:meta])* $name:ident: $type:ty = $variable:literal,)*) => {
        /// What one source tells: flags, the environment, or the file. What it leaves open is `None`.
        #[derive(Debug, Clone, Default, PartialEq, Deserialize)]
        #[serde(deny_unknown_fields)]
        pub struct Layer { $($(#[$doc])* pub $name: Option<$type>,)* }

        impl Layer {
            /// The environment variables that are read.
            pub const VARIABLES: &'static [&'static str] = &[$($variable,)* CONFIG_FILE, ACCESS_TOKEN];

            /// This, and where it leaves something open, `below`.
            #[must_use]
            pub fn over(self, below: Self) -> Self {
                Self { $($name: self.$name.or(below.$name),)* }
            }

            fn set(&mut self, variable: &str, value: &str) -> Result<(), ConfigError> {
                match variable {
                    $($variable => self.$name = Some(read(variable, value)?),)*
                    CONFIG_FILE | ACCESS_TOKEN => {}
                    _ => return Err(ConfigError::UnknownVariable {
                        name: variable.to_owned(),
                        nearest: nearest(variable, Self::VARIABLES),
                    }),
                }
                Ok(())
            }
        }
    };
}

/// Names the file where no flag does.
const CONFIG_FILE: &str = "SAIMA_CONFIG";
/// Read by commands that ask other servers; no file may hold it.
const ACCESS_TOKEN: &str = "SAIMA_TOKEN";

layer! {
    /// Where to listen.
    listen: SocketAddr = "SAIMA_LISTEN",
    /// The database.
    database: DatabaseUrl = "SAIMA_DATABASE_URL",
    /// The directory for keys and files.
    data: PathBuf = "SAIMA_DATA",
    /// The organisation's name.
    house: String = "SAIMA_HOUSE",
    /// The log's origin line.
    origin: String = "SAIMA_ORIGIN",
    /// The asset's code.
    asset_code: String = "SAIMA_ASSET_CODE",
    /// The asset's decimals.
    asset_scale: u8 = "SAIMA_ASSET_SCALE",
    /// The asset's name.
    asset_name: String = "SAIMA_ASSET_NAME",
    /// Whether cookies are for HTTPS alone.
    secure_cookies: bool = "SAIMA_SECURE_COOKIES",
    /// Proxies to believe.
    trusted_proxies: Addresses = "SAIMA_TRUSTED_PROXIES",
    /// Most bytes in one file of a submission.
    max_file: usize = "SAIMA_MAX_FILE",
    /// Most files in one submission.
    max_files: usize = "SAIMA_MAX_FILES",
    /// What an hour of effort counts in the cost of a race, in minor units of the asset.
    hour_cost: u64 = "SAIMA_HOUR_COST",
    /// Who may read the log's tiles: `guarded` or `public`.
    log_access: LogAccess = "SAIMA_LOG_ACCESS",
    /// Threads that answer requests.
    workers: usize = "SAIMA_WORKERS",
    /// How many may watch races at the same moment.
    live_streams: usize = "SAIMA_LIVE_STREAMS",
    /// How many of them from one address.
    live_streams_each: usize = "SAIMA_LIVE_STREAMS_EACH",
    /// What a visitor's queries may cost in a minute.
    visitor_cost: u32 = "SAIMA_VISITOR_COST",
    /// What a person's queries may cost in a minute.
    person_cost: u32 = "SAIMA_PERSON_COST",
    /// Whose cosignatures are asked for.
    witness_policy: PathBuf = "SAIMA_WITNESS_POLICY",
    /// Where people reach the pages.
    public_url: PublicUrl = "SAIMA_PUBLIC_URL",
    /// The mail server; a secret where it holds a password.
    smtp_url: SmtpUrl = "SAIMA_SMTP_URL",
    /// The sender of mails.
    mail_from: String = "SAIMA_MAIL_FROM",
    /// Whether webhooks may go to private addresses.
    webhook_private: bool = "SAIMA_WEBHOOK_PRIVATE",
    /// What to log.
    log: String = "SAIMA_LOG",
    /// How to write it.
    log_format: LogFormat = "SAIMA_LOG_FORMAT",
    /// The log's private key; a secret.
    log_key: LogKey = "SAIMA_LOG_KEY",
    /// The log's next private key, while it is rotated; a secret.
    log_key_next: LogKey = "SAIMA_LOG_KEY_NEXT",
}

impl Config {
    /// Puts together what flags, environment and file tell.
    ///
    /// # Errors
    /// When a name is unknown or a value can't be read.
    pub fn load(
        flags: Layer,
        file: Option<&Path>,
        environment: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, ConfigError> {
        let mut variables = Layer::default();
        let mut named = None;
        for (name, value) in
            environment.into_iter().filter(|(name, value)| name.starts_with("SAIMA_") && !value.is_empty())
        {
            variables.set(&name, &value)?;
            if name == CONFIG_FILE {
                named = Some(PathBuf::from(value));
            }
        }
        let file = file.map(Path::to_owned).or(named).map(|path| read_file(&path)).transpose()?;
        Ok(Self::from(flags.over(variables).over(file.unwrap_or_default())))
    }

    /// Where people reach the pages, without a slash at its end: where it listens, if nothing else was told.
    pub fn public_url(&self) -> String {
        self.public_url.as_ref().map_or_else(|| format!("http://{}", self.listen), |url| url.0.clone())
    }

    /// Where the keys lie.
    pub fn keys(&self) -> PathBuf {
        self.data.join("keys")
    }
}

impl Default for Config {
    fn default() -> Self {
        Self::from(Layer::default())
    }
}

impl From<Layer> for Config {
    fn from(layer: Layer) -> Self {
        let data = layer.data.unwrap_or_else(|| PathBuf::from("data"));
        Self {
            listen: layer.listen.unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], 8080))),
            database: layer.database.unwrap_or_else(|| DatabaseUrl::sqlite(&data.join("saima.db"))),
            settings: Settings {
                house: layer.house.unwrap_or_else(|| "Saima".to_owned()),
                origin: layer.origin.unwrap_or_else(|| DEFAULT_ORIGIN.to_owned()),
                asset: AssetSettings {
                    code: layer.asset_code.unwrap_or_else(|| "SAI".to_owned()),
                    scale: layer.asset_scale.unwrap_or(2),
                    name: layer.asset_name.unwrap_or_else(|| "Saima token".to_owned()),
                },
                max_file: layer.max_file.unwrap_or(1 << 20),
                max_files: layer.max_files.unwrap_or(5),
                hour_cost: layer.hour_cost,
                log_access: layer.log_access.unwrap_or_default(),
            },
            secure_cookies: layer.secure_cookies.unwrap_or(false),
            trusted_proxies: layer.trusted_proxies.unwrap_or_default().0,
            workers: layer.workers.filter(|workers| *workers > 0),
            live: Most {
                streams: layer.live_streams.unwrap_or(Most::default().streams),
                each: layer.live_streams_each.unwrap_or(Most::default().each),
                ..Most::default()
            },
            visitor_cost: layer.visitor_cost.unwrap_or(600),
            person_cost: layer.person_cost.unwrap_or(6_000),
            witness_policy: layer.witness_policy,
            public_url: layer.public_url,
            smtp_url: layer.smtp_url,
            mail_from: layer.mail_from,
            webhook_private: layer.webhook_private.unwrap_or(false),
            demo: false,
            log: layer.log.unwrap_or_else(|| "info".to_owned()),
            log_format: layer.log_format.unwrap_or_default(),
            log_key: layer.log_key,
            log_key_next: layer.log_key_next,
            data,
        }
    }
}

/// The origin of an installation that was not told its own; fit for trying out.
pub const DEFAULT_ORIGIN: &str = "localhost/saima";

fn read<T: FromStr<Err: fmt::Display>>(variable: &str, value: &str) -> Result<T, ConfigError> {
    value
        .parse()
        .map_err(|why: T::Err| ConfigError::BadVariable { name: variable.to_owned(), why: why.to_string() })
}

fn read_file(path: &Path) -> Result<Layer, ConfigError> {
    let wrong = |why: String| ConfigError::File { path: path.to_owned(), why };
    let text = std::fs::read_to_string(path).map_err(|error| wrong(error.to_string()))?;
    // The whole message of the parser quotes the line, which may hold the database's password.
    toml::from_str(&text)
        .map_err(|error| wrong(format!("{}{}", error.message(), line_of(&text, error.span()))))
}

fn line_of(text: &str, span: Option<std::ops::Range<usize>>) -> String {
    let before = span.and_then(|span| text.get(..span.start));
    before.map_or_else(String::new, |before| format!(" (line {})", before.matches('\n').count() + 1))
}

/// The one of `names` that takes the fewest changes to get to from `wrong`.
fn nearest(wrong: &str, names: &[&'static str]) -> &'static str {
    names.iter().copied().min_by_key(|name| distance(wrong, name)).unwrap_or_default()
}

/// Levenshtein's distance.
fn distance(from: &str, to: &str) -> usize {
    let to: Vec<char> = to.chars().collect();
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (index, letter) in from.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = index + 1;
        for column in 0..to.len() {
            let changed = diagonal + usize::from(letter != to[column]);
            diagonal = row[column + 1];
            row[column + 1] = changed.min(row[column] + 1).min(diagonal + 1);
        }
    }
    row[to.len()]
}

#[cfg(test)]
#[path = "config_tests.rs"]
mod tests;
