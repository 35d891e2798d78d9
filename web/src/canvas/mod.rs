//! Pictures of pixels, for those who can't show SVG: paths and texts on a canvas, as PNG.
//!
//! Promises: nothing is fetched and no font of the system is asked for; a character that our font lacks is drawn as a
//! frame. Must never: hold an amount; what it adds and multiplies are places of pixels.
#![allow(clippy::float_arithmetic, reason = "places of pixels, never tokens")]

mod font;

use tiny_skia::{Color, FillRule, Paint, Path, PathBuilder, Pixmap, Rect, Transform};

pub use font::width;

/// A colour: red, green, blue, and how much it covers.
pub type Ink = (u8, u8, u8, u8);

/// A canvas.
pub struct Canvas {
    pixels: Pixmap,
}

/// Where a text stands to its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// To the right of it.
    Start,
    /// To the left of it.
    End,
}

impl Canvas {
    /// One of this size in pixels, all of this colour; nothing for a size that there is not.
    pub fn new(width: u32, height: u32, ink: Ink) -> Option<Self> {
        let mut pixels = Pixmap::new(width, height)?;
        pixels.fill(color(ink));
        Some(Self { pixels })
    }

    /// A rectangle from its upper left corner.
    pub fn bar(&mut self, (x, y): (f32, f32), (width, height): (f32, f32), ink: Ink) {
        if let Some(bar) = Rect::from_xywh(x, y, width, height) {
            self.pixels.fill_rect(bar, &paint(ink), Transform::identity(), None);
        }
    }

    /// A path of `M`, `L`, `C` and `Z`, moved and made larger.
    pub fn path(&mut self, data: &str, (x, y): (f32, f32), scale: f32, ink: Ink) {
        if let Some(path) = path(data) {
            self.fill(&path, Transform::from_row(scale, 0.0, 0.0, scale, x, y), ink);
        }
    }

    /// A disc by its middle.
    pub fn disc(&mut self, (x, y): (f32, f32), radius: f32, ink: Ink) {
        if let Some(path) = PathBuilder::from_circle(x, y, radius) {
            self.fill(&path, Transform::identity(), ink);
        }
    }

    /// A line of text on its base line, so large from its top to its foot.
    pub fn text(&mut self, text: &str, (x, y): (f32, f32), size: f32, side: Side, ink: Ink) {
        let from = if side == Side::End { x - width(text, size) } else { x };
        if let Some(path) = font::path(text, size) {
            self.fill(&path, Transform::from_translate(from, y), ink);
        }
    }

    fn fill(&mut self, path: &Path, to: Transform, ink: Ink) {
        self.pixels.fill_path(path, &paint(ink), FillRule::Winding, to, None);
    }

    /// As PNG.
    pub fn png(&self) -> Option<Vec<u8>> {
        self.pixels.encode_png().ok()
    }
}

fn color((red, green, blue, cover): Ink) -> Color {
    Color::from_rgba8(red, green, blue, cover)
}

fn paint(ink: Ink) -> Paint<'static> {
    let mut paint = Paint { anti_alias: true, ..Paint::default() };
    paint.set_color(color(ink));
    paint
}

/// Reads a path of absolute `M`, `L`, `C` and `Z`; nothing for any other.
fn path(data: &str) -> Option<Path> {
    let mut path = PathBuilder::new();
    let mut rest = data;
    while let Some(command) = rest.chars().next() {
        let body = rest.get(1..)?;
        let end = body.find(|c: char| c.is_ascii_alphabetic()).unwrap_or(body.len());
        let numbers: Vec<f32> = body
            .get(..end)?
            .split([' ', ','])
            .filter(|part| !part.is_empty())
            .map(|part| part.parse().ok())
            .collect::<Option<_>>()?;
        match (command, numbers.as_slice()) {
            ('M', [x, y]) => path.move_to(*x, *y),
            ('L', [x, y]) => path.line_to(*x, *y),
            ('C', [a, b, c, d, x, y]) => path.cubic_to(*a, *b, *c, *d, *x, *y),
            ('Z', []) => path.close(),
            _ => return None,
        }
        rest = body.get(end..)?;
    }
    path.finish()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail loudly")]
    use super::*;
    use crate::pages::track::horse;

    #[test]
    fn every_part_of_the_horse_can_be_read() {
        let parts = horse::NEAR.iter().chain(horse::SILK).chain([&horse::FAR, &horse::BOOT]);
        for part in parts {
            let bounds = path(part).unwrap().bounds();
            assert!(bounds.left() >= 0.0 && bounds.right() <= 100.0 && bounds.bottom() <= 64.0, "{part}");
        }
        assert!(path("M0 0H5").is_none() && path("M0").is_none() && path("1 2").is_none());
    }

    #[test]
    fn what_is_drawn_is_a_png_of_that_size() {
        let mut canvas = Canvas::new(60, 40, (0, 80, 40, 255)).unwrap();
        let before = canvas.png().unwrap();
        canvas.text("赛马 A", (2.0, 30.0), 20.0, Side::Start, (255, 255, 255, 255));
        let png = canvas.png().unwrap();
        assert!(png.starts_with(b"\x89PNG\r\n\x1a\n"));
        assert_eq!((&png[16..20], &png[20..24]), (&60_u32.to_be_bytes()[..], &40_u32.to_be_bytes()[..]));
        assert_ne!(png, before, "the text is there");
        assert!(Canvas::new(0, 40, (0, 0, 0, 255)).is_none());
    }
}
