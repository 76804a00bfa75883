//! The one table of who may do what. Every use case asks it; nothing else decides.

use super::{Role, Roles, Scope};

/// Something that can be allowed. What a person may always do with their own things (their profile, their sessions,
/// their tokens) is not listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Permission {
    SeePeople,
    ManagePeople,
    /// Giving the roles that carry power, and changing whoever has them.
    Appoint,
    SeeAllProjects,
    ManageProjects,
    ManageMembers,
    /// What work is paid by, everybody's.
    SeePay,
    ManagePay,
    /// Approving what people are paid, and deciding about what is odd about it.
    ApprovePay,
    /// Entering where others are paid to, and releasing what is held.
    EditAccounts,
    /// Making payment files, and saying what became of them.
    SendPay,
    /// What one gets oneself.
    SeeOwnPay,
    /// Saying that a line of one's own is wrong.
    DisputeLines,
    /// Saying what was found about such a line.
    AnswerDisputes,
    /// One's own timesheet.
    EnterTime,
    SeeTimesheets,
    /// Entering for others, and returning lines.
    EditTimesheets,
    ReadAudit,
    SeeWorkflows,
    ManageWorkflows,
    SeeRuns,
    StartRuns,
    /// Cancelling runs, trying them again, taking them back from the dead letters.
    ManageRuns,
    /// Taking steps of runs to do, and bringing back what came of them.
    DoErrands,
    SeeReviews,
    Decide,
    /// Deciding what reviewers have handed on, or did not decide in time.
    DecideEscalated,
}

const N: Role = Role::Annotator;
const A: Role = Role::Admin;
const M: Role = Role::Manager;
const R: Role = Role::Reviewer;

/// Permission, the roles that have it, and the scope a token needs for it besides.
const TABLE: &[(Permission, Roles, Scope)] = &[
    (Permission::SeePeople, Roles::of(&[M, A]), Scope::PeopleRead),
    (Permission::ManagePeople, Roles::of(&[A]), Scope::PeopleWrite),
    (Permission::Appoint, Roles::of(&[A]), Scope::PeopleAdmin),
    (Permission::SeeAllProjects, Roles::of(&[M, A]), Scope::ProjectsRead),
    (Permission::ManageProjects, Roles::of(&[A]), Scope::ProjectsWrite),
    (Permission::ManageMembers, Roles::of(&[M, A]), Scope::ProjectsWrite),
    (Permission::SeePay, Roles::of(&[M, A]), Scope::PayRead),
    (Permission::ManagePay, Roles::of(&[M, A]), Scope::PayWrite),
    (Permission::ApprovePay, Roles::of(&[M, A]), Scope::PayWrite),
    (Permission::EditAccounts, Roles::of(&[M, A]), Scope::PayWrite),
    (Permission::SendPay, Roles::of(&[M, A]), Scope::PayWrite),
    (Permission::SeeOwnPay, Roles::of(&[N, R, M, A]), Scope::PayRead),
    (Permission::DisputeLines, Roles::of(&[N, R, M, A]), Scope::PayWrite),
    (Permission::AnswerDisputes, Roles::of(&[M, A]), Scope::PayWrite),
    (Permission::EnterTime, Roles::of(&[N, R, M, A]), Scope::TimesheetsWrite),
    (Permission::SeeTimesheets, Roles::of(&[M, A]), Scope::TimesheetsRead),
    (Permission::EditTimesheets, Roles::of(&[M, A]), Scope::TimesheetsWrite),
    (Permission::ReadAudit, Roles::of(&[M, A]), Scope::AuditRead),
    (Permission::SeeWorkflows, Roles::of(&[R, M, A]), Scope::WorkflowsRead),
    (Permission::ManageWorkflows, Roles::of(&[A]), Scope::WorkflowsWrite),
    (Permission::SeeRuns, Roles::of(&[R, M, A]), Scope::RunsRead),
    (Permission::StartRuns, Roles::of(&[M, A]), Scope::RunsWrite),
    (Permission::ManageRuns, Roles::of(&[M, A]), Scope::RunsWrite),
    (Permission::DoErrands, Roles::of(&[M, A]), Scope::ErrandsWrite),
    (Permission::SeeReviews, Roles::of(&[R, M, A]), Scope::ReviewsRead),
    (Permission::Decide, Roles::of(&[R, M]), Scope::ReviewsWrite),
    (Permission::DecideEscalated, Roles::of(&[M]), Scope::ReviewsWrite),
];

/// The roles that have a permission; none if the table does not know it, so that a forgotten row refuses.
pub fn roles_that_may(permission: Permission) -> Roles {
    row(permission).map_or(Roles::NONE, |(_, roles, _)| *roles)
}

