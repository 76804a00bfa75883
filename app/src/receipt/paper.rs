//! Pages of text and rules, put down from the top left in points, and made a PDF at the end.

use domain::{Fault, FaultKind};
use krilla::color::rgb;
use krilla::geom::{PathBuilder, Point, Rect};
use krilla::metadata::Metadata;
use krilla::num::NormalizedF32;
use krilla::page::PageSettings;
use krilla::paint::{Fill, FillRule};
use krilla::text::{Font, TextDirection};
use krilla::{Data, Document};
use ttf_parser::Face;

const REGULAR: &[u8] = include_bytes!("../../fonts/inter-regular.ttf");
const STRONG: &[u8] = include_bytes!("../../fonts/inter-semibold.ttf");

/// A4.
const WIDTH: f32 = 595.0;
const HEIGHT: f32 = 842.0;
/// All around it, and more below for the number of the page.
pub const MARGIN: f32 = 48.0;
const FOOT: f32 = 64.0;
pub const RIGHT: f32 = WIDTH - MARGIN;

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Ink {
    Black,
    Gray,
}

#[derive(Clone, Copy)]
pub struct Style {
    pub size: f32,
    pub strong: bool,
    pub ink: Ink,
}

const FOOTER: Style = Style { size: 7.0, strong: false, ink: Ink::Gray };

enum Mark {
    Text { x: f32, y: f32, style: Style, text: String },
    Rule { y: f32, thick: bool },
}

/// What is being written, page by page.
pub struct Paper {
    faces: [Face<'static>; 2],
    pages: Vec<Vec<Mark>>,
    /// How far down the page is written.
    pub y: f32,
}

impl Paper {
    pub fn new() -> Result<Self, Fault> {
        let face = |bytes| Face::parse(bytes, 0).map_err(|_| unwritten());
        Ok(Self { faces: [face(REGULAR)?, face(STRONG)?], pages: vec![Vec::new()], y: MARGIN })
    }

    /// Whether so much more fits on the page.
    pub fn fits(&self, height: f32) -> bool {
        self.y + height <= HEIGHT - FOOT
    }

    pub fn turn_over(&mut self) {
        self.pages.push(Vec::new());
        self.y = MARGIN;
    }

    /// Text on the line at `y`, from `x` on.
    pub fn text(&mut self, x: f32, style: Style, text: &str) {
        let text = self.printable(text, style.strong);
        let y = self.y;
        self.mark(Mark::Text { x, y, style, text });
    }

    /// Text that ends at `x`.
    pub fn text_to(&mut self, x: f32, style: Style, text: &str) {
        let x = x - self.width(style, text);
        self.text(x, style, text);
    }

    pub fn rule(&mut self, thick: bool) {
        let y = self.y;
        self.mark(Mark::Rule { y, thick });
    }

    fn mark(&mut self, mark: Mark) {
        if let Some(page) = self.pages.last_mut() {
            page.push(mark);
        }
    }

    /// The lines of a text that is no wider than this; words that are wider are broken.
    pub fn lines(&self, style: Style, text: &str, width: f32) -> Vec<String> {
        let mut lines = vec![String::new()];
        for word in text.split_whitespace() {
            let Some(line) = lines.last_mut() else { break };
            let longer = if line.is_empty() { word.to_owned() } else { format!("{line} {word}") };
            if self.width(style, &longer) <= width {
                *line = longer;
                continue;
            }
            let mut rest = String::new();
            for letter in word.chars() {
                rest.push(letter);
                if self.width(style, &rest) > width && rest.chars().count() > 1 {
                    rest.pop();
                    lines.push(std::mem::take(&mut rest));
                    rest.push(letter);
                }
            }
            lines.push(rest);
        }
        lines.retain(|line| !line.is_empty());
        lines
    }

    pub fn width(&self, style: Style, text: &str) -> f32 {
        let face = &self.faces[usize::from(style.strong)];
        let advance = |letter| {
            face.glyph_index(letter).and_then(|glyph| face.glyph_hor_advance(glyph)).map_or(0.0, f32::from)
        };
        let text = self.printable(text, style.strong);
        text.chars().map(advance).sum::<f32>() * style.size / f32::from(face.units_per_em())
    }

    /// The fonts have the letters of Latin, Greek and Cyrillic; of others it is said in Latin how they sound.
    fn printable(&self, text: &str, strong: bool) -> String {
        let face = &self.faces[usize::from(strong)];
        let mut plain = String::with_capacity(text.len());
        for letter in text.chars() {
            if face.glyph_index(letter).is_some() {
                plain.push(letter);
            } else {
                plain.push_str(deunicode::deunicode_char(letter).unwrap_or_default());
            }
        }
        plain
    }

