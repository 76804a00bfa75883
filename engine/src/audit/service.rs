use domain::audit::{Action, Thing};
use domain::people::Permission;
use serde::Serialize;

use super::{Broken, Filter, Line, store};
use crate::Error;
use crate::act::Act;
use crate::db::{Db, Tx};
use crate::page::Page;

/// How many lines are held in memory at once when the whole log is read.
const CHUNK: i64 = 1000;

/// What a use case writes down.
pub struct Entry<'a, Before, After> {
    pub action: Action,
    pub thing: Thing,
    pub thing_id: String,
    /// How a person would name it.
    pub thing_name: &'a str,
    pub before: Option<Before>,
    pub after: Option<After>,
}

/// Writes one line, in the transaction of the change it tells of: either both are kept or neither.
///
/// Call it as the last thing before the commit. From here until then every other audited change waits.
pub async fn record<B: Serialize, A: Serialize>(
    tx: &mut Tx,
    act: &Act,
    entry: Entry<'_, B, A>,
) -> Result<(), Error> {
    record_all(tx, act, &[entry]).await
}

/// As [`record`], for a change to many things: a line for each, in the order given.
pub async fn record_all<B: Serialize, A: Serialize>(
    tx: &mut Tx,
    act: &Act,
    entries: &[Entry<'_, B, A>],
) -> Result<(), Error> {
    if entries.is_empty() {
        return Ok(());
    }
    let many = i64::try_from(entries.len()).unwrap_or(i64::MAX);
    let (last, mut hash) = store::next_places(tx, many).await?;
    let mut lines = Vec::with_capacity(entries.len());
    for (seq, entry) in (last - many + 1..).zip(entries) {
        let line = entry.line(act, seq, std::mem::take(&mut hash))?;
        hash.clone_from(&line.hash);
        lines.push(line);
    }
    Ok(store::insert(tx, &lines, &hash).await?)
}

impl<B: Serialize, A: Serialize> Entry<'_, B, A> {
    fn line(&self, act: &Act, seq: i64, previous_hash: String) -> Result<Line, Error> {
        let (actor_id, actor_name) = act.author();
        let json = |value: Option<String>| value.filter(|text| text != "null");
        let mut line = Line {
            seq,
            at: act.at,
            actor_id,
            actor_name,
            action: self.action.word().to_owned(),
            thing: self.thing.word().to_owned(),
            thing_id: self.thing_id.clone(),
            thing_name: self.thing_name.to_owned(),
            before: json(self.before.as_ref().map(serde_json::to_string).transpose()?),
            after: json(self.after.as_ref().map(serde_json::to_string).transpose()?),
            request_id: act.request_id.to_string(),
            previous_hash,
            hash: String::new(),
        };
        line.hash = line.computed_hash()?;
        Ok(line)
    }
}

/// How a verification ended.
#[derive(Clone, Debug, Serialize)]
pub struct Verified {
    pub lines: i64,
    /// The hash of the last line. Kept somewhere else, it proves that nothing up to here was changed later.
    pub head: String,
    pub broken: Option<Broken>,
}

impl Verified {
    /// The line after those that hold does not.
    fn breaks(self, why: &str) -> Self {
        Self { broken: Some(Broken { seq: self.lines + 1, why: why.to_owned() }), ..self }
    }
}

#[derive(Clone)]
pub struct Audit {
    db: Db,
}

impl Audit {
    pub fn new(db: Db) -> Self {
        Self { db }
    }

    pub async fn page(&self, act: &Act, filter: &Filter, size: usize) -> Result<Page<Line>, Error> {
        act.need(Permission::ReadAudit)?;
        let limit = i64::try_from(size).unwrap_or(CHUNK) + 1;
        Ok(Page::of(store::newest(&self.db, filter, limit).await?, size))
    }

    /// Follows the chain from its first line to its end, and names the first line that does not hold.
    pub async fn verify(&self, act: &Act) -> Result<Verified, Error> {
        act.need(Permission::ReadAudit)?;
        let mut so_far = Verified { lines: 0, head: String::new(), broken: None };
        loop {
            // Read before the lines are: those written meanwhile are behind it, and the next round looks at them.
            let Some((last, head)) = store::head(&self.db).await? else {
                return Ok(so_far.breaks("the end of the chain is not remembered any more"));
            };
            if so_far.lines == last {
                if so_far.head != head {
                    so_far.lines = (last - 1).max(0);
                    return Ok(so_far.breaks("it is not the line that the end of the chain remembers"));
                }
                let beyond = store::exists_after(&self.db, last).await?;
                if !beyond {
                    return Ok(so_far);
                }
                // Perhaps it was written just now; then the end has moved on with it.
                if store::head(&self.db).await?.is_some_and(|(now, _)| now == last) {
                    return Ok(so_far.breaks("the end of the chain does not know of it"));
                }
                continue;
            }
            if so_far.lines > last {
                so_far.lines = last;
                return Ok(so_far.breaks("the end of the chain does not know of it"));
            }
            while so_far.lines < last {
                let lines = match self.lines_to_verify(so_far.lines).await? {
                    Ok(lines) => lines,
                    Err(broken) => {
                        so_far.broken = Some(broken);
                        return Ok(so_far);
                    }
                };
                if lines.is_empty() {
                    let why = format!("lines up to {last} are missing at the end");
                    return Ok(so_far.breaks(&why));
                }
                for line in lines.into_iter().take_while(|line| line.seq <= last) {
                    if let Err(broken) = line.follows(so_far.lines, &so_far.head) {
                        so_far.broken = Some(broken);
                        return Ok(so_far);
                    }
                    so_far.lines = line.seq;
                    so_far.head = line.hash;
                }
            }
        }
    }

    /// The next lines; or the first of them that cannot even be read, because what stands in it is no line any more.
    async fn lines_to_verify(&self, seq: i64) -> Result<Result<Vec<Line>, Broken>, Error> {
        let all = Filter::default();
        match store::after(&self.db, &all, seq, CHUNK).await {
            Ok(lines) => Ok(Ok(lines)),
            Err(error) if !error.is_unreadable() => Err(error.into()),
            Err(_) => match store::after(&self.db, &all, seq, 1).await {
                Ok(line) => Ok(Ok(line)),
                Err(error) if error.is_unreadable() => {
                    let why = format!("it cannot be read: {error}");
                    Ok(Err(Broken { seq: seq + 1, why }))
                }
                Err(error) => Err(error.into()),
            },
        }
    }

    /// Some of the lines a filter lets through after a place, oldest first: the whole log is read in such chunks. None
    /// at the end.
    pub async fn lines_after(&self, act: &Act, filter: &Filter, seq: i64) -> Result<Vec<Line>, Error> {
        act.need(Permission::ReadAudit)?;
        Ok(store::after(&self.db, filter, seq, CHUNK).await?)
    }
}
