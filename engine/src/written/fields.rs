//! The fields of a map: those that are known, and a word about those that are not.

use domain::Wrong;

use super::Misread;
use super::tree::{Key, Node, Place, What};

/// How alike two words must be (Jaro-Winkler) for one to be offered in place of the other.
const ALIKE: f64 = 0.8;

const LONGEST_TITLE: usize = 120;

/// Nobody puts more than this right at once.
const MOST_NOTES: usize = 100;

/// Collects what is wrong while a file is read on.
#[derive(Default)]
pub struct Notes(pub Vec<Misread>);

impl Notes {
    pub fn wrong(&mut self, at: Place, message: impl Into<String>) {
        if self.0.len() < MOST_NOTES {
            self.0.push(Misread::at(at, message));
        }
    }

    /// The entries of a map, whatever their names. Anything else is noted.
    pub fn map<'a>(&mut self, node: &'a Node, what: &str) -> &'a [(Key, Node)] {
        if let What::Map(entries) = &node.what {
            return entries;
        }
        self.wrong(node.at, format!("{what} must be a map of names and values, not {}.", node.word()));
        &[]
    }

    /// The fields of a map with a fixed set of names; a name that is not among them is noted, and what it may have meant.
    pub fn fields<'a>(&mut self, node: &'a Node, what: &str, allowed: &[&str]) -> Fields<'a> {
        let entries = self.map(node, what);
        for (key, _) in entries.iter().filter(|(key, _)| !allowed.contains(&key.name.as_str())) {
            let alike = |word: &&&str| strsim::jaro_winkler(word, &key.name) >= ALIKE;
            let meant = allowed.iter().find(alike);
            let hint = meant.map_or_else(
                || format!("Allowed here: {}.", allowed.join(", ")),
                |meant| format!("Did you mean “{meant}”?"),
            );
            self.wrong(key.at, format!("“{}” is not known in {what}. {hint}", key.name));
        }
        Fields { at: node.at, entries }
    }

    /// A single value as text.
    pub fn text<'a>(&mut self, node: &'a Node, what: &str) -> Option<&'a str> {
        match &node.what {
            // What stands for nothing in YAML: the value was forgotten.
            What::Scalar { text, plain: true } if ["", "~", "null"].contains(&text.as_str()) => {
                self.wrong(node.at, format!("{what} has no value here."));
                return None;
            }
            What::Scalar { text, .. } => return Some(text),
            _ => {}
        }
        self.wrong(node.at, format!("{what} must be a single value, not {}.", node.word()));
        None
    }

    /// A list, or one value that stands for a list of one.
    pub fn list<'a>(&mut self, node: &'a Node, what: &str) -> &'a [Node] {
        match &node.what {
            What::List(items) => items,
            What::Scalar { .. } => std::slice::from_ref(node),
            What::Map(_) => {
                self.wrong(node.at, format!("{what} must be a list, not a map."));
                &[]
            }
        }
    }

    /// What was read, if nothing was wrong with it; else all that was, in the order of the file.
    pub fn unless_wrong<T>(self, read: Option<T>) -> Result<T, Vec<Misread>> {
        let mut misread = self.0;
        misread.sort_by_key(|misread| misread.at);
        match read {
            Some(read) if misread.is_empty() => Ok(read),
            _ => Err(misread),
        }
    }

    /// A field that must be there; `what` names what needs it.
    pub fn required<'a>(&mut self, fields: &Fields<'a>, name: &str, what: &str) -> Option<&'a Node> {
        let found = fields.get(name);
        if found.is_none() {
            self.wrong(fields.at, format!("{what} needs “{name}”."));
        }
        found
    }

    pub fn parsed<T>(&mut self, node: &Node, what: &str, parse: fn(&str) -> Result<T, Wrong>) -> Option<T> {
        let text = self.text(node, what)?;
        self.parse_text(node.at, text, parse)
    }

    pub fn parse_text<T>(&mut self, at: Place, text: &str, parse: fn(&str) -> Result<T, Wrong>) -> Option<T> {
        let shown: String = text.chars().take(60).collect();
        parse(text).map_err(|wrong| self.wrong(at, format!("“{shown}” will not do. {wrong}"))).ok()
    }

    /// What people read; without one, the name in words.
    pub fn title(&mut self, fields: &Fields<'_>, name: Option<&str>) -> String {
        let written = fields.get("title").and_then(|node| Some((node.at, self.text(node, "title")?.trim())));
        match written {
            Some((at, title)) if title.chars().count() > LONGEST_TITLE => {
                self.wrong(at, format!("A title has at most {LONGEST_TITLE} characters."));
                String::new()
            }
            Some((_, title)) if !title.is_empty() => title.to_owned(),
            _ => {
                let words = name.map(|name| name.replace('-', " ")).unwrap_or_default();
                let mut letters = words.chars();
                letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
            }
        }
    }
}

/// The fields of one map.
pub struct Fields<'a> {
    pub at: Place,
    entries: &'a [(Key, Node)],
}

impl<'a> Fields<'a> {
    pub fn get(&self, name: &str) -> Option<&'a Node> {
        self.entries.iter().find(|(key, _)| key.name == name).map(|(_, value)| value)
    }
}
