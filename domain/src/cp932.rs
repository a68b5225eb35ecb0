//! Shift_JIS (CP932) files: folding, 外字 and the report about them.
