use std::collections::{BTreeMap, BTreeSet};

use domain::Wrong;
use domain::model::dollars;
use domain::people::Zone;
use domain::span::Span;
use domain::workflow::{
    Budget, Definition, Expression, Graph, GraphFault, Kind, Priority, Schedule, Step, StepName, Template,
    Unavailable, WorkflowName,
};
use serde_json::Value;

use crate::schedule::pattern;
use crate::workflow::expression::{Compiled, Reads};
use crate::workflow::{schema, template};
use crate::written::{Key, Misread, Node, Notes, Place, What, one_of, tree_of};

pub const TOP: [&str; 12] = [
    "name",
    "title",
    "description",
    "priority",
    "slo",
    "budget",
    "schedule",
    "one_at_a_time",
    "retention",
    "input",
    "steps",
    "output",
];
pub const SCHEDULE: [&str; 3] = ["cron", "zone", "input"];
pub const BUDGET: [&str; 4] = ["attempts", "time", "cost", "cost_per_day"];
pub const STEP: [&str; 15] = [
    "needs",
    "when",
    "rule",
    "llm",
    "http",
    "emit",
    "job",
    "map",
    "wait",
    "worker",
    "review",
    "timeout",
    "retry",
    "unavailable",
    "fallback",
];

/// More steps than a drawing can show or a person can follow.
const MOST_STEPS: usize = 200;

/// Reads a definition from YAML or JSON, or says everything that is wrong with it, in the order of the file.
pub fn read(text: &str) -> Result<Definition, Vec<Misread>> {
    let root = tree_of(text)?;
    let mut reader = Reader::default();
    let definition = reader.definition(&root);
    reader.notes.unless_wrong(definition)
}

#[derive(Default)]
pub(super) struct Reader {
    pub(super) notes: Notes,
    /// Where each step stands, and where it names those it needs.
    steps: BTreeMap<StepName, Place>,
    needs: BTreeMap<(StepName, StepName), Place>,
    /// What each expression reads, to be looked at when every step is known. Without a step: the output of the run.
    reading: Vec<(Option<StepName>, Place, BTreeSet<String>)>,
    /// Where each step names the one that is done in its place.
    fallbacks: BTreeMap<StepName, Place>,
    too_many: bool,
}

impl Reader {
    fn definition(&mut self, root: &Node) -> Option<Definition> {
        let fields = self.notes.fields(root, "a workflow", &TOP);
        let name = self.notes.required(&fields, "name", "A workflow").and_then(|node| self.name(node));
        let title = self.notes.title(&fields, name.as_ref().map(WorkflowName::as_str));
        let description = fields.get("description").and_then(|node| self.notes.text(node, "description"));
        let priority = fields.get("priority").and_then(|node| self.notes.parsed(node, "priority", priority));
        let slo = fields.get("slo").and_then(|node| self.notes.parsed(node, "slo", Span::parse));
        let budget = fields.get("budget").map(|node| self.budget(node)).unwrap_or_default();
        let schedule = fields.get("schedule").map(|node| self.schedules(node)).unwrap_or_default();
        let one_at_a_time =
            fields.get("one_at_a_time").and_then(|node| self.expression(node, "one_at_a_time", None, &[]));
        let retention =
            fields.get("retention").and_then(|node| self.notes.parsed(node, "retention", Span::parse));
        let input = fields.get("input").map(|node| self.schema(node));
        let steps = self
            .notes
            .required(&fields, "steps", "A workflow")
            .map(|node| self.steps(node))
            .unwrap_or_default();
        let output = fields
            .get("output")
            .map(|node| self.named_expressions(node, "output", None, &[]))
            .unwrap_or_default();
        let mut definition = Definition {
            name: name?,
            title,
            description: description.unwrap_or_default().trim().to_owned(),
            priority: priority.unwrap_or_default(),
            slo,
            budget,
            schedule,
            one_at_a_time,
            retention,
            input,
            steps,
            output,
        };
        self.place_fallbacks(&mut definition);
        self.check_graph(&definition, root.at);
        Some(definition)
    }

