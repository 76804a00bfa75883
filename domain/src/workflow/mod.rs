//! Workflows: what a definition is made of, and the rules of its graph. A definition says what is done with each item
//! that comes in; a run is one item's way through it.

mod definition;
mod graph;
mod kind;
mod name;
mod review;

pub use definition::{Budget, Definition, Priority, Schedule, Step, Unavailable};
pub use graph::{Due, Finished, Graph, GraphFault};
pub use kind::{
    Case, Emit, Expression, Http, Job, Kind, Llm, Map, Method, Otherwise, Rule, Template, Wait, Worker,
};
pub(crate) use name::spelled;
pub use name::{QueueName, SignalName, StepName, WorkflowName};
pub use review::{FieldConfidence, Lapse, LowConfidence, Review};
