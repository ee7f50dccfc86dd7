-- when staff has dealt with what waited for it, and what came of it; then it waits no more
alter table withdrawals
  add column done_at timestamptz,
  add column note text;
