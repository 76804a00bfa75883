//! A talk with a model: what it is asked, one chance to mend an answer that does not fit, or several answers that are held
//! against one another. Everything that was said is recorded, with what it has cost.

use std::sync::Arc;
use std::time::Duration;

use domain::fault::FieldFault;
use domain::model::{Card, Tokens, agreed};
use domain::run::Mishap;
use domain::workflow::Method;
use serde::Serialize;
use serde_json::{Value, json};
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::chat::{self, Manner, Said};
use super::{Message, Speaker};
use crate::outbound::{Call, Failed, Outbound, Reply};

/// The most of a text that is kept for people to see.
const LONGEST_SHOWN: usize = 20_000;

/// A version of something, or the thing as it stands in a file.
pub type Numbered<T> = (Option<i64>, Arc<T>);

/// Says of an answer what it comes to, or everything about it that does not fit.
pub type Fits = dyn Fn(Value) -> Result<Value, Vec<FieldFault>> + Send + Sync;

/// What a step wants of a model, whatever the item.
pub struct Wants {
    pub temperature: Option<f64>,
    pub max_tokens: Option<u32>,
    /// The JSON Schema of the answer; without one, it is text.
    pub schema: Option<Value>,
    pub fits: Box<Fits>,
    /// How many answers are held against one another.
    pub samples: u32,
    /// What of an answer has to agree; all of it if this says nothing else.
    pub gist: Box<dyn Fn(&Value) -> Value + Send + Sync>,
    pub logprobs: bool,
    pub within: Duration,
}

/// Everything needed to ask.
pub struct Talk {
    pub model: Numbered<Card>,
    pub prompt: Asked,
    pub wants: Arc<Wants>,
    pub messages: Vec<Message>,
    /// The secret that opens the API.
    pub key: Option<String>,
    /// What the other side knows a repetition of the same by.
    pub idempotency_key: String,
}

/// What came of a talk.
pub struct Talked {
    pub found: Result<Found, Missed>,
    pub record: Record,
}

/// An answer that fits.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    pub output: Value,
    /// How likely its words were, where the API says so.
    pub likely: Option<f64>,
    /// How many of those asked say the same, where several were.
    pub agreement: Option<f64>,
}

/// Why there is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missed {
    /// Nothing if trying again cannot help.
    pub mishap: Option<Mishap>,
    /// When the other side wants to be asked again.
    pub after: Option<Duration>,
    pub because: String,
}

/// What is kept of a talk.
#[derive(Clone, Debug, Serialize)]
pub struct Record {
    pub model: Asked,
    pub prompt: Asked,
    #[serde(flatten)]
    pub tokens: TokensSpent,
    /// In millionths of a dollar; nothing if the card names no price.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cost: Option<i64>,
    pub messages: Vec<Message>,
    pub exchanges: Vec<Exchange>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agreement: Option<f64>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct TokensSpent {
    pub tokens_in: i64,
    pub tokens_out: i64,
}

/// Who or what was asked, in which version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Asked {
    pub name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<i64>,
    /// What the provider calls a model.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
}

/// One question and its answer.
#[derive(Clone, Debug, Serialize)]
pub struct Exchange {
    pub why: Purpose,
    pub took_ms: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub said: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub likely: Option<f64>,
    /// What was wrong with it, or why there was no answer.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub wrong: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    Ask,
    /// Told what was wrong with its first answer.
    Repair,
    /// One of several.
    Sample,
}

/// One answer, and what it comes to.
struct Turn {
    said: Option<Said>,
    took: Duration,
    came: Result<Value, Wrong>,
}

enum Wrong {
    /// There was an answer, and this is wrong with it.
    Unfit(Vec<String>),
    /// There was none.
    None(Missed),
}

impl Talk {
    /// Talks until there is an answer that fits, or none is to be had.
    pub async fn hold(self, outbound: &Outbound) -> Talked {
        let talk = Arc::new(self);
        let deadline = Instant::now() + talk.wants.within;
        let mut record = talk.record();
        let found = if talk.wants.samples > 1 {
            talk.sampled(outbound, deadline, &mut record).await
        } else {
            talk.asked(outbound, deadline, &mut record).await
        };
        if let Ok(found) = &found {
            record.agreement = found.agreement;
        }
        let tokens = Tokens { input: record.tokens.tokens_in, output: record.tokens.tokens_out };
        record.cost = talk.model.1.price.map(|price| price.of(tokens));
        Talked { found, record }
    }

