//! The form for an account: the fields of the chosen method only, with or without a script.

use domain::payee::{Method, UsKind};
use domain::people::Person;
use leptos::prelude::*;

use crate::ui::{Field, FormState, field, form, icon, select};

const fn words(method: Method) -> &'static str {
    match method {
        Method::Iban => "A bank account in Europe, or wherever accounts have an IBAN",
        Method::Us => "A bank account in the United States; for dollars",
        Method::Paypal => "To the email address of your PayPal account",
        Method::Wise => "To the email address of your Wise account",
        Method::Manual => "As you have agreed it: no payment file is made for it",
    }
}

/// Entering where somebody is paid to. `theirs` if they do it themselves.
pub fn account_form(person: &Person, theirs: bool, is_first: bool) -> impl IntoView + use<> {
    let state = FormState::of("enter_account");
    let chosen = state.value("method", Method::Iban.word());
    let methods: Vec<_> = Method::ALL
        .iter()
        .enumerate()
        .map(|(n, method)| {
            let word = method.word();
            let id = if n == 0 { "method".to_owned() } else { format!("method-{word}") };
            view! {
                <label class="choice">
                    <input type="radio" id=id name="method" value=word checked=word == chosen />
                    <span><strong>{method.label()}</strong><small>{words(*method)}</small></span>
                </label>
            }
        })
        .collect();
    let wrong = state.error("method");
    let wrong =
        wrong.map(|error| view! { <p class="field-error">{icon("circle-alert")}<span>{error}</span></p> });
    let text = |name, label, hint, rule, class| {
        field(&state, Field { name, label, hint, rule, class, autocomplete: "off", ..Field::default() })
    };
    let kinds = UsKind::ALL.iter().map(|kind| (kind.word().to_owned(), kind.label().to_owned()));
    let kind = Field {
        name: "kind",
        label: "Kind of account",
        class: "short",
        value: "checking".to_owned(),
        ..Field::default()
    };
    let holder = Field {
        name: "holder",
        label: "Account holder",
        hint: "As the bank knows them.",
        value: person.name.to_string(),
        rule: "holder-name",
        autocomplete: "off",
        ..Field::default()
    };
    let password = Field {
        name: "password",
        label: "Your password",
        hint: "So that an open browser is not enough to lead pay elsewhere.",
        kind: "password",
        autocomplete: "current-password",
        ..Field::default()
    };
    let does = if theirs && is_first { "Keep it" } else { "Keep it, held for now" };
    let inside = view! {
        <input type="hidden" name="person" value=person.id.to_string() />
        <div class="account stack tight">
            <fieldset class="field">
                <legend>"How the money gets there"</legend>
                <div class="choices">{methods}</div>
                {wrong}
            </fieldset>
            <div class="for-method for-iban for-us for-wise">{field(&state, holder)}</div>
            <div class="for-method for-iban">{text("iban", "IBAN", "", "iban", "mono")}</div>
            <div class="for-method for-us">
                <div class="form-row">
                    {text("routing", "Routing number", "Nine digits.", "routing-number", "mono")}
                    {text("number", "Account number", "4 to 17 digits.", "us-account", "mono")}
                </div>
            </div>
            <div class="for-method for-us">{select(&state, kind, kinds)}</div>
            <div class="for-method for-paypal for-wise">
                {field(&state, Field { name: "email", label: "Email address of the account", kind: "email", rule: "email", autocomplete: "off", ..Field::default() })}
            </div>
            <div class="for-method for-manual">{text("way", "How it was agreed", "Whoever pays reads this.", "way", "")}</div>
            {field(&state, password)}
        </div>
        <div class="form-actions"><button class="button primary">{does}</button></div>
    };
    form(&state, inside)
}
