//! Templates: text with places for what is known (minijinja). A place for what is not known is a mistake, and not empty.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use minijinja::{Environment, UndefinedBehavior};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value, json};

use super::expression::{Known, Reads};
use crate::outbound::Secrets;

const LONGEST: usize = 20_000;
/// Steps of a template's own machine: enough for any text somebody wants to read.
const MOST_WORK: u64 = 500_000;
const LONGEST_TEXT: usize = 500_000;

/// In the place of a secret where people look.
const MASK: &str = "•••";

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
        let (mut reads, mut secrets) = (Reads::default(), BTreeSet::new());
        for name in template.undeclared_variables(true) {
            let mut parts = name.split('.');
            match (parts.next().unwrap_or_default(), parts.next()) {
                ("input", _) => {}
                ("steps", Some(step)) => drop(reads.steps.insert(step.to_owned())),
                ("steps", None) => reads.all_steps = true,
                ("secrets", Some(secret)) => drop(secrets.insert(secret.to_owned())),
                (other, _) => drop(reads.unknown.insert(other.to_owned())),
            }
        }
        Ok(Self { text: text.to_owned(), reads, secrets })
    }

    pub const fn reads(&self) -> &Reads {
        &self.reads
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
        let text = MACHINE
            .render_str(&self.text, minijinja::value::Serde(&context))
            .map_err(|error| error.detail().map_or_else(|| error.kind().to_string(), str::to_owned))?;
        if text.len() > LONGEST_TEXT {
            return Err(format!("it comes to more than {LONGEST_TEXT} letters"));
        }
        Ok(text)
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
        assert!(Compiled::new("{{ steps }}").unwrap().reads().all_steps);
        assert!(Compiled::new("{{ input.x ").unwrap_err().contains("not a template"));
    }
}
