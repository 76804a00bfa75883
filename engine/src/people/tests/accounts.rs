use domain::FaultKind;
use domain::people::Status;

use super::*;
use crate::testing::on_both;

fn change(person: &Person, roles: &[&str]) -> Change {
    Change {
        name: person.name.to_string(),
        roles: roles.iter().map(|role| (*role).to_owned()).collect(),
        zone: "UTC".into(),
        version: person.version,
    }
}

#[tokio::test]
async fn people_are_listed_by_name_filtered_and_paged() {
    on_both(async |db| {
        let house = House::new(db).await;
        for name in ["zoe", "Bob", "bea", "Carl"] {
            house.join(name, &[Role::Annotator]).await;
        }
        house.join("Mia", &[Role::Manager, Role::Reviewer]).await;
        let act = house.by(&house.ada);
        let names = async |filter: Filter, size: usize| {
            let page = house.people.list(&act, &filter, size).await.unwrap();
            (page.rows.iter().map(|p| p.name.to_string()).collect::<Vec<_>>().join(" "), page)
        };
        let (all, _) = names(Filter::default(), 10).await;
        assert_eq!(all, "Ada bea Bob Carl Mia zoe");
        let (first, page) = names(Filter::default(), 4).await;
        assert_eq!((first.as_str(), page.has_more), ("Ada bea Bob Carl", true));
        let after = page.rows.last().map(|person| person.id);
        let (second, page) = names(Filter { after, ..Filter::default() }, 4).await;
        assert_eq!((second.as_str(), page.has_more), ("Mia zoe", false));
        assert_eq!(names(Filter { role: Some(Role::Reviewer), ..Filter::default() }, 4).await.0, "Mia");
        assert_eq!(names(Filter { text: Some("B".into()), ..Filter::default() }, 4).await.0, "bea Bob");
        assert_eq!(names(Filter { text: Some("100%_".into()), ..Filter::default() }, 4).await.0, "");
        assert_eq!(names(Filter { text: Some("' OR 1=1 --".into()), ..Filter::default() }, 4).await.0, "");
        assert_eq!(names(Filter { status: Some(Status::Invited), ..Filter::default() }, 4).await.0, "");
    })
    .await;
}

#[tokio::test]
async fn two_editors_notice_each_other() {
    on_both(async |db| {
        let house = House::new(db).await;
        let bob = house.join("Bob", &[Role::Annotator]).await;
        let act = house.by(&house.ada);
        let changed = house.people.change(&act, bob.id, &change(&bob, &["reviewer"])).await.unwrap();
        assert_eq!((changed.roles.to_string().as_str(), changed.version), ("reviewer", bob.version + 1));
        let second = house.people.change(&act, bob.id, &change(&bob, &["manager"])).await;
        assert_eq!(fault(second).kind, FaultKind::Conflict);
        assert_eq!(house.people.get(&act, bob.id).await.unwrap(), changed);
    })
    .await;
}

#[tokio::test]
async fn the_last_admin_cannot_go() {
    on_both(async |db| {
        let house = House::new(db).await;
        let act = house.by(&house.ada);
        let demote = house.people.change(&act, house.ada.id, &change(&house.ada, &["manager"])).await;
        assert!(fault(demote).message.contains("only admin"));
        assert!(fault(house.people.disable(&act, house.ada.id).await).message.contains("yourself"));
        let eve = house.join("Eve", &[Role::Admin]).await;
        house.people.disable(&house.by(&eve), house.ada.id).await.unwrap();
        let system = Act::new(&house.world, Actor::System("command line"), "cli");
        assert!(fault(house.people.disable(&system, eve.id).await).message.contains("only admin"));
        let back = house.people.enable(&house.by(&eve), house.ada.id).await.unwrap();
        assert_eq!(back.status, Status::Active);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_admins_who_disable_each_other_at_once_leave_one() {
    on_both(async |db| {
        let house = House::new(db).await;
        let eve = house.join("Eve", &[Role::Admin]).await;
        let (by_ada, by_eve) = (house.by(&house.ada), house.by(&eve));
        let both =
            tokio::join!(house.people.disable(&by_ada, eve.id), house.people.disable(&by_eve, house.ada.id));
        assert_eq!(usize::from(both.0.is_ok()) + usize::from(both.1.is_ok()), 1);
    })
    .await;
}

#[tokio::test]
async fn people_change_their_own_name_and_zone_and_nothing_else() {
    on_both(async |db| {
        let house = House::new(db).await;
        let bob = house.join("Bob", &[Role::Annotator]).await;
        let act = house.by(&bob);
        let profile = Profile { name: "Robert <b>".into(), zone: "Asia/Tokyo".into() };
        let changed = house.people.change_own(&act, &profile).await.unwrap();
        assert_eq!((changed.name.as_str(), changed.roles), ("Robert <b>", bob.roles));
        assert_eq!(fault(house.people.get(&act, house.ada.id).await).kind, FaultKind::Forbidden);
        assert_eq!(
            fault(house.people.change(&act, bob.id, &change(&bob, &["admin"])).await).kind,
            FaultKind::Forbidden
        );
        let wrong =
            house.people.change_own(&act, &Profile { name: " ".into(), zone: "Mars/Base".into() }).await;
        assert_eq!(fault(wrong).fields.len(), 2);
    })
    .await;
}
