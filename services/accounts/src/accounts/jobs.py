"""What accounts does by the clock: keys are made a year ahead and destroyed in time, what is old is removed."""

from chassis.jobs import minute, second, sweep

from accounts.store import codes, confirmations, email_changes, organisation_invitations, second_steps, sessions
from accounts.usecases import (
    addressing,
    confirming,
    erasing,
    exporting,
    passkeys,
    provisioning,
    recognising,
    registering,
    signing_in,
    tokens,
)

JOBS = [
    sweep("destroy contact keys", every=second, do=erasing.destroy_contact_keys),
    sweep("make records keys", every=10 * second, do=provisioning.make_records_keys),
    sweep("remove old signing keys", every=minute, do=tokens.remove_old_keys),
    sweep("remove old attempts", every=10 * minute, do=signing_in.remove_old_attempts),
    sweep("remove old registrations", every=10 * minute, do=registering.remove_old),
    sweep("remove old confirmations", every=10 * minute, do=confirmations.remove_old),
    sweep("remove unconfirmed accounts", every=10 * minute, do=confirming.remove_unconfirmed),
    sweep("change addresses", every=minute, do=addressing.carry_out_due),
    sweep("remove old changes of address", every=10 * minute, do=email_changes.remove_old),
    sweep("remove old invitations", every=10 * minute, do=organisation_invitations.remove_old),
    sweep("remove old networks", every=10 * minute, do=signing_in.remove_old_networks),
    sweep("write about new devices", every=minute, do=recognising.write_waiting),
    sweep("remove old devices", every=10 * minute, do=recognising.remove_old),
    sweep("remove old challenges", every=minute, do=passkeys.remove_old_challenges),
    sweep("remove old second steps", every=minute, do=second_steps.remove_old),
    sweep("remove old codes", every=10 * minute, do=codes.remove_old),
    sweep("remove old sessions", every=10 * minute, do=sessions.remove_old),
    sweep("remove old exports of customers", every=minute, do=exporting.remove_old),
]
