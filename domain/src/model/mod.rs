//! Models and the prompts they are asked with: what is written down about each, what their answers cost, and how sure
//! several answers are of one another.

mod agreement;
mod card;
mod name;
mod price;
mod prompt;

pub use agreement::{Agreed, agreed};
pub use card::{Api, Card, Limits, Shape};
pub use name::{ModelName, Pick, PickName, PromptName};
pub use price::{Price, Tokens, dollars};
pub use prompt::Prompt;
