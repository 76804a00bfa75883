use super::*;
use crate::artifact::Reference;

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
                before = page.rows.last().map(|line| line.id);
                if !page.has_more {
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
