//! What columns are called.

use super::layout::Role;

/// A text by which texts are compared: small letters without accents, and single spaces.
pub fn folded(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for c in text.chars().flat_map(char::to_lowercase) {
        match c {
            'à' | 'á' | 'â' | 'ã' | 'ä' | 'å' => folded.push('a'),
            'ç' | 'č' | 'ć' => folded.push('c'),
            'è' | 'é' | 'ê' | 'ë' | 'ě' | 'ę' => folded.push('e'),
            'ì' | 'í' | 'î' | 'ï' => folded.push('i'),
            'ñ' | 'ń' | 'ň' => folded.push('n'),
            'ò' | 'ó' | 'ô' | 'õ' | 'ö' | 'ø' => folded.push('o'),
            'ù' | 'ú' | 'û' | 'ü' | 'ů' => folded.push('u'),
            'ý' | 'ÿ' => folded.push('y'),
            'š' | 'ś' => folded.push('s'),
            'ž' | 'ź' | 'ż' => folded.push('z'),
            'ł' => folded.push('l'),
            'ß' => folded.push_str("ss"),
            // Of letters that are written in two parts, the accent.
            '\u{300}'..='\u{36f}' => {}
            c if c.is_alphanumeric() => folded.push(c),
            _ if folded.ends_with(' ') || folded.is_empty() => {}
            _ => folded.push(' '),
        }
    }
    folded.truncate(folded.trim_end().len());
    folded
}

/// Titles as they are written, in English, German, French and Spanish.
const TITLES: [(Role, &[&str]); 8] = [
    (
        Role::ExternalId,
        &[
            "id",
            "external id",
            "entry id",
            "line id",
            "row id",
            "record id",
            "reference",
            "ref",
            "timesheet id",
            "eintrag id",
        ],
    ),
    (
        Role::Person,
        &[
            "person",
            "name",
            "full name",
            "annotator",
            "employee",
            "employee name",
            "worker",
            "contractor",
            "freelancer",
            "user",
            "user name",
            "resource",
            "staff",
            "staff member",
            "team member",
            "member",
            "email",
            "e mail",
            "email address",
            "mail",
            "person email",
            "user email",
            "annotator email",
            "first name",
            "last name",
            "surname",
            "given name",
            "vorname",
            "nachname",
            "mitarbeiter",
            "mitarbeiterin",
            "nom",
            "nombre",
            "empleado",
            "consultant",
            "who",
        ],
    ),
    (
        Role::Project,
        &[
            "project",
            "project code",
            "project name",
            "project id",
            "project no",
            "job",
            "job code",
            "engagement",
            "projekt",
            "projektnummer",
            "projet",
            "proyecto",
        ],
    ),
    (
        Role::Task,
        &[
            "task",
            "task type",
            "task name",
            "activity",
            "activity type",
            "work type",
            "type of work",
            "service",
            "job type",
            "aufgabe",
            "tatigkeit",
            "leistung",
            "tache",
            "tarea",
            "actividad",
            "workstream",
        ],
    ),
    (
        Role::Date,
        &[
            "date",
            "day",
            "work date",
            "work day",
            "workday",
            "worked on",
            "work on",
            "date worked",
            "date of work",
            "datum",
            "tag",
            "fecha",
            "jour",
            "dia",
            "start date",
        ],
    ),
    (
        Role::Hours,
        &[
            "hours",
            "hrs",
            "hour",
            "h",
            "hours worked",
            "worked hours",
            "time",
            "time spent",
            "duration",
            "duration h",
            "total hours",
            "billable hours",
            "hours hh mm",
            "stunden",
            "std",
            "zeit",
            "dauer",
            "heures",
            "horas",
            "quantity h",
            "effort",
            "decimal hours",
        ],
    ),
    (
        Role::Units,
        &[
            "units",
            "unit count",
            "items",
            "images",
            "labels",
            "records",
            "count",
            "quantity",
            "qty",
            "pieces",
            "volume",
            "number of units",
            "units done",
            "tasks completed",
            "anzahl",
            "stuck",
            "menge",
            "unites",
            "unidades",
            "cantidad",
        ],
    ),
    (
        Role::Note,
        &[
            "note",
            "notes",
            "comment",
            "comments",
            "description",
            "remark",
            "remarks",
            "details",
            "bemerkung",
            "kommentar",
            "beschreibung",
            "notiz",
            "remarque",
            "comentario",
            "notas",
        ],
    ),
];

/// What a title speaks of.
pub(super) fn role(title: &str) -> Role {
    // What stands in parentheses is said besides: “Hours (h:mm)”.
    let title = folded(title.split(['(', '[']).next().unwrap_or_default());
    let found = TITLES.iter().find(|(_, titles)| titles.contains(&title.as_str()));
    found.map_or(Role::Ignored, |(role, _)| *role)
}
