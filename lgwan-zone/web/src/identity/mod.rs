//! Log-in, the own account, and the accounts of staff (NF-21, IK-3.5.2b).

pub mod account;
pub mod app_reset;
pub mod code;
pub mod handed;
pub mod keys_page;
pub mod login;
pub mod logout;
pub mod manual;
pub mod password;
pub mod posts;
pub mod proof;
pub mod recovery;
pub mod reforms;
pub mod rosters;
pub mod secret;
pub mod sessions;
pub mod sso;
pub mod staff;
pub mod staff_list;
pub mod totp;
