"""Hashing slowly is right for people and wrong for a thousand tests."""

from django.contrib.auth.hashers import PBKDF2PasswordHasher


class QuickHasher(PBKDF2PasswordHasher):
    """The product's own hasher with few rounds, so that a web process started by a test accepts what it made."""

    iterations = 1_000
