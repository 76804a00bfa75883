use chrono::DateTime;
use domain::audit::{Action, Thing};

use super::*;
use crate::act::{Act, Actor};
use crate::db::Db;
use crate::testing::{on_both, run};
use crate::world::World;

fn act(seed: u64) -> Act {
    let world = World::staged(DateTime::from_timestamp(1_800_000_000, 123_456_000).unwrap(), seed);
    Act::new(&world, Actor::System("test"), "req-1")
}

async fn write(db: &Db, name: &str) {
    let mut tx = db.begin().await.unwrap();
    let entry = Entry {
        action: Action::ProjectChanged,
        thing: Thing::Project,
        thing_id: "p".to_owned(),
        thing_name: name,
        before: Some("old"),
        after: Some("new"),
    };
    record(&mut tx, &act(1), entry).await.unwrap();
    tx.commit().await.unwrap();
}

async fn broken_at(db: &Db) -> Option<i64> {
    Audit::new(db.clone()).verify(&act(1)).await.unwrap().broken.map(|broken| broken.seq)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_chain_holds_whoever_writes_at_once() {
    on_both(async |db| {
        let writers: Vec<_> = (0..40)
            .map(|n| {
                let db = db.clone();
                tokio::spawn(async move { write(&db, &format!("line {n}")).await })
            })
            .collect();
        for writer in writers {
            writer.await.unwrap();
        }
        let verified = Audit::new(db).verify(&act(1)).await.unwrap();
        assert_eq!((verified.lines, verified.broken), (40, None));
    })
    .await;
}

#[tokio::test]
async fn the_first_broken_line_is_named() {
    on_both(async |db| {
        for n in 0..6 {
            write(&db, &format!("line {n}")).await;
        }
        assert_eq!(broken_at(&db).await, None);
        run(&db, "UPDATE audit_line SET after = '\"better\"' WHERE seq = 4").await;
        assert_eq!(broken_at(&db).await, Some(4));
        run(&db, "UPDATE audit_line SET after = '\"new\"' WHERE seq = 4").await;
        assert_eq!(broken_at(&db).await, None);
        run(&db, "UPDATE audit_line SET at = '2020-01-01T00:00:00+00:00' WHERE seq = 2").await;
        assert_eq!(broken_at(&db).await, Some(2));
    })
    .await;
}

#[tokio::test]
async fn missing_lines_are_noticed_in_the_middle_and_at_the_end() {
    on_both(async |db| {
        for n in 0..6 {
            write(&db, &format!("line {n}")).await;
        }
        run(&db, "DELETE FROM audit_line WHERE seq = 6").await;
        assert_eq!(broken_at(&db).await, Some(6));
        run(&db, "DELETE FROM audit_line WHERE seq = 3").await;
        assert_eq!(broken_at(&db).await, Some(3));
    })
    .await;
}

#[tokio::test]
async fn many_lines_at_once_follow_one_another() {
    on_both(async |db| {
        write(&db, "before").await;
        let names: Vec<_> = (0..1200).map(|n| format!("line {n}")).collect();
        let entries: Vec<Entry<(), &str>> = names
            .iter()
            .map(|name| Entry {
                action: Action::PersonImported,
                thing: Thing::Person,
                thing_id: "p".to_owned(),
                thing_name: name,
                before: None,
                after: Some("new"),
            })
            .collect();
        let mut tx = db.begin().await.unwrap();
        record_all(&mut tx, &act(1), &entries).await.unwrap();
        tx.commit().await.unwrap();
        write(&db, "after").await;
        let audit = Audit::new(db);
        let verified = audit.verify(&act(1)).await.unwrap();
        assert_eq!((verified.lines, verified.broken), (1202, None));
        let imported = Filter { action: Some("person.imported".to_owned()), ..Filter::default() };
        let exported = audit.lines_after(&act(1), &imported, 1100).await.unwrap();
        assert_eq!((exported.len(), exported[0].seq), (101, 1101));
        assert_eq!(exported[0].thing_name, "line 1099");
    })
    .await;
}

#[tokio::test]
async fn neither_an_end_set_back_nor_garbage_hides_a_line() {
    on_both(async |db| {
        for n in 0..6 {
            write(&db, &format!("line {n}")).await;
        }
        let verified = async || Audit::new(db.clone()).verify(&act(1)).await.unwrap();
        let (second, sixth) = {
            let lines = Audit::new(db.clone()).lines_after(&act(1), &Filter::default(), 0).await.unwrap();
            (lines[1].hash.clone(), lines[5].hash.clone())
        };
        // The end is set back to a line before the one that was forged.
        run(&db, &format!("UPDATE audit_head SET seq = 2, hash = '{second}'")).await;
        assert_eq!(broken_at(&db).await, Some(3));
        run(&db, &format!("UPDATE audit_head SET seq = 6, hash = '{sixth}'")).await;
        assert_eq!(verified().await.broken, None);
        if db.engine() == "sqlite" {
            // PostgreSQL does not take this in the first place.
            run(&db, "UPDATE audit_line SET at = 'garbage' WHERE seq = 4").await;
            let found = verified().await;
            assert_eq!((found.lines, found.broken.map(|broken| broken.seq)), (3, Some(4)));
        }
        run(&db, "DELETE FROM audit_head").await;
        assert!(verified().await.broken.is_some());
    })
    .await;
}

#[tokio::test]
async fn a_change_that_fails_leaves_no_line() {
    on_both(async |db| {
        let mut tx = db.begin().await.unwrap();
        let entry: Entry<(), ()> = Entry {
            action: Action::ProjectMade,
            thing: Thing::Project,
            thing_id: "p".to_owned(),
            thing_name: "never",
            before: None,
            after: None,
        };
        record(&mut tx, &act(1), entry).await.unwrap();
        drop(tx);
        write(&db, "kept").await;
        let verified = Audit::new(db).verify(&act(1)).await.unwrap();
        assert_eq!((verified.lines, verified.broken), (1, None));
    })
    .await;
}

#[tokio::test]
async fn filters_combine_and_pages_follow() {
    on_both(async |db| {
        for n in 0..5 {
            write(&db, &format!("line {n}")).await;
        }
        let audit = Audit::new(db);
        let mut filter = Filter { action: Some("project.changed".to_owned()), ..Filter::default() };
        let first = audit.page(&act(1), &filter, 3).await.unwrap();
        assert_eq!((first.rows.len(), first.has_more, first.rows[0].seq), (3, true, 5));
        filter.before = Some(first.rows[2].seq);
        let second = audit.page(&act(1), &filter, 3).await.unwrap();
        assert_eq!((second.rows.len(), second.has_more, second.rows[0].seq), (2, false, 2));
        filter.thing = Some("person".to_owned());
        assert!(audit.page(&act(1), &filter, 3).await.unwrap().rows.is_empty());
        let nobody = Act { actor: Actor::Nobody, ..act(1) };
        assert!(audit.page(&nobody, &filter, 3).await.is_err());
    })
    .await;
}

#[tokio::test]
async fn lines_are_found_by_when_they_were_written() {
    on_both(async |db| {
        let act = act(1);
        let mut times = Vec::new();
        for name in ["first", "second", "third"] {
            let mut tx = db.begin().await.unwrap();
            let entry: Entry<'_, (), _> = Entry {
                action: Action::ProjectChanged,
                thing: Thing::Project,
                thing_id: "p".to_owned(),
                thing_name: name,
                before: None,
                after: Some("new"),
            };
            let at = act.world.now();
            record(&mut tx, &Act { at, ..act.clone() }, entry).await.unwrap();
            tx.commit().await.unwrap();
            times.push(at);
            act.world.advance(chrono::TimeDelta::hours(1));
        }
        let audit = Audit::new(db);
        let found = async |from: Option<usize>, until: Option<usize>| {
            let time = |place: Option<usize>| place.map(|place| times[place]);
            let filter = Filter { from: time(from), until: time(until), ..Filter::default() };
            let page = audit.page(&act, &filter, 10).await.unwrap();
            page.rows.iter().map(|line| line.thing_name.clone()).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(found(None, None).await, "third second first");
        assert_eq!(found(Some(1), None).await, "third second", "from is the first moment that counts");
        assert_eq!(found(None, Some(1)).await, "first", "until is the first that does not");
        assert_eq!(found(Some(1), Some(2)).await, "second");
    })
    .await;
}
