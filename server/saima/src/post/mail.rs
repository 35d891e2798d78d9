//! Mail by SMTP.
//!
//! Promises: one notice has one Message-ID, so that a mail that comes twice is seen to be one; every mail says
//! how to end them (RFC 2369, RFC 8058) and that no person wrote it (RFC 3834). Must never: log an address, or
//! the password of the mail server.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{Mailbox, Message};
use lettre::transport::smtp::extension::ClientId;
use lettre::{Address, AsyncSmtpTransport, AsyncTransport as _, Tokio1Executor};
use market::notice::{Mail, Outcome};
use market::{Market, Moment, Refusal};

use super::Stops;
use crate::config::Config;
use crate::outward::use_ring;

/// How long a mail server may take over one mail: less than a claim holds.
const PATIENCE: Duration = Duration::from_secs(30);
/// Most bytes of what a mail server said that are kept.
const SAID: usize = 300;

/// Sends mail.
pub struct Mailer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
    base: String,
    host: String,
    stops: Arc<Stops>,
}

/// Why mail can't be set up.
#[derive(Debug, thiserror::Error)]
pub enum MailTrouble {
    /// The server is named, the sender is not.
    #[error("mail needs a sender: set SAIMA_MAIL_FROM, such as `Saima <saima@example.org>`")]
    NoSender,
    /// The sender is no address.
    #[error("SAIMA_MAIL_FROM is not an address: write `Saima <saima@example.org>`")]
    BadSender,
    /// The address of the server can't be read. It may hold a password.
    #[error("SAIMA_SMTP_URL can't be read: write smtps://name:password@host, or smtp://host:25")]
    BadServer,
}

impl Mailer {
    /// What the configuration says; nothing where it names no mail server.
    ///
    /// # Errors
    /// When what it says can't be used.
    pub fn new(config: &Config, stops: Arc<Stops>) -> Result<Option<Self>, MailTrouble> {
        let Some(server) = &config.smtp_url else { return Ok(None) };
        let from = config.mail_from.as_deref().ok_or(MailTrouble::NoSender)?;
        let from: Mailbox = from.parse().map_err(|_| MailTrouble::BadSender)?;
        use_ring();
        let base = config.public_url();
        let host = host_of(&base).to_owned();
        let transport = AsyncSmtpTransport::<Tokio1Executor>::from_url(&server.0)
            .map_err(|_| MailTrouble::BadServer)?
            .hello_name(ClientId::Domain(host.clone()))
            .timeout(Some(PATIENCE))
            .build();
        Ok(Some(Self { transport, from, base, host, stops }))
    }

    /// Makes a mail of these notices and hands it to the mail server.
    ///
    /// # Errors
    /// When the database fails; what the mail server says is an outcome.
    pub async fn send(&self, market: &Market, mail: &Mail) -> market::Result<Outcome> {
        let Ok(address) = mail.email.parse::<Address>() else {
            return Ok(Outcome::Never("not an address".to_owned()));
        };
        let stop = format!("{}{}", self.base, web::urls::unsubscribe(self.stops.token(mail.person)));
        let letter = web::mail::letter(market, mail, &self.base, &stop).await?;
        let first = mail.notices.first().ok_or_else(|| Refusal::fault("a mail without a notice"))?;
        let kind = if mail.digest { "digest" } else { "notice" };
        let message = Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, address))
            .subject(letter.subject)
            .date(system_time(market.now()))
            .message_id(Some(format!("<{kind}-{}@{}>", first.id, self.host)))
            .raw_header(header("List-Unsubscribe", format!("<{stop}>")))
            .raw_header(header("List-Unsubscribe-Post", "List-Unsubscribe=One-Click".to_owned()))
            .raw_header(header("Auto-Submitted", "auto-generated".to_owned()))
            .header(ContentType::TEXT_PLAIN)
            .body(letter.body)
            .map_err(Refusal::fault)?;
        // The transport's own time-out holds for each step; a server that drips must not hold us either.
        match tokio::time::timeout(PATIENCE * 2, self.transport.send(message)).await {
            Ok(Ok(_)) => Ok(Outcome::Sent),
            Ok(Err(why)) => Ok(said(&why)),
            Err(_) => Ok(Outcome::Later("the mail server took too long".to_owned())),
        }
    }
}

/// What a refusal means: that the mailbox or the mail is not wanted is for good, all else may pass.
fn said(why: &lettre::transport::smtp::Error) -> Outcome {
    let text: String = why.to_string().chars().take(SAID).collect();
    let code = why.status().map(|code| code.to_string());
    match code.as_deref() {
        Some("550" | "551" | "552" | "553" | "554") => Outcome::Never(text),
        _ => Outcome::Later(text),
    }
}

fn header(name: &'static str, value: String) -> HeaderValue {
    HeaderValue::dangerous_new_pre_encoded(HeaderName::new_from_ascii_str(name), value.clone(), value)
}

fn system_time(at: Moment) -> SystemTime {
    let micros = u64::try_from(at.0).unwrap_or(0);
    SystemTime::UNIX_EPOCH + Duration::from_micros(micros)
}

/// The host of an address, without its port.
fn host_of(base: &str) -> &str {
    let rest = base.split_once("//").map_or(base, |(_, rest)| rest);
    let host = rest.split(['/', '?']).next().unwrap_or_default();
    match host.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        _ => host,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail loudly")]
    use ed25519_dalek::SigningKey;

    use super::*;
    use crate::config::Layer;

    fn mailer(server: Option<&str>, from: Option<&str>) -> Result<Option<Mailer>, MailTrouble> {
        let smtp_url = server.map(|server| server.parse().unwrap());
        let config: Config =
            Layer { smtp_url, mail_from: from.map(str::to_owned), ..Layer::default() }.into();
        let stops = Stops::new("dawn.example/saima", SigningKey::from_bytes(&[5; 32]));
        Mailer::new(&config, Arc::new(stops))
    }

    #[test]
    fn without_a_mail_server_there_is_no_mail_and_without_a_sender_it_is_refused() {
        assert!(mailer(None, None).unwrap().is_none());
        let server = Some("smtps://me:hunter2@mail.example");
        assert!(mailer(server, Some("Saima <saima@dawn.example>")).unwrap().is_some());
        assert!(matches!(mailer(server, None), Err(MailTrouble::NoSender)));
        assert!(matches!(mailer(server, Some("nobody")), Err(MailTrouble::BadSender)));
        let bad = mailer(Some("smtp://:x:y"), Some("saima@dawn.example")).err().unwrap().to_string();
        assert!(bad.contains("SAIMA_SMTP_URL") && !bad.contains(":x:y"), "{bad}");
    }

    #[test]
    fn the_host_is_read_without_its_port() {
        for (base, host) in [
            ("https://saima.example", "saima.example"),
            ("http://127.0.0.1:8080", "127.0.0.1"),
            ("https://saima.example:8443/below", "saima.example"),
            ("http://[::1]:8080", "[::1]"),
        ] {
            assert_eq!(host_of(base), host);
        }
    }
}
