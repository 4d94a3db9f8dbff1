"""What is another in the repository than where the distribution is installed, under its other name."""

from pathlib import Path

PROGRAM = (
    "python -m conformance"
    if __name__.partition(".")[0] == "conformance"
    else "rnnspec-conformance"
)
PACKAGE = Path(__file__).parents[1]
# SPEC.md stands beside the suite in the repository, and inside it where it is installed.
SPEC = PACKAGE / "SPEC.md" if (PACKAGE / "SPEC.md").is_file() else PACKAGE.parent / "SPEC.md"
