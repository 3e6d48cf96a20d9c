-- A foreign key has no index: a change of the row it points to reads the whole table, under lock.
-- Planted: alter table core.system_logs add column planted text references core.agents
select format('%s of %s', k.conname, k.conrelid::regclass) as violation
  from pg_constraint k
 where k.contype = 'f' and k.connamespace in ('core'::regnamespace, 'api'::regnamespace)
   and k.confrelid <> 'core.states'::regclass  -- nine rows, which only a migration changes
   and not exists (select from pg_index i
                    where i.indrelid = k.conrelid and i.indisvalid
                      and (i.indpred is null or i.indnatts = 1 and pg_get_expr(i.indpred, i.indrelid) ~ 'IS NOT NULL')  -- a null is in no index, and in no reference
                      and (i.indkey::int2[])[0:cardinality(k.conkey) - 1] operator(pg_catalog.@>) k.conkey);
