//! What can be done about files that were brought.

use leptos::prelude::*;

use crate::Failure;

#[cfg(feature = "ssr")]
mod server {
    use std::time::Duration;

    use domain::Fault;
    use domain::number::{day, optional};
    use domain::timesheet::import::{Aside, DayOrder, Mapping, Role};
    use engine::timesheet::import::TakenFiles;

    use crate::Failure;

    /// So long somebody waits for files to be taken; after that they watch.
    pub const WAIT: Duration = Duration::from_secs(8);

    pub fn id<T: std::str::FromStr>(text: &str) -> Result<T, Failure> {
        text.parse().map_err(|_| Fault::not_found("There are no such files.").into())
    }

    pub fn mapping(
        columns: &[String],
        day_order: &str,
        [person, project, task, week]: [&str; 4],
    ) -> Result<Mapping, Failure> {
        let unread = || Fault::invalid("The form could not be read. Reload the page and try again.");
        let roles = columns.iter().map(|word| Role::parse(word).ok_or_else(unread));
        let filled = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        let aside = Aside {
            person: filled(person),
            project: filled(project),
            task: filled(task),
            week: optional(week, day).map_err(|wrong| Fault::field("week", wrong.to_string()))?,
        };
        let roles = roles.collect::<Result<Vec<_>, _>>()?;
        Ok(Mapping { roles, day_order: DayOrder::parse(day_order), aside })
    }

    pub fn words(taken: Option<TakenFiles>) -> String {
        let Some(taken) = taken else {
            return "The files are being taken. You see here how far it is.".to_owned();
        };
        let count = |n: usize, one: &str, many: &str| {
            if n == 1 { format!("One {one}") } else { format!("{n} {many}") }
        };
        let files = count(taken.files, "file is taken", "files are taken");
        match (taken.files, taken.refused) {
            (_, 0) => format!("{files}, with {} lines.", taken.lines),
            (0, _) => "Nothing was taken: something has changed meanwhile, and is shown below.".to_owned(),
            (_, refused) => {
                let rest = count(refused, "needs", "need").to_lowercase();
                format!(
                    "{files}, with {} lines; {rest} another look, as something has changed meanwhile.",
                    taken.lines
                )
            }
        }
    }
}

/// Says what the columns of a file are, and what holds for all of it.
#[server(prefix = "/do", endpoint = "map_file")]
pub async fn map_file(
    brought: String,
    file: String,
    #[server(default)] columns: Vec<String>,
    #[server(default)] day_order: String,
    #[server(default)] person: String,
    #[server(default)] project: String,
    #[server(default)] task: String,
    #[server(default)] week: String,
) -> Result<(), Failure> {
    let mapping = server::mapping(&columns, &day_order, [&person, &project, &task, &week])?;
    let timesheets = expect_context::<engine::timesheet::Timesheets>();
    timesheets.map_file(&crate::visit::act()?, server::id(&brought)?, server::id(&file)?, &mapping).await?;
    let place = format!("{}/{brought}?file={file}", super::BRING);
    crate::visit::done(&place, "The file is read anew, and so are others with the same columns.");
    Ok(())
}

#[server(prefix = "/do", endpoint = "take_files")]
pub async fn take_files(brought: String, #[server(default)] confirm: Vec<String>) -> Result<(), Failure> {
    let timesheets = expect_context::<engine::timesheet::Timesheets>();
    let id = server::id(&brought)?;
    let taken =
        timesheets.take_files_within(&crate::visit::act()?, id, !confirm.is_empty(), server::WAIT).await?;
    crate::visit::done(&format!("{}/{brought}", super::BRING), &server::words(taken));
    Ok(())
}

/// Looks at all of it again: people, projects or rates may be others by now.
#[server(prefix = "/do", endpoint = "look_again")]
pub async fn look_again(brought: String) -> Result<(), Failure> {
    let timesheets = expect_context::<engine::timesheet::Timesheets>();
    timesheets.look_again(&crate::visit::act()?, server::id(&brought)?).await?;
    crate::visit::done(&format!("{}/{brought}", super::BRING), "The files were looked at again.");
    Ok(())
}

#[server(prefix = "/do", endpoint = "forget_files")]
pub async fn forget_files(brought: String) -> Result<(), Failure> {
    let timesheets = expect_context::<engine::timesheet::Timesheets>();
    timesheets.forget_drop(&crate::visit::act()?, server::id(&brought)?).await?;
    crate::visit::done(super::BRING, "What was not taken is forgotten.");
    Ok(())
}
