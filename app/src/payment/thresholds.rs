//! From when on something is said about a payment.

use domain::payment::ThresholdsDraft;
use domain::people::Permission;
use engine::Error;
use engine::payment::Payments;
use leptos::prelude::*;

use super::parts::pay_tabs;
use crate::ui::{Field, FormState, Heading, field, form, in_app, load};
use crate::visit;

pub fn thresholds_page() -> impl IntoView {
    load(content())
}

async fn content() -> Result<AnyView, Error> {
    let act = visit::act()?;
    let (thresholds, version) = expect_context::<Payments>().thresholds(&act).await?;
    let it = ThresholdsDraft::from(thresholds);
    let state = FormState::of("set_thresholds");
    let number = |name, label, hint, value: &str| {
        let value = value.to_owned();
        field(
            &state,
            Field { name, label, hint, value, class: "short num", autocomplete: "off", ..Field::default() },
        )
    };
    let may = act.may(Permission::ManagePay);
    let inside = view! {
        <input type="hidden" name="version" value=version.to_string() />
        <fieldset class="group" disabled=!may>
            <legend>"Pace: units an hour"</legend>
            <div class="form-row">
                {number("pace", "Deviations", "So far from the median of others, or of their own weeks, is out of bounds.", &it.pace)}
                {number("pace_least", "Among at least", "With fewer to compare with, nothing is said.", &it.pace_least)}
            </div>
        </fieldset>
        <fieldset class="group" disabled=!may>
            <legend>"Amounts"</legend>
            <div class="form-row">
                {number("jump_percent", "A payment, percent", "So much more than the median of the last four.", &it.jump_percent)}
                {number("total_percent", "A batch, percent", "So much more or less than the median of the batches before.", &it.total_percent)}
            </div>
        </fieldset>
        <fieldset class="group" disabled=!may>
            <legend>"Habits"</legend>
            <div class="form-row">
                {number("whole_percent", "Whole hours, percent", "So many of the lines have whole hours only.", &it.whole_percent)}
                {number("whole_least", "Among at least", "With fewer lines, nothing is said.", &it.whole_least)}
                {number("same_days", "Identical days", "So many days on end are exactly the same.", &it.same_days)}
            </div>
        </fieldset>
        {may.then(|| view! { <div class="form-actions"><button class="button primary">"Keep"</button></div> })}
    };
    let heading = Heading {
        title: "Pay".to_owned(),
        sub: Some("From when on a payment needs somebody. Missing rates, late lines, first payments and rates that changed after the work are always said.".into_any()),
        ..Heading::default()
    };
    Ok(in_app(heading, view! { {pay_tabs("/pay/thresholds")} {form(&state, inside)} }))
}
