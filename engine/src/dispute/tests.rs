//! Disputes on both databases: one's own lines, one at a time, answered once and by somebody else.

use chrono::TimeDelta;
use domain::FaultKind;
use domain::dispute::{AnswerDraft, Outcome};
use domain::ids::{DisputeId, LineId};
use domain::people::Role;

use super::*;
use crate::act::Act;
use crate::notice::Notices;
use crate::on_db;
use crate::testing::house::House;
use crate::testing::on_both;

async fn line(house: &House) -> LineId {
    on_db!(&house.db, c => sqlx::query_scalar("SELECT id FROM timesheet_line").fetch_one(c).await).unwrap()
}

async fn sentences(house: &House, who: &Act) -> Vec<String> {
    let page = Notices::new(house.db.clone()).mine(&house.again(who), None, 10).await.unwrap();
    page.rows.into_iter().map(|it| it.sentence).collect()
}

#[tokio::test]
async fn whoever_says_that_a_line_is_wrong_is_answered_once() {
    on_both(async |db| {
        let house = House::new(db);
        let disputes = Disputes::new(house.db.clone(), TimeDelta::hours(72));
        let (ann, bob) = (house.join("Ann", Role::Annotator).await, house.join("Bob", Role::Annotator).await);
        let (mara, mo) = (house.join("Mara", Role::Manager).await, house.join("Mo", Role::Manager).await);
        let (project, task) = house.project("acme-1", &["ann", "bob"]).await;
        house.projects.set_member(&house.system, project.id, "mara@example.com", "manager").await.unwrap();
        house.submit(&ann, task, &[(house.week().1, "7:30")]).await;
        let line = line(&house).await;
        let raise = async |who: &Act, text: &str| {
            house.world.advance(TimeDelta::seconds(1));
            disputes.raise(&house.again(who), line, text).await.map_err(|error| error.into_fault().kind)
        };
        assert_eq!(raise(&bob, "It was mine").await.unwrap_err(), FaultKind::NotFound);
        assert_eq!(raise(&ann, " ").await.unwrap_err(), FaultKind::Invalid);
        let first = raise(&ann, "It was eight hours.").await.unwrap();
        assert_eq!(raise(&ann, "Really").await.unwrap_err(), FaultKind::Conflict, "one at a time");
        let told = sentences(&house, &mara).await;
        assert_eq!(told.len(), 1);
        assert!(
            told[0].starts_with("Ann says that their line of Monday, 14 September is wrong."),
            "{told:?}"
        );
        assert_eq!(sentences(&house, &mo).await.len(), 0, "it is not their project");

        let open = disputes.list(&house.again(&mara), true).await.unwrap();
        assert_eq!((open.len(), open[0].said.as_str(), open[0].minutes), (1, "It was eight hours.", 450));
        // A Monday, and three working days.
        assert_eq!((open[0].answer_by - open[0].made_at).num_hours(), 72);
        assert_eq!(disputes.waiting(&house.again(&mo)).await.unwrap(), 1);
        let forbidden = disputes.list(&house.again(&ann), true).await.unwrap_err().into_fault();
        assert_eq!(forbidden.kind, FaultKind::Forbidden);

        let answer = async |who: &Act, id: DisputeId, outcome: &str| {
            let draft = AnswerDraft { outcome: outcome.into(), answer: "The log says so.".into() };
            let done = disputes.answer(&house.again(who), id, &draft).await;
            done.map_err(|error| error.into_fault().kind)
        };
        assert_eq!(answer(&ann, first, "put_right").await.unwrap_err(), FaultKind::Forbidden);
        assert_eq!(answer(&mo, first, "withdrawn").await.unwrap_err(), FaultKind::Invalid);
        let (one, other) = tokio::join!(answer(&mo, first, "put_right"), answer(&mara, first, "stays"));
        assert_eq!(usize::from(one.is_ok()) + usize::from(other.is_ok()), 1, "two answers");
        assert!(sentences(&house, &ann).await[0].ends_with("The log says so."));
        let ended = disputes.list(&house.again(&mo), false).await.unwrap();
        assert_eq!((ended.len(), ended[0].answer.as_deref()), (1, Some("The log says so.")));

        // Whoever is not content says so again; and can take it back.
        let again = raise(&ann, "It does not.").await.unwrap();
        assert_eq!(
            disputes.withdraw(&house.again(&bob), again).await.unwrap_err().into_fault().kind,
            FaultKind::NotFound
        );
        disputes.withdraw(&house.again(&ann), again).await.unwrap();
        assert_eq!(disputes.list(&house.again(&mo), false).await.unwrap()[0].outcome, Outcome::Withdrawn);
        assert_eq!(answer(&mo, again, "stays").await.unwrap_err(), FaultKind::Conflict);

        // What can be changed needs no dispute.
        house.timesheets.return_line(&house.again(&mara), line, "Enter it again").await.unwrap();
        assert_eq!(raise(&ann, "It was eight hours.").await.unwrap_err(), FaultKind::Conflict);
    })
    .await;
}
