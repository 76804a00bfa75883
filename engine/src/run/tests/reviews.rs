//! Runs that wait for a person: what opens a review, what a decision comes to, and what happens when nobody decides.

use domain::ids::RunId;
use domain::people::Role;
use domain::review::{Level, ReviewState, Said, Trigger, Verdict};
use domain::workflow::WorkflowName;

use super::calls::{Says, Service};
use super::*;
use crate::people::{Invitation, People};
use crate::project::{Draft, Projects};
use crate::review::{Review, Reviews, Sought};
use crate::testing::people_of;

const CLAIM: &str = "
name: claim
steps:
  read:
    rule: {set: {total: input.total, sure: input.sure}, confidence: input.sure}
  check:
    needs: read
    review:
      of: read
      low_confidence:
        below: 'input.customer == \"Nordwind\" ? 0.95 : 0.8'
        fields: {total: {confidence: steps.read.sure, below: 0.5}}
      high_risk: {when: steps.read.total > 1000, because: It is over 1000.}
      key_customer: {when: input.customer == \"Nordwind\", because: Nordwind is looked at twice.}
      within: 1d
      otherwise: fail
      output: {type: object, required: [total], properties: {total: {type: integer, minimum: 0}}}
      reasons: [wrong amount, not a claim]
output: {total: steps.check.output.total, decision: steps.check.decision, by: steps.check.by}
";

/// Always looked at, and not for long.
fn brief(otherwise: &str) -> String {
    format!(
        "
name: brief
steps:
  read: {{rule: {{set: {{total: input.n}}}}}}
  check: {{needs: read, review: {{of: read, within: 200ms, {otherwise}}}}}
output: {{total: steps.check.output.total, decision: steps.check.decision}}
"
    )
}

struct Desk {
    floor: Floor,
    people: People,
    reviews: Reviews,
}

impl Desk {
    async fn new(db: &Db, sources: &[&str]) -> Self {
        let floor = Floor::new(db, World::Real).await;
        for source in sources {
            Workflows::new(db.clone()).apply(&floor.act(), source, None).await.unwrap();
        }
        Self { people: people_of(db.clone()), reviews: Reviews::new(db.clone(), floor.runs.clone()), floor }
    }

    async fn by(&self, name: &str, role: Role) -> Act {
        let invitation = Invitation {
            email: format!("{name}@example.com"),
            name: name.to_owned(),
            roles: vec![role.word().to_owned()],
            zone: "UTC".to_owned(),
        };
        let person =
            self.people.add(&self.floor.act(), &invitation, "marble kettle orbit fox").await.unwrap();
        Act::new(&self.floor.world, Actor::Person { person: person.into(), scopes: None }, "r")
    }

    async fn claim(&self, total: i64, sure: f64, customer: &str) -> RunId {
        self.floor.start("claim", json!({ "total": total, "sure": sure, "customer": customer })).await
    }

    /// Waits until a run waits for a person, and answers with what they are to look at.
    async fn opened(&self, run: RunId) -> Review {
        for _ in 0..1_000 {
            let whole = self.floor.whole(run).await;
            assert!(!whole.run.state.is_final(), "it did not wait: {whole:?}");
            if whole.run.state == RunState::NeedsReview {
                return whole.reviews.into_iter().find(|review| review.current).unwrap();
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        panic!("nobody is to look: {:?}", self.floor.whole(run).await);
    }

    async fn decide(&self, act: &Act, review: &Review, said: Said) -> Result<(), domain::Fault> {
        self.reviews.decide(act, review.id, said).await.map_err(crate::Error::into_fault)
    }
}

fn said(verdict: Verdict) -> Said {
    Said { verdict, output: None, reason: None, comment: None }
}

fn corrected(output: Value) -> Said {
    Said { output: Some(output), ..said(Verdict::Correct) }
}

fn output(whole: &Whole) -> Value {
    serde_json::from_str(whole.run.output.as_deref().unwrap_or_else(|| panic!("{whole:?}"))).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_trigger_opens_a_review_that_says_why() {
    on_both(async |db| {
        let sampled = CLAIM
            .replace("name: claim", "name: sampled")
            .replace("within: 1d", "within: 1d\n      sample: 1");
        let desk = Desk::new(&db, &[CLAIM, &sampled]).await;
        let pool = desk.floor.pool("w");
        let passed = desk.claim(10, 0.9, "Acme").await;
        let passed = desk.floor.ended(passed).await;
        assert_eq!(output(&passed), json!({"total": 10, "decision": "passed", "by": null}));
        assert!(passed.reviews.is_empty());

        let triggers =
            |review: &Review| -> Vec<_> { review.grounds.iter().map(|ground| ground.trigger).collect() };
        let unsure = desk.opened(desk.claim(10, 0.7, "Acme").await).await;
        assert_eq!(triggers(&unsure), [Trigger::LowConfidence]);
        assert_eq!((unsure.grounds[0].figure, unsure.grounds[0].limit), (Some(0.7), Some(0.8)));
        assert_eq!(
            (unsure.confidence, unsure.found.as_deref()),
            (Some(0.7), Some(r#"{"sure":0.7,"total":10}"#))
        );
        let by_field = desk.opened(desk.claim(10, 0.4, "Acme").await).await;
        assert_eq!(by_field.grounds[1].field.as_deref(), Some("total"));
        assert_eq!(triggers(&desk.opened(desk.claim(1001, 0.9, "Acme").await).await), [Trigger::HighRisk]);
        let key = desk.opened(desk.claim(10, 0.9, "Nordwind").await).await;
        assert_eq!(
            triggers(&key),
            [Trigger::LowConfidence, Trigger::KeyCustomer],
            "who asks for more confidence, too"
        );
        let unsaid = CLAIM.replace("name: claim", "name: unsaid").replace(", confidence: input.sure}", "}");
        let unsaid = unsaid.replace(
            "rule: {set: {total: input.total, sure: input.sure}",
            "rule: {set: {total: input.total, sure: '0.9'}",
        );
        assert!(unsaid.contains("sure: '0.9'}}"), "{unsaid}");
        Workflows::new(db.clone()).apply(&desk.floor.act(), &unsaid, None).await.unwrap();
        let unsaid = desk.floor.start("unsaid", json!({"total": 1, "customer": "Acme"})).await;
        let unsaid = desk.opened(unsaid).await;
        assert!(
            unsaid.grounds[0].said.contains("does not say how sure"),
            "what says nothing does not pass for sure"
        );
        let drawn = desk.floor.start("sampled", json!({"total": 1, "sure": 1.0, "customer": "Acme"})).await;
        assert_eq!(triggers(&desk.opened(drawn).await), [Trigger::Sample]);

        // Those that are due first come first, and the list can be narrowed.
        let act = desk.by("Rae", Role::Reviewer).await;
        let page = desk.reviews.list(&act, &Sought::default(), None, 2).await.unwrap();
        assert!(page.has_more && page.rows[0].id == unsure.id && page.rows[1].id == by_field.id);
        let rest = desk.reviews.list(&act, &Sought::default(), Some(by_field.id), 50).await.unwrap();
        assert_eq!(rest.rows.len(), 4);
        let risky = Sought { trigger: Some(Trigger::HighRisk), ..Sought::default() };
        assert_eq!(desk.reviews.list(&act, &risky, None, 50).await.unwrap().rows.len(), 1);
        pool.stop(Duration::from_secs(5)).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn how_sure_is_sure_enough_may_differ_by_project_and_by_class() {
    on_both(async |db| {
        let source = "
name: sorted
steps:
  read: {rule: {set: {kind: input.kind}, confidence: input.sure}}
  check:
    needs: read
    review:
      of: read
      low_confidence:
        below: 'project.code == \"ACME-1\" ? 0.9 : steps.read.kind == \"contract\" ? 0.8 : 0.5'
      key_customer: {when: project.client == \"Nordwind\", because: Nordwind is looked at twice.}
      within: 1d
      otherwise: fail
output: {decision: steps.check.decision}
";
        let desk = Desk::new(&db, &[source]).await;
        let projects = Projects::new(db.clone(), desk.people.clone());
        for (code, client) in [("ACME-1", "Acme"), ("NORD-1", "Nordwind")] {
            let draft = Draft {
                code: code.into(),
                name: code.into(),
                client: client.into(),
                currency: "EUR".into(),
                ..Draft::default()
            };
            projects.make(&desk.floor.act(), &draft).await.unwrap();
        }
        let pool = desk.floor.pool("w");
        for (project, kind, sure, trigger) in [
            (Some("ACME-1"), "letter", 0.85, Some(Trigger::LowConfidence)),
            (Some("ACME-1"), "letter", 0.95, None),
            (None, "letter", 0.85, None),
            (None, "contract", 0.75, Some(Trigger::LowConfidence)),
            (Some("NORD-1"), "letter", 0.99, Some(Trigger::KeyCustomer)),
        ] {
            let input = json!({ "kind": kind, "sure": sure });
            let start = Start { project: project.map(str::to_owned), ..item("sorted", input) };
            let started = desk.floor.runs.start(&desk.floor.act(), vec![start], false).await.unwrap();
            let run = started.into_iter().next().unwrap().unwrap().id;
            match trigger {
                Some(trigger) => assert_eq!(desk.opened(run).await.grounds[0].trigger, trigger),
                None => assert_eq!(output(&desk.floor.ended(run).await)["decision"], "passed"),
            }
        }
        pool.stop(Duration::from_secs(5)).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_failed_too_often_before_it_succeeded_is_looked_at() {
    on_both(async |db| {
        for (failures, is_looked_at) in [(1, false), (2, true)] {
            let mut says = vec![Says::Status(500); failures];
            says.push(Says::Fine);
            let service = Service::that(&says).await;
            let source = format!(
                "
name: shaky
steps:
  ask: {{http: {{method: POST, url: 'http://{}/x'}}, retry: {{attempts: 5, first: 1ms, most: 1ms}}}}
  check: {{needs: ask, review: {{of: ask, repeated_failure: 2, within: 1d, otherwise: fail}}}}
output: {{decision: steps.check.decision}}
",
                service.address
            );
            let desk = Desk::new(&db, &[&source]).await;
            let pool = desk.floor.pool("w");
            let run = desk.floor.start("shaky", json!({})).await;
            if is_looked_at {
                let ground = desk.opened(run).await.grounds.remove(0);
                assert_eq!(
                    (ground.trigger, ground.figure),
                    (Trigger::RepeatedFailure, Some(2.0)),
                    "{ground:?}"
                );
            } else {
                assert_eq!(output(&desk.floor.ended(run).await)["decision"], "passed");
            }
            pool.stop(Duration::from_secs(5)).await;
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_decision_is_what_the_run_goes_on_with() {
    on_both(async |db| {
        let desk = Desk::new(&db, &[CLAIM]).await;
        let pool = desk.floor.pool("w");
        let (rae, bo) = (desk.by("Rae", Role::Reviewer).await, desk.by("Bo", Role::Reviewer).await);
        let run = desk.claim(10, 0.1, "Acme").await;
        let review = desk.opened(run).await;
        desk.decide(&rae, &review, said(Verdict::Accept)).await.unwrap();
        assert_eq!(
            output(&desk.floor.ended(run).await),
            json!({"total": 10, "decision": "accept", "by": "Rae"})
        );
        // Sent again because the network was lost it is the same; by somebody else it comes too late.
        desk.decide(&rae, &review, said(Verdict::Accept)).await.unwrap();
        let late = desk.decide(&bo, &review, said(Verdict::Accept)).await.unwrap_err();
        assert_eq!(
            (late.kind, late.message.as_str()),
            (domain::FaultKind::Conflict, "Rae has decided this review already.")
        );

        let run = desk.claim(10, 0.1, "Acme").await;
        let review = desk.opened(run).await;
        let misfit = desk.decide(&rae, &review, corrected(json!({"total": -1}))).await.unwrap_err();
        assert_eq!(misfit.fields[0].field, "output/total");
        let annotator = desk.by("Ann", Role::Annotator).await;
        let may_not = desk.decide(&annotator, &review, said(Verdict::Accept)).await.unwrap_err();
        assert_eq!(may_not.kind, domain::FaultKind::Forbidden);
        assert_eq!(
            desk.floor.whole(run).await.run.state,
            RunState::NeedsReview,
            "what was refused changes nothing"
        );
        desk.decide(&rae, &review, corrected(json!({"total": 12}))).await.unwrap();
        let whole = desk.floor.ended(run).await;
        assert_eq!(output(&whole), json!({"total": 12, "decision": "correct", "by": "Rae"}));
        assert_eq!(
            whole.reviews[0].output.as_deref(),
            Some(r#"{"total":12}"#),
            "kept for those who learn from it"
        );

        let run = desk.claim(10, 0.1, "Acme").await;
        let review = desk.opened(run).await;
        let reason = Some("not a claim".to_owned());
        desk.decide(&rae, &review, Said { reason, ..said(Verdict::Reject) }).await.unwrap();
        let whole = desk.floor.ended(run).await;
        assert_eq!((whole.run.state, whole.dead.is_none()), (RunState::Failed, true));
        assert_eq!(whole.run.error.as_deref(), Some("check: Rejected by Rae: not a claim"));
        let numbers = desk
            .floor
            .runs
            .numbers(&desk.floor.act(), &WorkflowName::parse("claim").unwrap(), 1)
            .await
            .unwrap()
            .unwrap();
        let check = numbers.steps.iter().find(|step| step.step == "check").unwrap();
        assert_eq!((check.opened, check.decided, check.overridden), (3, 3, 2));

        // Tried again, somebody looks again; what was decided before is kept.
        desk.floor.runs.retry(&desk.floor.act(), run, None).await.unwrap();
        let again = desk.opened(run).await;
        assert_ne!(again.id, review.id);
        desk.floor.runs.cancel(&desk.floor.act(), run).await.unwrap();
        let gone = desk.decide(&rae, &again, said(Verdict::Accept)).await.unwrap_err();
        assert_eq!(gone.message, "This review is not needed any more: its run was ended.");
        let states: Vec<_> = desk.floor.whole(run).await.reviews.iter().map(|review| review.state).collect();
        assert_eq!(states, [ReviewState::Decided, ReviewState::Withdrawn]);
        pool.stop(Duration::from_secs(5)).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_decides_in_time_is_done_as_the_definition_says() {
    on_both(async |db| {
        let default = brief("otherwise: default, default: {total: input.n * 2}");
        let desk = Desk::new(&db, &[&default]).await;
        let pool = desk.floor.pool("w");
        let (rae, max) = (desk.by("Rae", Role::Reviewer).await, desk.by("Max", Role::Manager).await);
        let run = desk.floor.start("brief", json!({"n": 4})).await;
        assert_eq!(output(&desk.floor.ended(run).await), json!({"total": 8, "decision": "default"}));

        let apply = async |source: &str| {
            Workflows::new(db.clone()).apply(&desk.floor.act(), source, None).await.unwrap();
            desk.floor.start("brief", json!({"n": 4})).await
        };
        let run = apply(&brief("otherwise: fail")).await;
        let whole = desk.floor.ended(run).await;
        assert_eq!(whole.run.error.as_deref(), Some("check: Nobody has decided within 200ms."));
        assert!(whole.dead.is_some() && whole.reviews[0].state == ReviewState::Lapsed);
        let late = desk.decide(&rae, &whole.reviews[0], said(Verdict::Accept)).await;
        assert_eq!(late.unwrap_err().message, "The time for this review has run out.");

        // The managers get as much time again, and then it fails; and meanwhile only they can decide.
        let run = apply(&brief("otherwise: escalate")).await;
        let whole = desk.floor.ended(run).await;
        assert!(whole.run.error.unwrap().contains("Neither reviewers nor managers"));
        assert_eq!(whole.reviews[0].level, Level::Managers);
        let run = apply(&brief("otherwise: escalate").replace("200ms", "2s")).await;
        let review = desk.opened(run).await;
        desk.reviews.escalate(&rae, review.id, Some("Odd.")).await.unwrap();
        let refused = desk.decide(&rae, &review, said(Verdict::Accept)).await.unwrap_err();
        assert_eq!(refused.kind, domain::FaultKind::Forbidden);
        assert!(desk.floor.whole(run).await.reviews[0].due_at > review.due_at);
        desk.decide(&max, &review, said(Verdict::Accept)).await.unwrap();
        let whole = desk.floor.ended(run).await;
        assert_eq!(output(&whole)["decision"], "accept");
        assert!(whole.events.iter().any(|event| event.kind == "escalated" && event.detail.ends_with("Odd.")));
        pool.stop(Duration::from_secs(5)).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_decision_counts_if_it_was_acknowledged_however_late() {
    on_both(async |db| {
        let desk = Desk::new(&db, &[&brief("otherwise: default")]).await;
        let pools = [desk.floor.pool("one"), desk.floor.pool("other")];
        let act = desk.by("Rae", Role::Reviewer).await;
        let mut told = Vec::new();
        for n in 0..20 {
            let run = desk.floor.start("brief", json!({ "n": n })).await;
            let review = desk.opened(run).await;
            // Long before the time runs out, just before, and just after.
            let left = (review.due_at - desk.floor.world.now()).to_std().unwrap_or_default();
            let early = Duration::from_millis(80);
            tokio::time::sleep((left + Duration::from_millis(n * 4)).saturating_sub(early)).await;
            told.push((run, desk.decide(&act, &review, corrected(json!({"total": -1}))).await.is_ok()));
        }
        for (run, acknowledged) in &told {
            let whole = desk.floor.ended(*run).await;
            let decision = if *acknowledged { "correct" } else { "default" };
            assert_eq!(output(&whole)["decision"], decision, "{whole:?}");
            let decided = whole.reviews[0].state == ReviewState::Decided;
            assert_eq!(decided, *acknowledged);
        }
        assert!(told.iter().any(|(_, acknowledged)| *acknowledged), "none was in time");
        for pool in pools {
            pool.stop(Duration::from_secs(5)).await;
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_step_that_fails_for_good_is_done_by_another_and_last_by_a_person() {
    on_both(async |db| {
        let source = "
name: stubborn
steps:
  ask: {http: {url: 'http://127.0.0.1:9/'}, retry: {attempts: 2, first: 1ms}, unavailable: fail, fallback: guess}
  guess: {rule: {set: {total: input.guess}}, fallback: person}
  person: {review: {of: ask, within: 1d, otherwise: fail}}
  double: {needs: ask, rule: {set: {total: steps.ask.total * 2}}}
output: {total: steps.double.total}
";
        let desk = Desk::new(&db, &[source]).await;
        let pool = desk.floor.pool("w");
        let run = desk.floor.start("stubborn", json!({"guess": 4})).await;
        let whole = desk.floor.ended(run).await;
        assert_eq!(output(&whole), json!({"total": 8}));
        let tried: Vec<_> =
            tried(&whole).into_iter().map(|(step, _, state)| format!("{step} {state}")).collect();
        assert_eq!(
            tried,
            ["ask failed", "ask failed", "guess success", "ask success", "person skipped", "double success"]
        );

        // What cannot even be guessed is asked of a person, who is told what went wrong.
        let run = desk.floor.start("stubborn", json!({"no": "guess"})).await;
        let review = desk.opened(run).await;
        assert_eq!((review.grounds[0].trigger, &review.found), (Trigger::RepeatedFailure, &None));
        let rae = desk.by("Rae", Role::Reviewer).await;
        // Looked at again for another reason, it goes on waiting.
        desk.floor.runs.signal(&desk.floor.act(), run, "nothing-waits-for-this", &json!({})).await.unwrap();
        desk.floor.is_left_alone(run).await;
        let nothing = desk.decide(&rae, &review, said(Verdict::Accept)).await.unwrap_err();
        assert_eq!(nothing.fields[0].field, "verdict");
        desk.decide(&rae, &review, corrected(json!({"total": 21}))).await.unwrap();
        assert_eq!(output(&desk.floor.ended(run).await), json!({"total": 42}));

        // Done again from the step, everything in its place is done again, too.
        let from_fallback =
            desk.floor.runs.retry(&desk.floor.act(), run, Some("guess")).await.unwrap_err().into_fault();
        assert!(from_fallback.fields[0].message.contains("in the place of “ask”"));
        desk.floor.runs.retry(&desk.floor.act(), run, Some("ask")).await.unwrap();
        assert_ne!(desk.opened(run).await.id, review.id);
        pool.stop(Duration::from_secs(5)).await;
    })
    .await;
}
