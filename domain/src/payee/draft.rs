use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Account, HolderName, IbanNumber, Method, RoutingNumber, UsAccountNumber, UsKind, Way};
use crate::Fault;
use crate::fault::Check;
use crate::people::Email;

/// An account as it was entered. What another method asks for is not looked at: without a script all fields are sent.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct AccountDraft {
    pub method: String,
    pub holder: String,
    pub iban: String,
    pub routing: String,
    pub number: String,
    pub kind: String,
    pub email: String,
    pub way: String,
}

/// What was typed is nobody else's business, not even if it is wrong.
impl fmt::Debug for AccountDraft {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "an account ({})", self.method)
    }
}

impl AccountDraft {
    pub fn parse(&self) -> Result<Account, Fault> {
        let mut check = Check::default();
        let method = Method::parse(&self.method).ok_or_else(|| "Choose how the money gets to you.".into());
        let Some(method) = check.field("method", method) else { return Err(check.fault()) };
        let account = match method {
            Method::Iban => {
                let holder = check.field("holder", HolderName::parse(&self.holder));
                let iban = check.field("iban", IbanNumber::parse(&self.iban));
                holder.zip(iban).map(|(holder, iban)| Account::Iban { holder, iban })
            }
            Method::Us => {
                let holder = check.field("holder", HolderName::parse(&self.holder));
                let routing = check.field("routing", RoutingNumber::parse(&self.routing));
                let number = check.field("number", UsAccountNumber::parse(&self.number));
                let kind = UsKind::parse(&self.kind).ok_or_else(|| "Choose checking or savings.".into());
                let kind = check.field("kind", kind);
                holder
                    .zip(routing)
                    .zip(number.zip(kind))
                    .map(|((holder, routing), (number, kind))| Account::Us { holder, routing, number, kind })
            }
            Method::Paypal => {
                check.field("email", Email::parse(&self.email)).map(|email| Account::Paypal { email })
            }
            Method::Wise => {
                let holder = check.field("holder", HolderName::parse(&self.holder));
                let email = check.field("email", Email::parse(&self.email));
                holder.zip(email).map(|(holder, email)| Account::Wise { holder, email })
            }
            Method::Manual => check.field("way", Way::parse(&self.way)).map(|way| Account::Manual { way }),
        };
        account.ok_or_else(|| check.fault())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Currency;

    fn draft(method: &str) -> AccountDraft {
        AccountDraft {
            method: method.into(),
            holder: "Ada Lovelace".into(),
            iban: "DE89 3704 0044 0532 0130 00".into(),
            routing: "021000021".into(),
            number: "0012345678".into(),
            kind: "checking".into(),
            email: "Ada@Example.com".into(),
            way: "With the payroll".into(),
        }
    }

    #[test]
    fn each_method_asks_for_what_it_needs() {
        let fields = |method: &str| {
            let fault =
                AccountDraft { method: method.into(), ..AccountDraft::default() }.parse().unwrap_err();
            fault.fields.into_iter().map(|it| it.field).collect::<Vec<_>>()
        };
        assert_eq!(fields("iban"), ["holder", "iban"]);
        assert_eq!(fields("us"), ["holder", "routing", "number", "kind"]);
        assert_eq!(fields("paypal"), ["email"]);
        assert_eq!(fields("wise"), ["holder", "email"]);
        assert_eq!(fields("manual"), ["way"]);
        assert_eq!(fields("cheque"), ["method"]);
    }

    #[test]
    fn accounts_are_shown_by_their_ends_only() {
        let shown = |method| draft(method).parse().unwrap().shown();
        assert_eq!(shown("iban"), "DE89 •••• 3000");
        assert_eq!(shown("us"), "US •••• 5678");
        assert_eq!(shown("paypal"), "PayPal a•••@example.com");
        assert_eq!(shown("wise"), "Wise a•••@example.com");
        assert_eq!(shown("manual"), "By hand");
        let short = AccountDraft { number: "4711".into(), ..draft("us") };
        assert_eq!(format!("{:?}", short.parse().unwrap()), "US ••••");
    }

    #[test]
    fn what_is_kept_reads_back_and_the_same_is_known_again() {
        let known = |draft: AccountDraft| draft.parse().unwrap().known_by();
        for method in Method::ALL {
            let account = draft(method.word()).parse().unwrap();
            assert_eq!(account.method(), *method);
            let kept = serde_json::to_string(&account).unwrap();
            assert!(serde_json::from_str::<Account>(&kept).unwrap() == account);
        }
        let other =
            AccountDraft { holder: "Bob".into(), iban: "de89370400440532013000".into(), ..draft("iban") };
        assert_eq!(known(other), known(draft("iban")));
        let other = AccountDraft { number: "12345678".into(), kind: "savings".into(), ..draft("us") };
        assert_eq!(known(other), known(draft("us")));
        assert_ne!(known(draft("paypal")), known(draft("wise")));
        assert_eq!(known(draft("manual")), None);
    }

    #[test]
    fn a_us_account_takes_dollars_only() {
        let takes = |method, code: &str| {
            draft(method).parse().unwrap().method().takes(&Currency::parse(code).unwrap())
        };
        assert!(takes("us", "USD") && !takes("us", "EUR") && takes("iban", "EUR") && takes("paypal", "JPY"));
    }
}
