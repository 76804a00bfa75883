//! Payouts on both databases: what was approved is sent once, to where it was approved to go.

use chrono::{Days, NaiveDate, TimeDelta};
use domain::FaultKind;
use domain::ids::{BatchId, PaymentId};
use domain::payee::AccountDraft;
use domain::payout::{Format, OutcomeDraft, PayerDraft, TransferState};
use domain::people::Role;
use sha2::{Digest, Sha256};

use super::*;
use crate::act::Act;
use crate::payment::{Outcome, Payments};
use crate::testing::house::House;
use crate::testing::{a_seal, on_both, payees_of};
use crate::{on_db, run_tx};

const PASSWORD: &str = "marble kettle orbit fox";
const ON: &str = "2026-10-05";

/// A month of Ann, who has an IBAN, of Bob, who has PayPal, and of Cy, who has nothing; Mara has approved it.
pub(super) struct Paid {
    pub house: House,
    pub ann: Act,
    cy: Act,
    pub mara: Act,
    pub batch: BatchId,
}

impl Paid {
    pub async fn new(db: crate::db::Db) -> Self {
        Self::holding(db, None).await
    }

    /// The same, but somebody is held to the next batch.
    pub async fn holding(db: crate::db::Db, held: Option<&str>) -> Self {
        let house = House::new(db);
        let ann = house.join("Ann", Role::Annotator).await;
        let bob = house.join("Bob", Role::Annotator).await;
        let cy = house.join("Cy", Role::Annotator).await;
        let mara = house.join("Mara", Role::Manager).await;
        let (_, task) = house.project("acme-1", &["ann", "bob", "cy"]).await;
        let monday = NaiveDate::from_ymd_opt(2026, 9, 7).unwrap();
        for who in [&ann, &bob, &cy] {
            house.submit(who, task, &[(monday, "7:30"), (monday + Days::new(1), "8")]).await;
        }
        enter(&house, &ann, &ann, &iban()).await;
        let paypal = AccountDraft {
            method: "paypal".into(),
            email: "bob@example.org".into(),
            ..AccountDraft::default()
        };
        enter(&house, &bob, &bob, &paypal).await;
        house.world.advance(TimeDelta::days(11));
        let payments = Payments::new(house.db.clone());
        payments.consolidate(&house.again(&mara)).await.unwrap();
        let batch = payments.batches(&house.system, None, 10).await.unwrap().rows[0].batch.id;
        for it in payments.batch(&house.again(&mara), batch).await.unwrap().payments {
            if held == Some(it.person_name.as_str()) {
                payments.hold(&house.again(&mara), it.id, "They asked for it").await.unwrap();
            }
        }
        let shown = payments.batch(&house.again(&mara), batch).await.unwrap().digest;
        let done = payments.approve(&house.again(&mara), batch, &shown).await.unwrap();
        assert_eq!(done, Outcome::Approved);
        let paid = Self { house, ann, cy, mara, batch };
        let payer = PayerDraft {
            name: "The desk".into(),
            iban: "FR14 2004 1010 0505 0001 3M02 606".into(),
            ..PayerDraft::default()
        };
        paid.payouts().set_payer(&paid.now(&paid.mara), 0, &payer).await.unwrap();
        paid
    }

    pub fn payouts(&self) -> Payouts {
        Payouts::new(self.house.db.clone(), a_seal())
    }

    /// A moment later: what comes later is told from what was before.
    pub fn now(&self, act: &Act) -> Act {
        self.house.world.advance(TimeDelta::seconds(1));
        self.house.again(act)
    }

    async fn paying(&self) -> Paying {
        let currency = domain::Currency::parse("EUR").unwrap();
        self.payouts().paying(&self.now(&self.mara), self.batch, &currency).await.unwrap()
    }

    pub async fn make(&self, format: Format) -> Result<PayoutFile, FaultKind> {
        let usual = if format == Format::Paypal { format } else { Format::Pain09 };
        let made = self.payouts().make(&self.now(&self.mara), self.batch, usual, format, ON).await;
        made.map_err(|error| error.into_fault().kind)
    }

