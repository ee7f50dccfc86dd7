"""How domains end, and who keeps mailboxes."""

# of the 1,400 endings those that people in Europe have a shop or a mailbox at; others count with www or a scheme
COMMON = (
    "de|com|net|org|at|ch|eu|io|info|biz|shop|store|online|dev|me|tv|co|uk|fr|it|nl|be|es|pl|cz|dk|se|no|fi|ru|ua|us|"
    "ca|site|xyz|website|space|page|link|email|gmbh|berlin|hamburg|koeln|bayern|wien|swiss|cloud|tech|pro|club|li|lu|ly|gg"
)
# those that people write out: "meinladen punkt de"; words of a sentence ("at", "me", "it") are not among them
SPOKEN = "de|com|net|org|eu|io|ch|info|shop|biz|online|co uk|uk"
# of programs, which are no hosts
NAMES = frozenset(("asp.net", "vs.net", "vb.net", "ado.net", "ml.net", "paint.net", "socket.io", "draw.io"))
PROVIDERS = (
    r"g ?mail|googlemail|gmx|web ?\.? ?de|outlook|hotmail|yahoo|t-online|icloud|proton ?mail|proton|posteo|freenet|aol|"
    r"mailbox ?\. ?org|live|fastmail|tutanota|arcor"
)
# each of them has one of these
PROVIDER_HINT = "mail|gmx|web|outlook|yahoo|t-online|icloud|proton|posteo|freenet|aol|live|tutanota|arcor"
