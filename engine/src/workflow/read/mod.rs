//! From a file to a definition.

mod definition;
mod kinds;
mod llm;
mod review;

pub use definition::read;
#[cfg(test)]
pub use definition::{BUDGET, SCHEDULE, STEP, TOP};
#[cfg(test)]
pub use kinds::{CASE, EMIT, HTTP, JOB, MAP, RETRY, RULE, WAIT, WORKER};
#[cfg(test)]
pub use llm::LLM;
#[cfg(test)]
pub use review::{FIELD_CONFIDENCE, LOW_CONFIDENCE, REVIEW};
