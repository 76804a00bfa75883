//! People: who they are, what they may do, and how they prove who they are.

mod email;
mod name;
mod password;
mod permission;
mod person;
mod role;
mod throttle;
mod token;
mod zone;

pub use email::Email;
pub use name::PersonName;
pub(crate) use name::one_line;
pub use password::{MIN_PASSWORD, NewPassword};
pub use permission::{Permission, roles_that_may};
pub use person::{Person, Status};
pub use role::{Role, Roles};
pub use throttle::Throttle;
pub use token::{Scope, Scopes, TokenName};
#[cfg(feature = "zones")]
pub use zone::Shown;
pub use zone::Zone;
