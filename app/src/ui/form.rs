//! Forms. Each posts to a server function under `/do/`; when that refuses, the page is rendered again with what was
//! entered and what is wrong with it.

use std::sync::Arc;

use domain::Fault;
use leptos::prelude::*;
use serde::de::DeserializeOwned;

use super::LiveForm;
use crate::visit::{self, Posted};

/// What became of the form with this action, if it was just posted.
#[derive(Clone)]
pub struct FormState {
    action: &'static str,
    posted: Option<Arc<Posted>>,
}

impl FormState {
    pub fn of(action: &'static str) -> Self {
        Self { action, posted: visit::posted().filter(|posted| posted.action == action) }
    }

    /// Where a page has several forms of this action: what was posted belongs to the one that has said so in this field.
    pub fn of_one(action: &'static str, field: &str, value: &str) -> Self {
        let state = Self::of(action);
        let is_it = state.value(field, "") == value;
        Self { posted: state.posted.filter(|_| is_it), ..state }
    }

    /// What to show in a field: what was posted, else what there is.
    pub fn value(&self, name: &str, otherwise: &str) -> String {
        let Some(posted) = &self.posted else { return otherwise.to_owned() };
        let value = posted.values.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone());
        value.unwrap_or_else(|| otherwise.to_owned())
    }

    /// Whether a box is ticked: as it was posted, else as it is.
    pub fn ticked(&self, name: &str, value: &str, otherwise: bool) -> bool {
        match &self.posted {
            Some(posted) if posted.outcome.is_err() => posted
                .values
                .iter()
                .any(|(key, posted)| key.trim_end_matches("[]") == name && posted == value),
            _ => otherwise,
        }
    }

    pub fn fault(&self) -> Option<&Fault> {
        self.posted.as_ref()?.outcome.as_ref().err()
    }

    pub fn error(&self, name: &str) -> Option<String> {
        self.fault()?.of(name).map(str::to_owned)
    }

    /// What the server function answered, if that is for this page to show.
    pub fn outcome<T: DeserializeOwned>(&self) -> Option<T> {
        let value = self.posted.as_ref()?.outcome.as_ref().ok()?;
        serde_json::from_value(value.clone()).ok()
    }
}

/// A form of fields, with the summary of what is wrong at its top.
pub fn form(state: &FormState, content: impl IntoView + 'static) -> AnyView {
    let summary =
        state.fault().filter(|fault| !fault.fields.is_empty()).map(|fault| summary(fault).into_any());
    let (action, here, content) = (format!("/do/{}", state.action), visit::here(), content.into_any());
    view! {
        <LiveForm>
            <form class="form" method="post" action=action novalidate="">
                <input type="hidden" name="_from" value=here />
                {summary}
                {content}
            </form>
        </LiveForm>
    }
    .into_any()
}

fn summary(fault: &Fault) -> impl IntoView + use<> {
    let title = match fault.fields.len() {
        1 => "There is one thing to put right".to_owned(),
        n => format!("There are {n} things to put right"),
    };
    let lines: Vec<_> = fault
        .fields
        .iter()
        .map(|fault| view! { <li><a href=format!("#{}", fault.field)>{fault.message.clone()}</a></li> })
        .collect();
    view! {
        <div class="error-summary" role="alert" aria-labelledby="error-summary" tabindex="-1" autofocus="">
            <h2 id="error-summary">{title}</h2>
            <ul>{lines}</ul>
        </div>
    }
}

/// A form that is only a button, with what it is about in hidden fields.
pub fn button_form(
    action: &'static str,
    hidden: Vec<(&'static str, String)>,
    button: impl IntoView + 'static,
) -> AnyView {
    let hidden: Vec<_> = hidden
        .into_iter()
        .map(|(name, value)| view! { <input type="hidden" name=name value=value /> })
        .collect();
    view! {
        <form method="post" action=format!("/do/{action}")>
            <input type="hidden" name="_from" value=visit::here() />
            {hidden}
            {button.into_any()}
        </form>
    }
    .into_any()
}
