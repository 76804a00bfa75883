use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::Fault;
use crate::audit::words;

words! {
    /// Where a review stands.
    ReviewState {
        Open => "open", "Open";
        Decided => "decided", "Decided";
        Lapsed => "lapsed", "Time ran out";
        Withdrawn => "withdrawn", "Withdrawn";
    }
}

words! {
    /// What a person says about what a step has found.
    Verdict {
        Accept => "accept", "Accepted";
        Correct => "correct", "Corrected";
        Reject => "reject", "Rejected";
    }
}

words! {
    /// Who is to decide.
    Level {
        Reviewers => "reviewers", "Reviewers";
        Managers => "managers", "Managers";
    }
}

/// The longest reason or comment: enough for what a colleague needs to know.
const LONGEST: usize = 2_000;

/// A decision, as somebody has sent it.
#[derive(Clone, Debug, PartialEq)]
pub struct Said {
    pub verdict: Verdict,
    /// Of a correction: what it should have been.
    pub output: Option<Value>,
    /// From the reasons of the workflow, if it names any.
    pub reason: Option<String>,
    pub comment: Option<String>,
}

impl Said {
    /// What somebody adds in their own words; nothing if they say nothing.
    pub fn remark(field: &str, text: Option<&str>) -> Result<Option<String>, Fault> {
        let Some(text) = text.map(str::trim).filter(|text| !text.is_empty()) else { return Ok(None) };
        if text.chars().count() > LONGEST {
            return Err(Fault::field(field, format!("Say it in {LONGEST} characters at most.")));
        }
        if text.contains('\0') {
            return Err(Fault::field(field, "There is a sign in it that cannot be kept (NUL)."));
        }
        Ok(Some(text.to_owned()))
    }

    /// With what goes without saying: a correction that changes nothing accepts. `found` is what is looked at; nothing
    /// if the step could not find anything. `reasons` are those of the workflow.
    pub fn checked(self, found: Option<&Value>, reasons: &[String]) -> Result<Self, Fault> {
        let reason = Self::remark("reason", self.reason.as_deref())?;
        let comment = Self::remark("comment", self.comment.as_deref())?;
        let mut said = Self { reason, comment, ..self };
        match (said.verdict, &said.output) {
            (Verdict::Correct, None) => return Err(Fault::field("output", "Say what it should have been.")),
            (Verdict::Correct, output) if output.as_ref() == found => {
                said = Self { verdict: Verdict::Accept, output: None, ..said };
            }
            (Verdict::Accept, None) if found.is_none() => {
                return Err(Fault::field(
                    "verdict",
                    "Nothing was found that could be accepted. Correct or reject it.",
                ));
            }
            (Verdict::Correct, Some(_)) | (Verdict::Accept | Verdict::Reject, None) => {}
            (Verdict::Accept | Verdict::Reject, Some(_)) => {
                return Err(Fault::field("output", "Only a correction comes with another output."));
            }
        }
        match &said.reason {
            None if said.verdict == Verdict::Reject => Err(Fault::field("reason", "Say why it is rejected.")),
            Some(reason) if !reasons.is_empty() && !reasons.contains(reason) => {
                Err(Fault::field("reason", format!("Choose one of: {}.", reasons.join(", "))))
            }
            _ => Ok(said),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn said(verdict: Verdict, output: Option<Value>, reason: Option<&str>) -> Said {
        Said { verdict, output, reason: reason.map(str::to_owned), comment: None }
    }

    #[test]
    fn a_decision_says_what_it_must_and_no_more() {
        let found = json!({"n": 1});
        let check = |said: Said| said.checked(Some(&found), &["wrong amount".to_owned()]);
        let field = |said: Said| check(said).unwrap_err().fields[0].field.clone();
        assert_eq!(field(said(Verdict::Correct, None, None)), "output");
        assert_eq!(field(said(Verdict::Accept, Some(json!(2)), None)), "output");
        assert_eq!(field(said(Verdict::Reject, None, Some("  "))), "reason");
        assert_eq!(field(said(Verdict::Reject, None, Some("ugly"))), "reason");
        assert!(check(said(Verdict::Reject, None, Some(" wrong amount "))).is_ok());
        assert!(check(said(Verdict::Correct, Some(json!({"n": 2})), None)).is_ok());
        assert_eq!(
            field(Said { comment: Some("a\0b".to_owned()), ..said(Verdict::Accept, None, None) }),
            "comment"
        );
        let same = check(said(Verdict::Correct, Some(found.clone()), None)).unwrap();
        assert_eq!((same.verdict, same.output), (Verdict::Accept, None), "what changes nothing accepts");
        assert!(said(Verdict::Accept, None, None).checked(None, &[]).is_err(), "there is nothing to accept");
    }
}
