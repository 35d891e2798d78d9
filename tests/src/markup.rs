//! Whether a page is well-formed HTML: what is opened is closed in order, and stands where it may.
//!
//! Promises: strict on purpose, stricter than browsers, which mend in silence; knows the elements of our own
//! pages and no others. (The standard: <https://html.spec.whatwg.org/multipage/dom.html#content-models>.)

/// Elements without an end.
const VOID: &[&str] = &["meta", "link", "input", "br", "hr", "img", "col", "wbr"];

/// Elements that hold words and what stands among words, never blocks.
const PHRASING: &[&str] = &[
    "p", "span", "a", "strong", "em", "small", "code", "h1", "h2", "h3", "h4", "h5", "h6", "label", "button",
    "time", "dt", "summary", "legend", "option", "title", "b", "i", "del", "pre",
];

/// Blocks, which no words may hold.
const BLOCKS: &[&str] = &[
    "div",
    "p",
    "ul",
    "ol",
    "dl",
    "table",
    "section",
    "article",
    "aside",
    "header",
    "footer",
    "main",
    "nav",
    "form",
    "fieldset",
    "figure",
    "details",
    "blockquote",
    "pre",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
];

/// Who must be whose child.
const PARENTS: &[(&str, &[&str])] = &[
    ("li", &["ul", "ol"]),
    ("dt", &["dl", "div"]),
    ("dd", &["dl", "div"]),
    ("tr", &["thead", "tbody", "tfoot"]),
    ("td", &["tr"]),
    ("th", &["tr"]),
    ("thead", &["table"]),
    ("tbody", &["table"]),
    ("caption", &["table"]),
    ("option", &["select", "datalist", "optgroup"]),
    ("legend", &["fieldset"]),
    ("summary", &["details"]),
    ("figcaption", &["figure"]),
];

/// What is wrong with `html`, each with where it stands.
pub fn faults(html: &str) -> Vec<String> {
    let mut open: Vec<&str> = Vec::new();
    let mut faults = Vec::new();
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        rest = &rest[at + 1..];
        if rest.starts_with('!') {
            continue;
        }
        let Some((tag, after)) = rest.split_once('>') else {
            faults.push(format!("a tag never ends: {}", start(rest)));
            break;
        };
        rest = after;
        if let Some(name) = tag.strip_prefix('/') {
            match open.pop() {
                Some(last) if last == name.trim() => {}
                last => faults.push(format!("</{name}> closes {last:?}, before {}", start(rest))),
            }
            continue;
        }
        let name = tag.split([' ', '\n', '/']).next().unwrap_or_default();
        faults.extend(
            misplaced(name, &open)
                .into_iter()
                .chain(twice(tag))
                .map(|fault| format!("{fault}: <{}", start(tag))),
        );
        if !VOID.contains(&name) && !tag.ends_with('/') {
            open.push(name);
        }
        // What scripts say is no markup.
        if name == "script" {
            rest = rest.find("</script").map_or("", |end| &rest[end..]);
        }
    }
    faults.extend(open.iter().map(|name| format!("<{name}> is never closed")));
    faults
}

fn misplaced(name: &str, open: &[&str]) -> Option<String> {
    let parent = open.last().copied().unwrap_or_default();
    if let Some((_, parents)) = PARENTS.iter().find(|(child, _)| *child == name)
        && !parents.contains(&parent)
    {
        return Some(format!("{name} in {parent}"));
    }
    if BLOCKS.contains(&name) && !open.contains(&"svg") {
        // A summary may hold a heading, and a link or a label whatever stands around it.
        let heading = name.len() == 2 && name.starts_with('h') && ["summary", "legend"].contains(&parent);
        if PHRASING.contains(&parent) && !heading {
            return Some(format!("{name} in {parent}"));
        }
    }
    let touched = ["a", "button"].contains(&name) && open.iter().any(|outer| ["a", "button"].contains(outer));
    let nested = name == "form" && open.contains(&"form");
    (touched || nested).then(|| format!("{name} within another"))
}

/// An attribute that stands twice in a tag.
fn twice(tag: &str) -> Option<String> {
    let mut names: Vec<&str> = Vec::new();
    // Outside of quotes, a name stands before each `="`.
    for piece in tag.split('"').step_by(2) {
        let name = piece.trim().trim_end_matches('=').rsplit([' ', '\n']).next().unwrap_or_default();
        if piece.trim_end().ends_with('=') && !name.is_empty() {
            if names.contains(&name) {
                return Some(format!("{name} stands twice"));
            }
            names.push(name);
        }
    }
    None
}

fn start(text: &str) -> String {
    text.chars().take(80).collect()
}

#[cfg(test)]
mod tests {
    use super::faults;

    #[test]
    fn what_browsers_would_mend_in_silence_is_found() {
        let good = "<!doctype html><html lang=\"en\"><body><p>a <b>b</b><br></p><ul><li><form><input name=\"x\"></form></li></ul></body></html>";
        assert_eq!(faults(good), Vec::<String>::new());
        for (bad, word) in [
            ("<p>a", "never closed"),
            ("<p><b>a</p></b>", "closes"),
            ("<p><div>a</div></p>", "div in p"),
            ("<span><form></form></span>", "form in span"),
            ("<div><li>a</li></div>", "li in div"),
            ("<form><div><form></form></div></form>", "within another"),
            ("<a href=\"x\"><button>a</button></a>", "within another"),
            ("<p class=\"a\" id=\"b\" class=\"c\">a</p>", "class stands twice"),
        ] {
            let found = faults(bad);
            assert!(found.iter().any(|fault| fault.contains(word)), "{bad}: {found:?}");
        }
    }
}
