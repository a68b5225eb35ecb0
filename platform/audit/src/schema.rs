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

diesel::table! {
    audit_mirror (seq, hash) {
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
    audit_tombstones (seq) {
        seq -> BigInt,
        at -> BigInt,
        class -> Text,
        object -> Text,
        label -> Text,
        ended_at -> BigInt,
        from_event -> BigInt,
        to_event -> BigInt,
        rule -> Text,
        proposer -> Text,
        approver -> Text,
        content -> Binary,
        prev -> Binary,
        hash -> Binary,
        signature -> Binary,
    }
}

diesel::table! {
    audit_told (id) {
        id -> Integer,
        seq -> BigInt,
    }
}

diesel::table! {
    audit_anchors (seq, hash) {
        seq -> BigInt,
        hash -> Binary,
        at -> BigInt,
        signature -> Binary,
        told_at -> BigInt,
    }
}

diesel::allow_tables_to_appear_in_same_query!(audit_checkpoints, audit_events);
