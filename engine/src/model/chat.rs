//! How the two kinds of API are spoken to: the request as each wants it, and what is taken from its answer.

use domain::model::{Api, Card, Shape, Tokens};
use serde::Serialize;
use serde_json::{Value, json};

/// How much an Anthropic-style API may write where nobody says: it wants to be told.
const USUAL_OUTPUT: u32 = 4096;

/// More than any model takes or gives at once.
const MOST_TOKENS: i64 = 10_000_000;

/// The version of the Anthropic-style API that is spoken.
const ANTHROPIC_VERSION: &str = "2023-06-01";

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Speaker {
    System,
    User,
    Assistant,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Message {
    #[serde(rename = "role")]
    pub speaker: Speaker,
    #[serde(rename = "content")]
    pub text: String,
}

/// What is wanted of an answer.
#[derive(Clone, Copy, Debug, Default)]
pub struct Manner<'a> {
    pub temperature: Option<f64>,
    pub max_tokens: Option<u32>,
    /// The JSON Schema it has to fit.
    pub schema: Option<&'a Value>,
    /// How likely each of its words was.
    pub logprobs: bool,
}

/// An answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Said {
    pub text: String,
    pub tokens: Tokens,
    /// How likely its words were, one with another, from 0 to 1.
    pub likely: Option<f64>,
    /// Whether it ended because it was too long.
    pub cut_off: bool,
}

/// Where a question is sent below the address of the API.
pub const fn path(api: Api) -> &'static str {
    match api {
        Api::OpenAi => "chat/completions",
        Api::Anthropic => "messages",
    }
}

