-- What an application was told to pay, line by line, sealed: for its receipt. It is written when the draft goes,
-- waiting or arrived, and again by a correction that changes it.
create table charges (
    application_id text not null,
    amounts_sealed blob not null,
    constraint charges_pk primary key (application_id)
);
