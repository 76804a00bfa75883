//! Templates: text with places for what is known (minijinja). A place for what is not known is a mistake, and not empty.

use std::collections::BTreeSet;
use std::io::{self, Write};
use std::sync::LazyLock;

use minijinja::{Environment, ErrorKind, UndefinedBehavior};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

const LONGEST: usize = 20_000;
/// Steps of a template's own machine: enough for any text somebody wants to read.
const MOST_WORK: u64 = 500_000;
const LONGEST_TEXT: usize = 500_000;

static MACHINE: LazyLock<Environment<'static>> = LazyLock::new(|| {
    let mut machine = Environment::new();
    machine.set_undefined_behavior(UndefinedBehavior::Strict);
    machine.set_fuel(Some(MOST_WORK));
    // As one part of a URL: a slash in what came from outside must not lead elsewhere.
    machine.add_filter("urlencode", |text: String| utf8_percent_encode(&text, UNSAFE).to_string());
    machine
});

/// What stands for itself in every part of a URL is left.
const UNSAFE: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Of the machine's own functions, those a template may use.
const FUNCTIONS: [&str; 2] = ["range", "dict"];

/// What stands between the brackets of a template.
fn places(mut text: &str) -> impl Iterator<Item = &str> {
    std::iter::from_fn(move || {
        let (begin, end) = ["{{", "{%"]
            .iter()
            .zip(["}}", "%}"])
            .filter_map(|(open, close)| Some((text.find(open)?, close)))
            .min()?;
        let inside = &text[begin + 2..];
        let length = inside.find(end)?;
        text = &inside[length + 2..];
        Some(&inside[..length])
    })
}

/// The first filter in the places of a template that there is none of. The machine itself would find out only when it
/// comes to it.
fn unknown_filter(text: &str) -> Option<&str> {
    let filters = places(text).flat_map(|place| place.split('|').skip(1));
    let names = filters.map(|rest| {
        let rest = rest.trim_start();
        rest.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).next().unwrap_or_default()
    });
    let is_unknown = |name: &&str| {
        let tried = MACHINE.compile_expression(&format!("''|{name}")).and_then(|filter| filter.eval(()));
        tried.is_err_and(|error| error.kind() == ErrorKind::UnknownFilter)
    };
    names.filter(|name| !name.is_empty()).find(is_unknown)
}

/// A template that was understood.
#[derive(Clone, Debug)]
pub struct Template {
    text: String,
    /// What it reads: a name, and the part of it that is read, where it says so.
    names: BTreeSet<(String, Option<String>)>,
}

impl Template {
    pub fn new(text: &str) -> Result<Self, String> {
        if text.len() > LONGEST {
            return Err(format!("This template has more than {LONGEST} characters."));
        }
        let template = MACHINE.template_from_str(text).map_err(|error| {
            let at = error.line().map(|line| format!(" in its line {line}")).unwrap_or_default();
            format!("This is not a template{at}: {}.", error.detail().unwrap_or("it cannot be read"))
        })?;
        if let Some(unknown) = unknown_filter(text) {
            return Err(format!("There is no filter “{unknown}”."));
        }
        let names = template.undeclared_variables(true).into_iter().map(|name| {
            let mut parts = name.split('.').map(str::to_owned);
            (parts.next().unwrap_or_default(), parts.next())
        });
        let names =
            names.filter(|(name, part)| part.is_some() || !FUNCTIONS.contains(&name.as_str())).collect();
        Ok(Self { text: text.to_owned(), names })
    }

    /// What it reads: a name, and the part of it that is read, where it says so.
    pub fn names(&self) -> impl Iterator<Item = (&str, Option<&str>)> {
        self.names.iter().map(|(name, part)| (name.as_str(), part.as_deref()))
    }

    /// The text, with what `context` holds in its places.
    pub fn render(&self, context: &Value) -> Result<String, String> {
        let template = MACHINE.template_from_str(&self.text).map_err(|error| error.to_string())?;
        let mut page = Page(Vec::new());
        let written = template.render_captured_to(minijinja::value::Serde(context), &mut page).map(drop);
        if page.is_full() {
            return Err(format!("it comes to more than {LONGEST_TEXT} letters"));
        }
        written.map_err(|error| self.why(&error, context))?;
        String::from_utf8(page.0).map_err(|_| "it comes to no text".to_owned())
    }
}

impl Template {
    /// What was wrong, and which place it was that had nothing to fill it with.
    fn why(&self, error: &minijinja::Error, context: &Value) -> String {
        let said = error.detail().map_or_else(|| error.kind().to_string(), str::to_owned);
        if error.kind() != ErrorKind::UndefinedError {
            return said;
        }
        let is_missing = |(name, part): &(&str, Option<&str>)| match part {
            Some(part) => context.get(name).and_then(|whole| whole.get(part)).is_none(),
            None => context.get(name).is_none(),
        };
        let missing = self.names().filter(is_missing).map(|(name, part)| match part {
            Some(part) => format!("{name}.{part}"),
            None => name.to_owned(),
        });
        let mut missing: Vec<_> = missing.collect();
        missing.sort_unstable();
        // What lies deeper is not known by its name.
        if missing.is_empty() { said } else { format!("there is no {}", missing.join(", no ")) }
    }
}

/// Takes as much as a text may have, and no more: what an item makes of a template could fill any memory.
struct Page(Vec<u8>);

impl Page {
    const fn is_full(&self) -> bool {
        self.0.len() > LONGEST_TEXT
    }
}

impl Write for Page {
    fn write(&mut self, piece: &[u8]) -> io::Result<usize> {
        let room = (LONGEST_TEXT + 1).saturating_sub(self.0.len()).min(piece.len());
        self.0.extend_from_slice(&piece[..room]);
        if self.is_full() { Err(io::ErrorKind::FileTooLarge.into()) } else { Ok(piece.len()) }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
