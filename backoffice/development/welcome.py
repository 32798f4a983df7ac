"""What a newcomer reads when everything runs."""

from pathlib import Path

LOGINS = (
    ("client@example.com", "a client, with SMS confirmation"),
    ("admin@example.com", "operator, Administrator"),
    ("support@example.com", "operator, Support"),
    ("security@example.com", "operator, Security"),
    ("integrator@example.com", "operator, Integrator"),
)

FIRST = """\
  What to try first
    1. Sign in as client@example.com. Open the phone in a second tab, read the code, type it.
    2. Sign in as admin@example.com (a private window) and set up an authenticator when asked.
    3. Break it: System > SMS providers > Provider settings. Ask for a code as the client:
       it does not come.
    4. Clients > General > the client > Settings: 2FA says what is wrong, since when, what proves
       it and what to press. Repair the provider; the next code arrives.
"""


def text(address: str, folder: Path) -> str:
    """`address` without closing slash; `folder` holds the demo's password, once it was made."""
    parts = [
        "",
        "  The Back Office runs.",
        "",
        f"    Clients sign in     {address}/",
        f"    Back Office         {address}/admin/",
        f"    The phone           {address}/sandbox/phone/   text messages arrive here",
        "",
        *_logins(folder / "demo-password"),
        "  Ctrl-C stops everything. The data stay in var/ for the next start.",
        "",
        "",
    ]
    return "\n".join(parts)


def _logins(kept: Path) -> list[str]:
    try:
        password = kept.read_text(encoding="utf-8").strip()
    except OSError:
        return []
    rows = [f"    {email:<24}{who}" for email, who in LOGINS]
    return [f"  Demo logins, all with the password  {password}", "", *rows, "", *FIRST.split("\n")]
