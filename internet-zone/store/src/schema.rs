//! Tables of this zone, the same for SQLite and PostgreSQL.

diesel::table! {
    procedure_revisions (procedure_id, revision) {
        procedure_id -> Text,
        revision -> BigInt,
        sha256 -> Binary,
        document -> Binary,
        received_at -> BigInt,
    }
}

diesel::table! {
    procedure_files (procedure_id, revision, id) {
        procedure_id -> Text,
        revision -> BigInt,
        id -> Text,
        name -> Text,
        media -> Text,
        content -> Binary,
    }
}

diesel::table! {
    procedures (id) {
        id -> Text,
        slug -> Text,
        revision -> BigInt,
        closed_at -> Nullable<BigInt>,
        published_at -> BigInt,
    }
}

diesel::table! {
    procedure_closings (procedure_id) {
        procedure_id -> Text,
        revision -> BigInt,
        closed_at -> BigInt,
    }
}

diesel::table! {
    trial_gone (id) {
        id -> Text,
        gone_at -> BigInt,
    }
}

diesel::table! {
    seats (procedure_id, pool) {
        procedure_id -> Text,
        pool -> Text,
        capacity -> BigInt,
        taken -> BigInt,
        waitlist -> BigInt,
        waiting -> BigInt,
    }
}

diesel::table! {
    seat_holds (draft_id, pool) {
        draft_id -> Text,
        procedure_id -> Text,
        pool -> Text,
        units -> BigInt,
        expires_at -> BigInt,
    }
}

