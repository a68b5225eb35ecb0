//! Tables of the staff database, in Diesel's words. Twins of `migrations/{sqlite,postgres}`.

diesel::table! {
    departments (id) {
        id -> Text,
        code -> Text,
        name -> Text,
        phone -> Text,
        place -> Text,
        sort -> Integer,
    }
}

diesel::table! {
    staff (id) {
        id -> Text,
        login_id -> Text,
        display_name -> Text,
        role -> Text,
        password_hash -> Text,
        password_changed_at -> BigInt,
        must_change_password -> Bool,
        totp_secret -> Nullable<Text>,
        totp_confirmed_at -> Nullable<BigInt>,
        totp_last_step -> BigInt,
        failures -> Integer,
        last_failure_at -> BigInt,
        last_login_at -> Nullable<BigInt>,
        last_login_ip -> Nullable<Text>,
        previous_login_at -> Nullable<BigInt>,
        previous_login_ip -> Nullable<Text>,
        disabled_at -> Nullable<BigInt>,
        created_at -> BigInt,
        email -> Text,
    }
}

diesel::table! {
    rosters (id) {
        id -> Text,
        file_name -> Text,
        whole -> Bool,
        people -> Text,
        faults -> Text,
        state -> Text,
        applies_on -> Nullable<Text>,
        read_at -> BigInt,
        read_by -> Text,
        decided_at -> Nullable<BigInt>,
        decided_by -> Nullable<Text>,
        joined -> Integer,
        altered -> Integer,
        stopped -> Integer,
    }
}

diesel::table! {
    numbers (day, procedure_id, what) {
        day -> Text,
        procedure_id -> Text,
        what -> Text,
        total -> BigInt,
    }
}

diesel::table! {
    staff_departments (staff_id, department_id) {
        staff_id -> Text,
        department_id -> Text,
    }
}

diesel::table! {
    staff_sessions (id_hash) {
        id_hash -> Text,
        staff_id -> Text,
        stage -> Text,
        ip -> Text,
        created_at -> BigInt,
        last_seen_at -> BigInt,
        ends_at -> BigInt,
    }
}

diesel::table! {
    procedures (id) {
        id -> Text,
        slug -> Text,
        title -> Text,
        department_id -> Text,
        state -> Text,
        revision -> Integer,
        created_at -> BigInt,
        updated_at -> BigInt,
    }
}

diesel::table! {
    procedure_revisions (procedure_id, revision) {
        procedure_id -> Text,
        revision -> Integer,
        document -> Text,
        sha256 -> Text,
        published_at -> BigInt,
        published_by -> Text,
    }
}

diesel::table! {
    procedure_imports (id) {
        id -> Text,
        file_name -> Text,
        document -> Text,
        imported_at -> BigInt,
        imported_by -> Text,
    }
}

diesel::table! {
    applications (id) {
        id -> Text,
        number -> Text,
        procedure_id -> Text,
        revision -> Integer,
        department_id -> Text,
        state -> Text,
        version -> Integer,
        applicant_kind -> Text,
        applicant_account -> Nullable<Text>,
        applicant_name -> Text,
        applicant_email -> Nullable<Text>,
        arrived_at -> BigInt,
        ingested_at -> BigInt,
        updated_at -> BigInt,
        round -> Integer,
        attachments -> Integer,
        held -> Integer,
        due -> Nullable<Text>,
    }
}

diesel::table! {
    application_delegates (application_id) {
        application_id -> Text,
        account_id -> Text,
        name -> Text,
        email -> Text,
    }
}

diesel::table! {
    application_keys (application_id, search_key) {
        application_id -> Text,
        department_id -> Text,
        search_key -> Text,
        arrived_at -> BigInt,
    }
}

diesel::table! {
    inbox_counts (department_id, procedure_id, state) {
        department_id -> Text,
        procedure_id -> Text,
        state -> Text,
        applications -> BigInt,
    }
}

diesel::table! {
    application_answers (application_id, round) {
        application_id -> Text,
        round -> Integer,
        answers -> Text,
        provenance -> Text,
        changed -> Text,
        received_at -> BigInt,
        doubts -> Text,
    }
}

diesel::table! {
    application_attachments (id) {
        id -> Text,
        application_id -> Text,
        round -> Integer,
        field -> Text,
        name -> Text,
        media -> Text,
        size -> BigInt,
        sha256 -> Text,
        outcome -> Text,
        out_name -> Nullable<Text>,
        out_media -> Nullable<Text>,
        out_size -> Nullable<BigInt>,
        out_sha256 -> Nullable<Text>,
        file_id -> Nullable<Text>,
        hold_reason -> Nullable<Text>,
        removed -> Text,
        policy -> Text,
        malware -> Nullable<Text>,
    }
}

