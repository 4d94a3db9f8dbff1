"""What the oracles say to the questions about one net."""

from functools import cached_property
from typing import Any

from conformance.oracle import digest
from conformance.oracle.answer import answer
from conformance.oracle.net import Net, load
from conformance.oracle.reader import ReadResult, read
from conformance.soak.task import Question

Json = dict[str, Any]


class Oracle:
    """The oracle's own reading of one document, made when it is first asked for."""

    def __init__(self, data: bytes) -> None:
        self.data = data

    @cached_property
    def reading(self) -> ReadResult:
        """Findings and document; a finding of severity `error` is the generator's fault."""
        result = read(self.data)
        if result.document is None:
            raise ValueError(f"the generator's fault: {[str(f) for f in result.findings[:3]]}")
        return result

    @property
    def document(self) -> Json:
        """The document."""
        assert self.reading.document is not None
        return self.reading.document

    @cached_property
    def net(self) -> Net:
        """The net as numbers."""
        return load(self.document)

    def expect(self, question: Question) -> Json:
        """The member `expect` of the question's case."""
        if question.command == "validate":
            document = self.document
            findings = [finding.to_json() for finding in self.reading.findings]
            digests = {
                "structure": digest.structure(document),
                "fingerprint": digest.fingerprint(document),
            }
            return {"findings": findings} | digests
        if question.command == "convert":
            return {"encoding": question.request["encoding"]}
        reply = answer(question.command, self.net, question.request)
        found: Json = reply.get("result", reply)
        return found
