//! What can be done about a week.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::Failure;

/// A cell of the grid, as its form has it.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct CellForm {
    pub task: String,
    pub on: String,
    #[serde(default)]
    pub hours: String,
    #[serde(default)]
    pub units: String,
    #[serde(default)]
    pub note: String,
}

/// What became of what was kept by itself.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Kept {
    /// As the form has it.
    pub version: String,
    pub said: Vec<Word>,
}

/// What is to be said about a field.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Word {
    pub field: String,
    pub words: String,
}

#[cfg(feature = "ssr")]
mod server {
    use chrono::{DateTime, Utc};
    use domain::Fault;
    use domain::fault::FieldFault;
    use domain::ids::PersonId;
    use domain::number::day;
    use domain::timesheet::Week;
    use engine::act::Act;
    use engine::timesheet::{Entered, LineDraft, Said, Timesheets};
    use leptos::prelude::expect_context;

    use super::CellForm;
    use crate::Failure;

    /// Whose week a form is about, and which.
    pub struct About {
        pub act: Act,
        pub person: PersonId,
        pub week: Week,
        pub timesheets: Timesheets,
    }

    pub fn about(person: &str, week: &str) -> Result<About, Failure> {
        let act = crate::visit::act()?;
        let person = person.parse().map_err(|_| Fault::not_found("There is no such person."))?;
        let monday = day(week).map_err(|wrong| Fault::invalid(wrong.to_string()))?;
        Ok(About { act, person, week: Week::of(monday), timesheets: expect_context() })
    }

    /// When the clock was started that a form is about.
    pub fn moment(text: &str) -> Result<DateTime<Utc>, Failure> {
        let unread = |_| Fault::invalid("The form could not be read. Reload the page and try again.");
        Ok(text.parse().map_err(unread)?)
    }

    impl About {
        /// The address of the week.
        pub fn place(&self) -> String {
            let own = self.act.person().is_ok_and(|me| me.id == self.person);
            let whose = if own { String::new() } else { format!("&person={}", self.person) };
            format!("/timesheet?week={}{whose}", self.week.monday())
        }

        pub async fn save(&self, version: i64, cells: Vec<CellForm>) -> Result<(Said, Entered), Failure> {
            let drafts = cells.into_iter().map(draft).collect::<Result<Vec<_>, _>>()?;
            Ok(self.timesheets.save(&self.act, self.person, self.week, Some(version), &drafts).await?)
        }
    }

    fn draft(cell: CellForm) -> Result<LineDraft, Fault> {
        let unread = || Fault::invalid("The form could not be read. Reload the page and try again.");
        Ok(LineDraft {
            task: cell.task.parse().map_err(|_| unread())?,
            on: day(&cell.on).map_err(|_| unread())?,
            hours: cell.hours,
            units: cell.units,
            note: cell.note,
            external_id: None,
        })
    }

    /// What could not be kept, as the fault of a form; nothing if all of it was.
    pub fn refusal(entered: &Entered) -> Option<Fault> {
        let hard = entered.said.iter().filter(|said| !said.soft);
        let fields: Vec<_> =
            hard.map(|said| FieldFault { field: said.field(), message: said.message.clone() }).collect();
        let mut fault = Fault::invalid("Not all of it could be kept.");
        fault.fields = fields;
        (!fault.fields.is_empty()).then_some(fault)
    }
}

#[server(prefix = "/do", endpoint = "save_week")]
pub async fn save_week(
    person: String,
    week: String,
    version: i64,
    #[server(default)] cells: Vec<CellForm>,
) -> Result<(), Failure> {
    let about = server::about(&person, &week)?;
    let (_, entered) = about.save(version, cells).await?;
    if let Some(fault) = server::refusal(&entered) {
        return crate::visit::refuse(fault);
    }
    crate::visit::done(&about.place(), "Your week is saved. Submit it when it is complete.");
    Ok(())
}

