//! A stand-in for a language model: a small server that speaks the OpenAI-compatible and the Anthropic-style chat API. It
//! understands nothing. It fills the schema it is asked for with what stands in the text behind words like the names of the
//! fields, and says the same to the same question every time. It can be told to be slow, wrong, rude or away, as real ones
//! are now and then: the demo and the tests are made with it.

mod answer;
mod chance;
mod oddity;
mod server;

pub use oddity::Oddity;
pub use server::{Manners, serve};
