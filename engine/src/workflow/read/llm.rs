//! What a step says that asks a model.

use domain::Wrong;
use domain::model::{ModelName, Pick, PromptName};
use domain::workflow::{Llm, StepName};

use super::definition::Reader;
use crate::workflow::llm::{AGREEMENT, LOGPROBS, OUTPUT};
use crate::written::Node;

pub const LLM: [&str; 9] =
    ["model", "prompt", "with", "output", "samples", "agree_on", "temperature", "max_tokens", "confidence"];

/// More opinions of one model on one item tell no more.
const MOST_SAMPLES: u32 = 20;

impl Reader {
    pub(super) fn llm(&mut self, node: &Node, step: &StepName) -> Option<Llm> {
        const WHAT: &str = "An llm step";
        let fields = self.notes.fields(node, "llm", &LLM);
        let model = self.notes.required(&fields, "model", WHAT);
        let model = model.and_then(|node| self.notes.parsed(node, "model", Pick::<ModelName>::parse));
        let prompt = self.notes.required(&fields, "prompt", WHAT);
        let prompt = prompt.and_then(|node| self.notes.parsed(node, "prompt", Pick::<PromptName>::parse));
        let step = Some(step);
        let with = fields.get("with").map(|node| self.named_expressions(node, "with", step, &[]));
        let output = fields.get("output").map(|node| self.schema(node));
        let samples = fields.get("samples").and_then(|node| self.notes.parsed(node, "samples", samples));
        let several = samples.is_some_and(|samples| samples > 1);
        let agree_on =
            fields.get("agree_on").and_then(|node| self.expression(node, "agree_on", step, &[OUTPUT]));
        if let Some(node) = fields.get("agree_on").filter(|_| !several) {
            self.notes.wrong(node.at, "Only several answers can agree. Say how many as “samples”.");
        }
        let temperature = fields.get("temperature");
        let temperature = temperature.and_then(|node| self.notes.parsed(node, "temperature", temperature_of));
        if let Some(node) = fields.get("temperature").filter(|_| several && temperature == Some(0.0)) {
            self.notes
                .wrong(node.at, "At temperature 0 all samples would say the same. Choose one above it.");
        }
        let max_tokens = fields.get("max_tokens");
        let max_tokens = max_tokens.and_then(|node| self.notes.parsed(node, "max_tokens", max_tokens_of));
        let confidence = fields.get("confidence").and_then(|node| {
            let expression = self.expression(node, "confidence", step, &[OUTPUT, LOGPROBS, AGREEMENT])?;
            if !several && crate::workflow::llm::names(&expression, AGREEMENT) {
                self.notes.wrong(node.at, "Only several answers can agree. Say how many as “samples”.");
            }
            Some(expression)
        });
        Some(Llm {
            model: model?,
            prompt: prompt?,
            with: with.unwrap_or_default(),
            output,
            samples: samples.unwrap_or(1),
            agree_on,
            temperature,
            max_tokens,
            confidence,
        })
    }
}

fn samples(text: &str) -> Result<u32, Wrong> {
    let samples = text.parse().ok().filter(|samples| (1..=MOST_SAMPLES).contains(samples));
    samples.ok_or_else(|| format!("Say a number from 1 to {MOST_SAMPLES}.").into())
}

fn temperature_of(text: &str) -> Result<f64, Wrong> {
    let temperature = text.parse().ok().filter(|temperature| (0.0..=2.0).contains(temperature));
    temperature.ok_or_else(|| "Say a number from 0 to 2.".into())
}

fn max_tokens_of(text: &str) -> Result<u32, Wrong> {
    let most = text.parse().ok().filter(|most| *most > 0);
    most.ok_or_else(|| "Say a number of tokens, like 800.".into())
}
