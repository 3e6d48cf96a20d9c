-- A table that belongs to users does not force row security: a definer function would see every row.
-- core.tasks and the queue's history are agents' work: they hold numbers, not users' words.
-- Planted: alter table core.chat_messages no force row level security
with recursive users_tables as (  -- users, and whatever refers to a user's row
  select 'core.users'::regclass as oid
   union
  select k.conrelid::regclass from pg_constraint k join users_tables u on k.confrelid = u.oid where k.contype = 'f'
)
select format('%s: %s', c.oid::regclass, case when c.relrowsecurity then 'row security is not forced on the owner' else 'no row security' end) as violation
  from pg_class c join users_tables u using (oid)
 where c.oid <> 'core.tasks'::regclass and not (c.relrowsecurity and c.relforcerowsecurity)
union all
select format('%s: row security without a policy', c.oid::regclass)
  from pg_class c
 where c.relrowsecurity and not exists (select from pg_policy p where p.polrelid = c.oid);
