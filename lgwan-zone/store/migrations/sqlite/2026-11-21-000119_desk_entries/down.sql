drop table entry_files;
drop table entry_drafts;
drop table desk_numbers;
drop table desk_overrides;
drop table desk_entries;
