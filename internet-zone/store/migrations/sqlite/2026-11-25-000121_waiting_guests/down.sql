drop index waiting_by_guest;
