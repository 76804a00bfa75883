//! What can be done about notices.

use leptos::prelude::*;

use crate::Failure;

/// One was read; leads to the page it is about.
#[server(prefix = "/do", endpoint = "open_notice")]
pub async fn open_notice(notice: String) -> Result<(), Failure> {
    use domain::Fault;
    use engine::notice::Notices;

    let act = crate::visit::act()?;
    let id = notice.parse().map_err(|_| Failure(Fault::not_found("There is no such notice.")))?;
    let path = expect_context::<Notices>().open(&act, id).await?;
    crate::visit::done(&path, "");
    Ok(())
}

/// All were read that there were when somebody looked.
#[server(prefix = "/do", endpoint = "read_notices")]
pub async fn read_notices(upto: String) -> Result<(), Failure> {
    use domain::Fault;
    use engine::notice::Notices;

    let act = crate::visit::act()?;
    let upto = upto.parse().map_err(|_| Failure(Fault::not_found("There is no such notice.")))?;
    expect_context::<Notices>().read_all(&act, upto).await?;
    crate::visit::done("/notices", "");
    Ok(())
}

/// Whether they are mailed as well.
#[server(prefix = "/do", endpoint = "mail_notices")]
pub async fn mail_notices(mailed: bool) -> Result<(), Failure> {
    use engine::notice::Notices;

    let act = crate::visit::act()?;
    expect_context::<Notices>().set_mailed(&act, mailed).await?;
    let word =
        if mailed { "Notices are mailed to you again." } else { "Notices are not mailed to you any more." };
    crate::visit::done("/notices", word);
    Ok(())
}
