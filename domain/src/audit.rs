//! The words of the audit log: what can be done, to what kind of thing.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Declares a text enum: the spelling in the database, in the API and in filters is one and the same.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$note:meta])* $variant:ident => $word:literal, $label:literal;)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "sql", derive(sqlx::Type), sqlx(type_name = "text"))]
        pub enum $name {
            $($(#[$note])* #[serde(rename = $word)] #[cfg_attr(feature = "sql", sqlx(rename = $word))] $variant,)+
        }

        impl $name {
            pub const ALL: &[Self] = &[$(Self::$variant,)+];

            pub const fn word(self) -> &'static str {
                match self { $(Self::$variant => $word,)+ }
            }

            /// How a page names it.
            pub const fn label(self) -> &'static str {
                match self { $(Self::$variant => $label,)+ }
            }

            pub fn parse(text: &str) -> Option<Self> {
                match text { $($word => Some(Self::$variant),)+ _ => None }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.word())
            }
        }
    };
}
pub(crate) use words;

words! {
    /// What was done. The word names the thing first, so that sorting groups what belongs together.
    Action {
        PersonSetUp => "person.set-up", "Set up the first admin";
        PersonInvited => "person.invited", "Invited a person";
        PersonImported => "person.imported", "Invited people from a file";
        PersonAdded => "person.added", "Added a person";
        PersonJoined => "person.joined", "Accepted an invitation";
        PersonChanged => "person.changed", "Changed a person";
        PersonDisabled => "person.disabled", "Disabled a person";
        PersonEnabled => "person.enabled", "Enabled a person";
        LinkMade => "link.made", "Made a one-time link";
        PasswordChanged => "password.changed", "Changed a password";
        PasswordReset => "password.reset", "Reset a password by link";
        SignedIn => "session.started", "Signed in";
        SignedOut => "session.ended", "Signed out";
        SessionRevoked => "session.revoked", "Ended a session";
        TotpEnabled => "two-step.enabled", "Turned two-step sign-in on";
        TotpDisabled => "two-step.disabled", "Turned two-step sign-in off";
        TotpReset => "two-step.reset", "Reset somebody's two-step sign-in";
        RecoveryUsed => "two-step.recovery-used", "Used a recovery code";
        TokenMade => "token.made", "Made an API token";
        TokenRevoked => "token.revoked", "Revoked an API token";
        ProjectMade => "project.made", "Made a project";
        ProjectChanged => "project.changed", "Changed a project";
        MemberSet => "project.member-set", "Added or changed a member";
        MemberRemoved => "project.member-removed", "Removed a member";
        TaskTypeSet => "project.task-set", "Added or changed a task";
        TermsSet => "project.terms-set", "Changed periods or limits";
        AssignmentSet => "project.assignment-set", "Changed an assignment";
        RateWritten => "project.rate-written", "Wrote a rate";
        TimesheetSubmitted => "timesheet.submitted", "Submitted a week";
        TimesheetEdited => "timesheet.edited", "Changed somebody's timesheet";
        LineReturned => "timesheet.line-returned", "Returned a line of a timesheet";
        LineDisputed => "timesheet.line-disputed", "Said that a line is wrong";
        DisputeAnswered => "timesheet.dispute-answered", "Answered about a line";
        FileTaken => "timesheet.file-taken", "Took a file of timesheets";
        FindingAccepted => "batch.finding-accepted", "Accepted something unusual in a batch";
        PaymentHeld => "batch.payment-held", "Held a payment to the next batch";
        PaymentLetGo => "batch.payment-let-go", "Let a held payment go";
        PeopleReminded => "batch.people-reminded", "Reminded people of their timesheets";
        BundleMade => "batch.bundle-made", "Made the bundle of a batch";
        BatchFirstApproved => "batch.first-approved", "Approved a batch, as the first of two";
        BatchApproved => "batch.approved", "Approved a batch";
        LineReversed => "batch.line-reversed", "Took a line back that was approved";
        ThresholdsSet => "batch.thresholds-set", "Changed the thresholds of batches";
        AccountEntered => "account.entered", "Entered where somebody is paid to";
        AccountWithdrawn => "account.withdrawn", "Withdrew an account";
        PayerSet => "payer.set", "Changed who pays";
        PayoutMade => "payout.made", "Made a payment file";
        PayoutFetched => "payout.fetched", "Fetched a payment file";
        PayoutWithdrawn => "payout.withdrawn", "Withdrew a payment file";
        TransfersSettled => "transfer.settled", "Said what became of payments";
        PayoutReported => "payout.reported", "Took a report on payments";
        TransferAgain => "transfer.again", "Pays somebody again";
        AccountReleased => "account.released", "Released an account early";
        WorkflowApplied => "workflow.applied", "Applied a workflow";
        WorkflowPaused => "workflow.paused", "Paused a workflow";
        WorkflowResumed => "workflow.resumed", "Had a workflow go on";
        ModelApplied => "model.applied", "Applied a model";
        PromptApplied => "prompt.applied", "Applied a prompt";
        RunCancelled => "run.cancelled", "Cancelled a run";
        RunRetried => "run.retried", "Tried a run again";
        RunMoved => "run.moved", "Moved a run to another version";
        RunRerun => "run.rerun", "Started a run over";
        RunsForgotten => "run.forgotten", "Forgot runs that ended long ago";
        RunSignalled => "run.signalled", "Sent a signal to a run";
        MessageSentAgain => "message.sent-again", "Sent a message again";
        BreakerClosed => "breaker.closed", "Closed a breaker";
        ReviewDecided => "review.decided", "Decided a review";
        ReviewEscalated => "review.escalated", "Handed a review to the managers";
    }
}

words! {
    /// What it was done to.
    Thing {
        Person => "person", "Person";
        Project => "project", "Project";
        Timesheet => "timesheet", "Timesheet";
        Batch => "batch", "Batch";
        Account => "account", "Account";
        Payout => "payout", "Payment file";
        Token => "token", "API token";
        Session => "session", "Session";
        Workflow => "workflow", "Workflow";
        Model => "model", "Model";
        Prompt => "prompt", "Prompt";
        Run => "run", "Run";
        Review => "review", "Review";
        Breaker => "breaker", "Breaker";
        Message => "message", "Message";
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_reads_back() {
        for action in Action::ALL {
            assert_eq!(Action::parse(action.word()), Some(*action));
        }
        assert_eq!(Thing::parse("nothing"), None);
    }
}
