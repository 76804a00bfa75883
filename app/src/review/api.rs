//! What can be done with reviews.

use leptos::prelude::*;

use crate::Failure;

/// In the place of a verdict: the managers are to decide.
#[cfg(feature = "ssr")]
pub const ESCALATE: &str = "escalate";

/// Somebody has looked, and decided, or wants the managers to.
#[server(prefix = "/do", endpoint = "decide_review")]
pub async fn decide_review(
    id: String,
    #[server(default)] verdict: String,
    #[server(default)] output: String,
    #[server(default)] reason: String,
    #[server(default)] comment: String,
) -> Result<(), Failure> {
    use domain::Fault;
    use domain::review::{Said, Verdict};

    let id = review_id(&id)?;
    if verdict == ESCALATE {
        let handed = expect_context::<engine::review::Reviews>();
        handed.escalate(&crate::visit::act()?, id, Some(&comment)).await?;
        return go_on(&crate::visit::act()?, id, "Handed to the managers").await;
    }
    let verdict = Verdict::parse(&verdict)
        .ok_or_else(|| Fault::field("verdict", "Accept, correct or reject it: press one of the buttons."))?;
    let act = crate::visit::act()?;
    let reviews = expect_context::<engine::review::Reviews>();
    let output = match verdict {
        Verdict::Reject => None,
        Verdict::Correct => Some(read(&output)?),
        Verdict::Accept => {
            let found = reviews.open(&act, id).await?.review.found;
            as_it_was(&output, found.as_deref())?;
            None
        }
    };
    let word = |text: String| Some(text).filter(|text| !text.is_empty());
    let said = Said { verdict, output, reason: word(reason), comment: word(comment) };
    let told = |error| Failure::from(error).gathered_at("output");
    reviews.decide(&act, id, said).await.map_err(told)?;
    go_on(&act, id, verdict.label()).await
}

#[cfg(feature = "ssr")]
fn review_id(text: &str) -> Result<domain::ids::ReviewId, Failure> {
    text.parse().map_err(|_| domain::Fault::not_found("There is no such review.").into())
}

#[cfg(feature = "ssr")]
fn read(output: &str) -> Result<serde_json::Value, domain::Fault> {
    serde_json::from_str(output)
        .map_err(|wrong| domain::Fault::field("output", format!("This is not JSON: {wrong}.")))
}

/// Whoever has changed something and presses the other button must not lose it.
#[cfg(feature = "ssr")]
fn as_it_was(output: &str, found: Option<&str>) -> Result<(), domain::Fault> {
    let found = found.map(serde_json::from_str::<serde_json::Value>);
    if output.trim().is_empty() || matches!(found, Some(Ok(found)) if read(output)? == found) {
        return Ok(());
    }
    let message =
        "You have changed this. Press “Correct” to send it, or put it back to accept what was found.";
    Err(domain::Fault::field("output", message))
}

/// To the next that waits.
#[cfg(feature = "ssr")]
async fn go_on(act: &engine::act::Act, done: domain::ids::ReviewId, word: &str) -> Result<(), Failure> {
    match expect_context::<engine::review::Reviews>().next(act, done).await? {
        Some(next) => {
            crate::visit::done(&format!("/reviews/{next}"), &format!("{word}. Here is the next one."));
        }
        None => crate::visit::done("/reviews", &format!("{word}. Nothing else waits.")),
    }
    Ok(())
}
