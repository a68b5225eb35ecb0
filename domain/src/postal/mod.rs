//! Postal codes and the places they stand for.
