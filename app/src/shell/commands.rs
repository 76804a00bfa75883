//! Where one can go, in one list: the navigation, the palette and the sheet of shortcuts all show it.

use domain::people::{Permission, roles_that_may};

use crate::palette::Command;
use crate::visit;

/// One place: words, address, icon, and the keys that lead there.
pub struct Place {
    pub words: &'static str,
    pub href: &'static str,
    pub icon: &'static str,
    pub keys: &'static str,
    /// What one must be allowed to do for the place to make sense; everybody has the others.
    pub needs: Option<Permission>,
    pub group: Group,
    /// What there is, for the home page; empty for what is not one of its doors.
    pub about: &'static str,
}

impl Place {
    const fn about(self, about: &'static str) -> Self {
        Self { about, ..self }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Group {
    Desk,
    Administration,
    Own,
    /// Not in the navigation, only in the palette.
    Action,
}

const fn place(
    words: &'static str,
    href: &'static str,
    icon: &'static str,
    keys: &'static str,
    needs: Option<Permission>,
    group: Group,
) -> Place {
    Place { words, href, icon, keys, needs, group, about: "" }
}

/// The place that says how much of it is new.
pub const NOTICES: &str = "Notices";

const PLACES: &[Place] = &[
    place("Home", "/", "home", "g h", None, Group::Desk),
    place(NOTICES, "/notices", "bell", "g n", None, Group::Desk)
        .about("What happened that you have to know of."),
    place("Timesheet", "/timesheet", "clock", "g e", Some(Permission::EnterTime), Group::Desk)
        .about("Your hours and units, week by week, and what they come to."),
    place("My pay", "/my-pay", "wallet", "g y", Some(Permission::SeeOwnPay), Group::Desk)
        .about("What your work comes to, where the money is, and when it is paid."),
    place("Pay", "/pay", "banknote", "g b", Some(Permission::SeePay), Group::Desk)
        .about("Who gets what, computed and checked: look once, approve once."),
    place("Projects", "/projects", "folder-kanban", "g j", None, Group::Desk)
        .about("What is worked on, for whom, and by whom."),
    place("Reviews", "/reviews", "check-check", "g v", Some(Permission::SeeReviews), Group::Desk)
        .about("What the machine was not sure of, and waits for you."),
    place("Workflows", "/workflows", "workflow", "g w", Some(Permission::SeeWorkflows), Group::Desk)
        .about("What is done with each item, in versions that never change."),
    place("Models", "/models", "bot", "g m", Some(Permission::SeeWorkflows), Group::Desk)
        .about("What machines are asked, what they cost, and who answers for them."),
    place("Runs", "/runs", "activity", "g r", Some(Permission::SeeRuns), Group::Desk)
        .about("Items on their way: where each stands, and why."),
    place("Prompts", "/prompts", "message-square", "", Some(Permission::SeeWorkflows), Group::Action),
    place("Dead letters", "/dead-letters", "inbox", "", Some(Permission::SeeRuns), Group::Action),
    place("Schedules", "/schedules", "calendar-days", "", Some(Permission::SeeRuns), Group::Action),
    place("Webhooks", "/webhooks", "send", "", Some(Permission::SeeRuns), Group::Action),
    place("Queues and workers", "/queues", "list-checks", "", Some(Permission::SeeRuns), Group::Action),
    place("People", "/people", "users", "g p", Some(Permission::SeePeople), Group::Administration)
        .about("Invite people, change their roles, see who has not joined yet."),
    place("Audit log", "/audit", "scroll-text", "g a", Some(Permission::ReadAudit), Group::Administration)
        .about("Who changed what, when, each line chained to the one before."),
    place("Your profile", "/profile", "user", "g o", None, Group::Own),
    place("Security and sessions", "/profile/security", "shield-check", "g s", None, Group::Own),
    place("API tokens", "/profile/tokens", "key-round", "g t", None, Group::Own),
    place("API reference", "/api/docs", "file-text", "", None, Group::Action),
    place(
        "Invite a person",
        "/people/invite",
        "user-plus",
        "n p",
        Some(Permission::ManagePeople),
        Group::Action,
    ),
    place(
        "Invite from a CSV file",
        "/people/import",
        "upload",
        "",
        Some(Permission::ManagePeople),
        Group::Action,
    ),
    place(
        "Apply a workflow, a model or a prompt",
        "/workflows/apply",
        "upload",
        "n w",
        Some(Permission::ManageWorkflows),
        Group::Action,
    ),
    place(
        "Timesheets from files",
        "/timesheet/files",
        "upload",
        "n t",
        Some(Permission::EnterTime),
        Group::Action,
    ),
    place("New project", "/projects/new", "plus", "n j", Some(Permission::ManageProjects), Group::Action),
];

/// The places of whoever is signed in.
pub fn places() -> impl Iterator<Item = &'static Place> {
    let roles = visit::me().map(|me| me.roles).unwrap_or_default();
    PLACES.iter().filter(move |place| place.needs.is_none_or(|needs| roles.meets(roles_that_may(needs))))
}

pub fn for_me() -> Vec<Command> {
    places()
        .map(|place| Command {
            words: place.words.to_owned(),
            href: place.href.to_owned(),
            icon: place.icon.to_owned(),
            keys: place.keys.to_owned(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_place_of_the_navigation_is_a_door_of_the_home_page() {
        let in_navigation = |place: &&Place| matches!(place.group, Group::Desk | Group::Administration);
        for place in PLACES.iter().filter(in_navigation).filter(|place| place.href != "/") {
            assert!(!place.about.is_empty(), "{} says nothing about itself", place.href);
        }
    }
}
