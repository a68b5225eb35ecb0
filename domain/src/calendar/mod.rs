//! Eras, fiscal years, holidays, open days and age.
