"""Run the server as a process of its own: `python -m tests.twilio_server --port 8081`."""

import argparse
import signal
import sys
import threading
from types import FrameType

from . import modes
from .account import Account
from .server import TwilioServer


def main() -> None:
    arguments = _arguments()
    account = Account(sid=arguments.account_sid, auth_token=arguments.auth_token)
    stopped = threading.Event()

    def stop(number: int, frame: FrameType | None) -> None:
        stopped.set()

    signal.signal(signal.SIGINT, stop)
    signal.signal(signal.SIGTERM, stop)
    with TwilioServer(account, port=arguments.port) as server:
        server.behave(modes.parse(arguments.mode))
        sys.stdout.write(f"{server.url}\n{_notice(server)}\n")
        sys.stdout.flush()
        stopped.wait()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.twilio_server", description=__doc__)
    parser.add_argument("--port", type=int, default=8081, help="0 takes a free one")
    parser.add_argument("--mode", default="ok", help=modes.GRAMMAR)
    parser.add_argument("--account-sid", default=Account().sid)
    parser.add_argument("--auth-token", default=Account().auth_token)
    return parser.parse_args()


def _notice(server: TwilioServer) -> str:
    account = server.account
    known = account.auth_token == Account().auth_token
    return "\n".join(
        [
            f"Set TWILIO_API_URL={server.url} and use",
            f"  Account SID        {account.sid}",
            f"  Auth Token         {account.auth_token if known else '(as given)'}",
            f"  From               {', '.join(account.numbers)} or a name",
            f"  Messaging Service  {', '.join(account.services)}",
            f"Messages: {server.url}/_messages   Modes: POST {server.url}/_control   Stop: Ctrl-C",
        ]
    )


if __name__ == "__main__":
    main()
