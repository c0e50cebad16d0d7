"""Passwords as people and password managers make them, and the names that go with them."""

from random import Random

from benchmarks.corpus import draw

WORDS = (
    "maple", "harbor", "kestrel", "onyx", "tundra", "velvet", "cobalt", "lantern", "pepper",
    "walrus", "thistle", "copper", "bramble", "saffron", "quarry", "magnet", "parsley",
    "goblin", "turbine", "mosaic", "canyon", "anchor", "falcon", "ginger", "meadow", "rocket",
    "timber", "violet", "winter", "zephyr", "badger", "cactus", "donkey", "ferret", "hazel",
    "island", "jigsaw",
)  # fmt: skip
USERS = (
    "deploy",
    "svc-reports",
    "billing_rw",
    "etl",
    "jmartin",
    "a.keller",
    "ci-runner",
    "replicator",
)
LEET = str.maketrans({"a": "4", "e": "3", "o": "0", "i": "1"})
SIGNS = "!?#%*+-=.,^~&"
URL_SIGNS = "-._~!"


def word(random: Random) -> str:
    """Draw one word."""
    return random.choice(WORDS)


def user(random: Random) -> str:
    """Draw a login name."""
    return random.choice(USERS)


def _leet_word(random: Random) -> str:
    """Draw a word with some letters turned to digits, `M4ple` style."""
    text = word(random)
    return text[0].upper() + text[1:].translate(LEET)


def human(random: Random, signs: str = SIGNS) -> str:
    """Draw a strong password of the kind people think up."""
    sign, other = random.choice(signs), random.choice(signs)
    number = random.randint(10, 9999)
    shapes = (
        f"{_leet_word(random)}{sign}{_leet_word(random)}{number}",
        f"{_leet_word(random)}{number}{sign}{random.choice('xkqzw')}{random.randint(2, 9)}",
        f"{word(random).title()}{sign}{word(random).title()}{other}{number}",
        f"{word(random)}{number}{sign}{_leet_word(random)}{other}",
    )
    return random.choice(shapes)


def managed(random: Random, signs: str = SIGNS) -> str:
    """Draw a password as a password manager makes it."""
    length = random.randint(14, 24)
    return draw.mixed(random, draw.BASE62 + signs, length)


def password(random: Random) -> str:
    """Draw a password, thought up or made."""
    return random.choice((human, managed))(random)


def url_password(random: Random) -> str:
    """Draw a password that needs no escaping in a URL, a shell word or an XML attribute."""
    return random.choice((human, managed))(random, URL_SIGNS.replace("!", ""))


def passphrase(random: Random) -> str:
    """Draw four words and a number, joined by one sign."""
    sign = random.choice("-._")
    words = [random.choice((word(random), word(random).title())) for _ in range(4)]
    return sign.join([*words, str(random.randint(11, 99))])
