//! Nothing is changed on the word of another site. Browsers say where a request comes from, in `Sec-Fetch-Site` and
//! `Origin`; programs say neither and bring a token instead of a cookie.

use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, header};
use axum::middleware::Next;
use axum::response::Response;
use domain::Fault;

use super::{Host, fault};

pub async fn refuse(State(host): State<Host>, request: Request, next: Next) -> Response {
    let changes = !matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    if changes && !is_our_own(request.headers(), &host.options.base_url) {
        let message = "This request came from another site, so nothing was done. Open Countersign itself and try again.";
        return fault::answer(&host.pages, request, Fault::forbidden(message)).await;
    }
    next.run(request).await
}

fn is_our_own(headers: &HeaderMap, base_url: &str) -> bool {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    match text("sec-fetch-site") {
        Some("same-origin" | "none") => return true,
        Some(_) => return false,
        None => {}
    }
    match text(header::ORIGIN.as_str()) {
        Some(origin) => {
            let host = origin.split_once("://").map(|(_, host)| host);
            origin == base_url || (host.is_some() && host == text(header::HOST.as_str()))
        }
        None => true,
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn allowed(headers: &[(&'static str, &'static str)]) -> bool {
        let headers = headers.iter().map(|(name, value)| {
            (axum::http::HeaderName::from_static(name), HeaderValue::from_static(value))
        });
        is_our_own(&headers.collect(), "https://desk.example.com")
    }

    #[test]
    fn only_our_own_pages_and_programs_without_cookies_may_change_anything() {
        assert!(allowed(&[("sec-fetch-site", "same-origin")]));
        assert!(allowed(&[("origin", "https://desk.example.com")]));
        assert!(allowed(&[("origin", "http://127.0.0.1:3000"), ("host", "127.0.0.1:3000")]));
        assert!(allowed(&[]));
        for site in ["cross-site", "same-site"] {
            assert!(!allowed(&[("sec-fetch-site", site)]), "{site}");
        }
        assert!(!allowed(&[("origin", "https://evil.example"), ("host", "desk.example.com")]));
        assert!(!allowed(&[("origin", "null"), ("host", "desk.example.com")]));
    }
}
