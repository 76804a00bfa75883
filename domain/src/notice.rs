//! What people are told when something happens that they have to know of.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::audit::words;

words! {
    NoticeKind {
        LineReturned => "line_returned", "A line came back";
        CutOffNear => "cut_off_near", "Your timesheet is due";
        /// A manager asks for it.
        Reminder => "reminder", "Your timesheet is asked for";
        PaymentSent => "payment_sent", "Your pay is on its way";
        /// It was said to be, and is not.
        PaymentNotSent => "payment_not_sent", "Your pay is not on its way yet";
        PaymentFailed => "payment_failed", "A payment did not arrive";
        LineDisputed => "line_disputed", "Somebody says that a line is wrong";
        DisputeAnswered => "dispute_answered", "You have an answer";
    }
}

impl NoticeKind {
    /// Whether somebody has to do something about it.
    pub const fn is_pressing(self) -> bool {
        !matches!(self, Self::PaymentSent | Self::PaymentNotSent | Self::DisputeAnswered)
    }
}
