//! What banks and services answer is read whatever version and whatever words it has, and rubbish is told from it.

use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::ids::TransferId;

const FILE: u128 = 0x01a2_0000_0000_7000_8000_1234_5678_9abc;

fn reference(n: u128) -> Reference {
    Reference::of(TransferId(Uuid::from_u128(n)))
}

fn said(state: TransferState, reason: Option<&str>) -> Verdict {
    Verdict { state, reason: reason.map(str::to_owned) }
}

/// A status message with what is said of the group, of the payment, and of transfers.
fn message(version: &str, group: &str, payment: &str, transfers: &[(String, &str, &str)]) -> String {
    let file = Uuid::from_u128(FILE).simple();
    let transfers: Vec<String> = transfers
        .iter()
        .map(|(reference, code, reason)| {
            format!(
                "<p:TxInfAndSts><p:StsId>x</p:StsId><p:OrgnlEndToEndId>{reference}</p:OrgnlEndToEndId>\
                 <p:TxSts>{code}</p:TxSts>{reason}</p:TxInfAndSts>"
            )
        })
        .collect();
    let transfers = transfers.concat();
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<p:Document xmlns:p=\"urn:iso:std:iso:20022:tech:xsd:{version}\">\
         <p:CstmrPmtStsRpt><p:GrpHdr><p:MsgId>1</p:MsgId></p:GrpHdr><p:OrgnlGrpInfAndSts><p:OrgnlMsgId>{file}</p:OrgnlMsgId>\
         {group}</p:OrgnlGrpInfAndSts><p:OrgnlPmtInfAndSts><p:OrgnlPmtInfId>{file}-1</p:OrgnlPmtInfId>{payment}{transfers}\
         </p:OrgnlPmtInfAndSts></p:CstmrPmtStsRpt></p:Document>"
    )
}

#[test]
fn a_status_message_of_any_version_says_what_became_of_each() {
    let closed = "<p:StsRsnInf><p:Rsn><p:Cd>AC04</p:Cd></p:Rsn><p:AddtlInf>Closed &amp; gone&#x21;</p:AddtlInf></p:StsRsnInf>";
    let transfers = [
        (reference(1).to_string().to_lowercase(), "ACSC", ""),
        (reference(2).to_string(), "RJCT", closed),
        (reference(3).to_string(), "ACSP", ""),
    ];
    for version in ["pain.002.001.03", "pain.002.001.10", "pain.002.003.03"] {
        let xml = message(version, "<p:GrpSts>PART</p:GrpSts>", "", &transfers);
        let report = Report::read(&format!("\u{feff}{xml}")).unwrap();
        let told: Vec<_> = report.transfers.clone().into_iter().collect();
        assert_eq!(
            told,
            [
                (reference(1), said(TransferState::Paid, None)),
                (reference(2), said(TransferState::Failed, Some("AC04: Closed & gone!"))),
            ]
        );
        assert_eq!((report.files.len(), report.still()), (0, 1), "{version}");
    }
}

#[test]
fn a_status_message_can_speak_of_the_whole_file() {
    let reason = "<p:StsRsnInf><p:Rsn><p:Prtry>NO COVER</p:Prtry></p:Rsn></p:StsRsnInf>";
    let failed = said(TransferState::Failed, Some("NO COVER"));
    let xml = message("pain.002.001.03", &format!("<p:GrpSts>RJCT</p:GrpSts>{reason}"), "", &[]);
    assert_eq!(Report::read(&xml).unwrap().files[&Uuid::from_u128(FILE)], failed);
    let xml = message("pain.002.001.03", "", &format!("<p:PmtInfSts>RJCT</p:PmtInfSts>{reason}"), &[]);
    assert_eq!(Report::read(&xml).unwrap().files[&Uuid::from_u128(FILE)], failed);
    let xml = message("pain.002.001.03", "<p:GrpSts>ACCP</p:GrpSts>", "", &[]);
    let report = Report::read(&xml).unwrap();
    assert_eq!((report.files.len(), report.still()), (0, 1));
}