    pub async fn settle(&self, transfer: &Transfer, state: TransferState) -> Result<(), FaultKind> {
        let reason = if state == TransferState::Paid { "" } else { "AC04: the account is closed" };
        let draft = OutcomeDraft { state: state.word().into(), reason: reason.into() };
        let done = self.payouts().settle(&self.now(&self.mara), transfer.id, &draft).await;
        done.map(drop).map_err(|error| error.into_fault().kind)
    }

    pub async fn again(&self, payment: PaymentId) -> Result<(), FaultKind> {
        let done = self.payouts().again(&self.now(&self.mara), payment).await;
        done.map(drop).map_err(|error| error.into_fault().kind)
    }

    /// Of which kinds whoever is paid was told something.
    async fn told(&self) -> Vec<String> {
        on_db!(&self.house.db, c => sqlx::query_scalar("SELECT kind FROM notice ORDER BY id").fetch_all(c).await).unwrap()
    }

    pub async fn of_file(&self, file: &PayoutFile) -> Vec<Transfer> {
        self.payouts().sheet(&self.now(&self.mara), file.id).await.unwrap().transfers
    }
}

fn iban() -> AccountDraft {
    AccountDraft {
        method: "iban".into(),
        holder: "Ann Łukasz".into(),
        iban: "DE89 3704 0044 0532 0130 00".into(),
        ..AccountDraft::default()
    }
}

async fn enter(house: &House, by: &Act, whose: &Act, draft: &AccountDraft) -> crate::payee::Kept {
    house.world.advance(TimeDelta::seconds(1));
    let payees = payees_of(house.db.clone(), house.people.clone());
    payees.enter(&house.again(by), whose.person().unwrap().id, draft, PASSWORD).await.unwrap()
}

#[tokio::test]
async fn what_was_approved_is_sent_once_and_kept_as_it_was_sent() {
    on_both(async |db| {
        let paid = Paid::new(db).await;
        let before = paid.paying().await;
        let groups: Vec<_> = before.groups.iter().map(|it| (it.usual, it.transfers, it.minor)).collect();
        assert_eq!(groups, [(Format::Pain09, 1, 31_000), (Format::Paypal, 1, 31_000)]);
        assert_eq!(before.stuck.iter().map(|it| it.person_name.as_str()).collect::<Vec<_>>(), ["Cy"]);

        assert_eq!(paid.make(Format::Nacha).await.unwrap_err(), FaultKind::Invalid);
        let file = paid.make(Format::Pain03).await.unwrap();
        assert_eq!((file.transfers, file.minor, file.format), (1, 31_000, Format::Pain03));
        let (row, content) = paid.payouts().fetch(&paid.now(&paid.mara), file.id).await.unwrap();
        let again = paid.payouts().fetch(&paid.now(&paid.mara), file.id).await.unwrap().1;
        assert_eq!((Sha256::digest(&content).to_vec(), &again), (row.digest, &content));
        let text = String::from_utf8(content).unwrap();
        let transfers = paid.of_file(&file).await;
        for part in [
            "<CtrlSum>310.00</CtrlSum>",
            "DE89370400440532013000",
            "<Nm>Ann Lukasz</Nm>",
            transfers[0].reference.as_str(),
        ] {
            assert!(text.contains(part), "no {part} in {text}");
        }
        assert_eq!(
            paid.make(Format::Pain09).await.unwrap_err(),
            FaultKind::Conflict,
            "it is in a file already"
        );
        let sealed: Vec<Vec<u8>> =
            on_db!(&paid.house.db, c => sqlx::query_scalar("SELECT sealed FROM payout_content")
            .fetch_all(c).await)
            .unwrap();
        assert!(!String::from_utf8_lossy(&sealed[0]).contains("DE89"), "it can be read");

        // Not even whoever writes to the database changes it.
        for sql in [
            "UPDATE payout_content SET sealed = sealed",
            "DELETE FROM payout_content",
            "DELETE FROM transfer",
            "UPDATE transfer SET minor = minor + 1",
            "UPDATE transfer SET file_id = NULL WHERE file_id IS NOT NULL",
            "UPDATE transfer SET state = 'ready' WHERE state = 'sent'",
            "UPDATE payout_file SET minor = minor + 1",
        ] {
            let mut tx = paid.house.db.begin().await.unwrap();
            assert!(run_tx!(tx, sqlx::query(sql)).is_err(), "{sql}");
        }
        let day = async |on: &str| {
            let made = paid
                .payouts()
                .make(&paid.now(&paid.mara), paid.batch, Format::Paypal, Format::Paypal, on)
                .await;
            made.unwrap_err().into_fault().fields.remove(0).field
        };
        for on in ["2026-09-01", "2027-09-01", "soon"] {
            assert_eq!(day(on).await, "pay_on", "{on}");
        }
    })
    .await;
}

