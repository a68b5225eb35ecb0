-- What waits with an address is found for the account that proves the same one.
create index waiting_by_guest on waiting (guest_id);
