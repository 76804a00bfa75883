//! Steps that ask models, which are slow, wrong, rude or away; a stand-in plays them all.

use domain::run::DeadReason;
use serde_json::Value;
use stand_in::Manners;

use super::*;
use crate::shelf::Shelves;

const PROMPT: &str = "
prompt: extract-invoice
system: You read invoices.
user: |
  Read this:
  {{ text }}
";

/// A model with a fault of its own behind the plus, and what is done with its answers.
struct Reader<'a> {
    id: &'a str,
    api: &'a str,
    /// Lines of the step, beside model, prompt, with and output.
    more: &'a str,
    /// Of the step, beside llm.
    beside: &'a str,
}

impl Default for Reader<'_> {
    fn default() -> Self {
        Self { id: "stand-in", api: "openai", more: "", beside: "" }
    }
}

impl Reader<'_> {
    async fn floor(&self, db: &Db) -> Floor {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(stand_in::serve(listener, Manners::default()));
        let Self { id, api, more, beside } = self;
        let card = format!(
            "{{model: reader, api: {api}, url: 'http://{address}/v1', id: {id}, key: token, \
              price: {{input: 1, output: 10}}}}"
        );
        let workflow = format!(
            "
name: read
steps:
  extract:
    llm:
      model: reader
      prompt: extract-invoice
      with: {{text: input.text}}
      output:
        type: object
        required: [total, kind]
        additionalProperties: false
        properties: {{total: {{type: number}}, kind: {{enum: [invoice, reminder]}}, sure: {{type: number}}}}
{more}
    timeout: 2s
    retry: {{attempts: 2, first: 10ms}}
{beside}
  book: {{needs: extract, rule: {{set: {{total: steps.extract.total}}}}}}
output: {{total: steps.book.total}}
"
        );
        let floor = Floor::new(db, World::Real).await;
        let shelves = Shelves::new(db);
        for source in [card.as_str(), PROMPT, &workflow] {
            shelves.apply(&floor.act(), source, None).await.unwrap();
        }
        // Each of these is a model that nothing is known of yet.
        let mut tx = db.begin().await.unwrap();
        crate::run_tx!(tx, sqlx::query("DELETE FROM breaker")).unwrap();
        tx.commit().await.unwrap();
        floor
    }

    async fn reads(&self, db: &Db) -> Whole {
        let floor = self.floor(db).await;
        let pool = floor.pool("w");
        let text = "Total: 120.50 EUR\nKind: invoice\n";
        let whole = floor.ended(floor.start("read", json!({ "text": text })).await).await;
        assert!(pool.stop(Duration::from_secs(5)).await);
        whole
    }
}

