//! Asking a server function from the browser, as a form would and yet without leaving the page. Leptos's own client does the
//! same for any encoding and transport there may be, and is a good part of the WASM.

use js_sys::{JSON, Reflect};
use leptos::prelude::window;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Headers, RequestInit, Response};

/// What the function of this name answers to some fields, or the words in which it refuses.
pub async fn ask(name: &str, fields: &[(&str, &str)]) -> Result<JsValue, String> {
    let (went_well, text) = sent(name, fields).await.unwrap_or_default();
    let answer = JSON::parse(&text).ok();
    match answer {
        Some(answer) if went_well => Ok(answer),
        answer => {
            let message = answer.and_then(|fault| member(&fault, "message").as_string());
            Err(message.unwrap_or_else(|| {
                "The server does not answer just now. What you entered is still here; try again.".into()
            }))
        }
    }
}

/// A member of what was answered; `undefined` if there is none.
pub fn member(of: &JsValue, name: &str) -> JsValue {
    Reflect::get(of, &JsValue::from_str(name)).unwrap_or(JsValue::UNDEFINED)
}

/// Whether it went well, and what came back.
async fn sent(name: &str, fields: &[(&str, &str)]) -> Result<(bool, String), JsValue> {
    let mut body = String::new();
    for (field, value) in fields {
        if !body.is_empty() {
            body.push('&');
        }
        body.push_str(field);
        body.push('=');
        body.push_str(&String::from(js_sys::encode_uri_component(value)));
    }
    let headers = Headers::new()?;
    headers.set("content-type", "application/x-www-form-urlencoded")?;
    headers.set("accept", "application/json")?;
    let init = RequestInit::new();
    init.set_method("POST");
    init.set_headers(&headers);
    init.set_body(&JsValue::from_str(&body));
    let mut address = String::from("/do/");
    address.push_str(name);
    let response = JsFuture::from(window().fetch_with_str_and_init(&address, &init)).await?;
    let response: Response = response.dyn_into()?;
    let text = JsFuture::from(response.text()?).await?;
    Ok((response.ok(), text.as_string().unwrap_or_default()))
}
