"""Where configuration is read and adapters are named: nothing below knows of files, environment or language."""
