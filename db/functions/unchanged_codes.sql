-- unchanged_codes: what the last two reports of a design both found, as codes in order; [] when there are not two.
create or replace function core.unchanged_codes(p_state_id bigint)
returns jsonb language plpgsql stable
set search_path = pg_catalog, pg_temp as $$
begin
  return (
    with last as (
      select r.error_analysis, row_number() over (order by r.error_id desc) as n
        from core.design_scripts s join core.error_reports r using (script_id) where s.state_id = p_state_id order by r.error_id desc limit 2
    ), found as (
      select distinct l.n, e ->> 'code' as code from last l, jsonb_array_elements(l.error_analysis) e
    )
    select coalesce(jsonb_agg(x.code order by x.code), '[]')
      from (select f.code from found f group by f.code having count(*) = 2) x);
end $$;
revoke all on function core.unchanged_codes(bigint) from public;
comment on function core.unchanged_codes(bigint) is 'Codes that the last two reports of a design share.';
