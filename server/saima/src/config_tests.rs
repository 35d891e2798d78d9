//! Settings: where each comes from, what is refused, and that no secret is told.

#![allow(clippy::unwrap_used, reason = "a test may fail loudly")]
use super::*;

fn environment(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn file(text: &str) -> tempfile::NamedTempFile {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), text).unwrap();
    file
}

#[test]
fn a_flag_outweighs_the_environment_outweighs_the_file_outweighs_the_default() {
    let file = file("house = 'file'\norigin = 'file'\nasset_code = 'FILE'\n");
    let flags = Layer { house: Some("flag".to_owned()), ..Layer::default() };
    let variables = environment(&[("SAIMA_HOUSE", "variable"), ("SAIMA_ORIGIN", "variable")]);
    let config = Config::load(flags, Some(file.path()), variables).unwrap();
    assert_eq!(config.settings.house, "flag");
    assert_eq!(config.settings.origin, "variable");
    assert_eq!(config.settings.asset.code, "FILE");
    assert_eq!(config.settings.asset.scale, 2);
}

#[test]
fn the_file_can_be_named_by_the_environment() {
    let file = file("listen = '127.0.0.1:9'");
    let variables = environment(&[("SAIMA_CONFIG", file.path().to_str().unwrap())]);
    assert_eq!(Config::load(Layer::default(), None, variables).unwrap().listen.port(), 9);
}

#[test]
fn an_unknown_variable_is_refused_with_the_nearest_that_is_read() {
    let refused = Config::load(Layer::default(), None, environment(&[("SAIMA_LISTN", "x")])).unwrap_err();
    assert!(refused.to_string().ends_with("did you mean SAIMA_LISTEN?"), "{refused}");
    let others = environment(&[("PATH", "/bin"), ("SAIMAX", "y"), ("SAIMA_LISTEN", "")]);
    assert!(Config::load(Layer::default(), None, others).is_ok(), "other programs' variables are their own");
}

#[test]
fn an_unknown_key_of_the_file_is_refused_with_its_line() {
    let file = file("house = 'ok'\nhoose = 'x'\n");
    let refused = Config::load(Layer::default(), Some(file.path()), []).unwrap_err().to_string();
    assert!(refused.contains("hoose") && refused.contains("(line 2)"), "{refused}");
}

#[test]
fn no_message_repeats_a_secret() {
    let variables = environment(&[("SAIMA_DATABASE_URL", "mysql://me:hunter2@host")]);
    let refused = Config::load(Layer::default(), None, variables).unwrap_err();
    assert!(!refused.to_string().contains("hunter2"), "{refused}");
    let file = file("database = 'mysql://me:hunter2@host'");
    let refused = Config::load(Layer::default(), Some(file.path()), []).unwrap_err();
    assert!(!refused.to_string().contains("hunter2"), "{refused}");
    let url: DatabaseUrl = "postgres://me:hunter2@host/saima".parse().unwrap();
    assert_eq!(format!("{url:?}"), "postgres:…");
    let refused = Config::load(Layer::default(), None, environment(&[("SAIMA_SMTP_URL", "me:hunter2@mail")]));
    assert!(!refused.unwrap_err().to_string().contains("hunter2"));
    let mail: SmtpUrl = "smtps://me:hunter2@mail.example".parse().unwrap();
    assert_eq!(format!("{mail:?}"), "SmtpUrl");
}

#[test]
fn a_private_key_is_told_by_the_environment_alone_and_never_repeated() {
    let seed = "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=";
    let config = Config::load(Layer::default(), None, environment(&[("SAIMA_LOG_KEY", seed)])).unwrap();
    assert_eq!(config.log_key.unwrap().0, SigningKey::from_bytes(&[1; 32]));
    let short = environment(&[("SAIMA_LOG_KEY", "c2VjcmV0")]);
    let refused = Config::load(Layer::default(), None, short).unwrap_err().to_string();
    assert!(refused.contains("SAIMA_LOG_KEY") && !refused.contains("c2VjcmV0"), "{refused}");
    let file = file(&format!("log_key = '{seed}'"));
    let refused = Config::load(Layer::default(), Some(file.path()), []).unwrap_err().to_string();
    assert!(refused.contains("environment") && !refused.contains("AQEB"), "{refused}");
}

#[test]
fn values_are_read_by_their_type() {
    let variables = environment(&[
        ("SAIMA_TRUSTED_PROXIES", "127.0.0.1, ::1"),
        ("SAIMA_SECURE_COOKIES", "true"),
        ("SAIMA_LOG_FORMAT", "json"),
        ("SAIMA_DATA", "/srv/saima"),
        ("SAIMA_PUBLIC_URL", "https://saima.example/"),
    ]);
    let config = Config::load(Layer::default(), None, variables).unwrap();
    assert_eq!(config.trusted_proxies.len(), 2);
    assert!(config.secure_cookies);
    assert_eq!(config.public_url(), "https://saima.example");
    assert_eq!(Config::default().public_url(), "http://127.0.0.1:8080");
    assert_eq!(config.log_format, LogFormat::Json);
    assert_eq!(config.database.as_str(), "sqlite:///srv/saima/saima.db?mode=rwc");
    for (name, wrong) in [
        ("SAIMA_LISTEN", "8080"),
        ("SAIMA_SECURE_COOKIES", "yes"),
        ("SAIMA_ASSET_SCALE", "-1"),
        ("SAIMA_PUBLIC_URL", "saima.example"),
        ("SAIMA_PUBLIC_URL", "https://saima.example/<b>"),
    ] {
        assert!(
            Config::load(Layer::default(), None, environment(&[(name, wrong)])).is_err(),
            "{name}={wrong}"
        );
    }
}

#[test]
fn distance_counts_changes() {
    for (from, to, changes) in
        [("", "abc", 3), ("kitten", "sitting", 3), ("same", "same", 0), ("ab", "ba", 2)]
    {
        assert_eq!(distance(from, to), changes, "{from} {to}");
    }
}
