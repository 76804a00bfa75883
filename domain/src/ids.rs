//! Ids: UUID v7, so that they sort by time of making, in a type of their own each, so that they cannot be mixed up.

macro_rules! id {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        #[cfg_attr(feature = "sql", derive(sqlx::Type), sqlx(transparent))]
        #[serde(transparent)]
        pub struct $name(pub uuid::Uuid);

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.hyphenated().fmt(f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = crate::Wrong;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                uuid::Uuid::try_parse(text).map(Self).map_err(|_| "This is not an id we know.".into())
            }
        }
    )+};
}

id! {
    /// Somebody who can be known here, signed in or not.
    PersonId,
    ProjectId,
    /// A kind of work on a project, with the way it is paid.
    TaskTypeId,
    RateId,
    /// What a person has worked on one task on one day.
    LineId,
    /// Files of timesheets that were dropped together.
    DropId,
    /// A file of timesheets.
    FileId,
    /// Somebody says that a line of theirs is wrong.
    DisputeId,
    /// Something somebody was told.
    NoticeId,
    /// What all people get for one period in one currency.
    BatchId,
    /// What one person gets with one batch.
    PaymentId,
    /// Where somebody is paid to.
    AccountId,
    /// A payment on its way to somebody's account.
    TransferId,
    /// A file that tells a bank or a service whom to pay.
    PayoutFileId,
    /// What was paid wrongly is taken back.
    ReversalId,
    /// What something odd is about: a person, or a batch as a whole.
    SubjectId,
    /// A personal API token.
    TokenId,
    /// A one-time link.
    LinkId,
    WorkflowId,
    /// One item's way through a workflow.
    RunId,
    /// A person is asked to look at what a step of a run has found.
    ReviewId,
    /// A program is asked to do a step of a run.
    ErrandId,
    /// Something a run tells others.
    MessageId,
}

impl From<PersonId> for SubjectId {
    fn from(id: PersonId) -> Self {
        Self(id.0)
    }
}

impl From<BatchId> for SubjectId {
    fn from(id: BatchId) -> Self {
        Self(id.0)
    }
}
