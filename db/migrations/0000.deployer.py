"""Whoever deploys has the owner's rights until db/roles takes them back, at the end of the same `yoyo apply`.

The first migrations look at what mas_owner owns when they no longer are it, which only a superuser may.
Those from 0012 on look as mas_owner.
"""

from yoyo import step


def verify(connection):
    """Throw unless the rights are there."""
    connection.cursor().execute("select 1 / pg_has_role(current_user, 'mas_owner', 'usage')::int")


steps = [
    step(
        """do $$ begin
          if not exists (select from pg_roles where rolname = 'mas_owner') then
            create role mas_owner nologin nosuperuser nocreatedb nocreaterole nobypassrls;
          end if;
          if not pg_has_role(current_user, 'mas_owner', 'usage') then
            execute format('grant mas_owner to %I with inherit true, set true', current_user);
          end if;
        end $$"""
    ),
    step(verify),
]
