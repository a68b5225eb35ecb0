//! The tables of `ddl/`, which each zone includes in its migrations.

diesel::table! {
    outbox_items (id) {
        id -> BigInt,
        lane -> Text,
        uuid -> Text,
        kind -> Integer,
        stamp -> Binary,
        bytes -> Integer,
        sha256 -> Binary,
        created_at -> BigInt,
        epoch -> Nullable<Integer>,
        seq -> Nullable<BigInt>,
    }
}

diesel::table! {
    outbox_sealed (item) {
        item -> BigInt,
        sealed -> Binary,
    }
}

diesel::joinable!(outbox_sealed -> outbox_items (item));
diesel::allow_tables_to_appear_in_same_query!(outbox_items, outbox_sealed);

diesel::table! {
    outbox_bundles (lane, epoch, seq) {
        lane -> Text,
        epoch -> Integer,
        seq -> BigInt,
        state -> Text,
        prev -> Binary,
        signer -> Binary,
        key_set_version -> Integer,
        items -> Integer,
        bytes -> BigInt,
        header -> Nullable<Binary>,
        signature -> Nullable<Binary>,
        hash -> Nullable<Binary>,
        allocated_at -> BigInt,
        ready_at -> Nullable<BigInt>,
        stored_at -> Nullable<BigInt>,
        ingested_at -> Nullable<BigInt>,
        released_at -> Nullable<BigInt>,
        entries -> Nullable<Binary>,
    }
}

diesel::table! {
    lane_receipts (lane) {
        lane -> Text,
        epoch -> Integer,
        stored_seq -> BigInt,
        ingested_seq -> BigInt,
        backup_seq -> BigInt,
        receipt -> Binary,
        received_at -> BigInt,
    }
}

diesel::table! {
    lane_watermarks (lane) {
        lane -> Text,
        epoch -> Integer,
        seq -> BigInt,
        hash -> Binary,
        next_idx -> Integer,
        halted -> Nullable<Text>,
        updated_at -> BigInt,
    }
}

diesel::table! {
    lane_gaps (lane, epoch, first_seq) {
        lane -> Text,
        epoch -> Integer,
        first_seq -> BigInt,
        last_seq -> BigInt,
        found_at -> BigInt,
    }
}

diesel::table! {
    inbox_bundles (lane, epoch, seq) {
        lane -> Text,
        epoch -> Integer,
        seq -> BigInt,
        hash -> Binary,
        header -> Binary,
        signature -> Binary,
        entries -> Binary,
        items -> Integer,
        bytes -> BigInt,
        sent_at -> BigInt,
        ingested_at -> BigInt,
    }
}

diesel::table! {
    inbox_items (lane, epoch, seq, idx) {
        lane -> Text,
        epoch -> Integer,
        seq -> BigInt,
        idx -> Integer,
        uuid -> Text,
        kind -> Integer,
        state -> Text,
    }
}

diesel::table! {
    quarantine (lane, epoch, seq, idx) {
        lane -> Text,
        epoch -> Integer,
        seq -> BigInt,
        idx -> Integer,
        uuid -> Text,
        kind -> Integer,
        stamp -> Binary,
        sealed -> Binary,
        reason -> Text,
        at -> BigInt,
    }
}

diesel::table! {
    raw_arrivals (epoch, seq, idx) {
        epoch -> Integer,
        seq -> BigInt,
        idx -> Integer,
        items -> Integer,
        hash -> Binary,
        at -> BigInt,
    }
}

diesel::table! {
    waiting_items (lane, epoch, seq, idx) {
        lane -> Text,
        epoch -> Integer,
        seq -> BigInt,
        idx -> Integer,
        uuid -> Text,
        kind -> Integer,
        thread -> Text,
        stamp -> Binary,
        sealed -> Binary,
        sent_at -> BigInt,
        at -> BigInt,
    }
}

diesel::table! {
    bulk_parts (attachment_id, sha256) {
        attachment_id -> Text,
        sha256 -> Text,
        bytes -> BigInt,
        at -> BigInt,
    }
}

diesel::table! {
    lane_backups (name, lane) {
        name -> Text,
        lane -> Text,
        epoch -> Integer,
        seq -> BigInt,
        hash -> Binary,
        marked_at -> BigInt,
    }
}

diesel::table! {
    lane_replays (lane, epoch, first_seq, last_seq) {
        lane -> Text,
        epoch -> Integer,
        first_seq -> BigInt,
        last_seq -> BigInt,
        asked_at -> BigInt,
    }
}

diesel::table! {
    lane_seals (lane) {
        lane -> Text,
        key_id -> Binary,
        since -> BigInt,
    }
}

diesel::table! {
    lane_epochs (lane, epoch) {
        lane -> Text,
        epoch -> Integer,
        old_epoch -> Integer,
        old_seq -> BigInt,
        hash -> Binary,
        document -> Binary,
        installed_at -> BigInt,
    }
}

diesel::table! {
    lane_lives (lane, life) {
        lane -> Text,
        life -> Text,
    }
}

diesel::table! {
    lane_holds (lane) {
        lane -> Text,
        receipt -> Binary,
        at -> BigInt,
    }
}