/// What opens the API, and which version of it is spoken.
pub fn headers(card: &Card, key: Option<&str>) -> Vec<(String, String)> {
    let mut headers = Vec::new();
    match card.api {
        Api::OpenAi => headers.extend(key.map(|key| ("authorization", format!("Bearer {key}")))),
        Api::Anthropic => {
            headers.extend(key.map(|key| ("x-api-key", key.to_owned())));
            headers.push(("anthropic-version", ANTHROPIC_VERSION.to_owned()));
        }
    }
    headers.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

pub fn request(card: &Card, messages: &[Message], manner: Manner<'_>) -> Value {
    let mut body = card.extra.clone();
    let mut put = |name: &str, value: Value| drop(body.insert(name.to_owned(), value));
    put("model", json!(card.id));
    if let Some(temperature) = manner.temperature {
        put("temperature", json!(temperature));
    }
    let most = manner.max_tokens.or(card.limits.output);
    match card.api {
        Api::OpenAi => {
            put("messages", json!(messages));
            if let Some(most) = most {
                put("max_tokens", json!(most));
            }
            if manner.logprobs {
                put("logprobs", json!(true));
            }
            match (card.answers, manner.schema) {
                (Shape::Text, _) | (_, None) => {}
                (Shape::JsonObject, Some(_)) => put("response_format", json!({ "type": "json_object" })),
                (Shape::JsonSchema, Some(schema)) => {
                    let schema = json!({ "name": "answer", "schema": schema });
                    put("response_format", json!({ "type": "json_schema", "json_schema": schema }));
                }
            }
        }
        Api::Anthropic => {
            let (system, others): (Vec<_>, Vec<_>) =
                messages.iter().partition(|message| message.speaker == Speaker::System);
            if let Some(system) = system.first() {
                put("system", json!(system.text));
            }
            put("messages", json!(others));
            put("max_tokens", json!(most.unwrap_or(USUAL_OUTPUT)));
        }
    }
    Value::Object(body)
}

/// What an answer says, or why it says nothing.
pub fn answer(api: Api, body: &Value) -> Result<Said, String> {
    if !body.is_object() {
        return Err("it is not what this kind of API answers".to_owned());
    }
    // They are multiplied with prices and added up: what nobody can have used is not believed.
    let count = |at: &str| body.pointer(at).and_then(Value::as_i64).unwrap_or_default().clamp(0, MOST_TOKENS);
    let said = match api {
        Api::OpenAi => Said {
            text: openai_text(body)?,
            tokens: Tokens {
                input: count("/usage/prompt_tokens"),
                output: count("/usage/completion_tokens"),
            },
            likely: likely(body.pointer("/choices/0/logprobs/content")),
            cut_off: body.pointer("/choices/0/finish_reason") == Some(&json!("length")),
        },
        Api::Anthropic => Said {
            text: anthropic_text(body)?,
            tokens: Tokens { input: count("/usage/input_tokens"), output: count("/usage/output_tokens") },
            likely: None,
            cut_off: body.get("stop_reason") == Some(&json!("max_tokens")),
        },
    };
    Ok(said)
}

fn openai_text(body: &Value) -> Result<String, String> {
    let message = body.pointer("/choices/0/message").ok_or("it holds no choice")?;
    match (message.get("content"), message.get("refusal")) {
        (Some(Value::String(text)), _) => Ok(text.clone()),
        // Some answer in parts.
        (Some(Value::Array(parts)), _) => Ok(texts(parts)),
        (_, Some(Value::String(refusal))) => Err(format!("the model will not answer: {refusal}")),
        _ => Err("its message has no content".to_owned()),
    }
}

fn anthropic_text(body: &Value) -> Result<String, String> {
    if body.get("stop_reason") == Some(&json!("refusal")) {
        return Err("the model will not answer".to_owned());
    }
    let parts = body.get("content").and_then(Value::as_array).ok_or("it has no content")?;
    Ok(texts(parts))
}

fn texts(parts: &[Value]) -> String {
    parts.iter().filter_map(|part| part.get("text")?.as_str()).collect()
}

/// The geometric mean: what a word of it was worth, one with another, however many they are.
#[expect(clippy::cast_precision_loss, reason = "an answer has not so many words")]
fn likely(words: Option<&Value>) -> Option<f64> {
    let words = words?.as_array()?;
    let each: Vec<f64> = words.iter().filter_map(|word| word.get("logprob")?.as_f64()).collect();
    (!each.is_empty()).then(|| (each.iter().sum::<f64>() / each.len() as f64).exp().clamp(0.0, 1.0))
}

/// Says in words, too, that the answer is to be JSON and what it has to be like: that holds for every API.
pub fn in_words(messages: &mut Vec<Message>, schema: &Value) {
    let text =
        format!("Answer with one JSON value that fits this JSON Schema, and with nothing else:\n{schema}");
    match messages.first_mut() {
        Some(first) if first.speaker == Speaker::System => {
            first.text = format!("{}\n\n{text}", first.text.trim_end());
        }
        _ => messages.insert(0, Message { speaker: Speaker::System, text }),
    }
}

/// The JSON in an answer, which some put into a fence whatever they are told.
pub fn json_of(text: &str) -> Result<Value, String> {
    let text = text.trim();
    let inside = text.strip_prefix("```").and_then(|rest| rest.strip_suffix("```"));
    let inside = inside.map_or(text, |fenced| fenced.strip_prefix("json").unwrap_or(fenced).trim());
    if inside.is_empty() {
        return Err("it is empty".to_owned());
    }
    serde_json::from_str(inside).map_err(|error| format!("it is not JSON: {error}"))
}

#[cfg(test)]
mod tests {
    use domain::model::{Limits, ModelName};

    use super::*;

    fn card(api: Api, answers: Shape) -> Card {
        Card {
            name: ModelName::parse("reader").unwrap(),
            title: "Reader".to_owned(),
            api,
            url: "http://x/v1".to_owned(),
            id: "reader-1".to_owned(),
            provider: String::new(),
            key: None,
            answers,
            price: None,
            limits: Limits { context: None, output: Some(300) },
            extra: serde_json::from_str(r#"{"seed": 7}"#).unwrap(),
            owner: String::new(),
            notes: String::new(),
        }
    }

    fn messages() -> Vec<Message> {
        [(Speaker::System, "Be brief."), (Speaker::User, "Hello")]
            .map(|(speaker, text)| Message { speaker, text: text.to_owned() })
            .into()
    }

    #[test]
    fn each_api_is_asked_in_its_own_way() {
        let schema = json!({"type": "object"});
        let manner =
            Manner { temperature: Some(0.0), schema: Some(&schema), logprobs: true, ..Manner::default() };
        let openai = request(&card(Api::OpenAi, Shape::JsonSchema), &messages(), manner);
        assert_eq!(openai["messages"][0], json!({"role": "system", "content": "Be brief."}));
        assert_eq!(
            (&openai["seed"], &openai["max_tokens"], &openai["logprobs"]),
            (&json!(7), &json!(300), &json!(true))
        );
        assert_eq!(openai["response_format"]["json_schema"]["schema"], schema);
        let anthropic = request(&card(Api::Anthropic, Shape::Text), &messages(), manner);
        assert_eq!(anthropic["system"], "Be brief.");
        assert_eq!(anthropic["messages"], json!([{"role": "user", "content": "Hello"}]));
        assert!(anthropic.get("logprobs").is_none() && anthropic.get("response_format").is_none());
        assert_eq!(headers(&card(Api::OpenAi, Shape::Text), Some("k"))[0].1, "Bearer k");
        assert_eq!(
            headers(&card(Api::Anthropic, Shape::Text), Some("k"))[0],
            ("x-api-key".to_owned(), "k".to_owned())
        );
    }

    #[test]
    fn answers_are_read_with_what_they_have_cost() {
        let openai = json!({
            "choices": [{"message": {"content": "Hi"}, "finish_reason": "length",
                         "logprobs": {"content": [{"logprob": -0.1}, {"logprob": -0.3}]}}],
            "usage": {"prompt_tokens": 12, "completion_tokens": 3},
        });
        let said = answer(Api::OpenAi, &openai).unwrap();
        assert_eq!(
            (said.text.as_str(), said.tokens, said.cut_off),
            ("Hi", Tokens { input: 12, output: 3 }, true)
        );
        assert!((said.likely.unwrap() - (-0.2_f64).exp()).abs() < 1e-12);
        let anthropic = json!({
            "content": [{"type": "text", "text": "H"}, {"type": "text", "text": "i"}],
            "stop_reason": "end_turn", "usage": {"input_tokens": 5, "output_tokens": 1},
        });
        let said = answer(Api::Anthropic, &anthropic).unwrap();
        assert_eq!((said.text.as_str(), said.cut_off, said.likely), ("Hi", false, None));
        let absurd = json!({
            "choices": [{"message": {"content": "Hi"}}],
            "usage": {"prompt_tokens": i64::MAX, "completion_tokens": -5},
        });
        let tokens = answer(Api::OpenAi, &absurd).unwrap().tokens;
        assert_eq!(tokens, Tokens { input: MOST_TOKENS, output: 0 }, "nobody is billed for that");
        for wrong in [json!(null), json!("<html>"), json!({}), json!({"choices": []}), json!([1])] {
            assert!(
                answer(Api::OpenAi, &wrong).is_err() && answer(Api::Anthropic, &wrong).is_err(),
                "{wrong}"
            );
        }
        let refused = json!({"choices": [{"message": {"content": null, "refusal": "No."}}]});
        assert!(answer(Api::OpenAi, &refused).unwrap_err().contains("will not answer: No."));
    }

    #[test]
    fn json_is_found_in_its_fence() {
        assert_eq!(json_of(" {\"a\": 1} \n"), Ok(json!({"a": 1})));
        assert_eq!(json_of("```json\n{\"a\": 1}\n```"), Ok(json!({"a": 1})));
        assert_eq!(json_of("```\n[1]\n```"), Ok(json!([1])));
        for wrong in ["", "``````", "Sure! {\"a\": 1}", "{\"a\": ", "<html></html>"] {
            assert!(json_of(wrong).is_err(), "{wrong}");
        }
    }
}
