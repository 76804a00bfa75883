//! What stands in a payment file is what was approved, whatever people are called.

use chrono::{DateTime, NaiveDate, Utc};
use proptest::prelude::*;
use quick_xml::Reader;
use quick_xml::events::Event;
use uuid::Uuid;

use super::latin::latin;
use super::*;
use crate::ids::TransferId;
use crate::payee::AccountDraft;

const SEPA_ALPHABET: &str = "/-?:().,'+ ";

fn day() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 11, 30).unwrap()
}

fn made_at() -> DateTime<Utc> {
    "2026-11-27T08:05:00Z".parse().unwrap()
}

fn payer() -> Payer {
    PayerDraft {
        name: "Société Générique & Söhne".into(),
        iban: "FR14 2004 1010 0505 0001 3M02 606".into(),
        bic: "psstfrpppar".into(),
        town: "Besançon".into(),
        country: "fr".into(),
        routing: "021000021".into(),
        bank_name: "First Bank".into(),
        company_id: "1123456789".into(),
    }
    .parse()
    .unwrap()
}

fn instruction(n: u128, method: Method, holder: &str, minor: i64) -> Instruction {
    let draft = AccountDraft {
        method: method.word().into(),
        holder: holder.into(),
        iban: "DE89370400440532013000".into(),
        routing: "021000021".into(),
        number: "0012345678".into(),
        kind: "savings".into(),
        email: "ada@example.com".into(),
        way: "=cash".into(),
    };
    let id = TransferId(Uuid::from_u128((0x01a2_0000_0000_7000_8000_u128 << 48) + n * 0x1_0001));
    Instruction {
        reference: Reference::of(id),
        person: holder.to_owned(),
        account: draft.parse().unwrap(),
        minor,
        text: "Pay, 1 to 15 November 2026".into(),
    }
}

fn order(currency: &str, instructions: Vec<Instruction>) -> Order {
    Order {
        id: Uuid::from_u128(0x01a2_0000_0000_7000_8000_1234_5678_9abc),
        made_at: made_at(),
        pay_on: day(),
        currency: Currency::parse(currency).unwrap(),
        before_today: 0,
        payer: Some(payer()),
        instructions,
    }
}

/// The texts of a message with the path that leads to each, in their order.
fn leaves(xml: &str) -> Vec<(String, String)> {
    let mut reader = Reader::from_str(xml);
    let (mut path, mut leaves) = (Vec::new(), Vec::new());
    loop {
        match reader.read_event().unwrap() {
            Event::Start(it) => path.push(it.name().as_ref().to_owned()),
            Event::End(_) => drop(path.pop()),
            Event::Text(it) if !path.is_empty() => {
                let text = it.to_string();
                leaves.push((path[1..].join("/"), text));
            }
            Event::Eof => return leaves,
            _ => {}
        }
    }
}

fn all<'a>(leaves: &'a [(String, String)], end: &str) -> Vec<&'a str> {
    leaves.iter().filter(|(path, _)| path.ends_with(end)).map(|(_, text)| text.as_str()).collect()
}

