//! ISO 20022 pain.002, what a bank answers to a payment file. Elements are known by their local names, so that any version
//! and any prefix is read; entities are the five of XML, and nothing is fetched.

use quick_xml::Reader;
use quick_xml::escape::resolve_xml_entity;
use quick_xml::events::{BytesRef, Event};
use uuid::Uuid;

use super::Reference;
use super::report::{Report, Verdict, Word, state_of, wrong};
use crate::Fault;

/// What was said in one element, as deep as reasons are told.
#[derive(Default)]
struct Said {
    code: String,
    reason: Vec<String>,
}

impl Said {
    fn verdict(&self) -> Option<Verdict> {
        match state_of(&self.code)? {
            Word::Final(state) => Some(Verdict::new(state, &self.reason.join(": "))),
            Word::Pending => None,
        }
    }
}

#[derive(Default)]
struct Message {
    report: Report,
    is_status: bool,
    /// The id of the file that is answered.
    file: Option<Uuid>,
    group: Said,
    payment: Said,
    payment_id: String,
    transfer: Said,
    reference: String,
}

pub fn read(text: &str) -> Result<Report, Fault> {
    let mut reader = Reader::from_str(text);
    let (mut path, mut content): (Vec<String>, String) = (Vec::new(), String::new());
    let mut message = Message::default();
    loop {
        match reader.read_event() {
            Ok(Event::Start(it)) => {
                let name = it.local_name().as_ref().to_owned();
                message.open(&name);
                path.push(name);
                content.clear();
            }
            Ok(Event::Text(it)) => content.push_str(&it.xml10_content()),
            Ok(Event::CData(it)) => content.push_str(&it.xml10_content()),
            Ok(Event::GeneralRef(it)) => {
                content.push_str(&entity(&it).ok_or_else(|| unreadable(&reader))?);
            }
            Ok(Event::End(_)) => {
                message.close(&path, content.trim())?;
                path.pop();
                content.clear();
            }
            Ok(Event::DocType(_)) => return Err(wrong("A report of a bank has no DOCTYPE. This is none.")),
            Ok(Event::Eof) if path.is_empty() => break,
            Ok(Event::Eof) | Err(_) => return Err(unreadable(&reader)),
            Ok(Event::Empty(_) | Event::Decl(_) | Event::PI(_) | Event::Comment(_)) => {}
        }
    }
    if message.is_status {
        Ok(message.report)
    } else {
        Err(wrong("This is no status report (pain.002). Ask your bank for one, or send a table."))
    }
}

impl Message {
    fn open(&mut self, name: &str) {
        match name {
            "CstmrPmtStsRpt" => self.is_status = true,
            "OrgnlPmtInfAndSts" => (self.payment, self.payment_id) = (Said::default(), String::new()),
            "TxInfAndSts" => (self.transfer, self.reference) = (Said::default(), String::new()),
            _ => {}
        }
    }

    fn close(&mut self, path: &[String], text: &str) -> Result<(), Fault> {
        let Some((name, above)) = path.split_last() else { return Ok(()) };
        match name.as_str() {
            "TxInfAndSts" => return self.transfer(),
            "OrgnlPmtInfAndSts" => return self.whole(Whole::Payment),
            "OrgnlGrpInfAndSts" => return self.whole(Whole::Group),
            _ => {}
        }
        let within = |name: &str| above.iter().any(|it| it == name);
        let said = if within("TxInfAndSts") {
            &mut self.transfer
        } else if within("OrgnlPmtInfAndSts") {
            &mut self.payment
        } else if within("OrgnlGrpInfAndSts") {
            &mut self.group
        } else {
            return Ok(());
        };
        match name.as_str() {
            "GrpSts" | "PmtInfSts" | "TxSts" => text.clone_into(&mut said.code),
            "Cd" | "Prtry" if above.ends_with(&["StsRsnInf".to_owned(), "Rsn".to_owned()]) => {
                said.reason.push(text.to_owned());
            }
            "AddtlInf" if above.last().is_some_and(|it| it == "StsRsnInf") && !text.is_empty() => {
                said.reason.push(text.to_owned());
            }
            "OrgnlMsgId" => self.file = Uuid::try_parse(text).ok(),
            "OrgnlPmtInfId" => text.clone_into(&mut self.payment_id),
            "OrgnlEndToEndId" => text.clone_into(&mut self.reference),
            _ => {}
        }
        Ok(())
    }

    fn transfer(&mut self) -> Result<(), Fault> {
        let Some(reference) = Reference::parse(&self.reference) else {
            return Err(wrong(format!(
                "This report tells of “{}”, which is no reference of ours. It may answer another program's file.",
                self.reference
            )));
        };
        self.report.tell(reference, self.transfer.verdict());
        Ok(())
    }
}

impl Message {
    /// What is said of a whole file. A part of it that says nothing final is one more entry that is pending.
    fn whole(&mut self, of: Whole) -> Result<(), Fault> {
        let (said, file) = match of {
            Whole::Group => (&self.group, self.file),
            Whole::Payment => {
                let own = self.payment_id.strip_suffix("-1").and_then(|id| Uuid::try_parse(id).ok());
                (&self.payment, own.or(self.file))
            }
        };
        match (said.verdict(), file) {
            (Some(verdict), Some(file)) => drop(self.report.files.insert(file, verdict)),
            (Some(_), None) => {
                return Err(wrong("This report answers a file that was not made here."));
            }
            (None, _) if said.code.is_empty() || said.code == "PART" => {}
            (None, _) => self.report.pending_files += 1,
        }
        Ok(())
    }
}

#[derive(Clone, Copy)]
enum Whole {
    Group,
    Payment,
}

fn entity(it: &BytesRef<'_>) -> Option<String> {
    if let Ok(Some(letter)) = it.resolve_char_ref() {
        return Some(letter.to_string());
    }
    resolve_xml_entity(&it.xml10_content()).map(str::to_owned)
}

fn unreadable(reader: &Reader<&[u8]>) -> Fault {
    wrong(format!(
        "The report cannot be read as XML: something is wrong near its byte {}.",
        reader.buffer_position()
    ))
}
