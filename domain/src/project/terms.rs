use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::fault::Check;
use crate::ids::ProjectId;
use crate::money::Amount;
use crate::number::{day, optional, whole};
use crate::people::Zone;
use crate::period::{Calendar, Rhythm};
use crate::timesheet::Hours;
use crate::{Currency, Fault};

/// How a project pays: its periods, and the limits of what can be entered on it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "sql", derive(sqlx::FromRow))]
pub struct Terms {
    pub project_id: ProjectId,
    #[cfg_attr(feature = "sql", sqlx(flatten))]
    #[serde(flatten)]
    pub calendar: Calendar,
    /// Whose midnight ends its days.
    pub zone: Zone,
    /// How long ago the day of a new line can be.
    pub backdate_days: i64,
    /// What one person can enter for one period, at most.
    pub period_minutes: Option<i64>,
    /// What all people together can enter, ever.
    pub budget_minutes: Option<i64>,
    pub budget_units: Option<i64>,
    /// What all of it can cost, in minor units.
    pub budget_minor: Option<i64>,
    /// 0 as long as nobody has set any.
    pub version: i64,
}

impl Terms {
    /// What applies until somebody says otherwise: months, in by the second, paid by the tenth of the next.
    pub fn usual(project_id: ProjectId) -> Self {
        let calendar = Calendar {
            rhythm: Rhythm::Monthly,
            // A Monday.
            starts_on: NaiveDate::from_ymd_opt(2024, 1, 1).unwrap_or_default(),
            cut_off_days: 2,
            grace_days: 3,
            pay_days: 10,
        };
        Self {
            project_id,
            calendar,
            zone: Zone::utc(),
            backdate_days: 60,
            period_minutes: None,
            budget_minutes: None,
            budget_units: None,
            budget_minor: None,
            version: 0,
        }
    }
}

/// Terms as they were entered. What is left empty is not limited.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct TermsDraft {
    pub rhythm: String,
    pub starts_on: String,
    pub cut_off_days: String,
    pub grace_days: String,
    pub pay_days: String,
    pub zone: String,
    pub backdate_days: String,
    pub period_hours: String,
    pub budget_hours: String,
    pub budget_units: String,
    pub budget_amount: String,
}

impl TermsDraft {
    /// What was entered, for the version of the terms that it was made from.
    pub fn parse(&self, project_id: ProjectId, version: i64, currency: &Currency) -> Result<Terms, Fault> {
        const MOST_UNITS: i64 = 1_000_000_000;
        let mut check = Check::default();
        let rhythm = Rhythm::parse(&self.rhythm).ok_or_else(|| "Choose how long a period is.".into());
        let rhythm = check.field("rhythm", rhythm);
        let starts_on = check.field("starts_on", day(&self.starts_on));
        let cut_off_days = check.field("cut_off_days", whole(&self.cut_off_days, 60));
        let grace_days = check.field("grace_days", whole(&self.grace_days, 60));
        let pay_days = check.field("pay_days", whole(&self.pay_days, 120));
        let zone = check.field("zone", Zone::parse(&self.zone));
        let backdate_days = check.field("backdate_days", whole(&self.backdate_days, 400));
        let hours = |text: &str| Hours::parse(text).map(Hours::minutes);
        let period_minutes = check.field("period_hours", optional(&self.period_hours, hours));
        let budget_minutes = check.field("budget_hours", optional(&self.budget_hours, hours));
        let budget_units =
            check.field("budget_units", optional(&self.budget_units, |text| whole(text, MOST_UNITS)));
        let amount = |text: &str| Amount::parse(text, currency.clone()).map(|amount| amount.minor);
        let budget_minor = check.field("budget_amount", optional(&self.budget_amount, amount));
        if let (Some(cut_off), Some(grace), Some(pay)) = (cut_off_days, grace_days, pay_days)
            && pay < cut_off + grace
        {
            let closed = cut_off + grace;
            check.wrong(
                "pay_days",
                format!(
                    "Lines are taken until day {closed}, so it can be paid on day {closed} at the earliest."
                ),
            );
            return Err(check.fault());
        }
        let calendar = match (rhythm, starts_on, cut_off_days, grace_days, pay_days) {
            (Some(rhythm), Some(starts_on), Some(cut_off_days), Some(grace_days), Some(pay_days)) => {
                Some(Calendar { rhythm, starts_on, cut_off_days, grace_days, pay_days })
            }
            _ => None,
        };
        let limits = (period_minutes, budget_minutes, budget_units, budget_minor);
        match (calendar, zone, backdate_days, limits) {
            (
                Some(calendar),
                Some(zone),
                Some(backdate_days),
                (Some(period_minutes), Some(budget_minutes), Some(budget_units), Some(budget_minor)),
            ) => Ok(Terms {
                project_id,
                calendar,
                zone,
                backdate_days,
                period_minutes,
                budget_minutes,
                budget_units,
                budget_minor,
                version,
            }),
            _ => Err(check.fault()),
        }
    }
}
