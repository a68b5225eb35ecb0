//! The sanitizer as others see it: real programs, small files made here.

mod archives;
mod bombs;
mod build_images;
mod chance;
mod command_line;
mod confinement;
mod desk;
mod drawings;
mod foreign;
mod heic;
mod holds;
mod images;
mod legacy;
mod look_ahead;
mod office;
mod opendocument;
mod passwords;
mod pdf;
mod pictures;
mod pipe;
mod rtf;
mod runner;
mod scan;
mod texts;
mod verifier;
mod worker;
