pub mod account;
pub mod approval;
pub mod around;
pub mod batch;
pub mod due;
pub mod finding;
pub mod look;
pub mod payment;
