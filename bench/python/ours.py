"""rnnspec itself."""

from collections.abc import Iterator

import rnnspec
from bench.catalogue import Float32
from bench.python.contest import Contestant, Task, around

Dtype = str  # float32 or float16: which of the two files


def file_of(task: Task, dtype: Dtype) -> bytes:
    """The bytes of the net's file."""
    infix = "" if dtype == "float32" else f".{dtype}"
    return (task.folder / f"{task.net.name}{infix}.rnn").read_bytes()


class Ours(Contestant):
    """A session in the modes that carry a state, else `run`."""

    def __init__(self, task: Task, dtype: Dtype) -> None:
        self.task = task
        self._plan = rnnspec.compile(rnnspec.load(file_of(task, dtype)))
        self._session = rnnspec.Session(self._plan) if task.is_carried else None
        self._pieces = task.pieces()
        if task.mode == "step":  # an id in a list, as who makes text has it, or an array [1, 1]
            self._pieces = [
                piece[:, 0].tolist() if task.net.text else piece[:, 0] for piece in self._pieces
            ]

    def turn(self, calls: int) -> None:
        """See Contestant."""
        if self.task.mode == "step":
            session = self._session
            assert session is not None, "step carries a state"
            out = session.out
            for x in around(self._pieces, calls):
                session.step(x, out)
        elif self._session is not None:
            for x in around(self._pieces, calls):
                self._session.run(x)
        else:
            for x in around(self._pieces, calls):
                rnnspec.run(self._plan, x)

    def outputs(self) -> Iterator[Float32]:
        """See Contestant."""
        if self._session is not None:
            self._session.reset()
        for x in self._pieces:
            if self.task.mode == "step":
                assert self._session is not None, "step carries a state"
                yield self._session.step(x, self._session.out)[:, None]
            elif self._session is not None:
                yield self._session.run(x)
            else:
                yield rnnspec.run(self._plan, x)[0]