#[test]
fn a_sepa_message_reads_as_the_scheme_has_it() {
    let order = order(
        "EUR",
        vec![
            instruction(1, Method::Iban, "Ana Pérez 🦄", 120_450),
            instruction(2, Method::Iban, "Łukasz Żak", 1),
        ],
    );
    for (format, bic, on) in
        [(Format::Pain03, "BIC", "ReqdExctnDt"), (Format::Pain09, "BICFI", "ReqdExctnDt/Dt")]
    {
        let xml = format.write(&order).unwrap();
        assert!(
            xml.contains(&format!("xmlns=\"urn:iso:std:iso:20022:tech:xsd:{}\"", format.word())),
            "{xml}"
        );
        let leaves = leaves(&xml);
        let paths: Vec<_> =
            leaves.iter().map(|(path, _)| path.trim_start_matches("CstmrCdtTrfInitn/")).take(20).collect();
        let (on, bic) = (format!("PmtInf/{on}"), format!("PmtInf/DbtrAgt/FinInstnId/{bic}"));
        assert_eq!(
            paths,
            [
                "GrpHdr/MsgId",
                "GrpHdr/CreDtTm",
                "GrpHdr/NbOfTxs",
                "GrpHdr/CtrlSum",
                "GrpHdr/InitgPty/Nm",
                "PmtInf/PmtInfId",
                "PmtInf/PmtMtd",
                "PmtInf/BtchBookg",
                "PmtInf/NbOfTxs",
                "PmtInf/CtrlSum",
                "PmtInf/PmtTpInf/SvcLvl/Cd",
                &on,
                "PmtInf/Dbtr/Nm",
                "PmtInf/Dbtr/PstlAdr/TwnNm",
                "PmtInf/Dbtr/PstlAdr/Ctry",
                "PmtInf/DbtrAcct/Id/IBAN",
                &bic,
                "PmtInf/ChrgBr",
                "PmtInf/CdtTrfTxInf/PmtId/EndToEndId",
                "PmtInf/CdtTrfTxInf/Amt/InstdAmt",
            ]
        );
        assert_eq!(all(&leaves, "CtrlSum"), ["1204.51", "1204.51"]);
        assert_eq!(all(&leaves, "NbOfTxs"), ["2", "2"]);
        assert_eq!(all(&leaves, "InstdAmt"), ["1204.50", "0.01"]);
        assert_eq!(all(&leaves, "CdtTrfTxInf/Cdtr/Nm"), ["Ana Perez", "Lukasz Zak"]);
        assert_eq!(all(&leaves, "Dbtr/Nm"), ["Societe Generique + Sohne"]);
        assert_eq!(all(&leaves, "ChrgBr"), ["SLEV"]);
        assert_eq!(all(&leaves, "CreDtTm"), ["2026-11-27T08:05:00Z"]);
        assert!(all(&leaves, "Id").len() + all(&leaves, "MsgId")[0].len() <= 35 + 1);
    }
}

#[test]
fn without_town_and_bic_there_is_neither() {
    let mut order = order("EUR", vec![instruction(1, Method::Iban, "Ada", 5)]);
    let bank = order.payer.as_mut().and_then(|payer| payer.bank.as_mut()).unwrap();
    (bank.bic, bank.place) = (None, None);
    let leaves = leaves(&Format::Pain09.write(&order).unwrap());
    assert!(leaves.iter().all(|(path, _)| !path.contains("PstlAdr")));
    assert_eq!(all(&leaves, "DbtrAgt/FinInstnId/Othr/Id"), ["NOTPROVIDED"]);
}

#[test]
fn what_does_not_fit_is_refused_and_named() {
    let said = |format: Format, currency: &str, method, minor| {
        format.write(&order(currency, vec![instruction(1, method, "Ada", minor)])).unwrap_err().message
    };
    assert!(said(Format::Pain09, "EUR", Method::Paypal, 5).contains("payment of Ada"));
    assert!(said(Format::Pain09, "SEK", Method::Iban, 5).contains("SEPA"));
    assert!(said(Format::Pain09, "EUR", Method::Iban, 0).contains("SEPA"));
    assert!(said(Format::Pain09, "EUR", Method::Iban, 100_000_000_000).contains("SEPA"));
    assert!(said(Format::Nacha, "USD", Method::Iban, 5).contains("ACH"));
    assert!(said(Format::Nacha, "USD", Method::Us, 10_000_000_000).contains("ACH"));
    assert!(said(Format::Paypal, "USD", Method::Wise, 5).contains("PayPal"));
    assert!(said(Format::Wise, "USD", Method::Us, 5).contains("Wise"));
    let nobody = Order { payer: None, ..order("EUR", vec![instruction(1, Method::Iban, "Ada", 5)]) };
    assert!(Format::Pain09.write(&nobody).unwrap_err().message.contains("who pays"));
    assert!(Format::Csv.write(&nobody).is_ok(), "a list needs no payer");
}

#[test]
fn ach_records_have_their_length_and_their_sums() {
    let order = order(
        "USD",
        (1..=12).map(|n| instruction(n, Method::Us, "Zoë O’Neill-Brontë Featherstonehaugh", 1_050)).collect(),
    );
    let file = Format::Nacha.write(&order).unwrap();
    let records: Vec<_> = file.lines().collect();
    assert_eq!(records.len(), 20);
    assert!(records.iter().all(|record| record.len() == 94 && record.is_ascii()), "{file}");
    assert_eq!(&records[0][..23], "101 0210000211123456789");
    assert_eq!(&records[0][23..34], "2611270805A");
    let later = Format::Nacha.write(&Order { before_today: 27, ..order.clone() }).unwrap();
    assert_eq!(&later[33..34], "1");
    assert_eq!(&records[1][50..53], "PPD");
    assert_eq!(&records[1][69..75], "261130");
    assert_eq!(&records[2][..39], "6320210000210012345678       0000001050");
    assert_eq!(records[2][54..76].trim(), "ZOE O NEILL-BRONTE FEA");
    assert_eq!(&records[2][79..], "021000020000001");
    assert_eq!(&records[14][..44], "8220000012".to_owned() + "0025200024" + "000000000000" + "000000012600");
    assert_eq!(
        &records[15][..55],
        "9000001000002000000120025200024".to_owned() + "000000000000" + "000000012600"
    );
    assert!(records[16..].iter().all(|record| *record == "9".repeat(94)));
}

