//! Texts as outlines, by a font that the program carries with it.
//!
//! The font is a part of Noto Sans CJK SC Bold (SIL Open Font License 1.1, `fonts/OFL.txt`): Latin letters and the
//! 3,755 characters of the first level of GB 2312, which are nearly all that Chinese titles are written with. Must
//! never: fail for a character that it lacks.

use std::sync::LazyLock;

use tiny_skia::{Path, PathBuilder};
use ttf_parser::{Face, GlyphId, OutlineBuilder};

static FACE: LazyLock<Option<Face<'static>>> =
    LazyLock::new(|| Face::parse(include_bytes!("../../fonts/saima-bold.otf"), 0).ok());

/// How wide a text is, in pixels, at this size.
pub fn width(text: &str, size: f32) -> f32 {
    let Some(face) = FACE.as_ref() else { return 0.0 };
    text.chars().map(|letter| advance(face, glyph(face, letter))).sum::<f32>() * size / em(face)
}

/// The outlines of a text, whose base line is at 0.
pub(super) fn path(text: &str, size: f32) -> Option<Path> {
    let face = FACE.as_ref()?;
    let scale = size / em(face);
    let mut pen = Pen { path: PathBuilder::new(), x: 0.0, scale };
    for letter in text.chars() {
        let glyph = glyph(face, letter);
        match glyph {
            Some(glyph) => {
                face.outline_glyph(glyph, &mut pen);
            }
            None => pen.frame(em(face)),
        }
        pen.x += advance(face, glyph) * scale;
    }
    pen.path.finish()
}

fn em(face: &Face<'_>) -> f32 {
    f32::from(face.units_per_em())
}

fn glyph(face: &Face<'_>, letter: char) -> Option<GlyphId> {
    let letter = if letter == '\u{a0}' { ' ' } else { letter };
    face.glyph_index(letter)
}

fn advance(face: &Face<'_>, glyph: Option<GlyphId>) -> f32 {
    glyph.and_then(|glyph| face.glyph_hor_advance(glyph)).map_or_else(|| em(face), f32::from)
}

/// Draws glyphs one after the other; fonts have their feet at 0 and grow upwards.
struct Pen {
    path: PathBuilder,
    x: f32,
    scale: f32,
}

impl Pen {
    fn at(&self, x: f32, y: f32) -> (f32, f32) {
        (self.x + x * self.scale, -y * self.scale)
    }

    /// A frame, in place of a character that the font lacks.
    fn frame(&mut self, em: f32) {
        for (inset, turned) in [(0.1, false), (0.16, true)] {
            let (low, high) = (em * inset, em * (0.9 - inset));
            let mut corners =
                [(low, 0.0 + low - em * 0.1), (high, low - em * 0.1), (high, high), (low, high)];
            if turned {
                corners.reverse();
            }
            for (at, (x, y)) in corners.into_iter().enumerate() {
                let (x, y) = self.at(x, y);
                if at == 0 { self.path.move_to(x, y) } else { self.path.line_to(x, y) }
            }
            self.path.close();
        }
    }
}

impl OutlineBuilder for Pen {
    fn move_to(&mut self, x: f32, y: f32) {
        let (x, y) = self.at(x, y);
        self.path.move_to(x, y);
    }

    fn line_to(&mut self, x: f32, y: f32) {
        let (x, y) = self.at(x, y);
        self.path.line_to(x, y);
    }

    fn quad_to(&mut self, x1: f32, y1: f32, x: f32, y: f32) {
        let ((x1, y1), (x, y)) = (self.at(x1, y1), self.at(x, y));
        self.path.quad_to(x1, y1, x, y);
    }

    fn curve_to(&mut self, x1: f32, y1: f32, x2: f32, y2: f32, x: f32, y: f32) {
        let ((x1, y1), (x2, y2), (x, y)) = (self.at(x1, y1), self.at(x2, y2), self.at(x, y));
        self.path.cubic_to(x1, y1, x2, y2, x, y);
    }

    fn close(&mut self) {
        self.path.close();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn latin_and_chinese_letters_are_there_and_others_are_framed() {
        let face = FACE
            .as_ref()
            .map(|face| "Aé9赛马小微专项赏金".chars().all(|letter| glyph(face, letter).is_some()));
        assert_eq!(face, Some(true));
        assert!(path("\u{13000}", 20.0).is_some(), "what is missing is framed");
        assert!(width("赛马", 40.0) > 79.0 && width("赛马", 40.0) < 81.0, "Chinese letters are square");
        assert!(width("ii", 40.0) < width("WW", 40.0));
        assert!(path("", 20.0).is_none());
    }
}
