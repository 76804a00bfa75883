//! Errands: a step that a program of the user does.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::audit::words;

words! {
    /// Where an errand stands.
    ErrandState {
        Offered => "offered", "Offered";
        Taken => "taken", "Taken";
        Done => "done", "Done";
        Failed => "failed", "Failed";
        Lapsed => "lapsed", "Time ran out";
        Withdrawn => "withdrawn", "Withdrawn";
    }
}