#[test]
fn tables_have_what_their_readers_look_for() {
    let write = |format: Format, method| {
        format.write(&order("EUR", vec![instruction(1, method, "Ada, of London", 120_450)])).unwrap()
    };
    let reference =
        Reference::of(TransferId(Uuid::from_u128((0x01a2_0000_0000_7000_8000_u128 << 48) + 0x1_0001)));
    assert_eq!(
        write(Format::Paypal, Method::Paypal),
        format!("ada@example.com,1204.50,EUR,{reference},\"Pay, 1 to 15 November 2026\",PAYPAL\r\n")
    );
    assert!(write(Format::Wise, Method::Wise).ends_with(&format!(
        "\r\n\"Ada, of London\",ada@example.com,{reference},PERSON,target,1204.50,EUR,EUR\r\n"
    )));
    // What a spreadsheet would compute, or take for a number, stays text; what a program reads stays what it is.
    assert!(write(Format::Csv, Method::Manual).contains(",'=cash,"));
    assert!(write(Format::Csv, Method::Us).contains(",0012345678 (savings),ABA 021000021,"));
    let mut odd = instruction(1, Method::Paypal, "Ada", 5);
    let draft =
        AccountDraft { method: "paypal".into(), email: "-ada@example.com".into(), ..AccountDraft::default() };
    if let Ok(account) = draft.parse() {
        odd.account = account;
        assert!(Format::Paypal.write(&order("EUR", vec![odd])).unwrap().starts_with("-ada@example.com,"));
    }
}

#[test]
fn each_account_has_a_file_that_pays_it() {
    let usual =
        |method, country, currency: &str| Format::usual(method, country, &Currency::parse(currency).unwrap());
    assert_eq!(usual(Method::Iban, Some("DE"), "EUR"), Format::Pain09);
    assert_eq!(usual(Method::Iban, Some("DE"), "SEK"), Format::Csv);
    assert_eq!(usual(Method::Iban, Some("PK"), "EUR"), Format::Csv);
    assert_eq!(usual(Method::Us, None, "USD"), Format::Nacha);
    assert_eq!(usual(Method::Manual, None, "USD"), Format::Csv);
    for format in Format::ALL {
        assert!(format.instead().contains(format) && format.instead().contains(&Format::Csv));
    }
}

#[test]
fn a_payer_has_all_of_a_thing_or_nothing_of_it() {
    let fields = |draft: PayerDraft| {
        let fault = draft.parse().err();
        fault.map(|it| it.fields.into_iter().map(|it| it.field).collect::<Vec<_>>()).unwrap_or_default()
    };
    let named = PayerDraft { name: "Desk".into(), ..PayerDraft::default() };
    assert_eq!(fields(PayerDraft::default()), ["name"]);
    assert_eq!(fields(named.clone()), [] as [&str; 0]);
    assert_eq!(fields(PayerDraft { town: "Bonn".into(), ..named.clone() }), ["iban", "country"]);
    assert_eq!(fields(PayerDraft { bic: "DEUT".into(), ..named.clone() }), ["iban", "bic"]);
    assert_eq!(fields(PayerDraft { routing: "021000021".into(), ..named }), ["bank_name", "company_id"]);
    assert_eq!(PayerDraft::of(&payer()).parse().unwrap(), payer());
}

#[test]
fn what_has_ended_stays_ended() {
    use TransferState as S;
    for from in S::ALL {
        for to in S::ALL {
            assert!(!from.may_become(*to) || from.is_live());
            assert!(!from.may_become(*from));
        }
    }
    assert!(!S::Ready.may_become(S::Paid), "nothing is paid that was not sent");
    let said =
        |state: &str, reason: &str| OutcomeDraft { state: state.into(), reason: reason.into() }.parse();
    assert_eq!(said("paid", "").unwrap(), (S::Paid, None));
    assert_eq!(said("failed", " ").unwrap_err().fields[0].field, "reason");
    assert_eq!(said("ready", "x").unwrap_err().fields[0].field, "state");
}

