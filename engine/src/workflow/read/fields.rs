//! The fields of a map: those that are known, and a word about those that are not.

use super::Misread;
use super::tree::{Key, Node, Place, What};

/// How alike two words must be (Jaro-Winkler) for one to be offered in place of the other.
const ALIKE: f64 = 0.8;

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
