//! What the desks share: the pieces of a page, and the islands that make them livelier.

#[cfg(feature = "hydrate")]
mod ask;
mod copy;
#[cfg(feature = "ssr")]
mod field;
#[cfg(feature = "ssr")]
pub mod filters;
#[cfg(feature = "hydrate")]
mod follow;
#[cfg(feature = "ssr")]
mod form;
#[cfg(feature = "ssr")]
mod frame;
#[cfg(feature = "ssr")]
mod icon;
#[cfg(feature = "ssr")]
mod list;
#[cfg(feature = "hydrate")]
mod live_fields;
mod live_form;
mod live_part;
#[cfg(feature = "ssr")]
mod message;
#[cfg(feature = "ssr")]
mod money;
#[cfg(feature = "ssr")]
mod parts;
mod password;
#[cfg(feature = "ssr")]
mod table;
#[cfg(feature = "ssr")]
mod tabs;
#[cfg(feature = "ssr")]
mod time;
mod toast;
#[cfg(feature = "ssr")]
mod upload;
mod zone;

#[cfg(feature = "hydrate")]
pub use ask::{ask, member};
pub use copy::CopySecret;
#[cfg(feature = "ssr")]
pub use field::{Field, choices, field, select, text_area};
#[cfg(feature = "ssr")]
pub use form::{FormState, button_form, form};
#[cfg(feature = "ssr")]
pub use frame::{Heading, fault_page, in_app, load, plain};
#[cfg(feature = "ssr")]
pub use icon::{Assets, icon, icon_in};
#[cfg(feature = "ssr")]
pub use list::{filter_query, pager, shown};
pub use live_form::LiveForm;
#[cfg(feature = "ssr")]
pub use live_part::live_part;
pub use live_part::{END, EVENTS, Follow, PART};
#[cfg(feature = "ssr")]
pub use message::{banner, empty};
#[cfg(feature = "ssr")]
pub use money::dollars;
#[cfg(feature = "ssr")]
pub use parts::{avatar, facts, no_face, person_tag, secret, tag};
pub use password::RevealPassword;
#[cfg(feature = "ssr")]
pub use table::{Column, table};
#[cfg(feature = "ssr")]
pub use tabs::tabs;
#[cfg(feature = "ssr")]
pub use time::{ago, clock, clock_to_millis, date, full, lasting, on_day, today, until};
pub use toast::Toast;
#[cfg(feature = "ssr")]
pub use upload::{Upload, upload};
pub use zone::GuessZone;
