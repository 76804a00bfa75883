//! The templates of steps: text with places for what a run knows, and for secrets.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::expression::{Known, Reads};
use crate::outbound::{MASK, Secrets};
use crate::template::Template;

/// A template that was understood.
#[derive(Debug)]
pub struct Compiled {
    template: Template,
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
        let template = Template::new(text)?;
        let (mut reads, mut secrets) = (Reads::default(), BTreeSet::new());
        for name in template.names() {
            match name {
                ("input" | "project", _) => {}
                ("steps", Some(step)) => drop(reads.steps.insert(step.to_owned())),
                ("steps", None) => reads.all_steps = true,
                ("secrets", Some(secret)) => drop(secrets.insert(secret.to_owned())),
                ("secrets", None) => return Err("Name the secret, like secrets.erp_token.".to_owned()),
                (other, _) => drop(reads.unknown.insert(other.to_owned())),
            }
        }
        Ok(Self { template, reads, secrets })
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
        let render = |secrets: Map<String, Value>| {
            let Known { input, project, steps, .. } = known;
            self.template
                .render(&json!({ "input": input, "project": project, "steps": steps, "secrets": secrets }))
        };
        let shown = render(named(&|_| Ok(MASK.to_owned()))?)?;
        let text = if self.secrets.is_empty() {
            shown.clone()
        } else {
            render(named(&|name| secrets.get(name).map(str::to_owned))?)?
        };
        Ok(Filled { text, shown })
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
