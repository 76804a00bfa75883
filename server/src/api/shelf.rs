//! What the routes of workflows, models and prompts share: all three are kept in versions and applied in the same way.

use axum::Json;
use axum::http::StatusCode;
use engine::act::Act;
use engine::shelf::{Shelved, Versioned};

use super::Refused;
use super::paging::page_size;
use super::views::{ApplyBody, EntriesQuery, EntryView, PlanView, VersionsPage, VersionsQuery};

pub type Applied = (StatusCode, Json<PlanView>);

/// One page of all of a kind, and where the next begins.
pub async fn entries<T: Shelved>(
    kept: &Versioned<T>,
    act: &Act,
    asked: &EntriesQuery,
) -> Result<(Vec<EntryView>, Option<String>), Refused> {
    let page = kept.list(act, asked.after.as_deref(), page_size(asked.limit)?).await?;
    let next = page.rows.last().filter(|_| page.has_more).map(|entry| entry.name.clone());
    Ok((page.rows.into_iter().map(EntryView::from).collect(), next))
}

/// A file applied, or what that would do.
pub async fn applied<T: Shelved>(
    kept: &Versioned<T>,
    act: &Act,
    body: &ApplyBody,
) -> Result<Applied, Refused> {
    let dry_run = body.dry_run.unwrap_or(false);
    let plan = if dry_run {
        kept.plan(act, &body.source).await?
    } else {
        kept.apply(act, &body.source, body.base).await?
    };
    let view = PlanView::from(plan);
    let made = view.change != "same" && !dry_run;
    Ok((if made { StatusCode::CREATED } else { StatusCode::OK }, Json(view)))
}

/// One page of versions, the newest first.
pub async fn versions_of<T: Shelved>(
    kept: &Versioned<T>,
    act: &Act,
    name: &str,
    asked: &VersionsQuery,
) -> Result<Json<VersionsPage>, Refused> {
    let page = kept.versions(act, name, asked.before, page_size(asked.limit)?).await?;
    let next = page.rows.last().filter(|_| page.has_more).map(|version| version.number);
    Ok(Json(VersionsPage { versions: page.rows.into_iter().map(Into::into).collect(), next }))
}
