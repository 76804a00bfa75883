//! Expressions: CEL over `input`, what the run was given, `project`, what it belongs to, and `steps`, what each step before has
//! found. They cannot loop for ever, and they see nothing else.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use cel::common::ast::{EntryExpr, Expr, IdedExpr, LiteralValue};
use cel::{Context, Program, Value as Cel};
use domain::workflow::StepName;
use serde::Serialize;
use serde_json::{Map, Number, Value};

/// Longer than any rule one would want to read.
const LONGEST: usize = 4_000;

const DEEPEST: usize = 10;

/// The most a step may find, in values and letters. Steps that double what the one before has found would fill any memory.
pub const MOST_FOUND: usize = 1_000_000;

/// Deeper than anybody nests, and not so deep that what was kept could not be read again.
pub const DEEPEST_FOUND: usize = 60;

/// Macros over lists within one another.
const MOST_NESTED: usize = 2;

/// The names an expression may use.
const INPUT: &str = "input";
const PROJECT: &str = "project";
const STEPS: &str = "steps";

/// An expression that was understood.
pub struct Compiled {
    program: Program,
    reads: Reads,
}

/// What an expression looks at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reads {
    /// The steps whose output it reads.
    pub steps: BTreeSet<String>,
    /// Names that mean nothing here.
    pub unknown: BTreeSet<String>,
    /// `steps` as a whole, or by a name that is only known when it runs.
    pub all_steps: bool,
    /// How many macros over lists (`all`, `map`, …) lie within one another at most.
    pub nested: usize,
}

/// What is known at some moment of a run.
#[derive(Clone, Debug, Default)]
pub struct Known {
    pub input: Value,
    pub project: About,
    /// What each ended step has found; null for one that was skipped.
    pub steps: BTreeMap<StepName, Value>,
    /// How sure steps are of it that say so.
    pub confidence: BTreeMap<StepName, f64>,
    /// How many tries of a step have failed that count.
    pub failures: BTreeMap<StepName, u32>,
    /// The steps that failed for good, and why.
    pub given_up: BTreeMap<StepName, String>,
}

/// The project that a run belongs to. Of one that belongs to none, both are empty: an expression need not ask first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct About {
    pub code: String,
    pub client: String,
}

/// What is known, as expressions see it: made once for all the expressions of a step.
pub struct Scope(Context<'static, 'static>);

impl Scope {
    pub fn of(known: &Known) -> Result<Self, String> {
        let mut context = Context::default();
        context.add_variable_from_value(INPUT, to_cel(&known.input)?);
        let About { code, client } = &known.project;
        let project =
            [("code", code), ("client", client)].map(|(name, text)| (name.to_owned(), text.clone()));
        context.add_variable_from_value(PROJECT, Cel::from(HashMap::from(project)));
        let steps = known.steps.iter().map(|(name, found)| Ok((name.to_string(), to_cel(found)?)));
        context.add_variable_from_value(
            STEPS,
            Cel::from(steps.collect::<Result<HashMap<String, Cel>, String>>()?),
        );
        Ok(Self(context))
    }

    /// With something more to name.
    pub fn with(mut self, name: &'static str, value: &Value) -> Result<Self, String> {
        self.0.add_variable_from_value(name, to_cel(value)?);
        Ok(self)
    }
}

/// Whether expressions can read a value, and pass it on as it is.
pub fn readable_later(value: &Value) -> Result<(), String> {
    to_json(&to_cel(value)?, &mut { MOST_FOUND }, DEEPEST_FOUND).map(drop)
}

impl Compiled {
    /// Understands an expression, or says in one sentence why not.
    pub fn new(text: &str) -> Result<Self, String> {
        if text.trim().is_empty() {
            return Err("An expression is missing here.".to_owned());
        }
        if text.len() > LONGEST {
            return Err(format!(
                "This expression has more than {LONGEST} characters. Split it over several fields."
            ));
        }
        if too_deep(text) {
            return Err("This expression is nested too deeply. Split it over several fields.".to_owned());
        }
        let program = Program::compile(text).map_err(|errors| {
            let first = errors.errors.into_iter().min_by_key(|error| error.pos);
            let (at, why) = first.map_or((1, String::new()), |error| (error.pos.1, error.msg));
            format!("This is not an expression (CEL): {} at its character {at}.", plainly(&why))
        })?;
        let mut reads = Reads::default();
        look(program.expression(), &mut Vec::new(), 0, &mut reads);
        if reads.nested > MOST_NESTED {
            // Each multiplies what the others take; ten within one another would never end.
            return Err(format!(
                "At most {MOST_NESTED} macros over lists (all, map, …) may lie within one another."
            ));
        }
        Ok(Self { program, reads })
    }

    pub const fn reads(&self) -> &Reads {
        &self.reads
    }

    /// Its value, or why there is none: a field that is not there, text where a number should be.
    pub fn value(&self, scope: &Scope) -> Result<Value, String> {
        self.value_within(scope, &mut { MOST_FOUND })
    }

