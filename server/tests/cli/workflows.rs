//! Definitions of workflows, models and prompts.

use crate::Place;

fn example(name: &str) -> String {
    format!("{}/../workflows/{name}", env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn a_definition_is_checked_and_tried_without_a_server() {
    let place = Place::new();
    let file = example("invoice-check.yaml");
    assert!(place.good(&["workflow", "check", &file]).contains("invoice-check is fine, 4 steps"));
    let sample = example("samples/invoice-check.json");
    let told = place.good(&["workflow", "test", &file, "--input", &sample]);
    assert!(
        told.contains("no_order") && told.contains("skipped") && told.contains("accounts payable"),
        "{told}"
    );
    let json = place.good(&["workflow", "test", &file, "--input", &sample, "--json"]);
    let trace: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(trace["steps"][0]["state"], "success");
    assert!(!place.data().exists(), "something was made");

    let wrong = place.0.path().join("wrong.yaml");
    std::fs::write(&wrong, "name: wrong\nsteps:\n  a: {needs: b, rule: {set: {x: 1 +}}}\n").unwrap();
    let said = place.bad(&["workflow", "check", wrong.to_str().unwrap(), &file]);
    assert!(
        said.contains("wrong.yaml:3:") && said.contains("no step “b”") && said.contains("not an expression"),
        "{said}"
    );
    assert!(said.contains("is fine"), "a wrong file hid a right one: {said}");

    let unfit = place.0.path().join("unfit.json");
    std::fs::write(&unfit, r#"{"supplier": "", "total_cents": 1}"#).unwrap();
    let said = place.bad(&["workflow", "test", &file, "--input", unfit.to_str().unwrap()]);
    assert!(said.contains("/supplier") && said.contains("lines"), "{said}");
    std::fs::write(&unfit, r#"{"supplier": "x", "total_cents": 1, "lines": [{"text": "r", "cents": -1}]}"#)
        .unwrap();
    let refused = place.run(&["workflow", "test", &file, "--input", unfit.to_str().unwrap()]);
    assert_eq!(refused.status.code(), Some(2));
}

#[test]
fn definitions_are_applied_from_the_command_line() {
    let place = Place::new();
    place.good(&["migrate"]);
    let file = example("invoice-check.yaml");
    assert!(place.good(&["workflow", "apply", &file, "--dry-run"]).contains("would be new"));
    assert_eq!(place.good(&["workflow", "list"]), "");
    assert!(place.good(&["workflow", "apply", &file]).contains("is new, with version 1"));
    assert!(place.good(&["workflow", "apply", &file]).contains("says this already"));
    let changed = place.0.path().join("changed.yaml");
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&changed, text.replace("500000", "900000")).unwrap();
    let said = place.good(&["workflow", "apply", changed.to_str().unwrap()]);
    assert!(said.contains("+        has_large_line") && said.contains("has version 2"), "{said}");
    assert!(place.good(&["workflow", "list"]).contains("invoice-check\t2\tInvoice check"));
    assert_eq!(place.good(&["workflow", "show", "invoice-check", "--version", "1"]), text);
    assert!(place.good(&["workflow", "show", "invoice-check"]).contains("900000"));
    assert!(place.good(&["workflow", "pause", "invoice-check", "--why", "Prices"]).contains("is paused"));
    assert!(place.bad(&["workflow", "pause", "invoice-check"]).contains("paused already"));
    assert!(place.good(&["workflow", "resume", "invoice-check"]).contains("goes on"));
    // One that is wrong keeps all of them out.
    let wrong = place.0.path().join("wrong.yaml");
    std::fs::write(&wrong, "name: wrong\n").unwrap();
    assert!(place.bad(&["workflow", "apply", &file, wrong.to_str().unwrap()]).contains("needs “steps”"));
}

#[test]
fn models_and_prompts_are_applied_before_the_workflows_that_name_them() {
    let place = Place::new();
    place.good(&["migrate"]);
    let files = ["customer-triage.yaml", "models/desk-reader.yaml", "prompts/sort-message.yaml"].map(example);
    let [workflow, model, prompt] = files.each_ref().map(String::as_str);
    let checked = place.good(&["workflow", "check", workflow, model, prompt]);
    assert!(checked.contains("desk-reader is fine, a model") && checked.contains("a prompt"), "{checked}");
    let dry = place.good(&["workflow", "apply", workflow, model, prompt, "--dry-run"]);
    assert!(dry.contains("customer-triage would take models or prompts that are applied with it"), "{dry}");
    let alone = place.bad(&["workflow", "apply", workflow]);
    assert!(alone.contains("asks the model desk-reader, which there is not"), "{alone}");
    let applied = place.good(&["workflow", "apply", workflow, model, prompt]);
    assert!(applied.contains("customer-triage is new, with version 1"), "{applied}");

    // The same without a word, but with a newer prompt.
    let newer = place.0.path().join("prompt.yaml");
    let text = std::fs::read_to_string(prompt).unwrap();
    std::fs::write(&newer, text.replace("two sentences", "one sentence")).unwrap();
    place.good(&["workflow", "apply", newer.to_str().unwrap()]);
    let said = place.good(&["workflow", "apply", workflow]);
    assert!(said.contains("+# sort asks desk-reader@1 with sort-message@2"), "{said}");
    assert!(said.contains("customer-triage has version 2"), "{said}");
}

#[test]
fn a_definition_is_tried_out_with_the_models_that_are_named() {
    let place = Place::new();
    let workflow = example("customer-triage.yaml");
    let with = ["models/desk-reader.yaml", "prompts/sort-message.yaml"].map(example).join(",");
    let sample = example("samples/customer-triage.json");
    let test = ["workflow", "test", &workflow, "--input", &sample, "--with", &with];
    // Nobody answers there: the item fails, and it is said why.
    let away =
        [&test[..], &["--model-url", "desk-reader=http://127.0.0.1:9/v1", "--allow-private", "127.0.0.1"]];
    let output = place.run(&away.concat());
    assert_eq!(output.status.code(), Some(2));
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(told.contains("sort: There is no connection"), "{told}");
    let private = place.run(&[&test[..], &["--model-url", "desk-reader=http://127.0.0.1:9/v1"]].concat());
    assert!(String::from_utf8_lossy(&private.stdout).contains("--allow-private 127.0.0.1"));
    assert!(place.bad(&test[..5]).contains("--with"), "without its models");
    for wrong in ["desk-reader", "Desk=http://x", "desk-reader=x"] {
        place.bad(&[&test[..], &["--model-url", wrong]].concat());
    }
}
