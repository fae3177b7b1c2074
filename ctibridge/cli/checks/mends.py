"""What an administrator does about a line that is not heard, by the reason that the SIP room gives. Pure."""

from ctibridge.sip.authorization import refusing_realm

_MENDS = (
    ("digest weaker", "let the PBX offer a stronger digest, or lower digest_minimum"),
    ("there is none", "give the line a password"),
    ("asks for", "let the PBX ask for a digest with MD5 or SHA-256"),
    ("says 403", "see in the PBX whether the line may register from this address, and with this password"),
    ("says 404", "see whether the PBX has this line, under this domain"),
    ("says 410", "see whether the PBX has this line, under this domain"),
    ("says 489", "let the PBX tell dialog states, or leave dialog-info out of observe (docs/pbx)"),
    ("says 5", "see the PBX's log; it is asked again by itself"),
    ("redirection", "write the right registrar"),
    ("without a longer Min-Expires", "let the PBX name the expiry that it grants, or write a longer expires"),
    ("says ", "see in the PBX's log why it refuses"),
    ("does not list our contact", "see the PBX's log: it took the REGISTER and kept no contact"),
    ("not allowed our subscription", "let the PBX's administrator allow it (docs/pbx)"),
    ("cannot be resolved", "mend registrar, or the name server that this machine asks"),
    ("certificate", "see the row of its TLS"),
    ("does not answer", "see that the PBX runs, and that registrar, port and firewall let us reach it"),
    ("no connection", "see that the PBX runs, and that registrar, port and firewall let us reach it"),
    ("no other device", "sign its phone on; where the PBX allows one contact for a line, raise that (docs/pbx)"),
    ("waits:", "it follows when another line has been found beside its phone"),
)
"""Parts of what `sip` says, the more telling ones first."""
OTHERWISE = "see its log: journalctl -u ctibridge"


def mend(why: str, domain: str) -> str:
    """domain: of the trunk's addresses-of-record."""
    realm = refusing_realm(why)
    if realm is not None:
        return _of_realm(realm, domain)
    return next((what for part, what in _MENDS if part in why), OTHERWISE)


def plain(why: str) -> str:
    """Without the hint that stands behind a semicolon: a row has its own."""
    return why.partition("; ")[0]


def _of_realm(realm: str, domain: str) -> str:
    """A realm that reads like a host is nearly always the domain that the PBX speaks for; others (asterisk) are a name
    that says nothing."""
    if "." in realm and realm.casefold() != domain.casefold():
        return (
            f'the PBX speaks for {realm}, we asked as {domain}: set domain = "{realm}", or mend username and password'
        )
    return "compare username and password with the PBX's; it answers an unknown username in the same way"
