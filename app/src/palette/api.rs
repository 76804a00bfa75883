use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::Failure;

/// One thing that was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Found {
    pub words: String,
    pub sub: String,
    pub href: String,
    pub icon: String,
}

/// People and projects whose name holds the text, as far as whoever asks may see them.
#[server(prefix = "/do", endpoint = "find")]
pub async fn find(text: String) -> Result<Vec<Found>, Failure> {
    use domain::people::Permission;
    use engine::people::{Filter, People};
    use engine::project::{Filter as ProjectFilter, Projects};

    use crate::visit;

    const EACH: usize = 6;
    let act = visit::act()?;
    let mut found = Vec::new();
    let projects = expect_context::<Projects>();
    let filter = ProjectFilter { text: Some(text.clone()), ..ProjectFilter::default() };
    for project in projects.list(&act, &filter, EACH).await?.rows {
        found.push(Found {
            words: project.name.to_string(),
            sub: format!("{} · {}", project.code, project.client),
            href: format!("/projects/{}", project.id),
            icon: "folder-kanban".to_owned(),
        });
    }
    if act.may(Permission::SeePeople) {
        let people = expect_context::<People>();
        for person in people.list(&act, &Filter { text: Some(text), ..Filter::default() }, EACH).await?.rows {
            found.push(Found {
                words: person.name.to_string(),
                sub: person.email.to_string(),
                href: format!("/people/{}", person.id),
                icon: "user".to_owned(),
            });
        }
    }
    Ok(found)
}
