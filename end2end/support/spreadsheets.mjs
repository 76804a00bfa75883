// Spreadsheets as people send them: no two alike.
import { crc32 } from 'node:zlib';

/** Rows as CSV; cells with the delimiter or quotes in them are quoted. */
export function csv(rows, delimiter = ',') {
  const cell = (text) => (/["\n]/.test(text) || text.includes(delimiter) ? `"${text.replaceAll('"', '""')}"` : text);
  return rows.map((row) => row.map((it) => cell(String(it))).join(delimiter)).join('\r\n') + '\r\n';
}

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';
const DAY = 86_400_000;

/** The number by which spreadsheets know a day that is written as 2026-11-30. */
const serial = (day) => Math.round(Date.parse(day) / DAY) + 25_569;

/** What a cell holds: text, a number, `{ day }` or `{ minutes }`. */
function cell(at, value) {
  if (value === '' || value === undefined) return '';
  if (typeof value === 'number') return `<c r="${at}"><v>${value}</v></c>`;
  if (value.day) return `<c r="${at}" s="1"><v>${serial(value.day)}</v></c>`;
  if (value.minutes !== undefined) return `<c r="${at}" s="2"><v>${value.minutes / 1440}</v></c>`;
  const text = String(value).replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  return `<c r="${at}" t="inlineStr"><is><t>${text}</t></is></c>`;
}

const HEAD = '<?xml version="1.0" encoding="UTF-8"?>';
const MAIN = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';
const RELATIONS = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
const PACKAGE = 'http://schemas.openxmlformats.org/package/2006';

/** A workbook of one sheet. */
export function xlsx(rows, { sheet = 'Hours', merged = [] } = {}) {
  const xml = rows
    .map((row, n) => `<row r="${n + 1}">${row.map((value, column) => cell(`${LETTERS[column]}${n + 1}`, value)).join('')}</row>`)
    .join('');
  const merges = merged.length ? `<mergeCells>${merged.map((ref) => `<mergeCell ref="${ref}"/>`).join('')}</mergeCells>` : '';
  return zip({
    '[Content_Types].xml': `${HEAD}<Types xmlns="${PACKAGE}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/></Types>`,
    '_rels/.rels': `${HEAD}<Relationships xmlns="${PACKAGE}/relationships"><Relationship Id="r1" Type="${RELATIONS}/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
    'xl/workbook.xml': `${HEAD}<workbook xmlns="${MAIN}" xmlns:r="${RELATIONS}"><sheets><sheet name="${sheet}" sheetId="1" r:id="s1"/></sheets></workbook>`,
    'xl/_rels/workbook.xml.rels': `${HEAD}<Relationships xmlns="${PACKAGE}/relationships"><Relationship Id="s1" Type="${RELATIONS}/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="s2" Type="${RELATIONS}/styles" Target="styles.xml"/></Relationships>`,
    'xl/styles.xml': `${HEAD}<styleSheet xmlns="${MAIN}"><numFmts count="1"><numFmt numFmtId="164" formatCode="[h]:mm"/></numFmts><cellXfs count="3"><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="164"/></cellXfs></styleSheet>`,
    'xl/worksheets/sheet1.xml': `${HEAD}<worksheet xmlns="${MAIN}"><sheetData>${xml}</sheetData>${merges}</worksheet>`,
  });
}

/** Files, stored one after the other. */
function zip(files) {
  const parts = [];
  const index = [];
  let at = 0;
  for (const [name, text] of Object.entries(files)) {
    const content = Buffer.from(text);
    const both = Buffer.alloc(26);
    both.writeUInt16LE(20, 0);
    both.writeUInt32LE(crc32(content), 10);
    both.writeUInt32LE(content.length, 14);
    both.writeUInt32LE(content.length, 18);
    both.writeUInt16LE(name.length, 22);
    const local = Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), both, Buffer.from(name), content]);
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE(at, 10);
    index.push(Buffer.concat([Buffer.from('PK\x01\x02', 'latin1'), Buffer.from([20, 0]), both, rest, Buffer.from(name)]));
    parts.push(local);
    at += local.length;
  }
  const size = index.reduce((sum, entry) => sum + entry.length, 0);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(index.length, 4);
  end.writeUInt16LE(index.length, 6);
  end.writeUInt32LE(size, 8);
  end.writeUInt32LE(at, 12);
  return Buffer.concat([...parts, ...index, Buffer.from('PK\x05\x06', 'latin1'), end]);
}

/** A file as the browser is given it. */
export function file(name, content) {
  const mimeType = name.endsWith('.csv') ? 'text/csv' : 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';
  return { name, mimeType, buffer: Buffer.isBuffer(content) ? content : Buffer.from(content) };
}

const clock = (minutes) => `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, '0')}`;
const dotted = (day) => day.split('-').reverse().join('.');

/**
 * A project's week in the manner of the n-th sender: what `minutes(person, day)` says, for each person by name and each
 * day.
 */
export function timesheet(n, { code, people, days, minutes }) {
  const lines = people.flatMap((person) => days.map((day) => ({ person, day, minutes: minutes(person, day) })));
  const of = (person, day) => minutes(person, day);
  const kinds = [
    () => ['csv', csv([['Name', 'Project', 'Task', 'Date', 'Hours'], ...lines.map((it) => [it.person, code, 'Labels', it.day, clock(it.minutes)])])],
    () => ['csv', csv([['Mitarbeiter', 'Datum', 'Std.', 'Bemerkung'], ...lines.map((it) => [it.person, dotted(it.day), `${it.minutes}m`, ''])], ';')],
    () => ['xlsx', xlsx([['Project', code], [], ['Annotator', 'Activity', 'Date', 'Hours worked'], ...lines.map((it) => [it.person, 'Labels', { day: it.day }, { minutes: it.minutes }]), ['Total', '', '', { minutes: lines.reduce((sum, it) => sum + it.minutes, 0) }]])],
    () => ['csv', csv([['Employee', 'Task', ...days.map(dotted), 'Total'], ...people.map((person) => [person, 'Labels', ...days.map((day) => clock(of(person, day))), ''])], '\t')],
    () => ['xlsx', xlsx([['Week of', { day: days[0] }], ['Who', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri'], ...people.map((person) => [person, ...days.map((day) => ({ minutes: of(person, day) }))])])],
    () => ['csv', csv([['Person', 'Work date', 'Duration', 'Comments'], ...lines.map((it) => [it.person, it.day.replaceAll('-', ''), `${clock(it.minutes)}:00`, 'as agreed'])], '|')],
    () => ['xlsx', xlsx([['Name', 'Day', 'Time spent'], ...lines.map((it, row) => [row % days.length ? '' : it.person, { day: it.day }, `${it.minutes} min`])], { merged: people.map((_, at) => `A${2 + at * days.length}:A${1 + (at + 1) * days.length}`) })],
  ];
  const [ending, content] = kinds[n % kinds.length]();
  return file(`${code} week ${n}.${ending}`, content);
}
