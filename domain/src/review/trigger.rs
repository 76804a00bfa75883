use std::fmt;

use serde::{Deserialize, Serialize};

use crate::audit::words;

words! {
    /// What opens a review.
    Trigger {
        LowConfidence => "low_confidence", "Low confidence";
        HighRisk => "high_risk", "High risk";
        RepeatedFailure => "repeated_failure", "Repeated failure";
        KeyCustomer => "key_customer", "Key customer";
        Sample => "sample", "Random sample";
        Always => "always", "Always looked at";
    }
}

/// Why somebody is to look: what opened the review, in words and in figures.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Ground {
    pub trigger: Trigger,
    /// For whoever looks.
    pub said: String,
    /// The field it is about, if it is about one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// What was found, and the limit it was held against.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub figure: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<f64>,
}

impl Ground {
    pub const fn new(trigger: Trigger, said: String) -> Self {
        Self { trigger, said, field: None, figure: None, limit: None }
    }

    /// A confidence lies below what is asked for.
    pub fn below(field: Option<&str>, confidence: f64, limit: f64) -> Self {
        let of = field.map(|field| format!(" of “{field}”")).unwrap_or_default();
        Self {
            field: field.map(str::to_owned),
            figure: Some(confidence),
            limit: Some(limit),
            ..Self::new(
                Trigger::LowConfidence,
                format!("The confidence{of} is {}, and should be {}.", percent(confidence), percent(limit)),
            )
        }
    }

    /// It would have passed, and was drawn to see whether it should have.
    pub fn drawn(probability: f64) -> Self {
        let said =
            format!("Drawn at random: {} of those that would pass are looked at.", percent(probability));
        Self { limit: Some(probability), ..Self::new(Trigger::Sample, said) }
    }
}

/// A fraction as people read it, without more places than it has.
fn percent(fraction: f64) -> String {
    let text = format!("{:.1}", fraction * 100.0);
    format!("{} %", text.strip_suffix(".0").unwrap_or(&text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ground_says_its_figures() {
        let ground = Ground::below(Some("total"), 0.625, 0.9);
        assert_eq!(ground.said, "The confidence of “total” is 62.5 %, and should be 90 %.");
        assert!(Ground::below(None, 0.1, 1.0).said.starts_with("The confidence is 10 %"));
        assert!(Ground::drawn(0.05).said.contains("5 % of those"));
    }
}
