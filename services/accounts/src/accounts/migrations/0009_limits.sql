-- the site from which an account was opened (48 bits of IPv6), by blind index: letters to a mailbox are counted by it;
-- null where it was opened before, and the network stands for it
alter table registrations add column site_hmac bytea;
