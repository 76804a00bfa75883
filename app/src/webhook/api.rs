//! What can be done about messages.

use leptos::prelude::*;

use crate::Failure;

#[server(prefix = "/do", endpoint = "send_message_again")]
pub async fn send_message_again(id: String) -> Result<(), Failure> {
    let id = id.parse().map_err(|_| domain::Fault::not_found("There is no such message."))?;
    expect_context::<engine::webhook::Webhooks>().send_again(&crate::visit::act()?, id).await?;
    crate::visit::done(&format!("/webhooks/{id}"), "The message is on its way again.");
    Ok(())
}

#[server(prefix = "/do", endpoint = "send_all_messages_again")]
pub async fn send_all_messages_again() -> Result<(), Failure> {
    let webhooks = expect_context::<engine::webhook::Webhooks>();
    let (sent, more) = webhooks.send_all_again(&crate::visit::act()?).await?;
    let words = match (sent, more) {
        (0, _) => "Nothing was given up.".to_owned(),
        (1, _) => "One message is on its way again.".to_owned(),
        (sent, false) => format!("{sent} messages are on their way again."),
        (sent, true) => format!("{sent} messages are on their way again; there may be more."),
    };
    crate::visit::done("/webhooks", &words);
    Ok(())
}
