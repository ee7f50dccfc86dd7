-- the domain to which a passkey belongs (WebAuthn): a shop beyond ours is a party of its own; null: made before that
alter table passkeys add column domain text;
