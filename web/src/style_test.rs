//! The design system holds together: colours that can be read, one scale of letters, no rule without a use and
//! no class without a rule.

#![allow(clippy::unwrap_used, reason = "a test may fail loudly")]
#![allow(clippy::float_arithmetic, reason = "contrast is defined in real numbers")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use crate::assets::STYLE_SHEETS;

/// What is written in which colour on which ground, and how strong the contrast must be: 4.5 for letters, 3 for
/// edges and signs (WCAG 2.2, 1.4.3 and 1.4.11).
const PAIRS: &[(&str, &[&str], f64)] = &[
    ("ink", &["paper", "sheet", "sunk", "turf-soft", "gold-soft", "bad-soft", "info-soft"], 4.5),
    ("muted", &["paper", "sheet", "sunk", "turf-soft", "gold-soft", "bad-soft", "info-soft"], 4.5),
    ("turf", &["paper", "sheet", "sunk", "turf-soft", "gold-soft", "bad-soft", "info-soft"], 4.5),
    ("turf-deep", &["paper", "sheet", "sunk", "turf-soft", "gold-soft", "info-soft"], 4.5),
    ("on-turf", &["turf", "turf-deep"], 4.5),
    ("gold", &["paper", "sheet", "sunk", "gold-soft", "turf-soft"], 4.5),
    ("bad", &["paper", "sheet", "sunk", "bad-soft"], 4.5),
    ("info", &["paper", "sheet", "sunk", "info-soft"], 4.5),
    ("white", &["course", "course-lane", "course-mine"], 4.5),
    ("course-ink", &["course", "course-lane", "course-mine", "course-out"], 4.5),
    ("course-muted", &["course", "course-lane", "course-mine", "course-out"], 4.5),
    ("cloth-ink", &["silk-1", "silk-2", "silk-3", "silk-4", "silk-5", "silk-6", "silk-7", "silk-8"], 4.5),
    ("course", &["course-muted", "course-ink", "course-gold"], 4.5),
    ("on-gold", &["course-gold", "course-gold-lit"], 4.5),
    ("edge", &["paper", "sheet", "sunk"], 3.0),
    ("turf", &["paper", "sheet", "turf-soft"], 3.0),
    ("gold-mark", &["paper", "sheet"], 3.0),
    ("bad", &["paper", "sheet", "bad-soft"], 3.0),
    ("info", &["paper", "sheet", "info-soft"], 3.0),
    ("horse", &["course", "course-lane", "course-mine"], 3.0),
    ("horse-faint", &["course", "course-lane", "course-mine"], 3.0),
    ("course-gold", &["course", "course-lane", "course-mine"], 3.0),
    ("course-edge", &["course"], 3.0),
];

/// Classes that a script or an attribute's value makes, so that no template spells them.
const MADE: &[&str] = &[
    "d1",
    "d2",
    "sh0",
    "sh1",
    "sh2",
    "sh3",
    "sh4",
    "sh5",
    "sh6",
    "sh7",
    "silk1",
    "silk2",
    "silk3",
    "silk4",
    "silk5",
    "silk6",
    "silk7",
    "silk8",
    "copy",
    "upload",
    "draft-line",
];

type Colour = [f64; 3];

/// The tokens that are plain colours, in light and in dark.
fn colours() -> BTreeMap<String, [Colour; 2]> {
    let (_, tokens) = STYLE_SHEETS.iter().find(|(name, _)| *name == "tokens").unwrap();
    let mut found = BTreeMap::new();
    for line in tokens.lines() {
        let Some((name, value)) = line.trim().strip_prefix("--").and_then(|rest| rest.split_once(": "))
        else {
            continue;
        };
        let spelled: Vec<Colour> =
            value.split(['(', ',', ')', ';']).filter_map(|one| hex(one.trim())).collect();
        match spelled[..] {
            [one] => found.insert(name.to_owned(), [one, one]),
            [light, dark] => found.insert(name.to_owned(), [light, dark]),
            _ => None,
        };
    }
    found
}

fn hex(text: &str) -> Option<Colour> {
    let digits = text.strip_prefix('#')?;
    let wide = |digit: char| format!("{digit}{digit}");
    let digits: String =
        if digits.len() == 3 { digits.chars().map(wide).collect() } else { digits.to_owned() };
    let part = |at: usize| {
        u8::from_str_radix(digits.get(at..at + 2)?, 16).ok().map(|value| f64::from(value) / 255.0)
    };
    Some([part(0)?, part(2)?, part(4)?])
}

