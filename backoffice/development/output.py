"""One stream for many processes: each line begins with the name of who wrote it."""

import threading
from collections import deque
from collections.abc import Sequence
from typing import IO, TextIO

COLOURS = {"valkey": 35, "worker": 32, "beat": 33, "web": 36}
WIDTH = 8


class Output:
    def __init__(self, stream: TextIO, *, colour: bool) -> None:
        self._stream = stream
        self._colour = colour
        self._turn = threading.Lock()

    def line(self, name: str, text: str) -> None:
        prefix = f"{name:<{WIDTH}}|"
        if self._colour:
            prefix = f"\x1b[{COLOURS.get(name, 34)}m{prefix}\x1b[0m"
        self._write(f"{prefix} {text}\n")

    def say(self, text: str) -> None:
        """What `dev` itself has to say, in bold."""
        self._write(f"\x1b[1m{text}\x1b[0m\n" if self._colour else f"{text}\n")

    def page(self, text: str) -> None:
        self._write(text)

    def _write(self, text: str) -> None:
        """The reader may be gone (`make run | head`): that is no reason to stop the others."""
        with self._turn:
            try:
                self._stream.write(text)
                self._stream.flush()
            except OSError:
                return


class Relay(threading.Thread):
    """Copies what one process writes, and remembers the end of it."""

    def __init__(
        self,
        name: str,
        source: IO[bytes],
        output: Output,
        *,
        noise: Sequence[str] = (),
        kept: int = 8,
    ) -> None:
        super().__init__(name=f"relay-{name}", daemon=True)
        self._program = name
        self._source = source
        self._output = output
        self._noise = noise
        self.last: deque[str] = deque(maxlen=kept)

    def run(self) -> None:
        with self._source:
            for raw in self._source:
                text = raw.decode(errors="replace").rstrip()
                if text and not any(words in text for words in self._noise):
                    self.last.append(text)
                    self._output.line(self._program, text)
