//! What the work of the demo's projects is paid by.

use domain::period::Rhythm;
use domain::project::{Project, Terms, TermsDraft};

use crate::Error;
use crate::act::Act;
use crate::project::{AssignmentDraft, Projects, TaskDraft};
use crate::rate::{RateDraft, Rates};

/// Project, task, what it is paid by, what is counted, what an hour and a unit are paid.
const TASKS: [(&str, &str, &str, &str, &str, &str); 10] = [
    ("RAD-3", "Chest findings", "hours", "", "24", ""),
    ("RAD-3", "Bounding boxes", "both", "study", "14", "0.35"),
    ("RAD-3", "Second reading", "units", "study", "", "1.80"),
    ("INTAKE", "Fields of invoices", "units", "document", "", "0.42"),
    ("INTAKE", "Exceptions", "hours", "", "17.50", ""),
    ("TRIAGE", "Sorting", "hours", "", "210", ""),
    ("RECON", "Matching", "hours", "", "19", ""),
    ("KYC-EU", "Document checks", "units", "check", "", "0.90"),
    ("SPEECH-JA", "Transcription", "units", "minute of audio", "", "180"),
    ("SPEECH-JA", "Speaker labels", "hours", "", "1650", ""),
];

/// Since when, which is before any work of the demo.
const SINCE: &str = "2026-01-01";

/// Projects that pay otherwise than is usual.
const RHYTHMS: [(&str, Rhythm, &str); 3] = [
    ("RAD-3", Rhythm::HalfMonthly, "Europe/Berlin"),
    ("TRIAGE", Rhythm::Fortnightly, "Europe/Oslo"),
    ("SPEECH-JA", Rhythm::Weekly, "Asia/Tokyo"),
];

/// Sets up what a project pays, and by which calendar.
pub async fn set_up(act: &Act, projects: &Projects, rates: &Rates, project: &Project) -> Result<(), Error> {
    let code = project.code.as_str();
    for (_, name, paid_by, unit, hour_price, unit_price) in TASKS.iter().filter(|task| task.0 == code) {
        let draft = TaskDraft {
            name: (*name).to_owned(),
            paid_by: (*paid_by).to_owned(),
            unit: (*unit).to_owned(),
            day_hours: if *paid_by == "units" { String::new() } else { "10".to_owned() },
            ..TaskDraft::default()
        };
        let task = projects.add_task(act, project.id, &draft).await?;
        let rate = RateDraft {
            task_type: task.id.to_string(),
            hour_price: (*hour_price).to_owned(),
            unit_price: (*unit_price).to_owned(),
            from_on: SINCE.to_owned(),
            ..RateDraft::default()
        };
        rates.write(act, project.id, &rate).await?;
    }
    for (_, rhythm, zone) in RHYTHMS.iter().filter(|(of, ..)| *of == code) {
        projects.set_terms(act, project.id, 0, &terms(*rhythm, zone, &Terms::usual(project.id))).await?;
    }
    if code == "RAD-3" {
        specialists(act, projects, rates, project).await?;
    }
    Ok(())
}

/// One level with a rate of its own, and somebody who has risen to it.
async fn specialists(act: &Act, projects: &Projects, rates: &Rates, project: &Project) -> Result<(), Error> {
    let findings = projects
        .tasks(act, project.id)
        .await?
        .into_iter()
        .find(|task| task.name.as_str() == "Chest findings");
    let of_level = |hour: &str, from: &str| RateDraft {
        task_type: findings.as_ref().map(|task| task.id.to_string()).unwrap_or_default(),
        level: "specialist".to_owned(),
        hour_price: hour.to_owned(),
        from_on: from.to_owned(),
        ..RateDraft::default()
    };
    rates.write(act, project.id, &of_level("31", SINCE)).await?;
    rates.write(act, project.id, &of_level("33.50", "2026-07-01")).await?;
    let members = projects.members(act, project.id).await?;
    if let Some(ana) = members.iter().find(|member| member.email.as_str().starts_with("ana@")) {
        let risen = AssignmentDraft {
            starts_on: "2026-02-02".to_owned(),
            level: "specialist".to_owned(),
            level_from: "2026-05-01".to_owned(),
            ..AssignmentDraft::default()
        };
        projects.assign(act, project.id, ana.person_id, &risen).await?;
    }
    Ok(())
}

fn terms(rhythm: Rhythm, zone: &str, usual: &Terms) -> TermsDraft {
    TermsDraft {
        rhythm: rhythm.word().to_owned(),
        starts_on: usual.calendar.starts_on.to_string(),
        cut_off_days: usual.calendar.cut_off_days.to_string(),
        grace_days: "4".to_owned(),
        pay_days: "7".to_owned(),
        zone: zone.to_owned(),
        backdate_days: usual.backdate_days.to_string(),
        ..TermsDraft::default()
    }
}
