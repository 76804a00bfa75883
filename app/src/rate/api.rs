//! What can be done about rates.

use leptos::prelude::*;

use crate::Failure;

#[server(prefix = "/do", endpoint = "write_rate")]
pub async fn write_rate(
    id: String,
    #[server(default)] task_type: String,
    #[server(default)] level: String,
    #[server(default)] person: String,
    from_on: String,
    #[server(default)] hour_price: String,
    #[server(default)] unit_price: String,
    #[server(default)] ends: Vec<String>,
) -> Result<(), Failure> {
    let ends = !ends.is_empty();
    let draft = engine::rate::RateDraft { task_type, level, person, from_on, hour_price, unit_price, ends };
    let gone = |_| Failure(domain::Fault::not_found("There is no such project."));
    let rates = expect_context::<engine::rate::Rates>();
    let rate = rates.write(&crate::visit::act()?, id.parse().map_err(gone)?, &draft).await?;
    let from = rate.from_on.format("%-d %B %Y");
    let word = if rate.is_end() { format!("It ends on {from}.") } else { format!("It applies from {from}.") };
    crate::visit::done(&format!("/projects/{id}/rates"), &word);
    Ok(())
}
