-- What is on its way, and what no business system has, is looked for every two seconds among all that ever left.
create index export_generations_by_state on export_generations (state, job, generation);
create index export_generations_by_replaced on export_generations (job, replaces, generation) where replaces is not null;
