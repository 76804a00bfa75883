use std::fmt;

use serde::{Deserialize, Serialize};

use crate::Fault;
use crate::audit::words;
use crate::people::one_line;

words! {
    /// How far a transfer has come.
    TransferState {
        Ready => "ready", "To be sent";
        /// It stands in a file.
        Sent => "sent", "Sent";
        Paid => "paid", "Paid";
        /// The money never left.
        Failed => "failed", "Failed";
        /// The money came back.
        Returned => "returned", "Returned";
    }
}

impl TransferState {
    /// What may come next. What has failed or come back stays so: it is paid by another transfer.
    pub const fn may_become(self, next: Self) -> bool {
        match self {
            Self::Ready => matches!(next, Self::Sent),
            Self::Sent => matches!(next, Self::Paid | Self::Failed | Self::Returned),
            Self::Paid => matches!(next, Self::Returned),
            Self::Failed | Self::Returned => false,
        }
    }

    /// What hearing this does: whoever says what is known, or what was so before, says nothing new.
    pub const fn hearing(self, said: Self) -> Heard {
        match (self, said) {
            (Self::Returned, Self::Paid) => Heard::Known,
            _ if self as u8 == said as u8 => Heard::Known,
            _ if self.may_become(said) => Heard::News,
            _ => Heard::Contradiction,
        }
    }

    /// Whether it pays its payment, or is about to: no other may then.
    pub const fn is_live(self) -> bool {
        matches!(self, Self::Ready | Self::Sent | Self::Paid)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heard {
    News,
    Known,
    Contradiction,
}

/// What has become of a transfer, as somebody says.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct OutcomeDraft {
    pub state: String,
    pub reason: String,
}

impl OutcomeDraft {
    /// The state it is in now, and why if it is not paid.
    pub fn parse(&self) -> Result<(TransferState, Option<String>), Fault> {
        match TransferState::parse(&self.state) {
            Some(TransferState::Paid) => Ok((TransferState::Paid, None)),
            Some(state @ (TransferState::Failed | TransferState::Returned)) => {
                let reason = one_line(&self.reason, 200, "what the bank has said");
                let reason =
                    reason.map_err(|_| Fault::field("reason", "Say in at most 200 characters why."))?;
                Ok((state, Some(reason)))
            }
            _ => Err(Fault::field("state", "Choose paid, failed or returned.")),
        }
    }
}
