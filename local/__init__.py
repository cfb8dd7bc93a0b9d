"""The service on a developer's machine: never shipped to Lambda."""
