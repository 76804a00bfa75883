//! What each kind of step says.

use domain::Wrong;
use domain::model::Pick;
use domain::run::{Mishap, Retry};
use domain::span::Span;
use domain::workflow::{
    Case, Emit, Http, Job, Kind, Map, Method, Otherwise, QueueName, Rule, SignalName, StepName, Template,
    Wait, Worker, WorkflowName,
};
use reqwest::header::HeaderName;

use super::definition::Reader;
use crate::outbound::Secrets;
use crate::workflow::http::RESPONSE;
use crate::workflow::map::{INDEX, ITEM};
use crate::written::{Fields, Node, one_of};

pub const RULE: [&str; 3] = ["set", "confidence", "reject"];
pub const CASE: [&str; 2] = ["when", "because"];
pub const HTTP: [&str; 9] =
    ["method", "url", "headers", "body", "idempotency", "accept", "set", "confidence", "output"];
pub const EMIT: [&str; 4] = ["to", "type", "data", "secret"];
pub const JOB: [&str; 1] = ["name"];
pub const MAP: [&str; 6] = ["over", "workflow", "input", "at_once", "within", "otherwise"];
pub const WAIT: [&str; 4] = ["for", "signal", "within", "otherwise"];
pub const WORKER: [&str; 4] = ["queue", "input", "within", "output"];
pub const RETRY: [&str; 4] = ["attempts", "first", "most", "on"];

/// More at once are no bound.
const MOST_AT_ONCE: u32 = 200;

/// Beyond this, trying again is no policy but a load.
const MOST_ATTEMPTS: u32 = 50;

impl Reader {
    /// What a step does: one of the kinds.
    pub(super) fn kind(&mut self, fields: &Fields<'_>, step: &StepName) -> Option<Kind> {
        let mut said = Kind::WORDS.iter().filter_map(|word| Some((*word, fields.get(word)?)));
        let first = said.next();
        if let Some((other, node)) = said.next() {
            let message = format!("A step does one thing. Make the “{other}” a step of its own.");
            self.notes.wrong(node.at, message);
        }
        match first {
            Some(("llm", node)) => Some(Kind::Llm(Box::new(self.llm(node, step)?))),
            Some(("http", node)) => Some(Kind::Http(self.http(node, step)?)),
            Some(("emit", node)) => Some(Kind::Emit(self.emit(node, step)?)),
            Some(("job", node)) => Some(Kind::Job(self.job(node)?)),
            Some(("map", node)) => Some(Kind::Map(self.map(node, step)?)),
            Some(("wait", node)) => Some(Kind::Wait(self.wait(node)?)),
            Some(("worker", node)) => Some(Kind::Worker(self.worker(node, step)?)),
            Some(("review", node)) => Some(Kind::Review(Box::new(self.review(node, step)?))),
            Some((_, node)) => Some(Kind::Rule(self.rule(node, step))),
            None => {
                let kinds: Vec<_> = Kind::WORDS.iter().map(|word| format!("“{word}”")).collect();
                let message = format!(
                    "The step “{step}” does not say what it does. Give it a {}.",
                    kinds.join(" or a ")
                );
                self.notes.wrong(fields.at, message);
                None
            }
        }
    }

    fn rule(&mut self, node: &Node, step: &StepName) -> Rule {
        let fields = self.notes.fields(node, "a rule", &RULE);
        let step = Some(step);
        let set =
            fields.get("set").map(|node| self.named_expressions(node, "set", step, &[])).unwrap_or_default();
        let confidence =
            fields.get("confidence").and_then(|node| self.expression(node, "confidence", step, &[]));
        let reject = fields.get("reject").and_then(|node| self.case(node, "reject", step));
        if fields.get("set").is_none() && fields.get("reject").is_none() {
            self.notes.wrong(fields.at, "A rule needs “set”, “reject” or both: this one does nothing.");
        }
        Rule { set, confidence, reject }
    }

    /// Something that may be so, and what is said about it.
    pub(super) fn case(&mut self, node: &Node, what: &str, step: Option<&StepName>) -> Option<Case> {
        let fields = self.notes.fields(node, what, &CASE);
        let when = self.notes.required(&fields, "when", what);
        let when = when.and_then(|node| self.expression(node, "when", step, &[]));
        let because =
            self.notes.required(&fields, "because", what).and_then(|node| self.notes.text(node, "because"));
        Some(Case { when: when?, because: because?.trim().to_owned() })
    }

