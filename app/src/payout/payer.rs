//! Who pays, and from which account.

use domain::payout::PayerDraft;
use domain::people::Permission;
use engine::Error;
use engine::payout::Payouts;
use leptos::prelude::*;

use crate::payment::pay_tabs;
use crate::ui::{Field, FormState, Heading, field, form, in_app, load};
use crate::visit;

pub fn payer_page() -> impl IntoView {
    load(content())
}

async fn content() -> Result<AnyView, Error> {
    let act = visit::act()?;
    let (payer, version) = expect_context::<Payouts>().payer(&act).await?;
    let it = payer.as_ref().map(PayerDraft::of).unwrap_or_default();
    let state = FormState::of("set_payer");
    let may = act.may(Permission::SendPay);
    let text = |name, label, hint, value: &str, class, rule| {
        let (value, optional) = (value.to_owned(), name != "name");
        field(
            &state,
            Field {
                name,
                label,
                hint,
                value,
                class,
                rule,
                optional,
                autocomplete: "off",
                ..Field::default()
            },
        )
    };
    let inside = view! {
        <input type="hidden" name="version" value=version.to_string() />
        <fieldset class="group" disabled=!may>
            <legend>"Whoever pays"</legend>
            {text("name", "Name", "As the bank knows you. Whoever is paid reads it.", &it.name, "", "holder-name")}
        </fieldset>
        <fieldset class="group" disabled=!may>
            <legend>"For SEPA files"</legend>
            <div class="form-row">
                {text("iban", "IBAN", "The account that is paid from.", &it.iban, "mono", "iban")}
                {text("bic", "BIC", "If your bank asks for it.", &it.bic, "mono medium", "")}
            </div>
            <div class="form-row">
                {text("town", "Town", "Both or neither.", &it.town, "", "")}
                {text("country", "Country", "Two letters.", &it.country, "short", "")}
            </div>
        </fieldset>
        <fieldset class="group" disabled=!may>
            <legend>"For NACHA files"</legend>
            <div class="form-row">
                {text("routing", "Routing number", "Of your bank.", &it.routing, "mono", "routing-number")}
                {text("bank_name", "Name of the bank", "", &it.bank_name, "", "")}
                {text("company_id", "Company id", "Ten characters, often 1 and your EIN.", &it.company_id, "mono", "")}
            </div>
        </fieldset>
        {may.then(|| view! { <div class="form-actions"><button class="button primary">"Keep"</button></div> })}
    };
    let heading = Heading {
        title: "Pay".to_owned(),
        sub: Some("Who pays, and from where: payment files for banks say so. PayPal, Wise and lists need none of it.".into_any()),
        ..Heading::default()
    };
    Ok(in_app(heading, view! { {pay_tabs("/pay/payer")} {form(&state, inside)} }))
}
