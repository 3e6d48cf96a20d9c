-- complete_model: an agent's settings before what its process has in the environment before the defaults, every key there.
-- p_environment: {"model", "base_url"}; an empty text counts as absent.
create or replace function core.complete_model(p_model jsonb, p_environment jsonb default '{}')
returns jsonb language sql immutable
set search_path = pg_catalog, pg_temp as $$
  with named as (
    select p_model || coalesce((select jsonb_object_agg(e.key, e.value) from jsonb_each_text(p_environment) e
                                 where e.key in ('model', 'base_url') and e.value <> '' and not p_model ? e.key), '{}') as model)
  select jsonb_object_agg(k.key, coalesce(n.model -> k.key, k.fallback,
           case when k.key <> 'provider' then 'null' when n.model ?| '{model,base_url}' then '"huggingface"' else '"catalog"' end::jsonb))
    from named n cross join core.model_keys() k
$$;
revoke all on function core.complete_model(jsonb, jsonb) from public;
comment on function core.complete_model(jsonb, jsonb) is 'Every setting of a model: set, from the environment, or the default.';
