//! Steps that send each element of a list through another workflow.

use domain::workflow::{Map, Otherwise};
use serde_json::{Value, json};

use super::expression::{Compiled, Known, Scope};
use super::interpret::{Outcome, compile_all, is_too_deep, object};
use super::material::{Materials, Part};

/// The element and its place, as the input of its run names them.
pub const ITEM: &str = "item";
pub const INDEX: &str = "index";

/// More elements than this are split before.
const MOST: usize = 1_000;

/// A map ready to be done again and again.
pub struct PreparedMap {
    map: Map,
    part: Part,
    over: Compiled,
    input: Vec<(String, Compiled)>,
}

/// How the run of an element has ended.
#[derive(Clone, Debug)]
pub struct Ended {
    /// Nothing if it did not succeed.
    pub output: Option<Value>,
    pub error: Option<String>,
}

impl PreparedMap {
    pub fn new(map: &Map, materials: &Materials) -> Result<Self, String> {
        let part = materials.part(map).cloned();
        Ok(Self {
            part: part.ok_or_else(|| format!("there is no workflow {}", map.workflow))?,
            over: Compiled::new(&map.over.0)?,
            input: compile_all(&map.input)?,
            map: map.clone(),
        })
    }

    pub const fn map(&self) -> &Map {
        &self.map
    }

    pub const fn part(&self) -> &Part {
        &self.part
    }

    pub fn name(&self) -> &str {
        self.map.workflow.name.as_str()
    }

    /// What it goes over. The same whenever it is asked, for it depends on what is known alone.
    pub fn elements(&self, known: &Known) -> Result<Vec<Value>, String> {
        let over =
            self.over.value(&Scope::of(known)?).map_err(|why| format!("“over” has no value: {why}"))?;
        let Value::Array(elements) = over else {
            return Err(format!("“over” must be a list, and is {over}"));
        };
        if elements.len() > MOST {
            return Err(format!(
                "There are {} elements, and {MOST} at most. Split the list before.",
                elements.len()
            ));
        }
        Ok(elements)
    }

    /// What the run of an element is given.
    pub fn input(&self, known: &Known, index: usize, item: &Value) -> Result<Value, String> {
        let input = if self.input.is_empty() {
            item.clone()
        } else {
            let scope = Scope::of(known)?.with(ITEM, item)?.with(INDEX, &json!(index))?;
            object(&self.input, &scope)
                .map_err(|(name, why)| format!("“{name}” of the element {index} has no value: {why}"))?
        };
        let prepared = &self.part.prepared;
        if let Some(fault) = prepared.faults_of(&input).first() {
            let name = self.name();
            return Err(format!(
                "The element {index} does not fit what {name} takes: {}{}{}",
                fault.field,
                if fault.field.is_empty() { "" } else { ": " },
                fault.message
            ));
        }
        Ok(input)
    }

    /// What the step comes to when all have ended, in the order of the list.
    pub fn outcome(&self, ended: &[Ended]) -> Outcome {
        let failed = ended.iter().filter(|one| one.output.is_none()).count();
        if failed > 0 && self.map.otherwise == Otherwise::Fail {
            let first = ended.iter().enumerate().find_map(|(place, one)| Some((place, one.error.as_ref()?)));
            let why = first.map(|(place, error)| format!(" Element {place}: {error}")).unwrap_or_default();
            return Outcome::faulty(format!("{failed} of {} did not succeed.{why}", ended.len()));
        }
        let results: Vec<_> = ended.iter().map(|one| one.output.clone().unwrap_or_default()).collect();
        let output = json!({ "results": results, "failed": failed });
        // A run has to be read again as it was written.
        if is_too_deep(&output) {
            return Outcome::faulty("What the elements came to is nested too deeply to be kept together.");
        }
        Outcome::Success { output, confidence: None }
    }

    /// What it comes to when there is no more time.
    pub fn late(&self, ended: usize, all: usize) -> Outcome {
        Outcome::faulty(format!(
            "{ended} of {all} have ended within {}, and not the others.",
            self.map.within
        ))
    }
}
