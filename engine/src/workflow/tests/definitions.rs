//! Definitions as they are written in files, and what they do.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use super::*;
use crate::model::{read_card, read_prompt};
use crate::outbound::{Outbound, Secrets};

fn prepared(text: &str) -> Prepared {
    Prepared::new(read(text).unwrap(), &Materials::default()).unwrap()
}

/// A stand-in for a model, as long as what serves it is kept.
fn stand_in() -> (String, tokio::runtime::Runtime) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
    let url = format!("http://{}/v1", listener.local_addr().unwrap());
    runtime.spawn(stand_in::serve(listener, stand_in::Manners::default()));
    (url, runtime)
}

/// Sends an item through, where nobody is asked but who runs on this machine.
fn try_here(prepared: &Prepared, input: Value) -> Result<Trace, domain::Fault> {
    try_asking(prepared, input, "")
}

/// The same, with the model of the examples asked there.
fn try_asking(prepared: &Prepared, input: Value, url: &str) -> Result<Trace, domain::Fault> {
    let outbound = Outbound::new(&["*".to_owned()], Secrets::default()).unwrap();
    let outbound = outbound.with_model_addresses([("desk-reader".to_owned(), url.to_owned())].into());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(try_out(prepared, input, &outbound))
}

/// What is said about a file, each with its line.
fn misread(text: &str) -> Vec<(usize, String)> {
    read(text).unwrap_err().into_iter().map(|misread| (misread.at.line, misread.message)).collect()
}

fn examples() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../workflows"))
}

#[test]
fn every_example_reads_and_runs_its_sample() {
    let files = |folder: &str| {
        let entries = fs::read_dir(examples().join(folder)).unwrap().flatten();
        let files = entries.filter(|entry| entry.path().is_file());
        files.map(|entry| fs::read_to_string(entry.path()).unwrap()).collect::<Vec<_>>()
    };
    let cards = files("models").iter().map(|text| read_card(text).unwrap()).collect();
    let prompts = files("prompts").iter().map(|text| read_prompt(text).unwrap()).collect();
    let materials = Materials::from_files(cards, prompts).unwrap();
    let (url, _serving) = stand_in();
    let mut seen = 0;
    for entry in fs::read_dir(examples()).unwrap().flatten().filter(|entry| entry.path().is_file()) {
        let definition = read(&fs::read_to_string(entry.path()).unwrap()).unwrap();
        let prepared = Prepared::new(materials.settle(definition).unwrap(), &materials).unwrap();
        let name = prepared.definition().name.to_string();
        assert_eq!(entry.path().file_stem().unwrap().to_str(), Some(name.as_str()));
        let sample = examples().join("samples").join(format!("{name}.json"));
        let input: Value = serde_json::from_str(&fs::read_to_string(sample).unwrap()).unwrap();
        let trace = try_asking(&prepared, input, &url).unwrap();
        assert_eq!(trace.failed, None, "{name}");
        seen += 1;
    }
    assert_eq!(seen, 5);
}

#[test]
fn an_item_goes_its_way_through_the_graph() {
    let prepared = prepared(&fs::read_to_string(examples().join("invoice-check.yaml")).unwrap());
    let sample = fs::read_to_string(examples().join("samples/invoice-check.json")).unwrap();
    let sample: Value = serde_json::from_str(&sample).unwrap();
    let with = |changes: Value| {
        let mut input = sample.clone();
        for (name, value) in changes.as_object().unwrap() {
            match value {
                Value::Null => input.as_object_mut().unwrap().remove(name),
                value => input.as_object_mut().unwrap().insert(name.clone(), value.clone()),
            };
        }
        try_here(&prepared, input).unwrap()
    };
    let states = |trace: &Trace| -> Vec<String> {
        let state = |traced: &Traced| {
            serde_json::to_value(&traced.outcome).unwrap()["state"].as_str().unwrap().to_owned()
        };
        trace.steps.iter().map(state).collect()
    };

    let good = with(json!({}));
    assert_eq!(good.output, Some(json!({"over_cents": 0, "to": "accounts payable"})));
    assert_eq!(states(&good), ["success", "success", "skipped", "success"]);
    assert!(matches!(good.steps[1].outcome, Outcome::Success { confidence: Some(sure), .. } if sure > 0.99));

    let over = with(json!({"total_cents": 200_000}));
    assert_eq!(over.output, Some(json!({"over_cents": 20_000, "to": "purchasing"})));
    let without = with(json!({"order": null}));
    assert_eq!(states(&without), ["success", "skipped", "success", "success"]);
    assert_eq!(without.output, Some(json!({"over_cents": 0, "to": "purchasing"})));

    let credit = with(json!({"lines": [{"text": "Refund", "cents": -5}]}));
    assert_eq!(states(&credit), ["failed"]);
    assert!(credit.failed.unwrap().contains("credit note"));

    let unfit = try_here(&prepared, json!({"supplier": "", "total_cents": "much"})).unwrap_err();
    let places: Vec<_> = unfit.fields.iter().map(|fault| fault.field.as_str()).collect();
    assert!(places.contains(&"/supplier") && places.contains(&"/total_cents"), "{places:?}");
}

