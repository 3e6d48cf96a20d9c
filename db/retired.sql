-- Functions of the last release whose shape has changed; what takes their place accepts their calls.
-- Applied before db/functions, in the same transaction.
drop function if exists api.enqueue_task(name, jsonb, text, int, interval);
drop function if exists core.add_task(name, jsonb, text, int, interval, bigint);
drop function if exists core.end_task(core.tasks, text, jsonb, text);
drop function if exists core.promote_tasks(name);
drop function if exists api.help();
drop function if exists api.send_notification(text, jsonb, name);
drop function if exists core.notify_agents(text, jsonb, name);
drop function if exists core.is_legal_event(core.design_events);
drop function if exists api.claim_task(interval, text);
drop function if exists core.ring_bell(name);
drop function if exists core.say(bigint, text, text);
drop function if exists core.minute_is_full(core.event);
drop function if exists core.designs_are_many(core.event);
