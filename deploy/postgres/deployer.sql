-- What an administrator does once, with psql, in the new database of a server that is there already: `deployer` owns it,
-- may make roles, and is no superuser.  It has no password yet (\password deployer).  Then `yoyo apply` or `./mas deploy`
-- as deployer, and db/bootstrap.sql as the administrator.  container_psql does the same at its first start.
create role deployer login createrole;
grant usage on language plpgsql to deployer;  -- who deploys runs DO blocks; nobody else does
alter database :"DBNAME" owner to deployer;
grant connect on database postgres to deployer;  -- its lock is there: one deploy at a time in a cluster
