"""The account that the server plays."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Account:
    """`balance` is written into the answer as it is; `conversions`: whether that API is enabled."""

    api_key: str = "a1b2c3d4"
    api_secret: str = field(default="Secret0123456789", repr=False)
    signature_secret: str = field(default="sWhXkQ5o8v2LzC1mTn7RbYpE4uJdGfA9", repr=False)
    algorithm: str = "sha256"
    balance: object = 12.345678
    auto_reload: bool = False
    conversions: bool = True