#[tokio::test]
async fn what_does_not_arrive_is_paid_again_by_another_transfer() {
    on_both(async |db| {
        let paid = Paid::new(db).await;
        let file = paid.make(Format::Pain09).await.unwrap();
        let first = paid.of_file(&file).await.remove(0);
        let own = OutcomeDraft { state: "failed".into(), reason: "x".into() };
        let own = paid.payouts().settle(&paid.now(&paid.ann), first.id, &own).await.unwrap_err().into_fault();
        assert_eq!(own.kind, FaultKind::Forbidden);
        assert_eq!(paid.again(first.payment_id).await.unwrap_err(), FaultKind::Conflict, "it is on its way");

        paid.settle(&first, TransferState::Failed).await.unwrap();
        assert_eq!(paid.settle(&first, TransferState::Paid).await.unwrap_err(), FaultKind::Conflict);
        let stuck = paid.paying().await.stuck;
        let of_ann = stuck.iter().find(|it| it.person_name.as_str() == "Ann").unwrap();
        assert_eq!(of_ann.reason.as_deref(), Some("AC04: the account is closed"));
        // Two at once: one of them has it paid again.
        let (one, other) = (paid.now(&paid.mara), paid.now(&paid.mara));
        let payouts = paid.payouts();
        let (one, other) =
            tokio::join!(payouts.again(&one, first.payment_id), payouts.again(&other, first.payment_id));
        assert_eq!(usize::from(one.is_ok()) + usize::from(other.is_ok()), 1);

        let file = paid.make(Format::Pain09).await.unwrap();
        let second = paid.of_file(&file).await.remove(0);
        assert_eq!((second.follows, second.reference == first.reference), (Some(first.id), false));
        paid.settle(&second, TransferState::Paid).await.unwrap();
        assert_eq!(paid.again(first.payment_id).await.unwrap_err(), FaultKind::Conflict, "it is paid");
        // Money can come back from where it has been.
        paid.settle(&second, TransferState::Returned).await.unwrap();
        paid.again(first.payment_id).await.unwrap();
        let way = paid.payouts().of_payment(first.payment_id).await.unwrap();
        assert_eq!(way.iter().map(|it| it.state.word()).collect::<Vec<_>>(), ["ready", "returned", "failed"]);

        let mine = Payments::new(paid.house.db.clone()).mine(&paid.now(&paid.ann)).await.unwrap();
        assert_eq!(mine[0].transfer, Some(TransferState::Ready));
    })
    .await;
}