#[test]
fn a_step_on_a_way_not_taken_is_skipped_with_it() {
    let trace = try_here(
        &prepared(
            "name: ways\nsteps:\n  a: {rule: {set: {x: 1}}}\n  b: {needs: a, when: 'false', rule: {set: {x: 1}}}\n  \
             c: {needs: b, rule: {set: {x: 1}}}\n  d: {needs: [a, c], rule: {set: {seen: 'steps.c == null'}}}\n\
             output: {seen: steps.d.seen}\n",
        ),
        json!({}),
    )
    .unwrap();
    assert_eq!(trace.output, Some(json!({"seen": true})));
    assert!(matches!(trace.steps[2].outcome, Outcome::Skipped { because } if because.contains("it needs")));
}

#[test]
fn a_rule_that_cannot_be_computed_fails_its_run_in_words() {
    let failed = |rule: &str| {
        let text = format!("name: fails\nsteps:\n  a: {{rule: {rule}}}\n");
        try_here(&prepared(&text), json!({"text": "x"})).unwrap().failed.unwrap()
    };
    assert!(failed("{set: {x: input.nothing.here}}").contains("“x” has no value"));
    assert!(failed("{set: {x: '1'}, confidence: '7'}").contains("from 0 to 1"));
    assert!(failed("{reject: {when: input.text, because: no}}").contains("true or false"));
}

#[test]
fn everything_wrong_with_a_file_is_said_with_its_line() {
    let said = misread(
        "nme: oops\n\
         title: 1\n\
         input: {type: nothing}\n\
         steps:\n\
         \x20 Bad-Name: {rule: {set: {x: 1}}}\n\
         \x20 empty: {}\n\
         \x20 idle: {rule: {}}\n\
         \x20 wrong: {needs: nobody, when: 'a +', rule: {set: {x: output.y}, reject: {when: 'true'}}}\n",
    );
    let expect = [
        (1, "Did you mean “name”?"),
        (1, "needs “name”"),
        (3, "not a JSON Schema"),
        (5, "small letters"),
        (6, "does not say what it does"),
        (7, "does nothing"),
        (8, "not an expression"),
        (8, "“output” means nothing here"),
        (8, "needs “because”"),
    ];
    for (line, words) in expect {
        assert!(
            said.iter().any(|(at, message)| *at == line && message.contains(words)),
            "{line} {words}: {said:#?}"
        );
    }
    assert_eq!(said.len(), expect.len(), "{said:#?}");
}

