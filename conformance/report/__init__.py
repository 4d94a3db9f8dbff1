"""Reports of runs: as text, JSON, JUnit XML and one HTML page.

model         a run and its results: what every format is made from
document      JSON, also to read back
text, junit   the others; page/ is the HTML
files         which format a file asks for
"""

from conformance.report.model import Report, ReportError, of_run
from conformance.report.summary import FEATURES, FULL, PROFILES, VERSION, claim, counts

__all__ = [
    "FEATURES",
    "FULL",
    "PROFILES",
    "VERSION",
    "Report",
    "ReportError",
    "claim",
    "counts",
    "of_run",
]
