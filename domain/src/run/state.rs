use std::fmt;

use serde::{Deserialize, Serialize};

use crate::audit::words;

words! {
    /// Where a run stands. The same words everywhere: in the database, the API, on pages and in filters.
    RunState {
        Pending => "pending", "Pending";
        Running => "running", "Running";
        NeedsReview => "needs_review", "Needs review";
        Success => "success", "Success";
        Failed => "failed", "Failed";
        Cancelled => "cancelled", "Cancelled";
    }
}

words! {
    /// How one try of a step ended.
    AttemptState {
        Success => "success", "Success";
        Skipped => "skipped", "Skipped";
        Failed => "failed", "Failed";
    }
}

words! {
    /// Why a run was given up and lies among the dead letters.
    DeadReason {
        Faulty => "faulty", "Could not go on";
        Exhausted => "exhausted", "Failed too often";
        Poison => "poison", "Took its worker down";
    }
}

words! {
    /// What can be done to many runs at once.
    Sweep {
        Cancel => "cancel", "Cancel";
        Retry => "retry", "Try again";
        Rerun => "rerun", "Start over";
    }
}

impl Sweep {
    /// Whether it makes sense for a run in that state.
    pub const fn takes(self, state: RunState) -> bool {
        match self {
            Self::Cancel => state.may_become(RunState::Cancelled),
            // What succeeded is tried again only from a step that somebody names.
            Self::Retry => state.is_final() && !matches!(state, RunState::Success),
            Self::Rerun => state.is_final(),
        }
    }
}

impl RunState {
    /// Nothing happens to it any more by itself.
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Success | Self::Failed | Self::Cancelled)
    }

    /// What may follow on what. Leaving a final state takes somebody who says so (a retry, a requeue).
    pub const fn may_become(self, next: Self) -> bool {
        use RunState::{Cancelled, Failed, NeedsReview, Pending, Running, Success};
        match self {
            // From pending straight to failed: poison is found out when nobody holds it.
            Pending => matches!(next, Running | Failed | Cancelled),
            Running => matches!(next, Pending | NeedsReview | Success | Failed | Cancelled),
            // Straight to running: something else in it has become due meanwhile.
            NeedsReview => matches!(next, Pending | Running | Failed | Cancelled),
            Success | Failed | Cancelled => matches!(next, Pending),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_ends_without_having_begun_and_nothing_moves_by_itself_once_it_has_ended() {
        assert!(!RunState::Pending.may_become(RunState::Success));
        for ended in RunState::ALL.iter().filter(|state| state.is_final()) {
            for next in RunState::ALL {
                assert_eq!(ended.may_become(*next), *next == RunState::Pending, "{ended} → {next}");
            }
        }
        assert!(RunState::ALL.iter().all(|state| !state.may_become(*state)));
        assert!(RunState::ALL.iter().all(|state| RunState::parse(state.word()) == Some(*state)));
        let taken = |sweep: Sweep| RunState::ALL.iter().filter(|state| sweep.takes(**state)).count();
        assert_eq!([Sweep::Cancel, Sweep::Retry, Sweep::Rerun].map(taken), [3, 2, 3]);
    }
}
