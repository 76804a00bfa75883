//! Ways in and out. Each begins without knowing who asks.

use leptos::prelude::*;

use crate::Failure;

#[server(prefix = "/do", endpoint = "sign_in")]
pub async fn sign_in(
    #[server(default)] email: String,
    #[server(default)] password: String,
    #[server(default)] next: String,
) -> Result<(), Failure> {
    use engine::people::{Attempt, People, SignedIn};

    use crate::visit;

    let people = expect_context::<People>();
    let act = visit::act()?;
    let attempt = Attempt { email, password, device: visit::cookie("device") };
    match people.sign_in(&act, &attempt).await? {
        SignedIn::In(admitted) => welcome(&people, &act, &admitted, &next).await?,
        SignedIn::NeedsCode(id) => {
            visit::await_second_step(id).await?;
            visit::done(&format!("/sign-in/code?next={}", visit::percent(&next)), "");
        }
    }
    Ok(())
}

/// The second step: a code from the app, or a recovery code.
#[server(prefix = "/do", endpoint = "second_step")]
pub async fn second_step(
    #[server(default)] code: String,
    #[server(default)] next: String,
) -> Result<(), Failure> {
    use domain::{Fault, FaultKind};
    use engine::people::People;

    use crate::visit;

    let people = expect_context::<People>();
    let Some((id, since)) = visit::pending_second_step().await? else {
        return visit::refuse(Fault::new(FaultKind::SignedOut, "Please sign in with your password first."));
    };
    let act = visit::act()?;
    let admitted = people.second_step(&act, id, since, &code, visit::cookie("device").as_deref()).await?;
    Ok(welcome(&people, &act, &admitted, &next).await?)
}

#[server(prefix = "/do", endpoint = "sign_out")]
pub async fn sign_out() -> Result<(), Failure> {
    use engine::people::People;

    use crate::visit;

    if let Some(hash) = visit::session_hash() {
        expect_context::<People>().sign_out(&visit::act()?, &hash).await?;
    }
    visit::end_session().await?;
    visit::done("/sign-in", "You are signed out.");
    Ok(())
}

#[server(prefix = "/do", endpoint = "forgot")]
pub async fn forgot(#[server(default)] email: String) -> Result<(), Failure> {
    expect_context::<engine::people::People>().request_reset(&crate::visit::act()?, &email).await?;
    crate::visit::done("/sign-in", "If there is such an account, a link is on its way. Look into your mail.");
    Ok(())
}

#[server(prefix = "/do", endpoint = "set_up")]
pub async fn set_up(
    secret: String,
    email: String,
    name: String,
    zone: String,
    password: String,
) -> Result<(), Failure> {
    let people = expect_context::<engine::people::People>();
    let act = crate::visit::act()?;
    let admitted = people.set_up(&act, &secret, &email, &name, &zone, &password).await?;
    Ok(welcome(&people, &act, &admitted, "/").await?)
}

#[server(prefix = "/do", endpoint = "accept_invitation")]
pub async fn accept_invitation(
    secret: String,
    name: String,
    zone: String,
    password: String,
) -> Result<(), Failure> {
    let people = expect_context::<engine::people::People>();
    let act = crate::visit::act()?;
    let accept = engine::people::Accept { name, zone, password };
    let admitted = people.accept(&act, &secret, &accept).await?;
    Ok(welcome(&people, &act, &admitted, "/").await?)
}

#[server(prefix = "/do", endpoint = "reset_password")]
pub async fn reset_password(secret: String, password: String) -> Result<(), Failure> {
    const A_YEAR: u32 = 365 * 24 * 60 * 60;
    let people = expect_context::<engine::people::People>();
    let act = crate::visit::act()?;
    let person = people.reset(&act, &secret, &password).await?;
    crate::visit::set_cookie(
        "device",
        &people.device_mark(&act, &person).map_err(Failure::from)?,
        A_YEAR,
        true,
    );
    crate::visit::done("/sign-in", "Your new password holds. Sign in with it.");
    Ok(())
}

/// Begins the session, marks the browser as known, and leads on.
#[cfg(feature = "ssr")]
async fn welcome(
    people: &engine::people::People,
    act: &engine::act::Act,
    admitted: &engine::people::Admitted,
    next: &str,
) -> Result<(), engine::Error> {
    const A_YEAR: u32 = 365 * 24 * 60 * 60;
    crate::visit::begin_session(admitted).await?;
    crate::visit::set_cookie("device", &people.device_mark(act, &admitted.person)?, A_YEAR, true);
    crate::visit::done(crate::visit::local_path(next), "");
    Ok(())
}
