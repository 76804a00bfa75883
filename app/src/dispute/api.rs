//! What can be done about disputes.

use domain::dispute::AnswerDraft;
use leptos::prelude::*;

use crate::Failure;

#[cfg(feature = "ssr")]
mod server {
    use domain::Fault;
    use domain::ids::DisputeId;
    use engine::dispute::Disputes;

    use crate::Failure;

    pub fn disputes() -> Disputes {
        leptos::prelude::expect_context()
    }

    pub fn dispute(id: &str) -> Result<DisputeId, Failure> {
        id.parse().map_err(|_| Failure(Fault::not_found("Nobody has said that, or not any more.")))
    }
}

/// Says that a line of one's own is wrong.
#[server(prefix = "/do", endpoint = "dispute_line")]
pub async fn dispute_line(line: String, #[server(default)] said: String) -> Result<(), Failure> {
    use domain::Fault;

    let act = crate::visit::act()?;
    let id = line.parse().map_err(|_| Failure(Fault::not_found("There is no such line.")))?;
    server::disputes().raise(&act, id, &said).await?;
    crate::visit::done(&crate::visit::form_page(), "It is said. You are told when there is an answer.");
    Ok(())
}

#[server(prefix = "/do", endpoint = "withdraw_dispute")]
pub async fn withdraw_dispute(dispute: String) -> Result<(), Failure> {
    let act = crate::visit::act()?;
    server::disputes().withdraw(&act, server::dispute(&dispute)?).await?;
    crate::visit::done(&crate::visit::form_page(), "It is withdrawn.");
    Ok(())
}

/// Says what was found, and what is done about it.
#[server(prefix = "/do", endpoint = "answer_dispute")]
pub async fn answer_dispute(dispute: String, #[server(flatten)] answer: AnswerDraft) -> Result<(), Failure> {
    let act = crate::visit::act()?;
    server::disputes().answer(&act, server::dispute(&dispute)?, &answer).await?;
    crate::visit::done(&crate::visit::form_page(), "Answered. They are told.");
    Ok(())
}
