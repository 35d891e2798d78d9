//! What people write in Markdown, made safe to show.
//!
//! Promises: raw HTML comes out as the text it is; links lead to the web or to an e-mail address and
//! carry `rel="nofollow noopener noreferrer"`; pictures become links, so that reading a page tells no
//! third party; headings start below those of the page. Must never: let through an attribute or element
//! that is not on the short list, whatever the Markdown parser thinks of it.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use ammonia::Builder;
use pulldown_cmark::{CowStr, Event, HeadingLevel, Options, Parser, Tag, TagEnd, html};

/// Safe HTML for `source`.
pub fn to_html(source: &str) -> String {
    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH;
    let events = Parser::new_ext(source, options).map(tame);
    let mut out = String::with_capacity(source.len() * 3 / 2);
    html::push_html(&mut out, events);
    CLEANER.clean(&out).to_string()
}

/// The words alone, shortened to about `limit` characters: for descriptions and feeds.
pub fn to_text(source: &str, limit: usize) -> String {
    let mut words = String::new();
    for event in Parser::new(source) {
        match event {
            Event::Text(text) | Event::Code(text) => words.push_str(&text),
            Event::SoftBreak
            | Event::HardBreak
            | Event::End(TagEnd::Paragraph | TagEnd::Heading(_) | TagEnd::Item) => {
                words.push(' ');
            }
            _ => {}
        }
        if words.len() > limit * 4 {
            break;
        }
    }
    let words = words.split_whitespace().collect::<Vec<_>>().join(" ");
    match words.char_indices().nth(limit) {
        Some((end, _)) => format!("{}…", whole_words(&words[..end])),
        None => words,
    }
}

/// `cut` without the word that the cut went through; where no space is near, as in Chinese, as it is.
fn whole_words(cut: &str) -> &str {
    const FAR: usize = 24;
    match cut.rsplit_once(' ') {
        Some((kept, rest)) if rest.is_ascii() && rest.len() < FAR => kept,
        _ => cut,
    }
    .trim_end_matches([' ', ',', ';', ':', '，', '、', '；', '：', '.'])
}

/// Raw HTML becomes text, a picture becomes a link, a heading goes down two levels.
fn tame(event: Event<'_>) -> Event<'_> {
    match event {
        Event::Html(raw) | Event::InlineHtml(raw) => Event::Text(raw),
        Event::Start(Tag::HtmlBlock) => Event::Start(Tag::Paragraph),
        Event::End(TagEnd::HtmlBlock) => Event::End(TagEnd::Paragraph),
        Event::Start(Tag::Image { link_type, dest_url, title, id }) => {
            Event::Start(Tag::Link { link_type, dest_url, title, id })
        }
        Event::End(TagEnd::Image) => Event::End(TagEnd::Link),
        Event::Start(Tag::Heading { level, .. }) => Event::Start(Tag::Heading {
            level: below(level),
            id: None,
            classes: Vec::new(),
            attrs: Vec::<(CowStr<'_>, Option<CowStr<'_>>)>::new(),
        }),
        Event::End(TagEnd::Heading(level)) => Event::End(TagEnd::Heading(below(level))),
        other => other,
    }
}

fn below(level: HeadingLevel) -> HeadingLevel {
    match level {
        HeadingLevel::H1 => HeadingLevel::H3,
        HeadingLevel::H2 => HeadingLevel::H4,
        HeadingLevel::H3 => HeadingLevel::H5,
        HeadingLevel::H4 | HeadingLevel::H5 | HeadingLevel::H6 => HeadingLevel::H6,
    }
}

static CLEANER: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let tags = [
        "p",
        "br",
        "hr",
        "h3",
        "h4",
        "h5",
        "h6",
        "strong",
        "em",
        "del",
        "code",
        "pre",
        "blockquote",
        "ul",
        "ol",
        "li",
        "a",
        "table",
        "thead",
        "tbody",
        "tr",
        "th",
        "td",
    ];
    let mut builder = Builder::empty();
    builder
        .tags(HashSet::from(tags))
        .tag_attributes(HashMap::from([
            ("a", HashSet::from(["href", "title"])),
            ("ol", HashSet::from(["start"])),
        ]))
        .url_schemes(HashSet::from(["http", "https", "mailto"]))
        .url_relative(ammonia::UrlRelative::Deny)
        .link_rel(Some("nofollow noopener noreferrer"));
    builder
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn raw_html_is_shown_as_text() {
        let html =
            to_html("hello <b onclick=alert(1)>x</b>\n\n<script>alert(1)</script>\n\n<div>block</div>");
        assert!(!html.contains("<script") && !html.contains("<b ") && !html.contains("<div"), "{html}");
        assert!(html.contains("&lt;script&gt;"), "{html}");
    }

    #[test]
    fn nasty_links_lose_their_target() {
        for nasty in [
            "[x](javascript:alert(1))",
            "[x](JaVaScRiPt:alert(1))",
            "[x](data:text/html;base64,PHNjcmlwdD4=)",
            "[x](vbscript:msgbox)",
            "[x](<java\nscript:alert(1)>)",
            "[x](&#106;avascript:alert(1))",
            "<javascript:alert(1)>",
            "[x](//evil.example/a)",
            "[x](/sign-out)",
        ] {
            assert!(!to_html(nasty).contains("href"), "{nasty}: {}", to_html(nasty));
        }
        let fine = to_html("[x](https://example.org/?a=1&b=2 \"t\\\" onmouseover=x\")");
        assert!(fine.contains(r#"href="https://example.org/?a=1&amp;b=2""#), "{fine}");
        assert!(fine.contains(r#"rel="nofollow noopener noreferrer""#), "{fine}");
        assert!(!fine.contains("\" onmouseover"), "{fine}");
    }

    #[test]
    fn pictures_become_links_and_load_nothing() {
        let html = to_html("![a plan](https://example.org/plan.png)");
        assert!(!html.contains("<img"), "{html}");
        assert!(
            html.contains(r#"<a href="https://example.org/plan.png""#) && html.contains("a plan"),
            "{html}"
        );
        assert!(!to_html("![x](x \"onerror=alert(1)\")").contains("<img"));
    }

    #[test]
    fn headings_stay_below_those_of_the_page() {
        let html = to_html("# one\n## two\n###### six\n\nSetext\n=====");
        assert!(!html.contains("<h1") && !html.contains("<h2"), "{html}");
        assert!(
            html.contains("<h3>one</h3>") && html.contains("<h4>two</h4>") && html.contains("<h6>six</h6>"),
            "{html}"
        );
    }

    #[test]
    fn tables_lists_and_code_survive() {
        let html = to_html("| a | b |\n|---|---|\n| 1 | 2 |\n\n1. x\n\n```rust\nlet a = \"<b>\";\n```");
        assert!(html.contains("<table>") && html.contains("<td>1</td>") && html.contains("<ol>"), "{html}");
        assert!(html.contains("&lt;b&gt;") && !html.contains("class="), "{html}");
    }

    #[test]
    fn words_alone_are_cut_between_characters() {
        assert_eq!(to_text("# 标题\n\n**赛马** <b>x</b>", 40), "标题 赛马 x");
        assert_eq!(to_text("赛马赛马赛马", 3), "赛马赛…");
        assert_eq!(to_text("one two, three", 9), "one two…", "no word is cut");
        assert_eq!(to_text("看 https://example.org/a-long-address", 30), "看 https://example.org/a-long-a…");
    }
}
