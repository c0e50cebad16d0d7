"""Keys that are known offline not to be worth asking about, or that ring an alarm when used."""

from __future__ import annotations

import base64
import hashlib
import re

# The example keys of AWS's documentation end so, e.g. in
# https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_access-keys.html.
_AWS_EXAMPLE = re.compile(rb"EXAMPLE(?:KEY)?$")
_AWS_ID = re.compile(rb"A[A-Z]{3}([A-Z2-7]{16})")
# "A short note on AWS KEY ID", Tal Be'ery, October 2023: the 40 bits after the first one.
_ACCOUNT_BYTES = 6
_ACCOUNT_MASK, _ACCOUNT_SHIFT = 0x7FFFFFFFFF80, 7
# Accounts whose keys are bait: those of canarytokens.org, then of services that imitate it.
# Published in https://trufflesecurity.com/blog/canaries and the lists of accounts to leave
# alone of TruffleHog and Kingfisher; any key of such an account tells its owner of its use.
_AWS_CANARY_ACCOUNTS = """
    052310077262 171436882533 266735846894 528757803018 534261010715 538784191382 595918472158
    717712589309 729780141977 730335385048 819147034852 893192397702 992382622183

    044858866125 251535659677 344043088457 351906852752 390477818340 426127672474 427150556519
    439872796651 445142720921 465867158099 637958123769 693412236332 732624840810 735421457923
    959235150393 982842642351
"""
# SHA-256 of the test keys that stand in examples all over https://docs.stripe.com: everybody's.
_DOCUMENTED = frozenset(
    (
        "2cafc0970149a84f3b9e62eaf169f36f59907a3b3e31f7b82e68c69cd27f7326",
        "f2d6ca16515033e5dce14eba840b979d27b5cbae24bb3e5bf484339667f86397",
        "2d1f7723aabc5c7a51fcdc2463c99b5f3fdbc57cf3134db4ac12913c35976e6f",
    )
)

DOCUMENTATION = "documentation key"
CANARY = "a canary: asking would ring its alarm"


def known(secret: bytes) -> str | None:
    """Why this secret is not to be sent, nothing when it may be."""
    if _AWS_EXAMPLE.search(secret) or hashlib.sha256(secret).hexdigest() in _DOCUMENTED:
        return DOCUMENTATION
    if aws_account(secret) in set(_AWS_CANARY_ACCOUNTS.split()):
        return CANARY
    return None


def aws_account(access_key_id: bytes) -> str | None:
    """The account of an AWS access key id, twelve digits; nothing for anything else.

    Ids made before 2019 (AKIAI, AKIAJ) hold another number, which is no account's.
    """
    found = _AWS_ID.fullmatch(access_key_id)
    if found is None:
        return None
    head = base64.b32decode(found[1])[:_ACCOUNT_BYTES]
    return f"{(int.from_bytes(head, 'big') & _ACCOUNT_MASK) >> _ACCOUNT_SHIFT:012d}"
