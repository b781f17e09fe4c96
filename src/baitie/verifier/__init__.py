"""The stand-alone verifier of audit bundles: `verify_bundle.py`, one file of the standard library only."""
