"""Passwords that are guessed first: common words, sequences, repetitions, what is known of their owner."""

import re
import unicodedata
from typing import Any

import zxcvbn as untyped

from accounts.domain.people import PasswordGuessable

# What has to be left when all that is guessed first has been taken away.
LEAST_LEFT = 6
zxcvbn: Any = untyped
# In the middle of its scale: from here on nobody guesses it through our door, where a hundred failures make one wait.
FEWEST_GUESSES = 10**8
# of so many characters; the time grows with the square
ESTIMATED = 64
SEQUENCES = (
    "abcdefghijklmnopqrstuvwxyz",
    "01234567890",
    "qwertyuiop",
    "qwertzuiopü",
    "azertyuiop",
    "asdfghjklöä",
    "qsdfghjklm",
    "yxcvbnm",
    "zxcvbnm",
    "1qaz2wsx3edc4rfv5tgb6zhn7ujm",
    "1q2w3e4r5t6z7u8i9o0p",
    "1q2w3e4r5t6y7u8i9o0p",
)
# Lists of stolen passwords begin with these, alone or with digits and signs around them (SecLists, HIBP).
COMMON = """
correcthorsebatterystaple correct horse battery staple password passwort kennwort passwd passw0rd p@ssword p@ssw0rd
geheim secret hallo hello welcome willkommen letmein iloveyou ichliebedich liebe schatz princess prinzessin
sunshine sonnenschein dragon drachen monkey football fussball baseball superman batman master computer internet
freedom whatever trustno1 michael jennifer charlie ashley daniel admin administrator root test default changeme
guest user login access qwerty qwertz azerty sommer winter herbst summer spring fruehling frühling kontor
software starwars pokemon minecraft bayern dortmund schalke
"""
REPEATED = re.compile(r"(.{1,8}?)\1+")
LEET = str.maketrans("@$!0134578", "asioleastb")


def refuse_guessable(password: str, *known: str) -> None:
    """Raise PasswordGuessable for one that is guessed first; `known` are its owner's name and e-mail address."""
    if is_guessable(password, *known):
        raise PasswordGuessable


def is_guessable(password: str, *known: str) -> bool:
    """Return whether too little is left without what is guessed first (NIST SP 800-63B, 3.1.1.2).

    Or whether it is among the 30,000 most common ones or close to them, as zxcvbn estimates.
    """
    text = unicodedata.normalize("NFKC", password).casefold()
    words = {word for one in known for word in re.split(r"[\W_]+", one.casefold()) if len(word) > 2}
    if zxcvbn.zxcvbn(password[:ESTIMATED], sorted(words))["guesses"] < FEWEST_GUESSES:
        return True
    guessed = sorted({*COMMON.split(), *words}, key=len, reverse=True)
    return min(_left(text, guessed), _left(text.translate(LEET), guessed)) < LEAST_LEFT


def _left(text: str, guessed: list[str]) -> int:
    for word in guessed:
        text = text.replace(word, " ")
    left = REPEATED.sub(r"\1", re.sub(r"[\W_]+", "", text))
    return len(left) - sum(_follows(left[at - 2 : at + 1]) for at in range(2, len(left)))


def _follows(three: str) -> bool:
    return any(three in line or three in line[::-1] for line in SEQUENCES)