diesel::table! {
    waiting (id) {
        id -> Text,
        number -> Text,
        draft_id -> Text,
        procedure_id -> Text,
        revision -> BigInt,
        account_id -> Nullable<Text>,
        guest_id -> Nullable<Text>,
        contact_sealed -> Nullable<Binary>,
        secret_sealed -> Nullable<Binary>,
        secret_hash -> Nullable<Binary>,
        since -> BigInt,
        item_kind -> BigInt,
        item_sealed -> Binary,
        ends_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    waiting_seats (waiting_id, pool) {
        waiting_id -> Text,
        procedure_id -> Text,
        pool -> Text,
        units -> BigInt,
        counted -> BigInt,
    }
}

diesel::table! {
    promotions (application_id) {
        application_id -> Text,
        at -> BigInt,
    }
}

diesel::table! {
    form_downloads (procedure_id, file, day) {
        procedure_id -> Text,
        file -> Text,
        day -> Text,
        fetched -> BigInt,
    }
}

diesel::table! {
    filling_days (day, procedure_id, page, what) {
        day -> Text,
        procedure_id -> Text,
        page -> Text,
        what -> Text,
        counted -> BigInt,
        told -> BigInt,
    }
}

diesel::table! {
    usage_days (day, procedure_id, what) {
        day -> Text,
        procedure_id -> Text,
        what -> Text,
        counted -> BigInt,
        told -> BigInt,
    }
}

diesel::table! {
    missed_seekers (word_hash, seeker_hash) {
        word_hash -> Binary,
        seeker_hash -> Binary,
        day -> Text,
    }
}

diesel::table! {
    missed_words (day, word) {
        day -> Text,
        word -> Text,
        counted -> BigInt,
        told -> BigInt,
    }
}

diesel::table! {
    departments (id) {
        id -> Text,
        name -> Text,
        phone -> Text,
        place -> Text,
        position -> BigInt,
    }
}

diesel::table! {
    accounts (id) {
        id -> Text,
        email_index -> Binary,
        email_sealed -> Binary,
        profile_sealed -> Binary,
        password_hash -> Text,
        created_at -> BigInt,
        last_login_at -> Nullable<BigInt>,
        mandates -> BigInt,
        lang -> Nullable<Text>,
    }
}

diesel::table! {
    mandates (id) {
        id -> Text,
        principal_id -> Text,
        delegate_id -> Nullable<Text>,
        delegate_index -> Binary,
        delegate_sealed -> Binary,
        every_procedure -> BigInt,
        documents -> BigInt,
        offered_at -> BigInt,
        accepted_at -> Nullable<BigInt>,
        expires_at -> BigInt,
        ended_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    mandate_procedures (mandate_id, procedure_id) {
        mandate_id -> Text,
        procedure_id -> Text,
    }
}

diesel::table! {
    represented_drafts (draft_id) {
        draft_id -> Text,
        principal_id -> Text,
        delegate_id -> Text,
        begun_at -> BigInt,
    }
}

diesel::table! {
    cosigns (id) {
        id -> Text,
        draft_id -> Text,
        kind -> Text,
        place -> BigInt,
        name_sealed -> Binary,
        email_index -> Binary,
        email_sealed -> Binary,
        state -> Text,
        asked_at -> BigInt,
        expires_at -> BigInt,
        account_id -> Nullable<Text>,
        answered_at -> Nullable<BigInt>,
        content -> Nullable<Binary>,
        reason_sealed -> Nullable<Binary>,
    }
}

diesel::table! {
    together_drafts (draft_id) {
        draft_id -> Text,
        set_id -> Text,
        place -> BigInt,
    }
}

diesel::table! {
    terminal_drafts (draft_id) {
        draft_id -> Text,
        guest_id -> Text,
    }
}

diesel::table! {
    guests (id) {
        id -> Text,
        email_index -> Nullable<Binary>,
        email_sealed -> Nullable<Binary>,
        created_at -> BigInt,
        lang -> Nullable<Text>,
    }
}

diesel::table! {
    sessions (id_hash) {
        id_hash -> Binary,
        account_id -> Nullable<Text>,
        guest_id -> Nullable<Text>,
        created_at -> BigInt,
        seen_at -> BigInt,
        expires_at -> BigInt,
        lang -> Nullable<Text>,
    }
}

diesel::table! {
    session_grants (session_hash, application_id) {
        session_hash -> Binary,
        application_id -> Text,
    }
}

diesel::table! {
    mail_tokens (hash) {
        hash -> Binary,
        purpose -> Text,
        payload_sealed -> Binary,
        account_id -> Nullable<Text>,
        created_at -> BigInt,
        expires_at -> BigInt,
        used_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    consents (id) {
        id -> Text,
        account_id -> Nullable<Text>,
        guest_id -> Nullable<Text>,
        terms_version -> Text,
        terms_sha256 -> Binary,
        agreed_at -> BigInt,
    }
}

diesel::table! {
    tries (subject) {
        subject -> Binary,
        failures -> BigInt,
        last_at -> BigInt,
    }
}

diesel::table! {
    counters (name) {
        name -> Text,
        value -> BigInt,
    }
}

diesel::table! {
    drafts (id) {
        id -> Text,
        procedure_id -> Text,
        revision -> BigInt,
        account_id -> Nullable<Text>,
        guest_id -> Nullable<Text>,
        application_id -> Nullable<Text>,
        round -> Nullable<BigInt>,
        answers_sealed -> Binary,
        version -> BigInt,
        reached -> BigInt,
        created_at -> BigInt,
        updated_at -> BigInt,
        expires_at -> BigInt,
        warned_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    draft_files (id) {
        id -> Text,
        draft_id -> Text,
        input -> Text,
        name_sealed -> Binary,
        media -> Text,
        size -> BigInt,
        sha256 -> Binary,
        added_at -> BigInt,
        look -> Text,
        password_sealed -> Nullable<Binary>,
    }
}

diesel::table! {
    uploads (id) {
        id -> Text,
        draft_id -> Text,
        owner -> Text,
        input -> Text,
        mark -> Binary,
        name_sealed -> Binary,
        size -> BigInt,
        received -> BigInt,
        expires_at -> BigInt,
        network -> Text,
    }
}

diesel::table! {
    upload_pieces (upload_id, first) {
        upload_id -> Text,
        first -> BigInt,
        file_id -> Text,
    }
}

diesel::table! {
    upload_room (owner) {
        owner -> Text,
        files -> BigInt,
        bytes -> BigInt,
    }
}

diesel::table! {
    applications (id) {
        id -> Text,
        number -> Text,
        draft_id -> Text,
        procedure_id -> Text,
        revision -> BigInt,
        account_id -> Nullable<Text>,
        guest_id -> Nullable<Text>,
        contact_sealed -> Nullable<Binary>,
        secret_sealed -> Nullable<Binary>,
        secret_hash -> Nullable<Binary>,
        arrived_at -> BigInt,
        state -> Text,
        state_at -> BigInt,
        note -> Text,
        expected -> Text,
        read_at -> BigInt,
        department_id -> Text,
        next_revision -> Nullable<BigInt>,
    }
}

diesel::table! {
    application_steps (application_id, seq) {
        application_id -> Text,
        seq -> BigInt,
        state -> Text,
        at -> BigInt,
        note -> Text,
        turn -> Text,
    }
}

diesel::table! {
    charges (application_id) {
        application_id -> Text,
        amounts_sealed -> Binary,
    }
}

diesel::table! {
    held_seats (application_id, pool) {
        application_id -> Text,
        procedure_id -> Text,
        pool -> Text,
        units -> BigInt,
    }
}

diesel::table! {
    once_keys (procedure_id, key_hash) {
        procedure_id -> Text,
        key_hash -> Binary,
        application_id -> Text,
        expires_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    given_up_seats (application_id, pool) {
        application_id -> Text,
        procedure_id -> Text,
        pool -> Text,
        units -> BigInt,
    }
}

diesel::table! {
    given_up_keys (application_id) {
        application_id -> Text,
        procedure_id -> Text,
        key_hash -> Binary,
        expires_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    withdrawal_requests (application_id) {
        application_id -> Text,
        request_id -> Text,
        asked_at -> BigInt,
    }
}

diesel::table! {
    held_files (application_id, seq) {
        application_id -> Text,
        seq -> BigInt,
        name_sealed -> Binary,
        reason -> Text,
        at -> BigInt,
    }
}

diesel::table! {
    corrections (application_id, round) {
        application_id -> Text,
        round -> BigInt,
        asked_sealed -> Binary,
        due -> Text,
        asked_at -> BigInt,
        answered_at -> Nullable<BigInt>,
        reminded -> Text,
    }
}

diesel::table! {
    documents (id) {
        id -> Text,
        application_id -> Text,
        name_sealed -> Binary,
        media -> Text,
        size -> BigInt,
        file_id -> Text,
        issued_at -> BigInt,
        opened_at -> Nullable<BigInt>,
        sha256 -> Nullable<Binary>,
        message_id -> Nullable<Text>,
    }
}

diesel::table! {
    messages (id) {
        id -> Text,
        application_id -> Text,
        at -> BigInt,
        writer -> Text,
        words_sealed -> Binary,
        files -> Integer,
    }
}

diesel::table! {
    message_files (id) {
        id -> Text,
        message_id -> Text,
        name_sealed -> Binary,
        size -> BigInt,
        held -> Nullable<Text>,
    }
}

diesel::table! {
    doomed_files (id) {
        id -> Text,
    }
}

diesel::table! {
    mail_queue (id) {
        id -> Text,
        letter_sealed -> Binary,
        attempts -> BigInt,
        next_at -> BigInt,
        created_at -> BigInt,
        last_error -> Nullable<Text>,
    }
}

diesel::table! {
    uptime (since) {
        since -> BigInt,
        until -> BigInt,
    }
}

diesel::table! {
    invitations (id) {
        id -> Text,
        procedure_id -> Text,
        key_hash -> Binary,
        uses -> BigInt,
        used -> BigInt,
        until_at -> BigInt,
        revoked_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    invited_sessions (session_hash, invitation_id) {
        session_hash -> Binary,
        invitation_id -> Text,
    }
}

diesel::table! {
    invited_drafts (draft_id) {
        draft_id -> Text,
        invitation_id -> Text,
    }
}

diesel::table! {
    bulletins (id) {
        id -> Text,
        title -> Text,
        path -> Text,
        made_at -> BigInt,
        told_to -> Text,
        done_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    bulletin_topics (bulletin_id, topic) {
        bulletin_id -> Text,
        topic -> Text,
    }
}

diesel::table! {
    notice_wishes (account_id, topic) {
        account_id -> Text,
        topic -> Text,
        since -> BigInt,
    }
}

diesel::allow_tables_to_appear_in_same_query!(
    invitations,
    invited_sessions,
    invited_drafts,
    procedure_revisions,
    procedure_files,
    procedures,
    seats,
    seat_holds,
    waiting,
    waiting_seats,
    promotions,
    form_downloads,
    filling_days,
    usage_days,
    missed_seekers,
    missed_words,
    departments,
    accounts,
    mandates,
    mandate_procedures,
    represented_drafts,
    cosigns,
    together_drafts,
    terminal_drafts,
    guests,
    sessions,
    session_grants,
    mail_tokens,
    consents,
    tries,
    counters,
    drafts,
    draft_files,
    uploads,
    upload_pieces,
    upload_room,
    applications,
    application_steps,
    held_seats,
    once_keys,
    given_up_seats,
    given_up_keys,
    withdrawal_requests,
    held_files,
    corrections,
    documents,
    messages,
    message_files,
    doomed_files,
    mail_queue
);
