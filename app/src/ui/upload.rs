//! A form that takes a file, or the same as text: whoever has no file at hand pastes, and sees what they send.

use leptos::prelude::*;

use super::field::textarea_text;

/// What is asked for, and how.
pub struct Upload {
    /// The server function, and the page the form stands on.
    pub action: &'static str,
    pub here: &'static str,
    /// Which files, for the browser's dialog, and a word about them.
    pub accept: &'static str,
    pub hint: &'static str,
    /// The text: its field, what it is called, what it is like, and what there is of it.
    pub name: &'static str,
    pub label: &'static str,
    pub rows: &'static str,
    pub placeholder: &'static str,
    pub text: String,
    pub submit: &'static str,
    pub cancel: &'static str,
}

/// The form. What is wrong with the text stands `above` all of it or `below` its field, under the id `NAME-error`.
pub fn upload(asked: Upload, above: Option<AnyView>, below: Option<AnyView>) -> impl IntoView {
    let invalid = (above.is_some() || below.is_some()).then_some("true");
    let error = format!("{}-error", asked.name);
    let below = above.is_none().then(|| view! { <p class="field-error" id=error.clone()>{below}</p> });
    view! {
        <form class="form" method="post" action=format!("/do/{}", asked.action) enctype="multipart/form-data">
            <input type="hidden" name="_from" value=asked.here />
            {above}
            <div class="field">
                <label for="file">"File"</label>
                <p class="field-hint" id="file-hint">{asked.hint}</p>
                <input class="input" id="file" name="file" type="file" accept=asked.accept aria-describedby="file-hint" />
            </div>
            <div class="field">
                <label for=asked.name>{asked.label}</label>
                <textarea
                    class="input mono"
                    id=asked.name
                    name=asked.name
                    rows=asked.rows
                    placeholder=asked.placeholder
                    spellcheck="false"
                    wrap="off"
                    aria-invalid=invalid
                    aria-describedby=error
                >
                    {textarea_text(&asked.text)}
                </textarea>
                {below}
            </div>
            <div class="form-actions ruled">
                <button class="button primary">{asked.submit}</button>
                <a class="button quiet" href=asked.cancel>"Cancel"</a>
            </div>
        </form>
    }
}