proptest! {
    #[test]
    fn what_banks_read_is_in_their_letters(text in "\\PC{0,200}", most in 1_usize..141) {
        let plain = latin(&text, most);
        prop_assert!(plain.len() <= most);
        prop_assert!(plain.chars().all(|c| c.is_ascii_alphanumeric() || SEPA_ALPHABET.contains(c)), "{plain}");
        prop_assert!(!plain.starts_with('/') && !plain.ends_with('/') && !plain.contains("//"), "{plain}");
        prop_assert_eq!(plain.trim(), &plain);
        prop_assert_eq!(latin(&plain, most), plain);
    }

    /// Sum of the transfers = control sum of the payment = control sum of the message; every id is there once.
    #[test]
    fn sums_and_ids_of_a_message_are_those_of_its_transfers(
        people in proptest::collection::vec(("[a-zà-ž🦄 ]{1,20}[a-z]", 1_i64..100_000_000), 1..40),
    ) {
        let instructions: Vec<_> = people
            .iter()
            .zip(1..)
            .map(|((name, minor), n)| instruction(n, Method::Iban, name, *minor))
            .collect();
        let order = order("EUR", instructions);
        let xml = Format::Pain09.write(&order).unwrap();
        prop_assert_eq!(&xml, &Format::Pain09.write(&order).unwrap());
        let leaves = leaves(&xml);
        let cents = |text: &&str| text.replace('.', "").parse::<i64>().unwrap();
        let sum: i64 = all(&leaves, "InstdAmt").iter().map(cents).sum();
        prop_assert_eq!(sum, people.iter().map(|it| it.1).sum::<i64>());
        for control in all(&leaves, "CtrlSum") {
            prop_assert_eq!(cents(&control), sum);
        }
        let mut ids = all(&leaves, "EndToEndId");
        ids.sort_unstable();
        ids.dedup();
        prop_assert_eq!(ids.len(), people.len());
    }

    /// What is in a file is what it was made for, whatever people are called.
    #[test]
    fn every_file_reads_back_as_what_it_pays(people in proptest::collection::vec(("[ -~à-ž🦄\"',;=+-]{0,30}[a-z]", 1_i64..100_000_000), 1..20)) {
        let files = [
            (Format::Pain09, Method::Iban, "EUR"),
            (Format::Pain03, Method::Iban, "EUR"),
            (Format::Nacha, Method::Us, "USD"),
            (Format::Wise, Method::Wise, "JPY"),
            (Format::Paypal, Method::Paypal, "EUR"),
            (Format::Csv, Method::Manual, "KWD"),
        ];
        for (format, method, currency) in files {
            let instructions: Vec<_> =
                people.iter().zip(1..).map(|((name, minor), n)| instruction(n, method, name, *minor)).collect();
            let paid: Vec<_> = instructions.iter().map(|it| (it.reference.clone(), it.minor)).collect();
            let text = format.write(&order(currency, instructions)).unwrap();
            prop_assert_eq!(format.read(&text, &Currency::parse(currency).unwrap()).unwrap(), paid, "{}", text);
        }
    }

    /// Export, parse: the same rows.
    #[test]
    fn a_list_reads_back(people in proptest::collection::vec(("[ -~à-ž\"',;=+-]{0,20}[a-z]", 1_i64..100_000_000), 0..20)) {
        let instructions: Vec<_> = people
            .iter()
            .zip(1..)
            .map(|((name, minor), n)| instruction(n, Method::Iban, name, *minor))
            .collect();
        let text = Format::Csv.write(&order("EUR", instructions)).unwrap();
        let rows: Vec<_> = csv::Reader::from_reader(text.as_bytes()).records().map(Result::unwrap).collect();
        prop_assert_eq!(rows.len(), people.len());
        for ((name, minor), row) in people.iter().zip(rows) {
            prop_assert_eq!(crate::cell::meant(&row[1]), name);
            prop_assert_eq!(row[6].replace('.', "").parse::<i64>().unwrap(), *minor);
            prop_assert_eq!(Reference::parse(&row[0]).is_some(), true);
        }
    }

    #[test]
    fn references_are_told_apart(a: u64, b: u64) {
        let of = |n: u64| Reference::of(TransferId(Uuid::from_u128(u128::from(n & ((1 << 60) - 1)))));
        prop_assert_eq!(of(a) == of(b), a << 4 == b << 4);
        prop_assert_eq!(Reference::parse(&of(a).as_str().to_lowercase()), Some(of(a)));
    }
}