    fn name(&mut self, node: &Node) -> Option<WorkflowName> {
        self.notes.parsed(node, "name", WorkflowName::parse)
    }

    pub(super) fn schema(&mut self, node: &Node) -> Value {
        let schema = node.to_json();
        if let Err(why) = schema::Schema::new(&schema) {
            self.notes.wrong(node.at, format!("This is not a JSON Schema: {why}."));
        }
        schema
    }

    fn schedules(&mut self, node: &Node) -> Vec<Schedule> {
        let all = match &node.what {
            What::List(all) => all.as_slice(),
            _ => std::slice::from_ref(node),
        };
        all.iter().filter_map(|node| self.schedule(node)).collect()
    }

    fn schedule(&mut self, node: &Node) -> Option<Schedule> {
        let fields = self.notes.fields(node, "a schedule", &SCHEDULE);
        let cron = self.notes.required(&fields, "cron", "A schedule");
        let cron = cron.and_then(|node| self.notes.parsed(node, "cron", pattern));
        let zone = fields.get("zone").map(|node| self.notes.parsed(node, "zone", Zone::parse));
        let input = fields.get("input").map(Node::to_json);
        Some(Schedule {
            cron: cron?,
            zone: zone.unwrap_or_else(|| Some(Zone::utc()))?,
            input: input.unwrap_or_else(|| Value::Object(serde_json::Map::new())),
        })
    }

    fn budget(&mut self, node: &Node) -> Budget {
        let fields = self.notes.fields(node, "budget", &BUDGET);
        let attempts = fields.get("attempts").and_then(|node| self.notes.parsed(node, "attempts", tries));
        let time = fields.get("time").and_then(|node| self.notes.parsed(node, "time", Span::parse));
        let mut money = |name| fields.get(name).and_then(|node| self.notes.parsed(node, name, dollars));
        Budget { attempts, time, cost: money("cost"), cost_per_day: money("cost_per_day") }
    }

    fn steps(&mut self, node: &Node) -> Vec<Step> {
        let entries = self.notes.map(node, "steps");
        if entries.len() > MOST_STEPS {
            self.notes.wrong(node.at, format!("A workflow has at most {MOST_STEPS} steps. Split it."));
            self.too_many = true;
        }
        entries.iter().take(MOST_STEPS).filter_map(|(key, step)| self.step(key, step)).collect()
    }

    fn step(&mut self, key: &Key, node: &Node) -> Option<Step> {
        let name = self.notes.parse_text(key.at, &key.name, StepName::parse)?;
        self.steps.insert(name.clone(), key.at);
        let fields = self.notes.fields(node, "a step", &STEP);
        let needs = fields.get("needs").map(|node| self.needs(&name, node)).unwrap_or_default();
        let when = fields.get("when").and_then(|node| self.expression(node, "when", Some(&name), &[]));
        let kind = self.kind(&fields, &name)?;
        let timeout = fields.get("timeout").and_then(|node| self.notes.parsed(node, "timeout", timeout));
        let retry = fields.get("retry").map(|node| self.retry(node));
        if let (Kind::Worker(_), Some(node)) = (&kind, fields.get("timeout")) {
            self.notes
                .wrong(node.at, "A worker says “within”, how long it may take in all, and has no timeout.");
        }
        if !kind.asks_others() {
            for word in ["timeout", "retry", "unavailable"] {
                if let Some(node) = fields.get(word) {
                    let message = format!("A {} asks nobody, and so has no {word}.", kind.word());
                    self.notes.wrong(node.at, message);
                }
            }
        }
        let unavailable =
            fields.get("unavailable").and_then(|node| self.notes.parsed(node, "unavailable", unavailable));
        if let (Kind::Worker(_), Some(node)) = (&kind, fields.get("unavailable")) {
            self.notes.wrong(node.at, "A worker says “within”; what it does not do in that time has failed.");
        }
        let fallback =
            fields.get("fallback").and_then(|node| self.notes.parsed(node, "fallback", StepName::parse));
        if let (Some(_), Some(node)) = (&fallback, fields.get("fallback")) {
            self.fallbacks.insert(name.clone(), node.at);
        }
        let unavailable = unavailable.unwrap_or_default();
        Some(Step { name, needs, when, kind, timeout, retry, unavailable, fallback })
    }

