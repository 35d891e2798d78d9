//! How wide words are, and what of them fits: the server draws without knowing the reader's font.
//!
//! Promises: what is said to fit does so in the fonts of the style sheet; a line is cut between words, with a sign that it
//! goes on. Must never: measure too little for a script that is written in full squares.

/// Thousandths of the font's size that a letter takes at most in common sans-serif faces of medium weight.
fn letter(c: char) -> u32 {
    match c {
        // Marks that stand above or below a letter take no room; nor do joiners.
        '\u{300}'..='\u{36f}' | '\u{200b}'..='\u{200f}' | '\u{fe00}'..='\u{fe0f}' => 0,
        'i' | 'j' | 'l' | 'I' | '.' | ',' | ':' | ';' | '\'' | '|' | '!' | '·' => 320,
        ' ' | '\u{a0}' | 't' | 'f' | 'r' | '(' | ')' | '[' | ']' | '/' | '-' | '"' => 420,
        'm' | 'w' | 'M' | 'W' | '@' | '%' | '…' | '—' | '–' => 1_000,
        'a'..='z' | '0'..='9' => 630,
        'A'..='Z' => 760,
        // From Hangul on, almost everything is a square: Han, kana, full-width signs, pictographs.
        '\u{1100}'.. => 1_020,
        _ => 760,
    }
}

/// The width of a line of text in letters of this size, rounded up.
pub fn width(text: &str, size: u32) -> u32 {
    (text.chars().map(letter).sum::<u32>() * size).div_ceil(1_000)
}

/// As much of the text as fits into the room, with an ellipsis where something is left out.
pub fn fit(text: &str, room: u32, size: u32) -> String {
    if width(text, size) <= room {
        return text.to_owned();
    }
    let mut end = 0;
    for (at, c) in text.char_indices() {
        let next = at + c.len_utf8();
        if width(&text[..next], size) + width("…", size) > room {
            break;
        }
        end = next;
    }
    format!("{}…", whole_words(&text[..end], &text[end..]).trim_end())
}

/// Without the piece of a word at the end, where words are parted by spaces: who speaks what they see is understood.
fn whole_words<'t>(kept: &'t str, rest: &str) -> &'t str {
    let within = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() && c < '\u{1100}');
    if !within(kept.chars().next_back()) || !within(rest.chars().next()) {
        return kept;
    }
    kept.rfind(' ').map_or(kept, |space| &kept[..space])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn squares_are_wider_than_letters_and_both_than_dots() {
        assert!(width("钱", 13) > width("e", 13) && width("e", 13) > width(".", 13));
        assert_eq!(width("赏金发放", 100), 408);
        assert_eq!(width("e\u{301}", 13), width("e", 13), "an accent takes no room");
    }

    #[test]
    fn what_does_not_fit_is_cut_and_says_so() {
        assert_eq!(fit("Treasury", 200, 13), "Treasury");
        assert_eq!(fit("Key technology programme", 80, 13), "Key…", "whole words");
        assert_eq!(fit("Technologieprogramm", 80, 13), "Technolo…", "or a piece of the only one");
        assert_eq!(fit("关键技术攻关专项资金", 60, 13), "关键技…");
        assert_eq!(fit("关键技术", 1, 13), "…", "at least a sign that there is something");
        for room in 20..200 {
            assert!(width(&fit("Ünï 关键 technology 2027", room, 13), 13) <= room);
        }
    }
}
