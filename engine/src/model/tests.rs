//! What is written about models and prompts.

use super::*;

const CARD: &str = "
model: claims-reader
api: openai
url: https://api.example.com/v1/
id: reader-2026-08
key: openai_key
price: {input: 0.25, output: '2'}
limits: {context: 128000, output: 4_000}
extra: {seed: 7}
owner: Ada Okafor
";

const PROMPT: &str = "
prompt: extract-claim
system: 'You read claims of {{ customer }}.'
user: |
  {% for page in pages %}{{ page.text }}{% endfor %}
";

fn wrong(read: Result<impl Sized, Vec<crate::written::Misread>>) -> String {
    let Err(all) = read else { panic!("it was read") };
    let lines: Vec<_> =
        all.iter().map(|one| format!("{}:{} {}", one.at.line, one.at.column, one.message)).collect();
    lines.join("\n")
}

#[test]
fn a_card_is_read() {
    let card = read_card(CARD).unwrap();
    assert_eq!((card.title.as_str(), card.url.as_str()), ("Claims reader", "https://api.example.com/v1"));
    let price = card.price.unwrap();
    assert_eq!((price.input, price.output), (250_000, 2_000_000));
    assert_eq!((card.limits.context, card.limits.output), (Some(128_000), Some(4_000)));
    assert_eq!(card.extra["seed"], 7);
}

#[test]
fn everything_wrong_with_a_card_is_said_with_its_line() {
    for (from, to, says) in [
        ("model: claims-reader", "model: Claims", "2:8 “Claims” will not do"),
        ("api: openai", "api: open", "Say openai, anthropic."),
        ("https://api.example.com/v1/", "api.example.com", "begins with http:// or https://"),
        ("https://api", "https://me:secret@api", "Name a secret"),
        ("key: openai_key", "key: sk-Abc123", "never the secret itself"),
        ("input: 0.25", "input: '0,25'", "Write dollars like 0.25"),
        ("context: 128000", "context: many", "a number of tokens"),
        ("owner: Ada", "ownr: Ada", "Did you mean “owner”?"),
        ("api: openai", "api: anthropic\nanswers: json_schema", "asked for in words"),
        ("id: reader-2026-08\n", "", "A model needs “id”."),
    ] {
        let said = wrong(read_card(&CARD.replace(from, to)));
        assert!(said.contains(says), "{to}: {said}");
    }
    let both = wrong(read_card(&CARD.replace("api: openai", "api: x").replace("id: reader", "ix: reader")));
    assert!(both.lines().count() >= 3, "everything at once: {both}");
}

#[test]
fn a_prompt_knows_what_it_has_to_be_given() {
    let ready = ReadyPrompt::new(read_prompt(PROMPT).unwrap()).unwrap();
    assert_eq!(ready.names().into_iter().collect::<Vec<_>>(), ["customer", "pages"]);
    let messages =
        ready.fill(&serde_json::json!({"customer": "N", "pages": [{"text": "a"}, {"text": "b"}]})).unwrap();
    assert_eq!((messages[0].text.as_str(), messages[1].text.trim()), ("You read claims of N.", "ab"));
    assert!(
        ready
            .fill(&serde_json::json!({"customer": "N"}))
            .unwrap_err()
            .contains("“user” of the prompt extract-claim")
    );
    for (from, to, says) in [
        ("{{ customer }}", "{{ steps.x.y }}", "nothing of “steps”"),
        ("{{ customer }}", "{{ secrets.key }}", "nothing of “secrets”"),
        ("{{ customer }}", "{{ customer", "not a template"),
        ("{{ customer }}", "{{ customer|uper }}", "no filter “uper”"),
        ("user: |", "usr: |", "A prompt needs “user”."),
    ] {
        let said = wrong(read_prompt(&PROMPT.replace(from, to)));
        assert!(said.contains(says), "{to}: {said}");
    }
}

#[test]
fn the_published_schemas_know_what_is_read() {
    for (file, text, fields) in [("model", CARD, &read::CARD[..]), ("prompt", PROMPT, &read::PROMPT[..])] {
        let path = format!("{}/../public/{file}.schema.json", env!("CARGO_MANIFEST_DIR"));
        let published: serde_json::Value =
            serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
        let mut known: Vec<_> = published["properties"].as_object().unwrap().keys().cloned().collect();
        let mut read: Vec<_> = fields.iter().map(|field| (*field).to_owned()).collect();
        known.sort();
        read.sort();
        assert_eq!(known, read, "{file}");
        let validator = jsonschema::validator_for(&published).unwrap();
        assert!(validator.is_valid(&crate::written::json(text).unwrap()), "{file}");
    }
}
