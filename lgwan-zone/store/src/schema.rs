//! Tables of the staff database, in Diesel's words. Twins of `migrations/{sqlite,postgres}`.

diesel::table! {
    departments (id) {
        id -> Text,
        code -> Text,
        name -> Text,
        phone -> Text,
        place -> Text,
        sort -> Integer,
        closed_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    reforms (id) {
        id -> Text,
        file_name -> Text,
        lines -> Text,
        state -> Text,
        applies_on -> Nullable<Text>,
        roster_id -> Nullable<Text>,
        told -> Text,
        read_at -> BigInt,
        read_by -> Text,
        decided_at -> Nullable<BigInt>,
        decided_by -> Nullable<Text>,
    }
}

diesel::table! {
    department_heirs (department_id, procedure_id) {
        department_id -> Text,
        procedure_id -> Text,
        heir_id -> Text,
        reform_id -> Text,
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
        must_enrol -> Bool,
        handed_by -> Nullable<Text>,
        handed_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    gone_applications (id) {
        id -> Text,
        account -> Text,
        gone_at -> BigInt,
    }
}

diesel::table! {
    app_resets (staff_id) {
        staff_id -> Text,
        asked_by -> Text,
        asked_at -> BigInt,
        reason -> Text,
        released_by -> Nullable<Text>,
        released_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    sign_in_failures (staff_id, address) {
        staff_id -> Text,
        address -> Text,
        failures -> Integer,
        last_at -> BigInt,
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
        reform_id -> Nullable<Text>,
    }
}

diesel::table! {
    fillings (day, procedure_id, page, what) {
        day -> Text,
        procedure_id -> Text,
        page -> Text,
        what -> Text,
        total -> BigInt,
    }
}

diesel::table! {
    list_exports (id) {
        id -> Text,
        at -> BigInt,
        staff_id -> Text,
        staff_name -> Text,
        shape -> Text,
    }
}

diesel::table! {
    list_export_applications (export_id, application_id) {
        export_id -> Text,
        application_id -> Text,
    }
}

diesel::table! {
    lead_days (day, procedure_id, days) {
        day -> Text,
        procedure_id -> Text,
        days -> Integer,
        total -> BigInt,
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
    missed_words (day, word) {
        day -> Text,
        word -> Text,
        total -> BigInt,
    }
}

diesel::table! {
    staff_departments (staff_id, department_id) {
        staff_id -> Text,
        department_id -> Text,
        role -> Nullable<Text>,
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
        entered -> Text,
        goal -> Text,
        proved_at -> BigInt,
        proved_ip -> Text,
    }
}

diesel::table! {
    sso_requests (id) {
        id -> Text,
        browser -> Text,
        goal -> Text,
        ends_at -> BigInt,
        account -> Nullable<Text>,
        proven -> Bool,
        until -> Nullable<BigInt>,
        authenticated_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    sso_assertions (id) {
        id -> Text,
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
        internal -> Bool,
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
    trials (id) {
        id -> Text,
        design_id -> Text,
        procedure_id -> Text,
        revision -> Integer,
        sha256 -> Text,
        began_at -> BigInt,
        began_by -> Text,
        until_at -> BigInt,
        ended_at -> Nullable<BigInt>,
        ended_how -> Text,
    }
}

diesel::table! {
    trial_imports (import_id) {
        import_id -> Text,
        trial_id -> Text,
    }
}

diesel::table! {
    trial_gone (id) {
        id -> Text,
        gone_at -> BigInt,
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
    procedure_bundles (id) {
        id -> Text,
        file_name -> Text,
        bundle -> Text,
        brought_at -> BigInt,
        brought_by -> Text,
        design_id -> Text,
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
        deadline_at -> Nullable<BigInt>,
        days_left -> Nullable<Integer>,
        approvals -> Integer,
        came_from -> Nullable<Text>,
        decided_in -> Nullable<Text>,
        asked_since -> Nullable<BigInt>,
        withdrawal_since -> Nullable<BigInt>,
        filled_revision -> Nullable<Integer>,
        in_charge -> Nullable<Text>,
        applied_by -> Nullable<Text>,
    }
}

diesel::table! {
    desk_entries (application_id) {
        application_id -> Text,
        channel -> Text,
        entered_at -> BigInt,
        staff_id -> Text,
        staff_name -> Text,
    }
}

diesel::table! {
    desk_overrides (application_id, round, field) {
        application_id -> Text,
        round -> Integer,
        field -> Text,
        reason -> Text,
        at -> BigInt,
        staff_id -> Text,
        staff_name -> Text,
    }
}

diesel::table! {
    desk_numbers (fiscal_year) {
        fiscal_year -> Integer,
        last -> BigInt,
    }
}

diesel::table! {
    staff_answers (application_id, version) {
        application_id -> Text,
        version -> Integer,
        answers -> Text,
        at -> BigInt,
        staff_id -> Text,
        staff_name -> Text,
    }
}

diesel::table! {
    entry_drafts (id) {
        id -> Text,
        procedure_id -> Text,
        revision -> Integer,
        staff_id -> Text,
        channel -> Text,
        received_on -> Text,
        email -> Text,
        answers -> Text,
        reasons -> Text,
        version -> Integer,
        began_at -> BigInt,
        saved_at -> BigInt,
        corrects -> Nullable<Text>,
        application_id -> Nullable<Text>,
    }
}

diesel::table! {
    entry_files (id) {
        id -> Text,
        draft_id -> Text,
        field -> Text,
        name -> Text,
        media -> Text,
        size -> BigInt,
        sha256 -> Text,
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
    application_terminals (application_id) {
        application_id -> Text,
        terminal -> Text,
    }
}

diesel::table! {
    invitation_lots (id) {
        id -> Text,
        procedure_id -> Text,
        label -> Text,
        kind -> Text,
        uses -> Integer,
        until_at -> BigInt,
        made_at -> BigInt,
        made_by -> Text,
    }
}

diesel::table! {
    invitations (id) {
        id -> Text,
        lot_id -> Text,
        place -> Integer,
        named -> Text,
        used -> Integer,
        revoked_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    application_invitations (application_id) {
        application_id -> Text,
        invitation_id -> Text,
    }
}

diesel::table! {
    application_cosigners (application_id, seq) {
        application_id -> Text,
        seq -> BigInt,
        kind -> Text,
        account_id -> Text,
        name -> Text,
        email -> Text,
        named -> Text,
        agreed_at -> BigInt,
        content -> Text,
        fits -> Bool,
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
        message_id -> Nullable<Text>,
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
        version -> Integer,
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
    messages (id) {
        id -> Text,
        application_id -> Text,
        at -> BigInt,
        writer -> Text,
        writer_name -> Text,
        words -> Text,
        files -> Integer,
    }
}

diesel::table! {
    messages_waiting (application_id) {
        application_id -> Text,
        since -> BigInt,
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
        message_id -> Nullable<Text>,
        signed_by -> Nullable<Text>,
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
        turn -> Nullable<Text>,
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

diesel::table! {
    staff_letters (id) {
        id -> Text,
        kind -> Text,
        recipient -> Text,
        subject -> Text,
        body -> Text,
        attempts -> Integer,
        next_at -> BigInt,
        created_at -> BigInt,
        last_error -> Nullable<Text>,
    }
}

diesel::table! {
    daily_tasks (task) {
        task -> Text,
        day -> Text,
    }
}

diesel::table! {
    batches (id) {
        id -> Text,
        event -> Text,
        title -> Text,
        words -> Text,
        state -> Text,
        made_at -> BigInt,
        made_by -> Text,
        made_by_name -> Text,
        started_at -> Nullable<BigInt>,
        ended_at -> Nullable<BigInt>,
        more -> Bool,
        label_id -> Nullable<Text>,
        undoes -> Nullable<Text>,
        notice -> Nullable<Text>,
        asked -> Nullable<Text>,
        onto -> Nullable<Text>,
        turn -> BigInt,
        session -> Text,
        ip -> Text,
        person -> Nullable<Text>,
    }
}

diesel::table! {
    batch_rows (batch_id, place) {
        batch_id -> Text,
        place -> Integer,
        application_id -> Nullable<Text>,
        number -> Text,
        seen -> Integer,
        file_name -> Text,
        file_id -> Nullable<Text>,
        size -> BigInt,
        sha256 -> Text,
        outcome -> Nullable<Text>,
        before_state -> Nullable<Text>,
        note -> Text,
        person -> Nullable<Text>,
    }
}

diesel::table! {
    decisions (application_id, round) {
        application_id -> Text,
        round -> Integer,
        event -> Text,
        words -> Text,
        state -> Text,
        stage -> Integer,
        version -> Integer,
        proposed_at -> BigInt,
        proposed_by -> Text,
        proposed_by_name -> Text,
    }
}

diesel::table! {
    approvals (application_id, round, stage) {
        application_id -> Text,
        round -> Integer,
        stage -> Integer,
        title -> Text,
        at -> BigInt,
        staff_id -> Text,
        staff_name -> Text,
        deputy -> Bool,
        approved -> Bool,
        words -> Text,
    }
}

diesel::table! {
    approval_desks (application_id, login_id) {
        application_id -> Text,
        login_id -> Text,
        since -> BigInt,
    }
}

diesel::table! {
    alerts (id) {
        id -> Text,
        rule -> Text,
        subject -> Text,
        zone -> Text,
        event -> Nullable<BigInt>,
        first_at -> BigInt,
        last_at -> BigInt,
        count -> BigInt,
        seen_at -> Nullable<BigInt>,
        seen_by -> Nullable<Text>,
        remark -> Text,
    }
}

diesel::table! {
    incidents (id) {
        id -> Text,
        kind -> Text,
        affected -> Text,
        began_at -> BigInt,
        ended_at -> Nullable<BigInt>,
        stopped -> Bool,
        title -> Text,
        happened -> Text,
        cause -> Text,
        measure -> Text,
        version -> Integer,
        recorded_at -> BigInt,
        recorded_by -> Text,
        changed_at -> BigInt,
        changed_by -> Text,
    }
}

diesel::table! {
    uptime (zone, since) {
        zone -> Text,
        since -> BigInt,
        until -> BigInt,
    }
}

diesel::table! {
    designs (id) {
        id -> Text,
        procedure_id -> Text,
        department_id -> Text,
        title -> Text,
        based_on -> Integer,
        state -> Text,
        version -> Integer,
        step -> Integer,
        next_number -> Integer,
        begun_at -> BigInt,
        begun_by -> Text,
        changed_at -> BigInt,
        changed_by -> Text,
        offered -> Text,
    }
}

diesel::table! {
    design_steps (design_id, step) {
        design_id -> Text,
        step -> Integer,
        department_id -> Text,
        title -> Text,
        document -> Text,
        stale -> Text,
    }
}

diesel::table! {
    design_changes (design_id, version) {
        design_id -> Text,
        version -> Integer,
        what -> Text,
        label -> Text,
        staff_id -> Text,
        name -> Text,
        at -> BigInt,
    }
}

diesel::table! {
    phrases (id) {
        id -> Text,
        department_id -> Text,
        title -> Text,
        words -> Text,
        changed_at -> BigInt,
        changed_by -> Text,
    }
}

diesel::table! {
    recovery_codes (staff_id, code_hash) {
        staff_id -> Text,
        code_hash -> Text,
        made_at -> BigInt,
        used_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    webhooks (id) {
        id -> Text,
        key_id -> Text,
        url -> Text,
        events -> Text,
        state -> Text,
        failures -> Integer,
        next_at -> BigInt,
        made_at -> BigInt,
        made_by -> Text,
        sent_at -> Nullable<BigInt>,
        last_error -> Text,
        released_at -> Nullable<BigInt>,
        released_by -> Nullable<Text>,
    }
}

diesel::table! {
    webhook_deliveries (webhook_id, application_id, version) {
        webhook_id -> Text,
        application_id -> Text,
        version -> Integer,
        at -> BigInt,
        body -> Text,
        state -> Text,
        attempts -> Integer,
        next_at -> BigInt,
        sent_at -> Nullable<BigInt>,
        answer -> Text,
    }
}

diesel::table! {
    labels (id) {
        id -> Text,
        department_id -> Text,
        name -> Text,
        colour -> Text,
        made_at -> BigInt,
        made_by -> Text,
        ended_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    application_slots (application_id, slot) {
        application_id -> Text,
        slot -> Text,
    }
}

diesel::table! {
    application_labels (application_id, label_id) {
        application_id -> Text,
        label_id -> Text,
        procedure_id -> Text,
        state -> Text,
        arrived_at -> BigInt,
        deadline_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    column_sets (id) {
        id -> Text,
        procedure_id -> Text,
        name -> Text,
        names -> Text,
        changed_at -> BigInt,
        changed_by -> Text,
    }
}

diesel::table! {
    notice_templates (id) {
        id -> Text,
        department_id -> Nullable<Text>,
        procedure_id -> Nullable<Text>,
        name -> Text,
        title -> Text,
        addressee -> Text,
        body -> Text,
        note -> Text,
        version -> Integer,
        changed_at -> BigInt,
        changed_by -> Text,
        changed_by_name -> Text,
        refusal -> Bool,
    }
}

diesel::table! {
    saved_filters (id) {
        id -> Text,
        staff_id -> Text,
        name -> Text,
        query -> Text,
        saved_at -> BigInt,
    }
}

diesel::table! {
    inquiries (id) {
        id -> Text,
        application_id -> Text,
        department_id -> Text,
        state -> Text,
        turns -> Integer,
        question -> Text,
        due -> Text,
        fields -> Text,
        files -> Text,
        named -> Bool,
        opinion -> Nullable<Text>,
        asked_at -> BigInt,
        asked_by -> Text,
        asked_by_name -> Text,
    }
}

diesel::table! {
    inquiry_lines (inquiry_id, seq) {
        inquiry_id -> Text,
        seq -> Integer,
        application_id -> Text,
        at -> BigInt,
        staff_id -> Text,
        staff_name -> Text,
        turn -> Text,
        opinion -> Nullable<Text>,
        words -> Text,
    }
}

diesel::table! {
    withdrawal_requests (id) {
        id -> Text,
        application_id -> Text,
        reason -> Text,
        asked_at -> BigInt,
        state -> Text,
        ended_at -> Nullable<BigInt>,
        ended_by -> Text,
        words -> Text,
    }
}

diesel::table! {
    review_marks (application_id, point, version) {
        application_id -> Text,
        point -> Text,
        version -> Integer,
        round -> Integer,
        mark -> Text,
        note -> Text,
        at -> BigInt,
        staff_id -> Text,
        staff_name -> Text,
    }
}

diesel::table! {
    payments (application_id, seq) {
        application_id -> Text,
        seq -> Integer,
        act -> Text,
        yen -> BigInt,
        way -> Text,
        paid_on -> Text,
        words -> Text,
        at -> BigInt,
        staff_id -> Text,
        staff_name -> Text,
    }
}

diesel::table! {
    staff_posts (department_id, title, staff_id) {
        department_id -> Text,
        title -> Text,
        staff_id -> Text,
        given_at -> BigInt,
        given_by -> Text,
    }
}

diesel::allow_tables_to_appear_in_same_query!(
    staff_posts,
    trials,
    payments,
    review_marks,
    inquiries,
    inquiry_lines,
    withdrawal_requests,
    phrases,
    recovery_codes,
    webhooks,
    webhook_deliveries,
    labels,
    application_labels,
    application_slots,
    saved_filters,
    api_keys,
    api_calls,
    api_notes,
    departments,
    department_heirs,
    reforms,
    retention_holds,
    retention_rules,
    staff,
    app_resets,
    gone_applications,
    rosters,
    fillings,
    lead_days,
    list_exports,
    list_export_applications,
    numbers,
    missed_words,
    staff_departments,
    staff_sessions,
    sso_requests,
    sso_assertions,
    procedures,
    procedure_revisions,
    procedure_bundles,
    procedure_imports,
    procedure_proposals,
    applications,
    application_delegates,
    application_terminals,
    invitation_lots,
    invitations,
    application_invitations,
    application_cosigners,
    application_keys,
    inbox_counts,
    application_answers,
    application_attachments,
    application_events,
    application_notes,
    messages,
    messages_waiting,
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
    staff_letters,
    daily_tasks,
    batches,
    batch_rows,
    decisions,
    approvals,
    approval_desks,
    designs,
    design_steps,
    design_changes,
);

diesel::table! {
    procedure_proposals (import_id) {
        import_id -> Text,
        procedure_id -> Text,
        department_id -> Text,
        title -> Text,
        revision -> Integer,
        sha256 -> Text,
        design_id -> Nullable<Text>,
        state -> Text,
        proposed_at -> BigInt,
        proposed_by -> Text,
        proposer -> Text,
        closed_at -> Nullable<BigInt>,
        closed_by -> Text,
        closer -> Text,
        reason -> Text,
    }
}

diesel::table! {
    retention_rules (id) {
        id -> Text,
        class -> Text,
        procedure_id -> Text,
        months -> Integer,
        reason -> Text,
        state -> Text,
        proposed_at -> BigInt,
        proposed_by -> Text,
        proposer -> Text,
        decided_at -> Nullable<BigInt>,
        decided_by -> Text,
        decider -> Text,
        remark -> Text,
        ended_at -> Nullable<BigInt>,
        ended_by -> Text,
    }
}

diesel::table! {
    retention_holds (application_id) {
        application_id -> Text,
        reason -> Text,
        at -> BigInt,
        staff_id -> Text,
        staff_name -> Text,
    }
}

diesel::table! {
    retention_runs (rule_id, day) {
        rule_id -> Text,
        day -> Text,
        deleted -> BigInt,
    }
}

diesel::table! {
    doomed_files (id) {
        id -> Text,
    }
}

diesel::table! {
    bank_items (id) {
        id -> Text,
        name -> Text,
        department_id -> Text,
        fields -> Text,
        search -> Text,
        procedure_id -> Text,
        revision -> Integer,
        kept_at -> BigInt,
        kept_by -> Text,
        retired_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    bank_uses (item_id, procedure_id, field_id) {
        item_id -> Text,
        procedure_id -> Text,
        field_id -> Text,
        taken_at -> BigInt,
        taken_by -> Text,
    }
}

diesel::table! {
    api_keys (id) {
        id -> Text,
        name -> Text,
        purpose -> Text,
        scopes -> Text,
        departments -> Text,
        procedures -> Text,
        networks -> Text,
        per_minute -> Integer,
        secret_hash -> Text,
        made_at -> BigInt,
        made_by -> Text,
        expires_at -> BigInt,
        revoked_at -> Nullable<BigInt>,
        revoked_by -> Nullable<Text>,
        used_at -> Nullable<BigInt>,
        used_from -> Nullable<Text>,
        released_at -> Nullable<BigInt>,
        released_by -> Nullable<Text>,
        shown_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    api_former_secrets (key_id) {
        key_id -> Text,
        secret_hash -> Text,
        until_at -> BigInt,
    }
}

diesel::table! {
    api_calls (key_id, idempotency_key) {
        key_id -> Text,
        idempotency_key -> Text,
        at -> BigInt,
        request -> Text,
        version -> Integer,
        answer -> Text,
    }
}

diesel::table! {
    api_notes (id) {
        id -> Text,
        application_id -> Text,
        at -> BigInt,
        key_id -> Text,
        words -> Text,
    }
}
