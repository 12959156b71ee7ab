-- Run once by an administrator of the server, before the first `careboard migrate`.
-- The owner holds the schema; app and portal hold nothing and cannot pass row-level security;
-- dispatch cannot sign in: it owns the few functions that look across organisations.
DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'careboard_owner') THEN
    CREATE ROLE careboard_owner LOGIN NOSUPERUSER NOBYPASSRLS;
  END IF;
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'careboard_app') THEN
    CREATE ROLE careboard_app LOGIN NOSUPERUSER NOBYPASSRLS;
  END IF;
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'careboard_portal') THEN
    CREATE ROLE careboard_portal LOGIN NOSUPERUSER NOBYPASSRLS;
  END IF;
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'careboard_dispatch') THEN
    CREATE ROLE careboard_dispatch NOLOGIN NOSUPERUSER NOBYPASSRLS;
  END IF;
  GRANT careboard_dispatch TO careboard_owner;
  -- What every role of a server may write for itself, tables that go with its session and large
  -- objects, is refused to the portal's too.
  ALTER ROLE careboard_portal SET default_transaction_read_only = on;
END
$$;
