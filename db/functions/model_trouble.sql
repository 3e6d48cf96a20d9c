-- model_trouble: a sentence that says what went wrong with a model and what to configure.
create or replace function core.model_trouble(p_agent name, p_model text, p_problem text, p_status int, p_message text)
returns text language sql immutable
set search_path = pg_catalog, pg_temp as $$
  with said as (
    select concat_ws(': ', case when p_problem = 'http' then 'HTTP ' || p_status else replace(p_problem, '_', ' ') end,
                     nullif(left(btrim(regexp_replace(p_message, '[[:cntrl:][:space:]]+', ' ', 'g')), 200), '')) as what,
           './mas agent model ' || p_agent as set)
  select case
    when p_status = 400 then
      format('the model service refused the request (%s); %s shows the settings: servers refuse dialect, tools and max_tokens most', s.what, s.set)
    when p_status in (401, 403) then
      format('the model service did not accept the access token (%s): put a valid one into HF_TOKEN, or into LLM_API_KEY for a server named by base_url, or name a file that holds it in HF_TOKEN_FILE or LLM_API_KEY_FILE', s.what)
    when p_status = 404 then
      format('the model service has no %s (%s): name a model that it has with %s model=NAME or LLM_MODEL, and look at base_url (LLM_BASE_URL) and hf_provider', p_model, s.what, s.set)
    when p_status in (413, 422) then
      format('the request stays too long for %s (%s): name a model that reads more with %s model=NAME, or let prompts be cut earlier with context_tokens=N', p_model, s.what, s.set)
    when p_status in (408, 425, 429) or p_status between 500 and 599 then
      format('the model service is busy or down (%s); if it stays so, name another with %s model=NAME or hf_provider=NAME', s.what, s.set)
    when p_problem = 'http' then
      format('the model service answered what no such service does (%s): look at base_url (LLM_BASE_URL), or set it with %s base_url=URL', s.what, s.set)
    when p_problem = 'timeout' then
      format('%s gave no answer in time (%s): allow more with %s timeout_s=N, or name a faster one with model=NAME', p_model, s.what, s.set)
    when p_problem = 'connection' then
      format('the model service cannot be reached (%s): look at the network and at base_url (LLM_BASE_URL), or set it with %s base_url=URL', s.what, s.set)
    else
      format('the answers of %s were of no use (%s): name another with %s model=NAME, or allow more tries with ./mas settings model_repairs N', p_model, s.what, s.set)
    end
    from said s
$$;
revoke all on function core.model_trouble(name, text, text, int, text) from public;
comment on function core.model_trouble(name, text, text, int, text) is 'What went wrong with a model and what to configure, in a sentence.';