diesel::table! {
    application_events (application_id, seq) {
        application_id -> Text,
        seq -> Integer,
        at -> BigInt,
        actor -> Text,
        actor_name -> Text,
        act -> Text,
        from_state -> Nullable<Text>,
        to_state -> Text,
        words -> Text,
    }
}

diesel::table! {
    application_notes (id) {
        id -> Text,
        application_id -> Text,
        at -> BigInt,
        staff_id -> Text,
        words -> Text,
    }
}

diesel::table! {
    corrections (application_id, round) {
        application_id -> Text,
        round -> Integer,
        asked_at -> BigInt,
        asked_by -> Text,
        reason -> Text,
        due -> Text,
        fields -> Text,
        answered_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    issued_documents (id) {
        id -> Text,
        application_id -> Text,
        title -> Text,
        number -> Text,
        file_name -> Text,
        media -> Text,
        size -> BigInt,
        sha256 -> Text,
        file_id -> Text,
        issued_at -> BigInt,
        issued_by -> Text,
        opened_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    export_jobs (id) {
        id -> Text,
        definition -> Text,
        enabled -> Bool,
        generation -> Integer,
        updated_at -> BigInt,
        updated_by -> Text,
    }
}

diesel::table! {
    export_generations (job, generation) {
        job -> Text,
        generation -> Integer,
        state -> Text,
        records -> BigInt,
        attachments -> BigInt,
        started_at -> BigInt,
        started_by -> Text,
        finished_at -> Nullable<BigInt>,
        sha256 -> Nullable<Text>,
        receipt_at -> Nullable<BigInt>,
        receipt -> Nullable<Text>,
        replaces -> Nullable<Integer>,
        reason -> Nullable<Text>,
        approved_by -> Nullable<Text>,
        bytes -> Nullable<BigInt>,
        changed -> BigInt,
        stored_at -> Nullable<BigInt>,
        rows_taken -> Nullable<BigInt>,
        refused_by -> Nullable<Text>,
    }
}

diesel::table! {
    export_repeated (job, generation, application_id) {
        job -> Text,
        generation -> Integer,
        application_id -> Text,
    }
}

diesel::table! {
    export_record_errors (job, generation, application_id) {
        job -> Text,
        generation -> Integer,
        application_id -> Text,
        why -> Text,
        noted_at -> BigInt,
    }
}

diesel::table! {
    export_requests (id) {
        id -> Text,
        job -> Text,
        generation -> Integer,
        part -> Text,
        reason -> Text,
        requested_at -> BigInt,
        requested_by -> Text,
        state -> Text,
        decided_at -> Nullable<BigInt>,
        decided_by -> Nullable<Text>,
    }
}

diesel::table! {
    gaiji_tables (name, version) {
        name -> Text,
        version -> Integer,
        content -> Text,
        characters -> BigInt,
        uploaded_at -> BigInt,
        uploaded_by -> Text,
    }
}

diesel::table! {
    export_ledger (job, application_id) {
        job -> Text,
        application_id -> Text,
        generation -> Integer,
    }
}

diesel::table! {
    export_sources (procedure_id, state, job) {
        job -> Text,
        procedure_id -> Text,
        state -> Text,
    }
}

diesel::table! {
    export_waiting (application_id, job) {
        job -> Text,
        application_id -> Text,
        since -> BigInt,
    }
}

diesel::table! {
    export_held (job, application_id) {
        job -> Text,
        application_id -> Text,
        generation -> Integer,
        why -> Text,
        held_at -> BigInt,
    }
}

diesel::table! {
    staff_mails (id) {
        id -> Text,
        application_id -> Text,
        round -> Integer,
        recipient -> Text,
        attempts -> Integer,
        next_at -> BigInt,
        created_at -> BigInt,
        last_error -> Nullable<Text>,
    }
}

diesel::allow_tables_to_appear_in_same_query!(
    departments,
    staff,
    rosters,
    numbers,
    staff_departments,
    staff_sessions,
    procedures,
    procedure_revisions,
    procedure_imports,
    applications,
    application_delegates,
    application_keys,
    inbox_counts,
    application_answers,
    application_attachments,
    application_events,
    application_notes,
    corrections,
    issued_documents,
    export_jobs,
    export_generations,
    export_ledger,
    export_sources,
    export_waiting,
    export_held,
    export_repeated,
    export_record_errors,
    export_requests,
    gaiji_tables,
    staff_mails,
);