    /// A step that is done in the place of another comes after it, and is there for nothing else.
    fn place_fallbacks(&mut self, definition: &mut Definition) {
        let pairs: Vec<_> = definition
            .steps
            .iter()
            .filter_map(|step| Some((step.name.clone(), step.fallback.clone()?)))
            .collect();
        let written = definition.clone();
        for (place, (step, fallback)) in pairs.iter().enumerate() {
            let Some(at) = self.fallbacks.get(step).copied() else { continue };
            let twice = pairs.iter().take(place).any(|(_, other)| other == fallback);
            let needed_by = written.steps.iter().find(|other| other.needs.contains(fallback));
            let wrong = if twice {
                Some(format!("“{fallback}” is done in the place of another step already."))
            } else {
                needed_by.map(|other| {
                    format!(
                        "“{}” needs “{fallback}”, which may never be done. Let it need “{step}”.",
                        other.name
                    )
                })
            };
            if let Some(wrong) = wrong {
                self.notes.wrong(at, wrong);
                continue;
            }
            match definition.steps.iter_mut().find(|other| other.name == *fallback) {
                None => {
                    self.notes
                        .wrong(at, format!("There is no step “{fallback}”. {}", self.steps_there_are()));
                }
                Some(other) if !other.needs.is_empty() || other.when.is_some() => {
                    let message =
                        format!("“{fallback}” is done when “{step}” fails: it has no needs and no “when”.");
                    self.notes.wrong(at, message);
                }
                Some(other) => other.needs.push(step.clone()),
            }
        }
    }

    fn needs(&mut self, step: &StepName, node: &Node) -> Vec<StepName> {
        let mut needs = Vec::new();
        for one in self.notes.list(node, "needs") {
            let Some(name) = self.notes.parsed(one, "needs", StepName::parse) else { continue };
            if needs.contains(&name) {
                self.notes.wrong(one.at, format!("“{name}” stands here twice."));
            } else {
                self.needs.insert((step.clone(), name.clone()), one.at);
                needs.push(name);
            }
        }
        needs
    }

    /// Names and expressions; each may also read what `also` names.
    pub(super) fn named_expressions(
        &mut self,
        node: &Node,
        what: &str,
        step: Option<&StepName>,
        also: &[&str],
    ) -> Vec<(String, Expression)> {
        let entries = self.notes.map(node, what);
        let mut read = |(key, value): &(Key, Node)| {
            Some((key.name.clone(), self.expression(value, &key.name, step, also)?))
        };
        entries.iter().filter_map(&mut read).collect()
    }

    pub(super) fn expression(
        &mut self,
        node: &Node,
        what: &str,
        step: Option<&StepName>,
        also: &[&str],
    ) -> Option<Expression> {
        let text = self.notes.text(node, what)?;
        let compiled = Compiled::new(text).map_err(|why| self.notes.wrong(node.at, why)).ok()?;
        self.reads(node.at, compiled.reads(), step, also);
        Some(Expression(text.to_owned()))
    }

    pub(super) fn template(&mut self, node: &Node, what: &str, step: &StepName) -> Option<Template> {
        let text = self.notes.text(node, what)?;
        let compiled = template::Compiled::new(text).map_err(|why| self.notes.wrong(node.at, why)).ok()?;
        self.reads(node.at, compiled.reads(), Some(step), &["secrets"]);
        Some(Template(text.to_owned()))
    }

    /// Notes what an expression or a template reads, to be looked at when every step is known.
    fn reads(&mut self, at: Place, reads: &Reads, step: Option<&StepName>, also: &[&str]) {
        for unknown in reads.unknown.iter().filter(|name| !also.contains(&name.as_str())) {
            let known: Vec<_> = ["input", "steps"].iter().chain(also).copied().collect();
            let known = known.join(", ");
            let message = format!("“{unknown}” means nothing here. Known are {known}; quote a text.");
            self.notes.wrong(at, message);
        }
        if reads.all_steps {
            self.notes.wrong(at, "Name the step that is read, like steps.classify.");
        }
        self.reading.push((step.cloned(), at, reads.steps.clone()));
    }