/// WCAG's relative luminance.
fn luminance(colour: Colour) -> f64 {
    let [red, green, blue] =
        colour.map(|part| if part <= 0.040_45 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) });
    0.2126 * red + 0.7152 * green + 0.0722 * blue
}

/// WCAG's contrast ratio, from 1 to 21.
fn contrast(one: Colour, other: Colour) -> f64 {
    let (one, other) = (luminance(one), luminance(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

#[test]
fn every_colour_can_be_read_on_the_grounds_it_is_used_on_in_light_and_dark() {
    let colours = colours();
    let of = |name: &str| *colours.get(name).unwrap_or_else(|| panic!("there is no colour {name}"));
    let mut faint = Vec::new();
    for (ink, grounds, wanted) in PAIRS {
        for ground in *grounds {
            for (at, scheme) in ["light", "dark"].into_iter().enumerate() {
                let ratio = contrast(of(ink)[at], of(ground)[at]);
                if ratio < *wanted {
                    faint.push(format!("{ink} on {ground} in {scheme}: {ratio:.2}, not {wanted}"));
                }
            }
        }
    }
    assert!(faint.is_empty(), "\n{}", faint.join("\n"));
}

#[test]
fn the_contrast_is_reckoned_as_wcag_does() {
    let [black, white, grey] = ["#000", "#ffffff", "#767676"].map(|text| hex(text).unwrap());
    assert!((contrast(black, white) - 21.0).abs() < 0.01);
    assert!((contrast(grey, white) - 4.54).abs() < 0.01, "the lightest grey that passes on white");
}

#[test]
fn colours_and_sizes_of_letters_are_told_by_tokens_alone() {
    for (name, text) in STYLE_SHEETS.iter().filter(|(name, _)| !["tokens", "print"].contains(name)) {
        for line in text.lines() {
            let size = line.split("font-size: ").skip(1).find(|rest| {
                let value = rest.split([';', '}']).next().unwrap_or_default().trim();
                value.ends_with("rem") && !value.starts_with("clamp")
            });
            assert!(size.is_none(), "{name}.css: a size of letters that is no token: {line}");
            // A track is painted, and paints what it needs; everything else takes what there is.
            let raw = line
                .split(": ")
                .skip(1)
                .any(|rest| hex(rest.split([';', ' ', ',', ')']).next().unwrap()).is_some());
            assert!(*name == "saima" || !raw, "{name}.css: a colour that is no token: {line}");
        }
    }
}

#[test]
fn every_token_that_is_used_is_defined_and_every_one_defined_is_used() {
    let all: String = STYLE_SHEETS.iter().map(|(_, text)| *text).collect();
    let name = |rest: &str| {
        rest.split(|c: char| !c.is_ascii_alphanumeric() && c != '-').next().unwrap_or_default().to_owned()
    };
    let used: BTreeSet<String> = all.split("var(--").skip(1).map(name).collect();
    let defined: BTreeSet<String> =
        all.lines().filter_map(|line| line.trim().strip_prefix("--")).map(name).collect();
    assert_eq!(used.difference(&defined).collect::<Vec<_>>(), Vec::<&String>::new(), "used and not defined");
    assert_eq!(defined.difference(&used).collect::<Vec<_>>(), Vec::<&String>::new(), "defined and not used");
}

/// The classes that the style sheets have rules for.
fn ruled() -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (_, text) in STYLE_SHEETS {
        let bare = without_comments(text);
        // Selectors stand before a brace; what stands inside are declarations, or the rules of a query.
        for selectors in bare.split('{').filter_map(|piece| piece.rsplit(['}', ';']).next()) {
            for piece in selectors.split('.').skip(1) {
                let class: String =
                    piece.chars().take_while(|c| c.is_ascii_alphanumeric() || "-_".contains(*c)).collect();
                if class.starts_with(|c: char| c.is_ascii_lowercase()) {
                    found.insert(class);
                }
            }
        }
    }
    found
}

fn without_comments(text: &str) -> String {
    let mut out = String::new();
    for piece in text.split("/*") {
        out.push_str(piece.split_once("*/").map_or(piece, |(_, after)| after));
    }
    out
}

/// Everything that templates, pages and scripts spell.
fn spelled() -> String {
    fn walk(folder: &Path, all: &mut String) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, all);
            } else if path.extension().is_some_and(|kind| ["html", "rs", "js"].iter().any(|one| kind == *one))
                && !path.ends_with("style_test.rs")
            {
                all.push_str(&fs::read_to_string(&path).unwrap());
            }
        }
    }
    let mut all = String::new();
    for folder in ["templates", "src", "static"] {
        walk(&Path::new(env!("CARGO_MANIFEST_DIR")).join(folder), &mut all);
    }
    all
}

