"""The callee's page as use cases."""