/// As it is typed, without leaving the page.
#[server(prefix = "/do", endpoint = "keep_week")]
pub async fn keep_week(
    person: String,
    week: String,
    version: i64,
    #[server(default)] cells: Vec<CellForm>,
) -> Result<Kept, Failure> {
    let about = server::about(&person, &week)?;
    let (said, entered) = about.save(version, cells).await?;
    let word = |said: &engine::timesheet::Refused| Word { field: said.field(), words: said.message.clone() };
    Ok(Kept { version: said.version.to_string(), said: entered.said.iter().map(word).collect() })
}

/// Saves what is in the form, and submits the week.
#[server(prefix = "/do", endpoint = "submit_week")]
pub async fn submit_week(
    person: String,
    week: String,
    version: i64,
    #[server(default)] cells: Vec<CellForm>,
    #[server(default)] confirm: Vec<String>,
) -> Result<(), Failure> {
    let about = server::about(&person, &week)?;
    let (said, entered) = about.save(version, cells).await?;
    if let Some(fault) = server::refusal(&entered) {
        return crate::visit::refuse(fault);
    }
    let confirmed = !confirm.is_empty();
    about.timesheets.submit(&about.act, about.person, about.week, said.version, confirmed).await?;
    crate::visit::done(&about.place(), "The week is submitted. You see here what becomes of it.");
    Ok(())
}

#[server(prefix = "/do", endpoint = "worked_nothing")]
pub async fn worked_nothing(person: String, week: String, version: i64) -> Result<(), Failure> {
    let about = server::about(&person, &week)?;
    about.timesheets.worked_nothing(&about.act, about.person, about.week, version).await?;
    crate::visit::done(&about.place(), "Noted: nothing was worked in this week.");
    Ok(())
}

/// Fills the empty cells of a week with what the one before it has.
#[server(prefix = "/do", endpoint = "copy_week")]
pub async fn copy_week(person: String, week: String, version: i64) -> Result<(), Failure> {
    let about = server::about(&person, &week)?;
    let copied = about.timesheets.copy(&about.act, about.person, about.week, version).await?;
    let word = match copied {
        0 => "There was nothing to copy that this week has room for.".to_owned(),
        1 => "One day was copied from the week before.".to_owned(),
        n => format!("{n} entries were copied from the week before."),
    };
    crate::visit::done(&about.place(), &word);
    Ok(())
}

#[server(prefix = "/do", endpoint = "return_line")]
pub async fn return_line(
    person: String,
    week: String,
    line: String,
    #[server(default)] why: String,
) -> Result<(), Failure> {
    let about = server::about(&person, &week)?;
    let gone = |_| Failure(domain::Fault::not_found("There is no such line."));
    about.timesheets.return_line(&about.act, line.parse().map_err(gone)?, &why).await?;
    crate::visit::done(&about.place(), "The line is returned. Its person sees why.");
    Ok(())
}

#[server(prefix = "/do", endpoint = "start_timer")]
pub async fn start_timer(#[server(default)] task: String) -> Result<(), Failure> {
    let act = crate::visit::act()?;
    let timesheets = expect_context::<engine::timesheet::Timesheets>();
    let unknown = |_| Failure(domain::Fault::field("task", "Choose what you work on."));
    timesheets.start_timer(&act, task.parse().map_err(unknown)?).await?;
    crate::visit::done("/timesheet", "Your clock runs. It goes on when you leave this page.");
    Ok(())
}

#[server(prefix = "/do", endpoint = "stop_timer")]
pub async fn stop_timer(since: String, #[server(default)] until: String) -> Result<(), Failure> {
    let act = crate::visit::act()?;
    let since = server::moment(&since)?;
    let entered = expect_context::<engine::timesheet::Timesheets>().stop_timer(&act, since, &until).await?;
    crate::visit::done("/timesheet", &entered);
    Ok(())
}

#[server(prefix = "/do", endpoint = "discard_timer")]
pub async fn discard_timer(since: String) -> Result<(), Failure> {
    let act = crate::visit::act()?;
    let since = server::moment(&since)?;
    expect_context::<engine::timesheet::Timesheets>().discard_timer(&act, since).await?;
    crate::visit::done("/timesheet", "The clock is gone. Nothing was entered.");
    Ok(())
}
