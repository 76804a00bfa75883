//! What happens to a page while somebody looks at it: it is rendered again now and then, and those of its live parts that
//! have changed are sent, as server-sent events.
//!
//! So whatever a page shows can be live, from one place, by the very code that has rendered it first; and whoever may not see
//! it any more is told so as they would be by a reload.

use std::collections::HashMap;
use std::convert::Infallible;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Duration;

use app::ui::{END, PART};
use app::visit::{SessionHash, local_path};
use axum::body::to_bytes;
use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{StatusCode, Uri};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use domain::{Fault, FaultKind};
use engine::act::{Act, Actor};
use futures_util::{StreamExt, stream};
use serde::Deserialize;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::{Instant, sleep};

use super::{Host, fault};

/// How often a page is looked at.
const EVERY: Duration = Duration::from_secs(2);

/// After that the browser calls again.
const AT_MOST: Duration = Duration::from_mins(2);

/// Pages are not larger.
const LARGEST_PAGE: usize = 8 * 1024 * 1024;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    /// The address of the page.
    of: String,
}

/// One browser that follows one page.
struct Follower {
    host: Host,
    /// The request that would render the page.
    page: Parts,
    /// What was sent last of each part.
    sent: HashMap<String, u64>,
    until: Instant,
    /// When it is looked at next; at once at first, as something may have happened since the page was rendered.
    wait: Duration,
    _place: OwnedSemaphorePermit,
}

pub async fn follow(State(host): State<Host>, request: Request) -> Response {
    match follower(&host, &request) {
        Ok(follower) => {
            let parts = stream::unfold(follower, async |mut follower| {
                let changed = follower.look().await?;
                Some((stream::iter(changed.into_iter().map(Ok::<_, Infallible>)), follower))
            });
            Sse::new(parts.flatten()).keep_alive(KeepAlive::default()).into_response()
        }
        Err(fault) => fault::answer(&host.pages, request, fault).await,
    }
}

fn follower(host: &Host, request: &Request) -> Result<Follower, Fault> {
    let act = request.extensions().get::<Act>();
    act.ok_or_else(|| Fault::new(FaultKind::Internal, "The request was not prepared."))?
        .person_in_browser()?;
    let asked: Asked = serde_html_form::from_str(request.uri().query().unwrap_or_default())
        .map_err(|_| Fault::field("of", "Say which page is to be followed."))?;
    let no_page = || Fault::field("of", "This is not the address of a page.");
    let uri: Uri = asked.of.parse().map_err(|_| no_page())?;
    if local_path(&asked.of) != asked.of {
        return Err(no_page());
    }
    let full = |_| {
        Fault::new(FaultKind::Unavailable, "Too many pages are followed at the moment. Reload it instead.")
    };
    let place = host.followers.clone().try_acquire_owned().map_err(full)?;
    let (mut page, ()) = axum::http::Request::new(()).into_parts();
    page.uri = uri;
    page.headers = request.headers().clone();
    page.extensions = request.extensions().clone();
    Ok(Follower {
        host: host.clone(),
        page,
        sent: HashMap::new(),
        until: Instant::now() + AT_MOST,
        wait: Duration::ZERO,
        _place: place,
    })
}

impl Follower {
    /// Who looks, now: their session may have ended meanwhile, or what they may see have changed.
    async fn who(&self) -> Option<Act> {
        let before = self.page.extensions.get::<Act>()?;
        let SessionHash(session) = self.page.extensions.get()?;
        let (people, at) = (&self.host.house.people, before.world.now());
        let person = people.who(session, at).await.ok()??;
        let actor = Actor::Person { person, scopes: None };
        Some(Act { actor, at, ..before.clone() })
    }

    /// Waits until it is time to look again. Answers with what has changed; nothing when the line is to end.
    async fn look(&mut self) -> Option<Vec<Event>> {
        let wait = std::mem::replace(&mut self.wait, EVERY);
        tokio::select! {
            () = sleep(wait) => {}
            () = self.host.closing.cancelled() => return None,
        }
        if Instant::now() > self.until {
            return None;
        }
        let act = self.who().await?;
        self.page.extensions.insert(act);
        let response = self.host.pages.render(self.page.clone()).await;
        if response.status() != StatusCode::OK {
            return None;
        }
        let body = to_bytes(response.into_body(), LARGEST_PAGE).await.ok()?;
        let markup = std::str::from_utf8(&body).ok()?;
        let mut events = Vec::new();
        for (name, part) in live_parts(markup) {
            let mut hasher = DefaultHasher::new();
            part.hash(&mut hasher);
            let hash = hasher.finish();
            if self.sent.insert(name.to_owned(), hash) != Some(hash) {
                events.push(Event::default().data(format!("{name} {part}").replace('\r', "")));
            }
        }
        Some(events)
    }
}

/// The live parts of a page, each with its name. Text of people is escaped, so that it can neither begin nor end one.
fn live_parts(mut markup: &str) -> Vec<(&str, &str)> {
    let (begin, mut parts) = (format!("id=\"{PART}"), Vec::new());
    while let Some((_, rest)) = markup.split_once(&begin) {
        let Some((name, rest)) = rest.split_once('"') else { break };
        let Some((_, rest)) = rest.split_once('>') else { break };
        let end = format!("<template id=\"{END}{name}\">");
        let Some((part, rest)) = rest.split_once(&end) else { break };
        parts.push((name, part));
        markup = rest;
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn live_parts_are_found_in_a_page() {
        let part = |name: &str, inside: &str| {
            format!(
                "<div class=\"live\" id=\"{PART}{name}\">{inside}<template id=\"{END}{name}\"></template></div>"
            )
        };
        let page = format!(
            "<main>{}<p>x</p>{}</main>",
            part("state", "<b>1</b>"),
            part("rows", "a &lt;template id=&quot;")
        );
        assert_eq!(live_parts(&page), [("state", "<b>1</b>"), ("rows", "a &lt;template id=&quot;")]);
        assert_eq!(live_parts("<p>nothing</p>"), []);
        assert_eq!(live_parts(&format!("<div id=\"{PART}open\">never closed")), []);
    }
}
