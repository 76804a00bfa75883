//! Asking a server function from the browser, as a form would and yet without leaving the page. Leptos's own client does the
//! same for any encoding and transport there may be, and is a good part of the WASM.

use leptos::prelude::window;
use serde::de::DeserializeOwned;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Headers, RequestInit, Response};

/// What the function of this name answers to some fields; nothing if it does not answer, or refuses.
pub async fn ask<T: DeserializeOwned>(name: &str, fields: &[(&str, &str)]) -> Option<T> {
    let text = sent(name, fields).await.ok()?;
    serde_json::from_str(&text).ok()
}

async fn sent(name: &str, fields: &[(&str, &str)]) -> Result<String, JsValue> {
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
    if !response.ok() {
        return Err(JsValue::NULL);
    }
    let text = JsFuture::from(response.text()?).await?;
    text.as_string().ok_or(JsValue::NULL)
}
