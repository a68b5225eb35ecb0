//! Lanes between two databases, with the mover of the tests in between.

mod apart;
mod crossing;
mod epochs;
mod mover;
mod one_way;
mod release;
mod restarts;
mod stops;
mod town;
mod trouble;
mod turning;
