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
    Place { words, href, icon, keys, needs, group }
}

/// The place that says how much of it is new.
pub const NOTICES: &str = "Notices";

const PLACES: &[Place] = &[
    place("Home", "/", "home", "g h", None, Group::Desk),
    place(NOTICES, "/notices", "bell", "g n", None, Group::Desk),
    place("Timesheet", "/timesheet", "clock", "g e", Some(Permission::EnterTime), Group::Desk),
    place("My pay", "/my-pay", "wallet", "g y", Some(Permission::SeeOwnPay), Group::Desk),
    place("Pay", "/pay", "banknote", "g b", Some(Permission::SeePay), Group::Desk),
    place("Projects", "/projects", "folder-kanban", "g j", None, Group::Desk),
    place("Reviews", "/reviews", "check-check", "g v", Some(Permission::SeeReviews), Group::Desk),
    place("Workflows", "/workflows", "workflow", "g w", Some(Permission::SeeWorkflows), Group::Desk),
    place("Models", "/models", "bot", "g m", Some(Permission::SeeWorkflows), Group::Desk),
    place("Runs", "/runs", "activity", "g r", Some(Permission::SeeRuns), Group::Desk),
    place("Prompts", "/prompts", "message-square", "", Some(Permission::SeeWorkflows), Group::Action),
    place("Dead letters", "/dead-letters", "inbox", "", Some(Permission::SeeRuns), Group::Action),
    place("Schedules", "/schedules", "calendar-days", "", Some(Permission::SeeRuns), Group::Action),
    place("Webhooks", "/webhooks", "send", "", Some(Permission::SeeRuns), Group::Action),
    place("Queues and workers", "/queues", "list-checks", "", Some(Permission::SeeRuns), Group::Action),
    place("People", "/people", "users", "g p", Some(Permission::SeePeople), Group::Administration),
    place("Audit log", "/audit", "scroll-text", "g a", Some(Permission::ReadAudit), Group::Administration),
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
