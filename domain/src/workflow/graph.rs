//! The order of steps: which may run when, and whether they can all end.

use std::collections::{BTreeMap, BTreeSet};

use super::{Definition, Step, StepName};

/// A graph that was found to be sound: every step it names is there, and none waits for itself.
#[derive(Clone, Debug)]
pub struct Graph {
    /// The steps by their place in the definition, each after those it needs.
    order: Vec<usize>,
    /// How many steps lie before it at least, on the longest way to it; a drawing puts those of one level in a column.
    levels: Vec<usize>,
}

/// Why the steps of a definition are no graph that can be run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GraphFault {
    Empty,
    Twice(StepName),
    Unknown {
        step: StepName,
        needs: StepName,
    },
    /// Each needs the next, and the last the first.
    Cycle(Vec<StepName>),
}

/// How a step has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Finished {
    Success,
    Skipped,
}

impl Graph {
    pub fn of(definition: &Definition) -> Result<Self, GraphFault> {
        let steps = &definition.steps;
        let mut places = BTreeMap::new();
        for (place, step) in steps.iter().enumerate() {
            if places.insert(&step.name, place).is_some() {
                return Err(GraphFault::Twice(step.name.clone()));
            }
        }
        if steps.is_empty() {
            return Err(GraphFault::Empty);
        }
        for step in steps {
            if let Some(unknown) = step.needs.iter().find(|needs| !places.contains_key(needs)) {
                return Err(GraphFault::Unknown { step: step.name.clone(), needs: unknown.clone() });
            }
        }
        let (mut order, mut levels): (Vec<usize>, Vec<Option<usize>>) = (Vec::new(), vec![None; steps.len()]);
        while order.len() < steps.len() {
            let level_of = |step: &Step| -> Option<usize> {
                let mut below =
                    step.needs.iter().map(|needs| places.get(needs).and_then(|place| levels[*place]));
                below.try_fold(0, |most, level| level.map(|level| most.max(level + 1)))
            };
            let free = steps.iter().enumerate().find_map(|(place, step)| {
                levels[place].is_none().then(|| level_of(step)).flatten().map(|level| (place, level))
            });
            let Some((place, level)) = free else { return Err(GraphFault::Cycle(cycle(steps, &levels))) };
            levels[place] = Some(level);
            order.push(place);
        }
        Ok(Self { order, levels: levels.into_iter().map(Option::unwrap_or_default).collect() })
    }

    /// The steps, each after those it needs.
    pub fn in_order<'a>(&'a self, definition: &'a Definition) -> impl Iterator<Item = &'a Step> {
        self.order.iter().filter_map(|place| definition.steps.get(*place))
    }

    /// How far a step lies from the beginning.
    pub fn level(&self, place: usize) -> usize {
        self.levels.get(place).copied().unwrap_or_default()
    }

    /// Every step that has ended whenever this one runs: what it needs, what those need, and so on.
    pub fn before(definition: &Definition, step: &Step) -> BTreeSet<StepName> {
        let mut before = BTreeSet::new();
        let mut to_look_at: Vec<&StepName> = step.needs.iter().collect();
        while let Some(name) = to_look_at.pop() {
            if before.insert(name.clone())
                && let Some(step) = definition.step(name)
            {
                to_look_at.extend(&step.needs);
            }
        }
        before
    }
}

/// What is to be done with a step now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Due {
    Wait,
    Run,
    Skip,
}

impl Step {
    /// What is to be done with it, given how others have ended. A step whose needs were all skipped lies on a way that
    /// was not taken, and is skipped with them.
    pub fn due(&self, ended: impl Fn(&StepName) -> Option<Finished>) -> Due {
        let mut all_skipped = !self.needs.is_empty();
        for needs in &self.needs {
            match ended(needs) {
                None => return Due::Wait,
                Some(finished) => all_skipped &= finished == Finished::Skipped,
            }
        }
        if all_skipped { Due::Skip } else { Due::Run }
    }
}

