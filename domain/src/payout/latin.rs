//! Text as banks take it.

/// What SEPA calls basic Latin: 26 letters, digits, and what is named here.
const ALSO: &str = "/-?:().,'+ ";

/// A text in the letters that every bank in SEPA must take, no longer than so many. Letters of other alphabets are written
/// in them, as far as that is possible; signs and emoji are left out.
pub fn latin(text: &str, most: usize) -> String {
    let mut plain = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_ascii_alphanumeric() || ALSO.contains(c) {
            plain.push(c);
        } else if c == '&' {
            plain.push('+');
        } else if c.is_alphanumeric() {
            let written = deunicode::deunicode_char(c).unwrap_or(" ");
            plain.extend(
                written.chars().map(|c| if c.is_ascii_alphanumeric() || ALSO.contains(c) { c } else { ' ' }),
            );
        } else {
            plain.push(' ');
        }
    }
    // A text neither begins nor ends with a slash, and has no two of them in a row: systems between banks use them.
    let mut out = String::with_capacity(plain.len().min(most));
    for word in plain.split_ascii_whitespace() {
        let parts: Vec<_> = word.split('/').filter(|part| !part.is_empty()).collect();
        if parts.is_empty() {
            continue;
        }
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(&parts.join("/"));
    }
    // One letter is one byte here.
    out.truncate(most);
    out.truncate(out.trim_end_matches(['/', ' ']).len());
    out
}

/// The same, where there must be something.
pub fn latin_or(text: &str, most: usize, else_: &str) -> String {
    let text = latin(text, most);
    if text.is_empty() { else_.to_owned() } else { text }
}
