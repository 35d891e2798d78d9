//! Taking back what was just done, by a button beside the notice that it was done.
//!
//! Promises: what is offered is a plain form for the inverse act, permitted or refused like any other; it is offered
//! once, on the page that follows, in this browser only. Must never: be offered for what moves tokens or stands
//! on the record, or be made up by anybody but this server.

use sha2::{Digest, Sha256};

/// Longest notice of what can be taken back, in bytes: browsers keep no long cookies.
const LONGEST: usize = 1_024;

/// A form that takes back what was just done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Undo {
    /// Where it goes.
    pub action: String,
    /// What it says.
    pub fields: Vec<(String, String)>,
}

impl Undo {
    /// A form that goes to `action`.
    pub fn new(action: String, fields: impl IntoIterator<Item = (&'static str, String)>) -> Self {
        let fields = fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        Self { action, fields }
    }

    /// For a cookie of the browser whose forms have this token; nothing for what is too long or has line breaks.
    pub(crate) fn sealed(&self, csrf: &str) -> Option<String> {
        let mut text = self.action.clone();
        for (name, value) in &self.fields {
            if name.contains(['\n', '\t']) || value.contains(['\n', '\t']) {
                return None;
            }
            for piece in ["\n", name, "\t", value] {
                text.push_str(piece);
            }
        }
        (text.len() <= LONGEST).then(|| format!("{}.{}", hex::encode(&text), seal(csrf, &text)))
    }

    /// What this server sealed for this browser, and nothing else.
    pub(crate) fn opened(cookie: &str, csrf: &str) -> Option<Self> {
        let (text, sealed) = cookie.split_once('.')?;
        let text = String::from_utf8(hex::decode(text).ok()?).ok()?;
        if csrf.is_empty() || sealed != seal(csrf, &text) {
            return None;
        }
        let mut lines = text.lines();
        let action = lines.next()?.to_owned();
        let pair = |line: &str| {
            let (name, value) = line.split_once('\t')?;
            Some((name.to_owned(), value.to_owned()))
        };
        Some(Self { action, fields: lines.map(pair).collect::<Option<_>>()? })
    }
}

/// Nobody else knows the token of this browser's forms.
fn seal(csrf: &str, text: &str) -> String {
    let mut hash = Sha256::new();
    for part in ["saima-undo/v1", csrf, text] {
        hash.update(part.len().to_be_bytes());
        hash.update(part);
    }
    hex::encode(hash.finalize())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail loudly")]
    use super::*;

    fn undo(name: &str) -> Undo {
        Undo::new("/profile".to_owned(), [("name", name.to_owned())])
    }

    #[test]
    fn what_was_sealed_for_a_browser_opens_there_and_nowhere_else() {
        let sealed = undo("Ada 艾达 & <b>").sealed("token").unwrap();
        assert_eq!(Undo::opened(&sealed, "token"), Some(undo("Ada 艾达 & <b>")));
        assert_eq!(Undo::opened(&sealed, "another"), None);
        assert_eq!(Undo::opened(&sealed, ""), None);
        let other = undo("Eve").sealed("token").unwrap();
        let swapped = format!("{}.{}", other.split('.').next().unwrap(), sealed.split('.').nth(1).unwrap());
        for forged in [swapped.as_str(), "", ".", "00.00", "2f.", "zz.zz"] {
            assert_eq!(Undo::opened(forged, "token"), None, "{forged}");
        }
    }

    #[test]
    fn what_is_too_long_for_a_cookie_is_not_offered() {
        assert_eq!(undo(&"x".repeat(2_000)).sealed("token"), None);
        assert_eq!(undo("one\ntwo").sealed("token"), None);
    }
}