    fn http(&mut self, node: &Node, step: &StepName) -> Option<Http> {
        let fields = self.notes.fields(node, "http", &HTTP);
        let body = fields.get("body").map(|node| self.named_expressions(node, "body", Some(step), &[]));
        let body = body.unwrap_or_default();
        let method = fields.get("method").and_then(|node| self.notes.parsed(node, "method", method));
        let method = method.unwrap_or(if body.is_empty() { Method::Get } else { Method::Post });
        let url =
            self.notes.required(&fields, "url", "http").and_then(|node| self.template(node, "url", step));
        self.look_at_url(url.as_ref(), fields.get("url"));
        let headers = fields.get("headers").map(|node| self.notes.map(node, "headers")).unwrap_or_default();
        for (key, _) in headers.iter().filter(|(key, _)| HeaderName::try_from(key.name.as_str()).is_err()) {
            self.notes.wrong(key.at, format!("“{}” cannot be the name of a header.", key.name));
        }
        let headers = headers
            .iter()
            .filter_map(|(key, value)| Some((key.name.clone(), self.template(value, &key.name, step)?)))
            .collect();
        let idempotency = fields.get("idempotency").and_then(|node| self.template(node, "idempotency", step));
        let why = "A key of idempotency is kept by whoever is asked, so no secret belongs in it.";
        self.keeps_no_secret(idempotency.as_ref(), fields.get("idempotency"), why);
        let accept = fields.get("accept").map(|node| self.notes.list(node, "accept")).unwrap_or_default();
        let accept = accept.iter().filter_map(|node| self.notes.parsed(node, "accept", status)).collect();
        let also = [RESPONSE];
        let set = fields.get("set").map(|node| self.named_expressions(node, "set", Some(step), &also));
        let confidence =
            fields.get("confidence").and_then(|node| self.expression(node, "confidence", Some(step), &also));
        let output = fields.get("output").map(|node| self.schema(node));
        Some(Http {
            method,
            url: url?,
            headers,
            body,
            idempotency,
            accept,
            set: set.unwrap_or_default(),
            confidence,
            output,
        })
    }

    fn look_at_url(&mut self, url: Option<&Template>, node: Option<&Node>) {
        if let (Some(Template(text)), Some(node)) = (url, node)
            && !["http://", "https://", "{{", "{%"].iter().any(|begin| text.trim_start().starts_with(begin))
        {
            self.notes.wrong(node.at, "A URL begins with http:// or https://.");
        }
    }

    /// Some templates come to what others keep, or we show.
    fn keeps_no_secret(&mut self, template: Option<&Template>, node: Option<&Node>, why: &str) {
        if let (Some(Template(text)), Some(node)) = (template, node)
            && crate::workflow::template::Compiled::new(text).is_ok_and(|it| it.secrets().next().is_some())
        {
            self.notes.wrong(node.at, why);
        }
    }

    fn emit(&mut self, node: &Node, step: &StepName) -> Option<Emit> {
        const WHAT: &str = "An emit";
        let fields = self.notes.fields(node, "emit", &EMIT);
        let to = self.notes.required(&fields, "to", WHAT).and_then(|node| self.template(node, "to", step));
        self.look_at_url(to.as_ref(), fields.get("to"));
        let why =
            "The address of a message is kept and shown, so no secret belongs in it. It is signed instead.";
        self.keeps_no_secret(to.as_ref(), fields.get("to"), why);
        let kind = self.notes.required(&fields, "type", WHAT);
        let kind = kind.and_then(|node| self.notes.parsed(node, "type", message_kind));
        let data = fields.get("data").map(|node| self.named_expressions(node, "data", Some(step), &[]));
        let secret = self.notes.required(&fields, "secret", WHAT);
        let secret = secret.and_then(|node| self.notes.parsed(node, "secret", Secrets::name));
        Some(Emit { to: to?, kind: kind?, data: data.unwrap_or_default(), secret: secret? })
    }

    fn job(&mut self, node: &Node) -> Option<Job> {
        let fields = self.notes.fields(node, "job", &JOB);
        let name = self.notes.required(&fields, "name", "A job");
        let name = name.and_then(|node| self.notes.parsed(node, "name", crate::job::Job::name))?;
        Some(Job { name })
    }

    fn map(&mut self, node: &Node, step: &StepName) -> Option<Map> {
        const WHAT: &str = "A map";
        const USUALLY_AT_ONCE: u32 = 10;
        let fields = self.notes.fields(node, "a map", &MAP);
        let over = self.notes.required(&fields, "over", WHAT);
        let over = over.and_then(|node| self.expression(node, "over", Some(step), &[]));
        let workflow = self.notes.required(&fields, "workflow", WHAT);
        let workflow =
            workflow.and_then(|node| self.notes.parsed(node, "workflow", Pick::<WorkflowName>::parse));
        let also = [ITEM, INDEX];
        let input = fields.get("input").map(|node| self.named_expressions(node, "input", Some(step), &also));
        let at_once = fields.get("at_once").and_then(|node| self.notes.parsed(node, "at_once", at_once));
        // What is sent through and never ends must not be waited for without end.
        let within = self.notes.required(&fields, "within", WHAT);
        let within = within.and_then(|node| self.notes.parsed(node, "within", Span::parse));
        let otherwise =
            fields.get("otherwise").and_then(|node| self.notes.parsed(node, "otherwise", otherwise_of));
        Some(Map {
            over: over?,
            workflow: workflow?,
            input: input.unwrap_or_default(),
            at_once: at_once.unwrap_or(USUALLY_AT_ONCE),
            within: within?,
            otherwise: otherwise.unwrap_or(Otherwise::Fail),
        })
    }