/// The classes that templates spell out, without those that an expression makes.
fn written(templates: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for value in templates.split(" class=\"").skip(1) {
        let mut bare = String::new();
        let mut rest = value;
        // The value ends at the first quote that stands outside of an expression.
        while let Some(at) = rest.find(['"', '{']) {
            bare.push_str(&rest[..at]);
            let Some(close) = rest[at..]
                .starts_with("{{")
                .then_some("}}")
                .or_else(|| rest[at..].starts_with("{%").then_some("%}"))
            else {
                break;
            };
            // What an expression makes may go on a word: such a word is not spelled out.
            bare.push(if close == "}}" { '\u{1}' } else { ' ' });
            rest = rest[at..].split_once(close).map_or("", |(_, after)| after);
        }
        found.extend(bare.split_whitespace().filter(|word| !word.contains('\u{1}')).map(str::to_owned));
    }
    found
}

#[test]
fn every_rule_has_a_use() {
    let spelled = spelled();
    let words: BTreeSet<&str> =
        spelled.split(|c: char| !c.is_ascii_alphanumeric() && !"-_".contains(c)).collect();
    let unused: Vec<_> = ruled()
        .into_iter()
        .filter(|class| !words.contains(class.as_str()) && !MADE.contains(&class.as_str()))
        .collect();
    assert!(unused.is_empty(), "rules for classes that nothing has: {unused:?}");
}

#[test]
fn every_class_has_a_rule() {
    let ruled = ruled();
    assert!(ruled.len() > 100, "the style sheets can't be read");
    let templates = {
        let mut all = String::new();
        for (_, text) in crate::catalogue_test::files("templates", "html") {
            all.push_str(&text);
        }
        all
    };
    let bare: Vec<_> = written(&templates).into_iter().filter(|class| !ruled.contains(class)).collect();
    assert!(bare.is_empty(), "classes that no rule knows: {bare:?}");
    let classes = written("<p class=\"a {% if b(\"x\") %}c{% endif %} d{{ e }} {{ f }}\"><i class=\"g\">");
    assert_eq!(classes.into_iter().collect::<Vec<_>>(), ["a", "c", "g"]);
}

/// How a component begins. Each is written in `macros/` alone, by a macro that pages call.
const COMPONENTS: &[&str] = &[
    "class=\"badge",
    "class=\"button",
    "class=\"empty\"",
    "class=\"files\"",
    "class=\"notice",
    "class=\"page-head\"",
    "class=\"pager\"",
    "class=\"receipt\"",
    "class=\"toast",
    "class=\"trail\"",
    "<article class=\"card\">",
    "<dialog",
    "<div class=\"actions\"",
    "<div class=\"card",
    "<div class=\"table\"",
    "<dl class=\"facts",
    "<dl class=\"stats\"",
    "<li class=\"card",
    "<nav class=\"crumbs\"",
    "<p class=\"actions\"",
    "<section class=\"card",
    "<ul class=\"share-list\"",
    "<ul class=\"tabs\"",
    "type=\"datetime-local\"",
    "type=\"file\"",
];

#[test]
fn pages_are_put_together_from_macros() {
    let mut twins = Vec::new();
    for (name, text) in crate::catalogue_test::files("templates", "html") {
        let own = name.components().any(|part| part.as_os_str() == "macros");
        twins.extend(
            COMPONENTS
                .iter()
                .filter(|start| !own && text.contains(**start))
                .map(|start| format!("{}: {start}", name.display())),
        );
    }
    assert!(twins.is_empty(), "written by hand where a macro is there:\n{}", twins.join("\n"));
}

#[test]
fn every_macro_has_a_use() {
    let files = crate::catalogue_test::files("templates", "html");
    let all: String = files.iter().map(|(_, text)| text.as_str()).collect();
    let names: Vec<&str> = all
        .split("macro ")
        .skip(1)
        .filter_map(|rest| rest.split_once('(').map(|(name, _)| name))
        .filter(|name| name.chars().all(|c| c.is_ascii_lowercase() || c == '_'))
        .collect();
    assert!(names.len() > 40, "the macros can't be read");
    let unused: Vec<&&str> = names
        .iter()
        .filter(|name| {
            let calls = |before: &str| all.matches(&format!("{before}{name}(")).count();
            calls("::") + calls("{{ ") + calls("{% call ") == 0
        })
        .collect();
    assert!(unused.is_empty(), "macros that nothing calls: {unused:?}");
}
