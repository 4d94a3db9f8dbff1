"""The small net that a case about a vocabulary needs."""

from typing import Any

from conformance.generator.build import document


def vocabulary_net(entry: dict[str, Any]) -> dict[str, Any]:
    """One-hot input of this vocabulary, called `text`; no weights at all."""
    return document(
        input={"kind": "tokens", "vocabulary": "text"},
        vocabularies={"text": entry},
        layers=[{"name": "in", "type": "one_hot"}],
        tensors={},
    )
