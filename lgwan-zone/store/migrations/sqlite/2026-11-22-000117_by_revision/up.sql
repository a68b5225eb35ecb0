-- Applications in flight that stand on an older revision of their procedure.
create index applications_by_revision on applications (procedure_id, revision, state, id);
