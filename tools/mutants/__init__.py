"""Mutants: small faults planted one at a time, to see which of them the tests notice. `make mutants SEED=1 N=40`."""
