//! What people do about their own account.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::Failure;

/// A token's secret, shown this once.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct TokenView {
    pub name: String,
    pub secret: String,
}

#[server(prefix = "/do", endpoint = "change_profile")]
pub async fn change_profile(name: String, zone: String) -> Result<(), Failure> {
    let people = expect_context::<engine::people::People>();
    people.change_own(&crate::visit::act()?, &engine::people::Profile { name, zone }).await?;
    crate::visit::done("/profile", "Your profile is saved.");
    Ok(())
}

#[server(prefix = "/do", endpoint = "change_password")]
pub async fn change_password(current: String, password: String) -> Result<(), Failure> {
    let people = expect_context::<engine::people::People>();
    let keep = crate::visit::session_hash();
    people.change_password(&crate::visit::act()?, &current, &password, keep.as_deref()).await?;
    crate::visit::done("/profile/security", "Your password is changed, and every other session has ended.");
    Ok(())
}

/// Draws the secret that the page then shows.
#[server(prefix = "/do", endpoint = "begin_two_step")]
pub async fn begin_two_step() -> Result<(), Failure> {
    expect_context::<engine::people::People>().begin_enrolment(&crate::visit::act()?).await?;
    crate::visit::done("/profile/security#two-step", "");
    Ok(())
}

/// Turns two-step sign-in on; answers the recovery codes.
#[server(prefix = "/do", endpoint = "enable_two_step")]
pub async fn enable_two_step(code: String) -> Result<Vec<String>, Failure> {
    Ok(expect_context::<engine::people::People>().enable_two_step(&crate::visit::act()?, &code).await?)
}

#[server(prefix = "/do", endpoint = "disable_two_step")]
pub async fn disable_two_step(password: String) -> Result<(), Failure> {
    expect_context::<engine::people::People>().disable_two_step(&crate::visit::act()?, &password).await?;
    crate::visit::done("/profile/security", "Two-step sign-in is off.");
    Ok(())
}

#[server(prefix = "/do", endpoint = "make_token")]
pub async fn make_token(
    name: String,
    #[server(default)] scopes: Vec<String>,
    days: i64,
) -> Result<TokenView, Failure> {
    let new = engine::people::NewToken { name, scopes, days };
    let made = expect_context::<engine::people::People>().make_token(&crate::visit::act()?, &new).await?;
    Ok(TokenView { name: made.token.name.as_str().to_owned(), secret: made.secret })
}

#[server(prefix = "/do", endpoint = "revoke_token")]
pub async fn revoke_token(id: String) -> Result<(), Failure> {
    let act = crate::visit::act()?;
    let me = act.person()?.id;
    let id = id.parse().map_err(|_| Failure(domain::Fault::not_found("There is no such token.")))?;
    expect_context::<engine::people::People>().revoke_token(&act, me, id).await?;
    crate::visit::done("/profile/tokens", "The token is revoked.");
    Ok(())
}

/// Light, dark, or as the system says.
#[server(prefix = "/do", endpoint = "set_theme")]
pub async fn set_theme(theme: String) -> Result<(), Failure> {
    const A_YEAR: u32 = 365 * 24 * 60 * 60;
    let (value, age) = if theme == "light" || theme == "dark" { (theme.as_str(), A_YEAR) } else { ("", 0) };
    crate::visit::set_cookie("theme", value, age, true);
    crate::visit::done(&crate::visit::form_page(), "");
    Ok(())
}