impl Permission {
    pub fn scope(self) -> Option<Scope> {
        row(self).map(|(_, _, scope)| *scope)
    }

    /// What a person without it is told.
    pub const fn refusal(self) -> &'static str {
        match self {
            Self::SeePeople => "Only managers and admins can see everybody. Ask an admin if you need this.",
            Self::ManagePeople => "Only admins can invite or change people.",
            Self::Appoint => "Only admins can invite or change managers and admins.",
            Self::SeeAllProjects => "You can see the projects you are a member of.",
            Self::ManageProjects => "Only admins can make or change projects.",
            Self::ManageMembers => "Only managers and admins can change who works on a project.",
            Self::SeePay => "Only managers and admins can see what everybody is paid.",
            Self::ManagePay => "Only managers and admins can change tasks, rates and periods.",
            Self::ApprovePay => "Only managers and admins can approve what people are paid.",
            Self::EditAccounts => "Only managers and admins can enter where others are paid to.",
            Self::SendPay => "Only managers and admins can send what people are paid.",
            Self::SeeOwnPay => "Only those who work on projects have pay.",
            Self::DisputeLines => "Only those who work on projects have lines of their own.",
            Self::AnswerDisputes => "Only managers and admins can answer what others say about their lines.",
            Self::EnterTime => "Only those who work on projects can enter time.",
            Self::SeeTimesheets => "Only managers and admins can see the timesheets of others.",
            Self::EditTimesheets => "Only managers and admins can change the timesheets of others.",
            Self::ReadAudit => "Only managers and admins can read the audit log.",
            Self::SeeWorkflows => "Only reviewers, managers and admins can see workflows.",
            Self::ManageWorkflows => "Only admins can apply workflows.",
            Self::SeeRuns => "Only reviewers, managers and admins can see runs.",
            Self::StartRuns => "Only managers and admins can start runs.",
            Self::ManageRuns => "Only managers and admins can cancel runs or try them again.",
            Self::DoErrands => "Only managers and admins can have programs do errands.",
            Self::SeeReviews => "Only reviewers, managers and admins can see reviews.",
            Self::Decide => "Only reviewers and managers can decide reviews.",
            Self::DecideEscalated => "This review was handed to the managers. Only they can decide it.",
        }
    }
}

fn row(permission: Permission) -> Option<&'static (Permission, Roles, Scope)> {
    TABLE.iter().find(|(known, _, _)| *known == permission)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_reads_as_the_house_wants_it() {
        use Permission as P;
        let rows = [
            P::SeePeople,
            P::ManagePeople,
            P::Appoint,
            P::SeeAllProjects,
            P::ManageProjects,
            P::ManageMembers,
            P::SeePay,
            P::ManagePay,
            P::ApprovePay,
            P::EditAccounts,
            P::SendPay,
            P::SeeOwnPay,
            P::DisputeLines,
            P::AnswerDisputes,
            P::EnterTime,
            P::SeeTimesheets,
            P::EditTimesheets,
            P::ReadAudit,
            P::SeeWorkflows,
            P::ManageWorkflows,
            P::SeeRuns,
            P::StartRuns,
            P::ManageRuns,
            P::DoErrands,
            P::SeeReviews,
            P::Decide,
            P::DecideEscalated,
        ];
        let written: Vec<_> = rows.iter().map(|p| format!("{p:?}: {}", roles_that_may(*p))).collect();
        assert_eq!(
            written,
            [
                "SeePeople: manager, admin",
                "ManagePeople: admin",
                "Appoint: admin",
                "SeeAllProjects: manager, admin",
                "ManageProjects: admin",
                "ManageMembers: manager, admin",
                "SeePay: manager, admin",
                "ManagePay: manager, admin",
                "ApprovePay: manager, admin",
                "EditAccounts: manager, admin",
                "SendPay: manager, admin",
                "SeeOwnPay: annotator, reviewer, manager, admin",
                "DisputeLines: annotator, reviewer, manager, admin",
                "AnswerDisputes: manager, admin",
                "EnterTime: annotator, reviewer, manager, admin",
                "SeeTimesheets: manager, admin",
                "EditTimesheets: manager, admin",
                "ReadAudit: manager, admin",
                "SeeWorkflows: reviewer, manager, admin",
                "ManageWorkflows: admin",
                "SeeRuns: reviewer, manager, admin",
                "StartRuns: manager, admin",
                "ManageRuns: manager, admin",
                "DoErrands: manager, admin",
                "SeeReviews: reviewer, manager, admin",
                "Decide: reviewer, manager",
                "DecideEscalated: manager",
            ]
        );
        assert!(rows.iter().all(|p| p.scope().is_some()), "a permission without a row refuses everybody");
    }
}