/// One cycle among the steps that could not be placed.
fn cycle(steps: &[Step], levels: &[Option<usize>]) -> Vec<StepName> {
    let stuck: Vec<&Step> =
        steps.iter().zip(levels).filter(|(_, level)| level.is_none()).map(|(step, _)| step).collect();
    let mut way: Vec<&Step> = stuck.first().copied().into_iter().collect();
    while let Some(last) = way.last() {
        let next = last.needs.iter().find_map(|needs| stuck.iter().find(|step| step.name == *needs));
        let Some(next) = next else { break };
        if let Some(first) = way.iter().position(|step| step.name == next.name) {
            way.drain(..first);
            break;
        }
        way.push(next);
    }
    way.into_iter().map(|step| step.name.clone()).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::{Kind, Priority, Rule, WorkflowName};
    use super::Finished::{Skipped, Success};
    use super::*;

    fn definition(steps: &[(&str, &[&str])]) -> Definition {
        let name = |name: &&str| StepName::parse(name).unwrap();
        Definition {
            name: WorkflowName::parse("test").unwrap(),
            title: "Test".to_owned(),
            description: String::new(),
            priority: Priority::default(),
            slo: None,
            schedule: Vec::new(),
            one_at_a_time: None,
            retention: None,
            budget: super::super::Budget::default(),
            input: None,
            steps: steps
                .iter()
                .map(|(step, needs)| Step {
                    name: name(step),
                    needs: needs.iter().map(name).collect(),
                    when: None,
                    kind: Kind::Rule(Rule::default()),
                    timeout: None,
                    retry: None,
                    unavailable: super::super::Unavailable::default(),
                    fallback: None,
                })
                .collect(),
            output: Vec::new(),
        }
    }

    fn names(names: &[StepName]) -> Vec<&str> {
        names.iter().map(StepName::as_str).collect()
    }

    #[test]
    fn every_step_comes_after_what_it_needs() {
        let diamond = definition(&[
            ("end", &["left", "right"]),
            ("left", &["start"]),
            ("right", &["start"]),
            ("start", &[]),
        ]);
        let graph = Graph::of(&diamond).unwrap();
        let order: Vec<_> = graph.in_order(&diamond).map(|step| step.name.as_str()).collect();
        assert_eq!(order, ["start", "left", "right", "end"]);
        assert_eq!((0..4).map(|place| graph.level(place)).collect::<Vec<_>>(), [2, 1, 1, 0]);
        let before = Graph::before(&diamond, &diamond.steps[0]);
        assert_eq!(before.iter().map(StepName::as_str).collect::<Vec<_>>(), ["left", "right", "start"]);
    }

    #[test]
    fn what_is_no_graph_is_named() {
        let fault = |steps: &[(&str, &[&str])]| Graph::of(&definition(steps)).unwrap_err();
        assert_eq!(fault(&[]), GraphFault::Empty);
        assert!(matches!(fault(&[("a", &[]), ("a", &[])]), GraphFault::Twice(name) if name.as_str() == "a"));
        assert!(
            matches!(fault(&[("a", &["b"])]), GraphFault::Unknown { needs, .. } if needs.as_str() == "b")
        );
        let GraphFault::Cycle(cycle) = fault(&[("a", &["c"]), ("b", &["a"]), ("c", &["b"]), ("d", &["a"])])
        else {
            panic!("a cycle was not seen")
        };
        assert_eq!(names(&cycle), ["a", "c", "b"]);
        assert!(matches!(fault(&[("a", &["a"])]), GraphFault::Cycle(cycle) if names(&cycle) == ["a"]));
    }

    #[test]
    fn a_step_waits_for_all_and_is_skipped_only_with_all() {
        let join = definition(&[("a", &[]), ("b", &[]), ("join", &["a", "b"])]);
        let due = |a: Option<Finished>, b: Option<Finished>| {
            join.steps[2].due(|name| if name.as_str() == "a" { a } else { b })
        };
        assert_eq!(due(Some(Success), None), Due::Wait);
        assert_eq!(due(Some(Success), Some(Skipped)), Due::Run);
        assert_eq!(due(Some(Skipped), Some(Skipped)), Due::Skip);
        assert_eq!(join.steps[0].due(|_| None), Due::Run, "nothing is waited for at the beginning");
    }

    proptest! {
        /// Whatever the arrows: either the order respects every one of them, or there is a cycle of arrows.
        #[test]
        fn any_arrows_are_an_order_or_a_cycle(arrows in prop::collection::vec((0_usize..8, 0_usize..8), 0..20)) {
            let labels = ["a", "b", "c", "d", "e", "f", "g", "h"];
            let needs: Vec<Vec<&str>> = (0..8)
                .map(|to| arrows.iter().filter(|(_, at)| *at == to).map(|(from, _)| labels[*from]).collect())
                .collect();
            let steps: Vec<(&str, &[&str])> = labels.iter().zip(&needs).map(|(name, needs)| (*name, needs.as_slice())).collect();
            let definition = definition(&steps);
            match Graph::of(&definition) {
                Ok(graph) => {
                    let order: Vec<_> = graph.in_order(&definition).map(|step| &step.name).collect();
                    prop_assert_eq!(order.len(), 8);
                    for step in &definition.steps {
                        let place = |name: &StepName| order.iter().position(|it| *it == name);
                        for needs in &step.needs {
                            prop_assert!(place(needs) < place(&step.name));
                        }
                    }
                }
                Err(GraphFault::Cycle(cycle)) => {
                    prop_assert!(!cycle.is_empty());
                    for (n, name) in cycle.iter().enumerate() {
                        let next = &cycle[(n + 1) % cycle.len()];
                        prop_assert!(definition.step(name).unwrap().needs.contains(next));
                    }
                }
                Err(other) => prop_assert!(false, "{:?}", other),
            }
        }
    }
}
