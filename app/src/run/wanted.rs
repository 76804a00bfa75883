//! Which runs a list shows and a sweep changes, as the words of an address say it.

use domain::people::Zone;
use domain::project::ProjectCode;
use domain::run::{DeadReason, RunState};
use domain::workflow::WorkflowName;
use engine::run::Wanted;

use crate::ui::filter_query;
use crate::ui::filters::day_begins;

/// The words by their names, which are also what the fields of a form are called.
#[derive(Default)]
pub struct Filter([String; 8]);

impl Filter {
    const NAMES: [(&str, &str); 8] = [
        ("workflow", "Workflow"),
        ("project", "Project"),
        ("state", "State"),
        ("text", "With"),
        ("key", "Key"),
        ("from", "From"),
        ("until", "To"),
        ("reason", "Given up because"),
    ];

    /// Takes each word from where it is kept.
    pub fn read(value: impl Fn(&str) -> Option<String>) -> Self {
        Self(Self::NAMES.map(|(name, _)| value(name).unwrap_or_default().trim().to_owned()))
    }

    pub fn get(&self, name: &str) -> &str {
        self.named().find(|(it, ..)| *it == name).map_or("", |(.., word)| word)
    }

    /// Those that say something: name, label and word.
    pub fn said(&self) -> impl Iterator<Item = (&'static str, &'static str, &str)> {
        self.named().filter(|(.., word)| !word.is_empty())
    }

    fn named(&self) -> impl Iterator<Item = (&'static str, &'static str, &str)> {
        Self::NAMES.into_iter().zip(&self.0).map(|((name, label), word)| (name, label, word.as_str()))
    }

    pub fn address(&self) -> String {
        let pairs: Vec<_> = self.said().map(|(name, _, word)| (name, word)).collect();
        filter_query(&pairs)
    }

    /// What they mean to somebody whose days begin by this clock; nothing if one of them means nothing, and so no run
    /// fits it.
    pub fn meaning(&self, zone: &Zone) -> Option<Wanted> {
        let some = |name| Some(self.get(name)).filter(|word| !word.is_empty());
        Some(Wanted {
            workflow: some("workflow").map(WorkflowName::parse).transpose().ok()?,
            project: some("project").map(ProjectCode::parse).transpose().ok()?,
            text: some("text").map(str::to_owned),
            state: some("state").map(|word| RunState::parse(word).ok_or(())).transpose().ok()?,
            key: some("key").map(str::to_owned),
            from: day_begins(self.get("from"), zone, 0).ok()?,
            until: day_begins(self.get("until"), zone, 1).ok()?,
            reason: some("reason").map(|word| DeadReason::parse(word).ok_or(())).transpose().ok()?,
        })
    }
}
