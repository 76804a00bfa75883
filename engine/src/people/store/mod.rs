//! The SQL of people, a file per table.

pub(super) mod credential;
pub(super) mod link;
pub(super) mod person;
pub(super) mod session;
pub(super) mod throttle;
pub(super) mod token;
