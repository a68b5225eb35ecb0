//! Registration, signing in, password, account, terms of use.

pub(crate) mod account;
pub(crate) mod address;
pub(crate) mod delegates;
pub(crate) mod email;
pub(crate) mod form_page;
pub(crate) mod guesses;
pub(crate) mod login;
pub(crate) mod logout;
pub(crate) mod password;
pub(crate) mod profile;
pub(crate) mod register;
pub(crate) mod reset;
pub(crate) mod terms;
pub(crate) mod tokens;