    fn wait(&mut self, node: &Node) -> Option<Wait> {
        let fields = self.notes.fields(node, "wait", &WAIT);
        match (fields.get("for"), fields.get("signal")) {
            (Some(span), None) => {
                for word in ["within", "otherwise"] {
                    if let Some(node) = fields.get(word) {
                        self.notes
                            .wrong(node.at, format!("“{word}” belongs to a signal; time always passes."));
                    }
                }
                self.notes.parsed(span, "for", Span::parse).map(Wait::For)
            }
            (None, Some(signal)) => {
                let name = self.notes.parsed(signal, "signal", SignalName::parse);
                // A wait without an end, or with one that nobody has thought of, is a run that is forgotten.
                let within = self.notes.required(&fields, "within", "A wait for a signal");
                let within = within.and_then(|node| self.notes.parsed(node, "within", Span::parse));
                let otherwise = self.notes.required(&fields, "otherwise", "A wait for a signal");
                let otherwise = otherwise.and_then(|node| self.notes.parsed(node, "otherwise", otherwise_of));
                Some(Wait::Signal { name: name?, within: within?, otherwise: otherwise? })
            }
            _ => {
                self.notes.wrong(fields.at, "A wait is “for” a time or for a “signal”: one of them.");
                None
            }
        }
    }

    fn worker(&mut self, node: &Node, step: &StepName) -> Option<Worker> {
        let fields = self.notes.fields(node, "a worker", &WORKER);
        let queue = self.notes.required(&fields, "queue", "A worker");
        let queue = queue.and_then(|node| self.notes.parsed(node, "queue", QueueName::parse));
        let input = fields.get("input").map(|node| self.named_expressions(node, "input", Some(step), &[]));
        // A program that nobody has started must not be waited for without end.
        let within = self.notes.required(&fields, "within", "A worker");
        let within = within.and_then(|node| self.notes.parsed(node, "within", Span::parse));
        let output = fields.get("output").map(|node| self.schema(node));
        Some(Worker { queue: queue?, input: input.unwrap_or_default(), within: within?, output })
    }

    pub(super) fn retry(&mut self, node: &Node) -> Retry {
        let fields = self.notes.fields(node, "retry", &RETRY);
        let usual = Retry::default();
        let attempts = fields.get("attempts").and_then(|node| self.notes.parsed(node, "attempts", attempts));
        let first = fields.get("first").and_then(|node| self.notes.parsed(node, "first", Span::parse));
        let most = fields.get("most").and_then(|node| self.notes.parsed(node, "most", Span::parse));
        let on = fields.get("on").map(|node| {
            let words = self.notes.list(node, "on");
            words.iter().filter_map(|node| self.notes.parsed(node, "on", mishap)).collect()
        });
        if let (Some(first), Some(most), Some(node)) = (first, most, fields.get("most"))
            && most < first
        {
            self.notes
                .wrong(node.at, format!("No wait can be longer than {most}, and the first may be {first}."));
        }
        Retry {
            attempts: attempts.unwrap_or(usual.attempts),
            first: first.unwrap_or(usual.first),
            most: most.unwrap_or_else(|| usual.most.max(first.unwrap_or_default())),
            on: on.unwrap_or(usual.on),
        }
    }
}

fn message_kind(text: &str) -> Result<String, Wrong> {
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    let good = !text.is_empty() && text.len() <= 100 && text.chars().all(fits);
    good.then(|| text.to_owned()).ok_or_else(|| "Write letters, digits and dots, like claim.routed.".into())
}

fn at_once(text: &str) -> Result<u32, Wrong> {
    let at_once = text.parse().ok().filter(|at_once| (1..=MOST_AT_ONCE).contains(at_once));
    at_once.ok_or_else(|| format!("Say a number from 1 to {MOST_AT_ONCE}.").into())
}

fn method(text: &str) -> Result<Method, Wrong> {
    Method::parse(&text.to_ascii_uppercase()).ok_or_else(|| one_of(Method::ALL, Method::word))
}

fn mishap(text: &str) -> Result<Mishap, Wrong> {
    Mishap::parse(text).ok_or_else(|| one_of(Mishap::ALL, Mishap::word))
}

fn otherwise_of(text: &str) -> Result<Otherwise, Wrong> {
    Otherwise::parse(text).ok_or_else(|| one_of(Otherwise::ALL, Otherwise::word))
}

fn status(text: &str) -> Result<u16, Wrong> {
    let status = text.parse().ok().filter(|status| (200..600).contains(status));
    status.ok_or_else(|| "A status is a number from 200 to 599.".into())
}

fn attempts(text: &str) -> Result<u32, Wrong> {
    let attempts = text.parse().ok().filter(|attempts| (1..=MOST_ATTEMPTS).contains(attempts));
    attempts.ok_or_else(|| format!("Say a number from 1 to {MOST_ATTEMPTS}.").into())
}