    /// The same, where several share what a step may find.
    pub fn value_within(&self, scope: &Scope, room: &mut usize) -> Result<Value, String> {
        let value = self.program.execute(&scope.0).map_err(|error| error.to_string())?;
        to_json(&value, room, DEEPEST_FOUND)
    }

    /// As [`Compiled::value`], where only true or false will do.
    pub fn holds(&self, scope: &Scope) -> Result<bool, String> {
        match self.value(scope)? {
            Value::Bool(holds) => Ok(holds),
            other => Err(format!("it should be true or false, and is {other}")),
        }
    }
}

/// Whether reading it would take more of the stack than there may be: the parser goes down for each bracket, each
/// condition and each sign before a value.
fn too_deep(text: &str) -> bool {
    let (mut open, mut signs, mut conditions) = (0_usize, 0, 0);
    text.chars().any(|c| {
        match c {
            '(' | '[' | '{' => open += 1,
            ')' | ']' | '}' => open = open.saturating_sub(1),
            '?' => conditions += 1,
            _ => {}
        }
        signs = if matches!(c, '!' | '-') { signs + 1 } else { 0 };
        open + conditions > DEEPEST || signs > 2
    })
}

/// What the parser says, without the list of everything it would rather have seen.
fn plainly(why: &str) -> String {
    let why = why.trim_start_matches("Syntax error: ").trim_end_matches('.');
    let why = why.split(" expecting ").next().unwrap_or(why);
    if why.is_empty() || why.contains("<EOF>") { "it ends too soon".to_owned() } else { why.to_owned() }
}

/// Notes what an expression looks at. `local` are the names its own macros (`all`, `map`, …) bring.
fn look<'a>(expression: &'a IdedExpr, local: &mut Vec<&'a str>, within: usize, reads: &mut Reads) {
    match &expression.expr {
        Expr::Unspecified | Expr::Literal(_) => {}
        Expr::Ident(name) if local.contains(&name.as_str()) || name == INPUT || name == PROJECT => {}
        Expr::Ident(name) if name == STEPS => reads.all_steps = true,
        Expr::Ident(name) => {
            reads.unknown.insert(name.clone());
        }
        Expr::Select(select) => {
            if matches!(&select.operand.expr, Expr::Ident(name) if name == STEPS) {
                reads.steps.insert(select.field.clone());
            } else {
                look(&select.operand, local, within, reads);
            }
        }
        Expr::Call(call) => {
            // `steps["name"]` is written as a call, and is as good as `steps.name`.
            if let [of, by] = call.args.as_slice()
                && call.target.is_none()
                && matches!(&of.expr, Expr::Ident(name) if name == STEPS)
                && let Expr::Literal(LiteralValue::String(name)) = &by.expr
            {
                reads.steps.insert(name.inner().to_owned());
                return;
            }
            for part in call.target.iter().map(AsRef::as_ref).chain(&call.args) {
                look(part, local, within, reads);
            }
        }
        Expr::List(list) => list.elements.iter().for_each(|element| look(element, local, within, reads)),
        Expr::Map(map) => map.entries.iter().for_each(|entry| look_into(&entry.expr, local, within, reads)),
        Expr::Struct(made) => {
            made.entries.iter().for_each(|entry| look_into(&entry.expr, local, within, reads));
        }
        Expr::Comprehension(over) => {
            look(&over.iter_range, local, within, reads);
            reads.nested = reads.nested.max(within + 1);
            let before = local.len();
            local.extend([over.iter_var.as_str(), over.accu_var.as_str()]);
            local.extend(over.iter_var2.as_deref());
            for part in [&over.accu_init, &over.loop_cond, &over.loop_step, &over.result] {
                look(part, local, within + 1, reads);
            }
            local.truncate(before);
        }
    }
}

fn look_into<'a>(entry: &'a EntryExpr, local: &mut Vec<&'a str>, within: usize, reads: &mut Reads) {
    match entry {
        EntryExpr::MapEntry(entry) => {
            look(&entry.key, local, within, reads);
            look(&entry.value, local, within, reads);
        }
        EntryExpr::StructField(field) => look(&field.value, local, within, reads),
    }
}

/// JSON has one kind of number and CEL has three, which do not mix: a whole number is an `int`, any other a `double`.
/// One that is neither would change its value, and so is refused.
fn to_cel(value: &Value) -> Result<Cel, String> {
    Ok(match value {
        Value::Null => Cel::Null,
        Value::Bool(value) => Cel::Bool(*value),
        Value::Number(number) => match number.as_i64() {
            Some(whole) => Cel::Int(whole),
            None if number.is_u64() => return Err(format!("{number} is too large a whole number")),
            None => Cel::Float(number.as_f64().unwrap_or_default()),
        },
        Value::String(text) => Cel::String(Arc::new(text.clone())),
        Value::Array(values) => Cel::List(Arc::new(values.iter().map(to_cel).collect::<Result<_, _>>()?)),
        Value::Object(members) => {
            let members = members.iter().map(|(name, value)| Ok((name.clone(), to_cel(value)?)));
            Cel::from(members.collect::<Result<HashMap<String, Cel>, String>>()?)
        }
    })
}

