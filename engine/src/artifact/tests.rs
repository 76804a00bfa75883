use domain::ids::RunId;
use uuid::Uuid;

use super::*;
use crate::testing::on_both;

#[test]
fn a_reference_is_read_as_it_was_written_and_nothing_else_is_one() {
    let mut aside = Aside::default();
    let large = "x".repeat(LARGEST_INSIDE + 1);
    let text = aside.text(RunId(Uuid::nil()), &large);
    let reference = Reference::read(&text).unwrap();
    assert_eq!((reference.bytes, reference.to_string()), (large.len(), text.to_string()));
    assert_eq!(aside.artifacts()[0].hash, reference.hash);
    let just_fits = "x".repeat(LARGEST_INSIDE);
    assert_eq!(Aside::default().text(RunId(Uuid::nil()), &just_fits), just_fits);
    for other in ["{}", "\"@\"", "@", "@00:1", "@é:1", &format!("@{}:many", "0".repeat(64))] {
        assert_eq!(Reference::read(other), None, "{other}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_set_aside_is_there_once_and_as_long_as_some_run_needs_it() {
    on_both(async |db| {
        let (one, other) = (RunId(Uuid::from_u128(1)), RunId(Uuid::from_u128(2)));
        let large = "é".repeat(LARGEST_INSIDE);
        let mut aside = Aside::default();
        let mut texts = vec![
            aside.text(one, &large).into_owned(),
            "{}".to_owned(),
            aside.text(other, &large).into_owned(),
        ];
        let reference = Reference::read(&texts[0]).unwrap();
        let mut tx = db.begin().await.unwrap();
        keep(&mut tx, aside.artifacts()).await.unwrap();
        keep(&mut tx, aside.artifacts()).await.unwrap();
        tx.commit().await.unwrap();

        bring_back_now(&db, texts.iter_mut().collect()).await.unwrap();
        assert_eq!(texts, [large.clone(), "{}".to_owned(), large.clone()]);
        let mut tx = db.begin().await.unwrap();
        let mut again = [reference.to_string()];
        bring_back(&mut tx, again.iter_mut().collect()).await.unwrap();
        assert_eq!(again[0], large);
        forget(&mut tx, &[one]).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(content(&db, one, reference.hash).await.unwrap(), None);
        assert_eq!(content(&db, other, reference.hash).await.unwrap().unwrap(), large.as_bytes());

        let mut tx = db.begin().await.unwrap();
        forget(&mut tx, &[other]).await.unwrap();
        tx.commit().await.unwrap();
        let mut lost = vec![reference.to_string()];
        bring_back_now(&db, lost.iter_mut().collect()).await.unwrap();
        assert_eq!(lost, [reference.to_string()], "nothing stands in its place");
    })
    .await;
}