#[test]
fn tables_of_services_are_read_by_their_titles() {
    let (one, two, three) = (reference(1), reference(2), reference(3));
    let tables = [
        format!("reference,state,reason\n{one},paid,\n{two},returned,\"AC04: closed\"\n{three},pending,\n"),
        format!(
            "\u{feff}Status;End-to-end ID;Error message\r\nACSC;{one};\r\nrefunded;{two};AC04: closed\r\nPDNG;{three};\r\n"
        ),
        format!(
            "Sender Item ID\tTransaction Status\tReason\n{one}\tSuccess\t\n{two}\tReturned\tAC04: closed\n\n{three}\tUnclaimed\t"
        ),
    ];
    for table in tables {
        let report = Report::read(&table).unwrap();
        assert_eq!(report.transfers[&one], said(TransferState::Paid, None), "{table}");
        assert_eq!(report.transfers[&two], said(TransferState::Returned, Some("AC04: closed")), "{table}");
        assert_eq!((report.transfers.len(), report.still()), (2, 1), "{table}");
    }
    // Who is not told why is told that.
    let report = Report::read(&format!("reference,state\n{one},failed")).unwrap();
    assert_eq!(report.transfers[&one], said(TransferState::Failed, Some("No reason was given.")));
}

#[test]
fn what_is_no_report_is_refused_and_says_where() {
    let of_another = message("pain.002.001.03", "", "", &[("INVOICE-7".to_owned(), "ACSC", "")]);
    let elsewhere = message("pain.002.001.03", "<p:GrpSts>RJCT</p:GrpSts>", "", &[])
        .replace(&Uuid::from_u128(FILE).simple().to_string(), "SALARIES");
    let cut = message("pain.002.001.03", "", "", &[(reference(1).to_string(), "ACSC", "")]);
    let one = reference(1);
    for (text, word) in [
        (" \n", "Choose a file"),
        ("reference;paid\nX;yes", "has to name the columns"),
        ("reference,state\nINVOICE-7,paid", "Line 2: “INVOICE-7” is no reference of ours"),
        (&format!("reference,state\r\n{one},paid\r\n{one},maybe"), "Line 3: “maybe” is no state we know"),
        ("reference,state\n", "tells of no payment"),
        (&of_another, "“INVOICE-7”, which is no reference of ours"),
        (&elsewhere, "was not made here"),
        (&cut[..cut.len() - 30], "cannot be read as XML"),
        ("<Document><CstmrCdtTrfInitn></CstmrCdtTrfInitn></Document>", "no status report"),
        ("<!DOCTYPE x [<!ENTITY a \"b\">]><Document>&a;</Document>", "has no DOCTYPE"),
        ("<Document>&bomb;</Document>", "cannot be read as XML"),
    ] {
        let fault = Report::read(text).unwrap_err();
        assert!(fault.fields[0].message.contains(word), "{text}: {fault:?}");
    }
}

#[test]
fn what_is_known_is_told_from_what_is_new_and_what_contradicts() {
    use TransferState::{Failed, Paid, Ready, Returned, Sent};
    for (is, says, heard) in [
        (Sent, Paid, Heard::News),
        (Sent, Failed, Heard::News),
        (Paid, Paid, Heard::Known),
        (Paid, Returned, Heard::News),
        (Returned, Paid, Heard::Known),
        (Returned, Failed, Heard::Contradiction),
        (Failed, Paid, Heard::Contradiction),
        (Paid, Failed, Heard::Contradiction),
        (Ready, Paid, Heard::Contradiction),
    ] {
        assert_eq!(is.hearing(says), heard, "{is:?} {says:?}");
    }
}

proptest! {
    #[test]
    fn nothing_that_is_sent_breaks_the_reader(text in "\\PC{0,60}", tag in "[<]?[a-zA-Z/&;]{0,8}[>]?") {
        let _ = Report::read(&text);
        let _ = Report::read(&format!("<Document>{tag}{text}"));
        let _ = Report::read(&format!("reference,state\n{tag}{text}"));
    }

    /// What we write as a table of outcomes comes back as they were, in any order.
    #[test]
    fn a_table_reads_as_it_was_written(rows in proptest::collection::btree_map(0_u128..1_000_000, (0_usize..3, "[ -~à-ž]{1,40}[a-z]"), 1..40)) {
        let states = [TransferState::Paid, TransferState::Failed, TransferState::Returned];
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer.write_record(["state", "reason", "reference"]).unwrap();
        for (n, (state, reason)) in rows.iter().rev() {
            writer.write_record([states[*state].word(), &crate::cell::harmless(reason), reference(*n).as_str()]).unwrap();
        }
        let report = Report::read(&String::from_utf8(writer.into_inner().unwrap()).unwrap()).unwrap();
        prop_assert_eq!(report.transfers.len(), rows.len());
        for (n, (state, reason)) in &rows {
            prop_assert_eq!(&report.transfers[&reference(*n)], &Verdict::new(states[*state], reason));
        }
    }
}