    /// The same for a step that is named outright.
    pub(super) fn reads_step(&mut self, at: Place, step: &StepName, read: &StepName) {
        self.reading.push((Some(step.clone()), at, BTreeSet::from([read.to_string()])));
    }

    /// What only the whole can tell: whether the steps are a graph, and whether each reads only what has ended before.
    fn check_graph(&mut self, definition: &Definition, at: Place) {
        if self.steps.len() > definition.steps.len() || self.too_many {
            // What some steps say was wrong: what would be said about the others would follow from that only.
            return;
        }
        match Graph::of(definition) {
            Ok(_) => self.check_reading(definition),
            Err(GraphFault::Empty) => self.notes.wrong(at, "A workflow needs at least one step."),
            // Names that stand twice in a map were noted when it was read.
            Err(GraphFault::Twice(_)) => {}
            Err(GraphFault::Unknown { step, needs }) => {
                let at = self.needs.get(&(step, needs.clone())).copied().unwrap_or(at);
                self.notes.wrong(at, format!("There is no step “{needs}”. {}", self.steps_there_are()));
            }
            Err(GraphFault::Cycle(cycle)) => {
                let at = cycle.first().and_then(|first| self.steps.get(first)).copied().unwrap_or(at);
                let way: Vec<_> = cycle.iter().chain(cycle.first()).map(StepName::as_str).collect();
                let message =
                    format!("These steps wait for one another and could never begin: {}.", way.join(" → "));
                self.notes.wrong(at, message);
            }
        }
    }

    fn check_reading(&mut self, definition: &Definition) {
        let all_before: BTreeMap<_, _> =
            definition.steps.iter().map(|step| (&step.name, Graph::before(definition, step))).collect();
        for (step, at, reads) in std::mem::take(&mut self.reading) {
            let before = step.as_ref().and_then(|step| all_before.get(step));
            for name in reads {
                let read = self.steps.keys().find(|step| step.as_str() == name).cloned();
                let message = match (read, &step, before) {
                    (None, ..) => format!("There is no step “{name}”. {}", self.steps_there_are()),
                    (Some(read), Some(step), _) if read == *step => {
                        format!(
                            "“{step}” reads what it is itself to find. Name the step that has found it before."
                        )
                    }
                    (Some(read), Some(step), Some(before)) if !before.contains(&read) => {
                        format!("“{step}” reads “{read}”, but may run before it. Add it to its needs.")
                    }
                    _ => continue,
                };
                self.notes.wrong(at, message);
            }
        }
    }

    fn steps_there_are(&self) -> String {
        const MOST: usize = 10;
        let names: Vec<_> = self.steps.keys().take(MOST).map(StepName::as_str).collect();
        let more = if self.steps.len() > MOST { ", …" } else { "" };
        format!("There are: {}{more}.", names.join(", "))
    }
}

fn priority(text: &str) -> Result<Priority, Wrong> {
    Priority::parse(text).ok_or_else(|| one_of(Priority::ALL, Priority::word))
}

fn unavailable(text: &str) -> Result<Unavailable, Wrong> {
    Unavailable::parse(text).ok_or_else(|| one_of(Unavailable::ALL, Unavailable::word))
}

fn tries(text: &str) -> Result<i64, Wrong> {
    let tries = text.parse().ok().filter(|tries| *tries > 0);
    tries.ok_or_else(|| "Say how often others may be asked: 1 or more.".into())
}

fn timeout(text: &str) -> Result<Span, Wrong> {
    let span = Span::parse(text)?;
    let within = Span::seconds(0) < span && span <= Span::seconds(3600);
    within.then_some(span).ok_or_else(|| "An attempt takes some time, and an hour at most.".into())
}
