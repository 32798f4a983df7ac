"""What a newcomer reads when everything runs."""

from pathlib import Path

LOGINS = (
    ("client@example.com", "a client, with SMS confirmation"),
    ("admin@example.com", "operator, Administrator"),
    ("support@example.com", "operator, Support"),
    ("security@example.com", "operator, Security desk"),
    ("integrator@example.com", "operator, Integrator"),
)

FIRST = """\
  What to try first
    1. Sign in as client@example.com. Open the phone in a second tab, read the code, type it.
    2. In a private window open the Back Office as admin@example.com; the code comes to the
       same phone.
    3. Break it: System > SMS providers > Sandbox, "Behaves as" wrong credentials. As the client,
       sign in again: the page says that the code could not be sent.
    4. As the operator search client@example.com: "Why no codes?" says what is wrong and whose
       fault it is. Open Provider settings, set it back to "Works"; as the client press Resend.
    5. Clients > General > Emma Wilson > Settings: locked after wrong codes. Unlock her.
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
