//! Workflows: what a definition is made of, and the rules of its graph. A definition says what is done with each item
//! that comes in; a run is one item's way through it.

mod definition;
mod graph;
mod name;

pub use definition::{Definition, Expression, Kind, Priority, Reject, Rule, Step};
pub use graph::{Due, Finished, Graph, GraphFault};
pub use name::{StepName, WorkflowName};
