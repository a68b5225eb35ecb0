//! Registration, signing in, password, account and its end, terms of use.

pub(crate) mod account;
pub(crate) mod address;
pub(crate) mod close;
pub(crate) mod delegates;
pub(crate) mod email;
pub(crate) mod form_page;
pub(crate) mod guesses;
pub(crate) mod login;
pub(crate) mod logout;
pub(crate) mod news;
pub(crate) mod password;
pub(crate) mod profile;
pub(crate) mod register;
pub(crate) mod reset;
pub(crate) mod still;
pub(crate) mod terms;
pub(crate) mod tokens;
