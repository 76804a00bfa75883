//! Small things that stand in many places.

use domain::people::{Person, PersonName, Status};
use leptos::prelude::*;

use super::{Assets, CopySecret, icon};

/// Initials on a hue that stays with its owner.
pub fn avatar(name: &str, id: &str, size: &str) -> impl IntoView + use<> {
    let initials = PersonName::parse(name).map(|name| name.initials()).unwrap_or_default();
    let hue = id.bytes().fold(0_u32, |hash, byte| hash.wrapping_mul(31).wrapping_add(u32::from(byte))) % 8;
    view! { <span class=format!("avatar h{hue} {size}") aria-hidden="true">{initials}</span> }
}

/// In the place of an avatar: something was done by no person, but by a program or at the console.
pub fn no_face(size: &str) -> impl IntoView + use<> {
    view! { <span class=format!("avatar none {size}") aria-hidden="true">{icon("settings")}</span> }
}

pub fn tag(kind: &'static str, word: &'static str) -> impl IntoView {
    view! { <span class=format!("tag {kind}")>{word}</span> }
}

pub fn person_tag(person: &Person) -> impl IntoView + use<> {
    let kind = match person.status {
        Status::Active => "ok",
        Status::Invited => "info",
        Status::Disabled => "neutral",
    };
    tag(kind, person.status.label())
}

/// Pairs of a word and what it is.
pub fn facts(pairs: Vec<(&'static str, AnyView)>) -> impl IntoView {
    let pairs: Vec<_> =
        pairs.into_iter().map(|(word, value)| view! { <div><dt>{word}</dt><dd>{value}</dd></div> }).collect();
    view! { <dl class="facts">{pairs}</dl> }
}

/// A link or token that is shown once.
pub fn secret(label: &str, text: &str) -> impl IntoView + use<> {
    let sprite = use_context::<Assets>().unwrap_or_default().path("icons.svg");
    view! {
        <CopySecret
            text=text.to_owned()
            label=label.to_owned()
            copy_icon=format!("{sprite}#copy")
            check_icon=format!("{sprite}#check")
        />
    }
}
