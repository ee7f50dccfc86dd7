"""What it takes to open a message as its customer wrote or received it: its key, and which addresses are not shown."""

SELECTED = """
select messages.tenant, messages.conversation_id as conversation, messages.id as message, messages.number,
       messages.side as written_by,
       messages.received_at, messages.settled_at, messages.state, messages.size, messages.message_id,
       messages.contact_key_box as content_key, sellers.legal_name as seller_name,
       array_remove(
         array(
           select address
           from writers
           where writers.tenant = conversations.tenant
             and writers.seller = conversations.seller
         ) || array(
           select address
           from former_addresses
           where former_addresses.tenant = conversations.tenant
             and former_addresses.seller = conversations.seller
         ) || sellers.email,
         null
       ) as hidden,
       (
         select local_part
         from aliases
         where aliases.tenant = conversations.tenant
           and aliases.conversation_id = conversations.id
           and aliases.side = 'seller'
           and not aliases.desk
       ) as seller_alias,
       (
         select local_part
         from aliases
         where aliases.tenant = conversations.tenant
           and aliases.conversation_id = conversations.id
           and aliases.side = 'buyer'
           and not aliases.desk
       ) as buyer_alias,
       conversations.email_box as email
from conversations
join messages on messages.tenant = conversations.tenant and messages.conversation_id = conversations.id
left join sellers on sellers.tenant = conversations.tenant and sellers.seller = conversations.seller
"""
