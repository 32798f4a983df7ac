"""`manage.py dev`: broker, database, worker, beat and web, begun and ended as one."""

import http.client
import os
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from backoffice.development import ports, programs, valkey, welcome
from backoffice.development.leash import Leash
from backoffice.development.lock import Lock
from backoffice.development.output import Output
from backoffice.development.problems import CannotStart
from backoffice.development.processes import Child, Processes, Program, here

PATIENCE = 60.0
"""After so long without an answer, a word about it; the waiting goes on."""
EARLY_DEATHS = 2


class StopRequested(Exception):
    """Ctrl-C, SIGTERM, SIGHUP, or the end of the `make` that started us."""


@dataclass(slots=True)
class StopSignals:
    """Notes a wish to stop. The handlers only note it, so that nothing is left half-done."""

    asked: bool = False
    parent: int = field(default_factory=os.getppid)

    def listen(self) -> None:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._note)

    def check(self) -> None:
        started_by_make = "MAKELEVEL" in os.environ
        if self.asked or (started_by_make and os.getppid() != self.parent):
            raise StopRequested

    def _note(self, *_: object) -> None:
        self.asked = True


@dataclass(slots=True)
class Tree:
    """`folder` is var/. `has_broker`: the environment names one, so none is started."""

    folder: Path
    port: int
    has_broker: bool
    seeds_demo: bool
    output: Output
    signals: StopSignals = field(default_factory=StopSignals)

    def run(self) -> None:
        """Returns when it was asked to stop; raises CannotStart."""
        lock = Lock(self.folder / "dev.lock")
        lock.take()
        self.signals.listen()
        try:
            ports.check(self.port)
            with Leash(keep_open=[lock.descriptor]) as leash:
                self._run(leash)
        finally:
            lock.release()

    def _run(self, leash: Leash) -> None:
        processes = Processes(leash, self.output, here())
        try:
            self._begin(leash, processes)
            while True:
                self._pause(processes)
        except StopRequested:
            self.output.say("Stopping…")
        finally:
            processes.stop()
            self._broker_note.unlink(missing_ok=True)
        self.output.say("Stopped.")

    def _begin(self, leash: Leash, processes: Processes) -> None:
        if not self.has_broker:
            self._begin_broker(leash, processes)
        self.output.say("Bringing the database up to date…")
        self._finish(processes, programs.migrate())
        if self.seeds_demo:
            self._finish(processes, programs.seed_demo())
        processes.add(programs.worker())
        processes.add(programs.beat(self.folder))
        web = processes.add(programs.web(self.port))
        self._wait_until_ready(processes, web)
        self.output.page(welcome.text(f"http://{programs.HOST}:{self.port}", self.folder))

    @property
    def _broker_note(self) -> Path:
        """Other commands (`manage.py shell`) find the broker by it: development/defaults.py."""
        return self.folder / "redis.url"

    def _begin_broker(self, leash: Leash, processes: Processes) -> None:
        address = valkey.unix_address(self.folder / "valkey.sock", leash.folder)
        program = programs.broker(address, self.folder)
        self._broker_note.write_text(address.url, encoding="utf-8")
        child = processes.add(program)
        self._wait(processes, child, lambda: valkey.answers(address))

    def _finish(self, processes: Processes, program: Program) -> None:
        child = processes.once(program)
        while child.process.poll() is None:
            self._pause(processes)
        if child.finish() != 0:
            raise CannotStart(f"`{' '.join(program.command[1:])}` failed: see its lines above.")

    def _wait_until_ready(self, processes: Processes, web: Child) -> None:
        self._wait(processes, web, lambda: health(self.port) == http.HTTPStatus.OK)

    def _wait(self, processes: Processes, child: Child, ready: Callable[[], bool]) -> None:
        patience = time.monotonic() + PATIENCE
        while not ready():
            self._pause(processes)
            if child.quick_deaths >= EARLY_DEATHS:
                raise CannotStart(f"{child.program.name} does not start: see its lines above.")
            if time.monotonic() > patience:
                patience = float("inf")
                self.output.say(f"Still waiting for {child.program.name} to answer…")

    def _pause(self, processes: Processes) -> None:
        """A moment, in which a wish to stop is heard and a dead child is noticed."""
        time.sleep(0.1)
        self.signals.check()
        processes.look()


def health(port: int) -> int:
    """The status of /health/ready, or 0 without an answer. No proxy of the environment is asked."""
    connection = http.client.HTTPConnection(programs.HOST, port, timeout=2)
    try:
        connection.request("GET", "/health/ready")
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return 0
    finally:
        connection.close()
