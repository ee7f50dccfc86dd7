-- who reads a grant or a download without locking it writes only if nobody else has changed it since
alter table grants add column version bigint not null default 0;
alter table sessions add column version bigint not null default 0;
