mod books;
mod drops;
mod exported;
mod taking;
