-- the mailbox to which an invitation goes, by blind index, for all its addresses are counted together; null before
alter table organisation_invitations add column mailbox_hmac bytea;
create index organisation_invitations_mailbox on organisation_invitations (tenant, mailbox_hmac);
