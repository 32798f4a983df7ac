"""How the server treats one request: on the wire, and by its answer."""

from dataclasses import dataclass, field

from tests.twilio_server.behaviours import Answer, Behaviour
from tests.twilio_server.exchange import Reply


@dataclass(frozen=True, slots=True)
class Mode:
    """`statuses` are those of the parts, one for all or one each; `reply` takes the answer's place.

    A message is accepted, so that receipts may follow, when a part of it is.
    """

    wire: Behaviour = field(default_factory=Behaviour)
    statuses: tuple[str, ...] = ("0",)
    reply: Reply | None = None

    def disguise(self, true: Reply) -> Reply | None:
        """What is written in the place of the true answer; None: nothing."""
        match self.wire.answer:
            case Answer.HANG | Answer.REFUSE:
                return None
            case Answer.HTTP:
                return Reply(self.wire.status or 502, b"<html><h1>Bad</h1></html>", "text/html")
            case Answer.EMPTY:
                return Reply.of({})
        return self.reply or true


def on_the_wire(behaviour: Behaviour) -> Mode:
    """`slow()`, `hang()`, `drip()`, `refuse_before_answer()`, `http_error()` and the like."""
    return Mode(behaviour, ("0",) if behaviour.accepts else ())


def refusing(*statuses: str) -> Mode:
    return Mode(statuses=statuses)


def answering(body: object, *, status: int = 200) -> Mode:
    """Any JSON, or bytes as they are."""
    reply = Reply(status, body) if isinstance(body, bytes) else Reply.of(body, status=status)
    return Mode(reply=reply)