#[tokio::test]
async fn a_file_that_was_not_sent_is_withdrawn_whole() {
    on_both(async |db| {
        let paid = Paid::new(db).await;
        let file = paid.make(Format::Paypal).await.unwrap();
        let first = paid.of_file(&file).await.remove(0);
        paid.payouts().withdraw(&paid.now(&paid.mara), file.id).await.unwrap();
        let again = paid.payouts().withdraw(&paid.now(&paid.mara), file.id).await.unwrap_err().into_fault();
        assert_eq!(again.kind, FaultKind::Conflict);
        assert_eq!(paid.of_file(&file).await[0].state, TransferState::Failed);
        // Nobody has heard of it yet, and so nobody needs to hear that it is not so; who has read it does.
        assert_eq!(paid.told().await, Vec::<String>::new());
        let file = paid.make(Format::Paypal).await.unwrap();
        assert_eq!(paid.told().await, ["payment_sent"]);
        let mut tx = paid.house.db.begin().await.unwrap();
        run_tx!(tx, sqlx::query("UPDATE notice SET read_at = made_at, mail_from = NULL")).unwrap();
        tx.commit().await.unwrap();
        paid.payouts().withdraw(&paid.now(&paid.mara), file.id).await.unwrap();
        assert_eq!(paid.told().await, ["payment_sent", "payment_not_sent"]);
        let again = paid.of_file(&file).await.remove(0);
        assert_eq!(again.follows, Some(first.id));
        let first = again;
        // Nobody gets it any more: it would pay twice.
        let gone = paid.payouts().fetch(&paid.now(&paid.mara), file.id).await.unwrap_err().into_fault();
        assert_eq!(gone.kind, FaultKind::Conflict);

        let file = paid
            .payouts()
            .make(&paid.now(&paid.mara), paid.batch, Format::Paypal, Format::Csv, ON)
            .await
            .unwrap();
        let second = paid.of_file(&file).await.remove(0);
        assert_eq!((second.follows, second.person_id), (Some(first.id), first.person_id));
        assert_eq!(paid.payouts().all_paid(&paid.now(&paid.mara), file.id).await.unwrap(), 1);
        let late = paid.payouts().withdraw(&paid.now(&paid.mara), file.id).await.unwrap_err().into_fault();
        assert_eq!(late.kind, FaultKind::Conflict);
        assert_eq!(paid.paying().await.counts.iter().find(|it| it.0 == TransferState::Paid).unwrap().1, 1);
    })
    .await;
}

#[tokio::test]
async fn what_had_nowhere_to_go_goes_once_somebody_says_where() {
    on_both(async |db| {
        let paid = Paid::new(db).await;
        let stuck = paid.paying().await.stuck.remove(0);
        assert_eq!((stuck.person_name.as_str(), stuck.shown), ("Cy", None));
        assert_eq!(paid.again(stuck.payment_id).await.unwrap_err(), FaultKind::Conflict);
        // Whoever enters an account for somebody does not send them money there.
        let mo = paid.house.join("Mo", Role::Manager).await;
        let british = AccountDraft { iban: "GB29 NWBK 6016 1331 9268 19".into(), ..iban() };
        let held = enter(&paid.house, &paid.mara, &paid.cy, &british).await;
        let payees = payees_of(paid.house.db.clone(), paid.house.people.clone());
        payees.release(&paid.now(&mo), held.id).await.unwrap();
        assert_eq!(paid.again(stuck.payment_id).await.unwrap_err(), FaultKind::Forbidden);
        paid.payouts().again(&paid.now(&mo), stuck.payment_id).await.unwrap();
        assert_eq!(paid.make(Format::Pain09).await.unwrap_err(), FaultKind::Forbidden);
        let (one, other) = (paid.now(&mo), paid.now(&mo));
        let payouts = paid.payouts();
        let make = |act| payouts.make(act, paid.batch, Format::Pain09, Format::Pain09, ON);
        let (one, other) = tokio::join!(make(&one), make(&other));
        assert_eq!(
            usize::from(one.is_ok()) + usize::from(other.is_ok()),
            1,
            "two files with the same payments"
        );
        let file = one.or(other).unwrap();
        assert_eq!((file.transfers, file.minor), (2, 62_000));
    })
    .await;
}

