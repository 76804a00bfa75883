//! Reading what is written about models and prompts. Everything that is wrong with a file is said at once.

use domain::Wrong;
use domain::model::{Api, Card, Limits, ModelName, Price, Prompt, PromptName, Shape, dollars};
use domain::workflow::Template as Written;

use super::ReadyPrompt;
use crate::outbound::Secrets;
use crate::template::Template;
use crate::written::{Misread, Node, Notes, one_of, tree_of};

pub const CARD: [&str; 13] = [
    "model", "title", "api", "url", "id", "provider", "key", "answers", "price", "limits", "extra", "owner",
    "notes",
];
pub const PRICE: [&str; 2] = ["input", "output"];
pub const LIMITS: [&str; 2] = ["context", "output"];
pub const PROMPT: [&str; 5] = ["prompt", "title", "description", "system", "user"];

/// The names a prompt cannot be given anything by: elsewhere they mean what a run knows.
const NOT_GIVEN: [&str; 2] = ["steps", "secrets"];

/// Reads what is written about a model, or says everything that is wrong with it.
pub fn read_card(text: &str) -> Result<Card, Vec<Misread>> {
    let root = tree_of(text)?;
    let mut notes = Notes::default();
    let card = card(&mut notes, &root);
    notes.unless_wrong(card)
}

/// Reads a prompt, or says everything that is wrong with it.
pub fn read_prompt(text: &str) -> Result<Prompt, Vec<Misread>> {
    let root = tree_of(text)?;
    let mut notes = Notes::default();
    let prompt = prompt(&mut notes, &root);
    notes.unless_wrong(prompt)
}

fn card(notes: &mut Notes, root: &Node) -> Option<Card> {
    const WHAT: &str = "A model";
    let fields = notes.fields(root, "a model", &CARD);
    let name = notes.required(&fields, "model", WHAT);
    let name = name.and_then(|node| notes.parsed(node, "model", ModelName::parse));
    let title = notes.title(&fields, name.as_ref().map(ModelName::as_str));
    let api = notes.required(&fields, "api", WHAT).and_then(|node| notes.parsed(node, "api", api));
    let url = notes.required(&fields, "url", WHAT).and_then(|node| notes.parsed(node, "url", url));
    let id = notes.required(&fields, "id", WHAT).and_then(|node| notes.text(node, "id"));
    let key = fields.get("key").and_then(|node| notes.parsed(node, "key", Secrets::name));
    let answers = fields.get("answers").and_then(|node| notes.parsed(node, "answers", shape));
    if let (Some(Api::Anthropic), Some(Shape::JsonObject | Shape::JsonSchema), Some(node)) =
        (api, answers, fields.get("answers"))
    {
        notes.wrong(
            node.at,
            "Only an OpenAI-compatible API takes this. Leave it out: it is asked for in words.",
        );
    }
    let price = fields.get("price").and_then(|node| price(notes, node));
    let limits = fields.get("limits").map(|node| limits(notes, node)).unwrap_or_default();
    let extra = fields.get("extra").map(|node| {
        notes.map(node, "extra");
        node.to_json()
    });
    let mut text = |name: &str| {
        let text = fields.get(name).and_then(|node| notes.text(node, name));
        text.unwrap_or_default().trim().to_owned()
    };
    let (provider, owner, about) = (text("provider"), text("owner"), text("notes"));
    Some(Card {
        name: name?,
        title,
        api: api?,
        url: url?,
        id: id?.trim().to_owned(),
        provider,
        key,
        answers: answers.unwrap_or_default(),
        price,
        limits,
        extra: extra.and_then(|extra| extra.as_object().cloned()).unwrap_or_default(),
        owner,
        notes: about,
    })
}

fn price(notes: &mut Notes, node: &Node) -> Option<Price> {
    let fields = notes.fields(node, "price", &PRICE);
    let mut part = |name: &str| {
        let node = notes.required(&fields, name, "A price")?;
        notes.parsed(node, name, dollars)
    };
    let (input, output) = (part("input"), part("output"));
    Some(Price { input: input?, output: output? })
}

fn limits(notes: &mut Notes, node: &Node) -> Limits {
    let fields = notes.fields(node, "limits", &LIMITS);
    let mut part = |name: &str| fields.get(name).and_then(|node| notes.parsed(node, name, tokens));
    Limits { context: part("context"), output: part("output") }
}

fn prompt(notes: &mut Notes, root: &Node) -> Option<Prompt> {
    let fields = notes.fields(root, "a prompt", &PROMPT);
    let name = notes.required(&fields, "prompt", "A prompt");
    let name = name.and_then(|node| notes.parsed(node, "prompt", PromptName::parse));
    let title = notes.title(&fields, name.as_ref().map(PromptName::as_str));
    let description = fields.get("description").and_then(|node| notes.text(node, "description"));
    let description = description.unwrap_or_default().trim().to_owned();
    let system = fields.get("system").and_then(|node| template(notes, node, "system"));
    let user = notes.required(&fields, "user", "A prompt");
    let user = user.and_then(|node| template(notes, node, "user"));
    let prompt = Prompt { name: name?, title, description, system, user: user? };
    if let Err(why) = ReadyPrompt::new(prompt.clone()) {
        notes.wrong(fields.at, why);
    }
    Some(prompt)
}

fn template(notes: &mut Notes, node: &Node, what: &str) -> Option<Written> {
    let text = notes.text(node, what)?;
    let template = Template::new(text).map_err(|why| notes.wrong(node.at, why)).ok()?;
    if let Some((name, _)) = template.names().find(|(name, _)| NOT_GIVEN.contains(name)) {
        let message = format!(
            "A prompt knows only what a step gives it by name, and nothing of “{name}”. Choose another name, and have \
             the step say “with”."
        );
        notes.wrong(node.at, message);
    }
    Some(Written(text.to_owned()))
}

fn api(text: &str) -> Result<Api, Wrong> {
    Api::parse(text).ok_or_else(|| one_of(Api::ALL, Api::word))
}

fn shape(text: &str) -> Result<Shape, Wrong> {
    Shape::parse(text).ok_or_else(|| one_of(Shape::ALL, Shape::word))
}

/// The address of an API, without what a slash at its end would double.
pub fn url(text: &str) -> Result<String, Wrong> {
    let text = text.trim().trim_end_matches('/');
    let parsed = reqwest::Url::parse(text).ok().filter(|url| ["http", "https"].contains(&url.scheme()));
    match parsed {
        Some(url) if !url.username().is_empty() || url.password().is_some() => {
            Err("A password does not belong here. Name a secret as “key”.".into())
        }
        Some(url) if url.query().is_some() || url.fragment().is_some() => {
            Err("Write the address up to where its paths begin, like https://api.example.com/v1.".into())
        }
        Some(_) => Ok(text.to_owned()),
        None => Err("A URL begins with http:// or https://.".into()),
    }
}

fn tokens(text: &str) -> Result<u32, Wrong> {
    let tokens = text.replace('_', "").parse().ok().filter(|tokens| *tokens > 0);
    tokens.ok_or_else(|| "Say a number of tokens, like 8000.".into())
}
