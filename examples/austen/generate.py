"""Lets a net over characters write: python examples/austen/generate.py MODEL COUNT SEED PRIME.

Prints the model's fingerprint, an empty line, and the text.
"""

import sys

import rnnspec
from rnnspec.vocabulary import decode

path, count, seed, prime = sys.argv[1:]
model = rnnspec.load(path)
vocabulary = model.output_vocabulary
assert vocabulary is not None, "this model has no output vocabulary"
ids = rnnspec.generate(rnnspec.compile(model), prime, count=int(count), seed=int(seed))
print(f"{rnnspec.fingerprint(model)}\n\n{decode(vocabulary, ids)}")
