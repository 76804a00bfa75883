use domain::audit::Thing;

/// Where all of a kind are listed, and what that page is called.
pub const fn desk(thing: Thing) -> (&'static str, &'static str) {
    match thing {
        Thing::Model => ("Models", "/models"),
        Thing::Prompt => ("Prompts", "/prompts"),
        _ => ("Workflows", "/workflows"),
    }
}

/// The page of one of them.
pub fn page_of(thing: Thing, name: &str) -> String {
    format!("{}/{name}", desk(thing).1)
}
