"""Has the suite teeth? Each mutant is the scalar oracle with one mistake; a case must tell it apart."""
