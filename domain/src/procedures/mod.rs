//! Which procedures are listed, open and found.
