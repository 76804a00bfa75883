use super::*;
use crate::artifact::Reference;
use crate::project::{Draft, Projects};
use crate::testing::people_of;

#[tokio::test]
async fn the_same_key_is_the_same_run_and_with_another_input_a_conflict() {
    on_both(async |db| {
        let floor = Floor::new(&db, staged_world()).await;
        let first = floor.runs.start(&floor.act(), vec![keyed("a", 1)], false).await.unwrap();
        let first = *first[0].as_ref().unwrap();
        assert!(first.made);
        let items = vec![keyed("a", 1), keyed("a", 2), keyed("b", 2), keyed("b", 2)];
        let again = floor.runs.start(&floor.act(), items, false).await.unwrap();
        assert_eq!(again[0].as_ref().unwrap(), &Started { made: false, ..first });
        let refused = again[1].as_ref().unwrap_err();
        assert!(
            refused.message.contains("another input") && refused.message.contains(&first.id.to_string()),
            "{refused:?}"
        );
        // Twice in one batch is one run, too.
        let (one, other) = (again[2].as_ref().unwrap(), again[3].as_ref().unwrap());
        assert_eq!((one.id, one.made, other.made), (other.id, true, false));
        let all = floor.runs.list(&floor.act(), &Wanted::default(), None, 10).await.unwrap();
        assert_eq!(all.rows.len(), 2);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_who_start_the_same_at_once_one_makes_it() {
    on_both(async |db| {
        let floor = Floor::new(&db, World::Real).await;
        let starting: Vec<_> = (0..12)
            .map(|n| {
                let (runs, act) = (floor.runs.clone(), floor.act());
                let mut items: Vec<_> = (0..20).map(|n| keyed(&format!("k{n}"), n)).collect();
                // Each in another order, which must not make them wait in a circle.
                items.rotate_left(n);
                tokio::spawn(async move { runs.start(&act, items, false).await.unwrap() })
            })
            .collect();
        let mut made = 0;
        for starting in starting {
            made += starting.await.unwrap().into_iter().filter(|one| one.as_ref().unwrap().made).count();
        }
        assert_eq!(made, 20);
    })
    .await;
}

#[tokio::test]
async fn each_item_has_its_own_answer_unless_all_or_none_is_asked_for() {
    on_both(async |db| {
        let floor = Floor::new(&db, staged_world()).await;
        let items = || {
            vec![
                item("choosy", json!({ "n": 1 })),
                item("choosy", json!({ "n": "one" })),
                item("nothing", json!({})),
                Start { key: Some("x\u{1}".to_owned()), ..item("chain", json!({ "n": 1 })) },
            ]
        };
        let answers = floor.runs.start(&floor.act(), items(), true).await.unwrap();
        assert!(answers.iter().all(Result::is_err));
        let none = floor.runs.list(&floor.act(), &Wanted::default(), None, 10).await.unwrap();
        assert_eq!(none.rows.len(), 0);

        let answers = floor.runs.start(&floor.act(), items(), false).await.unwrap();
        assert!(answers[0].is_ok());
        let fields = |n: usize| -> Vec<_> {
            let fault = answers[n].as_ref().unwrap_err();
            fault.fields.iter().map(|fault| fault.field.clone()).collect()
        };
        assert_eq!(
            (fields(1), fields(2), fields(3)),
            (vec!["input/n".into()], vec!["workflow".into()], vec!["key".into()])
        );

        // A key that is taken by another input keeps all from being started, too.
        floor.runs.start(&floor.act(), vec![keyed("taken", 1)], true).await.unwrap()[0].as_ref().unwrap();
        let answers =
            floor.runs.start(&floor.act(), vec![keyed("free", 1), keyed("taken", 2)], true).await.unwrap();
        assert!(answers.iter().all(Result::is_err), "{answers:?}");
        let key = Wanted { key: Some("free".to_owned()), ..Wanted::default() };
        assert_eq!(floor.runs.list(&floor.act(), &key, None, 10).await.unwrap().rows.len(), 0);
    })
    .await;
}

#[tokio::test]
async fn lists_are_narrowed_and_paged_by_key() {
    on_both(async |db| {
        let floor = Floor::new(&db, staged_world()).await;
        for n in 0..5 {
            floor.start("chain", json!({ "n": n })).await;
            floor.start("choosy", json!({ "n": n })).await;
            floor.world.advance(chrono::TimeDelta::minutes(1));
        }
        let cancelled = floor.start("chain", json!({ "n": 9 })).await;
        floor.runs.cancel(&floor.act(), cancelled).await.unwrap();
        let count = async |wanted: Wanted| {
            let (mut all, mut before) = (Vec::new(), None);
            loop {
                let page = floor.runs.list(&floor.act(), &wanted, before, 2).await.unwrap();
                all.extend(page.rows.iter().map(|line| line.id));
                before = page.next;
                if before.is_none() {
                    assert!(all.is_sorted_by(|one, other| one > other), "the newest first, each once");
                    return all.len();
                }
            }
        };
        let workflow = |name: &str| domain::workflow::WorkflowName::parse(name).ok();
        let chain = Wanted { workflow: workflow("chain"), ..Wanted::default() };
        assert_eq!(count(Wanted::default()).await, 11);
        assert_eq!(count(chain.clone()).await, 6);
        assert_eq!(count(Wanted { state: Some(RunState::Pending), ..Wanted::default() }).await, 10);
        assert_eq!(count(Wanted { state: Some(RunState::Cancelled), ..chain }).await, 1);
        assert_eq!(count(Wanted { workflow: workflow("nothing"), ..Wanted::default() }).await, 0);
        let start = floor.world.now() - chrono::TimeDelta::minutes(3);
        assert_eq!(count(Wanted { from: Some(start), ..Wanted::default() }).await, 7);
        assert_eq!(count(Wanted { until: Some(start), ..Wanted::default() }).await, 4);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_large_is_set_aside_and_goes_its_way_all_the_same() {
    on_both(async |db| {
        let floor = Floor::new(&db, World::Real).await;
        let source = "
name: large
steps:
  one: {rule: {set: {text: 'input.text + input.text'}}}
  rest: {needs: one, wait: {for: 200ms}}
  last: {needs: rest, rule: {set: {whole: 'steps.one.text == input.text + input.text', text: steps.one.text}}}
output: {whole: steps.last.whole, text: steps.last.text}
";
        Workflows::new(db.clone()).apply(&floor.act(), source, None).await.unwrap();
        let pool = floor.pool("w");
        let text = "é".repeat(40_000);
        let run = floor.start("large", json!({ "text": text })).await;
        let whole = floor.ended(run).await;
        assert_eq!(whole.run.state, RunState::Success, "{:?}", whole.run.error);
        // None of it stands in the rows that are read all the time.
        let rows = [whole.run.input.as_str(), whole.run.output.as_deref().unwrap()]
            .into_iter()
            .chain(whole.attempts.iter().filter_map(|attempt| attempt.output.as_deref()));
        let rows: Vec<_> = rows.map(str::len).collect();
        assert!(rows.len() >= 4 && rows.iter().all(|length| *length < 1_000), "{rows:?}");
        let output = Reference::read(whole.run.output.as_deref().unwrap()).unwrap();
        let content = floor.runs.artifact(&floor.act(), run, &output.name()).await.unwrap();
        let content: Value = serde_json::from_slice(&content).unwrap();
        assert_eq!(content, json!({ "whole": true, "text": format!("{text}{text}") }));
        assert!(floor.runs.artifact(&floor.act(), run, &"0".repeat(64)).await.is_err());

        // The same item once more is the same artifact.
        let again = floor.runs.rerun(&floor.act(), run).await.unwrap();
        let again = floor.ended(again).await;
        assert_eq!((&again.run.input, &again.run.output), (&whole.run.input, &whole.run.output));
        pool.stop(Duration::from_secs(5)).await;
    })
    .await;
}

#[tokio::test]
async fn runs_belong_to_projects_and_are_found_by_them() {
    on_both(async |db| {
        let floor = Floor::new(&db, staged_world()).await;
        let act = floor.act();
        let projects = Projects::new(db.clone(), people_of(db.clone()));
        for code in ["ONE", "SHUT"] {
            let draft = Draft {
                code: code.to_owned(),
                name: "A project".to_owned(),
                client: "Somebody".to_owned(),
                currency: "EUR".to_owned(),
                ..Draft::default()
            };
            let project = projects.make(&act, &draft).await.unwrap();
            if code == "SHUT" {
                let shut = Draft { status: "closed".to_owned(), version: 1, ..draft };
                projects.change(&act, project.id, &shut).await.unwrap();
            }
        }
        let of = |code: &str, start: Start| Start { project: Some(code.to_owned()), ..start };
        let items = vec![
            of("one", keyed("a", 1)),
            of("ONE", item("choosy", json!({ "n": 2 }))),
            keyed("b", 3),
            of("NONE", item("chain", json!({ "n": 4 }))),
            of("SHUT", item("chain", json!({ "n": 5 }))),
        ];
        let all = floor.runs.start(&act, items, false).await.unwrap();
        let said: Vec<_> =
            all.iter().map(|one| one.as_ref().err().and_then(|fault| fault.of("project"))).collect();
        assert_eq!(said[3..], [Some("There is no project “NONE”."), Some("The project SHUT is closed.")]);
        // The same key for another project is another item.
        let other = floor.runs.start(&act, vec![keyed("a", 1)], false).await.unwrap().remove(0).unwrap_err();
        assert_eq!(other.kind, domain::FaultKind::Conflict);
        let same = floor.runs.start(&act, vec![of("ONE", keyed("a", 1))], false).await.unwrap().remove(0);
        assert!(!same.unwrap().made);

        let found = async |wanted: Wanted| {
            let page = floor.runs.list(&act, &wanted, None, 10).await.unwrap();
            let rows = page.rows.into_iter();
            let mut found: Vec<_> = rows.map(|line| (line.workflow.to_string(), line.project)).collect();
            // Made within the same moment, they come in any order.
            found.sort();
            found
        };
        let code = domain::project::ProjectCode::parse("ONE").ok();
        let one = Wanted { project: code.clone(), ..Wanted::default() };
        let in_one = |workflow: &str| (workflow.to_owned(), code.clone());
        assert_eq!(found(one.clone()).await, [in_one("chain"), in_one("choosy")]);
        let chain = domain::workflow::WorkflowName::parse("chain").ok();
        assert_eq!(found(Wanted { workflow: chain.clone(), ..one.clone() }).await, [in_one("chain")]);
        assert_eq!(found(Wanted { state: Some(RunState::Pending), ..one.clone() }).await.len(), 2);
        assert_eq!(found(Wanted { state: Some(RunState::Failed), ..one.clone() }).await.len(), 0);
        assert_eq!(found(Wanted { text: Some("\"N\":2".to_owned()), ..one }).await, [in_one("choosy")]);
        assert_eq!(found(Wanted::default()).await.len(), 3);
        let run = all[0].as_ref().unwrap().id;
        assert_eq!(floor.whole(floor.runs.rerun(&act, run).await.unwrap()).await.run.project, code);
    })
    .await;
}

#[tokio::test]
async fn a_text_is_looked_for_in_what_came_in_in_errors_in_keys_and_in_ids() {
    on_both(async |db| {
        let floor = Floor::new(&db, staged_world()).await;
        let act = floor.act();
        let start = async |key: &str, word: &str| {
            floor.world.advance(chrono::TimeDelta::seconds(1));
            let item = Start { key: Some(key.to_owned()), ..item("chain", json!({ "n": 1, "word": word })) };
            floor.runs.start(&act, vec![item], false).await.unwrap().remove(0).unwrap().id
        };
        let (percent, plain, named) = (
            start("k1", "100% Wool").await,
            start("k2", "1000 wool").await,
            start("order-wool-7", "x").await,
        );
        let found = async |text: &str| {
            let wanted = Wanted { text: Some(text.to_owned()), ..Wanted::default() };
            let page = floor.runs.list(&act, &wanted, None, 10).await.unwrap();
            page.rows.into_iter().map(|line| line.id).collect::<Vec<_>>()
        };
        assert_eq!(found("WOOL").await, [named, plain, percent]);
        assert_eq!(found("0% w").await, [percent]);
        assert_eq!(found("order-wool-7").await, [named]);
        assert_eq!(found(&plain.to_string()).await, [plain]);
        assert_eq!(found("nothing like it").await, []);
        floor.runs.cancel(&act, plain).await.unwrap();
        assert_eq!(found("cancelled BY test").await, [plain]);
        let wanted = Wanted { text: Some("wool".to_owned()), ..Wanted::default() };
        let swept = floor.runs.would_sweep(&act, &wanted, domain::run::Sweep::Cancel).await.unwrap();
        assert_eq!(swept.runs, 2);
    })
    .await;
}