    fn record(&self) -> Record {
        let (number, card) = &self.model;
        let shown = |message: &Message| Message { text: clipped(&message.text), ..message.clone() };
        Record {
            model: Asked { name: card.name.to_string(), version: *number, id: Some(card.id.clone()) },
            prompt: self.prompt.clone(),
            tokens: TokensSpent::default(),
            cost: None,
            messages: self.messages.iter().map(shown).collect(),
            exchanges: Vec::new(),
            agreement: None,
        }
    }

    /// One answer, and another if the first does not fit.
    async fn asked(
        &self,
        outbound: &Outbound,
        deadline: Instant,
        record: &mut Record,
    ) -> Result<Found, Missed> {
        let first = self.turn(outbound, deadline, &self.messages, 1).await;
        record.add(Purpose::Ask, &first);
        let likely = first.said.as_ref().and_then(|said| said.likely);
        let unfit = match first.came {
            Ok(output) => return Ok(Found { output, likely, agreement: None }),
            Err(Wrong::None(missed)) => return Err(missed),
            Err(Wrong::Unfit(unfit)) => unfit,
        };
        let mut messages = self.messages.clone();
        let said = first.said.map(|said| said.text).unwrap_or_default();
        messages.push(Message { speaker: Speaker::Assistant, text: said });
        let text = format!(
            "Your answer cannot be used:\n- {}\n\nAnswer again: the whole of it, mended, and nothing else.",
            unfit.join("\n- ")
        );
        messages.push(Message { speaker: Speaker::User, text });
        let second = self.turn(outbound, deadline, &messages, 2).await;
        record.add(Purpose::Repair, &second);
        let likely = second.said.as_ref().and_then(|said| said.likely);
        match second.came {
            Ok(output) => Ok(Found { output, likely, agreement: None }),
            Err(Wrong::None(missed)) => Err(missed),
            Err(Wrong::Unfit(unfit)) => Err(invalid(format!(
                "The answer does not fit, and neither did the one before: {}",
                unfit.join("; ")
            ))),
        }
    }

    /// What most of several answers say.
    async fn sampled(
        self: &Arc<Self>,
        outbound: &Outbound,
        deadline: Instant,
        record: &mut Record,
    ) -> Result<Found, Missed> {
        let mut asking = JoinSet::new();
        for number in 1..=self.wants.samples {
            let (talk, outbound) = (Arc::clone(self), outbound.clone());
            asking
                .spawn(async move { (number, talk.turn(&outbound, deadline, &talk.messages, number).await) });
        }
        let mut turns = asking.join_all().await;
        // In the order they were asked: of two that come to the same, whoever is quicker must not decide.
        turns.sort_by_key(|(number, _)| *number);
        let (mut outputs, mut likelies, mut missed, mut unfit) = (Vec::new(), Vec::new(), None, Vec::new());
        for (_, turn) in turns {
            record.add(Purpose::Sample, &turn);
            match turn.came {
                Ok(output) => {
                    outputs.push(output);
                    likelies.push(turn.said.and_then(|said| said.likely));
                }
                Err(Wrong::None(none)) => missed = missed.or(Some(none)),
                Err(Wrong::Unfit(wrong)) => unfit.extend(wrong.into_iter().take(1)),
            }
        }
        let gists: Vec<_> = outputs.iter().map(&self.wants.gist).collect();
        let Some(most) = agreed(&gists, usize::try_from(self.wants.samples).unwrap_or(usize::MAX)) else {
            return Err(missed.unwrap_or_else(|| invalid(format!("No answer fits: {}", unfit.join("; ")))));
        };
        Ok(Found {
            output: outputs.swap_remove(most.place),
            likely: likelies[most.place],
            agreement: Some(most.share),
        })
    }

