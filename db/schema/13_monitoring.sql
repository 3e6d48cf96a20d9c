-- What monitoring asks every few seconds is found by an index, however much there is.
create index design_states_finished_at_idx on core.design_states (finished_at) where finished_at is not null;
create index outbox_dead_idx on core.outbox (created_at) where state = 'dead';
create index model_calls_called_at_idx on core.model_calls (called_at);

insert into core.settings (name, value, minimum, maximum, unit, description) values
  ('system_log_days', '30', 1, 3650, 'days', 'How long lines of system_logs are kept.');
