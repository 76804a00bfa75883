//! Templates: text with places for what is known (minijinja). A place for what is not known is a mistake, and not empty.

use std::collections::BTreeSet;
use std::io::{self, Write};
use std::sync::LazyLock;

use minijinja::{Environment, ErrorKind, UndefinedBehavior};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value, json};

use super::expression::{Known, Reads};
use crate::outbound::{MASK, Secrets};

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
#[derive(Debug)]
pub struct Compiled {
    text: String,
    reads: Reads,
    secrets: BTreeSet<String>,
}

/// A text with everything filled in, and as people may see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filled {
    pub text: String,
    pub shown: String,
}

impl Compiled {
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
        let (mut reads, mut secrets) = (Reads::default(), BTreeSet::new());
        for name in template.undeclared_variables(true) {
            let mut parts = name.split('.');
            match (parts.next().unwrap_or_default(), parts.next()) {
                ("input", _) => {}
                ("steps", Some(step)) => drop(reads.steps.insert(step.to_owned())),
                ("steps", None) => reads.all_steps = true,
                ("secrets", Some(secret)) => drop(secrets.insert(secret.to_owned())),
                ("secrets", None) => return Err("Name the secret, like secrets.erp_token.".to_owned()),
                (function, None) if FUNCTIONS.contains(&function) => {}
                (other, _) => drop(reads.unknown.insert(other.to_owned())),
            }
        }
        Ok(Self { text: text.to_owned(), reads, secrets })
    }

    pub const fn reads(&self) -> &Reads {
        &self.reads
    }

    /// The names of the secrets it uses.
    pub fn secrets(&self) -> impl Iterator<Item = &str> {
        self.secrets.iter().map(String::as_str)
    }

    pub fn fill(&self, known: &Known, secrets: &Secrets) -> Result<Filled, String> {
        let named = |value: &dyn Fn(&str) -> Result<String, String>| -> Result<Map<String, Value>, String> {
            self.secrets.iter().map(|name| Ok((name.clone(), Value::String(value(name)?)))).collect()
        };
        let shown = self.render(known, named(&|_| Ok(MASK.to_owned()))?)?;
        let text = if self.secrets.is_empty() {
            shown.clone()
        } else {
            self.render(known, named(&|name| secrets.get(name).map(str::to_owned))?)?
        };
        Ok(Filled { text, shown })
    }

    fn render(&self, known: &Known, secrets: Map<String, Value>) -> Result<String, String> {
        let context = json!({ "input": known.input, "steps": known.steps, "secrets": secrets });
        let template = MACHINE.template_from_str(&self.text).map_err(|error| error.to_string())?;
        let mut page = Page(Vec::new());
        let written = template.render_captured_to(minijinja::value::Serde(&context), &mut page).map(drop);
        if page.is_full() {
            return Err(format!("it comes to more than {LONGEST_TEXT} letters"));
        }
        written.map_err(|error| error.detail().map_or_else(|| error.kind().to_string(), str::to_owned))?;
        let text = String::from_utf8(page.0).map_err(|_| "it comes to no text".to_owned())?;
        Ok(text)
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

#[cfg(test)]
mod tests {
    use super::*;

    fn known() -> Known {
        Known { input: json!({ "id": "a/b", "lines": [{"n": 1}, {"n": 2}] }), ..Known::default() }
    }

    #[test]
    fn what_is_known_is_filled_in_and_secrets_are_not_shown() {
        let secrets = Secrets::new([("key".to_owned(), "hunter2".to_owned())]);
        let filled = |text: &str| Compiled::new(text).unwrap().fill(&known(), &secrets);
        let url = filled("https://x/{{ input.id|urlencode }}?k={{ secrets.key }}").unwrap();
        assert_eq!(
            (url.text.as_str(), url.shown.as_str()),
            ("https://x/a%2Fb?k=hunter2", "https://x/a%2Fb?k=•••")
        );
        assert_eq!(filled("{% for l in input.lines %}{{ l.n }};{% endfor %}").unwrap().text, "1;2;");
        assert!(filled("{{ input.nothing }}").is_err(), "a place for what is not known");
        assert!(filled("{{ secrets.other }}").unwrap_err().contains("COUNTERSIGN_SECRET_OTHER"));
        assert!(
            filled("{% for a in range(10000) %}{% for b in range(10000) %}x{% endfor %}{% endfor %}")
                .is_err()
        );
    }

    #[test]
    fn what_a_template_reads_is_known_before_it_runs() {
        let compiled = Compiled::new("{{ steps.one.x }}{{ colour }}{{ secrets.k }}").unwrap();
        assert!(compiled.reads().steps.contains("one") && compiled.reads().unknown.contains("colour"));
        assert!(Compiled::new("{{ input.x|urlencod }}").unwrap_err().contains("“urlencod”"));
        assert!(
            Compiled::new(
                "a | b {{ input.x|upper|urlencode }} or | c {% for n in range(3) %}{{ n }}{% endfor %}"
            )
            .is_ok()
        );
        assert!(Compiled::new("{{ secrets['x'] }}").unwrap_err().contains("Name the secret"));
        assert!(Compiled::new("{{ steps }}").unwrap().reads().all_steps);
        assert!(Compiled::new("{{ input.x ").unwrap_err().contains("not a template"));
    }
}
