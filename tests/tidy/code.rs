//! Rust sources without their comments and texts, so that a rule about code reads code alone.
//!
//! Promises: line breaks stay where they are, so line numbers stay true.

/// `source` with comments and the contents of strings and characters turned into spaces.
pub(crate) fn only(source: &str) -> String {
    let bytes = source.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        // What skips begins with an ASCII character, so the middle of a longer one is never a start.
        let length = if source.is_char_boundary(at) {
            skipped(&source[at..], at == 0 || !is_word(bytes[at - 1]))
        } else {
            0
        };
        if length == 0 {
            out.push(bytes[at]);
            at += 1;
        } else {
            out.extend(bytes[at..at + length].iter().map(|byte| if *byte == b'\n' { b'\n' } else { b' ' }));
            at += length;
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// How many bytes from here on are a comment, a string or a character.
fn skipped(rest: &str, at_word_start: bool) -> usize {
    if rest.starts_with("//") {
        return rest.find('\n').unwrap_or(rest.len());
    }
    if rest.starts_with("/*") {
        return block_comment(rest);
    }
    if let Some(inside) = rest.strip_prefix('"') {
        return 1 + text_end(inside);
    }
    if at_word_start && let Some(length) = raw_text(rest) {
        return length;
    }
    if rest.starts_with('\'') { character(rest) } else { 0 }
}

fn block_comment(rest: &str) -> usize {
    let (mut depth, mut at) = (0_usize, 0);
    while at < rest.len() {
        match rest.as_bytes().get(at..at + 2) {
            Some(b"/*") => (depth, at) = (depth + 1, at + 2),
            Some(b"*/") => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
        if depth == 0 {
            return at;
        }
    }
    rest.len()
}

/// From behind the opening quote to behind the closing one.
fn text_end(inside: &str) -> usize {
    let mut escaped = false;
    for (at, byte) in inside.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return at + 1,
            _ => {}
        }
    }
    inside.len()
}

fn raw_text(rest: &str) -> Option<usize> {
    let start = ["br", "cr", "r"].iter().find(|prefix| rest.starts_with(**prefix))?.len();
    let hashes = rest[start..].bytes().take_while(|byte| *byte == b'#').count();
    let open = start + hashes;
    if !rest[open..].starts_with('"') {
        return None;
    }
    let close = format!("\"{}", "#".repeat(hashes));
    Some(rest[open + 1..].find(&close).map_or(rest.len(), |end| open + 1 + end + close.len()))
}

/// A character in quotes, or nothing when it is a lifetime.
fn character(rest: &str) -> usize {
    let mut inside = rest[1..].char_indices();
    match inside.next() {
        Some((_, '\\')) => {
            let end = rest[2..].char_indices().skip(1).find(|(_, c)| *c == '\'');
            end.map_or(0, |(at, _)| 2 + at + 1)
        }
        Some(_) => match inside.next() {
            Some((at, '\'')) => 1 + at + 1,
            _ => 0,
        },
        None => 0,
    }
}

fn is_word(byte: u8) -> bool {
    byte == b'_' || byte.is_ascii_alphanumeric()
}

/// Every name in `code`, with its line.
pub(crate) fn names(code: &str) -> impl Iterator<Item = (usize, &str)> {
    code.lines().enumerate().flat_map(|(index, line)| {
        line.split(|c: char| c != '_' && !c.is_alphanumeric())
            .filter(|word| !word.is_empty())
            .map(move |word| (index + 1, word))
    })
}

/// The lines of `code` on which `path` is written, not as the tail of a longer name.
pub(crate) fn lines_with(code: &str, path: &str) -> Vec<usize> {
    let head = path.bytes().next().is_some_and(is_word);
    let tail = path.bytes().last().is_some_and(is_word);
    let on_line = |line: &str| {
        line.match_indices(path).any(|(at, _)| {
            let before = !head || at == 0 || !is_word(line.as_bytes()[at - 1]);
            let after = line.as_bytes().get(at + path.len()).is_none_or(|byte| !tail || !is_word(*byte));
            before && after
        })
    };
    code.lines().enumerate().filter(|(_, line)| on_line(line)).map(|(index, _)| index + 1).collect()
}

#[test]
fn comments_and_texts_are_not_code() {
    let source = "let a = \"x // \\\" y\"; // b\n/* c /* d */ e */ f('\"', '\\'', 'a') r#\"g \" h\"# <'i> j";
    let words: Vec<_> = names(&only(source)).map(|(line, word)| format!("{line}{word}")).collect();
    assert_eq!(words, ["1let", "1a", "2f", "2i", "2j"]);
}

#[test]
fn a_path_is_found_only_as_a_whole() {
    assert_eq!(lines_with("strand::x\nrand::x\na::rand::y", "rand::"), [2, 3]);
    assert_eq!(lines_with("todos\ntodo\n", "todo"), [2]);
}