fn detail(attempt: &Attempt) -> Value {
    serde_json::from_str(attempt.detail.as_deref().unwrap()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_is_asked_and_all_that_was_said_and_paid_is_kept() {
    on_both(async |db| {
        for api in ["openai", "anthropic"] {
            let whole =
                Reader { api, more: "      confidence: output.sure", ..Reader::default() }.reads(&db).await;
            assert_eq!((whole.run.state, whole.run.error.as_deref()), (RunState::Success, None), "{api}");
            assert_eq!(whole.run.output.as_deref(), Some(r#"{"total":120.5}"#));
            let attempt = &whole.attempts[0];
            assert_eq!(attempt.confidence, Some(0.97));
            let kept = detail(attempt);
            assert_eq!(
                kept["model"],
                json!({"name": "reader", "version": whole.run.version, "id": "stand-in"})
            );
            assert_eq!(kept["prompt"]["version"], 1);
            assert!(
                kept["messages"][1]["content"].as_str().unwrap().contains("Read this:\nTotal: 120.50 EUR")
            );
            assert!(kept["exchanges"][0]["said"].as_str().unwrap().contains("120.5"));
            let (read, written) = (kept["tokens_in"].as_i64().unwrap(), kept["tokens_out"].as_i64().unwrap());
            assert!(read > 0 && written > 0);
            // A dollar for a million tokens in is a millionth for each.
            assert_eq!(attempt.cost, Some(read + 10 * written));
            assert!(!attempt.detail.as_deref().unwrap().contains("hunter2"), "the key is kept");
            let act = Floor { runs: Runs::new(db.clone()), world: World::Real }.act();
            let name = domain::workflow::WorkflowName::parse("read").unwrap();
            let numbers = Runs::new(db.clone()).numbers(&act, &name, 24).await.unwrap().unwrap();
            assert!(numbers.cost >= attempt.cost.unwrap() && numbers.steps.iter().any(|step| step.cost > 0));
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_does_not_fit_is_mended_once_and_then_asked_for_again() {
    on_both(async |db| {
        let mended = Reader { id: "stand-in+unfit-once", ..Reader::default() }.reads(&db).await;
        assert_eq!(tried(&mended)[0], ("extract".to_owned(), 1, "success"));
        let kept = detail(&mended.attempts[0]);
        assert_eq!(kept["exchanges"][0]["why"], "ask");
        assert!(kept["exchanges"][0]["wrong"][0].as_str().unwrap().contains("total"), "{kept}");
        assert_eq!(
            (&kept["exchanges"][1]["why"], &kept["exchanges"][1]["wrong"]),
            (&json!("repair"), &Value::Null)
        );

        let never = Reader { id: "stand-in+unfit", ..Reader::default() }.reads(&db).await;
        assert_eq!(tried(&never), [("extract".to_owned(), 1, "failed"), ("extract".to_owned(), 2, "failed")]);
        assert_eq!(never.dead.as_ref().unwrap().reason, DeadReason::Exhausted);
        assert!(
            never.run.error.as_deref().unwrap().contains("neither did the one before"),
            "{:?}",
            never.run.error
        );
        assert_eq!(detail(&never.attempts[1])["exchanges"].as_array().unwrap().len(), 2);
        assert!(
            never.attempts.iter().all(|attempt| attempt.cost > Some(0)),
            "what does not fit is paid for, too"
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_way_a_model_can_go_wrong_has_an_end_and_a_word_for_it() {
    on_both(async |db| {
        // What is wrong, how often it is tried, what is said.
        for (oddity, tries, word) in [
            ("html", 2, "cannot be read"),
            ("nothing", 2, "cannot be read"),
            ("half", 2, "broke off"),
            ("huge", 2, "more than 1024 kB"),
            ("late", 2, "took too long"),
            ("busy", 2, "status 429"),
            ("error", 2, "status 500"),
            ("bad-json", 2, "not JSON"),
            ("cut", 2, "too long"),
            ("refusal", 2, "will not answer"),
            ("forbidden", 1, "status 403"),
        ] {
            let id = format!("stand-in+{oddity}");
            let whole = Reader { id: &id, ..Reader::default() }.reads(&db).await;
            assert_eq!(whole.run.state, RunState::Failed, "{oddity}");
            assert_eq!(tried(&whole).len(), tries, "{oddity}");
            let error = whole.run.error.unwrap();
            assert!(error.contains(word), "{oddity}: {error}");
        }
        let fenced = Reader { id: "stand-in+fenced", ..Reader::default() }.reads(&db).await;
        assert_eq!(fenced.run.state, RunState::Success, "a fence around JSON is no fault");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_model_cannot_do_is_done_by_its_fallback_and_at_last_by_a_person() {
    on_both(async |db| {
        let beside = "    fallback: guess\n  guess: {rule: {set: {total: '0.0', kind: '\"invoice\"'}}}";
        let guessed = Reader { id: "stand-in+forbidden", beside, ..Reader::default() }.reads(&db).await;
        assert_eq!(guessed.run.output.as_deref(), Some(r#"{"total":0.0}"#));
        assert_eq!(guessed.attempts.iter().filter(|attempt| attempt.cost.is_some()).count(), 1);

        let beside = "    fallback: person\n  person: {review: {of: extract, within: 1d, otherwise: fail}}";
        let floor = Reader { id: "stand-in+forbidden", beside, ..Reader::default() }.floor(&db).await;
        let pool = floor.pool("w");
        let run = floor.start("read", json!({ "text": "Total: 7" })).await;
        for _ in 0..400 {
            if floor.whole(run).await.run.state == RunState::NeedsReview {
                break;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        assert_eq!(floor.whole(run).await.run.state, RunState::NeedsReview);
        pool.stop(Duration::from_secs(5)).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn how_sure_it_is_comes_from_its_words_or_from_several_answers() {
    on_both(async |db| {
        let likely = Reader { more: "      confidence: logprobs", ..Reader::default() }.reads(&db).await;
        assert!((likely.attempts[0].confidence.unwrap() - 0.97).abs() < 0.01);
        let unsaid = Reader { api: "anthropic", more: "      confidence: logprobs", ..Reader::default() };
        assert_eq!(unsaid.reads(&db).await.attempts[0].confidence, None, "what is not said is not made up");

        let several = "      samples: 5\n      confidence: agreement\n      agree_on: output.total";
        let agreeing = Reader { more: several, ..Reader::default() }.reads(&db).await;
        assert_eq!(agreeing.attempts[0].confidence, Some(1.0));
        assert_eq!(detail(&agreeing.attempts[0])["exchanges"].as_array().unwrap().len(), 5);
        let wavering =
            Reader { id: "stand-in+wavering", more: several, ..Reader::default() }.reads(&db).await;
        let share = wavering.attempts[0].confidence.unwrap();
        assert!((0.2..=1.0).contains(&share));
        let kept = detail(&wavering.attempts[0]);
        assert_eq!(kept["agreement"].as_f64(), Some(share));
        let said: Vec<_> =
            kept["exchanges"].as_array().unwrap().iter().map(|one| one["said"].as_str().unwrap()).collect();
        let most = said.iter().map(|one| said.iter().filter(|other| *other == one).count()).max().unwrap();
        assert!((f64::from(u32::try_from(most).unwrap()) / 5.0 - share).abs() < 1e-9, "{share} of {said:?}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_stays_with_the_models_and_prompts_its_version_has_chosen() {
    on_both(async |db| {
        let floor = Reader::default().floor(&db).await;
        let shelves = Shelves::new(&db);
        let before = floor.start("read", json!({ "text": "Total: 7" })).await;
        let newer = PROMPT.replace("Read this", "Read this well");
        assert_eq!(shelves.apply(&floor.act(), &newer, None).await.unwrap().version, 2);
        // The workflow takes it when it is applied again, and says so.
        let workflows = &shelves.workflows;
        let source = workflows.open(&floor.act(), "read", None).await.unwrap().version.source;
        let plan = workflows.apply(&floor.act(), &source, None).await.unwrap();
        let crate::shelf::Change::Changed { difference } = plan.change else { panic!("{plan:?}") };
        assert!(difference.contains("+# extract asks reader@1 with extract-invoice@2"), "{difference}");
        let after = floor.start("read", json!({ "text": "Total: 7" })).await;
        let pool = floor.pool("w");
        let prompt_of = async |run| {
            let whole = floor.ended(run).await;
            detail(&whole.attempts[0])["prompt"]["version"].clone()
        };
        assert_eq!((prompt_of(before).await, prompt_of(after).await), (json!(1), json!(2)));
        pool.stop(Duration::from_secs(5)).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_definition_names_has_to_be_there_and_to_fit() {
    on_both(async |db| {
        let floor = Reader::default().floor(&db).await;
        let workflows = Shelves::new(&db).workflows;
        let source = workflows.open(&floor.act(), "read", None).await.unwrap().version.source;
        for (from, to, says) in [
            ("model: reader", "model: writer", "the model writer, which there is not"),
            ("model: reader", "model: reader@9", "the model reader@9, which there is not"),
            ("prompt: extract-invoice", "prompt: extract", "the prompt extract, which there is not"),
            ("with: {text: input.text}", "with: {words: input.text}", "its “text”"),
            (
                "with: {text: input.text}",
                "with: {text: input.text, also: input.text}",
                "“also”, which it does not use",
            ),
        ] {
            let fault =
                workflows.plan(&floor.act(), &source.replace(from, to)).await.unwrap_err().into_fault();
            let all: Vec<_> = fault.fields.iter().map(|field| field.message.as_str()).collect();
            assert!(all.iter().any(|message| message.contains(says)), "{to}: {all:?}");
        }
    })
    .await;
}
