//! Somebody of the demo says that a line of theirs is wrong.

use super::weeks::by;
use crate::Error;
use crate::act::Act;
use crate::dispute::Disputes;
use crate::payment::Payments;
use crate::people::People;

const WHO: &str = "lena@example.com";
const SAID: &str = "One batch of images was counted twice by the tool on that day. Please look at its log before you pay me for both.";

pub async fn raise(
    now: &Act,
    people: &People,
    payments: &Payments,
    disputes: &Disputes,
) -> Result<(), Error> {
    let lena = by(now, people, WHO).await?;
    for own in payments.mine(&lena).await? {
        if let Some(line) = payments.slip(&lena, own.id).await?.lines.first() {
            disputes.raise(&lena, line.line_id, SAID).await?;
            break;
        }
    }
    Ok(())
}
