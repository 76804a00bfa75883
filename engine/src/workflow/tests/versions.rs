//! Versions of definitions, on both databases.

use std::sync::Arc;

use super::*;
use crate::act::{Act, Actor};
use crate::audit::{Audit, Filter};
use crate::shelf::Change;
use crate::testing::{on_both, staged_world};

fn act() -> Act {
    Act::new(&staged_world(), Actor::System("test"), "req")
}

fn source(value: usize) -> String {
    format!("name: count\nsteps:\n  one:\n    rule:\n      set: {{x: '{value}'}}\n")
}

#[tokio::test(flavor = "multi_thread")]
async fn versions_are_numbered_without_gaps_whoever_applies_at_once() {
    on_both(async |db| {
        let workflows = Arc::new(Workflows::new(db.clone()));
        let applying: Vec<_> = (0..20)
            .map(|n| {
                let workflows = Arc::clone(&workflows);
                tokio::spawn(async move { workflows.apply(&act(), &source(n), None).await.unwrap().version })
            })
            .collect();
        let mut numbers = Vec::new();
        for one in applying {
            numbers.push(one.await.unwrap());
        }
        numbers.sort_unstable();
        assert_eq!(numbers, (1..=20).collect::<Vec<_>>());
        let first = workflows.versions(&act(), "count", None, 15).await.unwrap();
        assert_eq!((first.rows.len(), first.has_more, first.rows[0].number), (15, true, 20));
        let rest = workflows.versions(&act(), "count", Some(first.rows[14].number), 15).await.unwrap();
        assert_eq!((rest.rows.len(), rest.has_more), (5, false));
        let applied = Filter { action: Some("workflow.applied".to_owned()), ..Filter::default() };
        assert_eq!(Audit::new(db).page(&act(), &applied, 50).await.unwrap().rows.len(), 20);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_says_the_same_is_no_new_version_and_leaves_no_trace() {
    on_both(async |db| {
        let workflows = Workflows::new(db.clone());
        assert_eq!(workflows.plan(&act(), &source(1)).await.unwrap().change, Change::New);
        assert_eq!(workflows.apply(&act(), &source(1), None).await.unwrap().change, Change::New);
        let twice = workflows.apply(&act(), &source(1).replace("steps:", "# a word\nsteps:"), None).await.unwrap();
        assert_eq!((twice.version, twice.change), (1, Change::Same));
        let changed = workflows.apply(&act(), &source(2), None).await.unwrap();
        assert!(matches!(changed.change, Change::Changed { ref difference } if difference.contains("-      set: {x: '1'}")));
        // Whoever has seen only the first version overwrites nothing.
        let late = workflows.apply(&act(), &source(7), Some(1)).await.unwrap_err().into_fault();
        assert_eq!(late.kind, domain::FaultKind::Conflict);
        // Going back is a version of its own: what ran between must still be told apart.
        assert_eq!(workflows.apply(&act(), &source(1), None).await.unwrap().version, 3);
        let opened = workflows.open(&act(), "count", Some(1)).await.unwrap();
        assert_eq!(opened.version.hash, workflows.open(&act(), "count", None).await.unwrap().version.hash);
        assert_eq!(Prepared::new(opened.what, &Materials::default()).unwrap().definition().name.as_str(), "count");
    })
    .await;
}