    async fn turn(&self, outbound: &Outbound, deadline: Instant, messages: &[Message], number: u32) -> Turn {
        let began = Instant::now();
        let left = deadline.saturating_duration_since(began);
        if left.is_zero() {
            return Turn::none(Mishap::Timeout, "The time is over before it could be asked again.", began);
        }
        let reply = outbound.call(&self.call(outbound, messages, left, number)).await;
        let took = began.elapsed();
        let none = |missed| Turn { said: None, took, came: Err(Wrong::None(missed)) };
        let said = match reply {
            Err(Failed::Mishap(mishap, because)) => {
                return none(Missed { mishap: Some(mishap), after: None, because });
            }
            Err(Failed::Wrong(because)) => return none(Missed { mishap: None, after: None, because }),
            Ok(reply) if !(200..300).contains(&reply.status) => return none(refused(&reply)),
            Ok(reply) => match chat::answer(self.model.1.api, &reply.body) {
                Ok(said) => said,
                Err(why) => {
                    return none(invalid(format!("The answer cannot be read: {why}{}.", reply.quoted())));
                }
            },
        };
        let came = self.read(&said).map_err(Wrong::Unfit);
        Turn { said: Some(said), took, came }
    }

    /// What an answer comes to, or everything that is wrong with it.
    fn read(&self, said: &Said) -> Result<Value, Vec<String>> {
        if said.cut_off {
            return Err(vec!["it was cut off because it was too long".to_owned()]);
        }
        let output = match &self.wants.schema {
            Some(_) => chat::json_of(&said.text).map_err(|why| vec![why])?,
            None => json!({ "text": said.text.trim() }),
        };
        let told = |fault: FieldFault| {
            let place = if fault.field.is_empty() { String::new() } else { format!("{}: ", fault.field) };
            format!("{place}{}", fault.message)
        };
        (self.wants.fits)(output).map_err(|faults| faults.into_iter().map(told).collect())
    }

    fn call(&self, outbound: &Outbound, messages: &[Message], within: Duration, number: u32) -> Call {
        let card = &self.model.1;
        let wants = &self.wants;
        let manner = Manner {
            temperature: wants.temperature,
            max_tokens: wants.max_tokens,
            schema: wants.schema.as_ref(),
            logprobs: wants.logprobs,
        };
        let base = outbound.model_address(card.name.as_str()).unwrap_or(&card.url);
        Call {
            method: Method::Post,
            url: format!("{base}/{}", chat::path(card.api)),
            headers: chat::headers(card, self.key.as_deref()),
            body: Some(chat::request(card, messages, manner).to_string()),
            timeout: within,
            idempotency_key: format!("{}:{number}", self.idempotency_key),
            // A talk keeps a record of its own.
            shown: Value::Null,
            secrets: self.key.iter().cloned().collect(),
        }
    }
}

impl Turn {
    fn none(mishap: Mishap, because: &str, began: Instant) -> Self {
        let missed = Missed { mishap: Some(mishap), after: None, because: because.to_owned() };
        Self { said: None, took: began.elapsed(), came: Err(Wrong::None(missed)) }
    }
}

impl Record {
    fn add(&mut self, why: Purpose, turn: &Turn) {
        let tokens = turn.said.as_ref().map(|said| said.tokens).unwrap_or_default();
        self.tokens.tokens_in = self.tokens.tokens_in.saturating_add(tokens.input);
        self.tokens.tokens_out = self.tokens.tokens_out.saturating_add(tokens.output);
        self.exchanges.push(Exchange {
            why,
            took_ms: u64::try_from(turn.took.as_millis()).unwrap_or(u64::MAX),
            said: turn.said.as_ref().map(|said| clipped(&said.text)),
            likely: turn.said.as_ref().and_then(|said| said.likely),
            wrong: match &turn.came {
                Ok(_) => Vec::new(),
                Err(Wrong::Unfit(unfit)) => unfit.clone(),
                Err(Wrong::None(missed)) => vec![missed.because.clone()],
            },
        });
    }
}

const fn invalid(because: String) -> Missed {
    Missed { mishap: Some(Mishap::Invalid), after: None, because }
}

fn refused(reply: &Reply) -> Missed {
    Missed {
        mishap: Some(reply.mishap()),
        after: reply.after,
        because: format!("The answer has the status {}{}.", reply.status, reply.quoted()),
    }
}

/// A text that both databases can keep, no longer than anybody reads.
fn clipped(text: &str) -> String {
    let mut clipped: String = text.chars().filter(|c| *c != '\0').take(LONGEST_SHOWN).collect();
    if text.chars().count() > LONGEST_SHOWN {
        clipped.push('…');
    }
    clipped
}
