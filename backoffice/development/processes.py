"""Runs programs side by side; starts one again that died."""

import os
import signal
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from backoffice.development.leash import Leash
from backoffice.development.output import Output, Relay

BROKER = "valkey"
PAUSE = 3.0
"""Before the first restart; doubled with each further quick death."""
QUICK = 10.0
"""Who lived shorter than this died of something that a restart does not mend."""
ATTEMPTS = 5


@dataclass(frozen=True, slots=True)
class Program:
    """`noise`: lines with one of these texts are not shown: what is for servers only."""

    name: str
    command: Sequence[str]
    noise: Sequence[str] = ()


def how_it_ended(status: int) -> str:
    if status >= 0:
        return f"exit status {status}"
    with suppress(ValueError):
        return f"killed by {signal.Signals(-status).name}"
    return f"killed by signal {-status}"


class Child:
    """One program, and its process of the moment."""

    def __init__(
        self, program: Program, leash: Leash, output: Output, environment: Mapping[str, str]
    ) -> None:
        self.program = program
        self._leash = leash
        self._output = output
        self._environment = environment
        self.quick_deaths = 0
        self._due: float | None = None
        self.start()

    def start(self) -> None:
        self._due = None
        self._born = time.monotonic()
        self.process = self._leash.start(self.program.command, environment=self._environment)
        assert self.process.stdout is not None  # noqa: S101 - a pipe by the leash's default
        self._relay = Relay(
            self.program.name, self.process.stdout, self._output, noise=self.program.noise
        )
        self._relay.start()

    @property
    def gave_up(self) -> bool:
        return self.quick_deaths >= ATTEMPTS

    def finish(self) -> int:
        """After its end: its last lines, its exit status."""
        self._leash.forget(self.process)
        self._relay.join(timeout=2.0)
        return self.process.wait()

    def look(self) -> None:
        """Notices that it died; starts it again when its pause is over."""
        if self._due is not None:
            if time.monotonic() >= self._due:
                self.start()
        elif not self.gave_up and self.process.poll() is not None:
            self._mourn()

    def _mourn(self) -> None:
        lived = time.monotonic() - self._born
        status = self.finish()
        self.quick_deaths = self.quick_deaths + 1 if lived < QUICK else 0
        name = self.program.name
        self._output.say(f"{name} ended by itself ({how_it_ended(status)}). Its last lines:")
        for line in self._relay.last or ["(it wrote nothing)"]:
            self._output.page(f"    {line}\n")
        if self.gave_up:
            self._output.say(
                f"{name} ended {ATTEMPTS} times within {QUICK:g} s of its start and stays down. "
                "Repair the cause, then stop all with Ctrl-C and start again."
            )
            return
        pause = PAUSE * 2 ** max(0, self.quick_deaths - 1)
        self._due = time.monotonic() + pause
        self._output.say(f"{name} is started again in {pause:g} s.")


class Processes:
    def __init__(self, leash: Leash, output: Output, environment: Mapping[str, str]) -> None:
        self._leash = leash
        self._output = output
        self._environment = environment
        self._children: list[Child] = []

    def add(self, program: Program) -> Child:
        child = Child(program, self._leash, self._output, self._environment)
        self._children.append(child)
        return child

    def once(self, program: Program) -> Child:
        """A program that ends by itself, such as `migrate`; not started again."""
        return Child(program, self._leash, self._output, self._environment)

    def look(self) -> None:
        for child in self._children:
            child.look()

    def stop(self) -> None:
        """The broker last: the others need it to finish."""
        self._end([child for child in self._children if child.program.name != BROKER])
        self._end(self._children)

    def _end(self, children: list[Child]) -> None:
        running = [child for child in children if child.process.poll() is None]
        self._leash.stop(*[child.process for child in running])
        for child in running:
            child.finish()


def here(**changes: str) -> dict[str, str]:
    """This process' environment for the children: plain logs, written line by line."""
    return {"LOG_FORMAT": "console", **os.environ, "PYTHONUNBUFFERED": "1", **changes}
