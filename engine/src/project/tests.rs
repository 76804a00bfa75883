use domain::FaultKind;
use domain::people::{Person, Role};

use super::*;
use crate::act::{Act, Actor};
use crate::db::Db;
use crate::people::{Accept, Invitation, People};
use crate::testing::{on_both, people_of, staged_world};
use crate::world::World;

struct House {
    people: People,
    projects: Projects,
    world: World,
    system: Act,
}

impl House {
    fn new(db: Db) -> Self {
        let (people, world) = (people_of(db.clone()), staged_world());
        let system = Act::new(&world, Actor::System("test"), "req");
        Self { projects: Projects::new(db, people.clone()), people, world, system }
    }

    async fn join(&self, name: &str, role: Role) -> Person {
        let invitation = Invitation {
            email: format!("{}@example.com", name.to_lowercase()),
            name: name.into(),
            roles: vec![role.word().into()],
            zone: String::new(),
        };
        let link = self.people.invite(&self.system, &invitation).await.unwrap().link;
        let accept =
            Accept { name: name.into(), zone: "UTC".into(), password: "marble kettle orbit fox".into() };
        self.people.accept(&self.system, link.rsplit('/').next().unwrap(), &accept).await.unwrap().person
    }

    fn by(&self, person: &Person) -> Act {
        Act::new(&self.world, Actor::Person { person: person.clone().into(), scopes: None }, "req")
    }
}

fn draft(code: &str) -> Draft {
    Draft {
        code: code.into(),
        name: "Document intake".into(),
        client: "Acme & Söhne".into(),
        currency: "eur".into(),
        ..Draft::default()
    }
}

#[tokio::test]
async fn people_see_their_own_projects_and_managers_all() {
    on_both(async |db| {
        let house = House::new(db);
        let (bob, mia) = (house.join("Bob", Role::Annotator).await, house.join("Mia", Role::Manager).await);
        let one = house.projects.make(&house.system, &draft("acme-1")).await.unwrap();
        let two = house.projects.make(&house.system, &draft("acme-2")).await.unwrap();
        house.projects.set_member(&house.by(&mia), one.id, "bob@example.com", "annotator").await.unwrap();
        let seen = async |person: &Person| {
            let page = house.projects.list(&house.by(person), &Filter::default(), 10).await.unwrap();
            page.rows.iter().map(|project| project.code.to_string()).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(seen(&bob).await, "ACME-1");
        assert_eq!(seen(&mia).await, "ACME-1 ACME-2");
        let hidden = house.projects.get(&house.by(&bob), two.id).await.unwrap_err().into_fault();
        assert_eq!(hidden.kind, FaultKind::NotFound, "whether it exists is nobody's business");
        assert_eq!(house.projects.members(&house.by(&bob), one.id).await.unwrap()[0].name.as_str(), "Bob");
        house.projects.remove_member(&house.by(&mia), one.id, bob.id).await.unwrap();
        assert_eq!(seen(&bob).await, "");
        assert!(house.projects.remove_member(&house.by(&mia), one.id, bob.id).await.is_err());
    })
    .await;
}

#[tokio::test]
async fn codes_are_unique_and_changes_are_not_lost() {
    on_both(async |db| {
        let house = House::new(db);
        let act = &house.system;
        let one = house.projects.make(act, &draft("acme-1")).await.unwrap();
        house.projects.make(act, &draft("acme-2")).await.unwrap();
        let twice = house.projects.make(act, &draft("ACME-1")).await.unwrap_err().into_fault();
        assert_eq!(twice.fields[0].field, "code");
        let change = Draft { status: "paused".into(), version: one.version, ..draft("acme-9") };
        let changed = house.projects.change(act, one.id, &change).await.unwrap();
        assert_eq!((changed.code.as_str(), changed.version), ("ACME-9", 2));
        let late = house.projects.change(act, one.id, &change).await.unwrap_err().into_fault();
        assert_eq!(late.kind, FaultKind::Conflict);
        let wrong = Draft { status: "gone".into(), currency: "XXX".into(), ..draft("") };
        assert_eq!(
            house.projects.change(act, one.id, &wrong).await.unwrap_err().into_fault().fields.len(),
            3
        );
        let taken = Draft { status: "active".into(), version: 2, ..draft("acme-2") };
        assert_eq!(
            house.projects.change(act, one.id, &taken).await.unwrap_err().into_fault().fields[0].field,
            "code"
        );
    })
    .await;
}

#[tokio::test]
async fn only_those_who_may_change_projects_do() {
    on_both(async |db| {
        let house = House::new(db);
        let (bob, mia) = (house.join("Bob", Role::Annotator).await, house.join("Mia", Role::Manager).await);
        let kind = |error: crate::Error| error.into_fault().kind;
        assert_eq!(
            kind(house.projects.make(&house.by(&mia), &draft("a-1")).await.unwrap_err()),
            FaultKind::Forbidden
        );
        let one = house.projects.make(&house.system, &draft("acme-1")).await.unwrap();
        let by_bob = house.projects.set_member(&house.by(&bob), one.id, "bob@example.com", "manager").await;
        assert_eq!(kind(by_bob.unwrap_err()), FaultKind::Forbidden);
        let stranger =
            house.projects.set_member(&house.by(&mia), one.id, "nobody@example.com", "manager").await;
        assert_eq!(stranger.unwrap_err().into_fault().fields[0].field, "email");
    })
    .await;
}

#[tokio::test]
async fn a_search_knows_every_alphabet() {
    on_both(async |db| {
        let house = House::new(db);
        let over = Draft { client: "ÉCLAIR ØST".into(), name: "ΑΘΗΝΑ 100%".into(), ..draft("acme-1") };
        house.projects.make(&house.system, &over).await.unwrap();
        house.projects.make(&house.system, &draft("acme-2")).await.unwrap();
        for (words, found) in
            [("éclair øst", 1), ("Αθηνα", 1), ("100%", 1), ("0% a", 0), ("ACME-", 2), ("söhne", 1)]
        {
            let filter = Filter { text: Some(words.into()), ..Filter::default() };
            let page = house.projects.list(&house.system, &filter, 10).await.unwrap();
            assert_eq!(page.rows.len(), found, "{words}");
        }
    })
    .await;
}