    /// All of it as a PDF: the same for the same.
    pub fn done(self, title: String, below: [&str; 2]) -> Result<Vec<u8>, Fault> {
        let font = |bytes: &'static [u8]| Font::new(Data::from(bytes), 0);
        let (Some(regular), Some(strong)) = (font(REGULAR), font(STRONG)) else { return Err(unwritten()) };
        let mut document = Document::new();
        document.set_metadata(Metadata::new().title(title).language("en".to_owned()));
        let count = self.pages.len();
        for (n, marks) in self.pages.iter().enumerate() {
            let settings = PageSettings::from_wh(WIDTH, HEIGHT).ok_or_else(unwritten)?;
            let mut page = document.start_page_with(settings);
            let mut surface = page.surface();
            for mark in marks {
                match mark {
                    Mark::Text { x, y, style, text } => {
                        surface.set_fill(Some(fill(style.ink)));
                        let font = if style.strong { &strong } else { &regular };
                        surface.draw_text(
                            Point::from_xy(*x, *y),
                            font.clone(),
                            style.size,
                            text,
                            false,
                            TextDirection::Auto,
                        );
                    }
                    Mark::Rule { y, thick } => {
                        let thickness = if *thick { 1.0 } else { 0.4 };
                        let rect =
                            Rect::from_xywh(MARGIN, *y, RIGHT - MARGIN, thickness).ok_or_else(unwritten)?;
                        let mut path = PathBuilder::new();
                        path.push_rect(rect);
                        surface.set_fill(Some(fill(if *thick { Ink::Black } else { Ink::Gray })));
                        if let Some(path) = path.finish() {
                            surface.draw_path(&path);
                        }
                    }
                }
            }
            surface.set_fill(Some(fill(Ink::Gray)));
            let number = format!("{} / {count}", n + 1);
            let lines = [
                (MARGIN, 0.0, below[0]),
                (MARGIN, 10.0, below[1]),
                (RIGHT - self.width(FOOTER, &number), 0.0, &number),
            ];
            for (x, down, words) in lines {
                let at = Point::from_xy(x, HEIGHT - MARGIN + down);
                surface.draw_text(at, regular.clone(), FOOTER.size, words, false, TextDirection::Auto);
            }
            surface.finish();
            page.finish();
        }
        document.finish().map_err(|_| unwritten())
    }
}

fn fill(ink: Ink) -> Fill {
    let color = match ink {
        Ink::Black => rgb::Color::new(24, 26, 32),
        Ink::Gray => rgb::Color::new(104, 108, 118),
    };
    Fill { paint: color.into(), opacity: NormalizedF32::ONE, rule: FillRule::NonZero }
}

pub fn unwritten() -> Fault {
    Fault::new(FaultKind::Internal, "The receipt could not be written.")
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: Style = Style { size: 9.0, strong: false, ink: Ink::Black };

    #[test]
    fn lines_are_as_wide_as_they_may_be() {
        let paper = Paper::new().unwrap();
        let text = format!("Ana Pérez {} at the end", "Donaudampfschifffahrtsgesellschaftskapitän".repeat(3));
        let lines = paper.lines(BODY, &text, 120.0);
        assert!(lines.iter().all(|line| paper.width(BODY, line) <= 120.0), "{lines:?}");
        assert_eq!(lines.concat().replace(' ', ""), text.replace(' ', ""), "nothing is lost");
        assert_eq!(paper.lines(BODY, " \n ", 120.0), Vec::<String>::new());
    }

    #[test]
    fn what_the_fonts_lack_is_said_in_latin() {
        let paper = Paper::new().unwrap();
        assert_eq!(paper.printable("Łukasz Ждановић Ελένη", true), "Łukasz Ждановић Ελένη");
        assert!(paper.printable("山田 🦄", false).is_ascii());
    }

    #[test]
    fn as_many_pages_as_it_takes_and_the_same_each_time() {
        let write = || {
            let mut paper = Paper::new().unwrap();
            for n in 0..200 {
                if !paper.fits(12.0) {
                    paper.turn_over();
                }
                paper.text(MARGIN, BODY, &format!("line {n}"));
                paper.rule(n % 7 == 0);
                paper.y += 12.0;
            }
            assert_eq!(paper.pages.len(), 4);
            paper.done("Lines".to_owned(), ["a", "b"]).unwrap()
        };
        let pdf = write();
        assert!(pdf.starts_with(b"%PDF-"));
        assert_eq!(pdf, write());
    }
}
