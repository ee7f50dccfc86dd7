-- a letter as it was first handed to the mail server: what may have arrived is repeated from it, whatever is heard since
alter table emails add column laid_out text;
