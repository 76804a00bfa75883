//! Payments on both databases: that they are what the lines say, and stay what was approved.

mod accounts;
mod approving;
mod consolidating;
mod reversing;

use chrono::{Days, NaiveDate, TimeDelta};
use domain::ids::{BatchId, LineId, PersonId, SubjectId, TaskTypeId};
use domain::people::Role;

use super::*;
use crate::act::Act;
use crate::testing::house::House;
use crate::testing::on_both;

impl House {
    fn payments(&self) -> Payments {
        Payments::new(self.db.clone())
    }

    /// As the background job does it.
    async fn consolidate(&self) {
        self.payments().consolidate(&self.now()).await.unwrap();
    }

    fn now(&self) -> Act {
        Act::new(&self.world, crate::act::Actor::System("test"), "req")
    }

    async fn only_batch(&self) -> Whole {
        let all = self.payments().batches(&self.system, None, 10).await.unwrap().rows;
        assert_eq!(all.len(), 1, "{all:?}");
        self.payments().batch(&self.now(), all[0].batch.id).await.unwrap()
    }

    async fn lines_of(&self, whole: &Whole, name: &str) -> Vec<(LineId, i64)> {
        let payment = whole.payments.iter().find(|it| it.person_name.as_str() == name).unwrap();
        let slip = self.payments().slip(&self.now(), payment.id).await.unwrap();
        slip.lines.iter().map(|line| (line.line_id, line.minor)).collect()
    }
}

/// The first Monday of September, whose month is over ten days from now.
fn monday() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 9, 7).unwrap()
}

/// A month with Ann and Bob on a project, and a manager; it is the first of the next month.
async fn month(house: &House) -> (Act, Act, Act, TaskTypeId) {
    let ann = house.join("Ann", Role::Annotator).await;
    let bob = house.join("Bob", Role::Annotator).await;
    let mara = house.join("Mara", Role::Manager).await;
    let (_, task) = house.project("acme-1", &["ann", "bob"]).await;
    let monday = monday();
    house.submit(&ann, task, &[(monday, "7:30"), (monday + Days::new(1), "8")]).await;
    house.submit(&bob, task, &[(monday, "1:40")]).await;
    house.world.advance(TimeDelta::days(11));
    house.consolidate().await;
    (ann, bob, mara, task)
}

fn names(whole: &Whole) -> Vec<(String, i64, i64)> {
    whole.payments.iter().map(|it| (it.person_name.to_string(), it.lines, it.minor)).collect()
}