#[test]
fn graphs_that_cannot_run_are_refused() {
    let said = |steps: &str| misread(&format!("name: graph\nsteps:\n{steps}"));
    let cycle = said("  a: {needs: b, rule: {set: {x: 1}}}\n  b: {needs: a, rule: {set: {x: 1}}}\n");
    assert!(cycle[0].1.contains("a → b → a"), "{cycle:?}");
    let unknown = said("  a: {needs: bee, rule: {set: {x: 1}}}\n");
    assert_eq!(unknown[0], (3, "There is no step “bee”. There are: a.".to_owned()));
    let early = said("  a: {rule: {set: {x: 1}}}\n  b: {rule: {set: {x: steps.a.x}}}\n");
    assert_eq!(early[0], (4, "“b” reads “a”, but may run before it. Add it to its needs.".to_owned()));
    assert!(said("  {}\n")[0].1.contains("at least one step"));
    // What a step before those it needs has found is known, too.
    let far = "name: far\nsteps:\n  a: {rule: {set: {x: 1}}}\n  b: {needs: a, rule: {set: {x: 1}}}\n  \
               c: {needs: b, rule: {set: {x: steps.a.x}}}\n";
    assert!(read(far).is_ok());
}

#[test]
fn json_is_read_as_well_and_comes_to_the_same() {
    let yaml = read("name: same\nsteps:\n  a:\n    rule:\n      set: {x: '1 + 1'}\n").unwrap();
    let json = read(r#"{"name": "same", "steps": {"a": {"rule": {"set": {"x": "1 + 1"}}}}}"#).unwrap();
    assert_eq!(yaml, json);
    assert_eq!(yaml.title, "Same");
    let kept = serde_json::to_string(&yaml).unwrap();
    assert_eq!(serde_json::from_str::<domain::workflow::Definition>(&kept).unwrap(), yaml, "{kept}");
}

/// What editors are told must be what is read here: the same names, and the examples fit.
#[test]
fn a_call_is_read_with_all_it_says() {
    let text = "
name: ask
steps:
  ask:
    http:
      url: 'https://example.com/{{ input.id|urlencode }}'
      headers: {Authorization: 'Bearer {{ secrets.token }}'}
      body: {id: input.id}
      accept: [200, 404]
      set: {known: response.status == 200}
    timeout: 5s
    retry: {attempts: 7, first: 200ms, on: [busy, network]}
";
    let definition = read(text).unwrap();
    let step = &definition.steps[0];
    let domain::workflow::Kind::Http(http) = &step.kind else { panic!("{step:?}") };
    assert_eq!((http.method.word(), http.accept.as_slice()), ("POST", [200, 404].as_slice()));
    assert_eq!((step.timeout(), step.retry().attempts), (domain::span::Span::seconds(5), 7));
    let kept = serde_json::to_string(&definition).unwrap();
    assert_eq!(serde_json::from_str::<domain::workflow::Definition>(&kept).unwrap(), definition);

    let wrong = |instead: &str| misread(&text.replacen("      accept: [200, 404]\n", instead, 1));
    assert!(wrong("      accept: [fine]\n")[0].1.contains("200 to 599"));
    assert!(wrong("      method: FETCH\n")[0].1.contains("GET, POST"));
    let said = |step: &str| {
        let all = misread(&format!("name: x\nsteps:\n  a: {step}\n"));
        all.into_iter().map(|(_, why)| why).collect::<Vec<_>>().join("\n")
    };
    let reads = said("{http: {url: '{{ steps.b.x }}{{ colour }}'}}");
    assert!(reads.contains("There is no step “b”") && reads.contains("“colour” means nothing"), "{reads}");
    assert!(said("{wait: {signal: signed, within: 1d}}").contains("needs “otherwise”"));
    assert!(said("{wait: {for: 1d, otherwise: fail}}").contains("time always passes"));
    assert!(said("{wait: {for: soon}}").contains("a number and a unit"));
    assert!(
        said("{http: {url: 'https://x', headers: {'Bad Name': a}}}")
            .contains("cannot be the name of a header")
    );
    assert!(said("{http: {url: example.com}}").contains("begins with http"));
    assert!(said("{http: {url: 'https://x'}, timeout: 0s}").contains("takes some time"));
    assert!(
        said("{http: {url: 'https://x'}, retry: {first: 1m, most: 1s}}").contains("No wait can be longer")
    );
    assert!(said("{http: {url: 'https://x/{{ input.a|urlencod }}'}}").contains("no filter"));
    assert!(said("{http: {url: 'https://x'}, rule: {set: {x: '1'}}}").contains("does one thing"));
    assert!(said("{rule: {set: {x: '1'}}, retry: {attempts: 3}}").contains("asks nobody"));
}

#[test]
fn reviews_fallbacks_and_workers_say_what_is_wrong_with_them() {
    let said = |steps: &str| match read(&format!("name: x\nsteps:\n{steps}")) {
        Ok(_) => "nothing".to_owned(),
        Err(misread) => misread.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "),
    };
    let review = |rest: &str| {
        said(&format!("  a: {{rule: {{set: {{n: '1'}}}}}}\n  b: {{needs: a, review: {{of: a, {rest}}}}}\n"))
    };
    assert_eq!(review("within: 1h, otherwise: fail"), "nothing");
    assert!(review("otherwise: fail").contains("A review needs “within”"));
    assert!(review("within: 1h, otherwise: perhaps").contains("Say escalate, default, fail"));
    assert!(review("within: 1h, otherwise: fail, default: {n: '1'}").contains("only used with"));
    assert!(review("within: 1h, otherwise: fail, sample: 2").contains("like 0.05"));
    assert!(review("within: 1h, otherwise: fail, repeated_failure: 0").contains("1 or more"));
    assert!(review("within: 1h, otherwise: fail, low_confidence: {}").contains("needs “below”"));
    assert!(review("within: 1h, otherwise: fail, high_risk: {when: 'true'}").contains("because"));
    assert!(review("within: 1h, otherwise: fail, oops: 1").contains("“oops” is not known"));
    let unknown =
        "  a: {rule: {set: {n: '1'}}}\n  b: {needs: a, review: {of: c, within: 1h, otherwise: fail}}\n";
    assert!(said(unknown).contains("There is no step “c”"));

    let rule = "rule: {set: {n: '1'}}";
    let steps =
        |a: &str, b: &str| said(&format!("  a: {{{rule}{a}}}\n  b: {{{rule}{b}}}\n  c: {{{rule}}}\n"));
    assert_eq!(steps(", fallback: b", ""), "nothing");
    assert!(steps(", fallback: z", "").contains("There is no step “z”"));
    assert!(steps(", fallback: b", ", needs: c").contains("no needs and no “when”"));
    assert!(steps(", fallback: b", ", fallback: a").contains("wait for one another"));
    assert!(steps(", fallback: c", ", fallback: c").contains("in the place of another step already"));
    assert!(steps(", needs: b", "").contains("nothing"));
    let any_order = format!("  b: {{{rule}, fallback: c}}\n  c: {{{rule}}}\n  a: {{{rule}, fallback: b}}\n");
    assert_eq!(said(&any_order), "nothing", "whatever the order of the file");
    assert!(
        said("  a: {rule: {set: {n: '1'}, reject: {when: 'false', because: \"a\\0b\"}}}\n").contains("NUL")
    );
    let needed = format!("  a: {{{rule}, fallback: b}}\n  b: {{{rule}}}\n  c: {{{rule}, needs: b}}\n");
    assert!(said(&needed).contains("Let it need “a”"));

    let emit = |rest: &str| said(&format!("  a: {{emit: {{type: x.y, secret: hook, {rest}}}}}\n"));
    assert_eq!(emit("to: 'https://x/{{ input.id|urlencode }}', data: {id: input.id}"), "nothing");
    assert!(emit("to: 'https://x/{{ secrets.token }}'").contains("no secret belongs in it"));
    assert!(emit("to: x").contains("begins with http"));
    let llm = |rest: &str| said(&format!("  a: {{llm: {{model: m, prompt: p@2, {rest}}}}}\n"));
    assert_eq!(llm("samples: 3, confidence: agreement"), "nothing");
    assert!(llm("confidence: agreement").contains("Only several answers can agree"));
    assert!(llm("samples: 3, temperature: 0").contains("say the same"));
    assert!(llm("agree_on: output.x").contains("Say how many"));
    assert!(llm("confidence: outptu.x").contains("“outptu” means nothing here"));
    let map = |rest: &str| said(&format!("  a: {{map: {{over: input.all, workflow: one, {rest}}}}}\n"));
    assert_eq!(map("within: 1h, input: {n: item.n, place: index}"), "nothing");
    assert!(map("at_once: 3").contains("A map needs “within”"));
    assert!(map("within: 1h, at_once: 0").contains("from 1 to 200"));
    assert!(said("  a: {job: {name: bake}}\n").contains("Say check_audit, forget_runs"));
    let top = |line: &str| said(&format!("  a: {{{rule}}}\n{line}\n"));
    assert_eq!(top("schedule: [{cron: '0 3 * * *', zone: Europe/Berlin}, {cron: '5 * * * *'}]"), "nothing");
    assert!(top("schedule: {cron: 'every day'}").contains("minute, hour, day"));
    assert!(top("schedule: {cron: '0 3 * * *', zone: Mars}").contains("like Europe/Berlin"));
    assert!(top("budget: {cost: '0,5'}").contains("like 0.25"));
    assert!(top("budget: {attempts: 0}").contains("1 or more"));

    let worker = |rest: &str| said(&format!("  a: {{worker: {{{rest}}}}}\n"));
    assert_eq!(worker("queue: ears, within: 1h, input: {file: input.file}"), "nothing");
    assert!(worker("queue: ears").contains("A worker needs “within”"));
    assert!(worker("queue: The Ears, within: 1h").contains("like transcribe-audio"));
    assert!(said("  a: {worker: {queue: ears, within: 1h}, timeout: 1m}\n").contains("has no timeout"));
}

#[test]
fn the_published_schema_knows_what_is_read() {
    let text = fs::read_to_string(examples().join("../public/workflow.schema.json")).unwrap();
    let published: Value = serde_json::from_str(&text).unwrap();
    let names = |place: &str| -> Vec<String> {
        let mut names: Vec<_> =
            published.pointer(place).unwrap().as_object().unwrap().keys().cloned().collect();
        names.sort();
        names
    };
    let sorted = |names: &[&str]| {
        let mut names: Vec<_> = names.iter().map(|name| (*name).to_owned()).collect();
        names.sort();
        names
    };
    assert_eq!(names("/properties"), sorted(&read::TOP));
    assert_eq!(names("/$defs/schedule/properties"), sorted(&read::SCHEDULE));
    assert_eq!(names("/$defs/map/properties"), sorted(&read::MAP));
    assert_eq!(names("/$defs/job/properties"), sorted(&read::JOB));
    assert_eq!(names("/properties/budget/properties"), sorted(&read::BUDGET));
    assert_eq!(names("/$defs/step/properties"), sorted(&read::STEP));
    assert_eq!(names("/$defs/rule/properties"), sorted(&read::RULE));
    assert_eq!(names("/$defs/case/properties"), sorted(&read::CASE));
    assert_eq!(names("/$defs/review/properties"), sorted(&read::REVIEW));
    let low = "/$defs/review/properties/low_confidence/properties";
    assert_eq!(names(low), sorted(&read::LOW_CONFIDENCE));
    let field = format!("{low}/fields/additionalProperties/properties");
    assert_eq!(names(&field), sorted(&read::FIELD_CONFIDENCE));
    assert_eq!(names("/$defs/llm/properties"), sorted(&read::LLM));
    assert_eq!(names("/$defs/emit/properties"), sorted(&read::EMIT));
    assert_eq!(names("/$defs/http/properties"), sorted(&read::HTTP));
    assert_eq!(names("/$defs/retry/properties"), sorted(&read::RETRY));
    assert_eq!(names("/$defs/wait/properties"), sorted(&read::WAIT));
    assert_eq!(names("/$defs/worker/properties"), sorted(&read::WORKER));

    let schema = Schema::new(&published).unwrap();
    for entry in fs::read_dir(examples()).unwrap().flatten().filter(|entry| entry.path().is_file()) {
        let text = fs::read_to_string(entry.path()).unwrap();
        let faults = schema.faults(&crate::written::json(&text).unwrap());
        assert!(faults.is_empty(), "{}: {faults:?}", entry.path().display());
    }
    assert!(!schema.faults(&serde_json::json!({"name": "x", "steps": {"a": {}}})).is_empty());
}
