pub mod batch;
pub mod file;
pub mod payer;
pub mod transfer;
