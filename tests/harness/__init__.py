"""What the tests drive the service with: an emulated AWS, a system user, and the handler as API Gateway calls it."""
