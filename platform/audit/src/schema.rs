//! The tables of `ddl/`.

diesel::table! {
    audit_events (seq) {
        seq -> BigInt,
        at -> BigInt,
        zone -> Text,
        actor -> Text,
        session -> Text,
        ip -> Text,
        act -> Text,
        object -> Text,
        result -> Text,
        detail -> Text,
        prev -> Binary,
        hash -> Binary,
    }
}

diesel::table! {
    audit_head (id) {
        id -> Integer,
        seq -> BigInt,
        hash -> Binary,
    }
}

diesel::table! {
    audit_checkpoints (seq) {
        seq -> BigInt,
        at -> BigInt,
        hash -> Binary,
        signature -> Binary,
    }
}