#[tokio::test]
async fn a_report_is_taken_whole_and_as_often_as_it_comes() {
    on_both(async |db| {
        let paid = Paid::new(db).await;
        let (sepa, paypal) = (paid.make(Format::Pain09).await.unwrap(), paid.make(Format::Paypal).await.unwrap());
        let (anns, bobs) = (paid.of_file(&sepa).await.remove(0), paid.of_file(&paypal).await.remove(0));
        let take = async |act: &Act, text: &str| {
            let taken = paid.payouts().report(&paid.now(act), text).await;
            taken.map_err(crate::Error::into_fault)
        };
        let state = async |it: &Transfer| paid.payouts().of_payment(it.payment_id).await.unwrap()[0].state;
        assert_eq!(take(&paid.ann, "reference,state").await.unwrap_err().kind, FaultKind::Forbidden);

        // One row that is wrong, and nothing is taken.
        let one_is_strange = format!("reference,state\n{},paid\n0123456789AB,paid", bobs.reference);
        let fault = take(&paid.mara, &one_is_strange).await.unwrap_err();
        assert!(fault.message.contains("0123456789AB"), "{fault:?}");
        assert_eq!(state(&bobs).await, TransferState::Sent);

        let first = format!("reference;state\n{};paid\n{};pending", bobs.reference, anns.reference);
        let taken = take(&paid.mara, &first).await.unwrap();
        assert_eq!((taken.changed.len(), taken.known, taken.pending), (1, 0, 1));
        assert_eq!((state(&bobs).await, state(&anns).await), (TransferState::Paid, TransferState::Sent));
        let again = take(&paid.mara, &first).await.unwrap();
        assert_eq!((again.changed.len(), again.known), (0, 1));

        // The bank refuses the whole file; what it says can be read where the payment is.
        let refused = format!(
            "<Document><CstmrPmtStsRpt><OrgnlGrpInfAndSts><OrgnlMsgId>{}</OrgnlMsgId><GrpSts>RJCT</GrpSts><StsRsnInf><Rsn>\
             <Cd>AM04</Cd></Rsn></StsRsnInf></OrgnlGrpInfAndSts></CstmrPmtStsRpt></Document>",
            sepa.id.0.simple()
        );
        let taken = take(&paid.mara, &refused).await.unwrap();
        assert_eq!((taken.changed[0].was, taken.changed[0].now.state), (TransferState::Sent, TransferState::Failed));
        let stuck = paid.paying().await.stuck;
        assert!(stuck.iter().any(|it| it.payment_id == anns.payment_id && it.reason.as_deref() == Some("AM04")));
        assert_eq!(take(&paid.mara, &refused).await.unwrap().known, 1);
        let missing = refused.replace(&sepa.id.0.simple().to_string(), &"0".repeat(32));
        assert!(take(&paid.mara, &missing).await.unwrap_err().message.contains("not made here"));

        // What was refused was not paid, says one of two; a person has to find out which.
        let other = format!("reference,state\n{},paid\n{},returned", anns.reference, bobs.reference);
        let fault = take(&paid.mara, &other).await.unwrap_err();
        assert_eq!(fault.kind, FaultKind::Conflict);
        assert!(fault.message.contains("“Failed” here, and “Paid”"), "{fault:?}");
        assert_eq!(state(&bobs).await, TransferState::Paid, "nothing of it was taken");

        // Of what the bank has not decided, the word on its file is not said; of what was withdrawn, nobody says that it was paid.
        paid.again(anns.payment_id).await.unwrap();
        let next = paid.make(Format::Pain09).await.unwrap();
        let still = paid.of_file(&next).await.remove(0);
        let whole = |code: &str, transfer: &str| {
            format!(
                "<Document><CstmrPmtStsRpt><OrgnlGrpInfAndSts><OrgnlMsgId>{0}</OrgnlMsgId><GrpSts>{code}</GrpSts></OrgnlGrpInfAndSts>\
                 <OrgnlPmtInfAndSts><OrgnlPmtInfId>{0}-1</OrgnlPmtInfId>{transfer}</OrgnlPmtInfAndSts></CstmrPmtStsRpt></Document>",
                next.id.0.simple()
            )
        };
        let pending = format!(
            "<TxInfAndSts><OrgnlEndToEndId>{}</OrgnlEndToEndId><TxSts>PDNG</TxSts></TxInfAndSts>",
            still.reference
        );
        let taken = take(&paid.mara, &whole("ACSC", &pending)).await.unwrap();
        assert_eq!((taken.changed.len(), taken.pending), (0, 1));
        assert_eq!(state(&still).await, TransferState::Sent);
        paid.payouts().withdraw(&paid.now(&paid.mara), next.id).await.unwrap();
        let fault = take(&paid.mara, &whole("ACSC", "")).await.unwrap_err();
        assert!(fault.message.contains("was withdrawn here"), "{fault:?}");

        let log: Vec<String> = on_db!(&paid.house.db, c => sqlx::query_scalar(
            "SELECT after FROM audit_line WHERE action = 'payout.reported' ORDER BY seq"
        ).fetch_all(c).await)
        .unwrap();
        assert_eq!(log.len(), 2, "only what changed something: {log:?}");
        assert!(log[1].contains("AM04") && log[1].contains(anns.reference.as_str()), "{log:?}");
    })
    .await;
}
