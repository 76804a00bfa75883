mod books;
mod drops;
mod taking;
