"""Argon2 as installed, at the least cost there is: its real cost is a tenth of a second a time.

A process of the product verifies what is hashed so, and hashes anew as it is installed."""

from django.contrib.auth.hashers import Argon2PasswordHasher


class CheapArgon2(Argon2PasswordHasher):
    time_cost = 1
    memory_cost = 8
    parallelism = 1


HASHERS = ["tests.services.passwords.CheapArgon2"]
