//! The SQL of projects.

pub mod member;
pub mod project;
pub mod task;
pub mod terms;