/// Counted while it is put together, and not afterwards: what is small as an expression can be larger than any memory.
fn to_json(value: &Cel, room: &mut usize, deeper: usize) -> Result<Value, String> {
    let takes = 1 + if let Cel::String(text) = value { text.len() } else { 0 };
    *room = room
        .checked_sub(takes)
        .ok_or_else(|| format!("with it the step would find more than {MOST_FOUND} values and letters"))?;
    let deeper =
        deeper.checked_sub(1).ok_or_else(|| format!("it is nested more than {DEEPEST_FOUND} deep"))?;
    Ok(match value {
        Cel::Null => Value::Null,
        Cel::Bool(value) => Value::Bool(*value),
        Cel::Int(whole) => Value::from(*whole),
        Cel::UInt(whole) => Value::from(*whole),
        Cel::Float(number) => {
            Number::from_f64(*number).map(Value::Number).ok_or("its value is infinite or not a number")?
        }
        Cel::String(text) => Value::String(text.to_string()),
        Cel::List(values) => {
            values.iter().map(|value| to_json(value, room, deeper)).collect::<Result<_, _>>()?
        }
        Cel::Map(members) => {
            let mut object = Map::new();
            // In the order of their names: a map has none of its own, and what is kept should not differ by chance.
            let sorted: BTreeMap<String, &Cel> =
                members.map.iter().map(|(name, value)| (name.to_string(), value)).collect();
            for (name, value) in sorted {
                *room = room.saturating_sub(name.len());
                object.insert(name, to_json(value, room, deeper)?);
            }
            Value::Object(object)
        }
        other => return Err(format!("its value, {other:?}, cannot be kept as JSON")),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn known() -> Known {
        Known {
            input: json!({"text": "Invoice 7", "amount": 120.5, "lines": [{"n": 1}, {"n": 2}], "big": 3}),
            steps: BTreeMap::from([(StepName::parse("classify").unwrap(), json!({"kind": "invoice"}))]),
            ..Known::default()
        }
    }

    fn value(text: &str) -> Result<Value, String> {
        Compiled::new(text)?.value(&Scope::of(&known())?)
    }

    #[test]
    fn expressions_compute_over_what_is_known() {
        for (text, is) in [
            ("input.text.contains('Invoice')", json!(true)),
            ("steps.classify.kind == 'invoice' ? 'accounts' : 'post'", json!("accounts")),
            ("input.amount > 100", json!(true)),
            ("input.amount * 2.0", json!(241.0)),
            ("input.big + 1", json!(4)),
            ("input.lines.map(line, line.n)", json!([1, 2])),
            ("input.lines.exists(line, line.n == 2)", json!(true)),
            ("has(input.missing)", json!(false)),
            ("{'b': 1, 'a': [size(input.lines)]}", json!({"a": [2], "b": 1})),
            ("0.9", json!(0.9)),
        ] {
            assert_eq!(value(text), Ok(is), "{text}");
        }
        for text in ["input.missing", "input.text + 1", "steps.nowhere.kind", "1 / 0"] {
            assert!(value(text).is_err(), "{text} has a value");
        }
    }

    #[test]
    fn what_an_expression_reads_is_known_before_it_runs() {
        let reads = |text: &str| Compiled::new(text).unwrap().reads().clone();
        let both = reads("steps.a.x == steps['b'].y && input.z");
        assert_eq!(both.steps.iter().map(String::as_str).collect::<Vec<_>>(), ["a", "b"]);
        assert!(both.unknown.is_empty() && !both.all_steps);
        assert!(reads("steps[input.which]").all_steps && reads("size(steps) > 1").all_steps);
        assert!(reads("outputs.a + x").unknown.contains("outputs"));
        assert!(reads("input.lines.all(line, line.n > 0 && has(line.n))").unknown.is_empty());
    }

    #[test]
    fn what_is_no_expression_is_said() {
        for text in ["", "a +", "((", "'open"] {
            assert!(Compiled::new(text).is_err(), "{text}");
        }
        for (open, close) in [("(", ")"), ("[", "]"), ("{'a': ", "}"), ("true ? 1 : ", ""), ("!", "")] {
            // As deep as is taken fits the stack of any thread; what is deeper is not even tried.
            let nested = |times: usize| format!("{}true{}", open.repeat(times), close.repeat(times));
            let taken = Compiled::new(&nested(if open == "!" { 2 } else { DEEPEST })).err();
            assert_eq!(taken, None, "{open}");
            assert!(Compiled::new(&nested(200)).err().unwrap().contains("deeply"), "{open}");
        }
        let deep = "[1].map(a, [1].map(b, [1].map(c, c)))";
        assert!(Compiled::new(deep).err().unwrap().contains("within one another"));
        let huge = Known { input: json!({"n": u64::MAX}), ..Known::default() };
        assert!(Scope::of(&huge).err().unwrap().contains("too large"));
        assert!(Compiled::new(&"a".repeat(5000)).err().unwrap().contains("4000"));
    }
}
