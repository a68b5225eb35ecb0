//! Check digits.
