//! The roles of the bridge over loopback: three hosts and two, in one process.

mod ceremony;
mod command;
mod confinement;
mod crossing;
mod export;
mod forget;
mod hostile;

mod hostile_i;
mod limits;
mod namespaces;
mod one_way;
mod program;
mod restarts;
mod town;
mod troubles;
mod weaker;
